# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Which customers a task over a fleet is about: all of them are listed, one that is named is read by its id.
"""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ..._api.errors import ApiError, RequestError, Stopped
from ..._common.problems import Problem
from ..._common.words import many
from ..._state.model import Customer, customer_of
from ..._state.policies.match_facts import Context, context

if t.TYPE_CHECKING:
    from ..._api.client import PartnerCenter

T = t.TypeVar("T")

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


@dataclass(frozen=True, slots=True)
class Found:
    """``is_whole``: whether these are all customers that the partner has."""

    context: Context
    customers: Customers
    unavailable: t.Sequence[Unavailable] = ()
    is_whole: bool = False


class CustomersUnavailable(Problem):
    """Some customers cannot be read, and the task takes none for granted."""


def unavailable_problem(unavailable: t.Sequence[t.Mapping[str, t.Any]]) -> CustomersUnavailable:
    """What a task fails with that takes no unavailable customers (as ``to_dict`` shows them)."""
    listed = "; ".join(f"{one['customer_id']}: {one['reason']}" for one in unavailable[:_NAMED])
    contacts = sum("subscription_id" in one for one in unavailable)
    whole = len(unavailable) - contacts
    counted = [f"{many(whole, 'customer')} {'is' if whole == 1 else 'are'} unavailable"] if whole else []
    counted += [f"{many(contacts, 'support contact')} could not be read"] if contacts else []
    return CustomersUnavailable(f"{' and '.join(counted)}: {listed}")


def is_of_one_customer(error: BaseException) -> bool:
    """Whether the other customers can be read all the same."""
    if isinstance(error, ApiError):
        return error.status != 401 and not (error.status == 403 and error.code in _OF_THE_CALLER)
    return isinstance(error, RequestError) and not isinstance(error, Stopped)


def unless_unavailable(customer: Customer, read: t.Callable[[], T]) -> T | Unavailable:
    """What is read of a customer, or why it cannot be; raises what is not about one customer."""
    try:
        return read()
    except RequestError as error:
        if not is_of_one_customer(error):
            raise
        return Unavailable(customer, error)


def find_customers(
    client: PartnerCenter,
    pool: ThreadPoolExecutor,
    now: datetime,
    customer_ids: t.Callable[[Context], frozenset[str] | None],
    *,
    resellers: t.Collection[str] = (),
    only: t.Collection[str] | None = None,
    with_facts: bool = True,
) -> Found:
    """
    The customers with the ids that ``customer_ids`` makes of what the ``resellers`` have, and that are among ``only``
    (None: all, of either). Without ``with_facts``, names and domains may be missing.

    Raises PartnerCenterError where the customers cannot be listed, and for an error that is not about one customer.
    """
    named = sorted(resellers)
    lists = list(pool.map(lambda one: [*map(customer_of, client.customers(indirect_reseller=one))], named))
    known = {one.id.lower(): one for found in lists for one in found if one.id}
    around = context(
        now,
        {one: [each.id for each in found if each.id] for one, found in zip(named, lists, strict=True)},
        has_extended_terms=client.has_extended_terms,
    )
    ids = customer_ids(around)
    if only is not None:
        lowered = frozenset(one.lower() for one in only)
        ids = lowered if ids is None else ids & lowered
    if ids is not None and not with_facts:
        return Found(around, {one: known.get(one) or Customer(one) for one in ids})
    customers, unavailable = resolve_customers(client, pool, ids, known)
    return Found(around, customers, unavailable, is_whole=ids is None)


def resolve_customers(
    client: PartnerCenter, pool: ThreadPoolExecutor, ids: frozenset[str] | None, known: t.Mapping[str, Customer]
) -> tuple[Customers, list[Unavailable]]:
    """
    The customers with these ids (lower case; None for all), with their names, and those that are unavailable.

    ``known`` were listed before. Raises as :func:`find_customers` does.
    """
    wanted = ids or frozenset[str]()
    found = {one: known[one] for one in wanted if one in known}
    unavailable: list[Unavailable] = []
    # A page of the list tells as much as hundreds of requests by id.
    is_listed = ids is None or len(wanted - found.keys()) > 1
    for customer in map(customer_of, client.customers() if is_listed else ()):
        key = customer.id.lower()
        if key in wanted or (key and ids is None):
            found[key] = customer
        elif ids is None:
            nameless = Problem("Partner Center lists this customer without an id, so that it cannot be read.")
            unavailable.append(Unavailable(customer, nameless))
        if ids is not None and wanted <= found.keys():
            break
    missing = sorted(wanted - found.keys())
    answers = list(pool.map(partial(read_customer, client), missing))
    found |= {one: read for one, read in zip(missing, answers, strict=True) if isinstance(read, Customer)}
    return found, [*unavailable, *(answer for answer in answers if isinstance(answer, Unavailable))]


def read_customer(client: PartnerCenter, customer_id: str) -> Customer | Unavailable:
    """One request. Raises RequestError for an error that is not about one customer."""

    def read() -> Customer:
        found = customer_of(client.customer(customer_id))
        return found if found.id else replace(found, id=customer_id)

    return unless_unavailable(Customer(customer_id), read)
