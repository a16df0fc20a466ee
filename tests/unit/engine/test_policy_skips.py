# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a policy sets and a subscription cannot have: skipped, counted and said once, while the others get it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect

from ..emulators import Emulator
from .fleets import Fleet, item

Raw = dict[str, t.Any]

LICENCES = "which active licences of new commerce have, an extended service term only those that are eligible"
PAID = "which would not end subscriptions, but let them go on in a paid extended service term"
WITHIN = "which cannot be changed in an extended service term"
USAGE = "which subscriptions that are billed by usage do not take"
CONTACT = "which subscriptions of new commerce do not have"


def is_licence(one: Raw) -> bool:
    product = (one.get("productType") or {}).get("id")
    return product == "OnlineServicesNCE" and not one.get("isTrial") and one.get("billingType") != "usage"


def is_within(one: Raw) -> bool:
    return "Extended Service Term" in str(one.get("offerName"))


def is_older(one: Raw) -> bool:
    return one.get("termDuration") == "P3Y"


def may_be_extended(one: Raw) -> bool:
    return is_licence(one) and not is_within(one) and not is_older(one)


def ends_in_paid_term(one: Raw) -> bool:
    return may_be_extended(one) and effect.read(one).effect != "cancel" and bool(one["autoRenewEnabled"])


def is_usage(one: Raw) -> bool:
    return one.get("billingType") == "usage"


def can_renew(one: Raw) -> bool:
    return not is_usage(one)


#: What a policy sets on all active subscriptions, which it skips, and the reason.
CASES: list[tuple[Raw, t.Callable[[Raw], bool], str]] = [
    ({"end_of_term": "cancel"}, lambda one: not is_licence(one) and not is_within(one), LICENCES),
    ({"end_of_term": "extended_service_term"}, lambda one: not may_be_extended(one) and not is_within(one), LICENCES),
    ({"end_of_term": "renew"}, lambda one: not can_renew(one), LICENCES),
    ({"auto_renew_enabled": False}, ends_in_paid_term, PAID),
    ({"quantity": 4711}, is_usage, USAGE),
    ({"quantity": 4711}, is_within, WITHIN),
    ({"partner_id": "5129461", "billing_cycle": "annual"}, is_within, WITHIN),
    ({"end_of_term": "cancel"}, is_within, WITHIN),
    ({"support_contact": {"support_mpn_id": "4391507"}}, lambda one: bool(one.get("productType")), CONTACT),
]


@pytest.mark.parametrize(("settings", "is_skipped", "reason"), CASES)
def test_it_is_skipped_counted_and_said_once(
    many: Fleet, emulator: Emulator, settings: Raw, is_skipped: t.Callable[[Raw], bool], reason: str
) -> None:
    *_others, name = settings
    # The billing cycle of legacy subscriptions is no policy's to set.
    match = {"status": "active", **({"product_type": "nce"} if name == "billing_cycle" else {})}
    policies = [{"name": "p", "match": match, "set": settings}]
    active = {ids: one for ids, one in emulator.all_stored().items() if one["status"] == "active"}
    skipped = {ids for ids, one in active.items() if is_skipped(one)}
    assert skipped
    run = many.run(policies=policies, check_mode=True)
    found = [one for one in run.fleet.skipped if one.skipped.reason == reason]
    assert {(one.subject.item.customer_id, one.subject.item.subscription_id) for one in found} == skipped
    assert {(one.skipped.policy, one.skipped.field) for one in found} == {("p", name)}
    assert run.warnings.count(f"Policy 'p' sets {name}, {reason}: skipped on {len(skipped)} of them.") == 1
    planned = {(one["customer_id"], one["subscription_id"]) for one in run.plan if one["field"] == name}
    assert not planned & skipped
    assert run.plan
    assert run.errors() == []


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("software", {"end_of_term": "cancel"}),
        ("nce", {"auto_renew_enabled": False}),
        ("extended_term", {"quantity": 4711}),
        ("azure_plan", {"quantity": 4711}),
        ("azure_plan", {"end_of_term": "renew"}),
        ("nce", {"support_contact": {"support_mpn_id": "4391507"}}),
    ],
)
def test_an_item_that_names_the_subscription_fails_instead(
    many: Fleet, emulator: Emulator, kind: str, settings: Raw
) -> None:
    run = many.run([item(emulator.find(kind), **settings)])
    assert len(run.errors()) == 1
    assert emulator.writes() == []


def test_what_a_subscription_has_already_is_not_skipped(many: Fleet, emulator: Emulator) -> None:
    legacy = emulator.find("legacy")
    emulator.store(legacy, autoRenewEnabled=False)
    azure = emulator.find("azure_plan")
    policies = [
        {"name": "p", "match": {"subscription_id": [legacy[1], azure[1]]}, "set": {"auto_renew_enabled": False}}
    ]
    run = many.run(policies=policies)
    assert (run.plan, run.fleet.skipped, run.errors()) == ([], (), [])


def test_the_other_settings_of_a_policy_are_made(many: Fleet, emulator: Emulator) -> None:
    azure = emulator.find("azure_plan")
    settings = {"quantity": 4711, "friendly_name": "n"}
    policies = [{"name": "p", "match": {"subscription_id": azure[1]}, "set": settings}]
    run = many.run(policies=policies)
    assert run.errors() == []
    assert [entry["field"] for entry in run.plan] == ["friendly_name"]
    assert emulator.stored(azure)["friendlyName"] == "n"
