# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A journal's file: opened and locked by the run that writes, and read for what earlier runs have left."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import typing as t
from pathlib import Path

from ..._common import private_file
from ..._state.checks import Values
from ..._state.records import journal_lines
from ..._state.records.journal_format import BEGINNING
from ..._state.records.journal_lines import Line
from ..._state.records.unfinished_runs import UnfinishedWork, unfinished_work
from .protocol import JournalError

#: Bytes that are read of an earlier run at a time.
_BLOCK: t.Final = 1 << 16


def opened(path: str) -> int:
    """The journal's file, made where it is missing, and exclusively locked. Raises JournalError."""
    try:
        private_file.make_folder(Path(path).parent)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except (OSError, ValueError) as error:
        raise JournalError(f"The journal {path} cannot be opened: {_os_reason(error)}.") from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        # What is written to a device is not kept, and its mode is not ours to change.
        raise JournalError(f"The journal {path} is not a regular file.")
    if not journal_lines.begins_journal(os.pread(file, len(BEGINNING), 0)):
        os.close(file)
        raise JournalError(
            f"The file {path} is not a journal.", "Name another journal_path. Nothing was written to this one."
        )
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(file, 0o600)
    except OSError as error:
        os.close(file)
        if error.errno in (errno.EACCES, errno.EAGAIN):
            raise JournalError(
                f"The journal {path} is in use by another run.", "Wait for it, or name another journal_path."
            ) from error
        raise JournalError(f"The journal {path} cannot be used: {error.strerror}.") from error
    return file


def _os_reason(error: OSError | ValueError) -> str:
    return str(getattr(error, "strerror", None) or error)


def left_by_earlier_runs(path: str, here: Values) -> UnfinishedWork:
    """
    What runs at this tenant and address have left unfinished, for a run that only looks; nothing where there is no
    journal, or where a run is under way, which has not left anything. Raises JournalError where it cannot be read.
    """
    try:
        # A pipe is not waited for.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return UnfinishedWork()
    except (OSError, ValueError) as error:
        raise JournalError(f"The journal {path} cannot be read: {_os_reason(error)}.") from error
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise JournalError(f"The journal {path} is not a regular file.")
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return unfinished_work(since_last_end(path), here)
    except BlockingIOError:
        return UnfinishedWork()
    except OSError as error:
        raise JournalError(f"The journal {path} cannot be read: {error.strerror}.") from error
    finally:
        os.close(file)


def since_last_end(path: str) -> t.Iterator[Line]:
    """The journal's lines from the last end of a run on; those that are torn are passed over. Raises OSError."""
    with Path(path).open("rb") as file:
        file.seek(_last_end(file))
        yield from journal_lines.readable_lines(file)


def _last_end(file: t.BinaryIO) -> int:
    """Where the line begins that ends the last run that came to its end; 0 where there is none."""
    left, tail = file.seek(0, os.SEEK_END), b""
    while left:
        size = min(_BLOCK, left)
        left = file.seek(left - size)
        first, *lines = (file.read(size) + tail).split(b"\n")
        at = left + len(first) + 1 + sum(len(line) + 1 for line in lines)
        for line in reversed(lines):
            at -= len(line) + 1
            if line and journal_lines.ends_run(line):
                return at
        tail = first
    return 0
