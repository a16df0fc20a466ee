# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Misspelled options and keys are named with the one that was meant, before anything is sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.words import nearest, unknown_name
from ansible_collections.csp.partner_center.plugins.module_utils._module.arguments import unknown_options
from ansible_collections.csp.partner_center.plugins.module_utils._module.fleet.options import SPEC

MODULES = "ansible_collections.csp.partner_center.plugins.modules"
IDS = {
    "customer_id": "0c39d6d5-c70d-4c55-bc02-f620844f3fd1",
    "subscription_id": "83ef9d05-4169-4ef9-9657-0e86b1eab1de",
}
#: Nothing is listening there.
CONNECTION = {"access_token": "an-access-token-of-nobody", "api_url": "https://127.0.0.1:9", "retries": 0}
SECRET = "a-secret-that-nobody-shall-see"


def policy(**more: t.Any) -> dict[str, t.Any]:
    return {"policies": [{"name": "n", "match": {"status": "active"}, "set": {"friendly_name": "x"}, **more}]}


def said(module: str, **options: t.Any) -> str:
    """What a module that Ansible starts fails with."""
    done = subprocess.run(
        [sys.executable, "-m", f"{MODULES}.{module}"],
        env={**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        input=json.dumps({"ANSIBLE_MODULE_ARGS": {**CONNECTION, **options}}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert SECRET not in done.stdout
    assert "Traceback" not in done.stderr
    result = json.loads(done.stdout)
    assert result["failed"]
    return t.cast("str", result["msg"])


@pytest.mark.parametrize(
    ("module", "options", "message"),
    [
        (
            "pc_fleet",
            {"policis": [], "client_secret": SECRET},
            "policis: is not known; did you mean policies? one of the following is required: subscriptions, policies",
        ),
        (
            "pc_fleet",
            {"policies": [{"name": "n", "mach": {"status": "active"}, "sets": {}}], "gard": {}},
            (
                "policies[0].mach: is not known; did you mean match? policies[0].sets: is not known; did you mean set? "
                "gard: is not known; did you mean guard? missing required arguments: set found in policies"
            ),
        ),
        (
            "pc_subscription",
            {**IDS, "scheduled_next_term_instructions": {"product": {"sku": "0001"}}},
            "scheduled_next_term_instructions.product.sku: is not known; did you mean sku_id? (",
        ),
        (
            "pc_support_contact",
            {**IDS, "supportMpnId": "4391507"},
            "supportMpnId: is not known; did you mean support_mpn_id? one of the following is required: ",
        ),
        ("pc_consent", {"stepp": "begin"}, "stepp: is not known; did you mean step? missing required arguments: step"),
        (
            "pc_subscription_info",
            {"match": {"costumer_name": "x"}},
            "match.costumer_name: is not known; did you mean customer_name? (known are ",
        ),
        ("pc_fleet", policy(match={"statuss": "x"}), "policies[0].match.statuss: is not known; did you mean status? ("),
        (
            "pc_fleet",
            policy(set={"freindly_name": "x"}),
            "policies[0].set.freindly_name: is not known; did you mean friendly_name? (",
        ),
        (
            "pc_fleet",
            {"subscriptions": [{**IDS, "quantity": 1, "expect": {"quantiti": 1}}]},
            "subscriptions[0].expect.quantiti: is not known; did you mean quantity? (",
        ),
    ],
)
@pytest.mark.once
def test_the_one_that_was_meant_comes_first(module: str, options: dict[str, t.Any], message: str) -> None:
    assert said(module, **options).startswith(message)


def test_what_is_known_is_no_problem_under_any_of_its_names() -> None:
    given = {
        "_ansible_check_mode": True,
        "subscriptions": [{"customer_tenant_id": "x", "support_contact": {"name": "x"}}, "no dictionary"],
        "policies": None,
        "guard": {"max_changes": 3},
    }
    assert [*unknown_options(given, SPEC)] == []


@pytest.mark.parametrize(
    ("name", "meant"), [("FriendlyName", "friendly_name"), ("state", "status"), ("colour", None), ("", None)]
)
def test_the_nearest_is_named_only_where_there_is_one(name: str, meant: str | None) -> None:
    known = ("quantity", "friendly_name", "status")
    assert nearest(name, known) == meant
    if meant is None:
        assert unknown_name(name, known) == "is not known; known are quantity, friendly_name, status."
