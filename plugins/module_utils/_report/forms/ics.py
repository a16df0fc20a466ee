# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The renewals as a calendar: an event for each customer and last day on which something has to be decided. Pure.

RFC 5545, written by the library ``icalendar``, which escapes names and folds lines. It is not among the libraries that
every user needs, so it is imported here, and the table of forms says where it is missing.
"""

from __future__ import annotations

import typing as t
from datetime import date, datetime, timedelta, timezone

from ..._common.times import parse_time
from ..model import Report
from ..renewals import UNSAID, Ending, Overview, then_in_words
from ..texts import number_of

#: So long before the day the calendar reminds of it.
_REMINDER: t.Final = timedelta(days=7)
_PRODUCT: t.Final = "-//csp.partner_center//renewals//EN"


def ics_form(report: Report) -> str:
    """A calendar to import or to subscribe to: an event keeps its UID, so that a later one takes its place."""
    from icalendar import Calendar

    found = report.renewals or Overview((), {}, {})
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = f"Partner Center: {report.title}{f', {report.tenant}' if report.tenant else ''}"
    for key in ("name", "x-wr-calname"):
        calendar.add(key, name)
    for key in ("description", "x-wr-caldesc"):
        calendar.add(key, _contents(found))
    made = parse_time(report.created) or datetime(1970, 1, 1, tzinfo=timezone.utc)
    for endings in _decisions_by_customer(found):
        calendar.add_component(_event(endings, made))
    text: bytes = calendar.to_ical()
    return text.decode()


def _contents(found: Overview) -> str:
    """What is in the calendar, and what is not, in one sentence."""
    unsaid = [one for month in found.months for day in month.days for one in day.endings if one.then in UNSAID]
    undated = sum(not one.decide_by for one in unsaid)
    total = sum(found.counts.values())
    told = f"{number_of(len(unsaid) - undated, 'term')} to decide about"
    if undated:
        told += f", {undated:,} without a date left out"
    if total > len(unsaid):
        told += f"; {number_of(total - len(unsaid), 'term')} that need no decision left out"
    return told


def _decisions_by_customer(found: Overview) -> t.Iterator[list[Ending]]:
    """The ends of terms of one customer with one last day, where anything of them is to be decided."""
    for month in found.months:
        for day in month.days:
            by_customer: dict[str, list[Ending]] = {}
            for one in day.endings:
                by_customer.setdefault(one.customer_id.lower(), []).append(one)
            yield from (
                endings
                for endings in by_customer.values()
                if day.decide_by and any(one.then in UNSAID for one in endings)
            )


def _event(endings: t.Sequence[Ending], made: datetime) -> t.Any:
    from icalendar import Alarm, Event

    first = endings[0]
    day = date.fromisoformat(first.decide_by)
    event = Event()
    event.add("uid", f"{first.decide_by}.{first.customer_id.lower()}@renewals.csp.partner-center")
    event.add("dtstamp", made)
    event.add("sequence", int(made.timestamp()) // 60)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", _event_title(endings))
    event.add("description", "\n".join(_description(endings)))
    event.add("categories", ["Renewals"])
    # It takes nobody's time.
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -_REMINDER)
    alarm.add("description", _event_title(endings))
    event.add_component(alarm)
    return event


def _event_title(endings: t.Sequence[Ending]) -> str:
    unsaid = [one for one in endings if one.then in UNSAID]
    seats = number_of(sum(one.seats for one in unsaid), "seat")
    verb = "ends" if len(unsaid) == 1 else "end"
    return f"Decide: {_customer_called(endings[0])}, {number_of(len(unsaid), 'term')} with {seats} {verb}"


def _description(endings: t.Sequence[Ending]) -> t.Iterator[str]:
    deadlines = [one.decide_at for one in endings if one.then in UNSAID]
    yield f"{_customer_called(endings[0])}: decide before {min(deadlines)}."
    if any(one.then == "undecided" for one in endings):
        yield "What is undecided goes on in a paid extended service term that nobody asked for."
    yield "Decide with end_of_term: renew, cancel or extended_service_term."
    decided = [one for one in endings if one.then not in UNSAID]
    yield ""
    yield from (_line_of(one) for one in endings if one.then in UNSAID)
    if decided:
        yield ""
        yield "On the same day, and decided:"
        yield from (_line_of(one) for one in decided)


def _line_of(one: Ending) -> str:
    nickname = f" ({one.friendly_name})" if one.friendly_name not in ("", one.offer_name) else ""
    what = f"{one.offer_name or 'unnamed offer'}{nickname}"
    size = [number_of(one.seats, "seat"), one.commitment, f"ends {one.ends}" if one.ends else ""]
    return f"- {what}: {then_in_words(one)}; {', '.join(filter(None, size))}; {one.subscription_id}"


def _customer_called(one: Ending) -> str:
    return one.customer_name or one.customer_id
