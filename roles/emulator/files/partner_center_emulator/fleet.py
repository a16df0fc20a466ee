# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generated fleet: the same seed gives the same ids, names and subscriptions.

Customers are light and made at the start; a customer's subscriptions are made when somebody first asks for them,
so that ten thousand customers cost nothing until they are used.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import names


@dataclass(frozen=True)
class Reseller:
    """An indirect reseller of the partner."""

    id: str
    name: str
    mpn_id: str
    location: str


@dataclass(frozen=True)
class Customer:
    index: int
    id: str
    name: str
    domain: str
    country: str
    reseller: Reseller | None


class Fleet:
    def __init__(
        self, seed: int, customers: int, subscriptions_per_customer: int, epoch: datetime, plain: bool = False
    ) -> None:
        self.seed = seed
        self.size = customers
        self.subscriptions_per_customer = subscriptions_per_customer
        self.epoch = epoch
        self.plain = plain
        self.tenant_id = self.guid("tenant")
        self.mpn_id = "4380000"
        self.resellers = tuple(
            Reseller(tenant or self.guid("reseller", mpn), name, mpn, country)
            for tenant, name, mpn, country in names.RESELLERS
        )
        self.customers = {customer.id: customer for customer in map(self._customer, range(customers))}
        self.ids = tuple(self.customers)

    def guid(self, *path: object) -> str:
        """A GUID that depends on the seed and on nothing but this path."""
        digest = hashlib.blake2b("/".join(map(str, (self.seed, *path))).encode(), digest_size=16).digest()
        return str(uuid.UUID(bytes=digest, version=4))

    def secret(self, *path: object) -> str:
        """A password of the emulator. It protects nothing but invented data, so that it may repeat with the seed."""
        return hashlib.blake2b("/".join(map(str, (self.seed, "secret", *path))).encode(), digest_size=20).hexdigest()

    def _customer(self, index: int) -> Customer:
        # Without pitfalls the awkward names are left out.
        name = names.customer_name(index + len(names.FIRST) if self.plain else index)
        # Two of three customers were brought in by a reseller.
        reseller = self.resellers[(index - index // 3 - 1) % len(self.resellers)] if index % 3 else None
        return Customer(
            index=index,
            id=self.guid("customer", index),
            name=name,
            domain=names.domain_name(index, name),
            country=names.COUNTRIES[index % len(names.COUNTRIES)],
            reseller=reseller,
        )

    def reseller_by_mpn(self, mpn_id: str) -> Reseller | None:
        return next((reseller for reseller in self.resellers if reseller.mpn_id == mpn_id), None)

    def reseller_by_tenant(self, tenant_id: str) -> Reseller | None:
        wanted = tenant_id.lower()
        return next((reseller for reseller in self.resellers if reseller.id.lower() == wanted), None)

    def contact_of(self, reseller: Reseller) -> dict[str, Any]:
        return {"supportTenantId": reseller.id, "supportMpnId": reseller.mpn_id, "name": reseller.name}
