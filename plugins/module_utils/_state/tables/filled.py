# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What is filled in in one row of a table: what is wanted, and what was exported of the same. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..._common.problems import InvalidInput
from ..._common.spreadsheet import NOT_READ
from .. import checks, kinds
from .columns import BY_SETTING, IDS, SETTINGS, SettingColumns, ValueColumn
from .values import exported_value, is_set, new_value

#: The columns that a table has -> what a row holds there, empty for nothing.
Row = t.Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filled:
    """
    ``wanted``: setting -> value, None for one to be cleared; ``expect``: what was exported of these settings;
    ``problems``: what is wrong, each beginning with the name of a column.
    """

    wanted: t.Mapping[str, t.Any] = field(default_factory=dict)
    expect: t.Mapping[str, t.Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_row(row: Row) -> Filled:
    """What is filled in. The ids are looked at only where something is."""
    found = [_read_setting(one, row) for one in SETTINGS]
    wanted = {name: value for one in found for name, value in one.wanted.items()}
    expect = {name: value for one in found for name, value in one.expect.items()}
    problems = [text for one in found for text in one.problems]
    if not wanted and not problems:
        return Filled()
    return Filled(wanted, expect, (*_problems_of_ids(row), *problems, *_problems_of_pairs(wanted, row)))


def _problems_of_ids(row: Row) -> t.Iterator[str]:
    for name in IDS:
        if isinstance(found := _tried(checks.guid, name, row[name].strip()), InvalidInput):
            yield found.message


def _problems_of_pairs(wanted: t.Mapping[str, t.Any], row: Row) -> t.Iterator[str]:
    for one in kinds.SUBSCRIPTION.contradictions(wanted):
        yield f"{_filled(one.first, row)[0]}: {one.text.format(_filled(one.second, row)[0])}."


def _filled(setting: str, row: Row) -> list[str]:
    """The columns of a setting that are filled in."""
    return [column.new for column in BY_SETTING[setting].columns if row.get(column.new)]


def _read_setting(of: SettingColumns, row: Row) -> Filled:
    filled = [column for column in of.columns if row.get(column.new)]
    clears = _tried(is_set, of.clear, row.get(of.clear, "")) if of.clear else False
    if not filled and not clears:
        return Filled()
    wanted = {column: _tried(new_value, column, row[column.new], row.get(column.name, "")) for column in filled}
    # What is completed from the value that is there depends on the whole of it; of another one, on what is filled in.
    looked_at = [
        column
        for column in (of.columns if of.setting.is_completed else filled)
        if row.get(column.name, NOT_READ) != NOT_READ
    ]
    exported = {column: _tried(exported_value, column, row[column.name]) for column in looked_at}
    failed = [one for one in (clears, *wanted.values(), *exported.values()) if isinstance(one, InvalidInput)]
    problems = [*(one.message for one in failed), *_problems_of_columns(of, filled, row)]
    if clears and filled:
        problems.append(f"{of.clear}: contradicts {filled[0].new}. Fill in one of them.")
    if problems:
        return Filled(problems=tuple(problems))
    name = of.setting.name
    value = None if clears else _whole_value(wanted)
    return Filled({name: value}, {name: _expected(of, exported)} if exported else {})


def _tried(read: t.Callable[..., t.Any], *given: t.Any) -> t.Any:
    """What ``read`` makes of it, or why it makes nothing of it: all problems of a table are told at once."""
    try:
        return read(*given)
    except InvalidInput as problem:
        return problem


def _problems_of_columns(of: SettingColumns, filled: t.Iterable[ValueColumn], row: Row) -> t.Iterator[str]:
    """Without what was exported, a change that somebody else has made meanwhile would go unnoticed."""
    for column in filled:
        if column.name not in row:
            yield f"{column.new}: needs the column {column.name} as it was exported."
    if not filled and not any(column.name in row for column in of.columns):
        yield f"{of.clear}: needs the columns that were exported of what it clears."


def _whole_value(values: t.Mapping[ValueColumn, t.Any]) -> t.Any:
    """The setting's value, made of what its columns hold."""
    whole: dict[str, t.Any] = {}
    for column, value in values.items():
        if not column.path:
            return value
        inner = whole
        for key in column.path[:-1]:
            inner = inner.setdefault(key, {})
        inner[column.path[-1]] = value
    return whole


def _expected(of: SettingColumns, exported: t.Mapping[ValueColumn, t.Any]) -> t.Any:
    """What was exported, the way ``expect`` says it."""
    if not of.setting.is_completed:
        return _whole_value(exported)
    if all(value is None for value in exported.values()):
        return None
    # Of these, null says nothing; an empty text says that there is none, where an option can say so at all.
    said = {column: "" if value is None else value for column, value in exported.items()}
    return _whole_value({column: value for column, value in said.items() if value != "" or column.may_be_empty})
