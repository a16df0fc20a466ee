# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. All connection options in one pure function, for the modules and the inventory plugin alike."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..errors import CredentialsError
from . import credentials as _credentials
from . import options
from .clouds import CLOUDS, DEFAULT_CLOUD, Cloud
from .credentials import Credentials
from .options import Source

DEFAULT_TIMEOUT = 60
DEFAULT_RETRIES = 5
DEFAULT_LOCALE = "en-US"

_LOCALE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")
_Value = t.TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """
    How to reach Partner Center.

    ``validate_certs`` is None where it is not given; ``timeout`` is in seconds, for connecting and the whole answer;
    ``retries`` counts the tries after the first; ``requests_per_minute`` is an upper bound for the process.
    """

    credentials: Credentials
    cloud: str = DEFAULT_CLOUD
    api_url: str = CLOUDS[DEFAULT_CLOUD].api_url
    authority_url: str = CLOUDS[DEFAULT_CLOUD].authority_url
    validate_certs: bool | None = None
    ca_path: str | None = None
    timeout: int = DEFAULT_TIMEOUT
    retries: int = DEFAULT_RETRIES
    locale: str = DEFAULT_LOCALE
    token_cache_path: str | None = None
    requests_per_minute: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def resource(self) -> str:
        """What tokens are issued for: the cloud's own, whatever address the API is reached at."""
        return CLOUDS[self.cloud].resource


def resolve_connection(
    explicit: t.Mapping[str, t.Any], environment: t.Mapping[str, str], *, first_sign_in: bool = False
) -> ConnectionSettings:
    """
    The connection that is meant; an explicit value wins over the environment's for every option.

    ``explicit`` holds options by name (absent or None: not given; other keys are ignored), ``environment`` is like
    ``os.environ``. ``first_sign_in``: a person is about to sign in, so that the application's ids are enough, and an
    access token is not looked at. Raises :class:`CredentialsError` naming the option. ``warnings`` of the result are
    for the user.
    """
    if first_sign_in:
        explicit = {name: value for name, value in explicit.items() if name != "access_token"}
        environment = {name: value for name, value in environment.items() if name != options.variable("access_token")}
    given, around = Source(explicit, False), Source(environment, True)

    def first(read: t.Callable[[Source], _Value | None]) -> _Value | None:
        value = read(given)
        return read(around) if value is None else value

    cloud = first(_cloud) or CLOUDS[DEFAULT_CLOUD]
    timeout = first(lambda source: options.integer(source, "timeout", at_least=1, at_most=3600))
    retries = first(lambda source: options.integer(source, "retries", at_least=0, at_most=100))
    cache = first(lambda source: options.given_text(source, "token_cache_path"))
    return ConnectionSettings(
        # A first sign-in may have left the user's token in the cache.
        credentials=_credentials.resolve(explicit, environment, alone=first_sign_in or cache is not None),
        cloud=cloud.name,
        api_url=first(lambda source: options.origin(source, "api_url", also_path="/v1")) or cloud.api_url,
        authority_url=first(lambda source: options.origin(source, "authority_url")) or cloud.authority_url,
        validate_certs=first(lambda source: options.boolean(source, "validate_certs")),
        ca_path=first(lambda source: options.given_text(source, "ca_path")),
        timeout=DEFAULT_TIMEOUT if timeout is None else timeout,
        retries=DEFAULT_RETRIES if retries is None else retries,
        locale=first(_locale) or DEFAULT_LOCALE,
        token_cache_path=cache,
        requests_per_minute=options.integer(given, "requests_per_minute", at_least=1, at_most=1_000_000),
        warnings=(cloud.warning,) if cloud.warning else (),
    )


def _cloud(source: Source) -> Cloud | None:
    name = options.given_text(source, "cloud")
    if name is None:
        return None
    if name not in CLOUDS:
        raise CredentialsError(f"{source.name('cloud')} must be one of {', '.join(CLOUDS)}.")
    return CLOUDS[name]


def _locale(source: Source) -> str | None:
    value = options.given_text(source, "locale")
    if value is not None and not _LOCALE.fullmatch(value):
        raise CredentialsError(f"{source.name('locale')} must be a locale such as en-US.")
    return value
