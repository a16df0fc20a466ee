# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Renewal instructions (``scheduledNextTermInstructions``): what the next term looks like.

A user gives a part of them (``{quantity: 80}``); the rest is what the current instructions say, else what the
subscription itself is. Sources: Microsoft, "Create scheduled changes for a subscription"; the archived .NET SDK's
``ScheduledNextTermInstructions``.
"""

from __future__ import annotations

import copy
import typing as t
from dataclasses import dataclass

from .._common import case
from .._common.problems import InvalidInput, Refused
from .._common.times import parse_time
from .._common.words import unknown_name
from . import checks
from .end_of_term import effect

NAME: t.Final = "scheduled_next_term_instructions"
KEY: t.Final = effect.INSTRUCTIONS

#: option -> (the API's key, check), below ``product``
PRODUCT: t.Mapping[str, tuple[str, checks.Check]] = {
    "product_id": ("productId", checks.text),
    "sku_id": ("skuId", checks.text),
    "availability_id": ("availabilityId", checks.text),
    "billing_cycle": ("billingCycle", checks.text),
    "term_duration": ("termDuration", checks.text),
    "promotion_id": ("promotionId", checks.optional_text),
}
#: option -> (the API's key, check), beside ``product``
OTHERS: t.Mapping[str, tuple[str, checks.Check]] = {
    "quantity": ("quantity", checks.whole_number),
    "custom_term_end_date": ("customTermEndDate", checks.optional_text),
}

#: option -> its check, below ``product`` one more dictionary.
INSTRUCTION_PARTS: t.Final[t.Mapping[str, checks.Check | t.Mapping[str, checks.Check]]] = {
    "product": {name: check for name, (_key, check) in PRODUCT.items()},
    **{name: check for name, (_key, check) in OTHERS.items()},
}

#: What says nothing: nulls and empty values come and go in the API's answers.
_NOTHING: t.Final[tuple[t.Any, ...]] = (None, "", [], {})
_NEEDED = ("productId", "skuId", "availabilityId", "billingCycle", "termDuration")


@dataclass(frozen=True, slots=True)
class Received:
    """A value as the API once sent it, to be written back to the letter."""

    value: t.Any


@dataclass(frozen=True, slots=True)
class Dropped:
    """A value as the API once sent it, which it may have deleted since; only ever expected."""

    value: t.Any


@dataclass(frozen=True, slots=True)
class Completed:
    """What the user gave of a value, and the whole of it, completed before an earlier write changed its basis."""

    given: t.Any
    value: t.Any


def check(option: str, value: t.Any) -> dict[str, t.Any]:
    """What the user gave, without nulls; raises InvalidInput for unknown keys, wrong types and for nothing at all."""
    given = _checked_parts(option, value, {"product": (), **OTHERS})
    product = given.pop("product", None)
    if product is not None:
        checked = _checked_parts(f"{option}.product", product, PRODUCT)
        if checked:
            given["product"] = checked
    if not given:
        raise InvalidInput(option, "says nothing: give at least one of its values, or leave it out.")
    return given


def _checked_parts(option: str, value: t.Any, known: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    if not isinstance(value, dict):
        raise InvalidInput(option, "must be a dictionary.")
    result: dict[str, t.Any] = {}
    for name, item in value.items():
        if name not in known:
            raise InvalidInput(f"{option}.{name}", unknown_name(str(name), known))
        if item is not None:
            result[name] = known[name][1](f"{option}.{name}", item) if known[name] else item
    return result


def matches(current: t.Any, wanted: t.Any) -> bool:
    """Whether the current instructions (as received) say everything that is wanted: a user's part or one of ours."""
    if isinstance(wanted, Dropped):
        return not current or holds(current, wanted.value)
    if isinstance(wanted, Received):
        return holds(current, wanted.value)
    return _matches_given(current, wanted.given if isinstance(wanted, Completed) else wanted)


def to_api(wanted: t.Any, subscription: t.Mapping[str, t.Any]) -> t.Any:
    """The wanted instructions, whole and in the API's shape; raises Refused as :func:`complete` does."""
    if isinstance(wanted, (Received, Dropped, Completed)):
        return wanted.value
    return complete(wanted, subscription)


def in_words(wanted: t.Any) -> t.Any:
    """What is wanted as users write it; a part stays as it was given, and any other value as it is."""
    if isinstance(wanted, (Received, Dropped)):
        return case.snake(wanted.value)
    return wanted.given if isinstance(wanted, Completed) else wanted


def _matches_given(current: t.Any, given: t.Mapping[str, t.Any]) -> bool:
    if not isinstance(current, dict):
        return False
    product = case.get(current, "product")
    pairs = [(case.get(current, OTHERS[name][0]), value) for name, value in given.items() if name in OTHERS]
    pairs += [
        (case.get(product, PRODUCT[name][0]) if isinstance(product, dict) else None, value)
        for name, value in given.get("product", {}).items()
    ]
    return all(_same(now, value) for now, value in pairs)


def same(one: t.Any, other: t.Any) -> bool:
    """Whether two values, as the option gives them, mean the same."""
    return holds(one, other) and holds(other, one)


def holds(current: t.Any, wanted: t.Any) -> bool:
    """Whether a received value says all that another received one said; keys and enums without regard to case."""
    if isinstance(wanted, dict):
        said = {key: value for key, value in wanted.items() if value not in _NOTHING}
        return isinstance(current, dict) and all(holds(case.get(current, key), value) for key, value in said.items())
    if isinstance(wanted, list):
        return isinstance(current, list) and len(current) == len(wanted) and all(map(holds, current, wanted))
    return _same(current, wanted)


def agrees(one: t.Any, other: t.Any) -> bool:
    """Whether two received values contradict each other nowhere. What only one of them says is no contradiction."""
    if one in _NOTHING or other in _NOTHING:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(agrees(value, case.get(other, key)) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(agrees, one, other))
    return _same(one, other)


def complete(given: t.Mapping[str, t.Any], subscription: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """
    The whole instructions in the API's shape, the given values laid over the current ones or the subscription.

    Raises Refused when the product cannot be told from the subscription (legacy offers).
    """
    current = effect.instructions(subscription)
    body = copy.deepcopy(current) if isinstance(current, dict) else as_it_is(subscription)
    product_key = case.find_key(body, "product") or "product"
    product = body[product_key] if isinstance(body.get(product_key), dict) else {}
    body[product_key] = product
    for name, value in given.get("product", {}).items():
        _put(product, PRODUCT[name][0], value)
    for name, value in given.items():
        if name in OTHERS:
            _put(body, OTHERS[name][0], value)
    missing = [key for key in _NEEDED if not case.get(product, key)]
    if missing:
        raise Refused(
            "The renewal instructions cannot be completed: the subscription does not say "
            f"{', '.join(case.to_snake(key) for key in missing)}.",
            "Give them below scheduled_next_term_instructions.product.",
        )
    return body


def as_it_is(subscription: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Instructions that renew a subscription unchanged."""
    parts = str(case.get(subscription, "offerId") or "").split(":")
    product: dict[str, t.Any] = (
        dict(zip(("productId", "skuId", "availabilityId"), parts, strict=True)) if len(parts) == 3 else {}
    )
    product["billingCycle"] = case.get(subscription, "billingCycle")
    product["termDuration"] = case.get(subscription, "renewalTermDuration") or case.get(subscription, "termDuration")
    promotion = case.get(subscription, "promotionId")
    if promotion:
        product["promotionId"] = promotion
    return {"product": product, "quantity": case.get(subscription, "quantity")}


def _put(body: dict[str, t.Any], key: str, value: t.Any) -> None:
    found = case.find_key(body, key) or key
    if value == "":
        body.pop(found, None)
    else:
        body[found] = value


def _same(current: t.Any, wanted: t.Any) -> bool:
    if isinstance(current, str) and isinstance(wanted, str):
        if current.lower() == wanted.lower():
            return True
        now, then = parse_time(current), parse_time(wanted)
        return now is not None and now == then
    if wanted == "":
        return not current
    return bool(current == wanted)
