# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the service shows what is scheduled. What it keeps and what it answers need not have the same form."""

from __future__ import annotations

from typing import Any

from ..switches import Switches
from . import actions
from .actions import EXTEND, RENEW

NEXT_TERM = "scheduledNextTermInstructions"
# Fields that make up what happens at the end of the term.
END_OF_TERM = ("autoRenewEnabled", NEXT_TERM, "scheduledActions")


def view(resource: dict[str, Any], switches: Switches) -> dict[str, Any]:
    """The resource as the service understands it when a client writes it back; actions are a list."""
    seen = {**resource}
    form = switches["end_of_term_readback"]
    if not resource.get("isTrial"):
        if form in ("actions", "both"):
            _show_actions(seen, form == "both")
        if form in ("instructions", "both"):
            _show_instructions(seen, form == "both")
    if switches["est_auto_renew_readback"] == "true" and actions.find(actions.held(seen), EXTEND):
        seen["autoRenewEnabled"] = True
    return seen


def shown(resource: dict[str, Any], switches: Switches) -> dict[str, Any]:
    """The resource as it is answered."""
    seen = view(resource, switches)
    held = actions.held(seen)
    if held and switches["scheduled_actions_form"] == "object":
        seen["scheduledActions"] = held[0]
    return seen


def _show_actions(seen: dict[str, Any], keep: bool) -> None:
    """A renewal by instructions, as an action."""
    wanted = seen.get(NEXT_TERM)
    if not wanted or actions.held(seen):
        return
    seen["scheduledActions"] = [actions.action(RENEW, wanted)]
    if not keep:
        del seen[NEXT_TERM]


def _show_instructions(seen: dict[str, Any], keep: bool) -> None:
    """A renewal by an action, as instructions."""
    held = actions.held(seen)
    renewal = actions.find(held, RENEW)
    if renewal is None:
        return
    if renewal.get("instructions"):
        seen.setdefault(NEXT_TERM, renewal["instructions"])
    if not keep:
        seen["scheduledActions"] = [item for item in held if item is not renewal]
        if not seen["scheduledActions"]:
            del seen["scheduledActions"]
