# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The kinds of scheduled changes: what waits for the next term or the next charge, one row a kind.

An immediate change deletes all of them on the server, even when its body carries them. A new kind is a row here, and a
carried field in ``_state/fields`` that says how it is compared and laid; plan, writes, journal and recovery go through
the rows.
Source: Microsoft, "Create scheduled changes for a subscription".
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .. import fields, kinds, traits
from ..model import Raw, Write

Given = t.Mapping[str, t.Any]


def _is_not_void(_given: Given) -> bool:
    return False


def _can_always_be_there(_subscription: Raw, _given: Given) -> bool:
    return True


def _has_no_next_term(given: Given) -> bool:
    """Without auto-renew there is no next term that renewal instructions could be about."""
    return given.get("auto_renew_enabled") is False


def _is_renewed(subscription: Raw, given: Given) -> bool:
    """Renewal instructions can be written to an active subscription with auto-renew."""
    renews = given.get("auto_renew_enabled", traits.renews(subscription))
    return bool(renews) and given.get("status", traits.status(subscription)) == "active"


@dataclass(frozen=True, slots=True)
class ScheduledChange:
    """
    ``name``: of its field, in the journal and in results too. ``called``: for people. ``settings``: the options that
    set or clear it; the first one brings it back, with the value that ``to_option`` makes of what results show. Empty
    where no option does. ``is_void``: whether what a task asks for makes it meaningless, so that it is not written
    back. ``can_be_there``: whether the server takes it once what a task asks for is done; if not, ``why_not`` says why.
    """

    name: str
    called: str
    settings: tuple[str, ...] = ()
    to_option: t.Callable[[t.Any], t.Any] = lambda shown: shown
    is_void: t.Callable[[Given], bool] = _is_not_void
    can_be_there: t.Callable[[Raw, Given], bool] = _can_always_be_there
    why_not: str = ""

    def is_asked(self, given: Given) -> bool:
        """Whether the task itself says what is to become of it."""
        return any(name in given for name in self.settings)

    def is_unwanted(self, given: Given) -> bool:
        """Whether the task wants there to be none."""
        return any(given.get(name, self) is None for name in self.settings)

    def current(self, subscription: Raw) -> t.Any:
        """As received; None where nothing is scheduled."""
        value = kinds.SUBSCRIPTION.field(self.name).current(subscription)
        return value if isinstance(value, (dict, list)) and value else None

    def is_as_asked(self, subscription: Raw, given: Given) -> bool:
        """Whether it is there, and as the task asks for it."""
        wanted = [(name, given[name]) for name in self.settings if given.get(name) is not None]
        return bool(wanted) and all(
            kinds.SUBSCRIPTION.field(name).matches(subscription, value) for name, value in wanted
        )


_ROWS: t.Final = (
    ScheduledChange(
        fields.RENEWAL,
        "instructions for the renewal",
        settings=(fields.RENEWAL,),
        is_void=_has_no_next_term,
        can_be_there=_is_renewed,
        why_not="the subscription is not active, or does not renew",
    ),
    ScheduledChange(fields.NEXT_CHARGE, "instructions for the next charge"),
)
BY_NAME: t.Final[t.Mapping[str, ScheduledChange]] = {row.name: row for row in _ROWS}
NAMES: t.Final = tuple(BY_NAME)
#: Those that no option brings back.
UNSETTABLE: t.Final = tuple(row.name for row in _ROWS if not row.settings)


def scheduled_changes(subscription: Raw) -> dict[str, t.Any]:
    """What is scheduled for the next term and the next charge: field -> as received; empty where nothing is."""
    held = {row.name: row.current(subscription) for row in _ROWS}
    return {name: value for name, value in held.items() if value is not None}


def is_immediate(write: Write) -> bool:
    """Whether the write is of the kind that deletes scheduled changes on the server."""
    return write.step in ("reactivate", "change", "suspend", "cancel")
