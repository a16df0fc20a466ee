# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of Entra that MSAL talks to: discovery, keys, tokens (v1 and v2), device codes."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .clients import Clients
from .entra_errors import USER_ERRORS, EntraError
from .grants import Grants
from .ids import new_guid
from .keys import Keys
from .tokens import OTHER_RESOURCES, RESOURCES
from .world import World

_OPENID = ("openid", "profile", "offline_access", "email")


class Entra:
    def __init__(
        self,
        world: World,
        clients: Clients,
        grants: Grants,
        keys: Keys,
        user: dict[str, str],
        names: tuple[str, ...] = (),
    ) -> None:
        self.names = names
        self.world = world
        self.clients = clients
        self.grants = grants
        self.user = user
        self._keys = keys

    def tenant(self, request: Request) -> str:
        """The tenant in the path, as its GUID.

        :raises EntraError: for a tenant that is not the partner's
        """
        given = request.path_params["tenant"].lower()
        if given not in (self.world.fleet.tenant_id, self.domain, "common", "organizations"):
            raise EntraError(90002, f"Tenant '{given}'.")
        return self.world.fleet.tenant_id

    @property
    def domain(self) -> str:
        return "adatumdistribution.onmicrosoft.com"

    def origin(self, request: Request) -> str:
        """The address under which a client came, where it is a name that the emulator was given."""
        host = request.headers.get("host", "")
        return f"https://{host}" if host.rpartition(":")[0] in self.names or host in self.names else self.world.base_url

    def issuer(self, v2: bool, origin: str = "") -> str:
        return f"{origin or self.world.base_url}/{self.world.fleet.tenant_id}/" + ("v2.0" if v2 else "")

    async def discovery(self, request: Request) -> Response:
        self.tenant(request)
        v2 = "/v2.0/" in request.url.path
        root = f"{self.origin(request)}/{request.path_params['tenant']}"
        path = "/oauth2/v2.0" if v2 else "/oauth2"
        return JSONResponse(
            {
                "issuer": self.issuer(v2, self.origin(request)),
                "authorization_endpoint": f"{root}{path}/authorize",
                "token_endpoint": f"{root}{path}/token",
                "device_authorization_endpoint": f"{root}{path}/devicecode",
                "end_session_endpoint": f"{root}{path}/logout",
                "jwks_uri": f"{root}/discovery/v2.0/keys",
                "response_types_supported": ["code", "id_token", "code id_token"],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": list(_OPENID),
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "client_secret_basic",
                    "private_key_jwt",
                ],
                "tenant_region_scope": "NA",
            }
        )

    async def instance_discovery(self, request: Request) -> Response:
        origin = self.origin(request)
        root = f"{origin}/{self.world.fleet.tenant_id}"
        host = origin.removeprefix("https://")
        return JSONResponse(
            {
                "tenant_discovery_endpoint": f"{root}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
            }
        )

    async def jwks(self, request: Request) -> Response:
        numbers: RSAPublicNumbers = self._keys.token_key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "kid": self._keys.kid, "n": _number(numbers.n), "e": _number(numbers.e)}
        return JSONResponse({"keys": [key]})

    async def devicecode(self, request: Request) -> Response:
        tenant = self.tenant(request)
        form = await read_form(request)
        self.clients.authenticate(form, ())
        self.refuse_by_switch(is_user=True)
        code, device = self.grants.new_device(form["client_id"].lower())
        address = f"{self.world.base_url}/{tenant}/oauth2/deviceauth"
        return JSONResponse(
            {
                "user_code": device.user_code,
                "device_code": code,
                "verification_uri": address,
                "verification_url": address,
                "expires_in": 900,
                "interval": self.world.switches["device_code_interval"],
                "message": f"To sign in, use a web browser to open the page {address} "
                f"and enter the code {device.user_code} to authenticate.",
            }
        )

    async def token(self, request: Request) -> Response:
        self.tenant(request)
        form = _with_basic(await read_form(request), request.headers.get("authorization", ""))
        v2 = "/v2.0/" in request.url.path
        audiences = tuple(
            f"{origin}/{request.path_params['tenant']}{path}"
            for origin in dict.fromkeys((self.world.base_url, self.origin(request)))
            for path in ("/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "", "/")
        )
        confidential = self.clients.authenticate(form, audiences)
        grant = form.get("grant_type", "").removeprefix("urn:ietf:params:oauth:grant-type:")
        is_user = grant != "client_credentials"
        self.refuse_by_switch(is_user)
        self.world.journal.tokens += 1
        return JSONResponse(
            self._granted(form, grant, confidential, v2), headers={"Cache-Control": "no-store", "Pragma": "no-cache"}
        )

    def _granted(self, form: dict[str, str], grant: str, confidential: bool, v2: bool) -> dict[str, Any]:
        client_id = form["client_id"].lower()
        resource = self.resource(form, v2)
        if grant == "client_credentials":
            if not confidential:
                raise EntraError(7000218)
            if v2 and not form.get("scope", "").endswith("/.default"):
                raise EntraError(70011, f"{form.get('scope')}.")
            return self._answer(form, resource, v2, None)
        public = not confidential
        if public and client_id != self.clients.public_id and not self.world.switches["allow_public_client"]:
            raise EntraError(7000218)
        nonce = ""
        if grant == "refresh_token":
            known = self.grants.use_refresh_token(form.get("refresh_token", ""), client_id)
            if public and not known.public:
                raise EntraError(7000218)
        elif grant == "authorization_code":
            code = self.grants.use_code(
                form.get("code", ""), client_id, form.get("redirect_uri", ""), form.get("code_verifier", "")
            )
            if public and not code.challenge:
                raise EntraError(7000218)
            nonce = code.nonce
        elif grant == "device_code":
            self.grants.poll_device(form.get("device_code") or form.get("code", ""), client_id)
        else:
            raise EntraError(70003, f"'{grant}'.")
        return self._answer(form, resource, v2, self.user, self._next_refresh_token(form, client_id, public), nonce)

    def _next_refresh_token(self, form: dict[str, str], client_id: str, public: bool) -> str:
        given = form.get("refresh_token", "")
        if given and not self.world.switches["refresh_token_rotation"]:
            return given
        if given:
            public = self.grants.refresh_tokens[given].public
        return self.grants.new_refresh_token(client_id, public)

    def _answer(
        self,
        form: dict[str, str],
        resource: str,
        v2: bool,
        user: dict[str, str] | None,
        refresh: str = "",
        nonce: str = "",
    ) -> dict[str, Any]:
        client_id = form["client_id"].lower()
        token, lifetime = self.world.tokens.issue(resource, client_id, self.issuer(v2), user)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": token,
        }
        if not v2:
            now = int(self.world.clock.timestamp())
            answer |= {"expires_in": str(lifetime), "ext_expires_in": str(lifetime), "resource": resource}
            answer |= {"expires_on": str(now + lifetime), "not_before": str(now)}
        if user is None:
            return answer
        answer |= {"scope": f"{resource}/user_impersonation" if v2 else "user_impersonation", "refresh_token": refresh}
        answer["id_token"] = self.world.tokens.id_token(client_id, self.issuer(v2), user, nonce)
        if form.get("client_info"):
            info = json.dumps({"uid": user["oid"], "utid": self.world.fleet.tenant_id})
            answer["client_info"] = base64.urlsafe_b64encode(info.encode()).decode().rstrip("=")
        return answer

    def resource(self, form: dict[str, str], v2: bool) -> str:
        """Whom the token is for: ``resource`` in v1, the scopes' host in v2.

        :raises EntraError: for a missing scope or an unknown resource
        """
        if not v2:
            resource = form.get("resource", "").rstrip("/")
        else:
            scopes = [scope for scope in form.get("scope", "").split() if scope.lower() not in _OPENID]
            # A code or refresh token may be redeemed without naming the resource again.
            if not scopes and form.get("grant_type", "") != "client_credentials":
                return RESOURCES[0]
            if not scopes:
                raise EntraError(70011)
            resource = scopes[0].rpartition("/")[0].rstrip("/")
        if resource not in RESOURCES + OTHER_RESOURCES:
            raise EntraError(500011, f"Resource '{resource}'.")
        return resource

    def refuse_by_switch(self, is_user: bool) -> None:
        number = self.world.switches["entra_error"].upper().removeprefix("AADSTS")
        if number.isdigit() and (is_user or int(number) not in USER_ERRORS):
            raise EntraError(int(number))


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode().rstrip("=")


def _with_basic(form: dict[str, str], authorization: str) -> dict[str, str]:
    """The form with the client's id and secret from HTTP Basic (RFC 6749: both are form-encoded first).

    :raises EntraError: where the header cannot be read
    """
    scheme, _space, text = authorization.partition(" ")
    if scheme.lower() != "basic":
        return form
    try:
        client_id, colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        colon = ""
    if not colon:
        raise EntraError(90014, "client_id")
    return {**form, "client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


async def read_form(request: Request) -> dict[str, str]:
    """An urlencoded form; of repeated fields the last one counts."""
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


def refused(_request: Request | None, error: Exception) -> Response:
    """The answer to a refused sign-in."""
    if not isinstance(error, EntraError):
        raise error
    return JSONResponse(
        error.body(), error.status, headers={"x-ms-request-id": new_guid(), "Cache-Control": "no-store"}
    )
