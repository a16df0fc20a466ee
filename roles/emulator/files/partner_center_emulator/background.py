# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator that goes on when its starter has gone: start it, find it, stop it. Standard library only."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

START_SECONDS = 60
STOP_SECONDS = 15


def facts(directory: Path) -> dict[str, Any] | None:
    """What DIR/emulator.json tells; None where there is none."""
    try:
        found = json.loads((directory / "emulator.json").read_text())
        return found if isinstance(found["pid"], int) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def answers(found: dict[str, Any]) -> bool:
    """Whether the emulator that left these facts still serves."""
    try:
        context = ssl.create_default_context(cafile=found["ca_path"])
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(f"{found['control_url']}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, KeyError, urllib.error.URLError):
        return False


def start(directory: Path, arguments: list[str]) -> int:
    """Start an emulator in the background, unless the same one is running already; one that differs is replaced."""
    found = facts(directory)
    if found and answers(found):
        if found.get("arguments") == arguments:
            print(f"The emulator is already running at {found['api_url']}.")
            return 0
        if stop(directory):
            return 1
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    (directory / "emulator.json").unlink(missing_ok=True)
    log = directory / "emulator.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", __package__, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = facts(directory)
        if found:
            print(f"The emulator has started at {found['api_url']}.")
            return 0
        time.sleep(0.02)
    print(f"The emulator did not start:\n{log.read_text()}", file=sys.stderr)
    return process.poll() or 1


def stop(directory: Path) -> int:
    """End the emulator whose pid is in DIR/emulator.json, and wait for it."""
    path = directory / "emulator.json"
    found = facts(directory)
    if found is None:
        print(f"No emulator is running in {directory}.")
        return 0
    # After a restart of the machine the number may be another program's.
    if answers(found) and not _ended(path, found["pid"]):
        print(f"The emulator in {directory} (process {found['pid']}) does not stop.", file=sys.stderr)
        return 1
    path.unlink(missing_ok=True)
    print(f"The emulator in {directory} has stopped.")
    return 0


def _ended(path: Path, pid: int) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    try:
        os.kill(pid, signal.SIGTERM)
        # The emulator removes the file as its last act; a dead one cannot.
        while path.exists() and time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.02)
    except ProcessLookupError:
        return True
    return not path.exists()
