# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Items of a task that come from a file: a saved plan, or a table that was filled in.

The module reads them itself. As items in a task, a hundred thousand of them would go through Ansible's templates, its
checks of arguments and its copies, which takes three times as long and eight times the memory.
"""

from __future__ import annotations

import typing as t
from datetime import datetime
from pathlib import Path

from ..._common import private_file
from ..._common.problems import InvalidInput, Refused
from ..._state import checks
from ..._state.items import Item, parse_items
from ..._state.records import plan_file
from ..._state.records.plan_items import to_desired
from ..._state.tables.cells import read_sheet
from ..._state.tables.rows import read_items

#: A plan file's content, as it is in the file.
PlanContent = dict[str, t.Any]

_GUESSED: t.Final = "The table is not UTF-8. It was read as Windows-1252: look whether letters with accents are right."


def read_plan(params: t.Mapping[str, t.Any]) -> PlanContent | None:
    """
    The plan file that the task names, not yet checked; None where it names none.

    Raises InvalidInput for a file that cannot be read, and Refused for what is no plan file.
    """
    path = params["plan_path"]
    if path is None:
        return None
    # What is no UTF-8 is told apart by its first bytes.
    return plan_file.parse_plan_file(_read("plan_path", path).decode("utf-8", "surrogateescape"))


def items_of_plan(
    content: PlanContent, params: t.Mapping[str, t.Any], place: t.Mapping[str, str | None], now: datetime
) -> tuple[Item, ...]:
    """
    Items that make exactly the plan's changes, which are taken out of ``content``: both are never there as a whole.

    Raises Refused for a plan of another tenant or address, or that was altered, is too old, is not the approved one or
    breached the guard; InvalidInput naming an entry that no plan has.
    """
    approved = params["plan_digest"]
    plan_file.require_applicable(
        content,
        str(place["tenant_id"]),
        str(place["api_url"]),
        now,
        checks.count("plan_max_age", params["plan_max_age"]),
        None if approved is None else checks.text("plan_digest", approved),
    )
    breach = plan_file.breach(content)
    if breach:
        raise Refused(breach)
    wanted = to_desired(content)
    content["changes"] = []
    return parse_items("plan_path", wanted, is_rollback=params["undoes"] is not None)


def explicit_items(params: t.Mapping[str, t.Any]) -> tuple[tuple[Item, ...], list[str]]:
    """
    The items that the task gives, then those of its table; and warnings about that table.

    Raises InvalidInput naming the item, or the rows of a table that cannot be used.
    """
    is_rollback = params["undoes"] is not None
    given = parse_items("subscriptions", params["subscriptions"] or [], is_rollback=is_rollback)
    path = params["csv_path"]
    if path is None:
        return given, []
    try:
        sheet = read_sheet(_read("csv_path", path))
        rows = read_items(sheet)
    except Refused as problem:
        raise InvalidInput("csv_path", problem.message, problem.hint) from None
    others = {item.key: f"subscriptions[{item.index}]" for item in given}
    warnings = [f"csv_path: {_GUESSED}"] if sheet.is_guessed else []
    warnings += [] if rows else ["csv_path: Nothing is filled in in the table."]
    return (*given, *parse_items("csv_path", rows, others=others)), warnings


def _read(option: str, path: str) -> bytes:
    try:
        found: Path = private_file.resolved(path)
        return found.read_bytes()
    except OSError as error:
        raise InvalidInput(option, f"{path} cannot be read: {error.strerror or error}.") from None
