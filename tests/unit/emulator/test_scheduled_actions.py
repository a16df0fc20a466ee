# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a term as it is declared: auto-renew, scheduledActions, and instructions beside them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from partner_center_emulator.clock import iso, parse
from partner_center_emulator.subscriptions.scope import eligible, outcome
from partner_center_emulator.switches import Switches

from .hand import Hand, Sub, error, read
from .test_schedules import NEXT_TERM, instructions, without

ACTIONS = "scheduledActions"
CANCEL = {"scheduleType": "TermEnd", "actionType": "Cancel"}
RENEW = {"scheduleType": "TermEnd", "actionType": "RenewToNewTerm"}
EXTEND = {"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}
LETS_END = {"autoRenewEnabled": False, ACTIONS: [CANCEL]}


@pytest.fixture
def sub(pc: Hand) -> Sub:
    return pc.pick("nce")


def ended(pc: Hand, sub: Sub, **fields: Any) -> Any:
    """What is shown after a careful PATCH."""
    response = pc.change(sub, **fields)
    assert response.status_code == 200, response.text
    assert pc.get(sub) == read(response)
    return read(response)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (LETS_END, [CANCEL]),
        ({"autoRenewEnabled": False, ACTIONS: [EXTEND]}, [EXTEND]),
        ({"autoRenewEnabled": True, ACTIONS: [EXTEND]}, [EXTEND]),
        ({"autoRenewEnabled": True, ACTIONS: [RENEW]}, [RENEW]),
        (
            {"AutoRenewEnabled": False, "ScheduledActions": [{"ScheduleType": "termend", "ActionType": "CANCEL"}]},
            [CANCEL],
        ),
        ({"autoRenewEnabled": False, ACTIONS: [{**CANCEL, "effectiveDate": None, "instructions": None}]}, [CANCEL]),
    ],
)
def test_an_end_is_stored_and_shown_as_it_was_written(
    pc: Hand, sub: Sub, fields: dict[str, Any], shown: list[Any]
) -> None:
    body = without(pc.get(sub), "autoRenewEnabled") | fields
    after = read(pc.patch(sub, body))
    assert after[ACTIONS] == shown
    assert after["autoRenewEnabled"] is (fields.get("autoRenewEnabled") or False)
    assert pc.patch(sub, after).status_code == 200
    assert pc.counters()["effective_writes"] == 1


@pytest.mark.parametrize("cleared", [None, []])
def test_null_and_an_empty_list_clear(pc: Hand, sub: Sub, cleared: Any) -> None:
    ended(pc, sub, **LETS_END)
    after = ended(pc, sub, autoRenewEnabled=True, **{ACTIONS: cleared})
    assert (after["autoRenewEnabled"], after.get(ACTIONS)) == (True, None)


@pytest.mark.parametrize(("rule", "kept"), [("reset", False), ("keep", True)])
def test_a_body_without_actions(pc: Hand, sub: Sub, rule: str, kept: bool) -> None:
    pc.switch(absent_actions=rule, est_conversion_delay="never")
    ended(pc, sub, **LETS_END)
    assert read(pc.patch(sub, {"friendlyName": "x"})).get(ACTIONS) == ([CANCEL] if kept else None)


def test_the_form_may_be_one_object(pc: Hand, sub: Sub) -> None:
    pc.switch(scheduled_actions_form="object")
    assert ended(pc, sub, autoRenewEnabled=False, **{ACTIONS: CANCEL})[ACTIONS] == CANCEL
    assert ended(pc, sub, friendlyName="x")[ACTIONS] == CANCEL
    for value in ([EXTEND], [CANCEL]):
        assert error(pc.change(sub, **{ACTIONS: value})) == (400, 3000)
    assert ACTIONS not in ended(pc, sub, autoRenewEnabled=True, **{ACTIONS: None})


def test_anything_goes_in_lenient_mode(pc: Hand, sub: Sub) -> None:
    strange = [{"scheduleType": "FullMoon", "actionType": "Howl", "note": 1}]
    assert error(pc.change(sub, **{ACTIONS: strange})) == (400, 900126)
    pc.switch(scheduled_actions_form="lenient")
    assert ended(pc, sub, **{ACTIONS: strange})[ACTIONS] == strange
    strange = [{**CANCEL, "scheduleType": "CustomDate", "effectiveDate": "soon"}]
    assert ended(pc, sub, **{ACTIONS: strange})[ACTIONS] == strange
    assert ended(pc, sub, **{ACTIONS: CANCEL})[ACTIONS] == [CANCEL]
    assert error(pc.change(sub, **{ACTIONS: [1]})) == (400, 3000)


def test_unknown_actions_of_the_service_may_come_back(pc: Hand, sub: Sub) -> None:
    strange = [{"scheduleType": "TermEnd", "actionType": "Howl", "note": 1}]
    pc.set(sub, **{ACTIONS: strange})
    assert ended(pc, sub, friendlyName="x")[ACTIONS] == strange


@pytest.mark.parametrize(
    ("kind", "fields", "refusal"),
    [
        ("nce", {ACTIONS: [{**CANCEL, "actionType": "Stop"}]}, (400, 900126)),
        ("nce", {ACTIONS: [{**CANCEL, "scheduleType": "Soon"}]}, (400, 900126)),
        ("nce", {ACTIONS: [{"actionType": "Cancel"}]}, (400, 900126)),
        ("nce", {ACTIONS: CANCEL}, (400, 3000)),
        ("nce", {ACTIONS: "Cancel"}, (400, 3000)),
        ("nce", {ACTIONS: ["Cancel"]}, (400, 3000)),
        ("nce", {ACTIONS: [{**CANCEL, "scheduleType": "CustomDate"}]}, (400, 3000)),
        ("nce", {ACTIONS: [{**RENEW, "actionType": "Transition"}]}, (400, 3000)),
        ("nce", {ACTIONS: [{**RENEW, "instructions": {"quantity": 5}}]}, (400, 3000)),
        ("no_auto_renew", {ACTIONS: [RENEW]}, (400, 800093)),
        ("trial", {ACTIONS: [EXTEND]}, (400, 800093)),
        ("legacy", {ACTIONS: [CANCEL]}, (400, 2006)),
        ("azure_plan", {ACTIONS: [CANCEL]}, (400, 2006)),
        ("marketplace", {ACTIONS: [CANCEL]}, (400, 2006)),
        ("suspended", {ACTIONS: [CANCEL]}, (400, 800091)),
    ],
)
def test_actions_are_refused(pc: Hand, kind: str, fields: dict[str, Any], refusal: tuple[int, int]) -> None:
    sub = pc.pick(kind)
    before = pc.raw(sub)
    assert error(pc.change(sub, **fields)) == refusal
    assert pc.raw(sub) == before


def test_actions_win_over_instructions_in_the_same_body(pc: Hand, sub: Sub) -> None:
    ended(pc, sub, **LETS_END)
    before = pc.get(sub)
    wanted = instructions(before)
    assert ended(pc, sub, **{NEXT_TERM: wanted}) == before
    after = ended(pc, sub, autoRenewEnabled=True, **{NEXT_TERM: wanted, ACTIONS: None})
    assert (after[NEXT_TERM], after.get(ACTIONS)) == (wanted, None)
    # The other way round the action takes the place of the instructions.
    after = ended(pc, sub, **LETS_END)
    assert (after.get(NEXT_TERM), after[ACTIONS]) == (None, [CANCEL])


def test_both_forms_in_one_body_may_be_refused(pc: Hand, sub: Sub) -> None:
    pc.switch(actions_and_instructions="refused")
    body = {NEXT_TERM: instructions(pc.get(sub)), ACTIONS: [CANCEL]}
    assert error(pc.change(sub, **body)) == (400, 800002)


@pytest.mark.parametrize(
    ("rule", "strict", "fields", "kept"),
    [
        (True, "documented", {"quantity": 200}, False),
        (True, "documented", {"billingCycle": "annual"}, False),
        (True, "documented", {"friendlyName": "x"}, True),
        (True, "documented", {"partnerId": "4391507"}, True),
        (True, "all", {"friendlyName": "x"}, False),
        (True, "all", {"partnerId": "4391507"}, False),
        (True, "none", {"quantity": 200}, True),
        (False, "all", {"quantity": 200}, True),
        (False, "all", {"friendlyName": "x"}, True),
        (False, "all", {"status": "suspended"}, False),
    ],
)
def test_what_drops_a_scheduled_cancellation(
    pc: Hand, sub: Sub, rule: bool, strict: str, fields: dict[str, Any], kept: bool
) -> None:
    pc.switch(drops_actions=rule, schedule_drop=strict, est_conversion_delay="never")
    pc.set(sub, termDuration="P3Y", billingCycle="monthly", partnerId="", quantity=100)
    ended(pc, sub, **LETS_END)
    after = ended(pc, sub, **fields)
    assert after.get(ACTIONS) == ([CANCEL] if kept else None)
    assert after["autoRenewEnabled"] is False


def test_a_cancellation_in_the_body_of_an_immediate_change_is_lost_too(pc: Hand, sub: Sub) -> None:
    pc.switch(est_conversion_delay="never")
    assert ACTIONS not in ended(pc, sub, quantity=200, **LETS_END)


@pytest.mark.parametrize("lost", ["quantity", "actions"])
def test_a_lost_cancellation_becomes_an_extended_service_term(pc: Hand, sub: Sub, lost: str) -> None:
    ended(pc, sub, **LETS_END)
    after = ended(pc, sub, **({"quantity": 200} if lost == "quantity" else {ACTIONS: None}))
    assert (after["autoRenewEnabled"], after[ACTIONS]) == (False, [EXTEND])


def test_auto_renew_off_drops_an_action_that_renews(pc: Hand, sub: Sub) -> None:
    pc.switch(est_conversion_delay="never")
    ended(pc, sub, **{ACTIONS: [{**RENEW, "instructions": instructions(pc.get(sub))}]})
    assert ACTIONS not in ended(pc, sub, autoRenewEnabled=False)


@pytest.mark.parametrize("turns_off", [True, False])
def test_suspending_turns_auto_renew_off_for_good(pc: Hand, turns_off: bool) -> None:
    pc.switch(suspend_turns_auto_renew_off=turns_off)
    sub = pc.pick("scheduled_and_next_charge")
    before = pc.get(sub)
    suspended = ended(pc, sub, status="suspended")
    assert suspended["autoRenewEnabled"] is not turns_off
    assert NEXT_TERM not in suspended
    assert suspended["nextChargeInstructions"] == before["nextChargeInstructions"]
    again = ended(pc, sub, status="active")
    assert again["autoRenewEnabled"] is not turns_off


def test_suspending_legacy_leaves_auto_renew_alone(pc: Hand) -> None:
    assert ended(pc, pc.pick("legacy"), status="suspended")["autoRenewEnabled"] is True


@pytest.mark.parametrize(("delay", "later"), [(0, 0), (3600, 3500), (3600, 3700), ("never", 10**6)])
def test_auto_renew_off_alone_becomes_an_extended_service_term(pc: Hand, sub: Sub, delay: Any, later: int) -> None:
    pc.switch(est_conversion_delay=delay)
    pc.control("POST", "clock", {"scale": 0})
    ended(pc, sub, autoRenewEnabled=False)
    pc.advance(later)
    after = pc.get(sub)
    converted = delay != "never" and later >= delay
    assert (after["autoRenewEnabled"], after.get(ACTIONS)) == (False, [EXTEND] if converted else None)


def test_what_nobody_wrote_is_not_converted(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    pc.advance(86400)
    assert ACTIONS not in pc.get(sub)
    pc.change(sub, friendlyName="x")
    assert ACTIONS not in pc.get(sub)


def test_the_backfill_turns_auto_renew_on_again(pc: Hand) -> None:
    sub, cancelled = pc.pick("no_auto_renew"), pc.pick("nce")
    ended(pc, cancelled, **LETS_END)
    pc.switch(est_backfill=True)
    after = pc.get(sub)
    assert (after["autoRenewEnabled"], after[ACTIONS]) == (True, [EXTEND])
    assert pc.get(cancelled)[ACTIONS] == [CANCEL]


def test_auto_renew_may_read_back_as_true(pc: Hand, sub: Sub) -> None:
    pc.switch(est_auto_renew_readback="true")
    fields = {"autoRenewEnabled": False, ACTIONS: [EXTEND]}
    after = ended(pc, sub, **fields)
    assert (after["autoRenewEnabled"], after[ACTIONS]) == (True, [EXTEND])
    assert pc.raw(sub)["autoRenewEnabled"] is False
    # Neither form of the same wish is a change.
    for same in ({}, fields):
        assert pc.change(sub, **same).status_code == 200
    assert pc.counters()["effective_writes"] == 1
    assert ended(pc, sub, **LETS_END)["autoRenewEnabled"] is False


@pytest.mark.parametrize("written", [NEXT_TERM, ACTIONS])
@pytest.mark.parametrize("form", ["as_written", "instructions", "actions", "both"])
def test_the_form_in_which_a_renewal_comes_back(pc: Hand, sub: Sub, form: str, written: str) -> None:
    pc.switch(end_of_term_readback=form)
    wanted = instructions(pc.get(sub))
    action = [{**RENEW, "instructions": wanted}]
    other = NEXT_TERM if written == ACTIONS else ACTIONS
    after = ended(pc, sub, **{written: wanted if written == NEXT_TERM else action, other: None})
    shown = {"as_written": (written,), "instructions": (NEXT_TERM,), "actions": (ACTIONS,)}.get(
        form, (NEXT_TERM, ACTIONS)
    )
    expected = {NEXT_TERM: wanted, ACTIONS: action}
    assert {name: after[name] for name in expected if name in after} == {name: expected[name] for name in shown}
    # A careful rename changes nothing of it, in whichever form it came.
    again = ended(pc, sub, friendlyName="x")
    assert again == after | {"friendlyName": "x"}
    # Taking it away works in the form that was shown.
    gone = ended(pc, sub, **{NEXT_TERM: None, ACTIONS: None})
    assert not {NEXT_TERM, ACTIONS} & set(gone)
    assert not {NEXT_TERM, ACTIONS} & set(pc.raw(sub))


def test_one_change_at_a_time(pc: Hand, sub: Sub) -> None:
    pc.switch(one_change_per_patch=True)
    assert error(pc.change(sub, friendlyName="x", quantity=200)) == (400, 800002)
    assert error(pc.change(sub, friendlyName="x", **LETS_END)) == (400, 800002)
    assert ended(pc, sub, **LETS_END)[ACTIONS] == [CANCEL]


@pytest.mark.parametrize(
    ("fields", "locked"),
    [(LETS_END, True), ({"autoRenewEnabled": False}, True), ({"friendlyName": "x"}, False), ({"quantity": 200}, False)],
)
def test_the_last_hours_of_a_term_may_be_locked(pc: Hand, sub: Sub, fields: dict[str, Any], locked: bool) -> None:
    pc.switch(pre_end_lock_hours=24)
    end = parse(pc.get(sub)["commitmentEndDateTime"])
    for hours, refused in ((25, False), (23, locked)):
        before = pc.raw(sub)
        pc.control("POST", "clock", {"now": iso(end - timedelta(hours=hours))})
        response = pc.change(sub, **fields)
        assert error(response) == (400, 900280) if refused else response.status_code == 200
        pc.set(sub, **before, **({} if ACTIONS in before else {"$unset": [ACTIONS]}))


NCE = {
    "productType": {"id": "OnlineServicesNCE"},
    "billingType": "license",
    "status": "active",
    "effectiveStartDate": "2025-05-04T00:00:00Z",
    "commitmentEndDate": "2026-05-03T00:00:00Z",
    "commitmentEndDateTime": "2026-05-04T23:59:59Z",
    "autoRenewEnabled": False,
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"effectiveStartDate": "2025-04-01T00:00:00.000001Z"}, True),
        ({"effectiveStartDate": "2025-03-31T23:59:59Z"}, False),
        ({"commitmentEndDateTime": "2026-05-03T23:59:59Z"}, False),
        ({"commitmentEndDateTime": None, "commitmentEndDate": "2026-05-04T00:00:00Z"}, True),
        ({"commitmentEndDateTime": None, "commitmentEndDate": "9999-12-10T00:00:00Z"}, False),
        ({"isTrial": True}, False),
        ({"productType": {"id": "Software"}}, False),
        ({"productType": {"id": "Azure"}, "billingType": "usage"}, False),
        ({"productType": None}, False),
        ({"effectiveStartDate": None}, False),
        # No longer sold, and without a successor.
        ({"offerId": "CFQ7TTC0LGZ9:0001:CFQ7TTC0K8DM"}, False),
    ],
)
def test_who_may_go_on(fields: dict[str, Any], expected: bool) -> None:
    resource = NCE | fields
    assert eligible(resource, Switches()) is expected
    assert eligible(resource, Switches({"est_available": False})) is False
    assert outcome(resource, Switches()) == ("extend" if expected else "lapse")


@pytest.mark.parametrize(
    ("auto_renew", "held", "expected"),
    [
        (True, None, "renew"),
        (False, None, "extend"),
        (False, [CANCEL], "cancel"),
        (True, [CANCEL], "cancel"),
        (True, [EXTEND], "extend"),
        (False, {**EXTEND}, "extend"),
        (True, [RENEW], "renew"),
        (True, [{**RENEW, "actionType": "Transition"}], "transition"),
        (True, [{**RENEW, "actionType": "Howl"}], "renew"),
    ],
)
def test_what_the_end_brings(auto_renew: bool, held: Any, expected: str) -> None:
    assert outcome(NCE | {"autoRenewEnabled": auto_renew, ACTIONS: held}, Switches()) == expected


def test_the_fleet_of_today_is_in_scope(pc: Hand, sub: Sub) -> None:
    """The generated terms end after the change of May 2026, as real ones do by now."""
    assert parse(pc.get(sub)["commitmentEndDateTime"]) > datetime(2026, 5, 4, tzinfo=timezone.utc)
    assert eligible(pc.get(sub), Switches())
