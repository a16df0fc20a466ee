# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The numbers of a page, and the sentences above them that say how it went. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...model import Changes, Report
from ...renewals import WORDS, Overview, first_undecided
from ...texts import number_of
from .notices import Mood


@dataclass(frozen=True, slots=True)
class Tile:
    """One number; ``tone`` where it stands for something to look at."""

    label: str
    value: str
    tone: Mood | t.Literal[""] = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    tone: Mood
    title: str
    text: str = ""


def banners(report: Report) -> list[Banner]:
    """What has to be known before anything else."""
    found = report.changes
    if found is None:
        return _renewal_banners(report.renewals)
    made = [Banner("bad", "The guard stops it.", one) for one in found.breaches]
    if found.stopped:
        made.append(Banner("bad", "It ended early.", found.stopped))
    if report.is_check_mode and report.is_result:
        made.append(Banner("info", "Check mode:", "nothing was changed."))
    if report.is_plan and not found.breaches and found.guard:
        made.append(Banner("good", "Guard:", found.guard))
    return made


def _renewal_banners(found: Overview | None) -> list[Banner]:
    day = None if found is None else first_undecided(found)
    if found is None or day is None:
        return []
    whom = number_of(found.counts["undecided"], "subscription")
    return [
        Banner(
            "bad",
            f"{whom} would go on in a paid extended service term that nobody asked for.",
            f"The first to decide on by {day or 'a day that is not known'}. "
            "Decide with end_of_term: renew, cancel or extended_service_term.",
        )
    ]


def tiles(report: Report) -> list[Tile]:
    if report.renewals is not None:
        return _overview_tiles(report.renewals)
    if report.changes is None:
        return []
    if report.is_result:
        return [*_result_tiles(report.changes)]
    return [*_plan_tiles(report, report.changes)]


def _result_tiles(found: Changes) -> t.Iterator[Tile]:
    """The ten numbers of a result's summary."""
    totals = found.totals
    yield _tile("Subscriptions read", totals.subscriptions)
    yield _tile("Planned", totals.planned)
    yield _tile("Changed", totals.changed, "good")
    yield _tile("Failed", totals.failed, "bad")
    yield _tile("Not attempted", totals.not_attempted, "warn")
    yield _tile("Not finished yet", totals.pending, "warn")
    yield _tile("Unchanged", totals.unchanged)
    yield _tile("Customers not read", totals.unavailable, "warn")
    yield _tile("Requests", totals.requests)
    yield _tile("Sent again", totals.retries)


def _plan_tiles(report: Report, found: Changes) -> t.Iterator[Tile]:
    totals, rows = found.totals, [row for one in found.subscriptions for row in one.rows]
    yield _tile("Subscriptions read", totals.subscriptions)
    yield _tile("Drifted" if report.is_drift else "To change", totals.planned)
    yield _tile("Customers", totals.customers)
    yield _tile("Changes", totals.changes)
    yield _tile("Cannot be undone", sum(row.reversible == "no" for row in rows), "warn")
    yield _tile("Expected refusals", sum(bool(row.refusals) for row in rows), "bad")
    yield Tile("Seats added", f"+{found.seats.added:,}" if found.seats.added else "0")
    yield Tile("Seats taken", f"−{found.seats.taken:,}" if found.seats.taken else "0")
    yield _tile("Not planned", sum(one.count for one in found.unplanned), "warn")
    yield _tile("Customers not read", sum(one.count for one in report.unavailable), "warn")


def _overview_tiles(found: Overview) -> list[Tile]:
    day = first_undecided(found)
    made = [
        Tile("Terms", f"{sum(found.counts.values()):,}"),
        Tile("Seats", f"{sum(found.seats.values()):,}"),
        _tile("Undecided", found.counts.get("undecided", 0), "bad"),
        *([Tile("First to decide by", day or "not known", "bad")] if day is not None else []),
    ]
    for then, count in found.counts.items():
        if then != "undecided":
            word = WORDS[then]
            made.append(Tile(f"{word[:1].upper()}{word[1:]}", f"{count:,}", "warn" if then == "unknown" else ""))
    return made


def _tile(label: str, number: int | None, tone: Mood | t.Literal[""] = "") -> Tile:
    """The tone counts only where there is something to count."""
    return Tile(label, "unknown" if number is None else f"{number:,}", tone if number else "")


def run_remarks(report: Report) -> list[str]:
    """What else is known of a run."""
    if report.changes is None or not report.is_result:
        return []
    totals = report.changes.totals
    told = [f"{totals.seconds:,.0f} s"] if totals.seconds is not None else []
    told += [f"throttled {number_of(totals.throttled, 'time')}"] if totals.throttled else []
    changes, customers = number_of(totals.changes, "change"), number_of(totals.customers, "customer")
    return [f"{changes} of {customers}", *told]
