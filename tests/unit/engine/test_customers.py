# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which customers policies make a survey read, and what finding them out costs."""

from __future__ import annotations

import typing as t

from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import Progress
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Runtime
from ansible_collections.csp.partner_center.plugins.module_utils._engine.survey import Scope, Survey, Surveyor
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies import parse_policies

from .conftest import OnePath
from .emulator import Emulator
from .test_facts import STRANGER, costs

NAMED = {"friendly_name": "{customer_name}"}
PLAIN = {"friendly_name": "n"}


def survey(
    path: OnePath, match: dict[str, t.Any], setting: dict[str, t.Any], customers: list[str] | None = None
) -> Survey:
    policies = parse_policies("policies", [{"name": "p", "match": match, "set": setting}])
    scope = Scope(policies=policies, customers=None if customers is None else tuple(customers))
    return Surveyor(scope, Runtime(path.client), 4, Progress()).survey()


def ids_of(emulator: Emulator) -> list[str]:
    return sorted(one["id"] for one in emulator.control("GET", "fleet")["customers"])


def test_a_few_are_read_one_by_one_where_their_names_are_needed(path: OnePath, emulator: Emulator) -> None:
    two = ids_of(emulator)[:2]
    assert survey(path, {"customer_id": two}, NAMED).looked_at == 10
    assert costs(emulator) == {"CUSTOMER": 2, "LIST": 2}


def test_without_names_the_ids_are_enough(path: OnePath, emulator: Emulator) -> None:
    two = ids_of(emulator)[:2]
    assert survey(path, {"status": "active"}, PLAIN, two).looked_at == 10
    assert costs(emulator) == {"LIST": 2}


def test_one_of_many_that_is_not_listed_is_told(path: OnePath, emulator: Emulator) -> None:
    strangers = [STRANGER[:-2] + str(number) for number in range(10, 20)]
    found = survey(path, {"customer_name": "*"}, NAMED, [*ids_of(emulator), *strangers])
    assert found.looked_at == 60
    assert [one["customer_id"] for one in found.unavailable] == strangers
    assert costs(emulator) == {"CUSTOMERS": 1, "CUSTOMER": 10, "LIST": 12}


def test_a_resellers_customers_are_known_from_its_list(path: OnePath, emulator: Emulator) -> None:
    fleet = emulator.control("GET", "fleet")
    reseller = next(one["supportTenantId"] for one in fleet["resellers"] if one["supportMpnId"] == "4391507")
    brought = [one["id"] for one in fleet["customers"] if one["reseller"] == "4391507"]
    found = survey(path, {"indirect_reseller": reseller}, NAMED)
    assert {subject.customer_name for subject in found.subjects} == {
        one["name"] for one in fleet["customers"] if one["id"] in brought
    }
    assert costs(emulator) == {"CUSTOMERS": 1, "LIST": len(brought)}
