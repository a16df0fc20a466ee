# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The generated fleet: reproducible, and with everything in it that trips clients up."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import datetime, timezone

import pytest
from partner_center_emulator.catalog import END_OF_SALE
from partner_center_emulator.clock import parse
from partner_center_emulator.fleet import Fleet
from partner_center_emulator.generate import PARADE, make_subscriptions
from partner_center_emulator.kinds.making import Made
from partner_center_emulator.store import Store
from partner_center_emulator.subscriptions.scope import eligible, in_extended_term, is_licence, outcome, undecided
from partner_center_emulator.subscriptions.terms import add_term, current_term
from partner_center_emulator.switches import Switches

from .hand import Hand, error, read

EPOCH = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)


def everything(fleet: Fleet) -> str:
    return json.dumps([
        [customer.name, customer.domain, [made.resource for made in make_subscriptions(fleet, customer)]]
        for customer in fleet.customers.values()
    ])  # fmt: skip


def test_the_same_seed_gives_the_same_fleet() -> None:
    assert everything(Fleet(7, 6, 10, EPOCH)) == everything(Fleet(7, 6, 10, EPOCH))


def test_another_seed_gives_other_ids() -> None:
    assert not set(Fleet(7, 50, 1, EPOCH).ids) & set(Fleet(8, 50, 1, EPOCH).ids)


def test_ids_do_not_depend_on_the_moment() -> None:
    later = datetime(2027, 3, 1, tzinfo=timezone.utc)
    one, other = (
        [made.resource["id"] for made in make_subscriptions(fleet, fleet.customers[fleet.ids[0]])]
        for fleet in (Fleet(7, 1, 10, EPOCH), Fleet(7, 1, 10, later))
    )
    assert one == other


def test_ten_thousand_customers_cost_nothing_until_they_are_used() -> None:
    fleet = Fleet(1, 10_000, 10, EPOCH)
    assert not list(Store(fleet).loaded())
    assert len(set(fleet.ids)) == 10_000
    assert len({customer.domain for customer in fleet.customers.values()}) == 10_000


@pytest.mark.parametrize("kind", sorted(set(PARADE)))
def test_a_small_fleet_has_every_kind(pc: Hand, kind: str) -> None:
    sub = pc.pick(kind)
    assert sub.fields["kind"] == kind
    assert pc.get(sub)["id"] == sub.id


def test_legacy_has_upper_case_ids_an_etag_and_no_product_type(pc: Hand) -> None:
    resource = pc.get(pc.pick("legacy"))
    assert resource["id"] == resource["id"].upper()
    assert "productType" not in resource
    held = json.loads(base64.b64decode(resource["attributes"]["etag"]))
    assert held["id"] == resource["id"].lower()
    assert held["version"] >= 1


def test_new_commerce_has_lower_case_ids_no_etag_and_seven_digits(pc: Hand) -> None:
    resource = pc.get(pc.pick("nce"))
    assert resource["id"] == resource["id"].lower()
    assert resource["productType"]["id"] == "OnlineServicesNCE"
    assert "etag" not in resource["attributes"]
    assert len(resource["creationDate"].partition(".")[2]) == len("1234567Z")
    assert {"attentionNeeded", "actionTaken"} <= set(resource)


def end(kind: str) -> dict[str, str]:
    return {"scheduleType": "TermEnd", "actionType": kind}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("azure_plan", {"billingType": "usage", "termDuration": "", "cancellationAllowedUntilDate": None}),
        ("trial", {"isTrial": True, "autoRenewEnabled": True, "status": "active", "quantity": 25}),
        ("trial_ending", {"isTrial": True, "autoRenewEnabled": False}),
        ("cancelled_at_end", {"autoRenewEnabled": False, "scheduledActions": [end("Cancel")]}),
        ("extended_chosen", {"autoRenewEnabled": False, "scheduledActions": [end("RenewToExtendedServiceTerm")]}),
        ("extended_backfilled", {"autoRenewEnabled": True, "scheduledActions": [end("RenewToExtendedServiceTerm")]}),
        ("unknown_action", {"autoRenewEnabled": True, "scheduledActions": [end("ConvertToConsumption")]}),
        ("no_auto_renew", {"autoRenewEnabled": False, "scheduledActions": "absent"}),
        ("extended_term", {"termDuration": "P1M", "refundOptions": [], "scheduledActions": "absent"}),
        ("three_years", {"termDuration": "P3Y", "autoRenewEnabled": False}),
        ("end_of_sale", {"productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"}}),
        ("suspended_by_partner", {"status": "suspended", "autoRenewEnabled": False, "suspensionReasons": []}),
        ("software", {"productType": {"id": "Software", "displayName": "Software"}}),
        ("suspended", {"status": "suspended"}),
        ("expired", {"status": "expired", "autoRenewEnabled": False, "suspensionReasons": ["Expiration"]}),
        ("disabled", {"status": "disabled"}),
        ("deleted", {"status": "deleted"}),
        ("pending", {"status": "pending"}),
        ("unknown_status", {"status": "underReview"}),
        ("sparse", {"suspensionReasons": None, "refundOptions": None, "scheduledActions": None}),
        ("marketplace", {"isMicrosoftProduct": False, "attributes": {"etag": "", "objectType": "Subscription"}}),
        ("no_auto_renew", {"autoRenewEnabled": False, "status": "active"}),
        ("legacy_azure", {"offerId": "MS-AZR-0145P", "billingType": "usage"}),
    ],
)
def test_kinds_look_as_their_name_says(pc: Hand, kind: str, expected: dict[str, object]) -> None:
    resource = pc.get(pc.pick(kind))
    assert {name: resource.get(name, "absent") for name in expected} == expected


@pytest.mark.parametrize("per_customer", [5, 10])
def test_every_kind_is_in_a_fleet_of_the_usual_sizes(per_customer: int) -> None:
    fleet = Fleet(1, 20, per_customer, EPOCH)
    made = [made for customer in fleet.customers.values() for made in make_subscriptions(fleet, customer)]
    assert {item.kind for item in made} == set(PARADE)
    addons = [item for item in made if item.kind.endswith("addon")]
    assert all(item.resource["parentSubscriptionId"] for item in addons)


def made(fleet: Fleet) -> list[Made]:
    return [made for customer in fleet.customers.values() for made in make_subscriptions(fleet, customer)]


def test_the_ends_of_terms_have_realistic_shares() -> None:
    """Most renew; one in ten has auto-renew off, and some of those nobody has decided about."""
    licences = [
        item.resource
        for item in made(Fleet(3, 400, 10, EPOCH))
        if is_licence(item.resource) and item.resource["status"] == "active" and not item.resource["isTrial"]
    ]
    found = Counter(outcome(resource, Switches()) for resource in licences)
    shares = {name: count / len(licences) for name, count in found.items()}
    assert 0.80 < shares["renew"] < 0.92
    assert 0.03 < shares["cancel"] < 0.08
    assert 0.05 < shares["extend"] < 0.12
    assert 0 < shares["lapse"] < 0.03
    assert 0.02 < sum(undecided(resource, Switches()) for resource in licences) / len(licences) < 0.07
    assert 0.02 < sum(map(in_extended_term, licences)) / len(licences) < 0.06
    without_successor = [one for one in licences if one["offerName"] == END_OF_SALE.name]
    assert 0.002 < len(without_successor) / len(licences) < 0.02
    assert not any(eligible(resource, Switches()) for resource in without_successor)


def test_what_was_bought_before_the_rule_is_not_eligible_whenever_the_fleet_is_made() -> None:
    for epoch in (EPOCH, parse("2026-05-20"), parse("2027-06-01")):
        found = [item.resource for item in made(Fleet(1, 20, 5, epoch)) if item.kind == "three_years"]
        assert found
        assert not any(eligible(resource, Switches()) for resource in found)


@pytest.mark.parametrize(
    ("now", "actions", "extended"), [("2026-01-10", 0, 0), ("2026-03-01", 1, 0), ("2026-06-01", 1, 1)]
)
def test_a_fleet_of_earlier_days_knows_less(now: str, actions: int, extended: int) -> None:
    found = made(Fleet(1, 40, 5, parse(now)))
    assert any("scheduledActions" in item.resource and item.kind != "sparse" for item in found) is bool(actions)
    assert any(in_extended_term(item.resource) for item in found) is bool(extended)


def test_trials_always_carry_instructions(pc: Hand) -> None:
    for kind in ("trial", "trial_ending"):
        assert pc.get(pc.pick(kind))["scheduledNextTermInstructions"]["quantity"] == 25


def test_software_seats_are_never_given_back(pc: Hand) -> None:
    sub = pc.pick("software")
    more = pc.get(sub)["quantity"] + 5
    assert pc.change(sub, quantity=more).status_code == 200
    assert error(pc.change(sub, quantity=more - 1)) == (400, 800090)
    assert error(pc.change(sub, status="deleted")) == (400, 800096)


def test_a_plain_fleet_has_what_clients_of_2020_know() -> None:
    fleet = Fleet(1, 40, 5, EPOCH, plain=True)
    resources = [item.resource for item in made(fleet)]
    assert {resource["status"] for resource in resources} == {"active", "suspended"}
    assert all(customer.name.isascii() and "{" not in customer.name for customer in fleet.customers.values())
    for resource in resources:
        assert not {"scheduledActions", "commitmentEndDateTime", "attentionNeeded"} & set(resource)
        assert all(len(resource[name]) == 20 for name in ("creationDate", "effectiveStartDate", "commitmentEndDate"))
        assert None not in resource.values()
    assert everything(fleet) == everything(Fleet(1, 40, 5, EPOCH, plain=True))


@pytest.mark.parametrize("kind", ["addon", "legacy_addon", "suspended_addon"])
def test_addons_name_a_parent_of_the_same_customer(pc: Hand, kind: str) -> None:
    sub = pc.pick(kind)
    parent = pc.get(sub)["parentSubscriptionId"]
    addons = read(pc.call("GET", f"/customers/{sub.customer}/subscriptions/{parent}/addons"))
    assert sub.id in [item["id"] for item in addons["items"]]


def test_year_9999_for_what_never_ends(pc: Hand) -> None:
    assert pc.get(pc.pick("azure_plan"))["commitmentEndDate"].startswith("9999-")


def test_windows_are_open_and_closed_as_of_now(pc: Hand) -> None:
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    recent, old, added = (pc.get(pc.pick(kind)) for kind in ("recent", "nce", "added_seats"))
    assert recent["refundableQuantity"]["totalQuantity"] == recent["quantity"]
    assert recent["cancellationAllowedUntilDate"] > now > old["cancellationAllowedUntilDate"]
    assert old["refundableQuantity"]["totalQuantity"] == 0
    assert added["refundableQuantity"]["details"][0]["quantity"] == 5


def test_awkward_names(pc: Hand) -> None:
    names = [customer["name"] for customer in pc.control("GET", "fleet")["customers"]]
    assert "{{ lookup('pipe','id') }}" in names
    assert any(not name.isascii() for name in names)
    assert names.count("Northwind Traders") == 2


def test_resellers(pc: Hand) -> None:
    items = read(pc.call("GET", "/relationships?relationship_type=IsIndirectCloudSolutionProviderOf"))["items"]
    trey = next(item for item in items if item["name"] == "Trey Research")
    assert (trey["id"], trey["mpnId"]) == ("3B33E682-00C3-41EE-9DD2-A548ADF56438", "4391507")
    assert [item["name"] for item in items].count("Wingtip Cloud") == 2


def test_resellers_are_on_some_subscriptions_and_contacts(pc: Hand) -> None:
    subs = [item for customer in pc.control("GET", "fleet")["customers"] for item in customer["subscriptions"]]
    assert {item["has_contact"] for item in subs} == {True, False}
    customers = read(pc.call("GET", "/customers"))["items"]
    partners = {
        item["partnerId"]
        for customer in customers
        for item in read(pc.call("GET", f"/customers/{customer['id']}/subscriptions"))["items"]
    }
    assert {"", "4391507"} < partners


@pytest.mark.parametrize(
    ("start", "term", "times", "end"),
    [
        ("2026-01-31", "P1M", 1, "2026-02-28"),
        ("2024-02-29", "P1Y", 1, "2025-02-28"),
        ("2026-12-15", "P1M", 1, "2027-01-15"),
        ("2026-05-10", "P3Y", 1, "2029-05-10"),
        ("2026-03-31", "P1M", -1, "2026-02-28"),
    ],
)
def test_terms(start: str, term: str, times: int, end: str) -> None:
    assert add_term(parse(start), term, times) == parse(end)


def test_the_current_term_holds_the_moment() -> None:
    begin, end = current_term(parse("2024-05-01"), "P1Y", EPOCH)
    assert (begin, end) == (parse("2026-05-01"), parse("2027-05-01"))
