# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The keys of a match: how each one's value is checked and made into a test."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._common.problems import InvalidInput
from ..._common.words import unknown_name
from .. import checks, kinds
from ..end_of_term import effect
from .match_globs import compiled, is_glob

#: What a customer or a subscription is, by the keys of a match.
Facts = t.Mapping[str, t.Any]
Test = t.Callable[[Facts], bool]

_DAY: t.Final = 86400.0


@dataclass(frozen=True, slots=True)
class Key:
    """
    ``test``: (option path, key, value) -> test, raising InvalidInput; ``cost`` ranks the tests, cheap ones come first;
    ``of_customer``: it is the same for all subscriptions of a customer.
    """

    test: t.Callable[[str, str, t.Any], Test]
    cost: int
    of_customer: bool = False


def each_of(option: str, value: t.Any) -> list[tuple[str, t.Any]]:
    """A value, or each value of a list, with its option path. An empty list means none, never all."""
    if isinstance(value, list):
        return [(f"{option}[{index}]", item) for index, item in enumerate(value)]
    return [(option, value)]


def guids(option: str, value: t.Any) -> frozenset[str]:
    """Ids in lower case: the API writes the same id in either case."""
    return frozenset(checks.guid(path, item).lower() for path, item in each_of(option, value))


def _is_among(name: str, wanted: frozenset[t.Any]) -> Test:
    if len(wanted) == 1:
        (only,) = wanted
        return lambda facts: bool(facts[name] == only)
    return lambda facts: facts[name] in wanted


def _checked_ids(option: str, name: str, value: t.Any) -> Test:
    return _is_among(name, guids(option, value))


def _resellers(option: str, name: str, value: t.Any) -> Test:
    wanted = guids(option, value)
    return lambda facts: not wanted.isdisjoint(facts[name])


def _globs(option: str, name: str, value: t.Any) -> Test:
    globs = compiled(each_of(option, value))
    if not globs.patterns:
        return _is_among(name, globs.exact)
    match = globs.match
    return lambda facts: match(facts[name])


def _open_word(option: str, value: t.Any) -> str:
    """A value of an open set: Partner Center adds statuses and cycles without notice."""
    word = checks.text(option, value)
    if is_glob(word):
        raise InvalidInput(option, f"takes no globs, and {word!r} looks like one.", "Give a list of values.")
    return word.lower()


def _words(option: str, name: str, value: t.Any) -> Test:
    return _is_among(name, frozenset(_open_word(path, item) for path, item in each_of(option, value)))


def _product_types(option: str, name: str, value: t.Any) -> Test:
    check = checks.one_of("nce", "legacy")
    return _is_among(name, frozenset(check(path, item) for path, item in each_of(option, value)))


def _ends(option: str, name: str, value: t.Any) -> Test:
    check = checks.one_of(*effect.EFFECTS)
    return _is_among(name, frozenset(check(path, item) for path, item in each_of(option, value)))


def _flags(option: str, name: str, value: t.Any) -> Test:
    return _is_among(name, frozenset(checks.flag(path, item) for path, item in each_of(option, value)))


def _range(option: str, value: t.Any) -> tuple[int, int | None]:
    if not isinstance(value, dict):
        raise InvalidInput(option, "must be a dictionary with min, max or both.", "Such as {min: 10, max: 25}.")
    for name in value:
        if name not in ("min", "max"):
            raise InvalidInput(f"{option}.{name}", unknown_name(str(name), ("min", "max")))
    if not value:
        raise InvalidInput(option, "says nothing: give min, max or both.")
    low = checks.count(f"{option}.min", value["min"]) if "min" in value else 0
    high = checks.count(f"{option}.max", value["max"]) if "max" in value else None
    if high is not None and low > high:
        raise InvalidInput(option, f"matches nothing: min ({low}) is more than max ({high}).")
    return low, high


def _ranges(option: str, name: str, value: t.Any) -> Test:
    ranges = tuple(_range(path, item) for path, item in each_of(option, value))

    def test(facts: Facts) -> bool:
        seats = facts[name]
        if seats is not None:
            for low, high in ranges:
                if low <= seats and (high is None or seats <= high):
                    return True
        return False

    return test


def _within_days(option: str, name: str, value: t.Any) -> Test:
    longest = max((checks.count(path, item) for path, item in each_of(option, value)), default=None)
    if longest is None:
        return lambda _facts: False
    limit = longest * _DAY

    def test(facts: Facts) -> bool:
        seconds = facts[name]
        return seconds is not None and bool(0 <= seconds <= limit)

    return test


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A value of a match that something in the fleet should have: its option path, its key, and as it was written."""

    option: str
    key: str
    text: str
    is_glob: bool = False


#: Values of open sets that make sense also where nothing has them.
#: (Microsoft, "Subscription resources"; the archived .NET SDK's enumerations.)
_KNOWN: t.Final[t.Mapping[str, frozenset[str]]] = {
    "status": frozenset({"none", "active", "pending", "suspended", "expired", "disabled", "deleted"}),
    "billing_cycle": frozenset({"none", "unknown", "monthly", "annual", "biennial", "triennial", "one_time"}),
    "billing_type": frozenset({"none", "license", "usage"}),
    "term_duration": frozenset({"p1m", "p1y", "p3y"}),
}


def named_values(option: str, name: str, value: t.Any) -> list[NamedValue]:
    """The values of a checked key that something in the fleet should have: ids, names, globs, and unknown words."""
    test = KEYS[name].test
    if test not in (_checked_ids, _resellers, _globs) and name not in _KNOWN:
        return []
    known = _KNOWN.get(name, ())
    return [
        NamedValue(path, name, item, test is _globs and is_glob(item))
        for path, item in each_of(option, value)
        if item.lower() not in known
    ]


_FORMS: t.Final = {"globs": Key(_globs, 2), "words": Key(_words, 0), "flags": Key(_flags, 0), "ranges": Key(_ranges, 1)}

#: Settings say in their row whether they are a key, and in which form it takes its values.
KEYS: t.Final[t.Mapping[str, Key]] = {
    "customer_id": Key(_checked_ids, 0, of_customer=True),
    "subscription_id": Key(_checked_ids, 0),
    "parent_subscription_id": Key(_checked_ids, 0),
    "indirect_reseller": Key(_resellers, 0, of_customer=True),
    "customer_name": Key(_globs, 1, of_customer=True),
    "customer_domain": Key(_globs, 1, of_customer=True),
    "offer_name": Key(_globs, 2),
    "offer_id": Key(_globs, 2),
    "product_id": Key(_globs, 2),
    "billing_type": Key(_words, 0),
    "term_duration": Key(_words, 0),
    "product_type": Key(_product_types, 0),
    "is_trial": Key(_flags, 0),
    "is_addon": Key(_flags, 0),
    "has_scheduled_changes": Key(_flags, 1),
    "end_of_term": Key(_ends, 3),
    "end_of_term_decided": Key(_flags, 3),
    "in_extended_service_term": Key(_flags, 1),
    "renews_within_days": Key(_within_days, 3),
    **{row.name: _FORMS[row.match] for row in kinds.SUBSCRIPTION.settings if row.match},
}
