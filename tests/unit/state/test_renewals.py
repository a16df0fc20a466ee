# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``renewal`` of a subscription, and the ends of a fleet's terms in an overview."""

from __future__ import annotations

import json
import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.filter.renewals import renewals
from ansible_collections.csp.partner_center.plugins.module_utils._common import case
from ansible_collections.csp.partner_center.plugins.module_utils._report import renewals as overview
from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.text import WHOLE, text_lines
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report
from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect
from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term.renewal import renewal

from .samples import CUSTOMER, INSTRUCTIONS, NOW, SUBSCRIPTION, legacy, new_commerce
from .strategies import ODD, unhurried

CANCEL = {"scheduleType": "TermEnd", "actionType": "Cancel"}
EXTEND = {"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}
RENEW = {"scheduleType": "TermEnd", "actionType": "RenewToNewTerm", "instructions": INSTRUCTIONS}


def test_all_of_it() -> None:
    assert renewal(new_commerce(commitmentEndDateTime="2027-01-13T23:59:59Z")) == {
        "end_of_term": "renew",
        "decided": True,
        "ends_at": "2027-01-13T23:59:59Z",
        "decide_by": "2027-01-12T23:59:59Z",
        "quantity_after": 10,
        "eligible_for_extended_service_term": True,
        "in_extended_service_term": False,
    }


@pytest.mark.parametrize(
    ("subscription", "ends_at"),
    [
        (new_commerce(), "2027-01-13T23:59:59Z"),
        (legacy(commitmentEndDate="2027-01-13T00:00:00Z"), "2027-01-13T00:00:00Z"),
        (new_commerce(commitmentEndDateTime="2027-01-13T21:59:59-02:00"), "2027-01-13T23:59:59Z"),
        (new_commerce(commitmentEndDate=...), None),
        (new_commerce(commitmentEndDate="0001-01-01T00:00:00Z"), None),
    ],
)
def test_when_it_ends(subscription: dict[str, t.Any], ends_at: str | None) -> None:
    found = renewal(subscription)
    assert found is not None
    assert found["ends_at"] == ends_at
    assert (found["decide_by"] is None) == (ends_at is None)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "deleted"},
        {"status": "Expired"},
        {"status": "disabled"},
        {"commitmentEndDate": "9999-12-10T00:00:00Z"},
        {"commitmentEndDateTime": "9999-12-31T23:59:59Z", "commitmentEndDate": ...},
        {"billingType": "usage"},
    ],
)
def test_null_where_nothing_ends_or_all_is_over(changes: dict[str, t.Any]) -> None:
    assert renewal(new_commerce(**changes)) is None


@pytest.mark.parametrize(
    ("changes", "end_of_term", "decided", "after"),
    [
        ({}, "renew", True, 10),
        ({"scheduledNextTermInstructions": INSTRUCTIONS}, "renew", True, 60),
        ({"scheduledActions": [RENEW]}, "renew", True, 60),
        ({"scheduledNextTermInstructions": {"product": {}}}, "renew", True, 10),
        ({"scheduledActions": [CANCEL], "scheduledNextTermInstructions": INSTRUCTIONS}, "cancel", True, 0),
        ({"autoRenewEnabled": False, "scheduledActions": [EXTEND]}, "extended_service_term", True, 10),
        ({"scheduledActions": [EXTEND]}, "extended_service_term", False, 10),
        ({"autoRenewEnabled": False}, "extended_service_term", False, 10),
        ({"autoRenewEnabled": False, "productType": {"id": "Software"}}, "lapse", True, 0),
        ({"autoRenewEnabled": False, "status": "suspended"}, "lapse", True, 0),
        ({"scheduledActions": [{"actionType": "Transition"}]}, "transition", True, None),
        ({"scheduledActions": [{"actionType": "Hibernate"}]}, "unknown", True, None),
        # A trial's instructions say what it turns into.
        ({"isTrial": True, "scheduledNextTermInstructions": {**INSTRUCTIONS, "quantity": 25}}, "renew", True, 25),
    ],
)
def test_what_then(changes: dict[str, t.Any], end_of_term: str, decided: bool, after: int | None) -> None:
    found = renewal(new_commerce(**changes))
    assert found is not None
    assert (found["end_of_term"], found["decided"], found["quantity_after"]) == (end_of_term, decided, after)


def test_in_a_cloud_without_extended_terms_nothing_is_undecided() -> None:
    found = renewal(new_commerce(autoRenewEnabled=False), has_extended_terms=False)
    assert found is not None
    assert (found["end_of_term"], found["decided"], found["eligible_for_extended_service_term"]) == (
        "lapse",
        True,
        False,
    )


def test_an_extended_term_is_named() -> None:
    found = renewal(new_commerce(offerName="Office 365 E3 (Extended Service Term)", termDuration="P1M"))
    assert found is not None
    assert found["in_extended_service_term"]
    assert not found["eligible_for_extended_service_term"]
    assert (found["end_of_term"], found["quantity_after"]) == ("extended_service_term", 10)


def of(name: str = "Contoso Ltd", **changes: t.Any) -> dict[str, t.Any]:
    """A subscription as pc_subscription_info returns it."""
    raw = new_commerce(**changes)
    ids = {"customer_id": CUSTOMER, "customer_name": name}
    return {**ids, **case.snake(raw), "renewal": renewal(raw)}


def lines_of(fleet: list[t.Any]) -> list[str]:
    """What a file says of them."""
    return [line.text for line in text_lines(report({"subscriptions": fleet}, NOW), WHOLE)]


def test_an_empty_fleet_says_so() -> None:
    assert lines_of([])[2:] == ["No term ends"]
    assert lines_of([of(status="deleted"), {"id": "x"}])[2:] == ["No term ends"]


def test_the_text() -> None:
    fleet = [
        of("Tailspin Toys", quantity=1, friendlyName="Microsoft 365 Business Basic", billingCycle="annual"),
        of("Fabrikam", autoRenewEnabled=False, quantity=25),
        of("Adatum", scheduledNextTermInstructions=INSTRUCTIONS, commitmentEndDate="2027-02-28T00:00:00Z"),
        of("Wingtip\nToys", scheduledActions=[CANCEL], termDuration="P3Y", commitmentEndDate="2028-04-30T00:00:00Z"),
        of("Contoso", termDuration="P1M", quantity=7),
        of("Litware", termDuration="P1M", quantity=8),
        of("Proseware", termDuration="P1M", quantity=9, scheduledActions=[CANCEL]),
        of("Northwind", offerName="Office 365 E1 Extended Service Term", termDuration="P1M", friendlyName="Desks"),
        of("Lucerne", commitmentEndDate=..., productType={"id": "Software"}, autoRenewEnabled=False, termDuration=...),
    ]
    basic, one, year = "Microsoft 365 Business Basic", SUBSCRIPTION, "1 year, billed monthly"
    within, much = "Office 365 E1 Extended Service Term (Desks)", "10 seats | 3 years, billed monthly"
    assert [re.sub(" {2,}", " | ", line.strip()) for line in lines_of(fleet)[2:]] == [
        "9 terms with 90 seats: 1 undecided, 2 cancelled, 1 ended, 1 in an extended service term, 4 renewed",
        "what then | terms | seats",
        "undecided | 1 | 25",
        "cancelled | 2 | 19",
        "ended | 1 | 10",
        "in an extended service term | 1 | 10",
        "renewed | 4 | 26",
        "",
        "! 1 subscription would go on in a paid extended service term that nobody asked for, the first to",
        "decide on by 2027-01-12. Decide with end_of_term: renew, cancel or extended_service_term.",
        "",
        "2027-01",
        "decide by 2027-01-12",
        f"UNDECIDED | Fabrikam | {basic} (nickname) | 25 seats | {year} | ends 2027-01-13 | {one}",
        f"is cancelled | Proseware | {basic} (nickname) | 9 seats | 1 month | ends 2027-01-13 | {one}",
        f"goes on in its extended term | Northwind | {within} | 10 seats | 1 month | ends 2027-01-13 | {one}",
        f"renews | Tailspin Toys | {basic} | 1 seat | 1 year, billed annually | ends 2027-01-13 | {one}",
        "2 monthly terms with 15 seats renew as usual",
        "",
        "2027-02",
        "decide by 2027-02-27",
        f"renews with 60 seats | Adatum | {basic} (nickname) | 10 seats | {year} | ends 2027-02-28 | {one}",
        "",
        "2028-04",
        "decide by 2028-04-29",
        f"is cancelled | Wingtip Toys | {basic} (nickname) | {much} | ends 2028-04-30 | {one}",
        "",
        "Without a date",
        f"ends | Lucerne | {basic} (nickname) | 10 seats | {one}",
    ]


def test_a_monthly_term_that_changes_is_listed() -> None:
    found = overview.overview([of(termDuration="P1M", scheduledNextTermInstructions=INSTRUCTIONS)])
    assert found.months[0].rolling == 0
    assert found.months[0].days[0].endings[0].seats_after == 60


_fleets = st.lists(
    st.builds(
        of,
        st.sampled_from(["Contoso", "contoso", "Fabrikam"]),
        autoRenewEnabled=st.booleans(),
        scheduledActions=st.sampled_from([None, [CANCEL], [EXTEND], [RENEW], [{"actionType": "Hibernate"}]]),
        termDuration=st.sampled_from(["P1M", "P1Y", "P3Y", ...]),
        commitmentEndDate=st.sampled_from(["2027-01-01", "2027-01-31", "2027-02-01", "9999-12-10", ...]),
        quantity=st.integers(0, 3),
        status=st.sampled_from(["active", "suspended", "deleted"]),
    ),
    max_size=8,
)


@unhurried
@given(_fleets, st.randoms(use_true_random=False))
def test_each_end_is_there_once_in_its_month_whatever_the_order(fleet: list[dict[str, t.Any]], random: t.Any) -> None:
    found = overview.overview(fleet)
    ending = [one for one in fleet if one["renewal"] is not None]
    listed = [one for month in found.months for day in month.days for one in day.endings]
    assert len(listed) + sum(month.rolling for month in found.months) == len(ending) == sum(found.counts.values())
    assert sum(found.seats.values()) == sum(one["quantity"] for one in ending)
    assert all(day.decide_by[:7] == month.name for month in found.months for day in month.days)
    assert not any(one.rolls_on for one in listed)
    undecided = sum(one["renewal"]["decided"] is False for one in ending)
    assert found.counts.get("undecided", 0) == undecided == sum(one.then == "undecided" for one in listed)
    days = [day.decide_by for month in found.months for day in month.days if day.decide_by]
    assert days == sorted(days)
    for month in found.months:
        for day in month.days:
            assert [one.then == "undecided" for one in day.endings] == sorted(
                (one.then == "undecided" for one in day.endings), reverse=True
            )
    shuffled = list(fleet)
    random.shuffle(shuffled)
    again = overview.overview(shuffled)
    assert overview.ends_headline(again) == overview.ends_headline(found)
    assert sorted(lines_of(shuffled)) == sorted(lines_of(fleet))
    assert json.loads(json.dumps(overview.to_dict(found)))["counts"] == found.counts


@unhurried
@given(ODD, ODD, ODD)
def test_odd_subscriptions_have_a_line(one: t.Any, other: t.Any, odd: t.Any) -> None:
    raw = new_commerce(scheduledActions=one, scheduledNextTermInstructions=other, quantity=odd, commitmentEndDate=odd)
    found = renewal(raw)
    assert found is None or found["end_of_term"] in effect.EFFECTS
    told = lines_of([{**case.snake(raw), "customer_name": odd, "renewal": found}])
    assert all("\n" not in line for line in told)


def test_the_filter_shows_names_as_they_are_and_refuses_what_it_cannot_read() -> None:
    shown = renewals([of("{{ 7 * 7 }}", autoRenewEnabled=False)])
    assert any("{{ 7 * 7 }}" in line for line in shown["lines"])
    assert shown["counts"] == {"undecided": 1}
    assert shown["months"][0]["days"][0]["subscriptions"][0]["then"] == "undecided"
    with pytest.raises(AnsibleFilterError, match="takes a list"):
        renewals({"subscriptions": []})
    with pytest.raises(AnsibleFilterError, match=f"{SUBSCRIPTION} has no renewal"):
        renewals([case.snake(new_commerce())])
