# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``fleet_on_unmatched`` of the role fleet: what becomes of values that nothing in the fleet has. One play tries it."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator
from ..inventory.conftest import Ansible

pytestmark = pytest.mark.once

SAID = "no subscription has status activ; did you mean active?"
#: The role's entry and what is given to it -> whether it fails, and whether it says so.
CASES: list[tuple[str, dict[str, t.Any], bool, bool]] = [
    ("plan", {}, False, True),
    ("plan", {"fleet_on_unmatched": "fail"}, True, True),
    ("plan", {"fleet_on_unmatched": "ignore"}, False, False),
    # What does not drift because nothing is matched is no reassurance.
    ("drift", {}, True, True),
    ("drift", {"fleet_on_unmatched": "warn"}, False, True),
]


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "3", "--seed", "7")


def test_the_role_warns_fails_or_says_nothing(emulator: Emulator, tmp_path: Path) -> None:
    policy = {"name": "n", "match": {"status": "activ"}, "set": {"friendly_name": "x"}}
    tasks: list[dict[str, t.Any]] = []
    # Ansible shows the same warning once only.
    said = "{{ __fleet_planned.warnings | default([]) }} {{ __fleet_planned.msg | default('') }}"
    for number, (entry, given, _fails, _says) in enumerate(CASES):
        role = {"name": "csp.partner_center.fleet", "tasks_from": entry}
        tasks.append(
            {
                "block": [
                    {"ansible.builtin.include_role": role, "vars": given},
                    {"ansible.builtin.debug": {"msg": f"<{number}> succeeds {said}"}},
                ],
                "rescue": [{"ansible.builtin.debug": {"msg": f"<{number}> fails {said}"}}],
            }
        )
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"fleet_policies": [policy]}, "tasks": tasks}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    connection = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    answer = Ansible(tmp_path, emulator, connection).run("ansible-playbook", "play.json")
    assert answer.status == 0, answer.output + answer.errors
    for number, (entry, given, fails, says) in enumerate(CASES):
        (line,) = [one for one in answer.output.splitlines() if f"<{number}> " in one]
        assert f"<{number}> {'fails' if fails else 'succeeds'}" in line, (entry, given, line)
        assert (SAID in line) is says, (entry, given, line)
    assert emulator.writes() == []
