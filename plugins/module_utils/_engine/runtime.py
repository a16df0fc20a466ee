# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What the engine works with: its options and its surroundings."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial

from .._common.problems import Problem, defect
from .._common.surroundings import Surroundings
from .._state.field import Conditions, ScheduledChanges
from .._state.model import Raw
from .action_form import SeenForm
from .errors import Interrupted
from .journal.protocol import Journal, NoJournal

if t.TYPE_CHECKING:
    from .._api.client import PartnerCenter

T = t.TypeVar("T")

#: Work that may have to wait: it yields the seconds until it wants to go on. Whoever drives it decides how to wait,
#: so that one slow write stops nobody else.
Resumable = t.Generator[float, None, T]

#: Fresh reads and new tries after a stale etag.
STALE_TRIES: t.Final = 4
_LONGEST_BACKOFF: t.Final = 30.0
#: How often (seconds) a wait that can be called off looks whether it is.
_LOOK_INTERVAL: t.Final = 2.0
#: How the time grows that a write waits for another one to end: from wait_interval on, up to a minute.
_GROWTH: t.Final = 1.5
_LONGEST_WAIT: t.Final = 60.0


def as_failure(error: BaseException) -> Problem:
    """The error itself, or what is reported of one that no code expected."""
    return error if isinstance(error, Problem) else defect(error)


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Options:
    """How changes are made; times in seconds. ``retries`` bounds what is sent again after an ambiguous write."""

    scheduled_changes: ScheduledChanges = "restore"
    wait: bool = True
    wait_timeout: float = 300
    wait_interval: float = 5
    retries: int = 5
    change_reference: str | None = None
    #: Whether the task undoes an earlier run or plan.
    is_rollback: bool = False


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the engine works with, all of it replaceable in a test."""

    client: PartnerCenter
    options: Options = field(default_factory=Options)
    known_resellers: t.Callable[[], t.Sequence[Raw]] | None = None
    journal: Journal = field(default_factory=NoJournal)
    surroundings: Surroundings = field(default_factory=Surroundings)
    #: What the run has seen of the form of scheduled actions.
    seen_form: SeenForm = field(default_factory=SeenForm)
    #: Whether the work on this item shall be called off; by default, once the run was asked to end.
    is_over: t.Callable[[], bool] | None = None
    #: Is called when a write has, or may have, arrived.
    on_first_write: t.Callable[[], None] = lambda: None

    def stopped(self) -> bool:
        """Whether nothing new shall be started any more: the playbook has died, or was told to end."""
        return self.surroundings.stop_requested() if self.is_over is None else self.is_over()

    def clock(self) -> float:
        return self.surroundings.clock()

    def now(self) -> datetime:
        return self.surroundings.now()

    def resellers(self) -> t.Sequence[Raw]:
        """The partner's indirect resellers; a fleet reads them once."""
        return (self.known_resellers or self.client.indirect_resellers)()

    def conditions(self) -> Conditions:
        """What planning depends on besides the resource."""
        options = self.options
        return Conditions(options.scheduled_changes, self.client.has_extended_terms, options.is_rollback)

    def backoff(self, tries: int) -> float:
        """Seconds before the next try: exponential, between half and the whole of it."""
        return min(_LONGEST_BACKOFF, 2.0 ** (tries - 1)) * self.surroundings.uniform(0.5, 1.0)

    def longer_wait(self, waits: int) -> float:
        """Seconds until the next look at what another write keeps busy, which may take hours."""
        interval = self.options.wait_interval
        return max(interval, min(_LONGEST_WAIT, interval * _GROWTH**waits))


def once(call: t.Callable[[], t.Sequence[Raw]]) -> t.Callable[[], t.Sequence[Raw]]:
    """``call``, made once for all threads; a failure is not kept."""
    lock = threading.Lock()
    kept: list[t.Sequence[Raw]] = []

    def cached() -> t.Sequence[Raw]:
        with lock:
            if not kept:
                kept.append(call())
            return kept[0]

    return cached


@dataclass(slots=True)
class CommitPoint:
    """
    The first write of an item: up to it the work can be called off, from then on it is seen to its end.

    To stop half way would leave behind what nobody has asked for, such as scheduled changes that are deleted.
    ``may_start``: whether an item of which nothing is written may go on. ``on_pass`` is called at the first write.
    """

    surroundings: Surroundings
    may_start: t.Callable[[], bool]
    on_pass: t.Callable[[], None] = lambda: None
    is_passed: bool = False

    def is_over(self) -> bool:
        return not self.is_passed and not self.may_start()

    def passed(self) -> None:
        """A write has, or may have, arrived."""
        self.is_passed = True
        self.surroundings.finish()
        self.on_pass()

    def runtime(self, usual: Runtime, *, is_last: bool = True) -> Runtime:
        """For a part of the item; only the last one's last write need not be waited for."""
        options = usual.options if is_last else replace(usual.options, wait=True)
        return replace(usual, options=options, is_over=self.is_over, on_first_write=self.passed)

    def driven(self, steps: Resumable[T]) -> Resumable[T]:
        """
        The steps, each on a thread that knows whether it may let itself be stopped.

        A wait before the first write ends early where the run is told to end.
        """
        step: t.Callable[[], float] = partial(next, steps)
        while True:
            with self.surroundings.finishing(self.is_passed):
                try:
                    delay = step()
                except StopIteration as end:
                    return t.cast(T, end.value)
            step = (yield from self._waited(delay, steps)) or partial(next, steps)

    def _waited(self, delay: float, steps: Resumable[T]) -> Resumable[t.Callable[[], float] | None]:
        """After the wait; where it was cut short, how the steps are told."""
        if self.is_passed:
            yield delay
            return None
        clock = self.surroundings.clock
        due = clock() + delay
        while True:
            yield max(0.0, min(due - clock(), _LOOK_INTERVAL))
            if clock() >= due:
                return None
            if self.is_over():
                return partial(steps.throw, Interrupted("The run was told to end while this item was waiting."))


def pause(seconds: float, runtime: Runtime) -> Resumable[None]:
    """Waits after a write was accepted, but no longer than until the run is asked to end."""
    until = runtime.clock() + seconds
    while not runtime.surroundings.stop_requested():
        left = until - runtime.clock()
        yield max(0.0, min(left, _LOOK_INTERVAL))
        if left <= _LOOK_INTERVAL:
            return


def drive(steps: Resumable[T], surroundings: Surroundings) -> T:
    """Carry out steps to their end; they know themselves when a wait of theirs is called off."""
    while True:
        try:
            seconds = next(steps)
        except StopIteration as end:
            return t.cast(T, end.value)
        with surroundings.finishing():
            surroundings.sleep(seconds)
