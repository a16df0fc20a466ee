# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. A fleet on the one path: read, plan, guard, apply. One subscription is a fleet of one; ten thousand take the
same steps in queues, one a customer.

Nothing is lost: once there is a plan, whatever is raised is part of the result, beside all that was planned and done.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from .._common.problems import Problem
from .._common.words import many, some
from .._state import contacts
from .._state import guard as guards
from .._state.policies import unmatched
from .._state.policies.match_keys import NamedValue
from .._state.policies.parse import skipped_settings
from .._state.records import recovery
from .._state.records.plan_file import digest
from .._state.records.unfinished_runs import UnfinishedWork
from .errors import Interrupted
from .fleet_apply import FleetOutcome, Limits, apply_fleet
from .planning.planner import plan_fleet
from .planning.plans import FleetPlan, Scope, SubscriptionPlan, plan_entries
from .progress import Progress
from .reading import customers
from .reading.lists import odd_lists
from .runtime import Runtime, as_failure

_DIGEST_OF_NOTHING: t.Final = digest([])

#: So many warnings about single subscriptions are told, and so many subscriptions are named with each.
_MOST_WARNINGS: t.Final = 5
_NAMED: t.Final = 3


def nothing() -> None:
    """Nothing has to be done."""


@dataclass(frozen=True, slots=True)
class FleetTask:
    """
    What is asked of a fleet, and how far the run may go.

    ``guard_warns``: a breach of the guard is a warning in check mode. ``keep_unchanged``: subscriptions that are as
    desired have outcomes, too. ``fail_on_unavailable``: customers that cannot be read make the task fail.
    ``unfinished``: what earlier runs left, by the journal at ``journal_path``. ``on_unmatched`` (``warn``, ``fail``,
    ``ignore``): what becomes of values that nothing in the fleet has.
    """

    scope: Scope
    guard: guards.Guard = field(default_factory=guards.Guard)
    limits: Limits = field(default_factory=Limits)
    check_mode: bool = False
    guard_warns: bool = False
    keep_unchanged: bool = False
    fail_on_unavailable: bool = False
    unfinished: UnfinishedWork = field(default_factory=UnfinishedWork)
    journal_path: str = ""
    on_unmatched: str = "ignore"

    @property
    def named(self) -> tuple[NamedValue, ...]:
        """What something in the fleet should have; nothing where that does not matter."""
        if self.on_unmatched == "ignore":
            return ()
        return unmatched.values_to_find(self.scope.policies, self.guard.protected)


@dataclass(frozen=True, slots=True)
class FleetResult:
    """
    What a run came to. ``plan``: every change that was planned, an entry each. ``errors``: why the task fails, what is
    wrong with the run as a whole first. ``breach``: of the guard, whether it stopped the run or was only a warning.
    ``is_planned``: False where the run was told to stop while it was reading.
    """

    fleet: FleetPlan
    plan: list[dict[str, t.Any]]
    outcomes: list[FleetOutcome]
    warnings: tuple[str, ...] = ()
    errors: tuple[Problem, ...] = ()
    breach: guards.GuardBreach | None = None
    is_planned: bool = True
    #: Of the plan.
    digest: str = _DIGEST_OF_NOTHING


def run_fleet(
    task: FleetTask, runtime: Runtime, progress: Progress, *, before_writing: t.Callable[[], None] = nothing
) -> FleetResult:
    """
    Read, plan, guard and (unless in check mode) apply; ``before_writing`` is called once in between.

    Raises PartnerCenterError where the customers cannot be listed; whatever goes wrong with single ones is in the
    result, and so is the end of a run that was told to stop.
    """
    try:
        fleet = plan_fleet(
            replace(
                task.scope,
                judged=frozenset(one.key for one in task.named),
                keep_unchanged=task.keep_unchanged,
                pending=task.unfinished.pending_restores,
            ),
            runtime,
            task.limits.threads,
            progress,
        )
    except Interrupted as interrupted:
        return FleetResult(FleetPlan(), [], [], errors=(interrupted,), is_planned=False)
    planned = _guarded_plan(task, fleet)
    if planned.errors:
        return planned
    if task.check_mode:
        outcomes = [_predicted_outcome(subject) for subject in planned.fleet.subscriptions]
        return _with_outcomes(task, planned, outcomes, runtime)
    try:
        before_writing()
        outcomes = apply_fleet(planned.fleet, runtime, task.limits, progress)
    except Exception as error:  # noqa: BLE001 - nothing was written so far, and what was planned is reported
        return _given_up(planned, error)
    return _with_outcomes(task, planned, outcomes, runtime)


def _guarded_plan(task: FleetTask, fleet: FleetPlan) -> FleetResult:
    """The plan, as the guard judges it; with errors where it must not be carried out. Never raises."""
    planned = FleetResult(fleet, [], _unwritten(fleet))
    try:
        told = contacts.named_once([one.error for one in fleet.subscriptions])
        subjects = (replace(one, error=error) for one, error in zip(fleet.subscriptions, told, strict=True))
        fleet = replace(fleet, subscriptions=tuple(subjects)) if any(told) else fleet
        planned = FleetResult(fleet, [], _unwritten(fleet))
        plan = [entry for subject in fleet.subscriptions for entry in plan_entries(subject)]
        planned = replace(planned, plan=plan, digest=digest(plan))
        missing = unmatched.unmatched(task.named, fleet.present)
        warnings = [
            *(missing if task.on_unmatched == "warn" else []),
            *skipped_settings(one.skipped for one in fleet.skipped),
            *odd_lists(fleet.oddities),
            *recovery.unfinished_warnings(task.unfinished, fleet.restore_decisions, task.journal_path),
        ]
        misnamed = (unmatched.problem(missing),) if missing and task.on_unmatched == "fail" else ()
        planned = replace(planned, warnings=tuple(warnings), errors=misnamed)
        guards.check_plan(task.guard, plan, fleet.looked_at)
    except guards.GuardBreach as breach:
        if task.check_mode and task.guard_warns:
            return replace(planned, warnings=(*planned.warnings, str(breach)), breach=breach)
        return replace(planned, errors=(*planned.errors, breach), breach=breach)
    except Exception as error:  # noqa: BLE001 - nothing was written so far, and what was planned is reported
        return _given_up(planned, error)
    return planned


def _given_up(planned: FleetResult, error: Exception) -> FleetResult:
    return replace(planned, errors=(as_failure(error), *_item_failures(planned.outcomes)))


def _with_outcomes(
    task: FleetTask, planned: FleetResult, outcomes: list[FleetOutcome], runtime: Runtime
) -> FleetResult:
    """The result with its outcomes. Never raises: what was done is reported."""
    result = replace(planned, outcomes=outcomes)
    failures = _item_failures(outcomes)
    try:
        return replace(
            result,
            warnings=(
                *result.warnings,
                *_gathered(outcomes),
            ),
            errors=(*_of_run(task, planned.fleet, outcomes, runtime), *failures),
        )
    except Exception as error:  # noqa: BLE001 - what was done is reported, whatever else goes wrong
        return replace(result, errors=(as_failure(error), *failures))


def _item_failures(outcomes: t.Iterable[FleetOutcome]) -> tuple[Problem, ...]:
    return tuple(one.error for one in outcomes if one.error is not None)


def _of_run(
    task: FleetTask, fleet: FleetPlan, outcomes: t.Iterable[FleetOutcome], runtime: Runtime
) -> t.Iterator[Problem]:
    if runtime.stopped() and not all(outcome.attempted for outcome in outcomes):
        yield Interrupted(
            "The run was told to stop before everything that was planned was attempted.",
            "Run the task again: it changes what is left.",
        )
    if runtime.journal.failure is not None:
        yield runtime.journal.failure
    if fleet.unavailable and task.fail_on_unavailable:
        yield customers.unavailable_problem(fleet.unavailable)


def _predicted_outcome(subject: SubscriptionPlan) -> FleetOutcome:
    """The outcome that check mode reports."""
    warnings = [warning for part in subject.parts for warning in part.plan.warnings]
    changes = subject.changes
    return FleetOutcome(subject, subject.is_changed, changes, subject.error, warnings=tuple(warnings))


def _unwritten(fleet: FleetPlan) -> list[FleetOutcome]:
    """The outcomes of a plan that was not carried out at all."""
    return [
        FleetOutcome(subject, error=subject.error, attempted=not subject.is_changed) for subject in fleet.subscriptions
    ]


def _gathered(outcomes: t.Iterable[FleetOutcome]) -> list[str]:
    """Many items' warnings as few: each text once, with the number of subscriptions and the first of their names."""
    about: dict[str, list[SubscriptionPlan]] = {}
    for outcome in outcomes:
        for warning in outcome.warnings:
            about.setdefault(warning, []).append(outcome.subject)
    texts = sorted(about, key=lambda text: -len(about[text]))
    rest = len(texts) - _MOST_WARNINGS
    shown = [_gathered_warning(text, about[text]) for text in texts[:_MOST_WARNINGS]]
    return (
        [*shown, f"{many(rest, 'more warning')} {'is' if rest == 1 else 'are'} in the outcomes."] if rest > 0 else shown
    )


def _gathered_warning(text: str, about: t.Sequence[SubscriptionPlan]) -> str:
    names = some([*map(str, about)], _NAMED, "; ", "; ")
    if len(about) == 1:
        return text if about[0].item.subscription_id.lower() in text.lower() else f"{names}: {text}"
    return f"{len(about)} subscriptions ({names}): {text}"
