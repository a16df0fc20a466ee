# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access tokens: signed JWTs with the claims that Entra puts into tokens for Partner Center."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import jwt

from .clock import Clock
from .errors import unauthorized
from .ids import new_guid
from .keys import Keys
from .switches import Switches

if TYPE_CHECKING:
    from jwt.types import Options

RESOURCES = ("https://api.partnercenter.microsoft.com", "https://partner.partnercenterapi.microsoftonline.cn")
# Resources that Entra knows as well; Partner Center refuses their tokens (900420 since August 2025).
OTHER_RESOURCES = ("https://graph.windows.net", "https://graph.microsoft.com", "https://management.azure.com")
_CACHE = 4096


class Tokens:
    """Signs and checks tokens. Times in tokens are the emulator's, so that moving its clock lets them expire."""

    def __init__(self, keys: Keys, clock: Clock, switches: Switches, tenant_id: str) -> None:
        self._keys = keys
        self._clock = clock
        self._switches = switches
        self._tenant_id = tenant_id
        self._checked: dict[str, dict[str, Any]] = {}
        self._number = 0
        self._revoked = 0

    def issue(self, resource: str, client_id: str, issuer: str, user: dict[str, str] | None) -> tuple[str, int]:
        """A token for ``resource`` and its lifetime in seconds; without ``user`` an app-only one."""
        lifetime: int = self._switches["access_token_seconds"]
        now = int(self._clock.timestamp())
        self._number += 1
        claims: dict[str, Any] = {
            "aud": resource,
            "iss": issuer,
            "iat": now,
            "nbf": now - 5,
            "exp": now + lifetime,
            "tid": self._tenant_id,
            "appid": client_id,
            "azp": client_id,
            "ver": "1.0",
            "uti": f"{self._number:08x}{new_guid()[:13]}",
        }
        if user is None:
            claims |= {
                "idtyp": "app",
                "oid": client_id,
                "sub": client_id,
                "appidacr": "1",
                "roles": ["PartnerCenter.ReadWrite"],
            }
        else:
            methods = ["pwd", "mfa"] if self._switches["token_mfa"] else ["pwd"]
            claims |= {
                "idtyp": "user",
                "scp": "user_impersonation",
                "amr": methods,
                "oid": user["oid"],
                "sub": user["oid"],
                "upn": user["username"],
                "unique_name": user["username"],
                "name": user["name"],
            }
        return self.sign(claims), lifetime

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._keys.token_key, algorithm="RS256", headers={"kid": self._keys.kid})

    def id_token(self, client_id: str, issuer: str, user: dict[str, str], nonce: str) -> str:
        """Clients check an id token against their own clock, so this one has real times."""
        now = int(time.time())
        claims = {
            "aud": client_id,
            "iss": issuer,
            "iat": now,
            "nbf": now - 5,
            "exp": now + 3600,
            "tid": self._tenant_id,
            "oid": user["oid"],
            "sub": user["oid"],
            "preferred_username": user["username"],
            "name": user["name"],
            "ver": "2.0",
        }
        return self.sign({**claims, "nonce": nonce} if nonce else claims)

    def expire_all(self) -> None:
        """Every access token issued so far is no longer valid."""
        self._revoked = self._number

    def check(self, header: str) -> dict[str, Any]:
        """The claims of a bearer token.

        :raises Refusal: 401 where it is missing, not ours, expired, for another audience or without MFA
        """
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthorized(800001, "The partner token is missing in the request context.")
        claims = self._checked.get(token) or self._verify(token)
        if claims["exp"] <= self._clock.timestamp() or self._serial(claims) <= self._revoked:
            raise unauthorized(400, "Access denied: the token has expired.")
        if claims["aud"] not in RESOURCES:
            raise unauthorized(900420, f"The token audience '{claims['aud']}' is invalid and no longer supported.")
        if claims.get("idtyp") != "app" and self._switches["mfa_enforcement"] and "mfa" not in claims.get("amr", ()):
            raise unauthorized(900421, "Unauthorized - MFA required.")
        return claims

    @staticmethod
    def _serial(claims: dict[str, Any]) -> int:
        return int(str(claims["uti"])[:8], 16)

    def _verify(self, token: str) -> dict[str, Any]:
        lenient: Options = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
        try:
            claims = jwt.decode(token, self._keys.token_key.public_key(), algorithms=["RS256"], options=lenient)
            claims["exp"], claims["aud"], claims["uti"] = int(claims["exp"]), str(claims["aud"]), str(claims["uti"])
        except (jwt.InvalidTokenError, KeyError, ValueError):
            raise unauthorized(400, "Access denied: the token is not valid.") from None
        if len(self._checked) >= _CACHE:
            self._checked.clear()
        self._checked[token] = claims
        return claims
