# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What policies say of a subscription: who wins, what is filled in, what is refused."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Customer
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies import parse as policies
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match_facts import context
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.parse import Composed, parse_policies

from .samples import CUSTOMER, NOW, SUBSCRIPTION, legacy, new_commerce

CONTOSO = Customer(CUSTOMER, "Contoso GmbH", "contoso.onmicrosoft.com")
RESELLER = "3b33e682-00c3-41ee-9dd2-a548adf56438"
RENEWAL = "scheduled_next_term_instructions"


def policy(name: str, values: dict[str, t.Any], **match: t.Any) -> dict[str, t.Any]:
    return {"name": name, "set": values, **({"match": match} if match else {"match_all": True})}


def composed(*given: dict[str, t.Any], raw: dict[str, t.Any] | None = None, **item: t.Any) -> Composed:
    raw = new_commerce(isTrial=False) if raw is None else raw
    contact = item.pop("item_contact", {})
    around = context(NOW, {RESELLER: [CUSTOMER]})
    rules = policies.for_customer(parse_policies("policies", list(given)), CONTOSO, around)
    return rules.compose(rules.matching(raw), raw, item, contact)


def filled(text: str, raw: dict[str, t.Any] | None = None, **other: t.Any) -> str:
    return str(composed(policy("p", {"billing_cycle": text, **other}), raw=raw).values["billing_cycle"])


def skips(result: Composed) -> list[tuple[str, str]]:
    return [(one.policy, one.field) for one in result.skipped]


class TestWhoWins:
    def test_the_last_matching_policy_for_each_field(self) -> None:
        result = composed(
            policy("all", {"friendly_name": "one", "quantity": 5, "auto_renew_enabled": True}),
            policy("some", {"quantity": 7}, status="active"),
            policy("others", {"friendly_name": "three"}, status="suspended"),
        )
        assert result.values == {"friendly_name": "one", "quantity": 7, "auto_renew_enabled": True}
        assert result.set_by == {"friendly_name": "all", "quantity": "some", "auto_renew_enabled": "all"}

    def test_the_order_is_that_of_the_fields(self) -> None:
        result = composed(policy("a", {"partner_id": "1", "quantity": 5}), policy("b", {"friendly_name": "x"}))
        assert list(result.values) == ["friendly_name", "quantity", "partner_id"]

    def test_a_contact_is_one_field(self) -> None:
        first = policy("first", {"support_contact": {"support_mpn_id": "1", "name": "A"}})
        last = policy("last", {"support_contact": {"support_mpn_id": "2"}}, status="active")
        result = composed(first, last, raw=legacy())
        assert (result.values, result.support_contact) == ({}, {"support_mpn_id": "2"})
        assert result.set_by == {"support_contact": "last"}

    def test_clearing_instructions_and_giving_them_are_one_field(self) -> None:
        give, clear = policy("give", {RENEWAL: {"quantity": 5}}), policy("clear", {f"clear_{RENEWAL}": True})
        assert composed(give, clear).values == {RENEWAL: None}
        assert composed(clear, give).values == {RENEWAL: {"quantity": 5}}
        assert composed(give, clear).set_by == {RENEWAL: "clear"}

    def test_an_explicit_item_wins_over_policies(self) -> None:
        given = policy("p", {"friendly_name": "x", "quantity": 5, "support_contact": {"support_mpn_id": "1"}})
        result = composed(given, quantity=9, item_contact={"name": "N"})
        assert result.values == {"friendly_name": "x", "quantity": 9}
        assert (result.support_contact, result.set_by) == ({"name": "N"}, {"friendly_name": "p"})

    def test_without_a_matching_policy_only_the_item_counts(self) -> None:
        assert composed(policy("p", {"quantity": 5}, status="suspended")) == Composed()
        assert composed(quantity=5).values == {"quantity": 5}


class TestExclude:
    @pytest.mark.parametrize(
        ("exclude", "applies"),
        [
            ({}, True),
            (None, True),
            ({"status": "active"}, False),
            ({"status": "suspended"}, True),
            ({"status": "active", "is_trial": True}, True),
            ({"customer_name": "contoso*"}, False),
            ({"customer_name": "contoso*", "status": "suspended"}, True),
            ({"customer_name": "fabrikam*", "status": "active"}, True),
            ({"indirect_reseller": RESELLER}, False),
            ({"status": []}, True),
        ],
    )
    def test_takes_out_what_all_its_keys_mean(self, exclude: dict[str, t.Any] | None, applies: bool) -> None:
        result = composed({**policy("p", {"quantity": 5}, product_type="nce"), "exclude": exclude})
        assert bool(result.values) is applies

    def test_of_an_unknown_resellers_customers_is_not_guessed(self) -> None:
        parsed = parse_policies(
            "policies", [{**policy("p", {"quantity": 5}), "exclude": {"indirect_reseller": CUSTOMER}}]
        )
        with pytest.raises(LookupError, match=CUSTOMER):
            policies.for_customer(parsed, CONTOSO, context(NOW))


class TestUsage:
    USAGE = new_commerce(billingType="usage", quantity=1)

    def test_takes_no_quantity_from_policies(self) -> None:
        result = composed(policy("p", {"quantity": 5, "friendly_name": "{quantity}"}), raw=self.USAGE)
        assert (result.values, skips(result)) == ({"friendly_name": "1"}, [("p", "quantity")])
        assert result.set_by == {"friendly_name": "p"}

    def test_keeps_an_items_quantity_for_the_plan_to_refuse(self) -> None:
        result = composed(policy("p", {"quantity": 5}), raw=self.USAGE, quantity=7)
        assert (result.values, skips(result)) == ({"quantity": 7}, [])

    def test_skipped_quantities_are_counted_in_a_warning(self) -> None:
        found = [composed(policy("p", {"quantity": 5}), raw=self.USAGE)] * 2 + [composed(policy("q", {"quantity": 5}))]
        (warning,) = policies.skipped_settings(one for each in found for one in each.skipped)
        assert "'p'" in warning
        assert "2" in warning


class TestPlaceholders:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("{customer_name} ({customer_domain})", "Contoso GmbH (contoso.onmicrosoft.com)"),
            ("{offer_name}", "Microsoft 365 Business Basic"),
            ("{friendly_name} x {quantity}", "nickname x 10"),
            ("until {term_end}", "until 2027-01-13"),
            ("{subscription_id}", SUBSCRIPTION),
            ("{{literal}} {{{quantity}}}", "{literal} {10}"),
            ("no placeholder", "no placeholder"),
        ],
    )
    def test_are_filled_in(self, text: str, expected: str) -> None:
        assert filled(text) == expected

    def test_values_are_not_looked_into(self) -> None:
        tricky = new_commerce(friendlyName="{quantity} {0.__class__} {{", offerName="{friendly_name}")
        assert filled("{friendly_name}|{offer_name}", tricky) == "{quantity} {0.__class__} {{|{friendly_name}"

    def test_the_reseller_on_record_becomes_the_contact(self) -> None:
        result = composed(policy("p", {"support_contact": {"support_mpn_id": "{partner_id}"}}), raw=legacy())
        assert result.support_contact == {"support_mpn_id": "4391507"}

    def test_renewal_at_the_current_seats(self) -> None:
        result = composed(policy("p", {RENEWAL: {"quantity": "{quantity}", "product": {"term_duration": "P3Y"}}}))
        assert result.values == {RENEWAL: {"quantity": 10, "product": {"term_duration": "P3Y"}}}

    def test_stand_for_what_is_set_at_the_same_time(self) -> None:
        # Otherwise a second run would find 80 seats and rename once more.
        result = composed(
            policy(
                "names", {"friendly_name": "{offer_name} x{quantity}", "support_contact": {"name": "{friendly_name}"}}
            ),
            policy("seats", {"quantity": 80}),
            raw=legacy(offerName="Microsoft 365 Business Basic"),
        )
        assert result.values["friendly_name"] == "Microsoft 365 Business Basic x80"
        assert result.support_contact == {"name": "Microsoft 365 Business Basic x80"}
        assert composed(policy("p", {"friendly_name": "{quantity}"}), quantity=3).values["friendly_name"] == "3"

    @pytest.mark.parametrize(
        ("values", "raw", "said"),
        [
            ({"friendly_name": "{partner_id}"}, new_commerce(), "{partner_id}"),
            ({"friendly_name": "{partner_id}"}, new_commerce(partnerId=None), "{partner_id}"),
            ({"friendly_name": "{term_end}"}, new_commerce(commitmentEndDate="9999-12-10T00:00:00Z"), "{term_end}"),
            ({"friendly_name": "{quantity}"}, new_commerce(quantity=None), "{quantity}"),
            ({"partner_id": "{friendly_name}"}, new_commerce(friendlyName=" "), "{friendly_name}"),
            ({"friendly_name": "{offer_name}"}, new_commerce(offerName=["x"]), "{offer_name}"),
            ({"friendly_name": "{offer_name}"}, new_commerce(offerName="********"), "friendly_name"),
            (
                {"support_contact": {"support_tenant_id": "{offer_name}"}},
                legacy(offerName="Office 365"),
                "support_contact.support_tenant_id",
            ),
            ({RENEWAL: {"quantity": "{quantity}"}}, new_commerce(quantity=0), f"{RENEWAL}.quantity"),
            ({"friendly_name": "{partner_id}", "partner_id": "{friendly_name}"}, new_commerce(), "each other"),
        ],
    )
    def test_what_cannot_be_filled_in_is_refused_for_the_item(
        self, values: dict[str, t.Any], raw: dict[str, t.Any], said: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            composed(policy("p", values), raw=raw)
        assert said in str(refused.value)


def test_contradicting_policies_are_refused_for_the_item() -> None:
    given = [policy("instruct", {RENEWAL: {"quantity": 5}}), policy("stop", {"auto_renew_enabled": False})]
    with pytest.raises(Refused, match=r"'instruct'.*'stop'"):
        composed(*given)
    with pytest.raises(Refused, match="the item itself"):
        composed(given[0], auto_renew_enabled=False)
    assert composed(*given, auto_renew_enabled=True).values[RENEWAL] == {"quantity": 5}


def test_what_the_engine_asks_before_it_reads() -> None:
    parsed = parse_policies(
        "policies",
        [
            policy("a", {"friendly_name": "{customer_name}"}, customer_id=[CUSTOMER.upper()]),
            {**policy("b", {"quantity": 5}, indirect_reseller=RESELLER), "exclude": {"status": "deleted"}},
        ],
    )
    around = context(NOW, {RESELLER: [SUBSCRIPTION]})
    assert policies.named_resellers(parsed) == {RESELLER}
    assert policies.customer_ids(parsed, around) == {CUSTOMER, SUBSCRIPTION}
    assert policies.customer_ids((*parsed, *parse_policies("p", [policy("c", {"quantity": 1})])), around) is None
    by_domain = parse_policies("p", [policy("d", {"quantity": 1}, customer_domain="*.de")])
    assert [one.needs_customer_facts for one in (*parsed, *by_domain)] == [True, False, True]
    assert policies.for_customer(parsed, CONTOSO, around).lacking({}) == ()
    other = policies.for_customer(parsed, Customer(SUBSCRIPTION), around)
    assert other.lacking({"status": "active"}) == ("billingType",)


@pytest.mark.parametrize(
    ("value", "option", "said"),
    [
        ({}, "policies", "list"),
        (["x"], "policies[0]", "dictionary"),
        ([{"set": {"quantity": 1}}], "policies[0].name", "missing"),
        ([policy("", {"quantity": 1})], "policies[0].name", "empty"),
        ([{**policy("a", {"quantity": 1}), "when": "x"}], "policies[0].when", "known are name"),
        ([policy("a", {"quantity": 1}), policy("a", {"quantity": 2})], "policies[1].name", "policies[0]"),
        ([{"name": "a", "set": {"quantity": 1}}], "policies[0].match", "match_all"),
        ([{"name": "a", "match": {}, "match_all": False, "set": {"quantity": 1}}], "policies[0].match", "match_all"),
        ([{**policy("a", {"quantity": 1}, status="x"), "match_all": True}], "policies[0].match_all", "contradicts"),
        ([{**policy("a", {"quantity": 1}), "match_all": 1}], "policies[0].match_all", "true or false"),
        ([{**policy("a", {"quantity": 1}), "exclude": []}], "policies[0].exclude", "dictionary"),
        ([{**policy("a", {"quantity": 1}), "exclude": {"statu": 1}}], "policies[0].exclude.statu", "not known"),
        ([policy("a", {"quantity": 1}, customer_nme="x")], "policies[0].match.customer_nme", "not known"),
        ([{"name": "a", "match_all": True}], "policies[0].set", "missing"),
        ([policy("a", {})], "policies[0].set", "nothing"),
        ([policy("a", {"quantity": None})], "policies[0].set", "nothing"),
        ([policy("a", {"seats": 5})], "policies[0].set.seats", "support_contact"),
        ([policy("a", {"quantity": True})], "policies[0].set.quantity", "whole number"),
        ([policy("a", {"quantity": "{quantity}"})], "policies[0].set.quantity", "own value"),
        ([policy("a", {"quantity": "{partner_id}"})], "policies[0].set.quantity", "whole number"),
        ([policy("a", {"status": "{friendly_name}"})], "policies[0].set.status", "active, suspended, deleted"),
        ([policy("a", {"auto_renew_enabled": "{quantity}"})], "policies[0].set.auto_renew_enabled", "true or false"),
        ([policy("a", {"friendly_name": "x {friendly_name}"})], "policies[0].set.friendly_name", "every run"),
        ([policy("a", {"friendly_name": {"customer_name": None}})], "policies[0].set.friendly_name", "quotes"),
        ([policy("a", {"friendly_name": "{customer_nme}"})], "policies[0].set.friendly_name", "{customer_name}"),
        ([policy("a", {"friendly_name": "******** {quantity}"})], "policies[0].set.friendly_name", "redacted"),
        ([policy("a", {"friendly_name": "{customer_name}\n"})], "policies[0].set.friendly_name", "line break"),
        ([policy("a", {"friendly_name": "x\n"})], "policies[0].set.friendly_name", "line break"),
        ([policy("a", {"friendly_name": " {customer_name}"})], "policies[0].set.friendly_name", "white space"),
        (
            [policy("a", {"support_contact": {"name": "{partner_id}\t"}})],
            "policies[0].set.support_contact.name",
            "a tab",
        ),
        ([policy("a", {"partner_id": "{partner_id}0"})], "policies[0].set.partner_id", "own value"),
        ([policy("a", {RENEWAL: {"quantity": "{quantity}0"}})], f"policies[0].set.{RENEWAL}.quantity", "{quantity}"),
        ([policy("a", {RENEWAL: {"product": {"sku_id": "{0}"}}})], f"policies[0].set.{RENEWAL}.product.sku_id", "{0}"),
        ([policy("a", {RENEWAL: "{quantity}"})], f"policies[0].set.{RENEWAL}", "dictionary"),
        ([policy("a", {"support_contact": "x"})], "policies[0].set.support_contact", "dictionary"),
        ([policy("a", {"support_contact": {}})], "policies[0].set.support_contact", "support_mpn_id"),
        ([policy("a", {"support_contact": {"nme": 1}})], "policies[0].set.support_contact.nme", "not known"),
        ([policy("a", {"support_contact": {"name": "{x}"}})], "policies[0].set.support_contact.name", "{x}"),
        (
            [policy("a", {RENEWAL: {"quantity": "{quantity}"}, "auto_renew_enabled": False})],
            f"policies[0].set.{RENEWAL}",
            "auto-renew",
        ),
    ],
)
def test_wrong_policies_are_refused_naming_the_option(value: t.Any, option: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_policies("policies", value)
    assert refused.value.option == option
    assert said in str(refused.value)


def test_what_placeholders_fill_in_is_trimmed() -> None:
    raw = new_commerce(offerName=" Business Basic\u00a0\n", partnerId="1\n")
    assert filled("{offer_name} - {partner_id}!", raw) == "Business Basic - 1!"
    assert filled("{quantity} of {offer_name}", raw) == "10 of Business Basic"


@pytest.mark.parametrize("value", ["Business\nBasic", "Business\x07Basic"])
def test_a_control_character_within_what_is_filled_in_fails_the_subscription(value: str) -> None:
    with pytest.raises(Refused, match=r"\{offer_name\} of the subscription holds"):
        filled("{offer_name}", new_commerce(offerName=value))


def test_no_policies_give_an_empty_tuple() -> None:
    assert parse_policies("policies", None) == parse_policies("policies", []) == ()
