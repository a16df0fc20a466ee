# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What an item has done so far, which scheduled changes it still owes, and writing those back after a failure.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from .._common import case
from .._common.problems import Problem
from .._state import checks, instructions
from .._state.model import Change, Desired, Plan, Raw, Write
from .._state.schedules.memory import SeenSchedules
from .._state.schedules.table import NAMES, is_immediate
from .attempts import WriteAttempts
from .errors import Damaged, OperationTimedOut, OutcomeUnknown
from .runtime import Resumable, Runtime, as_failure
from .writing import Written


@dataclass(slots=True)
class ItemProgress:
    """What has been done so far for one resource. ``seen``: the scheduled changes that its reads have seen."""

    resource: Raw
    seen: SeenSchedules
    #: What the item's writes have set (field -> value) and nothing has taken away since.
    written: dict[str, t.Any] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    changed: bool = False
    #: Whether a write of the item, or one that it found pending, may have changed what is read.
    is_disturbed: bool = False
    #: Whether the item found another write pending, of which it does not know what it does, and none got through since.
    is_blocked: bool = False
    request_id: str | None = None
    correlation_id: str | None = None
    operation: dict[str, t.Any] | None = None

    def attempt(
        self, write: Write, desired: Desired, runtime: Runtime, later: t.Sequence[Write] = ()
    ) -> Resumable[Written]:
        """Make one write; what its reads have seen is kept, whatever it comes to. Raises as WriteAttempts does."""
        attempts = WriteAttempts(
            write, desired, runtime, self.seen, self.written, is_disturbed=self.is_disturbed, later=later
        )
        try:
            written = yield from attempts.execute()
            if written.request_id is not None:
                # By assignments alone, and before anything else: whatever goes wrong then, what was made is not lost.
                self.changed = True
                self.request_id, self.correlation_id = written.request_id, written.correlation_id
                self.changes.update({change.field: change for change in written.changes})
                if written.pending:
                    self.operation = {"location": written.location, "pending": True}
        finally:
            self.seen, self.is_disturbed = attempts.seen, attempts.is_disturbed
            self.is_blocked = self.is_blocked or attempts.is_blocked
        self._add(written)
        attempts.form.made(written.after)
        if write.step == "restore" and self.changed:
            # What it found there: a later run does not owe it, and nobody has to take back that it went. Where the item
            # has written nothing itself, a write of an earlier run may still be open. What was asked for has replaced
            # what went, which is still to be taken back.
            found = write.values.keys() - written.write.values.keys()
            kept = [name for name in self.seen.to_keep() if name in found]
            runtime.journal.settled(write.target, kept)
        return written

    def _add(self, written: Written) -> None:
        self.resource = written.after
        self.seen = self.seen.after(written.before).after(written.after)
        if written.request_id is None:
            return
        self.is_disturbed, self.is_blocked = True, False
        if is_immediate(written.write):
            self.written = {name: value for name, value in self.written.items() if name not in NAMES}
            self.seen = self.seen.final() if self.seen.original else self.seen
        self.written.update(written.write.values)


def restoring_write(write: Write, values: t.Mapping[str, t.Any]) -> Write:
    return replace(write, step="restore", values={name: instructions.Received(value) for name, value in values.items()})


def salvaged(item: ItemProgress, plan: Plan, failed: Write, error: Problem, runtime: Runtime) -> Resumable[Problem]:
    """
    After a failure, scheduled changes that went with an earlier write are written back all the same.

    Not after a write that may still happen. The error to report: that of the write, or the damage.
    """
    if failed.step == "restore":
        return error if isinstance(error, Damaged) else _lost(item.seen.to_restore(), error)
    values = item.seen.to_salvage(item.changes)
    if not values or not item.is_disturbed or is_open(error):
        return error
    try:
        yield from item.attempt(restoring_write(failed, values), replace(plan.desired, expect={}), runtime)
    except Exception as again:  # noqa: BLE001 - what was done before is reported, whatever went wrong
        return _lost(values, as_failure(again), error)
    return error


def is_open(error: Problem) -> bool:
    """Whether a write of the item may still happen."""
    return isinstance(error, (OperationTimedOut, OutcomeUnknown))


def _lost(values: t.Mapping[str, t.Any], error: Problem, first: Problem | None = None) -> Damaged:
    before = f"{first} " if first is not None else ""
    lost = case.snake(dict(values))
    return Damaged(
        f"{before}The change was made, but the scheduled changes that it deleted could not be written back: {error} "
        f"They were: {checks.shown(lost, most=400)}.",
        "Set them again once the cause is mended.",
        lost=lost,
        cause=error.to_dict(),
    )


def open_write_warnings(item: ItemProgress, desired: Desired, error: Problem) -> tuple[str, ...]:
    """Says which scheduled changes may go with a write that is still open when the item has ended."""
    values = item.seen.to_restore()
    if not values or not (is_open(error) or item.is_blocked):
        return ()
    shown = checks.shown(case.snake(values), most=400)
    warning = (
        f"A write to {desired.target} is still open, and may delete its scheduled changes when it is made: {shown}. "
        "Look at it then, and set them again if they are missing; a run of pc_fleet with the same journal does that."
    )
    return (warning,)


def dropped_warnings(item: ItemProgress, desired: Desired) -> tuple[str, ...]:
    """Says which scheduled changes are gone with the user's leave; those of a cancelled subscription need no word."""
    if item.operation or desired.wanted.get("status") == "deleted":
        return ()
    gone = item.seen.dropped(item.resource)
    if not gone:
        return ()
    return (f"Partner Center deleted scheduled changes with this change: {' and '.join(gone)}.",)
