# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
What holds for any fleet, any policies and items, and whatever goes wrong.

``FLEET_EXAMPLES=300`` looks further than a usual run does, at other examples each time; ``FLEET_SHRINK=1`` takes the
time (minutes) to make what fails smaller.
"""

from __future__ import annotations

import os
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._engine.errors import (
    Damaged,
    NotApplied,
    OperationTimedOut,
    OutcomeUnknown,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_items

from ..emulators import Emulator
from . import fleet_cases as cases
from .fleet_cases import Case, Values
from .fleet_model import (
    ARGUMENTS,
    KEYS,
    NOON,
    RENEWAL,
    Ids,
    Report,
    Stage,
    alike,
    differing,
    shows,
    wanted_of,
)

pytestmark = pytest.mark.once

_SCHEDULES = frozenset({KEYS[RENEWAL], "nextChargeInstructions"})
#: After these, what the server did is not known for sure, or is known to be other than asked.
_OPEN = (Damaged, NotApplied, OperationTimedOut, OutcomeUnknown)


def examples(count: int) -> t.Any:
    """So many examples in a usual run."""
    more = os.environ.get("FLEET_EXAMPLES")
    return settings(
        max_examples=int(more) if more else count,
        derandomize=not more,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if os.environ.get("FLEET_SHRINK") else (Phase.generate,),
    )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Stage]:
    folder = Path(tmp_path_factory.mktemp("properties"))
    emulator = Emulator(folder / "emulator", ARGUMENTS).start()
    yield Stage(emulator, folder)
    emulator.stop()


def hooked(case: Case, stage: Stage) -> dict[Ids, list[Values]]:
    """What somebody else may have changed in the middle of the run."""
    found: dict[Ids, list[Values]] = {}
    for place, hook in case.hooks:
        found.setdefault(stage.ids[place], []).append(hook["change"])
    return found


def others(changes: list[Values], key: str) -> list[t.Any]:
    """Values that somebody else may have given a key."""
    return [change.get(key) for change in changes if key in change or key in change.get("$unset", ())]


@examples(60)
@given(cases.cases)
def test_a_run_keeps_its_word_whatever_goes_wrong(stage: Stage, case: Case) -> None:
    stage.set(case)
    report = stage.run(case)
    theirs = hooked(case, stage)
    what_succeeded_is_as_desired(report, theirs)
    nothing_else_changed(report, theirs, case)
    every_write_is_in_the_journal(report, theirs)
    again = stage.run(replace(case, faults=(), hooks=(), max_failures=None))
    what_succeeded_is_at_rest(report, again, theirs)


def what_succeeded_is_as_desired(report: Report, theirs: dict[Ids, list[Values]]) -> None:
    """(a) Plan and apply reach the desired state, or say that the item failed."""
    for outcome in report.outcomes:
        ids = outcome.subject.item.key
        if outcome.error is not None or not outcome.attempted:
            continue
        for name, value in wanted_of(outcome).items():
            stored = report.after[ids]
            is_theirs = any(alike(stored.get(KEYS[name]), one) for one in others(theirs.get(ids, []), KEYS[name]))
            assert shows(stored, name, value) or is_theirs, (ids, name, value, stored.get(KEYS[name]))


def nothing_else_changed(report: Report, theirs: dict[Ids, list[Values]], case: Case) -> None:
    """(b) Nothing outside the plan ends up changed, scheduled changes included, or the item is reported for it."""
    planned: dict[Ids, set[str]] = {}
    for entry in report.plan:
        key = entry["customer_id"].lower(), entry["subscription_id"].lower()
        planned.setdefault(key, set()).add(KEYS[entry["field"]])
    outcomes = report.by_id()
    for ids, before in report.before.items():
        outcome = outcomes.get(ids)
        error = outcome.error if outcome is not None else None
        allowed = set(planned.get(ids, ()))
        if KEYS["billing_cycle"] in allowed:
            # Partner Center says with it what it changes to, where that waits for the next charge.
            allowed.add("nextChargeInstructions")
        if KEYS["status"] in allowed and outcome is not None and outcome.subject.item.settings["status"] == "suspended":
            # Partner Center turns it off with a suspension, which is foretold.
            allowed.add("autoRenewEnabled")
        if allowed and outcome is not None:
            allowed |= let_go(outcome, case)
        if isinstance(error, _OPEN):
            # Reported; still, what every body carries as it was read stays.
            allowed |= {*_SCHEDULES, "autoRenewEnabled"}
        for key in differing(before, report.after[ids]) - allowed:
            is_theirs = any(alike(report.after[ids].get(key), one) for one in others(theirs.get(ids, []), key))
            assert is_theirs, (ids, key, before.get(key), report.after[ids].get(key), outcome and str(outcome.error))


def let_go(outcome: t.Any, case: Case) -> set[str]:
    """Scheduled changes that go with the user's leave: asked to, or void without auto-renew or subscription."""
    settings = outcome.subject.item.settings
    is_over = settings.get("auto_renew_enabled") is False or settings.get("status") == "deleted"
    if case.scheduled_changes == "drop":
        return set(_SCHEDULES)
    return {KEYS[RENEWAL]} if is_over else set()


def every_write_is_in_the_journal(report: Report, theirs: dict[Ids, list[Values]]) -> None:
    """
    (e) Reported is what the journal holds as ``applied``; as many writes took effect on the server.

    Those whose end nobody knows (``unknown``, ``accepted``) are on neither side: either may be true of them.
    """
    intents = {
        line["request_id"]: (line["customer_id"].lower(), line["subscription_id"].lower())
        for line in report.of("intent")
    }
    assert {one["request_id"] for one in report.writes} <= intents.keys(), "a write without its intent"
    assert len(intents) == len(report.of("intent")), "one intent a write"
    assert report.results.keys() == intents.keys(), "each write has its outcome"
    applied = {one for one, result in report.results.items() if result == "applied"}
    open_ = {one for one, result in report.results.items() if result in ("unknown", "accepted")}
    effective = {one["request_id"] for one in report.writes if one["effective"]}
    assert effective <= applied | open_, {one: report.results[one] for one in effective - applied - open_}
    doubtful = {*theirs, *(intents[one] for one in open_)}
    assert {one for one in applied - effective if intents[one] not in doubtful} == set()
    for ids, outcome in report.by_id().items():
        if outcome.error is None and ids not in doubtful:
            assert outcome.changed == any(intents[one] == ids for one in effective)
    for outcome in report.outcomes:
        if not outcome.attempted:
            assert not any(intents[one] == outcome.subject.item.key for one in intents)


def what_succeeded_is_at_rest(report: Report, again: Report, theirs: dict[Ids, list[Values]]) -> None:
    """(c) A second run writes nothing for what has succeeded."""
    assert again.stopped is None
    at_rest = {
        ids
        for ids, one in report.by_id().items()
        if one.error is None and one.attempted and not one.pending and ids not in theirs
    }
    planned = {(entry["customer_id"].lower(), entry["subscription_id"].lower()) for entry in again.plan}
    assert planned & at_rest == set()
    written = {(line["customer_id"].lower(), line["subscription_id"].lower()) for line in again.of("intent")}
    assert written & at_rest == set()
    for ids in at_rest:
        assert differing(again.before[ids], again.after[ids]) == set()


@examples(50)
@given(cases.cases, st.booleans())
def test_going_back_restores_what_can_be_restored(stage: Stage, case: Case, from_journal: bool) -> None:
    """
    (d) Rolled back from the plan or from the journal, what is marked reversible is as it was.

    Whatever went wrong, reads that are behind included. Only what somebody else changes meanwhile is left out: going
    back does not touch that, on purpose.
    """
    case = replace(case, hooks=())
    stage.set(case)
    report = stage.run(case)
    source: t.Any = report.journal if from_journal else report.plan
    items, left_out = plan_items.to_rollback(source, NOON) if report.plan else ([], [])
    back = stage.run(replace(case, scheduled_changes="restore", faults=(), max_failures=None), items)
    assert back.stopped is None
    failed = {ids: str(one.error) for ids, one in back.by_id().items() if one.error is not None}
    for entry in report.plan:
        ids, field = (entry["customer_id"].lower(), entry["subscription_id"].lower()), entry["field"]
        if entry["reversible"] == "no" or ids in failed or is_named(ids, field, left_out):
            continue
        was, now = report.before[ids].get(KEYS[field]), back.after[ids].get(KEYS[field])
        assert alike(was, now), (ids, field, was, now)


def is_named(ids: Ids, field: str, left_out: list[t.Any]) -> bool:
    return any(text.startswith(f"{field} (") and ids[1] in text.lower() for text in map(str, left_out))


@examples(25)
@given(cases.cases, cases.passing)
def test_what_passes_makes_no_difference(stage: Stage, case: Case, mishaps: tuple[Values, ...]) -> None:
    """
    The same run without the mishaps comes to the same end, with as many effective writes.

    A 202 with a foreign address is left out: nobody saw its success, while a mishap in its place is looked into.
    """
    case = replace(case, faults=(), hooks=(), max_failures=None, threads=1)
    if case.switches.get("accepted_location") == "foreign":
        case = replace(case, switches={**case.switches, "accepted_location": "none"})
    stage.set(case)
    smooth = stage.run(case)
    case = replace(case, faults=mishaps)
    stage.set(case)
    rough = stage.run(case)
    assert (smooth.stopped, rough.stopped) == (None, None)
    assert rough.plan == smooth.plan
    errors = {ids: one.error for ids, one in rough.by_id().items() if one.error is not None}
    assert errors.keys() == {ids for ids, one in smooth.by_id().items() if one.error is not None}, errors
    for ids, stored in smooth.after.items():
        assert differing(stored, rough.after[ids]) == set(), (ids, stored, rough.after[ids])


@examples(20)
@given(cases.cases, cases.omits(*cases.ALWAYS))
def test_lists_that_omit_fields_make_no_difference(stage: Stage, case: Case, omitted: list[str]) -> None:
    case = replace(case, faults=(), hooks=(), switches={**case.switches, "list_omits": []})
    stage.set(case)
    whole = stage.run(case, check_mode=True)
    stage.emulator.switch(list_omits=omitted)
    sparse = stage.run(case, check_mode=True)
    assert sparse.plan == whole.plan
    assert {ids: str(one.error) for ids, one in sparse.by_id().items()} == {
        ids: str(one.error) for ids, one in whole.by_id().items()
    }
