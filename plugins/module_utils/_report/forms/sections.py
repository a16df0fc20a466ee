# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Sections of a text: a heading and rows, of which a screen shows as many as it has room for and counts the rest.

Pure.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..texts import number_of
from .layout import UNLIMITED, Column, TextLine, Tone, table, table_width

#: Every section shows so many lines, and then so many more, before another one shows all of its own.
_FEW: t.Final = 3
_SOME: t.Final = 6
#: So many alike sections are shown on a screen, such as reasons for failures.
_ALIKE: t.Final = 5


@dataclass(frozen=True, slots=True)
class Row:
    """
    ``cells``: in the section's columns; none for a row that only has lines above. ``customer``: its id; ``tone``: of
    the cells.
    """

    cells: tuple[str, ...] = ()
    above: tuple[TextLine, ...] = ()
    below: tuple[TextLine, ...] = ()
    customer: str = ""
    tone: Tone = ""

    @property
    def size(self) -> int:
        return len(self.above) + bool(self.cells) + len(self.below)


@dataclass(frozen=True, slots=True)
class Section:
    """
    ``noun`` and ``plural``: what the rows are; ``indent``: of the rows; ``most``: so many rows are enough on a screen
    (None: as many as it has room for).
    """

    heading: tuple[TextLine, ...]
    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = ()
    noun: str = "change"
    plural: str = ""
    indent: str = "    "
    most: int | None = None

    def lines(self, width: int, shown: int) -> t.Iterator[TextLine]:
        """The heading, the first rows, and how many more there are."""
        yield from self.heading
        rows = self.rows[:shown]
        texts = self._texts([row.cells for row in rows if row.cells], width)
        for row in rows:
            yield from row.above
            if row.cells:
                yield from (TextLine(text, row.tone) for text in next(texts, []))
            yield from row.below
        rest = self.rows[shown:]
        if rest:
            yield TextLine(f"{self.indent}… {_more(rest, self.noun, self.plural)}")

    def _texts(self, cells: t.Sequence[tuple[str, ...]], width: int) -> t.Iterator[list[str]]:
        """The lines of each row."""
        if not self.is_stacked(width):
            return iter([[text] for text in table(self.columns, cells, width, self.indent)])
        first, second = (self._part(cells, width, is_below=is_below) for is_below in (False, True))
        return iter([[text for text in pair if text.strip()] for pair in zip(first, second, strict=True)])

    def _part(self, cells: t.Sequence[tuple[str, ...]], width: int, *, is_below: bool) -> list[str]:
        meant = [index for index, column in enumerate(self.columns) if column.is_below == is_below]
        indent = self.indent + "  " if is_below else self.indent
        part = [[row[index] for index in meant] for row in cells]
        return table([self.columns[index] for index in meant], part, width, indent)

    def is_stacked(self, width: int) -> bool:
        """Whether rows take two lines, since they would have to be cut."""
        if width >= UNLIMITED or not any(column.is_below for column in self.columns):
            return False
        rows = [row.cells for row in self.rows if row.cells]
        needed = table_width(rows, len(self.indent))
        return needed > width

    def size(self, width: int, rows: int | None) -> int:
        """How many lines its first rows take."""
        more = self.is_stacked(width)
        return sum(row.size + more for row in self.rows[:rows])

    def rows_within(self, lines: int, width: int) -> int:
        """How many rows fit in so many lines."""
        used = 0
        more = self.is_stacked(width)
        for count, row in enumerate(self.rows):
            used += row.size + more
            if used > lines:
                return count
        return len(self.rows)


def _more(rest: t.Sequence[Row], noun: str, plural: str) -> str:
    count = number_of(len(rest), f"more {noun}", f"more {plural}" if plural else "")
    customers = len({row.customer for row in rest if row.customer})
    return f"{count} of {number_of(customers, 'customer')}" if customers > 1 else count


def fitting(sections: t.Sequence[Section], width: int, most: int | None) -> list[int]:
    """
    How many rows each section shows so that all of them together have at most so many lines (None: no limit). Each
    shows its first few; what is left goes to the first ones.
    """
    if most is None:
        return [len(one.rows) for one in sections]
    sizes = [one.size(width, one.most) for one in sections]
    lines = [0] * len(sections)
    left = most
    for step in (_FEW, _SOME, most):
        for index, size in enumerate(sizes):
            more = max(0, min(size - lines[index], step, left))
            lines[index] += more
            left -= more
    return [one.rows_within(count, width) for one, count in zip(sections, lines, strict=True)]


def few(sections: t.Sequence[Section], most: int | None, noun: str) -> list[Section]:
    """The first of many alike sections on a screen, the last of them with the number of those that are left out."""
    rest = len(sections) - _ALIKE
    if most is None or rest <= 0:
        return list(sections)
    told = Section((TextLine(f"… {number_of(rest, f'more {noun}')}"),))
    return [*sections[:_ALIKE], told]
