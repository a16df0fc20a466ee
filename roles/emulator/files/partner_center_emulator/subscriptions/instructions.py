# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instructions for the next term and the next charge, as PATCH bodies carry them ("Create scheduled changes")."""

from __future__ import annotations

from typing import Any

from ..clock import is_date
from ..errors import bad_enum, bad_input
from ..folding import fold
from ..switches import Switches

_PRODUCT = ("productId", "skuId", "availabilityId", "billingCycle", "termDuration", "promotionId")
_REQUIRED = _PRODUCT[:-1]
BILLING_CYCLES = ("monthly", "annual", "one_time", "triennial", "biennial", "none", "unknown")


def read(value: Any, current: Any, _switches: Switches) -> dict[str, Any]:
    """The instructions with our key case and without nulls.

    :raises Refusal: where they are not complete
    """
    if same(value, current):
        return dict(current)
    given = fold(value)
    if not isinstance(given.get("product"), dict):
        raise bad_input(
            "Instructions need a product with productId, skuId, availabilityId, billingCycle and termDuration."
        )
    product = fold(given["product"])
    missing = [name for name in _REQUIRED if not product.get(name.lower())]
    if missing:
        raise bad_input(f"The product of the instructions lacks {', '.join(missing)}.")
    _check(product, given.get("quantity"))
    wanted: dict[str, Any] = {
        "product": {name: product[name.lower()] for name in _PRODUCT if product.get(name.lower()) is not None},
        "quantity": given["quantity"],
    }
    if given.get("customtermenddate"):
        if not is_date(given["customtermenddate"]):
            raise bad_input("CustomTermEndDate is not a date.")
        wanted["customTermEndDate"] = given["customtermenddate"]
    return wanted


def _check(product: dict[str, Any], quantity: Any) -> None:
    for name in _REQUIRED:
        if not isinstance(product[name.lower()], str):
            raise bad_input(f"{name} must be a string.")
    if product["billingcycle"].lower() not in BILLING_CYCLES:
        raise bad_enum(product["billingcycle"], "BillingCycleType")
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise bad_input("Instructions need a quantity.")


def same(left: Any, right: Any) -> bool:
    """Whether two instructions ask for the same; enums and GUIDs without regard to case."""
    return bool(plain(left) == plain(right))


def plain(value: Any) -> Any:
    """The value without its case and its nulls, for comparisons."""
    if isinstance(value, dict):
        return {str(key).lower(): plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.lower() if isinstance(value, str) else value
