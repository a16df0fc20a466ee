# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Whether the playbook that started this module still lives; without it, nothing new shall be written."""

from __future__ import annotations

import os
import select
import signal
import threading
import typing as t
from pathlib import Path

_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_INTERVAL = 0.5


class ParentWatch:
    """
    Watches the Ansible processes above this one and the signals that ask for an end.

    Not only the parent: that is a shell or a worker, which outlives a playbook that was killed. Processes that were
    not there at the beginning are not waited for, so a module in the background (``async``) lives on its own.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._ancestors = _ansible_ancestors()
        self._before: dict[int, t.Any] = {}
        self._heard = -1
        self._wakeup = -1, -1
        self._thread = threading.Thread(target=self._watch, name="parent watch", daemon=True)

    def __enter__(self) -> ParentWatch:
        # Python runs a handler in the main thread, which may not wake from waiting for the others: the system can give
        # a signal to any thread. What it writes here at once does not wait for anybody.
        self._heard, heard = os.pipe()
        os.set_blocking(heard, False)
        self._wakeup = heard, signal.set_wakeup_fd(heard)
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, lambda *_ignored: None)
        self._thread.start()
        return self

    def __exit__(self, *_ignored: object) -> None:
        heard, before = self._wakeup
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(heard)
        self._thread.join()
        os.close(self._heard)

    def stop_requested(self) -> bool:
        """Whether the run was asked to end, or nobody is left to hear its result."""
        return self._asked.is_set()

    def is_heard(self) -> bool:
        """Whether the result will reach somebody, as far as can be told now."""
        return not self._asked.is_set() and not self._is_alone()

    def _watch(self) -> None:
        try:
            self._look_out()
        except Exception:  # noqa: BLE001 - a run that cannot hear any more that it shall end ends at once
            self._asked.set()

    def _look_out(self) -> None:
        while True:
            heard, _none, _nothing = select.select([self._heard], [], [], _INTERVAL)
            numbers = os.read(self._heard, 64) if heard else b""
            if heard and not numbers:
                return
            if _SIGNALS & set(numbers) or self._is_alone():
                self._asked.set()

    def _is_alone(self) -> bool:
        return any(_started(pid) != started for pid, started in self._ancestors.items())


def _ansible_ancestors() -> dict[int, str]:
    """Process id -> time of its start, which tells a process from a later one with the same id."""
    found: dict[int, str] = {}
    pid = os.getppid()
    while pid > 1:
        started = _started(pid)
        if started is None:
            break
        if _is_ansible(pid):
            found[pid] = started
        pid = _parent_of(pid)
    return found


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on; None where there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _started(pid: int) -> str | None:
    stat = _stat(pid)
    # A zombie has ended, whoever has not looked yet.
    return None if stat is None or stat[0] == "Z" else stat[19]


def _parent_of(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[1]) if stat is not None else 0


def _is_ansible(pid: int) -> bool:
    """``/usr/bin/python /usr/bin/ansible-playbook …``, but not a shell whose command only mentions it."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:3]
    except OSError:
        return False
    return any(word.rsplit(b"/", 1)[-1].lower().startswith((b"ansible", b"async_wrapper")) for word in words)
