# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Many items at once: queues of resumable work, carried out by a few threads.

Two threads never work on the same queue (one customer's items). Work that waits blocks neither its queue nor a thread.
All waits share one timer.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import typing as t
from collections import deque
from dataclasses import dataclass, field

from .._common.surroundings import Surroundings
from .runtime import Resumable

#: Starts an item's work when its turn has come.
Start = t.Callable[[], Resumable[None]]


@dataclass(slots=True)
class Queue:
    """One customer's items: those that have not begun, and those that have and can go on."""

    waiting: deque[Start]
    ready: deque[Resumable[None]] = field(default_factory=deque)


class _Work:
    """The state that the threads share, all of it under one lock."""

    def __init__(self, queues: t.Iterable[t.Iterable[Start]], surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._clock = surroundings.clock
        self._runnable = deque(Queue(deque(starts)) for starts in queues)
        self._timers: list[tuple[float, int, Queue, Resumable[None]]] = []
        self._resting: set[int] = set()
        self._numbers = itertools.count()
        #: The queue that each thread works on.
        self._busy: dict[int, Queue] = {}
        self._changed = threading.Condition()
        self.defects: list[BaseException] = []

    def work(self) -> None:
        """One thread's life: take a queue, make one step of it, put it back."""
        try:
            while True:
                queue = self._take()
                if queue is None:
                    return
                self._put_back(queue, *self._step(queue))
        except BaseException as defect:  # noqa: BLE001 - it ends this thread and no other
            self.defects.append(defect)
        finally:
            with self._changed:
                self._leave_to_others(self._busy.pop(threading.get_ident(), None))
                self._changed.notify_all()

    def _leave_to_others(self, queue: Queue | None) -> None:
        """What a thread that ends has taken and not put back."""
        if queue is not None and not any(one is queue for one in self._runnable):
            self._resting.discard(id(queue))
            self._runnable.append(queue)

    def _step(self, queue: Queue) -> tuple[float, Resumable[None] | None]:
        """When the work wants to go on, and the work; None where it has ended."""
        try:
            steps = queue.ready.popleft() if queue.ready else queue.waiting.popleft()()
            return self._clock() + next(steps), steps
        except StopIteration:
            return 0.0, None
        except BaseException as defect:  # noqa: BLE001 - it ends this work and no other
            self.defects.append(defect)
            return 0.0, None

    def _take(self) -> Queue | None:
        with self._changed:
            while True:
                self._wake()
                if not (self._runnable or self._timers or self._busy):
                    return None
                if self._runnable:
                    queue = self._runnable.popleft()
                    if queue.ready or queue.waiting:
                        self._busy[threading.get_ident()] = queue
                        return queue
                    continue
                # What waits here knows itself when its wait is called off.
                with self._surroundings.finishing():
                    left = self._timers[0][0] - self._clock() if self._timers else None
                    self._surroundings.wait(self._changed, left)

    def _wake(self) -> None:
        """Work that has waited long enough is ready; a queue without any other work is runnable again."""
        now = self._clock()
        while self._timers and self._timers[0][0] <= now:
            _due, _number, queue, steps = heapq.heappop(self._timers)
            queue.ready.append(steps)
            if id(queue) in self._resting:
                self._resting.discard(id(queue))
                self._runnable.append(queue)

    def _put_back(self, queue: Queue, due: float, steps: Resumable[None] | None) -> None:
        with self._changed:
            if steps is not None:
                heapq.heappush(self._timers, (due, next(self._numbers), queue, steps))
            if queue.ready or queue.waiting:
                self._runnable.append(queue)
            else:
                self._resting.add(id(queue))
            del self._busy[threading.get_ident()]
            self._changed.notify()


def run_queues(queues: t.Iterable[t.Iterable[Start]], threads: int, surroundings: Surroundings) -> list[BaseException]:
    """
    Carry out all queues to their end with up to ``threads`` threads.

    Returns what was raised: it has ended the work or the thread that raised it, and nothing else.
    """
    work = _Work(queues, surroundings)
    surroundings.crew(threads, "fleet", work.work)
    # What no thread was left for.
    work.work()
    return work.defects
