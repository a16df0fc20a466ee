# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Items of a fleet: what is asked of one subscription, its support contact included."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from types import MappingProxyType

from .._common.problems import InvalidInput
from . import checks, kinds

CONTACT: t.Final = kinds.SUPPORT_CONTACT.name
_IDS = ("customer_id", "subscription_id")
_ALIAS = "customer_tenant_id"

#: A subscription's identity within the partner: customer id and subscription id in lower case.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """
    ``settings`` and ``contact`` are what is desired, ``expect`` and ``expect_contact`` what must be found before
    anything is written. ``set_by`` names the policy that set a field. ``index`` is the place among explicit items.
    """

    customer_id: str
    subscription_id: str
    settings: t.Mapping[str, t.Any] = field(default_factory=dict)
    contact: t.Mapping[str, t.Any] = field(default_factory=dict)
    expect: t.Mapping[str, t.Any] = field(default_factory=dict)
    expect_contact: t.Mapping[str, t.Any] = field(default_factory=dict)
    set_by: t.Mapping[str, str] = field(default_factory=dict)
    #: Whether its support contact is written on new commerce, too.
    allow_new_commerce: bool = False
    index: int | None = None

    @property
    def key(self) -> Key:
        return self.customer_id.lower(), self.subscription_id.lower()


def parse_items(
    option: str, value: t.Any, *, is_rollback: bool = False, others: t.Mapping[Key, str] = MappingProxyType({})
) -> tuple[Item, ...]:
    """
    The explicit items as the user gave them, checked; those of a rollback may have any texts that were there.
    ``others``: items that the task has besides and that come first, with how each of them is called.

    Raises InvalidInput naming the place (``subscriptions[3].quantity``), and both places of a subscription that is
    there twice.
    """
    if not isinstance(value, list):
        raise InvalidInput(option, "must be a list.")
    items = tuple(
        _parse(f"{option}[{number}]", one, len(others) + number, is_rollback) for number, one in enumerate(value)
    )
    seen = dict(others)
    for number, item in enumerate(items):
        if item.key in seen:
            same = f"names the same subscription as {seen[item.key]}: {item.subscription_id}."
            raise InvalidInput(f"{option}[{number}]", same)
        seen[item.key] = f"{option}[{number}]"
    return items


def _parse(path: str, value: t.Any, index: int, is_rollback: bool) -> Item:
    if not isinstance(value, dict):
        raise InvalidInput(path, "must be a dictionary.")
    given = {name: one for name, one in value.items() if one is not None}
    if _ALIAS in given:
        given.setdefault("customer_id", given.pop(_ALIAS))
    ids = {name: checks.guid(f"{path}.{name}", given.pop(name, None)) for name in _IDS}
    contact, expected = given.pop(CONTACT, {}), given.pop("expect", {})
    allowed = _permission(f"{path}.{CONTACT}", contact)
    item = Item(
        ids["customer_id"],
        ids["subscription_id"],
        settings=kinds.SUBSCRIPTION.check_settings(given, f"{path}.", is_rollback=is_rollback),
        contact=check_contact(f"{path}.{CONTACT}", _without_permission(contact), is_rollback),
        allow_new_commerce=allowed,
        index=index,
        expect=check_expected(f"{path}.expect", expected),
        expect_contact=check_expected_contact(f"{path}.expect", expected),
    )
    if not item.settings and not item.contact:
        raise InvalidInput(path, "sets nothing: give at least one setting or support_contact.")
    return item


def _permission(path: str, contact: t.Any) -> bool:
    given = contact.get(kinds.ALLOW_NEW_COMMERCE) if isinstance(contact, dict) else None
    return given is not None and checks.flag(f"{path}.{kinds.ALLOW_NEW_COMMERCE}", given)


def _without_permission(contact: t.Any) -> t.Any:
    if not isinstance(contact, dict):
        return contact
    return {name: value for name, value in contact.items() if name != kinds.ALLOW_NEW_COMMERCE}


def check_contact(path: str, value: t.Any, is_rollback: bool) -> dict[str, t.Any]:
    """The checked values of a support contact; empty where none was given."""
    if not isinstance(value, dict):
        raise InvalidInput(path, "must be a dictionary.")
    return kinds.SUPPORT_CONTACT.check_settings(value, f"{path}.", is_rollback=is_rollback)


def check_expected(path: str, value: t.Any) -> dict[str, t.Any]:
    """The checked settings that ``expect`` holds."""
    if not isinstance(value, dict):
        raise InvalidInput(path, "must be a dictionary.")
    settings = {name: one for name, one in value.items() if name not in kinds.PARTS}
    return kinds.SUBSCRIPTION.check_expected(settings, f"{path}.")


def check_expected_contact(path: str, value: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The checked support contact that ``expect`` holds; null there expects that there is none at all."""
    expected = value.get(CONTACT, {})
    if expected is None:
        return dict.fromkeys(kinds.SUPPORT_CONTACT.names)
    return kinds.SUPPORT_CONTACT.check_expected(expected, f"{path}.{CONTACT}.")
