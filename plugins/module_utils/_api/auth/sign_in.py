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

from ..._common import private_file
from ..._common.libraries import install_advice
from ..._common.redaction import Redactor
from ..._common.surroundings import StopRequested, Surroundings
from .. import decode
from ..errors import CredentialsError, SignInStopped
from ..hints import entra_hint, sign_in_hint, unreachable_hint
from ..retries import Retries, asked_pause
from ..session import Http, Lost, NotSent
from ..settings.clouds import CLOUDS
from . import certificate
from .entra import PASSING, Entra

if t.TYPE_CHECKING:
    from ..settings.connection import ConnectionSettings

_CODE = re.compile(r"AADSTS\d+")
_TAIL = re.compile(r"[\s.]*\b(Trace ID|Correlation ID|Timestamp):.*", re.DOTALL)
_SECONDS_ASSUMED = 3599.0
#: What the answer to a request for a token has to hold.
TOKEN: t.Final = ("access_token",)


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
        return self.grant(self.ask(lambda app: app.acquire_token_for_client(self._scopes), TOKEN))

    def user(self, refresh_token: str) -> Grant:
        """A token for the user whose refresh token it is (App+User)."""
        return self.grant(self.ask(lambda app: app.acquire_token_by_refresh_token(refresh_token, self._scopes), TOKEN))

    def ask(
        self, ask: t.Callable[[t.Any], t.Any], wanted: t.Sequence[str], *, public: bool = False
    ) -> dict[str, t.Any]:
        """
        What MSAL's application answers to ``ask``, in which each of ``wanted`` is a text; any other answer is an error.
        ``public``: an application that does not prove itself.
        """
        _silence_msal()
        entra = Entra(self._http, self._retries, self._surroundings)
        result: t.Any = None
        failure: CredentialsError | None = None
        try:
            result = ask(self._application(entra, public))
        except CredentialsError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - MSAL lets through whatever its libraries raise
            failure = self._failure(error, entra)
        answer = result if isinstance(result, dict) else {}
        missing = [name for name in wanted if not (isinstance(answer.get(name), str) and answer[name])]
        if failure is None and missing:
            failure = self._without(missing[0], answer, entra)
        if failure is not None:
            # Raised here and not in the handler: the chained original would carry unscrubbed text.
            raise failure
        return answer

    def _application(self, entra: Entra, public: bool) -> t.Any:
        try:
            import msal  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            raise CredentialsError(install_advice(["msal"])) from None

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
        """The tokens of a token request's answer."""
        refresh_token = result.get("refresh_token")
        try:
            lifetime = float(result.get("expires_in", _SECONDS_ASSUMED))
        except (TypeError, ValueError):
            lifetime = _SECONDS_ASSUMED
        claimed = result.get("id_token_claims")
        username = claimed.get("preferred_username") if isinstance(claimed, dict) else None
        return Grant(
            result["access_token"],
            lifetime,
            refresh_token if isinstance(refresh_token, str) else None,
            username if isinstance(username, str) else None,
        )

    def _refusal(self, said: t.Mapping[str, t.Any], entra: Entra) -> CredentialsError:
        """An OAuth error: what Entra answered, in its own words, with its ids."""
        description = str(said.get("error_description") or "")
        numbers = said.get("error_codes")
        codes = (
            [f"AADSTS{number}" for number in numbers if isinstance(number, int)] if isinstance(numbers, list) else []
        )
        codes += [code for code in _CODE.findall(description) if code not in codes]
        error = self._text(said.get("error"))
        words = ", ".join(word for word in (error, self._shown(_TAIL.sub("", description))) if word)
        status, pause = entra.failed_with, entra.fault(self._redactor.scrub).retry_after
        is_passing = status in PASSING
        return CredentialsError(
            f"The sign-in at {self._authority} was refused{f' ({status})' if is_passing else ''}: "
            f"{words}.{asked_pause(pause)}",
            hint=entra_hint(error, codes) or (sign_in_hint(status) if is_passing else None),
            error=error,
            codes=codes,
            trace_id=self._text(said.get("trace_id")),
            correlation_id=self._text(said.get("correlation_id")),
            status=status,
            retry_after=pause,
        )

    def _without(self, missing: str, answer: t.Mapping[str, t.Any], entra: Entra) -> CredentialsError:
        """MSAL is content with an answer that is not what was asked for."""
        if isinstance(answer.get("error"), str):
            return self._refusal(answer, entra)
        return self._failed(f"the answer of {entra.address} holds no {missing}", entra)

    def _failure(self, error: Exception, entra: Entra) -> CredentialsError:
        """No token and no OAuth answer: what happened instead."""
        if isinstance(entra.said.get("error"), str):
            return self._refusal(entra.said, entra)
        if isinstance(error, (NotSent, Lost)):
            text = self._shown(str(error))
            hint = unreachable_hint(text, self._authority, "authority_url", sent=isinstance(error, Lost))
            return CredentialsError(f"The sign-in at {self._authority} failed: {text}.", hint=hint)
        if isinstance(error, StopRequested):
            return SignInStopped("The run was asked to stop during the sign-in.")
        # A success is never quoted: it may hold tokens that are not known yet, and so not redacted.
        if entra.last is not None and entra.is_garbled(error):
            return self._failed(f"the answer of {entra.address} could not be understood", entra)
        return self._failed(f"{type(error).__name__}: {self._shown(str(error))}", entra)

    def _failed(self, what: str, entra: Entra) -> CredentialsError:
        """``what``: of an answer that is a success, or of none."""
        status, pause = entra.failed_with, None
        if status is not None:
            fault = entra.fault(self._redactor.scrub)
            pause = fault.retry_after
            what = f"{entra.address} answered {status}: {(fault.description or 'nothing').rstrip('.')}"
        return CredentialsError(
            f"The sign-in at {self._authority} failed: {what}.{asked_pause(pause)}",
            hint=sign_in_hint(status),
            status=status,
            retry_after=pause,
        )

    def _text(self, value: t.Any) -> str | None:
        return self._shown(value) if isinstance(value, str) else None

    def _shown(self, text: str) -> str:
        return decode.excerpt(text, self._redactor.scrub).rstrip(".")


def _silence_msal() -> None:
    # MSAL logs whole token answers that it cannot parse, and Python prints on stderr what has no handler.
    logging.getLogger("msal").setLevel(logging.CRITICAL + 1)
