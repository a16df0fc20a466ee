# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Histories played: the engine, the client, the gate and the journal as they are, run after run."""

from __future__ import annotations

import random
import types
import typing as t
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial

from partner_center_emulator import ids as emulator_ids

from ansible_collections.csp.partner_center.plugins.module_utils._api import client as api_client
from ansible_collections.csp.partner_center.plugins.module_utils._api import operation as api_operation
from ansible_collections.csp.partner_center.plugins.module_utils._api import transport as api_transport
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._api.throttle import gate as api_gate
from ansible_collections.csp.partner_center.plugins.module_utils._common import line_file
from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Problem
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._engine import fleet, fleet_apply, progress, scheduler
from ansible_collections.csp.partner_center.plugins.module_utils._engine import runtime as engine_runtime
from ansible_collections.csp.partner_center.plugins.module_utils._engine.fleet_apply import Limits
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal import file as journal_file
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal import opening as journal_opening
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.protocol import NoJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.planning.plans import Scope
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Options, Runtime, once
from ansible_collections.csp.partner_center.plugins.module_utils._state.guard import parse_guard
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import parse_items
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.parse import parse_policies
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import (
    journal_runs,
    plan_file,
    plan_items,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.unfinished_runs import UnfinishedWork

from . import disk
from .clockwork import EPOCH, LONGEST_RUN, MACHINE, THREADING, Around, Kernel, Process
from .disk import HERE, Disk
from .history import History, Run, Values
from .network import Network, Rivals
from .service import ADDRESS, Ids, Raw, Service

TENANT: t.Final = "aaaaaaaa-0000-4000-8000-000000000001"
_SETTINGS: t.Final = resolve_connection({"access_token": "token-of-the-simulation", "api_url": ADDRESS}, {})


def _new_id() -> str:
    return MACHINE.kernel.new_id()


def _install() -> None:
    """The modules that wait, write or draw get what the history has in the place of the machine's."""
    for module in (api_gate, scheduler, engine_runtime, fleet_apply, progress, journal_file):
        module.threading = THREADING  # type: ignore[attr-defined]
    ids = types.SimpleNamespace(uuid4=_new_id, uuid5=api_client.uuid.uuid5, NAMESPACE_URL=api_client.uuid.NAMESPACE_URL)
    for module in (api_operation, journal_file, emulator_ids):
        module.uuid = ids  # type: ignore[attr-defined]
    for module in (line_file, journal_file, journal_opening):
        module.os = disk.OS  # type: ignore[attr-defined]
    journal_opening.fcntl = disk.FCNTL  # type: ignore[attr-defined]
    journal_opening.Path = disk.Path  # type: ignore[misc,assignment]
    journal_opening.private_file = disk.FOLDERS  # type: ignore[attr-defined]


_install()


class Tokens:
    """The client's side of signing in: a new token whenever one is refused."""

    mode = "app_user"

    def __init__(self, service: Service) -> None:
        self._service = service
        self._token = service.tokens.issue()

    def token(self) -> str:
        return self._token

    def renew(self, after: str) -> str:
        if after == self._token:
            self._token = self._service.tokens.issue()
        return self._token

    def tenant_id(self) -> str:
        return TENANT


@dataclass
class Played:
    """
    What became of one run. ``before`` and ``after``: the fleet; ``changes``: which changes of the service fall into its
    time; ``asked``: which requests. ``result`` is None where it died or ``error`` ended it. ``items``: what was asked.
    """

    number: int
    run: Run
    items: list[Values]
    policies: list[Values]
    is_rollback: bool = False
    before: dict[Ids, Raw] = field(default_factory=dict)
    after: dict[Ids, Raw] = field(default_factory=dict)
    changes: range = range(0)
    asked: range = range(0)
    result: fleet.FleetResult | None = None
    error: BaseException | None = None
    is_dead: bool = False
    is_calm: bool = False
    #: Whether another run was under way at the same time.
    is_beside: bool = False
    began: float = 0.0
    ended: float = 0.0
    steps: int = 0
    #: How many requests the history had seen when the run was told to end.
    told_to_end: int | None = None
    run_id: str | None = None
    journal_path: str | None = None
    journal_failure: Problem | None = None
    journal_was: int = 0
    text: str = ""
    met: Counter[str] = field(default_factory=Counter)
    undoes: Values | None = None
    left_out: list[t.Any] = field(default_factory=list)
    unfinished: UnfinishedWork = field(default_factory=UnfinishedWork)

    @property
    def name(self) -> str:
        return f"run {self.number} ({self.run.way}{', calm' if self.is_calm else ''})"


@dataclass
class Story:
    """A history that was played."""

    history: History
    service: Service
    disk: Disk
    kernel: Kernel
    played: list[Played] = field(default_factory=list)
    rivals_made: int = 0

    def journal(self, path: str = "journal") -> str:
        file = self.disk.files.get(path)
        return "" if file is None else bytes(file.content).decode("utf-8", "replace")


def play(history: History) -> Story:
    """Play it, and at the end once more without anything in its way."""
    return _Play(history).whole()


class _Play:
    def __init__(self, history: History) -> None:
        self.history = history
        self.kernel = MACHINE.kernel = Kernel(str(history.seed))
        self.disk = HERE.disk = Disk()
        self.service = Service(history.fleet, history.variant, history.switches)
        for place, name in history.tweaks:
            _tweak(self.service, place, name)
        self.service.changes.clear()
        self.rivals = Rivals(self.service, [*history.rivals])
        self.story = Story(history, self.service, self.disk, self.kernel)
        self.plan: str | None = None
        self.wishes: tuple[list[Values], list[Values]] = [], []

    def whole(self) -> Story:
        runs = [*self.history.runs]
        while runs:
            group = [runs.pop(0)]
            while runs and runs[0].is_beside:
                group.append(runs.pop(0))
            self._group(group)
        self._calm()
        self.story.rivals_made = self.rivals.made
        return self.story

    def _group(self, runs: list[Run]) -> None:
        """Runs at the same time."""
        self.kernel.now += runs[0].hours * 3600
        self.kernel.until = self.kernel.now + LONGEST_RUN
        prepared = [one for one in map(self._prepared, runs) if one is not None]
        for one in prepared:
            one.is_beside = len(prepared) > 1
        if len(prepared) == 1:
            self._run(prepared[0])
            return
        self.kernel.join([self.kernel.spawn(partial(self._run, one), None) for one in prepared])

    def _prepared(self, run: Run) -> Played | None:
        """What a run is asked to do; None where there is nothing, such as no run to undo."""
        number = len(self.story.played)
        if run.way in ("apply", "plan"):
            self.wishes = [self._item(*one) for one in run.items], run.policies
        played = Played(number, run, *self.wishes)
        if run.way == "approved":
            if self.plan is None:
                return None
            content = plan_file.parse_plan_file(self.plan)
            played.items, played.policies = plan_items.to_desired(content), []
            if not played.items:
                return None
        if run.way == "rollback" and not self._undoing(played):
            return None
        self.story.played.append(played)
        return played

    def _undoing(self, played: Played) -> bool:
        text = self.story.journal()
        runs = journal_runs.runs_of_journal(text) if text.strip() else []
        try:
            chosen = journal_runs.run_to_undo(runs)
        except Problem:
            return False
        if chosen is None:
            return False
        now = datetime.fromtimestamp(EPOCH + self.kernel.now, timezone.utc)
        items, played.left_out = plan_items.to_rollback(text, now, chosen.run.id)
        played.items, played.policies, played.is_rollback = items, [], True
        played.undoes = {"run_id": chosen.run.id}
        return bool(items)

    def _calm(self) -> None:
        """Some hours later all that was accepted has happened, and the last run is made again in peace."""
        self.kernel.now += 2 * 3600
        self.kernel.until = self.kernel.now + LONGEST_RUN
        self.rivals.changes.clear()
        self.disk.room = None
        self.service.stored()
        for record in self.service.records:
            record.pending = None
        if self.service.world.switches["accepted_outcome"] == "lost" or (
            self.service.world.switches["accepted_delay"] == "never"
        ):
            self.service.world.switches.update({"accepted_outcome": "applied", "accepted_delay": 5.0})
        last = next((one for one in reversed(self.story.played) if one.run.way != "plan"), None)
        if last is None:
            return
        options = {**last.run.options, "retries": 5, "wait_timeout": 300, "wait": True}
        run = Run("again" if not last.is_rollback else "rollback", options=options, guard=last.run.guard)
        number = len(self.story.played)
        calm = Played(number, run, last.items, last.policies, last.is_rollback, is_calm=True, undoes=last.undoes)
        self.story.played.append(calm)
        self._run(calm)

    def _item(self, place: int, settings: Values) -> Values:
        record = self.service.records[place % len(self.service.records)]
        return {"customer_id": record.customer_id, "subscription_id": record.id, **settings}

    def _run(self, played: Played) -> None:
        run, kernel = played.run, self.kernel
        draw = random.Random(f"{self.history.seed}/{played.number}")
        process = Process(
            draw, kill_at=run.kill_at, stop_at=run.stop_at, after_write=run.after_write, log=self.service.log
        )
        kernel.current.process = process
        self.disk.room = run.disk_room
        played.before, played.began = self.service.stored(), kernel.now
        first_change, first_asked = len(self.service.changes), len(self.service.log)
        try:
            _Module(self, played, process, draw).work()
        except BaseException as error:  # noqa: BLE001 - that it was raised is what is looked at
            played.error = error
        played.is_dead, played.steps, played.ended = process.is_dead, process.steps, kernel.now
        played.told_to_end = process.stopped_at
        self.disk.died(process)
        if process.is_dead:
            played.result = None
            if run.loses_power and not played.is_beside:
                self.disk.lose_power(draw)
        self.disk.room = None
        played.after = self.service.stored()
        played.changes = range(first_change, len(self.service.changes))
        played.asked = range(first_asked, len(self.service.log))
        if played.journal_path is not None:
            played.text = self.story.journal(played.journal_path)
        kernel.current.process = None


class _Module:
    """The fleet module's way through the engine (``_module/fleet/run``), without Ansible."""

    def __init__(self, play: _Play, played: Played, process: Process, draw: random.Random) -> None:
        self._play, self._played, self._process = play, played, process
        self._around = Around(process)
        run = played.run
        if run.has_journal and run.way != "plan":
            apart = run.is_beside and not run.shares_journal
            played.journal_path = f"journal-{played.number}" if apart else "journal"
        faults = () if played.is_calm else run.faults
        self._network = Network(
            play.service, play.rivals, played.number, process, self._around, faults, played.journal_path, draw
        )
        played.met = self._network.met

    def work(self) -> None:
        played, run, around = self._played, self._played.run, self._around
        observer = progress.Progress(clock=around.clock)
        tokens: t.Any = Tokens(self._play.service)
        retries = run.options.get("retries", 5)
        redactor = Redactor()
        redactor.add(tokens.token())
        settings = replace(_SETTINGS, retries=retries)
        http: t.Any = self._network
        transport = api_transport.Transport(settings, tokens, http, around, redactor=redactor, observer=observer)
        client = api_client.PartnerCenter(
            transport, tokens, around, has_extended_terms=self._play.service.world.switches["est_available"]
        )
        path = played.journal_path
        journal = None if path is None else journal_file.FileJournal(path, around.now, None, redactor.scrub)
        played.run_id = journal.run_id if journal is not None else None
        options = Options(**{"retries": retries, **run.options}, is_rollback=played.is_rollback)
        runtime = Runtime(
            client,
            options,
            known_resellers=once(client.indirect_resellers),
            journal=journal or NoJournal(),
            surroundings=around,
        )
        place = {"tenant_id": TENANT, "api_url": ADDRESS}
        task = self._task()
        if journal is not None:
            played.unfinished = journal.left_by_earlier_runs(place)
            task = replace(task, unfinished=played.unfinished)
        undoes = None if played.undoes is None else played.undoes["run_id"]

        def begin() -> None:
            if journal is not None:
                journal.start(**place, undoes=undoes)

        done = fleet.run_fleet(task, runtime, observer, before_writing=begin)
        played.result = done
        if journal is not None:
            if done.is_planned:
                journal.close({})
            played.journal_failure = journal.failure
        if run.way == "plan" and not done.errors:
            content = plan_file.plan_file(TENANT, ADDRESS, around.now(), done.plan)
            self._play.plan = plan_file.canonical_json(content)

    def _task(self) -> fleet.FleetTask:
        played, run = self._played, self._played.run
        guard = {"forbid_statuses": ["deleted"] if played.is_rollback else [], **run.guard}
        return fleet.FleetTask(
            Scope(
                parse_items("subscriptions", played.items, is_rollback=played.is_rollback),
                parse_policies("policies", played.policies or None),
            ),
            parse_guard("guard", guard),
            Limits(run.max_failures, run.threads),
            check_mode=run.way == "plan",
            keep_unchanged=True,
            journal_path=played.journal_path or "",
        )


def _tweak(service: Service, place: int, name: str) -> None:
    record = service.records[place % len(service.records)]
    stored = record.resource
    if name == "scheduled":
        parts = str(stored["offerId"]).split(":")
        if len(parts) != 3 or stored["billingType"] == "usage":
            return
        product = dict(zip(("productId", "skuId", "availabilityId"), parts, strict=True))
        product |= {"billingCycle": "annual", "termDuration": "P1Y"}
        wanted = {"product": product, "quantity": stored["quantity"] + 1}
        change = {"autoRenewEnabled": True, "scheduledNextTermInstructions": wanted, "$unset": ["scheduledActions"]}
        service.others_change(record, change)
        return
    changes: dict[str, Values] = {
        "not renewing": {"autoRenewEnabled": False, "$unset": ["scheduledNextTermInstructions"]},
        "nameless": {"friendlyName": ""},
        "with partner": {"partnerId": "4391507"},
        "large": {"quantity": 60},
        "null": {"scheduledNextTermInstructions": None, "nextChargeInstructions": None},
        "suspended": {"status": "suspended", "suspensionReasons": ["Other"]},
    }
    service.others_change(record, changes[name])
