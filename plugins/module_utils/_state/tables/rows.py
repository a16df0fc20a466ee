# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. A filled-in table made into items for ``pc_fleet``. Pure.

An item: ``customer_id``, ``subscription_id``, what is filled in, and ``expect`` with what was exported of the same
settings, where null means that there was no value.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from difflib import get_close_matches

from ..._common.problems import Refused
from .. import checks
from .cells import Sheet
from .columns import BY_SETTING, COLUMN_NAMES, IDS
from .filled import Filled, read_row

TableItem = dict[str, t.Any]

#: So many different problems, and so many rows of each, are listed.
_MOST: t.Final = 50
_MOST_ROWS: t.Final = 10


@dataclass(frozen=True, slots=True)
class ReadRow:
    """``number``: as spreadsheet programs count rows. ``problems``: each begins with the name of a column."""

    number: int
    ids: t.Mapping[str, str]
    filled: Filled
    problems: tuple[str, ...]

    @property
    def is_filled(self) -> bool:
        return bool(self.filled.wanted or self.filled.problems)


def read_items(sheet: Sheet) -> list[TableItem]:
    """
    An item for each row in which something is filled in, in their order. Raises Refused, naming rows (as
    spreadsheet programs count them) and columns, for unknown columns, bad values and doubled rows.
    """
    names = [name.strip().lower() for name in sheet.rows[0]]
    read = [_read_cells(number, names, cells) for number, cells in enumerate(sheet.rows[1:], start=2)]
    # A problem -> the rows that have it.
    problems: dict[str, list[int]] = {text: [1] for text in _problems_of_names(names)}
    doubled = _doubled(read)
    for one in read:
        for text in (*one.problems, *([doubled[one.number]] if one.number in doubled else ())):
            problems.setdefault(text, []).append(one.number)
    if problems:
        raise Refused(_all_problems(problems))
    return [_as_item(one) for one in read if one.filled.wanted]


def _read_cells(number: int, names: t.Sequence[str], cells: t.Sequence[str]) -> ReadRow:
    row = {name: cells[place] if place < len(cells) else "" for place, name in enumerate(names)}
    ids = {name: row[name].strip() for name in IDS}
    filled = read_row(row)
    return ReadRow(number, ids, filled, (*_problems_of_unnamed(names, cells), *filled.problems))


def _doubled(read: t.Sequence[ReadRow]) -> dict[int, str]:
    """What to say of rows whose subscription is in an earlier one. Where neither is filled in, nothing is unclear."""
    rows: dict[tuple[str, ...], list[ReadRow]] = {}
    for one in read:
        if all(one.ids.values()):
            rows.setdefault(tuple(value.lower() for value in one.ids.values()), []).append(one)
    return {
        one.number: f"subscription_id: is the same as in row {first.number}."
        for first, *others in rows.values()
        for one in others
        if any(each.is_filled for each in (first, *others))
    }


def _as_item(one: ReadRow) -> TableItem:
    options = {}
    for name, value in one.filled.wanted.items():
        option = BY_SETTING[name].setting.clear_option if value is None else None
        options[option or name] = True if option else value
    return {**one.ids, **options, "expect": dict(one.filled.expect)}


def _problems_of_names(names: t.Sequence[str]) -> t.Iterator[str]:
    for place, name in enumerate(names):
        if name and name not in COLUMN_NAMES:
            near = get_close_matches(name, COLUMN_NAMES, 1)
            advice = f"Did you mean {near[0]}?" if near else "Take it out: nothing in it would be read."
            yield f"{name}: is no column of these tables. {advice}"
        if name and name in names[:place]:
            yield f"{name}: is there twice."


def _problems_of_unnamed(names: t.Sequence[str], cells: t.Sequence[str]) -> t.Iterator[str]:
    for place, cell in enumerate(cells):
        if cell.strip() and (place >= len(names) or not names[place]):
            yield f"column {_letters(place)}: holds {checks.shown(cell)}, and its first row is empty."


def _letters(place: int) -> str:
    """What spreadsheet programs call the column: A, …, Z, AA."""
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _all_problems(problems: t.Mapping[str, t.Sequence[int]]) -> str:
    told = [f"{_row_numbers(rows)}, {text}" for text, rows in [*problems.items()][:_MOST]]
    more = len(problems) - len(told)
    return " ".join([*told, f"And {more} more."] if more else told)


def _row_numbers(numbers: t.Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Row {numbers[0]}"
    more = len(numbers) - _MOST_ROWS
    return f"Rows {', '.join(map(str, numbers[:_MOST_ROWS]))}{f' and {more} more' if more > 0 else ''}"
