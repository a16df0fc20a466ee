# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command and note what it cost: measured.py NOTES COMMAND …

Appends a line of JSON to NOTES: name, seconds, peak_mb, cpu_seconds, status. A process of its own, because the peak
memory of a child begins with that of the process that started it, and this one is small.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

# Bytes on macOS, else KiB.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def main(notes: str, command: list[str]) -> int:
    start = time.monotonic()
    process = subprocess.Popen(command)
    # Whoever wants the command to end tells this process.
    signal.signal(signal.SIGTERM, lambda *_ignored: process.terminate())
    _pid, status, used = os.wait4(process.pid, 0)
    note = {
        "name": next((Path(word).name for word in command[1:] if word.endswith(".py")), Path(command[0]).name),
        "seconds": round(time.monotonic() - start, 3),
        "peak_mb": round(used.ru_maxrss * PEAK_UNIT / 1e6, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "status": os.waitstatus_to_exitcode(status),
    }
    with Path(notes).open("a", encoding="utf-8") as file:
        file.write(json.dumps(note) + "\n")
    return max(0, int(note["status"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
