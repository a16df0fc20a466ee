# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading subscriptions: one, a customer's list, a parent's add-ons."""

from __future__ import annotations

from typing import Any

from ..bodies import collection
from ..subscriptions.views import shown
from ..wire import Answer, Call
from ..world import World


def get_subscription(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    record = world.record(customer_id, subscription_id)
    world.run_hooks(record, "GET")
    if record.pending and world.switches["pending_get"] != "old":
        return Answer(200 if world.switches["pending_get"] == "empty" else int(world.switches["pending_get"]))
    return Answer(body=shown(record.resource, world.switches))


def get_stale_subscription(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    """A read that has not seen the last change yet."""
    record = world.record(customer_id, subscription_id)
    return Answer(body=shown(record.previous or record.resource, world.switches))


def list_subscriptions(world: World, call: Call, customer_id: str) -> Answer:
    records = world.records(customer_id)
    for record in records:
        world.run_hooks(record, "LIST")
    return Answer(body=collection(_items(world, call, [record.resource for record in records])))


def list_stale_subscriptions(world: World, call: Call, customer_id: str) -> Answer:
    resources = [record.previous or record.resource for record in world.records(customer_id)]
    return Answer(body=collection(_items(world, call, resources)))


def _items(world: World, call: Call, resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order, mpn = call.query.get("order_id"), call.query.get("mpn_id")
    if order:
        resources = [item for item in resources if str(item.get("orderId", "")).lower() == order.lower()]
    if mpn:
        resources = [item for item in resources if item.get("partnerId") == mpn]
    resources = [shown(item, world.switches) for item in resources]
    omitted = set(world.switches["list_omits"])
    if omitted:
        resources = [{name: value for name, value in item.items() if name not in omitted} for item in resources]
    return resources


def list_addons(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    record = world.record(customer_id, subscription_id)
    addons = [world.settled(addon).resource for addon in world.store.addons(record)]
    return Answer(body=collection([shown(item, world.switches) for item in addons]))
