# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Scheduled changes in the way of an immediate change: which are at stake, which are written back, which are
lost, and what is said of that before anything is written. Pure.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ..._common import case
from ..._common.problems import Conflict, Refused
from .. import checks, fields, traits
from ..checks import Values
from ..end_of_term import effect
from ..field import ScheduledChanges
from ..model import Change, Raw, Write
from .table import NAMES, ROWS_BY_NAME, is_immediate, scheduled_changes, turned_off


def at_stake(raw: Raw, given: Values) -> dict[str, t.Any]:
    """
    The scheduled changes (field -> as received) that an immediate change would delete and that shall survive it.

    Those that the user sets or clears in the same item are not among them.
    """
    return {name: value for name, value in scheduled_changes(raw).items() if not ROWS_BY_NAME[name].is_asked(given)}


def as_requested(raw: Raw, given: Values) -> dict[str, t.Any]:
    """The scheduled changes (field -> as received) that the user sets in the same item, where they are there."""
    return {name: value for name, value in scheduled_changes(raw).items() if ROWS_BY_NAME[name].is_as_asked(raw, given)}


def restorable(found: t.Mapping[str, t.Any], given: Values, mode: ScheduledChanges) -> dict[str, t.Any]:
    """
    Those of the scheduled changes that are to be written back: all but those that what is asked for makes void.

    With ``refuse`` none are deleted except those that the item itself replaces, and they are owed back until it has.
    """
    if mode == "drop":
        return {}
    return {name: value for name, value in found.items() if not ROWS_BY_NAME[name].is_void(given)}


def lost_for_good(given: Values, mode: ScheduledChanges) -> tuple[str, ...]:
    """The scheduled changes that an immediate change takes away without giving them back, where there are any."""
    if given.get("status") == "deleted":
        return ()  # with the subscription itself
    would_be: dict[str, t.Any] = {name: {} for name in NAMES if not ROWS_BY_NAME[name].is_asked(given)}
    kept = restorable(would_be, given, mode)
    return tuple(name for name in would_be if name not in kept)


def decisive(given: Values, changed: t.Collection[str], mode: ScheduledChanges) -> tuple[str, ...]:
    """
    The scheduled changes on which it depends what may be changed, or what is lost with it; none in most plans.

    ``changed``: the fields that the plan changes.
    """
    names = lost_for_good(given, mode)
    if mode == "refuse" or given.get("status") == "suspended":
        names = NAMES
    if all(_is_scheduling(name) for name in changed):
        # Nothing else is deleted but the renewal that a decision against it makes void.
        names = tuple(name for name in NAMES if changed and ROWS_BY_NAME[name].is_void(given))
    return tuple(name for name in names if not ROWS_BY_NAME[name].is_asked(given))


def _is_scheduling(setting: str) -> bool:
    return any(setting in row.settings for row in ROWS_BY_NAME.values())


def refuse_losses(found: t.Mapping[str, t.Any], given: Values, raw: Raw, mode: ScheduledChanges) -> None:
    """Raises Refused where scheduled changes would be deleted and the user did not say that they may be."""
    if found and mode == "refuse":
        raise Refused(
            f"The subscription has scheduled changes ({', '.join(found)}), which Partner Center deletes with an "
            "immediate change, and scheduled_changes is refuse.",
            "Set scheduled_changes to restore (they are written back) or drop.",
        )
    suspends = given.get("status") == "suspended" and traits.status(raw) != "suspended"
    if suspends and restorable(found, given, mode):
        raise Refused(
            f"The subscription has scheduled changes ({', '.join(found)}), which Partner Center deletes with the "
            "suspension and does not take back before the subscription is active again (800091).",
            "Set scheduled_changes to drop, or clear them in the same task, if they may go.",
        )


def require_seen(write: Write, raw: Raw) -> None:
    """Raises Conflict where a decision against the renewal would take instructions with it that the plan has not."""
    end = write.values.get(fields.END_OF_TERM)
    if not isinstance(end, str) or effect.asks_for_renewal(end) or fields.RENEWAL in write.values:
        return
    found = ROWS_BY_NAME[fields.RENEWAL].current(raw)
    if found is not None:
        raise Conflict(
            f"Since {write.target} was read first, it has got renewal instructions that would go with end_of_term: "
            f"{end}. They are {checks.shown(case.snake(found), most=400)}.",
            "Nothing was written. Run the task again.",
        )


def refuse_consequences(names: t.Collection[str], given: Values, mode: ScheduledChanges) -> None:
    """Raises Refused where a decision against the renewal takes instructions with it, and none may be deleted."""
    is_against = given.get(fields.RENEWAL, "") is None and not effect.asks_for_renewal(
        given.get(fields.END_OF_TERM, "renew")
    )
    if mode == "refuse" and is_against and {fields.END_OF_TERM, fields.RENEWAL} <= {*names}:
        raise Refused(
            f"The subscription has scheduled changes ({fields.RENEWAL}), which go with end_of_term: "
            f"{given[fields.END_OF_TERM]}, and scheduled_changes is refuse.",
            "Set scheduled_changes to restore or drop, or clear the instructions in the same task.",
        )


def with_drops(
    changes: tuple[Change, ...], found: t.Mapping[str, t.Any], given: Values, mode: ScheduledChanges
) -> tuple[Change, ...]:
    """The changes, of which the first says what goes with them for good: who takes them back needs it."""
    kept = restorable(found, given, mode)
    gone = {name: case.snake(value) for name, value in found.items() if name not in kept}
    return (replace(changes[0], drops=gone), *changes[1:]) if gone else changes


def with_auto_renew(changes: tuple[Change, ...], raw: Raw) -> tuple[Change, ...]:
    """The changes, of which a suspension says that auto-renew goes off with it."""
    return tuple(
        replace(change, drops={**change.drops, **turned_off(change.after, raw)}) if change.field == "status" else change
        for change in changes
    )


def dropped_schedules(writes: t.Collection[Write], raw: Raw, given: Values, mode: ScheduledChanges) -> dict[str, None]:
    """The scheduled changes that the writes let go, as values to lay over; a cancelled subscription keeps none."""
    if any(write.step == "cancel" for write in writes):
        return dict.fromkeys(NAMES)
    if not any(is_immediate(write) for write in writes):
        return {}
    found = at_stake(raw, given)
    kept = restorable(found, given, mode)
    return {name: None for name in found if name not in kept}


_WRITTEN_BACK: t.Final = "they are written back"


def foretells_restore(text: str) -> bool:
    """Whether a warning foretells that scheduled changes are deleted and written back."""
    return _WRITTEN_BACK in text


def schedule_warnings(found: t.Mapping[str, t.Any], given: Values, mode: ScheduledChanges) -> t.Iterator[str]:
    """What is said, before anything is written, of scheduled changes in the way of an immediate change."""
    back = restorable(found, given, mode)
    gone = [name for name in found if name not in back]
    if back:
        yield (
            f"Partner Center deletes scheduled changes ({' and '.join(back)}) with this change; {_WRITTEN_BACK} "
            "in a second, verified write."
        )
    if gone and mode == "drop":
        yield (
            f"Partner Center deletes scheduled changes ({' and '.join(gone)}) with this change; "
            "scheduled_changes=drop lets them go."
        )
    elif gone:
        yield f"Turning auto-renew off makes the scheduled renewal changes void ({' and '.join(gone)})."
