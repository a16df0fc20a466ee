# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Matches of any kind, on any subscription: keys are joined by and, lists by or, and odd values break nothing."""

from __future__ import annotations

import fnmatch
import typing as t

from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Customer, customer_of
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match import (
    match_customer,
    parse_match,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match_facts import context
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match_keys import KEYS

from .samples import CUSTOMER, NOW, new_commerce
from .strategies import ODD, customers, match_values, matches, subscriptions, unhurried

SOMEBODY = Customer(CUSTOMER)


def holds(match: dict[str, t.Any], raw: t.Any, customer: Customer = SOMEBODY) -> bool:
    around = context(NOW, {value: [CUSTOMER] for value in _resellers(match)})
    return match_customer(parse_match("match", match), customer, around).holds(raw)


def _resellers(match: dict[str, t.Any]) -> list[str]:
    value = match.get("indirect_reseller", [])
    return value if isinstance(value, list) else [value]


@unhurried
@given(matches, customers, subscriptions)
def test_all_keys_must_hold(match: dict[str, t.Any], customer: Customer, raw: dict[str, t.Any]) -> None:
    alone = [holds({name: value}, raw, customer) for name, value in match.items()]
    assert holds(match, raw, customer) is all(alone)


@unhurried
@given(st.data(), customers, subscriptions)
def test_a_list_means_any_of_its_values(data: st.DataObject, customer: Customer, raw: dict[str, t.Any]) -> None:
    name = data.draw(st.sampled_from(sorted(KEYS)))
    values = data.draw(st.lists(match_values[name], max_size=4))
    assert holds({name: values}, raw, customer) is any(holds({name: value}, raw, customer) for value in values)


@unhurried
@given(st.text("ab[]!-*?^\\.,K ", max_size=8), st.text("abAB[]!-^\\.,k \n", max_size=6))
@example("*a*b*a*b*", "abab\n")
def test_globs_agree_with_fnmatch(glob: str, text: str) -> None:
    try:
        found = holds({"friendly_name": glob}, new_commerce(friendlyName=text))
    except InvalidInput:
        return
    assert found is fnmatch.fnmatchcase(text.lower(), glob.lower())


@unhurried
@given(st.text(max_size=8), st.text(max_size=8))
def test_any_glob_is_taken_or_refused(glob: str, text: str) -> None:
    try:
        parse_match("match", {"friendly_name": glob})
    except InvalidInput:
        return
    holds({"friendly_name": glob}, new_commerce(friendlyName=text))


@unhurried
@given(matches, st.dictionaries(st.text(max_size=8) | st.sampled_from(sorted(new_commerce())), ODD, max_size=30))
def test_odd_answers_break_nothing(match: dict[str, t.Any], raw: dict[str, t.Any]) -> None:
    holds(match, raw, customer_of(raw))
    match_customer(parse_match("match", match), customer_of(raw), context(NOW, dict.fromkeys(_resellers(match), ())))


@unhurried
@given(st.dictionaries(st.text(max_size=12) | st.sampled_from(sorted(KEYS)), ODD, max_size=3))
def test_parsing_raises_nothing_but_our_error_and_takes_no_unknown_key(match: dict[str, t.Any]) -> None:
    try:
        parse_match("match", match)
    except InvalidInput as error:
        option = error.option
    else:
        assert match.keys() <= KEYS.keys()
        return
    assert option.startswith("match")
