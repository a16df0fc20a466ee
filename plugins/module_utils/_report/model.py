# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The view model: all that a report says, in people's words, in the order in which it is said. Pure.

Names and texts that came from outside are on one line and free of control characters; each form escapes what is
special to it. Every form is made of a :class:`Report` alone, so all of them say the same.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .findings import About, Failure, FailureGroup, Folded
from .renewals import Overview

Topic = t.Literal["plan", "result", "drift", "renewals"]
TOPICS: t.Final[tuple[Topic, ...]] = ("plan", "result", "drift", "renewals")

#: What becomes, or has become, of a change or a subscription.
State = t.Literal["planned", "changed", "failed", "not attempted", "pending", "unchanged", "unplanned", "unknown"]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """
    One change. ``before`` and ``after`` stand alone, ``change`` is both in one: ``25 → 20 seats at renewal``.

    ``reversible``: ``yes``, ``no`` or ``until 2026-12-02 06:05 UTC``; ``reason``: why not, or only until then.
    ``refusals``: what Partner Center is expected to refuse; ``warnings``: what else is to be known before;
    ``drops``: scheduled changes that go with it for good. ``rank``: how risky it is, 0 first. ``seats``: before and
    after, where these are what changes; ``decision``: about the end of a term, where there is one.
    """

    field: str
    before: str
    after: str
    change: str
    policy: str = ""
    reversible: str = "yes"
    reason: str = ""
    refusals: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    rank: int = 0
    state: State = "planned"
    seats: tuple[int, int] | None = None
    decision: str = ""

    @property
    def is_risky(self) -> bool:
        return self.rank < HARMLESS


#: The rank of changes that nobody has to look at first.
HARMLESS: t.Final = 9


@dataclass(frozen=True, slots=True)
class SubscriptionRows:
    """One subscription with its changes, the riskiest first. ``status``: as it was read; empty where not known."""

    about: About
    rows: tuple[ChangeRow, ...]
    status: str = ""
    state: State = "planned"
    warnings: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def rank(self) -> int:
        return min((row.rank for row in self.rows), default=HARMLESS)


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats of the subscriptions whose number changes."""

    before: int = 0
    after: int = 0
    added: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class CustomerRows:
    """One customer with its subscriptions, in the report's order."""

    customer_id: str
    customer_name: str
    subscriptions: tuple[SubscriptionRows, ...]

    @property
    def name(self) -> str:
        return self.customer_name or self.customer_id

    @property
    def rows(self) -> tuple[ChangeRow, ...]:
        return tuple(row for one in self.subscriptions for row in one.rows)

    @property
    def seats(self) -> Seats:
        return seats_of(self.rows)


def seats_of(rows: t.Iterable[ChangeRow]) -> Seats:
    moves = [row.seats for row in rows if row.seats is not None]
    return Seats(
        sum(before for before, _after in moves),
        sum(after for _before, after in moves),
        sum(max(after - before, 0) for before, after in moves),
        sum(max(before - after, 0) for before, after in moves),
    )


@dataclass(frozen=True, slots=True)
class FieldCount:
    """
    Changes of one setting. ``undone``: ``yes``, ``no``, ``until …`` (the earliest) or ``partly``; ``reasons``: why not.
    """

    field: str
    changes: int
    undone: str = "yes"
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """
    What a policy, or the explicit items together (``is_items``), met: subscriptions that it means (None where not
    known), excepts, skips and changes; its changes by setting; and what is remarkable about it.
    """

    name: str
    matched: int | None
    excluded: int
    skipped: int
    changed: int
    fields: tuple[FieldCount, ...] = ()
    remarks: tuple[str, ...] = ()
    is_items: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers of a result's ``summary``; None where they are not known, as in a plan file of changes alone."""

    subscriptions: int | None = None
    planned: int = 0
    changed: int | None = None
    unchanged: int | None = None
    failed: int = 0
    not_attempted: int = 0
    pending: int = 0
    unavailable: int = 0
    requests: int | None = None
    retries: int | None = None
    throttled: int | None = None
    seconds: float | None = None
    customers: int = 0
    changes: int = 0


@dataclass(frozen=True, slots=True)
class NextStep:
    """What can be done next, in words, and the command for it (empty where there is none)."""

    text: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class UndoneRun:
    """The run, or the plan, that a rollback undoes. ``message`` says all of it in a sentence, where there is one."""

    id: str
    time: str = ""
    reference: str = ""
    writes: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """
    What a plan, a result or a drift check is about. ``ends``: decisions about the end of a term by what they decide.

    ``refusals``: expected refusals; ``warnings``: all else that is to be known; ``unplanned``: what could not be
    planned; ``failures``: what could not be done; ``breaches``: of the guard, one sentence each; ``guard``: its verdict
    in a few words. ``stopped``: why the run ended early or as a whole failed; empty where it did not.
    """

    totals: Totals
    customers: tuple[CustomerRows, ...]
    policies: tuple[PolicyRow, ...] = ()
    fields: tuple[FieldCount, ...] = ()
    seats: Seats = Seats()
    ends: tuple[tuple[str, int], ...] = ()
    refusals: tuple[Folded, ...] = ()
    warnings: tuple[Folded, ...] = ()
    unplanned: tuple[FailureGroup, ...] = ()
    failures: tuple[FailureGroup, ...] = ()
    breaches: tuple[str, ...] = ()
    guard: str = ""
    stopped: str = ""

    @property
    def risky(self) -> tuple[SubscriptionRows, ...]:
        """The subscriptions with risky changes and only these, the riskiest first."""
        found = [
            SubscriptionRows(
                one.about,
                tuple(row for row in one.rows if row.is_risky),
                one.status,
                one.state,
                one.warnings,
                one.failure,
            )
            for one in self.subscriptions
            if one.rank < HARMLESS
        ]
        return tuple(sorted(found, key=lambda one: one.rank))

    @property
    def subscriptions(self) -> tuple[SubscriptionRows, ...]:
        return tuple(one for customer in self.customers for one in customer.subscriptions)


@dataclass(frozen=True, slots=True)
class Report:
    """
    One report. ``topic``: what it is about, a document's ``kind``; ``headline``: what it comes to, in one sentence;
    ``created``: a UTC time such as ``2026-11-28T06:05:00Z``; ``digest``: of the plan file; ``document``: what the
    report was made of, which the JSON form writes and :func:`documents.read_document` takes back; ``unavailable``:
    customers that could not be read.
    Either ``changes`` or ``renewals`` is there.
    """

    topic: Topic
    title: str
    headline: str
    created: str
    tenant_id: str
    document: t.Mapping[str, t.Any] = field(repr=False)
    tenant_name: str = ""
    api_url: str = ""
    reference: str = ""
    digest: str = ""
    plan_path: str = ""
    journal_path: str = ""
    run_id: str = ""
    undoes: UndoneRun | None = None
    is_check_mode: bool = False
    steps: tuple[NextStep, ...] = ()
    unavailable: tuple[FailureGroup, ...] = ()
    changes: Changes | None = None
    renewals: Overview | None = None

    @property
    def is_plan(self) -> bool:
        return self.topic == "plan"

    @property
    def is_result(self) -> bool:
        return self.topic == "result"

    @property
    def is_drift(self) -> bool:
        return self.topic == "drift"

    @property
    def tenant(self) -> str:
        return self.tenant_name or self.tenant_id
