# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The journal's format: what its lines say, how they are written, and how they are read back. Pure.

JSON Lines. Each line has ``run``, ``time`` (UTC) and ``event``, then the keys of that event, in this order:

* ``start``: ``change_reference``, ``tenant_id``, ``api_url``; left out where they are empty: ``undoes``, the run's id
  or the plan's digest that a rollback undoes, and ``plan_digest``, of the plan file that the run applies
* ``intent``, on the disk before the write is sent: ``kind``, ``customer_id``, ``subscription_id``, ``step``,
  ``before`` and ``after`` (field -> value; ``end_of_term`` as the pair that was received or is laid back),
  ``request_id``, ``change_reference``; ``restores``, left out where it is empty: names of the scheduled changes in
  ``before`` that another write has to restore
* ``outcome``: ``request_id``, ``result`` (``applied``, ``accepted``, ``failed``, ``unknown``), ``correlation_id``,
  ``error``; ``blocked``, left out unless it is true: the write was refused because another one was pending, which may
  still delete what this one would have restored; the last one of a request id counts
* ``settled``: ``customer_id``, ``subscription_id``, ``names``: scheduled changes that need not be restored (any more),
  because they are there, although a write was expected to delete them, or because the task asks for none
* ``end``: ``summary``; ``owed``, left out where it is empty: scheduled changes that are deleted and not restored so
  far, of this run and of earlier ones

The attributes of the classes here are these keys, in this order. Journals outlive releases: a key may be added, none
renamed. Events that this release does not know are passed over.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t
from dataclasses import dataclass, field

from ..checks import Values
from ..items import Key

#: What every line begins with.
BEGINNING: t.Final = b'{"run": "'
_LEFT_OUT_IF_EMPTY: t.Final = ("restores", "owed", "blocked", "written", "undoes", "plan_digest")


@dataclass(frozen=True, slots=True)
class PendingRestore:
    """
    Scheduled changes of a subscription (field -> value, as results show it) that a run deleted and did not restore.

    ``run`` and ``time``: of the write that deleted them. ``written``: the settings that this write makes (field ->
    value), by which it can be told whether it is over.
    """

    run: str
    time: str
    customer_id: str
    subscription_id: str
    tenant_id: str | None
    api_url: str | None
    schedules: Values
    written: Values = field(default_factory=dict)

    @property
    def place(self) -> dict[str, str | None]:
        """Where the run worked, as ``plan_file.require_place`` takes it."""
        return {"tenant_id": self.tenant_id, "api_url": self.api_url}

    @property
    def key(self) -> Key:
        return _subscription_key(self.customer_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class Start:
    NAME: t.ClassVar = "start"

    change_reference: str | None = None
    tenant_id: str | None = None
    api_url: str | None = None
    undoes: str | None = None
    plan_digest: str | None = None

    @property
    def place(self) -> dict[str, str | None]:
        """Where the run worked, as ``plan_file.require_place`` takes it."""
        return {"tenant_id": self.tenant_id, "api_url": self.api_url}


@dataclass(frozen=True, slots=True)
class Intent:
    NAME: t.ClassVar = "intent"

    kind: str
    customer_id: str | None
    subscription_id: str | None
    step: str
    before: Values
    after: Values
    request_id: str
    change_reference: str | None = None
    restores: t.Sequence[str] = ()

    @property
    def key(self) -> Key:
        return _subscription_key(self.customer_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    NAME: t.ClassVar = "outcome"

    request_id: str
    result: str
    correlation_id: str | None = None
    error: str | None = None
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    NAME: t.ClassVar = "settled"

    customer_id: str | None
    subscription_id: str | None
    names: t.Sequence[str]

    @property
    def key(self) -> Key:
        return _subscription_key(self.customer_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class End:
    NAME: t.ClassVar = "end"

    summary: Values = field(default_factory=dict)
    owed: t.Sequence[PendingRestore] = ()


Event: t.TypeAlias = "Start | Intent | WriteOutcome | Settled | End"


def to_line(run: str, time: str, event: Event) -> bytes:
    """A line to be written, with its end. Values that JSON does not know become text."""
    values = {"run": run, "time": time, "event": event.NAME, **_values(event)}
    return json.dumps(values, default=_as_json).encode() + b"\n"


def _values(event: Event | PendingRestore) -> dict[str, t.Any]:
    found = {item.name: getattr(event, item.name) for item in dataclasses.fields(event)}
    return {name: value for name, value in found.items() if value or name not in _LEFT_OUT_IF_EMPTY}


def _as_json(value: t.Any) -> t.Any:
    if isinstance(value, PendingRestore):
        return _values(value)
    return dict(value) if isinstance(value, t.Mapping) else str(value)


def _subscription_key(customer_id: str | None, subscription_id: str | None) -> Key:
    return str(customer_id).lower(), str(subscription_id).lower()
