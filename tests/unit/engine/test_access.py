# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What credentials are good for, area by area, and what that costs."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._module.access import access

from ..emulators import Emulator
from .one_path import OnePath

AREAS = ["customers", "subscriptions", "support_contact", "support_profile", "indirect_resellers"]
OF_USERS = AREAS[2:]


def asked(emulator: Emulator) -> list[str]:
    return [entry["endpoint"] for entry in emulator.requests()]


def test_app_and_user_credentials_reach_every_area(path: OnePath, emulator: Emulator) -> None:
    assert access(path.client) == dict.fromkeys(AREAS, "ok")
    assert len(asked(emulator)) == 5
    assert emulator.writes() == []


def test_app_only_credentials_reach_customers_and_subscriptions(path: OnePath, emulator: Emulator) -> None:
    found = access(path.connect(refresh_token=None))
    assert [area for area in AREAS if found[area] == "ok"] == AREAS[:2]
    assert all("refresh_token is missing" in found[area] for area in OF_USERS)
    assert len(asked(emulator)) == 2


@pytest.mark.parametrize(
    ("switches", "areas", "text"),
    [
        ({"partner_type": "direct"}, ["indirect_resellers"], "1002"),
        ({"partner_type": "indirect_reseller"}, AREAS, "an indirect reseller cannot"),
        ({"caller_role": "none"}, AREAS, "900150"),
    ],
)
def test_refusals_are_told_where_they_are(
    path: OnePath, emulator: Emulator, switches: dict[str, t.Any], areas: list[str], text: str
) -> None:
    emulator.switch(**switches)
    found = access(path.client)
    assert [area for area in AREAS if found[area] != "ok"] == areas
    tried = [found[area] for area in areas if not found[area].startswith("not tried")]
    assert tried
    assert all(text in answer for answer in tried)
    untried = [area for area in areas if found[area].startswith("not tried")]
    assert untried == (["subscriptions", "support_contact"] if "customers" in areas else [])


def test_a_refused_token_is_refused_everywhere_and_asked_about_once(path: OnePath, emulator: Emulator) -> None:
    emulator.switch(token_mfa=False)
    found = access(path.client)
    assert len(set(found.values())) == 1
    assert "900421" in found["customers"]
    assert "csp.partner_center.consent" in found["customers"]
    assert asked(emulator) == asked(emulator)[:1] * 2  # the token is renewed once


def test_a_connection_that_is_lost_is_told_where_it_was_tried(path: OnePath, emulator: Emulator) -> None:
    emulator.fault(match={"path": "/v1/*"}, action="reset_before", times=None)
    found = access(path.connect(retries=0))
    tried = [area for area in AREAS if not found[area].startswith("not tried")]
    assert tried == ["customers", "support_profile", "indirect_resellers"]
    assert len(asked(emulator)) == 3


@pytest.mark.parametrize(
    ("where", "rule", "areas"),
    [
        ("*/customers", {"action": "reset_before"}, AREAS[:3]),
        ("*/customers", {"action": "body", "body": None}, AREAS[:3]),
        ("*/subscriptions", {"action": "body", "body": None}, AREAS[1:3]),
        ("*/subscriptions", {"action": "html", "status": 200}, AREAS[1:3]),
        ("*/supportcontact", {"action": "html"}, ["support_contact"]),
        ("*/profiles/*", {"action": "reset_before"}, ["support_profile"]),
        ("*/profiles/*", {"action": "redirect", "location": "https://elsewhere.example/"}, ["support_profile"]),
        ("*/relationships*", {"action": "status", "status": 503}, ["indirect_resellers"]),
    ],
)
def test_an_area_that_fails_says_nothing_about_the_others(
    path: OnePath, emulator: Emulator, where: str, rule: dict[str, t.Any], areas: list[str]
) -> None:
    emulator.fault(match={"path": where}, times=None, **rule)
    found = access(path.connect(retries=0))
    assert [area for area in AREAS if found[area] != "ok"] == areas
    assert where.split("/")[1].rstrip("*") in found[areas[0]]
    assert all(found[area].startswith("not tried") for area in areas[1:])


def test_a_sign_in_that_is_refused_is_tried_once(path: OnePath, emulator: Emulator) -> None:
    found = access(path.connect(client_secret="not-the-secret-at-all"))
    assert len(set(found.values())) == 1
    assert "AADSTS7000215" in found["customers"]
    assert asked(emulator) == []


@pytest.mark.parametrize(("what", "areas"), [("customer", AREAS[1:2]), ("subscription", AREAS[2:3])])
def test_what_is_listed_without_an_id_is_not_asked_for(
    path: OnePath, emulator: Emulator, what: str, areas: list[str]
) -> None:
    body = {"items": [{"id": None}, {"name": "Nobody"}]}
    emulator.fault(match={"path": f"*/{what}s"}, action="body", body=body, times=None)
    found = access(path.client)
    assert [found[area] for area in areas] == [f"not tried: no {what} is listed with an id"]
    assert found[f"{what}s"] == "ok"
    assert found["support_contact"].startswith("not tried")
    assert not [entry for entry in emulator.requests() if "none" in entry["path"].lower()]


def test_a_customer_that_has_left_says_nothing_about_the_others(path: OnePath, emulator: Emulator) -> None:
    first, second = [customer["id"] for customer in path.client.customers()][:2]
    emulator.fault(match={"path": f"*/{first}/subscriptions"}, action="error", status=403, code=20002)
    assert access(path.client) == dict.fromkeys(AREAS, "ok")
    assert any(second in entry["path"] for entry in emulator.requests())


def test_refusals_of_every_customer_are_reported_after_five_tries(path: OnePath, emulator: Emulator) -> None:
    emulator.fault(match={"path": "*/subscriptions"}, action="error", status=403, code=20002, times=None)
    emulator.forget()
    found = access(path.client)
    assert "20002" in found["subscriptions"]
    assert found["support_contact"] == "not tried: no subscription could be listed"
    assert found["support_profile"] == "ok"
    assert len([entry for entry in emulator.requests() if entry["path"].endswith("/subscriptions")]) == 5


def test_without_customers_subscriptions_are_not_tried(path: OnePath, emulator: Emulator) -> None:
    empty = {"totalCount": 0, "items": []}
    emulator.fault(match={"path": "*/customers"}, action="body", body=empty)
    found = access(path.client)
    assert found["customers"] == "ok"
    assert found["subscriptions"] == "not tried: no customer could be listed"
    assert found["support_contact"] == "not tried: no subscription could be listed"


def test_without_subscriptions_the_support_contact_is_not_tried(path: OnePath, emulator: Emulator) -> None:
    empty = {"totalCount": 0, "items": []}
    emulator.fault(match={"path": "*/subscriptions"}, action="body", body=empty, times=None)
    found = access(path.client)
    assert found["subscriptions"] == "ok"
    assert found["support_contact"] == "not tried: no subscription could be listed"


def test_a_subscription_without_contact_is_no_refusal(path: OnePath, emulator: Emulator) -> None:
    emulator.fault(match={"path": "*/supportcontact"}, action="error", status=404, code=1000)
    assert access(path.client)["support_contact"] == "ok"
