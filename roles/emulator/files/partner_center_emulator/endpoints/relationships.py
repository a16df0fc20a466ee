# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relationships with indirect resellers ("Retrieve a list of indirect resellers")."""

from __future__ import annotations

from typing import Any

from ..bodies import collection, matches, read_filter
from ..errors import Refusal, bad_enum
from ..fleet import Reseller
from ..wire import Answer, Call
from ..world import World

PROVIDER = "is_indirect_cloud_solution_provider_of"
# Documentation, .NET and Java spell the type in three ways; case and underscores do not count.
_TYPES = {name.replace("_", ""): name for name in (PROVIDER, "is_indirect_reseller_of", "none")}


def list_relationships(world: World, call: Call) -> Answer:
    if world.switches["partner_type"] != "indirect_provider":
        raise Refusal(403, 1002, "Authorization Failed")
    asked = call.query.get("relationship_type", "")
    kind = _TYPES.get(asked.lower().replace("_", "")) if asked else PROVIDER
    if kind is None:
        raise bad_enum(asked, "PartnerRelationshipType")
    resellers = list(world.fleet.resellers) if kind in (PROVIDER, "none") else []
    wanted = read_filter(call.query.get("filter"))
    if wanted:
        if wanted["field"] != "name":
            raise Refusal(400, 2000, "Relationships can be filtered by Name.", "PartnerApiServiceControllers")
        resellers = [item for item in resellers if matches(wanted["operator"], item.name, wanted["value"])]
    return Answer(
        body=collection([{**_item(item), "state": "Active", "location": item.location} for item in resellers])
    )


def list_customer_relationships(world: World, call: Call, customer_id: str) -> Answer:
    customer = world.customer(customer_id)
    return Answer(body=collection([_item(customer.reseller)] if customer.reseller else []))


def _item(reseller: Reseller) -> dict[str, Any]:
    return {
        "id": reseller.id,
        "name": reseller.name,
        "relationshipType": PROVIDER,
        "mpnId": reseller.mpn_id,
        "attributes": {"objectType": "PartnerRelationship"},
    }
