# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. One connection option at a time: where its value comes from, and whether it is one.

A source is a mapping of option names to values: what was given in the task, ``module_defaults`` or the inventory file
(``explicit``), or the environment. The functions are pure; they raise :class:`CredentialsError` naming the option.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..._common.redaction import SHORTEST_SECRET, is_redacted
from ..errors import CredentialsError

ENVIRONMENT_PREFIX = "PARTNER_CENTER_"

_TRUE = frozenset({"y", "yes", "on", "1", "true", "t", "1.0"})
_FALSE = frozenset({"n", "no", "off", "0", "false", "f", "0.0"})
_WHITE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")


def variable(option: str) -> str:
    """``client_id`` is ``PARTNER_CENTER_CLIENT_ID`` in the environment."""
    return ENVIRONMENT_PREFIX + option.upper()


@dataclass(frozen=True, slots=True)
class Source:
    """One source of options. ``name()`` is what the user called the option there: itself, or the variable."""

    values: t.Mapping[str, t.Any]
    is_environment: bool

    def name(self, option: str) -> str:
        return variable(option) if self.is_environment else option

    def get(self, option: str) -> t.Any:
        """The value, or None where it is not given; an empty variable counts as not given."""
        value = self.values.get(self.name(option))
        return None if self.is_environment and value == "" else value


def given_text(source: Source, option: str) -> str | None:
    """A non-empty string that was not redacted on its way here, or None where it is not given."""
    value = source.get(option)
    if value is None:
        return None
    name = source.name(option)
    if not isinstance(value, str):
        raise CredentialsError(f"{name} must be a string, not {type(value).__name__}.")
    if not value.strip():
        raise CredentialsError(f"{name} is empty: give a value or leave it out.")
    if "\0" in value:
        raise CredentialsError(f"{name} holds a NUL character.")
    if is_redacted(value):
        raise CredentialsError(f"{name} is a redacted value, not the value itself.")
    return value


def secret(source: Source, option: str) -> str | None:
    """As :func:`given_text`, and so long that redacting it eats no ordinary text. The value is never in the message."""
    value = given_text(source, option)
    if value is None:
        return None
    name = source.name(option)
    if len(value) < SHORTEST_SECRET:
        raise CredentialsError(f"{name} is shorter than {SHORTEST_SECRET} characters, which no secret of Entra is.")
    if value != value.strip():
        raise CredentialsError(f"{name} begins or ends with white space (a line break at the end of a file?).")
    return value


def token(source: Source, option: str) -> str | None:
    """As :func:`secret`; a token has no white space at all, so that it can stand in a header."""
    value = secret(source, option)
    if value is not None and _WHITE_OR_CONTROL.search(value):
        raise CredentialsError(f"{source.name(option)} holds white space or control characters; a token has none.")
    return value


def boolean(source: Source, option: str) -> bool | None:
    value = source.get(option)
    if value is None or isinstance(value, bool):
        return value
    lowered = value.strip().lower() if isinstance(value, str) else value
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise CredentialsError(f"{source.name(option)} must be true or false.")


def integer(source: Source, option: str, *, at_least: int, at_most: int) -> int | None:
    """An integer, or a string of digits (templates make them); booleans and floats are refused."""
    value = source.get(option)
    if value is None:
        return None
    name = source.name(option)
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise CredentialsError(f"{name} must be an integer.")
    if not at_least <= value <= at_most:
        raise CredentialsError(f"{name} must be from {at_least} to {at_most}, not {value}.")
    return value


def origin(source: Source, option: str, *, also_path: str | None = None) -> str | None:
    """``https://host[:port]`` in normal form. Anything else is refused: tokens travel to this address."""
    value = given_text(source, option)
    if value is None:
        return None
    name = source.name(option)
    try:
        parts = urlsplit(value.strip())
        port = parts.port
    except ValueError:
        raise CredentialsError(f"{name} is not a valid address.") from None
    if parts.scheme.lower() != "https":
        raise CredentialsError(f"{name} must begin with https://, since tokens travel to it.")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise CredentialsError(f"{name} must name a host, without user name or password.")
    if _WHITE_OR_CONTROL.search(parts.netloc) or "\\" in value:
        raise CredentialsError(f"{name} is not a valid address.")
    path = parts.path.rstrip("/").lower()
    if parts.query or parts.fragment or (path and path != also_path):
        raise CredentialsError(f"{name} must be only https://host or https://host:port, without path or query.")
    host = parts.hostname.lower()
    host = f"[{host}]" if ":" in host else host
    return f"https://{host}" if port in {None, 443} else f"https://{host}:{port}"
