# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc_fleet at a server that takes only so many requests in a window of time: how near it comes to that limit."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from server import Server
from ways import Bench, timed

CUSTOMERS = 120
#: Seconds. Real limits have windows of a minute; a shorter one is harder, since Retry-After speaks in whole seconds.
WINDOWS = (1.0, 2.0, 4.0)
#: How many windows the work takes at least.
_FULL_WINDOWS = 11


@dataclass(frozen=True)
class Pace:
    """``seconds``: from the first request to the last. ``ratio``: over the least that the limit allows for."""

    window: float
    latency: float
    limit: int
    accepted: int
    refused: int
    seconds: float
    ratio: float

    def __str__(self) -> str:
        return (
            f"  windows of {self.window:.1f} s, {self.limit} requests each, latency {self.latency * 1000:.0f} ms: "
            f"{self.accepted} requests in {self.seconds:.1f} s, {self.refused} refused, "
            f"{self.ratio:.2f} × requests ÷ limit"
        )


def measure(bench: Bench, server: Server, latency: float, window: float) -> Pace:
    """One run. Raises Failed where not all changes were made."""
    # A list for each customer, and two requests for its change.
    limit = 3 * server.customers // _FULL_WINDOWS
    with server.limited(limit, window):
        timed("pc_fleet", bench, server, latency)
        seen = [one for one in server.log() if "/subscriptions" in one["path"]]
    accepted = sum(one["status"] != 429 for one in seen)
    seconds = seen[-1]["time"] - seen[0]["time"]
    ratio = round(seconds / (window * accepted / limit), 3)
    return Pace(window, latency, limit, accepted, len(seen) - accepted, round(seconds, 2), ratio)


def rows(found: list[Pace]) -> list[dict[str, float | int]]:
    """As they are kept with the other results."""
    return [asdict(one) for one in found]
