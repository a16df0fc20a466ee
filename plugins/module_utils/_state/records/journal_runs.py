# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The runs in a journal: what each of them wrote, what undid it, and which one is to be undone next. Pure.

A rollback is a run whose ``start`` has ``undoes``: the id of another run, or the digest of the plan that other runs
have applied. It has undone them once it has come to its end without a failure and without leaving anything out;
before that, it has undone a part of them, and the next rollback does the rest. A rollback that was rolled back itself
has undone nothing any more.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from pathlib import PurePath

from ..._common.problems import Refused
from ..._common.words import many
from ..checks import Values
from ..items import Key
from .journal_format import End, Intent, Settled, Start, WriteOutcome
from .journal_lines import Line, numbered_lines
from .text import without_mark

Undone = t.Literal["no", "partly", "yes"]

_SHOWN: t.Final = 20
#: So much of an id is enough to name a run.
_SHORTEST_ID: t.Final = 8


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """
    One run, as its lines tell. ``time``: of the first of them, ``ended``: of its end; None where it has none.

    ``intents``: its writes with the numbers of their lines, ``results``: the last one of each request id, ``kept``:
    scheduled changes (by subscription and field) that were there after the line of that number.
    """

    id: str
    time: str
    start: Start = field(default_factory=Start)
    intents: tuple[tuple[int, Intent], ...] = ()
    results: t.Mapping[str, str] = field(default_factory=dict)
    kept: t.Mapping[tuple[Key, str], int] = field(default_factory=dict)
    ended: str | None = None
    summary: Values = field(default_factory=dict)

    def counts(self, intent: Intent) -> bool:
        """Whether a write was made, or may have been. One that restores is only owed unless it is known to be made."""
        result = self.results.get(intent.request_id)
        return result == "applied" if intent.step == "restore" else result != "failed"

    @property
    def writes(self) -> int:
        """How many writes were made, or may have been made."""
        return sum(self.counts(intent) for _number, intent in self.intents)

    @property
    def uncertain(self) -> int:
        """Of how many writes it is not known whether they were made."""
        return sum(self.results.get(intent.request_id, "unknown") == "unknown" for _number, intent in self.intents)

    @property
    def failures(self) -> int:
        """How many subscriptions failed, as the run's end says; else of how many the last write did."""
        told = self.summary.get("failed")
        if isinstance(told, int):
            return int(told)
        last = {intent.key: self.results.get(intent.request_id) for _number, intent in self.intents}
        return sum(result == "failed" for result in last.values())

    @property
    def is_whole(self) -> bool:
        """Whether the run came to its end, and did all that was asked of it."""
        return self.ended is not None and self.summary.get("failed") == 0 and not self.summary.get("not_attempted")

    def __str__(self) -> str:
        about = [self.time, self.start.change_reference, many(self.writes, "write")]
        return f"{self.id} ({', '.join(filter(None, about))})"


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A run, whether it is ``undone``, and the runs that undid it or a part of it, the first one first."""

    run: RecordedRun
    undone: Undone = "no"
    undone_by: tuple[RecordedRun, ...] = ()

    @property
    def is_candidate(self) -> bool:
        """Whether a rollback takes it where none is named."""
        return self.run.writes > 0 and self.run.start.undoes is None and self.undone != "yes"

    def to_dict(self) -> dict[str, t.Any]:
        """The run as plain data."""
        run, start = self.run, self.run.start
        return {
            "id": run.id,
            "time": run.time,
            "ended": run.ended,
            "change_reference": start.change_reference,
            "tenant_id": start.tenant_id,
            "api_url": start.api_url,
            "plan_digest": start.plan_digest,
            "undoes": start.undoes,
            "writes": run.writes,
            "uncertain": run.uncertain,
            "failures": run.failures,
            "undone": self.undone,
            "undone_by": [one.id for one in self.undone_by],
        }


def runs_of_journal(text: str) -> list[JudgedRun]:
    """All runs of a journal, the first one first. Raises Refused for what is no journal's line, naming it."""
    lines: dict[str, list[tuple[int, Line]]] = {}
    for number, line in numbered_lines(without_mark(text, "journal")):
        lines.setdefault(line.run, []).append((number, line))
    return _judged([_recorded(found) for found in lines.values()])


def run_to_undo(runs: t.Sequence[JudgedRun], run_id: str | int | None = None) -> JudgedRun | None:
    """
    The run that is named, by its id or the beginning of it; else the last one that wrote, is no rollback and is not
    undone yet, None where there is none. Raises Refused where the journal has no run, or none with that id.
    """
    if not runs:
        raise Refused("The journal holds no run.", "Is this the file that journal_path names?")
    if run_id is None:
        return next((one for one in reversed(runs) if one.is_candidate), None)
    # Digits alone come as a number: from 2.19 on, ansible-core makes one of what is entered in AWX.
    wanted = str(run_id).strip().lower()
    found = [one for one in runs if one.run.id.lower() == wanted]
    if not found and len(wanted) >= _SHORTEST_ID:
        found = [one for one in runs if one.run.id.lower().startswith(wanted)]
    if len(found) != 1:
        left = f" (and {len(runs) - _SHOWN} before them)" if len(runs) > _SHOWN else ""
        listed = ", ".join(str(one.run) for one in runs[-_SHOWN:])
        how_many = "more than one run" if found else "no run"
        raise Refused(f"The journal holds {how_many} {run_id}; it holds {listed}{left}.")
    return found[0]


def why_not_needed(runs: t.Sequence[JudgedRun], chosen: JudgedRun | None) -> str:
    """Why there is nothing to undo, as the end of a sentence about the chosen run; empty where there is something."""
    if chosen is not None:
        return f"it is undone already, by run {_last_undoer(chosen)}" if chosen.undone == "yes" else ""
    undone = [one for one in runs if one.undone == "yes" and one.run.writes]
    if not undone:
        return "it has no run that wrote anything"
    last = undone[-1]
    return f"all its runs are undone already; the last of them was run {last.run}, undone by run {_last_undoer(last)}"


def what_is_undone(runs: t.Sequence[JudgedRun], chosen: JudgedRun | None) -> str:
    """What a rollback of the chosen run does, in a sentence or two."""
    why_not = why_not_needed(runs, chosen)
    if chosen is None:
        return f"The journal holds nothing to undo: {why_not}."
    if why_not:
        return f"There is nothing to undo of run {chosen.run}: {why_not}."
    if chosen.undone == "partly":
        return (
            f"This undoes the rest of run {chosen.run}; run {_last_undoer(chosen)} has undone a part of it. "
            "To undo another run, name it with run_id."
        )
    return f"This undoes run {chosen.run}."


def result_path(journal_path: str, run_id: str) -> str:
    """Where a run that was interrupted leaves its result: beside its journal."""
    journal = PurePath(journal_path)
    return str(journal.with_name(f"{journal.stem}-result-{run_id}.json"))


def _last_undoer(judged: JudgedRun) -> str:
    return f"{judged.undone_by[-1].id} ({judged.undone_by[-1].time})"


def _recorded(lines: t.Sequence[tuple[int, Line]]) -> RecordedRun:
    first = lines[0][1]
    start, end, ended = Start(), End(), None
    intents: list[tuple[int, Intent]] = []
    results: dict[str, str] = {}
    kept: dict[tuple[Key, str], int] = {}
    for number, line in lines:
        event = line.event
        if isinstance(event, Start):
            start = event
        elif isinstance(event, Intent):
            intents.append((number, event))
        elif isinstance(event, WriteOutcome):
            results[event.request_id] = event.result
        elif isinstance(event, Settled):
            kept |= {(event.key, name): number for name in event.names}
        elif isinstance(event, End):
            end, ended = event, line.time
    return RecordedRun(first.run, first.time, start, tuple(intents), results, kept, ended, end.summary)


def _judged(runs: t.Sequence[RecordedRun]) -> list[JudgedRun]:
    """From the last run to the first: whether a rollback still counts depends on later ones."""
    found: list[JudgedRun] = []
    rollbacks: dict[str, list[JudgedRun]] = {}
    for run in reversed(runs):
        names = {run.id.lower(), (run.start.plan_digest or run.id).lower()}
        undoers = [one for name in names for one in rollbacks.get(name, ()) if one.undone != "yes"]
        counting = [one for one in undoers if one.run.is_whole or one.run.writes]
        is_undone = any(one.run.is_whole and one.undone == "no" for one in counting)
        undone: Undone = "yes" if is_undone else "partly" if counting else "no"
        judged = JudgedRun(run, undone, tuple(one.run for one in reversed(counting)))
        found.append(judged)
        if run.start.undoes is not None:
            rollbacks.setdefault(run.start.undoes.strip().lower(), []).append(judged)
    return found[::-1]
