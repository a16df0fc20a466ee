# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Items for ``pc_fleet`` made of a plan or a journal: to make exactly its changes, or to undo them. Pure.

An item: ``customer_id``, ``subscription_id``, the settings and ``support_contact``, and ``expect`` with the same names,
where null means that there is no value.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from ..._common.problems import InvalidInput
from ..._common.times import parse_time
from .. import checks, fields, kinds
from ..end_of_term import effect
from ..field import Parts
from ..items import Key
from ..schedules import stakes
from ..schedules.table import UNSETTABLE
from .journal_changes import about_unsettable, changes_of_journal
from .notes import Note
from .plan_file import canonical_json, require_place
from .recorded_change import RecordedChange, as_option, changes_of_plan, checked_value, parse_plan

Item = dict[str, t.Any]


def to_desired(plan: t.Any) -> list[Item]:
    """
    Items that make exactly the plan's changes, each with what the plan found as ``expect``.

    Takes what :func:`recorded_change.changes_of_plan` takes, and raises what that raises.
    """
    items: dict[Key, Item] = {}
    for one in changes_of_plan(plan):
        item = items.setdefault(one.key, _empty_item(one))
        item.update(_setting(one.field, one.lays_back or one.after, one.before, f"{one.where}.after"))
        item["expect"][one.field] = _expected_value(one.field, one.before)
        for name, value in one.drops.items():
            if name not in UNSETTABLE:
                # Others than those that were approved to go must not go.
                item["expect"].setdefault(name, _expected_value(name, as_option(name, value)))
    # Each is taken out when it is completed: of a hundred thousand, there are never two of each.
    return [_completed_item(items.pop(key)) for key in list(items)]


def to_rollback(
    source: t.Any, now: datetime, run_id: str | int | None = None, here: t.Mapping[str, t.Any] = MappingProxyType({})
) -> tuple[list[Item], list[Note]]:
    """
    Items that undo a plan or a journal's run, and a note of each change that cannot be undone.

    ``source``: what :func:`recorded_change.changes_of_plan` takes, or a journal's text; ``run_id`` names a run of the
    journal; ``here``: the tenant and the address it would be undone at, as :func:`plan_file.require_place` takes them.
    Raises InvalidInput and Refused naming the entry or line.
    """
    value = parse_plan(source) if isinstance(source, str) else source
    if isinstance(value, t.Mapping):
        require_place("plan", value, here)
    if isinstance(source, str) and value is None:
        changes, left_out = changes_of_journal(source, run_id, here)
    elif run_id is not None:
        raise InvalidInput("run_id", "names a run of a journal, and this is a plan.", "Leave it out.")
    else:
        changes, left_out = _with_dropped(changes_of_plan(source))
    rollbacks: dict[Key, _Rollback] = {}
    for one in changes:
        if not one.is_none:
            rollbacks.setdefault(one.key, _Rollback(one)).changes.append(one)
    for rollback in rollbacks.values():
        rollback.build(now)
        left_out += rollback.left_out
    return [_completed_item(one.item) for one in rollbacks.values() if one.item["expect"]], left_out


def _with_dropped(plan: t.Iterable[RecordedChange]) -> tuple[list[RecordedChange], list[Note]]:
    """The plan's changes and those that go with them, and notes of what no option brings back."""
    changes: list[RecordedChange] = []
    left_out: list[Note] = []
    for one in plan:
        changes.append(one)
        left_out += about_unsettable(one.customer_id, one.subscription_id, one.drops, {})
        changes += [_dropped(one, name, value) for name, value in one.drops.items() if name not in UNSETTABLE]
    return changes, left_out


def _dropped(one: RecordedChange, name: str, value: t.Any) -> RecordedChange:
    """What went with a change, as a change of its own."""
    received = value if kinds.item_setting(name).received is not None else {}
    return replace(one, field=name, before=as_option(name, value), after=None, reversible=None, received=received)


@dataclass(slots=True)
class _Rollback:
    """One subscription's changes, and the item that undoes them."""

    first: RecordedChange
    changes: list[RecordedChange] = field(default_factory=list)
    item: Item = field(default_factory=dict)
    left_out: list[Note] = field(default_factory=list)

    def build(self, now: datetime) -> None:
        self.item = _empty_item(self.first)
        is_cancelled = any(one.field == "status" and one.after == "deleted" for one in self.changes)
        for one in self.changes:
            why_not = _why_not(one, now)
            if why_not is None and is_cancelled:
                why_not = "the subscription was cancelled, or may have been, and a cancelled one cannot be changed"
            if why_not is None:
                why_not = self._restore(one)
            if why_not is not None:
                self._leave_out(one, why_not)
        self._leave_out_void_instructions()

    def _leave_out(self, one: RecordedChange, why_not: str) -> None:
        change = f"{_shown_value(one.before)} → {_shown_value(one.after)}"
        self.left_out.append(Note(one.field, _which(one), f"is not rolled back: {why_not}", change))

    def _leave_out_void_instructions(self) -> None:
        """``pc_fleet`` refuses renewal instructions for a subscription whose auto-renew the same item turns off."""
        if self.item.get("auto_renew_enabled") is False and self.item.pop(fields.RENEWAL, None):
            one = next(one for one in self.changes if one.field == fields.RENEWAL)
            self._leave_out(one, "renewal instructions are void without auto-renew, which was off")

    def _restore(self, one: RecordedChange) -> str | None:
        """Add to the item what restores the former value, or say why nothing can."""
        try:
            former = effect.as_asked(one.received) if one.received else one.before
            back = _setting(one.field, former, one.after, one.field)
        except InvalidInput as problem:
            return f"the former value cannot be set ({problem.message.rstrip('.')})"
        self.item.update(back)
        if one.after is not None or kinds.item_setting(one.field).clear_option:
            self.item["expect"][one.field] = _expected_value(one.field, one.after)
        return None


def _why_not(one: RecordedChange, now: datetime) -> str | None:
    """Why a change cannot be undone: according to the plan, or because of the values alone."""
    if one.reversible is not None:
        why_not = _why_not_by_plan(one, now)
        if why_not is not None:
            return why_not
    found = kinds.item_setting(one.field).reversal(one.before, one.after, {}, now)
    return found.reason if found.reversible == "no" else None


def _why_not_by_plan(one: RecordedChange, now: datetime) -> str | None:
    word = str(one.reversible)
    until = parse_time(word.removeprefix("until ")) if word.startswith("until ") else None
    if until is not None:
        return f"{one.reason or 'it could be undone only for a limited time'}, {word}" if until <= now else None
    if one.reversible not in ("yes", "no"):
        raise InvalidInput(f"{one.where}.reversible", f"must be yes, no or until <time>, not {one.reversible!r}.")
    return (one.reason or "it cannot be undone") if one.reversible == "no" else None


def _setting(name: str, value: t.Any, instead_of: t.Any, where: str) -> dict[str, t.Any]:
    """The options that make the field ``value``; raises InvalidInput where none can."""
    setting = kinds.item_setting(name)
    if value is None and setting.clear_option:
        return {setting.clear_option: True}
    if setting.is_completed:
        value = _emptied(value, instead_of or {})
    checked = checked_value(name, value, where)
    if name in kinds.PARTS and kinds.PARTS[name].is_legacy_only:
        # What a plan changes there was allowed when it was made.
        checked = {**checked, kinds.ALLOW_NEW_COMMERCE: True}
    return {name: checked}


def _expected_value(name: str, value: t.Any) -> t.Any:
    """What the field must be; renewal instructions must not say anything else that could be cleared from them."""
    setting = kinds.item_setting(name)
    return value if value is None or not setting.is_completed else _emptied(value, _clearable(setting.parts))


def _clearable(parts: Parts) -> dict[str, t.Any]:
    """The keys that an empty string clears, with that."""
    return {
        name: _clearable(part) if isinstance(part, t.Mapping) else ""
        for name, part in parts.items()
        if isinstance(part, t.Mapping) or part is checks.optional_text
    }


def _emptied(value: t.Mapping[str, t.Any], instead_of: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """
    ``value`` with an empty string for each key that only the other instructions have.

    What is left out of the option is taken from the current instructions, so it has to be said that there is none.
    """
    whole = {**dict.fromkeys(instead_of, ""), **value}
    nested = {name: item for name, item in instead_of.items() if isinstance(item, dict)}
    whole |= {name: {**dict.fromkeys(item, ""), **(value.get(name) or {})} for name, item in nested.items()}
    return {name: item for name, item in whole.items() if item != {}}


def _empty_item(one: RecordedChange) -> Item:
    return {"customer_id": one.customer_id, "subscription_id": one.subscription_id, "expect": {}}


def _completed_item(item: Item) -> Item:
    """With ``expect`` as its last key; where renewal instructions would go for good that nobody knew of, none."""
    lost = [name for name in stakes.lost_for_good(item, "restore") if name not in UNSETTABLE]
    expect = {**item["expect"], **{name: item["expect"].get(name) for name in lost}}
    return {**{name: value for name, value in item.items() if name != "expect"}, "expect": expect}


def _which(one: RecordedChange) -> str:
    """``subscription 83ef… (Microsoft 365) of Contoso (0c39…)``"""
    offer = f" ({one.offer_name})" if one.offer_name else ""
    customer = f"{one.customer_name} ({one.customer_id})" if one.customer_name else f"customer {one.customer_id}"
    return f"subscription {one.subscription_id}{offer} of {customer}"


def _shown_value(value: t.Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else canonical_json(value)
