# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A subscription in the making: what is made, and what its makers are given."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..clock import days
from ..fleet import Customer, Fleet


@dataclass
class Made:
    """A subscription with what the emulator knows beside it."""

    resource: dict[str, Any]
    kind: str
    tags: tuple[str, ...]
    most_seats: int
    contact: dict[str, Any] | None = None


@dataclass
class Making:
    """What the makers of a customer's subscriptions share."""

    fleet: Fleet
    customer: Customer
    draw: random.Random
    made: list[Made] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.fleet.epoch

    def guid(self, *path: object) -> str:
        return self.fleet.guid("subscription", self.customer.index, len(self.made), *path)

    def ago(self, low: int, high: int) -> datetime:
        """Some moment between ``low`` and ``high`` days before the fleet's epoch."""
        return self.now - days(self.draw.uniform(low, high))

    def parent(self, *kinds: str) -> Made | None:
        """The customer's first subscription of one of these kinds, to be the parent of an add-on."""
        return next((made for made in self.made if made.kind in kinds), None)


Maker = Callable[[Making], Made]
