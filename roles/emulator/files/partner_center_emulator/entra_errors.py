# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals of Entra: AADSTS numbers with the OAuth error, the status and the text that goes with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .ids import new_guid

_TABLE: dict[int, tuple[str, int, str]] = {
    50011: (
        "invalid_request",
        400,
        "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
    ),
    50058: (
        "login_required",
        400,
        "A silent sign-in request was sent but no user is signed in.",
    ),
    50076: (
        "invalid_grant",
        400,
        (
            "Due to a configuration change made by your administrator, or because you moved to a new location, "
            "you must use multi-factor authentication to access 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'."
        ),
    ),
    50078: (
        "invalid_grant",
        400,
        (
            "Presented multi-factor authentication has expired due to policies configured by your "
            "administrator, you must refresh your multi-factor authentication to access "
            "'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'."
        ),
    ),
    50126: (
        "invalid_grant",
        400,
        "Error validating credentials due to invalid username or password.",
    ),
    50148: (
        "invalid_grant",
        400,
        "The code_verifier does not match the code_challenge supplied in the authorization request.",
    ),
    50173: (
        "invalid_grant",
        400,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
    ),
    53003: (
        "invalid_grant",
        400,
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    ),
    54005: (
        "invalid_grant",
        400,
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code.",
    ),
    65001: (
        "invalid_grant",
        400,
        (
            "The user or administrator has not consented to use the application. Send an interactive "
            "authorization request for this user and resource."
        ),
    ),
    65004: (
        "access_denied",
        400,
        "User declined to consent to access the app.",
    ),
    70000: (
        "invalid_grant",
        400,
        "The provided value for the input parameter 'refresh_token' or 'code' is not valid.",
    ),
    70003: (
        "unsupported_grant_type",
        400,
        "The app requested an unsupported grant type.",
    ),
    70008: (
        "invalid_grant",
        400,
        (
            "The provided authorization code or refresh token has expired due to inactivity. Send a new "
            "interactive authorization request for this user and resource."
        ),
    ),
    70011: (
        "invalid_scope",
        400,
        "The provided request must include a 'scope' input parameter. The provided value for the scope is not valid.",
    ),
    70016: (
        "authorization_pending",
        400,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    ),
    70018: (
        "bad_verification_code",
        400,
        "Bad verification code received from the user.",
    ),
    70020: (
        "expired_token",
        400,
        "The device code has expired. Please retry with a new device code.",
    ),
    70043: (
        "invalid_grant",
        400,
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
    ),
    90002: (
        "invalid_request",
        400,
        "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    ),
    90014: (
        "invalid_request",
        400,
        "The required field is missing from the credential. Ensure that you have all the necessary parameters.",
    ),
    500011: (
        "invalid_resource",
        400,
        (
            "The resource principal was not found in the tenant. This can happen if the application has not "
            "been installed by the administrator of the tenant."
        ),
    ),
    700016: (
        "unauthorized_client",
        400,
        (
            "Application with this identifier was not found in the directory. This can happen if the "
            "application has not been installed by the administrator of the tenant or consented to by any user "
            "in the tenant."
        ),
    ),
    700024: (
        "invalid_client",
        401,
        "Client assertion is not within its valid time range.",
    ),
    700027: (
        "invalid_client",
        401,
        (
            "The certificate with identifier used to sign the client assertion is not registered on "
            "application, or the signature is not valid."
        ),
    ),
    700082: (
        "invalid_grant",
        400,
        "The refresh token has expired due to inactivity.",
    ),
    700211: (
        "invalid_client",
        401,
        "No matching federated identity record found for presented assertion issuer.",
    ),
    700213: (
        "invalid_client",
        401,
        "No matching federated identity record found for presented assertion subject.",
    ),
    7000112: (
        "unauthorized_client",
        400,
        "The application is disabled.",
    ),
    7000215: (
        "invalid_client",
        401,
        (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
            "value, not the client secret ID."
        ),
    ),
    7000218: (
        "invalid_client",
        401,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    7000222: (
        "invalid_client",
        401,
        "The provided client secret keys for app are expired.",
    ),
}
# Errors that only a user's sign-in can meet.
USER_ERRORS = (50058, 50076, 50078, 50126, 50173, 53003, 65001, 65004, 70000, 70008, 70043, 700082)


@dataclass
class EntraError(Exception):
    number: int
    detail: str = ""

    @property
    def known(self) -> tuple[str, int, str]:
        return _TABLE.get(self.number, ("invalid_request", 400, "The request could not be carried out."))

    @property
    def status(self) -> int:
        return self.known[1]

    def body(self) -> dict[str, Any]:
        """The JSON of a refused token request, with the ids that Microsoft's support asks for."""
        error, _status, text = self.known
        trace, correlation = new_guid(), new_guid()
        stamp = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
        description = f"AADSTS{self.number}: {text}{' ' + self.detail if self.detail else ''}"
        return {
            "error": error,
            "error_description": f"{description} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}",
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
            **({"suberror": "basic_action"} if self.number in (50076, 50078) else {}),
        }
