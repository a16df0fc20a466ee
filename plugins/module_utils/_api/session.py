# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. One HTTPS session for the API and for sign-in: connection reuse, TLS, proxies, nothing unasked.

requests' own ``Session`` is left out on purpose: it follows redirects, reads ``~/.netrc`` into ``Authorization``, keeps
cookies, and lets ``REQUESTS_CA_BUNDLE`` beat the options. Its adapter does none of that and keeps the connections.
"""

from __future__ import annotations

import os
import ssl
import threading
import typing as t
import warnings
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote, urlencode, urlsplit

from .._common.redaction import Redactor
from .errors import CredentialsError

if t.TYPE_CHECKING:
    from requests.adapters import HTTPAdapter

    from .settings.connection import ConnectionSettings

#: Connections kept for reuse; more threads than this still work, but would connect anew.
POOL_SIZE = 256

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class NotSent(Exception):
    """The request did not leave: name not found, connection refused, TLS handshake or proxy failed."""


class Untrusted(NotSent):
    """The server's certificate was refused, as it will be however often it is shown."""


class Lost(Exception):
    """The request left, at least in part, and no whole answer came back."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it came. ``content`` is None where the connection broke after the status line."""

    status_code: int
    headers: t.Mapping[str, str]
    content: bytes | None

    @property
    def text(self) -> str:
        """For MSAL, which reads JSON."""
        return (self.content or b"").decode("utf-8-sig", "replace")


class Http:
    """
    Sends single requests over shared connections. Thread safe.

    ``validate_certs`` None or True with ``ca_path`` None leaves the CA bundle to ``REQUESTS_CA_BUNDLE`` and
    ``CURL_CA_BUNDLE``, then to requests; ``ca_path`` and ``validate_certs`` False beat them. Proxies come from the
    environment. ``timeout`` is in seconds. Raises :class:`CredentialsError` for a CA bundle that is not there or none.
    """

    def __init__(
        self,
        *,
        validate_certs: bool | None = None,
        ca_path: str | None = None,
        timeout: float = 60,
        environment: t.Mapping[str, str] | None = None,
    ) -> None:
        self._verify = _verify(validate_certs, ca_path, os.environ if environment is None else environment)
        self._timeout = (timeout, timeout)
        self._current = threading.local()
        self._adapter = _adapter(self._current)
        self._proxies: dict[str, dict[str, str]] = {}

    def send(self, method: str, url: str, headers: t.Mapping[str, str], body: bytes | None = None) -> Response:
        """
        One request, one answer, whatever its status. Redirects are answers like others.

        Raises :class:`NotSent`, :class:`Untrusted` or :class:`Lost`; their text may hold secrets and is for scrubbing.
        """
        from requests import Request, RequestException
        from urllib3.exceptions import HTTPError

        self._current.sent = False
        failure: Exception
        try:
            request = Request(method, url, headers=headers, data=body).prepare()
            answer = self._adapter.send(
                request, stream=True, timeout=self._timeout, verify=self._verify, proxies=self._proxies_for(url)
            )
        except (RequestException, HTTPError, OSError, ValueError) as error:
            failure = Lost(_reason(error)) if self._current.sent else _not_sent(error, url)
        else:
            try:
                content: bytes | None = answer.content
            except (RequestException, HTTPError, OSError, ValueError):
                content = None
            finally:
                answer.close()
            return Response(answer.status_code, answer.headers, content)
        # Raised here and not in the handler, so that the original with its unscrubbed text is not chained to it.
        raise failure

    def close(self) -> None:
        self._adapter.close()

    def _proxies_for(self, url: str) -> dict[str, str]:
        from requests.utils import get_environ_proxies

        origin = "://".join(urlsplit(url)[:2])
        if origin not in self._proxies:
            self._proxies[origin] = get_environ_proxies(url)
        return self._proxies[origin]


def connected(settings: ConnectionSettings, redactor: Redactor) -> Http:
    """
    The session that a connection asks for; every secret of ``settings`` joins ``redactor`` first.

    Raises :class:`CredentialsError` for a CA bundle that cannot be used, ``ImportError`` where requests is missing.
    """
    for secret in (*settings.credentials.secrets, *_proxy_passwords()):
        # As it is, and as it stands in a form or an address.
        for written in (secret, quote(secret, safe=""), quote_plus(secret)):
            redactor.add(written)
    return Http(validate_certs=settings.validate_certs, ca_path=settings.ca_path, timeout=settings.timeout)


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


def _verify(validate_certs: bool | None, ca_path: str | None, environment: t.Mapping[str, str]) -> bool | str:
    if validate_certs is False:
        _silence_insecure_request_warning()
        return False
    given = {"ca_path": ca_path} if ca_path else {name: environment.get(name) for name in _CA_VARIABLES}
    for name, value in given.items():
        if value:
            try:
                path = Path(value).expanduser()
                is_there = path.exists()
            except (OSError, RuntimeError) as error:
                reason = getattr(error, "strerror", None) or error
                raise CredentialsError(f"{name}: {value} cannot be used: {reason}") from None
            if not is_there:
                raise CredentialsError(f"{name} names a file that does not exist: {path}")
            _require_certificates(name, path)
            return str(path)
    return True


def _require_certificates(name: str, path: Path) -> None:
    if path.is_dir():
        return
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        why = "holds no certificate in PEM format that can be read"
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
    else:
        return
    raise CredentialsError(f"{name} names a file that {why}: {path}")


def _silence_insecure_request_warning() -> None:
    # The user asked for it with validate_certs: false; a warning a request on stderr would only bury the results.
    from urllib3.exceptions import InsecureRequestWarning

    warnings.filterwarnings("ignore", category=InsecureRequestWarning)


def _adapter(current: threading.local) -> HTTPAdapter:
    """requests' adapter, with connections that tell when a request begins to leave (``current.sent``)."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Connection(HTTPSConnection):
        def request(self, *args: t.Any, **kwargs: t.Any) -> None:
            # urllib3 has connected, tunnelled and shaken hands before it comes here.
            current.sent = True
            super().request(*args, **kwargs)

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


def _not_sent(error: BaseException, url: str) -> NotSent:
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Untrusted(f"the certificate of {urlsplit(url).netloc} is not trusted: {cause.verify_message}")
    return NotSent(_reason(error))


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
