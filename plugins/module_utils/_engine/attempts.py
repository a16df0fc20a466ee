# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. One write over its attempts: each begins with a fresh read, and what it may have come to is looked for there.

An attempt can be answered, refused for good, refused for the moment, or not answered at all. What then shows in the
next read decides: a write is sent again only where it does not show, and what shows is reported as made.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .._api.errors import AmbiguousWrite, ApiError, PartnerCenterError
from .._api.retries import is_too_long
from .._common.problems import Problem, Refused
from .._state import kinds
from .._state.model import Desired, Raw, Write
from .._state.schedules.memory import SeenSchedules
from .._state.schedules.table import is_immediate
from . import endpoints, verify, writing
from .action_form import FormOfWrite
from .errors import Damaged, Interrupted, NotApplied, OutcomeUnknown
from .journal.protocol import JournalError
from .runtime import STALE_TRIES, Resumable, Runtime, pause
from .writing import Blocked, Outgoing, Unanswered, Written

#: How long a subscription that is not ready for a write is waited for (Microsoft: send it again after two minutes).
_NOT_READY_PATIENCE: t.Final = 120.0


class WriteAttempts:
    """
    Makes one write of an item. ``later``: the writes that follow, for which it is waited for. ``written``: what the
    item's earlier writes have set (field -> value). A read that does not show it is behind, and to write it back would
    undo them.

    Also where making the write ends in an error: ``seen``, the scheduled changes that the item's reads have seen;
    ``is_disturbed``, whether a write of the item, or one that it found pending, may have changed what is read;
    ``is_blocked``, whether it found one pending and has not seen its end.
    """

    def __init__(
        self,
        write: Write,
        desired: Desired,
        runtime: Runtime,
        seen: SeenSchedules,
        written: t.Mapping[str, t.Any],
        *,
        is_disturbed: bool = False,
        later: t.Sequence[Write] = (),
    ) -> None:
        self.seen = seen
        self._write = write
        self._desired = desired
        self._runtime = runtime
        self._written = written
        self._was_disturbed = is_disturbed
        self._later = later
        #: How often it may be sent again without an answer; below 0, it is only looked at.
        self._unanswered_left = runtime.options.retries
        self._stale_etags_left = STALE_TRIES
        self._stale_reads_left = STALE_TRIES
        self._refused_etag: str | None = None
        #: What was answered with success and does not show that a field left out was cleared: null is the other way.
        self._omitted: tuple[Outgoing, str | None, NotApplied] | None = None
        self.form = FormOfWrite(runtime.seen_form)
        self._waits_since, self._waits = t.cast("float | None", None), 0
        self._unanswered: Unanswered | None = None
        self._blocked: Blocked | None = None
        #: A refusal after a try that was not answered: the write may have been made then, so it is only looked at.
        self._refusal: ApiError | None = None

    @property
    def is_disturbed(self) -> bool:
        return self._was_disturbed or self._unanswered is not None or self.is_blocked

    @property
    def is_blocked(self) -> bool:
        return self._blocked is not None

    def execute(self) -> Resumable[Written]:
        """
        Make the write and see it applied.

        Raises Conflict and Refused before anything is sent; ApiError for a refusal; NotApplied, Damaged,
        OperationTimedOut and OutcomeUnknown after something was sent; TransportError where the API cannot be reached.
        """
        while True:
            fresh = self._read()
            self.seen = self.seen.unless_renewed(fresh)
            todo = writing.still_to_do(self._write, fresh)
            if self._not_shown(todo, fresh) or self._changed_by_others(todo, fresh):
                yield self._until_up_to_date(todo, fresh)
                continue
            if not verify.mismatches(todo, fresh, self._runtime.conditions()):
                return self._found_done(todo, fresh)
            if self._refusal is not None or self._unanswered_left < 0:
                yield self._until_shown()
                continue
            self._require_still_right(todo, fresh)
            outgoing = self._outgoing(todo, fresh)
            try:
                return (yield from self._exchange(todo, outgoing))
            except AmbiguousWrite as failure:
                self._runtime.on_first_write()
                delay = self._after_silence(failure, outgoing)
            except ApiError as refusal:
                delay = self._after_refusal(refusal, outgoing)
            except (Damaged, NotApplied) as failure:
                # It was answered with success: what it deletes is gone, whatever else of it shows.
                self._was_disturbed = True
                if isinstance(failure, Damaged) or self._omitted or None not in todo.values.values():
                    raise
                # Leaving a field out is the documented way to clear it; an explicit null is the other one.
                self._omitted, delay = (outgoing, failure.details.get("correlation_id"), failure), 0.0
            yield from self._wait(delay)

    def _wait(self, delay: float) -> Resumable[None]:
        """Until the next look: as soon as the run is asked to end, unless scheduled changes are still owed."""
        if self._must_finish():
            yield delay
            return
        yield from pause(delay, self._runtime)
        if delay > 0 and self._runtime.surroundings.stop_requested():
            if self._unanswered is None:
                raise Interrupted(f"The run was told to end before the write to {self._write.target} could be made.")
            self._unanswered_left = -1

    def _must_finish(self) -> bool:
        """Whether to stop here would leave behind what nobody has asked for."""
        return self._runtime.surroundings.is_finishing() and (self._write.step == "restore" or self._owes())

    def _exchange(self, todo: Write, outgoing: Outgoing) -> Resumable[Written]:
        owes, runtime = self._owes(), self._runtime
        is_last = all(write.step == "restore" for write in self._later) and not owes
        may_stop = not (owes or self._write.step == "restore")
        try:
            return (yield from writing.exchange(todo, outgoing, runtime, is_last=is_last, may_stop=may_stop))
        except Problem as error:
            if self._unanswered is None or not isinstance(error, JournalError):
                raise
            # What was sent before is still open.
            raise self._unknown(error.message) from error

    def _owes(self) -> bool:
        """Whether a later write gives back what this one takes away."""
        return bool(self._later and self.seen.to_restore())

    def _read(self) -> Raw:
        try:
            with self._runtime.surroundings.finishing(self._must_finish()):
                return endpoints.of(self._write.target).read(self._runtime.client, self._write.target)
        except PartnerCenterError as error:
            if self._unanswered is None:
                raise
            raise self._unknown(f"Reading it again failed too: {error}") from error

    def _not_shown(self, todo: Write, fresh: Raw) -> list[str]:
        """What earlier writes have set and a read does not show; one that shows a loss is not behind."""
        if todo.step == "restore" and todo.values:
            return []
        earlier = {name: value for name, value in self._written.items() if name not in self._write.values}
        return verify.mismatches(replace(self._write, values=earlier), fresh, self._runtime.conditions())

    def _changed_by_others(self, todo: Write, fresh: Raw) -> dict[str, t.Any]:
        """What is scheduled otherwise than an earlier read saw: one is behind, or another run between its writes."""
        if not is_immediate(todo):
            return {}
        return self.seen.changed_by_others(fresh, is_disturbed=self.is_disturbed)

    def _until_up_to_date(self, todo: Write, fresh: Raw) -> float:
        """Seconds until the next read. When patience has ended, raises what stands in the way."""
        if self._stale_reads_left > 0:
            self._stale_reads_left -= 1
            return self._runtime.backoff(STALE_TRIES - self._stale_reads_left)
        missing = self._not_shown(todo, fresh)
        problem: Problem
        if missing:
            why = f"{todo.target} does not show what was written just before ({', '.join(missing)})"
            problem = NotApplied(
                f"{why}, so nothing more was written.", "Somebody else may be changing it. Run the task again."
            )
        else:
            problem = writing.not_as_seen(todo, self._changed_by_others(todo, fresh))
        if self._unanswered is not None:
            raise self._unknown(problem.message) from problem
        raise problem

    def _until_shown(self) -> float:
        """Seconds until the next look at a write that is not sent again; raises when there is none left."""
        if self._refusal is None:
            raise self._unknown("It does not show, and no try is left.")
        if self._stale_reads_left <= 0:
            raise self._refusal
        self._stale_reads_left -= 1
        return self._runtime.backoff(STALE_TRIES - self._stale_reads_left)

    def _found_done(self, todo: Write, fresh: Raw) -> Written:
        """Nothing is left to write: it was so already, or what was not answered, or was pending, has been applied."""
        if self._unanswered is not None:
            outgoing, ids = self._unanswered.outgoing, self._unanswered.failure
            self._runtime.journal.outcome(outgoing.request_id, "applied", ids.correlation_id)
            verify.require(todo, outgoing.before, fresh, outgoing.request_id, ids.correlation_id, self._runtime)
            return writing.made(todo, outgoing, fresh, ids.correlation_id)
        made = None if self._omitted is None else self._omitted[:2]
        if made is None and self._blocked is not None and todo.step != "restore":
            # What was pending did just what was asked: the same write, of a run that did not see its end.
            made = self._blocked.outgoing, self._blocked.refusal.correlation_id
        if made is not None:
            self._runtime.on_first_write()
            self._runtime.journal.outcome(made[0].request_id, "applied", made[1])
            return writing.made(todo, made[0], fresh, made[1])
        if not self.is_disturbed:
            self.seen = self.seen.built_on(fresh, is_disturbed=False)
        return Written(todo, fresh, fresh)

    def _require_still_right(self, todo: Write, fresh: Raw) -> None:
        """Raises Conflict or Refused where the read forbids the write; OutcomeUnknown where it may have been made."""
        try:
            writing.require_still_right(todo, self._desired, fresh, self._runtime)
        except Refused as refused:
            if self._omitted is not None:
                # What stands in the way is what it has made itself.
                raise self._omitted[2] from refused
            if self._unanswered is None:
                raise
            raise self._unknown(str(refused)) from refused

    def _outgoing(self, todo: Write, fresh: Raw) -> Outgoing:
        self.seen = self.seen.built_on(fresh, is_disturbed=self.is_disturbed)
        values = {**todo.looked_up, **todo.values}
        merged = kinds.of(todo.target.kind).merge_into(fresh, values, clear_by_null=bool(self._omitted))
        body = self.form.in_its_form(merged, fresh)
        etag = endpoints.etag(fresh)
        lost = self._unanswered
        is_again = lost is not None and not lost.is_spent and lost.outgoing.body == body
        return Outgoing(
            body,
            fresh,
            # Sent again unchanged, it goes under the same id, so that the server can tell.
            lost.outgoing.request_id if lost is not None and is_again else self._runtime.client.new_request_id(),
            etag,
            # After a 412 with an unchanged etag the header itself is what the server does not take.
            if_match=None if etag == self._refused_etag else etag,
            is_again=is_again,
            changes=verify.changes(todo, self._desired, fresh, self.seen.original, self._runtime),
            views=verify.views(todo, fresh, self.seen.original, self._runtime.conditions()),
            restores=verify.restores(todo, self.seen),
        )

    def _after_silence(self, failure: AmbiguousWrite, outgoing: Outgoing) -> float:
        """Remember what may have been applied; seconds until the look at it, which the last try gets as well."""
        is_alike = self._unanswered is not None and self._unanswered.failure.status == failure.status
        is_spent = outgoing.is_again and failure.status is not None and is_alike
        self._unanswered = Unanswered(outgoing, failure, is_spent)
        delay = self._runtime.backoff(self._runtime.options.retries - self._unanswered_left + 1)
        is_given_up = is_too_long(failure.retry_after)
        self._unanswered_left = -1 if is_given_up else self._unanswered_left - 1
        return delay if is_given_up else max(delay, failure.retry_after or 0.0)

    def _after_refusal(self, refusal: ApiError, outgoing: Outgoing) -> float:
        """Seconds until a new attempt where the refusal allows one; else raises the refusal."""
        if refusal.is_stale and self._stale_etags_left > 0:
            self._stale_etags_left -= 1
            self._refused_etag = outgoing.etag if refusal.status == 412 else None
            return 0.0
        lost = self._unanswered
        if lost is not None and not lost.is_spent and refusal.status == 409 and not refusal.is_pending:
            # The server knows the id and does not say how it ended: look, and if it is not there, send it as a new one.
            self._unanswered = replace(lost, is_spent=True)
            return self._runtime.backoff(1)
        if refusal.is_pending or refusal.is_not_ready:
            return self._until_ready(refusal, outgoing)
        if self.form.is_other_left(refusal, outgoing.body, outgoing.before):
            return 0.0
        if lost is None:
            raise refusal
        self._refusal = refusal
        return self._runtime.backoff(1)

    def _until_ready(self, refusal: ApiError, outgoing: Outgoing) -> float:
        """Seconds until a new attempt (to look is to write again) after a refusal; raises when patience has ended."""
        options, now, self._blocked = self._runtime.options, self._runtime.clock(), Blocked(outgoing, refusal)
        self._waits_since = now if self._waits_since is None else self._waits_since
        patience = options.wait_timeout if options.wait else 0.0
        left = self._waits_since + (patience if refusal.is_pending else min(patience, _NOT_READY_PATIENCE)) - now
        if left <= 0 and self._unanswered is None:
            raise refusal
        if left <= 0:
            raise self._unknown(f"It may be what Partner Center is still busy with: {refusal}") from refusal
        self._waits += 1
        return min(self._runtime.longer_wait(self._waits - 1), left)

    def _unknown(self, why: str) -> OutcomeUnknown:
        return writing.outcome_unknown(self._write, t.cast(Unanswered, self._unanswered).failure, why)
