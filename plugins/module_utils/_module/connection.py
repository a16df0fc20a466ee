# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The connection options of every module, and the client that they make."""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from .._api.auth.claims import claims
from .._api.session import what_is_missing
from .._api.settings.clouds import CLOUDS
from .._api.settings.connection import ConnectionSettings, resolve_connection
from .._common.case import is_guid
from .._common.redaction import SHORTEST_SECRET

#: How to reach Partner Center. No fallbacks and no defaults here: the client resolves the environment and the defaults,
#: because which of its values count depends on which others the task gives.
CONNECTION: t.Final[t.Mapping[str, t.Mapping[str, t.Any]]] = {
    "tenant_id": {"type": "str"},
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    "client_certificate_path": {"type": "path"},
    "client_certificate_passphrase": {"type": "str", "no_log": True},
    "federated_token_file": {"type": "path", "no_log": False},
    "refresh_token": {"type": "str", "no_log": True},
    "access_token": {"type": "str", "no_log": True},
    "token_cache_path": {"type": "path", "no_log": False},
    "cloud": {"type": "str", "choices": list(CLOUDS)},
    "api_url": {"type": "str"},
    "authority_url": {"type": "str"},
    "validate_certs": {"type": "bool"},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int"},
    "retries": {"type": "int"},
    "locale": {"type": "str"},
}


#: Upper bound of the pace, an option of the modules that send many requests.
PACE: t.Final = "requests_per_minute"


def connection(module: AnsibleModule, *, first_sign_in: bool = False) -> ConnectionSettings:
    """
    What the task and the environment say of the connection; raises CredentialsError naming the option.

    ``first_sign_in`` as in ``resolve_connection``.
    """
    for name, spec in CONNECTION.items():
        # Ansible would redact so short a secret out of the very words that refuse it.
        value = module.params.get(name)
        if spec.get("no_log") and isinstance(value, str) and len(value) < SHORTEST_SECRET:
            module.no_log_values.discard(value)
    given = {name: module.params.get(name) for name in (*CONNECTION, PACE)}
    settings = resolve_connection(given, os.environ, first_sign_in=first_sign_in)
    missing = what_is_missing(sign_in=settings.credentials.access_token is None)
    if missing is not None:
        module.fail_json(msg=missing)
    for warning in settings.warnings:
        module.warn(warning)
    return settings


def partner_tenant(settings: ConnectionSettings) -> str | None:
    """The partner's tenant; a ready access token names it itself."""
    token = settings.credentials.access_token
    return settings.credentials.tenant_id or (claims(token).get("tid") if token is not None else None)


def tenant_domain(settings: ConnectionSettings) -> str | None:
    """
    The domain by which the partner's tenant was named to sign in, if it was: a name that people know, which costs no
    request. A ready access token may be another tenant's.
    """
    given = settings.credentials.tenant_id
    return None if given is None or is_guid(given) or settings.credentials.access_token is not None else given


#: option -> what to do about it
_ADVICE: t.Final[t.Mapping[str, str]] = {
    "client_certificate_passphrase": "Encrypt the key in client_certificate_path with another passphrase, a long and "
    "random one, for example with openssl pkcs8 -topk8, and give that.",
    "client_secret": "Create another client secret for the application in Entra, and give that.",
    "refresh_token": "Sign in again for another refresh token.",
    "access_token": "Use another access token.",
}


def exposure_warnings(settings: ConnectionSettings, shown: t.Any) -> list[str]:
    """
    A warning for each credential that is part of a text in what is shown, naming the option and not its value.

    A passphrase may be a customer's name, too. Ansible redacts it wherever it is, and nobody could tell why a name is
    missing.
    """
    credentials = {name: getattr(settings.credentials, name) for name in _ADVICE}
    given = {name: value for name, value in credentials.items() if value}
    places: dict[str, str] = {}
    for place, text in _texts(shown, ""):
        for name, value in given.items():
            if value in text:
                places.setdefault(name, place)
    return [
        f"The value of {name} occurs in the data of the fleet ({place}). Ansible shows ******** in its place, in "
        f"results, plan files and reports, and a plan with that cannot be applied. {_ADVICE[name]}"
        for name, place in places.items()
    ]


def _texts(value: t.Any, place: str) -> t.Iterator[tuple[str, str]]:
    """Every text, with the key that it is under."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, t.Mapping):
        for name, item in value.items():
            yield from _texts(item, str(name))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item, place)
