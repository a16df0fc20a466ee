# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each job template does under ansible-runner what its description says, and the workflow's jobs hand the plan on."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator, Ids
from .jobs import Platform

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]
#: Tokens in the token cache.
SECRET = re.compile(r'"(?:access_token|refresh_token)": "([^"]{20,})"')


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "4", "--seed", "7")


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, t.Any]:
    """The objects as Ansible loads them, with a user's variables."""
    folder = tmp_path_factory.mktemp("objects")
    names = ("credentials", "resources", "job_templates", "workflow")
    variables = {
        "awx_execution_environment_image": "registry.example.com/partner-center:1.0.0",
        "awx_credential_inputs": {"tenant_id": "contoso.example", "client_id": "x"},
        "awx_state_dir": str(folder / "state"),
        "awx_policies": [
            {"name": "names", "match": {"status": "active"}, "set": {"friendly_name": "{customer_name} - {offer_name}"}}
        ],
    }
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars_files": [
            str(ROOT / "roles" / "awx" / "defaults" / "main.yml"),
            *(str(ROOT / "extensions" / "awx" / f"{name}.yml") for name in names),
        ],
        "tasks": [
            {
                "ansible.builtin.copy": {
                    "content": "{{ {'controller_credential_types': controller_credential_types, "
                    "'controller_templates': controller_templates} | to_json }}",
                    "dest": str(folder / "objects.json"),
                }
            }
        ],
    }
    (folder / "play.yml").write_text(json.dumps([play]))
    command = [Path(sys.executable).with_name("ansible-playbook"), "play.yml", "-e", json.dumps(variables)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    found: dict[str, t.Any] = json.loads((folder / "objects.json").read_text())
    return {**found, "state": str(folder / "state")}


@pytest.fixture
def platform(objects: dict[str, t.Any], emulator: Emulator, tmp_path: Path) -> t.Iterator[Platform]:
    connection = {name: str(value) for name, value in emulator.connection.items()}
    authorities = Path(connection.pop("ca_path")).read_text()
    state = Path(objects["state"])
    shutil.rmtree(state, ignore_errors=True)
    cache = {"state_dir": str(state), "token_cache_path": str(state / "token_cache.json")}
    found = Platform(tmp_path, objects, {**connection, "ca_certificates": authorities, **cache}, ROOT)
    yield found
    secrets = [found.inputs["client_secret"], found.inputs["refresh_token"]]
    secrets += SECRET.findall((state / "token_cache.json").read_text())
    assert len(secrets) > 2
    shown = [text for job in found.ended for text in (job.stdout, *job.events)]
    assert [secret for secret in secrets for text in shown if secret in text] == []


def names(emulator: Emulator) -> dict[Ids, str]:
    return {ids: str(found["friendlyName"]) for ids, found in emulator.all_stored().items()}


def test_the_workflow_makes_the_approved_changes_and_they_are_rolled_back(
    platform: Platform, emulator: Emulator, tmp_path: Path
) -> None:
    before = names(emulator)
    plan = platform.launch("plan", {"fleet_change_reference": "CHG0031337"})
    assert plan.status == 0, plan.stdout
    handed = plan.artifacts
    assert handed["fleet_changes"] > 3
    assert handed["fleet_unplanned"] == 0
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", handed["fleet_plan_data"])
    assert f"fleet_plan_digest={handed['fleet_plan_digest']}" in plan.stdout
    assert emulator.writes() == []

    # Somebody approved another plan; what was handed on is not whole; nobody knows what was approved.
    for wrong, said in (
        ({"fleet_plan_digest": "0" * 64}, "The plan of the earlier job is refused, nothing was changed. "),
        ({"fleet_plan_data": handed["fleet_plan_data"][:-40]}, "is not whole, or was altered"),
        ({"fleet_plan_data": "", "fleet_plan_path": str(tmp_path / "plan.json")}, "was too large to be handed on"),
    ):
        refused = platform.launch("apply an approved plan", artifacts={**handed, **wrong})
        assert (refused.status, said in refused.text) == (2, True), refused.stdout
    assert emulator.writes() == []

    applied = platform.launch("apply an approved plan", artifacts=handed)
    assert applied.status == 0, applied.stdout
    assert len(emulator.writes()) == handed["fleet_changes"] == applied.artifacts["fleet_changes"]
    assert applied.artifacts["fleet_plan_digest"] == handed["fleet_plan_digest"]
    # These folders are no mounts here.
    assert "journal.jsonl is in the container of this job and gone when the job ends." in applied.text
    emulator.forget()
    report = platform.launch("report", artifacts={**handed, **applied.artifacts})
    assert report.status == 0, report.stdout
    assert f"{handed['fleet_changes']} of {handed['fleet_changes']} planned subscriptions were changed" in report.text
    assert "CHG0031337" in report.text
    assert emulator.requests() == []
    written = {path.name.split("-")[0] for path in Path(platform.inputs["state_dir"], "reports").glob("*.html")}
    assert written == {"plan", "result"}

    shown = platform.launch("show the runs")
    (run,) = re.findall(r"To undo run (\w{8}) ", shown.text)
    assert "CHG0031337" in shown.text
    back = platform.launch("roll back a run", {"run_id": run, "fleet_apply": "true"})
    assert back.status == 0, back.stdout
    assert names(emulator) == before

    # A plan that is too large to be handed on travels in the folder that the jobs share.
    again = platform.launch("apply an approved plan", artifacts={**handed, "fleet_plan_data": ""})
    assert again.status == 0, again.stdout
    assert again.artifacts["fleet_changes"] == handed["fleet_changes"]


def test_surveys_give_what_the_playbooks_need(platform: Platform, emulator: Emulator) -> None:
    ids = emulator.all("nce", "active")[0]
    match = json.dumps({"subscription_id": ids[1]})
    answers = {"rename_match": match, "rename_to": "{customer_name}: two words", "fleet_apply": "true"}
    renamed = platform.launch("rename subscriptions", {**answers, "fleet_change_reference": "CHG 31337"})
    assert renamed.status == 0, renamed.stdout
    assert emulator.stored(ids)["friendlyName"].endswith(": two words")
    decided = platform.launch(
        "set renewals", {"renewal_match": f"subscription_id: {ids[1]}", "renewal_end_of_term": "cancel"}
    )
    # Nobody has said that it shall be done.
    assert (decided.status, decided.artifacts["fleet_changes"], len(emulator.writes())) == (0, 1, 1), decided.stdout
    contacts = platform.launch("assign support contacts", {"contact_match": "{product_type: legacy}"})
    assert contacts.artifacts["fleet_changes"] == 1, contacts.stdout
    renewals = platform.launch("renewals report", {"renewal_within_days": 400})
    assert renewals.status == 0, renewals.stdout
    assert list(Path(platform.inputs["state_dir"], "reports").glob("renewals-*.html"))


def test_scheduled_jobs_and_slices(platform: Platform, emulator: Emulator) -> None:
    checked = platform.launch("check the credentials")
    assert checked.status == 0, checked.stdout
    drifted = platform.launch("check for drift")
    assert (drifted.status, drifted.artifacts["fleet_drifted"]) == (2, True), drifted.stdout
    # Week after week, from the token that the credential has had since the first one.
    tokens = []
    for _week in range(2):
        rotated = platform.launch("rotate the refresh token")
        assert rotated.status == 0, rotated.stdout
        tokens.append(Path(platform.inputs["state_dir"], "refresh_token").read_text())
    assert len({platform.inputs["refresh_token"], *tokens}) == 3
    assert not any(token in text for token in tokens for job in platform.ended for text in job.events)

    emulator.forget()
    before = names(emulator)
    slice_of = sorted({customer for customer, _subscription in before})[:2]
    hosts = {f"host-{number}": {"pc_customer_id": customer} for number, customer in enumerate(slice_of)}
    platform.inventory = {"all": {"hosts": list(hosts)}, "_meta": {"hostvars": hosts}}
    done = platform.launch("bring slices to the declared state", {"fleet_apply": "true"})
    assert done.status == 0, done.stdout
    after = names(emulator)
    assert {customer for (customer, one) in before if after[customer, one] != before[customer, one]} == set(slice_of)
    assert Path(platform.inputs["state_dir"], "csp.partner_center", f"journal-{len(platform.ended)}.jsonl").exists()
