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

from ..._api.errors import ApiError, RequestError, Stopped
from ..._common.problems import Problem
from ..._state.model import Customer, customer_of
from ..._state.policies.match_facts import Context, context

if t.TYPE_CHECKING:
    from ..._api.client import PartnerCenter

#: So many unavailable customers are named in a message.
_NAMED: t.Final = 3
#: Codes of a 403 that are about the caller: role, kind of token, kind and state of the partner. They would be the same
#: for every customer.
_OF_THE_CALLER: t.Final = frozenset({"1002", "2032", "800039", "900124", "900149", "900150", "900329"})

#: Customers by their ids in lower case.
Customers = dict[str, Customer]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """
    A customer that could not be read, and why; with a ``subscription_id``, only that subscription's support contact
    could not (the id is empty where it is not known).
    """

    customer: Customer
    error: Problem
    subscription_id: str | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether it is Partner Center's own answer (403, 404, no id), so that trying again would not help."""
        is_without_id = not self.customer.id or self.subscription_id == ""
        return is_without_id or (isinstance(self.error, ApiError) and self.error.is_unavailable)

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


def unavailable_problem(unavailable: t.Sequence[t.Mapping[str, t.Any]]) -> CustomersUnavailable:
    """What a task fails with that takes no unavailable customers (as ``to_dict`` shows them)."""
    listed = "; ".join(f"{one['customer_id']}: {one['reason']}" for one in unavailable[:_NAMED])
    contacts = sum("subscription_id" in one for one in unavailable)
    whole = len(unavailable) - contacts
    counted = [f"{whole} {'customer is' if whole == 1 else 'customers are'} unavailable"] if whole else []
    counted += (
        [f"{contacts} support {'contact' if contacts == 1 else 'contacts'} could not be read"] if contacts else []
    )
    return CustomersUnavailable(f"{' and '.join(counted)}: {listed}")


def is_of_one_customer(error: RequestError) -> bool:
    """Whether the other customers can be read all the same."""
    if isinstance(error, ApiError):
        return error.status != 401 and not (error.status == 403 and error.code in _OF_THE_CALLER)
    return not isinstance(error, Stopped)


def match_context(
    client: PartnerCenter, pool: ThreadPoolExecutor, resellers: t.Collection[str], now: datetime
) -> tuple[Context, Customers]:
    """The context of a run, with the customers of the named indirect resellers, and these customers as listed."""
    named = sorted(resellers)
    lists = list(pool.map(lambda one: [*map(customer_of, client.customers(indirect_reseller=one))], named))
    ids = {reseller: [one.id for one in found if one.id] for reseller, found in zip(named, lists, strict=True)}
    return context(now, ids), {one.id.lower(): one for found in lists for one in found if one.id}


def requested_ids(ids: t.Collection[str] | None, matched: frozenset[str] | None) -> frozenset[str] | None:
    """The ids, in lower case, of the customers that a task names and its matches name; None where neither does."""
    sets = [matched] if matched is not None else []
    if ids is not None:
        sets.append(frozenset(one.lower() for one in ids))
    return frozenset.intersection(*sets) if sets else None


def resolve_customers(
    client: PartnerCenter, pool: ThreadPoolExecutor, ids: frozenset[str] | None, known: t.Mapping[str, Customer]
) -> tuple[Customers, list[Unavailable]]:
    """
    The customers with these ids (lower case; None for all), with their names, and those that are unavailable.

    ``known`` were listed before. Raises PartnerCenterError where the customers cannot be listed, and for an error that
    is not about one customer.
    """
    if ids is None:
        return _listed(client)
    found = {one: known[one] for one in ids if one in known}
    if len(ids - found.keys()) > 1:
        # A page of the list tells as much as hundreds of requests by id.
        listed = _listed(client, ids - found.keys())[0]
        found |= {one: listed[one] for one in ids if one in listed}
    missing = sorted(ids - found.keys())
    answers = dict(zip(missing, pool.map(lambda one: _read_by_id(client, one), missing), strict=True))
    found |= {one: answer for one, answer in answers.items() if isinstance(answer, Customer)}
    return found, [answer for answer in answers.values() if isinstance(answer, Unavailable)]


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
            nameless = Problem("Partner Center lists this customer without an id, so that it cannot be read.")
            without_id.append(Unavailable(customer, nameless))
    return listed, without_id


def _read_by_id(client: PartnerCenter, customer_id: str) -> Customer | Unavailable:
    try:
        found = customer_of(client.customer(customer_id))
    except RequestError as error:
        if not is_of_one_customer(error):
            raise
        return Unavailable(Customer(customer_id), error)
    return found if found.id else Customer(customer_id, found.name, found.domain, found.raw)
