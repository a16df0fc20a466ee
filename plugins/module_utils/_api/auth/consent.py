# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The first sign-in of a person, in two steps with a person between them: what to do, and what came of it.

What the second step has to know of the first is kept in a file of mode 0600: it holds the secret half of PKCE, or the
device code. Microsoft: "Enable the Secure Application Model"; RFC 7636 (PKCE), RFC 8252 (loopback), RFC 8628 (devices).
"""

from __future__ import annotations

import json
import typing as t
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from ..._common import private_file
from ..._common.redaction import Redactor
from ..._common.surroundings import Surroundings
from ..errors import CredentialsError, SignInStopped
from .sign_in import TOKEN, Grant, SignIn

if t.TYPE_CHECKING:
    from ..settings.connection import ConnectionSettings

Method = t.Literal["authorization_code", "device_code"]

METHODS: t.Final[tuple[Method, ...]] = ("authorization_code", "device_code")
STEP_FORMAT = 1

#: What a person needs, and what is asked with until the code was entered.
_DEVICE = ("user_code", "verification_uri", "device_code")
_AGAIN = "Begin the sign-in again."
#: What Entra's redirect may carry, and what is taken from it.
_ANSWER = ("code", "state", "error", "error_description", "error_uri", "client_info")


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that a person has to go on with. ``flow`` is MSAL's, with the secret half."""

    method: Method
    flow: t.Mapping[str, t.Any] = field(repr=False)

    @property
    def state(self) -> str:
        return str(self.flow.get("state", ""))

    @property
    def redirect_uri(self) -> str:
        return str(self.flow.get("redirect_uri", ""))


class Consent:
    """The two steps. Raises :class:`CredentialsError` with what Entra said and what helps."""

    def __init__(
        self, settings: ConnectionSettings, sign_in: SignIn, surroundings: Surroundings, redactor: Redactor
    ) -> None:
        credentials = settings.credentials
        self._connection = {
            "tenant_id": credentials.tenant_id,
            "client_id": credentials.client_id,
            "authority_url": settings.authority_url,
            "resource": settings.resource,
        }
        self._scopes = [f"{settings.resource}/user_impersonation"]
        self._sign_in = sign_in
        self._surroundings = surroundings
        self._redactor = redactor

    def begin(self, method: Method, redirect_uri: str) -> Begun:
        """Asks Entra for the way of this sign-in."""
        if method == "device_code":
            flow = self._sign_in.ask(lambda app: app.initiate_device_flow(self._scopes), _DEVICE, public=True)
        else:
            flow = self._sign_in.ask(lambda app: self._code_flow(app, redirect_uri), ["auth_uri"])
        self._hide(flow)
        return Begun(method, flow)

    def finish(self, begun: Begun, answer: t.Mapping[str, str]) -> Grant:
        """Redeems the code that came back from the sign-in page; the answer to another sign-in is refused."""
        self._redactor.add(answer.get("code"))
        if answer.get("state") != begun.state:
            raise CredentialsError(
                "The answer belongs to another sign-in than the one that was begun: its state differs.", hint=_AGAIN
            )
        given = dict(answer)
        return self._granted(
            self._sign_in.ask(lambda app: app.acquire_token_by_auth_code_flow(dict(begun.flow), given), TOKEN)
        )

    def wait_for_device(self, begun: Begun, timeout: float) -> Grant:
        """Asks until somebody has entered the code, ``timeout`` seconds have passed, or the run is asked to stop."""
        around = self._surroundings
        deadline = around.clock() + timeout

        def is_over(flow: t.Mapping[str, t.Any]) -> bool:
            is_late = around.clock() >= deadline or float(flow.get("expires_at", 0)) < around.wall()
            return is_late or around.must_stop()

        try:
            result = self._sign_in.ask(
                lambda app: app.acquire_token_by_device_flow(dict(begun.flow), exit_condition=is_over),
                TOKEN,
                public=True,
            )
        except CredentialsError as error:
            if error.error not in {"authorization_pending", "slow_down"}:
                raise
            if around.must_stop():
                raise SignInStopped(
                    "The run was asked to stop before anybody had entered the code.", hint=_AGAIN
                ) from None
            raise CredentialsError("Nobody has entered the code in time.", hint=_AGAIN) from None
        return self._granted(result)

    def save(self, begun: Begun, path: Path) -> None:
        """For the second step, by whichever process does it."""
        content = {"format": STEP_FORMAT, "method": begun.method, "connection": self._connection, "flow": begun.flow}
        try:
            private_file.make_folder(path.parent)
            private_file.replace(path, json.dumps(content))
        except OSError as error:
            raise CredentialsError(f"flow_path: {path} cannot be written: {error.strerror or error}.") from None

    def load(self, path: Path) -> Begun:
        """What :meth:`save` left. Refuses the sign-in of another connection."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CredentialsError(f"flow_path: {path} is not there: no sign-in was begun.", hint=_AGAIN) from None
        except OSError as error:
            raise CredentialsError(f"flow_path: {path} cannot be read: {error.strerror or error}.") from None
        except (ValueError, RecursionError):
            content = None
        known = content if isinstance(content, dict) else {}
        method, flow = known.get("method"), known.get("flow")
        if known.get("format") != STEP_FORMAT or method not in METHODS or not isinstance(flow, dict):
            raise CredentialsError(f"flow_path: {path} holds no sign-in that was begun.", hint=_AGAIN)
        if known.get("connection") != self._connection:
            raise CredentialsError(
                f"flow_path: {path} holds the sign-in of another tenant_id, client_id, cloud or authority_url.",
                hint=_AGAIN,
            )
        self._hide(flow)
        return Begun(t.cast(Method, method), flow)

    def _code_flow(self, app: t.Any, redirect_uri: str) -> t.Any:
        with warnings.catch_warnings():
            # MSAL would rather have the answer in a form; but then no address could be pasted.
            warnings.simplefilter("ignore")
            return app.initiate_auth_code_flow(self._scopes, redirect_uri=redirect_uri, prompt="select_account")

    def _granted(self, result: t.Mapping[str, t.Any]) -> Grant:
        grant = self._sign_in.grant(result)
        self._redactor.add(grant.access_token)
        self._redactor.add(grant.refresh_token)
        if grant.refresh_token is None:
            raise CredentialsError(
                "The sign-in succeeded, but Entra gave no refresh token.",
                hint="Check that the application may ask for offline_access.",
            )
        return grant

    def _hide(self, flow: t.Mapping[str, t.Any]) -> None:
        for name in ("code_verifier", "device_code", "nonce"):
            value = flow.get(name)
            self._redactor.add(value if isinstance(value, str) else None)


def answer_in(query: str) -> dict[str, str]:
    """What a redirect's query (or form) holds for us; empty where it is no answer of a sign-in page."""
    found = {name: value for name, value in parse_qsl(query) if name in _ANSWER}
    return found if "code" in found or "error" in found else {}


def pasted(address: str) -> dict[str, str]:
    """The answer in the address that a person has copied from the browser, line breaks and all."""
    try:
        parts = urlsplit("".join(address.split()))
    except ValueError:
        parts = urlsplit("")
    found = answer_in(parts.query) or answer_in(parts.fragment)
    if not found:
        raise CredentialsError(
            "redirect_address holds neither a code nor an error of the sign-in page.",
            hint="Copy the whole address from the browser's address bar after the sign-in; put it in quotes.",
        )
    return found
