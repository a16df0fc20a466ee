# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Desired + current = plan: what changes, and the ordered writes that make it so. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from datetime import datetime

from .._common.problems import Conflict
from . import fields, instructions, kinds, predict
from .field import UNKNOWN, Asked
from .model import Change, Desired, Plan, Raw, ScheduledChanges, Step, Write
from .schedules import stakes
from .schedules.table import NAMES, is_immediate

#: status -> the write it is made with: reactivation comes first, an end last.
_STATUS_STEPS: t.Final[t.Mapping[str, Step]] = {"active": "reactivate", "suspended": "suspend", "deleted": "cancel"}


def make_plan(desired: Desired, raw: Raw, now: datetime, scheduled_changes: ScheduledChanges = "restore") -> Plan:
    """
    The plan that takes the received resource to its desired state.

    Raises Conflict where ``expect`` does not hold, and Refused for what cannot be done as asked.
    """
    require_expected(desired, raw)
    changes = differences(desired, raw, now)
    if not changes:
        return Plan(desired)
    warnings = _predicted(desired, changes, raw, now)
    if not kinds.of(desired.target.kind).has_schedules:
        write = Write(desired.target, "put", desired.wanted, desired.looked_up)
        return Plan(desired, changes, (write,), tuple(warnings))
    writes = _writes(desired, raw, changes, scheduled_changes)
    warnings = [*predict.of_state(raw, [change.field for change in changes]), *warnings]
    if any(is_immediate(write) for write in writes):
        at_stake = stakes.at_stake(raw, desired.wanted)
        stakes.refuse_losses(at_stake, desired.wanted, raw, scheduled_changes)
        if at_stake and not _is_cancelled(changes):
            warnings += stakes.warnings(at_stake, desired.wanted, scheduled_changes)
            changes = stakes.with_drops(changes, at_stake, desired.wanted, scheduled_changes)
    return Plan(desired, changes, writes, tuple(warnings))


def _predicted(desired: Desired, changes: t.Iterable[Change], raw: Raw, now: datetime) -> list[str]:
    """What the server is expected to refuse; raises Refused for what cannot succeed."""
    kind, wanted = kinds.of(desired.target.kind), desired.wanted
    names = [change.field for change in changes if change.field in wanted]
    asked = [(kind.field(name), Asked(wanted[name], wanted, raw, now)) for name in names]
    for item, one in asked:
        item.refuse(one)
    return [warning for item, one in asked for warning in item.warnings(one)]


def differences(desired: Desired, raw: Raw, now: datetime) -> tuple[Change, ...]:
    """
    What has to change, field by field. Only what the user gave is compared; where that differs, what was looked up
    changes, too, and a person recognises a name rather than a number.
    """
    kind = kinds.of(desired.target.kind)
    basis = _basis(desired, raw)
    found: list[Change] = []
    for name, value in (*desired.wanted.items(), *desired.looked_up.items()):
        item = kind.field(name)
        if item.matches(raw, value) or (name not in desired.wanted and not found):
            continue
        before, after = item.view(raw), item.view_after(basis, value)
        found.append(Change(desired.target, name, before, after, item.reversal(before, after, raw, now)))
    if _is_cancelled(found):
        return tuple(replace(change, reversal=fields.CANCELLED) for change in found)
    return tuple(found)


def require_expected(desired: Desired, raw: Raw) -> None:
    """
    Raises Conflict where the resource is not as expected.

    A field that is also set may already be as desired; a field that is only expected must be so.
    """
    kind = kinds.of(desired.target.kind)
    values = {**desired.looked_up, **desired.wanted}
    wrong = []
    for name, expected in desired.expect.items():
        item = kind.field(name)
        met = item.matches(raw, expected)
        if not met and not (name in values and item.matches(raw, values[name])):
            found, wanted = item.for_message(raw, expected)
            wrong.append(f"{name} is {found}, expected {wanted}")
    if wrong:
        raise Conflict(
            f"{_capital(str(desired.target))} is not as expected: {'; '.join(wrong)}.",
            "Nothing was written. Look at what changed it, then plan anew.",
        )


def pinned(plan: Plan, raw: Raw, scheduled_changes: ScheduledChanges) -> Plan:
    """
    The plan with what it found as a condition of carrying it out: of each field that it changes, and of the scheduled
    changes that go for good with them, so that none goes that was not there when the plan was made.
    """
    names = [change.field for change in plan.changes]
    if any(is_immediate(write) for write in plan.writes):
        names += stakes.lost_for_good(plan.desired.wanted, scheduled_changes)
    found = {name: _as_found(kinds.of(plan.desired.target.kind), name, raw) for name in names}
    return replace(plan, desired=replace(plan.desired, expect={**plan.desired.expect, **found}))


def _as_found(kind: kinds.Kind, name: str, raw: Raw) -> t.Any:
    value = kind.field(name).current(raw)
    if value is UNKNOWN or value in (None, ""):
        return None
    return instructions.Received(value) if name in NAMES else value


def _basis(desired: Desired, raw: Raw) -> Raw:
    """The resource as it will be when the renewal instructions are written: they are completed from that."""
    first = {name: value for name, value in desired.wanted.items() if name != fields.RENEWAL}
    return kinds.of(desired.target.kind).merge_into(raw, first)


def _writes(desired: Desired, raw: Raw, changes: t.Sequence[Change], mode: ScheduledChanges) -> tuple[Write, ...]:
    """
    Reactivate, immediate fields, renewal instructions, suspend or cancel; scheduled changes are restored after the
    immediate ones, and once more after a suspension.

    Renewal instructions that are asked for are written after an immediate write even where they are there already,
    since it deletes them (nothing is sent where it did not). After a suspension, restoring gives them back.
    """
    target = desired.target
    values = {change.field: desired.wanted[change.field] for change in changes}
    restore = [Write(target, "restore")] if mode == "restore" else []
    wanted = desired.wanted.get(fields.RENEWAL)
    status = values.pop("status", None)
    renewal = {name: values.pop(name) for name in (fields.RENEWAL,) if name in values}
    writes: list[Write] = []
    if status == "active":
        writes.append(Write(target, "reactivate", {"status": status}))
    if values:
        writes.append(Write(target, "change", values))
    if writes and status != "deleted":
        writes += restore
    if writes and wanted is not None and (renewal or status != "deleted"):
        # Whole: the immediate write deletes the instructions that these are completed from.
        whole = instructions.complete(wanted, _basis(desired, raw))
        renewal = {fields.RENEWAL: instructions.Completed(wanted, whole)}
    if renewal:
        writes.append(Write(target, "renewal", renewal))
    if status in ("suspended", "deleted"):
        writes.append(Write(target, _STATUS_STEPS[status], {"status": status}))
    if status == "suspended":
        writes += restore if wanted is None else [Write(target, "restore")]
    return tuple(writes)


def _is_cancelled(changes: t.Iterable[Change]) -> bool:
    return any(change.field == "status" and change.after == "deleted" for change in changes)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
