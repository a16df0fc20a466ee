# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP at its barest: read a request's body, write an answer, break a connection."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from .journal import Entry

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON_TYPE = "application/json; charset=utf-8"
BOM = b"\xef\xbb\xbf"
NOTHING = object()


@dataclass
class Answer:
    """What a handler answers. ``body`` is JSON data, ready bytes, or NOTHING; ``marked``: documented with a BOM."""

    status: int = 200
    body: Any = NOTHING
    headers: dict[str, str] = field(default_factory=dict)
    marked: bool = False
    content_type: str = JSON_TYPE

    def payload(self) -> bytes:
        if self.body is NOTHING:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return dump(self.body)


def dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


@dataclass
class Call:
    """A request, read to its end."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    entry: Entry
    claims: dict[str, Any] = field(default_factory=dict)
    request_id: str = ""
    correlation_id: str = ""
    effective: bool | None = None

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS")

    @property
    def is_app_only(self) -> bool:
        return bool(self.claims.get("idtyp") == "app")


async def read_body(receive: Receive) -> bytes | None:
    """The whole body; None when the client went away before it was sent."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def send_answer(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], payload: bytes, whole: bool = True
) -> None:
    """Send status, headers and payload; ``whole`` false announces more than it sends."""
    if status in (204, 304):
        # They have no body, and a client would take it for the next answer.
        payload, whole = b"", True
    length = len(payload) if whole else len(payload) + 1000
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", str(length).encode())],
        }
    )
    await send({"type": "http.response.body", "body": payload, "more_body": not whole})


def encode_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]


async def break_connection(receive: Receive) -> None:
    """Reset the client's TCP connection, without an answer.

    ASGI has no word for that; uvicorn's receive is a method of the object that holds the transport.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("the server does not give access to its connection")
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # A linger of zero seconds turns the close into a reset.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    # The server takes notice a moment later; until then it would complain that nothing was answered.
    while (await receive())["type"] != "http.disconnect":
        pass
