# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A journal read back: which changes one of its runs made, or may have made. Pure."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from .. import kinds
from ..contacts import REPLACES_PARTNER, is_partner
from ..items import Key
from ..schedules.table import NAMES, UNSETTABLE
from . import plan_file
from .journal_runs import RecordedRun, run_to_undo, runs_of_journal, why_not_needed
from .notes import Note
from .recorded_change import RecordedChange, checked_change, plain_json


@dataclass(slots=True)
class _ResourceChanges:
    """The first value before and the last one after of each field of one resource."""

    where: str
    customer_id: str | None
    subscription_id: str | None
    before: dict[str, t.Any] = field(default_factory=dict)
    after: dict[str, t.Any] = field(default_factory=dict)

    def add(self, before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> None:
        for name, value in before.items():
            self.before.setdefault(name, value)
        self.after.update(after)

    def change(self, name: str, before: t.Any, after: t.Any) -> RecordedChange:
        return checked_change(self.where, self.customer_id, self.subscription_id, name, before, after)


def changes_of_journal(
    text: str, run_id: str | int | None = None, here: t.Mapping[str, t.Any] = MappingProxyType({})
) -> tuple[list[RecordedChange], list[Note]]:
    """
    The changes of one run (chosen as :func:`run_to_undo` does), and notes of what cannot be among them.

    A change is from the first value before to the last one after; of a run that is undone already there is none.
    Raises Refused for what is no journal's line, naming it, for an unknown run, for one of another tenant or address
    than ``here`` (as :func:`plan_file.require_place` takes it) and for redacted values.
    """
    runs = runs_of_journal(text)
    chosen = run_to_undo(runs, run_id)
    why_not = why_not_needed(runs, chosen)
    if chosen is None or why_not:
        which = "the journal" if chosen is None else f"the journal's run {chosen.run}"
        return [], [Note("A rollback", which, f"is not needed: {why_not}")]
    run = chosen.run
    plan_file.require_place(f"journal's run {run.id}", run.start.place, here)
    found: list[RecordedChange] = []
    notes: list[Note] = []
    for name, resource in _by_resource(run):
        if name in kinds.PARTS:
            found.append(_of_part(name, resource, run.start.place))
        elif kinds.BY_NAME.get(name) is kinds.SUBSCRIPTION:
            notes += about_unsettable(resource.customer_id, resource.subscription_id, resource.before, resource.after)
            found += [
                resource.change(field, resource.before.get(field), after)
                for field, after in resource.after.items()
                if field not in UNSETTABLE
            ]
        else:
            notes += _about_others(name, resource)
    return found, notes


def _of_part(name: str, resource: _ResourceChanges, place: t.Mapping[str, t.Any]) -> RecordedChange:
    """A change of what belongs to a subscription, its support contact; the partner itself is not laid back."""
    change = resource.change(name, resource.before, resource.after)
    if not is_partner(resource.before.get("support_tenant_id"), place.get("tenant_id")):
        return change
    return replace(change, reversible=REPLACES_PARTNER.reversible, reason=REPLACES_PARTNER.reason)


def about_unsettable(
    customer_id: t.Any, subscription_id: t.Any, before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]
) -> t.Iterator[Note]:
    """A note of each scheduled change that may be gone and that no option sets."""
    for name in UNSETTABLE:
        if before.get(name) and not after.get(name):
            yield Note(
                name,
                f"subscription {subscription_id} of customer {customer_id}",
                "may have been deleted by a change, and no option sets them, so they are not restored",
                json.dumps(before[name], ensure_ascii=False),
            )


def _by_resource(run: RecordedRun) -> list[tuple[str, _ResourceChanges]]:
    found: dict[tuple[str, Key], _ResourceChanges] = {}
    for number, intent in run.intents:
        if not run.counts(intent):
            continue
        where = f"line {number}"
        before, after = (
            plain_json(values, f"{where}.{name}")
            for name, values in (("before", intent.before), ("after", intent.after))
        )
        # What a change deletes is not what a task has set.
        gone = {name for name in after if after[name] is None or (name in NAMES and intent.step != "renewal")}
        kept = {name for name in gone if run.kept.get((intent.key, name), 0) > number}
        if kept:
            before, after = ({k: v for k, v in values.items() if k not in kept} for values in (before, after))
        if intent.step == "cancel" and run.results.get(intent.request_id) != "applied":
            # What would have gone with it is still there if it was not made, and out of reach if it was.
            after = {name: value for name, value in after.items() if name not in NAMES}
        changes = _ResourceChanges(where, intent.customer_id, intent.subscription_id)
        found.setdefault((intent.kind, intent.key), changes).add(before, after)
    return [(kind, changes) for (kind, _key), changes in found.items()]


def _about_others(name: str, resource: _ResourceChanges) -> t.Iterator[Note]:
    """What no item can undo: a resource that belongs to no subscription, or one of an unknown kind."""
    before, after = resource.before, resource.after
    was = {field: before.get(field) for field, value in after.items() if before.get(field) != value}
    if not was:
        return
    target = kinds.describe(name, resource.customer_id, resource.subscription_id)
    shown = ", ".join(f"{field} {json.dumps(value, ensure_ascii=False)}" for field, value in was.items())
    known = kinds.BY_NAME.get(name)
    why = (
        "is not rolled back, because a later release has written it: roll it back with that release"
        if known is None
        else f"is not rolled back, because it belongs to no subscription: set it with the module {known.module}"
    )
    yield Note("The former state", target, why, shown)
