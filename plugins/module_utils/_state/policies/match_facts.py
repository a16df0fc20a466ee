# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What is matched: a subscription and its customer, seen so that odd values of the API never break a comparison.

A fleet is matched against many policies, so each fact is worked out once, when it is first looked at.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from ..._common import case
from .. import kinds, traits
from ..end_of_term import effect, eligibility
from ..field import Field
from ..model import Customer, Raw
from ..schedules.table import scheduled_changes

_NO_RESELLERS: t.Final[t.Mapping[str, t.Collection[str]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for a whole run: the time, which customers the named indirect resellers have, and the cloud."""

    now: datetime
    #: Reseller's tenant id -> ids of its customers, all in lower case.
    reseller_customers: t.Mapping[str, frozenset[str]]
    #: Whether the cloud has extended service terms.
    has_extended_terms: bool = True


def context(
    now: datetime,
    reseller_customers: t.Mapping[str, t.Collection[str]] = _NO_RESELLERS,
    *,
    has_extended_terms: bool = True,
) -> Context:
    """The context of a run; ids in any case. ``now`` has to know its zone."""
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    lowered: dict[str, frozenset[str]] = {}
    for reseller, customers in reseller_customers.items():
        ids = frozenset(customer.lower() for customer in customers)
        lowered[reseller.lower()] = lowered.get(reseller.lower(), frozenset()) | ids
    return Context(now, lowered, has_extended_terms)


def _text_test(key: str) -> t.Callable[[Raw], str]:
    return lambda raw: case.text(raw, key)


def _lowered(spelled: t.Callable[[Raw], str]) -> View:
    return lambda raw, _around: spelled(raw).lower()


def _flag_test(key: str) -> View:
    """True, False, or None for what is neither. No value counts as False, as it does where fields are compared."""

    def view(raw: Raw, _around: Context) -> bool | None:
        value = case.get(raw, key)
        if isinstance(value, str):
            return {"true": True, "false": False, "": False}.get(value.lower())
        return bool(value) if value in (None, True, False) else None

    return view


def _renews_in(raw: Raw, around: Context) -> float | None:
    end = traits.term_end(raw)
    return None if end is None else (end - around.now).total_seconds()


def _seen_end(raw: Raw, around: Context) -> effect.EndOfTerm:
    return effect.read(raw, has_extended_terms=around.has_extended_terms)


def _fact_of(row: Field) -> View:
    fact = row.fact
    if fact is not None:
        return lambda raw, _around: fact(raw)
    return _flag_test(row.keys[0]) if row.match == "flags" else _lowered(_text_test(row.keys[0]))


View = t.Callable[[Raw, Context], t.Any]

#: key of a match -> the subscription's text under it, as it is spelled.
SPELLED: t.Final[t.Mapping[str, t.Callable[[Raw], str]]] = {
    "subscription_id": _text_test("id"),
    "parent_subscription_id": _text_test("parentSubscriptionId"),
    "offer_name": _text_test("offerName"),
    "offer_id": _text_test("offerId"),
    "product_id": traits.product_id,
    "billing_type": _text_test("billingType"),
    "term_duration": _text_test("termDuration"),
    **{
        row.name: _text_test(row.keys[0])
        for row in kinds.SUBSCRIPTION.settings
        if row.match in ("globs", "words") and row.fact is None
    },
}

#: key of a match -> how a subscription is seen under it; texts in lower case.
VIEWS: t.Final[t.Mapping[str, View]] = {
    **{name: _lowered(spelled) for name, spelled in SPELLED.items()},
    "product_type": lambda raw, _around: "nce" if traits.is_new_commerce(raw) else "legacy",
    "is_trial": _flag_test("isTrial"),
    "is_addon": lambda raw, _around: traits.is_addon(raw),
    "has_scheduled_changes": lambda raw, _around: bool(scheduled_changes(raw) or effect.actions(raw)),
    "end_of_term": lambda raw, around: _seen_end(raw, around).effect,
    "end_of_term_decided": lambda raw, around: _seen_end(raw, around).decided,
    "in_extended_service_term": lambda raw, _around: eligibility.is_within(raw),
    "renews_within_days": _renews_in,
    **{row.name: _fact_of(row) for row in kinds.SUBSCRIPTION.settings if row.match},
}

#: key -> the API's key, where every subscription has it: a list's item that lacks it does not tell (others, such as
#: parentSubscriptionId, are simply absent where they do not apply).
ALWAYS_THERE: t.Final[t.Mapping[str, str]] = {
    "offer_name": "offerName",
    "offer_id": "offerId",
    "product_id": "offerId",
    "billing_type": "billingType",
    "is_trial": "isTrial",
    "renews_within_days": "commitmentEndDate",
    **{
        row.name: row.keys[0]
        for row in kinds.SUBSCRIPTION.settings
        if row.match and row.keys[0] not in row.optional_keys
    },
}


class SubscriptionFacts(dict[str, t.Any]):
    """A subscription under the keys of VIEWS; what was looked at is kept (a dict is the fastest place for that)."""

    def __init__(self, raw: Raw, around: Context) -> None:
        super().__init__()
        self._raw = raw
        self._around = around

    def __missing__(self, name: str) -> t.Any:
        value = self[name] = VIEWS[name](self._raw, self._around)
        return value


def customer_facts(customer: Customer, around: Context) -> dict[str, t.Any]:
    """The customer under the keys of a match; ``indirect_reseller`` holds all that have the customer."""
    customer_id = customer.id.lower()
    return {
        "customer_id": customer_id,
        "customer_name": customer.name.lower(),
        "customer_domain": customer.domain.lower(),
        "indirect_reseller": frozenset(
            reseller for reseller, customers in around.reseller_customers.items() if customer_id in customers
        ),
    }


def lacking(raw: Raw, names: t.Collection[str]) -> tuple[str, ...]:
    """The API's keys behind ``names`` that every subscription has and this one lacks: it has to be read by its id."""
    wanted = {ALWAYS_THERE[name] for name in names if name in ALWAYS_THERE}
    if "product_type" in names and traits.is_of_unknown_kind(raw):
        wanted.add("productType")
    return tuple(sorted(key for key in wanted if case.find_key(raw, key) is None))
