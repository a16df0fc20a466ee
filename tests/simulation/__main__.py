# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Plays histories and prints what came of them: ``python -m tests.simulation --histories 1000 --from 0``.

``--seed 42`` plays one and tells it; ``--history FILE`` one that is kept as JSON. Ends with 1 where an invariant does
not hold, and prints the smallest history that still fails with the command that plays it again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
import typing as t
from collections import Counter
from pathlib import Path

from .plants import plant

ROOT: t.Final = Path(__file__).resolve().parents[2]
#: Where the collection lies as Ansible finds it: in the clone's .build, or around a staged tree.
COLLECTIONS: t.Final = ROOT.parents[2] if ROOT.parent.parent.name == "ansible_collections" else ROOT / ".build"
sys.path[:0] = [str(COLLECTIONS), str(ROOT / "roles" / "emulator" / "files")]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Play simulated histories.")
    parser.add_argument("--histories", type=int, default=1000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first one's seed")
    parser.add_argument("--runs", type=int, help="until so many runs were made, instead of a number of histories")
    parser.add_argument("--seed", type=int, help="play this one and tell it")
    parser.add_argument("--history", type=Path, help="play the one in this file and tell it")
    parser.add_argument("--most", type=int, default=3, help="end after so many failing histories")
    parser.add_argument("--digest", action="store_true", help="print a digest of all that happened")
    parser.add_argument("--plant", help="with this fault (plants.py)")
    parser.add_argument("--no-shrink", action="store_true", help="do not make failing histories smaller")
    parser.add_argument("--matrix", action="store_true", help="play the fault matrix, and compare it with its guide")
    parser.add_argument("--write", action="store_true", help="with --matrix, write the guide")
    parser.add_argument("--faults", action="store_true", help="print the matrix's faults as JSON")
    given = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The same order of sets in each run.
        arguments = [sys.executable, "-m", "tests.simulation", *sys.argv[1:]]
        os.execve(sys.executable, arguments, {**os.environ, "PYTHONHASHSEED": "0"})
    if given.faults:
        from .matrix import rename_faults

        print(json.dumps(list(rename_faults())))
        return 0
    if given.matrix:
        from .matrix_page import check

        return not check(is_written=given.write)
    if given.plant is not None:
        plant(given.plant)
    if given.seed is not None or given.history is not None:
        return _tell(given)
    if given.digest:
        return _digest(given)
    return _many(given)


def _digest(given: argparse.Namespace) -> int:
    from .history import history
    from .play import play
    from .telling import told

    digest = hashlib.sha256()
    for seed in range(given.first, given.first + given.histories):
        digest.update("\n".join(told(play(history(seed)))).encode("utf-8", "surrogatepass"))
    print(digest.hexdigest())
    return 0


def _tell(given: argparse.Namespace) -> int:
    from .history import History, history
    from .invariants import violations
    from .play import play
    from .telling import told

    story = play(history(given.seed) if given.history is None else History.from_json(given.history.read_text()))
    print("\n".join(told(story)))
    found = violations(story)
    for name, what in found:
        print(f"VIOLATED {name}: {what}")
    return bool(found)


def _many(given: argparse.Namespace) -> int:
    from .history import history
    from .invariants import violations
    from .play import play

    began, runs, seed, failing = time.process_time(), 0, given.first, 0
    met: Counter[str] = Counter()
    while (seed - given.first < given.histories) if given.runs is None else runs < given.runs:
        story = play(history(seed))
        runs += len(story.played)
        for played in story.played:
            met += played.met
            met["killed"] += played.is_dead
            met["told to end"] += played.run.stop_at is not None and played.run.stop_at <= played.steps
            met["disk full"] += played.journal_failure is not None
        met["rivals' changes"] += story.rivals_made
        found = violations(story)
        if found:
            failing += 1
            _failed(seed, found, is_shrunk=not given.no_shrink)
            if failing >= given.most:
                break
        seed += 1
    seconds = time.process_time() - began
    count = seed - given.first + (failing >= given.most)
    print(f"{count} histories, {runs} runs, {runs / seconds:.0f} runs a second, seeds {given.first} to {seed}")
    print(f"met: {', '.join(f'{name} {number}' for name, number in sorted(met.items()) if number)}")
    print(f"{failing} histories violate an invariant")
    return bool(failing)


def _failed(seed: int, found: list[tuple[str, str]], *, is_shrunk: bool) -> None:
    from .history import history
    from .shrink import shrunk

    print(f"seed {seed}:")
    for name, what in found:
        print(f"  {name}: {what}")
    print(f"  again: python -m tests.simulation --seed {seed}")
    if is_shrunk:
        text = shrunk(history(seed)).to_json()
        with tempfile.NamedTemporaryFile("w", prefix=f"history-{seed}-", suffix=".json", delete=False) as file:
            file.write(text)
        print(f"  smaller: {text}\n  again: python -m tests.simulation --history {file.name}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
