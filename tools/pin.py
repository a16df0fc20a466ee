# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pin what development needs: requirements-dev.in → requirements-dev.txt, with everything that it draws in.

One file serves all Pythons, so each version is resolved on its own and told apart by environment markers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pythons

ROOT = Path(__file__).resolve().parents[1]
HEADER = """\
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Made by `make pins` from requirements-dev.in: change that one.
"""

# Python 3.13 and newer take what fits 3.12.
MARKERS = {
    "3.10": 'python_version < "3.11"',
    "3.11": 'python_version == "3.11"',
    "3.12": 'python_version >= "3.12"',
}
JOINED: dict[tuple[str, ...], str] = {
    ("3.10", "3.11"): 'python_version < "3.12"',
    ("3.11", "3.12"): 'python_version >= "3.11"',
}


def resolve(python: Path) -> dict[str, str]:
    """Package → version, as pip would install them into an empty environment."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [
            str(python),
            "-m",
            "pip",
            "install",
            "-qq",
            "--dry-run",
            "--ignore-installed",
            "--report",
            report.name,
        ]
        subprocess.run([*command, "-r", "requirements-dev.in"], cwd=ROOT, check=True)
        found = json.load(report)["install"]
    return {item["metadata"]["name"].lower(): item["metadata"]["version"] for item in found}


def lines(resolved: dict[str, dict[str, str]]) -> list[str]:
    result = []
    for name in sorted({name for packages in resolved.values() for name in packages}):
        by_version: dict[str, list[str]] = {}
        for python, packages in resolved.items():
            if name in packages:
                by_version.setdefault(packages[name], []).append(python)
        for version, users in by_version.items():
            if len(users) == len(MARKERS):
                result.append(f"{name}=={version}")
                continue
            markers = [JOINED[tuple(users)]] if tuple(users) in JOINED else [MARKERS[user] for user in users]
            result += [f"{name}=={version}; {marker}" for marker in markers]
    return result


def main() -> int:
    missing = [version for version in MARKERS if pythons.find(version) is None]
    if missing:
        print(f"Pinning needs Python {', '.join(missing)} as well.", file=sys.stderr)
        return 1
    resolved = {version: resolve(path) for version in MARKERS if (path := pythons.find(version))}
    text = HEADER + "".join(f"{line}\n" for line in lines(resolved))
    (ROOT / "requirements-dev.txt").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
