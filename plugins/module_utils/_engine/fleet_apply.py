# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Carrying out a fleet's plan: queues side by side, one a customer, in which one write follows the other."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass, field, replace
from functools import partial

from .._api.errors import Stopped
from .._common.problems import Problem
from .._state.model import Change, ResourceOutcome, Write
from . import scheduler
from .apply import apply
from .errors import Interrupted
from .journal.protocol import JournalError
from .planning.plans import FleetPlan, ResourcePlan, SubscriptionPlan
from .progress import Progress
from .runtime import CommitPoint, Resumable, Runtime, as_failure

#: How often a wait looks whether the run was told to end, in seconds.
_LOOK_INTERVAL: t.Final = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a run may go: after ``max_failures`` nothing new is started (None: no limit); with how many threads."""

    max_failures: int | None = None
    threads: int = 8


@dataclass(frozen=True, slots=True)
class FleetOutcome:
    """
    What became of one subscription. ``attempted`` is False where the task stopped before its turn.

    ``changes``: what was really changed, in check mode what would be.
    """

    subject: SubscriptionPlan
    changed: bool = False
    changes: tuple[Change, ...] = ()
    error: Problem | None = None
    request_id: str | None = None
    correlation_id: str | None = None
    pending: bool = False
    attempted: bool = True
    warnings: tuple[str, ...] = ()
    not_started: tuple[str, ...] = ()


@dataclass(slots=True)
class _Run:
    """
    The outcomes of a run while it goes on, and whether it may start another subscription. ``started``: the
    subscriptions of which a write has, or may have, arrived.
    """

    limits: Limits
    runtime: Runtime
    progress: Progress
    failures: int = 0
    outcomes: dict[int, FleetOutcome] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def may_start(self) -> bool:
        limit = self.limits.max_failures
        if self.runtime.stopped() or self.runtime.journal.failure is not None:
            return False
        return limit is None or self.failures < limit

    def record(self, number: int, outcome: FleetOutcome) -> None:
        self.outcomes[number] = outcome
        with self.lock:
            self.failures += outcome.error is not None
        self.progress.finished(changed=outcome.changed, failed=outcome.error is not None)

    def give_up(self, number: int, subject: SubscriptionPlan, error: BaseException) -> None:
        """An exception that no code expected has ended a subscription's turn."""
        known = self.outcomes.get(number) or FleetOutcome(subject, changed=number in self.started)
        self.outcomes[number] = known if known.error is not None else replace(known, error=as_failure(error))
        self.failures += 1


def apply_fleet(fleet: FleetPlan, runtime: Runtime, limits: Limits, progress: Progress) -> list[FleetOutcome]:
    """
    Carry out the plan, a queue a customer; one outcome a subject, in the plan's order.

    Never raises: whatever happens to one subscription is its outcome.
    """
    run = _Run(limits, runtime, progress)
    queues: dict[str, dict[str, list[tuple[int, SubscriptionPlan]]]] = {}
    progress.phase("writing", sum(subject.is_changed for subject in fleet.subscriptions))
    for number, subject in enumerate(fleet.subscriptions):
        if subject.is_changed:
            customer_id, subscription_id = subject.item.key
            families = queues.setdefault(customer_id, {})
            families.setdefault(subject.parent_id or subscription_id, []).append((number, subject))
        else:
            # What is misleading about a task that changes nothing is not seen anywhere else.
            warnings = tuple(warning for part in subject.parts for warning in part.plan.warnings)
            run.outcomes[number] = FleetOutcome(subject, error=subject.error, warnings=warnings)
            run.failures += subject.error is not None
    starts = [[_starter(_in_order(family), run) for family in families.values()] for families in queues.values()]
    defects = scheduler.run_queues(starts, max(1, min(limits.threads, len(starts))), runtime.surroundings)
    unknown = defects[0] if defects else RuntimeError("its work ended without an outcome")
    for number, subject in enumerate(fleet.subscriptions):
        if number not in run.outcomes:
            run.give_up(number, subject, unknown)
    return [run.outcomes[number] for number in range(len(fleet.subscriptions))]


def _in_order(family: list[tuple[int, SubscriptionPlan]]) -> list[tuple[int, SubscriptionPlan]]:
    """Parents before their add-ons on activation, after them on suspension and cancellation."""

    def rank(member: tuple[int, SubscriptionPlan]) -> tuple[int, bool]:
        subject = member[1]
        status = subject.item.settings.get("status")
        if status in ("suspended", "deleted"):
            return 2, not subject.parent_id
        return (0 if status == "active" else 1), bool(subject.parent_id)

    return sorted(family, key=rank)


def _starter(family: list[tuple[int, SubscriptionPlan]], run: _Run) -> scheduler.Start:
    return lambda: _family(family, run)


def _family(family: list[tuple[int, SubscriptionPlan]], run: _Run) -> Resumable[None]:
    for number, subject in family:
        try:
            outcome = FleetOutcome(subject, attempted=False)
            if run.may_start():
                point = CommitPoint(run.runtime.surroundings, run.may_start, partial(run.started.add, number))
                outcome = yield from point.driven(_subject(subject, run.runtime, point))
            run.record(number, outcome)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - a defect in one subscription ends no other
            run.give_up(number, subject, error)


def _subject(subject: SubscriptionPlan, runtime: Runtime, point: CommitPoint) -> Resumable[FleetOutcome]:
    """Carry out a subscription's parts one after another, up to the first failure."""
    result = FleetOutcome(subject)
    changed = [part for part in subject.parts if part.plan.changes]
    for index, part in enumerate(changed):
        outcome = yield from apply(part.plan, part.raw, point.runtime(runtime, is_last=part is changed[-1]))
        result = _added(result, outcome)
        if outcome.error is not None:
            later = tuple(str(write) for write in _planned_writes(changed[index + 1 :]))
            result = replace(result, not_started=(*result.not_started, *later))
            break
    if isinstance(result.error, (Interrupted, Stopped, JournalError)) and not point.is_passed:
        return FleetOutcome(subject, attempted=False, warnings=result.warnings)
    return result


def _added(result: FleetOutcome, outcome: ResourceOutcome) -> FleetOutcome:
    return replace(
        result,
        changed=result.changed or outcome.changed,
        changes=(*result.changes, *outcome.changes),
        error=outcome.error,
        request_id=outcome.request_id or result.request_id,
        correlation_id=outcome.correlation_id or result.correlation_id,
        pending=result.pending or outcome.operation is not None,
        warnings=(*result.warnings, *outcome.warnings),
        not_started=outcome.not_started,
    )


def _planned_writes(parts: t.Iterable[ResourcePlan]) -> t.Iterator[Write]:
    return (write for part in parts for write in part.plan.writes if write.step != "restore")
