# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task that is run again while the write of an earlier run is still pending: nothing is lost, and all is told."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.opening import left_by_earlier_runs
from ansible_collections.csp.partner_center.plugins.module_utils._engine.reconcile import result_of
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Options, utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import ResourceOutcome
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import to_rollback
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.unfinished_runs import UnfinishedWork

from ..emulators import Emulator
from .fleets import INSTRUCTIONS, Fleet, Run, item
from .one_path import OnePath

RENEWAL = "scheduled_next_term_instructions"
HERE = {"tenant_id": "11111111-1111-1111-1111-111111111111", "api_url": "https://api.example.com"}
#: A first run that gives up, and leaves its write pending; it would take so many seconds.
GIVES_UP = Options(wait_timeout=1, wait_interval=1)
PENDING = 30
PATCH = {"method": "PATCH"}


@pytest.fixture
def ids(emulator: Emulator) -> tuple[str, str]:
    emulator.switch(patch_answer="202", accepted_delay=PENDING)
    return emulator.find("scheduled")


def left_pending(path: OnePath, ids: tuple[str, str], **values: t.Any) -> ResourceOutcome:
    outcome = path.set(ids, options=GIVES_UP, **values)
    assert "accepted" in str(outcome.error)
    return outcome


class TestOneSubscription:
    @pytest.mark.parametrize("pending_get", ["old", "202", "204", "empty"])
    def test_instructions_survive_a_rerun_that_meets_the_pending_write(
        self, path: OnePath, emulator: Emulator, ids: tuple[str, str], pending_get: str
    ) -> None:
        before = emulator.stored(ids)
        left_pending(path, ids, quantity=200)
        again = path.set(ids, quantity=200)
        assert again.error is None
        after = emulator.stored(ids)
        assert (after["quantity"], after[INSTRUCTIONS]) == (200, before[INSTRUCTIONS])
        # It was this task's change, whichever of its runs sent it.
        assert again.changed
        assert result_of(again.changes) == {"quantity": {"before": before["quantity"], "after": 200}}
        assert path.set(ids, quantity=200).changed is False

    def test_a_run_that_gives_up_says_what_may_go(
        self, path: OnePath, emulator: Emulator, ids: tuple[str, str]
    ) -> None:
        seats = emulator.stored(ids)[INSTRUCTIONS]["quantity"]
        for outcome in (left_pending(path, ids, quantity=200), path.set(ids, quantity=200, options=GIVES_UP)):
            assert outcome.error is not None
            (warning,) = outcome.warnings
            assert f'"quantity": {seats}' in warning
            assert "set them again if they are missing" in warning

    @pytest.mark.parametrize(
        "values",
        [
            {"quantity": 201},
            {"quantity": 200, "friendly_name": "n"},
            {"friendly_name": "n"},
            {"partner_id": "4391507", "quantity": 90},
        ],
    )
    def test_instructions_survive_another_task_that_meets_the_pending_write(
        self, path: OnePath, emulator: Emulator, ids: tuple[str, str], values: dict[str, t.Any]
    ) -> None:
        before = emulator.stored(ids)[INSTRUCTIONS]
        left_pending(path, ids, quantity=200)
        outcome = path.set(ids, **values)
        assert outcome.error is None
        after = emulator.stored(ids)
        assert after[INSTRUCTIONS] == before
        assert after["quantity"] == values.get("quantity", 200)

    def test_instructions_survive_where_the_rerun_is_refused_in_the_end(
        self, path: OnePath, emulator: Emulator, ids: tuple[str, str]
    ) -> None:
        before = emulator.stored(ids)[INSTRUCTIONS]
        left_pending(path, ids, quantity=200)
        emulator.switch(friendly_name_max_length=3)
        # Refused twice for the moment, and then for good.
        emulator.fault(match=PATCH, times=2, action="error", status=409, code=900278)
        path.wait(PENDING - 5)
        outcome = path.set(ids, friendly_name="too long")
        assert "900278" not in str(outcome.error)
        assert emulator.stored(ids)["quantity"] == 200
        assert emulator.stored(ids)[INSTRUCTIONS] == before

    @pytest.mark.parametrize(
        ("method", "mishap"),
        [
            ("GET", {"action": "reset_before"}),
            ("GET", {"action": "reset_after"}),
            ("GET", {"action": "stale_read"}),
            ("PATCH", {"action": "reset_before"}),
            ("PATCH", {"action": "reset_after"}),
            ("PATCH", {"action": "apply_then_status", "status": 503}),
        ],
    )
    def test_instructions_survive_a_mishap_at_any_request_of_the_rerun(
        self, path: OnePath, emulator: Emulator, ids: tuple[str, str], method: str, mishap: dict[str, t.Any]
    ) -> None:
        original = emulator.stored(ids)
        for number in range(6):
            emulator.store(ids, **{"quantity": 50 + number, INSTRUCTIONS: original[INSTRUCTIONS]})
            left_pending(path, ids, quantity=200 + number)
            emulator.fault(match={"method": method, "path": f"*/{ids[1]}"}, skip=number, **mishap)
            again = path.set(ids, quantity=200 + number)
            emulator.control("DELETE", "faults")
            path.wait(2 * PENDING)
            assert again.error is None, number
            assert again.changed
            after = emulator.stored(ids)
            assert (after["quantity"], after[INSTRUCTIONS]) == (200 + number, original[INSTRUCTIONS]), number

    def test_what_a_task_asks_for_is_there_after_it_met_the_pending_write(
        self, path: OnePath, emulator: Emulator, ids: tuple[str, str]
    ) -> None:
        seats = emulator.stored(ids)[INSTRUCTIONS]["quantity"]
        left_pending(path, ids, quantity=200)
        for wanted in (seats, 7):
            outcome = path.set(ids, quantity=200, scheduled_next_term_instructions={"quantity": wanted})
            assert outcome.error is None
            assert emulator.stored(ids)[INSTRUCTIONS]["quantity"] == wanted

    def test_what_a_task_clears_is_not_written_back(
        self, path: OnePath, emulator: Emulator, ids: tuple[str, str]
    ) -> None:
        left_pending(path, ids, quantity=200)
        outcome = path.set(ids, quantity=200, clear_scheduled_next_term_instructions=True)
        assert outcome.error is None
        assert INSTRUCTIONS not in emulator.stored(ids)
        assert list(result_of(outcome.changes)) == ["quantity", RENEWAL]

    def test_what_may_go_goes(self, path: OnePath, emulator: Emulator, ids: tuple[str, str]) -> None:
        left_pending(path, ids, quantity=200)
        outcome = path.set(ids, quantity=200, options=Options(scheduled_changes="drop"))
        assert outcome.error is None
        assert INSTRUCTIONS not in emulator.stored(ids)

    def test_instructions_that_a_renewal_has_used_up_are_not_written_back(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        """A renewal answers 409 while it is queued, and takes the instructions with it on purpose."""
        ids = emulator.find("scheduled")
        emulator.fault(match=PATCH, action="status", status=409, body={"message": "Conflict"})
        later = "2031-01-01T00:00:00Z"
        renewed = {"commitmentEndDate": later, "commitmentEndDateTime": later, INSTRUCTIONS: None}
        emulator.hook(ids, on="GET", nth=3, **renewed)
        outcome = path.set(ids, friendly_name="n")
        assert outcome.error is None
        assert emulator.stored(ids).get(INSTRUCTIONS) is None
        assert emulator.stored(ids)["friendlyName"] == "n"

    @pytest.mark.parametrize(
        ("status", "code", "patience"),
        [(409, None, 120), (409, 800082, 120), (400, 800082, 120), (400, 900280, 120), (409, 900280, 120)],
    )
    def test_a_subscription_that_is_not_ready_is_waited_for_two_minutes(
        self, path: OnePath, emulator: Emulator, status: int, code: int | None, patience: int
    ) -> None:
        rule: dict[str, t.Any] = {"action": "error", "status": status, "code": code}
        if code is None:
            rule = {"action": "status", "status": status, "body": {"message": "Conflict"}}
        emulator.fault(match=PATCH, times=3, **rule)
        assert path.set(emulator.find("nce"), friendly_name="n").error is None
        assert 0 < path.seconds < patience
        emulator.control("DELETE", "faults")
        emulator.fault(match=PATCH, times=None, **rule)
        path.seconds = 0
        outcome = path.set(emulator.find("nce"), friendly_name="m")
        assert f"answered {status}" in str(outcome.error)
        assert path.seconds == pytest.approx(patience)
        path.seconds = 0
        short = path.set(emulator.find("nce"), friendly_name="m", options=Options(wait_timeout=20))
        assert f"answered {status}" in str(short.error)
        assert path.seconds == pytest.approx(20)

    def test_nothing_is_waited_for_with_wait_false(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match=PATCH, action="error", status=409, code=800082)
        outcome = path.set(emulator.find("nce"), friendly_name="n", options=Options(wait=False))
        assert "800082" in str(outcome.error)
        assert path.seconds == 0


def fleet_run(many: Fleet, journal: Path, *items: dict[str, t.Any], **options: t.Any) -> Run:
    file = FileJournal(str(journal), utc_now)
    left = file.left_by_earlier_runs(HERE)
    file.start(**HERE)
    done = many.run(list(items), journal=file, owed=left.pending_restores, **options)
    file.close({})
    return done


def unfinished_in(journal: Path) -> UnfinishedWork:
    return left_by_earlier_runs(str(journal), HERE)


@pytest.mark.parametrize("values", [{"quantity": 201}, {"quantity": 200}, {"friendly_name": "n"}])
def test_a_fleet_that_meets_a_pending_write_keeps_what_it_saw(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], values: dict[str, t.Any]
) -> None:
    """Also where what the write has done is a conflict with the plan."""
    before = emulator.stored(ids)[INSTRUCTIONS]
    left_pending(many.path, ids, quantity=200)
    emulator.switch(patch_answer="200")
    emulator.fault(match=PATCH, action="error", status=409, code=900278)
    emulator.control("POST", "clock", {"advance": PENDING})
    emulator.store(ids, quantity=50, **{INSTRUCTIONS: before})
    emulator.hook(ids, on="GET", nth=3, quantity=200, **{INSTRUCTIONS: None})
    done = many.run([item(ids, **values)], wait_interval=0.05)
    assert [("quantity is 200, expected 50" in one) for one in done.errors()] == (
        [True] if 201 in values.values() else []
    )
    assert emulator.stored(ids)[INSTRUCTIONS] == before


def test_a_run_that_is_told_to_end_meanwhile_says_what_may_go(
    many: Fleet, emulator: Emulator, ids: tuple[str, str]
) -> None:
    seats = emulator.stored(ids)[INSTRUCTIONS]["quantity"]
    left_pending(many.path, ids, quantity=200)
    emulator.forget()
    done = many.run([item(ids, quantity=200)], stopped=lambda: bool(emulator.writes()))
    (outcome,) = done.outcomes
    assert not outcome.attempted
    (warning,) = outcome.warnings
    assert f'"quantity": {seats}' in warning


class TestFleetsWithAJournal:
    def give_up(self, many: Fleet, journal: Path, *items: dict[str, t.Any]) -> None:
        done = fleet_run(many, journal, *items, wait_timeout=1, wait_interval=1)
        assert "accepted" in done.errors()[0]
        assert len(unfinished_in(journal).pending_restores) == 1

    def test_a_rerun_restores_and_settles(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal, wanted = emulator.stored(ids), tmp_path / "journal", item(ids, quantity=200)
        self.give_up(many, journal, wanted)
        emulator.switch(patch_answer="200")
        emulator.fault(match=PATCH, action="error", status=409, code=900278)
        emulator.control("POST", "clock", {"advance": PENDING})
        # The pending write lands between the refusal and the next look.
        emulator.store(ids, quantity=before["quantity"], **{INSTRUCTIONS: before[INSTRUCTIONS]})
        emulator.hook(ids, on="GET", nth=4, quantity=200, **{INSTRUCTIONS: None})
        done = fleet_run(many, journal, wanted, wait_interval=0.05)
        assert done.errors() == []
        assert done.changed() == [ids[1]]
        after = emulator.stored(ids)
        assert (after["quantity"], after[INSTRUCTIONS]) == (200, before[INSTRUCTIONS])
        assert unfinished_in(journal) == UnfinishedWork()
        (back,), left_out = to_rollback(journal.read_text(), utc_now())
        assert (back["quantity"], back["expect"], left_out) == (before["quantity"], {"quantity": 200}, [])

    def test_a_run_that_only_looks_settles_nothing_while_the_write_is_pending(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal = emulator.stored(ids), tmp_path / "journal"
        self.give_up(many, journal, item(ids, quantity=200))
        # A task that finds nothing to do.
        assert fleet_run(many, journal, item(ids, friendly_name=before["friendlyName"])).plan == []
        emulator.control("POST", "clock", {"advance": PENDING})
        assert emulator.stored(ids).get(INSTRUCTIONS) is None
        emulator.switch(patch_answer="200")
        done = fleet_run(many, journal, item(ids, quantity=200))
        assert [entry["field"] for entry in done.plan] == [RENEWAL]
        assert emulator.stored(ids)[INSTRUCTIONS] == before[INSTRUCTIONS]
        assert unfinished_in(journal) == UnfinishedWork()

    def test_a_rerun_that_gives_up_too_settles_nothing(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        """Its own write was refused, which says nothing about the one of the run before."""
        before, journal = emulator.stored(ids), tmp_path / "journal"
        self.give_up(many, journal, item(ids, quantity=200))
        refused = fleet_run(many, journal, item(ids, quantity=200), wait_timeout=0)
        assert "900278" in refused.errors()[0]
        emulator.control("POST", "clock", {"advance": PENDING})
        emulator.switch(patch_answer="200")
        assert fleet_run(many, journal, item(ids, quantity=200)).errors() == []
        assert emulator.stored(ids)[INSTRUCTIONS] == before[INSTRUCTIONS]

    def test_a_run_without_earlier_ones_in_its_journal_keeps_what_it_saw(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal = emulator.stored(ids), tmp_path / "journal"
        left_pending(many.path, ids, quantity=200)
        refused = fleet_run(many, journal, item(ids, quantity=200), wait_timeout=0)
        assert "900278" in refused.errors()[0]
        emulator.control("POST", "clock", {"advance": PENDING})
        emulator.switch(patch_answer="200")
        assert fleet_run(many, journal, item(ids, quantity=200)).errors() == []
        assert emulator.stored(ids)[INSTRUCTIONS] == before[INSTRUCTIONS]

    def test_what_is_there_after_the_write_is_settled(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        """Else whoever removes it later would find it written back."""
        before, journal, wanted = emulator.stored(ids), tmp_path / "journal", item(ids, quantity=200)
        self.give_up(many, journal, wanted)
        emulator.control("POST", "clock", {"advance": PENDING})
        emulator.switch(patch_answer="200")
        emulator.store(ids, **{INSTRUCTIONS: before[INSTRUCTIONS]})
        assert fleet_run(many, journal, wanted).plan == []
        assert unfinished_in(journal) == UnfinishedWork()

    def test_what_is_there_a_day_later_is_settled(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        """No operation takes longer; the write will not be made any more."""
        emulator.switch(accepted_outcome="lost")
        before, journal = emulator.stored(ids), tmp_path / "journal"
        self.give_up(many, journal, item(ids, quantity=200))
        emulator.control("POST", "clock", {"advance": PENDING})
        looks = item(ids, friendly_name=before["friendlyName"])
        fleet_run(many, journal, looks)
        assert len(unfinished_in(journal).pending_restores) == 1
        lines = journal.read_text().splitlines()
        earlier = [json.dumps({**json.loads(line), "time": "2026-01-01T00:00:00Z"}) for line in lines]
        journal.write_text("\n".join(earlier).replace(utc_now().strftime('"time": "%Y-'), '"time": "2025-') + "\n")
        fleet_run(many, journal, looks)
        assert unfinished_in(journal) == UnfinishedWork()


class TestWhatIsNotAnsweredAndThenRefused:
    """Applied, not answered, not seen by one read, and refused when it is sent again."""

    @pytest.mark.parametrize("status", [400, 403, 404])
    @pytest.mark.parametrize("reads_behind", [1, 2])
    def test_is_reported_as_made(
        self, many: Fleet, emulator: Emulator, tmp_path: Path, status: int, reads_behind: int
    ) -> None:
        ids = emulator.find("scheduled")
        before, journal = emulator.stored(ids), tmp_path / "journal"
        emulator.fault(match=PATCH, action="reset_after")
        emulator.fault(match=PATCH, action="error", status=status, code=3000)
        emulator.fault(
            match={"method": "GET", "path": "*/subscriptions/*"}, skip=2, action="stale_read", times=reads_behind
        )
        done = fleet_run(many, journal, item(ids, quantity=200))
        assert done.errors() == []
        assert done.changed() == [ids[1]]
        assert emulator.stored(ids)[INSTRUCTIONS] == before[INSTRUCTIONS]
        lines = [json.loads(line) for line in journal.read_text().splitlines()]
        assert {line["result"] for line in lines if line["event"] == "outcome"} == {"unknown", "applied"}
        assert [line["result"] for line in lines if line["event"] == "outcome"][-1] == "applied"

    def test_is_a_refusal_where_it_never_shows(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match=PATCH, action="reset_before")
        emulator.fault(match=PATCH, action="error", status=400, code=3000)
        outcome = path.set(emulator.find("nce"), quantity=200)
        assert "3000" in str(outcome.error)
        assert not outcome.changed
        # It is looked for, and not sent a third time.
        assert [one["method"] for one in emulator.requests()].count("PATCH") == 2
        assert [one["method"] for one in emulator.requests()][-4:] == ["GET"] * 4

    def test_is_not_known_where_its_own_write_stays_pending(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match=PATCH, action="reset_before")
        emulator.fault(match=PATCH, action="error", status=409, code=900278, times=None)
        outcome = path.set(emulator.find("nce"), quantity=200, options=Options(wait_timeout=10))
        assert "is not known" in str(outcome.error)
        assert "900278" in str(outcome.error)


class TestWhatThePlanSawAndTheReadBeforeTheWriteDoesNot:
    def test_is_read_again(self, path: OnePath, emulator: Emulator) -> None:
        """Another run was between its immediate and its restoring write."""
        ids = emulator.find("scheduled")
        before = emulator.stored(ids)
        emulator.hook(ids, on="GET", nth=2, **{INSTRUCTIONS: None})
        emulator.hook(ids, on="GET", nth=4, **{INSTRUCTIONS: before[INSTRUCTIONS]})
        outcome = path.set(ids, quantity=200)
        assert outcome.error is None
        assert 0 < path.seconds < 30
        after = emulator.stored(ids)
        assert (after["quantity"], after[INSTRUCTIONS]) == (200, before[INSTRUCTIONS])

    @pytest.mark.parametrize("is_fleet", [False, True])
    @pytest.mark.parametrize("is_gone", [False, True])
    @pytest.mark.parametrize("values", [{"quantity": 200}, {"friendly_name": "n"}])
    def test_is_a_conflict_that_says_what_it_was(
        self, many: Fleet, emulator: Emulator, values: dict[str, t.Any], is_gone: bool, is_fleet: bool
    ) -> None:
        ids = emulator.find("scheduled")
        was = emulator.stored(ids)[INSTRUCTIONS]
        theirs = None if is_gone else {**was, "quantity": was["quantity"] + 7}
        emulator.hook(ids, on="GET", nth=2, **{INSTRUCTIONS: theirs})
        error = many.run([item(ids, **values)]).errors()[0] if is_fleet else str(many.path.set(ids, **values).error)
        assert "not as they were when it was read before" in error
        assert f'"quantity": {was["quantity"]}' in error
        assert emulator.writes() == []

    def test_is_none_where_the_list_only_tells_less(self, many: Fleet, emulator: Emulator) -> None:
        ids = emulator.find("scheduled")
        whole = emulator.stored(ids)[INSTRUCTIONS]
        product = {**whole["product"], "promotionId": "39NFJQT1PFPL:0001:39NFJQT1Q5KM"}
        emulator.hook(ids, on="GET", nth=2, **{INSTRUCTIONS: {**whole, "product": product}})
        assert many.run([item(ids, quantity=200)]).errors() == []
        assert emulator.stored(ids)[INSTRUCTIONS]["product"] == product

    def test_is_a_conflict_where_somebody_has_made_the_change_and_lost_them(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("scheduled")
        emulator.hook(ids, on="GET", nth=2, quantity=200, **{INSTRUCTIONS: None})
        outcome = path.set(ids, quantity=200)
        assert "not as they were" in str(outcome.error)
        assert not outcome.changed

    def test_does_not_matter_where_it_may_go(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("scheduled")
        emulator.hook(ids, on="GET", nth=2, **{INSTRUCTIONS: None})
        assert path.set(ids, quantity=200, options=Options(scheduled_changes="drop")).error is None

    def test_a_write_that_is_not_waited_for_waits_where_something_is_to_be_restored(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        """Also where it was scheduled after the plan was made."""
        emulator.switch(patch_answer="202", accepted_delay=12)
        ids = emulator.all("nce", "active")[0]
        theirs = {**emulator.stored(emulator.find("scheduled"))[INSTRUCTIONS], "quantity": 5}
        emulator.hook(ids, on="GET", nth=2, **{INSTRUCTIONS: theirs})
        outcome = path.set(ids, quantity=200, options=Options(wait=False))
        assert outcome.error is None
        path.wait(60)
        assert emulator.stored(ids)[INSTRUCTIONS] == theirs
