# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A fleet as the hosts of an inventory: their names and their variables."""

from __future__ import annotations

import re
import typing as t
import unicodedata
from collections import Counter
from dataclasses import dataclass

from .._engine.reading.fleet import CustomerRead
from .subscriptions import Names, parse_fields, shown_subscription

#: Host names also become names of files, which must not be longer than 255 characters.
_DOMAIN = re.compile(r"(?=.{4,150}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?")
_LONGEST = 60

#: A customer of the fleet as an inventory caches it: plain JSON.
Seen = t.Mapping[str, t.Any]


@dataclass(frozen=True, slots=True)
class Host:
    """``variables`` hold text of the API: whoever hands them to Ansible sees to it that it is never a template."""

    name: str
    variables: t.Mapping[str, t.Any]


#: What people group and select by. Ansible copies and marks each value whenever it looks at the inventory, so what only
#: says the same once more (the offer's id, the end of the term) or is matched rather than grouped by is left out.
DEFAULT_FIELDS: t.Final = (
    "quantity",
    "status",
    "auto_renew_enabled",
    "billing_cycle",
    "term_duration",
    "partner_id",
    "is_trial",
    "renewal",
)


def parse_hosts_fields(option: str, value: t.Any) -> Names:
    """Names of fields as the inventory's option gives them; raises InvalidInput. None, for all, where it says so."""
    if value is None:
        return DEFAULT_FIELDS
    # A list of one is how Ansible hands on a word.
    return None if value in ("all", ["all"]) else parse_fields(option, value)


def seen(read: CustomerRead, names: Names, *, has_extended_terms: bool) -> Seen:
    """What the hosts are made of."""
    return {
        "customer_id": read.customer.id,
        "company_name": read.customer.name,
        "domain": read.customer.domain,
        "subscriptions": [
            shown_subscription(raw, names, has_extended_terms=has_extended_terms) for raw in read.subscriptions
        ],
    }


def customers_as_hosts(customers: t.Sequence[Seen]) -> list[Host]:
    """A host a customer; ``pc_subscriptions`` holds its subscriptions."""
    return [
        Host(name, {**_of_customer(customer), "pc_subscriptions": customer["subscriptions"]})
        for name, customer in zip(_customer_names(customers), customers, strict=True)
    ]


def subscriptions_as_hosts(customers: t.Sequence[Seen]) -> list[Host]:
    """A host a subscription; ``pc_subscription`` is the subscription."""
    return [
        Host(f"{name}_{_word(subscription.get('id'), number)}", {**of_customer, "pc_subscription": subscription})
        for name, customer in zip(_customer_names(customers), customers, strict=True)
        for of_customer in [_of_customer(customer)]
        for number, subscription in enumerate(customer["subscriptions"])
    ]


def _of_customer(customer: Seen) -> dict[str, t.Any]:
    return {f"pc_{name}": customer[name] for name in ("customer_id", "company_name", "domain")}


def _customer_names(customers: t.Sequence[Seen]) -> list[str]:
    """
    A name for each customer, whatever order they come in: its domain; or its company name and the beginning of its id;
    or its id. Where two would have the same, each gets the beginning of its id, or all of it.

    Only small letters, digits, dots, hyphens and underscores: nothing that means something in a pattern for hosts, or
    in a template. An underscore only stands before an id, so names that are made in different ways differ; and as a
    domain holds a dot and a company name gets an id, none of them is ``localhost`` or ``all``.
    """
    domains = Counter(customer["domain"].lower() for customer in customers)
    names = [_customer_name(customer, domains) for customer in customers]
    counts = Counter(names)
    return [
        name if counts[name] == 1 else f"{name.partition('_')[0]}_{_word(customer['customer_id'])}"
        for name, customer in zip(names, customers, strict=True)
    ]


def _customer_name(customer: Seen, domains: t.Mapping[str, int]) -> str:
    domain, customer_id = customer["domain"].lower(), _word(customer["customer_id"])
    is_domain = _DOMAIN.fullmatch(domain) is not None
    if is_domain and domains[domain] == 1:
        return t.cast(str, domain)
    stem = domain if is_domain else _word(customer["company_name"])
    return f"{stem}_{customer_id[:8]}" if stem else customer_id


def _word(text: t.Any, number: int | None = None) -> str:
    """The letters and digits of a text, as far as ASCII has them, joined by hyphens; for no text, the number."""
    letters = unicodedata.normalize("NFKD", text if isinstance(text, str) else "").encode("ascii", "ignore").decode()
    word = re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")[:_LONGEST].strip("-")
    return word or ("" if number is None else f"without-id-{number}")
