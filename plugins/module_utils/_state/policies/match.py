# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. ``match`` and ``exclude``: which subscriptions are meant.

All keys must hold; a list means any of its values, and an empty one none. What depends on the customer alone is
decided once a customer, the rest once a subscription. Which customers an indirect reseller has cannot be told from a
subscription: whoever evaluates a match first finds out for those that it names (``resellers``).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._common.problems import InvalidInput
from ..._common.words import unknown_name
from ..model import Customer, Raw
from .match_facts import Context, SubscriptionFacts, customer_facts, lacking
from .match_keys import KEYS, Facts, NamedValue, Test, guids, named_values


@dataclass(frozen=True, slots=True)
class Match:
    """A checked match; without any keys it matches everything."""

    #: The keys that it names.
    keys: frozenset[str] = frozenset()
    #: What all of its keys about the customer say, and what the others say; None where there are none.
    customer_test: Test | None = None
    subscription_test: Test | None = None
    #: Tenant ids (lower case) of the indirect resellers that it names.
    resellers: frozenset[str] = frozenset()
    #: Ids (lower case) of the only customers it can match; None where it does not say.
    named_customers: frozenset[str] | None = None
    #: Its values that something in the fleet should have.
    named: tuple[NamedValue, ...] = ()

    def customer_ids(self, around: Context) -> frozenset[str] | None:
        """Ids (lower case) of the customers whose subscriptions have to be read; None where it can be any."""
        if not self.resellers:
            return self.named_customers
        require_resellers(self.resellers, around)
        of_resellers = frozenset().union(*(around.reseller_customers[reseller] for reseller in self.resellers))
        return of_resellers if self.named_customers is None else of_resellers & self.named_customers

    def can_match(self, customer: Facts) -> bool:
        """Whether subscriptions of this customer can match; then ``subscription_test`` tells which."""
        return self.customer_test is None or self.customer_test(customer)


EVERYTHING: t.Final = Match()


def parse_match(option: str, value: t.Any) -> Match:
    """
    A ``match`` as the user wrote it at the option path ``option``.

    Raises InvalidInput naming the path for unknown keys, wrong types, bad globs, nulls (a key without a value would
    widen the match) and for no keys at all.
    """
    if not isinstance(value, dict):
        raise InvalidInput(option, "must be a dictionary.")
    if not value:
        raise InvalidInput(option, "is empty.", "Give at least one key.")
    tests: list[tuple[int, bool, Test]] = []
    for name, wanted in value.items():
        key = KEYS.get(name) if isinstance(name, str) else None
        if key is None:
            raise InvalidInput(f"{option}.{name}", unknown_name(str(name), KEYS))
        if wanted is None:
            raise InvalidInput(f"{option}.{name}", "must not be null: that would match more than meant.", "Omit it.")
        tests.append((key.cost, key.of_customer, key.test(f"{option}.{name}", name, wanted)))
    tests.sort(key=lambda one: one[0])
    customers, resellers = (
        guids(f"{option}.{name}", value[name]) if name in value else None
        for name in ("customer_id", "indirect_reseller")
    )
    return Match(
        keys=frozenset(value),
        customer_test=_all_of([test for _cost, of_customer, test in tests if of_customer]),
        subscription_test=_all_of([test for _cost, of_customer, test in tests if not of_customer]),
        resellers=resellers or frozenset(),
        named_customers=frozenset() if resellers is not None and not resellers else customers,
        named=tuple(one for name, wanted in value.items() for one in named_values(f"{option}.{name}", name, wanted)),
    )


def require_resellers(named: t.Collection[str], around: Context) -> None:
    """Raises LookupError for a reseller whose customers nobody found out: without them, it would exclude nobody."""
    unknown = sorted(set(named) - around.reseller_customers.keys())
    if unknown:
        raise LookupError(f"the customers of indirect reseller {', '.join(unknown)} are not known")


@dataclass(frozen=True, slots=True)
class CustomerMatch:
    """A match for the subscriptions of one customer."""

    customer: Customer
    match: Match
    around: Context
    #: False where none of the customer's subscriptions can match, so that they need not be read.
    is_possible: bool

    def holds(self, subscription: Raw) -> bool:
        test = self.match.subscription_test
        return self.is_possible and (test is None or test(SubscriptionFacts(subscription, self.around)))

    def lacking(self, subscription: Raw) -> tuple[str, ...]:
        """The API's keys that are looked at and that this list's item lacks: it has to be read by its id first."""
        return lacking(subscription, self.match.keys) if self.is_possible else ()


def match_customer(match: Match, customer: Customer, around: Context) -> CustomerMatch:
    """The match as it is for one customer; raises LookupError where a reseller's customers are not known."""
    require_resellers(match.resellers, around)
    return CustomerMatch(customer, match, around, match.can_match(customer_facts(customer, around)))


def _all_of(tests: t.Sequence[Test]) -> Test | None:
    """One test for several, without a loop for the usual one or two: it is called for each policy and subscription."""
    if len(tests) <= 1:
        return tests[0] if tests else None
    if len(tests) == 2:
        one, other = tests
        return lambda facts: one(facts) and other(facts)

    def test(facts: Facts) -> bool:
        for each in tests:  # noqa: SIM110  (all() costs more than most tests)
            if not each(facts):
                return False
        return True

    return test
