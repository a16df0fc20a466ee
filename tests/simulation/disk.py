# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A disk for journals: what was written is there while the machine has power, what was synced also after it had none.

It stands in the place of ``os`` and ``fcntl`` in the modules that write journals. Each operation is a step, before
which the process may be killed.
"""

from __future__ import annotations

import errno
import io
import os
import random
import stat
import types
import typing as t
from dataclasses import dataclass, field

from .clockwork import Process, process


@dataclass
class File:
    """``synced``: as it would be after a power cut at once; ``changes``: what has happened to it since."""

    content: bytearray = field(default_factory=bytearray)
    synced: bytes = b""
    changes: list[tuple[int, bytes | None]] = field(default_factory=list)
    locked_by: int | None = None


class Disk:
    """``room``: so many bytes can still be added to all files; None for no end of it."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.room: int | None = None
        self._open: dict[int, tuple[File, Process]] = {}
        self._number = 1000

    def open(self, path: str) -> int:
        self._number += 1
        self._open[self._number] = self.files.setdefault(path, File()), process()
        return self._number

    def file(self, number: int) -> File:
        process().step()
        return self._open[number][0]

    def lock(self, number: int) -> None:
        file = self.file(number)
        if file.locked_by not in (None, number):
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        file.locked_by = number

    def close(self, number: int) -> None:
        file, _owner = self._open.pop(number)
        if file.locked_by == number:
            file.locked_by = None

    def write(self, number: int, data: bytes, offset: int) -> int:
        file = self.file(number)
        missing = max(0, offset + len(data) - len(file.content))
        if self.room is not None and missing > self.room:
            data = data[: len(data) - missing + self.room]
            missing = self.room
            if not data:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self.room is not None:
            self.room -= missing
        file.changes.append((offset, data))
        _write(file.content, offset, data)
        return len(data)

    def cut(self, number: int, size: int) -> None:
        file = self.file(number)
        if self.room is not None:
            self.room += max(0, len(file.content) - size)
        file.changes.append((size, None))
        del file.content[size:]

    def sync(self, number: int) -> None:
        file = self.file(number)
        file.synced = bytes(file.content)
        file.changes.clear()

    def died(self, owner: Process) -> None:
        """A process is gone, and what it had open with it."""
        for number in [number for number, (_file, by) in self._open.items() if by is owner]:
            self.close(number)

    def lose_power(self, draw: random.Random) -> None:
        """Of what was not synced, each part is there or not, the last one perhaps in part."""
        for file in self.files.values():
            content = bytearray(file.synced)
            for place, data in file.changes:
                if draw.random() < 0.5:
                    continue
                if data is None:
                    del content[place:]
                else:
                    kept = data if draw.random() < 0.8 else data[: draw.randrange(len(data) + 1)]
                    _write(content, place, kept)
            file.content, file.synced, file.changes = content, bytes(content), []


def _write(content: bytearray, offset: int, data: bytes) -> None:
    if offset > len(content):
        content += bytes(offset - len(content))
    content[offset : offset + len(data)] = data


class _OfHistory:
    """The disk of the history that is being played."""

    disk: Disk


HERE: t.Final = _OfHistory()


def _fstat(number: int) -> t.Any:
    return types.SimpleNamespace(st_mode=stat.S_IFREG | 0o600, st_size=len(HERE.disk.file(number).content))


def _pread(number: int, count: int, offset: int) -> bytes:
    return bytes(HERE.disk.file(number).content[offset : offset + count])


def _open(path: str, _flags: int, _mode: int = 0) -> int:
    return HERE.disk.open(path)


def _close(number: int) -> None:
    HERE.disk.close(number)


def _pwrite(number: int, data: bytes, offset: int) -> int:
    return HERE.disk.write(number, bytes(data), offset)


def _ftruncate(number: int, size: int) -> None:
    HERE.disk.cut(number, size)


def _fsync(number: int) -> None:
    HERE.disk.sync(number)


def _flock(number: int, _how: int) -> None:
    HERE.disk.lock(number)


def _nothing(*_given: object) -> None:
    pass


#: In place of the module.
OS: t.Final = types.SimpleNamespace(
    O_RDWR=os.O_RDWR,
    O_RDONLY=os.O_RDONLY,
    O_CREAT=os.O_CREAT,
    O_NONBLOCK=os.O_NONBLOCK,
    O_CLOEXEC=os.O_CLOEXEC,
    SEEK_END=os.SEEK_END,
    open=_open,
    close=_close,
    fstat=_fstat,
    fchmod=_nothing,
    pread=_pread,
    pwrite=_pwrite,
    ftruncate=_ftruncate,
    fsync=_fsync,
)
FCNTL: t.Final = types.SimpleNamespace(LOCK_EX=2, LOCK_NB=4, LOCK_SH=1, flock=_flock)


class Path:
    """In place of ``pathlib.Path``, for as much of it as a journal needs."""

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def parent(self) -> str:
        return ""

    def open(self, _mode: str) -> t.BinaryIO:
        process().step()
        return io.BytesIO(bytes(HERE.disk.files[self._path].content))


FOLDERS: t.Final = types.SimpleNamespace(make_folder=_nothing)
