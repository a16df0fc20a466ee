# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. How long the window of a limit is, as far as refusals tell. Pure; seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: No window is thought to be shorter: ``Retry-After`` could not say so.
SHORTEST: float = 0.98
#: So long after a whole second, since clocks and networks are not exact (seconds).
_MARGIN = 0.02


@dataclass(frozen=True, slots=True)
class WindowEstimate:
    """
    Between ``shortest`` (not quite) and ``longest``, which is infinite before the first refusal.

    ``Retry-After`` speaks in whole seconds, rounded up, so that one refusal leaves a second's doubt. Windows are whole
    seconds long, so the whole second below the longest is tried first.
    """

    shortest: float = SHORTEST
    longest: float = math.inf

    @property
    def guess(self) -> float:
        """When to go next, counted from the window's begin."""
        if math.isinf(self.longest):
            return math.inf
        whole = math.ceil(self.longest - _MARGIN) - 1
        return whole + _MARGIN if whole > self.shortest else self.longest

    def ended_by(self, seconds: float) -> WindowEstimate:
        """A request was accepted so long after the window's begin, so the next one had begun."""
        return self._between(SHORTEST, seconds)

    def refused(self, shortest: float, longest: float) -> WindowEstimate:
        """What a refusal said."""
        return self._between(max(shortest, SHORTEST), longest)

    def _between(self, shortest: float, longest: float) -> WindowEstimate:
        longest = max(longest, SHORTEST)
        if max(shortest, self.shortest) < min(longest, self.longest):
            return WindowEstimate(max(shortest, self.shortest), min(longest, self.longest))
        # The limit is another one than before.
        return WindowEstimate(min(shortest, longest), longest)
