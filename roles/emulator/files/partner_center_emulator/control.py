# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API below /_emulator: look at what happened, set switches, script faults, move the clock."""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .clock import parse
from .faults import FaultError
from .grants import Grants
from .subscriptions.record import Change, Hook, Record
from .switches import CATALOGUE, SwitchError
from .world import World


class ControlError(Exception):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def refused(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, getattr(error, "status", 400))


ERRORS: tuple[type[Exception], ...] = (ControlError, SwitchError, FaultError)


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body() or b"{}")
    except ValueError:
        raise ControlError("the body is not valid JSON") from None


class Control:
    def __init__(self, world: World, grants: Grants, reset: Callable[[], None]) -> None:
        self._world = world
        self._grants = grants
        self._reset = reset

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok", **self._world.describe()})

    async def requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._world.journal.clear()
            return JSONResponse([])
        return JSONResponse(self._world.journal.entries(int(request.query_params.get("since", "0"))))

    async def counters(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._world.journal.clear_counters()
        # Writes that were accepted for later count when their time has come.
        for record in list(self._world.store.loaded()):
            self._world.settled(record)
        return JSONResponse(self._world.journal.counters())

    async def switches(self, request: Request) -> Response:
        if request.method == "PATCH":
            self._world.switches.update(self._object(await _json(request)))
        if request.method == "DELETE":
            self._world.switches.reset()
        if "describe" in request.query_params:
            return JSONResponse(
                [
                    {"name": item.name, "default": item.default, "takes": item.takes(), "about": item.about}
                    for item in CATALOGUE.values()
                ]
            )
        return JSONResponse(self._world.switches.values())

    @staticmethod
    def _object(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ControlError("the body must be an object")
        return value

    async def faults(self, request: Request) -> Response:
        faults = self._world.faults
        if request.method == "DELETE":
            faults.clear()
        if request.method == "POST":
            given = await _json(request)
            added = [faults.add(rule) for rule in (given if isinstance(given, list) else [given])]
            return JSONResponse([rule.show() for rule in added], 201)
        return JSONResponse([rule.show() for rule in faults.rules])

    async def clock(self, request: Request) -> Response:
        clock = self._world.clock
        if request.method == "POST":
            given = self._object(await _json(request))
            try:
                if "now" in given:
                    clock.set(parse(str(given["now"])))
                if "advance" in given:
                    clock.advance(_finite(given["advance"]))
                if "scale" in given:
                    clock.set_scale(_finite(given["scale"]))
            except (OverflowError, TypeError, ValueError) as error:
                raise ControlError(f"the clock takes now, advance and scale: {error}") from None
        return JSONResponse({"now": clock.now().isoformat(), "scale": clock.scale})

    async def reset(self, _request: Request) -> Response:
        self._reset()
        return JSONResponse({"status": "ok", **self._world.describe()})

    async def tokens(self, request: Request) -> Response:
        """POST {"expire": "access"} or {"revoke": "all"|"successors"|<refresh token>}."""
        given = self._object(await _json(request)) if request.method == "POST" else {}
        if given.get("expire") == "access":
            self._world.tokens.expire_all()
        revoked = self._grants.revoke(str(given["revoke"])) if "revoke" in given else 0
        held = self._grants.refresh_tokens.values()
        return JSONResponse(
            {"refresh_tokens": len(held), "revoked": sum(known.revoked for known in held), "revoked_now": revoked}
        )

    def _record(self, request: Request) -> Record:
        customer = self._world.store.customer(request.path_params["customer"])
        record = (
            self._world.store.records(customer).get(request.path_params["subscription"].lower()) if customer else None
        )
        if record is None:
            raise ControlError("no such subscription", 404)
        return self._world.settled(record)

    async def subscription(self, request: Request) -> Response:
        record = self._record(request)
        if request.method in ("PUT", "PATCH"):
            given = self._object(await _json(request))
            if request.method == "PATCH":
                record.apply(_change(given))
            else:
                record.apply(
                    Change(given, tuple(name for name in record.resource if name not in given)), new_etag=False
                )
            self._world.store.touched()
        return JSONResponse(record.resource)

    async def charges(self, request: Request) -> Response:
        """The billing cycles that have begun since the fleet was made, and what they cost."""
        return JSONResponse([charge.show() for charge in self._record(request).charges])

    async def hooks(self, request: Request) -> Response:
        """POST {"method": "GET"|"PATCH"|"LIST"|"*", "nth": 1, "change": {…}}: somebody else's change at that moment."""
        record = self._record(request)
        if request.method == "POST":
            given = self._object(await _json(request))
            if not isinstance(given.get("change"), dict):
                raise ControlError("a hook needs a change")
            method = str(given.get("method", "PATCH")).upper()
            record.hooks.append(Hook(method, int(given.get("nth", 1)), _change(given["change"])))
        if request.method == "DELETE":
            record.hooks.clear()
        return JSONResponse([{"method": hook.method, "nth": hook.nth} for hook in record.hooks])

    async def contact(self, request: Request) -> Response:
        record = self._record(request)
        if request.method == "PUT":
            record.contact = await _json(request)
            record.dirty = True
            self._world.store.touched()
        if request.method == "DELETE":
            record.contact, record.dirty = None, True
            self._world.store.touched()
        return JSONResponse(record.contact)

    async def profile(self, request: Request) -> Response:
        if request.method == "PUT":
            self._world.store.support_profile = self._object(await _json(request))
            self._world.store.touched()
        return JSONResponse(self._world.store.support_profile)

    async def customer(self, request: Request) -> Response:
        """PATCH {"relationship": "none"|"reseller"}: the customer leaves the partner, or comes back."""
        customer = self._world.store.customer(request.path_params["customer"])
        if customer is None:
            raise ControlError("no such customer", 404)
        if request.method == "PATCH":
            given = self._object(await _json(request))
            (self._world.store.ended.add if given.get("relationship") == "none" else self._world.store.ended.discard)(
                customer.id
            )
            self._world.store.touched()
        ended = customer.id in self._world.store.ended
        return JSONResponse({"id": customer.id, "name": customer.name, "relationship": "none" if ended else "reseller"})

    def _whole(self, record: Record) -> dict[str, Any]:
        settled = self._world.settled(record)
        return {**_short(settled), "resource": settled.resource}

    async def fleet(self, request: Request) -> Response:
        """
        What exists; ``customer``, ``kind`` (a kind or tag) and ``limit`` narrow it, ``whole`` shows each subscription
        as it is kept.
        """
        wanted = request.query_params
        show = self._whole if "whole" in wanted else _short
        limit = int(wanted.get("limit", "0"))
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
        return JSONResponse({"customers": found, "resellers": resellers, "tenant_id": self._world.fleet.tenant_id})


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is not finite")
    return number


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


def _change(given: dict[str, Any]) -> Change:
    values = dict(given)
    removed = values.pop("$unset", [])
    if not isinstance(removed, list):
        raise ControlError("$unset is a list of names")
    return Change(values, tuple(map(str, removed)))


def is_loopback(client: tuple[str, int] | None) -> bool:
    """Whether a request came from this machine: nobody else may steer the emulator."""
    try:
        return client is not None and ipaddress.ip_address(client[0].removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False
