# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. How often a request is sent again, and how long to wait before that."""

from __future__ import annotations

from .._common.surroundings import Surroundings
from .._common.words import in_seconds

#: The first wait is drawn from 0 to this many seconds, the bound doubles with each try (full jitter).
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
#: A server that asks for a longer pause than this (seconds) is not waited for.
LONGEST_PAUSE = 300.0
#: After a 429 that names no time: this many seconds, doubled with each refusal up to a minute.
FIRST_THROTTLE_DELAY = 5.0
LONGEST_THROTTLE_DELAY = 60.0
#: ``Retry-After: 0`` is a time rounded down, not an invitation to send at once (seconds).
SHORTEST_PAUSE = 0.5


class Retries:
    """The waits between tries; ``count`` is how many tries there are after the first."""

    def __init__(self, count: int, surroundings: Surroundings) -> None:
        self.count = count
        self._surroundings = surroundings

    def wait(self, tries: int, asked: float | None = None) -> None:
        """Waits after ``tries`` earlier tries, at least the ``asked`` seconds. Raises ``StopRequested``."""
        drawn = self._surroundings.uniform(0.0, min(LONGEST_DELAY, FIRST_DELAY * 2.0**tries))
        self._surroundings.sleep(max(drawn, asked or 0.0))


def is_too_long(asked: float | None) -> bool:
    """Whether a server asks for a pause that is not waited for."""
    return asked is not None and asked > LONGEST_PAUSE


def too_long(asked: float) -> str:
    """What an error says of such a pause."""
    return f"{_asks(asked)}, and no more than {LONGEST_PAUSE:.0f} are waited for."


def asked_pause(asked: float | None) -> str:
    """What an error says of a pause that was asked for, waited for or not, with a blank before; nothing for none."""
    if asked is None:
        return ""
    return f" {too_long(asked)}" if is_too_long(asked) else f" {_asks(asked)}."


def _asks(asked: float) -> str:
    return f"It asks to wait {in_seconds(round(asked))} (Retry-After)"


def throttle_delay(asked: float | None, refusals: int) -> float:
    """Seconds to wait after a 429 that asks for so many (None: it does not say), after ``refusals`` earlier ones."""
    if asked is not None:
        return max(asked, SHORTEST_PAUSE)
    return float(min(LONGEST_THROTTLE_DELAY, FIRST_THROTTLE_DELAY * 2.0 ** min(refusals, 10)))
