# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays the simulator in a process of its own: it puts its own clock, disk and threads into the modules."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

ROOT: t.Final = Path(__file__).resolve().parents[3]
#: Runs in a part. The parts of the two halves are played side by side.
PART: t.Final = 2500
PARTS: t.Final = {"first": range(4), "second": range(4, 8)}


def played(*arguments: str) -> str:
    """What the simulator prints; fails with it where an invariant does not hold."""
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    found = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout
