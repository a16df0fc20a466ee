# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The effect that a subscription's end of term has, and how another one is laid over it."""

from __future__ import annotations

import copy
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect, eligibility

from .samples import INSTRUCTIONS, legacy, new_commerce
from .strategies import ODD, unhurried

CANCEL = {"scheduleType": "TermEnd", "actionType": "Cancel"}
RENEW = {"scheduleType": "TermEnd", "actionType": "RenewToNewTerm"}
EXTEND = {"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}
TRANSITION = {"scheduleType": "TermEnd", "actionType": "Transition", "instructions": INSTRUCTIONS}
UNHEARD_OF = {"scheduleType": "TermEnd", "actionType": "Hibernate"}
LATER = {"scheduleType": "CustomDate", "actionType": "Cancel", "effectiveDate": "2027-01-01T00:00:00Z"}

FOUND = [
    # auto-renew, actions -> effect, decided, by an action
    (True, ..., "renew", True, False),
    (True, None, "renew", True, False),
    (True, [], "renew", True, False),
    (True, [RENEW], "renew", True, True),
    (True, {**RENEW, "instructions": INSTRUCTIONS}, "renew", True, True),
    (False, ..., "extended_service_term", False, False),
    (None, None, "extended_service_term", False, False),
    (False, [CANCEL], "cancel", True, True),
    (False, CANCEL, "cancel", True, True),
    (True, [CANCEL], "cancel", True, True),
    (False, [EXTEND], "extended_service_term", True, True),
    (True, [EXTEND], "extended_service_term", False, True),
    (True, EXTEND, "extended_service_term", False, True),
    (False, [RENEW], "renew", True, True),
    (True, [TRANSITION], "transition", True, True),
    (False, [UNHEARD_OF], "unknown", True, True),
    (False, [LATER], "unknown", True, True),
    (False, ["Cancel"], "unknown", True, True),
    (False, [{}], "extended_service_term", False, False),
    (False, [CANCEL, EXTEND], "unknown", True, True),
    (False, [CANCEL, CANCEL], "cancel", True, True),
    (False, [{"ScheduleType": "termend", "ActionType": "CANCEL"}], "cancel", True, True),
    (False, [{"actionType": "Cancel"}], "cancel", True, True),
]


def shows(subscription: t.Mapping[str, t.Any], wanted: str) -> bool:
    return effect.has_effect(effect.read(subscription), wanted)


@pytest.mark.parametrize(("auto_renew", "actions", "found", "decided", "is_explicit"), FOUND)
def test_the_effect_is_read_from_the_pair(
    auto_renew: t.Any, actions: t.Any, found: str, decided: bool, is_explicit: bool
) -> None:
    subscription = new_commerce(autoRenewEnabled=auto_renew, scheduledActions=actions)
    assert effect.read(subscription) == effect.EndOfTerm(t.cast(t.Any, found), decided, is_explicit)


@pytest.mark.parametrize(
    "subscription",
    [
        legacy(autoRenewEnabled=False),
        legacy(autoRenewEnabled=None),
        new_commerce(autoRenewEnabled=False, isTrial=True),
        new_commerce(autoRenewEnabled=False, productType={"id": "Software"}),
        new_commerce(autoRenewEnabled=False, commitmentEndDate="2026-05-03T00:00:00Z"),
        new_commerce(autoRenewEnabled=False, status="Suspended"),
    ],
)
def test_without_an_extended_term_the_subscription_lapses(subscription: dict[str, t.Any]) -> None:
    assert effect.read(subscription) == effect.EndOfTerm("lapse", decided=True, is_explicit=False)


def test_a_cloud_without_extended_terms_lets_it_lapse() -> None:
    subscription = new_commerce(autoRenewEnabled=False)
    assert effect.read(subscription, has_extended_terms=False) == effect.EndOfTerm("lapse", True, False)
    assert not effect.read(subscription).decided


def test_a_suspended_subscription_lapses_whatever_auto_renew_says_unless_an_action_does() -> None:
    assert effect.read(new_commerce(status="suspended")).effect == "lapse"
    assert effect.read(new_commerce(status="suspended", scheduledActions=[CANCEL])).effect == "cancel"


@pytest.mark.parametrize("auto_renew", [True, False])
def test_an_extended_term_goes_on_until_it_is_cancelled(auto_renew: bool) -> None:
    within = new_commerce(
        offerName="Microsoft 365 Business Basic (Extended Service Term)",
        termDuration="P1M",
        autoRenewEnabled=auto_renew,
    )
    assert eligibility.is_within(within)
    assert effect.read(within) == effect.EndOfTerm("extended_service_term", True, False)
    assert effect.read({**within, "scheduledActions": [CANCEL]}).effect == "cancel"


ELIGIBLE = [
    ({}, True),
    ({"termDuration": "P1M"}, True),
    ({"termDuration": "P12M"}, True),
    ({"termDuration": "P2Y"}, False),
    ({"termDuration": ""}, True),
    ({"termDuration": ...}, True),
    ({"commitmentEndDate": "9999-12-10T00:00:00Z"}, False),
    ({"commitmentEndDate": "2026-05-03T00:00:00Z"}, False),
    ({"commitmentEndDate": "2026-05-04T00:00:00Z"}, True),
    ({"commitmentEndDateTime": "2026-05-03T23:59:59Z"}, False),
    ({"commitmentEndDateTime": "2026-05-04T23:59:59Z"}, True),
    ({"commitmentEndDate": ...}, True),
    ({"commitmentEndDate": "0001-01-01T00:00:00"}, True),
    ({"isTrial": True}, False),
    ({"isTrial": "true"}, False),
    ({"isTrial": False}, True),
    ({"billingType": "usage"}, False),
    ({"productType": {"id": "Azure"}}, False),
    ({"productType": {"id": "Software"}}, False),
    ({"productType": {"id": "onlineservicesnce"}}, True),
    ({"productType": "OnlineServicesNCE"}, True),
    ({"productType": {"displayName": "something"}}, True),
    ({"productType": ...}, True),
    ({"productType": ..., "offerId": ...}, True),
    ({"productType": ..., "offerId": "MS-AZR-0145P"}, False),
    ({"productType": None}, False),
    ({"offerName": "Office 365 E1 Extended Service Term"}, False),
    ({"status": "suspended"}, True),
    ({"status": "deleted"}, False),
    ({"status": "Expired"}, False),
    ({"status": "disabled"}, False),
    # Three years: bought before April 2025, then (renewed) on its first day.
    ({"termDuration": "P3Y", "commitmentEndDate": "2028-03-30T00:00:00Z"}, False),
    ({"termDuration": "P3Y", "commitmentEndDate": "2028-03-31T00:00:00Z"}, True),
    ({"termDuration": "P3Y", "commitmentEndDateTime": "2028-03-31T23:59:59Z"}, True),
    (
        {
            "termDuration": "P3Y",
            "commitmentEndDate": "2028-03-30T00:00:00Z",
            "effectiveStartDate": "2023-03-31T00:00:00Z",
        },
        False,
    ),
    # Its first term was cut short to end with another one.
    (
        {
            "termDuration": "P3Y",
            "commitmentEndDate": "2027-12-31T00:00:00Z",
            "effectiveStartDate": "2025-05-02T00:00:00Z",
        },
        True,
    ),
    # Bought long ago, and renewed every year since.
    ({"termDuration": "P1Y", "effectiveStartDate": "2021-01-14T00:00:00Z"}, True),
]


@pytest.mark.parametrize(("changes", "expected"), ELIGIBLE)
def test_who_is_eligible_for_an_extended_term(changes: dict[str, t.Any], expected: bool) -> None:
    assert eligibility.may_follow(new_commerce(**changes)) is expected


@pytest.mark.parametrize("status", ["deleted", "expired", "disabled"])
def test_nothing_is_left_to_decide_when_the_last_term_is_over(status: str) -> None:
    mark = [{"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}]
    for fields in ({"autoRenewEnabled": False}, {"autoRenewEnabled": True, "scheduledActions": mark}):
        assert not effect.read(new_commerce(**fields)).decided
        assert effect.read(new_commerce(status=status, **fields)).decided


def test_legacy_subscriptions_are_never_eligible() -> None:
    assert not eligibility.may_follow(legacy(commitmentEndDate="2027-01-13T00:00:00Z", termDuration="P1Y"))


_PAIR = {"autoRenewEnabled", "scheduledActions", "scheduledNextTermInstructions"}
_actions = st.sampled_from(
    [
        ...,
        None,
        [],
        [CANCEL],
        CANCEL,
        [EXTEND],
        [RENEW],
        {**RENEW, "instructions": INSTRUCTIONS},
        [UNHEARD_OF],
        [LATER],
        [CANCEL, LATER],
    ]
)
_subscriptions = st.builds(
    new_commerce,
    autoRenewEnabled=st.sampled_from([True, False, None, ...]),
    scheduledActions=_actions,
    scheduledNextTermInstructions=st.sampled_from([..., None, INSTRUCTIONS]),
    termDuration=st.sampled_from(["P1M", "P1Y", "P3Y", "", ...]),
    commitmentEndDate=st.sampled_from(["2027-01-13T00:00:00Z", "2026-04-01T00:00:00Z", "9999-12-10", ...]),
)


@unhurried
@given(_subscriptions, st.sampled_from(effect.CHOICES))
def test_what_is_laid_has_the_wanted_effect_in_one_form_and_form_of_the_answer(
    subscription: dict[str, t.Any], wanted: str
) -> None:
    before = copy.deepcopy(subscription)
    values = effect.to_api(wanted, subscription)
    body = effect.in_one_form({**subscription, **values})
    assert subscription == before
    assert shows(body, wanted)
    assert effect.read(body).decided
    assert not (effect.actions(body) and body.get("scheduledNextTermInstructions"))
    assert body["autoRenewEnabled"] is (wanted == "renew")
    assert body.keys() - subscription.keys() <= {"autoRenewEnabled", "scheduledActions"}
    assert {key: body[key] for key in subscription if key not in _PAIR} == {
        key: value for key, value in subscription.items() if key not in _PAIR
    }
    if isinstance(subscription.get("scheduledActions"), dict) and wanted != "renew":
        assert isinstance(body["scheduledActions"], dict)
    elif wanted != "renew":
        assert isinstance(body["scheduledActions"], list)
    assert shows({**body, **effect.to_api(wanted, body)}, wanted)


def test_a_default_is_no_decision_for_an_extended_term() -> None:
    undecided = new_commerce(autoRenewEnabled=False)
    assert effect.read(undecided).effect == "extended_service_term"
    assert not shows(undecided, "extended_service_term")
    assert shows(new_commerce(autoRenewEnabled=False, scheduledActions=[EXTEND]), "extended_service_term")
    assert shows(new_commerce(autoRenewEnabled=True, scheduledActions=EXTEND), "extended_service_term")


def test_renewing_keeps_an_action_that_renews_and_its_instructions() -> None:
    held = new_commerce(autoRenewEnabled=True, scheduledActions=[{**RENEW, "instructions": INSTRUCTIONS}])
    assert shows(held, "renew")
    assert effect.to_api("renew", held) == {"autoRenewEnabled": True}


@pytest.mark.parametrize("actions", [[CANCEL], CANCEL, [UNHEARD_OF], [TRANSITION]])
def test_renewing_clears_other_actions_with_null(actions: t.Any) -> None:
    held = new_commerce(autoRenewEnabled=False, scheduledActions=actions)
    assert effect.to_api("renew", held) == {"autoRenewEnabled": True, "scheduledActions": None}


def test_nothing_is_cleared_that_is_not_there() -> None:
    assert effect.to_api("renew", new_commerce()) == {"autoRenewEnabled": True}
    assert effect.to_api("cancel", new_commerce()) == {"autoRenewEnabled": False, "scheduledActions": [CANCEL]}


def test_a_decision_against_renewal_takes_instructions_with_it() -> None:
    held = new_commerce(scheduledNextTermInstructions=INSTRUCTIONS)
    assert effect.to_api("cancel", held) == {
        "autoRenewEnabled": False,
        "scheduledActions": [CANCEL],
        "scheduledNextTermInstructions": None,
    }


@pytest.mark.parametrize("form", [lambda one: [one], lambda one: one])
def test_instructions_are_read_in_either_form(form: t.Callable[[t.Any], t.Any]) -> None:
    fewer = {**INSTRUCTIONS, "quantity": 5}
    assert effect.instructions(new_commerce()) is None
    assert effect.instructions(new_commerce(scheduledNextTermInstructions=INSTRUCTIONS)) == INSTRUCTIONS
    in_action = form({**RENEW, "instructions": fewer})
    assert effect.instructions(new_commerce(scheduledActions=in_action)) == fewer
    both = new_commerce(scheduledActions=in_action, scheduledNextTermInstructions=INSTRUCTIONS)
    assert effect.instructions(both) == fewer


def test_a_body_with_both_forms_keeps_the_actions_and_what_the_instructions_say() -> None:
    both = new_commerce(scheduledActions=[RENEW], scheduledNextTermInstructions=INSTRUCTIONS)
    body = effect.in_one_form(both)
    assert body["scheduledNextTermInstructions"] is None
    assert body["scheduledActions"] == [{**RENEW, "instructions": INSTRUCTIONS}]
    assert effect.instructions(body) == effect.instructions(both)
    assert both["scheduledActions"] == [RENEW]
    cancelled = new_commerce(scheduledActions=CANCEL, scheduledNextTermInstructions=INSTRUCTIONS)
    assert effect.in_one_form(cancelled)["scheduledActions"] == CANCEL
    one = new_commerce(scheduledActions=None, scheduledNextTermInstructions=INSTRUCTIONS)
    assert effect.in_one_form(one) == one


@unhurried
@given(ODD, ODD, ODD, ODD)
def test_odd_answers_have_an_effect(auto_renew: t.Any, actions: t.Any, instructions: t.Any, odd: t.Any) -> None:
    subscription = new_commerce(
        autoRenewEnabled=auto_renew,
        scheduledActions=actions,
        scheduledNextTermInstructions=instructions,
        termDuration=odd,
        productType=odd,
        isTrial=odd,
        commitmentEndDate=odd,
        effectiveStartDate=odd,
    )
    assert effect.read(subscription).effect in effect.EFFECTS
    for wanted in effect.CHOICES:
        assert shows({**subscription, **effect.to_api(wanted, subscription)}, wanted)
