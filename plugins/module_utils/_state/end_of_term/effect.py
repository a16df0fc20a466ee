# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What happens when a subscription's term ends. Pure.

The API says it with a pair of fields, ``autoRenewEnabled`` and ``scheduledActions``; here it is one *effect*. One
function reads the effect from a subscription as received, one lays a wanted effect over it. Where actions and renewal
instructions stand side by side, Partner Center goes by the actions. (Microsoft, "Extended service terms" and "Create
scheduled changes for a subscription".)
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._common import case
from ..._common.case import Raw
from .. import traits
from . import eligibility

Effect = t.Literal["renew", "cancel", "extended_service_term", "lapse", "transition", "unknown"]

#: What can be set; the other effects can only be found.
CHOICES: t.Final = ("renew", "cancel", "extended_service_term")
EFFECTS: t.Final[tuple[Effect, ...]] = ("renew", "cancel", "extended_service_term", "lapse", "transition", "unknown")
#: Effects after which the customer has the product no longer.
ENDINGS: t.Final[frozenset[str]] = frozenset({"cancel", "lapse"})

AUTO_RENEW: t.Final = "autoRenewEnabled"
ACTIONS: t.Final = "scheduledActions"
INSTRUCTIONS: t.Final = "scheduledNextTermInstructions"

_RENEWAL: t.Final = "renewtonewterm"
_BY_ACTION: t.Final[t.Mapping[str, Effect]] = {
    _RENEWAL: "renew",
    "cancel": "cancel",
    "renewtoextendedserviceterm": "extended_service_term",
    "transition": "transition",
}
#: Effect -> auto-renew and the kind of action, as clients that Microsoft's platform accepts send them.
_PAIRS: t.Final[t.Mapping[str, tuple[bool, str | None]]] = {
    "renew": (True, None),
    "cancel": (False, "Cancel"),
    "extended_service_term": (False, "RenewToExtendedServiceTerm"),
}


@dataclass(frozen=True, slots=True)
class EndOfTerm:
    """
    ``effect``: what happens at the end of the term as things stand. ``decided``: false where a paid extended service
    term follows that nobody asked for. ``is_explicit``: whether an action says so, rather than a default.
    """

    effect: Effect
    decided: bool
    is_explicit: bool


def read(subscription: Raw, *, has_extended_terms: bool = True) -> EndOfTerm:
    """
    The end of the term as a subscription was received; a key that it lacks counts as not set.

    ``has_extended_terms``: whether the cloud has extended service terms at all.
    """
    found = [_effect_of(action) for action in actions(subscription)]
    renews = traits.is_on(subscription, AUTO_RENEW)
    if found:
        effect: Effect = found[0] if len({*found}) == 1 else "unknown"
        # Beside auto-renew that is on, Partner Center has put the action there itself.
        return EndOfTerm(effect, decided=not (effect == "extended_service_term" and renews), is_explicit=True)
    if eligibility.is_within(subscription):
        return EndOfTerm("extended_service_term", decided=True, is_explicit=False)
    if traits.status(subscription) == "suspended":
        return EndOfTerm("lapse", decided=True, is_explicit=False)
    if renews:
        return EndOfTerm("renew", decided=True, is_explicit=False)
    if has_extended_terms and eligibility.may_follow(subscription):
        return EndOfTerm("extended_service_term", decided=False, is_explicit=False)
    return EndOfTerm("lapse", decided=True, is_explicit=False)


def shows(subscription: Raw, wanted: str) -> bool:
    """
    Whether the subscription already has the wanted effect, in whichever form. A default is no decision: an extended
    service term counts only where an action asks for it.
    """
    found = read(subscription)
    return found.effect == wanted and (wanted != "extended_service_term" or found.is_explicit)


def laid(wanted: str, subscription: Raw) -> dict[str, t.Any]:
    """
    The API's keys and values that give a subscription the wanted effect (one of CHOICES), whatever they are now.

    Actions keep the form (list or single object) in which the server answered. Renewal instructions go where the term
    is not renewed; they are in the result only where there are some.
    """
    renews, kind = _PAIRS[wanted]
    values: dict[str, t.Any] = {AUTO_RENEW: renews}
    if kind is not None:
        action = {"scheduleType": "TermEnd", "actionType": kind}
        values[ACTIONS] = action if isinstance(case.get(subscription, ACTIONS), dict) else [action]
        if case.get(subscription, INSTRUCTIONS):
            values[INSTRUCTIONS] = None
    elif actions(subscription) and read(subscription).effect != wanted:
        values[ACTIONS] = None
    return values


def actions(subscription: Raw) -> list[t.Any]:
    """The scheduled actions as received; the API is known to answer a list, a single object, null, or nothing."""
    found = case.get(subscription, ACTIONS)
    if isinstance(found, list):
        return [action for action in found if action]
    return [found] if found else []


def instructions(subscription: Raw) -> t.Any:
    """The renewal instructions as received, from the action that renews or from their own key; None without any."""
    for action in actions(subscription):
        if _kind(action) == _RENEWAL and case.get(action, "instructions"):
            return case.get(action, "instructions")
    return case.get(subscription, INSTRUCTIONS) or None


def in_one_form(body: Raw) -> dict[str, t.Any]:
    """
    A body for a write that holds scheduled changes in one form only. Where an answer has both, the actions stay; what
    the instructions say is kept in the action that renews, if it has none of its own.
    """
    held = case.get(body, INSTRUCTIONS)
    if not held or not actions(body):
        return dict(body)
    key = case.find_key(body, ACTIONS) or ACTIONS
    kept = [_with_instructions(action, held) for action in actions(body)]
    return {
        **body,
        key: kept[0] if isinstance(body[key], dict) else kept,
        case.find_key(body, INSTRUCTIONS) or INSTRUCTIONS: None,
    }


def _with_instructions(action: t.Any, held: t.Any) -> t.Any:
    if _kind(action) != _RENEWAL or case.get(action, "instructions"):
        return action
    return {**action, case.find_key(action, "instructions") or "instructions": held}


def _effect_of(action: t.Any) -> Effect:
    """An action for another day than the last of the term is not what happens at its end."""
    if not isinstance(action, dict):
        return "unknown"
    day = case.text(action, "scheduleType").lower()
    return _BY_ACTION.get(_kind(action), "unknown") if day in ("termend", "") else "unknown"


def _kind(action: t.Any) -> str:
    return case.text(action, "actionType").lower() if isinstance(action, dict) else ""
