# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows in which seats and subscriptions can be given back, and the dates of a term."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..clock import days, iso, parse
from .record import Change, Record


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def set_term(resource: dict[str, Any], start: datetime, end: datetime) -> None:
    """Write a new-commerce term: commitmentEndDate names the last day, commitmentEndDateTime the last second."""
    resource["effectiveStartDate"] = iso(start, 6)
    resource["commitmentEndDate"] = iso(midnight(end) - days(1))
    resource["commitmentEndDateTime"] = iso(midnight(end) - days(1)).replace("00:00:00", "23:59:59")


def term_end(resource: dict[str, Any]) -> datetime | None:
    """The moment the term ends; None where it never does (year 9999) or is not known.

    New commerce names the last day, legacy the first day after.
    """
    text = resource.get("commitmentEndDateTime") or resource.get("commitmentEndDate")
    if not text or str(text).startswith("9999"):
        return None
    end = parse(str(text))
    if resource.get("commitmentEndDateTime") or not resource.get("productType"):
        return end
    return midnight(end) + days(1)


def window_end(start: datetime, length: float) -> datetime:
    """Windows close at midnight UTC after their last day."""
    return midnight(start + days(length + 1))


def refundable(parts: list[tuple[int, datetime]]) -> dict[str, Any]:
    details = [{"quantity": quantity, "allowedUntilDateTime": iso(until)} for quantity, until in parts]
    return {"totalQuantity": sum(quantity for quantity, _until in parts), "details": details}


def open_seats(resource: dict[str, Any], now: datetime) -> list[tuple[int, datetime]]:
    """Seats that can be given back, with the end of their window; those that end last come first."""
    details = (resource.get("refundableQuantity") or {}).get("details") or []
    parts = [(int(part["quantity"]), parse(part["allowedUntilDateTime"])) for part in details]
    return sorted((part for part in parts if part[1] > now), key=lambda part: part[1], reverse=True)


def opened(quantity: int, start: datetime, length: float) -> dict[str, Any]:
    """The fields of a window that is open for the whole subscription."""
    closes = window_end(start, length)
    return {
        "refundOptions": [{"type": "Full", "expiresAt": iso(closes)}],
        "cancellationAllowedUntilDate": iso(closes),
        "refundableQuantity": refundable([(quantity, closes)]),
    }


def close_windows(record: Record, now: datetime) -> None:
    held = record.resource.get("refundableQuantity")
    if not held or not held.get("details"):
        return
    parts = open_seats(record.resource, now)
    if len(parts) != len(held["details"]):
        # Not a change of the subscription: the service computes these numbers when it is asked.
        record.resource = Change({"refundableQuantity": refundable(parts)}).over(record.resource)


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
