# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. How long to wait before the next try, and the waiting itself."""

from __future__ import annotations

import time
import typing as t

from .throttle.gate import STOP_INTERVAL, StopAsked

#: The first wait is drawn from 0 to this many seconds, the bound doubles with each try (full jitter).
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
#: A server that asks for a longer pause than this (seconds) is not waited for, except for throttling.
LONGEST_PAUSE = 300.0
#: After a 429 that names no time: this many seconds, doubled with each refusal up to a minute.
FIRST_THROTTLE_DELAY = 5.0
LONGEST_THROTTLE_DELAY = 60.0


class Retries:
    """The waits between tries. ``uniform``, ``sleep`` and ``stopped`` as in ``Transport``."""

    def __init__(
        self,
        count: int,
        *,
        uniform: t.Callable[[float, float], float],
        sleep: t.Callable[[float], None] | None = None,
        stopped: t.Callable[[], bool] | None = None,
    ) -> None:
        self.count = count
        self._uniform = uniform
        self._sleep = sleep or time.sleep
        self._stopped = stopped

    def worth(self, said: float | None) -> bool:
        """Whether a pause that the server asks for is short enough to be waited for."""
        return said is None or said <= LONGEST_PAUSE

    def wait(self, tries: int, said: float | None = None) -> None:
        """Waits after ``tries`` earlier tries, at least ``said`` seconds. Raises :class:`StopAsked`."""
        drawn = self._uniform(0.0, min(LONGEST_DELAY, FIRST_DELAY * 2.0**tries))
        left = max(drawn, said or 0.0)
        while self._stopped is not None and left > STOP_INTERVAL:
            if self._stopped():
                raise StopAsked
            self._sleep(STOP_INTERVAL)
            left -= STOP_INTERVAL
        self._sleep(left)

    def throttle_delay(self, refusals: int) -> float:
        """Seconds to wait for a 429 that does not say how long, after ``refusals`` earlier ones."""
        return float(min(LONGEST_THROTTLE_DELAY, FIRST_THROTTLE_DELAY * 2.0 ** min(refusals, 10)))


def surely(said: float | None, header: str | None) -> float:
    """
    Of a wait that a server asked for, what is left without rounding: up by a second, and for a date once more, since it
    is measured against the answer's own. ``header``: ``Retry-After`` as it came.
    """
    is_date = ":" in (header or "")
    return 0.0 if said is None else max(0.0, said - (2.0 if is_date else 1.0))
