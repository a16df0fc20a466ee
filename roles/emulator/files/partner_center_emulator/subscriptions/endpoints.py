# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The subscription resource: GET one, a list or add-ons, and PATCH ("Update a subscription by ID")."""

from __future__ import annotations

from typing import Any

from ..bodies import collection, read_object
from ..errors import Refusal
from ..folding import fold
from ..wire import Answer, Call
from ..world import World
from .fields import FIELDS
from .patch import Asked, read_body
from .record import Change, Pending, Record
from .rules import Case, check_state
from .windows import refund_after


def get_subscription(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    record = world.record(customer_id, subscription_id)
    world.run_hooks(record, "GET")
    if record.pending and world.switches["pending_get"] != "old":
        return Answer(200 if world.switches["pending_get"] == "empty" else int(world.switches["pending_get"]))
    return Answer(body=record.resource)


def get_stale_subscription(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    """A read that has not seen the last change yet."""
    record = world.record(customer_id, subscription_id)
    return Answer(body=record.previous or record.resource)


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
    omitted = set(world.switches["list_omits"])
    if omitted:
        resources = [{name: value for name, value in item.items() if name not in omitted} for item in resources]
    return resources


def list_addons(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    record = world.record(customer_id, subscription_id)
    return Answer(body=collection([world.settled(addon).resource for addon in world.store.addons(record)]))


def patch_subscription(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    record = world.record(customer_id, subscription_id)
    world.run_hooks(record, "PATCH")
    change = plan_change(world, call, record)
    if world.switches["patch_answer"] == "202" and change:
        delay = world.switches["accepted_delay"]
        return accept(world, call, record, change, delay, world.switches["accepted_location"])
    call.effective = bool(change)
    _apply(world, record, change)
    return Answer(body=record.resource)


def plan_change(world: World, call: Call, record: Record) -> Change:
    """What the PATCH would change.

    :raises Refusal: where the service would refuse it
    """
    body = read_object(call)
    _check_etags(world, call, record, body)
    if record.pending:
        _check_pending(world, record)
    plan = read_body(record, body, world.switches)
    if record.is_legacy and world.switches["legacy_auto_renew"] == "ignored":
        plan.asked.pop("autoRenewEnabled", None)
    auto_renew = plan.total().values.get("autoRenewEnabled", record.resource.get("autoRenewEnabled"))
    _judge(Case(record, world.store, world.switches, world.now(), bool(auto_renew)), plan.asked)
    return _with_consequences(world, record, plan)


def _judge(case: Case, asked: dict[str, Any]) -> None:
    check_state(case, asked)
    for field in FIELDS:
        if field.name in asked:
            field.check(case, asked[field.name])


def _check_etags(world: World, call: Call, record: Record, body: dict[str, Any]) -> None:
    """Legacy subscriptions carry an etag in the body; new commerce has none to compare."""
    given = call.headers.get("if-match", "").strip()
    if given and given != "*":
        unquoted = given.removeprefix("W/").strip('"')
        if (record.etag and unquoted != record.etag) or (
            not record.etag and world.switches["nce_if_match"] == "refuse"
        ):
            raise _stale(world.switches["stale_if_match"])
    attributes = fold(body).get("attributes")
    carried = fold(attributes).get("etag") if isinstance(attributes, dict) else None
    if carried and record.etag and carried != record.etag:
        raise _stale("2055")


def _stale(kind: str) -> Refusal:
    if kind == "417":
        return Refusal(417, 800036, "A precondition of the request failed.")
    return Refusal(412 if kind == "412" else 400, 2055, "The ETag is no longer valid, get the subscription again.")


def _check_pending(world: World, record: Record) -> None:
    if world.switches["pending_patch"] == "409":
        raise Refusal(409, 900278, "There is a pending operation on this subscription, please retry after 24 hours.")
    record.pending = None


def _with_consequences(world: World, record: Record, plan: Asked) -> Change:
    """Fields that follow from those asked for."""
    change = plan.total()
    now, window = world.now(), world.switches["refund_window_days"]
    if "quantity" in change.values:
        held = refund_after(record, change.values["quantity"], now, window)
        if held is not None:
            change.values["refundableQuantity"] = held
    if change.values.get("status") == "active" and record.resource.get("suspensionReasons"):
        change.values["suspensionReasons"] = []
    if "billingCycle" in change.values and world.switches["billing_cycle_change"] == "next_charge":
        cycle = change.values.pop("billingCycle")
        change.values["nextChargeInstructions"] = _next_charge(record.resource, cycle)
    return change


def _next_charge(resource: dict[str, Any], cycle: str) -> dict[str, Any]:
    product_id, sku_id, availability_id = (str(resource["offerId"]).split(":") + ["", ""])[:3]
    product = {"productId": product_id, "skuId": sku_id, "availabilityId": availability_id, "billingCycle": cycle}
    return {"product": {**product, "termDuration": resource.get("termDuration")}, "quantity": resource["quantity"]}


def _apply(world: World, record: Record, change: Change) -> None:
    if not change:
        return
    record.apply(change)
    world.store.touched()
    status = change.values.get("status")
    if world.switches["cascade_addons"] == "cascade" and status in ("suspended", "deleted"):
        for addon in world.store.addons(record):
            addon.apply(Change({"status": status}))


def accept(
    world: World, call: Call, record: Record, change: Change, delay: float, location: str, lost: bool | None = None
) -> Answer:
    """Answer 202 and apply later. Microsoft documents a relative Location, without /v1, of the subscription itself.

    ``delay`` is in emulated seconds, negative for never.
    """
    entry = call.entry
    due = None if delay < 0 else world.clock.timestamp() + delay

    def applied() -> None:
        world.journal.took_effect(entry)
        world.store.touched()

    if lost is None:
        lost = world.switches["accepted_outcome"] == "lost"
    record.pending = Pending(due, change, lost, applied)
    path = f"/customers/{record.customer_id}/subscriptions/{record.id}"
    headers = {} if location == "none" else {"Location": world.link(path, location)}
    return Answer(202, headers=headers)
