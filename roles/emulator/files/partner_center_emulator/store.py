# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the emulated Partner Center knows at this moment: subscriptions, support contacts, the support profile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .bodies import link
from .fleet import Customer, Fleet
from .generate import make_subscriptions
from .subscriptions.record import Record

SUPPORT_PROFILE = {"email": "support@adatum.example", "telephone": "4255550100", "website": "www.adatum.example"}


class Store:
    """Subscriptions by customer, made when first asked for."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.support_profile: dict[str, Any] = dict(SUPPORT_PROFILE)
        self.ended: set[str] = set()
        self.changes = 0
        self._records: dict[str, dict[str, Record]] = {}

    def customer(self, customer_id: str) -> Customer | None:
        return self.fleet.customers.get(customer_id.lower())

    def records(self, customer: Customer) -> dict[str, Record]:
        """The customer's subscriptions by their id in lower case."""
        known = self._records.get(customer.id)
        if known is None:
            known = {
                made.resource["id"].lower(): Record(
                    customer.id, made.resource, made.kind, made.tags, made.most_seats, made.contact
                )
                for made in make_subscriptions(self.fleet, customer)
            }
            self._records[customer.id] = known
        return known

    def loaded(self) -> Iterator[Record]:
        """The subscriptions that have been made so far."""
        for records in self._records.values():
            yield from records.values()

    def addons(self, record: Record) -> list[Record]:
        customer = self.fleet.customers[record.customer_id]
        parent = record.id.lower()
        return [
            other
            for other in self.records(customer).values()
            if str(other.resource.get("parentSubscriptionId") or "").lower() == parent
        ]

    def parent(self, record: Record) -> Record | None:
        parent = str(record.resource.get("parentSubscriptionId") or "").lower()
        return self.records(self.fleet.customers[record.customer_id]).get(parent) if parent else None

    def succeed(self, record: Record, resource: dict[str, Any]) -> None:
        """Put the subscription that takes the place of ``record`` beside it, with an id of its own."""
        customer = self.fleet.customers[record.customer_id]
        own = {**resource, "id": self.fleet.guid("successor", record.id)}
        own["links"] = {**own["links"], "self": link(f"/customers/{customer.id}/subscriptions/{own['id']}")}
        self.add(Record(customer.id, own, "extended_term", ("extended_term", "nce"), record.most_seats))

    def add(self, record: Record) -> None:
        record.dirty = record.added = True
        self.records(self.fleet.customers[record.customer_id])[record.id.lower()] = record

    def touched(self) -> None:
        """Something changed: the state file is out of date."""
        self.changes += 1
