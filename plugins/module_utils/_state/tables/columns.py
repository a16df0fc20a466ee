# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The columns of a table of subscriptions: what it holds of each, and an empty one for each setting. Pure.

The columns of settings derive from the tables of settings. The one that is to be filled in is called like the one with
the exported value, with ``new_`` before it; those of a setting's parts begin with what its row says
(``new_renewal_quantity``).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .. import checks, kinds
from ..field import Field

NEW: t.Final = "new_"
IDS: t.Final = ("customer_id", "subscription_id")
#: For people; nothing is read from them.
TOLD: t.Final = ("customer_name", "offer_name", "ends_at", "decide_by", "end_of_term_decided")

#: What a cell holds.
CellForm = t.Literal["text", "number", "flag", "choice", "date", "guid"]

_FORMS: t.Final[t.Mapping[checks.Check, CellForm]] = {
    checks.whole_number: "number",
    checks.count: "number",
    checks.flag: "flag",
    checks.guid: "guid",
}


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """
    ``path``: where the value is in the setting's, empty for the whole of it. ``check``: of a new value; ``expected``:
    of the exported one.
    """

    name: str
    path: tuple[str, ...]
    form: CellForm
    check: checks.Check
    expected: checks.Check

    @property
    def new(self) -> str:
        """The column that is to be filled in."""
        return NEW + self.name

    @property
    def may_be_empty(self) -> bool:
        """Whether an option can say that there shall be no value."""
        return self.check is checks.optional_text


@dataclass(frozen=True, slots=True)
class SettingColumns:
    """A setting of an item with its columns; ``clear``: the one that clears it, where null cannot say so."""

    setting: Field
    columns: tuple[ValueColumn, ...]
    clear: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in a table's order."""
        pairs = [name for one in self.columns for name in (one.name, one.new)]
        return (*pairs, self.clear) if self.clear else tuple(pairs)


def _setting_columns(setting: Field) -> SettingColumns:
    clear = NEW + setting.clear_option if setting.clear_option else None
    if setting.parts:
        return SettingColumns(setting, tuple(_of_parts(setting.column, setting.parts)), clear)
    form: CellForm = "choice" if "choices" in setting.option else _FORMS.get(setting.check, "text")
    whole = ValueColumn(setting.name, (), form, setting.check, setting.checked_expectation)
    return SettingColumns(setting, (whole,), clear)


def _of_parts(prefix: str, parts: t.Mapping[str, t.Any], path: tuple[str, ...] = ()) -> t.Iterator[ValueColumn]:
    for name, part in parts.items():
        if isinstance(part, t.Mapping):
            yield from _of_parts(prefix, part, (*path, name))
            continue
        # The API's names of dates end so.
        form: CellForm = "date" if name.endswith("_date") else _FORMS.get(part, "text")
        called = name if name.startswith(f"{prefix}_") else f"{prefix}_{name}"
        yield ValueColumn(called, (*path, name), form, part, part)


SETTINGS: t.Final = tuple(_setting_columns(kinds.item_setting(name)) for name in kinds.ITEM_NAMES)
BY_SETTING: t.Final[t.Mapping[str, SettingColumns]] = {one.setting.name: one for one in SETTINGS}
#: Of a whole table, in its order.
COLUMN_NAMES: t.Final = (
    IDS[0],
    TOLD[0],
    IDS[1],
    *TOLD[1:],
    *(name for one in SETTINGS for name in one.names),
)
