# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Desired + current = plan: what changes, and the ordered writes that make it so. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from datetime import datetime

from .._common import case
from .._common.problems import Conflict
from .._common.times import utc_text
from . import fields, instructions, kinds, traits
from .end_of_term import effect
from .field import UNKNOWN, USUAL, Asked, Conditions, Field, Prediction, ScheduledChanges
from .model import Change, Desired, Plan, Raw, Step, Write
from .predictions import ends, expected, refusals
from .schedules import stakes
from .schedules.table import NAMES, ROWS_BY_NAME, deletes_schedules, is_immediate

#: What is set for the end of the term, in writes of its own: an immediate change would delete it.
_SCHEDULED: t.Final = (fields.END_OF_TERM, fields.RENEWAL)

#: status -> the write it is made with: reactivation comes first, an end last.
_STATUS_STEPS: t.Final[t.Mapping[str, Step]] = {"active": "reactivate", "suspended": "suspend", "deleted": "cancel"}


def make_plan(desired: Desired, raw: Raw, now: datetime, conditions: Conditions = USUAL) -> Plan:
    """
    The plan that takes the received resource to its desired state.

    Raises Conflict where ``expect`` does not hold, and Refused for what cannot be done as asked.
    """
    require_expected(desired, raw, conditions)
    desired = _with_consequences(desired)
    changes = differences(desired, raw, now, conditions)
    if not kinds.of(desired.target.kind).has_schedules:
        changes = _with_predictions(desired, changes, raw, now, conditions)
        put = Write(desired.target, "put", desired.wanted, desired.looked_up)
        return Plan(desired, changes, (put,) if changes else (), _warnings_of(changes))
    names, mode = [change.field for change in changes], conditions.scheduled_changes
    refusals.refuse(desired.wanted, names, raw)
    undecided = tuple(ends.undecided(desired.wanted, raw, conditions))
    if not changes:
        return Plan(desired, warnings=undecided)
    predictions = [*map(Prediction, undecided), *expected.of_state(raw, names), *ends.near_the_end(names, raw, now)]
    changes = _with_predictions(desired, changes, raw, now, conditions)
    writes = _writes(desired, raw, changes, mode)
    stakes.refuse_consequences(names, desired.wanted, mode)
    if any(deletes_schedules(write) for write in writes):
        at_stake = stakes.at_stake(raw, desired.wanted)
        stakes.refuse_losses(at_stake, desired.wanted, raw, mode)
        if at_stake and not _is_cancelled(changes):
            predictions += map(Prediction, stakes.schedule_warnings(at_stake, desired.wanted, mode))
            changes = stakes.with_drops(changes, at_stake, desired.wanted, mode)
    changes = stakes.with_auto_renew(changes, raw)
    return with_predictions(Plan(desired, changes, writes), predictions)


def with_predictions(plan: Plan, predictions: t.Sequence[Prediction]) -> Plan:
    """The plan with what is said of all that it changes; nothing has to be said of one that changes nothing."""
    if not plan.changes:
        return plan
    first, *others = plan.changes
    changes = (replace(first, predictions=(*predictions, *first.predictions)), *others)
    return replace(plan, changes=changes, warnings=_warnings_of(changes))


def _with_consequences(desired: Desired) -> Desired:
    """Renewal instructions go with a decision against the renewal: a change of its own."""
    end = desired.wanted.get(fields.END_OF_TERM)
    if not isinstance(end, str) or effect.asks_for_renewal(end) or fields.RENEWAL in desired.wanted:
        return desired
    return replace(desired, wanted={**desired.wanted, fields.RENEWAL: None})


def _with_predictions(
    desired: Desired, changes: t.Sequence[Change], raw: Raw, now: datetime, conditions: Conditions
) -> tuple[Change, ...]:
    """The changes, each with what the server is expected to refuse of it; raises Refused for what cannot succeed."""
    kind, wanted = kinds.of(desired.target.kind), desired.wanted
    asked = {name: asked_for(desired, name, value, raw, now, conditions) for name, value in wanted.items()}
    for change in changes:
        if change.field in asked:
            kind.field(change.field).refuse(asked[change.field])
    return tuple(
        replace(change, predictions=tuple(kind.field(change.field).predict(asked[change.field])))
        if change.field in asked
        else change
        for change in changes
    )


def asked_for(desired: Desired, name: str, value: t.Any, raw: Raw, now: datetime, conditions: Conditions) -> Asked:
    """One field with all that is asked besides. What an earlier run has deleted is laid back as in a rollback."""
    if name in desired.owed:
        conditions = replace(conditions, is_rollback=True)
    return Asked(value, desired.wanted, raw, now, conditions)


def _warnings_of(changes: t.Iterable[Change]) -> tuple[str, ...]:
    return tuple(prediction.text for change in changes for prediction in change.predictions)


def differences(desired: Desired, raw: Raw, now: datetime, conditions: Conditions = USUAL) -> tuple[Change, ...]:
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
        before, after = item.view(raw, conditions), item.view_after(basis, value, conditions)
        received = {} if item.received is None else item.received(item.value(raw, conditions))
        lays_back = value if item.received is not None and isinstance(value, dict) else {}
        reversal = item.reversal(before, after, raw, now)
        found.append(
            Change(
                desired.target,
                name,
                before,
                after,
                reversal,
                received=received,
                lays_back=lays_back,
                at_renewal=_at_renewal(item, before, raw),
            )
        )
    if _is_cancelled(found):
        return tuple(replace(change, reversal=fields.CANCELLED) for change in found)
    return tuple(found)


def _at_renewal(item: Field, before: t.Any, raw: Raw) -> dict[str, t.Any]:
    """When the change comes about, if it waits for the end of the term, and what is renewed without instructions."""
    if item.name not in ROWS_BY_NAME:
        return {}
    end = traits.term_end(raw)
    found: dict[str, t.Any] = {} if end is None else {"term_end": utc_text(end)}
    if item.is_completed and not before:
        found["unchanged"] = case.snake(instructions.as_it_is(raw))
    return found


def require_expected(desired: Desired, raw: Raw, conditions: Conditions = USUAL) -> None:
    """
    Raises Conflict where the resource is not as expected.

    A field that is also set may already be as desired; a field that is only expected must be so.
    """
    kind = kinds.of(desired.target.kind)
    values = {**desired.looked_up, **desired.wanted}
    wrong = []
    for name, value in desired.expect.items():
        item = kind.field(name)
        # Where nothing is expected to be scheduled, what does not count (a trial's own instructions) may be there.
        is_none = value is None and name in ROWS_BY_NAME and ROWS_BY_NAME[name].current(raw) is None
        met = is_none or item.is_as_expected(raw, value, conditions)
        if not met and not (name in values and item.matches(raw, values[name])):
            found, wanted = item.for_message(raw, value, conditions)
            wrong.append(f"{name} is {found}, expected {wanted}")
    if wrong:
        raise Conflict(
            f"{_capital(str(desired.target))} is not as expected: {'; '.join(wrong)}.",
            "Nothing was written. Look at what changed it, then plan anew.",
        )


def pinned(plan: Plan, raw: Raw, conditions: Conditions) -> Plan:
    """
    The plan with what it found as a condition of carrying it out: of each field that it changes, and of the scheduled
    changes that go for good with them, so that none goes that was not there when the plan was made.
    """
    names = [change.field for change in plan.changes]
    if any(is_immediate(write) for write in plan.writes):
        names += stakes.lost_for_good(plan.desired.wanted, conditions.scheduled_changes)
    found = {name: _as_found(kinds.of(plan.desired.target.kind), name, raw, conditions) for name in names}
    return replace(plan, desired=replace(plan.desired, expect={**plan.desired.expect, **found}))


def _as_found(kind: kinds.Kind, name: str, raw: Raw, conditions: Conditions) -> t.Any:
    item = kind.field(name)
    value = item.value(raw, conditions)
    if value is UNKNOWN or value in (None, ""):
        return None
    # What is set is expected as it is seen, what only goes with it as it was received.
    return instructions.Received(value) if name in NAMES and item.received is None else item.shown(value)


def _basis(desired: Desired, raw: Raw) -> Raw:
    """The resource as it will be when the renewal instructions are written: they are completed from that."""
    first = {name: value for name, value in desired.wanted.items() if name != fields.RENEWAL}
    return kinds.of(desired.target.kind).merge_into(raw, first)


def _writes(desired: Desired, raw: Raw, changes: t.Sequence[Change], mode: ScheduledChanges) -> tuple[Write, ...]:
    """
    Reactivate, immediate fields, the end of the term with renewal instructions, suspend or cancel; scheduled changes
    are restored after the immediate ones, and once more after a suspension.

    What is asked for the end of the term is written after an immediate write even where it is there already, since that
    deletes it (nothing is sent where it did not). After a suspension, restoring gives it back.
    """
    target, given = desired.target, desired.wanted
    values = {change.field: given[change.field] for change in changes}
    status = values.pop("status", None)
    scheduled: dict[str, t.Any] = {name: values.pop(name) for name in _SCHEDULED if name in values}
    first = [Write(target, "reactivate", {"status": status})] if status == "active" else []
    first += [Write(target, "change", values)] if values else []
    # What is not known to delete them is made good where it does, whatever else is said of scheduled changes.
    restores = mode == "restore" or (mode == "refuse" and not any(map(deletes_schedules, first)))
    restore = [Write(target, "restore")] if restores else []
    writes = first + (restore if first and status != "deleted" else [])
    if first and (scheduled or status != "deleted"):
        scheduled = _asked_again(desired, raw, scheduled)
    if scheduled:
        writes.append(Write(target, "renewal", scheduled))
    if status in ("suspended", "deleted"):
        writes.append(Write(target, _STATUS_STEPS[status], {"status": status}))
    if status == "suspended":
        writes += restore if given.get(fields.RENEWAL) is None else [Write(target, "restore")]
    return tuple(writes)


def _asked_again(desired: Desired, raw: Raw, scheduled: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What is asked for the end of the term, changed or not; instructions whole, since their basis goes."""
    given = desired.wanted
    is_kept = {fields.END_OF_TERM: effect.read(raw).is_explicit, fields.RENEWAL: given.get(fields.RENEWAL) is not None}
    asked = {name: given[name] for name in _SCHEDULED if name in scheduled or (name in given and is_kept[name])}
    if asked.get(fields.RENEWAL) is not None:
        whole = instructions.complete(asked[fields.RENEWAL], _basis(desired, raw))
        asked[fields.RENEWAL] = instructions.Completed(asked[fields.RENEWAL], whole)
    return asked


def _is_cancelled(changes: t.Iterable[Change]) -> bool:
    return any(change.field == "status" and change.after == "deleted" for change in changes)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
