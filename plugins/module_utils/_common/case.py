# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Upper and lower case: the API's camelCase keys (sometimes PascalCase) and the snake_case of our results, and
GUIDs, which the API writes in both.
"""

from __future__ import annotations

import re
import typing as t

#: A JSON object as received, key case and all.
Raw = t.Mapping[str, t.Any]

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NEXT_WORD = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def to_snake(name: str) -> str:
    """``autoRenewEnabled`` and ``AutoRenewEnabled`` become ``auto_renew_enabled``."""
    return _WORD_START.sub("_", name).lower()


def snake(value: t.Any) -> t.Any:
    """A copy of parsed JSON with every key in snake_case; unknown fields included, values untouched."""
    if isinstance(value, dict):
        return {to_snake(key): snake(item) for key, item in value.items()}
    if isinstance(value, list):
        return [snake(item) for item in value]
    return value


def camel(value: t.Any) -> t.Any:
    """The way back from :func:`snake`: a copy with every key in camelCase, values untouched."""
    if isinstance(value, dict):
        return {_NEXT_WORD.sub(lambda match: match[1].upper(), key): camel(item) for key, item in value.items()}
    if isinstance(value, list):
        return [camel(item) for item in value]
    return value


def find_key(mapping: t.Mapping[str, t.Any], key: str) -> str | None:
    """The key as ``mapping`` spells it, or None. Partner Center answers camelCase, some samples PascalCase."""
    if key in mapping:
        return key
    wanted = key.lower()
    return next((candidate for candidate in mapping if candidate.lower() == wanted), None)


def get(mapping: t.Mapping[str, t.Any], key: str, default: t.Any = None) -> t.Any:
    """``mapping[key]`` without regard to the key's case."""
    found = find_key(mapping, key)
    return default if found is None else mapping[found]


def text(mapping: t.Mapping[str, t.Any], key: str) -> str:
    """The text of a key, or its number as text; empty for everything else, missing keys and nulls included."""
    value = get(mapping, key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def is_guid(value: t.Any) -> bool:
    return isinstance(value, str) and _GUID.fullmatch(value) is not None


def same_guid(one: t.Any, other: t.Any) -> bool:
    return isinstance(one, str) and isinstance(other, str) and one.lower() == other.lower()
