# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters in a playbook of real Ansible: what they take, what they say, and that nothing in names is templated."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import typing as t
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml

from ansible_collections.csp.partner_center.plugins.filter import (
    csv_refusal,
    csv_to_subscriptions,
    journal_runs,
    plan_to_desired,
    plan_to_rollback,
    run_to_undo,
    subscriptions_to_csv,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_file

COLLECTIONS = Path(t.cast(str, plan_to_desired.__file__)).parents[5]
CUSTOMER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
SUBSCRIPTION = "83ef9d05-4169-4ef9-9657-0e86b1eab1de"
OTHER = "91c30ba4-1b9a-4d1e-a3d8-5a2ac0cf04a1"
#: Had it been templated, it would be 49.
NAME = "{{ 7 * 7 }}"


def change(field: str, before: t.Any, after: t.Any, reversible: str = "yes", **more: t.Any) -> dict[str, t.Any]:
    ids = {"customer_id": CUSTOMER, "customer_name": NAME, "subscription_id": SUBSCRIPTION, "offer_name": "M365"}
    return {**ids, "field": field, "before": before, "after": after, "reversible": reversible, "reason": "", **more}


PLAN = [
    change("friendly_name", NAME, "Straße 7"),
    change("quantity", 20, 25, "no", reason="the window has passed"),
    change("scheduled_next_term_instructions", None, {"quantity": 5}, subscription_id=OTHER),
    change("partner_id", None, "4391507", "no", subscription_id=OTHER, reason="it cannot be cleared"),
]
DESIRED = [
    {
        "customer_id": CUSTOMER,
        "subscription_id": SUBSCRIPTION,
        "friendly_name": "Straße 7",
        "quantity": 25,
        "expect": {"friendly_name": NAME, "quantity": 20},
    },
    {
        "customer_id": CUSTOMER,
        "subscription_id": OTHER,
        "scheduled_next_term_instructions": {"quantity": 5},
        "partner_id": "4391507",
        "expect": {"scheduled_next_term_instructions": None, "partner_id": None},
    },
]
ROLLBACK = [
    {
        "customer_id": CUSTOMER,
        "subscription_id": SUBSCRIPTION,
        "friendly_name": NAME,
        "expect": {"friendly_name": "Straße 7"},
    },
    {
        "customer_id": CUSTOMER,
        "subscription_id": OTHER,
        "clear_scheduled_next_term_instructions": True,
        "expect": {
            "scheduled_next_term_instructions": {
                "product": {"promotion_id": ""},
                "quantity": 5,
                "custom_term_end_date": "",
            }
        },
    },
]
UNDONE = [
    {"customer_id": CUSTOMER, "subscription_id": SUBSCRIPTION, "friendly_name": NAME, "expect": {"friendly_name": "b"}}
]


TABLE = f"customer_id;subscription_id;friendly_name;new_friendly_name\r\n{CUSTOMER};{SUBSCRIPTION};'=a;Straße 7\r\n"
OF_TABLE = [
    {
        "customer_id": CUSTOMER,
        "subscription_id": SUBSCRIPTION,
        "friendly_name": "Straße 7",
        "expect": {"friendly_name": "=a"},
    }
]
TABLES: dict[str, t.Any] = {
    "mistaken": "customer_id,subscription_id,new_quantity\na,b,c\n",
    "utf16": {"content": base64.b64encode(TABLE.encode("utf-16")).decode(), "encoding": "base64"},
    "fleet": [{"customer_id": CUSTOMER, "customer_name": "=Contoso", "id": SUBSCRIPTION, "offer_name": "M365"}],
    "contacts": {"subscriptions": [{"id": SUBSCRIPTION, "support_contact": {"support_mpn_id": "4391507"}}]},
}


def journal() -> str:
    lines: list[dict[str, t.Any]] = []
    for run, before, after in (("one", NAME, "b"), ("two", "b", "c")):
        intent = {"kind": "subscription", "customer_id": CUSTOMER, "subscription_id": SUBSCRIPTION, "request_id": run}
        lines += [
            {"run": run, "event": "start"},
            {
                "run": run,
                "event": "intent",
                **intent,
                "before": {"friendly_name": before},
                "after": {"friendly_name": after},
            },
            {"run": run, "event": "outcome", "request_id": run, "result": "applied"},
        ]
    return "".join(json.dumps(line) + "\n" for line in lines) + '{"run": "two", "ev'


class Ansible:
    """Runs tasks on localhost with the staged collection, and keeps what they set as facts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = ""

    def run(self, facts: dict[str, str]) -> dict[str, t.Any]:
        """The values of templates, each set as a fact and then used once more, or the message it failed with."""
        written = self.folder / "facts.json"
        tasks: list[dict[str, t.Any]] = []
        for name, template in facts.items():
            tasks.append(
                {
                    "name": name,
                    "block": [{"ansible.builtin.set_fact": {name: template}}],
                    "rescue": [{"ansible.builtin.set_fact": {name: "{{ ansible_failed_result.msg }}"}}],
                }
            )
        content = "{{ {" + ", ".join(f"'{name}': {name}" for name in facts) + "} | to_json }}"
        tasks.append({"ansible.builtin.copy": {"content": content, "dest": str(written)}})
        variables = {"folder": str(self.folder), "unsafe_plan": PLAN_AS_A_RESULT, **TABLES}
        play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
        book = self.folder / "book.yml"
        book.write_text(yaml.safe_dump([play], sort_keys=False))
        done = subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-c", "local", book],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment(),
        )
        self.output = " ".join((done.stdout + done.stderr).split())
        assert done.returncode == 0, done.stdout + done.stderr
        return t.cast(dict[str, t.Any], json.loads(written.read_text()))

    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "200",
        }


#: As a registered result would be read back from a file.
PLAN_AS_A_RESULT = "{{ lookup('ansible.builtin.file', folder ~ '/result.json') | from_json }}"


@pytest.fixture(scope="module")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    folder = tmp_path_factory.mktemp("filters")
    content = plan_file.plan_file("tenant", "https://api", datetime.now(timezone.utc), PLAN)
    (folder / "plan.json").write_text(json.dumps(content, indent=2))
    (folder / "edited.json").write_bytes(json.dumps(content, indent=2).replace("\n", "\r\n").encode("utf-8-sig"))
    (folder / "utf16.json").write_bytes(json.dumps(content).encode("utf-16"))
    (folder / "result.json").write_text(json.dumps({"changed": True, "plan": PLAN}))
    (folder / "redacted.json").write_text(json.dumps([change("friendly_name", "a", "********")]))
    (folder / "journal.jsonl").write_text(journal())
    (folder / "table.csv").write_bytes(TABLE.encode("utf-8-sig"))
    (folder / "utf16.csv").write_bytes(TABLE.encode("utf-16"))
    return Ansible(folder)


def from_file(name: str, filters: str) -> str:
    return "{{ lookup('ansible.builtin.file', folder ~ '/" + name + "') | " + filters + " }}"


def test_filters_return_the_documented_items(ansible: Ansible) -> None:
    desired, rollback = "csp.partner_center.plan_to_desired", "csp.partner_center.plan_to_rollback"
    found = ansible.run(
        {
            "desired_from_file": from_file("plan.json", f"from_json | {desired}"),
            "desired_from_text": from_file("plan.json", desired),
            "desired_from_edited_text": from_file("edited.json", desired),
            "desired_from_edited_file": from_file("edited.json", f"csp.partner_center.plan_file | {desired}"),
            "desired_from_result": "{{ unsafe_plan | " + desired + " }}",
            "desired_from_list": "{{ unsafe_plan.plan | selectattr('field', 'ne', 'x') | " + desired + " }}",
            "rollback_of_file": from_file("plan.json", f"from_json | {rollback}"),
            "rollback_here": from_file("plan.json", f"{rollback}(tenant_id='Tenant', api_url='https://api/')"),
            "rollback_of_list": "{{ unsafe_plan.plan | " + rollback + " }}",
            "of_journal": from_file("journal.jsonl", rollback),
            "of_run": from_file("journal.jsonl", f"{rollback}(run_id='one')"),
            "exported": "{{ fleet | csp.partner_center.subscriptions_to_csv(';', contacts=contacts) }}",
            "table_as_bytes": "{{ utf16 | csp.partner_center.csv_to_subscriptions }}",
            "table_as_text": from_file("table.csv", "csp.partner_center.csv_to_subscriptions"),
            "no_refusal": from_file("table.csv", "csp.partner_center.csv_refusal"),
            "next": from_file("journal.jsonl", "csp.partner_center.run_to_undo"),
            "runs": from_file("journal.jsonl", "csp.partner_center.journal_runs('j.l', ['/a/j-result-two.json'])"),
        }
    )
    assert {name: value for name, value in found.items() if name.startswith("desired")} == dict.fromkeys(
        (name for name in found if name.startswith("desired")), DESIRED
    )
    assert found["rollback_of_file"] == found["rollback_of_list"] == found["rollback_here"] == ROLLBACK
    assert found["of_run"] == UNDONE
    assert found["exported"].splitlines()[1].startswith(f"{CUSTOMER};'=Contoso;{SUBSCRIPTION};")
    assert ";4391507;" in found["exported"]
    assert found["table_as_bytes"] == found["table_as_text"] == OF_TABLE
    assert found["no_refusal"] == ""
    assert found["of_journal"][0]["friendly_name"] == "b"
    assert (found["next"]["run"]["id"], found["next"]["is_needed"]) == ("two", True)
    assert found["next"]["message"] == "This undoes run two (None, 1 write)."
    assert [(one["id"], one["result_path"]) for one in found["runs"]["runs"]] == [
        ("one", None),
        ("two", "/a/j-result-two.json"),
    ]
    assert found["runs"]["lines"][0] == "2 runs in j.l (times are UTC)"
    for said in ("the window has passed.", "it cannot be cleared."):
        assert ansible.output.count(said) == 1, ansible.output
    assert ansible.output.count("[WARNING]: plan_to_rollback: ") == 2
    assert f"quantity (20 → 25) of subscription {SUBSCRIPTION} (M365) of {NAME} ({CUSTOMER})" in ansible.output


def test_errors_are_readable(ansible: Ansible) -> None:
    desired, rollback = "csp.partner_center.plan_to_desired", "csp.partner_center.plan_to_rollback"
    found = ansible.run(
        {
            "redacted": from_file("redacted.json", desired),
            "undefined": "{{ nowhere | " + desired + " }}",
            "number": "{{ 7 | " + rollback + " }}",
            "unknown_run": from_file("journal.jsonl", f"{rollback}(run_id='three')"),
            "no_journal": "{{ 'hello' | " + rollback + " }}",
            "no_runs": "{{ 'hello' | csp.partner_center.journal_runs }}",
            "nothing_to_undo": "{{ '' | csp.partner_center.run_to_undo }}",
            "utf16": from_file("utf16.json", desired),
            "foreign": from_file("plan.json", f"{rollback}(tenant_id='other')"),
            "table": "{{ mistaken | csp.partner_center.csv_to_subscriptions }}",
            "table_in_utf16": from_file("utf16.csv", "csp.partner_center.csv_refusal"),
            "delimiter": "{{ [] | csp.partner_center.subscriptions_to_csv('pipe') }}",
        }
    )
    assert "plan_to_desired: plan[0].after was redacted when this was saved" in found["redacted"]
    assert "'nowhere' is undefined" in found["undefined"]
    assert "plan_to_rollback: plan: must be a result's plan" in found["number"]
    assert "no run three; it holds one (None, 1 write), two (None, 1 write)." in found["unknown_run"]
    assert "Line 1 of the journal is damaged: it is not JSON." in found["no_journal"]
    assert "journal_runs: Line 1 of the journal is damaged" in found["no_runs"]
    assert "run_to_undo: The journal holds no run." in found["nothing_to_undo"]
    assert "The plan was made for the tenant tenant, and the credentials are for other." in found["foreign"]
    assert "The plan is written in UTF-16. Save it as UTF-8." in found["utf16"]
    assert "csv_to_subscriptions: Row 2, customer_id: must be a GUID" in found["table"]
    assert found["table_in_utf16"] == "The table cannot be read as text. Save it as CSV, best as UTF-8."
    assert "delimiter must be one of comma, semicolon, tab." in found["delimiter"]
    assert "Traceback" not in ansible.output


@pytest.mark.parametrize(
    "module",
    [
        csv_refusal,
        csv_to_subscriptions,
        journal_runs,
        plan_to_desired,
        plan_to_rollback,
        run_to_undo,
        subscriptions_to_csv,
    ],
)
def test_the_documentation_names_what_there_is(module: t.Any) -> None:
    name = module.__name__.rpartition(".")[2]
    described = yaml.safe_load(module.DOCUMENTATION)
    (filter_name, function), *more = module.FilterModule().filters().items()
    code = function.__code__
    assert (described["name"], filter_name, more) == (name, name, [])
    assert list(described["options"]) == ["_input", *code.co_varnames[1 : code.co_argcount]]
    for task in yaml.safe_load(module.EXAMPLES):
        assert task["name"]
