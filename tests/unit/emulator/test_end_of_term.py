# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock moves over the end of a term: renewal, cancellation, extended service term, or the old days of grace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from partner_center_emulator import catalog
from partner_center_emulator.clock import iso, parse
from partner_center_emulator.subscriptions.prices import charge

from ..emulators import Emulator
from .hand import Hand, Sub, error, read
from .test_scheduled_actions import ACTIONS, CANCEL, EXTEND, LETS_END, RENEW
from .test_schedules import NEXT_TERM, instructions

OLD_TERM = {"effectiveStartDate": "2025-03-31T00:00:00Z"}


def term_end(resource: dict[str, Any]) -> datetime:
    return parse(resource["commitmentEndDateTime"])


def go(pc: Hand, moment: datetime) -> None:
    pc.control("POST", "clock", {"now": iso(moment)})


def after(pc: Hand, sub: Sub, **delta: float) -> dict[str, Any]:
    """The subscription some time after the end of its present term."""
    go(pc, term_end(pc.raw(sub)) + timedelta(**(delta or {"minutes": 1})))
    return pc.get(sub)


@pytest.fixture
def sub(pc: Hand) -> Sub:
    return pc.pick("nce")


def life(pc: Hand, sub: Sub, *days: int) -> list[str]:
    """The statuses so many days after the end."""
    over = term_end(pc.raw(sub))
    statuses = []
    for day in days:
        go(pc, over + timedelta(days=day, minutes=1))
        statuses.append(pc.get(sub)["status"])
    return statuses


LAPSE = ["active", "expired", "expired", "disabled", "disabled", "deleted"]
LATER = (-1, 0, 29, 31, 119, 121)


@pytest.mark.parametrize(
    ("fields", "days", "statuses"),
    [
        # In scope: the service stops at once, the data is kept for 90 days.
        (LETS_END, (-1, 0, 89, 91), ["active", "disabled", "disabled", "deleted"]),
        ({"autoRenewEnabled": True}, (-1, 0, 31, 121), ["active"] * 4),
        ({"autoRenewEnabled": False}, (-1, 0, 31, 121), ["active"] * 4),
        ({"autoRenewEnabled": False, ACTIONS: [EXTEND]}, (-1, 0, 31, 121), ["active"] * 4),
        # Bought before 1 April 2025: the old days of grace.
        ({"autoRenewEnabled": False, **OLD_TERM}, LATER, LAPSE),
        ({**LETS_END, **OLD_TERM}, (-1, 0, 89, 91), ["active", "disabled", "disabled", "deleted"]),
        ({"autoRenewEnabled": True, **OLD_TERM}, (-1, 0, 31, 121), ["active"] * 4),
    ],
)
def test_what_becomes_of_it(
    pc: Hand, sub: Sub, fields: dict[str, Any], days: tuple[int, ...], statuses: list[str]
) -> None:
    pc.set(sub, **fields)
    assert life(pc, sub, *days) == statuses


@pytest.mark.parametrize("kind", ["trial", "marketplace", "end_of_sale"])
def test_what_is_out_of_scope_lapses(pc: Hand, kind: str) -> None:
    sub = pc.pick(kind)
    pc.set(sub, autoRenewEnabled=False)
    assert life(pc, sub, *LATER) == LAPSE


@pytest.mark.parametrize(("day", "expected"), [("2026-05-03", "expired"), ("2026-05-04", "active")])
def test_terms_that_end_before_and_after_the_fourth_of_may(tmp_path_factory: Any, day: str, expected: str) -> None:
    folder = tmp_path_factory.mktemp("before")
    emulator = Emulator(folder, ("--customers", "6", "--now", "2026-04-20T12:00:00Z", "--seed", "7")).start()
    pc = Hand(folder)
    try:
        sub = pc.pick("no_auto_renew")
        pc.set(
            sub,
            effectiveStartDate=f"2025-{day[5:]}T10:00:00Z",
            commitmentEndDate=f"{day}T00:00:00Z",
            commitmentEndDateTime=f"{day}T23:59:59Z",
        )
        resource = after(pc, sub)
        assert resource["status"] == expected
        assert ("Extended Service Term" in resource["offerName"]) is (expected == "active")
    finally:
        pc.close()
        emulator.stop()


def test_an_extended_service_term_is_an_offer_of_its_own_by_the_month(pc: Hand, sub: Sub) -> None:
    pc.set(sub, autoRenewEnabled=False, **{ACTIONS: [EXTEND]}, billingCycle="annual")
    before = pc.get(sub)
    resource = after(pc, sub)
    assert resource["id"] == before["id"]
    assert resource["offerName"] == f"{before['offerName']} Extended Service Term"
    assert resource["offerId"] != before["offerId"]
    assert resource["offerId"].split(":")[0] == before["offerId"].split(":")[0]
    assert (resource["termDuration"], resource["billingCycle"], resource["status"]) == ("P1M", "monthly", "active")
    assert (resource["quantity"], resource["friendlyName"]) == (before["quantity"], before["friendlyName"])
    assert (resource["refundableQuantity"]["totalQuantity"], resource["refundOptions"]) == (0, [])
    assert ACTIONS not in resource
    # It goes on month by month.
    later = after(pc, sub, days=70)
    assert later["offerName"] == resource["offerName"]
    assert term_end(later) > term_end(resource) + timedelta(days=50)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"quantity": 200}, (400, 900279)),
        ({"billingCycle": "annual"}, (400, 900279)),
        ({"status": "suspended"}, (400, 900279)),
        ({"friendlyName": "x"}, None),
        ({"partnerId": "4391507"}, None),
        ({"status": "deleted"}, None),
        ({"autoRenewEnabled": False, ACTIONS: [CANCEL]}, None),
        ({"autoRenewEnabled": True, ACTIONS: [RENEW]}, None),
    ],
)
def test_what_can_be_changed_within_one(pc: Hand, sub: Sub, fields: dict[str, Any], refusal: Any) -> None:
    pc.set(sub, partnerId="", **{ACTIONS: [EXTEND]})
    after(pc, sub, days=20)
    response = pc.change(sub, **fields)
    assert error(response) == refusal if refusal else response.status_code == 200, response.text
    pc.switch(est_modify_error="900280")
    if refusal:
        assert error(pc.change(sub, **fields)) == (400, 900280)


def test_one_is_cancelled_at_the_end_of_its_month(pc: Hand, sub: Sub) -> None:
    pc.set(sub, **{ACTIONS: [EXTEND]})
    after(pc, sub)
    assert pc.change(sub, **LETS_END).status_code == 200
    assert after(pc, sub)["status"] == "disabled"


@pytest.mark.parametrize("with_instructions", [True, False])
def test_the_way_back_to_the_product(pc: Hand, sub: Sub, with_instructions: bool) -> None:
    before = pc.get(sub)
    wanted = instructions(before, quantity=7)
    pc.set(sub, **{ACTIONS: [EXTEND]})
    after(pc, sub)
    action = {**RENEW, "instructions": wanted} if with_instructions else RENEW
    assert pc.change(sub, autoRenewEnabled=True, **{ACTIONS: [action]}).status_code == 200
    resource = after(pc, sub)
    assert (resource["offerName"], resource["termDuration"]) == (before["offerName"], "P1Y")
    assert resource["offerId"].split(":")[:2] == before["offerId"].split(":")[:2]
    assert resource["quantity"] == (7 if with_instructions else before["quantity"])


def test_one_may_come_with_a_new_id(pc: Hand, sub: Sub) -> None:
    pc.switch(est_identity="new_id")
    pc.set(sub, **{ACTIONS: [EXTEND]})
    name, path = pc.get(sub)["offerName"], f"/customers/{sub.customer}/subscriptions"
    known = {item["id"] for item in read(pc.call("GET", path))["items"]}
    assert after(pc, sub, days=40)["status"] == "deleted"
    pc.new_token("app")
    born = [item for item in read(pc.call("GET", path))["items"] if item["id"] not in known]
    assert [item["offerName"] for item in born if item["offerName"].startswith(name)] == [
        f"{name} Extended Service Term"
    ]
    one = next(item for item in born if item["offerName"].startswith(name))
    assert pc.get(Sub(sub.customer, one["id"], one)) == one
    assert one["links"]["self"]["uri"].endswith(one["id"])


@pytest.mark.parametrize(
    ("way", "statuses"),
    [
        ("disabled", ["suspended", "disabled", "disabled", "deleted"]),
        ("expired", ["suspended", "expired", "disabled", "deleted"]),
        ("extended", ["suspended", "active", "active", "active"]),
    ],
)
def test_a_suspended_one_at_the_end_of_its_term(pc: Hand, sub: Sub, way: str, statuses: list[str]) -> None:
    pc.switch(est_suspended_at_end=way)
    assert pc.change(sub, status="suspended").status_code == 200
    assert life(pc, sub, -1, 1, 31, 121) == statuses


def test_legacy_is_deleted_after_ninety_days_of_suspension(pc: Hand) -> None:
    sub = pc.pick("legacy")
    pc.set(sub, commitmentEndDate="2029-01-01T00:00:00Z")
    assert pc.change(sub, status="suspended").status_code == 200
    pc.advance(days=89)
    assert pc.get(sub)["status"] == "suspended"
    pc.advance(days=2)
    assert pc.get(sub)["status"] == "deleted"


def test_suspended_legacy_is_deleted_with_its_term(pc: Hand) -> None:
    sub = pc.pick("legacy_suspended")
    go(pc, parse(pc.get(sub)["commitmentEndDate"]) + timedelta(minutes=1))
    assert pc.get(sub)["status"] == "deleted"


@pytest.mark.parametrize("form", [NEXT_TERM, ACTIONS])
def test_scheduled_seats_come_with_the_renewal_in_either_form(pc: Hand, sub: Sub, form: str) -> None:
    wanted = instructions(pc.get(sub), quantity=33)
    value = wanted if form == NEXT_TERM else [{**RENEW, "instructions": wanted}]
    assert pc.change(sub, **{form: value}).status_code == 200
    resource = after(pc, sub)
    assert (resource["quantity"], resource["billingCycle"]) == (33, "annual")
    assert not {NEXT_TERM, ACTIONS} & set(resource)


def test_a_transition_brings_another_product(pc: Hand, sub: Sub) -> None:
    other = next(product for product in catalog.NCE if product.name != pc.get(sub)["offerName"])
    wanted = instructions({"offerId": other.offer_id}, quantity=9)
    action = {"scheduleType": "TermEnd", "actionType": "Transition", "instructions": wanted}
    assert pc.change(sub, **{ACTIONS: [action]}).status_code == 200
    resource = after(pc, sub)
    assert (resource["offerName"], resource["offerId"], resource["quantity"]) == (other.name, other.offer_id, 9)


def test_an_action_of_a_custom_date_does_not_wait(pc: Hand, sub: Sub) -> None:
    date = parse(pc.control("GET", "clock")["now"]) + timedelta(days=5)
    action = {"scheduleType": "CustomDate", "actionType": "Cancel", "effectiveDate": iso(date)}
    assert pc.change(sub, autoRenewEnabled=False, **{ACTIONS: [action]}).status_code == 200
    go(pc, date - timedelta(minutes=1))
    assert pc.get(sub)["status"] == "active"
    go(pc, date + timedelta(minutes=1))
    resource = pc.get(sub)
    assert (resource["status"], resource["commitmentEndDateTime"]) == ("disabled", iso(date))


@pytest.mark.parametrize("renews", [True, False])
def test_the_queue_after_the_end(pc: Hand, sub: Sub, renews: bool) -> None:
    pc.switch(renewal_queue_minutes=120)
    if not renews:
        assert pc.change(sub, **LETS_END).status_code == 200
    over = term_end(pc.get(sub))
    waiting = after(pc, sub, minutes=60)
    assert (term_end(waiting), waiting["status"]) == (over, "active")
    for fields in ({"friendlyName": "x"}, {"autoRenewEnabled": not renews}, {"quantity": 500}):
        response = pc.change(sub, **fields)
        assert response.status_code == (409 if renews else 400)
        assert read(response).get("code") == (None if renews else 900277)
    go(pc, over + timedelta(minutes=121))
    resource = pc.get(sub)
    assert resource["status"] == ("active" if renews else "disabled")
    assert (term_end(resource) > over) is renews


def test_a_trial_becomes_the_paid_subscription_of_its_instructions(pc: Hand) -> None:
    sub = pc.pick("trial")
    wanted = {**instructions({"offerId": catalog.NCE[2].offer_id}), "quantity": 30}
    wanted["product"]["billingCycle"] = "monthly"
    assert pc.change(sub, autoRenewEnabled=True, **{NEXT_TERM: wanted}).status_code == 200
    assert pc.change(sub, **{NEXT_TERM: {**wanted, "quantity": 24}}).status_code == 400
    resource = after(pc, sub)
    assert (resource["isTrial"], resource["quantity"], resource["termDuration"]) == (False, 30, "P1Y")
    assert (resource["offerName"], resource["billingCycle"]) == (catalog.NCE[2].name, "monthly")
    assert NEXT_TERM not in resource


def test_a_trials_instructions_stay_whatever_is_written(pc: Hand) -> None:
    sub = pc.pick("trial")
    wanted = {**instructions({"offerId": catalog.NCE[2].offer_id}), "quantity": 25}
    pc.set(sub, autoRenewEnabled=True, **{NEXT_TERM: wanted})
    assert pc.patch(sub, {"friendlyName": "x", "autoRenewEnabled": False}).status_code == 200
    resource = pc.get(sub)
    assert (resource["autoRenewEnabled"], resource[NEXT_TERM], resource["friendlyName"]) == (False, wanted, "x")


def charges(pc: Hand, sub: Sub) -> list[dict[str, Any]]:
    pc.get(sub)
    return list(pc.control("GET", f"{sub.path[1:]}/charges"))


def test_a_suspended_subscription_goes_on_being_charged(pc: Hand, sub: Sub) -> None:
    pc.set(sub, billingCycle="monthly", billingCycleEndDateTime=iso(parse(pc.control("GET", "clock")["now"])))
    assert pc.change(sub, status="suspended").status_code == 200
    pc.advance(days=62)
    pc.new_token("app")
    assert len(charges(pc, sub)) >= 2
    assert {item["offer_name"] for item in charges(pc, sub)} == {pc.get(sub)["offerName"]}


def test_the_extended_service_term_costs_more_and_an_ended_one_nothing(pc: Hand, sub: Sub) -> None:
    pc.set(sub, **{ACTIONS: [EXTEND]})
    product = catalog.find(pc.get(sub)["offerId"])
    assert product is not None
    after(pc, sub, days=40)
    last = charges(pc, sub)[-1]
    assert last["offer_name"] == f"{product.name} Extended Service Term"
    assert last["unit_price"] == round(product.monthly_price * 1.03, 2)
    assert pc.change(sub, status="deleted").status_code == 200
    count = len(charges(pc, sub))
    pc.advance(days=90)
    pc.new_token("app")
    assert len(charges(pc, sub)) == count


@pytest.mark.parametrize(
    ("product", "term", "cycle", "unit", "months"),
    [
        (catalog.NCE[3], "P1Y", "monthly", 36.70, 1),
        (catalog.NCE[3], "P1Y", "annual", 36.70, 12),
        (catalog.NCE[3], "P3Y", "triennial", 36.70, 36),
        (catalog.NCE[3], "P1M", "monthly", 44.04, 1),
        (catalog.NCE[3].extended, "P1M", "monthly", 45.36, 1),
        (catalog.NCE_ADDON[2], "P1Y", "monthly", 28.10, 1),
        # No monthly plan: 23 % above the annual price.
        (catalog.NCE_ADDON[2].extended, "P1M", "monthly", 34.56, 1),
    ],
)
def test_prices(product: catalog.Product, term: str, cycle: str, unit: float, months: int) -> None:
    resource = {
        "offerId": product.offer_id, "offerName": product.name, "termDuration": term, "billingCycle": cycle,
        "quantity": 10,
    }  # fmt: skip
    made = charge(resource, parse("2026-06-01"))
    assert made is not None
    assert (made.unit_price, made.months, made.amount) == (unit, months, round(unit * months * 10, 2))


@pytest.mark.parametrize("product", catalog.NCE + catalog.NCE_ADDON, ids=lambda product: product.name)
def test_every_licence_has_an_extended_service_term(product: catalog.Product) -> None:
    assert catalog.find(product.offer_id) is product
    assert catalog.find(product.extended.offer_id) == product.extended
    assert catalog.base_of(product.extended.offer_id) is product
    assert catalog.base_of(product.offer_id) is None


@pytest.mark.parametrize(
    ("switches", "kind", "fields", "refusal"),
    [
        ({}, "nce", {"quantity": 1}, (400, 800090)),
        ({"seat_window_error": "900257"}, "nce", {"quantity": 1}, (400, 900257)),
        ({"seat_window_error": "900214"}, "nce", {"quantity": 1}, (400, 900214)),
        ({}, "nce", {"status": "deleted"}, (400, 900117)),
        ({"cancel_window_error": "900213"}, "nce", {"status": "deleted"}, (400, 900213)),
        ({}, "marketplace", {"status": "deleted"}, (400, 900213)),
        ({"microsoft_suspension": "kept"}, "suspended", {"status": "active"}, (400, 800096)),
    ],
)
def test_windows_and_suspensions_by_their_codes(
    pc: Hand, switches: dict[str, Any], kind: str, fields: dict[str, Any], refusal: tuple[int, int]
) -> None:
    pc.switch(**switches)
    sub = pc.pick(kind)
    if "quantity" in fields:
        pc.set(sub, quantity=40)
    assert error(pc.change(sub, **fields)) == refusal


@pytest.mark.parametrize(("rule", "status"), [("accepted", 200), ("refused", 404)])
def test_an_availability_that_is_no_more(pc: Hand, sub: Sub, rule: str, status: int) -> None:
    pc.switch(stale_availability=rule)
    fresh = instructions(pc.get(sub))
    old = {**fresh, "product": {**fresh["product"], "availabilityId": "CFQ7TTC0OLD1"}}
    for form in ({NEXT_TERM: old}, {ACTIONS: [{**RENEW, "instructions": old}]}):
        response = pc.change(sub, **form)
        assert response.status_code == status
        assert status == 200 or error(response) == (404, 400019)
    assert pc.change(sub, **{NEXT_TERM: fresh, ACTIONS: None}).status_code == 200


def dated(resource: dict[str, Any], date: str, **product: str) -> dict[str, Any]:
    wanted = instructions(resource)
    return {**wanted, "product": {**wanted["product"], **product}, "customTermEndDate": f"{date}T00:00:00Z"}


@pytest.mark.parametrize(
    ("date", "product", "code"),
    [
        ("2028-02-29", {}, None),
        ("2027-07-01", {}, None),
        ("2027-07-02", {}, 900246),
        ("2027-09-12", {}, 900246),
        ("2026-12-31", {}, 900245),
        ("2028-12-31", {}, 900245),
        ("2027-05-29", {"termDuration": "P1M"}, 900245),
        ("2027-05-31", {"termDuration": "P1M"}, None),
        ("2027-05-12", {"termDuration": "P1M"}, 900246),
    ],
)
def test_the_end_of_the_next_term_is_aligned(
    pc: Hand, sub: Sub, date: str, product: dict[str, str], code: int | None
) -> None:
    """With a month, or with another subscription of the customer."""
    pc.set(sub, commitmentEndDate="2027-04-30T00:00:00Z", commitmentEndDateTime="2027-05-01T23:59:59Z")
    listed = read(pc.call("GET", f"/customers/{sub.customer}/subscriptions"))["items"]
    for item in listed:
        if item["id"] != sub.id and item.get("productType"):
            path = f"customers/{sub.customer}/subscriptions/{item['id']}"
            pc.control("PATCH", path, {"commitmentEndDateTime": "2027-07-01T23:59:59Z", "termDuration": "P1Y"})
    form = {NEXT_TERM: dated(pc.get(sub), date, **product)}
    response = pc.change(sub, **form)
    assert error(response) == (400, code) if code else response.status_code == 200
    if code is None:
        assert after(pc, sub)["commitmentEndDateTime"] == f"{date}T23:59:59Z"
        return
    pc.switch(custom_term_end_check="none")
    assert pc.change(sub, **form).status_code == 200


@pytest.mark.parametrize("kind", ["trial", "marketplace", "software"])
def test_only_licences_are_aligned(pc: Hand, kind: str) -> None:
    sub = pc.pick(kind)
    wanted = {**dated(pc.get(sub), "2027-12-31"), "quantity": 25}
    assert error(pc.change(sub, **{NEXT_TERM: wanted})) == (400, 900244)
