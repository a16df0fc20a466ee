# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. One limit of the server as seen from here, such as one customer's for one API. Pure; the caller holds a lock.

A limit is *open* until a request is refused, then *closed* until the time that the server named. What was accepted
between opening and refusal is the *grant*: after the wait as many requests may go again. Seen twice, the grant is
relied on: once it is used up, nothing is sent until the next window is due, because a refusal costs up to a second of
rounding. Only now and then requests beyond the grant *probe* whether the limit was raised, one at a time until one is
accepted, then twice as many as the time before.

After a refusal, and at the beginning of a window, one request *leads*, and the others follow when it was accepted. So
no worker is refused twice in a window, and in most windows none is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

#: A grant that proved right is probed again after so many seconds.
PROBE_AFTER = 30.0
#: In windows longer than this (seconds), a second of rounding is not worth a guess: there, each one is probed. A window
#: that slides would prove the guess wrong again and again, at the price of many refusals.
_LONG = 8.0
#: So many seconds ``Retry-After`` may say too much.
_ROUNDED = 1.0
#: So long after a whole second, since clocks and networks are not exact (seconds).
_MARGIN = 0.02
#: Refused before this part of the grant was used, the limit is another one than was learned, or not one of windows.
_ALIKE = 0.9
#: So long (seconds) nothing is predicted after that.
_WARY = 60.0


def window_length(longest: float) -> float:
    """
    How long a window is of which a refusal said that it lasts at most so long. Windows are whole seconds long, and
    ``Retry-After`` speaks in whole seconds, rounded up.
    """
    return longest if math.isinf(longest) else math.floor(longest + _MARGIN) + _MARGIN


@dataclass(slots=True, eq=False)
class _Window:
    """
    A window of the server as seen from here. It began after the first permit, and before the first answer came.

    ``left``: how many permits are left without a question; ``is_free``: whether more may be asked for.
    """

    opened_at: float = -math.inf
    opened_by: float | None = None
    given: int = 0
    accepted: int = 0
    left: int = 0
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class LimitPermit:
    """A request's permit by one limit: when it was given, in which window, and whether others wait for its answer."""

    given_at: float
    window: _Window
    leads: bool = False
    is_probe: bool = False
    #: Sent through a closed limit, to find out whether it is closed at all.
    is_witness: bool = False


@dataclass(slots=True, eq=False)
class RateLimit:
    """All times are seconds of one monotonic clock. A fleet has one for each customer."""

    closed_until: float = -math.inf
    #: When the latest of the accepted requests was sent.
    accepted_sent_at: float = -math.inf
    _window: _Window = field(default_factory=_Window)
    _previous: _Window | None = None
    #: The last window that was used up: what was accepted of it, however late that was heard, is the grant.
    _full: _Window | None = None
    #: At most so long a window lasts, as its refusals say.
    _length: float = math.inf
    #: When a grant that is relied on is probed again; it is relied on once two windows agree.
    _probe_at: float = -math.inf
    _wary_until: float = -math.inf
    #: The shortest time from a permit to the answer.
    _quickest: float = math.inf
    #: Refused, and none has led since.
    _is_shut: bool = False
    _is_leading: bool = False
    _is_doubted: bool = False

    def forget(self) -> None:
        """What was learned here was another limit. Closed it remains for as long as the server has asked for."""
        self._window, self._previous, self._full = _Window(), None, None
        self._length, self._probe_at, self._wary_until = math.inf, -math.inf, -math.inf
        self._is_leading = self._is_doubted = False

    def wait(self, now: float) -> float | None:
        """Seconds until a request may go (0: now), or None: until what became of one that is under way is known."""
        if now < self.closed_until and (self._is_leading or not self._is_doubted):
            return self.closed_until - now
        if self._is_leading:
            return None
        if self._full is None or self._is_shut or self._window.is_free or self._window.left > 0:
            return 0.0
        due = self._due()
        return None if due is None else max(0.0, due - now)

    def take(self, now: float) -> LimitPermit:
        """Lets a request through, after :meth:`wait` said 0."""
        due = self._due()
        if now < self.closed_until:
            permit = LimitPermit(now, self._window, leads=True, is_witness=True)
        elif self._is_shut or not self._window.given or (due is not None and now >= due):
            leads = self._is_shut or self._full is not None
            self._open(now)
            permit = LimitPermit(now, self._window, leads)
        else:
            is_probe = self._full is not None and self._window.left <= 0
            permit = LimitPermit(now, self._window, is_probe, is_probe)
        self._window.given += 1
        self._window.left -= 1
        self._is_leading = permit.leads
        return permit

    def accepted(self, permit: LimitPermit, now: float) -> bool:
        """The server took the request. Says whether others may be waiting to hear so."""
        window = permit.window
        window.accepted += 1
        self.accepted_sent_at = max(self.accepted_sent_at, permit.given_at)
        self._quickest = min(self._quickest, now - permit.given_at)
        if window is not self._window:
            return permit.leads
        if permit.is_witness:
            self._is_leading = False
            if self._is_doubted:
                self.closed_until = -math.inf
                self._is_shut = False
                self.forget()
            return True
        is_first = window.opened_by is None
        if is_first:
            # No answer is quicker than the quickest, so the request cannot have arrived later than this.
            window.opened_by = now - self._quickest
        if permit.leads:
            self._is_leading = False
        if permit.is_probe:
            window.is_free, window.left = True, max(1, window.accepted - self._grant)
        return is_first or permit.leads or window.accepted == self._grant

    def dropped(self, permit: LimitPermit, now: float) -> None:
        """The request ended without a verdict about this limit: another may lead."""
        if permit.window is not self._window:
            return
        if self._window.opened_by is None:
            self._window.opened_by = now
        if permit.leads:
            self._is_leading = False
            self._is_shut = self._is_shut or not permit.is_probe

    def refused(self, permit: LimitPermit, now: float, seconds: float, *, is_joined: bool = False) -> None:
        """
        Closes the limit for ``seconds``.

        ``is_joined``: other limits were refused alike, so it is no mischance, but it need not be this one; as long as
        that is not known, one request may go ahead to find out.
        """
        self.closed_until = max(self.closed_until, now + seconds)
        if permit.window is self._window:
            if permit.leads:
                self._is_leading = False
            if self._is_shut:
                self._is_doubted = False
            else:
                self._is_doubted = is_joined and self._full is None
                self._learn(now)
            self._length = min(self._length, permit.given_at - self._window.opened_at + seconds)
            self._window.left, self._window.is_free = 0, False
        self._is_shut = True

    def predicts(self, until: float) -> bool:
        """
        Whether this limit was about to refuse until then by itself: what the window grants is used but for some, which
        requests that the limit does not count may have been mistaken for.
        """
        if self._full is None or self._window.opened_by is None:
            return False
        is_used = self._window.accepted >= _ALIKE * self._grant
        return is_used and until <= self._window.opened_by + self._length + _ROUNDED

    @property
    def _grant(self) -> int:
        return 0 if self._full is None else self._full.accepted

    def _due(self) -> float | None:
        """When the next window may have begun; None as long as it is not known when this one has."""
        window = self._window
        if window.opened_by is None or self._full is None:
            return None
        # What is left of this one would be taken for the beginning of the next.
        is_used = window.accepted >= self._grant
        return window.opened_by + (window_length(self._length) if is_used else self._length)

    def _open(self, now: float) -> None:
        if self._window.opened_by is not None:
            self._previous = self._window
            if self._full is not None and self._window.accepted > self._grant and not self._is_shut:
                self._full = self._window
        is_free = now >= self._probe_at or now < self._wary_until or window_length(self._length) > _LONG
        self._window = _Window(now, left=max(1, self._grant), is_free=is_free)
        self._is_shut = False

    def _learn(self, now: float) -> None:
        """From the first refusal in a window."""
        self._length = math.inf
        window, grant = self._window, self._grant
        if window.accepted:
            is_alike = grant > 0 and window.given >= _ALIKE * grant
            if self._probe_at > -math.inf and not is_alike:
                self._wary_until = now + _WARY
            self._probe_at = now + PROBE_AFTER if is_alike else -math.inf
            self._full = window
        else:
            # The window before has not ended yet, whatever was thought.
            self._window = self._previous or _Window()
