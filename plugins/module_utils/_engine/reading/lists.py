# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. A customer's subscriptions as Partner Center lists them, with the same rules for everything that reads them.

Each subscription comes once. One that is listed twice is read by its id where the two differ, because a list does not
tell which of them is true; one without an id cannot be changed or read by itself. Both are reported, never dropped.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..._common import case
from ..._common.words import many, some
from ..._state.model import Customer, Raw

if t.TYPE_CHECKING:
    from ..._api.client import PartnerCenter

#: So many of a kind are named in a warning.
_NAMED: t.Final = 3


@dataclass(frozen=True, slots=True)
class ListOddities:
    """What is odd about a customer's list: ids that are there more than once, and how many subscriptions have none."""

    customer: Customer
    repeated: tuple[str, ...] = ()
    without_id: int = 0


@dataclass(frozen=True, slots=True)
class CustomerList:
    """``subscriptions``: by their ids in lower case, in the order of the ids, as received."""

    subscriptions: t.Mapping[str, Raw] = field(default_factory=dict)
    without_id: tuple[Raw, ...] = ()
    oddities: ListOddities | None = None


def read_list(client: PartnerCenter, customer: Customer) -> CustomerList:
    """One request and page, and one for each subscription that is listed twice and differs. Raises RequestError."""
    found: dict[str, Raw] = {}
    without_id: list[Raw] = []
    repeated: dict[str, bool] = {}
    for raw in client.subscriptions(customer.id):
        key = case.text(raw, "id").lower()
        if not key:
            without_id.append(raw)
        elif key in found:
            repeated[key] = repeated.get(key, False) or raw != found[key]
        else:
            found[key] = raw
    for key, differs in repeated.items():
        if differs:
            found[key] = client.subscription(customer.id, case.text(found[key], "id"))
    is_odd = repeated or without_id
    odd = ListOddities(customer, tuple(sorted(repeated)), len(without_id)) if is_odd else None
    return CustomerList(dict(sorted(found.items())), tuple(without_id), odd)


def odd_lists(found: t.Collection[ListOddities]) -> list[str]:
    """Warnings about subscriptions that are listed more than once, and about those without an id."""
    repeated = [f"{one.customer.name or one.customer.id} {key}" for one in found for key in one.repeated]
    without = [f"{one.customer.name or one.customer.id} ({one.without_id})" for one in found if one.without_id]
    warnings = []
    if repeated:
        warnings.append(
            f"Partner Center lists {many(len(repeated), 'subscription')} more than once: {some(repeated, _NAMED)}. "
            "Each counts once; where the two differ, it was read by its id."
        )
    if without:
        warnings.append(
            f"Partner Center lists subscriptions without an id for {many(len(without), 'customer')}: "
            f"{some(without, _NAMED)}. They cannot be changed, nor read by themselves. Ask Microsoft's support about "
            "them."
        )
    return warnings
