# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens at the end of a term: declared, kept through other changes, and laid back, against the emulator."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import (
    to_desired,
    to_rollback,
)

from ..emulators import Emulator
from .fleets import INSTRUCTIONS, Fleet, Run, item

CANCEL = {"scheduleType": "TermEnd", "actionType": "Cancel"}
EXTEND = {"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}
RENEWAL = "scheduled_next_term_instructions"
PAIR = ("autoRenewEnabled", "scheduledActions", INSTRUCTIONS)
#: Forms in which the service may answer.
FORMS = [
    {"end_of_term_readback": readback, "scheduled_actions_form": form}
    for readback in ("as_written", "actions", "both")
    for form in ("list", "object")
]


@pytest.fixture
def ids(emulator: Emulator) -> tuple[str, str]:
    """A licence that may go on as an extended service term."""
    found = emulator.all("nce", "active")[0]
    emulator.store(
        found,
        effectiveStartDate="2026-11-01T00:00:00Z",
        commitmentEndDate="2027-10-31T00:00:00Z",
        commitmentEndDateTime="2027-10-31T23:59:59Z",
        termDuration="P1Y",
        autoRenewEnabled=True,
        status="active",
        **{"$unset": ["scheduledActions", INSTRUCTIONS]},
    )
    return found


def pair(emulator: Emulator, ids: tuple[str, str]) -> dict[str, t.Any]:
    stored = emulator.stored(ids)
    return {name: stored.get(name) or None for name in PAIR}


def others(emulator: Emulator, ids: tuple[str, str]) -> dict[str, t.Any]:
    return {name: value for name, value in emulator.stored(ids).items() if name not in PAIR}


def end(emulator: Emulator, ids: tuple[str, str]) -> str:
    return effect.read(emulator.stored(ids)).effect


PRESENT: dict[str, dict[str, t.Any]] = {
    "renew": {"autoRenewEnabled": True},
    "cancel": {"autoRenewEnabled": False, "scheduledActions": [CANCEL]},
    "chosen": {"autoRenewEnabled": False, "scheduledActions": [EXTEND]},
    "backfilled": {"autoRenewEnabled": True, "scheduledActions": [EXTEND]},
    "undecided": {"autoRenewEnabled": False},
}


@pytest.mark.parametrize("switches", FORMS)
@pytest.mark.parametrize("present", PRESENT)
@pytest.mark.parametrize("wanted", effect.CHOICES)
def test_a_decision_is_reached_stays_and_can_be_taken_back(
    many: Fleet,
    emulator: Emulator,
    ids: tuple[str, str],
    tmp_path: Path,
    switches: dict[str, t.Any],
    present: str,
    wanted: str,
) -> None:
    emulator.switch(est_conversion_delay="never", **switches)
    emulator.store(ids, **PRESENT[present])
    before, rest = pair(emulator, ids), others(emulator, ids)
    foretold = many.run([item(ids, end_of_term=wanted)], check_mode=True)
    assert pair(emulator, ids) == before
    journal = FileJournal(str(tmp_path / "journal"), utc_now)
    run = many.run([item(ids, end_of_term=wanted)], journal=journal)
    journal.close({})
    assert run.errors() == []
    assert run.plan == foretold.plan
    assert end(emulator, ids) == wanted
    assert others(emulator, ids) == rest
    assert [entry["field"] for entry in run.plan] in ([], ["end_of_term"])
    emulator.forget()
    again = many.run([item(ids, end_of_term=wanted)])
    assert (again.plan, again.changed(), emulator.writes()) == ([], [], [])
    for source in (run.plan, (tmp_path / "journal").read_text()):
        if run.plan:
            items, left_out = to_rollback(source, utc_now())
            assert left_out == []
            assert many.run(items, is_rollback=True).errors() == []
            assert pair(emulator, ids) == before
            many.run([item(ids, end_of_term=wanted)])
    if run.plan:
        many.run(to_rollback(run.plan, utc_now())[0], is_rollback=True)
        assert many.run(to_desired(run.plan)).changed() != []
        assert end(emulator, ids) == wanted


@pytest.mark.parametrize("switches", FORMS[::2])
@pytest.mark.parametrize("wanted", ["cancel", "extended_service_term"])
def test_a_decision_takes_instructions_with_it_and_a_rollback_brings_them_back(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path, switches: dict[str, t.Any], wanted: str
) -> None:
    scheduled = emulator.stored(emulator.find("scheduled"))[INSTRUCTIONS]
    emulator.switch(est_conversion_delay="never", **switches)
    emulator.store(ids, **{INSTRUCTIONS: scheduled})
    before = pair(emulator, ids)
    refused = many.run([item(ids, end_of_term=wanted)], scheduled_changes="refuse")
    assert RENEWAL in refused.errors()[0]
    assert emulator.writes() == []
    journal = FileJournal(str(tmp_path / "journal"), utc_now)
    run = many.run([item(ids, end_of_term=wanted)], journal=journal)
    journal.close({})
    assert run.errors() == []
    assert [(entry["field"], entry["after"]) for entry in run.plan] == [("end_of_term", wanted), (RENEWAL, None)]
    assert len(emulator.writes()) == 1
    assert pair(emulator, ids)[INSTRUCTIONS] is None
    for source in (run.plan, (tmp_path / "journal").read_text()):
        items, left_out = to_rollback(source, utc_now())
        assert left_out == []
        undone = many.run(items, is_rollback=True)
        assert undone.errors() == []
        assert effect.instructions(emulator.stored(ids))["quantity"] == scheduled["quantity"]
        assert end(emulator, ids) == "renew"
        many.run([item(ids, end_of_term=wanted)])
    assert before[INSTRUCTIONS] is not None


@pytest.mark.parametrize("wanted", ["renew", "cancel", "extended_service_term"])
def test_a_decision_and_an_immediate_change_are_made_together(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], wanted: str
) -> None:
    for present in PRESENT.values():
        emulator.store(ids, quantity=10, **{"scheduledActions": None, **present})
        run = many.run([item(ids, end_of_term=wanted, quantity=4711)])
        assert run.errors() == []
        assert (end(emulator, ids), emulator.stored(ids)["quantity"]) == (wanted, 4711)
        # Partner Center's own mark beside auto-renew stays where just that is asked.
        is_decided = present is PRESENT["backfilled"] and wanted == "extended_service_term"
        assert effect.read(emulator.stored(ids)).decided is not is_decided
        assert many.run([item(ids, end_of_term=wanted, quantity=4711)]).plan == []


def test_a_renewal_and_its_instructions_are_one_write(many: Fleet, emulator: Emulator, ids: tuple[str, str]) -> None:
    emulator.store(ids, autoRenewEnabled=False, scheduledActions=[CANCEL])
    refused = many.run([item(ids, **{RENEWAL: {"quantity": 7}})])
    assert "Set end_of_term: renew" in refused.errors()[0]
    refused = many.run([item(ids, auto_renew_enabled=True)])
    assert "Set end_of_term: renew" in refused.errors()[0]
    emulator.forget()
    run = many.run([item(ids, end_of_term="renew", **{RENEWAL: {"quantity": 7}})])
    assert run.errors() == []
    assert len(emulator.writes()) == 1
    assert effect.instructions(emulator.stored(ids))["quantity"] == 7
    assert end(emulator, ids) == "renew"


@pytest.mark.parametrize("kind", ["transition_action", "unknown_action", "custom_date_action"])
def test_instructions_are_refused_where_another_action_would_win(many: Fleet, emulator: Emulator, kind: str) -> None:
    ids, wanted = emulator.find(kind), {RENEWAL: {"quantity": 80}}
    emulator.store(ids, autoRenewEnabled=True)
    assert "Set end_of_term: renew" in many.run([item(ids, **wanted)]).errors()[0]
    policy = {"name": "p", "match": {"subscription_id": ids[1]}, "set": {"auto_renew_enabled": True, **wanted}}
    assert "would have no effect" in many.run(policies=[policy], customers=[ids[0]]).errors()[0]
    assert emulator.writes() == []
    assert many.run([item(ids, auto_renew_enabled=True)]).errors() == []
    assert many.run([item(ids, end_of_term="renew", **wanted)]).errors() == []
    assert effect.instructions(emulator.stored(ids))["quantity"] == 80


class TestAutoRenewOff:
    """Since May 2026 it is no end of its own."""

    def test_is_refused_before_any_write(self, many: Fleet, emulator: Emulator, ids: tuple[str, str]) -> None:
        run = many.run([item(ids, auto_renew_enabled=False)])
        assert "end_of_term: cancel" in run.errors()[0]
        assert "end_of_term: extended_service_term" in run.errors()[0]
        assert emulator.writes() == []

    def test_is_refused_beside_a_cancellation_which_may_be_refused_itself(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str]
    ) -> None:
        run = many.run([item(ids, auto_renew_enabled=False, status="deleted")], guard={"forbid_statuses": []})
        assert "Leave auto_renew_enabled out" in run.errors()[0]
        assert emulator.writes() == []

    def test_is_said_where_a_failure_leaves_it_off(self, many: Fleet, emulator: Emulator) -> None:
        """The reactivation is made, and what would have turned auto-renew on is refused."""
        ids = emulator.find("suspended_by_partner")
        emulator.fault(match={"method": "PATCH", "path": f"*/{ids[1]}"}, skip=1, times=None, action="error", status=400)
        run = many.run([item(ids, status="active", auto_renew_enabled=True)])
        assert len(run.errors()) == 1
        assert "leaves auto-renew off: after the term it goes on in a paid" in run.outcomes[0].warnings[0]

    def test_is_unchanged_with_a_warning_where_it_is_off(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str]
    ) -> None:
        emulator.store(ids, autoRenewEnabled=False)
        run = many.run([item(ids, auto_renew_enabled=False)])
        assert run.errors() == []
        assert "paid extended service term" in run.outcomes[0].warnings[0]
        assert emulator.writes() == []

    def test_is_said_nothing_of_where_a_cancellation_is_scheduled(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str]
    ) -> None:
        emulator.store(ids, autoRenewEnabled=False, scheduledActions=[CANCEL])
        run = many.run([item(ids, auto_renew_enabled=False)])
        assert (run.errors(), run.outcomes[0].warnings) == ([], ())

    def test_is_what_a_rollback_may_do(self, many: Fleet, emulator: Emulator, ids: tuple[str, str]) -> None:
        emulator.switch(est_conversion_delay="never")
        emulator.store(ids, autoRenewEnabled=False)
        run = many.run([item(ids, auto_renew_enabled=True)])
        items, _left_out = to_rollback(run.plan, utc_now())
        assert "end_of_term: cancel" in many.run(items).errors()[0]
        assert many.run(items, is_rollback=True).errors() == []
        assert emulator.stored(ids)["autoRenewEnabled"] is False


@pytest.mark.parametrize("status", ["expired", "disabled", "deleted"])
@pytest.mark.parametrize("wanted", effect.CHOICES)
def test_nothing_is_decided_when_the_last_term_is_over(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], status: str, wanted: str
) -> None:
    emulator.store(ids, status=status, autoRenewEnabled=False)
    run = many.run([item(ids, end_of_term=wanted)])
    assert f"{status}: its term is over" in run.errors()[0]
    policy = {"name": "p", "match": {"subscription_id": ids[1]}, "set": {"end_of_term": wanted}}
    run = many.run(policies=[policy], customers=[ids[0]])
    assert (run.errors(), run.plan) == ([], [])
    assert emulator.writes() == []


def fields_of(run: Run) -> list[str]:
    return [entry["field"] for entry in run.plan]


def test_an_extended_term_takes_a_name_a_partner_and_a_cancellation(
    many: Fleet, emulator: Emulator, ids: tuple[str, str]
) -> None:
    emulator.store(ids, offerName="Office 365 E3 (Extended Service Term)", termDuration="P1M")
    for values in ({"quantity": 4711}, {"end_of_term": "cancel"}, {"auto_renew_enabled": False}):
        assert "extended service term" in many.run([item(ids, **values)]).errors()[0], values
    assert emulator.writes() == []
    run = many.run([item(ids, friendly_name="n", partner_id="5129461")])
    assert run.errors() == []


def test_an_approved_plan_ends_a_trial_and_a_rollback_takes_it_back(many: Fleet, emulator: Emulator) -> None:
    """Its own instructions, which every trial has, are nothing that was scheduled."""
    trial = emulator.find("trial")
    before = emulator.stored(trial)
    assert before[INSTRUCTIONS] is not None
    assert before["autoRenewEnabled"] is True
    plan = many.run([item(trial, auto_renew_enabled=False)], check_mode=True).plan
    assert many.run(to_desired(plan)).errors() == []
    assert emulator.stored(trial) == {**before, "autoRenewEnabled": False}
    assert many.run(to_rollback(plan, utc_now())[0], is_rollback=True).errors() == []
    assert emulator.stored(trial) == before
    # Nor does a rollback of the purchase.
    emulator.store(trial, autoRenewEnabled=False)
    run = many.run([item(trial, end_of_term="renew")])
    assert many.run(to_rollback(run.plan, utc_now())[0], is_rollback=True).errors() == []
    assert emulator.stored(trial) == {**before, "autoRenewEnabled": False}
