# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python interpreters of this machine that the collection supports."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

SUPPORTED = ("3.10", "3.11", "3.12", "3.13", "3.14")
PROBE = "import sys, venv, ensurepip; print(sys.base_prefix); print('%d.%d' % sys.version_info[:2])"


def _real(candidate: Path, version: str) -> Path | None:
    """The interpreter behind a name on the PATH, or None where it does not run (a version manager's shim, say)."""
    try:
        done = subprocess.run([candidate, "-c", PROBE], check=False, capture_output=True, text=True, timeout=30)
    except OSError:
        return None
    answer = done.stdout.split("\n")
    if done.returncode or answer[1] != version:
        return None
    real = Path(answer[0]) / "bin" / f"python{version}"
    return real if real.exists() else None


def _candidates(version: str) -> list[Path]:
    """What is on the PATH, and what version managers keep: beside this one, and behind a folder of shims."""
    on_path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    kept = [Path(sys.base_prefix).parent, *(folder.parent / "versions" for folder in on_path if folder.name == "shims")]
    found = [folder / f"python{version}" for folder in [Path(sys.base_prefix, "bin"), *on_path]]
    for folder in kept:
        found += sorted(folder.glob(f"*/bin/python{version}"), reverse=True)
    return [path for path in found if path.is_file()]


@functools.cache
def find(version: str) -> Path | None:
    """The interpreter of a version such as "3.12", outside any virtual environment, or None."""
    return next((real for path in _candidates(version) if (real := _real(path, version))), None)


def present() -> dict[str, Path]:
    """Every supported version that this machine has."""
    return {version: path for version in SUPPORTED if (path := find(version))}


def this() -> str:
    """The version that runs this file, such as "3.11"."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"
