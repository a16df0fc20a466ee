# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registered applications and how they prove who they are: secret, certificate or federated token."""

from __future__ import annotations

import base64
import hmac
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from .entra_errors import EntraError
from .keys import Keys, write

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FEDERATION_ISSUER = "https://workload-identity.partner-center-emulator.example"
FEDERATION_SUBJECT = "system:serviceaccount:awx:partner-center"
# Clients date their assertions by their own clocks, to the next second or minute.
LEEWAY_SECONDS = 300
FEDERATION_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True)
class Clients:
    confidential_id: str
    public_id: str
    secret: str
    keys: Keys

    def authenticate(self, form: dict[str, str], authority: tuple[str, ...]) -> bool:
        """Check the client; True for a confidential one. ``authority``: audiences that an assertion may have.

        :raises EntraError: for an unknown application or a wrong credential
        """
        client_id = form.get("client_id", "")
        if not client_id:
            raise EntraError(90014, "client_id")
        if client_id.lower() not in (self.confidential_id, self.public_id):
            raise EntraError(700016, f"Application '{client_id}'.")
        if form.get("client_secret"):
            if client_id.lower() != self.confidential_id or not hmac.compare_digest(
                form["client_secret"].encode(), self.secret.encode()
            ):
                raise EntraError(7000215, f"App '{client_id}'.")
            return True
        if form.get("client_assertion"):
            self._check_assertion(form, authority)
            return True
        return False

    def _check_assertion(self, form: dict[str, str], authority: tuple[str, ...]) -> None:
        assertion = form["client_assertion"]
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise EntraError(90014, "client_assertion_type")
        try:
            header, claims = (
                jwt.get_unverified_header(assertion),
                jwt.decode(assertion, options={"verify_signature": False}),
            )
        except jwt.InvalidTokenError as error:
            raise EntraError(700027, str(error)) from None
        if claims.get("iss") == FEDERATION_ISSUER:
            self._check_federated(assertion, claims)
        elif claims.get("iss") == form["client_id"]:
            self._check_certificate(assertion, header, form["client_id"], authority)
        else:
            raise EntraError(700211, f"Assertion issuer '{claims.get('iss')}'.")

    def _check_certificate(
        self, assertion: str, header: dict[str, Any], client_id: str, authority: tuple[str, ...]
    ) -> None:
        certificate = self.keys.client_certificate
        thumbprints = {
            "x5t": _base64(certificate.fingerprint(hashes.SHA1())),  # noqa: S303
            "x5t#S256": _base64(certificate.fingerprint(hashes.SHA256())),
        }
        if not any(header.get(name, "").rstrip("=") == value for name, value in thumbprints.items()):
            raise EntraError(700027, "The thumbprint is not that of a registered certificate.")
        if (
            "x5c" in header
            and _bare(header["x5c"]) != base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
        ):
            raise EntraError(700027, "The certificate in the assertion is another one.")
        claims = self._decode(assertion, certificate.public_key(), ["RS256", "PS256"], authority)
        if claims.get("sub") != client_id or not claims.get("jti"):
            raise EntraError(700027, "sub and jti of the assertion.")

    def _check_federated(self, assertion: str, claims: dict[str, Any]) -> None:
        if claims.get("sub") != FEDERATION_SUBJECT:
            raise EntraError(700213, f"Assertion subject '{claims.get('sub')}'.")
        self._decode(assertion, self.keys.federation_key.public_key(), ["ES256"], (FEDERATION_AUDIENCE,))

    @staticmethod
    def _decode(assertion: str, key: Any, algorithms: list[str], audiences: tuple[str, ...]) -> dict[str, Any]:
        try:
            return jwt.decode(
                assertion,
                key,
                algorithms=algorithms,
                audience=audiences,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "aud"]},
            )
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
            raise EntraError(700024) from None
        except jwt.InvalidTokenError as error:
            raise EntraError(700027, str(error)) from None


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bare(value: str | list[str]) -> str:
    """The first certificate of an x5c header; MSAL leaves the line breaks of the PEM in it."""
    return "".join((value if isinstance(value, str) else value[0]).split())


def write_federated_token(keys: Keys, path: Path) -> None:
    """A token as a workload identity gets it mounted into its file system, good for a year of real time."""
    now = int(time.time())
    claims = {
        "iss": FEDERATION_ISSUER,
        "sub": FEDERATION_SUBJECT,
        "aud": [FEDERATION_AUDIENCE],
        "iat": now,
        "nbf": now - 60,
        "exp": now + 365 * 86400,
    }
    write(path, jwt.encode(claims, keys.federation_key, algorithm="ES256").encode())
