# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Whether a change can be undone later, told when it is planned.

Sources: Microsoft, "Cancel a subscription", "Change the quantity of a subscription", "Update a subscription's support
contact" (no operation clears a contact).
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from .._common.times import utc_text
from . import fields, traits
from .model import Raw, Reversal

#: Seats added in mid-term can be given back this long, "except where otherwise required by law". The API tells the
#: exact time (refundableQuantity) only once they are bought.
_RETURN_WINDOW = timedelta(days=7)

_YES = Reversal("yes")
#: Of the cancellation, and of whatever else the same plan does to the subscription.
CANCELLED: t.Final = Reversal("no", "a cancelled subscription cannot be brought back")


def reversal(field: str, before: t.Any, after: t.Any, raw: Raw, now: datetime) -> Reversal:
    """Whether the change of ``field`` from ``before`` to ``after`` can be undone."""
    if field == "status":
        return _of_status(before, after)
    if field == "quantity":
        return _of_quantity(before, after, raw, now)
    if field in (fields.RENEWAL, "auto_renew_enabled") or before not in (None, ""):
        return _YES
    return Reversal("no", f"{field} had no value, and Partner Center has no way to clear it")


def _of_status(before: t.Any, after: t.Any) -> Reversal:
    if after == "deleted":
        return CANCELLED
    if before not in ("active", "suspended"):
        return Reversal("no", f"a subscription cannot be set to {before}")
    return _YES


def _of_quantity(before: t.Any, after: t.Any, raw: Raw, now: datetime) -> Reversal:
    seats = traits.count(before) or 0
    if seats < 1:
        return Reversal("no", "the subscription had no seats to go back to")
    if after < seats or not traits.is_new_commerce(raw):
        return _YES
    return Reversal(
        f"until {utc_text(now + _RETURN_WINDOW)}", "added seats can only be given back within the refund window"
    )
