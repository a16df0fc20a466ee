# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan and a table that pc_fleet reads itself: the same as their items, with the checks of the role fleet."""

from __future__ import annotations

import json
import typing as t
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_file import plan_file
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import to_desired

from ..emulators import Emulator
from ..engine.fleets import item
from .test_fleet import warnings
from .test_fleet_endings import run

pytestmark = pytest.mark.once

POLICIES = [{"name": "n", "match": {"status": "active"}, "set": {"friendly_name": "{customer_name} - {offer_name}"}}]
ELSEWHERE = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "4", "--seed", "7")


def saved(path: Path, planned: dict[str, t.Any], **other: t.Any) -> dict[str, t.Any]:
    """A plan file made of a result, in which something may be other than it was."""
    about = {"tenant_id": planned["tenant_id"], "api_url": planned["api_url"], "created": datetime.now(timezone.utc)}
    content = plan_file(changes=planned["plan"], **{**about, **other})
    path.write_text("\ufeff" + json.dumps(content, indent=4), encoding="utf-8")
    return content


def told(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """What was planned and done, without what is particular to a run."""
    outcomes = [
        {name: value for name, value in one.items() if name not in ("request_id", "correlation_id")}
        for one in result["outcomes"]
    ]
    left_out = ("seconds", "requests")
    summary = {name: value for name, value in result["summary"].items() if name not in left_out}
    return {"plan": result["plan"], "outcomes": outcomes, "summary": summary, "digest": result["digest"]}


def test_a_plan_by_its_path_is_the_same_as_its_items(emulator: Emulator, tmp_path: Path) -> None:
    planned = run(emulator, policies=POLICIES, _ansible_check_mode=True)
    path, journal = tmp_path / "plan.json", tmp_path / "journal.jsonl"
    content = saved(path, planned)
    assert len(content["changes"]) > 5
    # One of them has changed since: a conflict, whichever way.
    changed = content["changes"][0]
    ids = (changed["customer_id"], changed["subscription_id"])
    emulator.store(ids, friendlyName="somebody else's")
    by_items = run(emulator, subscriptions=to_desired(content))
    emulator.reset()
    emulator.store(ids, friendlyName="somebody else's")
    by_path = run(emulator, plan_path=str(path), plan_digest=content["digest"], journal_path=str(journal))
    assert told(by_path) == told(by_items)
    assert by_path["summary"]["failed"] == 1
    assert by_path["changed"]
    assert json.loads(journal.read_text().splitlines()[0])["plan_digest"] == content["digest"]


@pytest.mark.parametrize(
    ("other", "options", "reason"),
    [
        ({}, {"plan_digest": "0" * 64}, "This is not the plan that was approved"),
        ({"tenant_id": ELSEWHERE}, {}, "The plan was made for the tenant"),
        ({"api_url": "https://elsewhere.example"}, {}, "The plan was made against https://elsewhere.example"),
        ({"created": datetime.now(timezone.utc) - timedelta(days=2)}, {}, "The plan is too old"),
        (
            {"guard": ["5 subscriptions would change."]},
            {},
            "The plan breaches the guard: 5 subscriptions would change.",
        ),
    ],
)
def test_a_plan_that_must_not_be_applied_is_refused_before_any_request(
    emulator: Emulator, tmp_path: Path, other: dict[str, t.Any], options: dict[str, t.Any], reason: str
) -> None:
    saved(tmp_path / "plan.json", _planned(emulator), **other)
    refused = run(emulator, plan_path=str(tmp_path / "plan.json"), **options)
    assert reason in refused["msg"]
    assert emulator.requests() == []


def test_an_old_plan_is_taken_where_it_may_be_as_old(emulator: Emulator, tmp_path: Path) -> None:
    saved(tmp_path / "plan.json", _planned(emulator), created=datetime.now(timezone.utc) - timedelta(days=2))
    assert run(emulator, plan_path=str(tmp_path / "plan.json"), plan_max_age=3 * 86400)["changed"]


def test_what_is_no_plan_or_was_altered_is_refused(emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    assert "plan_path: " in run(emulator, plan_path=str(path))["msg"]
    path.write_text("[]")
    assert "This is not a plan file" in run(emulator, plan_path=str(path))["msg"]
    content = saved(path, _planned(emulator))
    path.write_text(json.dumps({**content, "changes": [{**content["changes"][0], "after": "another"}]}))
    assert "The plan file was altered" in run(emulator, plan_path=str(path))["msg"]
    for others in ({"policies": POLICIES}, {"subscriptions": []}, {"customers": [ELSEWHERE]}, {"csv_path": str(path)}):
        assert "mutually exclusive" in run(emulator, plan_path=str(path), **others)["msg"]
    assert "plan_digest: is given, but has no value" in run(emulator, plan_path=str(path), plan_digest=None)["msg"]
    assert emulator.requests() == []


def test_a_table_gives_items_after_those_of_the_task(emulator: Emulator, tmp_path: Path) -> None:
    first, second = emulator.find("nce"), emulator.find("nce", 1)
    path = tmp_path / "table.csv"
    name = emulator.stored(second)["friendlyName"]
    path.write_text(
        f"customer_id;subscription_id;friendly_name;new_friendly_name\n{';'.join(second)};{name};Käse\n", "cp1252"
    )
    given = [item(first, friendly_name="given")]
    result = run(emulator, subscriptions=given, csv_path=str(path))
    assert [one["subscription_id"] for one in result["outcomes"]] == [first[1], second[1]]
    assert emulator.stored(second)["friendlyName"] == "Käse"
    assert any("Windows-1252" in warning for warning in warnings(result))
    twice = run(emulator, subscriptions=[item(second, friendly_name="given")], csv_path=str(path))
    assert f"csv_path[0]: names the same subscription as subscriptions[0]: {second[1]}." in twice["msg"]
    path.write_text(f"customer_id,subscription_id,new_quantity\n{','.join(second)},1.000\n")
    wrong = run(emulator, csv_path=str(path))
    assert "csv_path: Row 2, new_quantity: must be a whole number in digits alone" in wrong["msg"]


def _planned(emulator: Emulator) -> dict[str, t.Any]:
    ids = emulator.find("nce")
    policies = [{"name": "n", "match": {"subscription_id": ids[1]}, "set": {"friendly_name": "new"}}]
    planned = run(emulator, policies=policies, _ansible_check_mode=True)
    emulator.forget()
    return planned
