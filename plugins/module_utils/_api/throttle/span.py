# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. How long the window of a limit is, as far as refusals tell. Pure; seconds.

``Retry-After`` speaks in whole seconds, rounded up, so that one refusal leaves a second's doubt. To wait as long as it
says costs half a second in the mean, in every window; to go earlier and be refused costs up to a whole one, once. So
the doubt is narrowed by going earlier where that is likely to pay: at round times, because people make windows of them.
"""

from __future__ import annotations

import math
from fractions import Fraction

#: No window is thought to be shorter: ``Retry-After`` could not say so.
SHORTEST: float = 0.98
#: Parts of a second -> how likely such a window is.
_ROUND = ((1, 6), (2, 2), (3, 1), (4, 1), (5, 1))
#: What an earlier time gains, it gains in so many windows.
_WINDOWS = 6
#: So long after a round time, since clocks and networks are not exact (seconds).
_MARGIN = 0.02


class Span:
    """Between ``shortest`` (not quite) and ``longest``, which is infinite before the first refusal."""

    __slots__ = ("_guess", "longest", "shortest")

    def __init__(self) -> None:
        self.shortest = SHORTEST
        self.longest = math.inf
        self._guess = math.inf

    @property
    def guess(self) -> float:
        """When to go next, counted from the window's begin."""
        return self._guess

    def ended_by(self, seconds: float) -> None:
        """A request was accepted so long after the window's begin, so the next one had begun."""
        self._between(SHORTEST, seconds)

    def refused(self, shortest: float, longest: float) -> None:
        """What a refusal said."""
        self._between(max(shortest, SHORTEST), longest)

    def _between(self, shortest: float, longest: float) -> None:
        longest = max(longest, SHORTEST)
        if max(shortest, self.shortest) < min(longest, self.longest):
            self.shortest, self.longest = max(shortest, self.shortest), min(longest, self.longest)
        else:
            # The limit is another one than before.
            self.shortest, self.longest = min(shortest, longest), longest
        self._guess = _earlier(self.shortest, self.longest) or self.longest


def _earlier(shortest: float, longest: float) -> float | None:
    """The time in between that is worth most, or None: that much sooner if it is right, a whole second later if not."""
    likely: dict[Fraction, int] = {}
    for parts, weight in reversed(_ROUND):
        numbers = range(math.floor(shortest * parts) + 1, math.ceil(longest * parts))
        likely.update(dict.fromkeys((Fraction(number, parts) for number in numbers), weight))
    total, until, best, worth = sum(likely.values()), 0, None, 0.0
    for time in sorted(likely):
        until += likely[time]
        right, gain = until / total, longest - (float(time) + _MARGIN)
        expected = right * gain * _WINDOWS - (1 - right) * (1 - gain)
        if gain > 0 and expected > worth:
            best, worth = float(time) + _MARGIN, expected
    return best
