# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTPS server that answers as told, breaks where told, and remembers what it was sent. And a CONNECT proxy."""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import ssl
import struct
import threading
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Reply:
    """An answer. ``cut`` announces the whole body and sends only so many bytes of it, then resets the connection."""

    status: int = 200
    body: bytes | t.Any = b""
    headers: t.Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None

    def encode(self) -> bytes:
        body = self.payload()
        head = [f"HTTP/1.1 {self.status} Scripted", f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + (body if self.cut is None else body[: self.cut])

    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Reset:
    """The connection is reset: after the request's head, or after its body, without an answer."""

    after: t.Literal["head", "body"] = "body"


@dataclass(frozen=True)
class Drip:
    """An answer that announces ``length`` bytes and sends one every ``pause`` seconds, without end."""

    pause: float = 0.1
    length: int = 1_000_000


@dataclass(frozen=True)
class Silence:
    """No answer until the client gives up."""


Step = Reply | Reset | Silence | Drip


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> t.Any:
        return json.loads(self.body)

    @property
    def ids(self) -> tuple[str, str]:
        return self.headers["ms-requestid"], self.headers["ms-correlationid"]


class ScriptedServer:
    """
    Serves ``script`` step by step, then whatever ``otherwise`` says. ``broken_handshakes`` connections are closed
    before TLS.
    """

    def __init__(self, certificate: Path, *, port: int = 0) -> None:
        self.script: list[Step] = []
        self.otherwise: t.Callable[[Request], Step] = lambda request: Reply(200, {"id": "x"})
        self.broken_handshakes = 0
        self.requests: list[Request] = []
        self.connections = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server((LOOPBACK, port))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://{LOOPBACK}:{self.port}"

    def targets(self) -> list[str]:
        return [f"{request.method} {request.target}" for request in self.requests]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
                broken = self.broken_handshakes > 0
                self.broken_handshakes -= broken
            if broken:
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        self._open.add(connection)
        with contextlib.suppress(OSError, ValueError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._context.wrap_socket(connection, server_side=True) as secure:
                self._open.add(secure)
                with secure.makefile("rb") as stream:
                    while self._one(secure, stream, number):
                        pass
        self._open.discard(connection)

    def _one(self, secure: ssl.SSLSocket, stream: t.BinaryIO, number: int) -> bool:
        first = stream.readline().decode("latin-1").split()
        if len(first) < 2:
            return False
        headers: dict[str, str] = {}
        while line := stream.readline().decode("latin-1").strip():
            key, _colon, value = line.partition(":")
            headers[key.lower()] = value.strip()
        head = Request(first[0], first[1], headers, b"", number)
        with self._lock:
            step = self.script.pop(0) if self.script else None
        if isinstance(step, Reset) and step.after == "head":
            self.requests.append(head)
            return self._reset(secure)
        body = stream.read(int(headers.get("content-length", "0")))
        request = Request(first[0], first[1], headers, body, number)
        with self._lock:
            self.requests.append(request)
        step = self.otherwise(request) if step is None else step
        if isinstance(step, Reset):
            return self._reset(secure)
        if isinstance(step, Silence):
            return bool(stream.read(1)) and False
        if isinstance(step, Drip):
            secure.sendall(f"HTTP/1.1 200 Scripted\r\nContent-Length: {step.length}\r\n\r\n".encode())
            while True:
                secure.sendall(b" ")
                time.sleep(step.pause)
        secure.sendall(step.encode())
        return step.cut is None or self._reset(secure)

    def _reset(self, secure: ssl.SSLSocket) -> bool:
        # Linger 0 makes close() a RST, as a crashed gateway would.
        secure.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        secure.close()
        return False


class ConnectProxy:
    """Tunnels what CONNECT asks for and remembers it; ``refusal`` is answered instead of tunnelling."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self.refusal: bytes | None = None
        self._listener = socket.create_server((LOOPBACK, 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(connection,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            target = head.split()[1].decode()
            self.asked.append(target)
            self.heads.append(head)
            if self.refusal is not None:
                client.sendall(self.refusal)
                return
            host, _colon, port = target.rpartition(":")
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _pump(client, server)


def _pump(one: socket.socket, other: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _events in selector.select():
                data = t.cast(socket.socket, key.fileobj).recv(65536)
                if not data:
                    return
                key.data.sendall(data)
