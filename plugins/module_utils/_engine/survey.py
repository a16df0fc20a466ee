# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Reading a fleet and planning it: a list a customer, single reads only where a list does not tell."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import MappingProxyType

from .._api.errors import ApiError, PartnerCenterError
from .._common import case
from .._common.problems import Problem
from .._state import kinds
from .._state.items import CONTACT, Item, Key
from .._state.lists import Lists
from .._state.model import Customer, Desired, Plan, Raw, Target
from .._state.plan import differences, pinned
from .._state.policies import parse as policies
from .._state.policies.match_facts import Context
from .._state.policies.merge import Composed
from .._state.policies.parse import CustomerPolicies, Policy
from .._state.records import recovery
from .._state.records.journal_format import PendingRestore
from .._state.schedules.stakes import decisive
from . import customers, endpoints, entries
from .progress import Progress
from .reconcile import planned
from .runtime import Failure, Interrupted, Runtime, as_failure
from .subjects import Part, Subject, Survey

_NOT_FOUND = "20003"
#: So many subscriptions wait at most for what other lists show, since they are kept in memory meanwhile (about 5 KB
#: each); the others are read by their id at once.
_MOST_WAITING: t.Final = 20_000

_NOTHING: t.Final[t.Mapping[t.Any, t.Any]] = MappingProxyType({})
#: By which it is seen that the term has ended between the plan and a write.
_OF_TERM: t.Final = ("commitmentenddate", "commitmentenddatetime", "producttype")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a task is about. ``customers``: ids that policies are confined to; None means the whole fleet."""

    items: tuple[Item, ...] = ()
    policies: tuple[Policy, ...] = ()
    customers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A subscription as it was read, and what may be asked of it: an explicit item, policies, or both."""

    customer: Customer
    item: Item | None
    raw: Raw
    rules: CustomerPolicies | None
    is_listed: bool = True


class Surveyor:
    """
    Reads and plans, once; ``keep_unchanged`` keeps subjects that are as desired, too. ``owed``: scheduled changes that
    an earlier run has deleted and not written back. Thread safe.
    """

    def __init__(
        self,
        scope: Scope,
        runtime: Runtime,
        threads: int,
        progress: Progress,
        *,
        keep_unchanged: bool = False,
        owed: t.Mapping[Key, PendingRestore] = _NOTHING,
    ) -> None:
        self._scope = scope
        self._runtime = runtime
        self._threads = threads
        self._progress = progress
        self._keep_unchanged = keep_unchanged
        self._owed = owed
        self._lists = Lists()
        #: Those that lack a key of which another list may tell.
        self._waiting: list[_Candidate] = []
        self._explicit: dict[str, dict[str, Item]] = {}
        for item in scope.items:
            self._explicit.setdefault(item.key[0], {})[item.key[1]] = item

    def survey(self) -> Survey:
        """
        The whole fleet, in a stable order. Raises PartnerCenterError where the customers cannot be listed, Interrupted
        where the run is told to end meanwhile.
        """
        found = Survey()
        if self._sets_contacts():
            # Before anything is sent, not once for each subscription.
            self._runtime.client.require_user()
        with self._runtime.surroundings.pool(self._threads, "survey") as pool:
            around, listed = customers.around(
                self._runtime.client, pool, policies.named_resellers(self._scope.policies), self._runtime.now()
            )
            of_policies = self._customers(pool, around, listed, found)
            chosen = {**{key: Customer(key) for key in self._explicit}, **of_policies}
            self._progress.phase("reading", len(chosen))
            jobs = [(customer, around if key in of_policies else None) for key, customer in sorted(chosen.items())]
            for one in pool.map(lambda job: self._read(*job), jobs):
                found.add(one)
            if self._waiting:
                self._progress.phase("planning", len(self._waiting))
                for one in pool.map(self._look_again, self._waiting):
                    found.add(one)
        found.subjects.sort(key=lambda subject: (subject.item.index is None, subject.item.index or 0, subject.item.key))
        return found

    def _sets_contacts(self) -> bool:
        return any(item.contact or item.expect_contact for item in self._scope.items) or any(
            policy.needs_user for policy in self._scope.policies
        )

    def _customers(
        self, pool: ThreadPoolExecutor, around: Context, listed: customers.Customers, found: Survey
    ) -> customers.Customers:
        """The customers that policies can be about, by id in lower case."""
        if not self._scope.policies or self._scope.customers == ():
            return {}
        ids = customers.named(self._scope.customers, policies.customer_ids(self._scope.policies, around))
        if ids is not None and not any(policy.needs_customer_facts for policy in self._scope.policies):
            return {one: listed.get(one) or Customer(one) for one in ids}
        chosen, unavailable = customers.choose(
            self._runtime.client, pool, ids, listed, lambda error: isinstance(error, ApiError) and error.is_unavailable
        )
        found.unavailable += [one.to_dict() for one in unavailable]
        return chosen

    def _read(self, customer: Customer, around: Context | None) -> Survey:
        """One customer's part of the survey; ``around`` is None where only explicit items are about the customer."""
        self._go_on()
        explicit = self._explicit.get(customer.id.lower(), {})
        try:
            found = self._read_customer(customer, explicit, around)
        except BaseException as error:  # noqa: BLE001 - what goes wrong with one customer ends no other
            found = Survey()
            self._cannot_read(customer, explicit, as_failure(error), found)
        self._progress.finished()
        return found

    def _read_customer(self, customer: Customer, explicit: t.Mapping[str, Item], around: Context | None) -> Survey:
        found = Survey()
        rules = policies.for_customer(self._scope.policies, customer, around) if around is not None else None
        if rules is not None and not rules.rules:
            rules = None
        if rules is not None or explicit:
            try:
                raws = self._listed_raws(customer) if rules is not None or len(explicit) > 1 else {}
            except (PartnerCenterError, Problem) as error:
                self._cannot_read(customer, explicit, error, found)
            else:
                if raws.pop("", None) is not None and rules is not None:
                    problem = Problem(
                        "Partner Center lists a subscription without an id, so that it cannot be changed."
                    )
                    found.subjects.append(Subject(Item(customer.id, ""), customer.name, error=problem))
                    found.looked_at = 1
                self._lists.note(raws.values())
                found.looked_at += len(raws) if rules is not None else len(explicit.keys() & raws.keys())
                for key, raw in raws.items():
                    found.add(self._look(_Candidate(customer, explicit.get(key), raw, rules)))
                for key in explicit.keys() - raws.keys():
                    found.add(self._look_for(customer, explicit[key], rules))
        return found

    def _go_on(self) -> None:
        """Raises Interrupted where the run was told to end: to read on would use up the limit that others share."""
        if self._runtime.stopped():
            raise Interrupted(
                "The run was told to stop while it was reading, so that nothing was planned or written.",
                "Run the task again.",
            )

    def _listed_raws(self, customer: Customer) -> dict[str, Raw]:
        """A customer's subscriptions by id in lower case."""
        return {case.text(raw, "id").lower(): raw for raw in self._runtime.client.subscriptions(customer.id)}

    def _cannot_read(self, customer: Customer, explicit: t.Mapping[str, Item], error: Failure, found: Survey) -> None:
        if isinstance(error, ApiError) and error.is_unavailable:
            found.unavailable.append(customers.Unavailable(customer, error).to_dict())
        elif not explicit:
            found.unlisted += 1
            found.subjects.append(Subject(Item(customer.id, ""), customer.name, error=error))
        found.looked_at += len(explicit)
        found.subjects += [Subject(item, customer.name, error=error) for item in explicit.values()]

    def _look_for(self, customer: Customer, item: Item, rules: CustomerPolicies | None) -> Survey:
        """An explicit item that no list holds is read by its id, if only for the API's own words."""
        found = Survey(looked_at=1)
        try:
            raw = self._runtime.client.subscription(customer.id, item.subscription_id)
        except PartnerCenterError as error:
            if isinstance(error, ApiError) and error.is_unavailable and error.code != _NOT_FOUND:
                found.unavailable.append(customers.Unavailable(customer, error).to_dict())
            found.subjects.append(Subject(item, customer.name, error=error))
        else:
            found.add(self._look(_Candidate(customer, item, raw, rules, is_listed=False)))
        return found

    def _look_again(self, candidate: _Candidate) -> Survey:
        """Once every list has been seen, at a subscription that lacks a key of which others might have told."""
        self._go_on()
        found = self._look(candidate, may_wait=False)
        self._progress.finished()
        return found

    def _look(self, candidate: _Candidate, *, may_wait: bool = True) -> Survey:
        """Compose and plan one subscription, or have it wait."""
        customer, item, raw, rules = candidate.customer, candidate.item, candidate.raw, candidate.rules
        is_listed, found = candidate.is_listed, Survey()
        ids = item or Item(customer.id, str(case.get(raw, "id")))
        subject = Subject(
            ids, customer.name, case.text(raw, "offerName"), case.text(raw, "parentSubscriptionId").lower()
        )
        try:
            if is_listed and (ids.key in self._owed or (rules is not None and rules.lacking(raw))):
                raw, is_listed = self._runtime.client.subscription(customer.id, ids.subscription_id), False
            composed = _composed(rules, item, raw)
            unknown = self._unknown(ids, composed, raw) if is_listed else frozenset()
            if may_wait and self._lists.may_still_tell(unknown) and len(self._waiting) < _MOST_WAITING:
                self._waiting.append(candidate)
                return found
            if unknown:
                raw = self._runtime.client.subscription(customer.id, ids.subscription_id)
                composed = _composed(rules, item, raw)
            if composed.skipped_quantity:
                found.skipped_quantities.append(composed)
            if not composed.values and not composed.support_contact:
                found.unchanged += rules is not None
                return found
            composed = self._given_back(ids, composed, raw, found)
            ids = replace(ids, settings=composed.values, contact=composed.support_contact, set_by=composed.set_by)
            subject = self._planned(replace(subject, item=ids), raw)
            entries.require_writable(subject)
        except BaseException as error:  # noqa: BLE001 - what goes wrong with one subscription ends no other
            found.subjects.append(replace(subject, item=ids, error=as_failure(error)))
            return found
        if subject.is_changed or item is not None or self._keep_unchanged:
            found.subjects.append(subject)
        else:
            found.unchanged += 1
        return found

    def _unknown(self, ids: Item, composed: Composed, raw: Raw) -> frozenset[str]:
        """The keys of which neither the list's item nor any list tells, and on which the plan depends."""
        unknown = self._lists.unknown(raw, composed.values, ids.expect)
        if unknown:
            return unknown
        target = Target("subscription", ids.customer_id, ids.subscription_id)
        desired, mode = Desired(target, composed.values), self._runtime.options.scheduled_changes
        changed = [change.field for change in differences(desired, raw, self._runtime.now())]
        return self._lists.unknown(raw, (), decisive(desired.wanted, changed, mode))

    def _given_back(self, ids: Item, composed: Composed, raw: Raw, found: Survey) -> Composed:
        """With the scheduled changes that an earlier run has deleted and not written back."""
        owed = self._owed.get(ids.key)
        if owed is None:
            return composed
        decision = recovery.restore_decision(
            owed, raw, composed.values, ids.expect, self._runtime.options.scheduled_changes
        )
        found.restore_decisions[ids.key] = decision
        target = Target("subscription", ids.customer_id, ids.subscription_id)
        self._runtime.journal.settled(target, recovery.not_needed(owed, raw, composed.values, self._runtime.now()))
        if not decision.values:
            return composed
        return replace(
            composed,
            values={**composed.values, **decision.values},
            set_by={**composed.set_by, **dict.fromkeys(decision.values, recovery.set_by(owed))},
        )

    def _planned(self, subject: Subject, raw: Raw) -> Subject:
        item, parts, contact = subject.item, [], {}
        mode = self._runtime.options.scheduled_changes
        target = Target("subscription", item.customer_id, item.subscription_id)
        if item.settings or item.expect:
            plan = planned(Desired(target, item.settings, expect=item.expect), raw, self._runtime)
            parts.append(Part(pinned(plan, raw, mode), _kept(plan, raw)))
        if item.contact or item.expect_contact:
            target = replace(target, kind=CONTACT)
            contact = dict(endpoints.of(target).read(self._runtime.client, target))
            plan = planned(Desired(target, item.contact, expect=item.expect_contact), contact, self._runtime)
            parts.append(Part(pinned(plan, contact, mode), contact if plan.changes else {}))
        return replace(subject, parts=tuple(parts), contact_before=contact)


def _composed(rules: CustomerPolicies | None, item: Item | None, raw: Raw) -> Composed:
    settings, contact = (item.settings, item.contact) if item is not None else ({}, {})
    return Composed(settings, contact) if rules is None else rules.compose(raw, settings, contact)


def _kept(plan: Plan, raw: Raw) -> Raw:
    """Of the received subscription, what carrying out the plan starts from; a fleet's resources would fill memory."""
    if not plan.changes:
        return {}
    keys = {*(key.lower() for item in kinds.SUBSCRIPTION.carried for key in item.keys), *_OF_TERM}
    return {key: value for key, value in raw.items() if key.lower() in keys}
