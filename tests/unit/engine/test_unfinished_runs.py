# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run that was cut off leaves to the next one: scheduled changes to restore, and warnings."""

from __future__ import annotations

import fcntl
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.opening import left_by_earlier_runs
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.protocol import JournalError
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Target, Write
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import to_rollback
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.recovery import (
    unfinished_warnings as recovery_warnings,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.unfinished_runs import UnfinishedWork

from ..emulators import Emulator
from .fleets import INSTRUCTIONS, Fleet, Run, item

RENEWAL = "scheduled_next_term_instructions"
HERE = {"tenant_id": "11111111-1111-1111-1111-111111111111", "api_url": "https://api.example.com"}


@pytest.fixture
def ids(emulator: Emulator) -> tuple[str, str]:
    return emulator.find("scheduled")


def unfinished_in(journal: Path, **here: t.Any) -> UnfinishedWork:
    return left_by_earlier_runs(str(journal), {**HERE, **here})


def run(many: Fleet, journal: Path, *items: dict[str, t.Any], **options: t.Any) -> tuple[Run, list[str]]:
    """A run as the module makes it, and its warnings about earlier ones."""
    file = FileJournal(str(journal), utc_now)
    left = file.left_by_earlier_runs(HERE)
    file.start(**HERE)
    done = many.run(list(items), journal=file, owed=left.pending_restores, **options)
    file.close({})
    return done, list(recovery_warnings(left, done.fleet.restore_decisions, str(journal)))


def cut_off(many: Fleet, emulator: Emulator, journal: Path, *items: dict[str, t.Any], **options: t.Any) -> None:
    """A run that was killed when its first write was made: the journal ends with that intent and a torn line."""
    first = (items[0]["customer_id"], items[0]["subscription_id"])
    emulator.fault(match={"method": "PATCH", "path": f"*/{first[1]}"}, skip=1, times=None, action="error", status=400)
    size = journal.stat().st_size if journal.exists() else 0
    run(many, journal, *items, threads=1, **options)
    emulator.control("DELETE", "faults")
    earlier, lines = journal.read_bytes()[:size], journal.read_bytes()[size:].splitlines(keepends=True)
    intent = next(number for number, line in enumerate(lines) if json.loads(line)["event"] == "intent")
    journal.write_bytes(earlier + b"".join(lines[: intent + 1]) + lines[intent + 1][:9])
    assert emulator.stored(first).get(INSTRUCTIONS) is None


def instructions(emulator: Emulator, ids: tuple[str, str]) -> t.Any:
    return emulator.stored(ids).get(INSTRUCTIONS)


class TestTheNextRun:
    def test_the_next_run_plans_pending_restores_and_warns(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal, wanted = instructions(emulator, ids), tmp_path / "journal", item(ids, friendly_name="new")
        cut_off(many, emulator, journal, wanted)
        predicted = many.run([wanted], check_mode=True, owed=unfinished_in(journal).pending_restores)
        done, warnings = run(many, journal, wanted)
        assert done.errors() == []
        (entry,) = done.plan
        assert (entry["field"], entry["before"], entry["reversible"]) == (RENEWAL, None, "yes")
        assert entry["policy"].startswith("unfinished run ")
        assert predicted.plan == done.plan
        assert instructions(emulator, ids) == before
        again, uncertain = warnings
        assert "planned again" in again
        assert "1 write may have been made" in uncertain
        assert "friendly_name" in uncertain
        assert unfinished_in(journal) == UnfinishedWork()
        assert run(many, journal, wanted)[1] == []

    @pytest.mark.parametrize("form", ["list", "object"])
    @pytest.mark.parametrize(
        ("kind", "delay"),
        [
            ("cancelled_at_end", 0.0),
            ("cancelled_at_end", "never"),
            ("extended_chosen", "never"),
            ("transition_action", 0.0),
            ("unknown_action", 0.0),
        ],
    )
    def test_the_next_run_restores_whatever_was_to_happen_at_the_end_of_the_term(
        self, many: Fleet, emulator: Emulator, tmp_path: Path, kind: str, delay: t.Any, form: str
    ) -> None:
        emulator.switch(scheduled_actions_form=form, est_conversion_delay=delay)
        ids, journal = emulator.find(kind), tmp_path / "journal"
        before, wanted = emulator.stored(ids), item(emulator.find(kind), friendly_name="new")
        cut_off(many, emulator, journal, wanted)
        # What nobody has decided any more is taken for an extended service term.
        left = emulator.stored(ids).get("scheduledActions")
        assert bool(left) is (kind == "cancelled_at_end" and delay != "never")
        assert left != before["scheduledActions"]
        predicted = many.run([wanted], check_mode=True, owed=unfinished_in(journal).pending_restores)
        done, warnings = run(many, journal, wanted)
        assert (done.errors(), done.plan) == ([], predicted.plan)
        (entry,) = done.plan
        assert (entry["field"], entry["policy"].split()[0]) == ("end_of_term", "unfinished")
        assert emulator.stored(ids) == {**before, "friendlyName": "new"}
        assert "They are planned again" in warnings[0]
        assert run(many, journal, wanted)[1] == []

    def test_pending_restores_count_for_the_guard(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        journal, wanted = tmp_path / "journal", item(ids, friendly_name="new")
        cut_off(many, emulator, journal, wanted)
        with pytest.raises(Exception, match="forbid_fields"):
            many.run([wanted], owed=unfinished_in(journal).pending_restores, guard={"forbid_fields": [RENEWAL]})

    def test_pending_restores_are_made_beside_other_changes_of_the_task(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        emulator.switch(supportcontact_new_commerce="accepted")
        before, journal = instructions(emulator, ids), tmp_path / "journal"
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        done, _warnings = run(
            many,
            journal,
            item(ids, friendly_name="newer", support_contact={"name": "Trey Research", "allow_new_commerce": True}),
        )
        assert done.errors() == []
        assert instructions(emulator, ids) == before
        assert emulator.stored(ids)["friendlyName"] == "newer"

    def test_pending_restores_that_the_task_does_not_cover_are_only_named(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        journal, other = tmp_path / "journal", emulator.find("nce")
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        done, (missing, _uncertain) = run(many, journal, item(other, friendly_name="other"))
        assert done.changed() == [other[1]]
        assert "it does not cover that subscription" in missing
        assert f'"subscription_id": "{ids[1].lower()}"' in missing.lower()
        assert f'"{RENEWAL}": {{' in missing
        (pending,) = unfinished_in(journal).pending_restores.values()
        assert f"fleet_rollback -e journal_path={journal} -e run_id={pending.run}" in missing

    def test_pending_restores_are_reported_once_and_kept_until_they_are_made(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal, other = instructions(emulator, ids), tmp_path / "journal", emulator.find("nce")
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        for number in range(3):
            _done, warnings = run(many, journal, item(other, friendly_name=f"other {number}"))
            assert len(warnings) == (2 if number == 0 else 0)
        done, warnings = run(many, journal, item(ids, friendly_name="new"))
        assert done.errors() == []
        assert "planned again" in warnings[0]
        assert instructions(emulator, ids) == before
        assert unfinished_in(journal) == UnfinishedWork()

    def test_pending_restores_are_kept_by_a_run_that_fails_to_make_them(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal, wanted = instructions(emulator, ids), tmp_path / "journal", item(ids, friendly_name="new")
        cut_off(many, emulator, journal, wanted)
        emulator.fault(match={"method": "PATCH"}, action="error", status=400, code=3000, times=None)
        failed, _warnings = run(many, journal, wanted)
        assert len(failed.errors()) == 1
        emulator.control("DELETE", "faults")
        done, warnings = run(many, journal, wanted)
        assert done.errors() == []
        assert "planned again" in warnings[0]
        assert instructions(emulator, ids) == before

    @pytest.mark.parametrize(
        ("meanwhile", "values", "options", "why"),
        [
            ({"autoRenewEnabled": False}, {}, {}, "does not renew"),
            ({"status": "suspended"}, {}, {}, "not active"),
            ({"termDuration": None}, {}, {}, "renewed since"),
            ({"commitmentEndDate": "2031-01-01T00:00:00Z", "commitmentEndDateTime": None}, {}, {}, "renewed since"),
            ({}, {}, {"scheduled_changes": "drop"}, "scheduled_changes is drop"),
            ({}, {"expect": {RENEWAL: None}}, {}, "the task's expect covers them"),
            ({INSTRUCTIONS: {"quantity": 3}}, {}, {}, None),
            ({}, {"clear_scheduled_next_term_instructions": True}, {}, None),
        ],
    )
    def test_pending_restores_that_may_be_outdated_are_not_planned(
        self,
        many: Fleet,
        emulator: Emulator,
        ids: tuple[str, str],
        tmp_path: Path,
        meanwhile: dict[str, t.Any],
        values: dict[str, t.Any],
        options: dict[str, t.Any],
        why: str | None,
    ) -> None:
        journal = tmp_path / "journal"
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        emulator.store(ids, **meanwhile)
        before = instructions(emulator, ids)
        done, warnings = run(many, journal, item(ids, friendly_name="new", **values), **options)
        assert done.errors() == []
        assert done.plan == []
        assert instructions(emulator, ids) == before
        assert [why in one for one in warnings[:-1]] == ([True] if why else [])


class TestPendingRestores:
    @pytest.mark.parametrize(
        ("values", "options"),
        [
            ({"auto_renew_enabled": False}, {}),
            ({"quantity": 999}, {"scheduled_changes": "drop"}),
            ({"friendly_name": "new", "clear_scheduled_next_term_instructions": True}, {}),
            ({"friendly_name": "new", RENEWAL: {"quantity": 3}}, {}),
            ({"friendly_name": "new"}, {}),
        ],
    )
    def test_a_run_that_ended_well_leaves_no_pending_restore(
        self,
        many: Fleet,
        emulator: Emulator,
        ids: tuple[str, str],
        tmp_path: Path,
        values: dict[str, t.Any],
        options: dict[str, t.Any],
    ) -> None:
        emulator.make_software(ids)
        done, _warnings = run(many, tmp_path / "journal", item(ids, **values), **options)
        assert done.errors() == []
        assert unfinished_in(tmp_path / "journal") == UnfinishedWork()

    def test_a_write_that_deleted_no_schedules_leaves_no_pending_restore(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        """Else whoever removes it later would find it written back."""
        emulator.control("PATCH", "switches", {"schedule_drop": "documented"})
        journal = tmp_path / "journal"
        done, _warnings = run(many, journal, item(ids, friendly_name="new"))
        assert done.errors() == []
        assert unfinished_in(journal) == UnfinishedWork()
        assert to_rollback(journal.read_text(), utc_now())[0] == [
            item(ids, friendly_name=done.plan[0]["before"], expect={"friendly_name": "new"})
        ]
        emulator.store(ids, **{INSTRUCTIONS: None})
        assert [entry["field"] for entry in run(many, journal, item(ids, friendly_name="newer"))[0].plan] == [
            "friendly_name"
        ]
        assert instructions(emulator, ids) is None

    def test_a_cancelled_subscription_leaves_no_pending_restore(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        recent, journal = emulator.find("recent"), tmp_path / "journal"
        emulator.store(recent, **{INSTRUCTIONS: instructions(emulator, ids)})
        cut_off(many, emulator, journal, item(recent, status="deleted"), guard={"forbid_statuses": []})
        assert unfinished_in(journal).pending_restores == {}

    def test_next_charge_instructions_that_are_still_there_leave_no_pending_restore(
        self, many: Fleet, emulator: Emulator, tmp_path: Path
    ) -> None:
        both, journal = emulator.find("scheduled_and_next_charge"), tmp_path / "journal"
        done, _warnings = run(many, journal, item(both, friendly_name="new"))
        assert done.errors() == []
        assert unfinished_in(journal) == UnfinishedWork()
        assert to_rollback(journal.read_text(), utc_now())[1] == []

    @pytest.mark.parametrize("values", [{"friendly_name": "new"}, {"clear_scheduled_next_term_instructions": True}])
    def test_schedules_that_were_set_or_cleared_since_leave_no_pending_restore(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path, values: dict[str, t.Any]
    ) -> None:
        """Set again, or wanted no more: neither comes back when it is gone later."""
        journal = tmp_path / "journal"
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        if "friendly_name" in values:
            emulator.store(ids, **{INSTRUCTIONS: {"quantity": 3}})
        assert run(many, journal, item(ids, **values))[0].plan == []
        assert unfinished_in(journal) == UnfinishedWork()
        emulator.store(ids, **{INSTRUCTIONS: None})
        assert run(many, journal, item(ids, friendly_name="new"))[0].plan == []

    def test_a_failed_restoring_write_leaves_a_pending_restore(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal, wanted = instructions(emulator, ids), tmp_path / "journal", item(ids, friendly_name="new")
        emulator.fault(match={"method": "PATCH", "path": f"*/{ids[1]}"}, skip=1, times=None, action="error", status=400)
        done, _warnings = run(many, journal, wanted)
        assert "could not be written back" in done.errors()[0]
        emulator.control("DELETE", "faults")
        assert unfinished_in(journal).uncertain_writes == ()
        assert run(many, journal, wanted)[0].errors() == []
        assert instructions(emulator, ids) == before

    def test_a_failed_first_write_leaves_no_pending_restore(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        emulator.fault(match={"method": "PATCH"}, action="error", status=400, code=3000, times=None)
        run(many, tmp_path / "journal", item(ids, friendly_name="new"))
        assert unfinished_in(tmp_path / "journal") == UnfinishedWork()

    def test_runs_at_another_tenant_or_address_neither_see_nor_forget_pending_restores(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        journal = tmp_path / "journal"
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        assert len(unfinished_in(journal).pending_restores) == len(unfinished_in(journal).uncertain_writes) == 1
        other = {"tenant_id": "22222222-2222-2222-2222-222222222222"}
        left = unfinished_in(journal, **other)
        assert (left.pending_restores, left.uncertain_writes) == ({}, ())
        assert {tenant for tenant, _one in left.elsewhere} == {HERE["tenant_id"]}
        (warning,) = recovery_warnings(left, {}, str(journal))
        assert ids[1].lower() in warning.lower()
        assert warning.endswith(f"and the credentials for the tenant {HERE['tenant_id']}.")
        assert unfinished_in(journal, tenant_id="contoso.onmicrosoft.com").pending_restores, "it may be the same tenant"
        # Nor is it forgotten when a run elsewhere ends in the same journal.
        file = FileJournal(str(journal), utc_now)
        file.start(**{**HERE, **other})
        file.close({})
        assert unfinished_in(journal, **other).pending_restores == {}
        assert [pending.subscription_id for pending in unfinished_in(journal).pending_restores.values()] == [ids[1]]


class TestReading:
    def test_only_lines_after_the_last_end_are_read(self, tmp_path: Path) -> None:
        """Wherever that is among the blocks that are read backwards."""
        file = tmp_path / "journal"
        for length in (1, 60, 300, 1 << 16):
            file.unlink(missing_ok=True)
            for writes in (300, 7):
                journal = FileJournal(str(file), utc_now)
                journal.start(**HERE)
                for number in range(writes):
                    target = Target("subscription", f"c{number}", f"s{number}")
                    before = {"friendly_name": "\u2028" * length, RENEWAL: {"quantity": number + 1}}
                    journal.intent(Write(target, "change"), before, {}, f"{writes}-{number}", [RENEWAL])
                if writes == 300:
                    journal.close({})
            left = unfinished_in(file)
            # The lock is still held by a run that is under way.
            assert left == UnfinishedWork()
            fcntl.flock(journal._file, fcntl.LOCK_UN)
            left = unfinished_in(file)
            assert len(left.pending_restores) == 300
            assert len(left.uncertain_writes) == 7
            assert left.reported == {key for key in left.pending_restores if int(key[1][1:]) >= 7}

    def test_a_missing_or_empty_journal_leaves_nothing_unfinished(self, tmp_path: Path) -> None:
        assert unfinished_in(tmp_path / "none") == UnfinishedWork()
        (tmp_path / "empty").touch()
        assert unfinished_in(tmp_path / "empty") == UnfinishedWork()

    def test_a_journal_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(JournalError, match=str(tmp_path)):
            unfinished_in(tmp_path)
