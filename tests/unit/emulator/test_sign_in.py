# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signing in with the real MSAL, and what Entra says when it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from .hand import RESOURCE, Hand, error

SCOPES = [f"{RESOURCE}/.default"]
Application = Callable[..., msal.ConfidentialClientApplication]


@pytest.fixture
def session(pc: Hand) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = pc.facts["ca_path"]
        yield session


@pytest.fixture
def application(pc: Hand, session: requests.Session) -> Application:
    def make(credential: Any = None, client_id: str = "", tenant: str = "") -> msal.ConfidentialClientApplication:
        return msal.ConfidentialClientApplication(
            client_id or pc.facts["client_id"],
            client_credential=credential or pc.facts["client_secret"],
            authority=f"{pc.url}/{tenant or pc.facts['tenant_id']}",
            instance_discovery=False,
            http_client=session,
        )

    return make


def claims(answer: dict[str, Any]) -> dict[str, Any]:
    assert "access_token" in answer, answer
    return dict(jwt.decode(answer["access_token"], options={"verify_signature": False}))


def text(path: str) -> str:
    return Path(path).read_text()


def certificate(facts: dict[str, Any]) -> str:
    pem = text(facts["client_certificate_plain_path"])
    return pem[pem.index("-----BEGIN CERTIFICATE") :]


def thumbprint(facts: dict[str, Any]) -> str:
    return x509.load_pem_x509_certificate(certificate(facts).encode()).fingerprint(hashes.SHA1()).hex()


CREDENTIALS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "secret": lambda facts: facts["client_secret"],
    "certificate by thumbprint": lambda facts: {
        "private_key": text(facts["client_certificate_plain_path"]), "thumbprint": thumbprint(facts),
    },
    "certificate with passphrase": lambda facts: {
        "private_key": text(facts["client_certificate_path"]), "thumbprint": thumbprint(facts),
        "passphrase": facts["client_certificate_passphrase"], "public_certificate": certificate(facts),
    },
    "certificate by itself": lambda facts: {
        "private_key": text(facts["client_certificate_plain_path"]), "public_certificate": certificate(facts),
    },
    "federated token": lambda facts: {"client_assertion": lambda: text(facts["federated_token_file"])},
}  # fmt: skip


@pytest.mark.parametrize("way", CREDENTIALS)
def test_every_way_for_the_application(pc: Hand, application: Application, way: str) -> None:
    answer = application(CREDENTIALS[way](pc.facts)).acquire_token_for_client(SCOPES)
    held = claims(answer)
    assert (held["aud"], held["tid"], held["appid"], held["idtyp"]) == (
        RESOURCE, pc.facts["tenant_id"], pc.facts["client_id"], "app",
    )  # fmt: skip
    assert held["roles"]
    assert "scp" not in held
    assert (
        pc.call("GET", "/customers", headers={"Authorization": f"Bearer {answer['access_token']}"}).status_code == 200
    )


@pytest.mark.parametrize("way", CREDENTIALS)
def test_every_way_for_application_and_user(pc: Hand, application: Application, way: str) -> None:
    signed_in = application(CREDENTIALS[way](pc.facts))
    answer = signed_in.acquire_token_by_refresh_token(pc.facts["refresh_token"], SCOPES)
    held = claims(answer)
    assert (held["scp"], held["amr"]) == ("user_impersonation", ["pwd", "mfa"])
    assert answer["refresh_token"] != pc.facts["refresh_token"]
    assert [account["username"] for account in signed_in.get_accounts()] == [pc.facts["username"]]


def test_a_domain_names_the_tenant_too(pc: Hand, application: Application) -> None:
    claims(application(tenant=pc.facts["tenant_domain"]).acquire_token_for_client(SCOPES))


def test_the_tokens_are_signed_with_the_published_key(pc: Hand) -> None:
    discovery = f"{pc.url}/{pc.facts['tenant_id']}/v2.0/.well-known/openid-configuration"
    facts = pc.session.get(discovery).json()
    keys = jwt.PyJWKSet.from_dict(pc.session.get(facts["jwks_uri"]).json())
    token = pc.new_token("app")
    held = jwt.decode(token, keys[jwt.get_unverified_header(token)["kid"]].key, algorithms=["RS256"], audience=RESOURCE)
    assert held["iss"] == facts["issuer"]


def test_the_first_version_answers_with_strings(pc: Hand) -> None:
    answer = pc.sign_in(v2=False, grant_type="client_credentials").json()
    assert (answer["expires_in"], answer["resource"]) == ("3599", RESOURCE)
    assert int(answer["expires_on"]) - int(answer["not_before"]) == 3599
    user = pc.sign_in(v2=False).json()
    assert (user["scope"], user["token_type"]) == ("user_impersonation", "Bearer")


def test_rotation_gives_a_successor_every_time(pc: Hand) -> None:
    token = pc.facts["refresh_token"]
    seen = {token}
    for _use in range(3):
        token = pc.sign_in(refresh_token=token).json()["refresh_token"]
        assert token not in seen
        seen.add(token)


def test_rotation_can_be_off(pc: Hand) -> None:
    pc.switch(refresh_token_rotation=False)
    assert pc.sign_in().json()["refresh_token"] == pc.facts["refresh_token"]


@pytest.mark.parametrize(("rule", "status"), [("allowed", 200), ("revoked", 400)])
def test_a_used_refresh_token(pc: Hand, rule: str, status: int) -> None:
    pc.switch(refresh_token_reuse=rule)
    successor = pc.sign_in().json()["refresh_token"]
    again = pc.sign_in()
    assert again.status_code == status
    if status == 400:
        assert (again.json()["error"], again.json()["error_codes"]) == ("invalid_grant", [50173])
    assert pc.sign_in(refresh_token=successor).status_code == 200


@pytest.mark.parametrize(("which", "first", "second"), [("all", 400, 400), ("successors", 200, 400)])
def test_refresh_tokens_are_revoked(pc: Hand, which: str, first: int, second: int) -> None:
    successor = pc.sign_in().json()["refresh_token"]
    pc.control("POST", "tokens", {"revoke": which})
    assert pc.sign_in().status_code == first
    assert pc.sign_in(refresh_token=successor).status_code == second


def test_refresh_tokens_die_after_ninety_days(pc: Hand) -> None:
    pc.advance(days=91)
    answer = pc.sign_in()
    assert (answer.json()["error"], answer.json()["error_codes"]) == ("invalid_grant", [700082])


REFUSALS: list[tuple[dict[str, str], int, str, int]] = [
    ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
    ({"client_secret": ""}, 401, "invalid_client", 7000218),
    ({"client_id": "11111111-2222-4333-8444-555555555555"}, 400, "unauthorized_client", 700016),
    ({"client_id": ""}, 400, "invalid_request", 90014),
    ({"scope": "https://unknown.example/.default"}, 400, "invalid_resource", 500011),
    ({"scope": f"{RESOURCE}/user_impersonation"}, 400, "invalid_scope", 70011),
    ({"scope": ""}, 400, "invalid_scope", 70011),
    ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ({"grant_type": "refresh_token", "refresh_token": "made up"}, 400, "invalid_grant", 70000),
    ({"grant_type": "authorization_code", "code": "made up"}, 400, "invalid_grant", 70000),
    ({"client_secret": "", "client_assertion": "x.y.z"}, 400, "invalid_request", 90014),
]


@pytest.mark.parametrize(("form", "status", "name", "number"), REFUSALS)
def test_refusals(pc: Hand, form: dict[str, str], status: int, name: str, number: int) -> None:
    answer = pc.sign_in(**({"grant_type": "client_credentials"} | form))
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, name, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert {"trace_id", "correlation_id", "timestamp"} <= set(body)


def test_an_unknown_tenant(pc: Hand) -> None:
    path = f"{pc.url}/elsewhere.onmicrosoft.com"
    for answer in (
        pc.session.get(f"{path}/v2.0/.well-known/openid-configuration"),
        pc.session.post(f"{path}/oauth2/token"),
    ):
        assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"iss": "https://elsewhere.example"}, 700211),
        ({"sub": "system:serviceaccount:else:where"}, 700213),
        ({"aud": "api://elsewhere"}, 700027),
        ({"exp": 1_000_000_000}, 700024),
        ({}, 700027),
    ],
)
def test_assertions_that_are_not_ours(pc: Hand, application: Application, change: dict[str, Any], number: int) -> None:
    genuine = jwt.decode(text(pc.facts["federated_token_file"]), options={"verify_signature": False})
    path = Path(pc.facts["federated_token_file"]).with_name("federation-key.pem" if change else "server-key.pem")
    forged = jwt.encode(genuine | change, path.read_text(), algorithm="ES256")
    answer = application({"client_assertion": lambda: forged}).acquire_token_for_client(SCOPES)
    assert answer["error_codes"] == [number]


def test_a_certificate_that_is_not_registered(pc: Hand, application: Application) -> None:
    credential = {"private_key": text(pc.facts["client_certificate_plain_path"]), "thumbprint": "00" * 20}
    assert application(credential).acquire_token_for_client(SCOPES)["error_codes"] == [700027]
    key = Path(pc.facts["client_certificate_plain_path"]).with_name("token-key.pem").read_text()
    credential = {"private_key": key, "thumbprint": thumbprint(pc.facts)}
    assert application(credential).acquire_token_for_client(SCOPES)["error_codes"] == [700027]


@pytest.mark.parametrize(
    ("number", "app_too"), [(50076, False), (50078, False), (65001, False), (53003, False), (7000222, True)]
)
def test_errors_by_switch(pc: Hand, number: int, app_too: bool) -> None:
    pc.switch(entra_error=f"AADSTS{number}")
    assert pc.sign_in().json()["error_codes"] == [number]
    app = pc.sign_in(grant_type="client_credentials")
    assert (app.status_code != 200) is app_too


def test_errors_by_rule(pc: Hand) -> None:
    pc.fault("entra_error", code=50076, match={"path": "*/oauth2/v2.0/token"})
    assert pc.sign_in().json()["suberror"] == "basic_action"
    pc.fault("status", status=503, match={"path": "*/token"})
    assert pc.sign_in().status_code == 503
    pc.fault("reset_before", match={"path": "*/token"})
    with pytest.raises(requests.ConnectionError):
        pc.sign_in()
    assert pc.sign_in().status_code == 200
    pc.fault("reset_after", match={"path": "*/token"})
    with pytest.raises(requests.ConnectionError):
        pc.sign_in()
    assert pc.counters()["tokens"] == 2


def authorized(pc: Hand, token: str) -> requests.Response:
    return pc.call("GET", "/customers", headers={"Authorization": token})


@pytest.mark.parametrize(
    ("header", "refusal"),
    [("", (401, 800001)), ("Basic eDp5", (401, 800001)), ("Bearer", (401, 800001)), ("Bearer nonsense", (401, 400))],
)
def test_no_token_no_answer(pc: Hand, header: str, refusal: tuple[int, int]) -> None:
    response = authorized(pc, header)
    assert error(response) == refusal
    assert response.headers["WWW-Authenticate"].startswith("OAuth realm=")


def test_an_answer_without_content(pc: Hand) -> None:
    pc.fault("empty", match={"path": "*/oauth2/v2.0/token"})
    answer = pc.sign_in()
    assert (answer.status_code, answer.content) == (200, b"")
    assert pc.sign_in().json()["access_token"]
    pc.fault("empty", match={"path": "*/oauth2/v2.0/token"})
    assert pc.sign_in(refresh_token="of nobody").json()["error"] == "invalid_grant"


def test_an_answer_that_breaks_off(pc: Hand) -> None:
    pc.fault("truncate", match={"path": "*/oauth2/v2.0/token"})
    with pytest.raises(requests.RequestException):
        pc.sign_in()
    assert pc.sign_in().status_code == 200


def test_a_token_of_another_signer(pc: Hand) -> None:
    held = jwt.decode(pc.token("app"), options={"verify_signature": False})
    key = Path(pc.facts["client_certificate_plain_path"]).read_text()
    forged = jwt.encode(held, key[: key.index("-----BEGIN CERTIFICATE")], algorithm="RS256")
    assert error(authorized(pc, f"Bearer {forged}")) == (401, 400)


@pytest.mark.parametrize("resource", ["https://graph.windows.net", "https://graph.microsoft.com"])
def test_the_wrong_audience(pc: Hand, resource: str) -> None:
    token = pc.sign_in(grant_type="client_credentials", scope=f"{resource}/.default").json()["access_token"]
    assert error(authorized(pc, f"Bearer {token}")) == (401, 900420)


def test_tokens_expire_by_the_emulators_clock(pc: Hand) -> None:
    token = f"Bearer {pc.new_token('app')}"
    assert authorized(pc, token).status_code == 200
    pc.advance(3600)
    assert error(authorized(pc, token)) == (401, 400)
    assert authorized(pc, f"Bearer {pc.new_token('app')}").status_code == 200


def test_all_tokens_can_be_made_to_expire(pc: Hand) -> None:
    old = f"Bearer {pc.new_token('app')}"
    pc.control("POST", "tokens", {"expire": "access"})
    assert error(authorized(pc, old)) == (401, 400)
    assert authorized(pc, f"Bearer {pc.new_token('app')}").status_code == 200
    pc.new_token("user")


def test_without_the_mfa_claim(pc: Hand) -> None:
    pc.switch(token_mfa=False)
    user = {"Authorization": f"Bearer {pc.sign_in().json()['access_token']}", "ValidateMfa": "true"}
    app = user | {"Authorization": f"Bearer {pc.token('app')}"}
    assert error(pc.call("GET", "/customers", headers=user)) == (401, 900421)
    assert pc.call("GET", "/customers", headers=app).headers["isMfaCompliant"] == "true"
    pc.switch(mfa_enforcement=False)
    response = pc.call("GET", "/customers", headers=user)
    assert (response.status_code, response.headers["isMfaCompliant"]) == (200, "false")


def test_mfa_is_shown_when_asked_for(pc: Hand) -> None:
    assert "isMfaCompliant" not in pc.call("GET", "/customers", kind="user").headers
    response = pc.call("GET", "/customers", kind="user", headers={"ValidateMfa": "true"})
    assert response.headers["isMfaCompliant"] == "true"


def test_a_caller_without_a_role(pc: Hand) -> None:
    pc.switch(caller_role="none")
    assert error(pc.call("GET", "/customers")) == (403, 900150)


def test_a_401_of_the_gateway(pc: Hand) -> None:
    pc.switch(auth_error_shape="gateway")
    assert authorized(pc, "Bearer x").json()["statusCode"] == 401
