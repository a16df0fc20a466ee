# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change does to scheduled changes: which form counts, what an immediate change deletes, what replaces what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import Refusal
from ..switches import Switches
from . import actions
from .fields import FIELDS
from .record import Change, Record
from .views import END_OF_TERM, NEXT_TERM


@dataclass(frozen=True)
class Asked:
    """``asked``: what the body wants otherwise than it is shown; ``effects``: what happens because of what it lacks."""

    asked: dict[str, Any]
    effects: Change

    def total(self) -> Change:
        values = {**self.effects.values, **self.asked}
        return Change(values, tuple(name for name in self.effects.removed if name not in self.asked))

    def without(self, *names: str, **values: Any) -> Asked:
        """The same, but that these fields are gone, or have these values without being asked for."""
        asked = {name: value for name, value in self.asked.items() if name not in (*names, *values)}
        removed = dict.fromkeys((*self.effects.removed, *names))
        return Asked(asked, Change({**self.effects.values, **values}, tuple(removed)))


def ignored(given: dict[str, Any], switches: Switches) -> tuple[str, ...]:
    """Fields of a body that do not count: instructions beside actions.

    :raises Refusal: where the service takes one form only
    """
    if not (given.get(NEXT_TERM.lower()) and given.get("scheduledactions")):
        return ()
    if switches["actions_and_instructions"] == "refused":
        raise Refusal(400, 800002, "Send scheduledActions or scheduledNextTermInstructions, not both.")
    return (NEXT_TERM,)


def with_drops(plan: Asked, record: Record, seen: dict[str, Any], switches: Switches) -> Asked:
    """The plan with what it deletes of the scheduled changes in ``seen``."""
    if "scheduledActions" in plan.asked:
        plan = plan.without(NEXT_TERM)
    if plan.asked.get("status") == "suspended" and not record.is_legacy and switches["suspend_turns_auto_renew_off"]:
        plan = plan.without(NEXT_TERM, "scheduledActions", autoRenewEnabled=False)
    at_once = _at_once(plan, switches["schedule_drop"])
    if at_once:
        plan = plan.without(NEXT_TERM)
    if at_once - {"autoRenewEnabled"} and switches["drops_actions"]:
        plan = plan.without("scheduledActions")
    elif at_once and "scheduledActions" not in plan.asked:
        plan = _without_renewal(plan, seen)
    if record.is_trial:
        # A trial always has instructions: those that make a paid subscription of it.
        kept = tuple(name for name in plan.effects.removed if name != NEXT_TERM)
        plan = Asked(plan.asked, Change(plan.effects.values, kept))
    return plan


def _at_once(plan: Asked, rule: str) -> set[str]:
    """The changes that delete what is scheduled."""
    counting = {"all": ("always", "strict"), "documented": ("always",), "none": ()}[rule]
    found = {field.name for field in FIELDS if field.at_once in counting and field.name in plan.asked}
    # The documented call that schedules a change turns auto-renew on in the same body: that drops nothing.
    found.discard("autoRenewEnabled")
    # Without auto-renew there is no next term, whatever the switch says.
    return found | ({"autoRenewEnabled"} if plan.total().values.get("autoRenewEnabled") is False else set())


def _without_renewal(plan: Asked, seen: dict[str, Any]) -> Asked:
    """Auto-renew goes off: what would lead into a new term goes with it, a scheduled end stays."""
    held = actions.held(seen)
    left = [item for item in held if item.get("actionType") not in actions.RENEWING]
    if len(left) == len(held) or "scheduledActions" in plan.effects.removed:
        return plan
    return plan.without(scheduledActions=left) if left else plan.without("scheduledActions")


def to_stored(change: Change, seen: dict[str, Any], stored: dict[str, Any]) -> Change:
    """A change of what is shown, as a change of what is kept, without what is there already.

    Whoever changes one part of the end of the term takes the form that was shown to him for the rest of it.
    """
    after = change.over(seen)
    touched = any(name in change.values or name in change.removed for name in END_OF_TERM)
    names = [name for name in (*change.values, *change.removed) if name not in END_OF_TERM]
    names += END_OF_TERM if touched else ()
    values = {name: after[name] for name in names if name in after and after[name] != stored.get(name)}
    return Change(values, tuple(name for name in names if name not in after and name in stored))
