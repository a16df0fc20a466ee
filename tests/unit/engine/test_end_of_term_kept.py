# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A decision about the end of the term is kept through every other change, in whichever form the service answers."""

from __future__ import annotations

import typing as t

import pytest

from ..emulators import Emulator, Ids
from ..end_of_terms import ACTIONS, CANCEL, EXTEND, INSTRUCTIONS, OFF
from .fleets import Fleet, item

Raw = dict[str, t.Any]

PAIR = ("autoRenewEnabled", ACTIONS, INSTRUCTIONS)
#: Forms in which the service may answer.
FORMS = [
    {"end_of_term_readback": readback, "scheduled_actions_form": form}
    for readback in ("as_written", "instructions", "actions", "both")
    for form in ("list", "object")
]
#: What the service does of its own accord with a decision.
SERVICES: list[tuple[Raw, Raw]] = [
    (CANCEL, {"est_conversion_delay": 0.0, "schedule_drop": "all"}),
    (CANCEL, {"est_conversion_delay": "never", "schedule_drop": "documented"}),
    (CANCEL, {"drops_actions": False, "schedule_drop": "all"}),
    (EXTEND, {"est_conversion_delay": 0.0, "schedule_drop": "all"}),
]
CHANGES: dict[str, Raw] = {
    "rename": {"friendly_name": "another name"},
    "seats": {"quantity": 4711},
    "billing cycle": {"billing_cycle": "annual"},
    "partner on record": {"partner_id": "5129461"},
    "all of them": {"friendly_name": "yet another", "quantity": 4712, "billing_cycle": "annual"},
    "reactivation": {"status": "active"},
    "reactivation and seats": {"status": "active", "quantity": 4713},
}


@pytest.fixture
def ids(emulator: Emulator) -> Ids:
    """A licence that may go on as an extended service term."""
    return emulator.all("nce", "active")[0]


def arrange(emulator: Emulator, ids: Ids, change: Raw, action: Raw) -> Raw:
    """A decision on a subscription that the change will change; what is stored of the pair."""
    status = "suspended" if "status" in change else "active"
    emulator.store(
        ids,
        friendlyName="a name",
        quantity=10,
        billingCycle="monthly",
        termDuration="P3Y",
        partnerId="",
        status=status,
        suspensionReasons=[],
        **OFF,
        **{ACTIONS: [action], INSTRUCTIONS: None, "$unset": ["nextChargeInstructions"]},
    )
    return pair(emulator, ids)


def pair(emulator: Emulator, ids: Ids) -> Raw:
    stored = emulator.stored(ids)
    return {name: stored.get(name) or None for name in PAIR}


def as_asked(emulator: Emulator, ids: Ids, change: Raw) -> bool:
    stored, keys = emulator.stored(ids), {"friendly_name": "friendlyName", "billing_cycle": "billingCycle"}
    keys |= {"quantity": "quantity", "partner_id": "partnerId", "status": "status"}
    # A billing cycle waits for the next charge.
    coming = (stored.get("nextChargeInstructions") or {}).get("product") or {}
    return all({**stored, **coming}[keys[name]] == value for name, value in change.items())


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "-".join(form.values()))
@pytest.mark.parametrize(("action", "service"), SERVICES)
def test_every_change_leaves_it_as_it_was(
    many: Fleet, emulator: Emulator, ids: Ids, form: Raw, action: Raw, service: Raw
) -> None:
    emulator.switch(**form, **service)
    for change in CHANGES.values():
        before = arrange(emulator, ids, change, action)
        run = many.run([item(ids, **change)])
        assert run.errors() == [], change
        assert as_asked(emulator, ids, change), change
        assert pair(emulator, ids) == before, change
        assert many.run([item(ids, **change)]).changed() == [], change


def test_an_extended_term_stays_where_the_service_shows_auto_renew_on_beside_it(
    many: Fleet, emulator: Emulator, ids: Ids
) -> None:
    """Whatever is read is carried, and what is asked counts as there."""
    emulator.switch(est_conversion_delay="never", est_auto_renew_readback="true")
    for change in CHANGES.values():
        arrange(emulator, ids, change, EXTEND)
        run = many.run([item(ids, **change)])
        assert run.errors() == [], change
        assert pair(emulator, ids)[ACTIONS] == [EXTEND], change
        assert many.run([item(ids, end_of_term="extended_service_term")]).plan == []
    arrange(emulator, ids, {}, CANCEL)
    run = many.run([item(ids, end_of_term="extended_service_term")])
    assert (run.errors(), run.changed(), pair(emulator, ids)[ACTIONS]) == ([], [ids[1]], [EXTEND])


@pytest.mark.parametrize("form", ["as_written", "both"])
@pytest.mark.parametrize("wanted", [CANCEL, EXTEND])
def test_changes_that_are_accepted_for_later_keep_it(
    many: Fleet, emulator: Emulator, ids: Ids, form: str, wanted: Raw
) -> None:
    emulator.switch(
        patch_answer="202", accepted_delay=0.2, end_of_term_readback=form, est_conversion_delay=0.0, schedule_drop="all"
    )
    for name in ("rename", "seats", "billing cycle", "reactivation"):
        before = arrange(emulator, ids, CHANGES[name], wanted)
        run = many.run([item(ids, **CHANGES[name])], wait_interval=0.1)
        assert run.errors() == [], name
        assert as_asked(emulator, ids, CHANGES[name]), name
        assert pair(emulator, ids) == before, name


@pytest.mark.parametrize("form", ["as_written", "actions"])
@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
@pytest.mark.parametrize("name", CHANGES)
def test_a_connection_that_is_lost_at_any_request_loses_no_decision(
    many: Fleet, emulator: Emulator, ids: Ids, form: str, fault: str, name: str
) -> None:
    emulator.switch(end_of_term_readback=form, est_conversion_delay=0.0)
    change, number = CHANGES[name], 0
    before = arrange(emulator, ids, change, CANCEL)
    emulator.forget()
    assert many.run([item(ids, **change)]).errors() == []
    requests = len(emulator.requests())
    assert requests >= 4
    for number in range(requests):
        arrange(emulator, ids, change, CANCEL)
        emulator.control("DELETE", "faults")
        emulator.fault(match={"path": "/v1/*"}, skip=number, times=1, action=fault)
        run = many.run([item(ids, **change)])
        assert run.errors() == [], number
        assert as_asked(emulator, ids, change), number
        assert pair(emulator, ids) == before, number


@pytest.mark.parametrize("way", ["immediate", "next_charge", "refused", "a year's term"])
@pytest.mark.parametrize("drops", ["documented", "all", "none"])
@pytest.mark.parametrize("form", ["as_written", "both"])
def test_a_billing_cycle_leaves_it_whatever_becomes_of_the_cycle(
    many: Fleet, emulator: Emulator, ids: Ids, way: str, drops: str, form: str
) -> None:
    emulator.switch(schedule_drop=drops, end_of_term_readback=form, est_conversion_delay=0.0)
    before = arrange(emulator, ids, {}, CANCEL)
    if way == "a year's term":
        # Within which Microsoft changes none.
        emulator.store(ids, termDuration="P1Y")
    else:
        emulator.switch(billing_cycle_change=way)
    run = many.run([item(ids, billing_cycle="annual")])
    assert ("800097" in "".join(run.errors())) is (way in ("refused", "a year's term"))
    stored = emulator.stored(ids)
    assert stored["billingCycle"] == ("annual" if way == "immediate" else "monthly")
    assert ("nextChargeInstructions" in stored) is (way == "next_charge")
    assert pair(emulator, ids) == before
    if not run.errors():
        # What waits for the next charge is as asked, too.
        emulator.forget()
        assert many.run([item(ids, billing_cycle="annual")]).plan == []
        assert emulator.writes() == []


def test_a_write_that_does_not_show_loses_none(many: Fleet, emulator: Emulator, ids: Ids) -> None:
    """The answer is a success, and only what it deletes has happened."""
    emulator.switch(est_conversion_delay=0.0)
    before = arrange(emulator, ids, {}, CANCEL)
    emulator.fault(match={"method": "PATCH"}, times=1, action="empty")
    emulator.hook(ids, on="GET", nth=3, quantity=10)
    run = many.run([item(ids, quantity=4711)])
    assert "does not show the change: quantity is 10" in run.errors()[0]
    assert pair(emulator, ids) == before


def test_a_write_that_does_harm_loses_none(many: Fleet, emulator: Emulator, ids: Ids) -> None:
    emulator.switch(est_conversion_delay="never")
    arrange(emulator, ids, {}, CANCEL)
    emulator.store(ids, autoRenewEnabled=True)
    emulator.fault(match={"method": "PATCH"}, times=1, action="empty")
    emulator.hook(ids, on="GET", nth=3, autoRenewEnabled=False)
    run = many.run([item(ids, quantity=4711)])
    assert "lost or changed what nobody asked for: auto_renew_enabled was true" in run.errors()[0]
    assert pair(emulator, ids)[ACTIONS] == [CANCEL]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "-".join(form.values()))
@pytest.mark.parametrize("action", [CANCEL, EXTEND])
def test_a_suspension_needs_leave_to_delete_it(
    many: Fleet, emulator: Emulator, ids: Ids, form: Raw, action: Raw
) -> None:
    emulator.switch(suspend_turns_auto_renew_off=True, **form)
    before = arrange(emulator, ids, {}, action)
    guard: Raw = {"forbid_statuses": []}
    for mode in ("restore", "refuse"):
        emulator.forget()
        refused = many.run([item(ids, status="suspended")], guard=guard, scheduled_changes=mode)
        assert "end_of_term" in refused.errors()[0]
        assert (pair(emulator, ids), emulator.writes()) == (before, [])
    run = many.run([item(ids, status="suspended")], guard=guard, scheduled_changes="drop")
    assert run.errors() == []
    assert emulator.stored(ids)["status"] == "suspended"
    assert pair(emulator, ids)[ACTIONS] is None
    assert "end_of_term" in "".join(run.warnings)
