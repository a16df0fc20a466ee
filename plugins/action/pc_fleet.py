# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Shows how far pc_fleet is while it runs, and nothing else: the module is complete without it.

A module's output is only read when it ends, so the module notes its counts in a file, and this plugin, which runs where
Ansible runs, shows a line from it every few seconds. Lines go to standard error, so that what a callback writes to
standard output (JSON, for one) stays whole. Automation controllers show both.
"""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import threading
import typing as t
from multiprocessing.util import Finalize
from pathlib import Path

from ansible import constants as C  # noqa: N812 - the name that every action plugin gives it
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._common.words import many
from ..module_utils._engine.progress import PATH_VARIABLE

#: Seconds between two looks, and between two lines while nothing happens.
INTERVAL = 5.0
QUIET_INTERVAL = 30.0

display = Display()


class ActionModule(ActionBase):
    """Runs the module of the same name; ``progress`` decides whether a line is shown now and then."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        del tmp
        wrap_async = bool(self._task.async_val)
        environment = self._task.environment
        watcher = self._watcher((task_vars or {}).get("inventory_hostname", ""))
        if watcher is not None:
            # Not an argument: those of a module are in its result.
            self._task.environment = [*(environment or []), {PATH_VARIABLE: str(watcher.path)}]
            watcher.start()
        try:
            result.update(self._execute_module(task_vars=task_vars, wrap_async=wrap_async))
        finally:
            self._task.environment = environment
            if watcher is not None and wrap_async:
                # The module has only begun. Ansible waits for its end in this process, and then ends the process.
                Finalize(None, watcher.stop, exitpriority=0)
            elif watcher is not None:
                watcher.stop()
        return result

    def _watcher(self, host: str) -> Watcher | None:
        """None where nothing shall be shown, nobody waits, or the module's file cannot be seen from here."""
        wanted = boolean(self._task.args.get("progress", True), strict=False)
        here = self._connection.transport == "local" and not self._connection.become
        left_alone = self._task.async_val and not self._task.poll
        return Watcher(host) if wanted and here and not left_alone else None


class Watcher(threading.Thread):
    """Shows what the module last noted in ``path``, until it is stopped."""

    def __init__(self, host: str) -> None:
        super().__init__(name="pc_fleet progress", daemon=True)
        self._host = host
        self._folder = tempfile.mkdtemp(prefix="pc_fleet", dir=C.DEFAULT_LOCAL_TMP)
        self.path = Path(self._folder) / "progress.json"
        self._ended = threading.Event()

    def start(self) -> None:
        # A signal that this thread gets does not wake the main one, which waits for the module and would not hear it.
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)

    def stop(self) -> None:
        self._ended.set()
        self.join(INTERVAL)
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self) -> None:
        shown: dict[str, t.Any] = {}
        quiet = 0.0
        while not self._ended.wait(INTERVAL):
            counts = self._read()
            quiet = quiet + INTERVAL if counts == shown else 0.0
            if counts and (not quiet or quiet >= QUIET_INTERVAL):
                display.display(line(self._host, counts), stderr=True)
                shown, quiet = counts, 0.0

    def _read(self) -> dict[str, t.Any]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def line(host: str, counts: t.Mapping[str, t.Any]) -> str:
    """One line for people: what is done, what came of it, how fast, and how long it may take."""
    phase, done, total = counts["phase"], counts["done"], counts["total"]
    unit = "customers" if phase == "reading" else "subscriptions"
    parts = [f"pc_fleet [{host}]: {phase} {done}/{total} {unit}" if total else f"pc_fleet [{host}]: {phase} {unit}"]
    if phase == "writing":
        parts += [f"{counts['changed']} changed", f"{counts['failed']} failed"]
    if counts["seconds"]:
        parts.append(f"{counts['requests'] / counts['seconds'] * 60:.0f} requests/min")
    if counts["throttled"]:
        parts.append(f"throttled {many(counts['throttled'], 'time')}")
    if 0 < done < total and counts["phase_seconds"]:
        parts.append(f"{_duration(counts['phase_seconds'] / done * (total - done))} left")
    if counts.get("result_path"):
        # Nothing can be shown any more after an interruption, so whichever line is the last one has to say it.
        parts.append(f"result if interrupted: {counts['result_path']}")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    return f"about {seconds:.0f} s" if seconds < 100 else f"about {seconds / 60:.0f} min"
