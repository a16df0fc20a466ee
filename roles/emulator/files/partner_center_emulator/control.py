# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API below /_emulator: look at what happened, set switches, script faults, move the clock."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from . import given
from .clock import EARLIEST, LATEST
from .given import GivenError
from .grants import Grants
from .subscriptions.record import Hook, Record
from .subscriptions.stored import change_of
from .switches import CATALOGUE, SwitchError
from .world import World


class UnknownThing(Exception):
    """There is no such customer or subscription."""


def refused(_request: Request, error: Exception) -> Response:
    return _answer({"error": str(error)}, 404 if isinstance(error, UnknownThing) else 400)


ERRORS: tuple[type[Exception], ...] = (UnknownThing, GivenError, SwitchError)


def _answer(value: Any, status: int = 200) -> Response:
    """As ASCII: what a test has stored may hold halves of characters."""
    return Response(json.dumps(value), status, media_type="application/json")


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        raise GivenError("the body is not valid JSON") from None


_COUNT = given.integer(0, 10**9)
_CLOCK = {
    "now": given.date(EARLIEST, LATEST),
    "advance": given.number(-1e11, 1e11),
    "scale": given.number(0, 1e6),
}
_TOKENS = {"expire": given.one_of("access"), "revoke": given.TEXT}
_HOOK = {"method": given.one_of("GET", "PATCH", "LIST", "*"), "nth": given.integer(1, 10**9), "change": given.OBJECT}
_CUSTOMER = {"relationship": given.one_of("none", "reseller")}
_FLEET = {"customer": given.TEXT, "kind": given.TEXT, "limit": _COUNT, "whole": given.TEXT}


class Control:
    def __init__(self, world: World, grants: Grants, reset: Callable[[], None]) -> None:
        self._world = world
        self._grants = grants
        self._reset = reset

    async def health(self, _request: Request) -> Response:
        return _answer({"status": "ok", **self._world.describe()})

    async def requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._world.journal.clear()
            return _answer([])
        asked = given.fields(request.query_params, {"since": _COUNT}, "the query")
        return _answer(self._world.journal.entries(asked.get("since", 0)))

    async def counters(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._world.journal.clear_counters()
        # Writes that were accepted for later count when their time has come.
        for record in list(self._world.store.loaded()):
            self._world.settled(record)
        return _answer(self._world.journal.counters())

    async def switches(self, request: Request) -> Response:
        if request.method == "PATCH":
            self._world.switches.update(given.OBJECT.read("the body", await _json(request)))
        if request.method == "DELETE":
            self._world.switches.reset()
        if "describe" in request.query_params:
            return _answer(
                [
                    {"name": item.name, "default": item.default, "takes": item.takes(), "about": item.about}
                    for item in CATALOGUE.values()
                ]
            )
        return _answer(self._world.switches.values())

    async def faults(self, request: Request) -> Response:
        faults = self._world.faults
        if request.method == "DELETE":
            faults.clear()
        if request.method == "POST":
            rules = await _json(request)
            added = faults.add(*(rules if isinstance(rules, list) else [rules]))
            return _answer([rule.show() for rule in added], 201)
        return _answer([rule.show() for rule in faults.rules])

    async def clock(self, request: Request) -> Response:
        clock = self._world.clock
        if request.method == "POST":
            asked = given.fields(await _json(request), _CLOCK, "the clock")
            now, further = asked.get("now", clock.now()), asked.get("advance", 0.0)
            if not EARLIEST.timestamp() <= now.timestamp() + further <= LATEST.timestamp():
                raise GivenError(f"the clock goes from {EARLIEST:%Y} to {LATEST:%Y}")
            if "now" in asked:
                clock.set(now)
            clock.advance(further)
            clock.set_scale(asked.get("scale", clock.scale))
        return _answer({"now": clock.now().isoformat(), "scale": clock.scale})

    async def reset(self, _request: Request) -> Response:
        self._reset()
        return _answer({"status": "ok", **self._world.describe()})

    async def tokens(self, request: Request) -> Response:
        """POST {"expire": "access"} or {"revoke": "all"|"successors"|<refresh token>}."""
        asked = given.fields(await _json(request), _TOKENS, "tokens") if request.method == "POST" else {}
        if "expire" in asked:
            self._world.tokens.expire_all()
        revoked = self._grants.revoke(asked["revoke"]) if "revoke" in asked else 0
        held = self._grants.refresh_tokens.values()
        return _answer(
            {"refresh_tokens": len(held), "revoked": sum(known.revoked for known in held), "revoked_now": revoked}
        )

    def _record(self, request: Request) -> Record:
        customer = self._world.store.customer(request.path_params["customer"])
        record = (
            self._world.store.records(customer).get(request.path_params["subscription"].lower()) if customer else None
        )
        if record is None:
            raise UnknownThing("no such subscription")
        return self._world.settled(record)

    async def subscription(self, request: Request) -> Response:
        record = self._record(request)
        if request.method in ("PUT", "PATCH"):
            is_whole = request.method == "PUT"
            record.apply(change_of(record, await _json(request), is_whole=is_whole), new_etag=not is_whole)
            self._world.store.touched()
        return _answer(record.resource)

    async def charges(self, request: Request) -> Response:
        """The billing cycles that have begun since the fleet was made, and what they cost."""
        return _answer([charge.show() for charge in self._record(request).charges])

    async def hooks(self, request: Request) -> Response:
        """POST {"method": "GET"|"PATCH"|"LIST"|"*", "nth": 1, "change": {…}}: somebody else's change at that moment."""
        record = self._record(request)
        if request.method == "POST":
            asked = given.fields(await _json(request), _HOOK, "a hook")
            if "change" not in asked:
                raise GivenError("a hook needs a change")
            change = change_of(record, asked["change"])
            record.hooks.append(Hook(asked.get("method", "PATCH"), asked.get("nth", 1), change))
        if request.method == "DELETE":
            record.hooks.clear()
        return _answer([{"method": hook.method, "nth": hook.nth} for hook in record.hooks])

    async def contact(self, request: Request) -> Response:
        record = self._record(request)
        if request.method == "PUT":
            record.contact = given.OBJECT.read("the body", await _json(request))
            record.dirty = True
            self._world.store.touched()
        if request.method == "DELETE":
            record.contact, record.dirty = None, True
            self._world.store.touched()
        return _answer(record.contact)

    async def profile(self, request: Request) -> Response:
        if request.method == "PUT":
            self._world.store.support_profile = given.OBJECT.read("the body", await _json(request))
            self._world.store.touched()
        return _answer(self._world.store.support_profile)

    async def customer(self, request: Request) -> Response:
        """PATCH {"relationship": "none"|"reseller"}: the customer leaves the partner, or comes back."""
        customer = self._world.store.customer(request.path_params["customer"])
        if customer is None:
            raise UnknownThing("no such customer")
        if request.method == "PATCH":
            asked = given.fields(await _json(request), _CUSTOMER, "a customer")
            (self._world.store.ended.add if asked.get("relationship") == "none" else self._world.store.ended.discard)(
                customer.id
            )
            self._world.store.touched()
        ended = customer.id in self._world.store.ended
        return _answer({"id": customer.id, "name": customer.name, "relationship": "none" if ended else "reseller"})

    def _whole(self, record: Record) -> dict[str, Any]:
        settled = self._world.settled(record)
        return {**_short(settled), "resource": settled.resource}

    async def fleet(self, request: Request) -> Response:
        """
        What exists; ``customer``, ``kind`` (a kind or tag) and ``limit`` narrow it, ``whole`` shows each subscription
        as it is kept.
        """
        wanted = given.fields(request.query_params, _FLEET, "the query")
        show = self._whole if "whole" in wanted else _short
        limit = wanted.get("limit", 0)
        found: list[dict[str, Any]] = []
        for customer in self._world.fleet.customers.values():
            if wanted.get("customer", customer.id).lower() != customer.id:
                continue
            records = [
                record
                for record in self._world.store.records(customer).values()
                if "kind" not in wanted or wanted["kind"] in record.tags
            ]
            shown = [show(record) for record in records]
            if shown or "kind" not in wanted:
                reseller = customer.reseller.mpn_id if customer.reseller else None
                found.append(
                    {
                        "id": customer.id,
                        "name": customer.name,
                        "domain": customer.domain,
                        "reseller": reseller,
                        "subscriptions": shown,
                    }
                )
            if limit and len(found) >= limit:
                break
        resellers = [self._world.fleet.contact_of(reseller) for reseller in self._world.fleet.resellers]
        return _answer({"customers": found, "resellers": resellers, "tenant_id": self._world.fleet.tenant_id})


def _short(record: Record) -> dict[str, Any]:
    resource = record.resource
    return {
        "id": record.id,
        "kind": record.kind,
        "tags": list(record.tags),
        "offer_name": resource.get("offerName"),
        "friendly_name": resource.get("friendlyName"),
        "status": resource.get("status"),
        "quantity": resource.get("quantity"),
        "max_quantity": record.most_seats,
        "has_contact": record.contact is not None,
        "parent_subscription_id": resource.get("parentSubscriptionId"),
    }


def is_loopback(client: tuple[str, int] | None) -> bool:
    """Whether a request came from this machine: nobody else may steer the emulator."""
    try:
        return client is not None and ipaddress.ip_address(client[0].removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False
