# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook with one pc_fleet task, in processes that can be killed, and what its journal and the server show then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..emulators import Emulator

#: Seconds after which a wait is given up.
LIMIT = 180
NAME = "after the crash"


def until(what: str, true: t.Callable[[], bool]) -> None:
    for _number in range(LIMIT * 20):
        if true():
            return
        time.sleep(0.05)
    pytest.fail(f"waited in vain: {what}")


@dataclass
class Killed:
    """A playbook with one pc_fleet task in a process of its own."""

    emulator: Emulator
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def lines(self) -> list[dict[str, t.Any]]:
        """The journal's whole lines; a process that was killed may have left half a one, and room for others."""
        if not self.journal.exists():
            return []
        *whole, _half = self.journal.read_text().split("\n")
        return [json.loads(line) for line in whole if line.strip()]

    def of(self, event: str) -> list[dict[str, t.Any]]:
        return [line for line in self.lines() if line["event"] == event]

    def start(self, *chosen: tuple[str, str], name: str = NAME) -> None:
        items = [
            {"customer_id": one[0], "subscription_id": one[1], "friendly_name": name}
            for one in chosen or self.emulator.all("nce", "active")
        ]
        task = {"subscriptions": items, "journal_path": str(self.journal), "max_concurrency": 3, "progress": False}
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"group/csp.partner_center.partner_center": self.emulator.connection},
            "tasks": [{"name": "Name them", "csp.partner_center.pc_fleet": task}],
        }
        playbook = self.folder / "play.json"
        playbook.write_text(json.dumps([play]))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PARTNER_CENTER_")}
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("ansible-playbook"), str(playbook)],
                env={**kept, "ANSIBLE_HOME": str(self.folder / "ansible"), "ANSIBLE_LOCALHOST_WARNING": "false"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def module(self) -> int | None:
        """The process that holds the journal open."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                if self.journal in (file.readlink() for file in (entry / "fd").iterdir()):
                    return int(entry.name)
            except OSError:
                continue
        return None

    def end(self) -> int:
        """Waits until the playbook has ended by itself; its exit code."""
        assert self.process is not None
        until("the playbook ends", lambda: t.cast("t.Any", self.process).poll() is not None)
        return int(self.process.returncode)

    def clean_up(self) -> None:
        module = self.module()
        if module is not None:
            os.kill(module, signal.SIGKILL)
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def output(run: Killed) -> str:
    return (run.folder / "output").read_text()[-3000:]


def effective(run: Killed) -> set[str]:
    return {one["request_id"] for one in run.emulator.writes() if one["effective"]}


def the_server_is_at_rest(run: Killed, answer: float) -> None:
    """A request that was under way when its sender died has been served. ``answer``: seconds that one takes at most."""
    until("each request has its answer", lambda: all(one["status"] is not None for one in run.emulator.requests()))
    known = -1
    while known != len(run.emulator.requests()):
        known = len(run.emulator.requests())
        time.sleep(2 * answer)
