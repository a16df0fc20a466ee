# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of a large fleet from its cache: how long Ansible takes to list it, and to do anything with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from server import Server
from ways import Failed, environment

SUBSCRIPTIONS = 10_000
_FIELDS: dict[str, dict[str, Any]] = {"default fields": {}, "fields: all": {"fields": "all"}}
_ROUNDS = 3


@dataclass(frozen=True)
class InventoryCost:
    """Seconds, the least of several rounds: ``read`` from the service, the others from the cache."""

    fields: str
    read: float
    listed: float
    pinged: float
    listed_mb: float
    cache_mb: float

    def __str__(self) -> str:
        return (
            f"  {self.fields:<14} read in {self.read:.1f} s; from the cache ({self.cache_mb:.1f} MB): "
            f"ansible-inventory --list {self.listed:.1f} s and {self.listed_mb:.1f} MB, "
            f"ansible localhost -m ping {self.pinged:.1f} s"
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(folder: Path, server: Server) -> list[InventoryCost]:
    """Each choice of fields. Raises Failed where a command fails."""
    server.prepare(0.0)
    return [_measured(folder / "inventory", server, name, options) for name, options in _FIELDS.items()]


def _measured(folder: Path, server: Server, name: str, options: dict[str, Any]) -> InventoryCost:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = folder / "partner_center.yml"
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder / "cache")}
    content = {"plugin": "csp.partner_center.partner_center", **server.connection, **cache, **options}
    source.write_text(json.dumps(content), encoding="utf-8")
    listing = ("ansible-inventory", "--list")
    read, _size = _run(source, *listing)
    costs = [(_run(source, *listing), _run(source, "ansible", "localhost", "-m", "ping")) for _round in range(_ROUNDS)]
    return InventoryCost(
        name,
        round(read, 2),
        round(min(listed for (listed, _size), _pinged in costs), 2),
        round(min(pinged for _listed, (pinged, _size) in costs), 2),
        round(costs[0][0][1] / 1e6, 1),
        round(sum(file.stat().st_size for file in (folder / "cache").iterdir()) / 1e6, 1),
    )


def _run(source: Path, program: str, *arguments: str) -> tuple[float, int]:
    """Seconds, and how many bytes it prints."""
    command = [str(Path(sys.executable).with_name(program)), "-i", str(source), *arguments]
    start = time.monotonic()
    done = subprocess.run(command, env={**environment(), "ANSIBLE_NOCOLOR": "1"}, capture_output=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(command)} failed:{os.linesep}{done.stderr.decode()[-2000:]}")
    return time.monotonic() - start, len(done.stdout)
