# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole emulator as one ASGI application: API, Entra and control on one port."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from . import control, entra
from .control import Control
from .entra import Entra
from .entra_errors import EntraError
from .gateway import Gateway
from .pages import Pages
from .sabotage import Sabotage
from .wire import Receive, Scope, Send, break_connection, encode_headers, read_body, send_answer
from .world import World


def entra_app(part: Entra) -> Starlette:
    pages = Pages(part)
    routes = [
        Route("/common/discovery/instance", part.instance_discovery),
        Route("/{tenant}/.well-known/openid-configuration", part.discovery),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", part.discovery),
        Route("/{tenant}/discovery/keys", part.jwks),
        Route("/{tenant}/discovery/v2.0/keys", part.jwks),
        Route("/{tenant}/login", pages.login, methods=["POST"]),
        Route("/{tenant}/oauth2/deviceauth", pages.device),
        Route("/{tenant}/oauth2/deviceauth", pages.device_answer, methods=["POST"]),
    ]
    for path in ("/{tenant}/oauth2", "/{tenant}/oauth2/v2.0"):
        routes += [
            Route(f"{path}/token", part.token, methods=["POST"]),
            Route(f"{path}/devicecode", part.devicecode, methods=["POST"]),
            Route(f"{path}/authorize", pages.authorize),
        ]

    async def nothing(request: Any, _error: Exception) -> JSONResponse:
        text = f"There is no {request.method} {request.url.path} here. Paths of the API begin with /v1."
        return JSONResponse({"code": 1000, "description": text, "data": [], "source": "PartnerFD"}, 404)

    return Starlette(routes=routes, exception_handlers={EntraError: entra.refused, 404: nothing, 405: nothing})


def control_app(part: Control) -> Starlette:
    subscription = "/_emulator/customers/{customer}/subscriptions/{subscription}"
    routes = [
        Route("/_emulator/health", part.health),
        Route("/_emulator/requests", part.requests, methods=["GET", "DELETE"]),
        Route("/_emulator/counters", part.counters, methods=["GET", "DELETE"]),
        Route("/_emulator/switches", part.switches, methods=["GET", "PATCH", "DELETE"]),
        Route("/_emulator/faults", part.faults, methods=["GET", "POST", "DELETE"]),
        Route("/_emulator/clock", part.clock, methods=["GET", "POST"]),
        Route("/_emulator/tokens", part.tokens, methods=["GET", "POST"]),
        Route("/_emulator/reset", part.reset, methods=["POST"]),
        Route("/_emulator/fleet", part.fleet),
        Route("/_emulator/profiles/support", part.profile, methods=["GET", "PUT"]),
        Route("/_emulator/customers/{customer}", part.customer, methods=["GET", "PATCH"]),
        Route(subscription, part.subscription, methods=["GET", "PUT", "PATCH"]),
        Route(f"{subscription}/charges", part.charges),
        Route(f"{subscription}/hooks", part.hooks, methods=["GET", "POST", "DELETE"]),
        Route(f"{subscription}/supportcontact", part.contact, methods=["GET", "PUT", "DELETE"]),
    ]
    return Starlette(routes=routes, exception_handlers=dict.fromkeys(control.ERRORS, control.refused))


class Application:
    """Chooses by path. The API's way is kept free of middleware: it is what the benchmark runs through."""

    def __init__(self, world: World, entra_part: Entra, control_part: Control) -> None:
        self._world = world
        self._api = Gateway(world)
        self._entra = entra_app(entra_part)
        self._control = control_app(control_part)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith("/_emulator"):
            if not control.is_loopback(scope.get("client")):
                await send_answer(send, 403, [], b"the control API answers this machine only")
                return
            await self._control(scope, receive, send)
        elif path[:3].lower() == "/v1":
            await self._api(scope, receive, send)
        else:
            await self._sign_in(scope, receive, send)

    async def _sign_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Entra, with the faults that a test has scripted for it, noted in the journal."""
        world = self._world
        body, receive_again = await _buffered(receive)
        query = scope["query_string"].decode("latin-1")
        entry = world.journal.open(time.time(), scope["method"], scope["path"], query, scope["headers"], b"")
        entry.endpoint = "entra"
        rule = world.faults.find(scope["method"], scope["path"], query, body)
        plan = Sabotage(world, rule)
        entry.fault = rule.action if rule else ""
        if await plan.before():
            await break_connection(receive)
            return
        if rule and rule.action == "entra_error":
            error = EntraError(rule.options.get("code", 50076))
            entry.status = error.status
            await entra.refused(None, error)(scope, receive_again, send)
            return
        answer = plan.instead()
        if answer:
            entry.status = answer.status
            headers = {"Content-Type": answer.content_type, **answer.headers}
            await send_answer(send, answer.status, encode_headers(headers), answer.payload())
            return
        way_out = _silent if plan.resets_after else _spoiling(send, plan)
        await self._entra(scope, receive_again, _noting(way_out, entry))
        if await plan.after() or plan.truncates:
            await break_connection(receive)


async def _buffered(receive: Receive) -> tuple[bytes, Receive]:
    """Read the body and give it out again: faults look at it first."""
    body = await read_body(receive) or b""
    given = False

    async def again() -> Any:
        nonlocal given
        if given:
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


async def _silent(_message: Any) -> None:
    """Send nothing: the connection is about to break."""


def _spoiling(send: Send, plan: Sabotage) -> Send:
    """Send a success without its body, or announce more than is sent."""
    if not (plan.empties or plan.truncates):
        return send
    start: dict[str, Any] = {}

    async def spoiled(message: Any) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        body = b"" if plan.empties and start["status"] < 300 else message["body"]
        await send_answer(send, start["status"], headers, body, not plan.truncates)

    return spoiled


def _noting(send: Send, entry: Any) -> Send:
    async def noted(message: Any) -> None:
        if message["type"] == "http.response.start":
            entry.status = message["status"]
        await send(message)

    return noted
