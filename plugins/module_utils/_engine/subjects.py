# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What reading a fleet has found: the subscriptions that something is asked of, each with its plan."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._state.items import Item, Key
from .._state.model import Plan, Raw
from .._state.policies.merge import Composed
from .._state.records.recovery import RestoreDecision
from .runtime import Failure


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a subject: its plan, and what of the received resource carrying it out needs."""

    plan: Plan
    raw: Raw


@dataclass(frozen=True, slots=True)
class Subject:
    """One subscription that something is asked of. ``parts``: the subscription, then its support contact."""

    item: Item
    customer_name: str = ""
    offer_name: str = ""
    parent_id: str = ""
    parts: tuple[Part, ...] = ()
    contact_before: Raw = field(default_factory=dict)
    error: Failure | None = None

    @property
    def is_changed(self) -> bool:
        return self.error is None and any(part.plan.changes for part in self.parts)


@dataclass(slots=True)
class Survey:
    """``subjects``: those that differ, failed or were named. ``looked_at`` counts subscriptions."""

    subjects: list[Subject] = field(default_factory=list)
    looked_at: int = 0
    unchanged: int = 0
    #: Subjects that stand for all subscriptions of a customer, which could not be listed.
    unlisted: int = 0
    #: Customers that could not be read: ``customer_id``, ``customer_name``, ``reason``.
    unavailable: list[dict[str, t.Any]] = field(default_factory=list)
    skipped_quantities: list[Composed] = field(default_factory=list)
    #: Of subscriptions whose scheduled changes an earlier run deleted and did not restore: whether this one does.
    restore_decisions: dict[Key, RestoreDecision] = field(default_factory=dict)

    def add(self, other: Survey) -> None:
        self.subjects += other.subjects
        self.looked_at += other.looked_at
        self.unchanged += other.unchanged
        self.unlisted += other.unlisted
        self.unavailable += other.unavailable
        self.skipped_quantities += other.skipped_quantities
        self.restore_decisions |= other.restore_decisions
