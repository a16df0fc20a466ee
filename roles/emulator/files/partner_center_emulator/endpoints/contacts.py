# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The support contact of a subscription ("Update a subscription's support contact")."""

from __future__ import annotations

from typing import Any

from ..bodies import link, read_object
from ..errors import Refusal, bad_input, not_found
from ..folding import fold
from ..subscriptions.record import Record
from ..wire import Answer, Call
from ..world import World

FIELDS = ("supportTenantId", "supportMpnId", "name")


def get_contact(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    record = world.record(customer_id, subscription_id)
    rule = "accepted" if record.is_legacy else world.switches["supportcontact_new_commerce"]
    if rule == "empty":
        return Answer()
    if rule != "accepted":
        raise _not_here(rule, not_found("The support contact"))
    if record.contact is not None:
        return Answer(body=_resource(record, record.contact), marked=True)
    return _no_contact(world, record)


def _not_here(rule: str, usual: Refusal) -> Refusal:
    """Microsoft: assigning and updating is not supported in new commerce. How that is answered is not documented."""
    if rule == "forbidden":
        return Refusal(403, 900263, "This API method is not supported for this subscription.")
    return usual


def _no_contact(world: World, record: Record) -> Answer:
    """A new legacy subscription has the partner itself as contact; what is answered without one is a switch."""
    style = world.switches["support_contact_none"]
    if style == "404":
        raise not_found("The support contact")
    if style == "empty":
        return Answer()
    if style == "null":
        return Answer(body=None, marked=True)
    if style == "partner":
        fleet = world.fleet
        partner = {
            "supportTenantId": fleet.tenant_id.upper(),
            "supportMpnId": fleet.mpn_id,
            "name": "Adatum Distribution",
        }
        return Answer(body=_resource(record, partner), marked=True)
    return Answer(body=_resource(record, dict.fromkeys(FIELDS)), marked=True)


def _resource(record: Record, contact: dict[str, Any]) -> dict[str, Any]:
    uri = f"/customers/{record.customer_id.upper()}/subscriptions/{record.id.upper()}/supportcontact"
    return {
        **{name: contact.get(name) for name in FIELDS},
        "links": {"self": link(uri, "Get")},
        "attributes": {"objectType": "SupportContact"},
    }


def put_contact(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    record = world.record(customer_id, subscription_id)
    rule = world.switches["supportcontact_new_commerce"]
    if not record.is_legacy and rule != "accepted":
        raise _not_here(rule, Refusal(400, 2006, "Updates are not allowed for subscriptions of this offer."))
    given = fold(read_object(call, world.switches["json_comments"]))
    contact = {name: given.get(name.lower()) for name in FIELDS}
    contact = check_contact(world, contact)
    if record.status == "deleted":
        raise Refusal(400, 2011, "A deleted subscription cannot be updated.")
    call.effective = contact != record.contact
    record.contact = contact
    record.dirty = True
    world.store.touched()
    return Answer(body=_resource(record, contact), marked=True)


def check_contact(world: World, contact: dict[str, Any]) -> dict[str, Any]:
    """The contact must be one of the partner's indirect resellers.

    :raises Refusal: for a stranger, or parts that do not belong together
    """
    missing = [name for name in FIELDS if not isinstance(contact[name], str) or not contact[name]]
    if missing:
        raise bad_input(f"The support contact lacks {', '.join(missing)}.")
    rule = world.switches["support_contact_check"]
    if rule == "accept":
        return contact
    reseller = world.fleet.reseller_by_mpn(contact["supportMpnId"])
    if reseller is None:
        raise Refusal(404, 800015, f"The MPN id {contact['supportMpnId']} was not found.")
    if world.fleet.reseller_by_tenant(contact["supportTenantId"]) is None:
        raise Refusal(400, 800016, "The support contact is not a valid indirect reseller.")
    if reseller.id.lower() != contact["supportTenantId"].lower():
        raise Refusal(400, 900154, "The MPN id is not linked to the support contact's tenant.")
    if contact["name"] != reseller.name:
        if rule == "strict":
            raise bad_input(f"The name of the reseller {reseller.mpn_id} is not {contact['name']}.")
        return {**contact, "name": reseller.name}
    return contact
