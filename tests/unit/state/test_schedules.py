# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the reads of an item have seen of scheduled changes, and what a journal still holds of them."""

from __future__ import annotations

import itertools
import typing as t
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.times import utc_text
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields
from ansible_collections.csp.partner_center.plugins.module_utils._state.field import ScheduledChanges
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import recovery
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.journal_format import (
    Event,
    Intent,
    WriteOutcome,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.journal_lines import Line
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.unfinished_runs import unfinished_work
from ansible_collections.csp.partner_center.plugins.module_utils._state.schedules.memory import SeenSchedules

from . import samples

KEYS = {fields.RENEWAL: "scheduledNextTermInstructions", fields.NEXT_CHARGE: "nextChargeInstructions"}
LATER = "2028-01-13T00:00:00Z"


def instructions(seats: int) -> dict[str, t.Any]:
    return {**samples.INSTRUCTIONS, "quantity": seats}


def subscription(scheduled: t.Mapping[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    return samples.new_commerce(**{KEYS[name]: value for name, value in scheduled.items()}, **more)


#: What a read shows of scheduled changes.
scheduled = st.dictionaries(st.sampled_from(list(KEYS)), st.sampled_from([instructions(5), instructions(6)]))


def seen(
    first: t.Mapping[str, t.Any], asked: t.Mapping[str, t.Any] | None = None, mode: ScheduledChanges = "restore"
) -> SeenSchedules:
    return SeenSchedules(asked or {"quantity": 5}, mode).planned_on(subscription(first))


@given(scheduled, st.lists(st.tuples(scheduled, st.booleans()), max_size=5))
def test_nothing_that_a_read_saw_is_forgotten(
    first: dict[str, t.Any], reads: list[tuple[dict[str, t.Any], bool]]
) -> None:
    """Up to the first write: whatever the later reads of the item show, and whoever has done what meanwhile."""
    memory, known = seen(first), set(first)
    for shown, is_disturbed in reads:
        memory = memory.built_on(subscription(shown), is_disturbed=is_disturbed)
        known |= set(shown)
        assert set(memory.to_restore()) == known
        assert set(memory.final().built_on(subscription({}), is_disturbed=True).to_restore()) == known


@given(scheduled, scheduled, st.booleans())
def test_a_read_contradicts_where_something_is_gone_or_different(
    first: dict[str, t.Any], second: dict[str, t.Any], is_disturbed: bool
) -> None:
    changed = seen(first).changed_by_others(subscription(second), is_disturbed=is_disturbed)
    different = {name for name in first.keys() & second.keys() if first[name] != second[name]}
    assert set(changed) == different | (set() if is_disturbed else first.keys() - second.keys())
    assert all(changed[name] == first[name] for name in changed)


@pytest.mark.parametrize(
    ("asked", "mode"),
    [
        ({"quantity": 5}, "drop"),
        ({"quantity": 5, fields.RENEWAL: {"quantity": 9}}, "restore"),
        ({"quantity": 5, fields.RENEWAL: None}, "restore"),
        ({"auto_renew_enabled": False}, "restore"),
        ({"status": "deleted"}, "restore"),
    ],
)
def test_what_may_go_contradicts_nothing(asked: dict[str, t.Any], mode: ScheduledChanges) -> None:
    memory = seen({fields.RENEWAL: instructions(5)}, asked, mode)
    assert memory.changed_by_others(subscription({}), is_disturbed=False) == {}


def test_what_a_read_tells_less_contradicts_nothing() -> None:
    more = instructions(5)
    more["product"] = {**more["product"], "promotionId": "39NFJQT1PFPL:0001:39NFJQT1Q5KM"}
    less = {key: value for key, value in more.items() if key != "customTermEndDate"}
    for one, other in itertools.permutations([more, less, instructions(5)], 2):
        memory = seen({fields.RENEWAL: one})
        assert memory.changed_by_others(subscription({fields.RENEWAL: other}), is_disturbed=False) == {}


def test_what_a_renewal_used_up_is_forgotten() -> None:
    memory = seen({fields.RENEWAL: instructions(5)})
    renewed = subscription({}, commitmentEndDate=LATER)
    assert memory.unless_renewed(subscription({})).to_restore() == memory.to_restore()
    assert memory.unless_renewed(renewed).to_restore() == {}
    # What the item's own write has deleted is owed, whatever the term does.
    assert memory.final().unless_renewed(renewed).to_restore() == memory.to_restore()


def lines(*events: tuple[str, Event], when: str = utc_text(samples.NOW)) -> list[Line]:
    return [Line(run, when, event) for run, event in events]


def intent(request_id: str, seats: int = 5) -> Intent:
    before = {"quantity": 1, fields.RENEWAL: {"quantity": 60}}
    return Intent(
        "subscription",
        "C",
        "S",
        "change",
        before,
        {"quantity": seats, fields.RENEWAL: None},
        request_id,
        restores=[fields.RENEWAL],
    )


class TestPendingRestores:
    def test_a_refusal_because_of_another_write_settles_nothing(self) -> None:
        left = unfinished_work(lines(("a", intent("1")), ("a", WriteOutcome("1", "failed", blocked=True))))
        (pending,) = left.pending_restores.values()
        assert pending.written == {"quantity": 5}
        assert left.uncertain_writes == ()
        settled = unfinished_work(lines(("a", intent("1")), ("a", WriteOutcome("1", "failed"))))
        assert settled.pending_restores == {}

    def test_a_later_run_that_was_refused_leaves_what_an_earlier_one_owes(self) -> None:
        left = unfinished_work(
            lines(
                ("earlier", intent("1", 5)),
                ("earlier", WriteOutcome("1", "accepted")),
                ("later", intent("2", 6)),
                ("later", WriteOutcome("2", "failed")),
            )
        )
        (pending,) = left.pending_restores.values()
        assert (pending.run, pending.written) == ("earlier", {"quantity": 5})

    @pytest.mark.parametrize(
        ("seats", "hours", "is_there", "is_settled"),
        [
            (1, 1, True, False),
            (5, 1, True, True),
            (1, 25, True, True),
            (5, 1, False, False),
            (1, 25, False, False),
        ],
    )
    def test_what_is_there_is_settled_when_the_write_is_over(
        self, seats: int, hours: int, is_there: bool, is_settled: bool
    ) -> None:
        left = unfinished_work(lines(("a", intent("1"))))
        (pending,) = left.pending_restores.values()
        shown = subscription({fields.RENEWAL: instructions(60)} if is_there else {}, quantity=seats)
        now = samples.NOW + timedelta(hours=hours)
        assert recovery.not_needed(pending, shown, {}, now) == ([fields.RENEWAL] if is_settled else [])
        # Who wants none has none restored, whatever is open.
        assert recovery.not_needed(pending, shown, {fields.RENEWAL: None}, now) == [fields.RENEWAL]
