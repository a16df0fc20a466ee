# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PATCH of a subscription ("Update a subscription by ID"): from the request to the answer."""

from __future__ import annotations

from typing import Any

from ..bodies import read_object
from ..errors import Refusal
from ..folding import fold
from ..subscriptions.fields import FIELDS
from ..subscriptions.lifecycle import convert, take
from ..subscriptions.patch import read_body
from ..subscriptions.record import Change, Pending, Record
from ..subscriptions.rules import (
    Case,
    check_billing_cycle_alone,
    check_extended_term,
    check_lock,
    check_one_change,
    check_queue,
    check_state,
)
from ..subscriptions.schedules import Asked, to_stored
from ..subscriptions.terms import add_term
from ..subscriptions.views import shown, view
from ..subscriptions.windows import opened, refund_after, set_term
from ..wire import Answer, Call
from ..world import World


def patch_subscription(world: World, call: Call, customer_id: str, subscription_id: str) -> Answer:
    record = world.record(customer_id, subscription_id)
    world.run_hooks(record, "PATCH")
    change = plan_change(world, call, record)
    if world.switches["patch_answer"] == "202" and change:
        return accept(
            world, call, record, change, world.switches["accepted_delay"], world.switches["accepted_location"]
        )
    call.effective = bool(change)
    _apply(world, record, change)
    return Answer(body=shown(record.resource, world.switches))


def plan_change(world: World, call: Call, record: Record) -> Change:
    """What the PATCH would change.

    :raises Refusal: where the service would refuse it
    """
    body = read_object(call, world.switches["json_comments"])
    _check_etags(world, call, record, body)
    if record.pending:
        _check_pending(world, record)
    plan = read_body(record, body, world.switches)
    left = _left_alone(record, world)
    plan = Asked({name: value for name, value in plan.asked.items() if name not in left}, plan.effects)
    seen = view(record.resource, world.switches)
    auto_renew = plan.total().over(seen).get("autoRenewEnabled")
    store = world.store
    siblings = tuple(store.records(world.fleet.customers[record.customer_id]).values())
    parent, now = store.parent(record), world.now()
    _judge(Case(record, parent, siblings, world.fleet, world.switches, now, bool(auto_renew)), plan.asked)
    change = _with_consequences(world, record, plan)
    return convert(to_stored(change, seen, record.resource), record.resource, world.switches)


def _left_alone(record: Record, world: World) -> set[str]:
    """Fields that are read only for this subscription: answered with success, and as they were."""
    left = set()
    if record.is_legacy and world.switches["legacy_auto_renew"] == "ignored":
        left.add("autoRenewEnabled")
    if record.is_legacy or record.is_usage or world.switches["term_change"] == "ignored":
        left.add("termDuration")
    return left


def _judge(case: Case, asked: dict[str, Any]) -> None:
    for check in (check_state, check_queue, check_extended_term, check_lock, check_one_change):
        check(case, asked)
    for field in FIELDS:
        if field.name in asked:
            field.check(case, asked[field.name])
    check_billing_cycle_alone(case, asked)


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
    values = dict(change.values)
    if "quantity" in values:
        held = refund_after(record, values["quantity"], world.now(), world.switches["refund_window_days"])
        if held is not None:
            values["refundableQuantity"] = held
    if "termDuration" in values:
        values |= _new_term(record, values, world)
    if values.get("status") == "active" and record.resource.get("suspensionReasons"):
        values["suspensionReasons"] = []
    waits = "termDuration" not in values and world.switches["billing_cycle_change"] == "next_charge"
    if "billingCycle" in values and waits:
        values["nextChargeInstructions"] = _next_charge(record.resource, values.pop("billingCycle"))
    return Change(values, change.removed)


def _new_term(record: Record, values: dict[str, Any], world: World) -> dict[str, Any]:
    """A longer term begins at once, with a window of its own."""
    begin = world.now()
    made = opened(int(values.get("quantity", record.resource["quantity"])), begin, world.switches["refund_window_days"])
    set_term(made, begin, add_term(begin, values["termDuration"]))
    return made


def _next_charge(resource: dict[str, Any], cycle: str) -> dict[str, Any]:
    product_id, sku_id, availability_id = (str(resource["offerId"]).split(":") + ["", ""])[:3]
    product = {"productId": product_id, "skuId": sku_id, "availabilityId": availability_id, "billingCycle": cycle}
    return {"product": {**product, "termDuration": resource.get("termDuration")}, "quantity": resource["quantity"]}


def _apply(world: World, record: Record, change: Change) -> None:
    if not change:
        return
    take(record, change, world.now(), world.switches)
    world.store.touched()
    status = change.values.get("status")
    if world.switches["cascade_addons"] == "cascade" and status in ("suspended", "deleted"):
        for addon in world.store.addons(record):
            addon.apply(Change({"status": status}))


def accept(
    world: World,
    call: Call,
    record: Record,
    change: Change,
    delay: float | str,
    location: str,
    lost: bool | None = None,
) -> Answer:
    """Answer 202 and apply later. Microsoft documents a relative Location, without /v1, of the subscription itself.

    ``delay`` is in emulated seconds, or "never".
    """
    entry = call.entry
    due = None if delay == "never" else world.clock.timestamp() + float(delay)

    def applied() -> None:
        world.journal.took_effect(entry)
        world.store.touched()

    if lost is None:
        lost = world.switches["accepted_outcome"] == "lost"
    record.pending = Pending(due, change, lost, applied)
    path = f"/customers/{record.customer_id}/subscriptions/{record.id}"
    headers = {} if location == "none" else {"Location": world.link(path, location)}
    return Answer(202, headers=headers)
