# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fault rule does to the request that it caught."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from . import routes
from .endpoints import updates
from .errors import Refusal
from .faults import Rule
from .routes import Endpoint
from .subscriptions.views import shown
from .wire import NOTHING, Answer, Call
from .world import World

HTML = (
    b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    b"<body><center><h1>502 Bad Gateway</h1></center><hr>"
    b"<center>Microsoft-Azure-Application-Gateway/v2</center></body></html>"
)
_UNTOUCHED = ("status", "error", "throttle", "html", "body", "redirect")


class Sabotage:
    """One request and the rule that acts on it, if any."""

    def __init__(self, world: World, rule: Rule | None) -> None:
        self._world = world
        self._action = rule.action if rule else ""
        self._options: dict[str, Any] = rule.options if rule else {}
        self.resets_after = self._action == "reset_after"
        self.truncates = self._action == "truncate"
        self.empties = self._action == "empty"

    async def before(self) -> bool:
        """Wait where the rule says so; True: reset the connection, nothing was done."""
        if self._action == "delay":
            await asyncio.sleep(self._options.get("seconds", 1))
        return self._action == "reset_before"

    async def after(self) -> bool:
        """The same after the request was carried out: it was done, and nobody hears of it."""
        if self._action == "apply_then_delay":
            await asyncio.sleep(self._options.get("seconds", 1))
        return self.resets_after

    def instead(self) -> Answer | None:
        """The answer of a rule that keeps the request from the service altogether."""
        if self._action not in _UNTOUCHED or self._options.get("apply") or self._options.get("store"):
            return None
        return self._made()

    def answer(self, call: Call, real: Answer) -> Answer:
        """The answer after the service did its work."""
        if self._action == "apply_then_status" or (self._action in _UNTOUCHED and self._options.get("apply")):
            return self._made()
        if self.empties and real.status < 300:
            return replace(real, body=NOTHING)
        return real

    def handle(self, call: Call, endpoint: Endpoint, ids: list[str]) -> Answer:
        """Let the service do its work, or what the rule wants done instead.

        :raises Refusal: as the service does
        """
        if self._action in _UNTOUCHED and self._options.get("store"):
            return self._made()
        if self._action == "not_applied" and call.is_write:
            return self._not_applied(call, endpoint, ids)
        if self._action == "accepted" and call.method == "PATCH":
            return self._accepted(call, ids)
        return routes.serve(self._world, call, endpoint, ids, stale=self._action == "stale_read")

    def stored(self, real: Answer) -> Answer:
        """What the service remembers under the request id."""
        return self._made() if self._action == "apply_then_status" and self._options.get("store") else real

    def _not_applied(self, call: Call, endpoint: Endpoint, ids: list[str]) -> Answer:
        """Success is answered, nothing is done; ``show``: "old" (default) or "new" values in the body."""
        world = self._world
        if call.method == "PATCH":
            record = world.record(*ids)
            change = updates.plan_change(world, call, record)
            resource = change.over(record.resource) if self._options.get("show") == "new" else record.resource
            return Answer(body=shown(resource, world.switches))
        kept, profile = None, world.store.support_profile
        if len(ids) == 2:
            record = world.record(*ids)
            kept = record.contact
        answer = routes.serve(world, call, endpoint, ids)
        body = answer.payload()
        if len(ids) == 2:
            record.contact = kept
        world.store.support_profile = profile
        call.effective = False
        if self._options.get("show") == "new":
            return replace(answer, body=body)
        return routes.serve(world, replace(call, method="GET"), endpoint, ids)

    def _accepted(self, call: Call, ids: list[str]) -> Answer:
        world, options = self._world, self._options
        record = world.record(*ids)
        change = updates.plan_change(world, call, record)
        seconds = options.get("seconds", world.switches["accepted_delay"])
        location = options.get("location", world.switches["accepted_location"])
        delay = "never" if seconds is None else seconds
        return updates.accept(world, call, record, change, delay, location, options.get("lost"))

    def _made(self) -> Answer:
        world, options = self._world, self._options
        if self._action == "throttle":
            return world.throttle.refusal(options.get("seconds", 1) * (world.clock.scale or 1))
        headers = options.get("headers", {})
        if self._action == "redirect":
            return Answer(options.get("status", 307), headers={"Location": options.get("location", "/"), **headers})
        if self._action == "html":
            body = options.get("body", HTML.decode()).encode()
            return Answer(options.get("status", 502), body, headers, content_type="text/html")
        return self._plain(headers)

    def _plain(self, headers: dict[str, str]) -> Answer:
        """``body`` as text or JSON; without one a fault with ``code`` and ``description``."""
        options = self._options
        status = options.get("status", 200 if self._action == "body" else 500)
        body = options.get("body", None if self._action == "body" else NOTHING)
        if isinstance(body, str):
            body = body.encode()
        if body is NOTHING and (self._action == "error" or status >= 400):
            code = options.get("code", 800003)
            description = options.get("description", "Something went wrong, please retry later.")
            refusal = Refusal(status, code, description, options.get("source", "PartnerFD"))
            body = refusal.body(self._world.switches["error_code_type"] == "string")
        return Answer(
            status, body, headers, content_type=options.get("content_type", "application/json; charset=utf-8")
        )
