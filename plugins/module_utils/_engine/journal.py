# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The journal: an append-only file that shows, after whatever happened, which writes may have been made.

What its lines say is in ``_state/journal_format.py``.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import threading
import typing as t
import uuid
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from .._common import private_file
from .._common.problems import Problem, defect
from .._common.times import utc_text
from .._state.model import Target, Write
from .._state.records import journal_format
from .._state.records.journal_format import End, Event, Intent, Line, Outcome, Settled, Start
from .._state.records.unfinished_runs import UnfinishedCollector, UnfinishedWork, unfinished_work

Values = t.Mapping[str, t.Any]

#: Bytes that are read of an earlier run at a time.
_BLOCK: t.Final = 1 << 16


class JournalError(Problem):
    """The journal cannot be used, so nothing (more) is written to Partner Center."""


class Journal(t.Protocol):
    """
    Is told of every write before and after; from any thread.

    Only ``intent`` raises: what is done is not undone by a line that is missing. ``failure`` says so afterwards.
    """

    @property
    def failure(self) -> JournalError | None: ...

    def intent(
        self, write: Write, before: Values, after: Values, request_id: str, restores: t.Sequence[str] = ()
    ) -> None: ...

    def outcome(
        self,
        request_id: str,
        result: str,
        correlation_id: str | None = None,
        error: str | None = None,
        *,
        is_blocked: bool = False,
    ) -> None: ...

    def settled(self, target: Target, names: t.Sequence[str]) -> None: ...


class NoJournal:
    """For tasks that keep none."""

    failure: JournalError | None = None

    def intent(
        self, write: Write, before: Values, after: Values, request_id: str, restores: t.Sequence[str] = ()
    ) -> None:
        pass

    def outcome(
        self,
        request_id: str,
        result: str,
        correlation_id: str | None = None,
        error: str | None = None,
        *,
        is_blocked: bool = False,
    ) -> None:
        pass

    def settled(self, target: Target, names: t.Sequence[str]) -> None:
        pass


class FileJournal:
    """
    A journal on disk: 0600, and exclusively locked while it is open. Missing folders are created with mode 0700.

    Raises JournalError where the file is in use or cannot be opened, and for an intent that cannot be written. Once a
    line could not be written, no other is: it would follow half a line. Thread safe; several intents that wait for
    the disk at the same time share one sync.
    """

    def __init__(
        self,
        path: str,
        now: t.Callable[[], datetime],
        change_reference: str | None = None,
        scrub: t.Callable[[str], str] = str,
    ) -> None:
        self.path = path
        self.run_id = str(uuid.uuid4())
        self._now = now
        self._reference = change_reference
        self._scrub = scrub
        self._writing, self._syncing = threading.Lock(), threading.Lock()
        self._written = self._synced = 0
        self._lost: str | None = None
        self._file = _opened(path)
        self._unfinished = UnfinishedCollector()
        try:
            for line in _since_last_end(path):
                self._unfinished.add(line)
        except OSError as error:
            os.close(self._file)
            raise JournalError(f"The journal {path} cannot be read: {error.strerror}.") from error

    def left_by_earlier_runs(self, here: Values) -> UnfinishedWork:
        """What runs at this tenant and address have left unfinished, until this one writes."""
        return self._unfinished.result(here)

    @property
    def failure(self) -> JournalError | None:
        """Why lines are missing at the journal's end; None where it is whole."""
        if self._lost is None:
            return None
        return JournalError(
            f"The journal {self.path} cannot be written: {self._lost}.", "No further write was started."
        )

    def start(self, tenant_id: str | None, api_url: str | None, undoes: str | None = None) -> None:
        with self._noted():
            self._append(Start(self._reference, tenant_id, api_url, undoes))

    def intent(
        self, write: Write, before: Values, after: Values, request_id: str, restores: t.Sequence[str] = ()
    ) -> None:
        target = write.target
        ids = target.customer_id, target.subscription_id
        self._append(
            Intent(target.kind, *ids, write.step, before, after, request_id, self._reference, restores), sync=True
        )

    def outcome(
        self,
        request_id: str,
        result: str,
        correlation_id: str | None = None,
        error: str | None = None,
        *,
        is_blocked: bool = False,
    ) -> None:
        with self._noted():
            said = None if error is None else self._scrub(error)
            self._append(Outcome(request_id, result, correlation_id, said, is_blocked))

    def settled(self, target: Target, names: t.Sequence[str]) -> None:
        with self._noted():
            if names:
                self._append(Settled(target.customer_id, target.subscription_id, names))

    def close(self, summary: Values) -> None:
        """The run's end; what it left on the way to the disk is there afterwards."""
        with self._noted():
            pending = self._unfinished.result().pending_restores
            self._append(End(summary, tuple(pending.values())), sync=True)
        os.close(self._file)

    @contextmanager
    def _noted(self) -> t.Iterator[None]:
        """Whatever keeps a line from being written is the journal's failure, and nothing else's."""
        try:
            yield
        except JournalError:
            pass  # it is noted already
        except Exception as error:  # noqa: BLE001 - what is done is not undone by a line that is missing
            self._lost = self._lost or str(defect(error))

    def _append(self, event: Event, *, sync: bool = False) -> None:
        data = journal_format.to_line(self.run_id, utc_text(self._now()), event)
        with self._whole(self._writing):
            _write_all(self._file, data)
            self._written += 1
            mine = self._written
            self._unfinished.add(journal_format.parse(data))
        if sync:
            self._sync(mine)

    @contextmanager
    def _whole(self, lock: threading.Lock) -> t.Iterator[None]:
        """Hold the lock over a journal that is whole so far; raises JournalError where it is not, or not any more."""
        with lock:
            try:
                if self._lost is None:
                    yield
                    return
            except OSError as error:
                self._lost = str(error.strerror)
            except BaseException as error:
                # There may be half a line, which no other can follow.
                self._lost = str(defect(error))
                raise
            raise t.cast("JournalError", self.failure)

    def _sync(self, mine: int) -> None:
        with self._whole(self._syncing):
            if self._synced >= mine:
                return
            with self._writing:
                reached = self._written
            os.fsync(self._file)
            self._synced = reached


def _opened(path: str) -> int:
    try:
        private_file.make_folder(Path(path).parent)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JournalError(f"The journal {path} cannot be opened: {error.strerror}.") from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        # What is written to a device is not kept, and its mode is not ours to change.
        raise JournalError(f"The journal {path} is not a regular file.")
    if not journal_format.begins_journal(os.pread(file, len(journal_format.BEGINNING), 0)):
        os.close(file)
        raise JournalError(
            f"The file {path} is not a journal.", "Name another journal_path. Nothing was written to this one."
        )
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(file, 0o600)
        _end_last_line(file)
    except OSError as error:
        os.close(file)
        if error.errno in (errno.EACCES, errno.EAGAIN):
            raise JournalError(
                f"The journal {path} is in use by another run.", "Wait for it, or name another journal_path."
            ) from error
        raise JournalError(f"The journal {path} cannot be used: {error.strerror}.") from error
    return file


def _end_last_line(file: int) -> None:
    """A run that was killed may have left half a line."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        os.write(file, b"\n")


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def left_by_earlier_runs(path: str, here: Values) -> UnfinishedWork:
    """
    What runs at this tenant and address have left unfinished, for a run that only looks; nothing where there is no
    journal, or where a run is under way, which has not left anything. Raises JournalError where it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return unfinished_work(_since_last_end(path), here)
    except (FileNotFoundError, BlockingIOError):
        return UnfinishedWork()
    except OSError as error:
        raise JournalError(f"The journal {path} cannot be read: {error.strerror}.") from error


def _since_last_end(path: str) -> t.Iterator[Line]:
    """The journal's lines from the last end of a run on; those that are torn are passed over. Raises OSError."""
    with Path(path).open("rb") as file:
        file.seek(_last_end(file))
        yield from journal_format.readable_lines(file)


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
            if journal_format.ends_run(line):
                return at
        tail = first
    return 0
