# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What happens while a task runs, counted for its summary and for whoever shows progress."""

from __future__ import annotations

import json
import os
import threading
import time
import typing as t
from dataclasses import asdict, dataclass

from .._common import private_file

#: Seconds between two notes.
_INTERVAL = 1.0
#: Environment variable with the path of the file that the action plugin reads.
PATH_VARIABLE: t.Final = "_PC_FLEET_PROGRESS_PATH"


@dataclass(slots=True)
class Counts:
    """``total`` and ``done`` count what the current phase works on; the rest counts over the whole task."""

    phase: str = "reading"
    total: int = 0
    done: int = 0
    changed: int = 0
    failed: int = 0
    requests: int = 0
    retries: int = 0
    throttled: int = 0


class Progress:
    """
    Thread safe; also the transport's observer. Notes the counts as JSON in each of the paths, once a second at most.

    ``lost``: paths that could not be written, with the reason.
    """

    def __init__(self, *paths: str, clock: t.Callable[[], float] = time.monotonic) -> None:
        self.counts = Counts()
        self.lost: dict[str, str] = {}
        #: Where the result is left if the run is interrupted from now on.
        self.result_path: str | None = None
        self._paths = paths
        self._clock = clock
        self._started = clock()
        self._phase_started = self._started
        self._noted = self._started - _INTERVAL
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """Seconds since the task began."""
        return self._clock() - self._started

    def phase(self, name: str, total: int) -> None:
        with self._lock:
            self.counts.phase, self.counts.total, self.counts.done = name, total, 0
            self._phase_started = self._clock()
            self._note()

    def finished(self, *, changed: bool = False, failed: bool = False, count: int = 1) -> None:
        """So many more of the phase's items are done."""
        with self._lock:
            self.counts.done += count
            self.counts.changed += changed
            self.counts.failed += failed
            self._note()

    def sent(self, _method: str, _path: str) -> None:
        with self._lock:
            self.counts.requests += 1
            self._note()

    def repeated(self) -> None:
        with self._lock:
            self.counts.retries += 1

    def throttled(self, _seconds: float, _scope: str) -> None:
        with self._lock:
            self.counts.throttled += 1

    def ended(self) -> None:
        """The last counts are noted, however short after others."""
        with self._lock:
            self._noted = self._clock() - _INTERVAL
            self._note()

    def _note(self) -> None:
        if not self._paths or self._clock() - self._noted < _INTERVAL:
            return
        self._noted = self._clock()
        in_phase = self._clock() - self._phase_started
        note = {**asdict(self.counts), "seconds": round(self.seconds, 1), "phase_seconds": round(in_phase, 1)}
        if self.result_path is not None:
            note["result_path"] = self.result_path
        for path in self._paths:
            try:
                target = private_file.resolved(path)
                with open(f"{target}.new", "w", encoding="utf-8") as file:  # noqa: PTH123
                    json.dump(note, file)
                os.replace(f"{target}.new", target)  # noqa: PTH105
            except Exception as error:  # noqa: BLE001 - no run is lost because its progress cannot be shown
                self._paths = tuple(one for one in self._paths if one != path)
                self.lost[path] = str(getattr(error, "strerror", None) or error)
