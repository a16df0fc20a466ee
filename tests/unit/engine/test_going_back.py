# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back from runs that took scheduled changes away: on purpose, or because they could not end."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal import FileJournal, last_run
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.journal_rest import left_open
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Target, Write
from ansible_collections.csp.partner_center.plugins.module_utils._state.turning import to_desired, to_rollback

from .conftest import OnePath
from .emulator import Emulator
from .fleets import Fleet, Run

INSTRUCTIONS = "scheduledNextTermInstructions"


@pytest.fixture
def many(path: OnePath) -> Fleet:
    return Fleet(path)


@pytest.fixture
def ids(emulator: Emulator) -> tuple[str, str]:
    return emulator.find("scheduled")


def item(ids: tuple[str, str], **values: t.Any) -> dict[str, t.Any]:
    return {"customer_id": ids[0], "subscription_id": ids[1], **values}


def journalled(many: Fleet, path: Path, *items: dict[str, t.Any], **options: t.Any) -> Run:
    journal = FileJournal(str(path), utc_now)
    run = many.run(list(items), journal=journal, **options)
    journal.close({})
    return run


def shown(emulator: Emulator, ids: tuple[str, str]) -> dict[str, t.Any]:
    stored = emulator.stored(ids)
    return {name: stored.get(name) for name in ("friendlyName", "autoRenewEnabled", "quantity", INSTRUCTIONS)}


def undone(many: Fleet, items: list[dict[str, t.Any]]) -> None:
    run = many.run(items)
    assert run.errors() == []


def test_a_restoring_write_that_was_refused_is_made_by_the_way_back(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
) -> None:
    before, journal = shown(emulator, ids), tmp_path / "journal"
    emulator.fault(match={"method": "PATCH", "path": f"*/{ids[1]}"}, skip=1, times=None, action="error", status=400)
    run = journalled(many, journal, item(ids, friendly_name="new"))
    assert "could not be written back" in run.errors()[0]
    assert shown(emulator, ids)[INSTRUCTIONS] is None
    emulator.control("DELETE", "faults")
    items, left_out = to_rollback(journal.read_text(), utc_now())
    assert left_out == []
    undone(many, items)
    assert shown(emulator, ids) == before


def test_so_is_one_that_a_killed_run_had_no_time_for(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
) -> None:
    before, journal = shown(emulator, ids), tmp_path / "journal"
    emulator.fault(match={"method": "PATCH", "path": f"*/{ids[1]}"}, skip=1, times=None, action="error", status=400)
    journalled(many, journal, item(ids, friendly_name="new"))
    emulator.control("DELETE", "faults")
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    killed = lines[: 1 + next(number for number, line in enumerate(lines) if line["event"] == "intent")]
    items, left_out = to_rollback("\n".join(map(json.dumps, killed)), utc_now())
    assert left_out == []
    undone(many, items)
    assert shown(emulator, ids) == before


def cut(journal: Path, *, events: int = 1) -> None:
    """The journal as a killed run leaves it: up to its first intent, and a torn line."""
    lines = journal.read_text().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if json.loads(line)["event"] == "intent")
    journal.write_text("".join(lines[: first + events]) + lines[first + events][:9])


def test_the_next_run_makes_it_and_says_so(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
) -> None:
    before, journal, wanted = shown(emulator, ids), tmp_path / "journal", item(ids, friendly_name="new")
    emulator.fault(match={"method": "PATCH", "path": f"*/{ids[1]}"}, skip=1, times=None, action="error", status=400)
    journalled(many, journal, wanted)
    emulator.control("DELETE", "faults")
    cut(journal)
    left = left_open(*last_run(str(journal)))
    foretold = many.run([wanted], check_mode=True, owed=left.renewals())
    run = journalled(many, journal, wanted, owed=left.renewals())
    assert run.errors() == []
    assert [(one["field"], one["before"]) for one in run.plan] == [("scheduled_next_term_instructions", None)]
    assert foretold.plan == run.plan
    assert shown(emulator, ids) == {**before, "friendlyName": "new"}
    again, unknown = left.told(run.survey.given_back)
    assert "planned again" in again
    assert "did not come to its end" in unknown
    assert left_open(*last_run(str(journal))).owed == {}


def test_what_nobody_asks_for_any_more_is_only_told(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
) -> None:
    journal, other = tmp_path / "journal", emulator.find("nce")
    emulator.fault(match={"method": "PATCH", "path": f"*/{ids[1]}"}, skip=1, times=None, action="error", status=400)
    journalled(many, journal, item(ids, friendly_name="new"))
    left = left_open(*last_run(str(journal)))
    run = many.run([item(other, friendly_name="other")], owed=left.renewals())
    assert run.survey.given_back == []
    (told,) = left.told([])
    assert ids[1].lower() in told
    assert '"quantity"' in told


@pytest.mark.parametrize("meanwhile", [{"autoRenewEnabled": False}, {INSTRUCTIONS: {"quantity": 3}}])
def test_what_somebody_did_meanwhile_stands(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path, meanwhile: dict[str, t.Any]
) -> None:
    journal, wanted = tmp_path / "journal", item(ids, friendly_name="new")
    emulator.fault(match={"method": "PATCH", "path": f"*/{ids[1]}"}, skip=1, times=None, action="error", status=400)
    journalled(many, journal, wanted)
    emulator.control("DELETE", "faults")
    emulator.store(ids, **meanwhile)
    run = many.run([wanted], owed=left_open(*last_run(str(journal))).renewals())
    assert run.plan == []


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ({"auto_renew_enabled": False}, {}),
        ({"friendly_name": "new"}, {"scheduled_changes": "drop"}),
        ({"friendly_name": "new", "clear_scheduled_next_term_instructions": True}, {}),
        ({"friendly_name": "new"}, {}),
    ],
)
def test_a_run_that_came_to_its_end_owes_nothing(
    many: Fleet,
    emulator: Emulator,
    ids: tuple[str, str],
    tmp_path: Path,
    values: dict[str, t.Any],
    options: dict[str, t.Any],
) -> None:
    journal = tmp_path / "journal"
    assert journalled(many, journal, item(ids, **values), **options).errors() == []
    left = left_open(*last_run(str(journal)))
    assert (left.owed, list(left.told([]))) == ({}, [])


def test_one_that_was_made_is_not_made_again(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
) -> None:
    before, journal = shown(emulator, ids), tmp_path / "journal"
    assert journalled(many, journal, item(ids, friendly_name="new")).errors() == []
    items, left_out = to_rollback(journal.read_text(), utc_now())
    assert left_out == []
    assert [sorted(one) for one in items] == [["customer_id", "expect", "friendly_name", "subscription_id"]]
    undone(many, items)
    assert shown(emulator, ids) == before


def test_a_change_that_is_not_settled_in_time_names_the_restoring_write(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
) -> None:
    before, journal = shown(emulator, ids), tmp_path / "journal"
    emulator.switch(patch_answer="202", accepted_delay=3600.0)
    run = journalled(many, journal, item(ids, friendly_name="new"), wait_timeout=0)
    assert run.outcomes[0].not_started == ("restore (scheduled changes)",)
    emulator.control("POST", "clock", {"advance": 7200})
    emulator.switch(patch_answer="200")
    assert shown(emulator, ids)[INSTRUCTIONS] is None
    undone(many, to_rollback(journal.read_text(), utc_now())[0])
    assert shown(emulator, ids) == before


@pytest.mark.parametrize(
    ("values", "options"),
    [({"auto_renew_enabled": False}, {}), ({"friendly_name": "new"}, {"scheduled_changes": "drop"})],
)
@pytest.mark.parametrize("from_plan", [True, False])
def test_what_goes_on_purpose_comes_back(
    many: Fleet,
    emulator: Emulator,
    ids: tuple[str, str],
    tmp_path: Path,
    values: dict[str, t.Any],
    options: dict[str, t.Any],
    from_plan: bool,
) -> None:
    before, journal = shown(emulator, ids), tmp_path / "journal"
    run = journalled(many, journal, item(ids, **values), **options)
    assert run.errors() == []
    assert shown(emulator, ids)[INSTRUCTIONS] is None
    (entry,) = run.plan
    assert entry["drops"]["scheduled_next_term_instructions"]["quantity"] == before[INSTRUCTIONS]["quantity"]
    items, left_out = to_rollback(run.plan if from_plan else journal.read_text(), utc_now())
    assert left_out == []
    undone(many, items)
    assert shown(emulator, ids) == before


def test_others_than_those_that_were_approved_to_go_do_not_go(
    many: Fleet, emulator: Emulator, ids: tuple[str, str]
) -> None:
    plan = many.run([item(ids, auto_renew_enabled=False)], check_mode=True).plan
    instructions = emulator.stored(ids)[INSTRUCTIONS]
    emulator.store(ids, **{INSTRUCTIONS: {**instructions, "quantity": instructions["quantity"] + 1}})
    run = many.run(to_desired(plan))
    assert "not as expected" in run.errors()[0]
    assert emulator.writes() == []


@pytest.mark.parametrize("from_plan", [True, False])
def test_what_no_option_sets_is_named(many: Fleet, emulator: Emulator, tmp_path: Path, from_plan: bool) -> None:
    ids, journal = emulator.find("next_charge"), tmp_path / "journal"
    run = journalled(many, journal, item(ids, friendly_name="new"), scheduled_changes="drop")
    _items, left_out = to_rollback(run.plan if from_plan else journal.read_text(), utc_now())
    assert len(left_out) == 1
    assert "next_charge_instructions" in left_out[0]
    assert ids[1].lower() in left_out[0].lower()


def test_the_last_run_that_wrote_is_found_in_a_long_journal(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    written: list[str] = []
    for writes in (400, 300, 0):
        journal = FileJournal(str(file), utc_now)
        journal.start(tenant_id="t")
        for number in range(writes):
            target = Target("subscription", f"c{number}", f"s{number}")
            journal.intent(Write(target, "change"), {"friendly_name": "é" * 300}, {}, f"{writes}-{number}")
        if writes:
            written.append(journal.run_id)
        journal.close({})
    lines, is_last = last_run(str(file))
    assert [line.get("request_id") for line in lines[1:-1]] == [f"300-{number}" for number in range(300)]
    assert {line["run"] for line in lines} == {written[-1]}
    assert (lines[0]["event"], lines[-1]["event"], is_last) == ("start", "end", False)
    file.write_text("")
    assert last_run(str(file)) == ([], True)
