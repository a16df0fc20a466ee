# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Support contact, support profile and the partner's other profiles."""

from __future__ import annotations

from typing import Any

import pytest

from .hand import Hand, Sub, error, guid, read

TREY = {"supportTenantId": "3B33E682-00C3-41EE-9DD2-A548ADF56438", "supportMpnId": "4391507", "name": "Trey Research"}


@pytest.fixture
def sub(pc: Hand) -> Sub:
    """A legacy subscription without a support contact."""
    customers = pc.control("GET", "fleet", kind="legacy")["customers"]
    return next(
        Sub(customer["id"], item["id"], item)
        for customer in customers
        for item in customer["subscriptions"]
        if not item["has_contact"]
    )


def put(pc: Hand, sub: Sub, body: Any) -> Any:
    return pc.call("PUT", f"{sub.path}/supportcontact", body)


def test_put_as_documented(pc: Hand, sub: Sub) -> None:
    body = {
        "SupportTenantId": TREY["supportTenantId"], "SupportMpnId": "4391507", "Name": "Trey Research",
        "Links": {"Self": {"Uri": "/customers/x/subscriptions/y/supportcontact", "Method": "Get", "Headers": []}},
        "Attributes": {"ObjectType": "SupportContact"},
    }  # fmt: skip
    response = put(pc, sub, body)
    assert response.status_code == 200
    stored = read(response)
    uri = f"/customers/{sub.customer.upper()}/subscriptions/{sub.id.upper()}/supportcontact"
    assert stored == {
        **TREY,
        "links": {"self": {"uri": uri, "method": "Get", "headers": []}},
        "attributes": {"objectType": "SupportContact"},
    }
    assert read(pc.call("GET", f"{sub.path}/supportcontact")) == stored
    assert pc.counters()["effective_writes"] == 1


def test_the_three_fields_are_enough_and_a_second_put_changes_nothing(pc: Hand, sub: Sub) -> None:
    for _time in range(2):
        assert put(pc, sub, TREY).status_code == 200
    assert pc.counters()["effective_writes"] == 1


def test_generated_contacts_are_resellers(pc: Hand) -> None:
    resellers = pc.control("GET", "fleet", limit="1")["resellers"]
    for customer in pc.control("GET", "fleet")["customers"]:
        for item in customer["subscriptions"]:
            if item["has_contact"] and "legacy" in item["tags"]:
                path = f"/customers/{customer['id']}/subscriptions/{item['id']}/supportcontact"
                contact = read(pc.call("GET", path))
                assert {name: contact[name] for name in TREY} in resellers
                return
    raise AssertionError("no subscription has a contact")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"supportMpnId": "1111111"}, (404, 800015)),
        ({"supportTenantId": guid()}, (400, 800016)),
        ({"supportMpnId": "4847383", "name": "Proseware Partners"}, (400, 900154)),
        ({"name": "Somebody else"}, (400, 3000)),
        ({"name": None}, (400, 3000)),
        ({"supportTenantId": ""}, (400, 3000)),
        ({"supportMpnId": 4391507}, (400, 3000)),
    ],
)
def test_who_cannot_be_the_contact(pc: Hand, sub: Sub, change: dict[str, Any], refusal: tuple[int, int]) -> None:
    assert error(put(pc, sub, TREY | change)) == refusal
    assert read(pc.call("GET", f"{sub.path}/supportcontact"))["name"] == "Adatum Distribution"
    assert pc.counters()["effective_writes"] == 0


@pytest.mark.parametrize(("rule", "name"), [("overwrite_name", "Trey Research"), ("accept", "Somebody else")])
def test_laxer_checks(pc: Hand, sub: Sub, rule: str, name: str) -> None:
    pc.switch(support_contact_check=rule)
    assert read(put(pc, sub, TREY | {"name": "Somebody else"}))["name"] == name


def test_guids_have_no_case(pc: Hand, sub: Sub) -> None:
    body = TREY | {"supportTenantId": TREY["supportTenantId"].lower()}
    assert put(pc, sub, body).status_code == 200


def test_a_deleted_subscription_gets_no_contact(pc: Hand) -> None:
    sub = pc.pick("legacy")
    pc.set(sub, status="deleted")
    assert error(put(pc, sub, TREY)) == (400, 2011)


@pytest.mark.parametrize(
    ("style", "status", "content"),
    [
        ("404", 404, None),
        ("null", 200, b"\xef\xbb\xbfnull"),
        ("empty", 200, b""),
        ("nulls", 200, None),
        ("partner", 200, None),
    ],
)
def test_where_no_contact_is_set(pc: Hand, sub: Sub, style: str, status: int, content: bytes | None) -> None:
    pc.switch(support_contact_none=style)
    response = pc.call("GET", f"{sub.path}/supportcontact")
    assert response.status_code == status
    if content is not None:
        assert response.content == content
    elif style == "404":
        assert read(response)["code"] != 20003
    else:
        name = read(response)["name"]
        assert name == (None if style == "nulls" else "Adatum Distribution")


@pytest.mark.parametrize(
    ("rule", "shown", "written"),
    [
        ("refused", (404, 1000), (400, 2006)),
        ("forbidden", (403, 900263), (403, 900263)),
        ("empty", None, (400, 2006)),
        ("accepted", None, None),
    ],
)
def test_new_commerce_has_no_support_contacts(pc: Hand, rule: str, shown: Any, written: Any) -> None:
    pc.switch(supportcontact_new_commerce=rule)
    modern = pc.pick("nce")
    answer = put(pc, modern, TREY)
    assert error(answer) == written if written else answer.status_code == 200
    answer = pc.call("GET", f"{modern.path}/supportcontact")
    if shown:
        assert error(answer) == shown
    else:
        assert (answer.status_code, answer.content == b"") == (200, rule == "empty")
    assert pc.counters()["effective_writes"] == (0 if written else 1)


@pytest.mark.parametrize("path", ["/profiles/support", "/profiles/supportprofile"])
def test_the_support_profile_on_both_paths(pc: Hand, path: str) -> None:
    body = {
        "Email": "email@sample.com", "Telephone": "4255555555", "Website": "www.microsoft.com",
        "ProfileType": "support_profile", "Attributes": {"ObjectType": "PartnerSupportProfile"},
    }  # fmt: skip
    stored = {
        "email": "email@sample.com", "telephone": "4255555555", "website": "www.microsoft.com",
        "profileType": "support_profile",
        "links": {"self": {"uri": "/v1/profiles/support", "method": "GET", "headers": []}},
        "attributes": {"objectType": "PartnerSupportProfile"},
    }  # fmt: skip
    assert read(pc.call("PUT", path, body)) == stored
    assert read(pc.call("GET", "/profiles/support")) == stored
    pc.call("PUT", path, stored)
    assert pc.counters()["effective_writes"] == 1


@pytest.mark.parametrize(("accepted", "other"), [("support", "supportprofile"), ("supportprofile", "support")])
@pytest.mark.parametrize("status", [404, 405])
def test_one_path_may_be_the_only_one(pc: Hand, accepted: str, other: str, status: int) -> None:
    pc.switch(support_profile_put=accepted, support_profile_refusal=str(status))
    body = {"email": "a@example.com", "telephone": "12345", "website": "example.com"}
    assert pc.call("PUT", f"/profiles/{other}", body).status_code == status
    assert pc.call("PUT", f"/profiles/{accepted}", body).status_code == 200


@pytest.mark.parametrize(
    ("rule", "status", "website"), [("clear", 200, None), ("keep", 200, "www.adatum.example"), ("refuse", 400, "")]
)
def test_absent_fields_of_the_profile(pc: Hand, rule: str, status: int, website: str | None) -> None:
    pc.switch(support_profile_absent=rule)
    response = pc.call("PUT", "/profiles/support", {"email": "a@example.com", "telephone": "12345"})
    assert response.status_code == status
    if status == 200:
        assert read(response).get("website") == website


@pytest.mark.parametrize(
    ("field", "value"),
    [("website", "https://www.microsoft.com"), ("email", "nobody"), ("telephone", "call me"), ("email", 5)],
)
def test_a_strict_profile(pc: Hand, field: str, value: Any) -> None:
    pc.switch(support_profile_check="strict")
    body = {"email": "a@example.com", "telephone": "+1 (425) 555-0100", "website": "www.example.com"}
    assert pc.call("PUT", "/profiles/support", body).status_code == 200
    assert error(pc.call("PUT", "/profiles/support", body | {field: value})) == (400, 3000)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "{sub}/supportcontact"),
        ("PUT", "{sub}/supportcontact"),
        ("GET", "/profiles/support"),
        ("PUT", "/profiles/support"),
        ("PUT", "/profiles/supportprofile"),
        ("GET", "/profiles/organization"),
        ("GET", "/profiles/billing"),
        ("GET", "/profiles/mpn"),
        ("GET", "/relationships"),
    ],
)
def test_operations_for_app_and_user_only(pc: Hand, sub: Sub, method: str, path: str) -> None:
    assert error(pc.call(method, path.format(sub=sub.path), TREY, kind="app")) == (403, 900329)


@pytest.mark.parametrize(
    ("path", "kind", "profile"),
    [
        ("/profiles/organization", "user", "OrganizationProfile"),
        ("/profiles/billing", "user", "BillingProfile"),
        ("/profiles/legalbusiness?vettingVersion=Current", "app", "LegalBusinessProfile"),
        ("/profiles/mpn", "user", "MpnProfile"),
        ("/profiles/mpn?mpnId=4391507", "user", "MpnProfile"),
    ],
)
def test_other_profiles(pc: Hand, path: str, kind: str, profile: str) -> None:
    assert read(pc.call("GET", path, kind=kind))["profileType"] == profile


def test_an_unknown_mpn_id(pc: Hand) -> None:
    assert error(pc.call("GET", "/profiles/mpn?mpnId=1")) == (404, 3000)
