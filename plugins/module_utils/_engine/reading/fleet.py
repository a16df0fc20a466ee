# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Reading a fleet without any wish to change it, for the info modules and the inventory."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from datetime import datetime

from ..._api.errors import RequestError
from ..._common import case
from ..._common.problems import Problem
from ..._state import kinds
from ..._state.model import Customer, Raw
from ..._state.policies.match import EVERYTHING, CustomerMatch, Match, match_customer
from .customers import Unavailable, is_of_one_customer, match_context, requested_ids, resolve_customers
from .lists import ListOddities, odd_lists, read_list

if t.TYPE_CHECKING:
    from ..._api.client import PartnerCenter

#: Key under which a subscription's contact is added to it.
ADDED_CONTACT: t.Final = "supportContact"


@dataclass(frozen=True, slots=True)
class CustomerRead:
    """
    A customer with its subscriptions that match, those without an id first, then by id; none where it has none, or none
    matches.

    Resources are as received. ``supportContact`` is added to a subscription where contacts were asked for; null where
    there is none, and where it is in ``without_contact`` because it could not be read.
    """

    customer: Customer
    subscriptions: tuple[Raw, ...] = ()
    without_contact: tuple[Unavailable, ...] = ()
    #: Of the list that they come from; None where they were read by their ids.
    oddities: ListOddities | None = None


@dataclass(frozen=True, slots=True)
class FleetRead:
    """
    A fleet as it was read. ``customers``: those whose subscriptions were looked at, by id; one that cannot match is not
    among them. ``unavailable``: dictionaries of ``customer_id``, ``customer_name`` and ``reason``, by id; with a
    ``subscription_id`` where only that subscription's contact could not be read. ``may_pass``: some of them failed in a
    way that may have passed by the next time. ``warnings``: what is odd about the lists.
    """

    customers: tuple[CustomerRead, ...] = ()
    unavailable: tuple[t.Mapping[str, t.Any], ...] = ()
    may_pass: bool = False
    warnings: tuple[str, ...] = ()


def read_fleet(
    client: PartnerCenter,
    *,
    match: Match | None = None,
    customers: t.Sequence[str] | None = None,
    threads: int,
    now: datetime,
    contacts: bool = False,
) -> FleetRead:
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
    with client.surroundings.pool(threads, "read") as pool:
        context, listed = match_context(client, pool, match.resellers, now)
        ids = requested_ids(customers, match.customer_ids(context))
        chosen, unavailable = resolve_customers(client, pool, ids, listed)
        rules = {key: match_customer(match, customer, context) for key, customer in chosen.items()}
        possible = [key for key in sorted(chosen) if rules[key].is_possible]
        read = pool.map(lambda key: _read_customer(client, chosen[key], rules[key], contacts), possible)
        answers = [*unavailable, *read]
    return _as_read(answers)


def read_subscription(
    client: PartnerCenter, customer_id: str, subscription_id: str, *, contacts: bool = False
) -> FleetRead:
    """
    One subscription by its id, and its customer: two requests, and one for the contact.

    The customer may be unavailable, as in a fleet, and so may the contact. Raises PartnerCenterError for a subscription
    that cannot be read.
    """
    if contacts:
        client.require_user()
    with client.surroundings.pool(1, "read") as pool:
        found, unavailable = resolve_customers(client, pool, frozenset({customer_id.lower()}), {})
    if unavailable:
        return _as_read(unavailable)
    read = CustomerRead(found[customer_id.lower()], (client.subscription(customer_id, subscription_id),))
    return _as_read([_with_contacts(client, read) if contacts else read])


def read_contact(client: PartnerCenter, customer_id: str, subscription_id: str) -> Raw | None:
    """A subscription's support contact; None where there is none, in whichever way the API says so."""
    contact = client.support_contact(customer_id, subscription_id)
    names = [key for item in kinds.SUPPORT_CONTACT.settings for key in item.keys]
    return contact if contact is not None and any(case.get(contact, name) for name in names) else None


def _as_read(answers: t.Collection[CustomerRead | Unavailable]) -> FleetRead:
    read = tuple(answer for answer in answers if isinstance(answer, CustomerRead))
    gone = [answer for answer in answers if isinstance(answer, Unavailable)]
    gone += [one for answer in read for one in answer.without_contact]
    unavailable = sorted(gone, key=lambda one: one.customer.id.lower())
    failures = [one.error for one in unavailable if not one.is_refusal]
    if failures and not read:
        raise failures[0]
    warnings = odd_lists([one.oddities for one in read if one.oddities is not None])
    return FleetRead(read, tuple(one.to_dict() for one in unavailable), bool(failures), tuple(warnings))


def _read_customer(
    client: PartnerCenter, customer: Customer, rules: CustomerMatch, contacts: bool
) -> CustomerRead | Unavailable:
    """One customer's part of the fleet."""
    listed = read_list(client, customer)
    if isinstance(listed, Unavailable):
        return listed
    try:
        found = [raw for raw in listed.without_id if rules.holds(raw)]
        for raw in listed.subscriptions.values():
            whole = client.subscription(customer.id, case.text(raw, "id")) if rules.lacking(raw) else raw
            if rules.holds(whole):
                found.append(whole)
    except RequestError as error:
        if not is_of_one_customer(error):
            raise
        return Unavailable(customer, error)
    read = CustomerRead(customer, tuple(found), oddities=listed.oddities)
    return _with_contacts(client, read) if contacts else read


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
        except Problem as error:
            if isinstance(error, RequestError) and not is_of_one_customer(error):
                raise
            failed.append(Unavailable(read.customer, error, subscription_id))
        found.append({**raw, ADDED_CONTACT: contact})
    return CustomerRead(read.customer, tuple(found), tuple(failed), read.oddities)
