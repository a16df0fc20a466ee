# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. One limit of the server as seen from here, such as one customer's for one API. Pure; the caller holds a lock.

A limit is *open* until a request is refused, then *closed* until the time that the server named. What was accepted
between opening and refusal is the *grant*: after the wait as many requests may go again. Seen twice, the grant is
relied on: once it is used up, nothing is sent until the next window is due (``estimate.py``), because a refusal costs
up to a second of rounding. Only now and then requests beyond the grant *probe* whether the limit was raised, one at a
time until one is accepted, then twice as many as the time before.

After a refusal, and where it is not certain that a window has ended, one request *leads*, and the others follow when it
was accepted. So no worker is refused twice in a window, and in most windows none is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .estimate import WindowEstimate

#: A grant that proved right is probed again after so many seconds.
PROBE_AFTER = 30.0
#: In windows longer than this (seconds), a second of rounding is not worth a guess: there, each one is probed. A window
#: that slides would prove the guess wrong again and again, at the price of many refusals.
_LONG = 8.0
#: So many seconds ``Retry-After`` may say too much.
_ROUNDED = 1.0
#: Refused before this part of the grant was used, the limit is another one than was learned, or not one of windows.
_ALIKE = 0.9
#: So long (seconds) nothing is predicted after that.
_WARY = 60.0


@dataclass(frozen=True, slots=True)
class LimitPermit:
    """A request's permit by one limit: when it was given, in which window, and whether others wait for its answer."""

    given_at: float
    window: int
    leads: bool = False
    is_probe: bool = False
    #: Sent through a closed limit, to find out whether it is closed at all.
    is_witness: bool = False


@dataclass(slots=True)
class _Window:
    """A window of the server as seen from here. It began after the first permit, and before the first answer came."""

    opened_at: float
    opened_by: float | None = None
    given: int = 0
    accepted: int = 0
    #: How many permits are left without a question, or whether all are.
    left: int = 0
    is_free: bool = False
    stride: int = 1


@dataclass(slots=True)
class _Learned:
    """What refusals told. ``late``: the window that one ended; what is accepted of it afterwards was granted, too."""

    grant: int | None = None
    estimate: WindowEstimate = field(default_factory=WindowEstimate)
    is_proven: bool = False
    probe_at: float = -math.inf
    wary_until: float = -math.inf
    late: int = -1


class RateLimit:
    """All times are seconds of one monotonic clock."""

    # A fleet has one for each customer.
    __slots__ = (
        "_is_doubted",
        "_is_leading",
        "_is_shut",
        "_learned",
        "_number",
        "_previous",
        "_quickest",
        "_window",
        "accepted_sent_at",
        "closed_until",
    )

    def __init__(self) -> None:
        self.closed_until = -math.inf
        #: When the latest of the accepted requests was sent.
        self.accepted_sent_at = -math.inf
        self._quickest = math.inf  # the shortest time from permit to answer
        self._number = 0  # of the window
        self._is_shut = False  # refused, and none has led since
        self.forget()

    def forget(self) -> None:
        """What was learned here was another limit. Closed it remains for as long as the server has asked for."""
        self._number += 1
        self._learned = _Learned()
        self._is_leading = self._is_doubted = False
        self._window: _Window | None = None
        self._previous: _Window | None = None

    def wait(self, now: float) -> float | None:
        """Seconds until a request may go (0: now), or None: until what became of one that is under way is known."""
        if now < self.closed_until and (self._is_leading or not self._is_doubted):
            return self.closed_until - now
        if self._is_leading:
            return None
        window = self._window
        if self._learned.grant is None or self._is_shut or (window is not None and (window.is_free or window.left > 0)):
            return 0.0
        due = self._due()
        return None if due is None else max(0.0, due - now)

    def take(self, now: float) -> LimitPermit:
        """Lets a request through, after :meth:`wait` said 0."""
        leads = is_probe = is_witness = False
        due, grant = self._due(), self._learned.grant
        if now < self.closed_until:
            leads = is_witness = True
        elif self._window is None or self._is_shut or (grant is not None and due is not None and now >= due):
            leads = self._is_shut or (grant is not None and not self._is_over(now))
            self._open(now)
        elif grant is not None and self._window.left <= 0:
            leads = is_probe = True
        if self._window is not None:
            self._window.given += 1
            self._window.left -= 1
        self._is_leading = leads
        return LimitPermit(now, self._number, leads, is_probe, is_witness)

    def accepted(self, permit: LimitPermit, now: float) -> bool:
        """The server took the request. Says whether others may be waiting to hear so."""
        self._quickest = min(self._quickest, now - permit.given_at)
        self.accepted_sent_at = max(self.accepted_sent_at, permit.given_at)
        learned = self._learned
        if permit.window == learned.late and learned.grant is not None:
            learned.grant += 1
        if permit.window != self._number:
            return permit.leads
        if permit.is_witness:
            self._is_leading = False
            if self._is_doubted:
                self.closed_until = -math.inf
                self._is_shut = False
                self.forget()
            return True
        window = self._window
        if window is None:
            return permit.leads
        is_first = window.opened_by is None
        if window.opened_by is None:
            # No answer is quicker than the quickest, so the request cannot have arrived later than this.
            window.opened_by = now - self._quickest
        window.accepted += 1
        if permit.leads:
            self._is_leading = False
            self._led(window, permit.is_probe, window.opened_by)
        return is_first or permit.leads or window.accepted == learned.grant

    def dropped(self, permit: LimitPermit, now: float) -> None:
        """The request ended without a verdict about this limit: another may lead."""
        if permit.window == self._number:
            if self._window is not None and self._window.opened_by is None:
                self._window.opened_by = now
            if permit.leads:
                self._is_leading = False
                self._is_shut = self._is_shut or not permit.is_probe

    def refused(
        self, permit: LimitPermit, now: float, seconds: float, *, at_least: float = 0.0, is_joined: bool = False
    ) -> None:
        """
        Closes the limit for ``seconds``, of which it lasts ``at_least`` so many.

        ``is_joined``: other limits were refused alike, so it is no mischance, but it need not be this one; as long as
        that is not known, one request may go ahead to find out.
        """
        self.closed_until = max(self.closed_until, now + seconds)
        if permit.window == self._number:
            if permit.leads:
                self._is_leading = False
            if self._is_shut:
                self._is_doubted = False
            else:
                self._is_doubted = is_joined and self._learned.grant is None
                self._learn(now)
            self._measure(permit, now, seconds, at_least)
            if self._window is not None:
                self._window.left, self._window.is_free = 0, False
        self._is_shut = True

    def predicts(self, until: float) -> bool:
        """
        Whether this limit was about to refuse until then by itself: what the window grants is used but for some, which
        requests that the limit does not count may have been mistaken for.
        """
        window, learned = self._window, self._learned
        if window is None or window.opened_by is None or learned.grant is None:
            return False
        earliest = window.opened_at + learned.estimate.shortest
        latest = window.opened_by + learned.estimate.longest + _ROUNDED
        return window.accepted >= _ALIKE * learned.grant and earliest <= until <= latest

    def _due(self) -> float | None:
        """When the next window may have begun; None as long as it is not known when this one has."""
        window, learned = self._window, self._learned
        if window is None or window.opened_by is None:
            return None
        # What is left of this one would be taken for the beginning of the next.
        is_used = learned.grant is not None and window.accepted >= learned.grant
        return window.opened_by + (learned.estimate.guess if is_used else learned.estimate.longest)

    def _is_over(self, now: float) -> bool:
        """Whether the window has ended for all that is known."""
        begun = None if self._window is None else self._window.opened_by
        return begun is not None and now >= begun + self._learned.estimate.longest

    def _open(self, now: float) -> None:
        learned = self._learned
        if self._window is not None and self._window.opened_by is not None:
            self._previous = self._window
            if learned.grant is not None and not self._is_shut:
                learned.is_proven = True
                learned.grant = max(learned.grant, self._window.accepted)
        is_free = now >= learned.probe_at or now < learned.wary_until or learned.estimate.guess > _LONG
        self._window = _Window(now, left=max(1, learned.grant or 0), is_free=is_free)
        self._number += 1
        self._is_shut = False

    def _led(self, window: _Window, is_probe: bool, opened_by: float) -> None:
        learned = self._learned
        if is_probe:
            window.is_free = True
            window.left = window.stride
            window.stride *= 2
        elif self._previous is not None and learned.grant is not None:
            learned.estimate = learned.estimate.ended_by(opened_by - self._previous.opened_at)

    def _learn(self, now: float) -> None:
        """From the first refusal in a window."""
        window, learned = self._window, self._learned
        if window is None or not window.accepted:
            # The window before has not ended yet, whatever was thought.
            self._window = self._previous
            return
        is_alike = learned.grant is not None and window.given >= _ALIKE * learned.grant
        if learned.is_proven and not is_alike:
            learned.wary_until = now + _WARY
        learned.probe_at = now + PROBE_AFTER if is_alike else -math.inf
        learned.is_proven = is_alike
        learned.grant, learned.late = window.accepted, self._number

    def _measure(self, permit: LimitPermit, now: float, seconds: float, at_least: float) -> None:
        window = self._window
        if window is None or window.opened_by is None:
            return
        shortest = permit.given_at - window.opened_by + at_least
        longest = now - self._quickest + seconds - window.opened_at
        self._learned.estimate = self._learned.estimate.refused(shortest, longest)
