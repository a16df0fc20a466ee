# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Auto-renew and instructions for the next term and charge: what a PATCH loses without saying so."""

from __future__ import annotations

from typing import Any

import pytest

from .hand import Hand, error, read

NEXT_TERM, NEXT_CHARGE = "scheduledNextTermInstructions", "nextChargeInstructions"


def without(resource: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name not in names}


@pytest.mark.parametrize("body", [{"friendlyName": "x"}, {"friendlyName": "x", "autoRenewEnabled": None}])
def test_auto_renew_falls_when_the_body_lacks_it(pc: Hand, body: dict[str, Any]) -> None:
    sub = pc.pick("nce")
    assert read(pc.patch(sub, body))["autoRenewEnabled"] is False
    assert pc.get(sub)["autoRenewEnabled"] is False


def test_auto_renew_may_be_kept(pc: Hand) -> None:
    pc.switch(absent_auto_renew="keep")
    sub = pc.pick("nce")
    assert read(pc.patch(sub, {"friendlyName": "x"}))["autoRenewEnabled"] is True


@pytest.mark.parametrize(
    ("by", "given", "kept"),
    [
        ("both", "absent", False),
        ("both", "null", False),
        ("omission", "absent", False),
        ("omission", "null", True),
        ("null", "absent", True),
        ("null", "null", False),
    ],
)
@pytest.mark.parametrize(("kind", "name"), [("scheduled", NEXT_TERM), ("next_charge", NEXT_CHARGE)])
def test_instructions_are_removed_by_omission_or_null(
    pc: Hand, by: str, given: str, kept: bool, kind: str, name: str
) -> None:
    pc.switch(clear_instructions_by=by)
    sub = pc.pick(kind)
    body = without(pc.get(sub), name) | ({name: None} if given == "null" else {})
    assert pc.patch(sub, body).status_code == 200
    assert (name in pc.get(sub)) is kept
    assert pc.counters()["effective_writes"] == (0 if kept else 1)


@pytest.mark.parametrize(
    ("rule", "fields", "kept"),
    [
        ("all", {"friendlyName": "x"}, False),
        ("all", {"quantity": 200}, False),
        ("all", {"partnerId": "4391507"}, False),
        ("all", {"billingCycle": "annual"}, False),
        ("all", {"status": "suspended"}, False),
        ("all", {}, True),
        ("documented", {"friendlyName": "x"}, True),
        ("documented", {"partnerId": "4391507"}, True),
        ("documented", {"quantity": 200}, False),
        ("documented", {"billingCycle": "annual"}, False),
        ("documented", {"status": "suspended"}, False),
        ("none", {"friendlyName": "x"}, True),
        ("none", {"quantity": 200}, True),
        ("none", {"autoRenewEnabled": False}, False),
        ("all", {"autoRenewEnabled": False}, False),
    ],
)
def test_an_immediate_change_drops_what_was_scheduled(pc: Hand, rule: str, fields: dict[str, Any], kept: bool) -> None:
    pc.switch(schedule_drop=rule, billing_cycle_change="immediate")
    sub = pc.pick("scheduled_and_next_charge")
    pc.set(sub, termDuration="P3Y", billingCycle="monthly", partnerId="")
    before = pc.get(sub)
    assert pc.patch(sub, before | fields).status_code == 200
    after = pc.get(sub)
    assert {name: after[name] for name in fields} == fields
    assert after.get(NEXT_TERM) == (before[NEXT_TERM] if kept else None)
    assert after[NEXT_CHARGE] == before[NEXT_CHARGE]


def test_a_schedule_is_stored_and_written_back(pc: Hand) -> None:
    sub = pc.pick("scheduled")
    pc.switch(schedule_drop="all")
    before = pc.get(sub)
    pc.change(sub, friendlyName="x")
    assert NEXT_TERM not in pc.get(sub)
    response = pc.change(sub, **{NEXT_TERM: before[NEXT_TERM]})
    assert read(response)[NEXT_TERM] == before[NEXT_TERM]
    assert pc.get(sub) == before | {"friendlyName": "x"}


def test_a_schedule_in_the_body_of_an_immediate_change_is_lost_too(pc: Hand) -> None:
    sub = pc.pick("scheduled")
    pc.switch(schedule_drop="all")
    before = pc.get(sub)
    wanted = before[NEXT_TERM] | {"quantity": 7}
    after = read(pc.change(sub, friendlyName="x", **{NEXT_TERM: wanted}))
    assert (after["friendlyName"], after.get(NEXT_TERM)) == ("x", None)


def test_turning_auto_renew_on_with_a_schedule_keeps_it(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    wanted = instructions(pc.get(sub))
    after = read(pc.change(sub, autoRenewEnabled=True, **{NEXT_TERM: wanted}))
    assert (after["autoRenewEnabled"], after[NEXT_TERM]) == (True, wanted)


def instructions(resource: dict[str, Any], **fields: Any) -> dict[str, Any]:
    product_id, sku_id, availability_id = resource["offerId"].split(":")
    product = {
        "productId": product_id, "skuId": sku_id, "availabilityId": availability_id,
        "billingCycle": "Annual", "termDuration": "P1Y",
    }  # fmt: skip
    return {"product": product | fields.pop("product", {}), "quantity": 5} | fields


def test_pascal_case_and_nulls_in_instructions(pc: Hand) -> None:
    sub = pc.pick("nce")
    wanted = instructions(pc.get(sub))
    product = {key[0].upper() + key[1:]: value for key, value in wanted["product"].items()}
    pascal = {"Product": product | {"PromotionId": None}, "Quantity": 5, "CustomTermEndDate": None}
    assert read(pc.change(sub, ScheduledNextTermInstructions=pascal))[NEXT_TERM] == wanted


@pytest.mark.parametrize(
    ("kind", "wanted", "refusal"),
    [
        ("no_auto_renew", {}, (400, 800093)),
        ("legacy", {}, (400, 2006)),
        ("azure_plan", {}, (400, 2006)),
        ("nce", {"quantity": 0}, (400, 2002)),
        ("nce", {"quantity": None}, (400, 3000)),
        ("nce", {"quantity": "5"}, (400, 3000)),
        ("nce", {"customTermEndDate": "soon"}, (400, 3000)),
        ("nce", {"customTermEndDate": 5}, (400, 3000)),
        ("nce", {"product": {"skuId": None}}, (400, 3000)),
        ("nce", {"product": {"termDuration": ""}}, (400, 3000)),
        ("nce", {"product": {"billingCycle": "weekly"}}, (400, 900126)),
    ],
)
def test_instructions_are_refused(pc: Hand, kind: str, wanted: dict[str, Any], refusal: tuple[int, int]) -> None:
    sub = pc.pick(kind)
    offer = {"offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971"}
    assert error(pc.change(sub, **{NEXT_TERM: instructions(offer, **wanted)})) == refusal


@pytest.mark.parametrize("wanted", [{}, {"product": None, "quantity": None}, {"quantity": 5}, [], "x"])
def test_instructions_must_be_complete(pc: Hand, wanted: Any) -> None:
    assert error(pc.change(pc.pick("nce"), **{NEXT_TERM: wanted})) == (400, 3000)


def test_instructions_for_the_next_charge(pc: Hand) -> None:
    sub = pc.pick("nce")
    wanted = instructions(pc.get(sub))
    assert read(pc.change(sub, **{NEXT_CHARGE: wanted}))[NEXT_CHARGE] == wanted
