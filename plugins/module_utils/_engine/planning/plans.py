# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A fleet's plan: what is asked, what was found, and the entries that users and files see."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, fields, replace

from ..._common.problems import Problem, Refused
from ..._state import kinds
from ..._state.contacts import REPLACES_PARTNER
from ..._state.field import YES
from ..._state.items import Item, Key
from ..._state.model import Change, Plan, Raw
from ..._state.policies.merge import Skipped
from ..._state.policies.parse import CustomerPolicies, Policy
from ..._state.policies.unmatched import Present, merged_texts
from ..._state.records.journal_format import PendingRestore
from ..._state.records.plan_file import canonical_json
from ..._state.records.recovery import RestoreDecision
from ..reading.lists import ListOddities
from ..runtime import Runtime


@dataclass(frozen=True, slots=True)
class Scope:
    """
    What a task is about. ``customers``: ids that policies are confined to; None means the whole fleet. ``judged``: keys
    of a match under which the plan says what the fleet has, where all of it was read. ``keep_unchanged``: subscriptions
    that are as desired are in the plan, too. ``pending``: scheduled changes that an earlier run has deleted and not
    written back.
    """

    items: tuple[Item, ...] = ()
    policies: tuple[Policy, ...] = ()
    customers: tuple[str, ...] | None = None
    judged: frozenset[str] = frozenset()
    keep_unchanged: bool = False
    pending: t.Mapping[Key, PendingRestore] = field(default_factory=dict)

    @property
    def sets_contacts(self) -> bool:
        return any(item.contact or item.expect_contact for item in self.items) or any(
            policy.needs_user for policy in self.policies
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A subscription as it was read, and what may be asked of it by its customer's policies, by an explicit item, or by
    both; without one, ``item`` only names it.
    """

    policies: CustomerPolicies
    item: Item
    raw: Raw
    is_listed: bool = True

    def read_by_id(self, runtime: Runtime) -> Candidate:
        raw = runtime.client.subscription(self.policies.customer.id, self.item.subscription_id)
        return replace(self, raw=raw, is_listed=False)


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
    error: Problem | None = None

    @property
    def is_changed(self) -> bool:
        return self.error is None and any(part.plan.changes for part in self.parts)

    @property
    def is_noticed(self) -> bool:
        """Whether it is an explicit item, or there is something to say of it."""
        is_told = self.item.index is not None or self.error is not None
        return is_told or any(part.plan.changes or part.plan.warnings for part in self.parts)

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
class FleetPlan:
    """
    What reading and planning have found. ``subscriptions``: those that differ, failed or were named. ``looked_at``
    counts subscriptions.
    """

    subscriptions: tuple[SubscriptionPlan, ...] = ()
    looked_at: int = 0
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
    #: Subscriptions that lack a key of which a list that was not read yet may tell.
    waiting: tuple[Candidate, ...] = ()

    @property
    def unchanged(self) -> int:
        """Subscriptions that are as desired and not among ``subscriptions``."""
        return self.looked_at + self.unlisted - len(self.subscriptions)


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


def unwritable(plan: SubscriptionPlan) -> Refused | None:
    """What is wrong with a change whose value no plan, journal or result can hold; None where all can."""
    for entry in plan_entries(plan):
        try:
            canonical_json(entry)
        except (TypeError, ValueError, RecursionError) as error:
            return Refused(
                f"{entry['field']}: Partner Center's answer holds a value that cannot be written as JSON: {error}."
            )
    return None


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
    target, predictions = parts[0].target, tuple(one for change in parts for one in change.predictions)
    part = next(part for part in plan.parts if part.plan.desired.target == target)
    before = kinds.item_setting(target.kind).view(part.raw)
    after = {**before, **part.plan.desired.looked_up, **part.plan.desired.wanted}
    if all(value in (None, "") for value in before.values()):
        return Change(target, target.kind, None, after, kinds.of(target.kind).first, predictions=predictions)
    reversal = REPLACES_PARTNER if any(change.reversal == REPLACES_PARTNER for change in parts) else YES
    return Change(target, target.kind, before, after, reversal, predictions=predictions)


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
        "warnings": [one.text for one in change.predictions],
    }
    besides: dict[str, t.Any] = {
        name: dict(getattr(change, name)) for name in ("drops", "received", "lays_back", "at_renewal")
    }
    besides["expected_refusals"] = [
        {"warning": one.text, "codes": list(one.codes)} for one in change.predictions if one.codes is not None
    ]
    return {**entry, **{name: value for name, value in besides.items() if value}}
