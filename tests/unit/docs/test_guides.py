# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guides do what they say: their files are written and their commands run as they stand, and say what is shown."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ..emulators import Emulator

pytestmark = pytest.mark.once

GUIDES = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst"
BLOCK = re.compile(r"^\.\. code-block:: (\S+)\n\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
#: The customer and the subscription of the examples.
CUSTOMER, SUBSCRIPTION = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1", "83ef9d05-4169-4ef9-9657-0e86b1eab1de"


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    """As the role starts one that nobody says anything to."""
    return ("--customers", "20", "--subscriptions-per-customer", "5", "--seed", "1")


def blocks(guide: str) -> list[tuple[str, str]]:
    """Language and text of the guide's code, in its order."""
    found = BLOCK.findall((GUIDES / f"{guide}.rst").read_text())
    assert found
    return [(language, textwrap.dedent(text).strip("\n")) for language, text in found]


def files(found: list[tuple[str, str]]) -> dict[str, str]:
    """Blocks that begin with a comment that names a file."""
    named = [(re.match(r"# (\S+\.yml)\n", text), text) for _language, text in found]
    return {match[1]: text for match, text in named if match}


def commands(found: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Each command, and the lines that it is said to write."""
    result: list[tuple[str, list[str]]] = []
    for language, text in found:
        for line in text.splitlines() if language == "console" else ():
            if line.startswith("$ "):
                result.append((line[2:], []))
            else:
                result[-1][1].append(line.strip())
    assert result
    return result


@dataclass
class Shell:
    """Runs commands in a folder, with the emulator's connection in the environment."""

    folder: Path
    emulator: Emulator
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, command: str) -> str:
        ours = ("PARTNER_CENTER_", "ANSIBLE", "XDG_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        connection = {f"PARTNER_CENTER_{name.upper()}": str(one) for name, one in self.emulator.connection.items()}
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={
                **kept,
                **connection,
                **self.variables,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "HOME": str(self.folder),
                "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_NOCOWS": "1",
            },
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, command + done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout


def test_the_guide_to_fleets(emulator: Emulator, tmp_path: Path) -> None:
    shell = Shell(tmp_path, emulator)
    found = blocks("guide_fleet")
    assert sorted(files(found)) == ["contoso.yml", "policies.yml"]
    for name, text in files(found).items():
        (tmp_path / name).write_text(text)
    for command, said in commands(found):
        if command.startswith("APPROVED="):
            assert DIGEST.fullmatch(command.removeprefix("APPROVED="))
            shell.variables["APPROVED"] = json.loads((tmp_path / "plan.json").read_text())["digest"]
            continue
        output = shell.run(command)
        for line in said:
            assert line in output, (command, output)
    assert {path.name.split("-2")[0] for path in (tmp_path / "reports").iterdir()} == {"fleet-result"}


def test_the_guide_to_check_mode(emulator: Emulator, tmp_path: Path) -> None:
    ids = emulator.find("nce")
    emulator.store(ids, quantity=20)

    def on_the_emulator(text: str) -> str:
        return text.replace(CUSTOMER, ids[0]).replace(SUBSCRIPTION, ids[1])

    found = blocks("guide_check_mode")
    (tmp_path / "contoso.yml").write_text(on_the_emulator(files(found)["contoso.yml"]))
    ((command, _said),) = commands(found)
    output = Shell(tmp_path, emulator).run(command)
    (diff,) = [text for language, text in found if language == "diff"]
    assert on_the_emulator(diff) in output
    assert "20 → 25 seats" in output
    assert emulator.writes() == []
