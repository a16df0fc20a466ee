# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Lines at the end of a file, with room kept on the disk for lines to come."""

from __future__ import annotations

import contextlib
import os
import typing as t

_BLOCK: t.Final = 1 << 16
_EMPTY: t.Final = b"\n\0"


class LineFile:
    """
    Writes lines to an open, locked file. Not thread safe.

    Room is empty lines that are on the disk already. A line takes their place, so that a full disk, a quota or a limit
    on the file's size does not keep it from being written. (A file system that never writes in place, such as ZFS, may
    still refuse it.) What a process that was killed has left of its room, or of a line, the next one finds.
    """

    def __init__(self, file: int) -> None:
        """Raises OSError."""
        self._file = file
        self._end = _end_of_lines(file)
        os.ftruncate(file, self._end)
        if self._end and os.pread(file, 1, self._end - 1) != b"\n":
            # A process that was killed may have left half a line.
            self._write_at(self._end, b"\n")
            self._end += 1
        self._reach = self._end

    def write(self, line: bytes, *, room: int = 0) -> None:
        """
        Write a line where there is room for it and, after it, for ``room`` bytes. Raises OSError; the file is then as
        it was before.
        """
        self.keep(len(line) + room)
        try:
            self._write_at(self._end, line)
        except OSError:
            with contextlib.suppress(OSError):
                self._write_at(self._end, b"\n" * len(line))
            raise
        self._end += len(line)

    def keep(self, room: int) -> None:
        """See that there is room for so many bytes. Raises OSError."""
        while self._reach < self._end + room:
            missing = min(self._end + room - self._reach, _BLOCK)
            self._reach += os.pwrite(self._file, b"\n" * missing, self._reach)

    def has_room(self, room: int) -> bool:
        return self._reach >= self._end + room

    def cut(self) -> None:
        """Give up the room. Raises OSError."""
        os.ftruncate(self._file, self._end)
        self._reach = self._end

    def _write_at(self, offset: int, data: bytes) -> None:
        while data:
            written = os.pwrite(self._file, data, offset)
            offset, data = offset + written, data[written:]


def _end_of_lines(file: int) -> int:
    """Where the last line ends, after its end where it has one; empty lines do not count."""
    end = os.fstat(file).st_size
    while end:
        start = max(0, end - _BLOCK)
        content = os.pread(file, end - start, start)
        kept = content.rstrip(_EMPTY)
        if kept:
            return start + len(kept) + content[len(kept) :].startswith(b"\n")
        end = start
    return 0
