# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Many items at once: lanes of steps, carried out by a few threads.

What stands in one lane (one customer's items) is never worked on by two threads; a step that waits stops neither its
lane nor a thread. All waits share one timer.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
import typing as t
from collections import deque
from dataclasses import dataclass, field

from .runtime import Steps

#: Starts an item's work when its turn has come.
Start = t.Callable[[], Steps[None]]


@dataclass(slots=True)
class _Lane:
    waiting: deque[Start]
    ready: deque[Steps[None]] = field(default_factory=deque)


class _Work:
    """The state that the threads share, all of it under one lock."""

    def __init__(self, lanes: t.Iterable[t.Iterable[Start]], clock: t.Callable[[], float]) -> None:
        self._clock = clock
        self._runnable = deque(_Lane(deque(starts)) for starts in lanes)
        self._timers: list[tuple[float, int, _Lane, Steps[None]]] = []
        self._resting: set[int] = set()
        self._numbers = itertools.count()
        self._busy = 0
        self._changed = threading.Condition()
        self.defect: BaseException | None = None

    def work(self) -> None:
        """One thread's life: take a lane, make one step of it, put it back."""
        while True:
            lane = self._take()
            if lane is None:
                return
            delay: float | None = None
            steps: Steps[None] | None = None
            try:
                steps = lane.ready.popleft() if lane.ready else lane.waiting.popleft()()
                delay = next(steps)
            except StopIteration:
                steps = None
            except BaseException as defect:  # noqa: BLE001 - a defect in a thread must end the whole run, loudly
                self.defect = self.defect or defect
                steps = None
            self._put_back(lane, steps, delay or 0.0)

    def _take(self) -> _Lane | None:
        with self._changed:
            while True:
                self._wake()
                if self.defect is not None or not (self._runnable or self._timers or self._busy):
                    self._changed.notify_all()
                    return None
                if self._runnable:
                    lane = self._runnable.popleft()
                    if lane.ready or lane.waiting:
                        self._busy += 1
                        return lane
                    continue
                self._changed.wait(max(0.0, self._timers[0][0] - self._clock()) if self._timers else None)

    def _wake(self) -> None:
        """Steps that have waited long enough are ready; a lane without any other work is runnable again."""
        now = self._clock()
        while self._timers and self._timers[0][0] <= now:
            _due, _number, lane, steps = heapq.heappop(self._timers)
            lane.ready.append(steps)
            if id(lane) in self._resting:
                self._resting.discard(id(lane))
                self._runnable.append(lane)

    def _put_back(self, lane: _Lane, steps: Steps[None] | None, delay: float) -> None:
        with self._changed:
            self._busy -= 1
            if steps is not None:
                heapq.heappush(self._timers, (self._clock() + delay, next(self._numbers), lane, steps))
            if lane.ready or lane.waiting:
                self._runnable.append(lane)
            else:
                self._resting.add(id(lane))
            self._changed.notify()


def carry_out(
    lanes: t.Iterable[t.Iterable[Start]], threads: int, clock: t.Callable[[], float] = time.monotonic
) -> None:
    """Carry out all lanes to their end with up to ``threads`` threads; raises what a step raises as a defect."""
    work = _Work(lanes, clock)
    crew = [threading.Thread(target=work.work, name=f"fleet-{number}", daemon=True) for number in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    if work.defect is not None:
        raise work.defect
