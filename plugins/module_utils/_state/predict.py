# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What Partner Center is expected to refuse, said before a write; the server remains the judge.

Sources: Microsoft, "Partner Center error codes"; "Change the quantity of a subscription"; "Cancel a subscription".
"""

from __future__ import annotations

import typing as t
from datetime import datetime

from .._common.problems import Refused
from . import fields, traits
from .model import Change, Raw, ScheduledChanges


def refuse_impossible(changes: t.Sequence[Change], given: t.Mapping[str, t.Any], raw: Raw) -> None:
    """Raises Refused for what cannot succeed whatever the server thinks, so that nothing of the item is written."""
    changed = {change.field for change in changes}
    if "billing_cycle" in changed and not traits.is_new_commerce(raw):
        raise Refused(
            "billing_cycle cannot be changed on a legacy subscription: Partner Center changes it through the order "
            "(error 2054).",
            "Leave billing_cycle out, or change the order in Partner Center.",
        )
    if "quantity" in changed and traits.is_usage_billed(raw):
        raise Refused("quantity cannot be set on a subscription that is billed by usage.", "Leave quantity out.")
    if fields.RENEWAL in changed and given.get(fields.RENEWAL) is not None and not given.get("auto_renew_enabled"):
        require_auto_renew(raw)


def require_auto_renew(raw: Raw) -> None:
    """Raises Refused where auto-renew is off, which renewal instructions need."""
    if not fields.view(fields.field_of("subscription", "auto_renew_enabled"), raw):
        raise Refused(
            f"{fields.RENEWAL} needs auto-renew, which is off.", "Set auto_renew_enabled: true in the same task."
        )


def may_renew(raw: Raw, given: t.Mapping[str, t.Any]) -> bool:
    """Whether renewal instructions can be written once what is given has been: active, with auto-renew."""
    renews = given.get("auto_renew_enabled", fields.view(fields.field_of("subscription", "auto_renew_enabled"), raw))
    return bool(renews) and given.get("status", traits.status(raw)) == "active"


def predictions(changes: t.Sequence[Change], given: t.Mapping[str, t.Any], raw: Raw, now: datetime) -> list[str]:
    """Warnings of what the server would refuse."""
    after = {change.field: change.after for change in changes}
    found: list[str] = []
    status = traits.status(raw)
    if status == "deleted":
        found.append("The subscription is cancelled (deleted): Partner Center refuses every change to it (2011).")
    elif status == "suspended" and after.get("status") is None:
        found.append(
            "The subscription is suspended: Partner Center is expected to refuse changes before it is active (800091)."
        )
    elif status in ("expired", "disabled"):
        found.append(f"The subscription is {status}: Partner Center is expected to refuse changes to it (900279).")
    if after.get("status") == "suspended" and given.get(fields.RENEWAL) is not None:
        found.append(
            f"Partner Center deletes {fields.RENEWAL} with the suspension, and is expected not to take them back "
            "before the subscription is active again (800091)."
        )
    if traits.is_new_commerce(raw):
        found += _outside_the_window(after, raw, now)
    return found


def _outside_the_window(after: t.Mapping[str, t.Any], raw: Raw, now: datetime) -> t.Iterator[str]:
    before = traits.seats(raw)
    if "quantity" in after and before is not None and after["quantity"] < before:
        fewer, refundable = before - after["quantity"], traits.refundable_seats(raw, now)
        if refundable is not None and fewer > refundable:
            yield (
                f"Taking back {fewer} seats is outside the refund window (it allows {refundable}): Partner Center is "
                f"expected to refuse it (800090). Schedule it for the renewal with {fields.RENEWAL}."
            )
    if after.get("status") == "deleted" and traits.is_cancellable(raw, now) is False:
        yield (
            "The cancellation window has passed: Partner Center is expected to refuse it (900117). "
            "Set auto_renew_enabled: false to let the subscription end with its term."
        )


def schedules_at_stake(raw: Raw, given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """
    The scheduled changes (field -> as received) that an immediate change would delete and that shall survive it.

    Those that the user sets or clears in the same item are not among them.
    """
    return {name: value for name, value in traits.scheduled_changes(raw).items() if name not in given}


def schedules_as_asked(raw: Raw, given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The scheduled changes (field -> as received) that the user sets in the same item, where they are there."""
    return {
        name: value
        for name, value in traits.scheduled_changes(raw).items()
        if given.get(name) is not None and fields.shows(fields.field_of("subscription", name), raw, given[name])
    }


def restorable(
    at_stake: t.Mapping[str, t.Any], given: t.Mapping[str, t.Any], mode: ScheduledChanges
) -> dict[str, t.Any]:
    """
    Those of the scheduled changes that are to be written back: without auto-renew, renewal instructions are void.

    With ``refuse`` none are deleted except those that the item itself replaces, and they are owed back until it has.
    """
    if mode == "drop":
        return {}
    void = {fields.RENEWAL} if given.get("auto_renew_enabled") is False else set()
    return {name: value for name, value in at_stake.items() if name not in void}


def lost_for_good(given: t.Mapping[str, t.Any], mode: ScheduledChanges) -> tuple[str, ...]:
    """The scheduled changes that an immediate change takes away without giving them back, where there are any."""
    if given.get("status") == "deleted":
        return ()  # with the subscription itself
    at_stake: dict[str, t.Any] = {name: {} for name in fields.SCHEDULES if name not in given}
    kept = restorable(at_stake, given, mode)
    return tuple(name for name in at_stake if name not in kept)


def about_schedules(
    at_stake: t.Mapping[str, t.Any], given: t.Mapping[str, t.Any], mode: ScheduledChanges
) -> t.Iterator[str]:
    """What is said of scheduled changes in the way of an immediate change."""
    back = restorable(at_stake, given, mode)
    gone = [name for name in at_stake if name not in back]
    if back:
        yield (
            f"Partner Center deletes scheduled changes ({' and '.join(back)}) with this change; they are written back "
            "in a second, verified write."
        )
    if gone and mode == "drop":
        yield (
            f"Partner Center deletes scheduled changes ({' and '.join(gone)}) with this change; "
            "scheduled_changes=drop lets them go."
        )
    elif gone:
        yield f"Turning auto-renew off makes the scheduled renewal changes void ({' and '.join(gone)})."
