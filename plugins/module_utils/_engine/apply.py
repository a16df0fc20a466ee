# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Carrying out one resource's plan, write by write; what was done before a failure is never lost."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from .._api.errors import PartnerCenterError
from .._common import case
from .._common.problems import Problem
from .._state import checks, fields, instructions
from .._state.model import Change, Desired, Plan, Raw, ScheduledChanges, Write
from .._state.schedules import stakes
from .._state.schedules.table import NAMES, is_immediate, scheduled_changes
from . import verify
from .runtime import Damaged, OperationTimedOut, OutcomeUnknown, Runtime, Steps
from .writing import Written, carry_out

#: Everything that can stop an item; anything else is a defect and is let through.
Failure = t.Union[Problem, PartnerCenterError]  # noqa: UP007 - pylint takes the other spelling for an operation


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of one desired resource.

    ``changes``: what was really changed, or in check mode what would be. ``resource``: as last seen (in check mode as
    it would be). ``operation``: a write that was accepted and is not waited for. ``not_started``: the later writes that
    a failure kept from being made.
    """

    desired: Desired
    changed: bool = False
    changes: tuple[Change, ...] = ()
    resource: Raw | None = None
    request_id: str | None = None
    correlation_id: str | None = None
    operation: t.Mapping[str, t.Any] | None = None
    warnings: tuple[str, ...] = ()
    error: Failure | None = None
    not_started: tuple[str, ...] = ()


@dataclass(slots=True)
class _Progress:
    """What has been done so far for one resource."""

    resource: Raw
    #: The scheduled changes (field -> as received) from before the first immediate write, which deletes them.
    origin: dict[str, t.Any] = field(default_factory=dict)
    #: Of the scheduled changes that are asked for, those that were seen to be there (field -> as received).
    asked: dict[str, t.Any] = field(default_factory=dict)
    #: What the item's writes have set (field -> value) and nothing has taken away since.
    made: dict[str, t.Any] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    changed: bool = False
    request_id: str | None = None
    correlation_id: str | None = None
    operation: dict[str, t.Any] | None = None

    def to_restore(self, desired: Desired, mode: ScheduledChanges) -> dict[str, t.Any]:
        """The scheduled changes that shall be there at the end: those from before the first write, and asked ones."""
        kept = {name: value for name, value in self.origin.items() if name not in desired.given}
        return {**stakes.restorable(kept, desired.given, mode), **self.asked}

    def add(self, written: Written, desired: Desired) -> None:
        self.resource = written.after
        for raw in (written.before, written.after):
            self.asked.update(stakes.as_requested(raw, desired.given))
        if written.request_id is None:
            return
        if is_immediate(written.write):
            self.made = {name: value for name, value in self.made.items() if name not in NAMES}
        self.made.update(written.write.values)
        self.changed = True
        self.request_id, self.correlation_id = written.request_id, written.correlation_id
        self.changes.update({change.field: change for change in written.changes})
        if written.pending:
            self.operation = {"location": written.location, "pending": True}


def apply(plan: Plan, raw: Raw, runtime: Runtime) -> Steps[Outcome]:
    """Make the plan's writes in their order, each seen applied before the next; never raises a Failure."""
    progress = _Progress(raw)
    for index, write in enumerate(plan.writes):
        try:
            yield from _make(write, index, plan, progress, runtime)
        except (Problem, PartnerCenterError) as error:
            failure = yield from _salvaged(plan, progress, write, error, runtime)
            return _failed(plan, progress, index, failure, runtime.options.scheduled_changes)
    return replace(_outcome(plan, progress), warnings=_let_go(plan.desired, progress))


def _make(write: Write, index: int, plan: Plan, progress: _Progress, runtime: Runtime) -> Steps[None]:
    if write.step == "restore":
        write = _restoring(write, progress.to_restore(plan.desired, runtime.options.scheduled_changes))
        if not write.values:
            return
    written = yield from carry_out(
        write,
        _expectation(plan.desired, write, progress),
        runtime,
        last=_is_last(plan, index, progress, runtime.options.scheduled_changes),
        origin=progress.origin,
        made=progress.made,
    )
    _note_kept(write, written, runtime)
    if is_immediate(write) and not progress.origin:
        progress.origin = scheduled_changes(written.before)
    progress.add(written, plan.desired)
    if write.step == "renewal" and written.request_id is None and progress.changed:
        # An immediate write of this item has already taken away what the user wanted cleared.
        gone = verify.changes(write, plan.desired, written.after, progress.origin, runtime)
        progress.changes.update({change.field: change for change in gone})


def _note_kept(write: Write, written: Written, runtime: Runtime) -> None:
    """What a restoring write found there: a later run does not owe it, and nobody has to take back that it went."""
    if write.step == "restore":
        runtime.journal.settled(write.target, [name for name in write.values if name not in written.write.values])


def _restoring(write: Write, values: t.Mapping[str, t.Any]) -> Write:
    return replace(write, step="restore", values={name: instructions.Received(value) for name, value in values.items()})


def _expectation(desired: Desired, write: Write, progress: _Progress) -> Desired:
    """After the first write of an item, what it has changed itself is no longer as it was expected to be."""
    if not progress.changed:
        return desired
    expect = {name: value for name, value in desired.expect.items() if name in write.values}
    dropped = {name: instructions.Dropped(progress.origin[name]) for name in expect if name in progress.origin}
    return replace(desired, expect={**expect, **dropped})


def _salvaged(plan: Plan, progress: _Progress, failed: Write, error: Failure, runtime: Runtime) -> Steps[Failure]:
    """
    After a failure, scheduled changes that an earlier write of the item deleted are written back all the same.

    Not after a write that may still happen. The error to report: that of the write, or the damage.
    """
    mode = runtime.options.scheduled_changes
    if failed.step == "restore":
        values = progress.to_restore(plan.desired, mode)
        return error if isinstance(error, Damaged) else _lost(values, error)
    undone = {name: value for name, value in progress.origin.items() if name not in progress.changes}
    values = {**stakes.restorable(undone, plan.desired.given, mode), **progress.asked}
    if not values or isinstance(error, (OperationTimedOut, OutcomeUnknown)):
        return error
    write, desired = _restoring(failed, values), replace(plan.desired, expect={})
    steps = carry_out(write, desired, runtime, last=False, origin=progress.origin, made=progress.made)
    try:
        written = yield from steps
        _note_kept(write, written, runtime)
        progress.add(written, desired)
    except (Problem, PartnerCenterError) as again:
        return _lost(values, again, error)
    return error


def _lost(values: t.Mapping[str, t.Any], error: Failure, first: Failure | None = None) -> Damaged:
    before = f"{first} " if first is not None else ""
    lost = case.snake(dict(values))
    return Damaged(
        f"{before}The change was made, but the scheduled changes that it deleted could not be written back: {error} "
        f"They were: {checks.shown(lost, most=400)}.",
        "Set them again once the cause is mended.",
        lost=lost,
        cause=error.to_dict(),
    )


def _is_last(plan: Plan, index: int, progress: _Progress, mode: ScheduledChanges) -> bool:
    """Whether no write follows that needs this one to be finished."""
    later = plan.writes[index + 1 :]
    return not later or (all(write.step == "restore" for write in later) and not _has_to_restore(plan, progress, mode))


def _has_to_restore(plan: Plan, progress: _Progress, mode: ScheduledChanges) -> bool:
    """Whether scheduled changes are at stake, so that a restoring write has something to do."""
    if not any(write.step == "restore" for write in plan.writes):
        return False
    given, resource = plan.desired.given, progress.resource
    at_stake = stakes.restorable(stakes.at_stake(resource, given), given, mode)
    return bool(at_stake or stakes.as_requested(resource, given) or progress.to_restore(plan.desired, mode))


def _failed(plan: Plan, progress: _Progress, index: int, error: Failure, mode: ScheduledChanges) -> Outcome:
    failed, later = plan.writes[index], plan.writes[index + 1 :]
    if not isinstance(error, (OperationTimedOut, OutcomeUnknown)) or not _has_to_restore(plan, progress, mode):
        # What an earlier write had deleted was written back, or the error says that it was not.
        later = tuple(write for write in later if write.step != "restore")
    if isinstance(error, Damaged) and failed.step != "restore":
        progress.changes.update({change.field: change for change in plan.changes if change.field in failed.values})
    # Accepted is as good as made when it comes to saying that something has changed.
    accepted = isinstance(error, (OperationTimedOut, Damaged))
    details = error.to_dict()
    return replace(
        _outcome(plan, progress),
        changed=progress.changed or accepted,
        error=error,
        request_id=details.get("request_id") or progress.request_id,
        correlation_id=details.get("correlation_id") or progress.correlation_id,
        not_started=tuple(str(write) for write in later),
    )


def _outcome(plan: Plan, progress: _Progress) -> Outcome:
    return Outcome(
        plan.desired,
        progress.changed,
        tuple(progress.changes[name] for name in plan.desired.given if name in progress.changes),
        progress.resource,
        progress.request_id,
        progress.correlation_id,
        progress.operation,
    )


def _let_go(desired: Desired, progress: _Progress) -> tuple[str, ...]:
    """Says which scheduled changes are gone with the user's leave; those of a cancelled subscription need no word."""
    if progress.operation or desired.given.get("status") == "deleted":
        return ()
    kind = desired.target.kind
    kept = [name for name in progress.origin if name not in desired.given]
    gone = [name for name in kept if fields.field_of(kind, name).matches(progress.resource, None)]
    if not gone:
        return ()
    return (f"Partner Center deleted scheduled changes with this change: {' and '.join(gone)}.",)
