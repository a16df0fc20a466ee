# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PATCH body asks of a subscription ("Update a subscription by ID"), and what it does besides.

Absent fields stay as they are, with the documented exceptions: auto-renew falls to false and instructions are
deleted when the body lacks them, and an immediate change deletes scheduled changes even when the body carries them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import instructions
from .errors import bad_enum, bad_input
from .instructions import BILLING_CYCLES, fold
from .store import Change, Record
from .switches import Switches

STATUSES = ("none", "active", "pending", "suspended", "expired", "disabled", "deleted")
# Changes that take effect at once, and therefore delete what was scheduled.
IMMEDIATE = ("friendlyName", "quantity", "autoRenewEnabled", "status", "billingCycle", "partnerId")


@dataclass(frozen=True)
class Asked:
    """``asked``: what the body wants otherwise than it is; ``effects``: what happens because of what it lacks."""

    asked: dict[str, Any]
    effects: Change

    def total(self) -> Change:
        values = {**self.effects.values, **self.asked}
        return Change(values, tuple(name for name in self.effects.removed if name not in self.asked))


def read_body(record: Record, body: Any, switches: Switches) -> Asked:
    """Compare the body with the subscription.

    :raises Refusal: where a field cannot be read (400 with 3000 or 900126)
    """
    given = fold(body)
    current = record.resource
    if given.get("id") is not None and str(given["id"]).lower() != record.id.lower():
        raise bad_input("Id differs from the subscription in the path.")
    asked: dict[str, Any] = {}
    for name, read in _READERS.items():
        value = given.get(name.lower())
        if value is not None:
            _collect(asked, name, read(value, current.get(name)), current.get(name))
    effects = _absent(given, current, switches)
    for name in instructions.FIELDS:
        value = given.get(name.lower())
        if value is not None and not instructions.same(value, current.get(name)):
            asked[name] = instructions.canonical(value, record.most_seats)
    return Asked(asked, _dropped(asked, effects, current, switches))


def _collect(asked: dict[str, Any], name: str, value: Any, current: Any) -> None:
    same = value == current
    if name in ("status", "billingCycle") and isinstance(current, str):
        same = value.lower() == current.lower()
    if name == "partnerId":
        same = value == (current or "")
    if not same:
        asked[name] = value


def _absent(given: dict[str, Any], current: dict[str, Any], switches: Switches) -> Change:
    """Microsoft: "If these attributes aren't provided, autoRenewEnabled is inadvertently set to false, or the next
    term/billing instructions are deleted."
    """
    effects = Change()
    if (
        given.get("autorenewenabled") is None
        and current.get("autoRenewEnabled")
        and switches["absent_auto_renew"] == "reset"
    ):
        effects.values["autoRenewEnabled"] = False
    by = switches["clear_instructions_by"]
    for name in instructions.FIELDS:
        key = name.lower()
        absent, null = key not in given, key in given and given[key] is None
        if name in current and ((absent and by != "null") or (null and by != "omission")):
            effects.removed += (name,)
    return effects


def _dropped(asked: dict[str, Any], effects: Change, current: dict[str, Any], switches: Switches) -> Change:
    rule = switches["schedule_drop"]
    scheduled = "scheduledNextTermInstructions"
    at_once = {name for name in IMMEDIATE if name in asked}
    if effects.values.get("autoRenewEnabled") is False:
        at_once.add("autoRenewEnabled")
    # The documented call that schedules a change turns auto-renew on in the same body: that drops nothing.
    if asked.get("autoRenewEnabled") is True:
        at_once.discard("autoRenewEnabled")
    if rule == "not_rename":
        at_once.discard("friendlyName")
    # Without auto-renew there is no next term, whatever the switch says.
    if rule == "none":
        at_once &= {"autoRenewEnabled"}
    if not at_once:
        return effects
    asked.pop(scheduled, None)
    if scheduled in current and scheduled not in effects.removed:
        effects.removed += (scheduled,)
    return effects


def _text(value: Any, _current: Any) -> str:
    if not isinstance(value, str):
        raise bad_input("A string was expected.")
    return value


def _friendly_name(value: Any, current: Any) -> str:
    text = _text(value, current)
    if not text.strip() and text != current:
        raise bad_input("FriendlyName must not be empty.")
    return text


def _quantity(value: Any, _current: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad_input("Quantity must be an integer.")
    return value


def _flag(value: Any, _current: Any) -> bool:
    if not isinstance(value, bool):
        raise bad_input("AutoRenewEnabled must be true or false.")
    return value


def _enum(values: tuple[str, ...], kind: str) -> Callable[[Any, Any], str]:
    def read(value: Any, current: Any) -> str:
        text = _text(value, current)
        # What the service itself answered may come back, known or not.
        if text.lower() not in values and text.lower() != str(current).lower():
            raise bad_enum(value, kind)
        return text.lower() if text.lower() in values else text

    return read


_READERS: dict[str, Callable[[Any, Any], Any]] = {
    "friendlyName": _friendly_name,
    "quantity": _quantity,
    "autoRenewEnabled": _flag,
    "status": _enum(STATUSES, "SubscriptionStatus"),
    "billingCycle": _enum(BILLING_CYCLES, "BillingCycleType"),
    "partnerId": _text,
}
