# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the fleet's playbooks show, write and hand on, as a user starts them."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator
from ..inventory.conftest import Ansible, Answer

pytestmark = pytest.mark.once

POLICIES = [
    {"name": "names", "match": {"status": "active"}, "set": {"friendly_name": "{customer_name} - {offer_name}"}},
]


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "4", "--seed", "7")


@pytest.fixture
def ansible(emulator: Emulator, tmp_path: Path) -> Ansible:
    environment = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    shown = {"XDG_STATE_HOME": str(tmp_path), "ANSIBLE_SHOW_CUSTOM_STATS": "1"}
    return Ansible(tmp_path, emulator, {**environment, **shown})


def play(ansible: Ansible, name: str, **variables: t.Any) -> Answer:
    given = {"fleet_report_dir": "reports", "fleet_report_formats": ["json"], **variables}
    return ansible.run("ansible-playbook", f"csp.partner_center.{name}", "-e", json.dumps(given))


def stats(answer: Answer) -> dict[str, t.Any]:
    _before, _stats, shown = answer.output.partition("CUSTOM STATS:")
    found: dict[str, t.Any] = json.loads(shown[shown.index("{") :])
    return found


def reports(folder: Path, kind: str) -> list[dict[str, t.Any]]:
    return [json.loads(path.read_text()) for path in sorted((folder / "reports").glob(f"{kind}-*.json"))]


def test_a_drift_is_reported_and_told_to_later_jobs(ansible: Ansible, tmp_path: Path) -> None:
    answer = play(ansible, "fleet_drift", fleet_policies=POLICIES, fleet_drift_fails=False)
    assert answer.status == 0, answer.output + answer.errors
    (drift,) = reports(tmp_path, "drift")
    found = stats(answer)
    assert found["fleet_drifted"] is True
    assert found["fleet_changes"] == len(drift["plan"]) > 0
    assert found["fleet_plan_digest"] == drift["digest"]
    assert found["fleet_report_dir"] == str(tmp_path / "reports")
    failed = play(ansible, "fleet_drift", fleet_policies=POLICIES)
    assert failed.status == 2
    assert "The fleet has drifted: " in failed.output


def test_what_failed_is_shown_reported_and_left_for_later(ansible: Ansible, emulator: Emulator, tmp_path: Path) -> None:
    emulator.fault(match={"method": "PATCH"}, action="error", status=400, code=3000, times=1)
    answer = play(ansible, "fleet_apply", fleet_policies=POLICIES, fleet_plan_path="plan.json")
    assert answer.status == 2, answer.output + answer.errors
    (plan,), (result,) = reports(tmp_path, "plan"), reports(tmp_path, "result")
    summary = result["summary"]
    assert (plan["kind"], summary["failed"], summary["changed"]) == ("plan", 1, len(plan["plan"]) - 1)
    planned, changed = summary["planned"], summary["changed"]
    assert f"\n{changed} of {planned} planned subscriptions were changed, 1 failed\n" in answer.output
    assert "! 1 subscription failed: Partner Center answered 400 (code 3000" in answer.output
    assert f"-e plan_path={tmp_path / 'plan.json'} -e fleet_plan_digest={plan['digest']}\n" in answer.output
    assert f"-e run_id={result['run_id']}\n" in answer.output
    assert stats(answer)["fleet_changes"] == changed
