# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Charts of a report: tables of names and numbers whose rows have bars beside them. Pure.

The numbers are the chart's text alternative, and always there; the bars are inline SVG, drawn by the template.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass

from ...model import Changes, Report
from ...renewals import WORDS, Overview
from ...texts import number_of

#: So many rows of a chart are read at a glance.
_MOST: t.Final = 10

#: What a bar, or a part of it, is coloured by; each is a colour in the style.
Fill = t.Literal["accent", "muted", "good", "warn", "bad", "other", "teal", "dark"]

#: What happens at the end of a term -> its colour.
END_FILLS: t.Final[t.Mapping[str, Fill]] = {
    "undecided": "bad",
    "unknown": "teal",
    "cancel": "warn",
    "lapse": "accent",
    "extended_service_term": "other",
    "transition": "dark",
    "renew": "good",
}


@dataclass(frozen=True, slots=True)
class BarPart:
    """A piece of a bar. ``start`` and ``width``: in hundredths of the longest bar."""

    tone: Fill
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class BarRow:
    """A row: its name, one or two bars above each other, and the numbers that they stand for."""

    label: str
    lines: tuple[tuple[BarPart, ...], ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegendEntry:
    tone: Fill
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """``headings``: of the names and of each number."""

    title: str
    headings: tuple[str, ...]
    bars: tuple[BarRow, ...]
    text: str = ""
    legend: tuple[LegendEntry, ...] = ()


def charts(report: Report) -> list[Chart]:
    """The charts that have something to show."""
    found: list[Chart | None] = []
    if report.changes is not None:
        changes = report.changes
        found = [_setting_bars(changes), _customer_bars(changes), _seat_bars(changes), _decision_bars(changes)]
    if report.renewals is not None:
        found = [_month_bars(report.renewals), _end_bars(report.renewals)]
    return [one for one in found if one is not None and one.bars]


def _setting_bars(found: Changes) -> Chart:
    counts = Counter({one.field: one.changes for one in found.fields})
    return _count_bars("Changes by setting", "Setting", "Changes", counts.most_common())


def _customer_bars(found: Changes) -> Chart:
    changing = [(one.name, len(one.rows)) for one in found.customers if one.rows]
    sizes = sorted(changing, key=lambda one: -one[1])
    rest = sizes[_MOST:]
    text = ""
    if rest:
        more, count = number_of(len(rest), "more customer"), number_of(sum(size for _name, size in rest), "change")
        text = f"The {_MOST} with the most; {more} {'has' if len(rest) == 1 else 'have'} {count}."
    return _count_bars("Changes by customer", "Customer", "Changes", sizes[:_MOST], text)


def _seat_bars(found: Changes) -> Chart | None:
    seats = found.seats
    if not seats.added and not seats.taken:
        return None
    moved = [one for one in found.customers if one.seats.added or one.seats.taken]
    moved.sort(key=lambda one: -(one.seats.added + one.seats.taken))
    rows = [(one.name, one.seats.before, one.seats.after) for one in moved[:_MOST]]
    longest = max(max(before, after) for _name, before, after in rows)
    text = f"{seats.before:,} → {seats.after:,} where they change: {seats.added:,} added, {seats.taken:,} taken back."
    rest = len(moved) - len(rows)
    if rest:
        text += f" The {_MOST} customers with the most of it; {rest:,} more {'is' if rest == 1 else 'are'} not shown."
    return Chart(
        "Seats before and after",
        ("Customer", "Before", "After"),
        tuple(
            BarRow(
                name,
                (_bar_parts([("muted", before)], longest), _bar_parts([("accent", after)], longest)),
                (f"{before:,}", f"{after:,}"),
            )
            for name, before, after in rows
        ),
        text,
        (LegendEntry("muted", "before"), LegendEntry("accent", "after")),
    )


def _decision_bars(found: Changes) -> Chart:
    return _count_bars("Decisions about the end of a term", "Decision", "Changes", found.ends)


def _end_bars(found: Overview) -> Chart:
    longest = max(found.counts.values(), default=0)
    return Chart(
        "What happens at the end of the term",
        ("What then", "Terms", "Seats"),
        tuple(
            BarRow(
                WORDS[then],
                (_bar_parts([(END_FILLS[then], count)], longest),),
                (f"{count:,}", f"{found.seats[then]:,}"),
            )
            for then, count in found.counts.items()
        ),
    )


def _month_bars(found: Overview) -> Chart:
    months: list[tuple[str, Counter[str], int]] = []
    for month in found.months:
        counts = Counter(one.then for day in month.days for one in day.endings)
        months.append((month.name or "no date", counts, month.rolling))
    longest = max((sum(counts.values()) + rolling for _name, counts, rolling in months), default=0)
    shown = [then for then in WORDS if any(counts[then] for _name, counts, _rolling in months)]
    legend = [LegendEntry(END_FILLS[then], WORDS[then]) for then in shown]
    if any(rolling for _name, _counts, rolling in months):
        legend.append(LegendEntry("muted", "monthly terms that roll on"))
    return Chart(
        "Terms by month",
        ("Last day to decide", "Undecided", "Terms"),
        tuple(
            BarRow(
                name,
                (_bar_parts([*((END_FILLS[then], counts[then]) for then in shown), ("muted", rolling)], longest),),
                (f"{counts['undecided']:,}", f"{sum(counts.values()) + rolling:,}"),
            )
            for name, counts, rolling in months
        ),
        legend=tuple(legend),
    )


def _count_bars(title: str, what: str, number: str, counts: t.Sequence[tuple[str, int]], text: str = "") -> Chart:
    """Bars of one colour, the longest first."""
    longest = max((count for _label, count in counts), default=0)
    return Chart(
        title,
        (what, number),
        tuple(BarRow(label, (_bar_parts([("accent", count)], longest),), (f"{count:,}",)) for label, count in counts),
        text,
    )


def _bar_parts(sizes: t.Iterable[tuple[Fill, int]], longest: int) -> tuple[BarPart, ...]:
    """Parts one after the other, as far as they can be seen."""
    parts, start = [], 0.0
    for tone, size in sizes:
        if size:
            # A tenth of a hundredth is less than a pixel; a bar that stands for something is to be seen.
            width = max(round(100 * size / longest, 1), 0.4)
            parts.append(BarPart(tone, round(start, 1), width))
            start += width
    return tuple(parts)
