# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laying desired values over a received resource: what was asked changes, everything else survives to the letter."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields, instructions, kinds
from ansible_collections.csp.partner_center.plugins.module_utils._state.field import CLEARED, UNKNOWN, Field

from .samples import INSTRUCTIONS, legacy, new_commerce

RENEWAL = "scheduled_next_term_instructions"

leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
json_values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner)
)
known_keys = [key for item in kinds.SUBSCRIPTION.settings for key in item.keys]


def _taken() -> set[str]:
    return {key.lower() for key in (*new_commerce(), *known_keys)}


resources = st.dictionaries(st.text(min_size=1, max_size=12), json_values, max_size=8).map(
    lambda extra: {**new_commerce(), **{key: value for key, value in extra.items() if key.lower() not in _taken()}}
)
settings = st.fixed_dictionaries(
    {},
    optional={
        "friendly_name": st.text(min_size=1, max_size=20),
        "quantity": st.integers(1, 10_000),
        "auto_renew_enabled": st.booleans(),
        "status": st.sampled_from(fields.STATUSES),
        "billing_cycle": st.sampled_from(["monthly", "annual"]),
        "partner_id": st.text("0123456789", min_size=1, max_size=8),
        RENEWAL: st.builds(lambda seats: {"quantity": seats}, st.integers(1, 500)) | st.none(),
    },
)


@given(resources, settings)
def test_only_what_was_asked_differs(raw: dict[str, t.Any], values: dict[str, t.Any]) -> None:
    before = json.dumps(raw)
    body = kinds.SUBSCRIPTION.merge_into(raw, values)
    touched = {key for name in values for key in kinds.SUBSCRIPTION.field(name).keys}
    assert json.dumps(raw) == before, "the received resource itself was changed"
    assert {key: value for key, value in body.items() if key not in touched} == {
        key: value for key, value in raw.items() if key not in touched
    }
    assert [key for key in body if key in raw] == [key for key in raw if key in body]
    for name, wanted in values.items():
        assert kinds.SUBSCRIPTION.field(name).matches(body, wanted)


def test_the_received_key_case_is_kept() -> None:
    raw = {"Id": "X", "FriendlyName": "old", "Quantity": 2, "Attributes": {"Etag": "e"}}
    body = kinds.SUBSCRIPTION.merge_into(raw, {"friendly_name": "new", "auto_renew_enabled": True})
    assert body == {
        "Id": "X",
        "FriendlyName": "new",
        "Quantity": 2,
        "Attributes": {"Etag": "e"},
        "AutoRenewEnabled": True,
    }


def test_clearing_leaves_the_key_out_or_writes_null() -> None:
    raw = new_commerce(scheduledNextTermInstructions=INSTRUCTIONS)
    assert "scheduledNextTermInstructions" not in kinds.SUBSCRIPTION.merge_into(raw, {RENEWAL: None})
    by_null = kinds.SUBSCRIPTION.merge_into(raw, {RENEWAL: None}, clear_by_null=True)
    assert by_null["scheduledNextTermInstructions"] is None


def test_a_first_support_contact_looks_like_microsofts_example() -> None:
    contact = {"support_tenant_id": "3B33E682-00C3-41EE-9DD2-A548ADF56438", "support_mpn_id": "4391507", "name": "Trey"}
    assert kinds.SUPPORT_CONTACT.merge_into({}, contact) == {
        "SupportTenantId": "3B33E682-00C3-41EE-9DD2-A548ADF56438",
        "SupportMpnId": "4391507",
        "Name": "Trey",
        "Attributes": {"ObjectType": "SupportContact"},
    }


def test_a_support_profile_names_its_type() -> None:
    assert kinds.SUPPORT_PROFILE.merge_into({"email": "a@b.c", "attributes": None}, {"website": "w"}) == {
        "email": "a@b.c",
        "attributes": {"ObjectType": "PartnerSupportProfile"},
        "website": "w",
        "profileType": "support_profile",
    }
    received = {"email": "a", "profileType": "support_profile", "attributes": {"objectType": "X", "more": 1}}
    assert kinds.SUPPORT_PROFILE.merge_into(received, {"email": "b"}) == {**received, "email": "b"}


@pytest.mark.parametrize(
    ("name", "current", "wanted", "equal"),
    [
        ("friendly_name", "Contoso", "contoso", False),
        ("friendly_name", "Contoso ", "Contoso", False),
        ("status", "Active", "active", True),
        ("billing_cycle", "Monthly", "monthly", True),
        ("auto_renew_enabled", None, False, True),
        ("auto_renew_enabled", None, True, False),
        ("auto_renew_enabled", "true", True, False),
        ("quantity", 1, 1, True),
        ("quantity", True, 1, False),
        ("quantity", "1", 1, False),
        ("partner_id", "", None, True),
        ("partner_id", "1", None, False),
    ],
)
def test_values_are_compared_by_the_rules_of_their_field(
    name: str, current: object, wanted: object, equal: bool
) -> None:
    item = kinds.SUBSCRIPTION.field(name)
    assert item.matches({item.keys[0]: current}, wanted) is equal


def test_missing_keys_are_unknown_but_compare_as_no_value() -> None:
    item = kinds.SUBSCRIPTION.field("friendly_name")
    assert item.current({}) is UNKNOWN
    assert item.view({}) is None
    assert not item.matches({}, "x")


def _ends(raw: t.Mapping[str, t.Any]) -> t.Any:
    if "Renews" not in raw:
        return UNKNOWN
    return "renew" if raw["Renews"] else "cancel" if raw.get("Actions") else "lapse"


class TestASettingInSeveralFields:
    """It reads the whole resource, is compared by what that means, and lays itself over all of its fields."""

    SETTING = Field(
        "ends",
        ("renews", "actions", "instructions"),
        check=lambda _option, value: value,
        current=_ends,
        to_api=lambda wanted, _body: (
            {"renews": True, "actions": CLEARED}
            if wanted == "renew"
            else {"renews": False, "actions": [wanted], "instructions": None}
        ),
    )

    def test_is_read_and_compared_by_its_meaning(self) -> None:
        assert self.SETTING.view({"Renews": False, "Actions": ["x"]}) == "cancel"
        assert self.SETTING.matches({"Renews": True, "Actions": ["x"]}, "renew")
        assert not self.SETTING.matches({}, "renew")
        assert self.SETTING.view({}) is None

    def test_is_laid_over_all_of_its_fields_and_no_other(self) -> None:
        raw = {"Id": 1, "Renews": True, "Instructions": {"a": 1}}
        after = {"Id": 1, "Renews": False, "Instructions": None, "Actions": ["cancel"]}
        assert self.SETTING.merge_into(raw, "cancel") == after
        assert self.SETTING.view_after(raw, "cancel") == "cancel"
        assert self.SETTING.merge_into(after, "renew") == {"Id": 1, "Renews": True, "Instructions": None}
        assert self.SETTING.merge_into(after, "renew", clear_by_null=True)["Actions"] is None


class TestInstructions:
    def test_are_completed_from_the_subscription(self) -> None:
        raw = new_commerce(renewalTermDuration="P3Y", promotionId="39NFJQT1PJQB:0001:39NFJQT1Q5KN")
        assert instructions.complete({"quantity": 80}, raw) == {
            "product": {
                "productId": "CFQ7TTC0LH18",
                "skuId": "0001",
                "availabilityId": "CFQ7TTC0K971",
                "billingCycle": "monthly",
                "termDuration": "P3Y",
                "promotionId": "39NFJQT1PJQB:0001:39NFJQT1Q5KN",
            },
            "quantity": 80,
        }

    def test_are_completed_from_the_current_ones_which_stay_untouched(self) -> None:
        current = {**INSTRUCTIONS, "unknownKey": [1]}
        raw = new_commerce(scheduledNextTermInstructions=current)
        whole = instructions.complete({"product": {"term_duration": "P3Y"}}, raw)
        assert whole == {**current, "product": {**INSTRUCTIONS["product"], "termDuration": "P3Y"}}
        assert current["product"]["termDuration"] == "P1Y"

    def test_of_a_legacy_offer_need_the_product(self) -> None:
        with pytest.raises(Refused, match="product_id, sku_id, availability_id"):
            instructions.complete({"quantity": 80}, legacy(termDuration="P1Y"))

    def test_an_empty_promotion_takes_it_out(self) -> None:
        raw = new_commerce(promotionId="39NF")
        assert (
            "promotionId" not in instructions.complete({"product": {"promotion_id": ""}, "quantity": 1}, raw)["product"]
        )

    @pytest.mark.parametrize(
        ("given_", "shown"),
        [
            ({"quantity": 60}, True),
            ({"quantity": 61}, False),
            ({"product": {"billing_cycle": "monthly", "term_duration": "p1y"}}, True),
            ({"product": {"billing_cycle": "annual"}}, False),
            ({"product": {"promotion_id": ""}}, True),
            ({"custom_term_end_date": "2027-01-31"}, False),
        ],
    )
    def test_only_what_was_given_is_compared(self, given_: dict[str, t.Any], shown: bool) -> None:
        assert instructions.matches(INSTRUCTIONS, given_) is shown

    def test_dates_are_compared_as_times(self) -> None:
        assert instructions.matches(
            {"customTermEndDate": "2027-01-31T00:00:00Z"}, {"custom_term_end_date": "2027-01-31"}
        )

    def test_received_ones_hold_although_nulls_come_and_go(self) -> None:
        back = {"Quantity": 60, "Product": {key: value for key, value in INSTRUCTIONS["product"].items() if value}}
        assert instructions.holds(back, INSTRUCTIONS)
        assert not instructions.holds({**back, "Quantity": 59}, INSTRUCTIONS)
        assert not instructions.holds(None, INSTRUCTIONS)
