# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Reading a fleet without any wish to change it, for the info modules and the inventory."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from .._api.errors import ApiError, RequestError, Stopped
from .._common import case
from .._common.problems import Problem
from .._state import kinds
from .._state.model import Customer, Raw, customer_of
from .._state.policies.match import EVERYTHING, CustomerMatch, Match, match_customer
from .customers import Unavailable, around, choose, named

if t.TYPE_CHECKING:
    from .._api.client import PartnerCenter

#: Codes of a 403 that are about the caller: role, kind of token, kind and state of the partner. They would be the same
#: for every customer.
_OF_THE_CALLER: t.Final = frozenset({"1002", "2032", "800039", "900124", "900149", "900150", "900329"})

#: Key under which a subscription's contact is added to it.
CONTACT: t.Final = "supportContact"


@dataclass(frozen=True, slots=True)
class CustomerRead:
    """
    A customer with its subscriptions that match, by id; none where it has none, or none matches.

    Resources are as received. ``supportContact`` is added to a subscription where contacts were asked for; null where
    there is none, and where it is in ``without_contact`` because it could not be read.
    """

    customer: Customer
    subscriptions: tuple[Raw, ...] = ()
    without_contact: tuple[Unavailable, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """
    A fleet as it was read. ``customers``: those whose subscriptions were looked at, by id; one that cannot match is not
    among them. ``unavailable``: dictionaries of ``customer_id``, ``customer_name`` and ``reason``, by id; with a
    ``subscription_id`` where only that subscription's contact could not be read. ``may_pass``: some of them failed in a
    way that may have passed by the next time.
    """

    customers: tuple[CustomerRead, ...] = ()
    unavailable: tuple[t.Mapping[str, t.Any], ...] = ()
    may_pass: bool = False


def read_fleet(
    client: PartnerCenter,
    *,
    match: Match | None = None,
    customers: t.Sequence[str] | None = None,
    threads: int,
    now: datetime,
    contacts: bool = False,
) -> Facts:
    """
    The fleet, or the ``customers`` with these ids (none for an empty list), with the subscriptions that match.

    One request a customer and page; the customers are listed, or read one by one where a few are named. A subscription
    is read by its id only where its list's item lacks what the match looks at. A customer that answers with an error is
    unavailable, and the rest is complete; so is a contact. Raises PartnerCenterError where the customers cannot be
    listed, for an error that is not about one customer, and where nothing but failures came.
    """
    if contacts:
        client.require_user()
    match = match or EVERYTHING
    with ThreadPoolExecutor(threads, thread_name_prefix="read") as pool:
        surroundings, listed = around(client, pool, match.resellers, now)
        ids = named(customers, match.customer_ids(surroundings))
        chosen, unavailable = choose(client, pool, ids, listed, _is_of_one_customer)
        rules = {key: match_customer(match, customer, surroundings) for key, customer in chosen.items()}
        possible = [key for key in sorted(chosen) if rules[key].is_possible]
        read = pool.map(lambda key: _read(client, chosen[key], rules[key], contacts), possible)
        answers = [*unavailable, *read]
    return _told(answers)


def read_subscription(
    client: PartnerCenter, customer_id: str, subscription_id: str, *, contacts: bool = False
) -> Facts:
    """
    One subscription by its id, and its customer: two requests, and one for the contact.

    The customer may be unavailable, as in a fleet, and so may the contact. Raises PartnerCenterError for a subscription
    that cannot be read.
    """
    if contacts:
        client.require_user()
    try:
        customer = customer_of(client.customer(customer_id))
    except RequestError as error:
        if not _is_of_one_customer(error):
            raise
        return _told([Unavailable(Customer(customer_id), error)])
    read = CustomerRead(customer, (client.subscription(customer_id, subscription_id),))
    return _told([_with_contacts(client, read) if contacts else read])


def read_contact(client: PartnerCenter, customer_id: str, subscription_id: str) -> Raw | None:
    """A subscription's support contact; None where there is none, in whichever way the API says so."""
    contact = client.support_contact(customer_id, subscription_id)
    names = [key for item in kinds.SUPPORT_CONTACT.settings for key in item.keys]
    return contact if contact is not None and any(case.get(contact, name) for name in names) else None


def _told(answers: t.Collection[CustomerRead | Unavailable]) -> Facts:
    read = tuple(answer for answer in answers if isinstance(answer, CustomerRead))
    gone = [answer for answer in answers if isinstance(answer, Unavailable)]
    gone += [one for answer in read for one in answer.without_contact]
    unavailable = sorted(gone, key=lambda one: one.customer.id.lower())
    failures = [one.error for one in unavailable if not _is_refusal(one.error)]
    if failures and not read:
        raise failures[0]
    return Facts(read, tuple(one.to_dict() for one in unavailable), bool(failures))


def _is_refusal(error: RequestError | Problem) -> bool:
    return isinstance(error, Problem) or (isinstance(error, ApiError) and error.is_unavailable)


def _read(
    client: PartnerCenter, customer: Customer, rules: CustomerMatch, contacts: bool
) -> CustomerRead | Unavailable:
    """One customer's part of the fleet."""
    found = []
    try:
        for listed in _listed(client, customer):
            subscription_id = case.text(listed, "id")
            is_lacking = subscription_id and rules.lacking(listed)
            raw = client.subscription(customer.id, subscription_id) if is_lacking else listed
            if rules.holds(raw):
                found.append(raw)
    except RequestError as error:
        if not _is_of_one_customer(error):
            raise
        return Unavailable(customer, error)
    read = CustomerRead(customer, tuple(found))
    return _with_contacts(client, read) if contacts else read


def _listed(client: PartnerCenter, customer: Customer) -> list[Raw]:
    """Subscriptions by id, each once: between two pages one may move. Those without an id come first."""
    found: dict[tuple[str, int], Raw] = {}
    for number, raw in enumerate(client.subscriptions(customer.id)):
        subscription_id = case.text(raw, "id").lower()
        found[subscription_id, 0 if subscription_id else number] = raw
    return [found[key] for key in sorted(found)]


def _with_contacts(client: PartnerCenter, read: CustomerRead) -> CustomerRead:
    """With each subscription's contact. One that cannot be read costs nobody the subscription."""
    found: list[Raw] = []
    failed: list[Unavailable] = []
    for raw in read.subscriptions:
        subscription_id = case.text(raw, "id")
        contact = None
        try:
            if not subscription_id:
                raise Problem("Partner Center lists a subscription without an id: its contact cannot be read.")
            contact = read_contact(client, read.customer.id, subscription_id)
        except (Problem, RequestError) as error:
            if isinstance(error, RequestError) and not _is_of_one_customer(error):
                raise
            failed.append(Unavailable(read.customer, error, subscription_id))
        found.append({**raw, CONTACT: contact})
    return CustomerRead(read.customer, tuple(found), tuple(failed))


def _is_of_one_customer(error: RequestError) -> bool:
    """Whether the other customers can be read all the same."""
    if isinstance(error, ApiError):
        return error.status != 401 and not (error.status == 403 and error.code in _OF_THE_CALLER)
    return not isinstance(error, Stopped)
