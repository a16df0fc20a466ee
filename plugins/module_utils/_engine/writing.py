# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. One attempt at a write: what goes out, what the journal says of it, and the answer seen to be applied."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .._api.errors import AmbiguousWrite, ApiError
from .._common import case
from .._common.problems import Conflict, Problem, defect
from .._state import checks, kinds, plan
from .._state.model import Change, Desired, Raw, Write
from .._state.predictions import refusals
from .._state.schedules import stakes
from .._state.schedules.table import ROWS_BY_NAME, deletes_schedules
from . import endpoints, verify
from .errors import Damaged, Interrupted, NotApplied, OperationTimedOut, OutcomeUnknown
from .runtime import Resumable, Runtime

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


@dataclass(frozen=True, slots=True)
class Outgoing:
    """
    What is about to be sent, with the read that it was built on (``before``).

    ``views``: for the journal, before and after. ``restores``: the scheduled changes that another write gives back.
    """

    body: dict[str, t.Any]
    before: Raw
    request_id: str
    etag: str | None
    if_match: str | None
    is_again: bool
    changes: tuple[Change, ...]
    views: tuple[dict[str, t.Any], dict[str, t.Any]]
    restores: t.Sequence[str]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What went out and was not answered."""

    outgoing: Outgoing
    failure: AmbiguousWrite
    #: The id has been sent twice and failed alike: the server is repeating a stored error.
    is_spent: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """What was refused because another write to the resource is pending, and may be the same one of an earlier run."""

    outgoing: Outgoing
    refusal: ApiError


#: What the journal says of a write that ended in an error.
_RESULTS: t.Final[t.Mapping[type[Exception], str]] = {
    AmbiguousWrite: "unknown",
    Damaged: "applied",
    # The API answered success: whoever goes back has to look at it.
    NotApplied: "unknown",
    OperationTimedOut: "accepted",
    OutcomeUnknown: "unknown",
}


def still_to_do(write: Write, fresh: Raw) -> Write:
    """What is left of the write: a restoring one gives way to scheduled changes that somebody made meanwhile."""
    if write.step != "restore":
        return write
    lost = {name: wanted for name, wanted in write.values.items() if ROWS_BY_NAME[name].is_gone(fresh, wanted.value)}
    return replace(write, values=lost)


def require_still_right(write: Write, desired: Desired, fresh: Raw, runtime: Runtime) -> None:
    """Raises Conflict or Refused where the read right before it forbids the write."""
    plan.require_expected(desired, fresh, runtime.conditions())
    if write.step != "restore" and kinds.has_schedules(write.target.kind):
        _refuse(write, desired, fresh, runtime)
        stakes.require_seen(write, fresh)
    if deletes_schedules(write):
        stakes.refuse_losses(
            stakes.at_stake(fresh, desired.wanted), desired.wanted, fresh, runtime.options.scheduled_changes
        )


def _refuse(write: Write, desired: Desired, fresh: Raw, runtime: Runtime) -> None:
    names = verify.mismatches(write, fresh, runtime.conditions())
    refusals.refuse(desired.wanted, names, fresh)
    kind, conditions = kinds.of(write.target.kind), runtime.conditions()
    for name in names:
        asked = plan.asked_for(desired, name, write.values[name], fresh, runtime.now(), conditions)
        kind.field(name).refuse(asked)


def not_as_seen(write: Write, seen: t.Mapping[str, t.Any]) -> Conflict:
    """The error for scheduled changes that are otherwise than an earlier read saw them."""
    return Conflict(
        f"The scheduled changes of {write.target} are not as they were when it was read before: then, they were "
        f"{checks.shown(case.snake(dict(seen)), most=400)}.",
        "Nothing was written to it. Somebody else may be changing it, or a run may have ended between its two writes. "
        "Look at it, set them again if they are missing, and run the task again.",
    )


def outcome_unknown(write: Write, failure: AmbiguousWrite, why: str) -> OutcomeUnknown:
    """The error for a write of which it cannot be found out whether it was made."""
    return OutcomeUnknown(
        f"Whether the write to {write.target} was applied is not known: {failure}. {why}",
        "Run the task again when Partner Center answers: it reads first, and changes nothing that has happened.",
        request_id=failure.request_id,
        correlation_id=failure.correlation_id,
        cause=failure.to_dict(),
    )


def exchange(
    write: Write, outgoing: Outgoing, runtime: Runtime, *, is_last: bool, may_stop: bool
) -> Resumable[Written]:
    """Send and see it applied, with a line in the journal before and after."""
    # What an earlier write of the item has taken away is given back, whoever asks for an end.
    if runtime.stopped() and write.step != "restore":
        raise Interrupted(f"The run was told to end before the write to {write.target} was started.")
    journal, request_id, around = runtime.journal, outgoing.request_id, runtime.surroundings
    if not outgoing.is_again:
        journal.intent(write, *outgoing.views, request_id, outgoing.restores)
    try:
        how = endpoints.Sending(request_id, outgoing.if_match, runtime.options.change_reference)
        is_owed = around.is_finishing() and (write.step == "restore" or not may_stop)
        with around.finishing(is_owed):
            answer = endpoints.of(write.target).write(runtime.client, write.target, outgoing.body, how)
        runtime.on_first_write()
        written = yield from _seen_applied(write, outgoing, answer, runtime, is_last, may_stop)
    except Problem as error:
        # Sent before under this id without an answer, it may have been made then.
        result = _RESULTS.get(type(error), "unknown" if outgoing.is_again else "failed")
        is_blocked = isinstance(error, ApiError) and (error.is_pending or error.is_not_ready)
        correlation_id = error.to_dict().get("correlation_id")
        journal.outcome(request_id, result, correlation_id, str(error), is_blocked=is_blocked)
        raise
    except Exception as error:
        journal.outcome(request_id, "unknown", None, str(defect(error)))
        raise _not_known(write, request_id, error) from error
    try:
        journal.outcome(request_id, "accepted" if written.pending else "applied", written.correlation_id)
    except Problem:
        raise
    except Exception as error:
        raise _not_known(write, request_id, error) from error
    return written


def _not_known(write: Write, request_id: str, error: Exception) -> OutcomeUnknown:
    """The error for a defect after the write was sent."""
    return OutcomeUnknown(
        f"Whether the write to {write.target} was applied is not known. {defect(error)}",
        "Run the task again: it reads first, and changes nothing that has happened.",
        request_id=request_id,
    )


def made(write: Write, outgoing: Outgoing, fresh: Raw, correlation_id: str | None) -> Written:
    """The write as one that was made, after a read that shows it."""
    return Written(write, outgoing.before, fresh, outgoing.changes, outgoing.request_id, correlation_id)


def _seen_applied(
    write: Write, outgoing: Outgoing, answer: Answer, runtime: Runtime, is_last: bool, may_stop: bool
) -> Resumable[Written]:
    before = outgoing.before
    written = Written(write, before, before, outgoing.changes, answer.request_id, answer.correlation_id)
    if answer.status != 202:
        return replace(written, after=verify.verified(write, before, answer, runtime))
    if is_last and not runtime.options.wait:
        return replace(written, pending=True, location=answer.location)
    return replace(written, after=(yield from verify.settled(write, before, answer, runtime, may_stop=may_stop)))
