# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Whoever names a company or a subscription, or fills in a table, runs nothing on the controller.

The playbooks meet names that are templates, on every ansible-core, since these differ in what they evaluate and when.
What a template would do is seen by the file it makes.
"""

from __future__ import annotations

import csv
import io
import json
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator
from ..inventory.conftest import Ansible

Play = tuple[str, dict[str, t.Any]]


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "3", "--seed", "7")


@pytest.fixture
def ansible(emulator: Emulator, tmp_path: Path) -> Ansible:
    environment = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    return Ansible(tmp_path, emulator, {**environment, "XDG_STATE_HOME": str(tmp_path), "COLUMNS": "400"})


def play(ansible: Ansible, *plays: Play) -> str:
    book = ansible.folder / "book.yml"
    book.write_text(
        json.dumps([{"import_playbook": f"csp.partner_center.{name}", "vars": given} for name, given in plays])
    )
    told = ansible.run("ansible-playbook", book)
    assert told.status == 0, told.output + told.errors
    return told.output + told.errors


def test_no_name_is_evaluated(ansible: Ansible, emulator: Emulator) -> None:
    folder, marker = ansible.folder, ansible.folder / "evaluated"
    hostile = "{{ lookup('pipe', 'touch " + str(marker) + "') }}"
    first, second = emulator.all("nce", "active")[:2]
    for ids in (first, second):
        emulator.store(ids, friendlyName=hostile, offerName=hostile, attributes={hostile: hostile})
    policies = [{"name": "seats", "match": {"friendly_name": "*lookup*"}, "set": {"quantity": 20}}]
    plan, journal, reports = str(folder / "plan.json"), str(folder / "journal.jsonl"), str(folder / "reports")
    play(
        ansible,
        ("fleet_plan", {"fleet_policies": policies, "fleet_plan_path": plan, "report_dir": reports}),
        ("fleet_apply", {"plan_path": plan, "fleet_journal_path": journal, "report_dir": reports}),
        ("fleet_rollback", {"journal_path": journal}),
        ("export_subscriptions", {"export_path": str(folder / "fleet.csv")}),
        ("renewals", {"report_dir": reports}),
    )
    assert not marker.exists()
    assert hostile in json.loads((folder / "plan.json").read_text())["changes"][0].values()

    rows = list(csv.DictReader(io.StringIO((folder / "fleet.csv").read_text("utf-8-sig"), newline="")))
    for row in rows:
        if row["subscription_id"] == first[1]:
            row["new_friendly_name"] = f"{hostile} again"
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*rows[0]])
    writer.writeheader()
    writer.writerows(rows)
    (folder / "fleet.csv").write_text(text.getvalue())
    table = {"fleet_csv_path": str(folder / "fleet.csv"), "fleet_journal_path": journal}
    play(ansible, ("fleet_apply", table), ("fleet_runs", {"journal_path": journal}))
    assert emulator.stored(first)["friendlyName"] == f"{hostile} again"
    assert not marker.exists()
