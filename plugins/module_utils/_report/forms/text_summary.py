# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What a plan, a result or a drift check comes to, as lines: headline, policies, totals, guard. Pure."""

from __future__ import annotations

import typing as t

from ..model import Changes, PolicyRow, Report
from ..texts import minute, number_of
from .layout import Column, TextLine, Tone, columns_of, paragraph, table

_POLICIES: t.Final = (
    Column("policy"),
    Column("matches", is_number=True),
    Column("excepted", is_number=True),
    Column("setting"),
    Column("changes", is_number=True),
    Column("can be undone", is_fixed=True),
)
_REMARK_INDENT: t.Final = " " * 6
_GAP: t.Final = "   "


def title_lines(report: Report, width: int) -> t.Iterator[TextLine]:
    """Which report it is: what, when, whose, for what."""
    parts = [report.title, minute(report.created), report.tenant, report.reference]
    yield from joined([part for part in parts if part], width, indent="", tone="title")
    if report.undoes is not None:
        run = report.undoes
        known = [minute(run.time) if run.time else "", run.reference]
        known += [number_of(run.writes, "write")] if run.writes is not None else []
        details = ", ".join(filter(None, known))
        yield from wrapped(run.message or f"Undoes {run.id}{f' ({details})' if details else ''}", width)
    yield TextLine()


def summary_lines(report: Report, found: Changes, width: int) -> t.Iterator[TextLine]:
    yield from wrapped(report.headline, width, headline_tone(found))
    if report.is_check_mode and report.is_result:
        yield TextLine("Check mode: nothing was changed.")
    if found.policies and not (report.is_result and not found.totals.planned and not found.totals.failed):
        yield from _policy_lines(found.policies, width)
    yield from joined([*total_parts(report, found)], width)
    for breach in found.breaches:
        yield from wrapped(f"The guard stops it: {breach}", width, "error")
    if found.stopped:
        yield from wrapped(found.stopped, width, "error")


def headline_tone(found: Changes) -> Tone:
    if found.totals.failed or found.stopped or found.breaches:
        return "error"
    return "changed" if found.totals.changes else "warning" if found.unplanned else "ok"


def _policy_lines(policies: t.Sequence[PolicyRow], width: int) -> t.Iterator[TextLine]:
    rows, remarks = [], []
    for policy in policies:
        for index, one in enumerate(policy.fields or (None,)):
            is_first = index == 0
            rows.append(
                (
                    policy.name if is_first else "",
                    f"{policy.matched:,}" if is_first and policy.matched is not None else "",
                    f"{policy.excluded:,}" if is_first and policy.excluded else "",
                    "" if one is None else one.field,
                    "0" if one is None else f"{one.changes:,}",
                    "" if one is None else undone(one.undone),
                )
            )
            remarks.append("; ".join(policy.remarks) if is_first else "")
    heading, *lines = table(_POLICIES, rows, width)
    room = max(map(columns_of, (heading, *lines)))
    yield TextLine(heading)
    for line, remark, row in zip(lines, remarks, rows, strict=True):
        tone: Tone = "warning" if row[5] == "NO" or (row[1] == "0" and remark) else ""
        if remark and room + len(_GAP) + columns_of(remark) <= width:
            yield TextLine(line + " " * (room - columns_of(line)) + _GAP + remark, tone)
        else:
            yield TextLine(line, tone)
            yield from wrapped(remark, width, tone, _REMARK_INDENT)


def undone(reversible: str) -> str:
    """Whether something can be undone, in a column: of a time, the day is enough."""
    return "NO" if reversible == "no" else reversible[: len("until 2026-12-05")]


def total_parts(report: Report, found: Changes) -> t.Iterator[str]:
    totals = found.totals
    if any(one.seats is not None for customer in found.customers for one in customer.rows):
        yield f"seats +{found.seats.added:,} −{found.seats.taken:,}"
    if found.ends:
        yield "end of term: " + ", ".join(f"{count:,} {decision}" for decision, count in found.ends)
    if report.is_result:
        if totals.requests is not None:
            yield f"{number_of(totals.requests, 'request')} in {totals.seconds or 0:,.0f} s"
        yield from [f"{totals.retries:,} sent again"] if totals.retries else []
        yield from [f"throttled {number_of(totals.throttled, 'time')}"] if totals.throttled else []
    else:
        refused = sum(one.count for one in found.refusals)
        yield from [f"expected refusals {refused:,}"] if refused else []
        unplanned = sum(one.count for one in found.unplanned)
        yield from [f"not planned {unplanned:,}"] if unplanned else []
    unread = sum(one.count for one in report.unavailable)
    yield from [f"customers not read {unread:,}"] if unread else []
    if report.is_plan or found.breaches:
        yield f"guard: {found.guard}"


def joined(parts: t.Sequence[str], width: int, indent: str = "  ", tone: Tone = "") -> t.Iterator[TextLine]:
    """Parts beside each other, on as many lines as they take."""
    line = ""
    for part in parts:
        if line and columns_of(indent + line + _GAP + part) > width:
            yield TextLine(indent + line, tone)
            line = ""
        line = f"{line}{_GAP}{part}" if line else part
    if line:
        yield TextLine(indent + line, tone)


def wrapped(text: str, width: int, tone: Tone = "", indent: str = "", first: str | None = None) -> t.Iterator[TextLine]:
    """A wrapped over as many lines as it takes."""
    yield from (TextLine(one, tone) for one in paragraph(text, width, indent, first))
