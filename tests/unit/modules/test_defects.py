# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A run with a defect at any of its steps: an exception ends one item, or the run before it writes, and nothing is lost.

The steps are not named here. A first run notes every function that it calls, and the tests take some of them, evenly
from the first one to the last: reading, planning, writing, verifying, restoring, the journal, the result.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..emulators import Emulator
from .defects import ERRORS

pytestmark = pytest.mark.once

STEPS = 20
#: Seconds. A run takes less than one.
BOUND = 20
INSTRUCTIONS = "scheduledNextTermInstructions"


@pytest.fixture(scope="module")
def emulator(emulators: t.Callable[..., Emulator]) -> Emulator:
    return emulators("--customers", "24", "--seed", "7")


@dataclass
class Program:
    """The program of ``defects.py``, one case after the other."""

    process: subprocess.Popen[str]

    def run(self, module: str, options: dict[str, t.Any], **defect: t.Any) -> dict[str, t.Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        case = {"module": module, "options": options, "seconds": BOUND, **defect}
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        return t.cast("dict[str, t.Any]", json.loads(self.process.stdout.readline()))


@pytest.fixture(scope="module")
def program() -> t.Iterator[Program]:
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("defects.py")],
        env={**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Program(process)
        process.kill()


class Renames:
    """A run that renames subscriptions, the first five of them with instructions to be written back."""

    def __init__(self, emulator: Emulator, program: Program, folder: Path, count: int = 20) -> None:
        emulator.reset()
        emulator.forget()
        self.emulator, self.program = emulator, program
        self.journal = folder / "journal.jsonl"
        scheduled = [ids for ids in emulator.all("scheduled", "active") if emulator.stored(ids).get(INSTRUCTIONS)][:5]
        others = [ids for ids in emulator.all("nce", "active") if not emulator.stored(ids).get(INSTRUCTIONS)]
        self.ids = [*scheduled, *others][:count]
        self.before = {ids: emulator.stored(ids).get(INSTRUCTIONS) for ids in scheduled}

    def run(self, **defect: t.Any) -> dict[str, t.Any]:
        options = {
            **self.emulator.connection,
            "token_cache_path": str(self.emulator.folder / "cache"),
            "subscriptions": [
                {"customer_id": ids[0], "subscription_id": ids[1], "friendly_name": f"new {ids[1]}"} for ids in self.ids
            ],
            "journal_path": str(self.journal),
            "max_concurrency": 3,
            "_ansible_diff": True,
        }
        return self.program.run("pc_fleet", options, **defect)

    def lines(self) -> list[dict[str, t.Any]]:
        return [json.loads(line) for line in self.journal.read_text().splitlines()] if self.journal.exists() else []

    def renamed(self) -> set[str]:
        return {ids[1] for ids in self.ids if self.emulator.stored(ids)["friendlyName"].startswith("new ")}

    def lost(self) -> set[str]:
        """Subscriptions whose instructions are gone, with no line in the journal for a later run."""
        known = {pending["subscription_id"].lower() for line in self.lines() for pending in line.get("owed", [])}
        gone = [ids for ids in self.before if not self.emulator.stored(ids).get(INSTRUCTIONS)]
        return {ids[1] for ids in gone if ids[1].lower() not in known}


@pytest.fixture(scope="module")
def steps(emulator: Emulator, program: Program, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int]]:
    """Every function that a run calls, in the order of the last calls, and how often."""
    run = Renames(emulator, program, Path(tmp_path_factory.mktemp("sample")))
    answer = run.run()
    told = json.loads(answer["output"])
    assert (len(run.ids), told["summary"]["changed"], len(run.renamed())) == (20, 20, 20)
    assert (run.lost(), len(answer["seen"]) > 200) == (set(), True)
    return list(answer["seen"].items())


@pytest.mark.parametrize("number", range(STEPS))
def test_an_exception_at_any_step_ends_one_item_and_loses_nothing(
    emulator: Emulator, program: Program, tmp_path: Path, steps: list[tuple[str, int]], number: int
) -> None:
    step, calls = steps[number * len(steps) // STEPS]
    error = list(ERRORS)[number % len(ERRORS)]
    run = Renames(emulator, program, tmp_path)
    answer = run.run(step=step, call=1 + number % 2 * (calls // 2), error=error)
    assert "hangs" not in answer, f"{step}: it did not end in time"
    assert (answer["raised"], "Traceback" in answer["output"]) == ("", False), step
    told = json.loads(answer["output"])
    assert run.lost() == set()
    if not emulator.effective_writes():
        assert told["failed"]
        assert told["msg"]
        return
    if "The journal" not in told.get("msg", ""):
        assert run.lines()[-1]["event"] == "end", (step, told.get("msg"))
    assert told["changed"]
    outcomes = {one["subscription_id"]: one for one in told["outcomes"]}
    changed = {name for name, outcome in outcomes.items() if outcome["changed"]}
    unknown = {name for name, outcome in outcomes.items() if "is not known" in outcome["msg"]}
    assert run.renamed() - unknown <= changed, (step, calls, error, [one for one in told["outcomes"] if one["failed"]])
    others = [ids for ids in run.ids if ids[1] not in changed | unknown]
    if not told["summary"].get("not_attempted"):
        assert {ids[1] for ids in others} <= outcomes.keys()
        assert len({ids[0] for ids in others}) <= 1, "reading one customer is one step"
    if not told.get("failed"):
        assert (len(changed), len(run.renamed())) == (20, 20)


def test_an_exception_after_an_answer_does_not_lose_the_write(
    emulator: Emulator, program: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Of one item with two writes: whatever fails last, from the second answer to the result, says what was made."""

    def run(**defect: t.Any) -> tuple[Renames, dict[str, t.Any]]:
        renames = Renames(emulator, program, Path(tmp_path_factory.mktemp("run")), count=1)
        return renames, renames.run(**defect)

    seen = list(run()[1]["seen"].items())
    names = [name.rsplit(":", 1)[0] for name, _calls in seen]
    first, last = names.index("_engine/writing.py:_seen_applied"), names.index("_engine/fleet_apply.py:record")
    steps = [
        one for one in seen[first : last + 1] if not one[0].startswith(("_api/", "auth/", "throttle/", "_common/"))
    ]
    assert len(steps) > 40
    for step, calls in steps[::2]:
        renames, answer = run(step=step, call=calls, error="MemoryError")
        told = json.loads(answer["output"])
        outcome = told["outcomes"][0]
        assert (renames.lost(), renames.renamed()) == (set(), {renames.ids[0][1]}), step
        assert told["changed"] == outcome["changed"], step
        assert outcome["changed"] or "is not known" in outcome["msg"], step
