# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PATCH can change, one row a field: how it is read and compared, when it is refused, what it does besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..switches import Switches
from . import actions, instructions, reading, rules
from .instructions import BILLING_CYCLES
from .reading import Reader
from .rules import Check

STATUSES = ("none", "active", "pending", "suspended", "expired", "disabled", "deleted")
GONE = object()


def _never(_how: str, _switches: Switches) -> bool:
    return False


def _auto_renew_lost(_how: str, switches: Switches) -> bool:
    return bool(switches["absent_auto_renew"] == "reset")


def _instructions_lost(how: str, switches: Switches) -> bool:
    return switches["clear_instructions_by"] in ("both", "omission" if how == "absent" else "null")


def _actions_lost(how: str, switches: Switches) -> bool:
    return how == "null" or switches["absent_actions"] == "reset"


@dataclass(frozen=True, slots=True)
class Field:
    """``at_once``: a change takes effect now, and so deletes what is scheduled: never, always, or in ``strict`` mode.

    ``lost`` tells whether a body loses the field that has it ``absent`` or ``null``; then it becomes ``blank``.
    ``nulls`` are the values that mean null, ``unset`` what Microsoft's SDKs send for a field that nobody set.
    """

    name: str
    read: Reader
    check: Check
    same: Callable[[Any, Any], bool] = reading.same
    at_once: str = "never"
    lost: Callable[[str, Switches], bool] = _never
    blank: Any = GONE
    nulls: tuple[Any, ...] = (None,)
    unset: Any = None


FIELDS = (
    Field("friendlyName", reading.friendly_name, rules.check_friendly_name, at_once="strict"),
    Field("quantity", reading.quantity, rules.check_quantity, at_once="always", unset=0),
    Field(
        "autoRenewEnabled",
        reading.flag("AutoRenewEnabled"),
        rules.check_auto_renew,
        at_once="always",
        lost=_auto_renew_lost,
        blank=False,
    ),
    Field(
        "status",
        reading.enum(STATUSES, "SubscriptionStatus"),
        rules.check_status,
        reading.same_enum,
        "always",
        unset="none",
    ),
    Field(
        "billingCycle",
        reading.enum(BILLING_CYCLES, "BillingCycleType"),
        rules.check_billing_cycle,
        reading.same_enum,
        "always",
        unset="unknown",
    ),
    Field("termDuration", reading.text, rules.check_term, reading.same_enum, "always"),
    Field("partnerId", reading.text, rules.check_partner_id, reading.same_text, "strict"),
    Field(
        "scheduledNextTermInstructions",
        instructions.read,
        rules.check_next_term,
        instructions.same,
        lost=_instructions_lost,
    ),
    Field(
        "nextChargeInstructions",
        instructions.read,
        rules.check_instructions,
        instructions.same,
        lost=_instructions_lost,
    ),
    Field(
        "scheduledActions",
        actions.read,
        rules.check_actions,
        actions.same,
        lost=_actions_lost,
        nulls=(None, []),
    ),
)
