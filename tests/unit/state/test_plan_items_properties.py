# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applied to a model of a fleet, a plan is done to the letter, and undone where it says that it can be."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state import instructions, kinds, plan
from ansible_collections.csp.partner_center.plugins.module_utils._state.field import Field
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import parse_items
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Desired, Raw, Target
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_file
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import (
    to_desired,
)

from .plan_samples import CONTACT, OTHER, PRODUCT, RENEWAL, Journal, change, to_rollback
from .samples import CUSTOMER, INSTRUCTIONS, NOW, SUBSCRIPTION, legacy, new_commerce

Fleet = dict[tuple[str, str], Raw]  # (kind, subscription id) -> resource

names = st.sampled_from(["a", "b", "Straße", "{{ 7 * 7 }}"])
contacts = st.sampled_from(
    [
        {"supportTenantId": CUSTOMER.upper(), "supportMpnId": "1", "name": "One"},
        {"supportTenantId": OTHER, "supportMpnId": "2", "name": "Two"},
        {},
    ]
)
scheduled = st.sampled_from(
    [
        ...,
        None,
        INSTRUCTIONS,
        {**INSTRUCTIONS, "quantity": 3},
        {**INSTRUCTIONS, "product": {**INSTRUCTIONS["product"], "promotionId": "P:1:Q"}},
    ]
)


@st.composite
def subscriptions(draw: st.DrawFn) -> Raw:
    renews = draw(st.sampled_from([True, False, None]))
    make = draw(st.sampled_from([new_commerce, legacy]))
    return make(
        friendlyName=draw(names | st.just("")),
        quantity=draw(st.integers(1, 9)),
        autoRenewEnabled=renews,
        status=draw(st.sampled_from(["active", "suspended", "expired", "Active"])),
        scheduledNextTermInstructions=draw(scheduled) if renews and make is new_commerce else ...,
        unknownToUs=draw(st.integers()),
    )


wishes = st.fixed_dictionaries(
    {},
    optional={
        "friendly_name": names,
        "quantity": st.integers(1, 9),
        "auto_renew_enabled": st.booleans(),
        "status": st.sampled_from(["active", "suspended"]),
        "billing_cycle": st.sampled_from(["monthly", "Annual"]),
        "partner_id": st.sampled_from(["1", "4391507"]),
        RENEWAL: st.sampled_from(
            [
                None,
                {"quantity": 5},
                {"product": {"promotion_id": ""}},
                {"product": {"promotion_id": "P:2:Q", **PRODUCT}, "quantity": 8},
            ]
        ),
    },
)


def entries_of(desired: Desired, raw: Raw) -> list[dict[str, t.Any]]:
    """Entries of a plan as ``pc_fleet`` returns them."""
    changes = plan.differences(desired, raw, NOW)
    if not changes:
        return []
    if desired.target.kind == "support_contact":
        shown = {item.name: item.view(raw) for item in kinds.SUPPORT_CONTACT.settings}
        after = {**shown, **{one.field: one.after for one in changes}}
        word = "yes" if any(shown.values()) else "no"
        return [
            change(
                "support_contact", shown if raw else None, after, word, subscription_id=desired.target.subscription_id
            )
        ]
    return [
        change(
            one.field,
            one.before,
            one.after,
            one.reversal.reversible,
            reason=one.reversal.reason,
            subscription_id=desired.target.subscription_id,
        )
        for one in changes
    ]


def applied(items: list[dict[str, t.Any]], fleet: Fleet) -> Fleet:
    """The fleet after ``pc_fleet`` has done the items; raises what it would raise."""
    result = dict(fleet)
    for one in parse_items("subscriptions", json.loads(json.dumps(items)), is_rollback=True):
        for kind, wanted, expect in (
            ("subscription", one.settings, one.expect),
            ("support_contact", one.contact, one.expect_contact),
        ):
            key = (kind, one.subscription_id)
            desired = Desired(Target(t.cast(t.Any, kind), one.customer_id, one.subscription_id), wanted, expect=expect)
            plan.require_expected(desired, result[key])
            result[key] = kinds.of(t.cast(t.Any, kind)).merge_into(result[key], dict(wanted)) if wanted else result[key]
    return result


def is_as_in(fleet: Fleet, other: Fleet, entry: dict[str, t.Any]) -> bool:
    """Whether the entry's field means the same in both."""
    is_contact = entry["field"] == "support_contact"
    kind = "support_contact" if is_contact else "subscription"
    one, two = (each[kind, entry["subscription_id"]] for each in (fleet, other))
    names = CONTACT if is_contact else [entry["field"]]
    items = [kinds.of(t.cast(t.Any, kind)).field(name) for name in names]
    return all(_holds(item, one, two) and _holds(item, two, one) for item in items)


def _holds(item: Field, raw: Raw, other: Raw) -> bool:
    wanted = item.view(other)
    if item.name == RENEWAL:
        wanted = instructions.Received(item.current(other)) if wanted else None
    elif item.name == "auto_renew_enabled":
        wanted = bool(wanted)
    return item.matches(raw, wanted)


@st.composite
def planned(draw: st.DrawFn) -> tuple[Fleet, list[dict[str, t.Any]]]:
    fleet: Fleet = {}
    entries: list[dict[str, t.Any]] = []
    for subscription_id in (SUBSCRIPTION, OTHER):
        fleet["subscription", subscription_id] = {**draw(subscriptions()), "id": subscription_id}
        fleet["support_contact", subscription_id] = draw(contacts)
        wish = draw(wishes)
        renews = wish.get("auto_renew_enabled", fleet["subscription", subscription_id]["autoRenewEnabled"])
        if not renews or "productType" not in fleet["subscription", subscription_id]:
            wish.pop(RENEWAL, None)
        if not renews:
            # What a change takes with it is not among these entries.
            fleet["subscription", subscription_id].pop("scheduledNextTermInstructions", None)
        contact = draw(contacts)
        desired = Desired(Target("subscription", CUSTOMER, subscription_id), wish)
        entries += entries_of(desired, fleet["subscription", subscription_id])
        asked = {"support_tenant_id": "supportTenantId", "support_mpn_id": "supportMpnId", "name": "name"}
        desired = Desired(
            Target("support_contact", CUSTOMER, subscription_id),
            {name: contact[key] for name, key in asked.items() if contact},
        )
        entries += entries_of(desired, fleet["support_contact", subscription_id])
    return fleet, t.cast(t.Any, json.loads(json.dumps(entries)))


@given(planned())
def test_a_plan_is_applied_exactly_and_rolled_back_where_it_is_reversible(
    case: tuple[Fleet, list[dict[str, t.Any]]],
) -> None:
    fleet, entries = case
    items = to_desired(entries)
    done = applied(items, fleet)
    assert applied(items, done) == done, "done again, nothing changes"
    assert to_desired(plan_file.plan_file("t", "https://api", NOW, entries)) == items
    touched = {(entry["subscription_id"], entry["field"]) for entry in entries}
    for (kind, subscription_id), resource in done.items():
        for setting in kinds.of(t.cast(t.Any, kind)).settings:
            # What happens at the end of the term follows from other settings, too.
            is_own = setting.received is None
            if (subscription_id, setting.name) not in touched and kind == "subscription" and is_own:
                assert setting.view(resource) == setting.view(fleet[kind, subscription_id])

    back, left_out = to_rollback(entries, NOW)
    undone = applied(back, done)
    final = [entry for entry in entries if entry["reversible"] == "no"]
    assert len(left_out) == len(final)
    assert all(is_as_in(undone, done, entry) for entry in final)
    assert [entry for entry in entries if entry not in final and not is_as_in(undone, fleet, entry)] == []
    assert applied(back, undone) == undone


@given(planned(), st.randoms(use_true_random=False))
def test_items_are_refused_where_somebody_has_changed_the_field_since(
    case: tuple[Fleet, list[dict[str, t.Any]]], random: t.Any
) -> None:
    fleet, entries = case
    mine = [entry for entry in entries if entry["field"] in ("quantity", "friendly_name")]
    assume(mine)
    entry = random.choice(mine)
    key = ("subscription", entry["subscription_id"])
    api_key = kinds.SUBSCRIPTION.field(entry["field"]).keys[0]
    meddled = {**fleet, key: {**fleet[key], api_key: 77 if entry["field"] == "quantity" else "somebody else's"}}
    with pytest.raises(Refused, match="not as expected"):
        applied(to_desired(entries), meddled)
    back = to_rollback([entry], NOW)[0]
    if back:
        with pytest.raises(Refused, match="not as expected"):
            applied(back, meddled)


@given(planned())
def test_a_journal_is_rolled_back_like_the_plan_that_it_notes(case: tuple[Fleet, list[dict[str, t.Any]]]) -> None:
    entries = case[1]
    journal = Journal().start("a")
    for entry in entries:
        is_contact = entry["field"] == "support_contact"
        before = (entry["before"] or dict.fromkeys(CONTACT)) if is_contact else {entry["field"]: entry["before"]}
        journal.write(
            before,
            entry["after"] if is_contact else {entry["field"]: entry["after"]},
            kind="support_contact" if is_contact else "subscription",
            subscription_id=entry["subscription_id"],
        )
    journal.write({}, {})
    by_the_values_alone = [{**entry, "reversible": None} for entry in entries]
    items, left_out = to_rollback(by_the_values_alone, NOW)
    from_journal, sentences = to_rollback(journal.text, NOW)
    assert from_journal == items or sorted(map(str, from_journal)) == sorted(map(str, items))
    assert len(sentences) == len(left_out)
