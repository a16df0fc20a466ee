# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Plants every fault of ``plants.py``, one after another, and plays histories until an invariant does not hold.

``python -m tests.simulation.planting [--most 5000] [NAME …]``. Ends with 1 where a fault is not found.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

from .plants import PLANTS

ROOT: t.Final = Path(__file__).resolve().parents[2]
_COUNT: t.Final = re.compile(r"^(\d+) histories, (\d+) runs", re.MULTILINE)
_FOUND: t.Final = re.compile(r"^  (\w+_\w+): ", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planting", description=__doc__)
    parser.add_argument("--most", type=int, default=5000, help="histories that are played at most with each fault")
    parser.add_argument("--jobs", type=int, default=2, help="faults that are looked for at the same time")
    parser.add_argument("names", nargs="*", help="faults, or the beginnings of their names; all of them by default")
    given = parser.parse_args()
    names = [name for name in PLANTS if not given.names or name.startswith(tuple(given.names))]
    missed = 0
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        for name, (is_found, said) in zip(names, pool.map(lambda one: _found(one, given.most), names), strict=True):
            missed += not is_found
            print(f"{'found ' if is_found else 'MISSED'}  {name}: {said}", flush=True)
    print(f"{len(names)} faults planted, {missed} not found")
    return bool(missed)


def _found(name: str, most: int) -> tuple[bool, str]:
    """Whether an invariant has found it, and after how many histories."""
    run = _played("--plant", name, "--histories", str(most), "--most", "1", "--no-shrink")
    counted, by = _COUNT.search(run.stdout), _FOUND.findall(run.stdout)
    if counted is None:
        return False, (run.stderr.strip().splitlines() or ["nothing was printed"])[-1]
    if not by:
        return False, f"{counted[1]} histories"
    seed = int(counted[1]) - 1
    if _played("--seed", str(seed)).returncode:
        return False, f"an invariant does not hold in history {seed} without it either"
    return True, f"{counted[1]} histories ({', '.join(dict.fromkeys(by))})"


def _played(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
