# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Policies: what is desired of every subscription that matches.

For one field the last matching policy wins, and an explicit item wins over policies. Parse once, look at each customer
once (``for_customer``), then compose each of its subscriptions.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType

from ..._common.problems import InvalidInput
from ..._common.words import unknown_name
from .. import checks, kinds
from ..model import Customer, Raw
from .assign import check_set, templates_in
from .match import EVERYTHING, Match, parse_match, require_resellers
from .match_facts import Context, SubscriptionFacts, customer_facts, lacking
from .match_keys import Test
from .merge import Composed, Setting, Skipped, merge

_KNOWN: t.Final = ("name", "match", "match_all", "exclude", "set")
_NOTHING: t.Final[t.Mapping[str, t.Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Policy:
    """A checked policy. ``settings``: field -> what it is set to; ``support_contact`` is one field."""

    name: str
    match: Match
    exclude: Match | None
    settings: t.Mapping[str, Setting]
    #: What has to be known of a subscription: keys of a match, and placeholders, which are called the same.
    looks_at: frozenset[str]
    #: Tenant ids (lower case) of the indirect resellers that it names.
    resellers: frozenset[str]

    @property
    def needs_user(self) -> bool:
        """Whether it sets what only credentials of a user may read and write."""
        return any(kinds.of_setting(name).needs_user for name in self.settings)

    @property
    def needs_customer_facts(self) -> bool:
        """Whether it looks at customers' names or domains, so that ids alone are not enough."""
        return not self.looks_at.isdisjoint(("customer_name", "customer_domain"))


def parse_policies(option: str, value: t.Any) -> tuple[Policy, ...]:
    """
    The policies as the user wrote them at the option path ``option``; null is none.

    Raises InvalidInput naming the path, such as ``policies[2].match.status``.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InvalidInput(option, "must be a list.")
    policies = tuple(_policy(f"{option}[{index}]", item) for index, item in enumerate(value))
    first: dict[str, int] = {}
    for index, policy in enumerate(policies):
        if first.setdefault(policy.name, index) != index:
            raise InvalidInput(
                f"{option}[{index}].name", f"{policy.name!r} is also the name of {option}[{first[policy.name]}]."
            )
    return policies


def _policy(option: str, value: t.Any) -> Policy:
    if not isinstance(value, dict):
        raise InvalidInput(option, "must be a dictionary.")
    for key in value:
        if key not in _KNOWN:
            raise InvalidInput(f"{option}.{key}", unknown_name(str(key), _KNOWN))
    if value.get("name") is None:
        raise InvalidInput(f"{option}.name", "is missing: the plan tells by it which policy set what.")
    if value.get("set") is None:
        raise InvalidInput(f"{option}.set", "is missing: say what the policy sets.")
    name = checks.text(f"{option}.name", value["name"])
    match = _match(option, value.get("match"), value.get("match_all"))
    exclude = value.get("exclude")
    excluded = None if exclude is None or exclude == {} else parse_match(f"{option}.exclude", exclude)
    values = check_set(f"{option}.set", value["set"])
    templates = {field: list(templates_in(item)) for field, item in values.items()}
    placeholders = frozenset(one for found in templates.values() for template in found for one in template.names)
    either = excluded or EVERYTHING
    return Policy(
        name=name,
        match=match,
        exclude=excluded,
        settings={field: Setting(name, item, bool(templates[field])) for field, item in values.items()},
        looks_at=match.keys | either.keys | placeholders | _besides(values, placeholders),
        resellers=match.resellers | either.resellers,
    )


def _besides(values: t.Mapping[str, t.Any], placeholders: t.Collection[str]) -> frozenset[str]:
    """Keys of a match that a policy looks at without naming them."""
    billing = {"billing_type"} if "quantity" in values else set[str]()
    return frozenset(billing | ({"renews_within_days"} if "term_end" in placeholders else set()))


def _match(option: str, match: t.Any, match_all: t.Any) -> Match:
    everything = match_all is not None and checks.flag(f"{option}.match_all", match_all)
    if match is not None and match != {}:
        parsed = parse_match(f"{option}.match", match)
        if everything:
            raise InvalidInput(f"{option}.match_all", "contradicts match: give one of them.")
        return parsed
    if not everything:
        raise InvalidInput(
            f"{option}.match", "is empty, which would match every subscription.", "If you mean that: match_all: true."
        )
    return EVERYTHING


def named_resellers(policies: t.Iterable[Policy]) -> frozenset[str]:
    """Tenant ids (lower case) of the indirect resellers whose customers have to be found out first."""
    return frozenset[str]().union(*(policy.resellers for policy in policies))


def customer_ids(policies: t.Iterable[Policy], around: Context) -> frozenset[str] | None:
    """Ids (lower case) of the only customers that policies can be about; None where it can be any."""
    found: frozenset[str] = frozenset()
    for policy in policies:
        ids = policy.match.customer_ids(around)
        if ids is None:
            return None
        found |= ids
    return found


@dataclass(frozen=True, slots=True)
class Matched:
    """The policies that mean a subscription, the winning ones last; names of those among them that except it."""

    policies: tuple[Policy, ...] = ()
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CustomerPolicies:
    """The policies that can be about the subscriptions of one customer, in their order."""

    customer: Customer
    around: Context
    #: Policy, which subscriptions it is about (None: all), and which of them not (None: no exceptions).
    rules: tuple[tuple[Policy, Test | None, Test | None], ...]
    looks_at: frozenset[str]

    @property
    def is_excluded(self) -> bool:
        """Whether all of them except the whole customer, which is then only read to count what they except."""
        return all(exclude is _always for _policy, _match, exclude in self.rules)

    def lacking(self, subscription: Raw) -> tuple[str, ...]:
        """The API's keys that are looked at and that this list's item lacks: it has to be read by its id first."""
        return lacking(subscription, self.looks_at)

    def matching(self, subscription: Raw) -> Matched:
        """The policies that mean this subscription."""
        facts = SubscriptionFacts(subscription, self.around)
        matched = [
            (policy, exclude is not None and exclude(facts))
            for policy, match, exclude in self.rules
            if match is None or match(facts)
        ]
        excluded = frozenset(policy.name for policy, is_excluded in matched if is_excluded)
        return Matched(tuple(policy for policy, _is_excluded in matched), excluded)

    def compose(
        self,
        matched: Matched,
        subscription: Raw,
        item: t.Mapping[str, t.Any] = _NOTHING,
        item_contact: t.Mapping[str, t.Any] = _NOTHING,
    ) -> Composed:
        """
        What is desired of the subscription that these policies mean; ``item`` and ``item_contact`` (field -> checked
        value) are what an explicit item gives, which wins over policies.

        Raises Refused for what cannot be set on this subscription as the policies say.
        """
        if not self.rules:
            return Composed(item, item_contact)
        winners: dict[str, Setting] = {}
        for policy in matched.policies:
            if policy.name not in matched.excluded:
                winners.update(policy.settings)
        if not (winners or item or item_contact):
            return _UNTOUCHED
        return merge(winners, item, item_contact, self.customer, subscription)


_UNTOUCHED: t.Final = Composed()


def _always(_facts: t.Mapping[str, t.Any]) -> bool:
    """Excepts all of a customer's subscriptions."""
    return True


def for_customer(policies: t.Iterable[Policy], customer: Customer, around: Context) -> CustomerPolicies:
    """
    The policies as they are for one customer: what depends on the customer alone is decided here, once.

    Raises LookupError where the context does not hold the customers of a reseller that a policy names.
    """
    seen = customer_facts(customer, around)
    rules: list[tuple[Policy, Test | None, Test | None]] = []
    for policy in policies:
        require_resellers(policy.resellers, around)
        if not policy.match.can_match(seen):
            continue
        exclude = policy.exclude if policy.exclude and policy.exclude.can_match(seen) else None
        excluding = None if exclude is None else exclude.subscription_test or _always
        rules.append((policy, policy.match.subscription_test, excluding))
    looks_at = frozenset[str]().union(*(policy.looks_at for policy, _match, _exclude in rules))
    return CustomerPolicies(customer, around, tuple(rules), looks_at)


def skipped_settings(skipped: t.Iterable[Skipped]) -> list[str]:
    """Warnings that count, by policy and setting, the subscriptions that cannot have what the policy sets."""
    counts = Counter(map(str, skipped))
    return [f"{text}: skipped on {count} of them." for text, count in sorted(counts.items())]
