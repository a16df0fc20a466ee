# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
What people see, line by line, as it is stored in ``screens``.

After a change that is meant, look at what it shows: ``SCREENS=write pytest tests/unit/report/test_screens.py`` stores
it, and ``git diff`` shows the difference.
"""

from __future__ import annotations

import os
import typing as t
from functools import lru_cache
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.layout import columns_of
from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.text import (
    Extent,
    text_form,
    text_lines,
)
from ansible_collections.csp.partner_center.plugins.module_utils._report.model import Report
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report
from ansible_collections.csp.partner_center.plugins.module_utils._report.steps import show_command

from . import samples
from .samples import NOW

SCREENS = Path(__file__).parent / "screens"
FILES = tuple(f"reports/plan-20261128T060500Z.{ending}" for ending in ("html", "csv", "json", "md", "txt"))
PLAN = {"plan_path": "plan.json", "tenant_name": "Adatum Distribution", "limits": {"max_changes": 10_000}}
APPLIED = {**PLAN, "journal_path": "journal.jsonl", "run_id": samples.guid(9, 1), "change_reference": "CHG0031337"}
UNPLANNED = [
    {
        "customer_id": samples.guid(1, number),
        "customer_name": samples.customer_name(number),
        "subscription_id": samples.guid(2, number * 5),
        "offer_name": "Azure plan",
        "field": "quantity",
        "policy": "fewer seats",
        "msg": "Policy 'fewer seats' sets quantity, which usage-billed subscriptions do not have.",
    }
    for number in range(15)
]
CONFLICTS = [
    {
        "customer_id": samples.guid(1, number),
        "subscription_id": samples.guid(2, number),
        "offer_name": "Microsoft 365 E5",
        "msg": f"Subscription {samples.guid(2, number)} of customer {samples.guid(1, number)} is not as expected: "
        f'friendly_name is "Team {number}", expected "Team {number} (old)"; quantity is {number}, expected 25. '
        "Nothing was written. Look at what changed it, then plan anew.",
    }
    for number in range(4)
]
UNAVAILABLE = [
    {
        "customer_id": samples.guid(1, 400 + number),
        "customer_name": f"Gone {number} Ltd",
        "reason": "403: no relationship",
    }
    for number in range(2)
]


def with_policy_that_meets_nothing(plan: dict[str, t.Any]) -> dict[str, t.Any]:
    counts = plan["summary"]["policies"]
    counts.append({"name": "old names", "matched": 0, "excluded": 0, "changed": 0, "skipped": 0})
    place = len(counts) - 1
    told = f"policies[{place}].match.customer_name: no customer has customer_name Fabricam*; did you mean Fabrikam AB?"
    return {**plan, "warnings": [told, "1 of the lists named a subscription twice."]}


@lru_cache
def made(name: str) -> Report:
    return report(*CASES[name]())


CASES: dict[str, t.Callable[[], tuple[t.Any, ...]]] = {
    "plan-3": lambda: (samples.planned(3), NOW, PLAN),
    "plan-50": lambda: (
        with_policy_that_meets_nothing(samples.planned(50, unplanned=UNPLANNED, unavailable=UNAVAILABLE)),
        NOW,
        PLAN,
    ),
    "plan-10000": lambda: (samples.planned(10_000), NOW, PLAN),
    "plan-conflicts": lambda: (samples.planned(0, unplanned=CONFLICTS), NOW, PLAN),
    "plan-unwritten": lambda: (samples.planned(50), NOW, PLAN),
    "plan-nothing": lambda: (samples.planned(0), NOW, PLAN),
    "plan-guarded": lambda: (
        samples.planned(3, guard=["3 subscriptions would change, max_changes is 1 (2 too many)."]),
        NOW,
        PLAN,
    ),
    "plan-hostile": lambda: (samples.hostile_plan(), NOW, PLAN),
    "result-nothing": lambda: (samples.applied(0), NOW, APPLIED),
    "result-50": lambda: (samples.applied(50), NOW, APPLIED),
    "result-failed": lambda: (samples.applied(50, 5, 3), NOW, APPLIED),
    "result-10000": lambda: (samples.applied(10_000, 400, 200), NOW, APPLIED),
    "result-broken": lambda: (
        {"kind": "result", "msg": "The disk is full.", "failed": True, "plan": samples.changes(3)},
        NOW,
        APPLIED,
    ),
    "drift-50": lambda: (samples.planned(50), NOW, {**PLAN, "kind": "drift"}),
    "drift-nothing": lambda: (samples.planned(0), NOW, {**PLAN, "kind": "drift", "plan_path": ""}),
    "rollback": lambda: (
        samples.planned(3),
        NOW,
        {
            **PLAN,
            "undoes": {
                "id": samples.guid(9, 1),
                "time": "2026-11-27T18:30:00Z",
                "change_reference": "CHG0031300",
                "writes": 12,
            },
        },
    ),
    "renewals": lambda: (samples.renewals(30), NOW, {"tenant_name": "Adatum Distribution"}),
}


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("name", CASES)
def test_a_screen_shows(name: str, width: int) -> None:
    files = () if name == "plan-unwritten" else FILES
    lines = text_lines(made(name), Extent(width, 50, name != "result-50", files))
    check(f"{name}.{width}.txt", "".join(f"{line.tone[:1] or ' '} {line.text}".rstrip() + "\n" for line in lines))
    commands = [*(step.command for step in made(name).steps), show_command(made(name))]
    # A command can be copied as it is, and paths of files are whole.
    narrow = [line.text for line in lines if line.text.strip() not in commands and FILES[0] not in line.text]
    assert [text for text in narrow if columns_of(text) > width] == []
    assert len(lines) < 50 + 80


def check(file: str, shown: str) -> None:
    path = SCREENS / file
    if os.environ.get("SCREENS") == "write":
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["plan-hostile", "result-failed"])
def test_a_file_holds_all_of_it(name: str) -> None:
    text = text_form(made(name))
    check(f"{name}.whole.txt", text)
    found = made(name).changes
    assert found is not None
    text = text.replace("\u2068", "").replace("\u2069", "")
    for one in found.subscriptions:
        assert one.about.customer in text
        for row in one.rows:
            assert row.state in ("failed", "not attempted") or row.change in text
    assert "…" not in text
