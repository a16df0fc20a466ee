# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The table of a page that can be searched, sorted and filtered: its columns and its rows, as data. Pure.

A script draws it, a page of rows at a time, so that ten thousand are as quick as ten.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ...model import ChangeRow, Changes, Report, SubscriptionRows
from ...renewals import WORDS, Ending, Overview, then_in_words
from ...texts import number_of
from .charts import END_FILLS

#: How the cells of a column are drawn and sorted; the script knows the same.
CellKind = t.Literal["text", "setting", "subscription", "change", "undo", "notes", "number", "state", "day", "end"]

#: What can be undone, as a filter names it.
UNDONE: t.Final[t.Mapping[str, str]] = {"yes": "yes", "no": "no", "until": "for a time"}
REFUSED: t.Final = "expected refusal"
LOST: t.Final = "loses a scheduled change"
OTHER: t.Final = "warning"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """``is_filter``: whether the page offers its values to choose from."""

    index: int
    heading: str
    kind: CellKind
    is_filter: bool = False


@dataclass(frozen=True, slots=True)
class PageTable:
    """
    ``rows``: cells that JSON can hold, in the columns' order. ``notes``: [label, tone, text] of what cells of the kind
    ``notes`` say, each once, since the same is said of many. ``order``: in a word, how the rows come.
    """

    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[t.Any, ...], ...]
    notes: tuple[tuple[str, str, str], ...] = ()
    text: str = ""
    order: str = ""
    empty: str = ""

    def to_json(self) -> str:
        """The table for the page's script, safe inside an element of HTML."""
        kinds = [one.kind for one in self.columns]
        text = json.dumps(
            {"kinds": kinds, "notes": self.notes, "rows": self.rows}, ensure_ascii=False, separators=(",", ":")
        )
        return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


#: Of a result alone: what became of a change.
_OUTCOME: t.Final[tuple[tuple[str, CellKind, bool], ...]] = (("Outcome", "state", True),)


def page_table(report: Report) -> PageTable:
    if report.renewals is not None:
        return _renewals_table(report.renewals)
    found = report.changes
    if found is None:
        return PageTable("Changes", (), (), empty="There is nothing to show.")
    return _changes_table(found, is_result=report.is_result)


def _numbered(*columns: tuple[str, CellKind, bool]) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(index, *one) for index, one in enumerate(columns))


def _changes_table(found: Changes, *, is_result: bool) -> PageTable:
    listed = sorted(
        ((one, row) for one in found.subscriptions for row in one.rows), key=lambda pair: _urgency(pair, is_result)
    )
    notes: dict[tuple[str, str, str], int] = {}
    rows = []
    for one, row in listed:
        places = [notes.setdefault(note, len(notes)) for note in _row_notes(one, row)]
        reason = (row.reversible, "warn" if row.reversible == "no" else "info", row.reason)
        cells = (
            one.about.customer,
            [one.about.offer_name, one.about.subscription_id],
            row.field,
            [row.before, row.after],
            [row.reversible, notes.setdefault(reason, len(notes)) if row.reason else None],
            row.policy,
            places,
        )
        rows.append((*cells, row.state) if is_result else cells)
    columns = _numbered(
        ("Customer", "text", True),
        ("Subscription", "subscription", False),
        ("Setting", "setting", True),
        ("Change", "change", False),
        ("Can be undone", "undo", True),
        ("Policy", "text", True),
        ("To know", "notes", True),
        *(_OUTCOME if is_result else ()),
    )
    return PageTable(
        "Changes",
        columns,
        tuple(rows),
        tuple(notes),
        text="What needs a look comes first." if found.risky else "",
        order="urgency",
        empty="There are no changes.",
    )


def _urgency(pair: tuple[SubscriptionRows, ChangeRow], is_result: bool) -> tuple[bool, int]:
    """What went wrong comes first in a result, then what is risky."""
    one, row = pair
    return not (is_result and (one.failure is not None or row.state in ("not attempted", "pending"))), row.rank


def _row_notes(one: SubscriptionRows, row: ChangeRow) -> t.Iterator[tuple[str, str, str]]:
    """What is to be known of a change, each as [label, tone, text]."""
    if one.failure is not None and row.state != "changed":
        failure = one.failure
        answer = " ".join(str(part) for part in (failure.status, failure.code) if part)
        yield (f"failed: {answer}" if answer else "failed"), "bad", failure.message
    if row.refusals:
        codes = ", ".join(row.codes)
        yield REFUSED, "warn", " ".join([*row.refusals, *([f"Codes: {codes}."] if codes else [])])
    yield from ((LOST, "warn", drop) for drop in row.drops)
    yield from ((OTHER, "info", text) for text in row.warnings)


def _renewals_table(found: Overview) -> PageTable:
    rows = tuple(_renewal_cells(one) for month in found.months for day in month.days for one in day.endings)
    rolling = sum(month.rolling for month in found.months)
    text = ""
    if rolling:
        verb = "renews" if rolling == 1 else "renew"
        seats = number_of(sum(month.rolling_seats for month in found.months), "seat")
        is_left_out = "is not listed" if rolling == 1 else "are not listed"
        text = f"{number_of(rolling, 'monthly term')} with {seats} {verb} as usual and {is_left_out}."
    return PageTable(
        "Ends of terms",
        _numbered(
            ("Decide by", "day", True),
            ("What then", "end", True),
            ("Customer", "text", True),
            ("Subscription", "subscription", False),
            ("Seats", "number", False),
            ("Seats then", "number", False),
            ("Commitment", "text", True),
            ("Ends", "text", False),
        ),
        rows,
        text=text,
        order="last day to decide",
        empty="No term ends.",
    )


def _renewal_cells(one: Ending) -> tuple[t.Any, ...]:
    nickname = f"{one.friendly_name} ({one.offer_name})" if one.offer_name else one.friendly_name
    return (
        one.decide_by,
        [then_in_words(one), WORDS[one.then], END_FILLS[one.then]],
        one.customer_name or one.customer_id,
        [nickname if one.friendly_name not in ("", one.offer_name) else one.offer_name, one.subscription_id],
        one.seats,
        one.seats_after,
        one.commitment,
        one.ends,
    )
