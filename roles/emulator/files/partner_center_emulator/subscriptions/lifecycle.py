# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What time does to a subscription: accepted writes take effect, windows close, terms end and renew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..clock import days, iso, parse
from ..switches import Switches
from . import actions
from .record import Change, Record
from .scope import undecided
from .terms import add_term, term_months
from .views import END_OF_TERM
from .windows import close_windows, midnight, opened, set_term, term_end

# Service driven, after the term: Microsoft names the statuses but not the days between them.
DISABLED_AFTER_DAYS = 30


def settle(record: Record, now: datetime, switches: Switches) -> None:
    """Bring the record up to ``now``."""
    _finish_pending(record, now, switches)
    _charge(record, now)
    _convert_in_time(record, now, switches)
    _renew(record, now, switches["refund_window_days"])
    close_windows(record, now)


def take(record: Record, change: Change, now: datetime, switches: Switches) -> None:
    """Make a client's change, and remember when it left the end of the term undecided."""
    record.apply(change)
    if _concerns_end(change):
        record.undecided_since = now.timestamp() if undecided(record.resource, switches) else None


def _concerns_end(change: Change) -> bool:
    return any(name in change.values or name in change.removed for name in END_OF_TERM)


def convert(change: Change, resource: dict[str, Any], switches: Switches) -> Change:
    """The client's change with what the service makes of it at once: auto-renew off without a cancellation is taken
    for the extended service term."""
    if switches["est_conversion_delay"] == 0 and _concerns_end(change) and undecided(change.over(resource), switches):
        removed = tuple(name for name in change.removed if name != "scheduledActions")
        return Change({**change.values, "scheduledActions": [actions.action(actions.EXTEND)]}, removed)
    return change


def _convert_in_time(record: Record, now: datetime, switches: Switches) -> None:
    """The same, later; or what Microsoft did once to whatever was undecided, with auto-renew on again."""
    if not undecided(record.resource, switches):
        return
    extended = {"scheduledActions": [actions.action(actions.EXTEND)]}
    delay, since = switches["est_conversion_delay"], record.undecided_since
    if switches["est_backfill"]:
        record.apply(Change({**extended, "autoRenewEnabled": True}))
    elif since is not None and delay != "never" and now.timestamp() >= since + delay:
        record.apply(Change(extended))


def _finish_pending(record: Record, now: datetime, switches: Switches) -> None:
    pending = record.pending
    if pending is None or pending.due is None or now.timestamp() < pending.due:
        return
    record.pending = None
    if not pending.lost:
        take(record, pending.change, now, switches)
        pending.applied()


def _renew(record: Record, now: datetime, window_days: float) -> None:
    for _term in range(240):
        end = term_end(record.resource)
        if end is None or now <= end:
            return
        if record.status == "expired" and now > end + days(DISABLED_AFTER_DAYS):
            record.apply(Change({"status": "disabled"}))
        if record.status != "active":
            return
        if not record.resource.get("autoRenewEnabled"):
            record.apply(Change({"status": "expired", "suspensionReasons": ["Expiration"]}))
            continue
        record.apply(_next_term(record, end, window_days))


def _next_term(record: Record, end: datetime, window_days: float) -> Change:
    """The renewal: scheduled instructions take effect and are gone, and the refund window opens again."""
    resource = record.resource
    scheduled = resource.get("scheduledNextTermInstructions") or {}
    values = _product_values(scheduled.get("product") or {})
    if scheduled.get("quantity"):
        values["quantity"] = scheduled["quantity"]
    term = str(
        values.get("termDuration") or resource.get("renewalTermDuration") or resource.get("termDuration") or "P1Y"
    )
    if record.is_legacy:
        values["effectiveStartDate"] = iso(end)
        values["commitmentEndDate"] = iso(add_term(end, term))
        return Change(values, ("scheduledNextTermInstructions",))
    begin = midnight(end + days(1)) if resource.get("commitmentEndDateTime") else end
    set_term(values, begin, add_term(begin, term))
    values |= opened(int(values.get("quantity") or resource["quantity"]), begin, window_days)
    return Change(values, ("scheduledNextTermInstructions",))


def _product_values(product: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in ("billingCycle", "termDuration", "promotionId"):
        if product.get(name):
            values[name] = product[name].lower() if name == "billingCycle" else product[name]
    if all(product.get(name) for name in ("productId", "skuId", "availabilityId")):
        values["offerId"] = f"{product['productId']}:{product['skuId']}:{product['availabilityId']}"
    return values


def _charge(record: Record, now: datetime) -> None:
    """The billing cycle ends: the instructions for the next charge take effect."""
    text = record.resource.get("billingCycleEndDateTime")
    if record.status != "active" or not text or now <= parse(str(text)):
        return
    begin = midnight(parse(str(text)) + days(1))
    coming = record.resource.get("nextChargeInstructions") or {}
    values = _product_values(coming.get("product") or {})
    cycle = str(values.get("billingCycle") or record.resource.get("billingCycle") or "monthly").lower()
    step = "P1Y" if cycle == "annual" else "P1M"
    end = add_term(begin, step)
    while end <= now and term_months(step):
        end = add_term(end, step)
    values["billingCycleEndDate"] = iso(midnight(end) - days(1))
    values["billingCycleEndDateTime"] = iso(midnight(end) - days(1)).replace("00:00:00", "23:59:59")
    record.apply(Change(values, ("nextChargeInstructions",)))
