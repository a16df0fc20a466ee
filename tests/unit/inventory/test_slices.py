# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook of the guide to slices: each slice looks after its own customers, together after each once."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from ..emulators import Emulator
from .conftest import Ansible

DOCS = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst"
PLAYBOOK = DOCS / "examples" / "fleet_slice.yml"
OF_A_CUSTOMER = re.compile(r"/v1/customers/([0-9a-f-]{36})")


def touched(requests: t.Iterable[t.Mapping[str, t.Any]]) -> set[str]:
    return {found[1] for one in requests if (found := OF_A_CUSTOMER.match(one["path"].lower()))}


def test_the_guide_shows_the_playbook_that_is_tested() -> None:
    shown = re.search(r"\.\. code-block:: yaml\+jinja\n\n((?:    .*\n|\n)+)", (DOCS / "guide_slices.rst").read_text())
    assert shown is not None
    lines = [line.removeprefix("    ") for line in shown[1].strip("\n").splitlines()]
    assert lines[0].strip() == f"# {PLAYBOOK.name}"
    assert "\n".join(lines[1:]) == PLAYBOOK.read_text().partition("---\n")[2].strip()


def test_complementary_slices_handle_each_customer_once(ansible: Ansible, emulator: Emulator) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(ansible.folder / "c")}
    ansible.write({}, **cache)
    ansible.environment |= {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    customers = {host["pc_customer_id"] for host in ansible.hosts().values()}
    slices = []
    for number, limit in enumerate(("all[0:4]", "all[5:]")):
        emulator.forget()
        journal = ansible.folder / f"journal-{number}.jsonl"
        arguments = ("--limit", limit, "-e", f"slice_journal_path={journal}", PLAYBOOK)
        done = ansible.run("ansible-playbook", "-i", "fleet.partner_center.yml", *arguments)
        assert done.status == 0, done.output + done.errors
        # One task, on one of the hosts.
        assert done.output.count("changed: [") == 1
        slices.append(touched(emulator.requests()))
        assert touched(emulator.writes()) != set()
        assert journal.exists()
    assert [len(one) for one in slices] == [5, 7]
    assert slices[0] | slices[1] == customers
    # Nothing is left to do for any of them.
    emulator.forget()
    again = ansible.run("ansible-playbook", "-i", "fleet.partner_center.yml", PLAYBOOK)
    assert again.status == 0, again.output + again.errors
    assert emulator.writes() == []
    assert touched(emulator.requests()) == customers
