# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a billing cycle costs: the catalog's price by the length of the term, and that of the extended service term."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from .. import catalog
from ..clock import iso
from .terms import term_months

CYCLES = {"annual": 12, "biennial": 24, "triennial": 36}


@dataclass(frozen=True, slots=True)
class Charge:
    """One billing cycle; ``unit_price`` is per seat and month."""

    date: str
    offer_name: str
    quantity: int
    months: int
    unit_price: float
    amount: float

    def show(self) -> dict[str, Any]:
        return asdict(self)


def charge(resource: dict[str, Any], begin: datetime) -> Charge | None:
    """The charge for the cycle that begins; None for what is not billed by seats."""
    product = catalog.find(str(resource.get("offerId")))
    if product is None or resource.get("isTrial"):
        return None
    monthly = term_months(str(resource.get("termDuration"))) == 1 and not catalog.base_of(product.offer_id)
    unit = product.monthly_price if monthly else product.price
    months, seats = CYCLES.get(str(resource.get("billingCycle")).lower(), 1), int(resource["quantity"])
    return Charge(iso(begin), str(resource.get("offerName")), seats, months, unit, round(unit * months * seats, 2))
