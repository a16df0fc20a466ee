# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Planning one subscription of a fleet: what is asked of it, what has to be read for that, and the plan."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass, field, replace

from ..._api.errors import Stopped
from ..._common import case
from ..._state import kinds, traits
from ..._state.items import CONTACT, Item, Key
from ..._state.lists import Lists
from ..._state.model import Desired, Raw, Target
from ..._state.plan import differences, pinned
from ..._state.policies.merge import Composed, Skipped
from ..._state.policies.parse import Matched
from ..._state.policies.skips import unsuitable
from ..._state.policies.unmatched import texts_of_subscriptions
from ..._state.records import recovery
from ..._state.schedules.stakes import decisive
from .. import endpoints
from ..reconcile import planned
from ..runtime import Runtime, as_failure
from .plans import Candidate, FleetPlan, ResourcePlan, Scope, SkippedSetting, SubscriptionPlan, unwritable

#: By which it is seen that the term has ended between the plan and a write; and that what a trial holds is its own.
_OF_TERM: t.Final = ("commitmentenddate", "commitmentenddatetime", "producttype", "istrial")


@dataclass(frozen=True, slots=True)
class Planning:
    """What planning any of a fleet's subscriptions needs. ``room``: for so many more that wait for other lists."""

    scope: Scope
    runtime: Runtime
    room: threading.Semaphore
    lists: Lists = field(default_factory=Lists)


def plan_subscription(candidate: Candidate, planning: Planning) -> FleetPlan:
    """
    One subscription's part of the fleet's plan; it waits where it lacks a key of which another list may still tell, and
    there is room. What goes wrong with it is in the plan; raises Stopped where the run is told to end.
    """
    policies, item, raw = candidate.policies, candidate.item, candidate.raw
    matched, composed = Matched(), Composed()
    plan: SubscriptionPlan | None = None
    decisions: dict[Key, recovery.RestoreDecision] = {}
    try:
        if candidate.is_listed and (policies.lacking(raw) or item.key in planning.scope.pending):
            return plan_subscription(candidate.read_by_id(planning.runtime), planning)
        matched = policies.matching(raw)
        asked = policies.compose(matched, raw, item.settings, item.contact)
        unknown = _unknown(candidate, asked, planning) if candidate.is_listed else frozenset()
        if planning.lists.may_still_tell(unknown) and planning.room.acquire(blocking=False):
            return FleetPlan(waiting=(candidate,))
        if unknown:
            return plan_subscription(candidate.read_by_id(planning.runtime), planning)
        composed = _suitable(asked, raw, planning.runtime)
        if composed.values or composed.support_contact:
            composed, decisions = _with_pending(candidate, composed, planning)
            owed = frozenset(name for decision in decisions.values() for name in decision.values)
            plan = _with_resources(candidate, composed, planning.runtime, owed)
    except Stopped:
        raise
    except BaseException as error:  # noqa: BLE001 - what goes wrong with one subscription ends no other
        plan = replace(_unplanned(candidate), error=as_failure(error))
    judged = planning.scope.judged
    return FleetPlan(
        (plan,) if plan is not None and (plan.is_noticed or planning.scope.keep_unchanged) else (),
        matched=tuple(policy.name for policy in matched.policies),
        excluded=tuple(sorted(matched.excluded)),
        skipped=tuple(SkippedSetting(_unplanned(candidate), one) for one in composed.skipped),
        restore_decisions=decisions,
        present=texts_of_subscriptions(judged, [raw]) if judged and policies.rules else {},
    )


def _unknown(candidate: Candidate, composed: Composed, planning: Planning) -> frozenset[str]:
    """The keys of which neither the list's item nor any list tells, and on which the plan depends."""
    item, raw, runtime = candidate.item, candidate.raw, planning.runtime
    conditions = runtime.conditions()
    parts = [CONTACT] if composed.support_contact and not item.allow_new_commerce else []
    rows = {name: kinds.SUBSCRIPTION.field(name) for name in item.expect}
    mismatches = [name for name, row in rows.items() if not row.is_as_expected(raw, item.expect[name], conditions)]
    unknown = planning.lists.unknown(raw, composed.values, item.expect, mismatches=mismatches, parts=parts)
    if unknown:
        return unknown
    composed = _suitable(composed, raw, runtime)
    desired = Desired(_target_of(item), composed.values)
    changed = [change.field for change in differences(desired, raw, runtime.now(), conditions)]
    if not changed and not composed.support_contact:
        return frozenset()
    # On the status it depends what is expected to be refused, and the plan shows it.
    decided_by = ("status", *decisive(desired.wanted, changed, runtime.options.scheduled_changes))
    return planning.lists.unknown(raw, (), decided_by)


def _suitable(composed: Composed, raw: Raw, runtime: Runtime) -> Composed:
    """Without what policies would set and this subscription cannot have."""
    values, set_by = composed.values, composed.set_by
    left_out = unsuitable(values, set_by.keys() & values, raw, runtime.now(), runtime.conditions())
    if not left_out:
        return composed
    skipped = [Skipped(set_by[name], name, reason) for name, reason in left_out.items()]
    return replace(
        composed,
        values={name: value for name, value in values.items() if name not in left_out},
        set_by={name: policy for name, policy in set_by.items() if name not in left_out},
        skipped=(*composed.skipped, *skipped),
    )


def _with_pending(
    candidate: Candidate, composed: Composed, planning: Planning
) -> tuple[Composed, dict[Key, recovery.RestoreDecision]]:
    """With the scheduled changes that an earlier run has deleted and not written back, and what was decided of them."""
    item, raw, runtime = candidate.item, candidate.raw, planning.runtime
    pending = planning.scope.pending.get(item.key)
    if pending is None:
        return composed, {}
    decision = recovery.restore_decision(pending, raw, composed.values, item.expect, runtime.options.scheduled_changes)
    runtime.journal.settled(_target_of(item), recovery.not_needed(pending, raw, composed.values, runtime.now()))
    by = dict.fromkeys(decision.values, recovery.set_by(pending))
    asked = replace(composed, values={**composed.values, **decision.values}, set_by={**composed.set_by, **by})
    return asked, {item.key: decision}


def _with_resources(
    candidate: Candidate, composed: Composed, runtime: Runtime, owed: frozenset[str]
) -> SubscriptionPlan:
    item = replace(candidate.item, settings=composed.values, contact=composed.support_contact, set_by=composed.set_by)
    raw = candidate.raw
    parts = []
    if item.settings or item.expect:
        desired = Desired(_target_of(item), item.settings, expect=item.expect, owed=owed)
        parts.append(_resource_plan(desired, raw, runtime))
    if item.contact or item.expect_contact:
        target = _target_of(item, CONTACT)
        contact = endpoints.of(target).read(runtime.client, target)
        desired = Desired(target, item.contact, expect=item.expect_contact)
        belonging = {"parent": lambda: raw, "allow_new_commerce": item.allow_new_commerce}
        parts.append(_resource_plan(desired, contact, runtime, **belonging))
    plan = replace(_unplanned(candidate), item=item, parts=tuple(parts))
    return replace(plan, error=unwritable(plan))


def _resource_plan(desired: Desired, raw: Raw, runtime: Runtime, **belonging: t.Any) -> ResourcePlan:
    """With what carrying it out starts from: all that was received of a fleet's subscriptions would fill memory."""
    plan = pinned(planned(desired, raw, runtime, **belonging), raw, runtime.conditions())
    kind = kinds.of(desired.target.kind)
    if plan.changes and not kind.has_schedules:
        return ResourcePlan(plan, raw)
    keys = {*(key.lower() for item in kind.carried for key in item.keys), *_OF_TERM} if plan.changes else ()
    return ResourcePlan(plan, {key: value for key, value in raw.items() if key.lower() in keys})


def _target_of(item: Item, kind: str = kinds.SUBSCRIPTION.name) -> Target:
    return Target(kind, item.customer_id, item.subscription_id)


def _unplanned(candidate: Candidate) -> SubscriptionPlan:
    raw = candidate.raw
    offer, parent = (case.text(raw, key) for key in ("offerName", "parentSubscriptionId"))
    return SubscriptionPlan(candidate.item, candidate.policies.customer.name, offer, traits.status(raw), parent.lower())
