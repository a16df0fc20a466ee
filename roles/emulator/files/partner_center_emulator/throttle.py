# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""429 as the gateway before Partner Center answers it ("API throttling guidance for partners")."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from email.utils import formatdate

from .clock import Clock
from .switches import Switches
from .wire import Answer


@dataclass
class Window:
    start: float
    used: int = 0


class Throttle:
    """Windows of fixed length on the emulator's clock, one for the partner or one for each customer."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._windows: dict[tuple[str, str], Window] = {}

    def clear(self) -> None:
        self._windows.clear()

    def check(self, is_write: bool, is_subscription: bool, customer_id: str) -> Answer | None:
        """Count a request; the refusal where it is one too many."""
        limits = self._switches
        if not (limits["throttle_limit"] or limits["throttle_writes"]):
            return None
        if limits["throttle_endpoints"] == "subscriptions" and not is_subscription:
            return None
        key = customer_id.lower() if limits["throttle_scope"] == "customer" else ""
        waits = [self._take(("any", key), limits["throttle_limit"])]
        if is_write:
            waits.append(self._take(("write", key), limits["throttle_writes"]))
        wait = max(waits)
        return self.refusal(wait) if wait > 0 else None

    def _take(self, key: tuple[str, str], limit: int) -> float:
        """Emulated seconds to wait, 0 where the request fits into the window."""
        if not limit:
            return 0.0
        now, length = self._clock.timestamp(), self._switches["throttle_window"]
        window = self._windows.get(key)
        if window is None or now >= window.start + length:
            window = self._windows[key] = Window(now)
        window.used += 1
        return window.start + length - now if window.used > limit else 0.0

    def refusal(self, emulated_wait: float) -> Answer:
        """The gateway's answer. Clients wait on their own clock, so Retry-After is in real seconds."""
        wait = max(1, math.ceil(self._clock.real_seconds(emulated_wait)))
        headers = {}
        if self._switches["retry_after"] == "seconds":
            headers["Retry-After"] = str(wait)
        elif self._switches["retry_after"] == "date":
            headers["Retry-After"] = formatdate(math.ceil(time.time()) + wait, usegmt=True)
        body = {"statusCode": 429, "message": f"Rate limit is exceeded. Try again in {wait} seconds."}
        return Answer(429, body, headers, content_type="application/json")
