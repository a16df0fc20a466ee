# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A fleet's run that is killed: whatever the moment, the journal holds an intent for every write that was made, and the
next run comes to the desired state. Nothing here is timed; limits are there so that a broken test ends.
"""

from __future__ import annotations

import os
import random
import signal
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_items

from ..emulators import STRICT, Emulator
from .kills import NAME, Killed, effective, output, the_server_is_at_rest, until

pytestmark = pytest.mark.once

#: Seconds that each answer takes while a run is to be killed: all of its writes take many times as long as it takes the
#: module to see that its playbook is gone.
SLOW = 0.4
INSTRUCTIONS = "scheduledNextTermInstructions"
END = ("autoRenewEnabled", "scheduledActions", INSTRUCTIONS)
CANCEL = {"scheduleType": "TermEnd", "actionType": "Cancel"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulator]:
    emulator = Emulator(
        Path(tmp_path_factory.mktemp("emulator")), ("--customers", "12", "--seed", "7", *STRICT)
    ).start()
    yield emulator
    emulator.stop()


@pytest.fixture
def run(own: Emulator, tmp_path: Path) -> t.Iterator[Killed]:
    own.reset()
    own.switch(latency=SLOW)
    run = Killed(own, tmp_path)
    yield run
    run.clean_up()


def schedules(run: Killed) -> dict[tuple[str, str], t.Any]:
    return {ids: run.emulator.stored(ids).get(INSTRUCTIONS) for ids in run.emulator.all("nce")}


def the_next_run_converges(run: Killed, scheduled: dict[tuple[str, str], t.Any]) -> None:
    first = effective(run)
    run.emulator.switch(latency=0)
    run.start()
    assert run.end() == 0, output(run)
    everyone = run.emulator.all("nce", "active")
    assert {run.emulator.stored(ids)["friendlyName"] for ids in everyone} == {NAME}
    assert schedules(run) == scheduled
    intents = {line["request_id"] for line in run.of("intent")}
    assert effective(run) <= intents
    assert len({line["run"] for line in run.lines()}) in (1, 2)
    # Together they wrote each name once; what else the first one did is there to be seen, or to be taken back.
    named = [line for line in run.of("intent") if line["step"] == "change" and line["request_id"] in effective(run)]
    assert len(named) == len(everyone)
    assert first <= effective(run)


def can_be_rolled_back(run: Killed, before: dict[tuple[str, str], t.Any]) -> None:
    """The journal of the killed run names the way back of every write that took effect."""
    made = {line["subscription_id"] for line in run.of("intent") if line["request_id"] in effective(run)}
    items, _left_out = plan_items.to_rollback(run.journal.read_text(), utc_now()) if run.of("intent") else ([], [])
    back = {(item["customer_id"], item["subscription_id"]): item["friendly_name"] for item in items}
    assert made <= {ids[1] for ids in back}
    assert all(back[ids] == before[ids]["friendlyName"] for ids in back)


@pytest.mark.parametrize("writes", [0, 1, 9])
def test_a_killed_module_leaves_no_write_without_its_intent(run: Killed, writes: int) -> None:
    before = {ids: run.emulator.stored(ids) for ids in run.emulator.all("nce", "active")}
    assert len(before) > 25
    scheduled = schedules(run)
    assert any(scheduled.values())
    run.start()
    until(f"the module has begun: {output(run)}", lambda: run.module() is not None)
    until(f"{writes} writes", lambda: run.emulator.effective_writes() >= writes)
    # At any moment of the requests that are under way.
    time.sleep(random.uniform(0, 2 * SLOW))
    module = run.module()
    assert module is not None, output(run)
    os.kill(module, signal.SIGKILL)
    assert run.end() != 0
    the_server_is_at_rest(run, SLOW)
    made = effective(run)
    assert writes <= len(made) < len(before)
    assert made <= {line["request_id"] for line in run.of("intent")}
    can_be_rolled_back(run, before)
    the_next_run_converges(run, scheduled)


@pytest.mark.parametrize("writes", [4])
def test_a_module_whose_playbook_was_killed_finishes_the_writes_under_way(run: Killed, writes: int) -> None:
    everyone, scheduled = run.emulator.all("nce", "active"), schedules(run)
    run.start()
    until(f"{writes} writes: {output(run)}", lambda: run.emulator.effective_writes() >= writes)
    module = run.module()
    assert module is not None, output(run)
    assert run.process is not None
    run.process.kill()
    run.process.wait()
    until("the module ends", lambda: run.module() is None)
    the_server_is_at_rest(run, SLOW)
    made = effective(run)
    # It has noted its end, and that of each write: none was under way any more.
    assert [line["event"] for line in run.lines()][-1] == "end"
    results = {line["request_id"]: line["result"] for line in run.of("outcome")}
    assert {line["request_id"] for line in run.of("intent")} == results.keys()
    assert {one for one, result in results.items() if result == "applied"} == made
    assert writes <= len(made) < len(everyone), "it went on as if nothing had happened"
    the_next_run_converges(run, scheduled)


def killed_before_it_restores(run: Killed, ids: tuple[str, str]) -> None:
    """The module is killed after the write that deletes what is scheduled, before the restoring one."""
    run.emulator.switch(latency=0)
    # From the second one on, no write arrives.
    writes = {"method": "PATCH", "path": f"*/{ids[1]}"}
    run.emulator.fault(match=writes, skip=1, times=None, action="reset_before")
    run.start(ids)
    until("it tries to restore", lambda: any(line["step"] == "restore" for line in run.of("intent")))
    module = run.module()
    assert module is not None, output(run)
    os.kill(module, signal.SIGKILL)
    assert run.end() != 0
    run.emulator.control("DELETE", "faults")


@pytest.fixture
def unrestored(run: Killed) -> tuple[str, str]:
    """A subscription whose scheduled instructions a killed module deleted."""
    ids = run.emulator.find("scheduled")
    killed_before_it_restores(run, ids)
    assert not run.emulator.stored(ids).get(INSTRUCTIONS)
    return ids


def test_the_next_run_restores_schedules_that_a_killed_module_deleted(run: Killed, unrestored: tuple[str, str]) -> None:
    (killed,) = {line["run"] for line in run.lines()}
    run.start(unrestored)
    assert run.end() == 0, output(run)
    kept = next(line["before"]["scheduled_next_term_instructions"] for line in run.of("intent"))
    given = run.emulator.stored(unrestored)[INSTRUCTIONS]
    assert (given["quantity"], given["product"]["skuId"]) == (kept["quantity"], kept["product"]["sku_id"])
    said = " ".join(output(run).split())
    assert "They are planned again" in said
    assert killed in said
    assert unrestored[1].lower() in said.lower()
    assert "may have been made" in said


def test_the_next_run_names_schedules_that_a_killed_module_deleted_and_it_does_not_cover(
    run: Killed, unrestored: tuple[str, str]
) -> None:
    (killed,) = {line["run"] for line in run.lines()}
    run.start(run.emulator.find("nce"))
    assert run.end() == 0, output(run)
    assert not run.emulator.stored(unrestored).get(INSTRUCTIONS)
    # Ansible breaks its warnings into lines, wherever that is.
    said = "".join(output(run).split())
    assert unrestored[1].lower() in said.lower()
    assert f"fleet_rollback-ejournal_path={run.journal}-erun_id={killed}" in said
    # And that is the way back.
    items, left_out = plan_items.to_rollback(run.journal.read_text(), utc_now(), killed)
    assert left_out == []
    assert [item["scheduled_next_term_instructions"]["quantity"] > 0 for item in items] == [True]


@pytest.mark.parametrize(("readback", "form"), [("as_written", "object"), ("both", "list")])
def test_the_next_run_restores_a_cancellation_that_a_killed_module_deleted(
    run: Killed, readback: str, form: str
) -> None:
    run.emulator.switch(end_of_term_readback=readback, scheduled_actions_form=form)
    ids = run.emulator.all("nce", "active")[0]
    run.emulator.store(ids, autoRenewEnabled=False, **{"scheduledActions": [CANCEL], INSTRUCTIONS: None})
    before = run.emulator.stored(ids)
    killed_before_it_restores(run, ids)
    # What nobody has decided any more is taken for an extended service term.
    assert run.emulator.stored(ids)["scheduledActions"] not in (before["scheduledActions"], [CANCEL])
    run.start(ids)
    assert run.end() == 0, output(run)
    after = run.emulator.stored(ids)
    assert after["friendlyName"] == NAME
    assert {name: after.get(name) for name in END} == {name: before.get(name) for name in END}
