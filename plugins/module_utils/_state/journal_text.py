# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. A journal read back: which changes one of its runs made, or may have made. Pure.

The format is the one that ``_engine/journal.py`` writes.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from types import MappingProxyType

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields, plan_file
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import CONTACT
from ansible_collections.csp.partner_center.plugins.module_utils._state.recorded import (
    Recorded,
    plain,
    recorded,
)

_Line = tuple[int, dict[str, t.Any]]
_NEEDED: t.Final = ("kind", "before", "after", "request_id")
_SHOWN: t.Final = 20


@dataclass(slots=True)
class _Run:
    """``intents``: the run's writes in their order; ``results``: the last one of each request id."""

    id: str
    time: str
    #: The tenant and the address that the run worked with, as far as it says.
    place: dict[str, t.Any] = field(default_factory=dict)
    intents: list[_Line] = field(default_factory=list)
    results: dict[str, str] = field(default_factory=dict)
    #: Scheduled changes (by subscription and field) that were there after the line of that number.
    kept: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def add(self, number: int, line: dict[str, t.Any]) -> None:
        event = line["event"]
        if event == "start":
            self.place = {name: line.get(name) for name in ("tenant_id", "api_url")}
        elif event == "intent":
            self.intents.append((number, line))
        elif event == "outcome":
            self.results[str(line.get("request_id"))] = str(line.get("result"))
        elif event == "settled":
            self.kept |= dict.fromkeys(((*_ids(line), name) for name in line.get("names") or ()), number)

    def __str__(self) -> str:
        writes = "1 write" if len(self.intents) == 1 else f"{len(self.intents)} writes"
        return f"{self.id} ({self.time}, {writes})"


@dataclass(slots=True)
class _Fold:
    """The first value before and the last one after of each field of one resource."""

    where: str
    customer_id: t.Any
    subscription_id: t.Any
    before: dict[str, t.Any] = field(default_factory=dict)
    after: dict[str, t.Any] = field(default_factory=dict)

    def add(self, before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> None:
        for name, value in before.items():
            self.before.setdefault(name, value)
        self.after.update(after)


def of_journal(
    text: str, run_id: str | None = None, here: t.Mapping[str, t.Any] = MappingProxyType({})
) -> tuple[list[Recorded], list[str]]:
    """
    The changes of one run (default: the last one that wrote something), and sentences about what cannot be among them.

    A change is from the first value before to the last one after. A write counts unless it is known not to have
    happened; one that restores counts only if it is known to have. Raises Refused for what is no journal's line, naming
    it, for an unknown run, for one of another tenant or address than ``here`` (as :func:`plan_file.require_place` takes
    it) and for redacted values.
    """
    run = _chosen(_runs(text), run_id)
    if run is None:
        return [], ["The journal has no run that wrote anything, so there is nothing to undo."]
    plan_file.require_place(f"journal's run {run.id}", run.place, here)
    found: list[Recorded] = []
    notes: list[str] = []
    for kind, fold in _folded(run):
        if kind == "support_profile":
            notes += _about_profile(fold)
        elif kind == "support_contact":
            found.append(_recorded(fold, CONTACT, fold.before, fold.after))
        else:
            notes += about_next_charge(
                fold.customer_id, fold.subscription_id, fold.before.get(fields.NEXT_CHARGE), fold.after
            )
            found += [
                _recorded(fold, name, fold.before.get(name), after)
                for name, after in fold.after.items()
                if name != fields.NEXT_CHARGE
            ]
    return found, notes


def about_next_charge(
    customer_id: t.Any, subscription_id: t.Any, before: t.Any, after: t.Mapping[str, t.Any]
) -> list[str]:
    """A sentence where instructions for the next charge may be gone: no option sets them."""
    if not before or after.get(fields.NEXT_CHARGE):
        return []
    shown = json.dumps(before, ensure_ascii=False)
    about = f"{fields.NEXT_CHARGE} of subscription {subscription_id} of customer {customer_id}"
    return [f"{about} are left as they are, and may have gone with a change: no option sets them. They were {shown}."]


def _folded(run: _Run) -> list[tuple[str, _Fold]]:
    folds: dict[tuple[str, str, str], _Fold] = {}
    for number, line in run.intents:
        result = run.results.get(str(line.get("request_id")))
        if result == "failed" or (line.get("step") == "restore" and result != "applied"):
            continue
        intent = plain(line, f"line {number}")
        if not all(name in intent for name in _NEEDED) or not all(
            isinstance(intent[name], dict) for name in ("before", "after")
        ):
            raise _damaged(number, "it lacks what an intent says")
        ids = intent.get("customer_id"), intent.get("subscription_id")
        key = (str(intent["kind"]), *_ids(intent))
        before, after = intent["before"], intent["after"]
        kept = {name for name in after if after[name] is None and run.kept.get((*key[1:], name), 0) > number}
        if kept:
            before, after = ({k: v for k, v in values.items() if k not in kept} for values in (before, after))
        if intent.get("step") == "cancel" and result != "applied":
            # What would have gone with it is still there if it was not made, and out of reach if it was.
            after = {name: value for name, value in after.items() if name not in fields.SCHEDULES}
        folds.setdefault(key, _Fold(f"line {number}", *ids)).add(before, after)
    return [(key[0], fold) for key, fold in folds.items()]


def _ids(line: t.Mapping[str, t.Any]) -> tuple[str, str]:
    return str(line.get("customer_id")).lower(), str(line.get("subscription_id")).lower()


def _recorded(fold: _Fold, name: str, before: t.Any, after: t.Any) -> Recorded:
    return recorded(fold.where, fold.customer_id, fold.subscription_id, name, before, after)


def _about_profile(fold: _Fold) -> t.Iterator[str]:
    was = {name: fold.before.get(name) for name, after in fold.after.items() if fold.before.get(name) != after}
    if was:
        shown = ", ".join(f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in was.items())
        yield (
            f"The partner's support profile is left as it is: it belongs to no subscription. Before, it was {shown}; "
            "set that with the module pc_support_profile."
        )


def _chosen(runs: t.Sequence[_Run], run_id: str | None) -> _Run | None:
    if not runs:
        raise Refused("The journal holds no run.", "Is this the file that journal_path names?")
    if run_id is None:
        return next((run for run in reversed(runs) if run.intents), None)
    wanted = run_id.strip().lower()
    chosen = next((run for run in runs if run.id.lower() == wanted), None)
    if chosen is None:
        left = f" (and {len(runs) - _SHOWN} before them)" if len(runs) > _SHOWN else ""
        raise Refused(f"The journal holds no run {run_id}; it holds {', '.join(map(str, runs[-_SHOWN:]))}{left}.")
    return chosen


def _runs(text: str) -> list[_Run]:
    runs: dict[str, _Run] = {}
    torn: int | None = None
    # Not splitlines: a name may hold what Unicode takes for the end of a line.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip("\0 \t\r"):
            continue
        try:
            value = json.loads(line)
        except ValueError:
            if not line.startswith("{"):
                raise _damaged(number, "it is not JSON") from None
            torn = torn or number
            continue
        if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in ("run", "event")):
            raise _damaged(number, "it is not an object with run and event")
        if torn and value["run"] in runs:
            raise _damaged(torn, "it is not JSON, and the run goes on after it")
        # The last line of a run that was killed may be half a line. The next run begins on a line of its own.
        torn = None
        run = runs.setdefault(value["run"], _Run(value["run"], str(value.get("time"))))
        run.add(number, value)
    return list(runs.values())


def _damaged(number: int, why: str) -> Refused:
    return Refused(
        f"Line {number} of the journal is damaged: {why}.",
        "Only the last line of a run may be torn. Give a journal as a run has left it.",
    )
