# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the tests import the collection by its full name, from the staged tree or from the clone (staged then)."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import typing as t
import zipfile
from pathlib import Path

import pytest
from hypothesis import settings

from .emulators import Emulator

ROOT = Path(__file__).resolve().parents[2]
#: The package that brings the collections awx.awx and ansible.posix; later ones do not bring the first.
PACKAGE = "ansible==12.3.0"


def collections() -> Path:
    """The folder that holds ansible_collections."""
    if ROOT.parts[-3:] == ("ansible_collections", "csp", "partner_center"):
        return ROOT.parents[2]
    subprocess.run([sys.executable, ROOT / "tools" / "stage.py"], check=True, stdout=subprocess.DEVNULL)
    return ROOT / ".build"


sys.path[:0] = [str(collections()), str(ROOT / "roles" / "emulator" / "files")]
# For tests that start Ansible; wherever they run, this is the tree that they are part of.
os.environ["ANSIBLE_COLLECTIONS_PATH"] = sys.path[0]

# What starts the tests in the background has interrupts ignored, and each program would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in each run, and as much time for one as a busy machine takes.
settings.register_profile("checks", derandomize=True, deadline=None, database=None)
settings.load_profile("checks")


@pytest.fixture(scope="session")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[t.Callable[..., Emulator]]:
    """Gives the emulator with these arguments; it runs until one with other arguments is asked for."""
    running: list[Emulator] = []

    def get(*arguments: str) -> Emulator:
        if not running or running[0].arguments != arguments:
            while running:
                running.pop().stop()
            running.append(Emulator(tmp_path_factory.mktemp("emulator"), arguments).start())
        return running[0]

    yield get
    for emulator in running:
        emulator.stop()


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    """How the emulator of a module's tests is started; a folder or a module that needs another one says so."""
    return ("--customers", "12", "--seed", "7")


@pytest.fixture
def emulator(emulators: t.Callable[..., Emulator], emulator_arguments: tuple[str, ...]) -> Emulator:
    """An emulator that every test finds as it was at the start."""
    found = emulators(*emulator_arguments)
    found.reset()
    return found


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH with awx.awx and ansible.posix as users have them, one for all workers."""
    folder = tmp_path_factory.getbasetemp().parent / "published"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            download = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--ignore-requires-python"]
            subprocess.run(
                [*download, "-d", folder, PACKAGE], check=True, capture_output=True, stdin=subprocess.DEVNULL
            )
            (wheel,) = folder.glob("ansible-*.whl")
            with zipfile.ZipFile(wheel) as archive:
                wanted = ("ansible_collections/awx/awx/", "ansible_collections/ansible/posix/")
                names = [name for name in archive.namelist() if name.startswith(wanted)]
                archive.extractall(folder, [name for name in names if "/tests/" not in name])
            wheel.unlink()
            (folder / "done").touch()
    return folder
