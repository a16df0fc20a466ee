# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Reading a fleet and planning it: a list a customer, single reads only where a list does not tell."""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from ..._api.errors import ApiError, PartnerCenterError, RequestError, Stopped
from ..._common import case
from ..._common.problems import Problem
from ..._common.surroundings import StopRequested
from ..._state.items import Item
from ..._state.model import Customer
from ..._state.policies import parse as policies
from ..._state.policies import unmatched
from ..._state.policies.parse import CustomerPolicies
from ..errors import Interrupted
from ..progress import Progress
from ..reading.customers import Found, Unavailable, find_customers, is_of_one_customer, resolve_customers
from ..reading.lists import CustomerList, read_list
from ..runtime import Runtime, as_failure
from .plans import Candidate, FleetPlan, Scope, SubscriptionPlan, merged
from .subscription import Planning, plan_subscription

T = t.TypeVar("T")

_NOT_FOUND: t.Final = "20003"
#: So many subscriptions wait at most for what other lists show, since they are kept in memory meanwhile (about 5 KB
#: each); the others are read by their id at once.
_MOST_WAITING: t.Final = 20_000


def plan_fleet(scope: Scope, runtime: Runtime, threads: int, progress: Progress) -> FleetPlan:
    """
    Read and plan the whole fleet, in a stable order.

    Raises PartnerCenterError where the customers cannot be listed and for an error that is not about one customer,
    Interrupted where the run is told to end meanwhile.
    """
    if scope.sets_contacts:
        # Before anything is sent, not once for each subscription.
        runtime.client.require_user()
    try:
        with runtime.surroundings.pool(threads, "planning") as pool:
            plan = _with_names(_read_and_planned(scope, runtime, progress, pool), runtime, pool)
    except (Stopped, StopRequested) as stopped:
        raise Interrupted(
            "The run was told to stop while it was reading, so that nothing was planned or written.",
            "Run the task again.",
        ) from stopped
    order = sorted(plan.subscriptions, key=lambda one: (one.item.index is None, one.item.index or 0, one.item.key))
    skipped = sorted(plan.skipped, key=lambda one: one.subject.item.key)
    return replace(plan, subscriptions=tuple(order), skipped=tuple(skipped))


def _with_names(plan: FleetPlan, runtime: Runtime, pool: ThreadPoolExecutor) -> FleetPlan:
    """With the customers' names of all that changes. One that cannot be read fails nothing: it is only shown."""
    missing = {one.item.key[0] for one in plan.subscriptions if one.is_changed and not one.customer_name}
    if not missing or runtime.stopped():
        return plan
    try:
        found, _unavailable = resolve_customers(runtime.client, pool, frozenset(missing), {})
    except PartnerCenterError:
        return plan
    names = {key: customer.name for key, customer in found.items()}
    subscriptions = (
        replace(one, customer_name=names.get(one.item.key[0], one.customer_name)) for one in plan.subscriptions
    )
    return replace(plan, subscriptions=tuple(subscriptions))


@dataclass(frozen=True, slots=True)
class _AskedOfCustomer:
    """What is asked of one customer's subscriptions. ``items``: by the subscriptions' ids in lower case."""

    policies: CustomerPolicies
    items: t.Mapping[str, Item]


def _read_and_planned(scope: Scope, runtime: Runtime, progress: Progress, pool: ThreadPoolExecutor) -> FleetPlan:
    found = find_customers(
        runtime.client,
        pool,
        runtime.now(),
        partial(policies.customer_ids, scope.policies),
        resellers=policies.named_resellers(scope.policies),
        only=scope.customers,
        with_facts=any(policy.needs_customer_facts for policy in scope.policies),
    )
    asked = _asked_of(scope, found)

    def each(work: t.Callable[[T, Planning], FleetPlan], todo: t.Collection[T], planning: Planning) -> list[FleetPlan]:
        def counted(one: T) -> FleetPlan:
            if runtime.stopped():
                # To read on would use up the limit that others share.
                raise StopRequested
            done = work(one, planning)
            progress.finished()
            return done

        return list(pool.map(counted, todo))

    planning = Planning(scope, runtime, threading.Semaphore(_MOST_WAITING))
    progress.phase("reading", len(asked))
    plan = merged([*map(_unread, found.unavailable), *each(_plan_customer, asked.values(), planning)])
    if plan.waiting:
        progress.phase("planning", len(plan.waiting))
        # Every list has been seen by now.
        looked_again = each(plan_subscription, plan.waiting, replace(planning, room=threading.Semaphore(0)))
        plan = merged([replace(plan, waiting=()), *looked_again])
    is_all_read = not plan.unlisted and all(asked[key].policies.rules for key in found.customers)
    return replace(plan, present=_present(scope, plan, found, is_all_read))


def _asked_of(scope: Scope, found: Found) -> dict[str, _AskedOfCustomer]:
    """Of each customer that policies can be about, or an explicit item is; by their ids."""
    items: dict[str, dict[str, Item]] = {}
    for item in scope.items:
        items.setdefault(item.key[0], {})[item.key[1]] = item
    asked = {}
    for key in sorted(items.keys() | found.customers.keys()):
        customer, about = (found.customers[key], scope.policies) if key in found.customers else (Customer(key), ())
        asked[key] = _AskedOfCustomer(policies.for_customer(about, customer, found.context), items.get(key, {}))
    return asked


def _present(scope: Scope, plan: FleetPlan, found: Found, is_all_read: bool) -> unmatched.Present:
    """What the fleet has: of its customers, and of its subscriptions where those of all customers were read."""
    if not found.is_whole:
        return {}
    of_customers = unmatched.texts_of_customers(scope.judged, found.customers.values(), found.context)
    if is_all_read:
        return unmatched.merged_texts([of_customers, plan.present])
    return {key: texts for key, texts in of_customers.items() if key != unmatched.PROTECTED}


def _plan_customer(asked: _AskedOfCustomer, planning: Planning) -> FleetPlan:
    customer, rules, items = asked.policies.customer, asked.policies.rules, asked.items
    if not rules and not items:
        return FleetPlan()
    try:
        # A single explicit item is read by its id.
        is_listed = rules or len(items) > 1
        listed = read_list(planning.runtime.client, customer) if is_listed else CustomerList()
        return _plan_list(listed, asked, planning)
    except BaseException as error:
        # What goes wrong with one customer ends no other.
        if isinstance(error, RequestError) and not is_of_one_customer(error):
            raise
        if asked.policies.is_excluded and not items:
            return FleetPlan()
        return _unread(Unavailable(customer, as_failure(error)), items.values())


def _plan_list(listed: CustomerList, asked: _AskedOfCustomer, planning: Planning) -> FleetPlan:
    customer, items, raws, nameless = asked.policies.customer, asked.items, listed.subscriptions, listed.without_id
    planning.lists.note(raws.values())
    planning.runtime.seen_form.note(raws.values())
    if not asked.policies.rules:
        raws, nameless = {key: raw for key, raw in raws.items() if key in items}, ()
    oddities = () if listed.oddities is None else (listed.oddities,)
    parts = [FleetPlan(tuple(_without_id(customer) for _raw in nameless), len(raws) + len(nameless), oddities=oddities)]
    for key, raw in raws.items():
        item = items.get(key) or Item(customer.id, case.text(raw, "id"))
        parts.append(plan_subscription(Candidate(asked.policies, item, raw), planning))
    parts += [_look_for(items[key], asked.policies, planning) for key in sorted(items.keys() - raws.keys())]
    return merged(parts)


def _look_for(item: Item, about: CustomerPolicies, planning: Planning) -> FleetPlan:
    """An explicit item that no list holds is read by its id, if only for the API's own words."""
    try:
        candidate = Candidate(about, item, {}).read_by_id(planning.runtime)
    except Stopped:
        raise
    except PartnerCenterError as error:
        is_gone = isinstance(error, ApiError) and error.is_unavailable and error.code != _NOT_FOUND
        unavailable = (Unavailable(about.customer, error).to_dict(),) if is_gone else ()
        return FleetPlan((SubscriptionPlan(item, about.customer.name, error=error),), 1, unavailable=unavailable)
    return replace(plan_subscription(candidate, planning), looked_at=1)


def _without_id(customer: Customer) -> SubscriptionPlan:
    problem = Problem("Partner Center lists a subscription without an id, so that it cannot be changed.")
    return SubscriptionPlan(Item(customer.id, ""), customer.name, error=problem)


def _unread(gone: Unavailable, items: t.Iterable[Item] = ()) -> FleetPlan:
    """Of a customer that could not be listed."""
    failed = tuple(SubscriptionPlan(item, gone.customer.name, error=gone.error) for item in items)
    if failed or gone.is_refusal:
        return FleetPlan(failed, len(failed), unavailable=(gone.to_dict(),) if gone.is_refusal else ())
    return FleetPlan((SubscriptionPlan(Item(gone.customer.id, ""), gone.customer.name, error=gone.error),), unlisted=1)
