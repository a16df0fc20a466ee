# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. One limit of the server as seen from here, such as one customer's for one API. Pure; the caller holds a lock.

A lane is *open* until a request is refused, then *closed* until the time that the server named. What was accepted
between opening and refusal is the *grant*: after the wait as many requests may go again. Seen twice, the grant is
relied on: once it is used up, the lane is left alone until the next window is due (``span.py``), because a refusal
costs up to a second of rounding. Only now and then requests beyond the grant *probe* whether the limit was raised, one
at a time until one is accepted, then twice as many as the time before.

After a refusal, and where it is not certain that a window has ended, one request *leads*, and the others follow when it
was accepted. So no worker is refused twice in a window, and in most windows nobody is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .span import Span

#: A grant that proved right is probed again after so many seconds.
PROBE_AFTER = 30.0
#: In windows longer than this (seconds), a second of rounding is not worth a guess: there, each one is probed. A window
#: that slides would prove the guess wrong again and again, at the price of many refusals.
_LONG = 8.0
#: So many seconds ``Retry-After`` may say too much.
_ROUNDED = 1.0
#: Refused before this part of the grant was used, the limit is another one than was learned, or not one of windows.
_ALIKE = 0.9
#: So long (seconds) nothing is foretold after that.
_WARY = 60.0


@dataclass(frozen=True, slots=True)
class Pass:
    """A request's leave to go through a lane: when it was given, in which window, and whether others wait for it."""

    given_at: float
    number: int
    leads: bool = False
    is_probe: bool = False
    is_witness: bool = False


@dataclass(slots=True)
class _Window:
    """A window of the server as seen from here. It began after the first leave, and before the first answer came."""

    opened_at: float
    opened_by: float | None = None
    given: int = 0
    accepted: int = 0


class Lane:
    """All times are seconds of one monotonic clock."""

    # A fleet has one for each customer.
    __slots__ = (
        "_doubted",
        "_free",
        "_grant",
        "_late",
        "_leading",
        "_left",
        "_number",
        "_previous",
        "_probe_at",
        "_proven",
        "_quickest",
        "_shut",
        "_span",
        "_stride",
        "_wary_until",
        "_window",
        "accepted_sent_at",
        "closed_until",
    )

    def __init__(self) -> None:
        self.closed_until = -math.inf
        #: When the latest of the accepted requests was sent.
        self.accepted_sent_at = -math.inf
        self._quickest = math.inf  # the shortest time from leave to answer
        self._number = 0  # of the window
        self._shut = False  # refused, and nobody has led since
        self.forget()

    def forget(self) -> None:
        """What was learned here was another lane's limit. Closed it remains for as long as the server has asked for."""
        self._number += 1
        self._grant: int | None = None
        self._span = Span()
        self._probe_at = self._wary_until = -math.inf
        self._late = -1  # the window that a refusal ended: what is accepted of it afterwards was granted, too
        self._leading = self._doubted = self._free = self._proven = False
        self._left = 0
        self._stride = 1
        self._window: _Window | None = None
        self._previous: _Window | None = None

    def wait(self, now: float) -> float | None:
        """Seconds until a request may go (0: now), or None: until what became of one that is under way is known."""
        if now < self.closed_until and (self._leading or not self._doubted):
            return self.closed_until - now
        if self._leading:
            return None
        if self._grant is None or self._shut or self._free or self._left > 0:
            return 0.0
        due = self._due()
        return None if due is None else max(0.0, due - now)

    def take(self, now: float) -> Pass:
        """Lets a request through, after :meth:`wait` said 0."""
        leads = is_probe = is_witness = False
        due = self._due()
        if now < self.closed_until:
            leads = is_witness = True
        elif self._window is None or self._shut or (self._grant is not None and due is not None and now >= due):
            leads = self._shut or (self._grant is not None and not self._is_over(now))
            self._open(now)
        elif self._grant is not None and self._left <= 0:
            leads = is_probe = True
        if self._window is not None:
            self._window.given += 1
        self._leading = leads
        self._left -= 1
        return Pass(now, self._number, leads, is_probe, is_witness)

    def accepted(self, given: Pass, now: float) -> bool:
        """The server took the request. Says whether others may be waiting to hear so."""
        self._quickest = min(self._quickest, now - given.given_at)
        self.accepted_sent_at = max(self.accepted_sent_at, given.given_at)
        if given.number == self._late and self._grant is not None:
            self._grant += 1
        if given.number != self._number:
            return given.leads
        if given.is_witness:
            self._leading = False
            if self._doubted:
                self.closed_until = -math.inf
                self._shut = False
                self.forget()
            return True
        window = self._window
        if window is None:
            return given.leads
        is_first = window.opened_by is None
        if window.opened_by is None:
            # No answer is quicker than the quickest, so the request cannot have arrived later than this.
            window.opened_by = now - self._quickest
        window.accepted += 1
        if given.leads:
            self._leading = False
            self._led(given.is_probe, window.opened_by)
        return is_first or given.leads or window.accepted == self._grant

    def dropped(self, given: Pass, now: float) -> None:
        """The request ended without a verdict about this lane: another may lead."""
        if given.number == self._number:
            if self._window is not None and self._window.opened_by is None:
                self._window.opened_by = now
            if given.leads:
                self._leading = False
                self._shut = self._shut or not given.is_probe

    def refused(self, given: Pass, now: float, seconds: float, *, surely: float = 0.0, is_joined: bool = False) -> None:
        """
        Closes the lane for ``seconds``, of which the limit lasts ``surely`` at least.

        ``is_joined``: other lanes were refused alike, so it is no mischance, but the limit need not be this lane's; as
        long as that is not known, one request may go ahead to find out.
        """
        self.closed_until = max(self.closed_until, now + seconds)
        if given.number == self._number:
            if given.leads:
                self._leading = False
            if self._shut:
                self._doubted = False
            else:
                self._doubted = is_joined and self._grant is None
                self._learn(now)
            self._measure(given, now, seconds, surely)
            self._left, self._free = 0, False
        self._shut = True

    def has_foretold(self, until: float) -> bool:
        """
        Whether this limit was about to refuse until then by itself: what the window grants is used but for some, which
        requests that the limit does not count may have been mistaken for.
        """
        window = self._window
        if window is None or window.opened_by is None or self._grant is None:
            return False
        earliest, latest = window.opened_at + self._span.shortest, window.opened_by + self._span.longest + _ROUNDED
        return window.accepted >= _ALIKE * self._grant and earliest <= until <= latest

    def _due(self) -> float | None:
        """When the next window may have begun; None as long as it is not known when this one has."""
        window = self._window
        if window is None or window.opened_by is None:
            return None
        # What is left of this one would be taken for the beginning of the next.
        is_used = self._grant is not None and window.accepted >= self._grant
        return window.opened_by + (self._span.guess if is_used else self._span.longest)

    def _is_over(self, now: float) -> bool:
        """Whether the window has ended for all that is known."""
        begun = None if self._window is None else self._window.opened_by
        return begun is not None and now >= begun + self._span.longest

    def _open(self, now: float) -> None:
        if self._window is not None and self._window.opened_by is not None:
            self._previous = self._window
            if self._grant is not None and not self._shut:
                self._proven = True
                self._grant = max(self._grant, self._window.accepted)
        self._window = _Window(now)
        self._number += 1
        self._left = max(1, self._grant or 0)
        self._free = now >= self._probe_at or now < self._wary_until or self._span.guess > _LONG
        self._stride = 1
        self._shut = False

    def _led(self, is_probe: bool, opened_by: float) -> None:
        if is_probe:
            self._free = True
            self._left = self._stride
            self._stride *= 2
        elif self._previous is not None and self._grant is not None:
            self._span.ended_by(opened_by - self._previous.opened_at)

    def _learn(self, now: float) -> None:
        """From the first refusal in a window."""
        window = self._window
        if window is None or not window.accepted:
            # The window before has not ended yet, whatever was thought.
            self._window = self._previous
            return
        is_alike = self._grant is not None and window.given >= _ALIKE * self._grant
        if self._proven and not is_alike:
            self._wary_until = now + _WARY
        self._probe_at = now + PROBE_AFTER if is_alike else -math.inf
        self._proven = is_alike
        self._grant, self._late = window.accepted, self._number

    def _measure(self, given: Pass, now: float, seconds: float, surely: float) -> None:
        window = self._window
        if window is None or window.opened_by is None:
            return
        shortest = given.given_at - window.opened_by + surely
        self._span.refused(shortest, now - self._quickest + seconds - window.opened_at)
