# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What earlier runs have left unfinished, as their journal shows: writes of which nobody knows whether they were
made, and scheduled changes that one write deleted and no other restored. Pure.

The end of a run names what is still to be restored, so that nothing before it has to be read again.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from .. import kinds
from ..items import Key
from ..schedules.table import NAMES, ROWS_BY_NAME
from . import plan_file
from .journal_format import End, Intent, PendingRestore, Settled, Start, WriteOutcome
from .journal_lines import Line

_Place = t.Mapping[str, t.Any]


@dataclass(frozen=True, slots=True)
class UncertainWrite:
    """
    A write that may have been made: its run did not end, and does not say how it ended. ``resource``: for people;
    ``names``: its fields.
    """

    run: str
    time: str
    resource: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnfinishedWork:
    """
    What is unfinished. ``pending_restores``: by customer and subscription id in lower case; ``reported``: of which of
    them a later run has warned, as it came to its end. ``elsewhere``: what runs at other tenants and addresses have
    left, which this one cannot finish, with their tenants.
    """

    pending_restores: t.Mapping[Key, PendingRestore] = field(default_factory=dict)
    uncertain_writes: tuple[UncertainWrite, ...] = ()
    reported: frozenset[Key] = frozenset()
    elsewhere: tuple[tuple[str | None, PendingRestore | UncertainWrite], ...] = ()


def unfinished_work(lines: t.Iterable[Line], here: _Place | None = None) -> UnfinishedWork:
    """
    What the runs of a journal have left unfinished, of its lines from the last run's end on.

    With ``here`` (as :func:`plan_file.require_place` takes it), only of runs at this tenant and address.
    """
    found = UnfinishedCollector()
    for line in lines:
        found.add(line)
    return found.result(here)


@dataclass(frozen=True, slots=True)
class _Pending:
    """
    One scheduled change. ``request_id``: of the write that deleted it, where no run has ended since. ``earlier``: what
    another run has left of it, and what counts again where that write was refused.
    """

    restore: PendingRestore
    request_id: str | None = None
    is_reported: bool = False
    earlier: _Pending | None = None


class UnfinishedCollector:
    """Keeps of a journal's lines, from the last run's end on, only what is unfinished."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}
        #: Intents of which the end is not known, by request id, with their lines.
        self._intents: dict[str, tuple[Line, Intent]] = {}
        #: By subscription and field.
        self._pending: dict[tuple[Key, str], _Pending] = {}

    def add(self, line: Line) -> None:
        event = line.event
        if isinstance(event, Start):
            self._places[line.run] = event.place
        elif isinstance(event, Intent):
            self._intents[event.request_id] = line, event
            if kinds.has_schedules(event.kind):
                self._add_pending(line, event)
        elif isinstance(event, WriteOutcome) and event.request_id in self._intents:
            intent = self._intents[event.request_id][1]
            if kinds.has_schedules(intent.kind):
                self._remove_restored(intent, event)
            if event.result in ("applied", "failed"):
                del self._intents[event.request_id]
        elif isinstance(event, Settled):
            for name in event.names:
                self._pending.pop((event.key, name), None)
        elif isinstance(event, End):
            self._end(event)

    def _end(self, end: End) -> None:
        """The run has reported what became of its writes, and at its beginning what others had left."""
        self._intents.clear()
        for restore in end.owed:
            for name, value in restore.schedules.items():
                self._pending[restore.key, name] = _Pending(replace(restore, schedules={name: value}))
        self._pending = {place: _Pending(pending.restore, is_reported=True) for place, pending in self._pending.items()}

    def _add_pending(self, line: Line, intent: Intent) -> None:
        place = self._places.get(line.run, {})
        for name in intent.restores:
            known = self._pending.get((intent.key, name))
            # What the first write of an item deletes, later ones of it do not find any more.
            if intent.before.get(name) and (known is None or known.restore.run != line.run):
                restore = PendingRestore(
                    line.run,
                    line.time,
                    str(intent.customer_id),
                    str(intent.subscription_id),
                    place.get("tenant_id"),
                    place.get("api_url"),
                    {name: intent.before[name]},
                    {field: value for field, value in intent.after.items() if field not in NAMES},
                )
                self._pending[intent.key, name] = _Pending(restore, intent.request_id, earlier=known)

    def _remove_restored(self, intent: Intent, outcome: WriteOutcome) -> None:
        for name in NAMES:
            known = self._pending.get((intent.key, name))
            if known is None:
                continue
            is_set = (
                any(one in intent.after for one in (name, *ROWS_BY_NAME[name].settings)) and name not in intent.restores
            )
            if outcome.result == "applied" and (is_set or intent.after.get("status") == "deleted"):
                del self._pending[intent.key, name]
            elif outcome.result == "failed" and not outcome.blocked and known.request_id == intent.request_id:
                # It is still there; unless what an earlier run has left of it is not.
                if known.earlier is None:
                    del self._pending[intent.key, name]
                else:
                    self._pending[intent.key, name] = known.earlier

    def has_pending(self, key: Key) -> bool:
        """Whether scheduled changes of this subscription are still to be restored."""
        return any((key, name) in self._pending for name in NAMES)

    def result(self, here: _Place | None = None) -> UnfinishedWork:
        """What is unfinished; with ``here``, only of runs at this tenant and address."""
        restores: dict[Key, PendingRestore] = {}
        reported: dict[Key, bool] = {}
        elsewhere: list[tuple[str | None, PendingRestore | UncertainWrite]] = []
        for (key, _name), pending in self._pending.items():
            one = pending.restore
            if plan_file.is_elsewhere(one.place, here or {}):
                elsewhere.append((one.tenant_id, one))
                continue
            known = restores.get(key)
            if known is not None:
                one = replace(
                    one,
                    schedules={**known.schedules, **one.schedules},
                    written={**known.written, **one.written},
                )
            restores[key] = one
            reported[key] = pending.is_reported
        uncertain: list[UncertainWrite] = []
        for line, intent in self._intents.values():
            resource = kinds.describe(intent.kind, intent.customer_id, intent.subscription_id)
            write = UncertainWrite(line.run, line.time, resource, tuple(intent.after))
            place = self._places.get(line.run, {})
            if plan_file.is_elsewhere(place, here or {}):
                elsewhere.append((place.get("tenant_id"), write))
            else:
                uncertain.append(write)
        told = frozenset(key for key, is_so in reported.items() if is_so)
        return UnfinishedWork(restores, tuple(uncertain), told, tuple(elsewhere))
