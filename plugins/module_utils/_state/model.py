# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The words of a plan: whose resource, what is desired, what changes by which writes, and what comes of it."""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass, field

from .._common import case
from .._common.problems import Problem
from . import kinds
from .field import YES, Prediction, Reversal

#: A resource as received: parsed JSON, key case and all. Our view of it is derived and never written back.
Raw = case.Raw


@dataclass(frozen=True, slots=True)
class Customer:
    """What matching and placeholders need to know of a customer."""

    id: str
    name: str = ""
    domain: str = ""
    raw: Raw | None = field(default=None, compare=False, repr=False)


def customer_of(raw: Raw) -> Customer:
    """A customer as the API answers it, from a list or by id."""
    profile = case.get(raw, "companyProfile")
    profile = profile if isinstance(profile, dict) else {}
    customer_id = case.text(raw, "id") or case.text(profile, "tenantId")
    return Customer(customer_id, case.text(profile, "companyName"), case.text(profile, "domain"), raw)


@dataclass(frozen=True, slots=True)
class Target:
    """Which resource: the name of its kind, and as many ids as name one (none for the partner's own)."""

    kind: str
    customer_id: str | None = None
    subscription_id: str | None = None

    def __str__(self) -> str:
        return kinds.describe(self.kind, self.customer_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class Desired:
    """
    The state that is asked of one resource.

    ``wanted``: field -> value as checked, what the user asked and what is compared.
    ``looked_up``: field -> value that only completes the body of a write.
    ``expect``: field -> value that must be found before anything is written.
    ``owed``: fields with which what an earlier run has deleted is laid back, as it was.
    """

    target: Target
    wanted: t.Mapping[str, t.Any]
    looked_up: t.Mapping[str, t.Any] = field(default_factory=dict)
    expect: t.Mapping[str, t.Any] = field(default_factory=dict)
    owed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """
    One field of one resource; ``before`` and ``after`` as users see them (snake_case). ``drops``: scheduled changes
    (field -> value) that Partner Center deletes with the subscription's changes and that are not written back, and the
    auto-renew that goes off with a suspension.
    ``received``: what the field was, so that it can be laid back, where ``before`` does not say all of it;
    ``lays_back``: what a rollback makes it again, where ``after`` does not.
    ``at_renewal``: of what waits for the end of the term, when that is (``term_end``), and what the renewal is without
    it (``unchanged``), for people.
    ``predictions``: what the server is expected to refuse or to do besides; what is about all changes of a resource is
    with the first of them.
    """

    target: Target
    field: str
    before: t.Any
    after: t.Any
    reversal: Reversal = YES
    drops: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    received: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    lays_back: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    at_renewal: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict, compare=False)
    predictions: tuple[Prediction, ...] = ()


#: ``restore`` has no values of its own: the engine writes back what the server dropped.
Step = t.Literal["reactivate", "change", "renewal", "restore", "suspend", "cancel", "put"]


@dataclass(frozen=True, slots=True)
class Write:
    """One PATCH or PUT: the fields laid over the freshly read resource."""

    target: Target
    step: Step
    values: t.Mapping[str, t.Any] = field(default_factory=dict)
    looked_up: t.Mapping[str, t.Any] = field(default_factory=dict)

    def __str__(self) -> str:
        names = ", ".join(self.values) or "scheduled changes"
        return f"{self.step} ({names})"


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordered way of one resource from its current to its desired state; empty when nothing differs."""

    desired: Desired
    changes: tuple[Change, ...] = ()
    writes: tuple[Write, ...] = ()
    #: What the server is expected to refuse or to do besides, for check mode.
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceOutcome:
    """
    What became of one desired resource.

    ``changes``: what was really changed, or in check mode what would be. ``resource``: as last seen (in check mode as
    it would be). ``operation``: a write that was accepted and is not waited for. ``not_started``: the later writes that
    a failure kept from being made.
    """

    desired: Desired
    changed: bool = False
    changes: tuple[Change, ...] = ()
    resource: Raw | None = None
    request_id: str | None = None
    correlation_id: str | None = None
    operation: t.Mapping[str, t.Any] | None = None
    warnings: tuple[str, ...] = ()
    error: Problem | None = None
    not_started: tuple[str, ...] = ()
