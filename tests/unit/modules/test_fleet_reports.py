# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the fleet's playbooks show, write and hand on, as a user starts them."""

from __future__ import annotations

import csv
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
    given = {**emulator.connection, "tenant_id": emulator.facts["tenant_domain"]}
    environment = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in given.items()}
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


def test_a_drift_is_reported_and_told_to_later_jobs(ansible: Ansible, emulator: Emulator, tmp_path: Path) -> None:
    answer = play(ansible, "fleet_drift", fleet_policies=POLICIES, fleet_drift_fails=False)
    assert answer.status == 0, answer.output + answer.errors
    (drift,) = reports(tmp_path, "drift")
    domain = emulator.facts["tenant_domain"]
    assert (drift["tenant_id"], drift["tenant_name"]) == (emulator.facts["tenant_id"], domain)
    assert f" UTC   {domain}\n" in answer.output
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
    assert plan["tenant_name"] == result["tenant_name"] == emulator.facts["tenant_domain"]
    summary = result["summary"]
    assert (plan["kind"], summary["failed"], summary["changed"]) == ("plan", 1, len(plan["plan"]) - 1)
    planned, changed = summary["planned"], summary["changed"]
    assert f"\n{changed} of {planned} planned subscriptions were changed, 1 failed\n" in answer.output
    assert "! 1 subscription failed: Partner Center answered 400 (code 3000" in answer.output
    assert f"-e plan_path={tmp_path / 'plan.json'} -e fleet_plan_digest={plan['digest']}\n" in answer.output
    assert f"-e run_id={result['run_id']}\n" in answer.output
    assert stats(answer)["fleet_changes"] == changed


def test_a_diff_names_customer_offer_and_contact(ansible: Ansible, emulator: Emulator) -> None:
    ids = emulator.find("legacy")
    policy = {"match": {"subscription_id": ids[1]}, "set": {"support_contact": {"support_mpn_id": "4391507"}}}
    given = {"fleet_policies": [{"name": "contact", **policy}]}
    answer = ansible.run("ansible-playbook", "csp.partner_center.fleet_apply", "--diff", "-e", json.dumps(given))
    assert answer.status == 0, answer.output + answer.errors
    (customer,) = [one for one in emulator.control("GET", "fleet")["customers"] if one["id"] == ids[0]]
    header = f"before: {customer['name']}, {emulator.stored(ids)['offerName']}, subscription {ids[1]}\n"
    above, found, below = answer.output.partition(f"--- {header}")
    assert found, answer.output
    assert "→ Trey Research (MPN 4391507)" in above
    assert '+        "name": "Trey Research"' in below


def test_renewals_are_written_in_every_form(ansible: Ansible, emulator: Emulator, tmp_path: Path) -> None:
    icalendar = pytest.importorskip("icalendar")
    emulator.switch(est_conversion_delay="never")
    ids = emulator.find("renewing_soon")
    emulator.store(ids, autoRenewEnabled=False)
    answer = ansible.run("ansible-playbook", "csp.partner_center.renewals", "-e", "report_dir=reports")
    assert answer.status == 0, answer.output + answer.errors
    files = {path.suffix: path for path in (tmp_path / "reports").iterdir()}
    assert sorted(files) == [".csv", ".html", ".ics", ".json", ".md", ".txt"]
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    assert {path.name[: len("renewals-2")] for path in files.values()} == {"renewals-2"}
    texts = {suffix: path.read_text(encoding="utf-8-sig") for suffix, path in files.items()}
    told = json.loads(texts[".json"])["subscriptions"]
    open_ones = {one["id"]: one["renewal"]["decide_by"] for one in told if not one["renewal"]["decided"]}
    assert ids[1] in open_ones
    assert texts[".txt"].count(" UNDECIDED ") == len(open_ones)
    assert f"{len(open_ones)} undecided" in texts[".md"]
    assert all(one in texts[".html"] for one in open_ones)
    rows = {row["subscription_id"] for row in csv.DictReader(texts[".csv"].splitlines())}
    assert open_ones.keys() < rows <= {one["id"] for one in told}
    events = icalendar.Calendar.from_ical(texts[".ics"]).walk("VEVENT")
    assert len(events) == len(open_ones)
    assert min(str(event.decoded("dtstart")) for event in events)[:10] <= min(open_ones.values())[:10]
