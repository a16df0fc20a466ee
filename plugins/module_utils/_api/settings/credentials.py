# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Which credentials are meant: from what the user gave and what the environment holds, without any I/O.

A *way* is how the client proves itself: access token, secret, certificate, federated token. ``refresh_token`` is the
user's part and goes with any of the last three, or with none (a public client).
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field, replace

from ..._common.case import is_guid
from ..errors import CredentialsError
from . import options
from .options import Source

Mode = t.Literal["app_only", "app_user", "unknown"]

WAYS = ("access_token", "client_secret", "client_certificate_path", "federated_token_file")
AZURE_FEDERATED_TOKEN_FILE = "AZURE_FEDERATED_TOKEN_FILE"

_PASSPHRASE = "client_certificate_passphrase"
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Credentials:
    """
    What to sign in with. Exactly one way is set, or none beside a refresh token (public client).
    ``federated_token_file_name`` is what the user called that option: itself, or a variable.
    """

    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    client_certificate_path: str | None = None
    client_certificate_passphrase: str | None = field(default=None, repr=False)
    federated_token_file: str | None = None
    refresh_token: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    federated_token_file_name: str = field(default="federated_token_file", repr=False, compare=False)

    @property
    def mode(self) -> Mode:
        """``unknown`` for a ready access token: whether it is a user's is not guessed."""
        if self.access_token is not None:
            return "unknown"
        return "app_only" if self.refresh_token is None else "app_user"

    @property
    def proves_client(self) -> bool:
        """Whether the application can prove itself; a public client cannot."""
        return any((self.client_secret, self.client_certificate_path, self.federated_token_file))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must never be shown."""
        held = (self.client_secret, self.client_certificate_passphrase, self.refresh_token, self.access_token)
        return tuple(value for value in held if value is not None)


def resolve(explicit: t.Mapping[str, t.Any], environment: t.Mapping[str, str], *, alone: bool = False) -> Credentials:
    """
    The credentials that are meant.

    ``explicit`` holds options by name, absent or None where not given; ``environment`` is like ``os.environ``.
    One way given explicitly silences the ways of the environment; ``AZURE_FEDERATED_TOKEN_FILE`` counts only where
    no way is given at all. ``alone``: tenant and application are enough, because the user's token comes from elsewhere
    (a public client at its first sign-in, or after it). Raises :class:`CredentialsError`, naming the options, for
    contradictions within a source, for missing parts, and for values that cannot be right.
    """
    given, around = Source(explicit, False), Source(environment, True)
    chosen = _choose(given, around, environment)
    if chosen.access_token is None:
        _require_application(chosen, alone)
    return chosen


def nothing_given() -> CredentialsError:
    """There is nothing to sign in with."""
    return CredentialsError(
        "No credentials are given.",
        hint=f"Give tenant_id, client_id and one of {', '.join(WAYS[1:])} or refresh_token; or give access_token. "
        f"Each can also come from the environment ({options.variable('tenant_id')}, …).",
    )


def _choose(given: Source, around: Source, environment: t.Mapping[str, str]) -> Credentials:
    way_source, way = _way(given, around)
    credentials = Credentials(
        tenant_id=_first(options.given_text, given, around, "tenant_id"),
        client_id=_first(options.given_text, given, around, "client_id"),
    )
    _check_ids(credentials)
    if way == "access_token":
        _check_nothing_beside_access_token(way_source, given)
        return replace(credentials, access_token=options.token(way_source, "access_token"))
    credentials = replace(credentials, refresh_token=_first(options.token, given, around, "refresh_token"))
    if way == "client_secret":
        credentials = replace(credentials, client_secret=options.secret(way_source, way))
    elif way == "client_certificate_path":
        credentials = replace(credentials, client_certificate_path=options.given_text(way_source, way))
    elif way == "federated_token_file":
        path = options.given_text(way_source, way)
        credentials = replace(credentials, federated_token_file=path, federated_token_file_name=way_source.name(way))
    elif environment.get(AZURE_FEDERATED_TOKEN_FILE):
        path = environment[AZURE_FEDERATED_TOKEN_FILE]
        credentials = replace(
            credentials, federated_token_file=path, federated_token_file_name=AZURE_FEDERATED_TOKEN_FILE
        )
    return replace(credentials, client_certificate_passphrase=_passphrase(given, around, way_source, way))


def _way(given: Source, around: Source) -> tuple[Source, str | None]:
    """The one way that counts, and the source it comes from."""
    for source in (given, around):
        if source is around and given.get("refresh_token") is not None and _only_access_token(source):
            continue  # a user's token that was asked for explicitly beats a ready token lying around
        ways = [way for way in WAYS if source.get(way) is not None]
        if len(ways) > 1:
            named = " and ".join(source.name(way) for way in ways)
            raise CredentialsError(f"{named} contradict each other: give only one way of signing in.")
        if ways:
            return source, ways[0]
    return given, None


def _only_access_token(source: Source) -> bool:
    return [way for way in WAYS if source.get(way) is not None] == ["access_token"]


def _check_nothing_beside_access_token(source: Source, given: Source) -> None:
    if source.get("refresh_token") is not None:
        named = f"{source.name('access_token')} and {source.name('refresh_token')}"
        raise CredentialsError(f"{named} contradict each other: an access token is used as it is.")
    for other in (source, given):
        if other.get(_PASSPHRASE) is not None:
            raise CredentialsError(_lone_passphrase(other))


def _passphrase(given: Source, around: Source, way_source: Source, way: str | None) -> str | None:
    """The certificate's passphrase; one in the environment belongs to the certificate there, if there is one."""
    if way == "client_certificate_path":
        if given.get(_PASSPHRASE) is not None:
            return options.secret(given, _PASSPHRASE)
        foreign = way_source is given and around.get(way) not in {None, given.get(way)}
        return None if foreign else options.secret(around, _PASSPHRASE)
    for source in (given, around):
        silenced = source is around and way_source is given and way is not None
        if source.get(_PASSPHRASE) is not None and not silenced:
            raise CredentialsError(_lone_passphrase(source))
    return None


def _lone_passphrase(source: Source) -> str:
    return f"{source.name(_PASSPHRASE)} is given without {source.name('client_certificate_path')}."


def _require_application(credentials: Credentials, alone: bool) -> None:
    if not (credentials.proves_client or credentials.refresh_token or alone):
        raise nothing_given()
    missing = [name for name in ("tenant_id", "client_id") if getattr(credentials, name) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        variables = ", ".join(options.variable(name) for name in missing)
        raise CredentialsError(f"{' and '.join(missing)} {verb} missing.", hint=f"Environment: {variables}.")


def _check_ids(credentials: Credentials) -> None:
    tenant, client = credentials.tenant_id, credentials.client_id
    if tenant is not None and not (is_guid(tenant) or _DOMAIN.fullmatch(tenant)):
        raise CredentialsError("tenant_id must be a GUID or a domain such as contoso.onmicrosoft.com.")
    if client is not None and not is_guid(client):
        raise CredentialsError("client_id must be a GUID: the application id.")


def _first(read: t.Callable[[Source, str], str | None], given: Source, around: Source, option: str) -> str | None:
    """The explicit value, else the environment's; the environment is not looked at where the option is given."""
    value = read(given, option)
    return read(around, option) if value is None else value
