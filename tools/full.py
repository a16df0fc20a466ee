# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run what takes too long for every day, in parts that can be resumed.

Usage: full.py [PART …]

A part that has passed for the very same tree is not run again. What each found is kept in .build/full; when all have
passed, the figures are written into the guide.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import stage
from surroundings import BUILD, ROOT

FULL = BUILD / "full"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_trust.rst"
START = ".. What follows is written by tools/full.py.\n"
HISTORIES, HISTORIES_A_PART = 200_000, 10_000
KILLS, KILLS_A_PART = 200, 25
SIMULATION = (sys.executable, "-m", "tests.simulation")


@dataclass(frozen=True)
class Part:
    """``figures``: a pattern whose groups are the numbers that its output ends with, by their names."""

    name: str
    command: tuple[str, ...]
    figures: str
    environment: dict[str, str] = field(default_factory=dict)


def parts() -> Iterator[Part]:
    histories = r"(?P<histories>\d+) histories, (?P<runs>\d+) runs"
    for number, first in enumerate(range(0, HISTORIES, HISTORIES_A_PART), 1):
        given = ("--histories", str(HISTORIES_A_PART), "--from", str(first))
        yield Part(f"histories-{number}", (*SIMULATION, *given), histories)
    yield Part("matrix", (*SIMULATION, "--matrix"), r"(?P<cells>\d+) cells")
    for number, first in enumerate(range(0, KILLS, KILLS_A_PART), 1):
        command = (sys.executable, "-m", "pytest", "-q", "tests/unit/engine/test_kills.py")
        environment = {"KILLS": str(KILLS_A_PART), "KILLS_FROM": str(first)}
        yield Part(f"kills-{number}", command, r"(?P<kills>\d+) passed", environment)
    planted = r"(?P<planted_faults>\d+) faults planted, 0 not found"
    yield Part("planted", (sys.executable, "-m", "tests.simulation.planting"), planted)
    yield Part("cores", (sys.executable, "tools/run_checks.py", "cores"), r"(?P<checks>\d+) passed, 0 failed")


def tree() -> str:
    """What is tried: everything that the collection is, and what tries it."""
    digest = hashlib.sha256()
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in sorted(filter(None, listed.split("\0"))):
        path = ROOT / name
        if name.startswith(("plugins/", "roles/emulator/", "tests/", "requirements")) and path.is_file():
            digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def run(part: Part, of_tree: str) -> bool:
    """Whether it passed, now or before."""
    kept, log = FULL / f"{part.name}.json", FULL / f"{part.name}.log"
    if kept.exists() and json.loads(kept.read_text())["tree"] == of_tree:
        print(f"done    {part.name}")
        return True
    began = time.monotonic()
    with log.open("w") as output:
        done = subprocess.run(
            part.command, cwd=ROOT, env={**os.environ, **part.environment}, stdout=output, stderr=output, check=False
        )
    seconds = round(time.monotonic() - began)
    found = re.search(part.figures, log.read_text())
    passed = done.returncode == 0 and found is not None
    print(f"{'ok' if passed else 'FAILED':<8}{part.name:<20}{seconds:5d} s", flush=True)
    if not passed or found is None:
        print(f"    all of it: {log.relative_to(ROOT)}")
        return False
    figures = {name: int(number) for name, number in found.groupdict().items()}
    day = time.strftime("%Y-%m-%d", time.gmtime())
    kept.write_text(json.dumps({"tree": of_tree, "day": day, "seconds": seconds, "figures": figures}))
    return True


def summary(wanted: list[Part]) -> dict[str, int]:
    """The figures of all parts together."""
    total: dict[str, int] = {}
    for part in wanted:
        for name, number in json.loads((FULL / f"{part.name}.json").read_text())["figures"].items():
            total[name] = total.get(name, 0) + number
    return total


def main(names: list[str]) -> int:
    known = list(parts())
    unknown = set(names) - {part.name for part in known}
    if unknown:
        print(f"No such parts: {', '.join(sorted(unknown))}. There are: {', '.join(part.name for part in known)}.")
        return 2
    stage.stage()
    FULL.mkdir(parents=True, exist_ok=True)
    of_tree = tree()
    wanted = [part for part in known if not names or part.name in names]
    failed = [part for part in wanted if not run(part, of_tree)]
    if not failed:
        told = ", ".join(f"{number:,} {name.replace(chr(95), chr(32))}" for name, number in summary(wanted).items())
        print(told)
        if not names:
            day = max(json.loads((FULL / f"{part.name}.json").read_text())["day"] for part in wanted)
            guide = GUIDE.read_text()
            GUIDE.write_text(f"{guide[: guide.index(START) + len(START)]}\nOn {day}: {told}. Nothing failed.\n")
    print(f"{len(wanted) - len(failed)} passed, {len(failed)} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
