# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reaches the wire for one subscription, and what is left behind."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.reconcile import result_of
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Options
from ansible_collections.csp.partner_center.plugins.module_utils._state.field import ScheduledChanges

from ..emulators import Emulator
from .one_path import OnePath

RENEWAL = "scheduled_next_term_instructions"


def body_of(request: dict[str, t.Any]) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", json.loads(request["body"]))


def values_of(raw: str) -> list[str]:
    """Every number and string of a JSON text, spelled as it is there."""
    numbers: list[str] = []
    json.loads(
        raw, parse_float=lambda text: numbers.append(text) or text, parse_int=lambda text: numbers.append(text) or text
    )
    return numbers


@pytest.mark.parametrize("kind", ["nce", "legacy", "addon", "trial", "azure_plan", "next_charge"])
def test_a_rename_is_one_patch_that_differs_only_in_the_name(path: OnePath, emulator: Emulator, kind: str) -> None:
    ids = emulator.find(kind)
    before = emulator.stored(ids)
    outcome = path.set(ids, friendly_name="Contoso – Zürich")
    assert outcome.error is None
    assert (outcome.changed, result_of(outcome.changes)) == (
        True,
        {"friendly_name": {"before": before["friendlyName"], "after": "Contoso – Zürich"}},
    )
    first = emulator.writes()[0]
    assert (first["method"], first["path"].lower()) == (
        "PATCH",
        "/v1/customers/{}/subscriptions/{}".format(*ids).lower(),
    )
    assert body_of(first) == {**before, "friendlyName": "Contoso – Zürich"}
    assert list(body_of(first)) == list(before)
    assert values_of(first["body"]) == values_of(json.dumps(before))
    assert first["request_id"] == outcome.request_id or kind == "next_charge"
    after = emulator.stored(ids)
    assert {**after, "attributes": None} == {**before, "friendlyName": "Contoso – Zürich", "attributes": None}


def test_seven_digit_dates_and_upper_case_ids_travel_to_the_letter(path: OnePath, emulator: Emulator) -> None:
    ids = emulator.find("legacy")
    emulator.store(ids, creationDate="2021-01-14T16:57:15.0966728Z", big=12345678901234567890)
    stored = emulator.stored(ids)
    assert stored["id"] == stored["id"].upper()
    assert path.set((ids[0], ids[1].lower()), friendly_name="new").error is None
    text = emulator.writes()[0]["body"]
    for piece in (
        '"2021-01-14T16:57:15.0966728Z"',
        f'"{stored["id"]}"',
        "12345678901234567890",
        stored["attributes"]["etag"],
    ):
        assert piece in text


def test_a_second_run_writes_nothing(path: OnePath, emulator: Emulator) -> None:
    ids = emulator.find("nce")
    settings: dict[str, t.Any] = {
        "friendly_name": "again",
        "quantity": emulator.stored(ids)["quantity"] + 2,
        "auto_renew_enabled": True,
        RENEWAL: {"quantity": 3},
    }
    assert path.set(ids, **settings).changed
    emulator.forget()
    again = path.set(ids, **settings)
    assert (again.error, again.changed, again.changes, again.request_id) == (None, False, (), None)
    assert [one["method"] for one in emulator.requests()] == ["GET"]


def test_a_change_costs_three_requests(path: OnePath, emulator: Emulator) -> None:
    path.set(emulator.find("nce"), friendly_name="n")
    assert [one["method"] for one in emulator.requests()] == ["GET", "GET", "PATCH"]


@pytest.mark.parametrize(
    "settings",
    [
        {"friendly_name": "n"},
        {"quantity": 200, "auto_renew_enabled": True},
        {RENEWAL: {"quantity": 3}},
        {"quantity": 200, RENEWAL: {"product": {"billing_cycle": "annual"}}},
        {"status": "active", "friendly_name": "m"},
    ],
)
@pytest.mark.parametrize("kind", ["nce", "scheduled"])
def test_check_mode_sends_no_write_and_predicts_the_real_run(
    path: OnePath, emulator: Emulator, settings: dict[str, t.Any], kind: str
) -> None:
    ids = emulator.find(kind)
    foretold = path.set(ids, check_mode=True, **settings)
    assert [one["method"] for one in emulator.requests()] == ["GET"]
    emulator.switch(schedule_drop="none")
    real = path.set(ids, **settings)
    assert real.error is None
    assert (foretold.changed, result_of(foretold.changes)) == (real.changed, result_of(real.changes))
    shown, kept = dict(foretold.resource or {}), dict(emulator.stored(ids))
    for touched_by_the_server in ("attributes", "suspensionReasons", "refundableQuantity", "actions", "links"):
        shown.pop(touched_by_the_server, None)
        kept.pop(touched_by_the_server, None)
    assert shown == kept


class TestScheduledChanges:
    @pytest.mark.parametrize("kind", ["scheduled", "next_charge", "scheduled_and_next_charge"])
    def test_dropped_scheduled_changes_are_written_back(self, path: OnePath, emulator: Emulator, kind: str) -> None:
        ids = emulator.find(kind)
        before = emulator.stored(ids)
        outcome = path.set(ids, friendly_name="n")
        assert outcome.error is None
        assert emulator.stored(ids) == {**before, "friendlyName": "n"}
        bodies = [body_of(write) for write in emulator.writes()]
        for key in ("scheduledNextTermInstructions", "nextChargeInstructions"):
            assert [body.get(key) for body in bodies] == [before.get(key)] * len(bodies)
        assert len(bodies) == (1 if kind == "next_charge" else 2)
        assert list(result_of(outcome.changes)) == ["friendly_name"]

    def test_kept_scheduled_changes_are_not_written_again(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(schedule_drop="documented")
        ids = emulator.find("scheduled")
        before = emulator.stored(ids)
        assert path.set(ids, friendly_name="n").error is None
        assert len(emulator.writes()) == 1
        assert emulator.stored(ids) == {**before, "friendlyName": "n"}

    def test_drop_loses_scheduled_changes_with_a_warning(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("scheduled")
        outcome = path.set(ids, friendly_name="n", options=Options(scheduled_changes="drop"))
        assert outcome.error is None
        assert RENEWAL in outcome.warnings[0]
        assert not emulator.stored(ids).get("scheduledNextTermInstructions")

    def test_refuse_writes_nothing_where_scheduled_changes_would_be_lost(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("scheduled")
        outcome = path.set(ids, quantity=999, options=Options(scheduled_changes="refuse"))
        assert RENEWAL in str(outcome.error)
        assert not outcome.changed
        assert emulator.writes() == []

    def test_scheduled_changes_made_after_the_plan_are_refused(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        instructions = emulator.stored(emulator.find("scheduled"))["scheduledNextTermInstructions"]
        emulator.hook(ids, on="GET", nth=2, scheduledNextTermInstructions=instructions)
        outcome = path.set(ids, quantity=999, options=Options(scheduled_changes="refuse"))
        assert RENEWAL in str(outcome.error)
        assert emulator.writes() == []

    def test_scheduled_changes_made_after_the_plan_are_restored(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        instructions = emulator.stored(emulator.find("scheduled"))["scheduledNextTermInstructions"]
        emulator.hook(ids, on="GET", nth=2, scheduledNextTermInstructions=instructions)
        assert path.set(ids, friendly_name="n").error is None
        assert emulator.stored(ids)["scheduledNextTermInstructions"] == instructions

    def test_new_instructions_are_written_after_the_immediate_change(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("scheduled")
        before = emulator.stored(ids)
        outcome = path.set(ids, quantity=before["quantity"] + 1, **{RENEWAL: {"quantity": 77}})
        assert outcome.error is None
        after = emulator.stored(ids)
        assert after["quantity"] == before["quantity"] + 1
        instructions = {**before["scheduledNextTermInstructions"], "quantity": 77}
        assert after["scheduledNextTermInstructions"] == instructions
        assert len(emulator.writes()) == 2

    def test_a_suspension_that_would_lose_scheduled_changes_is_refused(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("scheduled")
        for check_mode in (True, False):
            outcome = path.set(ids, check_mode=check_mode, status="suspended")
            assert "800091" in str(outcome.error)
        assert emulator.writes() == []
        let_go = path.set(ids, status="suspended", options=Options(scheduled_changes="drop"))
        assert let_go.error is None
        assert emulator.stored(ids)["status"] == "suspended"

    @pytest.mark.parametrize("values", [{"quantity": 999}, {"auto_renew_enabled": False}])
    def test_dropped_scheduled_changes_are_not_in_the_predicted_resource(
        self, path: OnePath, emulator: Emulator, values: dict[str, t.Any]
    ) -> None:
        ids = emulator.find("scheduled")
        emulator.make_software(ids)
        options = Options(scheduled_changes="drop")
        foretold = path.set(ids, check_mode=True, options=options, **values)
        real = path.set(ids, options=options, **values)
        assert "scheduledNextTermInstructions" not in (foretold.resource or {})
        assert "scheduledNextTermInstructions" not in (real.resource or {})

    @pytest.mark.parametrize("mode", ["restore", "drop"])
    @pytest.mark.parametrize("values", [{}, {"friendly_name": "n"}, {RENEWAL: {"quantity": 77}}])
    def test_a_cancellation_drops_scheduled_changes_and_check_mode_predicts_it(
        self, path: OnePath, emulator: Emulator, values: dict[str, t.Any], mode: ScheduledChanges
    ) -> None:
        ids, options = emulator.find("recent"), Options(scheduled_changes=mode)
        instructions = emulator.stored(emulator.find("scheduled"))["scheduledNextTermInstructions"]
        emulator.store(ids, scheduledNextTermInstructions=instructions)
        foretold = path.set(ids, check_mode=True, options=options, status="deleted", **values)
        real = path.set(ids, options=options, status="deleted", **values)
        assert (foretold.error, real.error) == (None, None)
        assert result_of(foretold.changes) == result_of(real.changes)
        for resource in (foretold.resource, real.resource, emulator.stored(ids)):
            assert "scheduledNextTermInstructions" not in (resource or {})

    def test_turning_auto_renew_off_does_not_restore_renewal_instructions(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("scheduled")
        emulator.make_software(ids)
        outcome = path.set(ids, auto_renew_enabled=False)
        assert outcome.error is None
        assert RENEWAL in outcome.warnings[0]
        assert len(emulator.writes()) == 1
        assert emulator.stored(ids)["autoRenewEnabled"] is False

    def test_scheduled_changes_that_cannot_be_written_back_are_reported_as_damage(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("scheduled")
        emulator.fault(match={"method": "PATCH"}, skip=1, action="error", status=400, code=3000, times=None)
        outcome = path.set(ids, friendly_name="n")
        assert "could not be written back" in str(outcome.error)
        assert outcome.changed
        assert list(result_of(outcome.changes)) == ["friendly_name"]
        assert outcome.error is not None
        assert outcome.error.to_dict()["lost"][RENEWAL]["quantity"]

    def test_scheduled_changes_are_restored_when_a_later_write_of_the_item_fails(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("scheduled")
        before = emulator.stored(ids)["scheduledNextTermInstructions"]
        emulator.fault(match={"method": "PATCH"}, skip=1, action="error", status=400, code=3000)
        outcome = path.set(ids, friendly_name="n", **{RENEWAL: {"quantity": 77}})
        assert "3000" in str(outcome.error)
        assert emulator.stored(ids)["scheduledNextTermInstructions"] == before
        assert list(result_of(outcome.changes)) == ["friendly_name"]

    def test_expected_instructions_may_be_dropped_by_the_items_own_first_write(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("scheduled")
        seats = emulator.stored(ids)["scheduledNextTermInstructions"]["quantity"]
        outcome = path.set(
            ids, friendly_name="n", expect={RENEWAL: {"quantity": seats}}, **{RENEWAL: {"quantity": seats + 1}}
        )
        assert outcome.error is None
        assert result_of(outcome.changes)[RENEWAL]["before"]["quantity"] == seats
        assert emulator.stored(ids)["scheduledNextTermInstructions"]["quantity"] == seats + 1

    def test_expected_instructions_changed_by_somebody_else_are_a_conflict(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("scheduled")
        before = emulator.stored(ids)["scheduledNextTermInstructions"]
        others = {**before, "quantity": before["quantity"] + 5}
        emulator.hook(ids, on="GET", nth=3, scheduledNextTermInstructions=others)
        wanted = {RENEWAL: {"quantity": before["quantity"] + 1}}
        outcome = path.set(ids, friendly_name="n", expect={RENEWAL: {"quantity": before["quantity"]}}, **wanted)
        assert "not as expected" in str(outcome.error)
        assert emulator.stored(ids)["scheduledNextTermInstructions"] == others

    def test_instructions_cleared_with_an_immediate_change_are_among_the_changes(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("scheduled")
        outcome = path.set(ids, friendly_name="n", **{f"clear_{RENEWAL}": True})
        assert outcome.error is None
        changes = result_of(outcome.changes)
        assert list(changes) == ["friendly_name", RENEWAL]
        assert changes[RENEWAL]["before"]["quantity"]
        assert changes[RENEWAL]["after"] is None

    @pytest.mark.parametrize("way", ["both", "omission", "null"])
    def test_instructions_are_cleared_by_omission_and_by_null(
        self, path: OnePath, emulator: Emulator, way: str
    ) -> None:
        emulator.switch(clear_instructions_by=way)
        ids = emulator.find("scheduled")
        outcome = path.set(ids, **{f"clear_{RENEWAL}": True})
        assert outcome.error is None
        assert outcome.changes[0].after is None
        assert not emulator.stored(ids).get("scheduledNextTermInstructions")
        emulator.forget()
        assert not path.set(ids, **{f"clear_{RENEWAL}": True}).changed
        assert emulator.writes() == []


class TestStatus:
    def test_a_suspended_subscription_is_reactivated_first(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("suspended")
        before = emulator.stored(ids)
        outcome = path.set(ids, status="active", friendly_name="back")
        assert outcome.error is None
        reactivation, change = map(body_of, emulator.writes())
        assert (reactivation["status"], reactivation["friendlyName"]) == ("active", before["friendlyName"])
        assert (change["status"], change["friendlyName"]) == ("active", "back")
        assert list(result_of(outcome.changes)) == ["friendly_name", "status"]

    def test_a_cancellation_is_written_last(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("recent")
        outcome = path.set(ids, status="deleted", friendly_name="gone")
        assert outcome.error is None
        assert [body_of(one)["status"] for one in emulator.writes()] == ["active", "deleted"]
        assert emulator.stored(ids)["friendlyName"] == "gone"

    def test_writes_before_a_refusal_are_in_the_outcome(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        outcome = path.set(ids, status="deleted", friendly_name="n", **{RENEWAL: {"quantity": 5}})
        assert "900117" in str(outcome.error)
        assert outcome.changed
        assert list(result_of(outcome.changes)) == ["friendly_name", RENEWAL]
        assert outcome.not_started == ()
        assert emulator.stored(ids)["status"] == "active"

    def test_writes_not_started_after_a_failure_are_named(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match={"method": "PATCH"}, action="error", status=400, code=3000)
        outcome = path.set(emulator.find("nce"), friendly_name="n", **{RENEWAL: {"quantity": 5}})
        assert not outcome.changed
        assert outcome.not_started == (f"renewal ({RENEWAL})",)
        assert len(emulator.writes()) == 1


def test_an_unmet_expect_prevents_the_write(path: OnePath, emulator: Emulator) -> None:
    ids = emulator.find("nce")
    seats = emulator.stored(ids)["quantity"]
    outcome = path.set(ids, quantity=seats + 5, expect={"quantity": seats + 1})
    assert "not as expected" in str(outcome.error)
    assert emulator.writes() == []
    assert path.set(ids, quantity=seats + 5, expect={"quantity": seats}).changed


def test_expect_is_checked_again_right_before_the_write(path: OnePath, emulator: Emulator) -> None:
    ids = emulator.find("nce")
    seats = emulator.stored(ids)["quantity"]
    emulator.hook(ids, on="GET", nth=2, quantity=seats + 1)
    outcome = path.set(ids, quantity=seats + 5, expect={"quantity": seats})
    assert "not as expected" in str(outcome.error)
    assert emulator.writes() == []


def test_a_change_reference_travels_with_the_write(path: OnePath, emulator: Emulator) -> None:
    path.set(emulator.find("nce"), friendly_name="n", options=Options(change_reference="CHG0031337"))
    (write,) = emulator.writes()
    headers = {name.lower(): value for name, value in write["headers"].items()}
    assert headers["ms-partnercenter-application"] == "CHG0031337"
