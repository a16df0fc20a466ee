# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first sign-in, with the pages a person sees: authorization code (PKCE) and device code, through real MSAL."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import msal
import pytest
import requests

from .hand import RESOURCE, Hand

SCOPES = [f"{RESOURCE}/user_impersonation"]
# MSAL would rather have form_post; both ways are tested.
pytestmark = pytest.mark.filterwarnings("ignore:response_mode=")
REDIRECT = "http://localhost:8400"


@pytest.fixture
def browser(pc: Hand) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = pc.facts["ca_path"]
        yield session


def form_of(page: requests.Response) -> tuple[str, dict[str, str]]:
    """Where a page's form leads, and what it holds: what a browser would send."""
    address = re.search(r'<form method="post" action="([^"]*)"', page.text)
    assert address, page.text
    fields = {}
    for tag in re.findall(r"<input [^>]*>", page.text):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        fields[found["name"]] = html.unescape(found.get("value", ""))
    return urljoin(page.url, html.unescape(address[1])), fields


def fill_in(pc: Hand, browser: requests.Session, page: requests.Response, **fields: str) -> requests.Response:
    address, given = form_of(page)
    given |= {"passwd": pc.facts["password"], "otc": pc.facts["otp"], "answer": "accept"}
    return browser.post(address, data=given | fields, allow_redirects=False)


def confidential(pc: Hand, browser: requests.Session) -> msal.ConfidentialClientApplication:
    return msal.ConfidentialClientApplication(
        pc.facts["client_id"],
        client_credential=pc.facts["client_secret"],
        authority=f"{pc.url}/{pc.facts['tenant_id']}",
        instance_discovery=False,
        http_client=browser,
    )


def public(pc: Hand, browser: requests.Session, client_id: str = "") -> msal.PublicClientApplication:
    return msal.PublicClientApplication(
        client_id or pc.facts["public_client_id"],
        authority=f"{pc.url}/{pc.facts['tenant_id']}",
        instance_discovery=False,
        http_client=browser,
    )


def answer_of(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    parts = urlsplit(response.headers["Location"])
    assert response.headers["Location"].startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_authorization_code(pc: Hand, browser: requests.Session, kind: str) -> None:
    application = confidential(pc, browser) if kind == "confidential" else public(pc, browser)
    flow = application.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT)
    assert "code_challenge=" in flow["auth_uri"]
    answer = answer_of(fill_in(pc, browser, browser.get(flow["auth_uri"])))
    result = application.acquire_token_by_auth_code_flow(flow, answer)
    assert result["id_token_claims"]["preferred_username"] == pc.facts["username"]
    header = {"Authorization": f"Bearer {result['access_token']}"}
    assert pc.call("GET", "/profiles/support", headers=header).status_code == 200
    renewed = application.acquire_token_by_refresh_token(result["refresh_token"], SCOPES)
    assert "access_token" in renewed, renewed


def test_a_code_is_good_for_one_time(pc: Hand, browser: requests.Session) -> None:
    application = confidential(pc, browser)
    flow = application.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT)
    answer = answer_of(fill_in(pc, browser, browser.get(flow["auth_uri"])))
    application.acquire_token_by_auth_code_flow(flow, answer)
    assert application.acquire_token_by_auth_code_flow(flow, answer)["error_codes"] == [54005]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"code_verifier": "another one that is long enough to be valid"}, 50148),
        ({"redirect_uri": "http://localhost:1"}, 50011),
    ],
)
def test_a_code_that_does_not_fit(pc: Hand, browser: requests.Session, change: dict[str, str], number: int) -> None:
    application = confidential(pc, browser)
    flow = application.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT)
    answer = answer_of(fill_in(pc, browser, browser.get(flow["auth_uri"])))
    assert application.acquire_token_by_auth_code_flow(flow | change, answer)["error_codes"] == [number]


def test_an_old_code(pc: Hand, browser: requests.Session) -> None:
    application = confidential(pc, browser)
    flow = application.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT)
    answer = answer_of(fill_in(pc, browser, browser.get(flow["auth_uri"])))
    pc.advance(601)
    assert application.acquire_token_by_auth_code_flow(flow, answer)["error_codes"] == [70008]


@pytest.mark.parametrize("fields", [{"passwd": "wrong"}, {"otc": "000000"}, {"login": "somebody@example.com"}])
def test_a_wrong_password_or_code_shows_the_form_again(
    pc: Hand, browser: requests.Session, fields: dict[str, str]
) -> None:
    flow = confidential(pc, browser).initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT)
    again = fill_in(pc, browser, browser.get(flow["auth_uri"]), **fields)
    assert (again.status_code, "AADSTS50126" in again.text) == (200, True)
    assert "code" in answer_of(fill_in(pc, browser, again, login=pc.facts["username"]))


def test_a_person_may_decline(pc: Hand, browser: requests.Session) -> None:
    application = confidential(pc, browser)
    flow = application.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT)
    answer = answer_of(fill_in(pc, browser, browser.get(flow["auth_uri"]), answer="deny"))
    assert application.acquire_token_by_auth_code_flow(flow, answer)["error"] == "access_denied"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"redirect_uri": "https://attacker.example/"}, "AADSTS50011"),
        ({"client_id": "11111111-2222-4333-8444-555555555555"}, "AADSTS700016"),
        ({"response_type": "token"}, "AADSTS90014"),
    ],
)
def test_pages_that_are_refused(pc: Hand, browser: requests.Session, change: dict[str, str], text: str) -> None:
    given = {"client_id": pc.facts["client_id"], "redirect_uri": REDIRECT, "response_type": "code"} | change
    page = browser.get(f"{pc.url}/{pc.facts['tenant_id']}/oauth2/v2.0/authorize", params=given)
    assert (page.status_code, text in page.text) == (400, True)


def test_form_post_with_an_id_token(pc: Hand, browser: requests.Session) -> None:
    """The way of Microsoft's "Enable the secure application model"."""
    given = {
        "client_id": pc.facts["client_id"], "redirect_uri": REDIRECT, "response_type": "code id_token",
        "response_mode": "form_post", "scope": "openid profile", "nonce": "n-1", "state": '"><script>',
    }  # fmt: skip
    page = browser.get(f"{pc.url}/{pc.facts['tenant_id']}/oauth2/authorize", params=given)
    address, fields = form_of(fill_in(pc, browser, page))
    assert address == REDIRECT
    assert {"code", "id_token", "state", "session_state"} == set(fields)
    assert fields["state"] == '"><script>'
    code = {"grant_type": "authorization_code", "code": fields["code"], "redirect_uri": REDIRECT}
    assert pc.sign_in(v2=False, **code).json()["refresh_token"]


def device(pc: Hand, browser: requests.Session, application: Any, **fields: str) -> Any:
    """Walk the device flow: MSAL polls while somebody approves in a browser."""
    flow = application.initiate_device_flow(SCOPES)
    assert flow["user_code"] in flow["message"]
    page = browser.get(flow["verification_uri"])

    def approve() -> None:
        fill_in(pc, browser, page, **({"user_code": flow["user_code"], "login": pc.facts["username"]} | fields))

    timer = threading.Timer(0.3, approve)
    timer.start()
    result = application.acquire_token_by_device_flow(flow)
    timer.join()
    return result


@pytest.mark.parametrize("own", [True, False])
def test_device_code(pc: Hand, browser: requests.Session, own: bool) -> None:
    application = public(pc, browser, "" if own else pc.facts["client_id"])
    result = device(pc, browser, application)
    assert "access_token" in result, result
    assert application.acquire_token_by_refresh_token(result["refresh_token"], SCOPES)["access_token"]


def test_a_device_may_be_declined(pc: Hand, browser: requests.Session) -> None:
    assert device(pc, browser, public(pc, browser), answer="deny")["error"] == "access_denied"


def test_a_device_code_waits_and_grows_old(pc: Hand, browser: requests.Session) -> None:
    application = public(pc, browser)
    flow = application.initiate_device_flow(SCOPES)
    form = {"grant_type": "device_code", "device_code": flow["device_code"], "client_id": pc.facts["public_client_id"]}
    path = f"{pc.url}/{pc.facts['tenant_id']}/oauth2/v2.0/token"
    assert browser.post(path, data=form).json()["error"] == "authorization_pending"
    pc.advance(901)
    assert browser.post(path, data=form).json()["error"] == "expired_token"
    assert browser.post(path, data=form | {"device_code": "x"}).json()["error"] == "bad_verification_code"


def test_a_wrong_user_code(pc: Hand, browser: requests.Session) -> None:
    page = browser.get(f"{pc.url}/{pc.facts['tenant_id']}/oauth2/deviceauth")
    assert "AADSTS70018" in fill_in(pc, browser, page, user_code="WRONG").text


def test_public_clients_may_be_forbidden(pc: Hand, browser: requests.Session) -> None:
    pc.switch(allow_public_client=False)
    result = device(pc, browser, public(pc, browser, pc.facts["client_id"]))
    assert result["error_codes"] == [7000218]


def test_a_refresh_token_of_a_confidential_client_needs_its_secret(pc: Hand, browser: requests.Session) -> None:
    application = public(pc, browser, pc.facts["client_id"])
    answer = application.acquire_token_by_refresh_token(pc.facts["refresh_token"], SCOPES)
    assert answer["error_codes"] == [7000218]


def test_instance_discovery(pc: Hand) -> None:
    facts = pc.session.get(f"{pc.url}/common/discovery/instance?api-version=1.1").json()
    assert pc.session.get(facts["tenant_discovery_endpoint"]).status_code == 200
