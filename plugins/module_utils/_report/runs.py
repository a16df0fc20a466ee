# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The runs in a journal as lines of text, for people. Pure."""

from __future__ import annotations

import typing as t
from collections import Counter

from .._common.words import many
from .._state.records.journal_runs import JudgedRun, RecordedRun, run_to_undo

_SHOWN: t.Final = 20
_SHORT_ID: t.Final = 8
_REFERENCE: t.Final = 16
_PLAYBOOK: t.Final = "ansible-playbook csp.partner_center.fleet_rollback"


def table_of_runs(runs: t.Sequence[JudgedRun], journal_path: str, results: t.Mapping[str, str]) -> list[str]:
    """
    The last runs as a table of 80 columns, with what stands out of each below it, and how to go back.

    ``results``: the files in which interrupted runs left their results, by the runs' ids.
    """
    if not runs:
        return [f"No run is in {journal_path}."]
    shown, short_ids = runs[-_SHOWN:], _short_ids(runs)
    several_tenants = len({one.run.start.tenant_id for one in runs if one.run.start.tenant_id}) > 1
    told = [f"{many(len(runs), 'run')} in {journal_path} (times are UTC)", ""]
    if len(shown) < len(runs):
        told.append(f"  … and {many(len(runs) - len(shown), 'run')} before these")
    width = max(_SHORT_ID, *(len(short_ids[one.run.id]) for one in shown))
    told.append(f"  {'run':<{width}}  {'time':<16}  {'reference':<{_REFERENCE}}  writes  failed")
    for one in shown:
        run = one.run
        row = f"  {short_ids[run.id]:<{width}}  {_time(run):<16}  {_reference(run):<{_REFERENCE}}  {run.writes:>6}"
        told.append(f"{row}  {run.failures:>6}")
        notes = [*_about(one, short_ids), *([f"tenant {run.start.tenant_id}"] if several_tenants else [])]
        if run.id in results:
            notes.append(f"its result is in {results[run.id]}")
        told += [f"  {'':<{width}}  {note}" for note in notes]
    return [*told, "", *_how_to_go_back(runs, journal_path, short_ids)]


def _short_ids(runs: t.Iterable[JudgedRun]) -> dict[str, str]:
    """Short ids, where they are enough to tell the runs apart."""
    ids = [one.run.id for one in runs]
    counts = Counter(one[:_SHORT_ID] for one in ids)
    return {one: one[:_SHORT_ID] if counts[one[:_SHORT_ID]] == 1 else one for one in ids}


def _time(run: RecordedRun) -> str:
    return run.time[:16].replace("T", " ")


def _reference(run: RecordedRun) -> str:
    text = " ".join((run.start.change_reference or "").split())
    return text if len(text) <= _REFERENCE else f"{text[: _REFERENCE - 1]}…"


def _about(judged: JudgedRun, short_ids: t.Mapping[str, str]) -> t.Iterator[str]:
    run = judged.run
    if run.start.undoes is not None:
        undone = run.start.undoes
        yield f"undoes run {short_ids[undone]}" if undone in short_ids else f"undoes the plan {undone[:_SHORT_ID]}"
    by = " and ".join(short_ids[one.id] for one in judged.undone_by)
    if judged.undone != "no" and run.writes:
        yield f"undone {'' if judged.undone == 'yes' else 'in part '}by {by}"
    if run.ended is None:
        yield "did not end"
    if run.uncertain:
        yield f"it is not known whether {many(run.uncertain, 'write')} {'was' if run.uncertain == 1 else 'were'} made"


def _how_to_go_back(runs: t.Sequence[JudgedRun], journal_path: str, short_ids: t.Mapping[str, str]) -> list[str]:
    following = run_to_undo(runs)
    if following is None:
        return ["Nothing is left to undo."]
    return [
        f"To undo run {short_ids[following.run.id]} (another one: -e run_id=…, only to look: -e fleet_apply=false):",
        f"  {_PLAYBOOK} -e journal_path={journal_path}",
    ]
