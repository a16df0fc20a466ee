# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet is exported into a table, the table is filled in, planned and applied, as users do it with the playbooks."""

from __future__ import annotations

import csv
import io
import json
import stat
import typing as t
from pathlib import Path

import pytest

from ..docs.documents import commands
from ..emulators import Emulator, Ids
from ..inventory.conftest import Ansible

pytestmark = pytest.mark.once

EXPORT = "ansible-playbook csp.partner_center.export_subscriptions"
PLAN = "ansible-playbook csp.partner_center.fleet_plan"

Cells = dict[Ids, dict[str, str]]


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    """As the role starts one, for the guide's output."""
    return ("--customers", "20", "--subscriptions-per-customer", "5", "--seed", "1")


@pytest.fixture
def ansible(emulator: Emulator, tmp_path: Path) -> Ansible:
    environment = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    return Ansible(tmp_path, emulator, {**environment, "XDG_STATE_HOME": str(tmp_path / "state")})


def play(ansible: Ansible, command: str, *, fails: bool = False) -> str:
    """What a command says, with all blanks as one."""
    program, *arguments = command.split()
    answer = ansible.run(program, *arguments, ANSIBLE_NOCOLOR="1")
    said = " ".join((answer.output + answer.errors).replace('\\"', '"').split())
    assert (answer.status != 0) is fails, said
    return said


def rows(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfcustomer_id,")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def fill(path: Path, cells: Cells) -> None:
    """As a German spreadsheet program saves a text file: with tabs, in UTF-16."""
    table = rows(path)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*table[0]], delimiter="\t")
    writer.writeheader()
    writer.writerows({**row, **cells.get((row["customer_id"], row["subscription_id"]), {})} for row in table)
    path.write_bytes(text.getvalue().encode("utf-16"))


def changes(plan: Path) -> set[tuple[str, str, t.Any]]:
    found = json.loads(plan.read_text())["changes"]
    return {(one["subscription_id"], one["field"], json.dumps(one["after"])) for one in found}


def test_a_table_goes_there_and_back(ansible: Ansible, emulator: Emulator) -> None:
    folder = ansible.folder
    special = {*emulator.all("end_of_term"), *emulator.all("azure"), *emulator.all("trial")}
    first, second, third, *_more = [ids for ids in emulator.all("nce", "active") if ids not in special]
    (legacy, *_others) = emulator.all("legacy", "active")
    emulator.store(first, friendlyName='=HYPERLINK("x")', quantity=20)
    emulator.store(second, friendlyName="0815")
    table = folder / "fleet.csv"
    export, plan, apply = [one.text for one in commands("guide_tables")]

    said = play(ansible, export)
    assert [line.replace("/home/ops", str(folder)) in said for line in commands("guide_tables")[0].said] == [True]
    exported = rows(table)
    assert f"{len(exported)} subscriptions are in {table}." in said
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    assert len(exported) == sum(len(one["subscriptions"]) for one in emulator.control("GET", "fleet")["customers"])
    # A request a customer, those for the list of customers and for the legacy subscriptions' contacts.
    old = {row["customer_id"] for row in exported if row["support_mpn_id"] != "?"}
    contacts = sum(row["support_mpn_id"] != "?" for row in exported)
    assert contacts == len(emulator.all("legacy"))
    assert sum(one["path"].endswith("/supportcontact") for one in emulator.requests()) == contacts
    assert sum(one["path"].endswith("/subscriptions") for one in emulator.requests()) == 20 + len(old)

    fill(
        table,
        {
            first: {"new_friendly_name": "Größe, 1", "new_quantity": "25,0", "new_end_of_term": "cancel"},
            second: {"new_friendly_name": "'0816"},
            third: {"new_renewal_quantity": "80", "new_auto_renew_enabled": "WAHR"},
            legacy: {"new_support_mpn_id": "4391507"},
        },
    )
    play(ansible, plan)
    planned = changes(folder / "plan.json")
    assert {
        (first[1], "friendly_name", json.dumps("Größe, 1")),
        (first[1], "quantity", "25"),
        (first[1], "end_of_term", '"cancel"'),
        (second[1], "friendly_name", '"0816"'),
    } <= planned
    assert {(one, field) for one, field, _after in planned if one in (third[1], legacy[1])} >= {
        (third[1], "scheduled_next_term_instructions"),
        (legacy[1], "support_contact"),
    }
    play(ansible, apply)
    assert emulator.stored(first)["friendlyName"] == "Größe, 1"
    assert emulator.stored(third)["scheduledNextTermInstructions"]["quantity"] == 80

    # Nothing is left to do; what somebody has changed since the export is a conflict.
    emulator.store(second, friendlyName="somebody else's")
    emulator.forget()
    said = play(ansible, plan, fails=True)
    assert changes(folder / "plan.json") == set()
    assert "friendly_name" in said
    assert "somebody else's" in said
    assert "1 subscription could not be planned." in said
    assert emulator.writes() == []


def test_a_table_is_never_overwritten(ansible: Ansible, emulator: Emulator) -> None:
    (ansible.folder / "fleet.csv").write_text("filled in")
    said = play(ansible, f"{EXPORT} -e export_path=fleet.csv", fails=True)
    assert "fleet.csv is there already, and somebody may have filled it in." in said
    assert (ansible.folder / "fleet.csv").read_text() == "filled in"
    assert emulator.requests() == []


def test_without_a_user_contacts_are_not_read(ansible: Ansible, emulator: Emulator) -> None:
    del ansible.environment["PARTNER_CENTER_REFRESH_TOKEN"]
    match = json.dumps({"export_match": {"customer_id": emulator.find("legacy")[0]}, "export_delimiter": ";"})
    answer = ansible.run("ansible-playbook", "csp.partner_center.export_subscriptions", "-e", match)
    assert answer.status == 0, answer.output + answer.errors
    (path,) = ansible.folder.glob("subscriptions-*Z.csv")
    table = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))
    assert {row["customer_id"] for row in table} == {emulator.find("legacy")[0]}
    assert {row["support_mpn_id"] for row in table} == {"?"}


def test_a_table_with_mistakes_is_refused_before_any_request(ansible: Ansible, emulator: Emulator) -> None:
    ids = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1,83ef9d05-4169-4ef9-9657-0e86b1eab1de"
    text = f"customer_id,subscription_id,quantity,new_quantiy,new_quantity\n{ids},5,,1.000\n"
    (ansible.folder / "fleet.csv").write_text(text)
    said = play(ansible, f"{PLAN} -e fleet_csv_path=fleet.csv", fails=True)
    assert (
        "fleet.csv is refused, nothing was changed. Row 1, new_quantiy: is no column of these tables. Did you mean "
        "new_quantity? Row 2, new_quantity: must be a whole number in digits alone; 1.000 can mean 1 or 1000."
    ) in said
    assert emulator.requests() == []
