# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The one path: desired state -> read current -> plan -> apply -> verify -> outcome.

It is written for one resource as steps that wait without blocking, so that a fleet is the same path with more items.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .._common.problems import Problem
from .._state import kinds
from .._state.field import Prediction
from .._state.model import Desired, Plan, Raw, ResourceOutcome, Target
from .._state.plan import differences, make_plan, require_expected, with_predictions
from .._state.schedules.stakes import dropped_schedules
from . import endpoints
from .runtime import Resumable, Runtime


def reconcile(
    desired: Desired,
    runtime: Runtime,
    *,
    check_mode: bool = False,
    validate_reseller: bool = True,
    allow_new_commerce: bool = False,
    condition: Desired | None = None,
) -> Resumable[ResourceOutcome]:
    """
    Bring one resource to its desired state, or say in check mode what that would change; never raises a Problem.

    ``condition``: another resource whose ``expect`` must hold.
    """
    try:
        if condition is not None:
            found = endpoints.of(condition.target).read(runtime.client, condition.target)
            require_expected(condition, found, runtime.conditions())
        raw = endpoints.of(desired.target).read(runtime.client, desired.target)
        plan = planned(
            desired,
            raw,
            runtime,
            validate_reseller=validate_reseller,
            parent=None if allow_new_commerce else lambda: _parent(desired.target, runtime),
        )
    except Problem as error:
        return ResourceOutcome(desired, error=error)
    if check_mode or not plan.changes:
        return predicted(plan, raw, runtime)
    # Most tasks find everything as desired: what writes is only read, and compiled, where something is written.
    from .apply import apply

    return (yield from apply(plan, raw, runtime))


def _parent(target: Target, runtime: Runtime) -> Raw:
    """The subscription that the resource belongs to."""
    subscription = replace(target, kind=kinds.SUBSCRIPTION.name)
    return endpoints.of(subscription).read(runtime.client, subscription)


def planned(
    desired: Desired,
    raw: Raw,
    runtime: Runtime,
    *,
    validate_reseller: bool = True,
    parent: t.Callable[[], Raw] | None = None,
    allow_new_commerce: bool = False,
) -> Plan:
    """
    The plan for a resource as it was read, a support contact's missing parts looked up where one is needed.

    ``parent``: the subscription that the resource belongs to, asked for where something differs; None where nothing of
    it matters. With ``allow_new_commerce`` it may be of any kind.
    """
    conditions = runtime.conditions()
    require_expected(desired, raw, conditions)
    endpoint = endpoints.of(desired.target)
    complete, require_parent = endpoint.complete, endpoint.require_parent
    predictions: t.Sequence[Prediction] = ()
    is_checked = complete is not None or require_parent is not None
    if not is_checked or not differences(desired, raw, runtime.now(), conditions):
        return make_plan(desired, raw, runtime.now(), conditions)
    if require_parent is not None and parent is not None:
        subscription = parent()
        if not allow_new_commerce:
            require_parent(desired, subscription)
        predictions = [] if endpoint.foretell is None else [*endpoint.foretell(subscription)]
    if complete is not None:
        is_whole = all(name in desired.wanted for name in kinds.of(desired.target.kind).names)
        if validate_reseller or not is_whole:
            desired = complete(desired, runtime.resellers())
    plan = with_predictions(make_plan(desired, raw, runtime.now(), conditions), predictions)
    return plan if endpoint.with_reversal is None else endpoint.with_reversal(plan, raw, runtime.client.tenant_id())


def predicted(plan: Plan, raw: Raw, runtime: Runtime) -> ResourceOutcome:
    """The outcome that check mode reports: what would change, and how the resource would look."""
    desired = plan.desired
    if not plan.changes:
        return ResourceOutcome(desired, resource=raw, warnings=plan.warnings)
    changed = {change.field: desired.wanted[change.field] for change in plan.changes if change.field in desired.wanted}
    dropped = dropped_schedules(plan.writes, raw, desired.wanted, runtime.options.scheduled_changes)
    values = {**desired.looked_up, **changed, **dropped}
    after = kinds.of(desired.target.kind).merge_into(raw, values)
    return ResourceOutcome(desired, changed=True, changes=plan.changes, resource=after, warnings=plan.warnings)


def result_of(changes: t.Iterable[t.Any]) -> dict[str, dict[str, t.Any]]:
    """``changes`` as results show them: ``{field: {before, after}}``."""
    return {change.field: {"before": change.before, "after": change.after} for change in changes}
