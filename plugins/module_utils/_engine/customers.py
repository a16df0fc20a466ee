# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Which customers a task over a fleet is about: all of them are listed, one that is named is read by its id.
"""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from .._api.errors import RequestError
from .._common.problems import Problem
from .._state.model import Customer, customer_of
from .._state.policies.match_facts import Context, context

if t.TYPE_CHECKING:
    from .._api.client import PartnerCenter

#: So many unavailable customers are named in a message.
_TOLD: t.Final = 3

#: Customers by their ids in lower case.
Customers = dict[str, Customer]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """
    A customer that could not be read, and why; with a ``subscription_id``, only that subscription's support contact
    could not (the id is empty where it is not known).
    """

    customer: Customer
    error: RequestError | Problem
    subscription_id: str | None = None

    def to_dict(self) -> dict[str, t.Any]:
        """Shape of a result's ``unavailable``; ``subscription_id`` is in it only where it is about a contact."""
        contact = {} if self.subscription_id is None else {"subscription_id": self.subscription_id or None}
        return {
            "customer_id": self.customer.id or None,
            "customer_name": self.customer.name or None,
            **contact,
            "reason": str(self.error),
        }


class CustomersUnavailable(Problem):
    """Some customers cannot be read, and the task takes none for granted."""


def problem(unavailable: t.Sequence[t.Mapping[str, t.Any]]) -> CustomersUnavailable:
    """What a task fails with that takes no unavailable customers (as ``to_dict`` shows them)."""
    told = "; ".join(f"{one['customer_id']}: {one['reason']}" for one in unavailable[:_TOLD])
    contacts = sum("subscription_id" in one for one in unavailable)
    whole = len(unavailable) - contacts
    counted = [f"{whole} {'customer is' if whole == 1 else 'customers are'} unavailable"] if whole else []
    counted += (
        [f"{contacts} support {'contact' if contacts == 1 else 'contacts'} could not be read"] if contacts else []
    )
    return CustomersUnavailable(f"{' and '.join(counted)}: {told}")


def around(
    client: PartnerCenter, pool: ThreadPoolExecutor, resellers: t.Collection[str], now: datetime
) -> tuple[Context, Customers]:
    """The context of a run, with the customers of the named indirect resellers, and these customers as listed."""
    named = sorted(resellers)
    lists = list(pool.map(lambda one: [*map(customer_of, client.customers(indirect_reseller=one))], named))
    ids = {reseller: [one.id for one in found if one.id] for reseller, found in zip(named, lists, strict=True)}
    return context(now, ids), {one.id.lower(): one for found in lists for one in found if one.id}


def named(ids: t.Collection[str] | None, matched: frozenset[str] | None) -> frozenset[str] | None:
    """The ids, in lower case, of the customers that a task names and its matches name; None where neither does."""
    sets = [matched] if matched is not None else []
    if ids is not None:
        sets.append(frozenset(one.lower() for one in ids))
    return frozenset.intersection(*sets) if sets else None


def choose(
    client: PartnerCenter,
    pool: ThreadPoolExecutor,
    ids: frozenset[str] | None,
    known: Customers,
    is_tolerated: t.Callable[[RequestError], bool],
) -> tuple[Customers, list[Unavailable]]:
    """
    The customers with these ids (lower case; None for all), with their names, and those that are unavailable.

    ``known`` were listed before. Raises PartnerCenterError where the customers cannot be listed, and for a single one
    where the error is not tolerated.
    """
    if ids is None:
        return _listed(client)
    missing = ids - known.keys()
    if len(missing) > 1:
        # A page of the list tells as much as hundreds of requests by id.
        known = {**known, **_listed(client, missing)[0]}
    chosen = {one: known[one] for one in ids if one in known}
    unavailable = []
    unknown = sorted(ids - known.keys())
    for one, found in zip(unknown, pool.map(lambda one: _read(client, one, is_tolerated), unknown), strict=True):
        if isinstance(found, Customer):
            chosen[one] = found
        else:
            unavailable.append(Unavailable(Customer(one), found))
    return chosen, unavailable


def _listed(client: PartnerCenter, wanted: frozenset[str] | None = None) -> tuple[Customers, list[Unavailable]]:
    """The list of all customers, as far as it takes to find the ``wanted`` ones."""
    listed: Customers = {}
    without_id = []
    for customer in map(customer_of, client.customers()):
        if customer.id:
            listed[customer.id.lower()] = customer
            if wanted is not None and wanted <= listed.keys():
                break
        else:
            problem = Problem("Partner Center lists this customer without an id, so that it cannot be read.")
            without_id.append(Unavailable(customer, problem))
    return listed, without_id


def _read(
    client: PartnerCenter, customer_id: str, is_tolerated: t.Callable[[RequestError], bool]
) -> Customer | RequestError:
    try:
        found = customer_of(client.customer(customer_id))
    except RequestError as error:
        if not is_tolerated(error):
            raise
        return error
    return found if found.id else Customer(customer_id, found.name, found.domain, found.raw)
