# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What is found about subscriptions and customers: texts that are true of many, and what went wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .._common.words import some


@dataclass(frozen=True, slots=True)
class About:
    """Which subscription something is about; a customer as a whole where ``subscription_id`` is empty."""

    customer_id: str
    customer_name: str
    subscription_id: str = ""
    offer_name: str = ""

    @property
    def customer(self) -> str:
        return self.customer_name or self.customer_id or "an unknown customer"

    def __str__(self) -> str:
        if not self.subscription_id:
            return self.customer
        return f"{self.customer}, {self.offer_name or 'subscription'} ({self.subscription_id})"


@dataclass(frozen=True, slots=True)
class Folded:
    """
    One text that is true of many. ``codes``: of the refusals that it foretells or tells. ``about``: whom it is true of,
    in the report's order; empty where it is about the whole.
    """

    text: str
    about: tuple[About, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.about)

    def names(self, most: int = 3) -> str:
        """The first of them, and how many more there are."""
        return some([*map(str, self.about)], most, "; ", "; ")


@dataclass(frozen=True, slots=True)
class Failure:
    """
    What went wrong with one subscription or customer, and what a support ticket needs. ``status``: of the answer, None
    where there was none; ``kind``: as in a result's ``error.type``.
    """

    about: About
    message: str
    hint: str = ""
    kind: str = ""
    status: int | None = None
    code: str = ""
    request_id: str = ""
    correlation_id: str = ""
    not_started: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """
    Failures that are alike: the same answer, or the same text. ``is_varied``: each has values of its own in its
    message, in place of which ``text`` has ``…``.
    """

    text: str
    failures: tuple[Failure, ...]
    hint: str = ""
    status: int | None = None
    code: str = ""
    is_varied: bool = False

    @property
    def count(self) -> int:
        return len(self.failures)

    def names(self, most: int = 3) -> str:
        return Folded("", tuple(one.about for one in self.failures)).names(most)
