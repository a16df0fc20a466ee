# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo shows what it says, and leaves the emulator alone that a user runs already."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator

#: With what the demo ends.
HEADINGS = (
    "Fabrikam, Inc. before the demo",
    "Fabrikam, Inc. now",
    "The journal",
    "The reports of the plan and of the result",
    "What to try next",
    "PLAY RECAP",
)


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


def sections(shown: str) -> list[list[str]]:
    """The lines below each of the last headings, without blank ones and those about tasks."""
    _above, *parts = re.split(f"^(?:{'|'.join(map(re.escape, HEADINGS))})", shown, flags=re.MULTILINE)
    lines = [[line.strip() for line in part.splitlines()] for part in parts]
    return [[line for line in part if line and not line.startswith(("TASK ", "ok: "))] for part in lines]


def demo(home: Path, *arguments: str, playbook: str = "csp.partner_center.demo") -> subprocess.CompletedProcess[str]:
    ours = ("PARTNER_CENTER_", "ANSIBLE", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", "hosts.json", playbook, *arguments],
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
    shown = done.stdout
    assert "and all are as before." in shown
    # A change is shown once, in check mode, and the customer as it was and as it is now.
    made = [line for line in shown.splitlines() if line.startswith("+") and "Fabrikam head office" in line]
    assert len(made) == 1
    before, after, journal, reports, tried, _recap = sections(shown)
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(before) == 6
    assert len(changed) == 2
    assert [line.startswith("Fabrikam head office ") for line in changed].count(True) == 1
    assert sum("undone by " in line or "undoes run " in line for line in journal) == 2
    assert [Path(line).suffix for line in reports if Path(line).is_file()] == [".html", ".html"]
    assert "Which terms end in the next 30 days" in shown
    assert "  decide by " in shown
    assert sum(line.endswith(":") for line in tried) == 3, "each command has a sentence before it"
    # What is to be tried next works as it stands: the emulator is stopped, and these need no connection.
    for command in (line.split() for line in tried if "fleet_" in line):
        following = demo(home, *command[2:], playbook=command[1])
        assert following.returncode == 0, following.stdout + following.stderr
    assert own.process is not None
    assert own.process.poll() is None
    assert own.stored(ids)["friendlyName"] == "Mine"
    assert own.requests() == []
    assert json.loads((own.folder / "emulator.json").read_text()) == own.facts
    assert not (home / ".cache" / "csp.partner_center" / "demo" / "emulator.json").exists(), "it still runs"


@pytest.mark.once
@pytest.mark.parametrize("name", ["emulator_dir", "emulator_state_file", "emulator_port"])
def test_the_demo_takes_no_emulator_of_the_user(home: Path, name: str) -> None:
    done = demo(home, "-e", f"{name}=8443")
    assert done.returncode == 2
    assert "The demo starts and stops an emulator of its own." in done.stdout
