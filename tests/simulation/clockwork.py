# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Threads of which one at a time runs, in a time of their own: which one, a seed decides.

A thread goes on until it waits for something; then the next one has its turn, and the clock stands at its moment. So
nothing takes time, and the same seed gives the same order. Where nobody can go on any more, all of them are ended.
"""

from __future__ import annotations

import contextlib
import heapq
import random
import threading
import types
import typing as t
from datetime import datetime, timezone

from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import (
    STOP_INTERVAL,
    StopRequested,
    Surroundings,
)

#: When every history begins (seconds since the epoch): at noon, no term ends and no window closes within minutes.
EPOCH: t.Final = datetime(2026, 11, 20, 12, tzinfo=timezone.utc).timestamp()
#: A run that takes longer (seconds of its own time) is one without an end.
LONGEST_RUN: t.Final = 6 * 3600.0


class Killed(BaseException):
    """The process is dead: whatever it still wants to do, it does not do."""


class Endless(BaseException):
    """Nobody can go on any more, or somebody goes on for ever."""


class Process:
    """
    One run of the module as the machine sees it. It makes steps: before each, and each time the clock or the disk or
    the network is asked, it may be killed (``kill_at``) or be told to end (``stop_at``). With ``after_write``, these
    steps are counted from its n-th write on.
    """

    def __init__(
        self,
        draw: random.Random,
        *,
        kill_at: int | None = None,
        stop_at: int | None = None,
        after_write: int | None = None,
        log: t.Sized = (),
        most_steps: int = 20_000,
    ) -> None:
        self.draw = draw
        #: How long the log was when the run was told to end.
        self.stopped_at: int | None = None
        self._log = log
        self.steps = 0
        self.is_dead = False
        self.is_stopping = False
        self._kill_at, self._stop_at, self._most = kill_at, stop_at, most_steps
        self._after_write, self._steps_then = after_write, (kill_at, stop_at)
        self._writes = 0
        if after_write is not None:
            self._kill_at = self._stop_at = None

    def step(self) -> None:
        self.steps += 1
        if self.is_dead or self.steps == self._kill_at:
            self.is_dead = True
            raise Killed
        if self.steps == self._stop_at:
            self.is_stopping, self.stopped_at = True, len(self._log)
        if self.steps > self._most:
            raise Endless

    def writes(self) -> None:
        """A write is about to be sent."""
        self._writes += 1
        if self._writes == self._after_write:
            kill_at, stop_at = self._steps_then
            self._kill_at = None if kill_at is None else self.steps + kill_at
            self._stop_at = None if stop_at is None else self.steps + stop_at

    def can_stop(self) -> bool:
        """Whether it is still to be told to end, so that its waits have to look."""
        return self._steps_then[1] is not None


class Task:
    """A thread; ``turn`` tells its last wish to be woken from earlier ones."""

    __slots__ = ("baton", "is_done", "joined_by", "process", "turn")

    def __init__(self, process: Process | None) -> None:
        self.baton = threading.Lock()
        self.baton.acquire()
        self.process = process
        self.turn = 0
        self.is_done = False
        self.joined_by: list[Task] = []


class Kernel:
    """The machine: its time, its threads, whose turn it is."""

    def __init__(self, seed: str) -> None:
        self.now = 0.0
        self.current = Task(None)
        self.until = LONGEST_RUN
        #: Why nobody goes on.
        self.failure: str | None = None
        self._draw = random.Random(f"{seed}/turns")
        self._ids = random.Random(f"{seed}/ids")
        self._queue: list[tuple[float, float, int, Task]] = []
        self._tasks: list[Task] = []

    def new_id(self) -> str:
        """A GUID, as uuid4 gives it."""
        digits = f"{self._ids.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def pause(self, seconds: float) -> None:
        """The current thread goes on so many seconds later; others may come first, also where it is none."""
        if self.failure is not None:
            raise Endless
        if not self._queue:
            self.now += seconds
            self._require_end()
            return
        self._push(self.current, self.now + seconds)
        self._next()

    def block(self, seconds: float | None = None) -> None:
        """The current thread goes on when it is woken, or so many seconds later."""
        if self.failure is not None:
            raise Endless
        self.current.turn += 1
        if seconds is not None:
            self._push(self.current, self.now + seconds)
        self._next()

    def wake(self, task: Task) -> None:
        self._push(task, self.now)

    def spawn(self, work: t.Callable[[], None], process: Process | None) -> Task:
        """A new thread; it begins when its turn comes."""
        task = Task(process)

        def live() -> None:
            task.baton.acquire()
            with contextlib.suppress(BaseException):
                work()
            task.is_done = True
            for waiting in task.joined_by:
                self.wake(waiting)
            following = self._take()
            if following is not None:
                self.current = following
                following.baton.release()

        self._tasks.append(task)
        threading.Thread(target=live, daemon=True).start()
        self._push(task, self.now)
        return task

    def join(self, tasks: t.Iterable[Task]) -> None:
        for task in tasks:
            while not task.is_done:
                task.joined_by.append(self.current)
                try:
                    self.block()
                except Endless:
                    # They are all being ended.
                    self._hand_over(task)

    def _push(self, task: Task, at: float) -> None:
        task.turn += 1
        heapq.heappush(self._queue, (at, self._draw.random(), task.turn, task))

    def _take(self) -> Task | None:
        while self._queue:
            at, _chance, turn, task = heapq.heappop(self._queue)
            if turn == task.turn and not task.is_done:
                self.now = max(self.now, at)
                return task
        self.failure = self.failure or "nobody can go on"
        return next((task for task in self._tasks if not task.is_done), None)

    def _next(self) -> None:
        following, me = self._take(), self.current
        if following is not None and following is not me:
            self.current = following
            following.baton.release()
            me.baton.acquire()
        self._require_end()

    def _hand_over(self, task: Task) -> None:
        """Let a thread that is being ended come to its end."""
        if task.is_done:
            return
        me = self.current
        task.joined_by = [me]
        self._queue.clear()
        self.current = task
        task.baton.release()
        me.baton.acquire()

    def _require_end(self) -> None:
        if self.now > self.until:
            self.failure = self.failure or f"it has not ended after {self.until:.0f} seconds"
        if self.failure is not None:
            raise Endless


class _Machine:
    """The kernel of the history that is being played."""

    kernel: Kernel


MACHINE: t.Final = _Machine()


def process() -> Process:
    """Whose turn it is."""
    found = MACHINE.kernel.current.process
    if found is None:
        raise RuntimeError("no process runs")
    return found


class Lock:
    """Whoever has it may wait within it; the others then wait for the lock."""

    def __init__(self) -> None:
        self._is_held = False
        self._waiting: list[Task] = []

    def __enter__(self) -> Lock:
        while self._is_held:
            self._waiting.append(MACHINE.kernel.current)
            MACHINE.kernel.block()
        self._is_held = True
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_held = False
        for task in self._waiting:
            MACHINE.kernel.wake(task)
        self._waiting.clear()


class Condition:
    """What ``Surroundings.wait`` waits for. Nobody waits for anything else while having it, so it needs no lock."""

    def __init__(self) -> None:
        self._waiting: list[Task] = []

    def __enter__(self) -> Condition:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def wait(self, seconds: float | None) -> None:
        kernel = MACHINE.kernel
        self._waiting.append(kernel.current)
        try:
            kernel.block(seconds)
        finally:
            self._waiting = [task for task in self._waiting if task is not kernel.current]

    def notify(self) -> None:
        self._wake(1)

    def notify_all(self) -> None:
        self._wake(len(self._waiting))

    def _wake(self, count: int) -> None:
        woken, self._waiting = self._waiting[:count], self._waiting[count:]
        for task in woken:
            MACHINE.kernel.wake(task)


#: In place of the module, for what waits or is waited for.
THREADING: t.Final = types.SimpleNamespace(
    Lock=Lock,
    Condition=Condition,
    Semaphore=threading.Semaphore,
    get_ident=threading.get_ident,
    local=threading.local,
)


class _Pool:
    @staticmethod
    def map(work: t.Callable[..., t.Any], todo: t.Iterable[t.Any]) -> t.Iterator[t.Any]:
        return iter([work(one) for one in todo])


class Around(Surroundings):
    """The surroundings of one process on the machine."""

    def __init__(self, owner: Process) -> None:
        super().__init__(lambda: owner.is_stopping)
        self._owner = owner

    def clock(self) -> float:
        return MACHINE.kernel.now

    def wall(self) -> float:
        return EPOCH + MACHINE.kernel.now

    def uniform(self, low: float, high: float) -> float:
        return self._owner.draw.uniform(low, high)

    def sleep(self, seconds: float) -> None:
        kernel, owner = MACHINE.kernel, self._owner
        until = kernel.now + seconds
        while True:
            owner.step()
            if self.must_stop():
                raise StopRequested
            left = until - kernel.now
            if left <= 0:
                return
            kernel.pause(min(left, STOP_INTERVAL) if owner.can_stop() else left)

    def wait(self, changed: t.Any, seconds: float | None) -> None:
        self._owner.step()
        if self.must_stop():
            raise StopRequested
        longest = STOP_INTERVAL if self._owner.can_stop() else seconds
        changed.wait(longest if seconds is None or longest is None else min(max(0.0, seconds), longest))

    def crew(self, threads: int, name: str, work: t.Callable[[], None]) -> None:
        kernel = MACHINE.kernel
        if threads == 1:
            work()
            return
        kernel.join([kernel.spawn(work, self._owner) for _number in range(threads)])

    @contextlib.contextmanager
    def pool(self, threads: int, name: str) -> t.Iterator[t.Any]:
        yield _Pool
