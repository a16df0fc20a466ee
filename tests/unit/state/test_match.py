# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which subscriptions a match means, key by key, and what is refused."""

from __future__ import annotations

import typing as t
from datetime import datetime

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Customer, customer_of
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match import (
    match_customer,
    parse_match,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match_facts import context
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match_keys import KEYS

from .samples import CUSTOMER, INSTRUCTIONS, NOW, SUBSCRIPTION, legacy, new_commerce

CONTOSO = Customer(CUSTOMER, "Contoso, North GmbH", "contoso.onmicrosoft.com")
OTHER = "11111111-2222-3333-4444-55555555555a"
RESELLER = "3b33e682-00c3-41ee-9dd2-a548adf56438"


def matches(match: dict[str, t.Any], raw: dict[str, t.Any], customer: Customer = CONTOSO, **around: t.Any) -> bool:
    return match_customer(parse_match("match", match), customer, context(NOW, **around)).holds(raw)


def nce(**changes: t.Any) -> dict[str, t.Any]:
    return new_commerce(isTrial=False, **changes)


@pytest.mark.parametrize(
    ("match", "raw", "expected"),
    [
        ({"customer_id": CUSTOMER.upper()}, nce(), True),
        ({"customer_id": [OTHER, CUSTOMER]}, nce(), True),
        ({"customer_id": OTHER}, nce(), False),
        ({"customer_id": []}, nce(), False),
        ({"subscription_id": SUBSCRIPTION}, legacy(), True),
        ({"subscription_id": [OTHER]}, legacy(), False),
        ({"parent_subscription_id": SUBSCRIPTION.upper()}, nce(parentSubscriptionId=SUBSCRIPTION), True),
        ({"parent_subscription_id": SUBSCRIPTION}, nce(parentSubscriptionId=None), False),
        ({"partner_id": "4391507"}, legacy(), True),
        ({"partner_id": "43*"}, legacy(), True),
        ({"partner_id": "?*"}, nce(), False),
        ({"partner_id": "*"}, nce(partnerId=...), True),
        ({"customer_name": "contoso*"}, nce(), True),
        ({"customer_name": "Contoso, North GmbH"}, nce(), True),
        ({"customer_name": "Contoso"}, nce(), False),
        ({"customer_name": ["Fabrikam", "*NORTH*"]}, nce(), True),
        ({"customer_domain": "*.onmicrosoft.com"}, nce(), True),
        ({"customer_domain": "*.onmicrosoft"}, nce(), False),
        ({"offer_name": "*business [a-c]asic"}, nce(), True),
        ({"offer_name": "*"}, nce(offerName=None), True),
        ({"offer_id": "cfq7ttc0lh18:*"}, nce(), True),
        ({"offer_id": "0cca44d6-68e9-4762-94ee-31ece98783b9"}, legacy(), True),
        ({"product_id": "CFQ7TTC0LH18"}, nce(), True),
        ({"product_id": "0001"}, nce(), False),
        ({"product_id": "?*"}, legacy(), False),
        ({"friendly_name": "NICK????"}, nce(), True),
        ({"friendly_name": "a,b"}, nce(friendlyName="a,b"), True),
        ({"friendly_name": "a,b"}, nce(friendlyName="a"), False),
        ({"friendly_name": "[[]draft] *"}, nce(friendlyName="[Draft] x"), True),
        ({"friendly_name": "[Draft] x"}, nce(friendlyName="[draft] X"), True),
        ({"friendly_name": "[Draft] x"}, nce(friendlyName="d x"), True),
        ({"friendly_name": ["a", "what? [*]"]}, nce(friendlyName="What? [*]"), True),
        ({"friendly_name": "two\nlines*"}, nce(friendlyName="two\nlines\nmore"), True),
        ({"status": "active"}, nce(status="Active"), True),
        ({"status": ["suspended", "UnderReview"]}, nce(status="underReview"), True),
        ({"status": []}, nce(), False),
        ({"status": "active"}, nce(status=None), False),
        ({"billing_cycle": "Monthly"}, nce(), True),
        ({"billing_cycle": "annual"}, nce(), False),
        ({"billing_type": "license"}, nce(), True),
        ({"term_duration": "p1y"}, nce(), True),
        ({"term_duration": "P1Y"}, legacy(), False),
        ({"product_type": "nce"}, nce(productType={"id": "Azure"}), True),
        ({"product_type": "nce"}, legacy(), False),
        ({"product_type": "legacy"}, legacy(productType=None), True),
        ({"product_type": ["legacy", "nce"]}, legacy(), True),
        ({"auto_renew_enabled": True}, nce(), True),
        ({"auto_renew_enabled": "yes"}, nce(), True),
        ({"auto_renew_enabled": False}, nce(), False),
        ({"auto_renew_enabled": False}, legacy(autoRenewEnabled=None), True),
        ({"auto_renew_enabled": True}, nce(autoRenewEnabled="True"), True),
        ({"auto_renew_enabled": [True, False]}, nce(autoRenewEnabled="perhaps"), False),
        ({"is_trial": True}, nce(), False),
        ({"is_trial": False}, new_commerce(), True),
        ({"is_addon": True}, nce(parentSubscriptionId=OTHER), True),
        ({"is_addon": False}, nce(parentSubscriptionId=""), True),
        ({"is_addon": True}, nce(), False),
        ({"has_scheduled_changes": True}, nce(scheduledNextTermInstructions=INSTRUCTIONS), True),
        ({"has_scheduled_changes": True}, nce(nextChargeInstructions=INSTRUCTIONS), True),
        ({"has_scheduled_changes": False}, nce(scheduledNextTermInstructions=None, nextChargeInstructions={}), True),
        ({"has_scheduled_changes": True}, nce(scheduledNextTermInstructions=[]), False),
        ({"quantity": {"min": 10}}, nce(), True),
        ({"quantity": {"min": "10", "max": 10}}, nce(), True),
        ({"quantity": {"max": 9}}, nce(), False),
        ({"quantity": {"min": 11}}, nce(), False),
        ({"quantity": {"max": 0}}, nce(quantity=0), True),
        ({"quantity": [{"max": 5}, {"min": 9}]}, nce(), True),
        ({"quantity": {"min": 0}}, nce(quantity=None), False),
        ({"quantity": {"max": 99}}, nce(quantity="12"), True),
        ({"quantity": {"max": 99}}, nce(quantity=12.0), True),
        ({"quantity": {"max": 99}}, nce(quantity=True), False),
        ({"quantity": {"min": 0}}, nce(quantity="9" * 5000), False),
        ({"status": "active", "quantity": {"min": 10}, "is_trial": False}, nce(), True),
        ({"status": "active", "quantity": {"min": 11}, "is_trial": False}, nce(), False),
        ({"customer_name": "contoso*", "status": "suspended"}, nce(), False),
        ({"customer_name": "fabrikam*", "status": "active"}, nce(), False),
    ],
)
def test_each_key_matches_its_field(match: dict[str, t.Any], raw: dict[str, t.Any], expected: bool) -> None:
    assert matches(match, raw) is expected


@pytest.mark.parametrize(
    ("days", "dates", "expected"),
    [
        # NOW is 2026-11-20T12:00Z
        (0, {"commitmentEndDateTime": "2026-11-20T12:00:00Z"}, True),
        (0, {"commitmentEndDateTime": "2026-11-20T12:00:01Z"}, False),
        (1, {"commitmentEndDateTime": "2026-11-21T12:00:00.0000000Z"}, True),
        (1, {"commitmentEndDateTime": "2026-11-21T14:00:00+02:00"}, True),
        (1, {"commitmentEndDateTime": "2026-11-21T12:00:00"}, True),
        (30, {"commitmentEndDateTime": "2026-11-20T11:59:59Z"}, False),
        (30, {"commitmentEndDateTime": "2026-12-01T00:00:00Z", "commitmentEndDate": "2028-01-01"}, True),
        (30, {"commitmentEndDateTime": "2028-01-01T00:00:00Z", "commitmentEndDate": "2026-12-01"}, False),
        (30, {"commitmentEndDateTime": "9999-12-10T00:00:00Z", "commitmentEndDate": "2026-12-01"}, False),
        (999_999_999, {"commitmentEndDate": "9999-12-10T00:00:00Z"}, False),
        (999_999_999, {"commitmentEndDate": "9999-12-31T23:59:59-08:00"}, False),
        (30, {"commitmentEndDateTime": None, "commitmentEndDate": "2026-12-01"}, True),
        (30, {"commitmentEndDateTime": "0001-01-01T00:00:00", "commitmentEndDate": "2026-12-01"}, True),
        (30, {"commitmentEndDateTime": "soon", "commitmentEndDate": "2026-12-01"}, True),
        # The last day counts whole on new commerce.
        (0, {"commitmentEndDate": "2026-11-20T00:00:00Z"}, False),
        (1, {"commitmentEndDate": "2026-11-20T00:00:00Z"}, True),
        (1, {"commitmentEndDate": "2026-11-21T00:00:00Z"}, False),
        (30, {"commitmentEndDate": ...}, False),
        (30, {"commitmentEndDate": 20261201}, False),
        ("30", {"commitmentEndDate": "2026-12-01"}, True),
        ([1, 30], {"commitmentEndDate": "2026-12-01"}, True),
        ([], {"commitmentEndDate": "2026-12-01"}, False),
    ],
)
def test_renews_within_days_matches_the_end_of_the_term(days: object, dates: dict[str, t.Any], expected: bool) -> None:
    assert matches({"renews_within_days": days}, nce(**dates)) is expected


def test_a_legacy_subscription_ends_at_its_date() -> None:
    assert not matches({"renews_within_days": 30}, legacy(commitmentEndDate="2026-11-20T00:00:00Z"))
    assert matches({"renews_within_days": 1}, legacy(commitmentEndDate="2026-11-21T00:00:00Z"))


def test_an_indirect_reseller_means_its_customers() -> None:
    match = {"indirect_reseller": RESELLER.upper(), "status": "active"}
    assert matches(match, nce(), reseller_customers={RESELLER: [CUSTOMER.upper()]})
    assert not matches(match, nce(), reseller_customers={RESELLER: []})
    assert matches(
        {"indirect_reseller": [OTHER, RESELLER]}, nce(), reseller_customers={OTHER: [], RESELLER: {CUSTOMER}}
    )
    with pytest.raises(LookupError, match=RESELLER):
        matches(match, nce(), reseller_customers={OTHER: [CUSTOMER]})


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"status": "active"}, None),
        ({"customer_id": [CUSTOMER.upper(), OTHER]}, {CUSTOMER, OTHER}),
        ({"indirect_reseller": RESELLER}, {CUSTOMER}),
        ({"indirect_reseller": RESELLER, "customer_id": [OTHER]}, set()),
        ({"indirect_reseller": []}, set()),
        ({"customer_id": []}, set()),
    ],
)
def test_which_customers_have_to_be_read(match: dict[str, t.Any], expected: set[str] | None) -> None:
    parsed = parse_match("match", match)
    assert parsed.customer_ids(context(NOW, {RESELLER: [CUSTOMER]})) == expected


@pytest.mark.parametrize(
    ("match", "option", "said"),
    [
        ({"customer_nme": "x"}, "match.customer_nme", "known are customer_id, subscription_id"),
        ({1: "x"}, "match.1", "not known"),
        ({}, "match", "empty"),
        ([], "match", "dictionary"),
        ("*", "match", "dictionary"),
        ({"status": None}, "match.status", "null"),
        ({"status": "act*"}, "match.status", "globs"),
        ({"status": ["active", 1]}, "match.status[1]", "string"),
        ({"status": ""}, "match.status", "empty"),
        ({"customer_id": "contoso"}, "match.customer_id", "GUID"),
        ({"customer_id": "0c39d6d5-*"}, "match.customer_id", "GUID"),
        ({"subscription_id": [SUBSCRIPTION, "x"]}, "match.subscription_id[1]", "GUID"),
        ({"indirect_reseller": 5}, "match.indirect_reseller", "string"),
        ({"partner_id": 4391507}, "match.partner_id", "quotes"),
        ({"customer_name": {"a": 1}}, "match.customer_name", "string"),
        ({"customer_name": ["ok", "[open"]}, "match.customer_name[1]", "bad glob"),
        ({"customer_name": "[!]"}, "match.customer_name", "bad glob"),
        ({"customer_name": "[a]["}, "match.customer_name", "bad glob"),
        ({"customer_name": "[z-a]"}, "match.customer_name", "bad glob"),
        ({"customer_name": "********"}, "match.customer_name", "redacted"),
        ({"customer_name": [["a"]]}, "match.customer_name[0]", "string"),
        ({"product_type": "NCE"}, "match.product_type", "nce, legacy"),
        ({"is_trial": 1}, "match.is_trial", "true or false"),
        ({"auto_renew_enabled": "perhaps"}, "match.auto_renew_enabled", "true or false"),
        ({"quantity": 5}, "match.quantity", "min"),
        ({"quantity": {}}, "match.quantity", "nothing"),
        ({"quantity": {"least": 5}}, "match.quantity.least", "min, max"),
        ({"quantity": {"min": True}}, "match.quantity.min", "whole number"),
        ({"quantity": {"min": 1.0}}, "match.quantity.min", "whole number"),
        ({"quantity": {"min": -1}}, "match.quantity.min", "at least 0"),
        ({"quantity": {"min": 5, "max": 4}}, "match.quantity", "more than max"),
        ({"quantity": {"max": None}}, "match.quantity.max", "whole number"),
        ({"renews_within_days": -1}, "match.renews_within_days", "at least 0"),
        ({"renews_within_days": False}, "match.renews_within_days", "whole number"),
        ({"renews_within_days": "soon"}, "match.renews_within_days", "whole number"),
    ],
)
def test_wrong_matches_are_refused_naming_the_option(match: t.Any, option: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_match("match", match)
    assert refused.value.option == option
    assert said in str(refused.value)


def test_the_keys_are_those_of_the_interface() -> None:
    assert set(KEYS) == {
        *("customer_id", "subscription_id", "parent_subscription_id", "partner_id", "indirect_reseller"),
        *("customer_name", "customer_domain", "offer_name", "offer_id", "product_id", "friendly_name"),
        *("status", "billing_cycle", "billing_type", "term_duration", "product_type"),
        *("auto_renew_enabled", "is_trial", "is_addon", "has_scheduled_changes", "quantity", "renews_within_days"),
        *("end_of_term", "end_of_term_decided", "in_extended_service_term"),
    }


def test_what_a_list_does_not_tell() -> None:
    match = match_customer(
        parse_match("match", {"status": "active", "is_addon": False, "product_id": "x"}), CONTOSO, context(NOW)
    )
    assert match.lacking(nce()) == ()
    assert match.lacking(nce(status=..., offerId=..., quantity=...)) == ("offerId", "status")
    impossible = match_customer(parse_match("match", {"customer_name": "x", "status": "a"}), CONTOSO, context(NOW))
    assert impossible.lacking(nce(status=...)) == ()
    assert not impossible.is_possible


def test_a_customer_as_it_is_answered() -> None:
    raw = {"id": CUSTOMER, "companyProfile": {"companyName": "Contoso", "domain": "contoso.com", "tenantId": CUSTOMER}}
    assert customer_of(raw) == Customer(CUSTOMER, "Contoso", "contoso.com")
    assert customer_of({"CompanyProfile": {"TenantId": CUSTOMER}}) == Customer(CUSTOMER)
    assert customer_of({"id": CUSTOMER, "companyProfile": None}).name == ""


def test_a_time_without_a_zone_is_no_time() -> None:
    with pytest.raises(ValueError, match="zone"):
        context(datetime(2026, 11, 20))  # noqa: DTZ001
