# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Reading a fleet without any wish to change it, for the info modules and the inventory."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from datetime import datetime

from ..._common import case
from ..._common.problems import Problem
from ..._state import kinds
from ..._state.model import Customer, Raw
from ..._state.policies.match import EVERYTHING, CustomerMatch, Match, match_customer
from .customers import Unavailable, find_customers, read_customer, unless_unavailable
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
        found = find_customers(client, pool, now, match.customer_ids, resellers=match.resellers, only=customers)
        rules = [match_customer(match, one, found.context) for _id, one in sorted(found.customers.items())]
        read = pool.map(lambda one: _read_matching(client, one, contacts), [one for one in rules if one.is_possible])
        return _as_read([*found.unavailable, *read])


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
    customer = read_customer(client, customer_id.lower())
    if isinstance(customer, Unavailable):
        return _as_read([customer])
    read = CustomerRead(customer, (client.subscription(customer_id, subscription_id),))
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


def _read_matching(client: PartnerCenter, rules: CustomerMatch, contacts: bool) -> CustomerRead | Unavailable:
    customer = rules.customer

    def read() -> CustomerRead:
        listed = read_list(client, customer)
        found = [raw for raw in listed.without_id if rules.holds(raw)]
        for raw in listed.subscriptions.values():
            whole = client.subscription(customer.id, case.text(raw, "id")) if rules.lacking(raw) else raw
            if rules.holds(whole):
                found.append(whole)
        answer = CustomerRead(customer, tuple(found), oddities=listed.oddities)
        return _with_contacts(client, answer) if contacts else answer

    return unless_unavailable(customer, read)


def _with_contacts(client: PartnerCenter, read: CustomerRead) -> CustomerRead:
    """With each subscription's contact. One that cannot be read costs nobody the subscription."""
    answers = [_contact_of(client, read.customer, case.text(raw, "id")) for raw in read.subscriptions]
    found = [None if isinstance(answer, Unavailable) else answer for answer in answers]
    return replace(
        read,
        subscriptions=tuple({**raw, ADDED_CONTACT: one} for raw, one in zip(read.subscriptions, found, strict=True)),
        without_contact=tuple(answer for answer in answers if isinstance(answer, Unavailable)),
    )


def _contact_of(client: PartnerCenter, customer: Customer, subscription_id: str) -> Raw | Unavailable | None:
    if not subscription_id:
        nameless = Problem("Partner Center lists a subscription without an id: its contact cannot be read.")
        return Unavailable(customer, nameless, subscription_id)
    read = unless_unavailable(customer, lambda: read_contact(client, customer.id, subscription_id))
    return replace(read, subscription_id=subscription_id) if isinstance(read, Unavailable) else read
