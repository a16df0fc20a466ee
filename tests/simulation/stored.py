# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What subscriptions hold, in terms of the service alone: nothing here asks the engine."""

from __future__ import annotations

import typing as t

from partner_center_emulator.subscriptions import scope

from .service import Raw

#: What the server keeps up by itself.
SERVERS_OWN: t.Final = frozenset({"attributes", "refundableQuantity", "suspensionReasons", "actions", "refundOptions"})
SCHEDULES: t.Final = frozenset({"scheduledNextTermInstructions", "nextChargeInstructions", "scheduledActions"})
INSTRUCTIONS: t.Final = "scheduled_next_term_instructions"
END_OF_TERM: t.Final = "end_of_term"
#: The keys that a setting is kept in.
KEYS: t.Final[dict[str, tuple[str, ...]]] = {
    "friendly_name": ("friendlyName",),
    "quantity": ("quantity",),
    "auto_renew_enabled": ("autoRenewEnabled",),
    "status": ("status",),
    "billing_cycle": ("billingCycle", "nextChargeInstructions"),
    "partner_id": ("partnerId",),
    INSTRUCTIONS: ("scheduledNextTermInstructions", "scheduledActions"),
    END_OF_TERM: ("autoRenewEnabled", "scheduledActions", "scheduledNextTermInstructions"),
    "support_contact": ("(contact)",),
}
_NESTED: t.Final = {
    "quantity": "quantity",
    "custom_term_end_date": "customTermEndDate",
    "billing_cycle": "billingCycle",
    "term_duration": "termDuration",
    "product_id": "productId",
    "sku_id": "skuId",
    "availability_id": "availabilityId",
    "promotion_id": "promotionId",
    "support_tenant_id": "supportTenantId",
    "support_mpn_id": "supportMpnId",
    "name": "name",
}


def plain(value: t.Any) -> t.Any:
    """Nulls and empty values are nothing, enums and ids have no case."""
    if isinstance(value, dict):
        return {key.lower(): plain(item) for key, item in value.items() if item not in (None, "", {}, [])} or None
    if isinstance(value, list):
        return [plain(item) for item in value] or None
    if isinstance(value, str):
        return value.lower() or None
    return value


def alike(one: t.Any, other: t.Any) -> bool:
    return bool(one == other or plain(one) == plain(other))


def _as_instructions(raw: Raw) -> Raw:
    """A renewal with changes has two forms, which mean the same."""
    held = raw.get("scheduledActions")
    one = held[0] if isinstance(held, list) and len(held) == 1 else held
    if not isinstance(one, dict) or raw.get("scheduledNextTermInstructions"):
        return raw
    if one.get("actionType") != "RenewToNewTerm" or not one.get("instructions"):
        return raw
    return {**raw, "scheduledActions": None, "scheduledNextTermInstructions": one["instructions"]}


def differing(before: Raw, after: Raw) -> set[str]:
    """The keys that changed, those that the server keeps up by itself left out."""
    before, after = _as_instructions(before), _as_instructions(after)
    return {key for key in (before.keys() | after.keys()) - SERVERS_OWN if not alike(before.get(key), after.get(key))}


def end_of_term(raw: Raw, switches: t.Any) -> str:
    """``renew``, ``cancel``, ``extend``, ``transition`` or ``lapse``, as the service will have it."""
    return scope.outcome(raw, switches)


def extends(raw: Raw, switches: t.Any) -> bool:
    """Whether a paid extended term follows."""
    is_active = str(raw.get("status", "")).lower() == "active"
    return is_active and scope.eligible(raw, switches) and scope.outcome(raw, switches) == "extend"


def shows(raw: Raw, name: str, wanted: t.Any, switches: t.Any) -> bool:
    """Whether a stored subscription is as a setting wants it; names to the letter, the rest as :func:`alike`."""
    if name == END_OF_TERM:
        return end_of_term(raw, switches) == {"extended_service_term": "extend"}.get(wanted, wanted)
    value = raw.get(KEYS[name][0])
    if name == INSTRUCTIONS:
        value = _as_instructions(raw).get("scheduledNextTermInstructions")
    if name == "friendly_name":
        return bool(value == wanted)
    if name == "billing_cycle" and raw.get("nextChargeInstructions"):
        # It changes with the next charge.
        value = raw["nextChargeInstructions"]["product"]["billingCycle"]
    return _holds(value, wanted) if isinstance(wanted, dict) else alike(value, wanted)


def _holds(value: t.Any, wanted: t.Mapping[str, t.Any]) -> bool:
    if not isinstance(value, dict):
        return False
    nested = {**wanted.get("product", {}), **{key: item for key, item in wanted.items() if key != "product"}}
    found = {**value, **(value.get("product") or {}), "quantity": value.get("quantity")}
    return all(alike(found.get(_NESTED.get(key, key)), item) for key, item in nested.items())
