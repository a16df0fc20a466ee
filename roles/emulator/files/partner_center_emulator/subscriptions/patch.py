# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PATCH body asks of a subscription ("Update a subscription by ID"), and what it does besides.

Absent fields stay as they are, with the documented exceptions: auto-renew falls to false and instructions are
deleted when the body lacks them, and an immediate change deletes scheduled changes even when the body carries them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import bad_input
from ..folding import fold
from ..switches import Switches
from .fields import FIELDS, GONE, Field
from .record import Change, Record


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
    if given.get("id") is not None and str(given["id"]).lower() != record.id.lower():
        raise bad_input("Id differs from the subscription in the path.")
    asked: dict[str, Any] = {}
    effects = Change()
    for field in FIELDS:
        current, value = record.resource.get(field.name), given.get(field.name.lower())
        if value is None:
            how = "null" if field.name.lower() in given else "absent"
            _lose(effects, field, current, field.lost(how, switches))
            continue
        wanted = field.read(value, current)
        if not field.same(wanted, current):
            asked[field.name] = wanted
    return Asked(asked, _dropped(asked, effects, record.resource, switches))


def _lose(effects: Change, field: Field, current: Any, lost: bool) -> None:
    """Microsoft: "If these attributes aren't provided, autoRenewEnabled is inadvertently set to false, or the next
    term/billing instructions are deleted."
    """
    if not lost or not current:
        return
    if field.blank is GONE:
        effects.removed += (field.name,)
    else:
        effects.values[field.name] = field.blank


def _dropped(asked: dict[str, Any], effects: Change, current: dict[str, Any], switches: Switches) -> Change:
    scheduled = "scheduledNextTermInstructions"
    if not _at_once(asked, effects, switches["schedule_drop"]):
        return effects
    asked.pop(scheduled, None)
    if scheduled in current and scheduled not in effects.removed:
        effects.removed += (scheduled,)
    return effects


def _at_once(asked: dict[str, Any], effects: Change, rule: str) -> set[str]:
    """The changes that delete what is scheduled."""
    immediate = {field.name for field in FIELDS if field.at_once != "never" and field.name in asked}
    if effects.values.get("autoRenewEnabled") is False:
        immediate.add("autoRenewEnabled")
    # The documented call that schedules a change turns auto-renew on in the same body: that drops nothing.
    if asked.get("autoRenewEnabled") is True:
        immediate.discard("autoRenewEnabled")
    if rule == "not_rename":
        immediate.discard("friendlyName")
    # Without auto-renew there is no next term, whatever the switch says.
    return immediate & {"autoRenewEnabled"} if rule == "none" else immediate
