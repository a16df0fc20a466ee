# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a line of progress says, and when the counts behind it are noted."""

from __future__ import annotations

import json
import signal
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.action import pc_fleet
from ansible_collections.csp.partner_center.plugins.action.pc_fleet import Watcher, line
from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import Progress

READING = {"phase": "reading", "done": 250, "total": 1000, "requests": 251, "seconds": 30.0, "phase_seconds": 25.0}
WRITING = {**READING, "phase": "writing", "done": 40, "total": 50, "changed": 37, "failed": 3}
NOTHING = {"total": 0, "done": 0, "changed": 0, "failed": 0, "requests": 0, "throttled": 0, "phase_seconds": 0.0}


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"phase": "reading", "seconds": 0.0}, "reading customers"),
        ({"phase": "reading", "seconds": 2.0, "requests": 3}, "reading customers, 90 requests/min"),
        (READING, "reading 250/1000 customers, 502 requests/min, about 75 s left"),
        ({**READING, "done": 50}, "reading 50/1000 customers, 502 requests/min, about 8 min left"),
        ({**READING, "done": 1000}, "reading 1000/1000 customers, 502 requests/min"),
        (
            {**READING, "phase": "planning", "done": 7, "total": 20, "phase_seconds": 7.0},
            "planning 7/20 subscriptions, 502 requests/min, about 13 s left",
        ),
        (WRITING, "writing 40/50 subscriptions, 37 changed, 3 failed, 502 requests/min, about 6 s left"),
        ({**WRITING, "done": 0, "changed": 0}, "writing 0/50 subscriptions, 0 changed, 3 failed, 502 requests/min"),
        (
            {**WRITING, "throttled": 2},
            "writing 40/50 subscriptions, 37 changed, 3 failed, 502 requests/min, throttled 2 times, about 6 s left",
        ),
        (
            {**WRITING, "done": 50, "result_path": "/a/b.json"},
            "writing 50/50 subscriptions, 37 changed, 3 failed, 502 requests/min, result if interrupted: /a/b.json",
        ),
    ],
)
def test_a_progress_line_shows_counts_pace_and_time_left(counts: dict[str, t.Any], said: str) -> None:
    assert line("localhost", {**NOTHING, **counts}) == f"pc_fleet [localhost]: {said}"


class Noted:
    """Progress with a clock of its own, and what it noted."""

    def __init__(self, *paths: Path) -> None:
        self.seconds = 100.0
        self.paths = paths
        self.progress = Progress(*map(str, paths), clock=lambda: self.seconds)

    def read(self, number: int = 0) -> dict[str, t.Any]:
        found: dict[str, t.Any] = json.loads(self.paths[number].read_text())
        return found


def test_counts_are_noted_once_a_second(tmp_path: Path) -> None:
    noted = Noted(tmp_path / "a", tmp_path / "b")
    noted.progress.phase("reading", 3)
    assert noted.read() == noted.read(1)
    assert (noted.read()["phase"], noted.read()["total"], noted.read()["seconds"]) == ("reading", 3, 0.0)
    noted.seconds += 0.9
    noted.progress.finished()
    assert noted.read()["done"] == 0
    noted.seconds += 0.2
    noted.progress.sent("GET", "/v1/customers")
    assert (noted.read()["done"], noted.read()["requests"], noted.read()["seconds"]) == (1, 1, 1.1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_the_last_counts_are_noted(tmp_path: Path) -> None:
    noted = Noted(tmp_path / "a")
    noted.progress.phase("writing", 2)
    noted.progress.finished(changed=True)
    noted.progress.finished(failed=True)
    noted.progress.ended()
    assert [noted.read()[name] for name in ("done", "changed", "failed")] == [2, 1, 1]


def test_a_phase_has_a_time_of_its_own(tmp_path: Path) -> None:
    noted = Noted(tmp_path / "a")
    noted.progress.phase("reading", 1)
    noted.seconds += 60
    noted.progress.phase("writing", 10)
    noted.seconds += 6
    noted.progress.finished(changed=True)
    assert "about 54 s left" in line("h", noted.read())


def test_a_file_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    noted = Noted(tmp_path / "nowhere" / "a", tmp_path / "b")
    noted.progress.phase("reading", 3)
    noted.seconds += 2
    noted.progress.finished()
    assert noted.read(1)["done"] == 1
    assert noted.progress.lost == {str(tmp_path / "nowhere" / "a"): "No such file or directory"}


class Screen:
    """Stands for Ansible's display, and waits for what shall appear."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def display(self, text: str, stderr: bool) -> None:
        assert stderr, "standard output belongs to the callback"
        self.lines.append(text)

    def await_lines(self, count: int) -> None:
        deadline = time.monotonic() + 30
        while len(self.lines) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.lines) >= count, self.lines


def test_signals_are_left_to_the_main_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the worker sleeps through the first one, and its module writes on after the playbook was interrupted."""
    masks: list[set[int]] = []

    class Looking(Watcher):
        def run(self) -> None:
            masks.append({int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())})

    monkeypatch.setattr(pc_fleet.C, "DEFAULT_LOCAL_TMP", str(tmp_path))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    watcher = Looking("host")
    watcher.start()
    watcher.stop()
    assert {signal.SIGINT, signal.SIGTERM} <= masks[0]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_the_watcher_shows_the_progress_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(pc_fleet, "display", screen)
    monkeypatch.setattr(pc_fleet, "INTERVAL", 0.02)
    monkeypatch.setattr(pc_fleet, "QUIET_INTERVAL", 0.1)
    monkeypatch.setattr(pc_fleet.C, "DEFAULT_LOCAL_TMP", str(tmp_path))
    watcher = Watcher("h")
    assert watcher.path.parent.stat().st_mode & 0o777 == 0o700
    watcher.start()
    watcher.path.write_text("{")
    progress = Progress(str(watcher.path))
    progress.phase("reading", 2)
    # While nothing happens, the same again: whoever waits sees that it still waits.
    screen.await_lines(2)
    assert set(screen.lines) == {"pc_fleet [h]: reading 0/2 customers"}
    progress.finished()
    progress.ended()
    deadline = time.monotonic() + 30
    while "reading 1/2" not in screen.lines[-1] and time.monotonic() < deadline:
        time.sleep(0.01)
    watcher.stop()
    assert "reading 1/2" in screen.lines[-1]
    assert list(tmp_path.iterdir()) == []
    assert not watcher.is_alive()
