# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the properties of fleets have found, as its smallest example."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Options, utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import to_rollback

from ..emulators import Emulator
from .fleets import item
from .one_path import OnePath
from .test_fleet import Fleet

RENEWAL = "scheduledNextTermInstructions"


@pytest.mark.parametrize("mode", ["restore", "refuse", "drop"])
def test_instructions_that_are_asked_for_and_there_survive_an_immediate_change(
    path: OnePath, emulator: Emulator, mode: str
) -> None:
    ids = emulator.find("scheduled")
    before = emulator.stored(ids)
    wanted = {"quantity": before[RENEWAL]["quantity"]}
    outcome = path.set(
        ids,
        friendly_name="n",
        scheduled_next_term_instructions=wanted,
        options=Options(scheduled_changes=mode),  # type: ignore[arg-type]
    )
    assert outcome.error is None
    after = emulator.stored(ids)
    assert (after["friendlyName"], after[RENEWAL]) == ("n", before[RENEWAL])
    assert [change.field for change in outcome.changes] == ["friendly_name"]


def test_instructions_that_a_suspension_deletes_are_not_reported_as_made(path: OnePath, emulator: Emulator) -> None:
    ids = emulator.find("scheduled")
    outcome = path.set(ids, status="suspended", scheduled_next_term_instructions={"quantity": 7})
    assert "800091" in str(outcome.error)


@pytest.mark.parametrize(
    ("omitted", "settings"),
    [
        ("productType", {"billing_cycle": "annual"}),
        ("productType", {"quantity": 300}),
        ("billingType", {"quantity": 300}),
        ("autoRenewEnabled", {"scheduled_next_term_instructions": {"quantity": 3}}),
    ],
)
def test_a_list_that_omits_a_field_is_planned_as_one_that_does_not(
    many: Fleet, emulator: Emulator, omitted: str, settings: dict[str, t.Any]
) -> None:
    kinds = ("nce", "legacy", "azure_plan", "no_auto_renew")
    everyone = {ids for kind in kinds for ids in emulator.all(kind)}
    items = [item(one, **settings) for one in sorted(everyone)]
    whole = many.run(items, check_mode=True)
    emulator.switch(list_omits=[omitted])
    sparse = many.run(items, check_mode=True)
    # When the task looked differs.
    fixed = [{name: value for name, value in entry.items() if name != "reversible"} for entry in whole.plan]
    assert [{name: value for name, value in entry.items() if name != "reversible"} for entry in sparse.plan] == fixed
    assert sparse.errors() == whole.errors()


def test_a_policy_tells_new_commerce_from_legacy_where_the_list_does_not(many: Fleet, emulator: Emulator) -> None:
    policies = [{"name": "p", "match": {"product_type": "nce"}, "set": {"friendly_name": "n"}}]
    whole = many.run(policies=policies, check_mode=True)
    emulator.switch(list_omits=["productType"])
    assert many.run(policies=policies, check_mode=True).plan == whole.plan != []


@pytest.mark.parametrize("meanwhile", ["202", "204", "empty"])
def test_an_empty_answer_does_not_show_that_instructions_are_cleared(
    path: OnePath, emulator: Emulator, meanwhile: str
) -> None:
    emulator.switch(patch_answer="202", accepted_delay=12, pending_get=meanwhile)
    ids = emulator.find("scheduled")
    outcome = path.set(ids, clear_scheduled_next_term_instructions=True)
    assert outcome.error is None
    assert path.seconds >= 12
    assert RENEWAL not in emulator.stored(ids)


def behind(emulator: Emulator, read: int) -> None:
    """The ``read``-th read of a subscription shows what was before the last change."""
    emulator.fault(match={"method": "GET", "path": "/v1/*"}, skip=read - 1, action="stale_read")


class TestReadsThatAreBehind:
    def test_a_stale_read_does_not_hide_that_scheduled_changes_are_gone(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("scheduled")
        before = emulator.stored(ids)
        behind(emulator, 3)
        outcome = path.set(ids, friendly_name="n")
        assert outcome.error is None
        after = emulator.stored(ids)
        assert (after["friendlyName"], after[RENEWAL]) == ("n", before[RENEWAL])

    def test_a_stale_read_is_not_written_back_over_an_earlier_write(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(schedule_drop="none")
        ids = emulator.find("nce")
        behind(emulator, 3)
        outcome = path.set(ids, quantity=200, scheduled_next_term_instructions={"quantity": 7})
        assert outcome.error is None
        after = emulator.stored(ids)
        assert (after["quantity"], after[RENEWAL]["quantity"]) == (200, 7)

    def test_reads_that_stay_stale_end_in_a_clear_error(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(schedule_drop="none")
        emulator.fault(match={"method": "GET", "path": "/v1/*"}, skip=2, action="stale_read", times=None)
        outcome = path.set(emulator.find("nce"), quantity=200, scheduled_next_term_instructions={"quantity": 7})
        assert "does not show what was written just before (quantity)" in str(outcome.error)
        assert outcome.changed
        assert len(emulator.writes()) == 1

    @pytest.mark.parametrize(
        "rules",
        [
            [{"action": "empty"}],
            [{"action": "reset_after"}, {"action": "error", "status": 400, "code": 3000}],
        ],
    )
    def test_reads_that_stay_stale_leave_the_write_open_in_the_journal(
        self, many: Fleet, emulator: Emulator, tmp_path: Path, rules: list[dict[str, t.Any]]
    ) -> None:
        ids = emulator.find("nce")
        for rule in rules:
            emulator.fault(match={"method": "PATCH"}, **rule)
        emulator.fault(match={"method": "GET", "path": "/v1/*"}, skip=2, action="stale_read", times=None)
        journal = FileJournal(str(tmp_path / "journal.jsonl"), utc_now)
        run = many.run([item(ids, quantity=200)], journal=journal)
        journal.close({})
        assert len(run.errors()) == 1
        assert emulator.stored(ids)["quantity"] == 200
        (back,), left_out = to_rollback((tmp_path / "journal.jsonl").read_text(), utc_now())
        assert (back["expect"]["quantity"], left_out) == (200, [])
