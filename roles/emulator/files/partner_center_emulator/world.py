# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the emulator is made of, in one object that handlers get."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .clock import Clock
from .errors import Refusal, no_relationship, subscription_not_found
from .faults import Faults
from .fleet import Customer, Fleet
from .ids import is_guid
from .journal import Journal
from .replay import Replay
from .store import Store
from .subscriptions.lifecycle import settle
from .subscriptions.record import Hook, Record
from .switches import Switches
from .throttle import Throttle
from .tokens import Tokens


@dataclass
class World:
    fleet: Fleet
    store: Store
    clock: Clock
    switches: Switches
    journal: Journal
    faults: Faults
    throttle: Throttle
    replay: Replay
    tokens: Tokens
    base_url: str
    paths: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.clock.now()

    @property
    def foreign_origin(self) -> str:
        """Another origin than the API's; by default this very server by another name, so that leaks are seen."""
        given: str = self.switches["foreign_origin"]
        return given or f"https://localhost:{self.base_url.rsplit(':', 1)[1]}"

    def customer(self, customer_id: str) -> Customer:
        """The partner's customer.

        :raises Refusal: for an id that is no GUID (400), a stranger or an ended relationship (403 or 404)
        """
        if not is_guid(customer_id):
            raise Refusal(400, 900118, f"The customer id {customer_id} is not valid.")
        customer = self.store.customer(customer_id)
        if customer and customer.id not in self.store.ended:
            return customer
        if customer is None and self.switches["unknown_customer"] == "404":
            raise Refusal(404, 60003, f"The tenant {customer_id} was not found.")
        raise no_relationship(customer_id)

    def record(self, customer_id: str, subscription_id: str) -> Record:
        """The customer's subscription, up to date.

        :raises Refusal: as :meth:`customer`, and 404 with 20003 for an unknown subscription
        """
        customer = self.customer(customer_id)
        record = self.store.records(customer).get(subscription_id.lower())
        if record is None and self.switches["est_identity"] == "new_id":
            # It may be one that only an overdue end of term brings into being.
            self.records(customer_id)
            record = self.store.records(customer).get(subscription_id.lower())
        if record is None:
            raise subscription_not_found(subscription_id)
        return self.settled(record)

    def records(self, customer_id: str) -> list[Record]:
        known = self.store.records(self.customer(customer_id))
        settled: list[Record] = []
        # Those that take another's place join at the end, and are settled too.
        while len(settled) < len(known):
            settled.append(self.settled(list(known.values())[len(settled)]))
        return settled

    def settled(self, record: Record) -> Record:
        settle(record, self.now(), self.switches)
        if record.successor is not None:
            self.store.succeed(record, record.successor)
            record.successor = None
        return record

    def run_hooks(self, record: Record, method: str) -> None:
        """Let the concurrent writers come first, as a test has ordered."""
        waiting: list[Hook] = []
        for hook in record.hooks:
            if hook.method in (method, "*"):
                hook.nth -= 1
            if hook.nth > 0:
                waiting.append(hook)
            else:
                record.apply(hook.change)
                self.store.touched()
        record.hooks = waiting

    def link(self, path: str, style: str) -> str:
        """A link to the API in one of the styles seen: relative, v1, absolute, foreign."""
        origin = {"absolute": self.base_url, "foreign": self.foreign_origin}.get(style, "")
        return f"{origin}{'' if style == 'relative' else '/v1'}{path}"

    def describe(self) -> dict[str, Any]:
        return {
            "now": self.now().isoformat(),
            "scale": self.clock.scale,
            "seed": self.fleet.seed,
            "customers": self.fleet.size,
            "subscriptions_per_customer": self.fleet.subscriptions_per_customer,
        }
