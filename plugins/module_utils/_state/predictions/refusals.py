# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What is not even tried: it cannot succeed whatever the server thinks, or would cost what nobody asked for.

The table of settings names in its rows what is about one setting; the rest is about the subscription. Pure. Sources:
Microsoft, "Partner Center error codes", "Extended service terms", "Create scheduled changes for a subscription".
"""

from __future__ import annotations

import typing as t

from ..._common.case import Raw
from ..._common.problems import Refused
from .. import instructions, traits
from ..checks import Values
from ..end_of_term import effect, eligibility
from ..field import Asked, Conditions

#: What can be changed in an extended service term, besides cancelling it.
WITHIN: t.Final = frozenset({"friendly_name", "partner_id"})
#: Effects of scheduled actions beside which renewal instructions do not count, in words.
_INSTEAD: t.Final[t.Mapping[str, str]] = {
    "cancel": "its cancellation",
    "extended_service_term": "an extended service term",
    "transition": "a change to another product",
    "unknown": "something else",
}
_DECISIONS: t.Final = ("cancel", "extended_service_term")


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
    """Renewal instructions need a renewal."""
    if asked.value is not None and not renews_then(asked.wanted):
        require_auto_renew(asked.raw)


def require_auto_renew(raw: Raw) -> None:
    """Raises Refused where auto-renew is off, which renewal instructions need."""
    if not traits.renews(raw):
        raise Refused(
            f"{instructions.NAME} needs auto-renew, which is off.",
            "Set auto_renew_enabled: true or end_of_term: renew in the same task.",
        )


def require_decidable(asked: Asked) -> None:
    """Whether the end of the term can be what is asked, on this kind of subscription and in its state."""
    wanted, raw, conditions = asked.value, asked.raw, asked.conditions
    if not isinstance(wanted, str):
        if not conditions.is_rollback:
            raise Refused("end_of_term takes what Partner Center had before only where that is laid back.")
        return
    status = asked.wanted.get("status")
    if status == "suspended" or (traits.status(raw) == "suspended" and status != "active"):
        raise Refused(
            f"end_of_term: {wanted} cannot be set on a suspended subscription, and a suspension would delete it.",
            "Reactivate it first (status: active).",
        )
    if traits.is_over(raw) and status != "active":
        raise Refused(
            f"end_of_term: {wanted} cannot be set on a subscription that is {traits.status(raw)}: its term is over.",
            "Leave end_of_term out.",
        )
    if traits.is_usage_billed(raw):
        raise Refused(
            f"end_of_term: {wanted} cannot be set on a subscription that is billed by usage: it has no term that ends.",
            "Leave end_of_term out.",
        )
    if wanted == "renew":
        return
    other = _other_kind(raw)
    if other is not None:
        raise Refused(
            f"end_of_term: {wanted} is for licences of new commerce, and this is {other}.",
            "Set auto_renew_enabled: false to let it end with its term.",
        )
    if wanted == "extended_service_term" and not may_be_extended(raw, conditions):
        raise Refused(
            "The subscription is not eligible for an extended service term.", "Set end_of_term to renew or cancel."
        )


def require_an_end(asked: Asked) -> None:
    """Auto-renew off without another word: since May 2026, that is no end."""
    is_harmless = asked.value or asked.conditions.is_rollback
    if is_harmless or not may_be_extended(asked.raw, asked.conditions):
        return
    if effect.read(asked.raw).effect != "cancel":
        if asked.wanted.get("status") == "deleted":
            raise Refused(
                "auto_renew_enabled: false beside status: deleted is written before the cancellation: where that is "
                "refused, the subscription would go on in a paid extended service term.",
                "Leave auto_renew_enabled out: a cancelled subscription does not renew.",
            )
        raise Refused(
            "auto_renew_enabled: false alone does not let this subscription end: it would go on in a paid extended "
            "service term.",
            "Decide: end_of_term: cancel ends the subscription with its term, end_of_term: extended_service_term lets "
            "it go on in the paid term.",
        )


def refuse(given: Values, changed: t.Collection[str], raw: Raw) -> None:
    """Raises Refused for what the state of the subscription forbids. ``changed``: the settings that differ."""
    if eligibility.is_within(raw):
        _refuse_within(given, changed)
    found = effect.read(raw)
    if effect.NAME in given or not found.is_explicit or found.effect not in _INSTEAD:
        return
    # Auto-renew may be on beside what else leads into a new term.
    voided = (effect.AUTO_RENEW_NAME, instructions.NAME) if found.effect in _DECISIONS else (instructions.NAME,)
    asked = [name for name in voided if given.get(name)]
    if asked:
        what = _INSTEAD[found.effect]
        raise Refused(
            f"{' and '.join(asked)} would have no effect: {what} is scheduled for the end of the term.",
            "Set end_of_term: renew in the same task.",
        )


def _refuse_within(given: Values, changed: t.Collection[str]) -> None:
    others = [name for name in changed if name not in WITHIN and not (name == "status" and given[name] == "deleted")]
    if others:
        raise Refused(
            f"The subscription is in an extended service term, in which {' and '.join(others)} cannot be changed.",
            "Cancel it (status: deleted), or convert it to the base product in Partner Center first.",
        )


def renews_then(given: Values) -> bool:
    """Whether a task asks for a renewal, in either way."""
    return bool(given.get(effect.AUTO_RENEW_NAME)) or (
        effect.NAME in given and effect.asks_for_renewal(given[effect.NAME])
    )


def may_be_extended(raw: Raw, conditions: Conditions) -> bool:
    return conditions.has_extended_terms and eligibility.may_follow(raw)


def _other_kind(raw: Raw) -> str | None:
    """What the subscription is, where it is no licence of new commerce."""
    if eligibility.is_licence(raw):
        return None
    if traits.is_on(raw, "isTrial"):
        return "a trial"
    return "another product of new commerce" if traits.is_new_commerce(raw) else "a legacy subscription"
