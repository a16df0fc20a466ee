# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guard counts, and whom it names."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._state.guard import (
    GuardBreach,
    check_plan,
    parse_guard,
)

from .plan_samples import OTHER, RENEWAL, RENEWS_60, change
from .samples import CUSTOMER, SUBSCRIPTION

HERE = "0ffdc7a4-4ffb-4e7a-a8ba-d3a4c5ac0c58"


def breach(entries: t.Sequence[dict[str, t.Any]], **limits: t.Any) -> str:
    with pytest.raises(GuardBreach) as caught:
        check_plan(parse_guard("guard", limits), entries, 100)
    return str(caught.value)


def renamed(customer_id: str, subscription_id: str, name: str | None = "Contoso") -> dict[str, t.Any]:
    ids = {"customer_id": customer_id, "subscription_id": subscription_id, "customer_name": name}
    return {**change("friendly_name", "a", "b"), **ids}


def test_two_customers_of_one_name_are_two() -> None:
    entries = [renamed(CUSTOMER, SUBSCRIPTION), renamed(CUSTOMER, OTHER), renamed(HERE, SUBSCRIPTION)]
    said = breach(entries, max_changes=2)
    assert f"most of them: Contoso {CUSTOMER} (2), Contoso {HERE} (1)." in said


def test_one_customer_is_one_whatever_the_case_of_its_id() -> None:
    entries = [renamed(CUSTOMER, SUBSCRIPTION), renamed(CUSTOMER.upper(), OTHER)]
    assert "most of them: Contoso (2)." in breach(entries, max_changes=1)


def test_several_fields_of_a_subscription_are_one_change() -> None:
    entries = [renamed(CUSTOMER, SUBSCRIPTION), change("quantity", 1, 2)]
    check_plan(parse_guard("guard", {"max_changes": 1}), entries, 100)


@pytest.mark.parametrize("before", [20, "20", 20.0])
def test_seats_count_as_whatever_they_came(before: t.Any) -> None:
    assert "15 seats would be taken back" in breach([change("quantity", before, 5)], max_seat_decrease=14)
    check_plan(
        parse_guard("guard", {"max_seat_decrease": 15, "max_seat_increase": 0}), [change("quantity", before, 5)], 100
    )


def test_one_change_is_reported_in_the_singular() -> None:
    gone = [change("status", "active", "deleted"), change("quantity", 4, 5)]
    said = breach(gone, max_changes=0, max_seat_increase=0)
    assert "1 subscription would change, max_changes is 0" in said
    assert "1 subscription would change status (1 to deleted), which forbid_statuses forbids" in said
    assert "1 seat would be added" in said


def test_what_goes_with_a_change_is_changed_too() -> None:
    entry = change("auto_renew_enabled", True, False, drops={RENEWAL: RENEWS_60})
    assert RENEWAL in breach([entry], forbid_fields=[RENEWAL])
    check_plan(parse_guard("guard", {"forbid_fields": ["quantity"]}), [entry], 100)
