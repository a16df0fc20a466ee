# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewals as a calendar: what has to be decided, by customer and day, and nothing else."""

from __future__ import annotations

import importlib.util
import sys
import typing as t
from datetime import date, datetime, timedelta, timezone

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput
from ansible_collections.csp.partner_center.plugins.module_utils._report.forms import table
from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.ics import ics_form
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report
from ansible_collections.csp.partner_center.plugins.module_utils._report.texts import clean

from . import samples
from .samples import NOW

icalendar = pytest.importorskip("icalendar", reason="icalendar is not installed, so no calendar was read back")


def calendar_of(subscriptions: t.Sequence[dict[str, t.Any]], now: datetime = NOW, **more: t.Any) -> t.Any:
    return icalendar.Calendar.from_ical(ics_form(report(list(subscriptions), now, {"kind": "renewals", **more})))


def ending(
    number: int, effect: str, decided: bool, decide_by: str, customer: int = 0, **more: t.Any
) -> dict[str, t.Any]:
    """A subscription whose term ends."""
    made = samples.renewals(number + 1)[number]
    made |= {"customer_id": samples.guid(1, customer), "customer_name": samples.customer_name(customer)}
    made |= {"friendly_name": made["offer_name"], "term_duration": "P1Y", **more}
    made["renewal"] |= {"end_of_term": effect, "decided": decided, "decide_by": decide_by, "ends_at": "2026-12-05"}
    return made


EVENING: t.Final = "2026-12-04T23:59:59Z"


def test_an_event_is_what_one_customer_has_to_decide_by_one_day() -> None:
    calendar = calendar_of(
        [
            ending(0, "extended_service_term", False, EVENING),
            ending(1, "unknown", True, EVENING, quantity=1),
            ending(2, "cancel", True, EVENING),
            ending(3, "extended_service_term", False, "2026-12-11T23:59:59Z"),
            ending(4, "extended_service_term", False, EVENING, customer=1, quantity=1),
        ]
    )
    events = {(str(one["summary"]), one.decoded("dtstart")) for one in calendar.walk("VEVENT")}
    assert events == {
        ("Decide: Northgate Legal LLC, 2 terms with 26 seats end", date(2026, 12, 4)),
        ("Decide: Northgate Legal LLC, 1 term with 25 seats ends", date(2026, 12, 11)),
        ("Decide: Fabrikam Legal LLC, 1 term with 1 seat ends", date(2026, 12, 4)),
    }
    first = next(one for one in calendar.walk("VEVENT") if "26 seats" in one["summary"])
    assert first.decoded("dtend") == date(2026, 12, 5)
    assert str(first["transp"]) == "TRANSPARENT"
    size = "1 year, billed monthly, ends 2026-12-05"
    unknown = "UNKNOWN action"
    assert str(first["description"]).splitlines() == [
        "Northgate Legal LLC: decide before 2026-12-04 23:59 UTC.",
        "What is undecided goes on in a paid extended service term that nobody asked for.",
        "Decide with end_of_term: renew, cancel or extended_service_term.",
        "",
        f"- Microsoft 365 E5: UNDECIDED; 25 seats, {size}; {samples.guid(2, 0)}",
        f"- Microsoft 365 Business Basic: {unknown}; 1 seat, {size}; {samples.guid(2, 1)}",
        "",
        "On the same day, and decided:",
        f"- Office 365 E3 (legacy): is cancelled; 25 seats, {size}; {samples.guid(2, 2)}",
    ]
    (alarm,) = first.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(days=-7)


def test_what_needs_no_decision_is_no_event_and_is_counted() -> None:
    calendar = calendar_of(samples.renewals(60))
    unsaid = [
        one for one in samples.renewals(60) if one["renewal"]["end_of_term"] in ("extended_service_term", "unknown")
    ]
    pairs = {(one["customer_id"], one["renewal"]["decide_by"]) for one in unsaid}
    assert len(calendar.walk("VEVENT")) == len(pairs)
    assert str(calendar["x-wr-caldesc"]) == "20 terms to decide about; 40 terms that need no decision left out"
    none = calendar_of([ending(0, "renew", True, EVENING)])
    assert none.walk("VEVENT") == []


def test_a_time_that_is_over_at_midnight_is_to_be_decided_on_the_day_before() -> None:
    (event,) = calendar_of([ending(0, "unknown", True, "2026-12-04T00:00:00Z")]).walk("VEVENT")
    assert event.decoded("dtstart") == date(2026, 12, 3)
    assert "before 2026-12-04 00:00 UTC" in str(event["description"])


def test_a_term_without_a_date_is_counted() -> None:
    calendar = calendar_of([ending(0, "unknown", True, "")])
    assert calendar.walk("VEVENT") == []
    assert str(calendar["x-wr-caldesc"]) == "0 terms to decide about, 1 without a date left out"


def test_a_later_calendar_takes_the_place_of_an_earlier_one() -> None:
    early, late = (calendar_of(samples.renewals(60), NOW + timedelta(days=days)).walk("VEVENT") for days in (0, 1))
    assert [one["uid"] for one in early] == [one["uid"] for one in late]
    assert len({one["uid"] for one in early}) == len(early)
    assert all(later["sequence"] > earlier["sequence"] for earlier, later in zip(early, late, strict=True))
    assert early[0].decoded("dtstamp") == datetime(2026, 11, 28, 6, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize("name", samples.HOSTILE)
def test_names_are_text(name: str) -> None:
    found = ending(0, "unknown", True, EVENING, customer_name=name, offer_name=name, friendly_name=f"{name}!")
    calendar = calendar_of([found], tenant_name=name)
    (event,) = calendar.walk("VEVENT")
    assert str(event["summary"]) == f"Decide: {clean(name)}, 1 term with 25 seats ends"
    assert f"- {clean(name)} ({clean(name)}!): UNKNOWN" in str(event["description"])
    assert len(calendar.walk()) == 3
    lines = ics_form(report([found], NOW, {"kind": "renewals"})).split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert not any("\n" in line for line in lines)


def test_without_the_library_the_form_is_left_out_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        table, "find_spec", lambda name: None if name == "icalendar" else importlib.util.find_spec(name)
    )
    assert "ics" not in [form.name for form in table.forms_for("renewals", None)]
    (note,) = table.left_out("renewals")
    assert note.endswith(f"{sys.executable} -m pip install 'icalendar>=6'")
    assert table.left_out("plan") == ()
    assert table.forms_for("plan", ["ics", "json"])[0].name == "json"
    with pytest.raises(InvalidInput, match="needs the Python library icalendar"):
        table.forms_for("renewals", ["ics"])


def test_with_the_library_renewals_have_the_form_and_plans_have_not() -> None:
    assert "ics" in [form.name for form in table.forms_for("renewals", None)]
    assert table.left_out("renewals") == ()
    assert "ics" not in [form.name for form in table.forms_for("plan", None)]
