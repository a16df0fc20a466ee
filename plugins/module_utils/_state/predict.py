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
from . import fields, kinds, traits
from .model import Change, Raw


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
    if not kinds.SUBSCRIPTION.field("auto_renew_enabled").view(raw):
        raise Refused(
            f"{fields.RENEWAL} needs auto-renew, which is off.", "Set auto_renew_enabled: true in the same task."
        )


def may_renew(raw: Raw, given: t.Mapping[str, t.Any]) -> bool:
    """Whether renewal instructions can be written once what is given has been: active, with auto-renew."""
    renews = given.get("auto_renew_enabled", kinds.SUBSCRIPTION.field("auto_renew_enabled").view(raw))
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
