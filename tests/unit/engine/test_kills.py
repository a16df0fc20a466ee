# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A run of 300 changes is ended at a random moment, and then started again, now and then with another goal.

``KILLS`` says how often (ten times by default), ``KILLS_FROM`` with which number it begins; the number decides all
that can be decided. What the machine adds to it is different in each run.
"""

from __future__ import annotations

import os
import random
import signal
import time
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator
from .kills import NAME, Killed, effective, output, the_server_is_at_rest, until

pytestmark = pytest.mark.once

CHANGES = 300
#: Seconds that an answer takes.
ANSWER = 0.02
SCHEDULED = ("scheduledNextTermInstructions", "scheduledActions", "autoRenewEnabled")
FIRST, COUNT = int(os.environ.get("KILLS_FROM", "0")), int(os.environ.get("KILLS", "10"))

Ids = tuple[str, str]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulator]:
    arguments = ("--customers", "130", "--seed", "7", "--latency", str(ANSWER), "--switch", "schedule_drop=all")
    emulator = Emulator(Path(tmp_path_factory.mktemp("emulator")), arguments).start()
    yield emulator
    emulator.stop()


@pytest.fixture
def run(own: Emulator, tmp_path: Path) -> t.Iterator[Killed]:
    own.reset()
    run = Killed(own, tmp_path)
    yield run
    run.clean_up()


def strike(run: Killed, victims: str, number: signal.Signals) -> None:
    """Ends the module, its playbook, or both, as far as they have not ended by themselves."""
    module, playbook = run.module(), run.process
    assert playbook is not None
    if victims != "playbook" and module is not None:
        os.kill(module, number)
    if victims != "module" and playbook.poll() is None:
        playbook.send_signal(number)


def scheduled(run: Killed, chosen: t.Iterable[Ids]) -> dict[Ids, list[t.Any]]:
    return {ids: [run.emulator.stored(ids).get(name) for name in SCHEDULED] for ids in chosen}


def named(run: Killed, name: str) -> set[str]:
    """The request ids of the writes that gave this name."""
    return {line["request_id"] for line in run.of("intent") if line["after"].get("friendly_name") == name}


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_a_run_that_was_ended_is_finished_by_the_next(run: Killed, seed: int) -> None:
    chance = random.Random(seed)
    victims = chance.choice(["module", "playbook", "both"])
    number = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    writes, goal = chance.randrange(CHANGES), chance.choice([NAME, NAME, "another goal"])
    instructed = run.emulator.all("scheduled", "active")
    chosen = list(dict.fromkeys([*instructed, *run.emulator.all("nce", "active")]))[:CHANGES]
    assert (len(chosen), len(instructed) > 5) == (CHANGES, True)
    chance.shuffle(chosen)
    before = scheduled(run, chosen)

    run.start(*chosen)
    until(f"{writes} writes: {output(run)}", lambda: run.emulator.effective_writes() >= writes and bool(run.module()))
    time.sleep(chance.uniform(0, 3 * ANSWER))
    strike(run, victims, number)
    run.end()
    until("the module ends", lambda: run.module() is None)
    the_server_is_at_rest(run, ANSWER)
    made = effective(run)
    told = (seed, victims, number.name, writes, goal)
    assert made <= {line["request_id"] for line in run.of("intent")}, told
    if number is not signal.SIGKILL or victims == "playbook":
        # It could finish what was under way, so that it says of everything how it ended.
        results = {line["request_id"]: line["result"] for line in run.of("outcome")}
        assert run.lines()[-1]["event"] == "end", told
        assert {one for one, result in results.items() if result == "applied"} == made, told
        assert {line["request_id"] for line in run.of("intent")} == results.keys(), told
        assert scheduled(run, chosen) == before, told

    run.start(*chosen, name=goal)
    assert run.end() == 0, (told, output(run))
    assert "Traceback" not in (run.folder / "output").read_text(), told
    assert {run.emulator.stored(ids)["friendlyName"] for ids in chosen} == {goal}, told
    assert scheduled(run, chosen) == before, told
    assert effective(run) <= {line["request_id"] for line in run.of("intent")}, told
    # Nothing is written twice, by whichever run.
    assert len(effective(run) & named(run, goal)) == CHANGES, told
