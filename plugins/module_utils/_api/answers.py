# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Whether the body of a success is what was asked for.

Partner Center and the gateways before it sometimes answer 200 with an error, or with nothing of what was asked. Such an
answer must not count as "nothing there", and nothing is written on top of it.
"""

from __future__ import annotations

import typing as t

from .._common.case import find_key, get, is_guid, same_guid

#: The fields that an answer must have one of to be the resource. A link or an attribute alone says nothing.
_CUSTOMER = ("id", "companyProfile")
_SUBSCRIPTION = (
    "status",
    "quantity",
    "offerId",
    "offerName",
    "friendlyName",
    "orderId",
    "productType",
    "autoRenewEnabled",
    "billingCycle",
    "commitmentEndDate",
)
_CONTACT = ("supportTenantId", "supportMpnId", "name")
_PROFILE = ("email", "telephone", "website", "profileType")

#: The fields that only errors have: Partner Center's, the gateway's, and OData's.
_FAULT = ("code", "statusCode", "error")


def is_customer(body: t.Any, customer_id: str) -> bool:
    found = get(body, "id") if isinstance(body, dict) else None
    return _has_any(body, _CUSTOMER) and (not is_guid(found) or same_guid(found, customer_id))


def is_subscription(body: t.Any, subscription_id: str) -> bool:
    return _has_any(body, _SUBSCRIPTION) and same_guid(get(body, "id"), subscription_id)


def is_contact(body: t.Any) -> bool:
    return _has_any(body, _CONTACT)


def is_profile(body: t.Any) -> bool:
    return _has_any(body, _PROFILE)


def is_fault(body: t.Any) -> bool:
    """Whether it is an error document, and nothing of a resource that is read or written."""
    own = (*_CUSTOMER, *_SUBSCRIPTION, *_CONTACT, *_PROFILE)
    return _has_any(body, _FAULT) and not _has_any(body, own)


def holds_fault(body: t.Any) -> bool:
    """Whether it says what an error says, whatever else is in it."""
    return _has_any(body, (*_FAULT, "description", "message"))


def items_of(body: t.Any) -> list[dict[str, t.Any]] | None:
    """The items of a collection; None where it is none, such as an error document with an empty list in it."""
    items = get(body, "items") if isinstance(body, dict) else body
    if not items and _has_any(body, _FAULT):
        return None
    return items if isinstance(items, list) and all(isinstance(item, dict) for item in items) else None


def _has_any(body: t.Any, names: t.Iterable[str]) -> bool:
    return isinstance(body, dict) and any(find_key(body, name) is not None for name in names)
