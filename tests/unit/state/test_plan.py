# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Desired + current = plan: changes, the order of the writes, refusals, predictions and what can be undone."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common import case
from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Conflict, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state import contacts, fields, kinds
from ansible_collections.csp.partner_center.plugins.module_utils._state.field import Conditions
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Desired, Plan, Target
from ansible_collections.csp.partner_center.plugins.module_utils._state.plan import make_plan

from .samples import CUSTOMER, INSTRUCTIONS, NOW, SUBSCRIPTION, legacy, new_commerce

TARGET = Target("subscription", CUSTOMER, SUBSCRIPTION)
RENEWAL = "scheduled_next_term_instructions"
CANCEL = {"scheduleType": "TermEnd", "actionType": "Cancel"}


def plan_for(values: dict[str, t.Any], raw: dict[str, t.Any], mode: t.Any = "restore", **expect: t.Any) -> Plan:
    return make_plan(Desired(TARGET, values, expect=expect), raw, NOW, Conditions(mode))


def steps(plan: Plan) -> list[tuple[str, list[str]]]:
    return [(write.step, list(write.values)) for write in plan.writes]


def test_nothing_differs_nothing_is_planned() -> None:
    plan = plan_for({"friendly_name": "nickname", "quantity": 10, "status": "active"}, new_commerce())
    assert (plan.changes, plan.writes, plan.warnings) == ((), (), ())


def test_changes_show_before_and_after() -> None:
    plan = plan_for({"friendly_name": "new", "quantity": 10, RENEWAL: {"quantity": 80}}, new_commerce())
    assert [(change.field, change.before) for change in plan.changes] == [
        ("friendly_name", "nickname"),
        (RENEWAL, None),
    ]
    assert plan.changes[1].after["quantity"] == 80
    assert plan.changes[1].after["product"]["sku_id"] == "0001"


@pytest.mark.parametrize(
    ("values", "status", "expected"),
    [
        (
            {"quantity": 12, "friendly_name": "n"},
            "active",
            [("change", ["quantity", "friendly_name"]), ("restore", [])],
        ),
        ({RENEWAL: {"quantity": 5}}, "active", [("renewal", [RENEWAL])]),
        (
            {"status": "active", "quantity": 12, RENEWAL: {"quantity": 5}},
            "suspended",
            [("reactivate", ["status"]), ("change", ["quantity"]), ("restore", []), ("renewal", [RENEWAL])],
        ),
        (
            {"status": "suspended", "quantity": 12, RENEWAL: {"quantity": 5}},
            "active",
            [
                ("change", ["quantity"]),
                ("restore", []),
                ("renewal", [RENEWAL]),
                ("suspend", ["status"]),
                ("restore", []),
            ],
        ),
        ({"status": "deleted"}, "active", [("cancel", ["status"])]),
        (
            {"status": "deleted", "friendly_name": "n"},
            "active",
            [("change", ["friendly_name"]), ("cancel", ["status"])],
        ),
    ],
)
def test_writes_are_planned_in_their_order(
    values: dict[str, t.Any], status: str, expected: list[tuple[str, list[str]]]
) -> None:
    assert steps(plan_for(values, new_commerce(status=status))) == expected


@pytest.mark.parametrize("mode", ["drop", "refuse"])
def test_nothing_is_restored_when_the_user_does_not_want_it(mode: str) -> None:
    assert steps(plan_for({"quantity": 12}, new_commerce(), mode)) == [("change", ["quantity"])]


def test_instructions_after_an_immediate_change_are_completed_from_what_was_before_it() -> None:
    raw = new_commerce(scheduledNextTermInstructions=INSTRUCTIONS)
    plan = plan_for({"quantity": 12, RENEWAL: {"product": {"term_duration": "P3Y"}}}, raw)
    renewal = next(write for write in plan.writes if write.step == "renewal")
    after_the_change = {**raw, "quantity": 12}
    del after_the_change["scheduledNextTermInstructions"]
    body = kinds.SUBSCRIPTION.merge_into(after_the_change, renewal.values)
    assert body["scheduledNextTermInstructions"]["quantity"] == 60
    assert body["scheduledNextTermInstructions"]["product"]["termDuration"] == "P3Y"


def test_new_instructions_renew_with_the_seats_that_the_same_item_sets() -> None:
    plan = plan_for({"quantity": 12, RENEWAL: {"product": {"term_duration": "P3Y"}}}, new_commerce())
    assert plan.changes[1].after["quantity"] == 12


class TestExpect:
    def test_a_met_expect_or_the_desired_value_is_no_conflict(self) -> None:
        assert plan_for({"quantity": 12}, new_commerce(), quantity=10).changes
        assert not plan_for({"quantity": 10}, new_commerce(), quantity=5).changes

    @pytest.mark.parametrize("values", [{"quantity": 12}, {"friendly_name": "nickname"}])
    def test_a_field_that_is_only_expected_is_strict_even_when_nothing_else_changes(self, values: t.Any) -> None:
        with pytest.raises(Conflict, match=r'status is "active", expected "suspended".*Nothing was written'):
            plan_for(values, new_commerce(), status="suspended")

    def test_a_value_neither_expected_nor_desired_is_a_conflict(self) -> None:
        with pytest.raises(Conflict, match="quantity is 10, expected 7"):
            plan_for({"quantity": 12}, new_commerce(), quantity=7)

    def test_null_expects_no_value(self) -> None:
        assert plan_for({"partner_id": "1"}, new_commerce(), partner_id=None).changes
        with pytest.raises(Conflict):
            plan_for({"partner_id": "1"}, new_commerce(partnerId="2"), partner_id=None)


class TestRefusals:
    def test_billing_cycle_of_a_legacy_subscription(self) -> None:
        with pytest.raises(Refused, match="2054"):
            plan_for({"billing_cycle": "annual"}, legacy())
        assert plan_for({"billing_cycle": "annual"}, new_commerce()).changes
        assert not plan_for({"billing_cycle": "monthly"}, legacy()).changes

    def test_seats_of_a_usage_billed_subscription(self) -> None:
        with pytest.raises(Refused, match="usage"):
            plan_for({"quantity": 12}, new_commerce(billingType="usage"))

    def test_renewal_instructions_without_auto_renew(self) -> None:
        off = new_commerce(autoRenewEnabled=False)
        with pytest.raises(Refused, match="auto-renew"):
            plan_for({RENEWAL: {"quantity": 5}}, off)
        turned_on = plan_for({RENEWAL: {"quantity": 5}, "auto_renew_enabled": True}, off)
        assert [step for step, _names in steps(turned_on)] == ["change", "restore", "renewal"]
        assert plan_for({RENEWAL: None}, off).changes == ()

    def test_scheduled_changes_when_they_are_not_to_be_lost(self) -> None:
        raw = new_commerce(scheduledNextTermInstructions=INSTRUCTIONS)
        with pytest.raises(Refused, match=RENEWAL):
            plan_for({"quantity": 12}, raw, "refuse")
        assert plan_for({RENEWAL: {"quantity": 5}}, raw, "refuse").changes
        assert plan_for({"quantity": 12, RENEWAL: {"quantity": 5}}, raw, "refuse").changes


@pytest.mark.parametrize(
    ("values", "raw", "said"),
    [
        ({"quantity": 9}, new_commerce(cancellationAllowedUntilDate="2026-11-19T00:00:00Z"), "800090"),
        ({"quantity": 9}, new_commerce(cancellationAllowedUntilDate=None), "800090"),
        ({"quantity": 9}, new_commerce(cancellationAllowedUntilDate=...), None),
        ({"quantity": 9}, new_commerce(), None),
        (
            {"quantity": 7},
            new_commerce(
                refundableQuantity={
                    "details": [
                        {"quantity": 2, "allowedUntilDateTime": "2026-11-27T00:00:00Z"},
                        {"quantity": 5, "allowedUntilDateTime": "2026-11-01T00:00:00Z"},
                    ]
                }
            ),
            "it allows 2",
        ),
        ({"quantity": 1}, legacy(), None),
        ({"quantity": 1}, new_commerce(quantity="10", cancellationAllowedUntilDate=None), "800090"),
        ({"quantity": 11}, new_commerce(cancellationAllowedUntilDate=None), None),
        ({"status": "deleted"}, new_commerce(cancellationAllowedUntilDate=None), "900117"),
        ({"status": "deleted"}, new_commerce(), None),
        (
            {"status": "deleted"},
            new_commerce(
                cancellationAllowedUntilDate=..., refundOptions=[{"type": "Full", "expiresAt": "2026-11-21T00:00:00Z"}]
            ),
            None,
        ),
        ({"friendly_name": "n"}, new_commerce(status="suspended"), "800091"),
        ({"friendly_name": "n", "status": "active"}, new_commerce(status="suspended"), None),
        ({"status": "suspended", RENEWAL: {"quantity": 5}}, new_commerce(), "with the suspension"),
        ({"status": "suspended"}, new_commerce(), "still billed"),
        ({"status": "suspended"}, legacy(), None),
        ({"friendly_name": "n"}, new_commerce(status="expired"), "900279"),
        ({"friendly_name": "n"}, new_commerce(status="deleted"), "2011"),
        ({"quantity": 11}, new_commerce(scheduledNextTermInstructions=INSTRUCTIONS), "written back"),
        ({"quantity": 11}, new_commerce(nextChargeInstructions=INSTRUCTIONS), "next_charge_instructions"),
        ({"quantity": 11}, new_commerce(scheduledActions=[CANCEL]), "end_of_term"),
        ({"friendly_name": "n"}, new_commerce(scheduledNextTermInstructions=INSTRUCTIONS), None),
        ({"partner_id": "1"}, new_commerce(scheduledActions=[CANCEL]), None),
        (
            {"auto_renew_enabled": False},
            new_commerce(scheduledNextTermInstructions=INSTRUCTIONS, productType={"id": "Software"}),
            "void",
        ),
        ({"status": "deleted"}, new_commerce(scheduledNextTermInstructions=INSTRUCTIONS), None),
    ],
)
def test_refusals_of_the_server_are_predicted(
    values: dict[str, t.Any], raw: dict[str, t.Any], said: str | None
) -> None:
    warnings = plan_for(values, raw).warnings
    if said is None:
        assert warnings == ()
    else:
        assert any(said in warning for warning in warnings)


@pytest.mark.parametrize(
    ("values", "raw", "reversible"),
    [
        ({"friendly_name": "n"}, new_commerce(), "yes"),
        ({"friendly_name": "n"}, new_commerce(friendlyName=""), "no"),
        ({"quantity": 12}, new_commerce(), "until 2026-11-27T12:00:00Z"),
        ({"quantity": 9}, new_commerce(), "yes"),
        ({"quantity": 9}, new_commerce(quantity=10.0), "yes"),
        ({"quantity": 12}, legacy(), "yes"),
        ({"auto_renew_enabled": False}, legacy(), "yes"),
        ({"end_of_term": "cancel"}, new_commerce(), "yes"),
        ({"status": "suspended"}, new_commerce(), "yes"),
        ({"status": "active"}, new_commerce(status="suspended"), "yes"),
        ({"status": "active"}, new_commerce(status="expired"), "no"),
        ({"status": "deleted"}, new_commerce(), "no"),
        ({"partner_id": "1"}, new_commerce(), "no"),
        ({RENEWAL: {"quantity": 5}}, new_commerce(), "yes"),
    ],
)
def test_changes_say_whether_they_are_reversible(
    values: dict[str, t.Any], raw: dict[str, t.Any], reversible: str
) -> None:
    (change,) = plan_for(values, raw).changes
    assert change.reversal.reversible == reversible
    assert bool(change.reversal.reason) is (reversible != "yes")


def test_nothing_can_be_undone_of_a_subscription_that_is_cancelled() -> None:
    changes = plan_for({"friendly_name": "n", "quantity": 12, "status": "deleted"}, new_commerce()).changes
    assert [change.reversal for change in changes] == [fields.CANCELLED] * 3


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "friendly_name": st.sampled_from(["nickname", "other"]),
            "quantity": st.integers(1, 12),
            "auto_renew_enabled": st.just(True),
            "status": st.sampled_from(fields.STATUSES),
            RENEWAL: st.sampled_from([{"quantity": 5}, {"product": {"term_duration": "P3Y"}}, None]),
        },
    ),
    st.sampled_from(["active", "suspended"]),
    st.booleans(),
)
def test_writes_laid_over_in_their_order_leave_nothing_to_plan(
    values: dict[str, t.Any], status: str, scheduled: bool
) -> None:
    # A suspension that would lose what is scheduled is refused.
    assume(not (scheduled and status == "active" and values.get("status") == "suspended" and RENEWAL not in values))
    raw = new_commerce(status=status, **({"scheduledNextTermInstructions": INSTRUCTIONS} if scheduled else {}))
    plan = plan_for(values, raw)
    for write in plan.writes:
        raw = kinds.SUBSCRIPTION.merge_into(raw, write.values)
    assert plan_for(values, raw).changes == ()


@pytest.mark.parametrize("raw", [new_commerce(scheduledNextTermInstructions=INSTRUCTIONS), legacy()])
def test_unexpected_instructions_are_told_whole_and_the_expectation_as_given(raw: dict[str, t.Any]) -> None:
    with pytest.raises(Conflict) as conflict:
        plan_for({"friendly_name": "n"}, raw, **{RENEWAL: {"quantity": 4711}})
    found = json.dumps(case.snake(raw.get("scheduledNextTermInstructions")))
    assert f'{RENEWAL} is {found}, expected {{"quantity": 4711}}.' in str(conflict.value)


class TestContacts:
    resellers: t.ClassVar[list[dict[str, t.Any]]] = [
        {"id": "3B33E682-00C3-41EE-9DD2-A548ADF56438", "name": "Trey Research", "mpnId": "4391507"},
        {"id": "aaaaaaaa-00C3-41EE-9DD2-A548ADF56438", "name": "Twins", "mpnId": "1"},
        {"id": "bbbbbbbb-00C3-41EE-9DD2-A548ADF56438", "name": "Twins", "mpnId": "2"},
        {"id": "cccccccc-00C3-41EE-9DD2-A548ADF56438", "name": "No MPN", "mpnId": None},
    ]

    def complete(self, **given_: str) -> t.Mapping[str, t.Any]:
        target = Target("support_contact", CUSTOMER, SUBSCRIPTION)
        return contacts.complete_contact(Desired(target, given_), self.resellers).looked_up

    def test_what_is_not_given_is_looked_up(self) -> None:
        assert self.complete(support_mpn_id="4391507") == {
            "support_tenant_id": "3B33E682-00C3-41EE-9DD2-A548ADF56438",
            "name": "Trey Research",
        }
        assert self.complete(support_tenant_id="3b33e682-00c3-41ee-9dd2-a548adf56438", name="Trey Research") == {
            "support_mpn_id": "4391507"
        }
        with pytest.raises(Refused, match="No MPN without support_mpn_id"):
            self.complete(name="No MPN")

    def test_several_matches_list_the_candidates(self) -> None:
        with pytest.raises(Refused, match=r"2 of .*Twins \(support_mpn_id 1, .*Twins \(support_mpn_id 2, .*unique"):
            self.complete(name="Twins")

    def test_no_match_lists_what_is_near(self) -> None:
        with pytest.raises(Refused, match=r"None of the partner's 4 .*: Trey Research \([^;]*\)\. The support contact"):
            self.complete(support_mpn_id="4391507", name="Treyy")
        with pytest.raises(Refused, match=r"Trey Research.*Twins.*No MPN"):
            self.complete(support_mpn_id="99")

    def test_a_reseller_listed_twice_is_one(self) -> None:
        twice = [*self.resellers, {**self.resellers[0], "state": "active"}]
        desired = Desired(Target("support_contact", CUSTOMER, SUBSCRIPTION), {"support_mpn_id": "4391507"})
        assert contacts.complete_contact(desired, twice).looked_up["name"] == "Trey Research"

    def test_a_contact_is_put_in_one_write_with_what_was_looked_up(self) -> None:
        target = Target("support_contact", CUSTOMER, SUBSCRIPTION)
        desired = contacts.complete_contact(Desired(target, {"support_mpn_id": "4391507"}), self.resellers)
        (write,) = make_plan(desired, {}, NOW).writes
        assert (write.step, dict(write.values)) == ("put", {"support_mpn_id": "4391507"})
        assert write.looked_up["name"] == "Trey Research"
