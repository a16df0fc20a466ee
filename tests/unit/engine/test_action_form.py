# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scheduled actions as the service takes them, in a list or as one object: found out once a run, and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now

from ..emulators import Emulator, Ids
from ..end_of_terms import ACTIONS, CANCEL
from .fleets import Fleet, item
from .one_path import OnePath


@pytest.fixture
def undecided(emulator: Emulator) -> list[Ids]:
    """Three licences, in a fleet in which nobody has decided anything."""
    for ids in emulator.all("end_of_term"):
        emulator.store(ids, **{"$unset": [ACTIONS]})
    return emulator.all("nce", "active")[:3]


def statuses(emulator: Emulator) -> list[int]:
    return [one["status"] for one in emulator.writes()]


def test_a_run_finds_the_form_out_with_its_first_decision(
    many: Fleet, emulator: Emulator, undecided: list[Ids], tmp_path: Path
) -> None:
    emulator.switch(scheduled_actions_form="object")
    journal = FileJournal(str(tmp_path / "journal"), utc_now)
    run = many.run([item(ids, end_of_term="cancel") for ids in undecided], journal=journal, threads=1)
    journal.close({})
    assert (run.errors(), len(run.changed())) == ([], 3)
    assert statuses(emulator) == [400, 200, 200, 200]
    lines = [json.loads(line) for line in (tmp_path / "journal").read_text().splitlines()]
    outcomes = {line["request_id"]: line["result"] for line in lines if line["event"] == "outcome"}
    intents = [line["request_id"] for line in lines if line["event"] == "intent"]
    assert [outcomes[one] for one in intents] == ["failed", "applied", "applied", "applied"]
    assert len({*intents}) == 4


def test_a_form_that_a_list_shows_is_taken_at_once(many: Fleet, emulator: Emulator, undecided: list[Ids]) -> None:
    emulator.switch(scheduled_actions_form="object")
    emulator.store(undecided[0], autoRenewEnabled=False, **{ACTIONS: [CANCEL]})
    policy = {
        "name": "cancel",
        "match": {"subscription_id": [ids[1] for ids in undecided]},
        "set": {"end_of_term": "cancel"},
    }
    run = many.run(policies=[policy])
    assert (run.errors(), statuses(emulator)) == ([], [200, 200])


@pytest.mark.parametrize("form", ["list", "object"])
def test_a_single_module_finds_it_out_as_well(
    path: OnePath, emulator: Emulator, undecided: list[Ids], form: str
) -> None:
    emulator.switch(scheduled_actions_form=form)
    outcome = path.set(undecided[0], end_of_term="extended_service_term")
    assert (outcome.error, outcome.changed) == (None, True)
    assert statuses(emulator) == ([200] if form == "list" else [400, 200])
    assert not path.set(undecided[0], end_of_term="extended_service_term").changed


def test_a_refusal_that_is_about_something_else_is_told_as_it_came(
    path: OnePath, emulator: Emulator, undecided: list[Ids]
) -> None:
    emulator.fault(match={"method": "PATCH"}, times=1, action="error", status=400, code=3000, description="the first")
    emulator.fault(match={"method": "PATCH"}, times=None, action="error", status=400, code=3000, description="another")
    error = path.set(undecided[0], end_of_term="cancel").error
    assert "the first" in str(error)
    assert statuses(emulator) == [400, 400]
    emulator.forget()
    assert "another" in str(path.set(undecided[1], quantity=4711).error)
    assert statuses(emulator) == [400]


def test_a_lost_answer_is_looked_for_whatever_the_form(path: OnePath, emulator: Emulator, undecided: list[Ids]) -> None:
    emulator.switch(scheduled_actions_form="object")
    for fault in ("reset_before", "reset_after"):
        emulator.store(undecided[0], autoRenewEnabled=True, **{"$unset": [ACTIONS]})
        emulator.forget()
        emulator.fault(match={"method": "PATCH"}, times=1, action=fault)
        outcome = path.set(undecided[0], end_of_term="cancel")
        assert (outcome.error, outcome.changed) == (None, True)
        assert emulator.effective_writes() == 1
