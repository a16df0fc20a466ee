# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. One write, made and seen applied: fresh read, body, answer, and every way in which that can go wrong."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from .._api.errors import AmbiguousWrite, ApiError, PartnerCenterError
from .._common.problems import Problem, Refused
from .._state import fields, plan, predict
from .._state.model import Change, Desired, Raw, Write
from .._state.schedules import stakes
from .._state.schedules.table import is_immediate
from . import resources, verify
from .runtime import STALE_TRIES, Damaged, Interrupted, NotApplied, OperationTimedOut, OutcomeUnknown, Runtime, Steps

if t.TYPE_CHECKING:
    from .._api.transport import Answer


@dataclass(frozen=True, slots=True)
class Written:
    """
    A write that came to its end. ``changes`` is empty where nothing had to be sent; ``location`` is set where the
    write was accepted (202) and is not waited for.
    """

    write: Write
    before: Raw
    after: Raw
    changes: tuple[Change, ...] = ()
    request_id: str | None = None
    correlation_id: str | None = None
    pending: bool = False
    location: str | None = None


_NOTHING: t.Final[t.Mapping[str, t.Any]] = MappingProxyType({})

#: How the time grows that a write waits for another one to end (409/900278): from wait_interval on, up to a minute.
_GROWTH: t.Final = 1.5
_LONGEST_LOOK: t.Final = 60.0

#: What the journal says of a write that ended in an error.
_RESULTS: t.Final[t.Mapping[type[Exception], str]] = {
    AmbiguousWrite: "unknown",
    Damaged: "applied",
    # The API answered success: whoever goes back has to look at it.
    NotApplied: "unknown",
    OperationTimedOut: "accepted",
    OutcomeUnknown: "unknown",
}


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """What is about to be sent, with the read that it was built on."""

    body: dict[str, t.Any]
    before: Raw
    request_id: str
    etag: str | None
    if_match: str | None
    is_again: bool
    changes: tuple[Change, ...]
    #: For the journal, before and after.
    views: tuple[dict[str, t.Any], dict[str, t.Any]]
    restores: t.Sequence[str]


@dataclass(frozen=True, slots=True)
class _Sent:
    """What went out and was not answered."""

    outgoing: _Outgoing
    failure: AmbiguousWrite
    #: The id has been sent twice and failed alike: the server is repeating a stored error.
    spent: bool = False


@dataclass(slots=True)
class _Tries:
    """What is left of each kind of patience with one write."""

    #: How often it may be sent again without an answer; below 0, it is only looked at.
    ambiguous: int
    stale: int = STALE_TRIES
    behind: int = STALE_TRIES
    refused_etag: str | None = None
    clear_by_null: bool = False
    pending_until: float | None = None
    pending: int = 0
    sent: _Sent | None = field(default=None)


def carry_out(
    write: Write,
    desired: Desired,
    runtime: Runtime,
    *,
    last: bool,
    origin: t.Mapping[str, t.Any] = _NOTHING,
    made: t.Mapping[str, t.Any] = _NOTHING,
) -> Steps[Written]:
    """
    Make one write of an item; ``last`` says that none follows, so that it need not be waited for. ``origin``: scheduled
    changes (field -> as received) from before the item's first write. ``made``: what the item's earlier writes have set
    (field -> value); a read that does not show it is behind, and to write it back would undo them.

    Raises Conflict and Refused before anything is sent; ApiError for a refusal; NotApplied, Damaged, OperationTimedOut
    and OutcomeUnknown after something was sent; TransportError where the API cannot be reached.
    """
    tries = _Tries(ambiguous=runtime.options.retries)
    while True:
        fresh = _read(write, tries.sent, runtime)
        todo = _still_to_do(write, fresh)
        missing = _missing(write, todo, made, fresh)
        if missing:
            yield _until_up_to_date(write, missing, tries, runtime)
            continue
        if not verify.unmet(todo, fresh):
            return _found_done(todo, fresh, tries.sent, runtime)
        if tries.sent is not None and tries.ambiguous < 0:
            raise _unknown(todo, tries.sent.failure, "It does not show, and no try is left.")
        _require_still_right(write, desired, fresh, tries.sent, runtime)
        outgoing = _outgoing(todo, desired, origin, fresh, tries, runtime)
        try:
            return (yield from _exchange(todo, outgoing, runtime, last))
        except AmbiguousWrite as lost:
            runtime.begun()
            delay = _after_ambiguous(lost, outgoing, tries, runtime)
        except ApiError as refused:
            delay = _after_refusal(refused, outgoing.etag, tries, runtime)
        except NotApplied:
            if tries.clear_by_null or None not in todo.values.values():
                raise
            # Leaving a field out is the documented way to clear it; an explicit null is the other one.
            tries.clear_by_null, delay = True, 0.0
        yield delay


def _outgoing(
    todo: Write, desired: Desired, origin: t.Mapping[str, t.Any], fresh: Raw, tries: _Tries, runtime: Runtime
) -> _Outgoing:
    values = {**todo.looked_up, **todo.values}
    body = fields.merge_into(todo.target.kind, fresh, values, clear_by_null=tries.clear_by_null)
    etag = resources.etag(fresh)
    sent = tries.sent
    is_again = sent is not None and not sent.spent and sent.outgoing.body == body
    return _Outgoing(
        body,
        fresh,
        # Sent again unchanged, it goes under the same id, so that the server can tell.
        sent.outgoing.request_id if sent is not None and is_again else runtime.client.new_request_id(),
        etag,
        # After a 412 with an unchanged etag the header itself is what the server does not take.
        if_match=None if etag == tries.refused_etag else etag,
        is_again=is_again,
        changes=verify.changes(todo, desired, fresh, origin, runtime),
        views=verify.views(todo, fresh, origin),
        restores=verify.restores(todo, desired, fresh, runtime),
    )


def _exchange(todo: Write, outgoing: _Outgoing, runtime: Runtime, last: bool) -> Steps[Written]:
    """Send and see it applied, with a line in the journal before and after."""
    # What an earlier write of the item has taken away is given back, whoever asks for an end.
    if runtime.stopped() and todo.step != "restore":
        raise Interrupted(f"The run was told to end before the write to {todo.target} was started.")
    journal, request_id = runtime.journal, outgoing.request_id
    if not outgoing.is_again:
        journal.intent(todo, *outgoing.views, request_id, outgoing.restores)
    try:
        answer = resources.send(
            runtime.client,
            todo.target,
            outgoing.body,
            request_id=request_id,
            if_match=outgoing.if_match,
            application=runtime.options.change_reference,
        )
        runtime.begun()
        written = yield from _answered(todo, outgoing, answer, runtime, last)
    except (Problem, PartnerCenterError) as error:
        # Sent before under this id without an answer, it may have been made then.
        result = _RESULTS.get(type(error), "unknown" if outgoing.is_again else "failed")
        journal.outcome(request_id, result, error.to_dict().get("correlation_id"), str(error))
        raise
    journal.outcome(request_id, "accepted" if written.pending else "applied", written.correlation_id)
    return written


def _read(write: Write, sent: _Sent | None, runtime: Runtime) -> Raw:
    try:
        return resources.read(runtime.client, write.target)
    except PartnerCenterError as error:
        if sent is None:
            raise
        raise _unknown(write, sent.failure, f"Reading it again failed too: {error}") from error


def _require_still_right(write: Write, desired: Desired, fresh: Raw, sent: _Sent | None, runtime: Runtime) -> None:
    """Raises Conflict or Refused where the fresh read forbids the write; OutcomeUnknown where it may have been made."""
    try:
        plan.require_expected(desired, fresh)
        if write.step == "renewal" and None not in write.values.values():
            predict.require_auto_renew(fresh)
        if is_immediate(write):
            at_stake = stakes.at_stake(fresh, desired.given)
            stakes.refuse_losses(at_stake, desired.given, fresh, runtime.options.scheduled_changes)
    except Refused as refused:
        if sent is None:
            raise
        raise _unknown(write, sent.failure, str(refused)) from refused


def _still_to_do(write: Write, fresh: Raw) -> Write:
    """A restoring write gives way to scheduled changes that somebody made meanwhile."""
    if write.step != "restore":
        return write
    kind = write.target.kind
    lost = {name: wanted for name, wanted in write.values.items() if fields.field_of(kind, name).matches(fresh, None)}
    return replace(write, values=lost)


def _missing(write: Write, todo: Write, made: t.Mapping[str, t.Any], fresh: Raw) -> list[str]:
    """What earlier writes have set and a read does not show; one that shows that something was lost is not behind."""
    if write.step == "restore" and todo.values:
        return []
    kind = write.target.kind
    return [
        name
        for name, value in made.items()
        if name not in write.values and not fields.field_of(kind, name).matches(fresh, value)
    ]


def _until_up_to_date(write: Write, missing: t.Sequence[str], tries: _Tries, runtime: Runtime) -> float:
    """Seconds until the next read. When patience has ended, raises NotApplied, or OutcomeUnknown for an open write."""
    if tries.behind > 0:
        tries.behind -= 1
        return runtime.backoff(STALE_TRIES - tries.behind)
    why = f"{write.target} does not show what was written just before ({', '.join(missing)})"
    if tries.sent is not None:
        raise _unknown(write, tries.sent.failure, f"{why}.")
    raise NotApplied(f"{why}, so nothing more was written.", "Somebody else may be changing it. Run the task again.")


def _found_done(write: Write, fresh: Raw, sent: _Sent | None, runtime: Runtime) -> Written:
    """Nothing is left to write: it was so already, or a write that was never answered has been applied."""
    if sent is None:
        return Written(write, fresh, fresh)
    outgoing, correlation_id = sent.outgoing, sent.failure.correlation_id
    runtime.journal.outcome(outgoing.request_id, "applied", correlation_id)
    verify.require(write, outgoing.before, fresh, outgoing.request_id, correlation_id)
    return Written(write, outgoing.before, fresh, outgoing.changes, outgoing.request_id, correlation_id)


def _answered(write: Write, outgoing: _Outgoing, answer: Answer, runtime: Runtime, last: bool) -> Steps[Written]:
    before = outgoing.before
    written = Written(write, before, before, outgoing.changes, answer.request_id, answer.correlation_id)
    if answer.status != 202:
        return replace(written, after=verify.verified(write, before, answer, runtime))
    if last and not runtime.options.wait:
        return replace(written, pending=True, location=answer.location)
    return replace(written, after=(yield from verify.settled(write, before, answer, runtime)))


def _after_ambiguous(lost: AmbiguousWrite, outgoing: _Outgoing, tries: _Tries, runtime: Runtime) -> float:
    """Remember what may have been applied; seconds until the look at it, which the last try gets as well."""
    alike = tries.sent is not None and tries.sent.failure.status == lost.status
    tries.sent = _Sent(outgoing, lost, spent=outgoing.is_again and lost.status is not None and alike)
    delay = runtime.backoff(runtime.options.retries - tries.ambiguous + 1)
    tries.ambiguous -= 1
    return max(delay, lost.retry_after or 0.0)


def _after_refusal(refused: ApiError, etag: str | None, tries: _Tries, runtime: Runtime) -> float:
    """Seconds until a new try where the refusal allows one; else raises the refusal."""
    if refused.is_stale and tries.stale > 0:
        tries.stale -= 1
        tries.refused_etag = etag if refused.status == 412 else None
        return 0.0
    if refused.is_pending and runtime.options.wait:
        now = runtime.clock()
        if tries.pending_until is None:
            tries.pending_until = now + runtime.options.wait_timeout
        if now < tries.pending_until:
            # To look is to write again, and what is pending may take hours.
            interval = runtime.options.wait_interval
            delay = max(interval, min(_LONGEST_LOOK, interval * _GROWTH**tries.pending))
            tries.pending += 1
            return min(delay, tries.pending_until - now)
    if tries.sent is not None and refused.status == 409 and not refused.is_pending and not tries.sent.spent:
        # The server knows the id and does not say how it ended: look, and if it is not there, send it as a new one.
        tries.sent = replace(tries.sent, spent=True)
        return runtime.backoff(1)
    raise refused


def _unknown(write: Write, lost: AmbiguousWrite, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"Whether the write to {write.target} was applied is not known: {lost}. {why}",
        "Run the task again when Partner Center answers: it reads first, and changes nothing that has happened.",
        **_cause(lost),
    )


def _cause(lost: AmbiguousWrite) -> dict[str, t.Any]:
    return {"request_id": lost.request_id, "correlation_id": lost.correlation_id, "cause": lost.to_dict()}
