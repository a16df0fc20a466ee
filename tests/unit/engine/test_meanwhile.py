# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody else does between the plan of a fleet and its writes."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import (
    to_desired,
    to_rollback,
)

from ..emulators import Emulator
from .fleets import Fleet, item


class TestWhatSomebodySchedulesMeanwhile:
    """Scheduled changes that were not there when the plan was made do not go with it."""

    @pytest.mark.parametrize(
        ("settings", "options"),
        [({"auto_renew_enabled": False}, {}), ({"quantity": 999}, {"scheduled_changes": "drop"})],
    )
    def test_makes_a_change_that_would_delete_it_for_good_a_conflict(
        self, many: Fleet, emulator: Emulator, settings: dict[str, t.Any], options: dict[str, t.Any]
    ) -> None:
        ids = emulator.all("nce", "active")[0]
        emulator.make_software(ids)
        theirs = {"product": {"productId": "p"}, "quantity": 5}
        emulator.hook(ids, on="GET", nth=2, scheduledNextTermInstructions=theirs)
        run = many.run([item(ids, **settings)], **options)
        assert "scheduled_next_term_instructions is" in run.errors()[0]
        assert emulator.writes() == []
        assert emulator.stored(ids)["scheduledNextTermInstructions"] == theirs

    def test_is_not_deleted_by_a_plan_that_was_approved_before(self, many: Fleet, emulator: Emulator) -> None:
        ids = emulator.all("nce", "active")[0]
        emulator.make_software(ids)
        emulator.store(ids, autoRenewEnabled=True)
        plan = many.run([item(ids, auto_renew_enabled=False)], check_mode=True).plan
        theirs = {"product": {"productId": "p"}, "quantity": 5}
        emulator.store(ids, scheduledNextTermInstructions=theirs)
        emulator.forget()
        run = many.run(to_desired(plan))
        assert "scheduled_next_term_instructions is" in run.errors()[0]
        assert emulator.writes() == []
        emulator.store(ids, **{"$unset": ["scheduledNextTermInstructions"]})
        assert many.run(to_desired(plan)).changed()
        assert many.run(to_desired(plan)).plan == []

    def test_is_not_deleted_by_the_way_back(self, many: Fleet, emulator: Emulator) -> None:
        ids = emulator.find("no_auto_renew")
        plan = many.run([item(ids, auto_renew_enabled=True)]).plan
        theirs = {"product": {"productId": "p"}, "quantity": 5}
        emulator.store(ids, scheduledNextTermInstructions=theirs)
        items, left_out = to_rollback(plan, utc_now())
        assert left_out == []
        assert "scheduled_next_term_instructions is" in many.run(items).errors()[0]
        assert emulator.stored(ids)["scheduledNextTermInstructions"] == theirs

    def test_is_written_back_after_a_change_that_restores_it(self, many: Fleet, emulator: Emulator) -> None:
        ids = emulator.all("nce", "active")[0]
        theirs = {**emulator.stored(emulator.find("scheduled"))["scheduledNextTermInstructions"], "quantity": 5}
        emulator.hook(ids, on="GET", nth=2, scheduledNextTermInstructions=theirs)
        run = many.run([item(ids, friendly_name="n")])
        assert run.errors() == []
        assert emulator.stored(ids)["scheduledNextTermInstructions"] == theirs
