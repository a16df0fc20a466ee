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
from ..checks import Values
from ..end_of_term import effect
from ..model import Raw, Write
from ..predictions import refusals


def _is_not_void(_given: Values) -> bool:
    return False


def _can_always_be_there(_subscription: Raw, _given: Values) -> bool:
    return True


def _has_no_next_term(given: Values) -> bool:
    """Without auto-renew there is no next term that renewal instructions could be about."""
    return given.get(fields.AUTO_RENEW) is False or not effect.asks_for_renewal(given.get(fields.END_OF_TERM, "renew"))


def _is_active(subscription: Raw, given: Values) -> bool:
    return bool(given.get("status", traits.status(subscription)) == "active")


def _is_renewed(subscription: Raw, given: Values) -> bool:
    """Renewal instructions can be written to an active subscription with auto-renew."""
    renews = refusals.renews_then(given) or given.get(fields.AUTO_RENEW, traits.renews(subscription))
    return bool(renews) and not _has_no_next_term(given) and _is_active(subscription, given)


def _is_decidable(subscription: Raw, given: Values) -> bool:
    """A decision can be written back to an active subscription of which nobody asks another one."""
    return _is_active(subscription, given) and not (fields.AUTO_RENEW in given or given.get(fields.RENEWAL))


def _as_received(name: str) -> t.Callable[[Raw], t.Any]:
    def current(subscription: Raw) -> t.Any:
        value = kinds.SUBSCRIPTION.field(name).current(subscription)
        return value if isinstance(value, (dict, list)) and value else None

    return current


def _instructions(subscription: Raw) -> t.Any:
    """A trial always has instructions, which say what it turns into; beside other actions they do not count."""
    found = effect.read(subscription)
    if traits.is_on(subscription, "isTrial") or (found.is_explicit and found.effect != "renew"):
        return None
    return _as_received(fields.RENEWAL)(subscription)


def _actions(subscription: Raw) -> t.Any:
    """The pair, where its actions do more than renew: what they say of a renewal counts as instructions."""
    found = effect.read(subscription)
    return found.received() if found.is_explicit and not (found.effect == "renew" and found.renews) else None


def _is_without_actions(subscription: Raw, original: t.Any) -> bool:
    return effect.is_gone(effect.read(subscription), original)


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
    #: As received; None where nothing is scheduled.
    current: t.Callable[[Raw], t.Any]
    settings: tuple[str, ...] = ()
    to_option: t.Callable[[t.Any], t.Any] = lambda shown: shown
    #: What results show, as people would ask for it.
    for_people: t.Callable[[t.Any], t.Any] = lambda shown: shown
    is_void: t.Callable[[Values], bool] = _is_not_void
    can_be_there: t.Callable[[Raw, Values], bool] = _can_always_be_there
    why_not: str = ""
    #: (subscription, what was there) -> whether nobody has put anything in its place; None where only nothing counts.
    is_lost: t.Callable[[Raw, t.Any], bool] | None = None

    def is_gone(self, subscription: Raw, original: t.Any) -> bool:
        """Whether what was there is gone, so that it is to be written back."""
        return self.current(subscription) is None if self.is_lost is None else self.is_lost(subscription, original)

    def is_asked(self, given: Values) -> bool:
        """Whether the task itself says what is to become of it."""
        return any(name in given for name in self.settings)

    def is_unwanted(self, given: Values) -> bool:
        """Whether the task wants there to be none."""
        return any(given.get(name, self) is None for name in self.settings)

    def is_as_asked(self, subscription: Raw, given: Values) -> bool:
        """Whether it is there, and as the task asks for it."""
        wanted = [(name, given[name]) for name in self.settings if given.get(name) is not None]
        return bool(wanted) and all(
            kinds.SUBSCRIPTION.field(name).matches(subscription, value) for name, value in wanted
        )


_ROWS: t.Final = (
    ScheduledChange(
        fields.RENEWAL,
        "instructions for the renewal",
        _instructions,
        settings=(fields.RENEWAL,),
        is_void=_has_no_next_term,
        can_be_there=_is_renewed,
        why_not="the subscription is not active, or does not renew",
    ),
    ScheduledChange(fields.NEXT_CHARGE, "instructions for the next charge", _as_received(fields.NEXT_CHARGE)),
    ScheduledChange(
        fields.END_OF_TERM,
        "what happens at the end of the term",
        _actions,
        settings=(fields.END_OF_TERM,),
        to_option=lambda shown: shown if isinstance(shown, str) else effect.as_asked(shown),
        for_people=lambda shown: shown if isinstance(shown, str) else effect.read_pair(shown).effect,
        can_be_there=_is_decidable,
        why_not="the subscription is not active, or the task asks for another end of the term",
        is_lost=_is_without_actions,
    ),
)
_KEEPING: t.Final = frozenset({"friendly_name", "partner_id"})
ROWS_BY_NAME: t.Final[t.Mapping[str, ScheduledChange]] = {row.name: row for row in _ROWS}
NAMES: t.Final = tuple(ROWS_BY_NAME)
#: Those that no option brings back.
UNSETTABLE: t.Final = tuple(row.name for row in _ROWS if not row.settings)


def scheduled_changes(subscription: Raw) -> dict[str, t.Any]:
    """What is scheduled for the next term and the next charge: field -> as received; empty where nothing is."""
    held = {row.name: row.current(subscription) for row in _ROWS}
    return {name: value for name, value in held.items() if value is not None}


def is_immediate(write: Write) -> bool:
    """Whether the write is of the kind that may delete scheduled changes on the server."""
    return write.step in ("reactivate", "change", "suspend", "cancel")


def turns_auto_renew_off(status: t.Any, subscription: Raw) -> bool:
    """Whether a status does: a suspension of new commerce, for good. (Microsoft, "Subscription lifecycle".)"""
    return bool(status == "suspended" and traits.is_new_commerce(subscription))


def turned_off(status: t.Any, subscription: Raw) -> dict[str, t.Any]:
    """Auto-renew (field -> as it was) where it goes off with a status. Where actions go, too, they say what it was."""
    is_off = turns_auto_renew_off(status, subscription) and traits.renews(subscription)
    return {fields.AUTO_RENEW: True} if is_off and _actions(subscription) is None else {}


def deletes_schedules(write: Write) -> bool:
    """Whether it is known to delete them. (Microsoft's list names neither the nickname nor the partner on record.)"""
    return is_immediate(write) and not _KEEPING.issuperset(write.values)
