# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters that make plan files, and that say why one must not be applied."""

from __future__ import annotations

import json
import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.csp.partner_center.plugins.filter import plan_file, plan_refusal
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_file as plan_files

TENANT = "d8202a51-69f9-4228-b900-d0e081af17d7"
URL = "https://api.partnercenter.microsoft.com"
CHANGE = {
    "customer_id": "0c39d6d5-c70d-4c55-bc02-f620844f3fd1",
    "subscription_id": "83ef9d05-4169-4ef9-9657-0e86b1eab1de",
    "field": "scheduled_next_term_instructions",
    "before": None,
    "after": {"quantity": 80, "product": {"product_id": "Straße \U0001f30d"}},
}
RESULT = {"plan": [CHANGE], "tenant_id": TENANT, "api_url": URL, "changed": True}
BREACHES = ["Too many.", "Too much."]

make = plan_file.FilterModule().filters()["plan_file"]
refusal = plan_refusal.FilterModule().filters()["plan_refusal"]


def aged(seconds: float) -> dict[str, t.Any]:
    return plan_files.plan_file(TENANT, URL, datetime.now(timezone.utc) - timedelta(seconds=seconds), [CHANGE])


def test_a_plan_file_is_made_of_a_result() -> None:
    made = make(RESULT)
    assert made["changes"] == [CHANGE]
    assert (made["unplanned"], made["unavailable"], made["guard"], made["change_reference"]) == ([], [], [], "")
    assert refusal(made, TENANT, URL, 60) == ""


def test_a_plan_that_breaches_the_guard_says_so_and_is_refused() -> None:
    made = make({**RESULT, "guard": BREACHES})
    assert made["guard"] == BREACHES
    assert "breaches the guard: Too many. Too much." in refusal(made, TENANT, URL, 60)
    assert refusal(made, TENANT, URL, 60, guard=False) == ""


def test_another_failure_is_no_breach() -> None:
    assert make({**RESULT, "error": {"type": "Conflict", "message": "not as expected"}})["guard"] == []


def test_all_that_an_approver_sees_is_in_the_file_and_covered_by_its_digest() -> None:
    failed = {"customer_id": "c", "customer_name": "Contoso", "subscription_id": "s", "msg": "x", "field": None}
    gone = {"customer_id": "d", "customer_name": "Fabrikam", "reason": "403"}
    told = {**RESULT, "unplanned": [failed], "unavailable": [gone], "summary": {"planned": 1, "seconds": 0.1}}
    made = make(told, "CHG1")
    assert (made["unplanned"], made["unavailable"], made["summary"]) == ([failed], [gone], told["summary"])
    assert made["change_reference"] == "CHG1"
    read_back = json.loads(json.dumps(made, indent=4))
    assert refusal(read_back, TENANT, URL, 60) == ""
    for name, other in (("unplanned", []), ("unavailable", []), ("guard", ["x"])):
        assert "was altered" in refusal({**read_back, name: other}, TENANT, URL)


@pytest.mark.parametrize("result", [{}, [], None, {"plan": [CHANGE]}, {**RESULT, "tenant_id": None}])
def test_what_is_no_result_is_refused(result: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="give a result of pc_fleet"):
        make(result)


@pytest.mark.parametrize("text", ["plan", "[]", '{"plan": []}', ""])
def test_a_text_that_is_no_plan_file_is_refused(text: str) -> None:
    with pytest.raises(AnsibleFilterError, match="plan_file: This is not a plan file"):
        make(text)


def test_a_plan_survives_being_saved() -> None:
    assert refusal(json.dumps(make(RESULT), indent=4, sort_keys=True), TENANT.upper(), URL + "/", "60") == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({**make(RESULT), "digest": "0" * 64}, "altered"),
        ({**make(RESULT), "changes": []}, "altered"),
        ({**make(RESULT), "tenant_id": "fabrikam.onmicrosoft.com"}, "made for the tenant fabrikam.onmicrosoft.com"),
        ({**make(RESULT), "api_url": "https://example.com"}, "made against https://example.com"),
        ({**make(RESULT), "format": 1}, "format 1"),
        (aged(61), "too old"),
        (aged(-3600), "from the future"),
        ("{", "no JSON"),
        ("[]", "not a plan file"),
        ("null", "not a plan file"),
        ("", "not a plan file"),
        ('{"event": "start"}\n{"event": "end"}\n', "not a plan file"),
    ],
)
def test_what_must_not_be_applied(content: t.Any, said: str) -> None:
    assert said in refusal(content, TENANT, URL, 60)


def test_only_the_approved_plan_is_applied() -> None:
    made = make(RESULT)
    assert refusal(made, TENANT, URL, digest=made["digest"]) == ""
    assert "not the plan that was approved" in refusal(made, TENANT, URL, digest="0" * 64)


def test_without_a_limit_age_does_not_matter() -> None:
    assert refusal(aged(10 * 365 * 86400), TENANT, URL) == ""


@pytest.mark.parametrize("max_age", [-1, "a day", True, "nan", [60]])
def test_an_age_is_a_number_of_seconds(max_age: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="max_age must be a number of seconds"):
        refusal(aged(0), TENANT, URL, max_age)
