# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Reading a fleet and planning it: a list a customer, single reads only where a list does not tell."""

from __future__ import annotations

import typing as t
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..._api.errors import ApiError, PartnerCenterError, RequestError, Stopped
from ..._common.problems import Problem
from ..._state.items import Item, Key
from ..._state.model import Customer
from ..._state.policies import parse as policies
from ..._state.policies.match_facts import Context
from ..._state.policies.parse import CustomerPolicies, Policy
from ..._state.policies.unmatched import Present, texts_of_customers, texts_of_subscriptions
from ..._state.records.journal_format import PendingRestore
from ..errors import Interrupted
from ..progress import Progress
from ..reading.customers import Customers, Unavailable, match_context, requested_ids, resolve_customers
from ..reading.lists import CustomerList, ListOddities, read_list
from ..runtime import Runtime, as_failure
from .plans import FleetPlan, SubscriptionPlan, merged
from .subscription import Candidate, Planning, plan_subscription

_NOT_FOUND: t.Final = "20003"
#: So many subscriptions wait at most for what other lists show, since they are kept in memory meanwhile (about 5 KB
#: each); the others are read by their id at once.
_MOST_WAITING: t.Final = 20_000

_NOTHING: t.Final[t.Mapping[t.Any, t.Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scope:
    """
    What a task is about. ``customers``: ids that policies are confined to; None means the whole fleet. ``judged``: keys
    of a match under which the plan says what the fleet has, where all of it was read.
    """

    items: tuple[Item, ...] = ()
    policies: tuple[Policy, ...] = ()
    customers: tuple[str, ...] | None = None
    judged: frozenset[str] = frozenset()

    @property
    def sets_contacts(self) -> bool:
        return any(item.contact or item.expect_contact for item in self.items) or any(
            policy.needs_user for policy in self.policies
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the fleet's plan, and the subscriptions of which another list may still tell more."""

    plan: FleetPlan
    waiting: tuple[Candidate, ...] = ()


def plan_fleet(
    scope: Scope,
    runtime: Runtime,
    threads: int,
    progress: Progress,
    *,
    keep_unchanged: bool = False,
    pending: t.Mapping[Key, PendingRestore] = _NOTHING,
) -> FleetPlan:
    """
    Read and plan the whole fleet, in a stable order. ``keep_unchanged`` keeps subscriptions that are as desired, too.
    ``pending``: scheduled changes that an earlier run has deleted and not written back.

    Raises PartnerCenterError where the customers cannot be listed and for an error that is not about one customer,
    Interrupted where the run is told to end meanwhile.
    """
    if scope.sets_contacts:
        # Before anything is sent, not once for each subscription.
        runtime.client.require_user()
    planning = Planning(runtime, pending, scope.judged, keep_unchanged)
    planner = _Planner(scope, planning, progress, _by_customer(scope.items))
    try:
        with runtime.surroundings.pool(threads, "planning") as pool:
            plan = planner.plan(pool)
    except Stopped as stopped:
        raise _interrupted() from stopped
    plan = _with_names(plan, runtime, threads)
    order = sorted(plan.subscriptions, key=lambda one: (one.item.index is None, one.item.index or 0, one.item.key))
    skipped = sorted(plan.skipped, key=lambda one: one.subject.item.key)
    return replace(plan, subscriptions=tuple(order), skipped=tuple(skipped))


def _with_names(plan: FleetPlan, runtime: Runtime, threads: int) -> FleetPlan:
    """With the customers' names of all that changes. One that cannot be read fails nothing: it is only shown."""
    missing = {one.item.key[0] for one in plan.subscriptions if one.is_changed and not one.customer_name}
    if not missing or runtime.stopped():
        return plan
    try:
        with runtime.surroundings.pool(threads, "names") as pool:
            found, _unavailable = resolve_customers(runtime.client, pool, frozenset(missing), {})
    except PartnerCenterError:
        return plan
    names = {key: customer.name for key, customer in found.items()}
    subscriptions = (
        replace(one, customer_name=names.get(one.item.key[0], one.customer_name)) for one in plan.subscriptions
    )
    return replace(plan, subscriptions=tuple(subscriptions))


def _by_customer(items: t.Iterable[Item]) -> dict[str, dict[str, Item]]:
    found: dict[str, dict[str, Item]] = {}
    for item in items:
        found.setdefault(item.key[0], {})[item.key[1]] = item
    return found


def _interrupted() -> Interrupted:
    return Interrupted(
        "The run was told to stop while it was reading, so that nothing was planned or written.", "Run the task again."
    )


@dataclass(frozen=True, slots=True)
class _Planner:
    """The parts of a run's planning; its methods are thread safe."""

    scope: Scope
    planning: Planning
    progress: Progress
    explicit: t.Mapping[str, t.Mapping[str, Item]]

    def plan(self, pool: ThreadPoolExecutor) -> FleetPlan:
        client, asked = self.planning.runtime.client, self.scope.policies
        context, listed = match_context(client, pool, policies.named_resellers(asked), self.planning.runtime.now())
        of_policies, unavailable, is_whole = self._customers(pool, context, listed)
        chosen = {**{key: Customer(key) for key in self.explicit}, **of_policies}
        self.progress.phase("reading", len(chosen))
        rules = {key: policies.for_customer(asked, one, context) for key, one in of_policies.items()}
        parts = [_unread(one, None, {}) for one in unavailable]
        waiting: list[Candidate] = []
        early: list[Future[FleetPlan]] = []
        for part in pool.map(lambda key: self._read(chosen[key], rules.get(key)), sorted(chosen)):
            parts.append(part.plan)
            room = max(0, _MOST_WAITING - len(waiting))
            waiting += part.waiting[:room]
            early += [pool.submit(self._look_again, candidate) for candidate in part.waiting[room:]]
        if waiting:
            self.progress.phase("planning", len(waiting))
        parts += pool.map(self._look_again, waiting)
        parts += [future.result() for future in early]
        plan = merged(parts)
        if not is_whole:
            return replace(plan, present={})
        return replace(plan, present=self._present(plan, of_policies, rules, context))

    def _present(
        self, plan: FleetPlan, customers: Customers, rules: t.Mapping[str, CustomerPolicies], context: Context
    ) -> Present:
        """What the fleet has: of its customers, and of its subscriptions where those of all customers were read."""
        found = dict(texts_of_customers(self.scope.judged, customers.values(), context))
        if all(one.rules for one in rules.values()) and not plan.unlisted:
            for key, texts in plan.present.items():
                found[key] = {**found.get(key, {}), **texts}
            return found
        return {key: texts for key, texts in found.items() if key not in texts_of_subscriptions(self.scope.judged, ())}

    def _customers(
        self, pool: ThreadPoolExecutor, context: Context, listed: Customers
    ) -> tuple[Customers, list[Unavailable], bool]:
        """The customers that policies can be about, those that are unavailable, and whether that is the whole fleet."""
        asked = self.scope.policies
        if not asked or self.scope.customers == ():
            return {}, [], False
        ids = requested_ids(self.scope.customers, policies.customer_ids(asked, context))
        if ids is not None and not any(policy.needs_customer_facts for policy in asked):
            return {one: listed.get(one) or Customer(one) for one in ids}, [], False
        return (*resolve_customers(self.planning.runtime.client, pool, ids, listed), ids is None)

    def _read(self, customer: Customer, rules: CustomerPolicies | None) -> _Part:
        """One customer's part; ``rules`` is None where only explicit items are about the customer."""
        self._go_on()
        explicit = self.explicit.get(customer.id.lower(), {})
        if rules is not None and not rules.rules:
            rules = None
        try:
            part = self._of_customer(customer, rules, explicit)
        except RequestError:
            # It is about the caller, and would be the same for every customer; or the run was told to stop.
            raise
        except BaseException as error:  # noqa: BLE001 - what goes wrong with one customer ends no other
            part = _Part(_unread(Unavailable(customer, as_failure(error)), rules, explicit))
        self.progress.finished()
        return part

    def _of_customer(self, customer: Customer, rules: CustomerPolicies | None, explicit: t.Mapping[str, Item]) -> _Part:
        if rules is None and not explicit:
            return _Part(FleetPlan())
        listed = self._list(customer, rules, explicit)
        if isinstance(listed, CustomerList):
            return self._of_list(listed, rules, explicit)
        return _Part(_unread(listed, rules, explicit))

    def _go_on(self) -> None:
        """Raises Interrupted where the run was told to end: to read on would use up the limit that others share."""
        if self.planning.runtime.stopped():
            raise _interrupted()

    def _list(
        self, customer: Customer, rules: CustomerPolicies | None, explicit: t.Mapping[str, Item]
    ) -> CustomerList | Unavailable:
        """A customer's list; empty for a single explicit item, which is read by its id."""
        if rules is None and len(explicit) <= 1:
            return CustomerList(customer, {}, (), ListOddities(customer))
        return read_list(self.planning.runtime.client, customer)

    def _of_list(self, listed: CustomerList, rules: CustomerPolicies | None, explicit: t.Mapping[str, Item]) -> _Part:
        customer, raws = listed.customer, listed.subscriptions
        self.planning.lists.note(raws.values())
        without_id = listed.without_id if rules is not None else ()
        counted = len(raws) + len(without_id) if rules is not None else len(explicit.keys() & raws.keys())
        parts = [FleetPlan(tuple(_without_id(customer) for _raw in without_id), counted, oddities=(listed.oddities,))]
        waiting: list[Candidate] = []
        for key, raw in raws.items():
            candidate = Candidate(customer, explicit.get(key), raw, rules)
            if rules is None and candidate.item is None:
                continue
            plan = plan_subscription(candidate, self.planning)
            if plan is None:
                waiting.append(candidate)
            else:
                parts.append(plan)
        parts += [self._look_for(customer, explicit[key], rules) for key in sorted(explicit.keys() - raws.keys())]
        return _Part(merged(parts), tuple(waiting))

    def _look_for(self, customer: Customer, item: Item, rules: CustomerPolicies | None) -> FleetPlan:
        """An explicit item that no list holds is read by its id, if only for the API's own words."""
        candidate = Candidate(customer, item, {}, rules, is_listed=False)
        try:
            candidate = candidate.read_by_id(self.planning.runtime)
        except Stopped:
            raise
        except PartnerCenterError as error:
            failed = FleetPlan((SubscriptionPlan(item, customer.name, error=error),), 1)
            if isinstance(error, ApiError) and error.is_unavailable and error.code != _NOT_FOUND:
                return replace(failed, unavailable=(Unavailable(customer, error).to_dict(),))
            return failed
        return replace(self._planned(candidate), looked_at=1)

    def _planned(self, candidate: Candidate) -> FleetPlan:
        """Of a subscription of which no other list can tell more."""
        return plan_subscription(candidate, self.planning, may_wait=False) or FleetPlan()

    def _look_again(self, candidate: Candidate) -> FleetPlan:
        """Once every list has been seen, at a subscription that lacks a key of which others might have told."""
        self._go_on()
        found = self._planned(candidate)
        self.progress.finished()
        return found


def _without_id(customer: Customer) -> SubscriptionPlan:
    problem = Problem("Partner Center lists a subscription without an id, so that it cannot be changed.")
    return SubscriptionPlan(Item(customer.id, ""), customer.name, error=problem)


def _unread(gone: Unavailable, rules: CustomerPolicies | None, explicit: t.Mapping[str, Item]) -> FleetPlan:
    """Of a customer that could not be listed. One that is excepted as a whole is nobody's failure."""
    customer, error = gone.customer, gone.error
    failed = tuple(SubscriptionPlan(item, customer.name, error=error) for item in explicit.values())
    if not explicit and rules is not None and rules.is_excluded:
        return FleetPlan()
    if gone.is_refusal:
        return FleetPlan(failed, len(failed), unavailable=(gone.to_dict(),))
    if explicit:
        return FleetPlan(failed, len(failed))
    return FleetPlan((SubscriptionPlan(Item(customer.id, ""), customer.name, error=error),), unlisted=1)
