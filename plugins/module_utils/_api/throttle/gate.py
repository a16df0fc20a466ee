# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The gate that every request of the process goes through: throttled by 429 answers, never by guesses.

Partner Center limits each API per partner, or per partner and customer, some not at all, and writes sooner than reads
(Microsoft: "API throttling guidance"). An answer does not say which limit it is about. So a refusal closes the
narrowest one that it can be: that of the customer's requests to this API, or of the customer's writes. It is widened to
what the refusals in force have in common, as long as nothing was accepted there since: a second customer's refused
write makes it all writes, a read besides makes it the partner's, a support contact beside a subscription makes it that
of all APIs.

Whatever else is accepted, writes that are refused again and again are not waited for without end: how often in a row
the gate has closed is counted for writes alone as well, and only an accepted write begins that count anew.
"""

from __future__ import annotations

import math
import threading
import typing as t
from dataclasses import dataclass

from ..._common.surroundings import Surroundings
from .limit import LimitPermit, RateLimit

PARTNER = "partner"


class ClosedTooLong(Exception):
    """The gate is closed for longer than is waited for; ``seconds`` is what is left of it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class ClosedInVain(Exception):
    """The gate has closed ``times`` in a row with nothing accepted in between; ``seconds`` until it opens again."""

    def __init__(self, times: int, seconds: float) -> None:
        super().__init__(times, seconds)
        self.times = times
        self.seconds = seconds


class LimitScope(t.NamedTuple):
    """Which requests a limit is for. None means those of all customers, or to all APIs."""

    customer: str | None
    writes: bool
    api: str | None

    def joined(self, other: LimitScope) -> LimitScope:
        """The narrowest scope that holds both."""
        return LimitScope(
            self.customer if self.customer == other.customer else None,
            self.writes and other.writes,
            self.api if self.api == other.api else None,
        )


@dataclass(frozen=True, slots=True)
class Permit:
    """A request's permit, by the limits that it counts for, the narrowest first. Handed back with what became of it."""

    by_limit: tuple[tuple[LimitScope, RateLimit, LimitPermit], ...]

    @property
    def is_write(self) -> bool:
        return self.by_limit[0][0].writes

    @property
    def given_at(self) -> float:
        return self.by_limit[0][2].given_at


@dataclass(frozen=True, slots=True)
class _Refusal:
    scope: LimitScope
    at: float
    until: float


@dataclass(slots=True)
class _Closings:
    """How often in a row requests of one sort were refused, with none of them accepted in between."""

    count: int = 0
    until: float = -math.inf

    def refused(self, given_at: float, until: float) -> None:
        # Those that were on their way when it closed are refused by the same limit.
        if given_at >= self.until:
            self.count += 1
            self.until = until

    def begin_anew(self) -> None:
        self.count, self.until = 0, -math.inf


class Gate:
    """
    Thread safe. ``requests_per_minute`` spaces all requests of the process evenly; ``longest`` is how many seconds a
    request waits at most for a limit that has closed the gate, ``retries`` how often more it may close in vain.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        requests_per_minute: int | None = None,
        longest: float = math.inf,
        retries: float = math.inf,
    ) -> None:
        self._surroundings = surroundings
        self._longest = longest
        self._retries = retries
        self._spacing = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._next_at = surroundings.clock()
        self._closings = _Closings()
        self._closings_of_writes = _Closings()
        self._limits: dict[LimitScope, RateLimit] = {}
        self._refusals: list[_Refusal] = []
        self._changed = threading.Condition()

    def enter(self, customer: str | None = None, *, is_write: bool = False, api: str = "") -> Permit:
        """
        Waits for this request's turn. ``customer`` is the id in its path, lower case, or None.

        Raises ``StopRequested``, and :class:`ClosedTooLong` where it would have to wait for too long, and
        :class:`ClosedInVain` where others have waited so often that to wait once more is of no use.
        """
        with self._changed:
            while True:
                asked = self.ask(customer, is_write=is_write, api=api)
                if isinstance(asked, Permit):
                    return asked
                if asked is not None and asked > self._longest:
                    raise ClosedTooLong(asked)
                self._surroundings.wait(self._changed, asked)

    def is_in_vain(self, *, is_write: bool) -> bool:
        """Whether a request that was refused is not sent again: so often in a row the gate has closed, for whomever."""
        return self._closed_in_a_row(is_write) > self._retries

    def accepted(self, permit: Permit) -> None:
        """The server took the request, whatever else it answered than 429."""
        with self._changed:
            now = self._surroundings.clock()
            self._closings.begin_anew()
            if permit.is_write:
                self._closings_of_writes.begin_anew()
            told = [limit.accepted(given, now) for _scope, limit, given in permit.by_limit]
            if any(told):
                self._changed.notify_all()

    def dropped(self, permit: Permit) -> None:
        """No answer came."""
        with self._changed:
            now = self._surroundings.clock()
            for _scope, limit, given in permit.by_limit:
                limit.dropped(given, now)
            self._changed.notify_all()

    def refused(self, permit: Permit, seconds: float) -> str:
        """429: closes the gate for ``seconds``, and says for whom: a customer's id, or :data:`PARTNER`."""
        with self._changed:
            now = self._surroundings.clock()
            until = now + seconds
            limited, is_joined = self._limited(permit, now, until)
            self._closings.refused(permit.given_at, until)
            if limited.writes:
                self._closings_of_writes.refused(permit.given_at, until)
            else:
                # Reads are limited as well, so those that are accepted count.
                self._closings_of_writes.begin_anew()
            for past in self._refusals:
                if past.scope != limited and past.scope.joined(limited) == limited:
                    self._limits[past.scope].forget()
                    until = max(until, past.until)
            for scope, limit, given in permit.by_limit:
                if scope == limited:
                    limit.refused(given, now, seconds, is_joined=is_joined)
                    limit.closed_until = max(limit.closed_until, until)
                else:
                    limit.dropped(given, now)
            # Whichever limit it is, the one who was refused waits, and is not sent to find that out.
            narrowest, limit, _given = permit.by_limit[0]
            limit.closed_until = max(limit.closed_until, now + seconds)
            self._refusals.append(_Refusal(narrowest, now, now + seconds))
            self._changed.notify_all()
            return limited.customer or PARTNER

    def _limited(self, permit: Permit, now: float, until: float) -> tuple[LimitScope, bool]:
        """Whose limit a refusal until then is about, and whether it takes others' refusals to say so."""
        self._refusals = [past for past in self._refusals if now < past.until]
        limited = permit.by_limit[0][0]
        for scope, limit, given in permit.by_limit:
            if given.leads or now < limit.closed_until or limit.predicts(until):
                limited = scope
        is_joined = False
        for past in self._refusals:
            joined = limited.joined(past.scope)
            if joined != limited and self._limits[joined].accepted_sent_at <= past.at:
                limited, is_joined = joined, True
        return limited, is_joined

    def ask(self, customer: str | None, *, is_write: bool = False, api: str = "") -> Permit | float | None:
        """A permit, or the seconds to wait, or None: until something changes. Raises :class:`ClosedInVain`."""
        now = self._surroundings.clock()
        limits = [(scope, self._limit(scope)) for scope in _scopes(customer, is_write, api)]
        waits = [limit.wait(now) for _scope, limit in limits]
        if self._spacing:
            waits.append(self._next_at - now)
        known = [wait for wait in waits if wait is not None]
        longest = max(known, default=0.0)
        if longest > 0:
            if any(now < limit.closed_until for _scope, limit in limits):
                self._require_use(is_write, longest)
            return longest
        if len(known) < len(waits):
            return None
        self._next_at = max(self._next_at, now) + self._spacing
        return Permit(tuple((scope, limit, limit.take(now)) for scope, limit in limits))

    def _closed_in_a_row(self, is_write: bool) -> int:
        return max(self._closings.count, self._closings_of_writes.count if is_write else 0)

    def _require_use(self, is_write: bool, seconds: float) -> None:
        """
        Raises where it is of no use to wait with others. That takes two closings at least, since one is what every
        limit does; and what gives back what a write has taken away is tried in any case.
        """
        times = self._closed_in_a_row(is_write)
        if times > max(self._retries, 1) and not self._surroundings.is_finishing():
            raise ClosedInVain(times, seconds)

    def _limit(self, scope: LimitScope) -> RateLimit:
        limit = self._limits.get(scope)
        if limit is None:
            limit = self._limits[scope] = RateLimit()
        return limit


def _scopes(customer: str | None, is_write: bool, api: str) -> list[LimitScope]:
    """Everything that a request may be limited by, the narrowest first."""
    kinds = (True, False) if is_write else (False,)
    customers = (None,) if customer is None else (customer, None)
    return [LimitScope(one, writes, which) for which in (api, None) for one in customers for writes in kinds]
