# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The resources of a plan met with the API: how each kind is read, written and followed."""

from __future__ import annotations

import typing as t

from .._common import case
from .._common.guids import same_guid
from .._state.model import Raw, Target

if t.TYPE_CHECKING:
    from .._api.client import PartnerCenter
    from .._api.transport import Answer


def read(client: PartnerCenter, target: Target) -> Raw:
    """The resource as it is now, by its own id; an empty mapping where a support contact was never set."""
    if target.kind == "support_profile":
        return client.support_profile()
    customer_id, subscription_id = _ids(target)
    if target.kind == "subscription":
        return client.subscription(customer_id, subscription_id)
    return client.support_contact(customer_id, subscription_id) or {}


def send(
    client: PartnerCenter,
    target: Target,
    body: Raw,
    *,
    request_id: str,
    if_match: str | None = None,
    application: str | None = None,
) -> Answer:
    """Write the whole body; raises what the client raises."""
    if target.kind == "support_profile":
        return client.put_support_profile(body, request_id=request_id, application=application)
    customer_id, subscription_id = _ids(target)
    if target.kind == "subscription":
        return client.patch_subscription(
            customer_id, subscription_id, body, request_id=request_id, if_match=if_match, application=application
        )
    return client.put_support_contact(
        customer_id, subscription_id, body, request_id=request_id, application=application
    )


def look_at(client: PartnerCenter, target: Target, location: str | None) -> Raw:
    """
    The resource after a 202: what its Location shows; empty as long as that shows nothing.

    The Location is documented to be the subscription itself. Where a gateway makes something else of it, the
    subscription is read by its id.
    """
    if target.kind != "subscription":
        return read(client, target)
    seen = client.follow(location or "/customers/{}/subscriptions/{}".format(*_ids(target)))
    if seen is None or same_guid(case.get(seen, "id"), target.subscription_id):
        return seen or {}
    return read(client, target)


def shown_path(target: Target) -> str:
    """Where a person finds the resource."""
    if target.kind == "support_profile":
        return "/v1/profiles/support"
    path = "/v1/customers/{}/subscriptions/{}".format(*_ids(target))
    return path if target.kind == "subscription" else f"{path}/supportcontact"


def etag(raw: Raw) -> str | None:
    """The etag in the resource's attributes; new-commerce subscriptions have none."""
    attributes = case.get(raw, "attributes")
    value = case.get(attributes, "etag") if isinstance(attributes, dict) else None
    return value if isinstance(value, str) and value else None


def _ids(target: Target) -> tuple[str, str]:
    if target.customer_id is None or target.subscription_id is None:
        raise ValueError(f"{target.kind} needs a customer and a subscription")
    return target.customer_id, target.subscription_id
