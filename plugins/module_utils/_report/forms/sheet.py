# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. A report as CSV for spreadsheet programs: a row for each change, or for each term that ends. Pure.

UTF-8 with a byte order mark and separated by commas. Names are texts that no program takes for formulas. What went
wrong without a change, and who could not be read, has rows of its own.
"""

from __future__ import annotations

import csv
import io
import typing as t

from ..._common.spreadsheet import to_cell
from ..findings import About, Failure, FailureGroup
from ..model import ChangeRow, Changes, Report, SubscriptionRows
from ..renewals import Ending, Overview, then_in_words

#: From this, programs know the encoding.
_MARK: t.Final = "\ufeff"
_LIST: t.Final = "; "

_Cells = dict[str, t.Any]

_CHANGE_COLUMNS: t.Final = (
    "customer_name",
    "customer_id",
    "offer_name",
    "subscription_id",
    "setting",
    "before",
    "after",
    "policy",
    "can_be_undone",
    "why_not",
    "expected_refusal",
    "expected_codes",
    "warnings",
    "loses",
    "outcome",
    "status",
    "code",
    "message",
    "hint",
    "request_id",
    "correlation_id",
    "not_started",
)
_ENDING_COLUMNS: t.Final = (
    "decide_by",
    "what_then",
    "customer_name",
    "customer_id",
    "offer_name",
    "friendly_name",
    "subscription_id",
    "seats",
    "seats_then",
    "commitment",
    "ends",
    "outcome",
    "message",
)


def csv_form(report: Report) -> str:
    unread = [row for group in report.unavailable for row in _failure_rows(group, "not read")]
    if report.renewals is not None:
        return _sheet(_ENDING_COLUMNS, [*_ending_rows(report.renewals), *unread])
    found = report.changes
    changes = [] if found is None else [*_change_rows(found)]
    return _sheet(_CHANGE_COLUMNS, [*changes, *unread])


def _sheet(columns: t.Sequence[str], rows: t.Iterable[_Cells]) -> str:
    text = io.StringIO(newline="")
    text.write(_MARK)
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _change_rows(found: Changes) -> t.Iterator[_Cells]:
    for one in found.subscriptions:
        for row in one.rows:
            yield {**_cells_of_about(one.about), **_cells_of_change(row), **_cells_of_failure(_why_not_made(one, row))}
        if one.failure is not None and not one.rows:
            yield {**_cells_of_about(one.about), "outcome": one.state, **_cells_of_failure(one.failure)}
    for group in found.unplanned:
        yield from _failure_rows(group, "not planned")
    for group in found.failures:
        # Of a subscription, its own rows say it.
        yield from (row for row in _failure_rows(group, "failed") if not row["subscription_id"])


def _why_not_made(one: SubscriptionRows, row: ChangeRow) -> Failure | None:
    """Why this change was not made; another one of the same subscription may have been."""
    return None if row.state == "changed" else one.failure


def _failure_rows(group: FailureGroup, outcome: str) -> t.Iterator[_Cells]:
    for one in group.failures:
        yield {**_cells_of_about(one.about), "outcome": outcome, **_cells_of_failure(one)}


def _cells_of_about(about: About) -> _Cells:
    return {
        "customer_name": to_cell(about.customer_name),
        "customer_id": to_cell(about.customer_id),
        "offer_name": to_cell(about.offer_name),
        "subscription_id": to_cell(about.subscription_id),
    }


def _cells_of_change(row: ChangeRow) -> _Cells:
    return {
        "setting": row.field,
        "before": to_cell(row.before),
        "after": to_cell(row.after),
        "policy": to_cell(row.policy),
        "can_be_undone": row.reversible,
        "why_not": to_cell(row.reason),
        "expected_refusal": to_cell(_LIST.join(row.refusals)),
        "expected_codes": _LIST.join(row.codes),
        "warnings": to_cell(_LIST.join(row.warnings)),
        "loses": to_cell(_LIST.join(row.drops)),
        "outcome": row.state,
    }


def _cells_of_failure(failure: Failure | None) -> _Cells:
    if failure is None:
        return {}
    return {
        "status": "" if failure.status is None else failure.status,
        "code": to_cell(failure.code),
        "message": to_cell(failure.message),
        "hint": to_cell(failure.hint),
        "request_id": to_cell(failure.request_id),
        "correlation_id": to_cell(failure.correlation_id),
        "not_started": to_cell(_LIST.join(failure.not_started)),
    }


def _ending_rows(found: Overview) -> t.Iterator[_Cells]:
    for month in found.months:
        for day in month.days:
            yield from map(_cells_of_ending, day.endings)


def _cells_of_ending(one: Ending) -> _Cells:
    return {
        "decide_by": one.decide_by,
        "what_then": then_in_words(one),
        "customer_name": to_cell(one.customer_name),
        "customer_id": to_cell(one.customer_id),
        "offer_name": to_cell(one.offer_name),
        "friendly_name": to_cell(one.friendly_name),
        "subscription_id": to_cell(one.subscription_id),
        "seats": one.seats,
        "seats_then": "" if one.seats_after is None else one.seats_after,
        "commitment": to_cell(one.commitment),
        "ends": one.ends,
    }
