# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Looking whether a write took effect: nothing is a success that nobody saw."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .._api.errors import ApiError, BadAnswer, PartnerCenterError, TransportError
from .._common import case
from .._common.words import in_seconds
from .._state import checks, instructions, kinds, plan
from .._state.field import UNKNOWN, Conditions, Field
from .._state.fields import AUTO_RENEW
from .._state.model import Change, Desired, Raw, Write
from .._state.schedules.table import NAMES, is_immediate, scheduled_changes, turned_off, turns_auto_renew_off
from . import endpoints
from .errors import Damaged, NotApplied, OperationTimedOut, OutcomeUnknown
from .runtime import Resumable, Runtime, pause

if t.TYPE_CHECKING:
    from .._api.transport import Answer
    from .._state.schedules.memory import SeenSchedules


#: Answers that may pass while a change is being made.
_PASSING: t.Final = (404, 408, 409, 500, 502, 503, 504)


def mismatches(write: Write, raw: Raw, conditions: Conditions) -> list[str]:
    """The fields of a write that a resource does not show."""
    kind = kinds.of(write.target.kind)
    return [name for name, wanted in write.values.items() if not _is_written(kind.field(name), raw, wanted, conditions)]


def _is_written(item: Field, raw: Raw, wanted: t.Any, conditions: Conditions) -> bool:
    """Whether a resource shows that a setting was written."""
    otherwise = item.is_shown_otherwise
    return item.matches(raw, wanted) or (otherwise is not None and otherwise(raw, wanted, conditions))


def changes(
    write: Write, desired: Desired, before: Raw, original: t.Mapping[str, t.Any], runtime: Runtime
) -> tuple[Change, ...]:
    """
    Of what is desired, that which one write changes; a restoring write changes nothing that was asked.

    ``original``: scheduled changes (field -> as received) from before the item's first write, which may have deleted
    them.
    """
    names = () if write.step == "restore" else write.values
    part = replace(desired, wanted={name: write.values[name] for name in names})
    former = kinds.of(write.target.kind).with_received(before, original)
    return plan.differences(part, former, runtime.now(), runtime.conditions())


def views(
    write: Write, before: Raw, original: t.Mapping[str, t.Any], conditions: Conditions
) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """
    What a write changes, before and after, as the journal keeps it.

    ``before`` is what was there before the item's first write: a restoring write has the same on both sides, so that
    whoever turns the journal round does not clear it. An immediate write also shows the scheduled changes that the API
    deletes with it: only the restoring write gives them back, and a run may end before it.
    """
    kind = kinds.of(write.target.kind)
    before = kind.with_received(before, original)
    items = [kind.field(name) for name in (*write.values, *write.looked_up)]
    values = {**write.looked_up, **write.values}
    after = {item.name: _kept_after(item, before, values[item.name], conditions) for item in items}
    if write.step == "restore":
        return after, after
    gone = case.snake(scheduled_changes(before)) if is_immediate(write) else {}
    off = turned_off(write.values.get("status"), before)
    # A suspended subscription has another end than an active one.
    then_there = kind.merge_into(before, write.values)
    left = {name: kind.field(name).view_after(then_there, None, conditions) for name in gone}
    then = {item.name: item.kept(before, conditions) for item in items}
    return {**gone, **off, **then}, {**left, **dict.fromkeys(off, False), **after}


def _kept_after(item: Field, before: Raw, wanted: t.Any, conditions: Conditions) -> t.Any:
    """What a setting will be; what is laid back is kept as it was received."""
    if item.received is None or not isinstance(wanted, dict):
        return item.view_after(before, wanted, conditions)
    return item.kept(item.merge_into(before, wanted), conditions)


def restores(write: Write, seen: SeenSchedules) -> list[str]:
    """The scheduled changes that a later write of the item gives back, since this one deletes them."""
    return list(seen.to_keep()) if is_immediate(write) and write.step != "cancel" else []


def damage(write: Write, before: Raw, after: Raw) -> list[str]:
    """
    What got lost that the write carried and nobody asked to change.

    Scheduled changes are left out for an immediate write: the API deletes them, and what then happens is planned. So
    is auto-renew for a suspension that turns it off.
    """
    kind = kinds.of(write.target.kind)
    written = {key for name in write.values for key in kind.field(name).keys}
    return [
        item.name
        for item in kind.carried
        if item.keys[0] not in written
        and not (item.name == AUTO_RENEW and turns_auto_renew_off(write.values.get("status"), before))
        and not (item.name in NAMES and (is_immediate(write) or not write.values))
        and not _is_kept(item, before, after)
    ]


def _is_kept(item: Field, before: Raw, after: Raw) -> bool:
    was = item.current(before)
    if was is UNKNOWN or was is None:
        return True
    was = was if item.received is None else item.received(was)
    return item.matches(after, instructions.Received(was) if item.name in NAMES else was)


def verified(write: Write, before: Raw, answer: Answer, runtime: Runtime) -> Raw:
    """
    The resource as the answer to a write shows it, read once more where the answer does not show what was written.

    Raises NotApplied, Damaged, and OutcomeUnknown where that cannot be read.
    """
    after: Raw = answer.body if isinstance(answer.body, dict) else {}
    if not after or mismatches(write, after, runtime.conditions()) or damage(write, before, after):
        after = _looked_at(write, answer, runtime)
    require(write, before, after, answer.request_id, answer.correlation_id, runtime)
    return after


def _looked_at(write: Write, answer: Answer, runtime: Runtime) -> Raw:
    try:
        return endpoints.of(write.target).read(runtime.client, write.target)
    except PartnerCenterError as error:
        raise OutcomeUnknown(
            f"Partner Center answered success to the write to {write.target} without showing it, and it could not be "
            f"read again: {error}",
            "Run the task again: it reads first, and changes nothing that has happened.",
            request_id=answer.request_id,
            correlation_id=answer.correlation_id,
        ) from error


def require(
    write: Write, before: Raw, after: Raw, request_id: str, correlation_id: str | None, runtime: Runtime
) -> None:
    """Raises NotApplied where the resource does not show the write, Damaged where it shows harm."""
    ids, conditions = {"request_id": request_id, "correlation_id": correlation_id}, runtime.conditions()
    missing = mismatches(write, after, conditions)
    if missing:
        shown = "; ".join(_difference(write, name, after, conditions) for name in missing)
        raise NotApplied(
            f"Partner Center answered success, but {write.target} does not show the change: {shown}.",
            "Nothing else that was asked was written for it. Look at it in Partner Center before trying again.",
            **ids,
        )
    harmed = damage(write, before, after)
    if harmed:
        lost = {name: kinds.of(write.target.kind).field(name).view(before, conditions) for name in harmed}
        raise Damaged(
            f"The change was made, but {write.target} lost or changed what nobody asked for: "
            f"{', '.join(f'{name} was {checks.shown(value)}' for name, value in lost.items())}.",
            "Set it again, and report it with the request id to Partner Center support.",
            lost=lost,
            **ids,
        )


def settled(write: Write, before: Raw, answer: Answer, runtime: Runtime, *, may_stop: bool = False) -> Resumable[Raw]:
    """
    The resource once a write that was only accepted (202) shows; looked at every ``wait_interval`` seconds.

    ``may_stop``: no other write of the item depends on it, so that it is no longer waited for once the run is asked to
    end. Raises OperationTimedOut then and after ``wait_timeout`` seconds, Damaged, and what reading raises.
    """
    options = runtime.options
    deadline = runtime.clock() + options.wait_timeout
    after: Raw
    trouble = ""
    while True:
        left = deadline - runtime.clock()
        delay = max(0.0, min(options.wait_interval, left))
        if may_stop:
            yield from pause(delay, runtime)
            if runtime.surroundings.stop_requested():
                raise _not_settled(write, answer, f"the run was told to end before it showed{trouble}")
        else:
            yield delay
        try:
            with runtime.surroundings.finishing(not may_stop):
                after = endpoints.of(write.target).look_at(runtime.client, write.target, answer.location)
        except (TransportError, BadAnswer) as error:
            after, trouble = {}, f"; the last look failed: {error}"
        except ApiError as error:
            if error.status not in _PASSING:
                raise _not_settled(write, answer, f"looking at it failed: {error}") from error
            after, trouble = {}, f"; the last look failed: {error}"
        except PartnerCenterError as error:
            raise _not_settled(write, answer, f"looking at it failed: {error}") from error
        # An empty answer shows nothing, not even that a field was cleared.
        if after and not mismatches(write, after, runtime.conditions()):
            require(write, before, after, answer.request_id, answer.correlation_id, runtime)
            return after
        if runtime.clock() >= deadline:
            raise _not_settled(write, answer, f"did not finish it within {in_seconds(options.wait_timeout)}{trouble}")


def _not_settled(write: Write, answer: Answer, why: str) -> OperationTimedOut:
    return OperationTimedOut(
        f"Partner Center accepted the change of {write.target} (202) and {why}; the change may still happen.",
        f"Look at GET {endpoints.of(write.target).path_of(write.target)}, or run the task again: it changes nothing "
        "that has happened meanwhile. A longer wait_timeout waits longer.",
        location=answer.location,
        request_id=answer.request_id,
        correlation_id=answer.correlation_id,
    )


def _difference(write: Write, name: str, raw: Raw, conditions: Conditions) -> str:
    found, asked = kinds.of(write.target.kind).field(name).for_message(raw, write.values[name], conditions)
    return f"{name} is {found}, asked was {asked}"
