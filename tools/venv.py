# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a virtual environment in the clone, or make it anew when its requirements have changed.

Usage: venv.py run|dev [FOLDER]: what a user needs to run playbooks, or everything that development needs as well.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINS = "requirements-dev.txt"
WANTED = {
    "run": ["--constraint", PINS, "--requirement", "requirements.txt", "ansible-core"],
    "dev": ["--requirement", PINS],
}
FOR = {"run": "Ansible and what the modules need", "dev": "Ansible and the tools for its checks"}


def fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.txt", PINS):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def pip_environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    environment.setdefault("PIP_CACHE_DIR", str(ROOT / ".cache" / "pip"))
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return environment


def interpreter() -> str:
    """Not the one of an activated environment: it may be the very one that is made anew."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))


def make(kind: str, folder: Path) -> None:
    stamps = {name: folder / f"made-for-{name}" for name in WANTED}
    current = fingerprint()
    # An environment for development serves for running, too.
    for name in (kind, "dev"):
        if stamps[name].exists() and stamps[name].read_text() == current:
            return
    start = time.monotonic()
    shown = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    print(f"Making {shown} (Python {sys.version.split()[0]}): {FOR[kind]} …", flush=True)
    extended = stamps["run"].exists() and stamps["run"].read_text() == current
    if not extended:
        subprocess.run([interpreter(), "-m", "venv", "--clear", folder], check=True)
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq", *WANTED[kind]]
    subprocess.run(command, cwd=ROOT, env=pip_environment(), check=True)
    stamps[kind].write_text(current)
    print(f"Made {shown} in {time.monotonic() - start:.0f} s.", flush=True)


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in WANTED:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[1]).absolute() if len(arguments) > 1 else ROOT / ".venv"
    try:
        make(arguments[0], folder)
    except subprocess.CalledProcessError as error:
        print(f"Could not make {folder}: a step failed with status {error.returncode} (see above).", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
