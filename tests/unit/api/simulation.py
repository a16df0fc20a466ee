# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers, the gate and a throttled server on a clock of their own: hours of throttling in milliseconds, no threads."""

from __future__ import annotations

import bisect
import heapq
import itertools
import math
import random
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.csp.partner_center.plugins.module_utils._api.throttle.gate import ClosedInVain, Gate, Permit
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings


class Request(t.NamedTuple):
    customer: str | None = None
    is_write: bool = False
    api: str = ""


class Limit(t.Protocol):
    """Says whether a request at ``now`` is accepted (0.0), else what Retry-After it answers."""

    def __call__(self, now: float) -> float:
        """Called with the time."""


class FixedWindow:
    """``limit`` requests a window; a window begins with the first request after the last one, or at fixed times."""

    def __init__(self, limit: int, length: float, *, aligned_at: float | None = None, exact: bool = False) -> None:
        self.limit, self.length, self.aligned_at, self.exact = limit, length, aligned_at, exact
        self.start, self.used = -math.inf, 0
        self.starts: list[float] = []

    def __call__(self, now: float) -> float:
        if now >= self.start + self.length:
            aligned = self.aligned_at is not None
            self.start = now - ((now - t.cast(float, self.aligned_at)) % self.length) if aligned else now
            self.used = 0
            self.starts.append(self.start)
        self.used += 1
        left = self.start + self.length - now
        return 0.0 if self.used <= self.limit else (left if self.exact else float(max(1, math.ceil(left))))


class SlidingWindow:
    """``limit`` requests in any ``length`` seconds; refused ones count where ``counts_refused``."""

    def __init__(self, limit: int, length: float, *, counts_refused: bool = False) -> None:
        self.limit, self.length, self.counts_refused = limit, length, counts_refused
        self.times: list[float] = []

    def __call__(self, now: float) -> float:
        self.times = [moment for moment in self.times if moment > now - self.length]
        refused = len(self.times) >= self.limit
        wait = float(max(1, math.ceil(self.times[0] + self.length - now))) if refused else 0.0
        if not refused or self.counts_refused:
            self.times.append(now)
        return wait


class Bucket:
    """A bucket of ``limit`` tokens that fills in ``length`` seconds; Retry-After is the time to the next token."""

    def __init__(self, limit: int, length: float) -> None:
        self.limit, self.rate = limit, limit / length
        self.tokens, self.at = float(limit), 0.0

    def __call__(self, now: float) -> float:
        self.tokens = min(self.limit, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return float(max(1, math.ceil((1 - self.tokens) / self.rate)))


@dataclass
class Outcome:
    seconds: float = 0.0
    accepted: int = 0
    refused: int = 0
    given_up: int = 0
    refused_at: list[tuple[float, int]] = field(default_factory=list)
    finished_by_customer: dict[str | None, float] = field(default_factory=dict)

    def worst_refusals(self, starts: t.Sequence[float]) -> int:
        """The most refusals of one worker within one of the server's windows."""
        counts = Counter((worker, bisect.bisect(starts, moment)) for moment, worker in self.refused_at)
        return max(counts.values(), default=0)


class SetClock(Surroundings):
    """A clock that somebody else moves."""

    def __init__(self, clock: t.Callable[[], float], stop_requested: t.Callable[[], bool] = lambda: False) -> None:
        super().__init__(stop_requested)
        self._clock = clock

    def clock(self) -> float:
        return self._clock()

    def wall(self) -> float:
        return self._clock()


class Simulation:
    """
    ``workers`` take requests in order from one list and repeat each until it is accepted, or given up. ``uneven``
    delays all of them a little, and some a lot, as a busy machine and a network do.
    """

    def __init__(
        self,
        requests: t.Iterable[Request],
        limit: t.Callable[[Request, float], float],
        *,
        workers: int = 16,
        latency: float = 0.05,
        requests_per_minute: int | None = None,
        retries: float = math.inf,
        uneven: random.Random | None = None,
    ) -> None:
        self.now = 0.0
        self._uneven = uneven
        self.gate = Gate(SetClock(lambda: self.now), requests_per_minute=requests_per_minute, retries=retries)
        self._limit, self._latency, self._workers = limit, latency, workers
        self._todo = iter(requests)
        self._events: list[tuple[float, int, t.Callable[[], None]]] = []
        self._order = itertools.count()
        #: Workers that wait at the gate, and what they would send.
        self._waiting: dict[int, Request] = {}
        self.outcome = Outcome()

    def run(self) -> Outcome:
        for worker in range(self._workers):
            self._at(0.0, lambda worker=worker: self._next(worker))
        while self._events:
            self.now, _order, action = heapq.heappop(self._events)
            action()
        if self._waiting:
            raise AssertionError(f"{len(self._waiting)} workers wait for ever")
        self.outcome.seconds = self.now
        return self.outcome

    def _at(self, moment: float, action: t.Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), action))

    def _travel(self) -> float:
        """Seconds that a request or an answer is under way."""
        seconds = self._latency / 2
        if self._uneven is not None:
            seconds += self._uneven.expovariate(1 / 0.006)
            if self._uneven.random() < 0.03:
                seconds += self._uneven.uniform(0.05, 0.4)
        return seconds

    def _next(self, worker: int) -> None:
        try:
            request = next(self._todo)
        except StopIteration:
            return
        self._try(worker, request)

    def _try(self, worker: int, request: Request) -> None:
        try:
            asked = self.gate.ask(request.customer, is_write=request.is_write, api=request.api)
        except ClosedInVain:
            self._waiting.pop(worker, None)
            self._give_up(worker)
            return
        if isinstance(asked, Permit):
            self._waiting.pop(worker, None)
            # The server decides on arrival.
            self._at(self.now + self._travel(), lambda: self._decide(worker, request, asked))
            return
        self._waiting[worker] = request
        if asked is not None:
            self._at(self.now + asked, lambda: self._look(worker))

    def _give_up(self, worker: int) -> None:
        self.outcome.given_up += 1
        # At this moment, but after what else happens in it.
        self._at(self.now, lambda: self._next(worker))

    def _look(self, worker: int) -> None:
        if worker in self._waiting:
            self._try(worker, self._waiting[worker])

    def _decide(self, worker: int, request: Request, permit: Permit) -> None:
        wait = self._limit(request, self.now)
        if wait > 0:
            self.outcome.refused_at.append((self.now, worker))
        self._at(self.now + self._travel(), lambda: self._answered(worker, request, permit, wait))

    def _answered(self, worker: int, request: Request, permit: Permit, wait: float) -> None:
        if wait > 0:
            self.outcome.refused += 1
            self.gate.refused(permit, wait)
            if self.gate.is_in_vain(is_write=request.is_write):
                self._give_up(worker)
            else:
                self._try(worker, request)
        else:
            self.outcome.accepted += 1
            self.outcome.finished_by_customer[request.customer] = self.now
            self.gate.accepted(permit)
            self._next(worker)
        for other in [*self._waiting]:
            self._look(other)
