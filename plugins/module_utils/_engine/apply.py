# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Carrying out one resource's plan, write by write; what was done before a failure is never lost."""

from __future__ import annotations

from dataclasses import replace

from .._common.problems import Problem
from .._state import instructions, kinds
from .._state.model import Desired, Plan, Raw, ResourceOutcome, Write
from .._state.predictions import ends
from .._state.schedules.memory import SeenSchedules
from . import restoring, verify
from .errors import Damaged, OperationTimedOut
from .restoring import ItemProgress
from .runtime import Resumable, Runtime, as_failure


def apply(plan: Plan, raw: Raw, runtime: Runtime) -> Resumable[ResourceOutcome]:
    """Make the plan's writes in their order, each seen applied before the next; never raises a Problem."""
    seen = SeenSchedules(plan.desired.wanted, runtime.options.scheduled_changes).planned_on(raw)
    item = ItemProgress(raw, seen)
    for index, write in enumerate(plan.writes):
        try:
            yield from _make(write, index, plan, item, runtime)
        except Exception as error:  # noqa: BLE001 - what a write deleted is written back, whatever went wrong
            failure = yield from restoring.salvaged(item, plan, write, as_failure(error), runtime)
            return _failed(plan, item, index, failure, runtime)
    # What is misleading about a task that changes nothing is not seen anywhere else.
    notices = () if plan.changes else plan.warnings
    return replace(_outcome_so_far(plan, item), warnings=(*notices, *restoring.dropped_warnings(item, plan.desired)))


def _make(write: Write, index: int, plan: Plan, item: ItemProgress, runtime: Runtime) -> Resumable[None]:
    if write.step == "restore":
        write = restoring.restoring_write(write, item.seen.to_restore())
        if not write.values or not item.changed:
            return
    written = yield from item.attempt(write, _expectation(plan.desired, write, item), runtime, plan.writes[index + 1 :])
    if write.step == "renewal" and written.request_id is None and item.changed:
        # An immediate write of this item has already taken away what the user wanted cleared.
        gone = verify.changes(write, plan.desired, written.after, item.seen.original, runtime)
        item.changes.update({change.field: change for change in gone})


def _expectation(desired: Desired, write: Write, item: ItemProgress) -> Desired:
    """After the first write of an item, what it has changed itself is no longer as it was expected to be."""
    if not item.changed:
        return desired
    original, kind = item.seen.original, kinds.of(desired.target.kind)
    # What the end of the term is follows from other fields, too, which the item may have changed.
    expect = {
        name: value
        for name, value in desired.expect.items()
        if name in write.values and (name in original or len(kind.field(name).keys) == 1)
    }
    dropped = {name: instructions.Dropped(original[name]) for name in expect if name in original}
    return replace(desired, expect={**expect, **dropped})


def _failed(plan: Plan, item: ItemProgress, index: int, error: Problem, runtime: Runtime) -> ResourceOutcome:
    failed, later = plan.writes[index], plan.writes[index + 1 :]
    if not (restoring.is_open(error) and item.seen.to_restore()):
        # What an earlier write had deleted was written back, or the error says that it was not.
        later = tuple(write for write in later if write.step != "restore")
    if isinstance(error, Damaged) and failed.step != "restore":
        item.changes.update({change.field: change for change in plan.changes if change.field in failed.values})
    # Accepted is as good as made when it comes to saying that something has changed.
    accepted = isinstance(error, (OperationTimedOut, Damaged))
    details = error.to_dict()
    return replace(
        _outcome_so_far(plan, item),
        changed=item.changed or accepted,
        error=error,
        request_id=details.get("request_id") or item.request_id,
        correlation_id=details.get("correlation_id") or item.correlation_id,
        warnings=(
            *restoring.open_write_warnings(item, plan.desired, error),
            *ends.left_undecided(item.changes, plan.desired.wanted, item.resource, runtime.conditions()),
        ),
        not_started=tuple(str(write) for write in later),
    )


def _outcome_so_far(plan: Plan, item: ItemProgress) -> ResourceOutcome:
    return ResourceOutcome(
        plan.desired,
        item.changed,
        tuple(item.changes[name] for name in (*plan.desired.wanted, *plan.desired.looked_up) if name in item.changes),
        item.resource,
        item.request_id,
        item.correlation_id,
        item.operation,
    )
