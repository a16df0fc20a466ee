# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When Partner Center refuses a change, with the codes of Microsoft's "Partner Center error codes" page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from .clock import parse
from .errors import Refusal, bad_input
from .lifecycle import open_seats
from .shapes import refundable, window_end
from .store import Record, Store
from .switches import Switches


class Rules:
    """The judge of one PATCH."""

    def __init__(self, store: Store, switches: Switches, now: datetime) -> None:
        self._store = store
        self._switches = switches
        self._now = now

    def check(self, record: Record, asked: dict[str, Any], auto_renew: bool) -> None:
        """Refuse what cannot be done. ``auto_renew`` is what autoRenewEnabled will be afterwards."""
        status = str(record.resource.get("status", "")).lower()
        self._check_state(record, asked, status)
        checks: dict[str, Callable[[Record, Any], None]] = {
            "friendlyName": self._check_friendly_name,
            "quantity": self._check_quantity,
            "autoRenewEnabled": self._check_auto_renew_enabled,
            "status": self._check_status,
            "billingCycle": self._check_billing_cycle,
            "partnerId": self._check_partner_id,
            "scheduledNextTermInstructions": self._check_instructions,
            "nextChargeInstructions": self._check_instructions,
        }
        for name, value in asked.items():
            checks[name](record, value)
        if "scheduledNextTermInstructions" in asked and not auto_renew:
            raise Refusal(400, 800093, "Scheduled changes need autoRenewEnabled to be true.")

    def _check_state(self, record: Record, asked: dict[str, Any], status: str) -> None:
        if status == "deleted":
            raise Refusal(400, 2011, "A deleted subscription cannot be updated.")
        if status in ("expired", "disabled"):
            raise Refusal(400, 900279, "Updates are no longer allowed for this subscription.")
        if status == "pending":
            raise Refusal(400, 800082, "The subscription is not ready to be updated, please try again later.")
        if status == "suspended" and set(asked) - {"status"}:
            if record.is_legacy and "quantity" in asked:
                raise Refusal(400, 2001, "The quantity cannot be changed while the subscription is suspended.")
            raise Refusal(400, 800091, "Cannot update a suspended subscription.")

    def _check_friendly_name(self, _record: Record, value: str) -> None:
        longest = self._switches["friendly_name_max_length"]
        if longest and len(value) > longest:
            raise bad_input(f"FriendlyName must not be longer than {longest} characters.")

    def _check_quantity(self, record: Record, value: int) -> None:
        if record.is_usage:
            raise Refusal(400, 800095, "The seats of this subscription cannot be updated.")
        if not 1 <= value <= record.most_seats:
            raise Refusal(400, 2002, f"Quantity must be between 1 and {record.most_seats}.")
        fewer = int(record.resource["quantity"]) - value
        if record.is_legacy or fewer <= 0:
            return
        if fewer > sum(seats for seats, _until in self._reducible(record)):
            raise Refusal(400, 800090, "The quantity of the subscription cannot be decreased.")

    def _reducible(self, record: Record) -> list[tuple[int, datetime]]:
        parts = open_seats(record.resource, self._now)
        if self._switches["added_seats_reducible"]:
            return parts
        # Only while the whole subscription can be given back.
        return parts if self._cancellable(record) else []

    def _cancellable(self, record: Record) -> bool:
        until = record.resource.get("cancellationAllowedUntilDate")
        return bool(until) and self._now < parse(str(until))

    def _check_status(self, record: Record, value: str) -> None:
        current = str(record.resource.get("status", "")).lower()
        if value == "deleted":
            self._check_cancel(record)
        elif value == "suspended" and current == "active":
            if not record.is_legacy and self._switches["nce_suspend"] == "refused":
                raise Refusal(400, 800096, "The status of this subscription cannot be updated.")
        elif value == "active" and current == "suspended":
            parent = self._store.parent(record)
            if parent and str(parent.resource["status"]).lower() != "active":
                raise Refusal(409, 27009, "The subscription cannot be enabled while its parent is not active.")
        else:
            raise Refusal(400, 800040, f"The status cannot be changed from {current} to {value}.")

    def _check_cancel(self, record: Record) -> None:
        if record.is_legacy:
            return
        if record.is_usage:
            raise Refusal(403, 900115, "An Azure plan cannot be cancelled while it has active Azure subscriptions.")
        if not record.resource.get("isTrial") and not self._cancellable(record):
            length = self._switches["refund_window_days"]
            raise Refusal(400, 900117, f"The subscription can only be cancelled within {length} days.")

    def _check_auto_renew_enabled(self, record: Record, value: bool) -> None:
        if value and (record.is_usage or record.resource.get("isTrial")):
            raise Refusal(400, 800093, "The subscription is not eligible for auto-renew.")

    def _check_billing_cycle(self, record: Record, value: str) -> None:
        if record.is_legacy:
            raise Refusal(400, 2054, "The billing cycle cannot be changed with the subscription, use the order.")
        if record.is_usage or record.resource.get("isTrial") or self._switches["billing_cycle_change"] == "refused":
            raise Refusal(400, 800097, "The billing cycle of this subscription cannot be updated.")
        if value in ("none", "unknown"):
            raise bad_input(f"{value} is not a billing cycle to change to.")

    def _check_partner_id(self, _record: Record, value: str) -> None:
        if value == self._store.fleet.mpn_id:
            raise Refusal(404, 2072, "The MPN id of an indirect provider cannot be partner on record.")
        if value and self._store.fleet.reseller_by_mpn(value) is None:
            raise Refusal(400, 800016, f"The MPN id {value} is not a valid indirect reseller.")

    def _check_instructions(self, record: Record, _value: Any) -> None:
        if record.is_legacy or record.is_usage:
            raise Refusal(400, 2006, "Scheduled changes are not allowed for subscriptions of this offer.")


def refund_after(record: Record, quantity: int, now: datetime, window_days: float) -> dict[str, Any] | None:
    """``refundableQuantity`` after a change of seats: added ones get a window, given back ones leave the newest."""
    if record.is_legacy or not isinstance(record.resource.get("refundableQuantity"), dict):
        return None
    parts = open_seats(record.resource, now)
    more = quantity - int(record.resource["quantity"])
    if more > 0:
        return refundable([*parts, (more, window_end(now, window_days))])
    left = []
    for seats, until in parts:
        taken = min(seats, -more)
        more += taken
        if seats > taken:
            left.append((seats - taken, until))
    return refundable(left)
