# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PATCH of a subscription: what is changed, what is ignored, what is refused and how."""

from __future__ import annotations

from typing import Any

import pytest
from partner_center_emulator.subscriptions.fields import FIELDS

from .hand import Hand, error, read


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("nce", {"friendlyName": "Seats of Zürich 🏔"}),
        ("legacy", {"friendlyName": "New name"}),
        ("legacy", {"quantity": 77}),
        ("nce", {"quantity": 150}),
        ("nce", {"autoRenewEnabled": False}),
        ("no_auto_renew", {"autoRenewEnabled": True}),
        ("nce", {"status": "suspended"}),
        ("suspended", {"status": "active"}),
        ("legacy_suspended", {"status": "active"}),
        ("recent", {"status": "deleted"}),
        ("legacy", {"status": "deleted"}),
        ("nce", {"partnerId": "4391507"}),
        ("marketplace", {"quantity": 61, "friendlyName": "Both at once"}),
    ],
)
def test_a_change_is_answered_and_stored(pc: Hand, kind: str, fields: dict[str, Any]) -> None:
    sub = pc.pick(kind)
    before = pc.get(sub)
    response = pc.change(sub, **fields)
    assert response.status_code == 200, response.text
    after = read(response)
    assert {name: after[name] for name in fields} == fields
    assert pc.get(sub) == after
    moved = {name for name in before | after if before.get(name) != after.get(name)}
    # Auto-renew off becomes the extended service term, and suspension turns it off.
    consequences = {"attributes", "refundableQuantity", "suspensionReasons"}
    if fields.get("autoRenewEnabled") is False or fields.get("status") == "suspended":
        consequences |= {"scheduledActions", "autoRenewEnabled"}
    assert moved <= set(fields) | consequences
    assert pc.counters()["effective_writes"] == 1


def test_a_minimal_body_is_a_merge(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    before = pc.get(sub)
    assert pc.patch(sub, {"friendlyName": "Only this"}).status_code == 200
    assert pc.get(sub) == before | {"friendlyName": "Only this"}


def test_nothing_to_change_is_no_effective_write(pc: Hand) -> None:
    sub = pc.pick("legacy")
    before = pc.get(sub)
    assert pc.patch(sub, before).status_code == 200
    assert pc.get(sub) == before
    assert pc.counters()["effective_writes"] == 0
    assert pc.log()[-2]["effective"] is False


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda key: key[0].upper() + key[1:]])
def test_keys_are_matched_without_regard_to_case(pc: Hand, change: Any) -> None:
    sub = pc.pick("legacy")
    resource = pc.get(sub) | {"friendlyName": "Case", "links": {"Self": {"Uri": "x"}}}
    body = {change(name): value for name, value in resource.items()}
    assert pc.patch(sub, body).status_code == 200
    assert pc.get(sub)["friendlyName"] == "Case"
    assert pc.get(sub)["links"] != {"Self": {"Uri": "x"}}


def test_nulls_leave_ordinary_fields_alone(pc: Hand) -> None:
    sub = pc.pick("legacy")
    before = pc.get(sub)
    body = {
        "Id": None, "FriendlyName": "Nulls", "Quantity": None, "ParentSubscriptionId": None, "PartnerId": None,
        "Status": None, "BillingCycle": None, "AutoRenewEnabled": True, "Attributes": None,
    }  # fmt: skip
    assert pc.patch(sub, body).status_code == 200
    after = pc.get(sub)
    assert after == before | {"friendlyName": "Nulls", "attributes": after["attributes"]}


def test_read_only_fields_are_ignored(pc: Hand) -> None:
    sub = pc.pick("nce")
    before = pc.get(sub)
    readonly = {
        "offerId": "x", "offerName": "x", "creationDate": "0001-01-01T00:00:00", "commitmentEndDate": "2030-01-01",
        "orderId": "x", "productType": None, "refundOptions": [], "suspensionReasons": ["x"],
        "contractType": "x", "attentionNeeded": True, "isTrial": True, "unitType": "none", "billingType": "none",
        "madeUp": 1, "attributes": {"objectType": "x"},
    }  # fmt: skip
    assert pc.patch(sub, before | readonly | {"friendlyName": "Mine"}).status_code == 200
    assert pc.get(sub) == before | {"friendlyName": "Mine"}


REFUSALS: list[tuple[str, dict[str, Any], tuple[int, int]]] = [
    ("nce", {"quantity": 1}, (400, 800090)),
    ("legacy", {"quantity": 0}, (400, 2002)),
    ("legacy", {"quantity": 30_000}, (400, 2002)),
    ("nce", {"quantity": "12"}, (400, 3000)),
    ("nce", {"quantity": True}, (400, 3000)),
    ("azure_plan", {"quantity": 2}, (400, 800095)),
    ("nce", {"friendlyName": 12}, (400, 3000)),
    ("nce", {"friendlyName": " "}, (400, 3000)),
    ("nce", {"autoRenewEnabled": "true"}, (400, 3000)),
    ("nce", {"status": "cancelled"}, (400, 900126)),
    ("nce", {"status": "none"}, (400, 800040)),
    ("nce", {"status": "expired"}, (400, 800040)),
    ("nce", {"billingCycle": "weekly"}, (400, 900126)),
    ("nce", {"status": "deleted"}, (400, 900117)),
    ("azure_plan", {"status": "deleted"}, (403, 900115)),
    ("legacy", {"billingCycle": "annual"}, (400, 2054)),
    ("legacy_trial", {"autoRenewEnabled": True}, (400, 800093)),
    ("trial", {"quantity": 30}, (400, 800095)),
    ("trial", {"status": "suspended"}, (400, 800096)),
    ("trial", {"status": "deleted"}, (400, 800096)),
    ("trial", {"billingCycle": "annual"}, (400, 800097)),
    ("suspended", {"friendlyName": "x"}, (400, 800091)),
    ("suspended", {"quantity": 500, "status": "active"}, (400, 800091)),
    ("legacy_suspended", {"quantity": 9}, (400, 2001)),
    ("suspended_addon", {"status": "active"}, (409, 27009)),
    ("deleted", {"friendlyName": "x"}, (400, 2011)),
    ("deleted", {"status": "active"}, (400, 2011)),
    ("expired", {"friendlyName": "x"}, (400, 900279)),
    ("disabled", {"autoRenewEnabled": True}, (400, 900279)),
    ("pending", {"friendlyName": "x"}, (409, 800082)),
    ("nce", {"partnerId": "9999999"}, (400, 800016)),
    ("nce", {"partnerId": "4380000"}, (404, 2072)),
    ("nce", {"id": "11111111-2222-4333-8444-555555555555"}, (400, 3000)),
]


@pytest.mark.parametrize(("kind", "fields", "refusal"), REFUSALS)
def test_refusals(pc: Hand, kind: str, fields: dict[str, Any], refusal: tuple[int, int]) -> None:
    sub = pc.pick(kind)
    before = pc.raw(sub)
    if kind == "nce" and "quantity" in fields:
        pc.set(sub, quantity=40)
        before = pc.raw(sub)
    pc.switch(unset_values="refused")
    response = pc.change(sub, **fields)
    assert error(response) == refusal
    assert read(response)["source"] == "PartnerFD" or refusal[1] == 900126
    assert pc.raw(sub) == before
    assert pc.counters()["effective_writes"] == 0


def test_the_answers_own_unknown_values_may_come_back(pc: Hand) -> None:
    sub = pc.pick("unknown_status")
    assert pc.change(sub, friendlyName="Still under review").status_code == 200
    assert pc.get(sub)["status"] == "underReview"


def test_the_addon_comes_back_after_its_parent(pc: Hand) -> None:
    assert pc.change(pc.pick("suspended_parent"), status="active").status_code == 200
    addon = pc.pick("suspended_addon")
    assert pc.change(addon, status="active").status_code == 200
    assert pc.get(addon)["suspensionReasons"] == []


@pytest.mark.parametrize(
    ("switch", "kind", "fields", "refusal"),
    [
        ({"nce_suspend": "refused"}, "nce", {"status": "suspended"}, (400, 800096)),
        ({"billing_cycle_change": "refused"}, "three_years", {"billingCycle": "monthly"}, (400, 800097)),
        ({"friendly_name_max_length": 5}, "nce", {"friendlyName": "123456"}, (400, 3000)),
        ({"added_seats_reducible": False}, "added_seats", {"quantity": 26}, (400, 800090)),
    ],
)
def test_switches_that_refuse(
    pc: Hand, switch: dict[str, Any], kind: str, fields: dict[str, Any], refusal: tuple[int, int]
) -> None:
    assert pc.change(pc.pick(kind), **fields).status_code == 200
    pc.control("POST", "reset")
    pc.switch(**switch)
    assert error(pc.change(pc.pick(kind), **fields)) == refusal


def test_the_billing_cycle_alone_changes_with_the_next_charge(pc: Hand) -> None:
    sub = pc.pick("three_years")
    after = read(pc.change(sub, billingCycle="monthly"))
    assert after["billingCycle"] == "annual"
    assert after["nextChargeInstructions"]["product"]["billingCycle"] == "monthly"


@pytest.mark.parametrize(
    ("term", "cycles", "is_possible"),
    [
        ("P3Y", ("annual", "monthly"), True),
        ("P3Y", ("triennial", "annual"), False),
        ("P3Y", ("monthly", "triennial"), False),
        ("P1Y", ("monthly", "annual"), False),
        ("P1M", ("monthly", "annual"), False),
    ],
)
def test_the_billing_cycle_alone_changes_where_microsoft_lets_it(
    pc: Hand, term: str, cycles: tuple[str, str], *, is_possible: bool
) -> None:
    sub = pc.pick("three_years")
    pc.set(sub, termDuration=term, billingCycle=cycles[0])
    refused = pc.change(sub, billingCycle=cycles[1])
    assert refused.status_code == 200 if is_possible else error(refused) == (400, 800097)
    pc.switch(billing_cycle_terms="any")
    assert pc.change(sub, billingCycle=cycles[1]).status_code == 200


@pytest.mark.parametrize(
    ("rule", "kind", "fields"),
    [
        ("immediate", "three_years", {"billingCycle": "monthly"}),
        ("next_charge", "monthly_term", {"billingCycle": "annual", "termDuration": "P1Y"}),
    ],
    ids=["switch", "longer term"],
)
def test_the_billing_cycle_changes_at_once(pc: Hand, rule: str, kind: str, fields: dict[str, Any]) -> None:
    pc.switch(billing_cycle_change=rule)
    sub = pc.pick(kind)
    after = read(pc.change(sub, **fields))
    assert after["billingCycle"] == fields["billingCycle"]
    assert "nextChargeInstructions" not in after
    assert (pc.get(sub), pc.counters()["effective_writes"]) == (after, 1)


def test_legacy_auto_renew_may_be_answered_without_effect(pc: Hand) -> None:
    pc.switch(legacy_auto_renew="ignored")
    sub = pc.pick("legacy")
    response = pc.change(sub, autoRenewEnabled=False)
    assert (response.status_code, read(response)["autoRenewEnabled"]) == (200, True)
    assert pc.counters()["effective_writes"] == 0


@pytest.mark.parametrize(("rule", "status"), [("none", "active"), ("cascade", "suspended")])
def test_what_becomes_of_addons(pc: Hand, rule: str, status: str) -> None:
    pc.switch(cascade_addons=rule)
    addon = pc.pick("addon")
    parent = pc.get(addon)["parentSubscriptionId"]
    path = f"/customers/{addon.customer}/subscriptions/{parent}"
    body = read(pc.call("GET", path)) | {"status": "suspended"}
    assert pc.call("PATCH", path, body).status_code == 200
    assert pc.get(addon)["status"] == status


@pytest.mark.parametrize(
    ("data", "content_type", "refusal"),
    [
        (b"{", "application/json", (400, 800002)),
        (b"[1]", "application/json", (400, 800002)),
        (b"", "application/json", (400, 800002)),
        (b'{"friendlyName": "x"}', "text/plain", (415, 0)),
    ],
)
def test_bodies_that_are_none(pc: Hand, data: bytes, content_type: str, refusal: tuple[int, int]) -> None:
    sub = pc.pick("nce")
    response = pc.call("PATCH", sub.path, data=data, headers={"Content-Type": content_type})
    assert error(response) == refusal


def test_a_body_may_have_a_byte_order_mark(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    data = b'\xef\xbb\xbf{"friendlyName": "Marked"}'
    response = pc.call("PATCH", sub.path, data=data, headers={"Content-Type": "application/json; charset=utf-8"})
    assert read(response)["friendlyName"] == "Marked"


@pytest.mark.parametrize("kind", ["nce", "legacy", "trial", "azure_plan", "suspended", "deleted"])
@pytest.mark.parametrize("name", [field.name for field in FIELDS])
def test_every_field_is_answered_or_refused_whatever_is_sent(pc: Hand, name: str, kind: str) -> None:
    sub = pc.pick(kind)
    whole = pc.raw(sub)
    for value in (None, True, 0, 7, -1, 1.5, "", "x", "active", [], [1], [{}], {}, {"product": {}, "quantity": 1}):
        answer = pc.change(sub, **{name: value})
        assert answer.status_code < 500, (value, answer.text)
        pc.set(sub, **whole)
