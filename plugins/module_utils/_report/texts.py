# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Texts from outside (names of customers and offers, answers of the API) as one line without control characters.
"""

from __future__ import annotations

import typing as t
import unicodedata

from .._common.times import parse_time

#: What changes the direction of the text around it, or cannot be seen: it says nothing, and may pretend something.
_DIRECTIONS: t.Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: t.Final = frozenset(("Cc", "Cs", "Co", "Cn"))


def clean(value: t.Any) -> str:
    """The text of a value (empty for None), on one line, without what only a terminal would understand."""
    text = "" if value is None else str(value)
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    kept = (" " if one.isspace() else one for one in text if one.isspace() or not _is_hidden(one))
    return " ".join("".join(kept).split())


def _is_hidden(one: str) -> bool:
    return one in _DIRECTIONS or unicodedata.category(one) in _INVISIBLE


def minute(value: t.Any) -> str:
    """A time as people read it, ``2026-11-28 06:05 UTC``; what is no time stays as it is."""
    moment = parse_time(value)
    return clean(value) if moment is None else moment.strftime("%Y-%m-%d %H:%M UTC")


def day(value: t.Any) -> str:
    """The day of a time, ``2026-11-28``."""
    moment = parse_time(value)
    return clean(value) if moment is None else moment.strftime("%Y-%m-%d")


def thousands(number: int) -> str:
    return f"{number:,}"


def number_of(count: int, noun: str, plural: str = "") -> str:
    """``1 subscription``, ``2,304 subscriptions``."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
