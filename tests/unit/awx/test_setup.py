# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook awx_setup with the modules of awx.awx, against a small AWX that refuses what AWX refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from .controller import Controller, Running, serve

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]
SECRETS = ("a-secret-of-nobody", "a-refresh-token-of-nobody")
VARIABLES = {
    "awx_execution_environment_image": "registry.example.com/partner-center:1.0.0",
    "awx_credential_inputs": {
        "tenant_id": "d8202a51-69f9-4228-b900-d0e081af17d7",
        "client_id": "5b4d1ab1-53ce-4cf3-a8b6-a2a3b6a4ad1c",
        "client_secret": SECRETS[0],
        "refresh_token": SECRETS[1],
    },
    "awx_policies": [
        {"name": "names", "match": {"status": "active"}, "set": {"friendly_name": "{customer_name} - {offer_name}"}}
    ],
    "awx_guard": {"max_changes_percent": 50},
    "awx_slices": 4,
}


@pytest.fixture
def awx() -> t.Iterator[Running]:
    yield from serve(ROOT)


def set_up(folder: Path, collections: str, address: str, **variables: t.Any) -> subprocess.CompletedProcess[str]:
    path = folder / "awx.yml"
    path.write_text(json.dumps({**VARIABLES, **variables}))
    ours = ("PARTNER_CENTER_", "ANSIBLE", "XDG_", "CONTROLLER_", "TOWER_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "csp.partner_center.awx_setup", "-e", f"@{path}", "-vv"],
        cwd=folder,
        env={
            **kept,
            "HOME": str(folder),
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "CONTROLLER_HOST": address,
            "CONTROLLER_OAUTH_TOKEN": "a-token-of-awx",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_it_is_set_up_twice_without_a_change_and_removed(awx: Running, published: Path, tmp_path: Path) -> None:
    collections = f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{published}"
    told = set_up(tmp_path, collections, awx.address)
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-3000:]
    assert "WARNING" not in told.stdout + told.stderr
    assert not any(secret in told.stdout + told.stderr for secret in SECRETS)
    controller = awx.controller
    templates = controller.named("job_templates")
    assert {one["playbook"] for one in templates.values()} <= controller.playbooks()
    plan = json.loads(templates["Partner Center: plan"]["extra_vars"])
    assert plan == {
        "fleet_guard": VARIABLES["awx_guard"],
        "fleet_policies": VARIABLES["awx_policies"],
        "fleet_report_dir": "/var/lib/partner_center/reports",
    }
    slices = templates["Partner Center: bring slices to the declared state"]
    assert slices["job_slice_count"] == 4
    assert slices["inventory"] == controller.named("inventories")["Partner Center: customers"]["id"]
    inputs = controller.named("credentials")["Partner Center"]["inputs"]
    assert inputs["state_dir"] == "/var/lib/partner_center"
    assert all(
        one["credentials"] == [controller.named("credentials")["Partner Center"]["id"]] for one in templates.values()
    )
    assert workflow(controller) == [
        "plan: Partner Center: plan -success_nodes-> approval",
        "approval: Partner Center: approve the plan -success_nodes-> apply",
        "apply: Partner Center: apply an approved plan -always_nodes-> report",
        "report: Partner Center: report",
    ]
    assert {name: one["enabled"] for name, one in controller.named("schedules").items()} == {
        "Partner Center: every night, check for drift": True,
        "Partner Center: every week, rotate the refresh token": True,
        "Partner Center: every month, report the renewals": True,
    }

    before = json.dumps(controller.objects)
    controller.writes.clear()
    told = set_up(tmp_path, collections, awx.address)
    assert told.returncode == 0, told.stdout[-6000:]
    assert "changed=0 " in told.stdout
    assert json.dumps(controller.objects) == before
    # The links of nodes are asked for and left alone.
    assert controller.writes == []

    told = set_up(tmp_path, collections, awx.address, awx_state="absent")
    assert told.returncode == 0, told.stdout[-6000:]
    assert [kind for kind, found in controller.objects.items() if found] == ["organizations"]


def workflow(controller: Controller) -> list[str]:
    """The nodes, what each runs, and where it leads to."""
    nodes = controller.objects["workflow_job_template_nodes"]
    found = []
    for node in nodes.values():
        runs = next(one for one in controller.find("unified_job_templates", {"id": str(node["unified_job_template"])}))
        ways = ("success_nodes", "failure_nodes", "always_nodes")
        leads = [f" -{way}-> {nodes[other]['identifier']}" for way in ways for other in node[way]]
        found.append(f"{node['identifier']}: {runs['name']}{''.join(leads)}")
    return found


def test_without_a_collection_for_awx_it_says_what_to_install(awx: Running, tmp_path: Path) -> None:
    told = set_up(tmp_path, os.environ["ANSIBLE_COLLECTIONS_PATH"], awx.address)
    assert told.returncode == 2
    assert "Neither awx.awx nor ansible.controller is installed" in told.stdout
    assert awx.controller.writes == []
