# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What lists of subscriptions tell of a field, and where a subscription has to be read by its id. Pure.

A field that a list's item lacks is unknown, not null: lists may leave fields out. But Partner Center also leaves out
what is not set, such as renewal instructions. So a field that a subscription may be without is known not to be set
where any list of the same run has it. Scheduled changes that are asked for count as not set without that: the read
right before a write decides. They are only looked for where somebody expects something of them, or a guard and a
refusal depend on what goes with a change.
"""

from __future__ import annotations

import typing as t

from .._common import case
from . import kinds, traits
from .end_of_term.effect import ACTIONS
from .model import Raw
from .schedules.table import NAMES

_ROWS: t.Final = (*kinds.SUBSCRIPTION.settings, *kinds.SUBSCRIPTION.unsettable)
#: What a subscription may be without.
_OPTIONAL: t.Final = tuple(dict.fromkeys(key for row in _ROWS for key in row.optional_keys))
#: Where scheduled changes are.
_SCHEDULED: t.Final = frozenset(kinds.SUBSCRIPTION.field(name).keys[0] for name in NAMES)


class Lists:
    """The lists of one run. Thread safe."""

    def __init__(self) -> None:
        #: The optional keys -> whether a list has it.
        self._has = dict.fromkeys(_OPTIONAL, False)

    def note(self, raws: t.Iterable[Raw]) -> None:
        """Another list has come in."""
        for key, is_known in self._has.items():
            if not is_known and any(case.find_key(raw, key) is not None for raw in raws):
                self._has[key] = True

    def unknown(
        self,
        raw: Raw,
        given: t.Collection[str] = (),
        expected: t.Iterable[str] = (),
        *,
        mismatches: t.Iterable[str] = (),
        parts: t.Iterable[str] = (),
    ) -> frozenset[str]:
        """
        The keys of which this item of a list does not tell, of those that are given fields' or only looked at.

        ``expected``: fields on whose value something depends; ``mismatches``: those of which the item says that it is
        another one. ``parts``: names of what belongs to the subscription and is given.
        """
        rows = [kinds.SUBSCRIPTION.field(name) for name in given]
        keys = {key for row in rows for key in (*row.keys, *row.looks_at)} - _SCHEDULED
        keys |= {key for name in expected for key in _telling(name)} - {ACTIONS}
        keys |= {key for name in mismatches for key in kinds.SUBSCRIPTION.field(name).keys}
        if any(kinds.PARTS[name].is_legacy_only for name in parts):
            keys.add("productType")
        if not traits.is_of_unknown_kind(raw):
            keys.discard("productType")
        return frozenset(key for key in keys if case.find_key(raw, key) is None and not self._has.get(key))

    def may_still_tell(self, unknown: frozenset[str]) -> bool:
        """Whether another list can make all of that known."""
        return bool(unknown) and unknown <= self._has.keys()


def _telling(name: str) -> list[str]:
    """The keys that tell a field's value, without those that only a write of it may touch."""
    row = kinds.SUBSCRIPTION.field(name)
    return [key for key in row.keys if key == row.keys[0] or key not in row.optional_keys]
