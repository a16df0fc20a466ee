# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies of any kind: the last one wins, independent ones commute, placeholders can do nothing but stand there."""

from __future__ import annotations

import typing as t

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields, kinds, traits
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Customer
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies import assign as policies_set
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies import parse as policies
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match import (
    match_customer,
    parse_match,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match_facts import context
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.templates import (
    PLACEHOLDERS,
    parse_template,
    render,
)

from .samples import NOW
from .strategies import IDS, ODD, customers, matches, subscriptions, unhurried

#: Every reseller that a match can name has the first of the customers.
RESELLERS = {one: [IDS[0]] for one in IDS}

static_values = st.fixed_dictionaries(
    {},
    optional={
        "friendly_name": st.sampled_from(["n", "m"]),
        "quantity": st.integers(1, 20),
        "partner_id": st.sampled_from(["1", "2"]),
        "status": st.sampled_from(fields.STATUSES),
        "auto_renew_enabled": st.booleans(),
        "support_contact": st.fixed_dictionaries({"support_mpn_id": st.sampled_from(["1", "2"])}),
    },
).filter(bool)
templated_values = st.fixed_dictionaries(
    {},
    optional={
        "friendly_name": st.sampled_from(["{customer_name}", "{offer_name} {quantity}", "{partner_id}"]),
        "quantity": st.integers(1, 20),
        "partner_id": st.sampled_from(["1", "{quantity}", "{friendly_name}"]),
        "support_contact": st.fixed_dictionaries({"name": st.sampled_from(["{friendly_name}", "{partner_id}", "x"])}),
    },
).filter(bool)


def some_policies(values: st.SearchStrategy[dict[str, t.Any]]) -> st.SearchStrategy[list[dict[str, t.Any]]]:
    one = st.fixed_dictionaries({"match": matches, "exclude": matches | st.just({}), "set": values})
    return st.lists(one, max_size=5).map(
        lambda found: [{**item, "name": f"p{index}"} for index, item in enumerate(found)]
    )


def holds(match: dict[str, t.Any], customer: Customer, raw: dict[str, t.Any]) -> bool:
    return match_customer(parse_match("match", match), customer, context(NOW, RESELLERS)).holds(raw)


def composed(given_: list[dict[str, t.Any]], customer: Customer, raw: dict[str, t.Any]) -> policies.Composed:
    parsed = policies.parse_policies("policies", given_)
    rules = policies.for_customer(parsed, customer, context(NOW, RESELLERS))
    return rules.compose(rules.matching(raw), raw)


@unhurried
@given(some_policies(static_values), customers, subscriptions)
def test_the_last_policy_that_means_a_subscription_wins(
    many: list[dict[str, t.Any]], customer: Customer, raw: dict[str, t.Any]
) -> None:
    expected: dict[str, tuple[t.Any, str]] = {}
    for one in many:
        excluded = one["exclude"] and holds(one["exclude"], customer, raw)
        if holds(one["match"], customer, raw) and not excluded:
            expected |= {name: (value, one["name"]) for name, value in one["set"].items()}
    skipped = expected.pop("quantity", (None, None))[1] if traits.is_usage_billed(raw) else None
    result = composed(many, customer, raw)
    shown = dict(result.values) | ({"support_contact": result.support_contact} if result.support_contact else {})
    assert shown == {name: value for name, (value, _policy) in expected.items()}
    assert result.set_by == {name: policy for name, (_value, policy) in expected.items()}
    assert [one.policy for one in result.skipped] == ([] if skipped is None else [skipped])


@unhurried
@given(st.data(), some_policies(static_values), customers, subscriptions)
def test_policies_that_set_different_fields_commute(
    data: st.DataObject, many: list[dict[str, t.Any]], customer: Customer, raw: dict[str, t.Any]
) -> None:
    seen: set[str] = set()
    independent = [one for one in many if seen.isdisjoint(one["set"]) and not seen.update(one["set"])]
    shuffled = data.draw(st.permutations(independent))
    assert composed(independent, customer, raw) == composed(shuffled, customer, raw)


@unhurried
@given(some_policies(templated_values), customers, subscriptions)
def test_a_second_run_finds_what_the_first_one_wanted(
    many: list[dict[str, t.Any]], customer: Customer, raw: dict[str, t.Any]
) -> None:
    # Matches are decided by what a run changes, too; what matters here are the placeholders.
    many = [{**one, "match": {"customer_id": IDS}, "exclude": {}} for one in many]
    try:
        first = composed(many, customer, raw)
    except Refused:
        return
    after = kinds.SUBSCRIPTION.merge_into(raw, first.values)
    assert composed(many, customer, after) == first


@unhurried
@given(
    st.text("{}abq.[]!:0 _", max_size=12) | st.text(max_size=12) | st.sampled_from([f"{{{n}}}" for n in PLACEHOLDERS])
)
def test_templates_hold_known_names_only(text: str) -> None:
    try:
        template = parse_template("set.friendly_name", text)
    except InvalidInput:
        return
    names = dict.fromkeys(PLACEHOLDERS, "v")
    rendered = template if isinstance(template, str) else render(template, names.__getitem__)
    # What is taken at all means what Python's own formatting makes of it.
    assert rendered == text.format(**names)


@unhurried
@given(
    st.lists(st.sampled_from([*(f"{{{name}}}" for name in PLACEHOLDERS), "{{", "}}", "x", " "]), max_size=6),
    st.text("{}abc.0_[] ", max_size=10),
)
def test_values_stay_as_they_are_but_for_white_space_at_their_ends(pieces: list[str], value: str) -> None:
    template = parse_template("set.friendly_name", "".join(pieces))
    expected = "".join(
        value.strip() if len(piece) > 2 else piece.replace("{{", "{").replace("}}", "}") for piece in pieces
    )
    try:
        rendered = template if isinstance(template, str) else render(template, lambda _name: value)
    except Refused:
        assert not value.strip()
        return
    assert rendered == expected


@unhurried
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(["a", "b"]),
                "set": st.dictionaries(st.sampled_from([*policies_set.KNOWN, "other"]), ODD),
            },
            optional={"match": ODD, "match_all": ODD, "exclude": ODD, "other": ODD},
        )
        | ODD,
        max_size=2,
    )
)
def test_parsing_raises_nothing_but_our_error(value: list[t.Any]) -> None:
    try:
        parsed = policies.parse_policies("policies", value)
    except InvalidInput as error:
        option = error.option
    else:
        assert len(parsed) == len(value)
        assert all("other" not in one for one in value)
        return
    assert option.startswith("policies")


@unhurried
@given(
    st.fixed_dictionaries({}, optional={"friendly_name": st.just("{offer_name}"), "partner_id": st.just("{quantity}")}),
    st.dictionaries(st.sampled_from(["offerName", "quantity", "partnerId", "friendlyName", "commitmentEndDate"]), ODD),
)
def test_odd_answers_raise_nothing_but_our_error(values: dict[str, t.Any], raw: dict[str, t.Any]) -> None:
    values |= {"support_contact": {"name": "{friendly_name} {term_end}"}}
    try:
        composed([{"name": "p", "match_all": True, "set": values}], Customer(IDS[0]), raw)
    except Refused as refused:
        message = str(refused)
    else:
        return
    assert message
