# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. One limit of the server as seen from here: the partner's, or one customer's. Pure; the caller holds a lock.

A lane is *open* until a request is refused, then *closed* until the time that the server named. What was accepted
between opening and refusal is the *grant*: after the wait as many requests may go again, at the pace they went before.
The first request after a wait, and those beyond the grant, are *probes*: one at a time until one is accepted, then
twice as many as the time before. So a window costs about one refusal instead of one for every worker, a limit that was
raised is found within a few answers, and nobody waits while the server would accept. What is lost is the rounding of
``Retry-After`` to whole seconds: about one second in a window of sixty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: The learned pace never spaces requests more widely than this (seconds): it smooths, the grant limits.
WIDEST_SPACING = 0.1
#: Each accepted request narrows the learned spacing, so that it does not outlive its reason.
SPACING_DECAY = 0.99


@dataclass(frozen=True, slots=True)
class Pass:
    """A request's leave to go through a lane: when it was given, in which window, and whether it is a probe."""

    given_at: float
    window: int
    probe: bool


class Lane:
    """All times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self.closed_until = -math.inf
        self.refused_at = -math.inf
        self._length: float | None = None  # of a window, in seconds; None before the first refusal
        self._grant = 0
        self._window = 0
        self._late_window = -1  # the window that a refusal ended: what is accepted of it afterwards was granted, too
        self._opened_at: float | None = None
        self._given = 0
        self._accepted = 0
        self._left = 0
        self._stride = 1
        self._probing = False
        self._spacing = 0.0
        self._next_at = -math.inf

    def wait(self, now: float) -> float | None:
        """Seconds until a request may go (0: now), or None: until the outcome of the probe under way is known."""
        if now < self.closed_until:
            return self.closed_until - now
        if self._length is None:
            return 0.0
        if self._opened_at is not None and now >= self._opened_at + self._length:
            windows = (now - self._opened_at) // self._length
            self._open(self._opened_at + windows * self._length, self._grant)
        if self._left <= 0 and self._probing:
            return None
        return max(0.0, self._next_at - now)

    def take(self, now: float) -> Pass:
        """Lets a request through, after :meth:`wait` said 0."""
        if self._opened_at is None:
            self._opened_at = now
        probe = self._length is not None and self._left <= 0
        self._probing = self._probing or probe
        self._left = max(0, self._left - 1)
        self._given += 1
        self._next_at = now + self._spacing
        return Pass(now, self._window, probe)

    def accepted(self, given: Pass) -> None:
        self._spacing *= SPACING_DECAY
        if given.window == self._window:
            self._accepted += 1
        elif given.window == self._late_window:
            self._grant += 1
        if given.probe:
            self._probing = False
            if self._given < self._grant:
                self._left = self._grant - self._given
            else:
                self._left = self._stride
                self._stride *= 2

    def dropped(self, given: Pass) -> None:
        """The request ended without a verdict about the limit (connection lost): another may probe."""
        if given.probe:
            self._probing = False

    def refused(self, given: Pass, now: float, seconds: float) -> None:
        """Closes the lane for ``seconds``. What was under way meanwhile is refused, too, and teaches nothing more."""
        if given.probe:
            self._probing = False
        until = now + seconds
        if now < self.closed_until:
            self.closed_until = self._opened_at = max(self.closed_until, until)
            return
        if given.window == self._window:
            self._learn(now, until)
        self.closed_until = until
        self.refused_at = now
        self._open(until, 0)  # nothing free at first: the server's clock may differ from ours

    def _learn(self, now: float, until: float) -> None:
        if self._accepted and self._opened_at is not None:
            self._grant = self._accepted
            self._length = until - self._opened_at
            # Half of what was seen: waits and tails are in it, and must not add up from window to window.
            self._spacing = min(WIDEST_SPACING, 0.5 * (now - self._opened_at) / self._accepted)
        elif self._length is None:
            self._grant, self._length = 1, max(until - now, 1.0)
        self._late_window = self._window

    def _open(self, at: float, left: int) -> None:
        self._window += 1
        self._opened_at = at
        self._given = self._accepted = 0
        self._left = left
        self._stride = 1
        self._next_at = at
