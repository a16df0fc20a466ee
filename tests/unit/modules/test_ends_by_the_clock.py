# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet's module declared is what comes about when the clock moves on; the policy is the guide's own."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

import pytest
import yaml

from ansible_collections.csp.partner_center.plugins.module_utils._common.times import utc_text
from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect, eligibility

from ..docs.documents import files
from ..emulators import Emulator
from ..end_of_terms import ACTIONS, CANCEL, EXTEND, INSTRUCTIONS, OFF
from ..engine.fleets import item
from .test_fleet_endings import run

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "20", "--subscriptions-per-customer", "5", "--seed", "1")


def now(emulator: Emulator) -> datetime:
    return datetime.fromisoformat(emulator.control("GET", "clock")["now"])


def go(emulator: Emulator, moment: datetime) -> None:
    emulator.control("POST", "clock", {"now": utc_text(moment)})


def test_each_decision_comes_about(emulator: Emulator) -> None:
    decided = dict(zip(effect.CHOICES, emulator.all("nce", "active"), strict=False))
    for wanted, ids in decided.items():
        other = EXTEND if wanted == "cancel" else CANCEL
        emulator.store(ids, termDuration="P1Y", **OFF, **{ACTIONS: [other], INSTRUCTIONS: None})
    told = run(emulator, subscriptions=[item(ids, end_of_term=wanted) for wanted, ids in decided.items()])
    assert (told.get("failed", False), told["summary"]["changed"]) == (False, len(effect.CHOICES))
    ends = [emulator.stored(ids)["commitmentEndDateTime"] for ids in decided.values()]
    before = {wanted: emulator.stored(ids) for wanted, ids in decided.items()}
    go(emulator, datetime.fromisoformat(max(ends).replace("Z", "+00:00")) + timedelta(minutes=1))
    after = {wanted: emulator.stored(ids) for wanted, ids in decided.items()}
    assert {wanted: one["status"] for wanted, one in after.items()} == {
        "renew": "active",
        "cancel": "disabled",
        "extended_service_term": "active",
    }
    assert [wanted for wanted, one in after.items() if eligibility.is_within(one)] == ["extended_service_term"]
    assert {wanted: one["quantity"] for wanted, one in after.items()} == {
        wanted: one["quantity"] for wanted, one in before.items()
    }


def is_asked_for(stored: dict[str, t.Any]) -> bool:
    """Whether somebody has asked for the paid term, or it runs already."""
    found = effect.read(stored)
    return eligibility.is_within(stored) or (found.effect == "extended_service_term" and found.decided)


@pytest.mark.parametrize("is_backfilled", [False, True])
def test_the_policy_of_the_guide_leaves_nothing_in_a_paid_term_that_nobody_asked_for(
    emulator: Emulator, is_backfilled: bool
) -> None:
    readback = "both" if is_backfilled else "as_written"
    emulator.switch(est_conversion_delay="never", est_backfill=is_backfilled, end_of_term_readback=readback)
    asked_for = {ids for ids, one in emulator.all_stored().items() if is_asked_for(one)}
    given = yaml.safe_load(files("guide_end_of_term")["undecided.yml"])
    told = run(emulator, policies=given["fleet_policies"], guard=given["fleet_guard"])
    assert not told.get("failed", False), told["msg"]
    assert {one["after"] for one in told["plan"] if one["field"] == "end_of_term"} == {"cancel"}
    begin, entered = now(emulator), set()
    # Each term of the fleet ends within three years, and an extended one lasts a month.
    for month in range(1, 38):
        go(emulator, begin + timedelta(days=30 * month))
        active = {ids: one for ids, one in emulator.all_stored().items() if one["status"] == "active"}
        entered |= {ids for ids, one in active.items() if eligibility.is_within(one)}
    assert entered
    assert entered <= asked_for
