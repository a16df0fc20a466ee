# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks that show a journal's runs and roll them back, as a user starts them."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator
from ..engine.fleets import item
from ..inventory.conftest import Ansible
from .test_fleet_endings import run

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "4", "--seed", "7")


@pytest.fixture
def ansible(emulator: Emulator, tmp_path: Path) -> Ansible:
    environment = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    return Ansible(tmp_path, emulator, {**environment, "XDG_STATE_HOME": str(tmp_path), "COLUMNS": "400"})


def played(ansible: Ansible, *plays: tuple[str, dict[str, t.Any]], status: int = 0) -> str:
    """All that playbooks of the collection say, each with its variables, as one line."""
    book = ansible.folder / "book.yml"
    imports = [{"import_playbook": f"csp.partner_center.{name}", "vars": variables} for name, variables in plays]
    book.write_text(json.dumps(imports))
    told = ansible.run("ansible-playbook", book)
    assert told.status == status, told.output + told.errors
    return " ".join((told.output + told.errors).split())


def test_runs_are_shown_and_undone_from_the_last_to_the_first(
    ansible: Ansible, emulator: Emulator, tmp_path: Path
) -> None:
    first, second, other = emulator.all("nce", "active")[:3]
    before = {ids: emulator.stored(ids)["friendlyName"] for ids in (first, second, other)}
    journal = tmp_path / "runs.jsonl"
    options = {"journal_path": str(journal), "change_reference": "CHG1"}
    one = run(emulator, subscriptions=[item(first, friendly_name="one")], **options)["run_id"]
    both = [item(second, friendly_name="two"), item(other, friendly_name="two")]
    two = run(emulator, subscriptions=both, **options)["run_id"]

    # What somebody else has changed since is left alone, so the run is undone in part.
    emulator.store(other, friendlyName="somebody else's")
    told = played(ansible, ("fleet_rollback", {"journal_path": "runs.jsonl"}), status=2)
    assert f"This undoes run {two} (" in told
    assert "CHG1, 2 writes)." in told
    assert "1 of 2 subscriptions failed, 1 changed" in told
    assert emulator.stored(second)["friendlyName"] == before[second]
    assert emulator.stored(other)["friendlyName"] == "somebody else's"
    part = json.loads(journal.read_text().splitlines()[-1])["run"]

    emulator.store(other, friendlyName=before[other])
    emulator.forget()
    told = played(
        ansible,
        ("fleet_runs", {"journal_path": str(journal)}),
        # The rest, which is as it was by now, and once more.
        ("fleet_rollback", {"journal_path": "runs.jsonl"}),
        ("fleet_rollback", {"journal_path": str(journal), "run_id": two[:8]}),
    )
    assert f"3 runs in {journal}" in told
    assert f"undone in part by {part[:8]}" in told
    assert f"undoes run {two[:8]}" in told
    assert f"To undo run {two[:8]} " in told
    assert f"This undoes the rest of run {two} (" in told
    assert f"There is nothing to undo of run {two} (" in told
    assert "it is undone already, by run" in told
    assert emulator.writes() == []
    assert f"To undo run {one[:8]} " in played(ansible, ("fleet_runs", {"journal_path": str(journal)}))
    assert [path.name for path in tmp_path.glob("*.jsonl")] == ["runs.jsonl"]
