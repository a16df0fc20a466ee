# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs Python code in processes of their own that start together."""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import ansible_collections

_GATE = """
import json, os, sys, time
sys.path[:0] = json.loads(sys.argv[1])
given = json.loads(sys.argv[2])
def together():
    # All wait for the same file, so that they begin at the same moment.
    open(given["ready"] + "." + str(os.getpid()), "w").close()
    while not os.path.exists(given["ready"]):
        time.sleep(0.001)
"""


def start_together(code: str, count: int, given: dict[str, t.Any], folder: Path) -> list[str]:
    """
    What ``count`` processes print that run ``code`` with ``given`` (JSON); it calls ``together()`` when it has
    imported what it needs. A process that fails raises :class:`AssertionError` with its standard error.
    """
    import json

    ready = folder / "ready"
    roots = [str(Path(path).parent) for path in ansible_collections.__path__]
    arguments = [json.dumps(roots), json.dumps({**given, "ready": str(ready)})]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _GATE + code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _number in range(count)
    ]
    while len(list(folder.glob("ready.*"))) < count and all(process.poll() is None for process in processes):
        pass
    ready.touch()
    results = [process.communicate(timeout=120) for process in processes]
    for process, (_out, err) in zip(processes, results, strict=True):
        if process.returncode != 0:
            raise AssertionError(err)
    return [out for out, _err in results]
