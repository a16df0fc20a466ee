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
from dataclasses import dataclass

from ..._api.errors import RequestError
from ..._common import case
from ..._state.model import Customer, Raw
from .customers import Unavailable, is_of_one_customer

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

    customer: Customer
    subscriptions: t.Mapping[str, Raw]
    without_id: tuple[Raw, ...]
    oddities: ListOddities


def read_list(client: PartnerCenter, customer: Customer) -> CustomerList | Unavailable:
    """
    One request and page. Raises RequestError for an error that is not about one customer (a refused sign-in, a run that
    was told to stop).
    """
    try:
        return _read_list(client, customer)
    except RequestError as error:
        if not is_of_one_customer(error):
            raise
        return Unavailable(customer, error)


def _read_list(client: PartnerCenter, customer: Customer) -> CustomerList:
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
    odd = ListOddities(customer, tuple(sorted(repeated)), len(without_id))
    return CustomerList(customer, dict(sorted(found.items())), tuple(without_id), odd)


def odd_lists(found: t.Collection[ListOddities]) -> list[str]:
    """Warnings about subscriptions that are listed more than once, and about those without an id."""
    repeated = [f"{one.customer.name or one.customer.id} {key}" for one in found for key in one.repeated]
    without = [f"{one.customer.name or one.customer.id} ({one.without_id})" for one in found if one.without_id]
    warnings = []
    if repeated:
        warnings.append(
            f"Partner Center lists {_counted(repeated, 'subscription')} more than once: {_some(repeated)}. Each counts "
            "once; where the two differ, it was read by its id."
        )
    if without:
        warnings.append(
            f"Partner Center lists subscriptions without an id for {_counted(without, 'customer')}: {_some(without)}. "
            "They cannot be changed, nor read by themselves. Ask Microsoft's support about them."
        )
    return warnings


def _counted(found: t.Sequence[str], noun: str) -> str:
    return f"{len(found)} {noun}" if len(found) == 1 else f"{len(found)} {noun}s"


def _some(found: t.Sequence[str]) -> str:
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(found[:_NAMED]) + more
