# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a journal is kept: its folders are made, and a place that cannot be used is named."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal import FileJournal, JournalError
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now


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
