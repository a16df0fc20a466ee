# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo shows what it says, and leaves the emulator alone that a user runs already."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator

pytestmark = pytest.mark.once


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user whose inventory names localhost, and whose variables are about an emulator of the user's own."""
    own = {
        "emulator_install": False,
        "emulator_dir": str(tmp_path / ".cache" / "csp.partner_center" / "emulator"),
        "emulator_state_file": str(tmp_path / "state.json"),
    }
    hosts = {"all": {"hosts": {"localhost": {"ansible_connection": "ssh"}}, "vars": own}}
    (tmp_path / "hosts.json").write_text(json.dumps(hosts))
    return tmp_path


@pytest.fixture
def own(home: Path) -> t.Iterator[Emulator]:
    """Where the role emulator puts it by default."""
    folder = home / ".cache" / "csp.partner_center" / "emulator"
    folder.mkdir(parents=True)
    emulator = Emulator(folder, ("--customers", "2", "--state", str(home / "state.json"))).start()
    yield emulator
    emulator.stop()


def demo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    ours = ("PARTNER_CENTER_", "ANSIBLE", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", "hosts.json", "csp.partner_center.demo", *arguments],
        env={
            **kept,
            "HOME": str(home),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_REMOTE_TEMP": str(home / "remote"),
            "ANSIBLE_NOCOLOR": "1",
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_the_demo_has_an_emulator_of_its_own(home: Path, own: Emulator) -> None:
    ids = own.find("nce")
    own.store(ids, friendlyName="Mine")
    own.forget()
    done = demo(home, "-e", "demo_customers=20")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "and all are as before." in done.stdout
    assert own.process is not None
    assert own.process.poll() is None
    assert own.stored(ids)["friendlyName"] == "Mine"
    assert own.requests() == []
    assert json.loads((own.folder / "emulator.json").read_text()) == own.facts
    assert not (home / ".cache" / "csp.partner_center" / "demo" / "emulator.json").exists(), "it still runs"


@pytest.mark.parametrize("name", ["emulator_dir", "emulator_state_file", "emulator_port"])
def test_the_demo_takes_no_emulator_of_the_user(home: Path, name: str) -> None:
    done = demo(home, "-e", f"{name}=8443")
    assert done.returncode == 2
    assert "The demo starts and stops an emulator of its own." in done.stdout
