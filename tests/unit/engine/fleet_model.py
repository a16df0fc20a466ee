# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A stage for fleets' property tests: the emulator over TLS, a run of the engine on it, and what the server says of it.

Nothing here asks the engine whether it did well: stored resources, the server's log and the journal's lines are
compared with what was wanted, in terms of their own.
"""

from __future__ import annotations

import json
import threading
import time
import typing as t
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import PartnerCenterError
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings
from ansible_collections.csp.partner_center.plugins.module_utils._engine import fleet
from ansible_collections.csp.partner_center.plugins.module_utils._engine.fleet_apply import FleetOutcome, Limits
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.protocol import Journal, NoJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.planning.plans import Scope
from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import Progress
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Options, Runtime, once
from ansible_collections.csp.partner_center.plugins.module_utils._state.guard import Guard
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import parse_items
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.parse import parse_policies

from ..emulators import STRICT, Emulator
from .fleet_cases import CUSTOMERS, EACH, Case, Values

#: The fleet's epoch: at noon, nothing renews and no window closes within the minutes that a test takes.
NOON: t.Final = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
ARGUMENTS: t.Final = (
    *("--customers", str(CUSTOMERS), "--subscriptions-per-customer", str(EACH), "--seed", "7"),
    *("--now", NOON.isoformat()),
    *STRICT,
    *("--switch", "billing_cycle_terms=any"),
)

#: What the server keeps up by itself.
SERVERS_OWN: t.Final = frozenset({"attributes", "refundableQuantity", "suspensionReasons", "actions"})
RENEWAL: t.Final = "scheduled_next_term_instructions"
KEYS: t.Final = {
    "friendly_name": "friendlyName",
    "quantity": "quantity",
    "auto_renew_enabled": "autoRenewEnabled",
    "status": "status",
    "billing_cycle": "billingCycle",
    "partner_id": "partnerId",
    RENEWAL: "scheduledNextTermInstructions",
    "support_contact": "(contact)",
}
_NESTED: t.Final = {
    "quantity": "quantity",
    "custom_term_end_date": "customTermEndDate",
    "billing_cycle": "billingCycle",
    "term_duration": "termDuration",
    "support_tenant_id": "supportTenantId",
    "support_mpn_id": "supportMpnId",
    "name": "name",
}

Ids = tuple[str, str]
#: A subscription as the server holds it, its support contact below ``(contact)``.
Stored = dict[str, t.Any]


class Clock(Surroundings):
    """The client's time: waits skip it, and move the emulator's clock along."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self._emulator = emulator
        self._skipped = 0.0
        self._lock = threading.Lock()

    def clock(self) -> float:
        return time.monotonic() + self._skipped

    def now(self) -> datetime:
        return NOON

    def uniform(self, low: float, high: float) -> float:
        return high

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            with self._lock:
                self._skipped += seconds
            self._emulator.control("POST", "clock", {"advance": seconds})

    def wait(self, changed: threading.Condition, seconds: float | None) -> None:
        if seconds is None:
            super().wait(changed, seconds)
            return
        changed.release()
        try:
            self.sleep(seconds)
        finally:
            changed.acquire()


class EnginesTime(Surroundings):
    """The engine's time is real, its back-off a hundredth of the usual."""

    def now(self) -> datetime:
        return NOON

    def uniform(self, low: float, high: float) -> float:
        return low / 100


@dataclass(frozen=True)
class Report:
    """One run, and the fleet (ids in lower case) before and after. ``stopped``: why it could not even be planned."""

    before: dict[Ids, Stored]
    after: dict[Ids, Stored]
    outcomes: list[FleetOutcome]
    plan: list[Values]
    #: The requests that the server got, and the lines of the journal.
    log: list[Values]
    journal: str
    stopped: Exception | None = None

    def of(self, event: str) -> list[Values]:
        return [line for line in map(json.loads, self.journal.splitlines()) if line["event"] == event]

    @property
    def results(self) -> dict[str, str]:
        """request id -> the last result that the journal holds of it."""
        return {line["request_id"]: line["result"] for line in self.of("outcome")}

    @property
    def writes(self) -> list[Values]:
        return [one for one in self.log if one["method"] in ("PATCH", "PUT", "POST")]

    def by_id(self) -> dict[Ids, FleetOutcome]:
        return {outcome.subject.item.key: outcome for outcome in self.outcomes}


class Stage:
    """The emulator, and runs of the engine on it with waits that take no time."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self._folder = folder
        self._numbers = iter(range(10**9))
        self.ids: list[Ids] = [
            (customer["id"].lower(), subscription["id"].lower())
            for customer in emulator.control("GET", "fleet")["customers"]
            for subscription in customer["subscriptions"]
        ]

    def set(self, case: Case) -> None:
        """The fleet, its switches and what is in store for it."""
        self.emulator.reset()
        for place, name in case.tweaks:
            self._tweak(self.ids[place], name)
        self.emulator.switch(**case.switches)
        self.disturb(case)

    def disturb(self, case: Case) -> None:
        for place, hook in case.hooks:
            self.emulator.control("POST", self._path(self.ids[place]) + "/hooks", hook)
        if case.faults:
            self.emulator.control("POST", "faults", list(case.faults))

    def calm(self, case: Case) -> None:
        """No more mishaps; what was accepted for later has happened."""
        self.emulator.control("DELETE", "faults")
        self.emulator.control("POST", "clock", {"advance": 60})
        for place, _hook in case.hooks:
            self.emulator.control("DELETE", self._path(self.ids[place]) + "/hooks")

    def fleet(self) -> dict[Ids, Stored]:
        return {ids: {**self.emulator.stored(ids), KEYS["support_contact"]: self._contact(ids)} for ids in self.ids}

    def run(self, case: Case, items: list[Values] | None = None, *, check_mode: bool = False) -> Report:
        """Plan and apply, as the module does; ``items`` instead of the case's own wishes."""
        self.emulator.forget()
        before = self.fleet()
        path = self._folder / f"journal-{next(self._numbers)}.jsonl"
        journal = FileJournal(str(path), lambda: NOON)
        try:
            outcomes, plan = self._engine(case, items, NoJournal() if check_mode else journal, check_mode)
            stopped = None
        except PartnerCenterError as error:
            outcomes, plan, stopped = [], [], error
        finally:
            journal.close({})
        log = self.emulator.requests()
        self.calm(case)
        # What was accepted for later has been counted when its time had come.
        effective = {one["n"] for one in self.emulator.requests() if one["effective"]}
        log = [{**one, "effective": one["n"] in effective} for one in log]
        return Report(before, self.fleet(), outcomes, plan, log, path.read_text(), stopped)

    def _engine(
        self, case: Case, items: list[Values] | None, journal: Journal, check_mode: bool
    ) -> tuple[list[FleetOutcome], list[Values]]:
        given = items if items is not None else [self._item(*one) for one in case.items]
        scope = Scope(
            parse_items("subscriptions", given),
            parse_policies("policies", list(case.policies) if items is None else None),
        )
        clock, progress = Clock(self.emulator), Progress()
        options = {**self.emulator.connection, "token_cache_path": str(self._folder / "tokens"), "retries": 3}
        client = connect(
            resolve_connection(options, {}),
            redactor=Redactor(),
            observer=progress,
            surroundings=clock,
        )
        runtime = Runtime(
            client,
            Options(t.cast("t.Any", case.scheduled_changes), wait_timeout=0.6, wait_interval=0.05, retries=3),
            known_resellers=once(client.indirect_resellers),
            journal=journal,
            surroundings=EnginesTime(),
        )
        limits = Limits(case.max_failures, case.threads)
        task = fleet.FleetTask(scope, Guard(forbid_statuses=()), limits, check_mode=check_mode, keep_unchanged=True)
        done = fleet.run_fleet(task, runtime, progress)
        return done.outcomes, done.plan

    def _item(self, place: int, settings: Values) -> Values:
        customer_id, subscription_id = self.ids[place]
        return {"customer_id": customer_id, "subscription_id": subscription_id, **settings}

    def _path(self, ids: Ids) -> str:
        return "customers/{}/subscriptions/{}".format(*ids)

    def _contact(self, ids: Ids) -> Values | None:
        return t.cast("Values | None", self.emulator.control("GET", f"{self._path(ids)}/supportcontact"))

    def _tweak(self, ids: Ids, name: str) -> None:
        if name == "contact":
            reseller = self.emulator.control("GET", "fleet?limit=1")["resellers"][-1]
            self.emulator.control("PUT", f"{self._path(ids)}/supportcontact", reseller)
            return
        self.emulator.store(ids, **_tweaked(self.emulator.stored(ids), name))
        # Once more without a change, so that a stale read does not go back behind the fleet's beginning.
        self.emulator.store(ids)


def _tweaked(stored: Stored, name: str) -> Values:
    if name == "scheduled":
        parts = str(stored["offerId"]).split(":")
        if len(parts) != 3 or stored["billingType"] == "usage":
            return {}
        product = dict(zip(("productId", "skuId", "availabilityId"), parts, strict=True))
        product |= {"billingCycle": "annual", "termDuration": "P1Y"}
        return {"autoRenewEnabled": True, KEYS[RENEWAL]: {"product": product, "quantity": stored["quantity"] + 1}}
    changes: dict[str, Values] = {
        "not renewing": {"autoRenewEnabled": False, "$unset": [KEYS[RENEWAL]]},
        "nameless": {"friendlyName": ""},
        "with partner": {"partnerId": "4391507"},
        "large": {"quantity": 60},
        "null": {KEYS[RENEWAL]: None, "nextChargeInstructions": None},
        "suspended": {"status": "suspended", "suspensionReasons": ["Other"]},
    }
    return changes[name]


def alike(one: t.Any, other: t.Any) -> bool:
    """Whether two stored values mean the same: nulls and empty values are nothing, enums and ids have no case."""
    return bool(_plain(one) == _plain(other))


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key.lower(): _plain(item) for key, item in value.items() if item not in (None, "", {}, [])} or None
    if isinstance(value, str):
        return value.lower() or None
    return value or None if value != 0 or isinstance(value, bool) else 0


def shows(stored: Stored, name: str, wanted: t.Any) -> bool:
    """Whether a stored subscription is as a setting wants it; names to the letter, the rest as :func:`alike`."""
    value = stored.get(KEYS[name])
    if name == "friendly_name":
        return bool(value == wanted)
    if name == "billing_cycle" and stored.get("nextChargeInstructions"):
        # It changes with the next charge.
        value = stored["nextChargeInstructions"]["product"]["billingCycle"]
    return _holds(value, wanted) if isinstance(wanted, dict) else alike(value, wanted)


def _holds(value: t.Any, wanted: Values) -> bool:
    if not isinstance(value, dict):
        return False
    nested = {**wanted.get("product", {}), **{key: item for key, item in wanted.items() if key != "product"}}
    found = {**value, **(value.get("product") or {}), "quantity": value.get("quantity")}
    return all(alike(found.get(_NESTED[key]), item) for key, item in nested.items())


def wanted_of(outcome: FleetOutcome) -> Values:
    """What was wanted of a subscription: field -> value, None for no value; the contact is one field."""
    item = outcome.subject.item
    contact = {"support_contact": dict(item.contact)} if item.contact else {}
    return {**item.settings, **contact}


def differing(before: Stored, after: Stored) -> set[str]:
    """The keys that changed, those that the server keeps up by itself left out."""
    return {key for key in (before.keys() | after.keys()) - SERVERS_OWN if not alike(before.get(key), after.get(key))}
