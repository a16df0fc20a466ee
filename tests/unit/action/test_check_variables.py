# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of roles and playbooks: a restriction that is null, misspelled or cut off is refused and never dropped."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput
from ansible_collections.csp.partner_center.plugins.module_utils._module import variables

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
STRUCTURED = sorted(name for name, kind in variables.VARIABLES.items() if kind.structured)
NOTHING_DONE = "Nothing was read or changed."
#: What the role's entry point plan reads.
OF_PLAN = (
    "fleet_customers",
    "fleet_guard",
    "fleet_max_concurrency",
    "fleet_on_unavailable",
    "fleet_on_unmatched",
    "fleet_policies",
    "fleet_requests_per_minute",
    "fleet_subscriptions",
)
GUARD = ("max_changes", "max_changes_percent", "forbid_statuses", "forbid_fields", "protected")


def text(value: str) -> t.Any:
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def specs(role: str) -> dict[str, dict[str, t.Any]]:
    """Variable → what the role's entry points say of it."""
    found = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    return {name: option for entry in found.values() for name, option in entry["options"].items()}


class TestTable:
    def test_it_knows_every_variable_of_the_role_fleet_and_no_other(self) -> None:
        assert specs("fleet").keys() == {name for name in variables.VARIABLES if name.startswith("fleet_")}

    @pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
    def test_a_role_takes_lists_and_dictionaries_as_text_too(self, role: str) -> None:
        described = specs(role)
        assert [name for name, option in described.items() if option["type"] in ("list", "dict")] == []
        raw = {name for name, option in described.items() if option["type"] == "raw"}
        assert raw == {name for name in described if name in STRUCTURED}

    @pytest.mark.parametrize("name", sorted(variables.VARIABLES))
    @pytest.mark.parametrize("value", [None, "", " \n"])
    def test_null_is_no_value(self, name: str, value: t.Any) -> None:
        if value is None and variables.VARIABLES[name].null:
            assert variables.read_variable(name, value, text) == ""
        elif value is not None and variables.VARIABLES[name].empty:
            assert variables.read_variable(name, value, text) == value
        else:
            with pytest.raises(InvalidInput, match=f"^{name}: is null or empty"):
                variables.read_variable(name, value, text)

    @pytest.mark.parametrize("name", STRUCTURED)
    def test_a_text_is_read(self, name: str) -> None:
        value = [{"name": "x"}] if list in variables.VARIABLES[name].types else {"max_changes": 3}
        for written in (value, json.dumps(value), yaml.safe_dump(value)):
            assert variables.read_variable(name, written, text) == value

    @pytest.mark.parametrize("name", STRUCTURED)
    @pytest.mark.parametrize("value", [3, True, "3", "two words", "# - nothing", "a: [", "'a"])
    def test_another_kind_is_refused_in_words(self, name: str, value: t.Any) -> None:
        with pytest.raises(InvalidInput, match=f"^{name}: must be a (list|dictionary)[,;] "):
            variables.read_variable(name, value, text)

    @pytest.mark.parametrize("name", STRUCTURED)
    def test_a_list_is_no_dictionary_and_a_dictionary_no_list(self, name: str) -> None:
        other: t.Any = {} if list in variables.VARIABLES[name].types else []
        for written in (other, json.dumps(other)):
            with pytest.raises(InvalidInput, match=f"^{name}: must be "):
                variables.read_variable(name, written, text)

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("fleet_apply", "true", True),
            ("fleet_apply", "no", False),
            ("fleet_max_failures", "12", 12),
            ("contact_support_mpn_id", 4391507, "4391507"),
        ],
    )
    def test_a_text_of_the_command_line_is_what_it_says(self, name: str, value: t.Any, expected: t.Any) -> None:
        found = variables.read_variable(name, value, text)
        assert (found, type(found)) == (expected, type(expected))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("fleet_apply", "ture"),
            ("fleet_apply", []),
            ("fleet_max_failures", True),
            ("fleet_max_failures", 1.5),
            ("fleet_max_failures", "-"),
            ("rename_to", ["x"]),
            ("rename_to", False),
        ],
    )
    def test_nothing_else_is_taken_for_it(self, name: str, value: t.Any) -> None:
        with pytest.raises(InvalidInput, match=f"^{name}: must be "):
            variables.read_variable(name, value, text)

    def test_the_keys_of_the_guard_are_known_and_not_null(self) -> None:
        with pytest.raises(InvalidInput, match=r"^fleet_guard\.max_chages: is not known\. Did you mean max_changes\?"):
            variables.read_variable("fleet_guard", {"max_chages": 3}, text)
        for key in GUARD:
            for value in (None, ""):
                with pytest.raises(InvalidInput, match=rf"^fleet_guard\.{key}: is null or empty"):
                    variables.read_variable("fleet_guard", {key: value}, text)

    @pytest.mark.parametrize("prefix", variables.PREFIXES)
    def test_an_unknown_extra_variable_is_named(self, prefix: str) -> None:
        (problem,) = variables.unknown_names(
            [f"{prefix}quite_another", "other_name"], variables.PREFIXES, alike_only=False
        )
        assert f"has no variable {prefix}quite_another" in str(problem)

    @pytest.mark.parametrize(("name", "meant"), [("plan_pth", "plan_path"), ("fleet_polices", "fleet_policies")])
    def test_the_nearest_name_is_named(self, name: str, meant: str) -> None:
        (problem,) = variables.unknown_names([name], variables.PREFIXES, alike_only=False)
        assert str(problem).endswith(f"Did you mean {meant}?")

    def test_what_is_known_or_of_others_is_no_problem(self) -> None:
        names = [*variables.VARIABLES, *variables.STATS, "region", "job_id", "awx_job_id", "planets"]
        assert variables.unknown_names(names, variables.PREFIXES, alike_only=False) == []
        assert variables.unknown_names(["fleet_regions", "plan_pth"], variables.PREFIXES, alike_only=True) == []
        assert variables.unknown_names(["contact_mail", "rename_too"], ["fleet_"], alike_only=False) == []
        assert variables.unknown_names(["demo_dirs", "demo_customer"], variables.PREFIXES, alike_only=False) == []


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_every_playbook_runs_here_and_checks_its_variables_first(playbook: Path) -> None:
    plays = yaml.safe_load(playbook.read_text())
    for play in plays:
        # The hosts of a slice are its customers, for whom one task runs here.
        hosts = "all" if playbook.stem == "fleet_slice" else "localhost"
        assert (play["hosts"], play["connection"], play["gather_facts"]) == (hosts, "local", False)
        assert play["vars"]["ansible_connection"] == "local"
        assert play["vars"]["ansible_python_interpreter"] == "{{ ansible_playbook_python }}"
    assert "csp.partner_center.pc_check_variables" in plays[0]["tasks"][0]
    assert "when" not in plays[0]["tasks"][0]


class Ran(t.NamedTuple):
    status: int
    output: str


def ansible(folder: Path, *arguments: str) -> Ran:
    """As a person runs it, who has no connection: what is refused is refused before there is any request."""
    ours = ("PARTNER_CENTER_", "ANSIBLE", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), *arguments],
        env={
            **kept,
            "HOME": str(folder),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_NOCOWS": "1",
            "PARTNER_CENTER_ACCESS_TOKEN": "an-access-token-of-nobody",
            "PARTNER_CENTER_API_URL": "https://127.0.0.1:9",
            "PARTNER_CENTER_TENANT_ID": "0c39d6d5-c70d-4c55-bc02-f620844f3fd1",
        },
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=240,
        check=False,
    )
    # Warnings are broken into lines as wide as the terminal.
    return Ran(done.returncode, " ".join((done.stdout + done.stderr).split()))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["rename_match={}", "rename_to={customer_name} - {offer_name}"], "has cut an extra variable (of rename_to)"),
        (["rename_to=x"], "Set rename_match to select the subscriptions, and rename_to to their new name."),
        (["rename_to=A = B"], "has cut an extra variable (of rename_to)"),
        (["fleet_apply"], "has cut an extra variable at a blank"),
        (["fleet_polices=[]"], "has no variable fleet_polices. Did you mean fleet_policies?"),
        (['{"rename_match": null, "rename_to": "x"}'], "rename_match: is null or empty"),
        (['{"rename_match": "status", "rename_to": "x"}'], "rename_match: must be a dictionary"),
        (
            ["demo_customer=20", "demo_dir="],
            "has no variable demo_customer. Did you mean demo_customers? demo_dir: is null or empty",
        ),
    ],
)
def test_a_playbook_refuses_what_ansible_cut_and_what_nobody_knows(tmp_path: Path, given: list[str], said: str) -> None:
    options = [part for one in given for part in ("-e", one)]
    playbook = "demo" if given[0].startswith("demo_") else "rename_subscriptions"
    ran = ansible(tmp_path, f"csp.partner_center.{playbook}", *options)
    assert ran.status == 2
    assert said in ran.output
    assert NOTHING_DONE in ran.output


@pytest.mark.once
@pytest.mark.parametrize(
    ("playbook", "given", "said"),
    [
        (
            "fleet_apply",
            {"plan_path": "x.json", "fleet_policies": [], "fleet_customers": []},
            (
                "plan_path and fleet_policies are both set, and fleet_policies does not count beside plan_path. Leave "
                "one of them out. plan_path and fleet_customers are both set, and fleet_customers does not count "
                "beside plan_path. Leave one of them out."
            ),
        ),
        ("fleet_rollback", {"plan_path": "x.json", "run_id": "y"}, "plan_path and run_id are both set"),
        ("fleet_plan", {"plan_path": "x.json", "fleet_policies": []}, "set fleet_plan_path instead"),
        (
            "fleet_apply",
            {"fleet_plan_path": "x", "fleet_plan_digest": "y"},
            "and fleet_plan_path is where that is saved",
        ),
    ],
)
def test_variables_that_do_not_count_beside_each_other_are_refused(
    tmp_path: Path, playbook: str, given: dict[str, t.Any], said: str
) -> None:
    ran = ansible(tmp_path, f"csp.partner_center.{playbook}", "-e", json.dumps(given))
    assert ran.status == 2
    assert said in ran.output


@pytest.mark.once
@pytest.mark.parametrize("name", ["plan_path", "journal_path", "run_id", "fleet_plan_digest"])
def test_a_variable_that_the_shell_did_not_have_is_refused(tmp_path: Path, name: str) -> None:
    playbook = "fleet_apply" if name in ("plan_path", "fleet_plan_digest") else "fleet_rollback"
    given = {"plan_path": "x.json"} if name == "fleet_plan_digest" else {"journal_path": "x.jsonl"}
    ran = ansible(tmp_path, f"csp.partner_center.{playbook}", "-e", json.dumps(given), "-e", f"{name}=")
    assert ran.status == 2
    assert f"{name}: is null or empty" in ran.output


def test_the_role_refuses_null_however_it_came(tmp_path: Path) -> None:
    """Ansible before 2.19 makes a text of a null in a template, later ones do not: the role says the same."""
    nulls: dict[str, dict[str, t.Any]] = {name: {name: None} for name in OF_PLAN}
    nulls |= {f"fleet_guard.{key}": {"fleet_guard": {key: None}} for key in GUARD}
    nulls |= {f"{name} by template": {name: "{{ nothing }}"} for name in OF_PLAN}
    nulls |= {f"fleet_guard.{key} by template": {"fleet_guard": {key: "{{ nothing }}"}} for key in GUARD}
    nulls["fleet_customers of comments"] = {"fleet_customers": "\n# - 0c39d6d5-c70d-4c55-bc02-f620844f3fd1\n"}
    tasks = [
        {
            "block": [
                {
                    "ansible.builtin.include_role": {"name": "csp.partner_center.fleet", "tasks_from": "plan"},
                    "vars": {"fleet_policies": [], **given},
                }
            ],
            "rescue": [
                {"ansible.builtin.debug": {"msg": f"<{name}> {{{{ ansible_failed_result.msg }}}}"}},
            ],
        }
        for name, given in nulls.items()
    ]
    plays = [{"hosts": "localhost", "gather_facts": False, "vars": {"nothing": None}, "tasks": tasks}]
    (tmp_path / "play.json").write_text(json.dumps(plays))
    ran = ansible(tmp_path, "play.json")
    assert ran.status == 0, ran.output[-4000:]
    missed = []
    for name in nulls:
        said = ran.output.partition(f"<{name}> ")[2][:200]
        option = name.split(" ")[0]
        # Ansible itself refuses some for a number or a choice, and says which variable it is.
        mentioned = option in said and ("null or empty" in said or "holds nothing but comments" in said)
        itself = option in said and ("convert to int" in said or "must be one of" in said)
        missed += [] if mentioned or itself else [(name, said)]
    assert missed == []


@pytest.mark.once
def test_a_survey_sends_text(tmp_path: Path) -> None:
    given = {
        "fleet_subscriptions": "[]",
        "fleet_customers": "- 0c39d6d5-c70d-4c55-bc02-f620844f3fd1",
        "fleet_guard": "max_changes: 3",
        "fleet_max_concurrency": "4",
        "fleet_max_failures": "2",
        "fleet_apply": "false",
    }
    ran = ansible(tmp_path, "csp.partner_center.fleet_plan", "-e", json.dumps(given))
    assert ran.status == 0, ran.output[-4000:]
    assert "Nothing to change" in ran.output


@pytest.mark.once
@pytest.mark.parametrize("of_localhost", [{}, {"ansible_connection": "ssh"}], ids=["discovered", "elsewhere"])
def test_a_playbook_runs_with_the_python_of_ansible(tmp_path: Path, of_localhost: dict[str, str]) -> None:
    if of_localhost:
        of_localhost = {**of_localhost, "ansible_python_interpreter": "/nowhere/python"}
    hosts = {"all": {"hosts": {"localhost": of_localhost}}}
    (tmp_path / "hosts.json").write_text(json.dumps(hosts))
    arguments = ["-i", "hosts.json", "-vvv", "-e", '{"fleet_subscriptions": []}']
    ran = ansible(tmp_path, "csp.partner_center.fleet_plan", *arguments)
    assert ran.status == 0, ran.output[-4000:]
    assert "Nothing to change" in ran.output
    used = {Path(python).parent.resolve() for python in re.findall(r" (/\S+/python\S*) \S+/AnsiballZ_", ran.output)}
    assert used == {Path(sys.executable).parent.resolve()}
    assert "discover" not in ran.output.lower()


def test_elsewhere_a_name_that_resembles_one_is_a_warning(tmp_path: Path) -> None:
    group = {"fleet_polices": [], "fleet_regions": ["west"], "fleet_subscriptions": []}
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": {"localhost": {}}, "vars": group}}))
    role = {"ansible.builtin.include_role": {"name": "csp.partner_center.fleet", "tasks_from": "plan"}}
    fact = {"ansible.builtin.set_fact": {"fleet_guards": {}}}
    result = {"ansible.builtin.debug": {"msg": "x"}, "register": "fleet_plan_paths"}
    uncounted = {"contact_mail": ["fleet_subscriptions", "fleet_customers"], "plan_path": ["fleet_subscriptions"]}
    beside = {"csp.partner_center.pc_check_variables": {"variables": [], "prefixes": [], "uncounted": uncounted}}
    plays = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
            "tasks": [fact, result, role, beside],
        }
    ]
    (tmp_path / "play.json").write_text(json.dumps(plays))
    ran = ansible(tmp_path, "-i", "hosts.json", "play.json", "-e", "contact_mail=somebody@example.com")
    assert ran.status == 0, ran.output[-4000:]
    assert "has no variable fleet_polices. Did you mean fleet_policies?" in ran.output
    assert ran.output.count("has no variable") == 1
    assert "and fleet_subscriptions does not count beside contact_mail." in ran.output
    assert ran.output.count("does not count beside") == 1
