# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Signing in to Entra: MSAL obtains every token, through our session and with our tries.

MSAL's own cache is not used: it would answer a renewal with the very token that the API refused.
"""

from __future__ import annotations

import logging
import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlencode

from ..._common import private_file
from ..._common.redaction import Redactor
from ..._common.surroundings import StopRequested, Surroundings
from .. import decode
from ..errors import CredentialsError, SignInStopped
from ..hints import entra_hint
from ..retries import Retries, is_too_long
from ..session import Http, Lost, NotSent, Response, Untrusted, form
from ..settings.clouds import CLOUDS
from . import certificate

if t.TYPE_CHECKING:
    from ..settings.connection import ConnectionSettings

_CODE = re.compile(r"AADSTS\d+")
_TAIL = re.compile(r"[\s.]*\b(Trace ID|Correlation ID|Timestamp):.*", re.DOTALL)
_SECONDS_ASSUMED = 3599.0


@dataclass(frozen=True, slots=True)
class Grant:
    """
    What a sign-in gave. ``lifetime`` is in seconds; the refresh token may be a new one, or None; ``username`` is there
    where a person has signed in.
    """

    access_token: str = field(repr=False)
    lifetime: float
    refresh_token: str | None = field(default=None, repr=False)
    username: str | None = None


class SignIn:
    """Asks Entra for tokens. Every problem is a :class:`CredentialsError` with what Entra said and what helps."""

    def __init__(
        self, settings: ConnectionSettings, http: Http, surroundings: Surroundings, *, redactor: Redactor
    ) -> None:
        self._credentials = settings.credentials
        self._authority = f"{settings.authority_url}/{settings.credentials.tenant_id}"
        self._scopes = [CLOUDS[settings.cloud].scope]
        self._http = http
        self._redactor = redactor
        self._surroundings = surroundings
        self._retries = Retries(settings.retries, surroundings)

    def application(self) -> Grant:
        """A token for the application itself (app-only)."""
        return self.grant(self.ask(lambda app: app.acquire_token_for_client(self._scopes)))

    def user(self, refresh_token: str) -> Grant:
        """A token for the user whose refresh token it is (App+User)."""
        return self.grant(self.ask(lambda app: app.acquire_token_by_refresh_token(refresh_token, self._scopes)))

    def ask(self, ask: t.Callable[[t.Any], t.Any], *, public: bool = False) -> dict[str, t.Any]:
        """What MSAL's application answers to ``ask``; ``public``: an application that does not prove itself."""
        _silence_msal()
        entra = _Entra(self._http, self._retries, self._surroundings)
        result: t.Any = None
        failure: CredentialsError | None = None
        try:
            result = ask(self._application(entra, public))
        except CredentialsError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - MSAL lets through whatever its libraries raise
            failure = self._failure(error, entra)
        if failure is not None:
            # Raised here and not in the handler: the chained original would carry unscrubbed text.
            raise failure
        return result if isinstance(result, dict) else {}

    def _application(self, entra: _Entra, public: bool) -> t.Any:
        try:
            import msal  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            raise CredentialsError("The Python library msal is needed to sign in and is not installed.") from None

        # Instance discovery would ask login.microsoftonline.com about every private authority; region discovery
        # would send the request elsewhere.
        options: dict[str, t.Any] = {
            "authority": self._authority,
            "http_client": entra,
            "instance_discovery": False,
        }
        credential = None if public else self._client_credential()
        if credential is None:
            return msal.PublicClientApplication(self._credentials.client_id, **options)
        return msal.ConfidentialClientApplication(
            self._credentials.client_id, client_credential=credential, azure_region=False, **options
        )

    def _client_credential(self) -> str | dict[str, t.Any] | None:
        given = self._credentials
        if given.client_secret is not None:
            return given.client_secret
        if given.client_certificate_path is not None:
            return certificate.client_credential(given.client_certificate_path, given.client_certificate_passphrase)
        if given.federated_token_file is not None:
            return {"client_assertion": self._federated_token}
        return None

    def _federated_token(self) -> str:
        """Read anew at each use: the platform replaces the file before the token in it expires."""
        path = t.cast(str, self._credentials.federated_token_file)
        name = self._credentials.federated_token_file_name
        try:
            assertion = private_file.resolved(path).read_text(encoding="utf-8").strip()
        except UnicodeDecodeError:
            raise CredentialsError(f"{name}: {path} cannot be read: it is not text.") from None
        except OSError as error:
            reason = error.strerror or str(error).rstrip(".")
            raise CredentialsError(f"{name}: {path} cannot be read: {reason}.") from None
        if not assertion:
            raise CredentialsError(f"{name}: {path} is empty.")
        self._redactor.add(assertion)
        return assertion

    def grant(self, result: t.Mapping[str, t.Any]) -> Grant:
        """The tokens of a token request's answer; raises the refusal where it is one."""
        access_token = result.get("access_token")
        if not isinstance(access_token, str):
            raise self.refusal(result)
        refresh_token = result.get("refresh_token")
        try:
            lifetime = float(result.get("expires_in", _SECONDS_ASSUMED))
        except (TypeError, ValueError):
            lifetime = _SECONDS_ASSUMED
        claimed = result.get("id_token_claims")
        username = claimed.get("preferred_username") if isinstance(claimed, dict) else None
        return Grant(
            access_token,
            lifetime,
            refresh_token if isinstance(refresh_token, str) else None,
            username if isinstance(username, str) else None,
        )

    def refusal(self, said: t.Mapping[str, t.Any]) -> CredentialsError:
        """What Entra answered, in its own words, with its ids."""
        description = str(said.get("error_description") or "")
        numbers = said.get("error_codes")
        codes = (
            [f"AADSTS{number}" for number in numbers if isinstance(number, int)] if isinstance(numbers, list) else []
        )
        codes += [code for code in _CODE.findall(description) if code not in codes]
        error = self._text(said.get("error"))
        words = [error or "no token", self._shown(_TAIL.sub("", description))]
        return CredentialsError(
            f"The sign-in at {self._authority} was refused: {': '.join(word for word in words if word)}.",
            hint=entra_hint(error, codes),
            error=error,
            codes=codes,
            trace_id=self._text(said.get("trace_id")),
            correlation_id=self._text(said.get("correlation_id")),
        )

    def _failure(self, error: Exception, entra: _Entra) -> CredentialsError:
        """No token and no OAuth answer: what happened instead."""
        last = entra.last
        said = _json_object(last)
        if said.get("error"):
            return self.refusal(said)
        if isinstance(error, (NotSent, Lost)):
            text = self._shown(str(error))
            return CredentialsError(f"The sign-in at {self._authority} failed: {text}.", hint=_HINT_UNREACHABLE)
        if isinstance(error, StopRequested):
            return SignInStopped("The run was asked to stop during the sign-in.")
        if last is not None and not 200 <= last.status_code < 300:
            quoted = self._shown(last.text) or "nothing"
            text = f"the address answered {last.status_code}: {quoted}"
        # A success is never quoted: it may hold tokens that are not known yet, and so not redacted.
        elif last is not None and _is_garbled(said, error):
            text = f"the answer of {entra.address} could not be understood"
        else:
            text = f"{type(error).__name__}: {self._shown(str(error))}"
        return CredentialsError(
            f"The sign-in at {self._authority} failed: {text}.", hint="Check authority_url, cloud and tenant_id."
        )

    def _text(self, value: t.Any) -> str | None:
        return self._shown(value) if isinstance(value, str) else None

    def _shown(self, text: str) -> str:
        return decode.excerpt(text, self._redactor.scrub).rstrip(".")


_HINT_UNREACHABLE = "Check authority_url, the network, HTTPS_PROXY and NO_PROXY, and ca_path."


class _Entra:
    """
    What MSAL calls an HTTP client; the tries are its duty. Keeps the last answer and its address, which MSAL's errors
    leave out.
    """

    def __init__(self, http: Http, retries: Retries, surroundings: Surroundings) -> None:
        self._http = http
        self._retries = retries
        self._surroundings = surroundings
        self.last: Response | None = None
        self.address = ""

    def get(self, url: str, params: t.Any = None, headers: t.Any = None, **_others: t.Any) -> Response:
        return self._send("GET", url, params, headers, None)

    def post(
        self, url: str, params: t.Any = None, data: t.Any = None, headers: t.Any = None, **_others: t.Any
    ) -> Response:
        return self._send("POST", url, params, headers, form(data or {}))

    def close(self) -> None:
        """The session is not ours to close."""

    def _send(self, method: str, url: str, params: t.Any, headers: t.Any, body: bytes | None) -> Response:
        self.address = url.partition("?")[0]
        if params:
            url = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"
        headers = {"Accept-Encoding": "gzip", **(headers or {})}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for tries in range(self._retries.count + 1):
            response, failure, pause = self._once(method, url, headers, body)
            if response is not None and response.status_code not in {408, 429, 500, 502, 503, 504}:
                return response
            if tries == self._retries.count or is_too_long(pause) or isinstance(failure, Untrusted):
                break
            self._retries.wait(tries, pause)
        if response is None:
            raise failure or Lost("no answer")
        return response

    def _once(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[Response | None, Exception | None, float | None]:
        try:
            # A rotated refresh token may be in the answer to a POST: its only copy.
            response = self._http.send(method, url, headers, body, can_be_stopped=body is None)
        except (NotSent, Lost) as error:
            self.last = None
            return None, error, None
        if response.content is None:
            return None, Lost(response.problem), None
        self.last = response
        return response, None, decode.retry_after(response.headers, response.content, self._surroundings.wall())


def _silence_msal() -> None:
    # MSAL logs whole token answers that it cannot parse, and Python prints on stderr what has no handler.
    logging.getLogger("msal").setLevel(logging.CRITICAL + 1)


def _json_object(response: Response | None) -> dict[str, t.Any]:
    try:
        value = decode.parse_json(response.content or b"") if response is not None else None
    except decode.Unreadable:
        return {}
    return value if isinstance(value, dict) else {}


def _is_garbled(said: t.Mapping[str, t.Any], error: Exception) -> bool:
    """Whether MSAL stumbled over a success's content; the words of Python's own errors are of no use then."""
    if not said or isinstance(error, (AttributeError, LookupError, TypeError)):
        return True
    return isinstance(error, ValueError) and "expires_in" in said
