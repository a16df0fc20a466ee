# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollbacks of runs that deleted scheduled changes: on purpose, or because they could not end."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import (
    to_desired,
    to_rollback,
)

from ..emulators import Emulator
from .fleets import INSTRUCTIONS, Fleet, Run, item


@pytest.fixture
def ids(emulator: Emulator) -> tuple[str, str]:
    return emulator.find("scheduled")


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


def test_a_rollback_makes_a_restoring_write_that_was_refused(
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


def test_a_rollback_makes_a_restoring_write_that_a_killed_run_did_not_send(
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


def test_a_rollback_does_not_repeat_a_restoring_write_that_was_made(
    many: Fleet, emulator: Emulator, ids: tuple[str, str], tmp_path: Path
) -> None:
    before, journal = shown(emulator, ids), tmp_path / "journal"
    assert journalled(many, journal, item(ids, friendly_name="new")).errors() == []
    items, left_out = to_rollback(journal.read_text(), utc_now())
    assert left_out == []
    assert [sorted(one) for one in items] == [["customer_id", "expect", "friendly_name", "subscription_id"]]
    undone(many, items)
    assert shown(emulator, ids) == before


def test_a_rollback_restores_schedules_that_a_write_without_an_end_deleted(
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
    [({"auto_renew_enabled": False}, {}), ({"quantity": 999}, {"scheduled_changes": "drop"})],
)
@pytest.mark.parametrize("from_plan", [True, False])
def test_a_rollback_restores_schedules_that_were_dropped_on_purpose(
    many: Fleet,
    emulator: Emulator,
    ids: tuple[str, str],
    tmp_path: Path,
    values: dict[str, t.Any],
    options: dict[str, t.Any],
    from_plan: bool,
) -> None:
    if "auto_renew_enabled" in values:
        emulator.make_software(ids)
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


@pytest.mark.parametrize("from_plan", [True, False])
@pytest.mark.parametrize("readback", ["as_written", "true"])
def test_auto_renew_that_is_laid_back_off_may_be_shown_as_on_beside_what_follows(
    many: Fleet, emulator: Emulator, tmp_path: Path, readback: str, from_plan: bool
) -> None:
    """The service takes it for the extended service term, and may show auto-renew on beside that."""
    ids, journal = emulator.find("nce"), tmp_path / "journal"
    emulator.store(ids, autoRenewEnabled=False, friendlyName="old")
    run = journalled(many, journal, item(ids, auto_renew_enabled=True, friendly_name="new"))
    assert (run.errors(), emulator.stored(ids)["autoRenewEnabled"]) == ([], True)
    emulator.switch(est_auto_renew_readback=readback)
    items, left_out = to_rollback(run.plan if from_plan else journal.read_text(), utc_now())
    assert left_out == []
    back = journalled(many, tmp_path / "back", *items, is_rollback=True)
    assert (back.errors(), back.changed()) == ([], [ids[1]])
    stored = emulator.stored(ids)
    assert (stored["friendlyName"], effect.read(stored).effect) == ("old", "extended_service_term")
    emulator.forget()
    assert many.run(items, is_rollback=True).errors() == []
    assert emulator.writes() == []


def test_schedules_other_than_those_approved_to_be_dropped_are_kept(
    many: Fleet, emulator: Emulator, ids: tuple[str, str]
) -> None:
    emulator.make_software(ids)
    plan = many.run([item(ids, auto_renew_enabled=False)], check_mode=True).plan
    instructions = emulator.stored(ids)[INSTRUCTIONS]
    emulator.store(ids, **{INSTRUCTIONS: {**instructions, "quantity": instructions["quantity"] + 1}})
    run = many.run(to_desired(plan))
    assert "not as expected" in run.errors()[0]
    assert emulator.writes() == []


@pytest.mark.parametrize("from_plan", [True, False])
def test_next_charge_instructions_that_no_option_sets_are_named_in_a_rollback(
    many: Fleet, emulator: Emulator, tmp_path: Path, from_plan: bool
) -> None:
    ids, journal = emulator.find("next_charge"), tmp_path / "journal"
    run = journalled(many, journal, item(ids, quantity=999), scheduled_changes="drop")
    _items, left_out = to_rollback(run.plan if from_plan else journal.read_text(), utc_now())
    assert len(left_out) == 1
    assert "next_charge_instructions" in str(left_out[0])
    assert ids[1].lower() in str(left_out[0]).lower()


def test_a_rollback_lays_back_an_end_that_went_with_another_change(
    many: Fleet, emulator: Emulator, tmp_path: Path
) -> None:
    """More seats delete the scheduled end, and the service puts in its place what was asked for in any case."""
    ids, journal = emulator.find("custom_date_action"), tmp_path / "journal"
    before = emulator.stored(ids)["scheduledActions"]
    assert journalled(many, journal, item(ids, quantity=90, end_of_term="extended_service_term")).errors() == []
    assert emulator.stored(ids)["scheduledActions"] != before
    items, left_out = to_rollback(journal.read_text(), utc_now())
    assert left_out == []
    assert many.run(items, is_rollback=True).errors() == []
    assert emulator.stored(ids)["scheduledActions"] == before


def test_a_rollback_that_the_service_makes_something_else_of_is_not_called_unchanged(
    many: Fleet, emulator: Emulator, tmp_path: Path
) -> None:
    """Nobody had decided; what is laid back so, the service takes for an extended service term at once."""
    ids, journal = emulator.find("extended_chosen"), tmp_path / "journal"
    emulator.store(ids, autoRenewEnabled=False, scheduledActions=None)
    wanted = item(ids, end_of_term="renew", scheduled_next_term_instructions={"quantity": 7})
    assert journalled(many, journal, wanted).errors() == []
    items, _left_out = to_rollback(journal.read_text(), utc_now())
    run = many.run(items, is_rollback=True)
    assert emulator.stored(ids)["autoRenewEnabled"] is False
    assert "answered success, but" in run.errors()[0]
