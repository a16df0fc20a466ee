# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The ends of terms as lines of text: what then, and month by month until when to decide. Pure."""

from __future__ import annotations

import typing as t

from ..findings import FailureGroup
from ..model import Report
from ..renewals import UNSAID, WORDS, Ending, Month, Overview, first_undecided, then_in_words
from ..texts import clean, number_of
from .layout import UNLIMITED, Column, TextLine, table
from .sections import Row, Section
from .text_summary import wrapped

_TOTALS: t.Final = (Column("what then"), Column("terms", is_number=True), Column("seats", is_number=True))
_ROW: t.Final = (
    Column(is_fixed=True),
    Column(),
    Column(),
    Column(is_number=True, is_below=True),
    Column(is_below=True),
    Column(is_below=True),
    Column(is_fixed=True, is_below=True),
)


def renewal_summary(report: Report, found: Overview, width: int) -> t.Iterator[TextLine]:
    first = first_undecided(found)
    yield from wrapped(report.headline, width, "warning" if first is not None else "ok")
    if not found.counts:
        return
    rows = [(WORDS[then], f"{count:,}", f"{found.seats[then]:,}") for then, count in found.counts.items()]
    heading, *lines = table(_TOTALS, rows, width)
    yield TextLine(heading)
    yield from (
        TextLine(line, "warning" if then in UNSAID else "") for line, then in zip(lines, found.counts, strict=True)
    )
    if first is not None:
        whom = number_of(found.counts["undecided"], "subscription")
        yield TextLine()
        yield from wrapped(
            f"! {whom} would go on in a paid extended service term that nobody asked for, the first to decide on by "
            f"{first or 'a day that is not known'}. Decide with end_of_term: renew, cancel or extended_service_term.",
            width,
            "warning",
            "  ",
            "",
        )


def renewal_sections(report: Report, found: Overview, width: int) -> list[Section]:
    return [*(_month_section(month, width) for month in found.months), *map(_unread_section, report.unavailable)]


def _month_section(month: Month, width: int) -> Section:
    rows = [row for day in month.days for row in _rows(day.decide_by, day.endings, width)]
    if month.rolling:
        verb = "renews" if month.rolling == 1 else "renew"
        terms, seats = number_of(month.rolling, "monthly term"), number_of(month.rolling_seats, "seat")
        rows.append(Row(above=(TextLine(f"  {terms} with {seats} {verb} as usual"),)))
    return Section((TextLine(month.name or "Without a date", "title"),), tuple(rows), _ROW, noun="term")


def _rows(decide_by: str, endings: t.Iterable[Ending], width: int) -> t.Iterator[Row]:
    above: tuple[TextLine, ...] = (TextLine(f"  decide by {decide_by}"),) if decide_by else ()
    for one in endings:
        nickname = f" ({one.friendly_name})" if one.friendly_name not in ("", one.offer_name) else ""
        cells = (
            clean(then_in_words(one)),
            clean(one.customer_name or one.customer_id),
            clean(f"{one.offer_name or 'unnamed offer'}{nickname}"),
            number_of(one.seats, "seat"),
            clean(one.commitment),
            f"ends {one.ends}" if one.ends else "",
            clean(one.subscription_id) if width >= UNLIMITED else "",
        )
        yield Row(cells, above, customer=one.customer_id, tone="warning" if one.then in UNSAID else "")
        above = ()


def _unread_section(group: FailureGroup) -> Section:
    whom = number_of(group.count, "customer")
    return Section(
        (TextLine(f"! {whom} could not be read, whose subscriptions are missing above: {group.text}", "warning"),),
        tuple(
            Row((one.about.customer_name, one.about.customer_id), customer=one.about.customer_id)
            for one in group.failures
        ),
        (Column(), Column(is_fixed=True)),
        noun="customer",
    )
