# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What Partner Center is expected to refuse, said before a write; the server remains the judge. The table of
settings names what is here in its rows.

Sources: Microsoft, "Partner Center error codes"; "Change the quantity of a subscription"; "Cancel a subscription".
"""

from __future__ import annotations

import typing as t

from .._common.case import Raw
from .._common.problems import Refused
from . import instructions, traits
from .field import Asked


def require_seats(asked: Asked) -> None:
    if traits.is_usage_billed(asked.raw):
        raise Refused("quantity cannot be set on a subscription that is billed by usage.", "Leave quantity out.")


def require_new_commerce(asked: Asked) -> None:
    if not traits.is_new_commerce(asked.raw):
        raise Refused(
            "billing_cycle cannot be changed on a legacy subscription: Partner Center changes it through the order "
            "(error 2054).",
            "Leave billing_cycle out, or change the order in Partner Center.",
        )


def require_renewal(asked: Asked) -> None:
    if asked.value is not None and not asked.wanted.get("auto_renew_enabled"):
        require_auto_renew(asked.raw)


def require_auto_renew(raw: Raw) -> None:
    """Raises Refused where auto-renew is off, which renewal instructions need."""
    if not traits.renews(raw):
        raise Refused(
            f"{instructions.NAME} needs auto-renew, which is off.", "Set auto_renew_enabled: true in the same task."
        )


def of_state(raw: Raw, changed: t.Collection[str]) -> t.Iterator[str]:
    """What a subscription in its present state is expected to refuse, whatever is changed."""
    status = traits.status(raw)
    if status == "deleted":
        yield "The subscription is cancelled (deleted): Partner Center refuses every change to it (2011)."
    elif status == "suspended" and "status" not in changed:
        yield (
            "The subscription is suspended: Partner Center is expected to refuse changes before it is active (800091)."
        )
    elif status in ("expired", "disabled"):
        yield f"The subscription is {status}: Partner Center is expected to refuse changes to it (900279)."


def of_quantity(asked: Asked) -> t.Iterator[str]:
    before = traits.seats(asked.raw)
    if before is None or asked.value >= before or not traits.is_new_commerce(asked.raw):
        return
    fewer, refundable = before - asked.value, traits.refundable_seats(asked.raw, asked.now)
    if refundable is not None and fewer > refundable:
        yield (
            f"Taking back {fewer} seats is outside the refund window (it allows {refundable}): Partner Center is "
            f"expected to refuse it (800090). Schedule it for the renewal with {instructions.NAME}."
        )


def of_status(asked: Asked) -> t.Iterator[str]:
    if asked.value == "suspended" and asked.wanted.get(instructions.NAME) is not None:
        yield (
            f"Partner Center deletes {instructions.NAME} with the suspension, and is expected not to take them back "
            "before the subscription is active again (800091)."
        )
    is_late = traits.is_new_commerce(asked.raw) and traits.is_cancellable(asked.raw, asked.now) is False
    if asked.value == "deleted" and is_late:
        yield (
            "The cancellation window has passed: Partner Center is expected to refuse it (900117). "
            "Set auto_renew_enabled: false to let the subscription end with its term."
        )
