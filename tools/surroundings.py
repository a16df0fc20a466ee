# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What surrounds a check: a home folder, a copy of the tree and an environment of its own.

So checks can run at the same time, leave nothing outside the clone, and do not depend on who runs them.
"""

from __future__ import annotations

import ast
import configparser
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pythons

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build"
STAGED = BUILD / "ansible_collections" / "csp" / "partner_center"
VENV = Path(sys.prefix)

# Settings of the person who runs the checks; pip's go into a file (see pip_settings).
PERSONAL = (
    "ANSIBLE_",
    "AZURE_",
    "GIT_",
    "MOLECULE_",
    "PARTNER_CENTER_",
    "PIP_",
    "PYTEST_",
    "PYTHON",
    "VIRTUAL_ENV",
    "XDG_",
)


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")


def link_pythons() -> Path:
    """A folder with the real interpreters. Version managers put stand-ins on the PATH that may not run."""
    folder = BUILD / "pythons"
    folder.mkdir(parents=True, exist_ok=True)
    for version, path in pythons.present().items():
        link = folder / f"python{version}"
        if not link.is_symlink() or link.readlink() != path:
            link.unlink(missing_ok=True)
            link.symlink_to(path)
    return folder


def pip_settings() -> str:
    """The user's pip configuration, variables included, as a file: ansible-test passes no variables on."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    settings = configparser.RawConfigParser()
    for line in listed.stdout.splitlines():
        name, text = line.split("=", 1)
        section, option = name.rsplit(".", 1)
        value = ast.literal_eval(text)
        if section and option and value:
            section = section if not section.startswith(":env:") else "global"
            settings.read_dict({section: {option: str(value)}})
    settings.read_dict({"global": {"disable-pip-version-check": "1"}})
    if not settings.has_option("global", "cache-dir"):
        settings.set("global", "cache-dir", str(ROOT / ".cache" / "pip"))
    lines = []
    for section in settings.sections():
        lines += [f"[{section}]", *(f"{option} = {value}" for option, value in settings.items(section))]
    return "\n".join(lines) + "\n"


def leftovers(folder: str, names: list[str]) -> set[str]:
    """What earlier checks left in the staged tree."""
    in_tests = Path(folder) == STAGED / "tests"
    return {name for name in names if name == "__pycache__" or (in_tests and name == "output")}


class Surroundings:
    """Makes homes, trees and environments for checks; the parts that they share are made once."""

    def __init__(self) -> None:
        self._pythons = link_pythons()
        self._pip = pip_settings()

    def home(self, name: str) -> Path:
        folder = BUILD / "home" / slug(name)
        (folder / ".config" / "pip").mkdir(parents=True, exist_ok=True)
        (folder / ".config" / "pip" / "pip.conf").write_text(self._pip)
        return folder

    def tree(self, name: str) -> Path:
        """A copy of the staged tree as it is now, below a folder that serves as collections path."""
        folder = BUILD / "trees" / slug(name) / "ansible_collections" / "csp" / "partner_center"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(STAGED, folder, symlinks=True, ignore=leftovers)
        return folder

    def environment(self, home: Path, collections: Path, venv: Path = VENV) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PERSONAL)}
        folders = [folder for folder in kept.get("PATH", "").split(os.pathsep) if Path(folder).name != "shims"]
        local = "127.0.0.1,localhost"
        proxies = {name: f"{local},{kept[name]}" if kept.get(name) else local for name in ("NO_PROXY", "no_proxy")}
        return (
            kept
            | proxies
            | {
                "ANSIBLE_COLLECTIONS_PATH": str(collections),
                "ANSIBLE_NOCOLOR": "1",
                "COLUMNS": "200",
                "HOME": str(home),
                "LC_ALL": "C.UTF-8",
                "NO_COLOR": "1",
                "PATH": os.pathsep.join([str(venv / "bin"), str(self._pythons), *folders]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "TERM": "dumb",
                "XDG_CACHE_HOME": str(home / ".cache"),
            }
        )

    @contextlib.contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Hold what several checks use, such as a virtual environment, against the others and other runs."""
        with (BUILD / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
