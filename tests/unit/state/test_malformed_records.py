# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans and journals that somebody damaged: whatever they hold is refused in our words, or taken."""

from __future__ import annotations

import json
import re
import typing as t
from datetime import datetime, timezone

import pytest
from hypothesis import given

from ansible_collections.csp.partner_center.plugins.filter.plan_refusal import plan_refusal
from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Problem, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_file
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import to_desired

from .damages import damaged, in_our_words
from .plan_samples import RENEWAL, RENEWS_60, Journal, change, to_rollback

NOW = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
DEEP = "[" * 100_000
HERE = {"tenant_id": "t", "api_url": "https://api"}


def plan() -> dict[str, t.Any]:
    changes = [change("quantity", 20, 25), change(RENEWAL, None, RENEWS_60), change("status", "active", "suspended")]
    changes[0]["drops"] = {RENEWAL: {"quantity": 5}}
    return plan_file.plan_file("t", "https://api", NOW, changes)


def journal() -> list[dict[str, t.Any]]:
    written = Journal().start("a").write({RENEWAL: RENEWS_60, "quantity": 1}, {RENEWAL: None, "quantity": 2}, "applied")
    return [json.loads(line) for line in written.end().text.splitlines()]


@given(damaged(plan))
def test_a_damaged_plan_ends_in_our_words(value: t.Any) -> None:
    text = json.dumps(value)
    for source in (value, text, "\ufeff" + text.replace("\n", "\r\n")):
        in_our_words(lambda source=source: to_desired(source))
        in_our_words(lambda source=source: to_rollback(source, NOW, None, HERE))
        assert isinstance(plan_refusal(source, "t", "https://api"), str)


@given(damaged(journal))
def test_a_damaged_journal_ends_in_our_words(value: t.Any) -> None:
    lines = value if isinstance(value, list) else [value]
    in_our_words(lambda: to_rollback("".join(json.dumps(line) + "\n" for line in lines), NOW, None, HERE))


@pytest.mark.parametrize("field", ["before", "after", "drops", "field", "customer_id", "reversible"])
def test_what_is_wrong_with_a_plan_is_named_with_its_entry(field: str) -> None:
    entries = [change("quantity", 20, 25), {**change(RENEWAL, None, RENEWS_60), field: [[None]]}]
    with pytest.raises(Problem, match=re.escape("plan[1]")):
        to_rollback(entries, NOW)


def test_an_empty_entry_is_named() -> None:
    for entry in (None, [], "", 7):
        with pytest.raises(Problem, match=r"changes\[0\]"):
            to_desired({**plan(), "changes": [entry]})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DEEP, "Line 1 of the journal is damaged"),
        ('{"run": ' + DEEP, "The journal holds no run"),
        ("\udcff\udcfe{", "is written in UTF-16"),
        ("{\0\n\0", "is written in UTF-16"),
    ],
)
def test_a_text_that_is_neither_plan_nor_journal_is_refused(text: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        to_rollback(text, NOW)


@pytest.mark.parametrize("text", [DEEP, '{"a": ' * 100_000, "\udcff\udcfe{", "{\0\n\0", "[]", "null", "{}"])
def test_a_text_that_is_no_plan_file_is_refused(text: str) -> None:
    assert "plan file" in plan_refusal(text, "t", "https://api")


def test_a_deep_line_within_a_journal_is_named() -> None:
    first, *others = (json.dumps(line) for line in journal())
    with pytest.raises(Refused, match="Line 2 of the journal is damaged"):
        to_rollback("\n".join([first, DEEP, *others]), NOW)


def test_a_byte_order_mark_and_crlf_are_passed_over() -> None:
    text = json.dumps(plan(), indent=2).replace("\n", "\r\n")
    assert plan_refusal("\ufeff" + text, "t", "https://api") == ""
    assert to_desired("\ufeff" + text) == to_desired(plan())
    lines = "".join(json.dumps(line) + "\r\n" for line in journal())
    assert to_rollback("\ufeff" + lines, NOW)[0] != []
