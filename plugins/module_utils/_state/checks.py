# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Strict checks of what a user wrote.

Wrong types are refused, never coerced: a coerced value is a wrong write.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

from .._common.case import is_guid
from .._common.problems import InvalidInput
from .._common.redaction import is_redacted

_DIGITS = re.compile(r"[0-9]{1,9}")
#: Control characters, the line separators that are none of them, and halves of characters.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NAMED: t.Final = {"\n": "a line break", "\r": "a line break", "\t": "a tab"}
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})

#: Values by the names of their fields.
Values = t.Mapping[str, t.Any]
Check = t.Callable[[str, t.Any], t.Any]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two settings that cannot be asked for together. ``text``: what the first one says of the second (``{}``)."""

    first: str
    second: str
    text: str


def text(option: str, value: t.Any) -> str:
    """A non-empty string. Numbers are refused too: YAML has already eaten leading zeros by then."""
    if isinstance(value, dict):
        raise InvalidInput(
            option,
            f"must be a string, not the dictionary {shown(value)}.",
            "YAML reads an unquoted {name} as a dictionary: put quotes around the whole value.",
        )
    if not isinstance(value, str):
        raise InvalidInput(option, f"must be a string, not {shown(value)}.", "Put quotes around the value.")
    if is_redacted(value):
        raise InvalidInput(option, "is a redacted value, which must never be written.", "Give the real value.")
    if not value.strip():
        raise InvalidInput(option, "must not be empty.")
    return value


def optional_text(option: str, value: t.Any) -> str:
    """A string that may be empty, to say that there shall be none."""
    return "" if value == "" else text(option, value)


def control_character(value: str) -> str | None:
    """The first control character of a text in words; None where there is none."""
    found = _CONTROL.search(value)
    return None if found is None else _NAMED.get(found.group(), f"the control character U+{ord(found.group()):04X}")


def writable(option: str, value: t.Any) -> None:
    """
    Raises InvalidInput naming the option (or the place in it) for a text that is not to be written: with a control
    character, or with white space at either end. Partner Center may trim it, and then every run would write it again.
    """
    if isinstance(value, dict):
        for name, item in value.items():
            writable(f"{option}.{name}", item)
    elif isinstance(value, str):
        control = control_character(value)
        if control is not None:
            raise InvalidInput(
                option,
                f"holds {control}: {shown(value)}.",
                "Write it on one line. YAML ends a text after > or | with a line break; after >- or |- it does not.",
            )
        if value != value.strip():
            raise InvalidInput(option, f"begins or ends with white space: {shown(value)}.", "Take it away.")


def guid(option: str, value: t.Any) -> str:
    checked = text(option, value)
    if not is_guid(checked):
        raise InvalidInput(option, f"must be a GUID such as 0c39d6d5-c70d-4c55-bc02-f620844f3fd1, not {shown(value)}.")
    return checked


def whole_number(option: str, value: t.Any, at_least: int = 1) -> int:
    """A whole number; a string of digits counts, because templates make those."""
    number: int | None = None
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        number = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    if number is None or number < at_least:
        raise InvalidInput(option, f"must be a whole number of at least {at_least}, not {shown(value)}.")
    return number


def count(option: str, value: t.Any) -> int:
    """A whole number that may be 0."""
    return whole_number(option, value, at_least=0)


def header_text(option: str, value: t.Any) -> str:
    """A string that can travel in an HTTP header."""
    checked = text(option, value)
    if len(checked) > 100 or not (checked.isascii() and checked.isprintable()):
        raise InvalidInput(option, "must be printable ASCII of at most 100 characters.")
    return checked


def flag(option: str, value: t.Any) -> bool:
    """A boolean, or the words for one that templates make."""
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else None
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise InvalidInput(option, f"must be true or false, not {shown(value)}.")


def one_of(*choices: str) -> Check:
    """A check for one of ``choices``, exactly as they are written."""

    def check(option: str, value: t.Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise InvalidInput(option, f"must be one of {', '.join(choices)}, not {shown(value)}.")
        return value

    return check


def shown(value: t.Any, most: int = 80) -> str:
    """The value as the user would write it, cut to a readable length."""
    try:
        text_of = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text_of = str(value)
    return text_of if len(text_of) <= most else f"{text_of[: most - 3]}..."
