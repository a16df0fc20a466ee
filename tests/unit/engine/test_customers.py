# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which customers policies make a task read, and what finding them out costs."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import AppUserRequired
from ansible_collections.csp.partner_center.plugins.module_utils._engine.planning.planner import plan_fleet
from ansible_collections.csp.partner_center.plugins.module_utils._engine.planning.plans import FleetPlan, Scope
from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import Progress
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Runtime
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import parse_items
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.parse import parse_policies

from ..emulators import Emulator
from .one_path import OnePath
from .test_facts import STRANGER, costs

NAMED = {"friendly_name": "{customer_name}"}
PLAIN = {"friendly_name": "n"}


def planned(
    path: OnePath, match: dict[str, t.Any], setting: dict[str, t.Any], customers: list[str] | None = None
) -> FleetPlan:
    policies = parse_policies("policies", [{"name": "p", "match": match, "set": setting}])
    scope = Scope(policies=policies, customers=None if customers is None else tuple(customers))
    return plan_fleet(scope, Runtime(path.client), 4, Progress())


def ids_of(emulator: Emulator) -> list[str]:
    return sorted(one["id"] for one in emulator.control("GET", "fleet")["customers"])


def test_one_customer_is_read_by_its_id_where_its_name_is_needed(path: OnePath, emulator: Emulator) -> None:
    assert planned(path, {"customer_id": ids_of(emulator)[:1]}, NAMED).looked_at == 5
    assert costs(emulator) == {"CUSTOMER": 1, "LIST": 1}


def test_several_customers_are_found_in_the_list_which_is_not_read_further(path: OnePath, emulator: Emulator) -> None:
    emulator.switch(max_page_size=4)
    listed = [one["id"] for one in path.client.customers()]
    emulator.forget()
    assert planned(path, {"customer_id": [listed[0], listed[3]]}, NAMED).looked_at == 10
    assert costs(emulator) == {"CUSTOMERS": 1, "LIST": 2}


def test_support_contacts_are_refused_to_an_application_alone_before_anything_is_sent(
    path: OnePath, emulator: Emulator
) -> None:
    client = path.connect(refresh_token=None)
    contact = {"support_contact": {"support_mpn_id": "4391507"}}
    policies = parse_policies("policies", [{"name": "p", "match": {"status": "active"}, "set": contact}])
    ids = dict(zip(("customer_id", "subscription_id"), emulator.find("nce"), strict=True))
    for scope in (Scope(policies=policies), Scope(parse_items("subscriptions", [{**ids, **contact}]))):
        with pytest.raises(AppUserRequired):
            plan_fleet(scope, Runtime(client), 4, Progress())
    assert emulator.requests() == []


def test_a_subscription_without_an_id_is_told_and_left_alone(path: OnePath, emulator: Emulator) -> None:
    ids = emulator.find("nce")
    emulator.store(ids, id=None)
    found = planned(path, {"customer_id": ids[0]}, PLAIN)
    assert [str(one.error) for one in found.subscriptions if not one.item.subscription_id] == [
        "Partner Center lists a subscription without an id, so that it cannot be changed."
    ]
    assert len(found.subscriptions) == 5


def test_customers_are_not_read_where_their_names_are_not_needed(path: OnePath, emulator: Emulator) -> None:
    two = ids_of(emulator)[:2]
    assert planned(path, {"status": "active"}, PLAIN, two).looked_at == 10
    # The names of those that change are looked for in the list, and only for them.
    assert costs(emulator) == {"LIST": 2, "CUSTOMERS": 1}
    emulator.forget()
    assert planned(path, {"status": "no such status"}, PLAIN, two).looked_at == 10
    assert costs(emulator) == {"LIST": 2}


def test_one_of_many_that_is_not_listed_is_told(path: OnePath, emulator: Emulator) -> None:
    strangers = [STRANGER[:-2] + str(number) for number in range(10, 20)]
    found = planned(path, {"customer_name": "*"}, NAMED, [*ids_of(emulator), *strangers])
    assert found.looked_at == 60
    assert [one["customer_id"] for one in found.unavailable] == strangers
    assert costs(emulator) == {"CUSTOMERS": 1, "CUSTOMER": 10, "LIST": 12}


def test_a_resellers_customers_are_known_from_its_list(path: OnePath, emulator: Emulator) -> None:
    fleet = emulator.control("GET", "fleet")
    reseller = next(one["supportTenantId"] for one in fleet["resellers"] if one["supportMpnId"] == "4391507")
    brought = [one["id"] for one in fleet["customers"] if one["reseller"] == "4391507"]
    found = planned(path, {"indirect_reseller": reseller}, NAMED)
    assert {one.customer_name for one in found.subscriptions} == {
        one["name"] for one in fleet["customers"] if one["id"] in brought
    }
    assert costs(emulator) == {"CUSTOMERS": 1, "LIST": len(brought)}
