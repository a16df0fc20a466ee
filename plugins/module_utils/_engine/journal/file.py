# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The journal: an append-only file that shows, after whatever happened, which writes may have been made.

What its lines say is in ``_state/records/journal_format.py``.
"""

from __future__ import annotations

import json
import os
import threading
import typing as t
import uuid
from contextlib import contextmanager, suppress
from datetime import datetime

from ..._common.line_file import LineFile
from ..._common.problems import defect
from ..._common.times import utc_text
from ..._state.checks import Values
from ..._state.model import Target, Write
from ..._state.records import journal_format
from ..._state.records.journal_format import End, Event, Intent, Settled, Start, WriteOutcome
from ..._state.records.journal_lines import parse_line
from ..._state.records.journal_room import LONGEST_ERROR, Room
from ..._state.records.unfinished_runs import UnfinishedCollector, UnfinishedWork
from .opening import opened, since_last_end
from .protocol import JournalError


class FileJournal:
    """
    A journal on disk: 0600, and exclusively locked while it is open. Missing folders are created with mode 0700.

    Room is kept on the disk for what the writes under way have still to say: a full disk keeps none of them from being
    finished, and ends the run. Raises JournalError where the file is in use or cannot be opened, and for an intent that
    cannot be written, unless it restores what another write has deleted: that is made in any case. Thread safe; several
    intents that wait for the disk at the same time share one sync.
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
        self._file = opened(path)
        self._unfinished = UnfinishedCollector()
        try:
            self._lines = LineFile(self._file)
            for line in since_last_end(path):
                self._unfinished.add(line)
        except OSError as error:
            os.close(self._file)
            raise JournalError(f"The journal {path} cannot be used: {error.strerror}.") from error
        self._room = Room(len(_end_line(self.run_id, self._unfinished.result())))

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

    def start(
        self, tenant_id: str | None, api_url: str | None, undoes: str | None = None, plan_digest: str | None = None
    ) -> None:
        with self._noted():
            self._append(Start(self._reference, tenant_id, api_url, undoes, plan_digest))

    def intent(
        self, write: Write, before: Values, after: Values, request_id: str, restores: t.Sequence[str] = ()
    ) -> None:
        target = write.target
        ids = target.customer_id, target.subscription_id
        event = Intent(target.kind, *ids, write.step, before, after, request_id, self._reference, restores)
        if write.step == "restore":
            with self._noted():
                self._append(event, sync=True)
            return
        failure = self.failure
        if failure is not None:
            raise failure
        self._append(event, sync=True)

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
            said = None if error is None else _shortened(self._scrub(error))
            self._append(WriteOutcome(request_id, result, correlation_id, said, is_blocked))

    def settled(self, target: Target, names: t.Sequence[str]) -> None:
        with self._noted():
            if names:
                self._append(Settled(target.customer_id, target.subscription_id, names))

    def close(self, summary: Values) -> None:
        """The run's end; what it left on the way to the disk is there afterwards."""
        with self._noted():
            pending = self._unfinished.result().pending_restores
            self._append(End(summary, tuple(pending.values())))
        with self._noted():
            self._lines.cut()
            os.fsync(self._file)
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
        with self._lossless(self._writing):
            self._room.before(event, len(data))
            is_new = isinstance(event, Intent) and event.step != "restore"
            if not is_new and self._lines.has_room(len(data)):
                # It is told with the room that was kept for it.
                with suppress(OSError):
                    self._lines.keep(len(data) + self._room.bytes)
                self._lines.write(data)
            else:
                self._lines.write(data, room=self._room.bytes)
            self._written += 1
            mine = self._written
            self._unfinished.add(parse_line(data))
            self._room.after(event, self._unfinished)
        if sync:
            self._sync(mine)

    @contextmanager
    def _lossless(self, lock: threading.Lock) -> t.Iterator[None]:
        """Hold the lock; raises JournalError where what is done under it fails: the journal then lacks a line."""
        with lock:
            try:
                yield
            except BaseException as error:
                reason = str(error.strerror) if isinstance(error, OSError) else str(defect(error))
                self._lost = self._lost or reason
                if not isinstance(error, OSError):
                    raise
                raise t.cast("JournalError", self.failure) from error

    def _sync(self, mine: int) -> None:
        with self._lossless(self._syncing):
            if self._synced >= mine:
                return
            with self._writing:
                reached = self._written
            os.fsync(self._file)
            self._synced = reached


def _end_line(run_id: str, left: UnfinishedWork) -> bytes:
    return journal_format.to_line(run_id, "", End({}, tuple(left.pending_restores.values())))


def _shortened(error: str) -> str:
    """An error's text as far as there is room for it."""
    while len(json.dumps(error)) > LONGEST_ERROR:
        error = f"{error[: len(error) // 2]}…"
    return error
