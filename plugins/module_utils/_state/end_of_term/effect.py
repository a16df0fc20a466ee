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
from dataclasses import dataclass, field

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

#: The options that are about it.
NAME: t.Final = "end_of_term"
AUTO_RENEW_NAME: t.Final = "auto_renew_enabled"

AUTO_RENEW_KEY: t.Final = "autoRenewEnabled"
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
    term follows that nobody asked for. ``is_explicit``: whether an action says so, rather than a default. ``renews``
    and ``actions``: the pair as received, auto-renew as a boolean.
    """

    effect: Effect
    decided: bool
    is_explicit: bool
    renews: bool = field(default=False, compare=False)
    actions: t.Any = field(default=None, compare=False)

    def received(self) -> dict[str, t.Any]:
        """The pair in plain JSON, from which it can be laid back; for journals and plans, with the effect."""
        return {"effect": self.effect, "auto_renew_enabled": self.renews, "scheduled_actions": self.actions}


def read(subscription: Raw, *, has_extended_terms: bool = True) -> EndOfTerm:
    """
    The end of the term as a subscription was received; a key that it lacks counts as not set.

    ``has_extended_terms``: whether the cloud has extended service terms at all.
    """
    effect, decided, is_explicit = _read(subscription, has_extended_terms)
    held = case.get(subscription, ACTIONS)
    return EndOfTerm(effect, decided, is_explicit, traits.is_on(subscription, AUTO_RENEW_KEY), held or None)


def _read(subscription: Raw, has_extended_terms: bool) -> tuple[Effect, bool, bool]:
    found = [_effect_of(action) for action in actions(subscription)]
    renews = traits.is_on(subscription, AUTO_RENEW_KEY)
    if found:
        effect: Effect = found[0] if len({*found}) == 1 else "unknown"
        # Beside auto-renew that is on, Partner Center has put the action there itself.
        is_mark = effect == "extended_service_term" and renews
        return effect, traits.is_over(subscription) or not is_mark, True
    if eligibility.is_within(subscription):
        return "extended_service_term", True, False
    if traits.status(subscription) == "suspended":
        return "lapse", True, False
    if renews:
        return "renew", True, False
    if has_extended_terms and eligibility.may_follow(subscription):
        return "extended_service_term", False, False
    return "lapse", True, False


def has_effect(found: EndOfTerm, wanted: str) -> bool:
    """
    Whether the end of the term has the wanted effect, in whichever form. A default is no decision: an extended service
    term counts only where an action asks for it.
    """
    return found.effect == wanted and (wanted != "extended_service_term" or found.is_explicit)


def is_marked(found: EndOfTerm) -> bool:
    """
    Whether the service itself has scheduled an extended service term, and shows auto-renew on beside it: what was
    written as off reads so, too.
    """
    return found.effect == "extended_service_term" and found.is_explicit and found.renews


def asks_for_renewal(wanted: t.Any) -> bool:
    """Whether what is asked of the end of the term (a choice, or a received pair) is a renewal."""
    return wanted == "renew" if isinstance(wanted, str) else read_pair(wanted).effect == "renew"


def holds_pair(found: EndOfTerm, pair: t.Mapping[str, t.Any]) -> bool:
    """Whether the actions are those of a received pair; without any there, nothing can have been lost."""
    wanted = _as_actions(pair.get("scheduled_actions"))
    return not wanted or _says(_as_actions(found.actions), wanted)


def is_pair(found: EndOfTerm, pair: t.Mapping[str, t.Any]) -> bool:
    """Whether auto-renew and actions are exactly those of a received pair."""
    held, wanted = _as_actions(found.actions), _as_actions(pair.get("scheduled_actions"))
    return found.renews == bool(pair.get("auto_renew_enabled")) and len(held) == len(wanted) and _says(held, wanted)


def is_gone(found: EndOfTerm, pair: t.Mapping[str, t.Any]) -> bool:
    """
    Whether a pair's actions are gone, and nobody has put others in their place: Partner Center itself schedules an
    extended service term where a cancellation is lost.
    """
    if not _as_actions(found.actions):
        return True
    return found.effect == "extended_service_term" != read_pair(pair).effect


def as_asked(pair: t.Mapping[str, t.Any]) -> str | dict[str, t.Any]:
    """What a way back asks for: the decision where that gives just the pair, else the pair itself."""
    found = read_pair(pair)
    for choice in CHOICES:
        plain = to_api(choice, {})
        if isinstance(pair.get("scheduled_actions"), dict):
            break  # What is decided anew goes out as a list, and this came as an object.
        if is_pair(found, {"auto_renew_enabled": plain[AUTO_RENEW_KEY], "scheduled_actions": plain.get(ACTIONS)}):
            return choice
    return {name: pair.get(name) for name in ("auto_renew_enabled", "scheduled_actions")}


def read_pair(pair: t.Mapping[str, t.Any]) -> EndOfTerm:
    """A received pair read alone; without actions and auto-renew, an extended service term is assumed to follow."""
    return read(
        {AUTO_RENEW_KEY: bool(pair.get("auto_renew_enabled")), ACTIONS: _as_sent(pair.get("scheduled_actions"))}
    )


def to_api(wanted: str | t.Mapping[str, t.Any], subscription: Raw) -> dict[str, t.Any]:
    """
    The API's keys and values that give a subscription the wanted effect (one of CHOICES), whatever they are now; or
    those of a received pair.

    Actions keep the form (list or single object) in which the server answered. Renewal instructions go where the term
    is not renewed; they are in the result only where there are some.
    """
    if not isinstance(wanted, str):
        return _laid_back(wanted, subscription)
    renews, kind = _PAIRS[wanted]
    values: dict[str, t.Any] = {AUTO_RENEW_KEY: renews}
    if kind is not None:
        action = {"scheduleType": "TermEnd", "actionType": kind}
        values[ACTIONS] = action if isinstance(case.get(subscription, ACTIONS), dict) else [action]
        if case.get(subscription, INSTRUCTIONS):
            values[INSTRUCTIONS] = None
    elif actions(subscription) and read(subscription).effect != wanted:
        values[ACTIONS] = None
    return values


def without_actions(subscription: Raw) -> dict[str, t.Any]:
    """The API's keys and values where the scheduled actions go and nothing else changes."""
    return {ACTIONS: None} if actions(subscription) else {}


def _laid_back(pair: t.Mapping[str, t.Any], subscription: Raw) -> dict[str, t.Any]:
    values: dict[str, t.Any] = {AUTO_RENEW_KEY: bool(pair.get("auto_renew_enabled"))}
    sent = _as_sent(pair.get("scheduled_actions"))
    if sent:
        return {**values, ACTIONS: sent}
    return {**values, **without_actions(subscription)}


def actions(subscription: Raw) -> list[t.Any]:
    """The scheduled actions as received; the API is known to answer a list, a single object, null, or nothing."""
    return _as_actions(case.get(subscription, ACTIONS))


def _as_actions(value: t.Any) -> list[t.Any]:
    if isinstance(value, list):
        return [action for action in value if action]
    return [value] if value else []


def _as_sent(value: t.Any) -> t.Any:
    """Actions in the form they had and the API's spelling, where results or a journal show them in snake case."""
    return case.camel(value) if _as_actions(value) else None


def _says(held: t.Any, wanted: t.Any) -> bool:
    """Whether received JSON says all that other JSON said; keys and words without regard to case, nulls aside."""
    if isinstance(wanted, dict):
        if not isinstance(held, dict):
            return False
        wanted, held = case.camel(wanted), case.camel(held)
        return all(
            _says(case.get(held, key), value) for key, value in wanted.items() if value not in (None, "", [], {})
        )
    if isinstance(wanted, list):
        return isinstance(held, list) and all(any(_says(one, value) for one in held) for value in wanted)
    if isinstance(wanted, str) and isinstance(held, str):
        return wanted.lower() == held.lower()
    return bool(wanted == held)


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
