# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Partner Center in memory: the emulator's own logic without its server, on the history's clock.

It writes down who changed what: which request, somebody else, or time. That is what runs are judged by.
"""

from __future__ import annotations

import json
import random
import types
import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import parse_qsl, unquote

from partner_center_emulator import replay as emulator_replay
from partner_center_emulator import throttle as emulator_throttle
from partner_center_emulator.errors import Refusal, unauthorized
from partner_center_emulator.faults import Faults, Rule
from partner_center_emulator.fleet import Customer, Fleet
from partner_center_emulator.gateway import Gateway
from partner_center_emulator.generate import MAKERS
from partner_center_emulator.kinds.making import Made, Making
from partner_center_emulator.routes import find
from partner_center_emulator.sabotage import Sabotage
from partner_center_emulator.store import Store
from partner_center_emulator.subscriptions.record import Change, Record
from partner_center_emulator.subscriptions.views import view
from partner_center_emulator.switches import Switches
from partner_center_emulator.wire import BOM, Answer, Call
from partner_center_emulator.world import World

from .clockwork import EPOCH, MACHINE

ADDRESS: t.Final = "https://api.example"
Raw = dict[str, t.Any]
#: Customer and subscription, in lower case.
Ids = tuple[str, str]
#: Who changed something besides requests.
OTHERS, TIME = "others", "time"


class Clock:
    """The emulator's clock, as the history has it."""

    scale = 1.0

    def timestamp(self) -> float:
        return EPOCH + MACHINE.kernel.now

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.timestamp(), timezone.utc)

    def real_seconds(self, emulated: float) -> float:
        return emulated


emulator_throttle.time = types.SimpleNamespace(time=lambda: EPOCH + MACHINE.kernel.now)  # type: ignore[attr-defined]


@dataclass(slots=True)
class Asked:
    """
    A request as it arrived. ``run``: the number of the run that sent it; ``had_intent``: whether the disk knew of it
    then; ``effective`` where it changed something, perhaps later; ``after``: how many changes there had been.
    """

    number: int
    run: int
    at: float
    method: str
    path: str
    ids: Ids | None
    request_id: str
    had_intent: bool = True
    status: int | None = None
    effective: bool | None = None
    fault: str = ""
    after: int = 0
    #: Whether what was answered in place of a list is one, if an empty one.
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of a subscription, or of its contact; ``by``: the request, or OTHERS, or TIME."""

    number: int
    at: float
    ids: Ids
    before: Raw
    after: Raw
    by: Asked | str


class Tokens:
    """Access tokens with numbers; those up to a number are dead."""

    def __init__(self) -> None:
        self.last = 0
        self.dead = 0

    def issue(self) -> str:
        self.last += 1
        return f"token-of-the-simulation-{self.last:06d}"

    def check(self, header: str) -> Raw:
        number = int(header.rpartition("-")[2] or 0)
        if number <= self.dead:
            raise unauthorized(400, "Access denied: the token has expired.")
        return {"idtyp": "user", "amr": ["mfa"]}


class Notes:
    """What the emulator's own parts report, in place of its log."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.throttled = self.repeated = 0

    def took_effect(self, asked: Asked) -> None:
        asked.effective = True
        self._service.was_made_by(asked)


@dataclass
class Subscription(Record):
    """A record that tells of its changes."""

    service: Service | None = None

    def apply(self, change: Change, new_etag: bool = True) -> None:
        before = self.resource
        super().apply(change, new_etag)
        if self.service is not None:
            self.service.changed(self, before, self.resource)


class SimWorld(World):
    """The emulator's parts; what time does is not taken for what the request does that finds it done."""

    service: Service

    def settled(self, record: Record) -> Record:
        before, self.service.by = self.service.by, TIME
        try:
            return super().settled(record)
        finally:
            self.service.by = before


_FLEETS: dict[tuple[int, int], Fleet] = {}
_MADE: dict[tuple[t.Any, ...], Made] = {}
_PARENT_OF: t.Final = {"addon": "nce", "suspended_addon": "suspended_parent", "legacy_addon": "legacy_addon_parent"}


def fleet_of(variant: int, customers: int) -> Fleet:
    key = variant, customers
    if key not in _FLEETS:
        _FLEETS[key] = Fleet(variant, customers, 6, datetime.fromtimestamp(EPOCH, timezone.utc))
    return _FLEETS[key]


def _made(fleet: Fleet, customer: Customer, slot: int, kind: str, parent: Made | None) -> Made:
    key = fleet.seed, fleet.size, customer.index, slot, kind, parent and (parent.kind, parent.resource["id"])
    if key not in _MADE:
        making = Making(fleet, customer, random.Random(f"{fleet.seed}/{customer.index}/{slot}/{kind}"))
        others = [Made({**parent.resource}, parent.kind, parent.tags, parent.most_seats)] if parent else []
        # Ids depend on how many there are before it.
        making.made = [*others, *[Made({}, "", (), 1)] * (slot - len(others))]
        made = MAKERS[kind](making)
        reseller = customer.reseller
        if reseller is not None and slot % 4 != 3:
            made.resource["partnerId"] = reseller.mpn_id
        if reseller is not None and slot % 3 == 1 and not made.resource.get("productType"):
            made.contact = fleet.contact_of(reseller)
        _MADE[key] = made
    return _MADE[key]


class SimStore(Store):
    """The subscriptions that a history names: (customer's place, kind), each customer's in their order."""

    def __init__(self, fleet: Fleet, kinds: t.Sequence[tuple[int, str]], service: Service) -> None:
        super().__init__(fleet)
        ids = fleet.ids
        self._records = {one: {} for one in ids}
        self.order: list[Subscription] = []
        made_of: dict[int, list[Made]] = {}
        for place, kind in kinds:
            customer = fleet.customers[ids[place]]
            mine = made_of.setdefault(place, [])
            parent = next((one for one in mine if one.kind == _PARENT_OF.get(kind)), None)
            made = _made(fleet, customer, len(mine), kind, parent)
            mine.append(made)
            record = Subscription(
                customer.id, made.resource, made.kind, made.tags, made.most_seats, made.contact, service=service
            )
            self._records[customer.id][record.id.lower()] = record
            self.order.append(record)


@dataclass
class Service:
    """``log``: every request; ``changes``: every change."""

    kinds: t.Sequence[tuple[int, str]]
    variant: int
    switches: Raw
    log: list[Asked] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    by: Asked | str = OTHERS

    def __post_init__(self) -> None:
        fleet = fleet_of(self.variant, max(place for place, _kind in self.kinds) + 1)
        clock, switches = Clock(), Switches(self.switches)
        self.tokens = Tokens()
        self.store = SimStore(fleet, self.kinds, self)
        self.world = SimWorld(
            fleet=fleet,
            store=self.store,
            clock=t.cast("t.Any", clock),
            switches=switches,
            journal=t.cast("t.Any", Notes(self)),
            faults=Faults(),
            throttle=emulator_throttle.Throttle(t.cast("t.Any", clock), switches),
            replay=emulator_replay.Replay(),
            tokens=t.cast("t.Any", self.tokens),
            base_url=ADDRESS,
        )
        self.world.service = self
        self._gateway = Gateway(self.world)

    @property
    def records(self) -> list[Subscription]:
        return self.store.order

    def ids(self, record: Record) -> Ids:
        return record.customer_id.lower(), record.id.lower()

    def changed(self, record: Record, before: Raw, after: Raw) -> None:
        kernel = MACHINE.kernel
        self.changes.append(Changed(len(self.changes), kernel.now, self.ids(record), before, after, self.by))

    def was_made_by(self, asked: Asked) -> None:
        """The last change, which time was taken for, is that of a request that was accepted before."""
        if self.changes and self.changes[-1].by == TIME and self.changes[-1].ids == asked.ids:
            last = self.changes[-1]
            self.changes[-1] = Changed(last.number, last.at, last.ids, last.before, last.after, asked)

    def others_change(self, record: Subscription, change: Raw) -> None:
        """Somebody else changes a subscription."""
        self.by = OTHERS
        self.world.settled(record)
        removed = tuple(change.get("$unset", ()))
        record.apply(Change({name: value for name, value in change.items() if name != "$unset"}, removed))

    def stored(self) -> dict[Ids, Raw]:
        """Everything as it is now and as a client sees it, contacts below ``(contact)``."""
        for record in self.records:
            self.world.settled(record)
        switches = self.world.switches
        return {self.ids(one): {**view(one.resource, switches), "(contact)": one.contact} for one in self.records}

    def handle(self, asked: Asked, url: str, headers: t.Mapping[str, str], body: bytes, rule: Rule | None) -> Answer:
        """What is answered to a request, with a rule that spoils it."""
        path, _mark, query = url.removeprefix(ADDRESS).partition("?")
        path = unquote(path)
        parameters = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)} if query else {}
        folded = {name.lower(): value for name, value in headers.items()}
        call = Call(
            asked.method,
            path,
            parameters,
            folded,
            body,
            t.cast("t.Any", asked),
            request_id=asked.request_id,
            correlation_id=folded.get("ms-correlationid", ""),
        )
        endpoint, ids = find(path)
        plan = Sabotage(self.world, rule)
        self.by = asked
        record = self._record(ids) if asked.method == "PUT" and len(ids) == 2 else None
        contact = record.contact if record is not None else None
        answer = plan.instead() or plan.answer(call, self._gateway._answer(call, endpoint, ids, plan))
        if record is not None and record.contact != contact:
            self.changed(record, {"(contact)": contact}, {"(contact)": record.contact})
        self.by = OTHERS
        if asked.method != "GET" and asked.effective is None:
            asked.effective = bool(call.effective)
        asked.status = answer.status
        return answer

    def payload(self, answer: Answer) -> bytes:
        content = answer.payload()
        bom = self.world.switches["bom"]
        if content and answer.status < 300 and (bom == "all" or (bom == "documented" and answer.marked)):
            return BOM + content
        return content

    def _record(self, ids: t.Sequence[str]) -> Subscription | None:
        wanted = ids[0].lower(), ids[1].lower()
        return next((one for one in self.records if self.ids(one) == wanted), None)


def asked_of(number: int, run: int, method: str, url: str, headers: t.Mapping[str, str]) -> Asked:
    path = url.removeprefix(ADDRESS).partition("?")[0]
    _endpoint, ids = find(path)
    both = (ids[0].lower(), ids[1].lower()) if len(ids) == 2 else None
    return Asked(number, run, MACHINE.kernel.now, method, path, both, headers.get("MS-RequestId", ""))


def refusal_text(refusal: Refusal) -> bytes:
    return json.dumps(refusal.body(False)).encode()
