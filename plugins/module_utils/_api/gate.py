# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The gate that every request of the process goes through: throttled by 429 answers, never by guesses.

Partner Center limits per partner, or per partner and customer (Microsoft: "API throttling guidance"), and an answer
does not say which. So a refusal closes the lane of the customer in the path; the partner's lane closes when a request
without customer is refused, or when a second customer's is while nothing was accepted since the first.
"""

from __future__ import annotations

import math
import threading
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.csp.partner_center.plugins.module_utils._api.lane import Lane, Pass

PARTNER = "partner"

#: How often waiting threads look whether the run was asked to stop, in seconds.
STOP_INTERVAL = 0.5


class StopAsked(Exception):
    """The stop signal came while waiting."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request's leave: to be handed back with what became of it."""

    customer: str | None
    partner_pass: Pass
    customer_lane: Lane | None
    customer_pass: Pass | None


class Gate:
    """
    Thread safe. ``clock`` is monotonic seconds; ``sleep`` waits that many seconds and is given only by tests.

    ``requests_per_minute`` spaces all requests of the process evenly; ``stopped`` ends waits with :class:`StopAsked`.
    """

    def __init__(
        self,
        *,
        requests_per_minute: int | None = None,
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] | None = None,
        stopped: t.Callable[[], bool] | None = None,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._stopped = stopped
        self._spacing = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._next_at = clock()
        self._partner = Lane()
        self._customers: dict[str, Lane] = {}
        self._accepted_sent_at = -math.inf
        self._changed = threading.Condition()

    def enter(self, customer: str | None = None) -> Ticket:
        """Waits for this request's turn. ``customer`` is the id in its path, lower case, or None."""
        with self._changed:
            while True:
                asked = self.ask(customer)
                if isinstance(asked, Ticket):
                    return asked
                self._wait(asked)

    def accepted(self, ticket: Ticket) -> None:
        """The server took the request, whatever else it answered than 429."""
        with self._changed:
            self._accepted_sent_at = max(self._accepted_sent_at, ticket.partner_pass.given_at)
            self._partner.accepted(ticket.partner_pass)
            if ticket.customer_lane is not None and ticket.customer_pass is not None:
                ticket.customer_lane.accepted(ticket.customer_pass)
            self._wake(ticket)

    def dropped(self, ticket: Ticket) -> None:
        """No answer came."""
        with self._changed:
            self._partner.dropped(ticket.partner_pass)
            if ticket.customer_lane is not None and ticket.customer_pass is not None:
                ticket.customer_lane.dropped(ticket.customer_pass)
            self._wake(ticket)

    def refused(self, ticket: Ticket, seconds: float) -> str:
        """429: closes the gate for ``seconds``, and says for whom: a customer's id, or :data:`PARTNER`."""
        with self._changed:
            now = self._clock()
            for_partner = self._is_partners(ticket, now)
            if ticket.customer_lane is not None and ticket.customer_pass is not None:
                ticket.customer_lane.refused(ticket.customer_pass, now, seconds)
            if for_partner:
                self._partner.refused(ticket.partner_pass, now, seconds)
            else:
                self._partner.dropped(ticket.partner_pass)
            self._wake(ticket)
            return PARTNER if for_partner or ticket.customer is None else ticket.customer

    def _is_partners(self, ticket: Ticket, now: float) -> bool:
        if ticket.customer is None or ticket.partner_pass.probe or now < self._partner.closed_until:
            return True
        closed = [
            lane.refused_at
            for customer, lane in self._customers.items()
            if customer != ticket.customer and now < lane.closed_until
        ]
        return bool(closed) and self._accepted_sent_at <= max(closed)

    def ask(self, customer: str | None) -> Ticket | float | None:
        """A ticket, or the seconds to wait, or None: until something changes."""
        now = self._clock()
        lane = self._lane(customer)
        waits = [self._next_at - now if self._spacing else 0.0, self._partner.wait(now)]
        if lane is not None:
            waits.append(lane.wait(now))
        known = [wait for wait in waits if wait is not None]
        longest = max(known)
        if longest > 0:
            return longest
        if len(known) < len(waits):
            return None
        self._next_at = max(self._next_at, now) + self._spacing
        return Ticket(customer, self._partner.take(now), lane, lane.take(now) if lane is not None else None)

    def _lane(self, customer: str | None) -> Lane | None:
        if customer is None:
            return None
        lane = self._customers.get(customer)
        if lane is None:
            lane = self._customers[customer] = Lane()
        return lane

    def _wake(self, ticket: Ticket) -> None:
        # Only the outcome of a probe is waited for; everybody else knows until when.
        if ticket.partner_pass.probe or (ticket.customer_pass is not None and ticket.customer_pass.probe):
            self._changed.notify_all()

    def _wait(self, seconds: float | None) -> None:
        if self._stopped is not None and self._stopped():
            raise StopAsked
        if self._sleep is not None and seconds is not None:
            self._changed.release()
            try:
                self._sleep(seconds)
            finally:
                self._changed.acquire()
            return
        if self._stopped is not None:
            seconds = STOP_INTERVAL if seconds is None else min(seconds, STOP_INTERVAL)
        self._changed.wait(seconds)
