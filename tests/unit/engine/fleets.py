# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet on the one path, in this process, as the module runs it."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings
from ansible_collections.csp.partner_center.plugins.module_utils._engine import fleet
from ansible_collections.csp.partner_center.plugins.module_utils._engine.fleet_apply import FleetOutcome, Limits
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.planning.plans import FleetPlan, Scope
from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import Progress
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import (
    Options,
    Runtime,
    once,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.guard import parse_guard
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import parse_items
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.parse import parse_policies
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.unfinished_runs import UnfinishedWork

from ..emulators import Emulator
from .one_path import OnePath

#: The API's field whose loss most tests of scheduled changes are about.
INSTRUCTIONS = "scheduledNextTermInstructions"


class Impatient(Surroundings):
    """Real time, but a hundredth of the usual back-off."""

    def uniform(self, low: float, high: float) -> float:
        return low / 100


class Run(t.NamedTuple):
    fleet: FleetPlan
    plan: list[dict[str, t.Any]]
    outcomes: list[FleetOutcome]
    progress: Progress
    #: Why the task fails.
    why_failed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def changed(self) -> list[str]:
        return [outcome.subject.item.subscription_id for outcome in self.outcomes if outcome.changed]

    def errors(self) -> list[str]:
        return [str(outcome.error) for outcome in self.outcomes if outcome.error is not None]


class Fleet:
    """Runs a fleet as the module does, in this process."""

    def __init__(self, path: OnePath) -> None:
        self.emulator = path.emulator
        self.progress = Progress()
        self.path = path

    def run(
        self,
        subscriptions: list[dict[str, t.Any]] | None = None,
        policies: list[dict[str, t.Any]] | None = None,
        customers: list[str] | None = None,
        *,
        check_mode: bool = False,
        guard: dict[str, t.Any] | None = None,
        journal: FileJournal | None = None,
        max_failures: int | None = None,
        threads: int = 4,
        stopped: t.Callable[[], bool] = lambda: False,
        requests_per_minute: int | None = None,
        retries: int | None = None,
        owed: t.Mapping[t.Any, t.Any] | None = None,
        **options: t.Any,
    ) -> Run:
        scope = Scope(
            parse_items("subscriptions", subscriptions or [], is_rollback=options.get("is_rollback", False)),
            parse_policies("policies", policies),
            None if customers is None else tuple(customers),
        )
        progress = Progress()
        around = Impatient(stopped)
        client = self.path.connect(
            observer=progress, surroundings=around, requests_per_minute=requests_per_minute, retries=retries
        )
        more = {"journal": journal} if journal is not None else {}
        runtime = Runtime(
            client,
            Options(**options),
            known_resellers=once(client.indirect_resellers),
            surroundings=around,
            **more,
        )
        task = fleet.FleetTask(
            scope,
            parse_guard("guard", guard or {}),
            Limits(max_failures, threads),
            check_mode=check_mode,
            unfinished=UnfinishedWork(owed or {}),
        )
        done = fleet.run_fleet(task, runtime, progress)
        if done.breach is not None:
            raise done.breach
        return Run(done.fleet, done.plan, done.outcomes, progress, tuple(map(str, done.errors)), done.warnings)


def item(ids: tuple[str, str], **values: t.Any) -> dict[str, t.Any]:
    """One of a task's ``subscriptions``."""
    return {"customer_id": ids[0], "subscription_id": ids[1], **values}


def rename(emulator: Emulator, kind: str = "nce", count: int = 5) -> list[dict[str, t.Any]]:
    ids = emulator.all(kind, "active")[:count]
    return [item(one, friendly_name=f"n {one[1]}") for one in ids]


def methods(emulator: Emulator) -> Counter[str]:
    """The requests so far: lists by what they list, others by method."""
    named = {"subscriptions": "LIST", "customers": "CUSTOMERS"}
    return Counter(named.get(one["path"].rsplit("/", 1)[-1], one["method"]) for one in emulator.requests())
