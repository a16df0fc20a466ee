# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a control request gives: each field is read by its kind, and what cannot be used is refused in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .clock import parse

# What an answer's header can hold; more would break the answer, and a client with it.
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t -~\xa0-\xff]*")
# The server's own; two of them would contradict each other.
_FRAMING = ("content-length", "transfer-encoding", "connection")
_LONGEST_SHOWN = 80


class GivenError(ValueError):
    """A field that is unknown, or holds what it does not take."""


@dataclass(frozen=True)
class Kind:
    """What a field takes, in words, and how it is read; ``convert`` raises ValueError."""

    takes: str
    convert: Callable[[Any], Any]

    def read(self, name: str, value: Any) -> Any:
        """
        :raises GivenError: for a value that it does not take
        """
        try:
            return self.convert(value)
        except (ValueError, OverflowError):
            raise GivenError(f"{name} takes {self.takes}, not {_shown(value)}") from None

    def or_null(self) -> Kind:
        return Kind(f"{self.takes} or null", lambda value: None if value is None else self.convert(value))


def fields(given: Any, kinds: Mapping[str, Kind], what: str) -> dict[str, Any]:
    """
    The fields of an object that are given; ``what`` names it.

    :raises GivenError: for anything but an object, unknown fields, and values that they do not take
    """
    if not isinstance(given, Mapping):
        raise GivenError(f"{what} is an object, not {_shown(given)}")
    unknown = [name for name in given if name not in kinds]
    if unknown:
        known = f"it takes {', '.join(kinds)}" if kinds else "it takes none"
        raise GivenError(f"{what} has no field {_shown(unknown[0])}; {known}")
    return {name: kinds[name].read(f"{what}: {name}", value) for name, value in given.items()}


def number(low: float, high: float) -> Kind:
    def convert(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise ValueError
        return float(value)

    return Kind(f"a number from {low:g} to {high:g}", convert)


def integer(low: int, high: int) -> Kind:
    """Digits as text count, since the codes of the API are sent either way."""

    def convert(value: Any) -> int:
        if isinstance(value, str) and value.isdecimal() and value.isascii():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError
        return value

    return Kind(f"an integer from {low} to {high}", convert)


def date(earliest: datetime, latest: datetime) -> Kind:
    def convert(value: Any) -> datetime:
        moment = parse(_text(value))
        if not earliest <= moment <= latest:
            raise ValueError
        return moment

    return Kind(f"a date from {earliest.year} to {latest.year}", convert)


def one_of(*values: str) -> Kind:
    def convert(value: Any) -> str:
        if not isinstance(value, str) or value not in values:
            raise ValueError
        return value

    return Kind(" or ".join(values), convert)


def is_text(value: Any) -> bool:
    """Whether it can be written in UTF-8: JSON may hold halves of characters."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _text(value: Any) -> str:
    if not is_text(value):
        raise ValueError
    return str(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def header(value: Any) -> str:
    """
    :raises ValueError: for what cannot stand in a header
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not _HEADER_VALUE.fullmatch(str(value)):
        raise ValueError
    return str(value)


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError
    if not all(_HEADER_NAME.fullmatch(name) and name.lower() not in _FRAMING for name in value):
        raise ValueError
    return {name: header(one) for name, one in value.items()}


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    return value


def _names(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError
    return value


TEXT = Kind("text", _text)
BOOLEAN = Kind("true or false", _boolean)
HEADER = Kind("text of one line", header)
HEADERS = Kind("an object of names and values of headers", _headers)
OBJECT = Kind("an object", _object)
NAMES = Kind("a list of names", _names)
# As text it is sent as it is.
BODY = Kind("text or JSON", lambda value: _text(value) if isinstance(value, str) else value)
# Half an hour is longer than any client waits.
SECONDS = number(0, 1800)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
