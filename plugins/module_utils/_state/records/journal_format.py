# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The journal's format: what its lines say, how they are written, and how they are read back. Pure.

JSON Lines. Each line has ``run``, ``time`` (UTC) and ``event``, then the keys of that event, in this order:

* ``start``: ``change_reference``, ``tenant_id``, ``api_url``; ``undoes``, left out where it is empty: the run's id or
  the plan's digest that a rollback undoes
* ``intent``, on the disk before the write is sent: ``kind``, ``customer_id``, ``subscription_id``, ``step``,
  ``before`` and ``after`` (field -> value), ``request_id``, ``change_reference``; ``restores``, left out where it is
  empty: names of the scheduled changes in ``before`` that another write has to restore
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

from ..._common.problems import Refused
from ..items import Key
from .text import NotJson, parse_json

Values = t.Mapping[str, t.Any]

#: What every line begins with.
BEGINNING: t.Final = b'{"run": "'
_LEFT_OUT_IF_EMPTY: t.Final = ("restores", "owed", "blocked", "written", "undoes")


class Malformed(ValueError):
    """Not a journal's line. ``is_torn``: it begins like one, and a run that was killed may leave that."""

    def __init__(self, why: str, *, is_torn: bool = False) -> None:
        super().__init__(why)
        self.is_torn = is_torn


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
        return _key(self.customer_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class Start:
    NAME: t.ClassVar = "start"

    change_reference: str | None = None
    tenant_id: str | None = None
    api_url: str | None = None
    undoes: str | None = None

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
        return _key(self.customer_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class Outcome:
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
        return _key(self.customer_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class End:
    NAME: t.ClassVar = "end"

    summary: Values = field(default_factory=dict)
    owed: t.Sequence[PendingRestore] = ()


Event: t.TypeAlias = "Start | Intent | Outcome | Settled | End"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was read. ``event``: None for one that this release does not know."""

    run: str
    time: str
    event: Event | None


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


def parse(text: str | bytes) -> Line:
    """What a line says; raises Malformed."""
    try:
        values = parse_json(text)
    except NotJson:
        raise Malformed("it is not JSON", is_torn=text[:1] in ("{", b"{")) from None
    if not isinstance(values, dict) or not all(isinstance(values.get(name), str) for name in ("run", "event")):
        raise Malformed("it is not an object with run and event")
    read = _READERS.get(values["event"])
    return Line(values["run"], str(values.get("time")), None if read is None else read(values))


def is_line(value: Values) -> bool:
    """Whether this is a journal's line, and not a plan."""
    return "event" in value


def begins_journal(beginning: bytes) -> bool:
    """Whether a file that begins like this is a journal: its first run may have been killed before it wrote a line."""
    first = beginning.split(b"\n")[0].strip(b"\0")
    return BEGINNING.startswith(first[: len(BEGINNING)])


def ends_run(text: bytes) -> bool:
    """Whether this line ends a run; False for what is no line."""
    # Most lines need not be parsed for that.
    if b'"end"' not in text:
        return False
    try:
        return isinstance(parse(text).event, End)
    except Malformed:
        return False


def readable_lines(lines: t.Iterable[bytes]) -> t.Iterator[Line]:
    """Those lines that can be read; the others are passed over."""
    for text in lines:
        try:
            yield parse(text)
        except Malformed:
            continue


def numbered_lines(text: str) -> t.Iterator[tuple[int, Line]]:
    """
    All lines of a journal with their numbers; a torn one is passed over where it can be the last one of its run.

    Raises Refused for any other that is not a journal's line, naming it.
    """
    runs: set[str] = set()
    torn: int | None = None
    # Not splitlines: a name may hold what Unicode takes for the end of a line.
    for number, content in enumerate(text.split("\n"), 1):
        if not content.strip("\0 \t\r"):
            continue
        try:
            line = parse(content)
        except Malformed as error:
            if not error.is_torn:
                raise _damaged(number, str(error)) from None
            torn = torn or number
            continue
        if torn and line.run in runs:
            raise _damaged(torn, "it is not JSON, and the run goes on after it")
        # The last line of a run that was killed may be half a line. The next run begins on a line of its own.
        torn = None
        runs.add(line.run)
        yield number, line


def _damaged(number: int, why: str) -> Refused:
    return Refused(
        f"Line {number} of the journal is damaged: {why}.",
        "Only the last line of a run may be incomplete. Use the journal as the run left it.",
    )


def _key(customer_id: str | None, subscription_id: str | None) -> Key:
    return str(customer_id).lower(), str(subscription_id).lower()


def _start(values: Values) -> Start:
    return Start(*(_text(values, name) for name in ("change_reference", "tenant_id", "api_url", "undoes")))


def _intent(values: Values) -> Intent:
    is_complete = all(isinstance(values.get(name), str) for name in ("kind", "request_id"))
    if not is_complete or not all(isinstance(values.get(name), dict) for name in ("before", "after")):
        raise Malformed("it is an intent that lacks kind, request_id, before or after")
    return Intent(
        values["kind"],
        _text(values, "customer_id"),
        _text(values, "subscription_id"),
        _text(values, "step") or "",
        values["before"],
        values["after"],
        values["request_id"],
        _text(values, "change_reference"),
        _names(values, "restores"),
    )


def _outcome(values: Values) -> Outcome:
    about = _text(values, "correlation_id"), _text(values, "error")
    return Outcome(str(values.get("request_id")), str(values.get("result")), *about, values.get("blocked") is True)


def _settled(values: Values) -> Settled:
    return Settled(_text(values, "customer_id"), _text(values, "subscription_id"), _names(values, "names"))


def _end(values: Values) -> End:
    summary = values.get("summary")
    owed = tuple(_pending_restore(one) for one in _list(values, "owed"))
    return End(summary if isinstance(summary, dict) else {}, owed)


def _pending_restore(value: t.Any) -> PendingRestore:
    if not isinstance(value, dict) or not isinstance(value.get("schedules"), dict):
        raise Malformed("its owed is not a list of scheduled changes")
    return PendingRestore(
        run=str(value.get("run")),
        time=str(value.get("time")),
        customer_id=str(value.get("customer_id")),
        subscription_id=str(value.get("subscription_id")),
        tenant_id=_text(value, "tenant_id"),
        api_url=_text(value, "api_url"),
        schedules=value["schedules"],
        written=value["written"] if isinstance(value.get("written"), dict) else {},
    )


def _text(values: Values, name: str) -> str | None:
    value = values.get(name)
    return None if value is None else str(value)


def _names(values: Values, name: str) -> tuple[str, ...]:
    return tuple(str(one) for one in _list(values, name))


def _list(values: Values, name: str) -> list[t.Any]:
    value = values.get(name) or []
    if not isinstance(value, list):
        raise Malformed(f"its {name} is not a list")
    return value


_READERS: t.Final[t.Mapping[str, t.Callable[[Values], Event]]] = {
    Start.NAME: _start,
    Intent.NAME: _intent,
    Outcome.NAME: _outcome,
    Settled.NAME: _settled,
    End.NAME: _end,
}
