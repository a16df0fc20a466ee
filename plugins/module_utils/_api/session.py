# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. One HTTPS session for the API and for sign-in: connection reuse, TLS, proxies, nothing unasked.

requests' own ``Session`` is left out on purpose: it follows redirects, reads ``~/.netrc`` into ``Authorization``, keeps
cookies, and lets ``REQUESTS_CA_BUNDLE`` beat the options. Its adapter does none of that and keeps the connections.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
import typing as t
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote, urlencode, urlsplit

from .._common.libraries import install_advice, missing_libraries
from .._common.redaction import Redactor
from .._common.surroundings import StopRequested, Surroundings
from .._common.words import in_seconds
from .exchange import Exchange, Unusable, Watch, awaited, read_body
from .settings.trust import trust

if t.TYPE_CHECKING:
    from requests.adapters import HTTPAdapter

    from .settings.connection import ConnectionSettings

#: Connections kept for reuse; more threads than this still work, but would connect anew.
POOL_SIZE = 256

_PIECE = 65536


class _Current(threading.local):
    """The exchange of this thread."""

    exchange: Exchange


class NotSent(Exception):
    """The request did not leave: name not found, connection refused, TLS handshake or proxy failed."""


class Untrusted(NotSent):
    """The server's certificate was refused, as it will be however often it is shown."""


class Lost(Exception):
    """The request left, at least in part, and no whole answer came back."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it came. ``content`` is None where there is no whole one; then ``problem`` says why not."""

    status_code: int
    headers: t.Mapping[str, str]
    content: bytes | None
    problem: str = ""

    @property
    def text(self) -> str:
        """For MSAL, which reads JSON."""
        return (self.content or b"").decode("utf-8-sig", "replace")


class Http:
    """
    Sends single requests over shared connections. Thread safe.

    ``validate_certs`` None or True with ``ca_path`` None leaves the CA bundle to ``REQUESTS_CA_BUNDLE`` and
    ``CURL_CA_BUNDLE``, then to requests; ``ca_path`` and ``validate_certs`` False beat them. Proxies come from the
    environment. ``timeout`` is in seconds, for connecting and the whole answer. Raises :class:`CredentialsError` for a
    CA bundle that is not there or none.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        validate_certs: bool | None = None,
        ca_path: str | None = None,
        timeout: float = 60,
        environment: t.Mapping[str, str] | None = None,
    ) -> None:
        self._verify = trust(validate_certs, ca_path, os.environ if environment is None else environment)
        self._timeout = timeout
        self._watch = Watch(surroundings)
        self._current = _Current()
        self._adapter: HTTPAdapter | None = None
        self._making_adapter = threading.Lock()
        self._proxies: dict[str, dict[str, str]] = {}

    def send(
        self,
        method: str,
        url: str,
        headers: t.Mapping[str, str],
        body: bytes | None = None,
        *,
        can_be_stopped: bool = True,
    ) -> Response:
        """
        One request, one answer, whatever its status. Redirects are answers like others. ``can_be_stopped``: not seen to
        its end when the run is asked to stop.

        Raises :class:`NotSent`, :class:`Untrusted` or :class:`Lost`; their text may hold secrets and is for scrubbing.
        Raises ``StopRequested``.
        """
        exchange = self._watch.begin(self._timeout, can_be_stopped=can_be_stopped)
        self._current.exchange = exchange
        try:
            response = self._exchanged(exchange, method, url, headers, body)
        finally:
            self._watch.end(exchange)
        if exchange.is_stopped and (isinstance(response, Exception) or response.content is None):
            raise StopRequested
        if isinstance(response, Exception):
            # Raised here and not in a handler, so that the original with its unscrubbed text is not chained to it.
            raise response
        return response

    def _exchanged(
        self, exchange: Exchange, method: str, url: str, headers: t.Mapping[str, str], body: bytes | None
    ) -> Response | NotSent | Lost:
        from requests import Request, RequestException
        from urllib3.exceptions import HTTPError

        within = f"within {in_seconds(self._timeout)} (timeout)"
        late = f"no whole answer came {within}"
        # The watch ends it; a socket's own timeout starts anew with each byte.
        timeouts = (self._timeout + 1, self._timeout + 1)
        try:
            request = Request(method, url, headers=headers, data=body).prepare()
            answer = self._connections().send(
                request, stream=True, timeout=timeouts, verify=self._verify, proxies=self._proxies_for(url)
            )
        except (RequestException, HTTPError, OSError, ValueError) as error:
            if exchange.is_over:
                return Lost(late) if exchange.sent else NotSent(f"there was no connection {within}")
            return Lost(_reason(error)) if exchange.sent else _not_sent(error, url, self._proxies_for(url))
        content, problem = None, "the connection broke within the answer"
        try:
            pieces = answer.raw.stream(_PIECE, decode_content=False)
            content = read_body(pieces, answer.headers.get("Content-Encoding", ""))
        except Unusable as unusable:
            problem = f"the answer is not taken: {unusable}"
        except (RequestException, HTTPError, OSError, ValueError):
            pass
        finally:
            answer.close()
        if exchange.is_over:
            content, problem = None, late
        return Response(answer.status_code, answer.headers, content, "" if content is not None else problem)

    def close(self) -> None:
        if self._adapter is not None:
            self._adapter.close()

    def _connections(self) -> HTTPAdapter:
        """Made for the first request: requests takes long to import, and many a task ends before it needs it."""
        with self._making_adapter:
            if self._adapter is None:
                self._adapter = _adapter(self._current)
            return self._adapter

    def _proxies_for(self, url: str) -> dict[str, str]:
        from requests.utils import get_environ_proxies

        origin = "://".join(urlsplit(url)[:2])
        if origin not in self._proxies:
            self._proxies[origin] = get_environ_proxies(url)
        return self._proxies[origin]


def what_is_missing(*, sign_in: bool = True) -> str | None:
    """What to say of libraries that are needed and not there, or None. ``sign_in``: whether tokens are asked for."""
    missing = missing_libraries(("requests", "msal") if sign_in else ("requests",))
    return install_advice(missing) if missing else None


def connected(settings: ConnectionSettings, redactor: Redactor, surroundings: Surroundings) -> Http:
    """
    The session that a connection asks for; every secret of ``settings`` joins ``redactor`` first.

    Raises :class:`CredentialsError` for a CA bundle that cannot be used.
    """
    for secret in (*settings.credentials.secrets, *_proxy_passwords()):
        # As it is, and as it stands in a form or an address.
        for written in (secret, quote(secret, safe=""), quote_plus(secret)):
            redactor.add(written)
    return Http(
        surroundings, validate_certs=settings.validate_certs, ca_path=settings.ca_path, timeout=settings.timeout
    )


def _proxy_passwords() -> tuple[str, ...]:
    """Passwords in the proxies' addresses, as they stand there and decoded."""
    found: list[str] = []
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        try:
            password = urlsplit(os.environ.get(name, "")).password
        except ValueError:
            continue
        if password:
            found += [password, unquote(password)]
    return tuple(found)


def form(data: t.Mapping[str, str]) -> bytes:
    return urlencode(data).encode("ascii")


def _adapter(current: _Current) -> HTTPAdapter:
    """requests' adapter, with connections that can be cut, and tell when a request begins to leave."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Connection(HTTPSConnection):
        #: The same connection once more: TLS takes the first socket over, and is busy with it while hands are shaken.
        cut: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            connected = awaited(super()._new_conn, current.exchange)
            self.cut = current.exchange.connection = connected.dup()
            return connected

        def request(self, *args: t.Any, **kwargs: t.Any) -> None:
            # urllib3 has connected, tunnelled and shaken hands before it comes here.
            current.exchange.connection = self.cut
            current.exchange.sent = True
            super().request(*args, **kwargs)

        def close(self) -> None:
            super().close()
            if self.cut is not None:
                self.cut.close()

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    pools = {"http": HTTPConnectionPool, "https": Pool}

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            manager.pool_classes_by_scheme = pools
            return manager

    return Adapter(pool_maxsize=POOL_SIZE)


def _not_sent(error: BaseException, url: str, proxies: t.Mapping[str, str]) -> NotSent:
    from requests.utils import select_proxy

    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Untrusted(f"the certificate of {urlsplit(url).netloc} is not trusted: {cause.verify_message}")
    proxy = select_proxy(url, dict(proxies))
    # Without the user and the password that may be in its address.
    through = f" (through the proxy {urlsplit(proxy).netloc.rpartition('@')[2]})" if proxy else ""
    return NotSent(f"{_reason(error)}{through}")


def _cause(error: BaseException) -> BaseException:
    """The innermost cause: requests wraps it in layers of object names."""
    for _depth in range(6):
        inner = getattr(error, "reason", None) or next(iter(error.args), None)
        if not isinstance(inner, BaseException):
            break
        error = inner
    return error


def _reason(error: BaseException) -> str:
    error = _cause(error)
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
