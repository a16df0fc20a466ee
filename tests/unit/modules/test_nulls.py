# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restriction that is given without a value restricts nothing: Ansible itself hands it to the modules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput
from ansible_collections.csp.partner_center.plugins.module_utils._module.fleet.options import RESTRICTIONS
from ansible_collections.csp.partner_center.plugins.module_utils._state.nulls import refuse_nulls

from ..emulators import Emulator

GROUP = "group/csp.partner_center.partner_center"
POLICY = {"name": "all", "match_all": True, "set": {"friendly_name": "everybody's"}}
ITEM = {
    "customer_id": "0c39d6d5-c70d-4c55-bc02-f620844f3fd1",
    "subscription_id": "83ef9d05-4169-4ef9-9657-0e86b1eab1de",
    "friendly_name": "x",
}
#: A variable whose lines are all commented out.
NULL = "{{ commented_out }}"
CASES: list[tuple[str, dict[str, t.Any], str]] = [
    ("pc_fleet", {"policies": [POLICY], "customers": NULL}, "customers"),
    ("pc_fleet", {"policies": [{**POLICY, "exclude": NULL}]}, "exclude"),
    ("pc_fleet", {"policies": [POLICY], "guard": NULL}, "guard"),
    ("pc_fleet", {"subscriptions": [{**ITEM, "expect": NULL}]}, "expect"),
    ("pc_subscription", {**ITEM, "expect": NULL}, "expect"),
    ("pc_subscription_info", {"customer_id": NULL}, "customer_id"),
    ("pc_subscription_info", {"match": NULL}, "match"),
    ("pc_subscription_info", {"customer_id": ITEM["customer_id"], "subscription_id": NULL}, "subscription_id"),
    ("pc_customer_info", {"domain": NULL}, "domain"),
    ("pc_indirect_reseller_info", {"mpn_id": NULL}, "mpn_id"),
]
#: With these among the defaults of the group, the module reads what the task did not mean.
IN_DEFAULTS = ("pc_fleet", {"policies": [POLICY]}, "guard.max_changes")


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "3", "--seed", "7")


def play(folder: Path, emulator: Emulator, tasks: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Each task's result, from one play."""
    tasks = [{**task, "ignore_errors": True, "register": f"result_{number}"} for number, task in enumerate(tasks)]
    kept = {"content": "{{ [" + ",".join(f"result_{number}" for number in range(len(tasks))) + "] | to_json }}"}
    tasks.append({"ansible.builtin.copy": {**kept, "dest": str(folder / "results.json"), "mode": "0600"}})
    content = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"commented_out": None, "ansible_python_interpreter": sys.executable},
        "module_defaults": {GROUP: emulator.connection},
        "tasks": tasks,
    }
    (folder / "play.json").write_text(json.dumps([content]))
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), str(folder / "play.json")],
        env={**os.environ, "ANSIBLE_HOME": str(folder / "ansible")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return t.cast("list[dict[str, t.Any]]", json.loads((folder / "results.json").read_text()))


def test_no_restriction_without_a_value_restricts_nothing(emulator: Emulator, tmp_path: Path) -> None:
    tasks: list[dict[str, t.Any]] = [{f"csp.partner_center.{module}": given} for module, given, _named in CASES]
    module, given, named = IN_DEFAULTS
    name = f"csp.partner_center.{module}"
    defaults = {**emulator.connection, "guard": {"max_changes": NULL}}
    tasks += [
        {name: given, "module_defaults": {name: defaults}},
        # What is left out keeps its meaning, however it is left out.
        {name: {"policies": [POLICY], "customers": "{{ nowhere | default(omit) }}"}, "check_mode": True},
        {"csp.partner_center.pc_subscription_info": {"customer_id": "{{ nowhere | default(omit) }}"}},
    ]
    *refused, fleet, info = play(tmp_path, emulator, tasks)
    for result, option in zip(refused, [*(case[2] for case in CASES), named], strict=True):
        assert (result["failed"], option in result["msg"], "Traceback" in str(result)) == (True, True, False), result
        assert "subscriptions" not in result.keys() - {"error"}
    assert (fleet["summary"]["planned"], len(info["subscriptions"])) == (15, 15)
    assert emulator.writes() == []
    assert len(emulator.requests()) == 8, "only the last two tasks have read anything"


@pytest.mark.parametrize("value", [None, "", " "])
@pytest.mark.parametrize("path", RESTRICTIONS)
def test_every_restriction_is_refused_by_its_place(path: str, value: t.Any) -> None:
    def holding(names: list[str]) -> t.Any:
        if not names:
            return value
        name = "max_changes" if names[0] == "*" else names[0].removesuffix("[]")
        inner = holding(names[1:])
        return {name: [{}, inner] if names[0].endswith("[]") else inner}

    with pytest.raises(InvalidInput, match="has no value") as refused:
        refuse_nulls(holding(path.split(".")), *RESTRICTIONS)
    assert refused.value.option == path.replace("[]", "[1]").replace("*", "max_changes")


def test_a_dictionary_as_json_is_looked_into() -> None:
    with pytest.raises(InvalidInput, match=r"^guard\.max_changes:"):
        refuse_nulls({"guard": '{"max_changes": null}'}, *RESTRICTIONS)
    refuse_nulls({"guard": "{", "customers": [], "policies": [{"exclude": {}}, "x"]}, *RESTRICTIONS)
