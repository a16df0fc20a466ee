# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The kinds of resources met with the API, one row each: how a kind is read, written and followed."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._common import case
from .._common.case import same_guid
from .._state import contacts, kinds
from .._state.field import Prediction
from .._state.model import Desired, Plan, Raw, Target
from .._state.predictions import expected

if t.TYPE_CHECKING:
    from .._api.client import PartnerCenter
    from .._api.transport import Answer


@dataclass(frozen=True, slots=True)
class Sending:
    """What goes with a body."""

    request_id: str
    if_match: str | None = None
    #: The change's reference, such as the number of a ticket.
    application: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    ``path``: where a person finds the resource, with the ids in braces. ``read``: the resource as it is now; an empty
    mapping where it was never set. ``write``: the whole body; both raise what the client raises.
    """

    path: str
    read: t.Callable[[PartnerCenter, Target], Raw]
    write: t.Callable[[PartnerCenter, Target, Raw, Sending], Answer]
    #: Whether the Location of a 202 shows the resource. Else it is read.
    is_followed: bool = False
    #: Fills in what a user left out, from the partner's indirect resellers; raises Refused where it cannot.
    complete: t.Callable[[Desired, t.Iterable[Raw]], Desired] | None = None
    #: Whether the subscription that it belongs to can have it; raises Refused where it cannot.
    require_parent: t.Callable[[Desired, Raw], None] | None = None
    #: What that subscription is expected to refuse, said before a write.
    foretell: t.Callable[[Raw], t.Iterable[Prediction]] | None = None
    #: (plan, what was there, the partner's tenant) -> the plan, saying what of it cannot be undone.
    with_reversal: t.Callable[[Plan, Raw, str | None], Plan] | None = None

    def path_of(self, target: Target) -> str:
        return self.path.format(customer_id=target.customer_id, subscription_id=target.subscription_id)

    def look_at(self, client: PartnerCenter, target: Target, location: str | None) -> Raw:
        """
        The resource after a 202: what its Location shows; empty as long as that shows nothing.

        The Location is documented to be the resource itself. Where a gateway makes something else of it, the resource
        is read by its id.
        """
        if not self.is_followed:
            return self.read(client, target)
        seen = client.follow(location or self.path_of(target))
        if seen is None or same_guid(case.get(seen, "id"), target.subscription_id):
            return seen or {}
        return self.read(client, target)


def _get_subscription(client: PartnerCenter, target: Target) -> Raw:
    return client.subscription(*_both_ids(target))


def _patch_subscription(client: PartnerCenter, target: Target, body: Raw, how: Sending) -> Answer:
    return client.patch_subscription(
        *_both_ids(target), body, request_id=how.request_id, if_match=how.if_match, application=how.application
    )


def _get_contact(client: PartnerCenter, target: Target) -> Raw:
    return client.support_contact(*_both_ids(target)) or {}


def _put_contact(client: PartnerCenter, target: Target, body: Raw, how: Sending) -> Answer:
    return client.put_support_contact(*_both_ids(target), body, request_id=how.request_id, application=how.application)


def _get_profile(client: PartnerCenter, _target: Target) -> Raw:
    return client.support_profile()


def _put_profile(client: PartnerCenter, _target: Target, body: Raw, how: Sending) -> Answer:
    return client.put_support_profile(body, request_id=how.request_id, application=how.application)


def _both_ids(target: Target) -> tuple[str, str]:
    if target.customer_id is None or target.subscription_id is None:
        raise ValueError(f"{target.kind} needs a customer and a subscription")
    return target.customer_id, target.subscription_id


_SUBSCRIPTION: t.Final = "/v1/customers/{customer_id}/subscriptions/{subscription_id}"

BY_KIND: t.Final[t.Mapping[str, Endpoint]] = {
    kinds.SUBSCRIPTION.name: Endpoint(_SUBSCRIPTION, _get_subscription, _patch_subscription, is_followed=True),
    kinds.SUPPORT_CONTACT.name: Endpoint(
        f"{_SUBSCRIPTION}/supportcontact",
        _get_contact,
        _put_contact,
        complete=contacts.complete_contact,
        require_parent=contacts.require_legacy,
        foretell=expected.of_cancelled,
        with_reversal=contacts.with_reversal,
    ),
    kinds.SUPPORT_PROFILE.name: Endpoint("/v1/profiles/support", _get_profile, _put_profile),
}


def of(target: Target) -> Endpoint:
    """The endpoint of a resource; raises Refused for one of an unknown kind."""
    return BY_KIND[kinds.of(target.kind).name]


def etag(raw: Raw) -> str | None:
    """The etag in the resource's attributes; new-commerce subscriptions have none."""
    attributes = case.get(raw, "attributes")
    value = case.get(attributes, "etag") if isinstance(attributes, dict) else None
    return value if isinstance(value, str) and value else None
