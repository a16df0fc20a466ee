# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet reads besides its lists: only what no list tells."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.planning import planner
from ansible_collections.csp.partner_center.plugins.module_utils._state.guard import GuardBreach

from ..emulators import Emulator
from .fleets import INSTRUCTIONS, Fleet, Run, item, methods

RENEWING: dict[str, t.Any] = {"match": {"status": "active", "product_type": "nce", "auto_renew_enabled": True}}
SEATS = [{"name": "seats", **RENEWING, "set": {"scheduled_next_term_instructions": {"quantity": 7}}}]
CLEAR = [{"name": "clear", **RENEWING, "set": {"clear_scheduled_next_term_instructions": True}}]


def lists(emulator: Emulator) -> dict[str, int]:
    """What a run costs in which nothing changes."""
    found = methods(emulator)
    return {"CUSTOMERS": 1, "LIST": found["LIST"]}


def test_instructions_that_some_have_cost_no_read_of_those_that_have_none(many: Fleet, emulator: Emulator) -> None:
    emulator.switch(schedule_drop="none")
    emulator.without_ends()
    run = many.run(policies=SEATS)
    assert run.errors() == []
    without = [entry for entry in run.plan if entry["before"] is None]
    assert len(without) > 10
    assert methods(emulator) == {**lists(emulator), "GET": len(run.plan), "PATCH": len(run.plan)}
    emulator.forget()
    assert many.run(policies=SEATS).plan == []
    assert methods(emulator) == lists(emulator)


def test_clearing_instructions_reads_no_extra_subscription(many: Fleet, emulator: Emulator) -> None:
    emulator.without_ends()
    run = many.run(policies=CLEAR)
    assert 0 < len(run.plan) < len(emulator.all("nce"))
    assert methods(emulator) == {**lists(emulator), "GET": len(run.plan), "PATCH": len(run.plan)}


def test_where_nobody_has_decided_a_decision_costs_two_requests_and_what_is_so_none(
    many: Fleet, emulator: Emulator
) -> None:
    """Partner Center leaves out what is not set, so that no list has actions or instructions."""
    for kind in ("nce", "trial", "scheduled", "end_of_term"):
        for ids in emulator.all(kind):
            emulator.store(ids, isTrial=False, **{"$unset": [INSTRUCTIONS, "scheduledActions"]})
    renew = [{"name": "renew", **RENEWING, "set": {"end_of_term": "renew"}}]
    assert many.run(policies=[*renew, *CLEAR]).plan == []
    assert methods(emulator) == lists(emulator)
    emulator.forget()
    run = many.run(policies=SEATS)
    assert (run.errors(), len(run.plan) > 10) == ([], True)
    assert methods(emulator) == {**lists(emulator), "GET": len(run.plan), "PATCH": len(run.plan)}


def test_instructions_that_no_list_shows_count_as_not_set_until_the_read_before_a_write(
    many: Fleet, emulator: Emulator
) -> None:
    emulator.without_ends()
    held = {
        ids: {**emulator.stored(ids)[INSTRUCTIONS], "quantity": 7 + number}
        for number, ids in enumerate(emulator.all("scheduled", "active"))
    }
    for ids, instructions in held.items():
        emulator.store(ids, **{INSTRUCTIONS: instructions})
    same, *others = held
    emulator.switch(list_omits=[INSTRUCTIONS])
    run = many.run(policies=SEATS)
    assert {entry["before"] for entry in run.plan} == {None}
    assert {entry["subscription_id"] for entry in run.plan} >= {ids[1] for ids in held}
    # Those that have some: as asked, or kept, since the plan did not show that they would be replaced.
    assert same[1] not in run.changed()
    assert {ids: emulator.stored(ids)[INSTRUCTIONS] for ids in held} == held
    assert ["is not as expected" in error for error in run.errors()] == [True] * len(others)
    written = len(run.plan) - len(held)
    assert methods(emulator) == {**lists(emulator), "GET": len(run.plan), "PATCH": written}


@pytest.mark.parametrize("most", [2000, 3, 0])
def test_what_a_decision_takes_with_it_is_read_by_id_where_no_list_shows_it(
    many: Fleet, emulator: Emulator, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel = [{"name": "cancel", **RENEWING, "set": {"end_of_term": "cancel"}}]
    whole = many.run(policies=cancel, check_mode=True)
    emulator.switch(list_omits=[INSTRUCTIONS])
    monkeypatch.setattr(planner, "_MOST_WAITING", most)
    emulator.forget()
    assert many.run(policies=cancel, check_mode=True).plan == whole.plan != []
    decided = [entry for entry in whole.plan if entry["field"] == "end_of_term"]
    assert methods(emulator) == {**lists(emulator), "GET": len(decided)}


def test_instructions_that_are_made_meanwhile_are_not_taken_along(many: Fleet, emulator: Emulator) -> None:
    ids = emulator.all("nce", "active")[0]
    made = emulator.stored(emulator.find("scheduled"))[INSTRUCTIONS]
    emulator.hook(ids, on="GET", nth=2, **{INSTRUCTIONS: made})
    run = many.run([item(ids, end_of_term="cancel")])
    assert "that would go with end_of_term: cancel" in run.errors()[0]
    assert (emulator.stored(ids)[INSTRUCTIONS], emulator.writes()) == (made, [])


def test_an_explicit_null_in_a_list_needs_no_read(many: Fleet, emulator: Emulator) -> None:
    emulator.without_ends()
    for kind in ("scheduled", "scheduled_and_next_charge"):
        for ids in emulator.all(kind):
            emulator.store(ids, **{INSTRUCTIONS: None})
    run = many.run(policies=SEATS, check_mode=True)
    assert len(run.plan) > 10
    assert methods(emulator) == lists(emulator)


def test_a_field_that_every_subscription_has_is_read_by_id_where_lists_omit_it(many: Fleet, emulator: Emulator) -> None:
    emulator.switch(list_omits=["friendlyName"])
    names = [{"name": "names", **RENEWING, "set": {"friendly_name": "n"}}]
    run = many.run(policies=names, check_mode=True)
    assert methods(emulator)["GET"] >= len(run.plan) > 10


def told(run: Run) -> list[t.Any]:
    """All that a run foretells, apart from when the task looked."""
    entries = [{name: value for name, value in entry.items() if name != "reversible"} for entry in run.plan]
    return [entries, run.errors(), [one.warnings for one in run.outcomes if one.error is None]]


@pytest.mark.parametrize(
    ("omitted", "settings", "mode"),
    [
        (INSTRUCTIONS, {"end_of_term": "cancel"}, "restore"),
        *(
            (omitted, settings, mode)
            for omitted in (INSTRUCTIONS, "nextChargeInstructions")
            for settings, mode in (
                ({"quantity": 999}, "drop"),
                ({"quantity": 999}, "refuse"),
                ({"status": "suspended"}, "restore"),
            )
        ),
    ],
)
def test_what_goes_with_a_change_is_foretold_where_lists_omit_it(
    many: Fleet, emulator: Emulator, omitted: str, settings: dict[str, t.Any], mode: str
) -> None:
    policies = [{"name": "all", "match": {"status": "active", "product_type": "nce"}, "set": settings}]
    guard = {"forbid_statuses": []}
    whole = many.run(policies=policies, check_mode=True, guard=guard, scheduled_changes=mode)
    emulator.switch(list_omits=[omitted])
    sparse = many.run(policies=policies, check_mode=True, guard=guard, scheduled_changes=mode)
    assert told(sparse) == told(whole)
    assert len(whole.plan) > 10


def test_a_guard_of_what_goes_with_a_change_holds_where_lists_omit_it(many: Fleet, emulator: Emulator) -> None:
    emulator.switch(list_omits=[INSTRUCTIONS])
    off = [{"name": "off", **RENEWING, "set": {"end_of_term": "cancel"}}]
    with pytest.raises(GuardBreach, match="scheduled_next_term_instructions"):
        many.run(policies=off, guard={"forbid_fields": ["scheduled_next_term_instructions"]})
    assert emulator.writes() == []


def test_a_change_that_lets_nothing_go_costs_two_requests_where_lists_omit_schedules(
    many: Fleet, emulator: Emulator
) -> None:
    emulator.switch(list_omits=[INSTRUCTIONS, "nextChargeInstructions"])
    ids = emulator.all("nce", "active")[:6]
    many.run([item(one, friendly_name="n") for one in ids])
    found = methods(emulator)
    assert found["GET"] - single_customers(ids) == found["PATCH"] >= len(ids)


def single_customers(ids: list[tuple[str, str]]) -> int:
    """How many of these are the only one of their customer, which is read by its id instead of a list."""
    customers = [one[0] for one in ids]
    return sum(customers.count(one) == 1 for one in customers)


@pytest.mark.parametrize(
    ("omitted", "expect", "is_met"),
    [
        ("autoRenewEnabled", {"auto_renew_enabled": True}, True),
        ("autoRenewEnabled", {"auto_renew_enabled": False}, False),
        ("quantity", {"quantity": 17}, True),
        ("quantity", {"quantity": 18}, False),
        (INSTRUCTIONS, {"scheduled_next_term_instructions": {"quantity": 5}}, True),
        (INSTRUCTIONS, {"scheduled_next_term_instructions": None}, False),
    ],
)
@pytest.mark.parametrize("name", ["as it is", "new"])
def test_an_expectation_is_compared_with_what_is_there_where_lists_omit_it(
    many: Fleet, emulator: Emulator, omitted: str, expect: dict[str, t.Any], is_met: bool, name: str
) -> None:
    customer = next(one[0] for one in emulator.all("nce", "active") if len(of_customer(emulator, one[0])) > 1)
    both = of_customer(emulator, customer)[:2]
    for ids in both:
        emulator.store(ids, friendlyName="as it is", autoRenewEnabled=True, quantity=17)
        emulator.store(ids, **{INSTRUCTIONS: {"product": {"productId": "p"}, "quantity": 5}})
    emulator.switch(list_omits=[omitted])
    run = many.run([item(ids, friendly_name=name, expect=expect) for ids in both], check_mode=True)
    if is_met:
        assert (run.errors(), len(run.plan)) == ([], 2 if name == "new" else 0)
    else:
        assert [("is not as expected" in error) for error in run.errors()] == [True, True]


def of_customer(emulator: Emulator, customer: str) -> list[tuple[str, str]]:
    return [one for one in emulator.all("nce", "active") if one[0] == customer]


def test_new_instructions_name_the_term_that_lists_omit(many: Fleet, emulator: Emulator) -> None:
    for ids in emulator.all("nce", "active"):
        emulator.store(ids, renewalTermDuration="P1M")
    whole = many.run(policies=SEATS, check_mode=True)
    emulator.switch(list_omits=["renewalTermDuration"])
    assert told(many.run(policies=SEATS, check_mode=True)) == told(whole)
    assert {"P1M"} <= {entry["after"]["product"]["term_duration"] for entry in whole.plan}
