# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which handler serves which path below /v1. Paths are matched without regard to case, as the service does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .endpoints import contacts, customers, profiles, relationships, subscriptions
from .endpoints.updates import patch_subscription
from .errors import Refusal, app_only
from .wire import Answer, Call
from .world import World

Handler = Callable[..., Answer]


@dataclass(frozen=True)
class Endpoint:
    """``user``: the methods that need App+User credentials; ``throttled``: counts as the Subscription resource."""

    label: str
    handlers: dict[str, Handler]
    user: tuple[str, ...] = ()
    throttled: bool = False
    stale: Handler | None = None


def _endpoint(
    label: str, user: tuple[str, ...] = (), throttled: bool = False, stale: Handler | None = None, **methods: Any
) -> Endpoint:
    return Endpoint(label, methods, user, throttled, stale)


_BOTH = ("GET", "PUT")
_SUBSCRIPTION = "customers/{id}/subscriptions/{id}"
ENDPOINTS: dict[str, Endpoint] = {
    endpoint.label: endpoint
    for endpoint in (
        _endpoint("customers", GET=customers.list_customers),
        _endpoint("customers/{id}", GET=customers.get_customer),
        _endpoint("customers/{id}/profiles/company", ("GET",), GET=customers.get_company),
        _endpoint("customers/{id}/relationships", ("GET",), GET=relationships.list_customer_relationships),
        _endpoint(
            "customers/{id}/subscriptions",
            throttled=True,
            stale=subscriptions.list_stale_subscriptions,
            GET=subscriptions.list_subscriptions,
        ),
        _endpoint(
            _SUBSCRIPTION,
            throttled=True,
            stale=subscriptions.get_stale_subscription,
            GET=subscriptions.get_subscription,
            PATCH=patch_subscription,
        ),
        _endpoint(f"{_SUBSCRIPTION}/addons", throttled=True, GET=subscriptions.list_addons),
        _endpoint(f"{_SUBSCRIPTION}/supportcontact", _BOTH, GET=contacts.get_contact, PUT=contacts.put_contact),
        _endpoint("profiles/support", _BOTH, GET=profiles.get_support, PUT=partial(profiles.put_support, "support")),
        _endpoint("profiles/supportprofile", _BOTH, PUT=partial(profiles.put_support, "supportprofile")),
        _endpoint("profiles/organization", _BOTH, GET=partial(profiles.get_fixed, "organization")),
        _endpoint("profiles/billing", _BOTH, GET=partial(profiles.get_fixed, "billing")),
        _endpoint("profiles/legalbusiness", GET=partial(profiles.get_fixed, "legalbusiness")),
        _endpoint("profiles/mpn", ("GET",), GET=profiles.get_mpn),
        _endpoint("relationships", ("GET",), GET=relationships.list_relationships),
    )
}
UNKNOWN = Endpoint("unknown", {})


def find(path: str) -> tuple[Endpoint, list[str]]:
    """The endpoint of a path and the ids in it; :data:`UNKNOWN` where there is none.

    Empty segments do not count: clients put /v1/ before links that begin with a slash.
    """
    parts = [part for part in path.split("/") if part]
    if len(parts) < 2 or parts[0].lower() not in ("v1", "v1.0"):
        return UNKNOWN, []
    shape = [part.lower() for part in parts[1:]]
    ids = []
    if shape[0] == "customers" and len(shape) > 1:
        ids.append(parts[2])
        shape[1] = "{id}"
        if len(shape) > 3 and shape[2] == "subscriptions":
            ids.append(parts[4])
            shape[3] = "{id}"
    return ENDPOINTS.get("/".join(shape), UNKNOWN), ids


def serve(world: World, call: Call, endpoint: Endpoint, ids: list[str], stale: bool = False) -> Answer:
    """Run the handler.

    :raises Refusal: where the service refuses the call
    """
    handler = endpoint.handlers.get(call.method)
    if handler is None:
        if endpoint is UNKNOWN:
            hint = "" if call.path.lower().startswith("/v1/") else " Paths of the API begin with /v1."
            raise Refusal(404, 1000, f"There is no {call.path} here.{hint}")
        raise Refusal(
            405, 0, f"{endpoint.label} does not take {call.method}.", headers={"Allow": ", ".join(endpoint.handlers)}
        )
    if world.switches["partner_type"] == "indirect_reseller":
        raise Refusal(403, 1002, "Authorization Failed")
    if world.switches["caller_role"] == "none":
        raise Refusal(403, 900150, "The caller's role has no rights for this operation.")
    if call.is_app_only and call.method in endpoint.user:
        raise app_only()
    if stale and endpoint.stale and call.method == "GET":
        handler = endpoint.stale
    return handler(world, call, *ids)
