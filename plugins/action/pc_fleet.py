# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Shows how far pc_fleet is while it runs, and nothing else: the module is complete without it.

A module's output is only read when it ends, so the module notes its counts in a file, and this plugin, which runs where
Ansible runs, shows a line from it every few seconds.
"""

from __future__ import annotations

import json
import tempfile
import threading
import typing as t
from pathlib import Path

from ansible import constants as C  # noqa: N812 - the name that every action plugin gives it
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

#: Seconds between two lines.
INTERVAL = 5.0

display = Display()


class ActionModule(ActionBase):
    """Runs the module of the same name; ``progress`` decides whether a line is shown now and then."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        del tmp
        arguments = dict(self._task.args)
        watcher = self._watcher(arguments)
        if watcher is not None:
            arguments["progress_path"] = str(watcher.path)
            watcher.start()
        try:
            result.update(
                self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=bool(self._task.async_val))
            )
        finally:
            # A module in the background goes on when this returns; whoever polls for it still wants to see it.
            if watcher is not None and not self._task.async_val:
                watcher.stop()
        _forget_path(result)
        return result

    def _watcher(self, arguments: t.Mapping[str, t.Any]) -> Watcher | None:
        """None where nothing shall be shown, or the module's file cannot be seen from here."""
        wanted = boolean(arguments.get("progress", True), strict=False)
        here = self._connection.transport == "local" and not self._connection.become
        if not (wanted and here) or arguments.get("progress_path"):
            return None
        return Watcher(Path(tempfile.mkdtemp(prefix="pc_fleet", dir=C.DEFAULT_LOCAL_TMP)) / "progress.json")


class Watcher(threading.Thread):
    """Shows what the module last noted, as long as that changes."""

    def __init__(self, path: Path) -> None:
        super().__init__(name="pc_fleet progress", daemon=True)
        self.path = path
        self._ended = threading.Event()

    def stop(self) -> None:
        self._ended.set()
        self.join(INTERVAL)

    def run(self) -> None:
        shown: dict[str, t.Any] = {}
        while not self._ended.wait(INTERVAL):
            counts = self._read()
            if counts and counts != shown:
                display.display(line(counts))
                shown = counts

    def _read(self) -> dict[str, t.Any]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def line(counts: t.Mapping[str, t.Any]) -> str:
    """One line for people: what is done, what came of it, how fast, and how long it may take."""
    seconds, done, total = counts["seconds"], counts["done"], counts["total"]
    unit = "customers" if counts["phase"] == "reading" else "subscriptions"
    parts = [f"pc_fleet: {counts['phase']} {done}/{total} {unit}"]
    if counts["phase"] == "writing":
        parts += [f"{counts['changed']} changed", f"{counts['failed']} failed"]
    if seconds:
        parts.append(f"{counts['requests'] / seconds * 60:.0f} requests/min")
    if counts["throttled"]:
        parts.append(f"{counts['throttled']} times throttled")
    in_phase = counts["phase_seconds"]
    if 0 < done < total and in_phase:
        parts.append(f"about {in_phase / done * (total - done):.0f} s left")
    return ", ".join(parts)


def _forget_path(result: dict[str, t.Any]) -> None:
    """The path was ours, not the user's."""
    invocation = result.get("invocation")
    if isinstance(invocation, dict) and isinstance(invocation.get("module_args"), dict):
        invocation["module_args"].pop("progress_path", None)
