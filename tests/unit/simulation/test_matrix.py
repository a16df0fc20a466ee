# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix in memory, all of it, and one cell of each row in the module itself, over TLS."""

from __future__ import annotations

import json
import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest

from ..emulators import Emulator, Ids
from ..forks import start_module
from .played import played

pytestmark = pytest.mark.once

#: The emulator's action for what the simulation's own network does. It cannot refuse a connection.
ACTIONS = {
    "lost_before": "reset_before",
    "lost_after": "reset_after",
    "truncated": "truncate",
    "slow": "apply_then_delay",
}
NOT_THERE = {"not_sent", "late", "token"}


def test_every_cell_comes_as_promised_and_the_guide_says_so() -> None:
    assert "cells, 0 not as promised" in played("--matrix")


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "24", "--seed", "7")


def test_a_cell_of_each_row_in_the_module(emulator: Emulator) -> None:
    faults = json.loads(played("--faults"))
    assert {fault["kind"] for fault in faults if not fault["action"]} == {*ACTIONS, *NOT_THERE}
    rows = [fault for fault in faults if fault["kind"] not in NOT_THERE]
    chosen = emulator.all("nce", "active")[: len(rows)]
    # Most of the time, each waits.
    with ThreadPoolExecutor(8) as pool:
        assert [
            one for one in pool.map(lambda pair: one_cell(emulator, *pair), zip(rows, chosen, strict=True)) if one
        ] == []


def one_cell(emulator: Emulator, fault: dict[str, t.Any], ids: Ids) -> str:
    """What does not come as it is promised."""
    is_read = fault["on"] == "one"
    # A single item is read by its id for the plan, and once more before the write.
    rule = {"method": "GET" if is_read else "PATCH", "path": f"*/{ids[1]}"}
    options = {"seconds": 4} if fault["kind"] == "slow" else fault["options"]
    emulator.fault(match=rule, action=fault["action"] or ACTIONS[fault["kind"]], skip=int(is_read), **options)
    item = {"customer_id": ids[0], "subscription_id": ids[1], "friendly_name": "new"}
    given = {**emulator.connection, "subscriptions": [item], "timeout": 2, "wait_interval": 1, "wait_timeout": 12}
    output, errors = start_module("pc_fleet", given, {}).communicate()
    told = json.loads(output)
    (outcome,) = told["outcomes"]
    error = (outcome.get("error") or {}).get("type")
    said = "changed" if outcome["changed"] else "unchanged"
    state = "made" if emulator.stored(ids)["friendlyName"] == "new" else "not made"
    found = state, f"{error}, {said}" if error else said
    return "" if found == (fault["state"], fault["told"]) else f"{fault['name']}: {found}, {outcome['msg']} {errors}"
