# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run that was cut off leaves to the next one: scheduled changes that are to be given back, and what is told."""

from __future__ import annotations

import fcntl
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal import (
    FileJournal,
    JournalError,
    left_by_earlier_runs,
)
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.giving_back import told
from ansible_collections.csp.partner_center.plugins.module_utils._state.journal_rest import LeftOpen
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Target, Write
from ansible_collections.csp.partner_center.plugins.module_utils._state.turning import to_rollback

from .emulator import Emulator
from .fleets import INSTRUCTIONS, Fleet, Run, item

RENEWAL = "scheduled_next_term_instructions"
HERE = {"tenant_id": "11111111-1111-1111-1111-111111111111", "api_url": "https://api.example.com"}


@pytest.fixture
def ids(emulator: Emulator) -> tuple[str, str]:
    return emulator.find("scheduled")


def left_in(journal: Path, **here: t.Any) -> LeftOpen:
    return left_by_earlier_runs(str(journal), {**HERE, **here}, is_ours=False)


def run(many: Fleet, journal: Path, *items: dict[str, t.Any], **options: t.Any) -> tuple[Run, list[str]]:
    """A run as the module makes it, and its warnings about earlier ones."""
    file = FileJournal(str(journal), utc_now)
    left = left_by_earlier_runs(str(journal), HERE, is_ours=True)
    file.start(**HERE)
    done = many.run(list(items), journal=file, owed=left.owed, **options)
    file.close({})
    return done, list(told(left, done.survey.verdicts, str(journal)))


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
    def test_plans_what_is_owed_and_says_so(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal, wanted = instructions(emulator, ids), tmp_path / "journal", item(ids, friendly_name="new")
        cut_off(many, emulator, journal, wanted)
        foretold = many.run([wanted], check_mode=True, owed=left_in(journal).owed)
        done, warnings = run(many, journal, wanted)
        assert done.errors() == []
        (entry,) = done.plan
        assert (entry["field"], entry["before"], entry["reversible"]) == (RENEWAL, None, "yes")
        assert entry["policy"].startswith("unfinished run ")
        assert foretold.plan == done.plan
        assert instructions(emulator, ids) == before
        again, doubtful = warnings
        assert "planned again" in again
        assert "a write may have been made" in doubtful
        assert "friendly_name" in doubtful
        assert left_in(journal) == LeftOpen()
        assert run(many, journal, wanted)[1] == []

    def test_counts_it_with_the_guard(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        journal, wanted = tmp_path / "journal", item(ids, friendly_name="new")
        cut_off(many, emulator, journal, wanted)
        with pytest.raises(Exception, match="forbid_fields"):
            many.run([wanted], owed=left_in(journal).owed, guard={"forbid_fields": [RENEWAL]})

    def test_gives_it_back_beside_what_else_is_asked(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal = instructions(emulator, ids), tmp_path / "journal"
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        done, _warnings = run(
            many, journal, item(ids, friendly_name="newer", support_contact={"name": "Trey Research"})
        )
        assert done.errors() == []
        assert instructions(emulator, ids) == before
        assert emulator.stored(ids)["friendlyName"] == "newer"

    def test_only_names_what_it_is_not_about(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        journal, other = tmp_path / "journal", emulator.find("nce")
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        done, (missing, _doubtful) = run(many, journal, item(other, friendly_name="other"))
        assert done.changed() == [other[1]]
        assert "not about that subscription" in missing
        assert f'"subscription_id": "{ids[1].lower()}"' in missing.lower()
        assert f'"{RENEWAL}": {{' in missing
        (owed,) = left_in(journal).owed.values()
        assert f"fleet_rollback -e journal_path={journal} -e run_id={owed.run}" in missing

    def test_said_once_but_owed_until_it_is_given_back(
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
        assert left_in(journal) == LeftOpen()

    def test_one_that_fails_itself_leaves_it_to_the_one_after(
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
            ({}, {"expect": {RENEWAL: None}}, {}, "expects there"),
            ({INSTRUCTIONS: {"quantity": 3}}, {}, {}, None),
            ({}, {"clear_scheduled_next_term_instructions": True}, {}, None),
        ],
    )
    def test_leaves_it_where_it_may_be_wrong_by_now(
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


class TestWhatIsOwed:
    @pytest.mark.parametrize(
        ("values", "options"),
        [
            ({"auto_renew_enabled": False}, {}),
            ({"friendly_name": "new"}, {"scheduled_changes": "drop"}),
            ({"friendly_name": "new", "clear_scheduled_next_term_instructions": True}, {}),
            ({"friendly_name": "new", RENEWAL: {"quantity": 3}}, {}),
            ({"friendly_name": "new"}, {}),
        ],
    )
    def test_nothing_by_a_run_that_came_to_its_end(
        self,
        many: Fleet,
        emulator: Emulator,
        ids: tuple[str, str],
        tmp_path: Path,
        values: dict[str, t.Any],
        options: dict[str, t.Any],
    ) -> None:
        done, _warnings = run(many, tmp_path / "journal", item(ids, **values), **options)
        assert done.errors() == []
        assert left_in(tmp_path / "journal") == LeftOpen()

    def test_nothing_that_a_write_did_not_delete(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        """Else whoever removes it later would find it written back."""
        emulator.control("PATCH", "switches", {"schedule_drop": "not_rename"})
        journal = tmp_path / "journal"
        done, _warnings = run(many, journal, item(ids, friendly_name="new"))
        assert done.errors() == []
        assert left_in(journal) == LeftOpen()
        assert to_rollback(journal.read_text(), utc_now())[0] == [
            item(ids, friendly_name=done.plan[0]["before"], expect={"friendly_name": "new"})
        ]
        emulator.store(ids, **{INSTRUCTIONS: None})
        assert [entry["field"] for entry in run(many, journal, item(ids, friendly_name="newer"))[0].plan] == [
            "friendly_name"
        ]
        assert instructions(emulator, ids) is None

    def test_nothing_of_a_subscription_that_is_cancelled(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        recent, journal = emulator.find("recent"), tmp_path / "journal"
        emulator.store(recent, **{INSTRUCTIONS: instructions(emulator, ids)})
        cut_off(many, emulator, journal, item(recent, status="deleted"), guard={"forbid_statuses": []})
        assert left_in(journal).owed == {}

    def test_no_instructions_for_the_next_charge_that_are_there(
        self, many: Fleet, emulator: Emulator, tmp_path: Path
    ) -> None:
        both, journal = emulator.find("scheduled_and_next_charge"), tmp_path / "journal"
        done, _warnings = run(many, journal, item(both, friendly_name="new"))
        assert done.errors() == []
        assert left_in(journal) == LeftOpen()
        assert to_rollback(journal.read_text(), utc_now())[1] == []

    @pytest.mark.parametrize("values", [{"friendly_name": "new"}, {"clear_scheduled_next_term_instructions": True}])
    def test_nothing_that_somebody_has_seen_to_since(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path, values: dict[str, t.Any]
    ) -> None:
        """Set again, or wanted no more: neither comes back when it is gone later."""
        journal = tmp_path / "journal"
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        if "friendly_name" in values:
            emulator.store(ids, **{INSTRUCTIONS: {"quantity": 3}})
        assert run(many, journal, item(ids, **values))[0].plan == []
        assert left_in(journal) == LeftOpen()
        emulator.store(ids, **{INSTRUCTIONS: None})
        assert run(many, journal, item(ids, friendly_name="new"))[0].plan == []

    def test_what_a_run_itself_could_not_give_back(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        before, journal, wanted = instructions(emulator, ids), tmp_path / "journal", item(ids, friendly_name="new")
        emulator.fault(match={"method": "PATCH", "path": f"*/{ids[1]}"}, skip=1, times=None, action="error", status=400)
        done, _warnings = run(many, journal, wanted)
        assert "could not be written back" in done.errors()[0]
        emulator.control("DELETE", "faults")
        assert left_in(journal).doubtful == ()
        assert run(many, journal, wanted)[0].errors() == []
        assert instructions(emulator, ids) == before

    def test_not_what_a_first_write_that_failed_would_have_deleted(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        emulator.fault(match={"method": "PATCH"}, action="error", status=400, code=3000, times=None)
        run(many, tmp_path / "journal", item(ids, friendly_name="new"))
        assert left_in(tmp_path / "journal") == LeftOpen()

    def test_only_by_runs_at_the_same_tenant_and_address(
        self, many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
    ) -> None:
        journal = tmp_path / "journal"
        cut_off(many, emulator, journal, item(ids, friendly_name="new"))
        assert len(left_in(journal).owed) == len(left_in(journal).doubtful) == 1
        other = {"tenant_id": "22222222-2222-2222-2222-222222222222"}
        assert left_in(journal, **other) == LeftOpen()
        # Nor is it forgotten when a run elsewhere ends in the same journal.
        file = FileJournal(str(journal), utc_now)
        file.start(**{**HERE, **other})
        file.close({})
        assert left_in(journal, **other) == LeftOpen()
        assert [owed.subscription_id for owed in left_in(journal).owed.values()] == [ids[1]]


class TestReading:
    def test_nothing_before_the_last_end_is_read(self, tmp_path: Path) -> None:
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
            left = left_in(file)
            # The lock is still held by a run that is under way.
            assert left == LeftOpen()
            fcntl.flock(journal._file, fcntl.LOCK_UN)
            left = left_in(file)
            assert len(left.owed) == 300
            assert len(left.doubtful) == 7
            assert {owed.is_told for key, owed in left.owed.items() if int(key[1][1:]) >= 7} == {True}

    def test_no_journal_and_an_empty_one(self, tmp_path: Path) -> None:
        assert left_in(tmp_path / "none") == LeftOpen()
        (tmp_path / "empty").touch()
        assert left_in(tmp_path / "empty") == LeftOpen()

    def test_one_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(JournalError, match=str(tmp_path)):
            left_in(tmp_path)
