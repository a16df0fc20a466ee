# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What earlier runs have left open, as their journal shows: writes of which nobody knows whether they were made,
and scheduled changes that one write deleted and no other gave back. Pure.

The format is the one that ``_engine/journal.py`` writes. The end of a run names what is still owed, so that nothing
before it has to be read again.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields, plan_file
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import Key

_Line = t.Mapping[str, t.Any]


@dataclass(frozen=True, slots=True)
class Owed:
    """
    Scheduled changes of a subscription (field -> value, as the journal shows it) that a run deleted and did not write
    back, as far as the journal knows. ``is_told``: a later run has come to its end, and has said so.
    """

    run: str
    time: str
    customer_id: str
    subscription_id: str
    schedules: t.Mapping[str, t.Any]
    tenant_id: str | None = None
    api_url: str | None = None
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A write that may have been made: its run did not end, and does not say how it ended. ``names``: its fields."""

    run: str
    time: str
    customer_id: str
    subscription_id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """What is open. ``owed``: by customer and subscription id in lower case."""

    owed: t.Mapping[Key, Owed] = field(default_factory=dict)
    doubtful: tuple[Doubtful, ...] = ()


def left_open(lines: t.Iterable[t.Any], here: _Line | None = None) -> LeftOpen:
    """
    What the runs of a journal have left open, of its lines from the last run's end on; other lines are passed over.

    With ``here`` (as :func:`plan_file.require_place` takes it), only of runs at this tenant and address.
    """
    found = _Fold()
    for line in lines:
        if isinstance(line, dict):
            found.add(line)
    return found.result(here)


def carried(left: LeftOpen) -> list[dict[str, t.Any]]:
    """What is owed, for the line that ends a run."""
    names = ("run", "time", "customer_id", "subscription_id", "tenant_id", "api_url")
    return [
        {**{name: getattr(owed, name) for name in names}, "schedules": dict(owed.schedules)}
        for owed in left.owed.values()
    ]


class _Fold:
    """Keeps of a journal's lines only what is open."""

    def __init__(self) -> None:
        self._places: dict[str, _Line] = {}
        #: Intents of which the end is not known, by request id.
        self._intents: dict[str, _Line] = {}
        #: By subscription and field, with the request id of the write that took it away.
        self._owed: dict[tuple[Key, str], tuple[str, Owed]] = {}

    def add(self, line: _Line) -> None:
        event, request_id = line.get("event"), str(line.get("request_id"))
        if event == "start":
            self._places[str(line.get("run"))] = line
        elif event == "intent" and line.get("kind") != "support_profile":
            self._intents[request_id] = line
            self._owe(line)
        elif event == "outcome" and request_id in self._intents:
            self._settle(self._intents[request_id], line.get("result"))
            if line.get("result") in ("applied", "failed"):
                del self._intents[request_id]
        elif event == "settled":
            for name in line.get("names") or ():
                self._owed.pop((_key(line), name), None)
        elif event == "end":
            self._end(line)

    def _end(self, line: _Line) -> None:
        """The run has told what became of its writes, and at its beginning what others had left."""
        self._intents.clear()
        for one in line.get("owed") or ():
            owed = Owed(**{**one, "schedules": {}})
            for name, value in one["schedules"].items():
                self._owed[_key(one), name] = "", replace(owed, schedules={name: value})
        self._owed = {place: ("", replace(owed, is_told=True)) for place, (_id, owed) in self._owed.items()}

    def _owe(self, intent: _Line) -> None:
        before, run = intent.get("before") or {}, str(intent.get("run"))
        for name in intent.get("restores") or ():
            _id, known = self._owed.get((_key(intent), name), ("", None))
            # What the first write of an item takes away, later ones of it do not find any more.
            if before.get(name) and (known is None or known.run != run):
                place = self._places.get(run, {})
                owed = Owed(
                    **_about(intent),
                    schedules={name: before[name]},
                    tenant_id=place.get("tenant_id"),
                    api_url=place.get("api_url"),
                )
                self._owed[_key(intent), name] = str(intent.get("request_id")), owed

    def _settle(self, intent: _Line, result: t.Any) -> None:
        after, restores = intent.get("after") or {}, intent.get("restores") or ()
        for name in fields.SCHEDULES:
            request_id, _known = self._owed.get((_key(intent), name), ("", None))
            is_undone = result == "failed" and request_id == intent.get("request_id")
            is_said = name in after and name not in restores
            if is_undone or (result == "applied" and (is_said or after.get("status") == "deleted")):
                self._owed.pop((_key(intent), name), None)

    def result(self, here: _Line | None) -> LeftOpen:
        owed: dict[Key, Owed] = {}
        for (key, _name), (_id, one) in self._owed.items():
            if _is_at(here, {"tenant_id": one.tenant_id, "api_url": one.api_url}):
                known = owed[key].schedules if key in owed else {}
                owed[key] = replace(one, schedules={**known, **one.schedules})
        doubtful = [
            Doubtful(**_about(one), names=tuple(one.get("after") or ()))
            for one in self._intents.values()
            if _is_at(here, self._places.get(str(one.get("run")), {}))
        ]
        return LeftOpen(owed, tuple(doubtful))


def _about(intent: _Line) -> dict[str, t.Any]:
    return {name: str(intent.get(name)) for name in ("run", "time", "customer_id", "subscription_id")}


def _key(line: _Line) -> Key:
    return str(line.get("customer_id")).lower(), str(line.get("subscription_id")).lower()


def _is_at(here: _Line | None, made: _Line) -> bool:
    try:
        plan_file.require_place("journal", made, here or {})
    except Refused:
        return False
    return True
