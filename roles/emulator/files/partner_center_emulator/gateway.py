# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request's way through the emulated service: fault, token, limit, replay, handler, answer."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import parse_qsl, unquote

from . import routes
from .errors import Refusal
from .ids import correlation_vector, new_guid
from .routes import Endpoint
from .sabotage import Sabotage
from .wire import BOM, Answer, Call, Receive, Scope, Send, break_connection, encode_headers, read_body, send_answer
from .world import World


class Gateway:
    """The ASGI application below /v1."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        world = self._world
        body = await read_body(receive)
        if body is None:
            return
        call = _call(world, scope, body)
        endpoint, ids = routes.find(call.path)
        entry = call.entry
        entry.endpoint = endpoint.label
        entry.request_id, entry.correlation_id = call.request_id, call.correlation_id
        world.journal.count(entry)
        rule = world.faults.find(call.method, call.path, entry.query, body)
        plan = Sabotage(world, rule)
        entry.fault = rule.action if rule else ""
        if await plan.before():
            world.journal.close(entry, None)
            await break_connection(receive)
            return
        answer = plan.instead()
        if answer is None:
            answer = plan.answer(call, self._answer(call, endpoint, ids, plan))
        if call.is_write and entry.effective is None:
            entry.effective = bool(call.effective)
        if world.switches["latency"]:
            await asyncio.sleep(world.switches["latency"])
        if await plan.after():
            world.journal.close(entry, None)
            await break_connection(receive)
            return
        world.journal.close(entry, answer.status)
        await self._send(send, call, answer, plan)
        if plan.truncates:
            await break_connection(receive)

    def _answer(self, call: Call, endpoint: Endpoint, ids: list[str], plan: Sabotage) -> Answer:
        world = self._world
        try:
            call.claims = world.tokens.check(call.headers.get("authorization", ""))
        except Refusal as refusal:
            return self._refused(refusal)
        refused = world.throttle.check(call.is_write, endpoint.throttled, ids[0] if ids else "")
        if refused:
            world.journal.throttled += 1
            return refused
        return self._once(call, endpoint, ids, plan)

    def _once(self, call: Call, endpoint: Endpoint, ids: list[str], plan: Sabotage) -> Answer:
        """Writes are remembered by their MS-RequestId, refusals as well as successes."""
        world, reuse = self._world, self._world.switches["request_id_reuse"]
        given = call.is_write and bool(call.headers.get("ms-requestid"))
        if given and reuse != "ignore":
            stored = world.replay.find(call.request_id, call.method, call.path, world.clock.timestamp())
            if stored:
                world.journal.repeated += 1
                call.effective = False
                return stored if reuse == "replay" else self._refused(_used_before(call))
        answer = self._handle(call, endpoint, ids, plan)
        if given:
            kept = plan.stored(answer)
            world.replay.keep(
                call.request_id,
                call.method,
                call.path,
                kept,
                world.clock.timestamp() + world.switches["request_id_seconds"],
            )
        return answer

    def _handle(self, call: Call, endpoint: Endpoint, ids: list[str], plan: Sabotage) -> Answer:
        try:
            answer = plan.handle(call, endpoint, ids)
        except Refusal as refusal:
            return self._refused(refusal)
        if call.effective:
            self._world.journal.took_effect(call.entry)
        # Kept as bytes: the resource may change before the answer is sent or replayed.
        answer.body = answer.payload()
        return answer

    def _refused(self, refusal: Refusal) -> Answer:
        switches = self._world.switches
        if refusal.status == 401 and switches["auth_error_shape"] == "gateway":
            return Answer(401, {"statusCode": 401, "message": refusal.description}, refusal.headers)
        body = refusal.body(switches["error_code_type"] == "string")
        return Answer(refusal.status, body, refusal.headers)

    async def _send(self, send: Send, call: Call, answer: Answer, plan: Sabotage) -> None:
        world = self._world
        payload = answer.payload()
        bom = world.switches["bom"]
        if payload and answer.status < 300 and (bom == "all" or (bom == "documented" and answer.marked)):
            payload = BOM + payload
        echo = world.switches["echo_ids"]
        headers = {
            "Content-Type": answer.content_type,
            "MS-CorrelationId": call.correlation_id if echo else new_guid(),
            "MS-RequestId": call.request_id if echo else new_guid(),
            "MS-CV": correlation_vector(),
            "MS-ServerId": "030020344",
            **answer.headers,
        }
        if call.headers.get("validatemfa", "").lower() == "true" and call.claims:
            compliant = call.is_app_only or "mfa" in call.claims.get("amr", ())
            headers["isMfaCompliant"] = "true" if compliant else "false"
        if not payload:
            del headers["Content-Type"]
        await send_answer(send, answer.status, encode_headers(headers), payload, not plan.truncates)


def _call(world: World, scope: Scope, body: bytes) -> Call:
    raw = scope["headers"]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}
    query = scope["query_string"].decode("latin-1")
    path = unquote(scope["path"])
    parameters = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)} if query else {}
    entry = world.journal.open(time.time(), scope["method"], path, query, raw, body)
    return Call(
        scope["method"],
        path,
        parameters,
        headers,
        body,
        entry,
        request_id=headers.get("ms-requestid") or new_guid(),
        correlation_id=headers.get("ms-correlationid") or new_guid(),
    )


def _used_before(call: Call) -> Refusal:
    return Refusal(409, 0, f"A request with the MS-RequestId {call.request_id} was processed before.")
