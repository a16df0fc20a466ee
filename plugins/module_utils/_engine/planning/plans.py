# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A fleet's plan: the subscriptions that something is asked of, and the entries that users and files see."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field, fields

from ..._common.problems import Problem, Refused
from ..._state import kinds
from ..._state.items import Item, Key
from ..._state.model import Change, Plan, Raw
from ..._state.policies.merge import Skipped
from ..._state.policies.unmatched import Present, merged_texts
from ..._state.records.plan_file import canonical_json
from ..._state.records.recovery import RestoreDecision
from ..reading.lists import ListOddities


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """The plan of one resource, and what of the received resource carrying it out needs."""

    plan: Plan
    raw: Raw


@dataclass(frozen=True, slots=True)
class SubscriptionPlan:
    """
    One subscription that something is asked of. ``status``: as received; ``parts``: the subscription, then its support
    contact.
    """

    item: Item
    customer_name: str = ""
    offer_name: str = ""
    status: str = ""
    parent_id: str = ""
    parts: tuple[ResourcePlan, ...] = ()
    contact_before: Raw = field(default_factory=dict)
    error: Problem | None = None

    @property
    def is_changed(self) -> bool:
        if self.error is None:
            for part in self.parts:
                if part.plan.changes:
                    return True
        return False

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is planned for it; nothing where planning it failed."""
        return tuple(change for part in self.parts for change in part.plan.changes) if self.is_changed else ()

    def __str__(self) -> str:
        names = [self.customer_name, self.offer_name, f"subscription {self.item.subscription_id}"]
        return ", ".join(name for name in names if name)


@dataclass(frozen=True, slots=True)
class SkippedSetting:
    """A setting that a policy does not make, and the subscription that cannot have it."""

    subject: SubscriptionPlan
    skipped: Skipped


@dataclass(frozen=True, slots=True)
class PolicyCounts:
    """Subscriptions by the name of a policy: that it means (those that it excepts included), excepts, and skips."""

    matched: t.Mapping[str, int] = field(default_factory=dict)
    excluded: t.Mapping[str, int] = field(default_factory=dict)
    skipped: t.Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """
    What reading and planning have found. ``subscriptions``: those that differ, failed or were named. ``looked_at``
    counts subscriptions.
    """

    subscriptions: tuple[SubscriptionPlan, ...] = ()
    looked_at: int = 0
    unchanged: int = 0
    #: Plans that stand for all subscriptions of a customer, which could not be listed.
    unlisted: int = 0
    #: Customers that could not be read: ``customer_id``, ``customer_name``, ``reason``.
    unavailable: tuple[dict[str, t.Any], ...] = ()
    #: Names of the policies that mean a subscription, and that except it; once for each subscription.
    matched: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    skipped: tuple[SkippedSetting, ...] = ()
    oddities: tuple[ListOddities, ...] = ()
    #: Of subscriptions whose scheduled changes an earlier run deleted and did not restore: whether this one does.
    restore_decisions: t.Mapping[Key, RestoreDecision] = field(default_factory=dict)
    #: What the fleet has under the keys whose values are judged, as far as all of it was read.
    present: Present = field(default_factory=dict)

    def policy_counts(self) -> PolicyCounts:
        skipped = Counter(
            policy for policy, _key in {(one.skipped.policy, one.subject.item.key) for one in self.skipped}
        )
        return PolicyCounts(Counter(self.matched), Counter(self.excluded), skipped)


def merged(parts: t.Sequence[FleetPlan]) -> FleetPlan:
    """One plan of the plans of a fleet's parts."""

    def joined(name: str) -> t.Any:
        values = [getattr(part, name) for part in parts]
        if name == "present":
            return merged_texts(values)
        if name == "restore_decisions":
            return {key: value for one in values for key, value in one.items()}
        return sum(values) if isinstance(values[0], int) else tuple(item for one in values for item in one)

    return FleetPlan(**{one.name: joined(one.name) for one in fields(FleetPlan)}) if parts else FleetPlan()


def plan_entries(plan: SubscriptionPlan) -> list[dict[str, t.Any]]:
    """The changes planned for one subscription; its support contact is one field."""
    return list(_entries(plan, plan.changes))


def require_writable(plan: SubscriptionPlan) -> None:
    """Raises Refused for a change with a value that no plan, journal or result can hold."""
    for entry in plan_entries(plan):
        try:
            canonical_json(entry)
        except (TypeError, ValueError, RecursionError) as error:
            raise Refused(
                f"{entry['field']}: Partner Center's answer holds a value that cannot be written as JSON: {error}."
            ) from error


def changes_shown(plan: SubscriptionPlan, made: t.Iterable[Change]) -> dict[str, dict[str, t.Any]]:
    """Changes of one subscription as results show them: ``{field: {before, after}}``."""
    return {entry["field"]: {"before": entry["before"], "after": entry["after"]} for entry in _entries(plan, made)}


def _entries(plan: SubscriptionPlan, made: t.Iterable[Change]) -> t.Iterator[dict[str, t.Any]]:
    contact: list[Change] = []
    for change in made:
        if kinds.of(change.target.kind).part_of:
            contact.append(change)
        else:
            yield _entry(plan, change)
    if contact:
        yield _entry(plan, _whole_contact(plan, contact))


def _whole_contact(plan: SubscriptionPlan, parts: t.Sequence[Change]) -> Change:
    """What changes of a support contact, as the one field that users see."""
    target, warnings = parts[0].target, tuple(warning for change in parts for warning in change.warnings)
    desired = next(part.plan.desired for part in plan.parts if part.plan.desired.target == target)
    before = kinds.item_setting(target.kind).view(plan.contact_before)
    after = {**before, **desired.looked_up, **desired.wanted}
    if all(value in (None, "") for value in before.values()):
        return Change(target, target.kind, None, after, kinds.of(target.kind).first, warnings=warnings)
    return Change(target, target.kind, before, after, warnings=warnings)


def _entry(plan: SubscriptionPlan, change: Change) -> dict[str, t.Any]:
    item = plan.item
    entry = {
        "customer_id": item.customer_id,
        "customer_name": plan.customer_name or None,
        "subscription_id": item.subscription_id,
        "offer_name": plan.offer_name or None,
        "status": plan.status or None,
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "policy": item.set_by.get(change.field),
        "reversible": change.reversal.reversible,
        "reason": change.reversal.reason,
        "warnings": list(change.warnings),
    }
    besides = {"drops": dict(change.drops), "received": dict(change.received)}
    return {**entry, **{name: value for name, value in besides.items() if value}}
