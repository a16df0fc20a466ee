# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What time does to a subscription: accepted writes take effect, cycles are charged, windows close, terms end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from ..clock import iso, parse
from ..switches import Switches
from . import actions
from .prices import charge
from .record import Change, Record
from .scope import in_extended_term, undecided
from .term_end import (
    DELETED_AFTER,
    DELETED_AFTER_CANCEL,
    DISABLED_AFTER,
    SUSPENDED_DAYS,
    end_of_term,
    ends_at,
    product_values,
)
from .terms import add_term
from .views import END_OF_TERM
from .windows import close_windows, midnight

Event = tuple[datetime, Callable[[Record, datetime, Switches], None]]
# More than a century of months: a clock that was set far ahead must not hang the server.
MOST_EVENTS = 1500


def settle(record: Record, now: datetime, switches: Switches) -> None:
    """Bring the record up to ``now``, one event after the other."""
    if switches["est_backfill"] and undecided(record.resource, switches):
        # What Microsoft did once to all of them.
        record.apply(Change({"scheduledActions": [actions.action(actions.EXTEND)], "autoRenewEnabled": True}))
    for _event in range(MOST_EVENTS):
        due = min(_coming(record, switches), key=lambda event: event[0], default=None)
        if due is None or due[0] > now:
            break
        due[1](record, due[0], switches)
    close_windows(record, now)


def _at(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, timezone.utc)


def _coming(record: Record, switches: Switches) -> Iterator[Event]:
    """The events that wait, those of the same moment in the order in which they happen."""
    pending = record.pending
    if pending is not None and pending.due is not None:
        yield _at(pending.due), _finish_pending
    delay, since = switches["est_conversion_delay"], record.undecided_since
    if since is not None and delay != "never" and undecided(record.resource, switches):
        yield _at(since + delay), _convert
    yield from _ends(record, switches)
    # A suspended subscription of new commerce goes on being charged.
    if record.status in ("active", "suspended"):
        yield from _charges(record, switches)


def _charges(record: Record, switches: Switches) -> Iterator[Event]:
    text, end = record.resource.get("billingCycleEndDateTime"), ends_at(record.resource)
    if text:
        over = parse(str(text)) + timedelta(seconds=1)
        # The first cycle of a term waits for the renewal.
        waits = end is not None and over >= end
        yield over + timedelta(minutes=switches["renewal_queue_minutes"] if waits else 0), _begin_cycle


def _ends(record: Record, switches: Switches) -> Iterator[Event]:
    end = ends_at(record.resource)
    if end is None:
        return
    if record.status in ("active", "suspended"):
        yield end + timedelta(seconds=1, minutes=switches["renewal_queue_minutes"]), _end
    if record.status == "suspended" and record.is_legacy and record.suspended_since is not None:
        yield _at(record.suspended_since) + timedelta(days=SUSPENDED_DAYS), _delete
    if record.status == "expired":
        yield end + timedelta(days=DISABLED_AFTER, seconds=1), _disable
    if record.status == "disabled":
        kept = DELETED_AFTER_CANCEL if record.cancelled else DELETED_AFTER
        yield end + timedelta(days=kept, seconds=1), _delete


def take(record: Record, change: Change, now: datetime, switches: Switches) -> None:
    """Make a client's change, and remember what it began: a suspension, or a term with an undecided end."""
    record.apply(change)
    if _concerns_end(change):
        record.undecided_since = now.timestamp() if undecided(record.resource, switches) else None
    if "status" in change.values:
        record.suspended_since = now.timestamp() if record.status == "suspended" else None


def convert(change: Change, resource: dict[str, Any], switches: Switches) -> Change:
    """The client's change with what the service makes of it at once: auto-renew off without a cancellation is taken
    for the extended service term."""
    if switches["est_conversion_delay"] == 0 and _concerns_end(change) and undecided(change.over(resource), switches):
        removed = tuple(name for name in change.removed if name != "scheduledActions")
        return Change({**change.values, "scheduledActions": [actions.action(actions.EXTEND)]}, removed)
    return change


def _concerns_end(change: Change) -> bool:
    return any(name in change.values or name in change.removed for name in END_OF_TERM)


def _convert(record: Record, _due: datetime, _switches: Switches) -> None:
    record.apply(Change({"scheduledActions": [actions.action(actions.EXTEND)]}))


def _finish_pending(record: Record, due: datetime, switches: Switches) -> None:
    pending = record.pending
    record.pending = None
    if pending is not None and not pending.lost:
        take(record, pending.change, due, switches)
        pending.applied()


def _end(record: Record, due: datetime, switches: Switches) -> None:
    end = ends_at(record.resource) or due
    change = end_of_term(record, end, switches)
    record.cancelled = change.values.get("status") == "disabled" and record.status == "active"
    record.undecided_since = None
    enters = in_extended_term(change.over(record.resource)) and not in_extended_term(record.resource)
    if enters and switches["est_identity"] == "new_id":
        record.successor = change.over(record.resource)
        record.apply(Change({"status": "deleted", "autoRenewEnabled": False}, ("scheduledActions",)))
        return
    record.apply(change)


def _disable(record: Record, _due: datetime, _switches: Switches) -> None:
    record.apply(Change({"status": "disabled"}))


def _delete(record: Record, _due: datetime, _switches: Switches) -> None:
    record.apply(Change({"status": "deleted"}))


def _begin_cycle(record: Record, _due: datetime, _switches: Switches) -> None:
    """A billing cycle begins: the instructions for the next charge take effect, and it is charged."""
    begin = midnight(parse(str(record.resource["billingCycleEndDateTime"])) + timedelta(days=1))
    coming = record.resource.get("nextChargeInstructions") or {}
    values = product_values(coming.get("product") or {})
    cycle = str(values.get("billingCycle") or record.resource.get("billingCycle") or "monthly").lower()
    last = midnight(add_term(begin, {"annual": "P1Y", "triennial": "P3Y"}.get(cycle, "P1M"))) - timedelta(days=1)
    values["billingCycleEndDate"] = iso(last)
    values["billingCycleEndDateTime"] = iso(last).replace("00:00:00", "23:59:59")
    change = Change(values, ("nextChargeInstructions",))
    made = charge(change.over(record.resource), begin)
    if made:
        record.charges = (*record.charges, made)
    record.apply(change)
