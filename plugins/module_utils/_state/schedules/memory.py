# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The scheduled changes that an item's reads have seen, and what of them has to be there at its end. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from datetime import datetime

from .. import traits
from ..checks import Values
from ..field import ScheduledChanges
from ..instructions import agrees
from ..model import Raw
from . import stakes
from .table import ROWS_BY_NAME, scheduled_changes


@dataclass(frozen=True, slots=True)
class SeenSchedules:
    """
    What the reads of one item have seen (field -> as received), from the plan's read on.

    ``original``: what was there before the item's first write. It stays, however many reads and other people's changes
    come between: a write that was pending when the item met it may have deleted it. ``requested``: of what the task
    asks for, what was there already or has been written since. ``term_end``: of the term that the reads were made in.
    ``is_final``: the item's first immediate write has been made, so that later reads tell nothing about what was there
    before it.
    """

    given: Values
    mode: ScheduledChanges
    original: t.Mapping[str, t.Any] = field(default_factory=dict)
    requested: t.Mapping[str, t.Any] = field(default_factory=dict)
    term_end: datetime | None = None
    is_final: bool = False

    def planned_on(self, raw: Raw) -> SeenSchedules:
        """With what the plan's read saw. What the task itself asks for is judged by the read before the write."""
        return replace(
            self,
            original=stakes.at_stake(raw, self.given),
            requested=stakes.as_requested(raw, self.given),
            term_end=traits.term_end(raw),
        )

    def unless_renewed(self, raw: Raw) -> SeenSchedules:
        """Nothing of what was seen where the term has ended since: what was scheduled for its end has happened."""
        now = traits.term_end(raw)
        if self.is_final or self.term_end is None or now is None or now <= self.term_end:
            return self
        return replace(self, original={}, term_end=now)

    def built_on(self, raw: Raw, *, is_disturbed: bool) -> SeenSchedules:
        """
        With what a read saw that a write is built on.

        ``is_disturbed``: a write of the item, or one that it found pending, may have deleted what this read lacks.
        """
        if self.is_final:
            return self.after(raw)
        known = self.original.items()
        kept = {name: value for name, value in known if is_disturbed or not ROWS_BY_NAME[name].is_asked(self.given)}
        # What the service itself has put in the place of what was lost is not what was there.
        is_lost = {name for name, value in kept.items() if is_disturbed and ROWS_BY_NAME[name].is_gone(raw, value)}
        found = {name: value for name, value in scheduled_changes(raw).items() if name not in is_lost}
        return replace(self.after(raw), original={**kept, **found}, term_end=traits.term_end(raw))

    def after(self, raw: Raw) -> SeenSchedules:
        """With what a read shows after a write."""
        return replace(self, requested={**self.requested, **stakes.as_requested(raw, self.given)})

    def final(self) -> SeenSchedules:
        return replace(self, is_final=True)

    def to_restore(self) -> dict[str, t.Any]:
        """What has to be there at the item's end: what was there before its first write, and what it asks for."""
        return {**self.to_keep(), **self.requested}

    def to_keep(self) -> dict[str, t.Any]:
        """What the task says nothing about, and has to be there at the item's end as it was before."""
        unasked = {name: value for name, value in self.original.items() if not ROWS_BY_NAME[name].is_asked(self.given)}
        return stakes.restorable(unasked, self.given, self.mode)

    def to_salvage(self, changed: t.Collection[str]) -> dict[str, t.Any]:
        """What has to be there where the item ends before its time. ``changed``: the fields that are as asked now."""
        undone = {name: value for name, value in self.original.items() if name not in changed}
        return {**stakes.restorable(undone, self.given, self.mode), **self.requested}

    def dropped(self, raw: Raw) -> list[str]:
        """What was there before the item's first write, and is gone with the user's leave."""
        if not self.is_final:
            return []
        gone = [name for name, value in self.original.items() if ROWS_BY_NAME[name].is_gone(raw, value)]
        return [name for name in gone if not ROWS_BY_NAME[name].is_asked(self.given)]

    def changed_by_others(self, raw: Raw, *, is_disturbed: bool) -> dict[str, t.Any]:
        """
        What was seen, shall stay, and is otherwise in a read before the item's first write: field -> as it was seen.

        Lists may tell less than single reads, so that only what contradicts counts, and what is gone altogether. Once
        something has disturbed the item that does not count either: it is what is written back.
        """
        if self.is_final or self.given.get("status") == "deleted":
            return {}
        now = scheduled_changes(raw)
        return {
            name: value
            for name, value in self.to_keep().items()
            if not (is_disturbed if ROWS_BY_NAME[name].is_gone(raw, value) else agrees(now.get(name), value))
        }
