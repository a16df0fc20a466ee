# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin in Ansible's own programs, against the emulator over TLS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ..emulators import Emulator

#: Left out of the environment, so that the machine's own settings change nothing.
FOREIGN = ("ANSIBLE_", "AZURE_", "PARTNER_CENTER_")


@dataclass
class Answer:
    """What a program of Ansible answered."""

    status: int
    output: str
    errors: str

    def says(self, text: str) -> bool:
        """Whether the errors hold this text, however Ansible broke it into lines."""
        return "".join(text.split()) in "".join(self.errors.split())


@dataclass
class Ansible:
    """Runs Ansible's programs in a folder of the test's own."""

    folder: Path
    emulator: Emulator
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, connection: t.Mapping[str, t.Any] | None = None, **options: t.Any) -> Path:
        """An inventory file; the emulator's connection is in it unless another is given."""
        path = self.folder / "fleet.partner_center.yml"
        given = self.emulator.connection if connection is None else connection
        path.write_text(json.dumps({"plugin": "csp.partner_center.partner_center", **given, **options}))
        return path

    def start(self, program: str, *arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        kept["ANSIBLE_COLLECTIONS_PATH"] = os.environ["ANSIBLE_COLLECTIONS_PATH"]
        kept["ANSIBLE_HOME"] = str(self.folder / "ansible")
        return subprocess.Popen(
            [Path(sys.executable).with_name(program), *arguments],
            cwd=self.folder,
            env={**kept, **self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, program: str, *arguments: str | Path, **environment: str) -> Answer:
        process = self.start(program, *arguments, **environment)
        output, errors = process.communicate(timeout=300)
        return Answer(process.returncode, output, errors)

    def refused(self, *names: str, **environment: str) -> Answer:
        """Of inventories that must not work, without a single request."""
        self.emulator.forget()
        sources = [part for name in names or ("fleet.partner_center.yml",) for part in ("-i", name)]
        answer = self.run("ansible-inventory", *sources, "--graph", **environment)
        assert answer.says("Failed to parse"), answer.output + answer.errors
        assert self.emulator.requests() == []
        assert "Traceback" not in answer.errors
        return answer

    def list(self, *arguments: str, **environment: str) -> dict[str, t.Any]:
        """The inventory, as ``ansible-inventory --list`` shows it, without the marks on unsafe text."""
        answer = self.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--list", *arguments, **environment)
        assert answer.status == 0, answer.errors
        assert "Failed to parse" not in answer.errors, answer.errors
        return t.cast("dict[str, t.Any]", json.loads(answer.output, object_hook=_unmarked))

    def hosts(self, *arguments: str, **environment: str) -> dict[str, dict[str, t.Any]]:
        """Variables of the hosts, by name."""
        return t.cast("dict[str, dict[str, t.Any]]", self.list(*arguments, **environment)["_meta"]["hostvars"])


def _unmarked(found: dict[str, t.Any]) -> t.Any:
    return found["__ansible_unsafe"] if list(found) == ["__ansible_unsafe"] else found


@pytest.fixture
def ansible(emulator: Emulator, tmp_path: Path) -> Ansible:
    return Ansible(tmp_path, emulator)


@pytest.fixture
def fleet(emulator: Emulator) -> list[dict[str, t.Any]]:
    """The emulator's customers, with their subscriptions."""
    return t.cast("list[dict[str, t.Any]]", emulator.control("GET", "fleet")["customers"])
