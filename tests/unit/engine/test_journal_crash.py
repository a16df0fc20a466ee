# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A fleet's run that is killed: whatever the moment, the journal holds an intent for every write that was made, and the
next run comes to the desired state. Nothing here is timed; limits are there so that a broken test ends.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_items

from ..emulators import STRICT, Emulator

pytestmark = pytest.mark.once

#: Seconds after which a wait is given up.
LIMIT = 180
#: Seconds that each answer takes while a run is to be killed: all of its writes take many times as long as it takes the
#: module to see that its playbook is gone.
SLOW = 0.4
NAME = "after the crash"
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


def until(what: str, true: t.Callable[[], bool]) -> None:
    for _number in range(LIMIT * 20):
        if true():
            return
        time.sleep(0.05)
    pytest.fail(f"waited in vain: {what}")


@dataclass
class Killed:
    """A playbook with one pc_fleet task in a process of its own."""

    emulator: Emulator
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def lines(self) -> list[dict[str, t.Any]]:
        """The journal's whole lines; a process that was killed may have left half a one, and room for others."""
        if not self.journal.exists():
            return []
        *whole, _half = self.journal.read_text().split("\n")
        return [json.loads(line) for line in whole if line.strip()]

    def of(self, event: str) -> list[dict[str, t.Any]]:
        return [line for line in self.lines() if line["event"] == event]

    def start(self, *chosen: tuple[str, str]) -> None:
        items = [
            {"customer_id": one[0], "subscription_id": one[1], "friendly_name": NAME}
            for one in chosen or self.emulator.all("nce", "active")
        ]
        task = {"subscriptions": items, "journal_path": str(self.journal), "max_concurrency": 3, "progress": False}
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"group/csp.partner_center.partner_center": self.emulator.connection},
            "tasks": [{"name": "Name them", "csp.partner_center.pc_fleet": task}],
        }
        playbook = self.folder / "play.json"
        playbook.write_text(json.dumps([play]))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PARTNER_CENTER_")}
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("ansible-playbook"), str(playbook)],
                env={**kept, "ANSIBLE_HOME": str(self.folder / "ansible"), "ANSIBLE_LOCALHOST_WARNING": "false"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def module(self) -> int | None:
        """The process that holds the journal open."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                if self.journal in (file.readlink() for file in (entry / "fd").iterdir()):
                    return int(entry.name)
            except OSError:
                continue
        return None

    def end(self) -> int:
        """Waits until the playbook has ended by itself; its exit code."""
        assert self.process is not None
        until("the playbook ends", lambda: t.cast("t.Any", self.process).poll() is not None)
        return int(self.process.returncode)

    def clean_up(self) -> None:
        module = self.module()
        if module is not None:
            os.kill(module, signal.SIGKILL)
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def run(own: Emulator, tmp_path: Path) -> t.Iterator[Killed]:
    own.reset()
    own.switch(latency=SLOW)
    run = Killed(own, tmp_path)
    yield run
    run.clean_up()


def output(run: Killed) -> str:
    return (run.folder / "output").read_text()[-3000:]


def effective(run: Killed) -> set[str]:
    return {one["request_id"] for one in run.emulator.writes() if one["effective"]}


def the_server_is_at_rest(run: Killed) -> None:
    """A request that was under way when its sender died has been served."""
    until("each request has its answer", lambda: all(one["status"] is not None for one in run.emulator.requests()))
    known = -1
    while known != len(run.emulator.requests()):
        known = len(run.emulator.requests())
        time.sleep(2 * SLOW)


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
    the_server_is_at_rest(run)
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
    the_server_is_at_rest(run)
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
    assert not run.emulator.stored(ids).get("scheduledActions")
    run.start(ids)
    assert run.end() == 0, output(run)
    after = run.emulator.stored(ids)
    assert after["friendlyName"] == NAME
    assert {name: after.get(name) for name in END} == {name: before.get(name) for name in END}
