# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Listening on this machine's loopback until the browser comes back from the sign-in page (RFC 8252, 7.3)."""

from __future__ import annotations

import socketserver
import threading
import typing as t
from http.server import BaseHTTPRequestHandler
from urllib.parse import SplitResult, urlsplit

from ..._common.surroundings import StopRequested, Surroundings
from ..._common.words import in_seconds
from ..errors import CredentialsError, SignInStopped
from .consent import answer_in

LOOPBACK = "127.0.0.1"

_HOSTS = frozenset({"localhost", LOOPBACK})
_LONGEST_FORM = 65536
#: Seconds for one request to arrive: browsers open connections that they do not use.
_PATIENCE = 10.0
#: How often it is looked whether the answer has come (seconds).
_LOOK = 0.1
_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Partner Center sign-in</title></head>'
    '<body style="font:16px/1.5 sans-serif;max-width:32rem;margin:4rem auto"><p>{}</p></body></html>'
)
_RECEIVED = "The answer has arrived. You can close this window; Ansible tells what came of it."
_FOREIGN = "This answer belongs to another sign-in. Use the link that Ansible showed last."
_NOTHING = "Nothing is here."


def is_loopback(redirect_uri: str) -> bool:
    """Whether a browser on this machine, sent to this address, comes to us."""
    try:
        parts = urlsplit(redirect_uri)
        return parts.scheme == "http" and parts.hostname in _HOSTS and parts.port != 0
    except ValueError:
        return False


def wait_for_redirect(redirect_uri: str, state: str, timeout: float, surroundings: Surroundings) -> dict[str, str]:
    """
    The answer that the browser brings, within ``timeout`` seconds; then it listens no longer.

    Only 127.0.0.1 is listened on. Answers with another ``state`` are refused and waiting goes on, so that no other page
    of the browser can end it. Raises :class:`CredentialsError`.
    """
    server = _listening(redirect_uri, state)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        deadline = surroundings.clock() + timeout
        while not server.answered.is_set() and surroundings.clock() < deadline:
            surroundings.sleep(min(_LOOK, deadline - surroundings.clock()))
    except StopRequested:
        raise SignInStopped("The run was asked to stop before anybody came back from the sign-in page.") from None
    finally:
        server.shutdown()
        server.server_close()
    if not server.answer:
        raise CredentialsError(
            f"Nobody has come back from the sign-in page within {in_seconds(timeout)}.",
            hint="If the browser runs on another machine, its last page cannot be shown: copy that page's address and "
            "give it as redirect_address (role consent: consent_redirect_address).",
        )
    return server.answer


def check_listening(redirect_uri: str) -> None:
    """Whether :func:`wait_for_redirect` could listen now; raises :class:`CredentialsError`."""
    _listening(redirect_uri, "").server_close()


def _listening(redirect_uri: str, state: str) -> _Server:
    parts = urlsplit(redirect_uri)
    try:
        return _Server((LOOPBACK, parts.port or 80), parts, state)
    except OSError as error:
        raise CredentialsError(
            f"redirect_uri: nobody can listen at port {parts.port or 80} of {LOOPBACK}: {error.strerror or error}.",
            hint="Name another port in redirect_uri (role consent: consent_redirect_uri), such as "
            "http://localhost:8401.",
        ) from None


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], expected: SplitResult, state: str) -> None:
        self.path = expected.path or "/"
        self.state = state
        self.answer: dict[str, str] = {}
        self.answered = threading.Event()
        super().__init__(address, _Handler)

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A browser that hangs up is no news; the default prints a traceback."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    server: _Server

    def do_GET(self) -> None:
        self._take(urlsplit(self.path).query)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isdigit() else 0
        self._take(self.rfile.read(min(size, _LONGEST_FORM)).decode("utf-8", "replace"))

    def log_message(self, format: str, *args: t.Any) -> None:  # noqa: A002
        """Nothing: the address holds the code."""

    def _take(self, query: str) -> None:
        found = answer_in(query) if urlsplit(self.path).path == self.server.path else {}
        if not found:
            self._show(404, _NOTHING)
        elif found.get("state") != self.server.state:
            self._show(400, _FOREIGN)
        else:
            try:
                self._show(200, _RECEIVED)
            finally:
                # After the page, which the end of the process would cut off; and also where the browser has gone.
                self.server.answer = found
                self.server.answered.set()

    def _show(self, status: int, text: str) -> None:
        content = _PAGE.format(text).encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(content))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
