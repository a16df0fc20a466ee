# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items made of plans and journals: nothing but what they say, nothing that cannot be undone."""

from __future__ import annotations

import json
import typing as t
from datetime import date, timedelta

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Problem, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_file, plan_items
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.notes import sentences
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import (
    to_desired,
)

from .plan_samples import (
    ALLOWED_CONTACT,
    CLEAR,
    CONTACT,
    OTHER,
    PRODUCT,
    PROMOTED,
    RENEWAL,
    RENEWS_60,
    change,
    item,
    to_rollback,
)
from .samples import CUSTOMER, NOW, SUBSCRIPTION


class TestToDesired:
    def test_to_desired_makes_one_item_of_all_changes_of_a_subscription(self) -> None:
        entries = [
            change("quantity", 20, 25),
            change("friendly_name", None, "office", subscription_id=OTHER),
            change("auto_renew_enabled", None, True, subscription_id=SUBSCRIPTION.upper()),
            change("status", "expired", "active"),
            change("support_contact", None, CONTACT),
        ]
        assert to_desired(entries) == [
            item(
                {"quantity": 20, "auto_renew_enabled": False, "status": "expired", "support_contact": None},
                quantity=25,
                auto_renew_enabled=True,
                status="active",
                support_contact=ALLOWED_CONTACT,
            ),
            item({"friendly_name": None}, OTHER, friendly_name="office"),
        ]

    def test_expect_is_the_last_key_of_an_item(self) -> None:
        (made,) = to_desired([change("quantity", 20, 25), change("friendly_name", "a", "b")])
        assert list(made) == ["customer_id", "subscription_id", "quantity", "friendly_name", "expect"]

    def test_to_desired_sets_and_clears_renewal_instructions_exactly(self) -> None:
        no_promotion = {"product": {**PRODUCT, "promotion_id": ""}, "quantity": 60}
        exactly = {**no_promotion, "custom_term_end_date": ""}
        assert to_desired([change(RENEWAL, None, RENEWS_60)]) == [
            item({RENEWAL: None}, **{RENEWAL: {"product": PRODUCT, "quantity": 60}})
        ]
        assert to_desired([change(RENEWAL, RENEWS_60, None)]) == [item({RENEWAL: exactly}, **{CLEAR: True})]
        # A promotion that shall go has to be given, because what is left out stays.
        (made,) = to_desired([change(RENEWAL, PROMOTED, RENEWS_60)])
        assert made[RENEWAL] == no_promotion
        assert made["expect"][RENEWAL]["product"]["promotion_id"] == PROMOTED["product"]["promotion_id"]

    def test_turning_auto_renew_off_expects_the_instructions_that_go_with_it_or_none(self) -> None:
        off = change("auto_renew_enabled", True, False)
        (bare,) = to_desired([off])
        assert bare["expect"] == {"auto_renew_enabled": True, RENEWAL: None}
        (dropping,) = to_desired([{**off, "drops": {RENEWAL: RENEWS_60}}])
        assert dropping["expect"][RENEWAL]["quantity"] == 60
        (on,) = to_desired([change("auto_renew_enabled", False, True)])
        assert on["expect"] == {"auto_renew_enabled": False}

    def test_a_support_contact_without_values_is_expected_as_none(self) -> None:
        empty = {"support_tenant_id": None, "support_mpn_id": "", "name": None}
        (made,) = to_desired([change("support_contact", {**empty, "name": "x"}, {**CONTACT, "extra": 1})])
        assert made == item({"support_contact": {"name": "x"}}, support_contact=ALLOWED_CONTACT)
        assert to_desired([change("support_contact", empty, CONTACT)])[0]["expect"] == {"support_contact": None}

    def test_an_empty_plan_makes_no_items(self) -> None:
        assert to_desired([]) == []


@pytest.mark.parametrize("turn", [to_desired, lambda source: to_rollback(source, NOW)[0]])
class TestSources:
    entries: t.ClassVar = [change("quantity", 20, 25)]

    def test_every_form_of_a_plan_is_read_alike(self, turn: t.Callable[[t.Any], t.Any]) -> None:
        content = plan_file.plan_file("tenant", "https://api", NOW, self.entries)
        result = {"changed": True, "plan": self.entries, "summary": {}}
        forms = [tuple(self.entries), content, result, json.dumps(self.entries), json.dumps(content, indent=2)]
        assert [turn(form) for form in forms] == [turn(self.entries)] * len(forms)
        assert len(turn(self.entries)) == 1

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            (None, "plan: must be a result's plan, or .*, not None"),
            (7, "not 7"),
            ({"changes": {"quantity": {"before": 1, "after": 2}}}, "a dictionary without them"),
            ({"changes": []}, "not a plan file"),
            ({"format": 1, "tenant_id": "", "api_url": "", "created": "", "digest": "", "changes": []}, "format 1"),
            (["quantity"], r"plan\[0\]: must be a dictionary"),
            ([{"field": "quantity"}], r"plan\[0\]: lacks customer_id, subscription_id, before, after"),
            ([change("quantity", 20, 25, customer_id="contoso")], r"plan\[0\].customer_id: must be a GUID"),
            ([change("seats", 20, 25)], r"plan\[0\].field: 'seats' is not known"),
            ([change(["quantity"], 20, 25)], "is not known"),  # type: ignore[arg-type]
            ([change("quantity", 20, "many")], r"plan\[0\].after: must be a whole number"),
            ([change("quantity", 20, None)], r"plan\[0\].after: quantity cannot be changed to nothing"),
            ([change("friendly_name", "a", date(2026, 11, 20))], "not a value that JSON knows: 2026-11-20"),
            ([change("support_contact", "a", CONTACT)], "before: must be a dictionary"),
            ([change("support_contact", None, "a")], "after: must be a dictionary"),
            ([change("support_contact", None, {"name": 1})], "after.name: must be a string"),
            ([change(RENEWAL, None, 7)], "after: must be a dictionary"),
            ([*entries, change("status", "active", "x"), *entries], r"plan\[1\].after: must be one of"),
            (
                [*entries, change("quantity", 20, 25, subscription_id=SUBSCRIPTION.upper())],
                r"plan\[1\]: is about the same field of the same subscription as plan\[0\]",
            ),
        ],
    )
    def test_a_source_that_is_not_a_plan_is_refused_naming_the_place(
        self, turn: t.Callable[[t.Any], t.Any], source: t.Any, said: str
    ) -> None:
        with pytest.raises(Problem, match=said):
            turn(source)

    @pytest.mark.parametrize(
        "entry",
        [
            change("friendly_name", "a", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"),
            change("friendly_name", "office ******** 7", "b"),
            change(RENEWAL, {"product": {"promotion_id": "********"}}, None),
            change("quantity", 20, 25, customer_name="********"),
        ],
    )
    def test_a_redacted_value_is_refused(self, turn: t.Callable[[t.Any], t.Any], entry: dict[str, t.Any]) -> None:
        with pytest.raises(Refused, match=r"plan\[1\]\.\w+.* was redacted"):
            turn([change("quantity", 20, 25, subscription_id=OTHER), entry])


class TestRollbackOfAPlan:
    def test_a_rollback_sets_before_and_expects_after(self) -> None:
        entries = [
            change("quantity", 25, 20),
            change("status", "Active", "suspended"),
            change("auto_renew_enabled", None, True),
            change("friendly_name", "b", "a", subscription_id=OTHER),
            change("support_contact", {**CONTACT, "name": "before"}, CONTACT, subscription_id=OTHER),
        ]
        items, left_out = to_rollback(entries, NOW)
        assert items == [
            item(
                {"quantity": 20, "status": "suspended", "auto_renew_enabled": True, RENEWAL: None},
                quantity=25,
                status="active",
                auto_renew_enabled=False,
            ),
            item(
                {"friendly_name": "a", "support_contact": CONTACT},
                OTHER,
                friendly_name="b",
                support_contact={**ALLOWED_CONTACT, "name": "before"},
            ),
        ]
        assert left_out == []

    def test_a_rollback_sets_and_clears_renewal_instructions_exactly(self) -> None:
        was = {"product": {**PRODUCT, "promotion_id": ""}, "quantity": 60}
        exactly = {**was, "custom_term_end_date": ""}
        assert to_rollback([change(RENEWAL, None, RENEWS_60)], NOW)[0] == [item({RENEWAL: exactly}, **{CLEAR: True})]
        (made,) = to_rollback([change(RENEWAL, RENEWS_60, PROMOTED)], NOW)[0]
        assert made[RENEWAL] == was
        assert to_rollback([change(RENEWAL, RENEWS_60, None)], NOW)[0] == [
            item({RENEWAL: None}, **{RENEWAL: {"product": PRODUCT, "quantity": 60}})
        ]

    @pytest.mark.parametrize(
        ("entry", "said"),
        [
            (
                change("quantity", 20, 25, "no", reason="it is law"),
                f"quantity (20 → 25) of subscription {SUBSCRIPTION} (Microsoft 365) of Contoso ({CUSTOMER}) is not",
            ),
            (change("quantity", 20, 25, "no"), "it cannot be undone"),
            (
                change("quantity", 20, 25, "until 2026-11-20T12:00:00Z", reason="only within the refund window"),
                "only within the refund window, until 2026-11-20T12:00:00Z",
            ),
            (change("quantity", 0, 25), "no seats to go back to"),
            (change("quantity", None, 25), "no seats to go back to"),
            (change("status", "expired", "active"), "cannot be set to expired"),
            (change("status", "deleted", "active"), "cannot be set to deleted"),
            (change("friendly_name", "", "b"), "friendly_name (nothing → b)"),
            (change("partner_id", None, "1", None), "partner_id had no value"),
            (change("friendly_name", " ", "b"), "the former value cannot be set (friendly_name: must not be empty)"),
            (change("support_contact", {"name": None}, CONTACT), "there was no support contact"),
            (change("support_contact", {"support_tenant_id": "x"}, CONTACT), "must be a GUID"),
        ],
    )
    def test_a_change_that_cannot_be_undone_is_left_out_with_its_reason(
        self, entry: dict[str, t.Any], said: str
    ) -> None:
        items, (sentence,) = to_rollback([change("billing_cycle", "monthly", "annual"), entry], NOW)
        assert said in sentence
        assert items == [item({"billing_cycle": "annual"}, billing_cycle="monthly")]

    def test_seats_are_rolled_back_only_until_their_window_ends(self) -> None:
        entry = change("quantity", 20, 25, "until 2026-11-20T12:00:01Z")
        assert to_rollback([entry], NOW) == ([item({"quantity": 25}, quantity=20)], [])
        assert to_rollback([entry], NOW + timedelta(seconds=1))[0] == []

    @pytest.mark.parametrize("word", ["", "maybe", "until", "until then", 7, True])
    def test_reversible_must_be_yes_no_or_until_a_time(self, word: t.Any) -> None:
        with pytest.raises(InvalidInput, match=r"plan\[0\].reversible: must be yes, no or until <time>"):
            to_rollback([change("quantity", 20, 25, word)], NOW)

    def test_no_change_of_a_cancelled_subscription_is_rolled_back(self) -> None:
        entries = [change("friendly_name", "a", "b"), change("status", "active", "deleted", "no", reason="it is gone")]
        items, left_out = to_rollback([*entries, change("quantity", 2, 1, subscription_id=OTHER)], NOW)
        assert items == [item({"quantity": 1}, OTHER, quantity=2)]
        assert ["was cancelled" in left_out[0], "it is gone" in left_out[1]] == [True, True]

    def test_renewal_instructions_are_left_out_where_the_rollback_turns_auto_renew_off(self) -> None:
        entries = [change(RENEWAL, RENEWS_60, PROMOTED), change("auto_renew_enabled", False, True)]
        items, (sentence,) = to_rollback(entries, NOW)
        promoted = {"product": PROMOTED["product"], "quantity": 60, "custom_term_end_date": ""}
        assert items == [item({RENEWAL: promoted, "auto_renew_enabled": True}, auto_renew_enabled=False)]
        assert "void without auto-renew" in sentence
        items, left_out = to_rollback([change(RENEWAL, None, PROMOTED), entries[1]], NOW)
        assert (items[0][CLEAR], items[0]["auto_renew_enabled"], left_out) == (True, False, [])

    @pytest.mark.parametrize(
        ("field", "before", "after"),
        [
            ("quantity", 20, 20),
            ("status", "Active", "active"),
            ("billing_cycle", "Monthly", "monthly"),
            ("auto_renew_enabled", None, False),
            (RENEWAL, RENEWS_60, {**RENEWS_60, "attributes": None}),
            (RENEWAL, {}, None),
            (
                "support_contact",
                CONTACT,
                {name: value.upper() for name, value in CONTACT.items()} | {"name": CONTACT["name"]},
            ),
        ],
    )
    def test_a_change_between_equal_values_is_left_out_without_a_sentence(
        self, field: str, before: t.Any, after: t.Any
    ) -> None:
        assert to_rollback([change(field, before, after)], NOW) == ([], [])

    def test_a_run_id_is_refused_for_a_plan(self) -> None:
        with pytest.raises(InvalidInput, match="run_id: names a run of a journal"):
            to_rollback([change("quantity", 20, 25)], NOW, "a")


class TestNotes:
    def test_what_is_true_of_many_is_told_once_with_the_first_names(self) -> None:
        entries = [
            change(
                "support_contact", {"name": None}, CONTACT, subscription_id=f"{number:08x}-0000-4000-8000-000000000000"
            )
            for number in range(88)
        ]
        items, notes = plan_items.to_rollback([*entries, change("quantity", 0, 25)], NOW)
        many, one = sentences(notes)
        assert items == []
        assert many.startswith("support_contact of 88 subscriptions is not rolled back: there was no support contact")
        assert many.count("Contoso") == 3
        assert many.endswith("; and 85 more.")
        assert len(many) < 600
        assert one == str(notes[-1])
