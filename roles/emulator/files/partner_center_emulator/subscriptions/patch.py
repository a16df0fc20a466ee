# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PATCH body asks of a subscription ("Update a subscription by ID"), and what it does besides.

Absent fields stay as they are, with the documented exceptions: auto-renew falls to false and instructions are
deleted when the body lacks them, and an immediate change deletes scheduled changes even when the body carries them.
"""

from __future__ import annotations

from typing import Any

from ..errors import bad_input
from ..folding import fold
from ..switches import Switches
from .fields import FIELDS, GONE, Field
from .record import Change, Record
from .schedules import Asked, ignored, with_drops
from .views import view


def read_body(record: Record, body: Any, switches: Switches) -> Asked:
    """Compare the body with the subscription as it is shown.

    :raises Refusal: where a field cannot be read (400 with 3000 or 900126)
    """
    given = fold(body)
    if given.get("id") is not None and str(given["id"]).lower() != record.id.lower():
        raise bad_input("Id differs from the subscription in the path.")
    seen, skipped = view(record.resource, switches), ignored(given, switches)
    asked: dict[str, Any] = {}
    effects = Change()
    for field in FIELDS:
        if field.name in skipped:
            continue
        current, value = seen.get(field.name), given.get(field.name.lower())
        if field.unset is not None and switches["unset_values"] == "not_given" and _is_unset(value, field.unset):
            continue
        if value in field.nulls:
            how = "null" if field.name.lower() in given else "absent"
            effects = _lost(effects, field, current, field.lost(how, switches))
            continue
        wanted = field.read(value, current, switches)
        if not field.same(wanted, current):
            asked[field.name] = wanted
    return with_drops(Asked(asked, effects), record, seen, switches)


def _is_unset(value: Any, unset: Any) -> bool:
    """Microsoft's SDKs send every field, those that nobody set with the zero of their type."""
    return type(value) is type(unset) and str(value).lower() == str(unset)


def _lost(effects: Change, field: Field, current: Any, lost: bool) -> Change:
    """Microsoft: "If these attributes aren't provided, autoRenewEnabled is inadvertently set to false, or the next
    term/billing instructions are deleted."
    """
    if not lost or not current:
        return effects
    if field.blank is GONE:
        return Change(effects.values, (*effects.removed, field.name))
    return Change({**effects.values, field.name: field.blank}, effects.removed)
