# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan files: what the digest covers, and which files are refused with which words."""

from __future__ import annotations

import json
import typing as t
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_file

from .samples import CUSTOMER, NOW, SUBSCRIPTION

TENANT = "9a3d1b0e-0d4c-4d80-8d5e-8c9a3f1d6c11"
URL = "https://api.partnercenter.microsoft.com"
DAY = 86400
CHANGE = {
    "customer_id": CUSTOMER,
    "subscription_id": SUBSCRIPTION,
    "field": "friendly_name",
    "before": "Käse",
    "after": "Käse & Brot",
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def saved(**changes: t.Any) -> dict[str, t.Any]:
    """A plan file as it is read back."""
    content = json.loads(json.dumps(plan_file.plan_file(TENANT, URL, NOW, [CHANGE])))
    return {name: value for name, value in {**content, **changes}.items() if value is not ...}


def check(
    content: t.Any, now: datetime = NOW, tenant_id: str = TENANT, api_url: str = URL, digest: str | None = None
) -> None:
    plan_file.require_applicable(content, tenant_id, api_url, now, DAY, digest)


def test_the_digest_is_made_of_the_canonical_form() -> None:
    assert plan_file.canonical_json({"b": [1, None, True], "a": {"ö": "ü"}}) == '{"a":{"ö":"ü"},"b":[1,null,true]}'
    # echo -n '{"a":"ü"}' | sha256sum
    assert plan_file.digest({"a": "ü"}) == "fd621823002706e24604cb868a9f4f8850d6f01fb5040d49ba050482e1472437"


def test_a_plan_file_has_the_documented_keys() -> None:
    content = saved()
    assert list(content) == [
        "format",
        "tenant_id",
        "api_url",
        "created",
        "change_reference",
        "summary",
        "changes",
        "unplanned",
        "unavailable",
        "guard",
        "digest",
    ]
    assert (content["format"], content["created"]) == (2, "2026-11-20T12:00:00Z")
    assert content["digest"] == plan_file.digest({name: content[name] for name in content if name != "digest"})


def test_a_valid_plan_file_is_accepted() -> None:
    check(saved())
    check(saved(), NOW + timedelta(seconds=DAY))
    check(saved(), NOW - timedelta(minutes=4))
    check(saved(), tenant_id=TENANT.upper(), api_url=URL.replace("api", "API") + "/")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "not a plan file"),
        (None, "not a plan file"),
        ([CHANGE], "not a plan file"),
        (saved(digest=...), "not a plan file"),
        (saved(changes={}), "not a plan file"),
        (saved(format=1), "format 1"),
        (saved(format=True), "format True"),
        (saved(tenant_id="contoso.onmicrosoft.com"), "for the tenant contoso"),
        (saved(api_url="https://127.0.0.1:8443"), "made against https://127.0.0.1:8443"),
        (saved(tenant_id=None), "for the tenant None"),
        (saved(api_url=f"{URL}/gateway"), "made against"),
        (saved(changes=[{**CHANGE, "after": "x"}]), "altered"),
        (saved(changes=[]), "altered"),
        (saved(guard=["Too many."]), "altered"),
        (saved(unplanned=[{"msg": "x"}]), "altered"),
        (saved(unavailable=[{"reason": "x"}]), "altered"),
        (saved(summary={"planned": 2}), "altered"),
        (saved(change_reference="CHG2"), "altered"),
        (saved(more=1), "altered"),
        (saved(summary=...), "lacks summary"),
        (saved(created="2026-11-20T12:00:01Z"), "altered"),
        (saved(digest=None), "altered"),
        (saved(changes=[{**CHANGE, "after": date(2026, 11, 20)}]), "altered"),
    ],
)
def test_an_invalid_plan_file_is_refused(content: t.Any, said: str) -> None:
    with pytest.raises(Refused, match=said):
        check(content)


def test_only_the_approved_plan_is_applied() -> None:
    approved = saved()
    check(approved, digest=f" {approved['digest'].upper()} ")
    later = plan_file.plan_file(TENANT, URL, NOW + timedelta(seconds=1), [CHANGE])
    for digest in (later["digest"], approved["digest"][:12], ""):
        with pytest.raises(Refused, match="not the plan that was approved"):
            check(approved, digest=digest)
    with pytest.raises(Refused, match="altered"):
        check({**later, "digest": approved["digest"]}, digest=approved["digest"])


def test_a_plan_file_that_is_too_old_or_from_the_future_is_refused() -> None:
    with pytest.raises(Refused, match=r"too old: .* 86401 seconds ago, and 86400 are allowed"):
        check(saved(), NOW + timedelta(seconds=DAY + 1))
    with pytest.raises(Refused, match="from the future"):
        check(saved(), NOW - timedelta(minutes=6))
    content = saved(created="yesterday")
    content["digest"] = plan_file.digest({name: value for name, value in content.items() if name != "digest"})
    with pytest.raises(Refused, match="is not a time"):
        check(content)


@given(st.lists(st.dictionaries(st.text(max_size=6), json_values, max_size=4), max_size=4))
def test_a_file_survives_being_written_and_read(changes: list[dict[str, t.Any]]) -> None:
    content = plan_file.plan_file(TENANT, URL, NOW, changes)
    check(json.loads(json.dumps(content, indent=4, sort_keys=True)))


def test_half_a_character_has_a_digest() -> None:
    check(json.loads(json.dumps(plan_file.plan_file(TENANT, URL, NOW, [{"after": "\ud83d"}]))))
