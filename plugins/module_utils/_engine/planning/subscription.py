# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Planning one subscription of a fleet: what is asked of it, what has to be read for that, and the plan."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..._api.errors import Stopped
from ..._common import case
from ..._state import kinds, traits
from ..._state.items import CONTACT, Item, Key
from ..._state.lists import Lists
from ..._state.model import Customer, Desired, Plan, Raw, Target
from ..._state.plan import differences, pinned
from ..._state.policies.merge import Composed, Skipped
from ..._state.policies.parse import CustomerPolicies
from ..._state.policies.skips import unsuitable
from ..._state.policies.unmatched import texts_of_subscriptions
from ..._state.records import recovery
from ..._state.records.journal_format import PendingRestore
from ..._state.schedules.stakes import decisive
from .. import endpoints
from ..reconcile import planned
from ..runtime import Runtime, as_failure
from .plans import FleetPlan, ResourcePlan, SkippedSetting, SubscriptionPlan, require_writable

_NO_DECISIONS: t.Final[t.Mapping[Key, recovery.RestoreDecision]] = MappingProxyType({})
#: By which it is seen that the term has ended between the plan and a write; and that what a trial holds is its own.
_OF_TERM: t.Final = ("commitmentenddate", "commitmentenddatetime", "producttype", "istrial")


@dataclass(frozen=True, slots=True)
class Planning:
    """
    What planning any of a fleet's subscriptions needs. ``pending``: scheduled changes that an earlier run has deleted
    and not written back. ``judged``: keys of a match under which the plan says what the subscription has.
    """

    runtime: Runtime
    pending: t.Mapping[Key, PendingRestore]
    judged: frozenset[str] = frozenset()
    keep_unchanged: bool = False
    lists: Lists = field(default_factory=Lists)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subscription as it was read, and what may be asked of it: an explicit item, policies, or both."""

    customer: Customer
    item: Item | None
    raw: Raw
    rules: CustomerPolicies | None
    is_listed: bool = True

    @property
    def ids(self) -> Item:
        return self.item or Item(self.customer.id, str(case.get(self.raw, "id")))

    def composed(self) -> Composed:
        """What is asked of it; raises Refused for what cannot be set on it as the policies say."""
        item = self.item
        settings, contact = (item.settings, item.contact) if item is not None else ({}, {})
        if self.rules is None:
            return Composed(settings, contact)
        return self.rules.compose(self.raw, settings, contact)

    def read_by_id(self, runtime: Runtime) -> Candidate:
        raw = runtime.client.subscription(self.customer.id, self.ids.subscription_id)
        return replace(self, raw=raw, is_listed=False)


def plan_subscription(candidate: Candidate, planning: Planning, *, may_wait: bool = True) -> FleetPlan | None:
    """
    One subscription's part of the fleet's plan; None where it lacks a key of which another list may still tell, unless
    it may not wait for that. What goes wrong with it is in the plan; raises Stopped where the run is told to end.
    """
    try:
        candidate = _with_looked_at(candidate, planning)
        composed = candidate.composed()
        unknown = _unknown(candidate, composed, planning) if candidate.is_listed else frozenset()
        if may_wait and planning.lists.may_still_tell(unknown):
            return None
        if unknown:
            candidate = candidate.read_by_id(planning.runtime)
            composed = candidate.composed()
        composed = _suitable(candidate, composed, planning.runtime)
    except Stopped:
        raise
    except BaseException as error:  # noqa: BLE001 - what goes wrong with one subscription ends no other
        return _met(
            candidate, None, planning, (replace(_unplanned(candidate, candidate.ids), error=as_failure(error)),)
        )
    if not composed.values and not composed.support_contact:
        return _met(candidate, composed, planning, unchanged=candidate.rules is not None)
    return _with_plan(candidate, composed, planning)


def _suitable(candidate: Candidate, composed: Composed, runtime: Runtime) -> Composed:
    """Without what policies would set and this subscription cannot have."""
    left_out = unsuitable(
        composed.values, composed.set_by.keys() & composed.values, candidate.raw, runtime.now(), runtime.conditions()
    )
    if not left_out:
        return composed
    return replace(
        composed,
        values={name: value for name, value in composed.values.items() if name not in left_out},
        set_by={name: policy for name, policy in composed.set_by.items() if name not in left_out},
        skipped=(
            *composed.skipped,
            *(Skipped(composed.set_by[name], name, reason) for name, reason in left_out.items()),
        ),
    )


def _with_looked_at(candidate: Candidate, planning: Planning) -> Candidate:
    """Read by its id where its list leaves out what policies look at, and where an earlier run left it unfinished."""
    rules = candidate.rules
    is_lacking = rules is not None and bool(rules.lacking(candidate.raw))
    is_pending = bool(planning.pending) and candidate.ids.key in planning.pending
    if candidate.is_listed and (is_lacking or is_pending):
        return candidate.read_by_id(planning.runtime)
    return candidate


def _unknown(candidate: Candidate, composed: Composed, planning: Planning) -> frozenset[str]:
    """The keys of which neither the list's item nor any list tells, and on which the plan depends."""
    ids, raw = candidate.ids, candidate.raw
    parts = [CONTACT] if composed.support_contact and not ids.allow_new_commerce else []
    unknown = planning.lists.unknown(raw, composed.values, ids.expect, parts=parts)
    if unknown:
        return unknown
    runtime = planning.runtime
    desired = Desired(Target("subscription", ids.customer_id, ids.subscription_id), composed.values)
    changed = [change.field for change in differences(desired, raw, runtime.now())]
    if not changed and not composed.support_contact:
        return frozenset()
    # On the status it depends what is expected to be refused, and the plan shows it.
    decided_by = ("status", *decisive(desired.wanted, changed, runtime.options.scheduled_changes))
    return planning.lists.unknown(raw, (), decided_by)


def _with_plan(candidate: Candidate, composed: Composed, planning: Planning) -> FleetPlan:
    ids = candidate.ids
    composed, decisions = _with_pending(candidate, composed, planning)
    item = replace(ids, settings=composed.values, contact=composed.support_contact, set_by=composed.set_by)
    plan = _unplanned(candidate, item)
    try:
        plan = _resources_planned(plan, candidate.raw, planning.runtime)
        require_writable(plan)
    except Stopped:
        raise
    except BaseException as error:  # noqa: BLE001 - what goes wrong with one subscription ends no other
        plan = replace(plan, error=as_failure(error))
    is_noticed = plan.error is not None or any(part.plan.warnings for part in plan.parts)
    is_kept = plan.is_changed or is_noticed or candidate.item is not None or planning.keep_unchanged
    plans = (plan,) if is_kept else ()
    return _met(candidate, composed, planning, plans, unchanged=not is_kept, decisions=decisions)


def _with_pending(
    candidate: Candidate, composed: Composed, planning: Planning
) -> tuple[Composed, dict[Key, recovery.RestoreDecision]]:
    """With the scheduled changes that an earlier run has deleted and not written back, and what was decided of them."""
    pending = planning.pending.get(candidate.ids.key) if planning.pending else None
    if pending is None:
        return composed, {}
    ids, raw, runtime = candidate.ids, candidate.raw, planning.runtime
    decision = recovery.restore_decision(pending, raw, composed.values, ids.expect, runtime.options.scheduled_changes)
    target = Target("subscription", ids.customer_id, ids.subscription_id)
    runtime.journal.settled(target, recovery.not_needed(pending, raw, composed.values, runtime.now()))
    if decision.values:
        composed = replace(
            composed,
            values={**composed.values, **decision.values},
            set_by={**composed.set_by, **dict.fromkeys(decision.values, recovery.set_by(pending))},
        )
    return composed, {ids.key: decision}


def _resources_planned(plan: SubscriptionPlan, raw: Raw, runtime: Runtime) -> SubscriptionPlan:
    item, parts, contact = plan.item, [], {}
    mode = runtime.options.scheduled_changes
    target = Target("subscription", item.customer_id, item.subscription_id)
    if item.settings or item.expect:
        of_subscription = planned(Desired(target, item.settings, expect=item.expect), raw, runtime)
        parts.append(ResourcePlan(pinned(of_subscription, raw, mode), _needed_later(of_subscription, raw)))
    if item.contact or item.expect_contact:
        target = replace(target, kind=CONTACT)
        contact = dict(endpoints.of(target).read(runtime.client, target))
        of_contact = planned(
            Desired(target, item.contact, expect=item.expect_contact),
            contact,
            runtime,
            parent=None if item.allow_new_commerce else lambda: raw,
        )
        parts.append(ResourcePlan(pinned(of_contact, contact, mode), contact if of_contact.changes else {}))
    return replace(plan, parts=tuple(parts), contact_before=contact)


def _needed_later(plan: Plan, raw: Raw) -> Raw:
    """Of the received subscription, what carrying out the plan starts from; a fleet's resources would fill memory."""
    if not plan.changes:
        return {}
    keys = {*(key.lower() for item in kinds.SUBSCRIPTION.carried for key in item.keys), *_OF_TERM}
    return {key: value for key, value in raw.items() if key.lower() in keys}


def _unplanned(candidate: Candidate, item: Item) -> SubscriptionPlan:
    raw = candidate.raw
    parent = case.text(raw, "parentSubscriptionId").lower()
    return SubscriptionPlan(item, candidate.customer.name, case.text(raw, "offerName"), traits.status(raw), parent)


def _met(
    candidate: Candidate,
    composed: Composed | None,
    planning: Planning,
    plans: tuple[SubscriptionPlan, ...] = (),
    *,
    unchanged: bool = False,
    decisions: t.Mapping[Key, recovery.RestoreDecision] = _NO_DECISIONS,
) -> FleetPlan:
    """With the policies that mean the subscription; where they could not be merged, at least which they are."""
    rules = candidate.rules
    if composed is None:
        composed = _only_matched(candidate)
    is_judged = rules is not None and planning.judged
    return FleetPlan(
        plans,
        unchanged=int(unchanged),
        matched=composed.matched,
        excluded=composed.excluded,
        skipped=tuple(SkippedSetting(_unplanned(candidate, candidate.ids), one) for one in composed.skipped),
        restore_decisions=decisions,
        present=texts_of_subscriptions(planning.judged, [candidate.raw]) if is_judged else {},
    )


def _only_matched(candidate: Candidate) -> Composed:
    """Where what is asked could not be found out: the policies that mean the subscription, if that can be told."""
    try:
        matched, excluded = candidate.rules.matching(candidate.raw) if candidate.rules is not None else ((), ())
    except Exception:  # noqa: BLE001 - it is the very reason, and the plan holds it already
        return Composed()
    return Composed(matched=tuple(policy.name for policy in matched), excluded=tuple(sorted(excluded)))
