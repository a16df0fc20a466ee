# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What a token says of itself. Nothing is decided by it: the API is the judge, and the signature is its."""

from __future__ import annotations

import base64
import binascii
import json
import typing as t

from ..._common.case import is_guid


def claims(access_token: str) -> dict[str, t.Any]:
    """The claims of a JSON Web Token, not verified; empty where it is none."""
    parts = access_token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def tenant_of(found: t.Mapping[str, t.Any]) -> str | None:
    """The GUID, in lower case, of the tenant that a token was issued by; None where its claims do not tell."""
    tenant = found.get("tid")
    return tenant.lower() if isinstance(tenant, str) and is_guid(tenant) else None


def proves_mfa(found: t.Mapping[str, t.Any]) -> bool | None:
    """Whether the user signed in with multi-factor authentication, by a token's claims; None where they do not tell."""
    methods = found.get("amr")
    return "mfa" in methods if isinstance(methods, list) else None


def kind_of(found: t.Mapping[str, t.Any]) -> t.Literal["app_only", "app_user"] | None:
    """Whether a token is the application's or a user's, by its claims; None where they do not tell."""
    id_type = found.get("idtyp")
    if isinstance(id_type, str):
        # An optional claim; there are others yet, such as device.
        return "app_only" if id_type == "app" else "app_user" if id_type == "user" else None
    # A user's token has a scope, an application's may have roles instead.
    if isinstance(found.get("scp"), str):
        return "app_user"
    return "app_only" if isinstance(found.get("roles"), list) else None
