# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What the engine works with: its options, its clocks, and the failures that only it can see."""

from __future__ import annotations

import random
import threading
import time
import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timezone

from .._api.errors import PartnerCenterError
from .._common.problems import Problem, defect
from .._state.model import Raw, ScheduledChanges
from .journal import Journal, NoJournal

if t.TYPE_CHECKING:
    from .._api.client import PartnerCenter

T = t.TypeVar("T")

#: Everything that can stop an item.
Failure = t.Union[Problem, PartnerCenterError]  # noqa: UP007 - pylint takes the other spelling for an operation

#: Work that may have to wait: it yields the seconds until it wants to go on. Whoever drives it decides how to wait,
#: so that one slow write stops nobody else.
Resumable = t.Generator[float, None, T]

#: Fresh reads and new tries after a stale etag.
STALE_TRIES: t.Final = 4
_LONGEST_BACKOFF: t.Final = 30.0


def as_failure(error: BaseException) -> Failure:
    """The error itself, or what is reported of one that no code expected."""
    return error if isinstance(error, (Problem, PartnerCenterError)) else defect(error)


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


class Finishing(threading.local):
    """Whether this thread is finishing what has begun, so that it does not let itself be stopped while it waits."""

    is_now = False


@dataclass(frozen=True, slots=True)
class Runtime:
    """The engine's surroundings, all of them replaceable in a test."""

    client: PartnerCenter
    options: Options = field(default_factory=Options)
    known_resellers: t.Callable[[], t.Sequence[Raw]] | None = None
    journal: Journal = field(default_factory=NoJournal)
    #: Whether nothing new shall be started any more: the playbook has died, or was told to end.
    stopped: t.Callable[[], bool] = lambda: False
    #: Is called when a write has, or may have, arrived.
    begun: t.Callable[[], None] = lambda: None
    finishing: Finishing = field(default_factory=Finishing)
    clock: t.Callable[[], float] = time.monotonic
    now: t.Callable[[], datetime] = utc_now
    jitter: t.Callable[[], float] = random.random

    def resellers(self) -> t.Sequence[Raw]:
        """The partner's indirect resellers; a fleet reads them once."""
        return (self.known_resellers or self.client.indirect_resellers)()

    def backoff(self, tries: int) -> float:
        """Seconds before the next try: exponential, between half and the whole of it."""
        return min(_LONGEST_BACKOFF, 2.0 ** (tries - 1)) * (0.5 + self.jitter() / 2)


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


class NotApplied(Problem):
    """The API answered success, and the resource does not show it."""


class Damaged(Problem):
    """The change was made, and something changed that nobody asked for."""


class OperationTimedOut(Problem):
    """The API accepted the write (202) and did not finish in time: it may still happen."""


class OutcomeUnknown(Problem):
    """A write was sent, and whether it was applied cannot be found out."""


class Interrupted(Problem):
    """The run was told to end before the write was started."""


def drive(steps: Resumable[T], sleep: t.Callable[[float], None] = time.sleep) -> T:
    """Carry out steps to their end, waiting where they want to wait."""
    while True:
        try:
            seconds = next(steps)
        except StopIteration as end:
            return t.cast(T, end.value)
        sleep(seconds)
