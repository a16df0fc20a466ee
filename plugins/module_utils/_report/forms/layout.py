# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Lines of text in columns, as wide as a screen or as long as they have to be. Pure.

A screen has a width, and what does not fit is cut with ``…``. A file has none (:data:`UNLIMITED`), and nothing is cut.
"""

from __future__ import annotations

import textwrap
import typing as t
import unicodedata
from dataclasses import dataclass

#: How a line is meant, in Ansible's words for it; a screen gives each its colour.
Tone = t.Literal["", "title", "ok", "changed", "warning", "error"]

UNLIMITED: t.Final = 10_000
#: As wide as paragraphs are in a file, and as columns are aligned there.
_PARAGRAPH: t.Final = 100
_ALIGNED: t.Final = 44
_GAP: t.Final = "  "
_ARROW: t.Final = " → "
#: So much of what was before is left where a change is cut.
_LEAST: t.Final = 8
#: Columns are not cut below this, as long as others can be.
_NARROWEST: t.Final = 12

_ISOLATE: t.Final = ("\u2068", "\u2069")
_RIGHT_TO_LEFT: t.Final = frozenset(("R", "AL", "AN"))


@dataclass(frozen=True, slots=True)
class TextLine:
    text: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Column:
    """
    ``is_number``: aligned to the right; ``is_fixed``: never cut; ``is_change``: ``before → after``, of which what comes
    after is cut last; ``is_below``: on a line of its own, below the others, where a row would have to be cut.
    """

    heading: str = ""
    is_number: bool = False
    is_fixed: bool = False
    is_change: bool = False
    is_below: bool = False


def columns_of(text: str) -> int:
    """How many columns of a screen a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) or one in _ISOLATE else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def cut(text: str, most: int) -> str:
    """The text in so many columns, with ``…`` in place of what does not fit."""
    if columns_of(text) <= most:
        return text
    kept, used = [], 1
    for one in text:
        used += columns_of(one)
        if used > most:
            break
        kept.append(one)
    return "".join(kept).rstrip() + "…"


def isolated(text: str) -> str:
    """A text that is written from right to left, kept from turning round what stands beside it."""
    if text.isascii() or not any(unicodedata.bidirectional(one) in _RIGHT_TO_LEFT for one in text):
        return text
    return f"{_ISOLATE[0]}{text}{_ISOLATE[1]}"


def paragraph(text: str, width: int, indent: str = "", first: str | None = None) -> list[str]:
    """A text over as many lines as it takes; words that are longer than a line are not broken."""
    return textwrap.wrap(
        text,
        min(width, _PARAGRAPH),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(columns: t.Sequence[Column], rows: t.Sequence[t.Sequence[str]], width: int, indent: str = "  ") -> list[str]:
    """Rows under their headings (none where no column has one), each a line; empty columns are left out."""
    has_headings = any(one.heading for one in columns)
    kept = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    shown = [columns[index] for index in kept]
    cells = [[row[index] for index in kept] for row in rows]
    if has_headings:
        cells = [[one.heading for one in shown], *cells]
    is_file = width >= UNLIMITED
    widths = [max((columns_of(row[index]) for row in cells), default=0) for index in range(len(shown))]
    if is_file:
        widths = [size if column.is_fixed else min(size, _ALIGNED) for column, size in zip(shown, widths, strict=True)]
    else:
        widths = _narrowed(shown, widths, width - len(indent))
        cells = [[*map(_cut_cell, row, shown, widths)] for row in cells]
    return [indent + _GAP.join(map(_padded, row, shown, widths)).rstrip() for row in cells]


def table_width(rows: t.Sequence[t.Sequence[str]], indent: int) -> int:
    """How wide a table would have to be so that nothing of it is cut."""
    widths = [max(map(columns_of, column)) for column in zip(*rows, strict=True)]
    return indent + sum(width + len(_GAP) for width in widths if width) - (len(_GAP) if any(widths) else 0)


def _narrowed(columns: t.Sequence[Column], widths: t.Sequence[int], most: int) -> list[int]:
    """Widths with which a row fits: the widest columns are narrowed first."""
    found = list(widths)
    flexible = [index for index, column in enumerate(columns) if not column.is_fixed and not column.is_number]
    excess = sum(found) + len(_GAP) * (len(found) - 1) - most
    while excess > 0 and flexible:
        widest = max(flexible, key=found.__getitem__)
        if found[widest] <= _NARROWEST:
            break
        found[widest] -= 1
        excess -= 1
    return found


def _cut_cell(text: str, column: Column, width: int) -> str:
    before, arrow, after = text.partition(_ARROW) if column.is_change else (text, "", "")
    room = width - columns_of(arrow + after)
    if columns_of(text) <= width or not arrow:
        return cut(text, width)
    return cut(f"{cut(before, max(room, _LEAST))}{arrow}{after}", width)


def _padded(text: str, column: Column, width: int) -> str:
    blanks = " " * (width - columns_of(text))
    before, arrow, after = text.partition(_ARROW) if column.is_change else ("", "", text)
    shown = f"{isolated(before)}{arrow}{isolated(after)}" if arrow else isolated(text)
    return f"{blanks}{shown}" if column.is_number else f"{shown}{blanks}"
