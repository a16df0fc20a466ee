# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What lists of subscriptions tell of a field, and where a subscription has to be read by its id. Pure.

A field that a list's item lacks is unknown, not null: lists may leave fields out. But Partner Center also leaves out
what is not set, such as renewal instructions. So a field that a subscription may be without is known not to be set
where any list of the same run has it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.csp.partner_center.plugins.module_utils._common import case
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields, traits
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Raw

#: field -> the API's keys that planning it looks at besides its own, of those that every subscription has.
_BESIDES: t.Final[t.Mapping[str, tuple[str, ...]]] = {
    "quantity": ("billingType",),
    fields.RENEWAL: ("autoRenewEnabled", "offerId", "quantity", "billingCycle", "termDuration"),
}
#: Fields that are planned in another way on legacy subscriptions.
_BY_KIND: t.Final = frozenset({"quantity", "billing_cycle"})
#: Fields that a subscription may be without.
_OPTIONAL: t.Final = frozenset({fields.RENEWAL, "partner_id"})


class Lists:
    """The lists of one run, in which ``names`` are the fields that are set anywhere. Thread safe."""

    def __init__(self, names: t.Iterable[str]) -> None:
        #: The optional keys -> whether a list has it.
        self._has = {_key(name): False for name in _OPTIONAL.intersection(names)}

    def note(self, raws: t.Iterable[Raw]) -> None:
        """Another list has come in."""
        for key, is_known in self._has.items():
            if not is_known and any(case.find_key(raw, key) is not None for raw in raws):
                self._has[key] = True

    def unknown(self, raw: Raw, names: t.Collection[str]) -> frozenset[str]:
        """The keys that planning these fields looks at, and of which this item of a list does not tell."""
        keys = {_key(name) for name in names}.union(*(_BESIDES.get(name, ()) for name in names))
        if not _BY_KIND.isdisjoint(names) and traits.is_of_unknown_kind(raw):
            keys.add("productType")
        return frozenset(key for key in keys if case.find_key(raw, key) is None and not self._has.get(key))

    def may_still_tell(self, unknown: frozenset[str]) -> bool:
        """Whether another list can make all of that known."""
        return bool(unknown) and unknown <= self._has.keys()


def _key(name: str) -> str:
    return fields.field_of("subscription", name).key
