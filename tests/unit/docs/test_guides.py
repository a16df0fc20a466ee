# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Guides and README files do what they say: their files are written and their commands run as they stand, and say what is
shown. What is not run is listed with the reason.
"""

from __future__ import annotations

import csv
import fnmatch
import json
import os
import re
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect

from ..emulators import Emulator, Ids
from .documents import ROOT, Command, blocks, commands, documents, files

pytestmark = pytest.mark.once

DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
#: The customer and the subscription of the examples.
CUSTOMER, SUBSCRIPTION = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1", "83ef9d05-4169-4ef9-9657-0e86b1eab1de"
#: What an example shows of its own: ids, digests, times, and how long it took.
OF_ITS_OWN = [
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    r"\b[0-9a-f]{64}\b",
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\dZ)?",
    r"\d{8}T\d{6}Z",
    r"\b[0-9a-f]{8}\b",
    r"requests? in \d+ s\b",
]
#: Where the user of the examples is at home.
HOME = "/home/ops"

#: How the commands of the README begin that are run.
OURS = "ansible-playbook csp.partner_center."
#: Guides whose commands are run, each by a test of its own below; that to tables by modules/test_table_playbooks.py.
RUN = (
    "guide_check_mode",
    "guide_credentials",
    "guide_end_of_term",
    "guide_fleet",
    "guide_inventory",
    "guide_playbooks",
    "guide_quick_start",
    "guide_slices",
    "guide_tables",
)
#: Commands that are not run here, and why.
NOT_RUN = {
    "ansible-builder build *": "leaves the machine; lint creates the context of this definition",
    "ansible-galaxy *": "leaves the machine",
    "ansible-playbook csp.partner_center.awx_setup *": "needs AWX; awx/test_setup.py runs it against a small one",
    "ansible-playbook csp.partner_center.consent *": "a person signs in; the molecule scenario consent does it",
    "ansible-playbook csp.partner_center.demo": "test_demo.py runs it",
    "ansible-playbook csp.partner_center.fleet_apply -e plan_path=plan.json -e fleet_plan_digest=DIGEST": (
        "the digest is a placeholder; the guide to fleets runs it with one"
    ),
    "ansible-test *": "it is how other tests are run",
    "ansible-vault *": "asks for a password",
    "cd * && ../venv/bin/python -m partner_center_emulator *": "test_command_line.py runs it",
    "export CONTROLLER_*": "needs AWX",
    "export PARTNER_CENTER_*": "the tests have a connection of their own",
    "git clone *": "leaves the machine",
    "make *": "development: the checks themselves, and the bench",
    "pip install *": "leaves the machine",
    "python3 -m venv *": "leaves the machine; the role emulator does it",
    ".venv/bin/python -m pytest *": "it is how these tests are run",
    ".venv/bin/python -m tests.simulation *": "a look at one simulation; tests/unit/simulation runs many",
}

#: Examples in YAML that are not run as they stand, by their document and the first key in them, and why.
NOT_RUN_YAML = {
    ("README.md", "collections"): "what ansible-galaxy installs leaves the machine",
    ("guide_awx", "awx_organization"): "the role awx has tests of its own",
    ("guide_awx", "Plan changes to the fleet"): "it only imports a playbook that others run",
    ("guide_connection", "token_cache_path"): "one option, which the play before it takes as well",
    ("guide_inventory", "cache"): "options to be added to an inventory, tried by inventory/test_cache.py",
    ("roles/consent/README.md", "Sign in"): "a person signs in; the molecule scenario consent does it",
    ("roles/emulator/README.md", "Try it out"): "as the guide to the emulator does",
}
#: The legacy subscription of the examples.
LEGACY = "c8d8fbab-6a62-44dc-be50-b7c74e43a296"


def why_not(command: str) -> str:
    """Why a command is not run; empty where it is."""
    return next((why for pattern, why in NOT_RUN.items() if fnmatch.fnmatchcase(command, pattern)), "")


def test_every_command_is_run_or_listed_with_the_reason() -> None:
    run = {one.text for name in RUN for one in commands(name)}
    run |= {one.text for one in commands("README.md") if one.text.startswith(OURS)}
    shown = [(name, one.text) for name in documents() for one in commands(name)]
    assert [one for one in shown if one[1] not in run and not why_not(one[1])] == []
    unused = [pattern for pattern in NOT_RUN if not any(fnmatch.fnmatchcase(text, pattern) for _name, text in shown)]
    assert unused == []


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    """As the role starts one that nobody says anything to."""
    return ("--customers", "20", "--subscriptions-per-customer", "5", "--seed", "1")


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

    def write(self, name: str, instead: t.Mapping[str, str] | None = None) -> None:
        """The files of a guide, with what is the example's own replaced."""
        for path, text in files(name).items():
            (self.folder / path).write_text(replaced(text, instead or {}))

    def follow(self, found: t.Iterable[Command], instead: t.Mapping[str, str] | None = None) -> dict[str, str]:
        """Run those commands of a guide that can be run, and see that they say what is shown; their output."""
        outputs: dict[str, str] = {}
        for one in found:
            if not why_not(one.text):
                outputs[one.text] = self.run(replaced(one.text, instead or {}))
                self.require(one, outputs[one.text], instead)
        return outputs

    def require(self, command: Command, output: str, instead: t.Mapping[str, str] | None = None) -> None:
        """What the command is shown to say is what it said, one line below the other; ``…`` stands for any lines."""
        lines = [line.strip() for line in output.splitlines()]
        home = {HOME: str(self.folder), **(instead or {})}
        start = 0
        for part in filter(str.strip, re.split(r"^…$", "\n".join(command.said), flags=re.MULTILINE)):
            wanted = [replaced(line, home) for line in part.strip("\n").split("\n")]
            found = [at for at in range(start, len(lines)) if all(map(is_line, lines[at : at + len(wanted)], wanted))]
            assert found, f"{command.text}\ndoes not say:\n{part}\nbut:\n{output}"
            start = found[0] + len(wanted)


def replaced(text: str, instead: t.Mapping[str, str]) -> str:
    for old, new in instead.items():
        text = text.replace(old, new)
    return text


def is_line(line: str, shown: str) -> bool:
    """Whether it is this line of a guide, with other ids and times; an ellipsis in it stands for anything."""
    parts = re.split(f"({'|'.join(OF_ITS_OWN)}|…)", shown)
    own = [
        ".*" if part == "…" else next((one for one in OF_ITS_OWN if re.fullmatch(one, part)), None) for part in parts
    ]
    return re.fullmatch("".join(one or re.escape(part) for one, part in zip(own, parts, strict=True)), line) is not None


def test_the_readme(emulator: Emulator, tmp_path: Path) -> None:
    """All that a new user does with it, in its order."""
    before = emulator.all_stored()
    shell = Shell(tmp_path, emulator)
    shell.write("README.md")
    outputs: dict[str, str] = {}
    for one in (one for one in commands("README.md") if one.text.startswith(OURS)):
        playbook = one.text.removeprefix(OURS).partition(" ")[0]
        plan = json.loads((tmp_path / "plan.json").read_text()) if outputs else {}
        if "fleet_csv_path" in one.text:
            assert emulator.all_stored() == before
            text = (tmp_path / "fleet.csv").read_text(encoding="utf-8-sig")
            table = list(csv.reader(text.splitlines()))
            row = next(row for row in table if row[table[0].index("status")] == "active")
            row[table[0].index("new_friendly_name")] = "From the table"
            with (tmp_path / "fleet.csv").open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows(table)
        outputs[playbook] = shell.run(one.text.replace("DIGEST", plan.get("digest", "")))
        if playbook == "fleet_apply" and "fleet_csv_path" not in one.text:
            assert len(plan["changes"]) > 50
            assert (
                f"{plan['summary']['planned']} of {plan['summary']['planned']} planned subscriptions"
                in outputs[playbook]
            )
    assert "The fleet has not drifted: " in outputs["fleet_drift"]
    assert "\n1 run in " in outputs["fleet_runs"]
    assert "1 of 1 planned subscription was changed" in outputs["fleet_apply"]
    after = emulator.all_stored()
    assert [one["friendlyName"] for ids, one in after.items() if one != before[ids]] == ["From the table"]
    endings = ("csv", "html", "json", "md", "txt")
    reports = {f"{path.name.partition('-')[0]}{path.suffix}" for path in (tmp_path / "reports").iterdir()}
    assert reports == {f"{kind}.{one}" for kind in ("plan", "renewals") for one in endings} | {"renewals.ics"}


def test_the_guide_to_fleets(emulator: Emulator, tmp_path: Path) -> None:
    shell = Shell(tmp_path, emulator)
    assert sorted(files("guide_fleet")) == ["contoso.yml", "policies.yml"]
    shell.write("guide_fleet")
    for one in commands("guide_fleet"):
        if one.text.startswith("APPROVED="):
            assert DIGEST.fullmatch(one.text.removeprefix("APPROVED="))
            shell.variables["APPROVED"] = json.loads((tmp_path / "plan.json").read_text())["digest"]
            continue
        shell.require(one, shell.run(one.text))
    assert {path.name.split("-2")[0] for path in (tmp_path / "reports").iterdir()} == {"plan", "result"}


def test_the_guide_to_check_mode(emulator: Emulator, tmp_path: Path) -> None:
    ids = emulator.find("nce")
    emulator.store(ids, quantity=20)
    offer = emulator.stored(ids)["offerName"]
    instead = {"Microsoft 365 E3, ": f"{offer}, ", CUSTOMER: ids[0], SUBSCRIPTION: ids[1]}
    shell = Shell(tmp_path, emulator)
    shell.write("guide_check_mode", instead)
    outputs = list(shell.follow(commands("guide_check_mode")).values())
    assert len(outputs) == 1
    output = outputs[0]
    (diff,) = [text for language, text in blocks("guide_check_mode") if language == "diff"]
    assert replaced(diff, instead) in output
    assert "20 → 25 seats" in output
    assert emulator.writes() == []


def test_the_guide_to_credentials(emulator: Emulator, tmp_path: Path) -> None:
    shell = Shell(tmp_path, emulator)
    followed = list(shell.follow(commands("guide_credentials")))
    assert len(followed) == 2
    assert followed[0].endswith("check_credentials")
    assert followed[1].endswith("rotate_refresh_token_path=~/partner_center_refresh_token")
    token = tmp_path / "partner_center_refresh_token"
    assert token.stat().st_mode & 0o777 == 0o600
    assert token.read_text().strip() not in ("", emulator.connection["refresh_token"])


def test_the_guide_to_the_inventory(emulator: Emulator, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(emulator.connection["client_secret"])
    own = {
        "contoso.onmicrosoft.com": emulator.connection["tenant_id"],
        "2f1b4c04-6b8b-4d0c-a8b0-3d5b8c1d6f55": emulator.connection["client_id"],
        "/run/secrets/partner_center": str(secret),
    }
    shell = Shell(tmp_path, emulator)
    shell.write("guide_inventory", own)
    ((command, said),) = commands("guide_inventory")
    output = shell.run(command)
    # Which customers it shows, and with what, is another matter.
    assert [line for line in said if "contoso" not in line and "fabrikam" not in line and line not in output] == []
    domains = {customer["domain"] for customer in emulator.control("GET", "fleet")["customers"]}
    hosts = set(re.findall(r"--(\S+\.onmicrosoft\.com)", output))
    assert hosts <= domains
    assert len(hosts) > len(domains) // 2


def test_the_guide_to_slices(emulator: Emulator, tmp_path: Path) -> None:
    shell = Shell(tmp_path, emulator)
    shell.write("guide_slices")
    # Twenty customers instead of a thousand.
    outputs = shell.follow(commands("guide_slices"), {"0:499": "0:9", "500:": "10:"})
    assert len(outputs) == 2
    changed = {one["path"].split("/")[3] for one in emulator.writes()}
    assert len(changed) > 10
    for customer, subscription in emulator.all("nce", "active"):
        stored = emulator.stored((customer, subscription))
        assert stored["friendlyName"].endswith(f" - {stored['offerName']}".strip()), stored["friendlyName"]


def test_the_guide_to_ends_of_terms(emulator: Emulator, tmp_path: Path) -> None:
    emulator.switch(est_conversion_delay="never")
    shell = Shell(tmp_path, emulator)
    shell.write("guide_end_of_term")
    emulator.store(emulator.find("renewing_soon"), autoRenewEnabled=False)
    before = emulator.all_stored()
    undecided = {ids for ids, one in before.items() if one["status"] == "active" and not effect.read(one).decided}
    assert len(undecided) > 2
    told = iter(commands("guide_end_of_term"))

    def run(playbook: str) -> str:
        one = next(told)
        assert f"csp.partner_center.{playbook} " in one.text
        return next(iter(shell.follow([one]).values()))

    shown = run("renewals")
    assert "undecided" in shown
    run("fleet_plan")
    assert emulator.all_stored() == before
    run("fleet_apply")
    decided = emulator.all_stored()
    assert {ids for ids, one in decided.items() if one != before[ids]} == undecided
    assert {effect.read(decided[ids]).effect for ids in undecided} == {"cancel"}
    run("set_renewals")
    assert emulator.all_stored() == decided
    # The tasks for one subscription, as they stand.
    ids = next(
        ids
        for ids, one in before.items()
        if effect.read(one).effect == "renew" and ids in emulator.all("nce", "active")
    )
    follow_tasks(shell, "guide_end_of_term", ids)
    one = emulator.stored(ids)
    assert (effect.read(one).effect, effect.instructions(one)["quantity"]) == ("renew", 20)
    emulator.store(ids, **{"$unset": [name for name in one if name not in before[ids]]}, **before[ids])
    run("fleet_rollback")
    assert next(told, None) is None
    assert emulator.all_stored() == before


def test_five_minutes_on_a_partner_center_of_your_own(emulator: Emulator, tmp_path: Path) -> None:
    """All of it in one shell, which has no connection but what it sources."""
    shell = Shell(tmp_path, emulator, {f"PARTNER_CENTER_{name.upper()}": "" for name in emulator.connection})
    shell.write("guide_quick_start")
    run = [one.text for one in commands("guide_quick_start") if not why_not(one.text)]
    assert len(run) == 8
    start = "ansible-playbook csp.partner_center.emulator"
    script = "\n".join(f"{one} -e emulator_install=false" if one.startswith(start) else one for one in run)
    try:
        output = shell.run(f"set -e\n{script}")
    finally:
        shell.run(f"{start} -e emulator_install=false -e emulator_state=stopped")
    assert "A local Partner Center with 20 customers is at https://127.0.0.1:" in output
    assert "This undoes the plan" in output
    (environment,) = tmp_path.rglob("emulator/environment")
    assert environment.stat().st_mode & 0o777 == 0o600
    assert emulator.requests() == []


def test_every_playbook_is_shown_with_a_call_that_works(emulator: Emulator, tmp_path: Path) -> None:
    calls = [one.text for one in commands("guide_playbooks")]
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    assert {name for name in playbooks if any(f"csp.partner_center.{name}" in one for one in calls)} == playbooks
    elsewhere = {one.text for name in RUN if name != "guide_playbooks" for one in commands(name)}
    shell = Shell(tmp_path, emulator)
    shell.write("guide_playbooks")
    run = [one for one in commands("guide_playbooks") if one.text not in elsewhere]
    assert len(shell.follow(run)) == 4
    assert emulator.writes() == []


def test_the_policies_of_the_examples_work(emulator: Emulator, tmp_path: Path) -> None:
    policies = [
        policy for language, text in blocks("guide_policies") if language == "yaml" for policy in yaml.safe_load(text)
    ]
    assert len(policies) > 7
    shell = Shell(tmp_path, emulator)
    (tmp_path / "all.yml").write_text(yaml.safe_dump({"fleet_policies": policies}))
    output = shell.run("ansible-playbook csp.partner_center.fleet_plan -e @all.yml -e fleet_on_unmatched=ignore")
    assert all(re.search(rf"^\s*{re.escape(policy['name'])}\b", output, re.MULTILINE) for policy in policies), output


def follow_tasks(shell: Shell, name: str, ids: Ids) -> None:
    """Run the examples that are tasks, on another subscription than theirs."""
    tasks = [
        task
        for language, text in blocks(name)
        if language.startswith("yaml") and text.startswith("- name:")
        for task in yaml.safe_load(replaced(text, {CUSTOMER: ids[0], SUBSCRIPTION: ids[1]}))
    ]
    assert tasks
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (shell.folder / "tasks.yml").write_text(yaml.safe_dump([play]))
    shell.run("ansible-playbook tasks.yml")


def examples() -> dict[tuple[str, str], str]:
    """Examples in YAML that no guide's files hold, by their document and their first name or key."""
    found = {}
    for name in documents():
        ran = {*files(name).values()} if name in RUN else set()
        for language, text in blocks(name):
            if language.startswith("yaml") and text not in ran:
                parsed = yaml.safe_load(text)
                found[name, parsed[0]["name"] if isinstance(parsed, list) else next(iter(parsed))] = text
    return found


def test_the_other_examples_run(emulator: Emulator, tmp_path: Path) -> None:
    """All of them in one playbook, and the policies of the README planned before it."""
    shell, found = Shell(tmp_path, emulator), examples()
    assert NOT_RUN_YAML.keys() <= found.keys()
    renewing = {
        ids[0]: ids for ids in emulator.all("nce", "active") if effect.read(emulator.stored(ids)).effect == "renew"
    }
    legacy = next(ids for ids in emulator.all("legacy", "active") if ids[0] in renewing)
    customer, subscription = renewing[legacy[0]]
    emulator.store((customer, subscription), quantity=20)
    instead = {
        CUSTOMER: customer,
        SUBSCRIPTION: subscription,
        LEGACY: legacy[1],
        # A whole fleet that was never named gets more names.
        "max_changes_percent: 20": "max_changes_percent: 100",
    }
    plays, policies = [], {}
    for key, text in found.items():
        # Those of these two are run by tests of their own.
        if key in NOT_RUN_YAML or key[0] in ("guide_end_of_term", "guide_policies"):
            continue
        example = yaml.safe_load(replaced(text, instead))
        if isinstance(example, dict):
            policies |= example
        elif "hosts" in example[0]:
            plays += example
        else:
            plays.append({"hosts": "localhost", "gather_facts": False, "tasks": example})
    assert policies.keys() == {"fleet_policies", "fleet_guard"}
    (tmp_path / "policies.json").write_text(json.dumps(policies))
    shell.run("ansible-playbook csp.partner_center.fleet_plan -e @policies.json -e fleet_plan_path=plan.json")
    assert emulator.writes() == []
    (tmp_path / "examples.yml").write_text(yaml.safe_dump(plays, sort_keys=False))
    names = ("tenant_id", "client_id", "client_secret", "refresh_token")
    given = {f"partner_{name}": emulator.connection[name] for name in names} | {"emulator_install": False}
    (tmp_path / "given.json").write_text(json.dumps(given))
    shell.run("ansible-playbook examples.yml -e @given.json")
    stored = emulator.stored((customer, subscription))
    assert (stored["quantity"], stored["partnerId"]) == (25, "4391507")
    assert effect.instructions(stored)["quantity"] == 20
    assert len([*(tmp_path / "reports").iterdir()]) == 2
