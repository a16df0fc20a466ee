# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instructions for the next term and the next charge, as PATCH bodies carry them ("Create scheduled changes")."""

from __future__ import annotations

from typing import Any

from .errors import Refusal, bad_enum, bad_input

FIELDS = ("scheduledNextTermInstructions", "nextChargeInstructions")
_PRODUCT = ("productId", "skuId", "availabilityId", "billingCycle", "termDuration", "promotionId")
_REQUIRED = _PRODUCT[:-1]
BILLING_CYCLES = ("monthly", "annual", "one_time", "triennial", "biennial", "none", "unknown")


def canonical(value: Any, most_seats: int) -> dict[str, Any]:
    """The instructions with our key case and without nulls.

    :raises Refusal: where they are not complete
    """
    given = fold(value)
    if not isinstance(given.get("product"), dict):
        raise bad_input(
            "Instructions need a product with productId, skuId, availabilityId, billingCycle and termDuration."
        )
    product = fold(given["product"])
    missing = [name for name in _REQUIRED if not product.get(name.lower())]
    if missing:
        raise bad_input(f"The product of the instructions lacks {', '.join(missing)}.")
    _check(product, given.get("quantity"), most_seats)
    wanted: dict[str, Any] = {
        "product": {name: product[name.lower()] for name in _PRODUCT if product.get(name.lower()) is not None},
        "quantity": given["quantity"],
    }
    if given.get("customtermenddate"):
        wanted["customTermEndDate"] = given["customtermenddate"]
    return wanted


def _check(product: dict[str, Any], quantity: Any, most_seats: int) -> None:
    for name in _REQUIRED:
        if not isinstance(product[name.lower()], str):
            raise bad_input(f"{name} must be a string.")
    if product["billingcycle"].lower() not in BILLING_CYCLES:
        raise bad_enum(product["billingcycle"], "BillingCycleType")
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise bad_input("Instructions need a quantity.")
    if not 1 <= quantity <= most_seats:
        raise Refusal(400, 2002, f"Quantity must be between 1 and {most_seats}.")


def fold(value: Any) -> dict[str, Any]:
    """An object's keys in lower case: the service binds request keys without regard to case."""
    if not isinstance(value, dict):
        raise bad_input("An object was expected.")
    return {str(key).lower(): part for key, part in value.items()}


def same(left: Any, right: Any) -> bool:
    """Whether two instructions ask for the same; enums and GUIDs without regard to case."""
    return bool(_plain(left) == _plain(right))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key).lower(): _plain(part) for key, part in value.items() if part is not None}
    return value.lower() if isinstance(value, str) else value
