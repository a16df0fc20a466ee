# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a journal is kept, and what it keeps there when the disk is full."""

from __future__ import annotations

import errno
import json
import os
import stat
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.opening import left_by_earlier_runs
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.protocol import JournalError
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Target, Write

RENEWAL = "scheduled_next_term_instructions"
TARGET = Target("subscription", "c", "s")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_missing_folders_of_a_journal_are_created_for_their_owner_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    file = tmp_path / "state" / "csp.partner_center" / "journal.jsonl"
    before = os.umask(0o002)
    try:
        FileJournal(str(file), utc_now).close({})
    finally:
        os.umask(before)
    assert file.read_text().count("\n") == 1
    assert [mode(path) for path in (file, *file.parents[:3])] == [0o600, 0o700, 0o700, 0o755]


def test_a_journal_in_the_current_folder_needs_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    FileJournal("journal.jsonl", utc_now).close({})
    assert [entry.name for entry in tmp_path.iterdir()] == ["journal.jsonl"]


def test_a_journal_whose_folder_cannot_be_created_is_named() -> None:
    # Nobody can create anything there, root included.
    file = "/proc/csp.partner_center/state/journal.jsonl"
    with pytest.raises(JournalError) as raised:
        FileJournal(file, utc_now)
    assert str(raised.value) == f"The journal {file} cannot be opened: No such file or directory."


@pytest.mark.parametrize("between", [(), ("state",)])
def test_a_journal_below_a_file_is_named(tmp_path: Path, between: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    file = tmp_path.joinpath("file", *between, "journal.jsonl")
    with pytest.raises(JournalError) as raised:
        FileJournal(str(file), utc_now)
    assert str(raised.value) == f"The journal {file} cannot be opened: Not a directory."


@pytest.mark.parametrize("path", ["a\0b", "fifo", "/dev/full", "/dev/null", "."])
def test_what_cannot_be_a_journal_is_named_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    for use in (lambda: FileJournal(path, utc_now), lambda: left_by_earlier_runs(path, {})):
        with pytest.raises(JournalError, match="The journal "):
            use()


class Disk:
    """A disk with room for what is there already, or for nothing at all; from the ``since``-th write on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, since: int, *, is_broken: bool = False) -> None:
        self.writes, self.since, self.is_broken = 0, since, is_broken
        self.write = os.pwrite
        monkeypatch.setattr(os, "pwrite", self.pwrite)

    def pwrite(self, file: int, data: bytes, offset: int) -> int:
        self.writes += 1
        if self.writes > self.since and (self.is_broken or offset + len(data) > os.fstat(file).st_size):
            # Some of it may fit.
            if len(data) > 1 and not self.is_broken and os.fstat(file).st_size > offset:
                return self.write(file, data[: os.fstat(file).st_size - offset], offset)
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.write(file, data, offset)


def change_with_restore(journal: FileJournal, number: int) -> bool:
    """What a run writes for a subscription with instructions; whether the change was begun."""
    before = {"friendly_name": "é" * 50, RENEWAL: {"quantity": 5, "product": {"sku_id": "x" * 200}}}
    change, restore = Write(TARGET, "change"), Write(TARGET, "restore")
    try:
        journal.intent(change, before, {"friendly_name": "b", RENEWAL: None}, f"change {number}", [RENEWAL])
    except JournalError:
        return False
    journal.outcome(f"change {number}", "applied", "correlation")
    both = {RENEWAL: before[RENEWAL]}
    journal.intent(restore, both, both, f"restore {number}")
    journal.outcome(f"restore {number}", "failed", None, "Ünknown error " * 1_000)
    return True


def lines(path: Path) -> list[dict[str, t.Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("since", range(16))
def test_what_a_write_under_way_has_still_to_say_has_its_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, since: int
) -> None:
    path = tmp_path / "journal"
    journal = FileJournal(str(path), utc_now)
    Disk(monkeypatch, since)
    journal.start("tenant", "https://api")
    begun = [number for number in range(3) if change_with_restore(journal, number)]
    journal.close({"changed": len(begun)})
    assert (journal.failure is None) == (len(begun) == 3)
    told = lines(path)
    for number in begun:
        events = [line["event"] for line in told if line.get("request_id", "").endswith(f" {number}")]
        assert events == ["intent", "outcome", "intent", "outcome"]
    if told:
        assert told[-1]["event"] == "end"
        assert len(told[-1].get("owed", [])) == bool(begun), "the failed restoring write is left to the next run"
    monkeypatch.undo()
    assert len(left_by_earlier_runs(str(path), {}).pending_restores) == bool(begun)
    again = FileJournal(str(path), utc_now)
    assert change_with_restore(again, 9)
    again.close({})
    assert [line["event"] for line in lines(path)][-5:] == ["intent", "outcome", "intent", "outcome", "end"]


@pytest.mark.parametrize("since", range(1, 8))
def test_a_restoring_write_is_made_whatever_became_of_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, since: int
) -> None:
    path = tmp_path / "journal"
    journal = FileJournal(str(path), utc_now)
    journal.start("tenant", "https://api")
    Disk(monkeypatch, since, is_broken=True)
    change_with_restore(journal, 1)
    with pytest.raises(JournalError, match="No space left"):
        journal.intent(Write(TARGET, "change"), {}, {}, "change 2")
    journal.close({})
    assert journal.failure is not None
    monkeypatch.undo()
    assert all(line["event"] in ("start", "intent", "outcome") for line in lines(path) if line)


def test_a_killed_run_leaves_empty_lines_that_the_next_one_writes_over(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    killed = FileJournal(str(path), utc_now)
    killed.start("tenant", "https://api")
    killed.intent(Write(TARGET, "change"), {}, {"friendly_name": "b"}, "change")
    os.close(killed._file)
    assert path.read_text().endswith("\n\n")
    assert len(left_by_earlier_runs(str(path), {}).uncertain_writes) == 1
    FileJournal(str(path), utc_now).close({})
    assert [line["event"] for line in lines(path)] == ["start", "intent", "end"]
