# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet reads besides its lists: only what no list tells."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine import survey

from .emulator import Emulator
from .fleets import INSTRUCTIONS, Fleet, methods

RENEWING: dict[str, t.Any] = {"match": {"status": "active", "product_type": "nce", "auto_renew_enabled": True}}
SEATS = [{"name": "seats", **RENEWING, "set": {"scheduled_next_term_instructions": {"quantity": 7}}}]
CLEAR = [{"name": "clear", **RENEWING, "set": {"clear_scheduled_next_term_instructions": True}}]


def lists(emulator: Emulator) -> dict[str, int]:
    """What a run costs in which nothing changes."""
    found = methods(emulator)
    return {"CUSTOMERS": 1, "LIST": found["LIST"]}


def test_instructions_that_some_have_cost_no_read_of_those_that_have_none(many: Fleet, emulator: Emulator) -> None:
    emulator.switch(schedule_drop="none")
    run = many.run(policies=SEATS)
    assert run.errors() == []
    without = [entry for entry in run.plan if entry["before"] is None]
    assert len(without) > 10
    assert methods(emulator) == {**lists(emulator), "GET": len(run.plan), "PATCH": len(run.plan)}
    emulator.forget()
    assert many.run(policies=SEATS).plan == []
    assert methods(emulator) == lists(emulator)


def test_nor_does_it_to_clear_them(many: Fleet, emulator: Emulator) -> None:
    run = many.run(policies=CLEAR)
    assert 0 < len(run.plan) < len(emulator.all("nce"))
    assert methods(emulator) == {**lists(emulator), "GET": len(run.plan), "PATCH": len(run.plan)}


@pytest.mark.parametrize("policies", [SEATS, CLEAR])
def test_what_no_list_shows_is_read_by_id(
    many: Fleet, emulator: Emulator, policies: list[dict[str, t.Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = many.run(policies=policies, check_mode=True)
    emulator.switch(list_omits=[INSTRUCTIONS])
    plans = []
    for most in (2000, 3, 0):
        monkeypatch.setattr(survey, "_MOST_WAITING", most)
        emulator.forget()
        plans.append(many.run(policies=policies, check_mode=True).plan)
        assert methods(emulator)["GET"] >= len(whole.plan)
    assert plans == [whole.plan] * 3 != [[]] * 3


def test_an_explicit_null_is_shown(many: Fleet, emulator: Emulator) -> None:
    for kind in ("scheduled", "scheduled_and_next_charge"):
        for ids in emulator.all(kind):
            emulator.store(ids, **{INSTRUCTIONS: None})
    run = many.run(policies=SEATS, check_mode=True)
    assert len(run.plan) > 10
    assert methods(emulator) == lists(emulator)


def test_a_field_that_every_subscription_has_is_read_by_id_where_lists_omit_it(many: Fleet, emulator: Emulator) -> None:
    emulator.switch(list_omits=["friendlyName"])
    names = [{"name": "names", **RENEWING, "set": {"friendly_name": "n"}}]
    run = many.run(policies=names, check_mode=True)
    assert methods(emulator)["GET"] >= len(run.plan) > 10
