# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items, policies, guards and tables, damaged in any way, are refused in our words, or taken."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.filter.csv_refusal import csv_refusal
from ansible_collections.csp.partner_center.plugins.module_utils._state.guard import parse_guard
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import parse_items
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.parse import parse_policies

from .damages import damaged, in_our_words
from .samples import CUSTOMER, SUBSCRIPTION

pytestmark = pytest.mark.once

PRODUCT = {"product_id": "CFQ7TTC0LH18", "sku_id": "0001", "availability_id": "CFQ7TTC0K971", "term_duration": "P1Y"}
TABLE = (
    "customer_id;subscription_id;friendly_name;new_friendly_name;new_quantity;new_end_of_term\r\n"
    f"{CUSTOMER};{SUBSCRIPTION};a;b;5;end\r\n"
)


def items() -> list[dict[str, t.Any]]:
    ids = {"customer_id": CUSTOMER, "subscription_id": SUBSCRIPTION}
    contact = {"support_mpn_id": "4847383"}
    return [
        {**ids, "friendly_name": "a", "quantity": 3, "expect": {"quantity": 2}, "support_contact": contact},
        {**ids, "scheduled_next_term_instructions": {"product": PRODUCT, "quantity": 4}, "end_of_term": "renew"},
    ]


def policies() -> list[dict[str, t.Any]]:
    match = {"customer_name": ["A*"], "quantity": ">3", "end_of_term": ["end"], "renews_within_days": 3}
    given_values = {"friendly_name": "{customer_name} {quantity}", "quantity": 5}
    return [
        {"name": "a", "match": match, "exclude": {"customer_id": [CUSTOMER]}, "set": given_values},
        {"name": "b", "match_all": True, "set": {"support_contact": {"support_mpn_id": "4847383"}}},
    ]


def guard() -> dict[str, t.Any]:
    return {
        "max_changes": 3,
        "max_changes_percent": 10,
        "max_seats_added": 3,
        "protected": {"customer_name": ["x"]},
        "forbid_statuses": ["deleted"],
        "forbid_fields": ["quantity"],
    }


@given(damaged(items))
def test_items(value: t.Any) -> None:
    in_our_words(lambda: parse_items("subscriptions", value, is_rollback=False))


@given(damaged(policies))
def test_policies(value: t.Any) -> None:
    in_our_words(lambda: parse_policies("policies", value))


@given(damaged(guard))
def test_a_guard(value: t.Any) -> None:
    in_our_words(lambda: parse_guard("guard", value))


edits = st.lists(st.tuples(st.integers(0, len(TABLE)), st.binary(max_size=4), st.integers(0, 5)), max_size=5)


@given(edits, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
def test_a_table(changes: list[tuple[int, bytes, int]], encoding: str) -> None:
    content = TABLE.encode(encoding)
    for place, added, taken in changes:
        content = content[:place] + added + content[place + taken :]
    assert isinstance(csv_refusal(content), str)
