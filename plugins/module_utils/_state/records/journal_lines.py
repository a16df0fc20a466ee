# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A journal's lines read back: those that are torn, damaged, or of a later release are told apart. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._common.problems import Refused
from ..checks import Values
from .journal_format import BEGINNING, End, Event, Intent, PendingRestore, Settled, Start, WriteOutcome
from .text import NotJson, parse_text


class Malformed(ValueError):
    """Not a journal's line. ``is_torn``: it begins like one, and a run that was killed may leave that."""

    def __init__(self, why: str, *, is_torn: bool = False) -> None:
        super().__init__(why)
        self.is_torn = is_torn


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was read. ``event``: None for one that this release does not know."""

    run: str
    time: str
    event: Event | None


def parse_line(text: str | bytes) -> Line:
    """What a line says; raises Malformed."""
    try:
        values = parse_text(text)
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
        return isinstance(parse_line(text).event, End)
    except Malformed:
        return False


def readable_lines(lines: t.Iterable[bytes]) -> t.Iterator[Line]:
    """Those lines that can be read; the others are passed over."""
    for text in lines:
        # Room that is kept is made of ends of lines, millions of them where lines are long.
        if text == b"\n":
            continue
        try:
            yield parse_line(text)
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
            line = parse_line(content)
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


def _read_start(values: Values) -> Start:
    names = ("change_reference", "tenant_id", "api_url", "undoes", "plan_digest")
    return Start(*(_if_text(values, name) for name in names))


def _read_intent(values: Values) -> Intent:
    is_complete = all(isinstance(values.get(name), str) for name in ("kind", "request_id"))
    if not is_complete or not all(isinstance(values.get(name), dict) for name in ("before", "after")):
        raise Malformed("it is an intent that lacks kind, request_id, before or after")
    return Intent(
        values["kind"],
        _if_text(values, "customer_id"),
        _if_text(values, "subscription_id"),
        _if_text(values, "step") or "",
        values["before"],
        values["after"],
        values["request_id"],
        _if_text(values, "change_reference"),
        _all_text(values, "restores"),
    )


def _read_outcome(values: Values) -> WriteOutcome:
    about = _if_text(values, "correlation_id"), _if_text(values, "error")
    return WriteOutcome(str(values.get("request_id")), str(values.get("result")), *about, values.get("blocked") is True)


def _read_settled(values: Values) -> Settled:
    return Settled(
        _if_text(values, "customer_id"),
        _if_text(values, "subscription_id"),
        _all_text(values, "names"),
    )


def _read_end(values: Values) -> End:
    summary = values.get("summary")
    owed = tuple(_read_pending_restore(one) for one in _listing(values, "owed"))
    return End(summary if isinstance(summary, dict) else {}, owed)


def _read_pending_restore(value: t.Any) -> PendingRestore:
    if not isinstance(value, dict) or not isinstance(value.get("schedules"), dict):
        raise Malformed("its owed is not a list of scheduled changes")
    return PendingRestore(
        run=str(value.get("run")),
        time=str(value.get("time")),
        customer_id=str(value.get("customer_id")),
        subscription_id=str(value.get("subscription_id")),
        tenant_id=_if_text(value, "tenant_id"),
        api_url=_if_text(value, "api_url"),
        schedules=value["schedules"],
        written=value["written"] if isinstance(value.get("written"), dict) else {},
    )


def _if_text(values: Values, name: str) -> str | None:
    value = values.get(name)
    return None if value is None else str(value)


def _all_text(values: Values, name: str) -> tuple[str, ...]:
    return tuple(str(one) for one in _listing(values, name))


def _listing(values: Values, name: str) -> list[t.Any]:
    value = values.get(name) or []
    if not isinstance(value, list):
        raise Malformed(f"its {name} is not a list")
    return value


_READERS: t.Final[t.Mapping[str, t.Callable[[Values], Event]]] = {
    Start.NAME: _read_start,
    Intent.NAME: _read_intent,
    WriteOutcome.NAME: _read_outcome,
    Settled.NAME: _read_settled,
    End.NAME: _read_end,
}
