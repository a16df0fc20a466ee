# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other clients of Partner Center do, which the emulator has to take as the service does."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ..emulators import Emulator
from .hand import Hand, Sub, error, read

HOSTS = ("login.microsoftonline.com", "api.partnercenter.microsoft.com")


@pytest.mark.parametrize("path", ["/v1//customers", "/v1///customers/", "/V1//Customers"])
def test_empty_segments_of_a_path_do_not_count(pc: Hand, path: str) -> None:
    headers = {"Authorization": f"Bearer {pc.token('app')}"}
    assert read(pc.session.get(f"{pc.url}{path}", headers=headers))["totalCount"] == 12


def test_a_client_that_puts_the_version_before_every_link_gets_all_pages(pc: Hand) -> None:
    """As the Java SDK 1.15.4 and the PowerShell SDK do; with links that have it already they are lost, as in 2021."""
    for style, status in (("relative", 200), ("v1", 404)):
        pc.switch(next_link=style)
        link = read(pc.call("GET", "/customers?size=5"))["links"]["next"]
        headers = {item["key"]: item["value"] for item in link["headers"]}
        answer = pc.call("GET", f"/{link['uri']}", headers=headers)
        assert answer.status_code == status
        assert status == 404 or len(read(answer)["items"]) == 5


def sdk_body(**fields: Any) -> dict[str, Any]:
    """``new Subscription { … }`` as Microsoft's SDK for .NET sends it: every field, whoever set it."""
    return {
        "Id": None, "OfferId": None, "FriendlyName": None, "Quantity": 0, "ParentSubscriptionId": None,
        "CreationDate": "0001-01-01T00:00:00", "CommitmentEndDate": "0001-01-01T00:00:00", "Status": "none",
        "AutoRenewEnabled": False, "BillingType": "none", "BillingCycle": "unknown", "PartnerId": None,
        "IsTrial": False, "TermDuration": None, "Links": None, "Attributes": {"ObjectType": "Subscription"},
    } | fields  # fmt: skip


def test_the_documented_suspension(pc: Hand) -> None:
    sub = pc.pick("nce")
    before = pc.get(sub)
    assert pc.patch(sub, sdk_body(Status="suspended")).status_code == 200
    after = pc.get(sub)
    assert (after["status"], after["quantity"], after["billingCycle"]) == (
        "suspended", before["quantity"], before["billingCycle"],
    )  # fmt: skip
    # What the sample does not say: auto-renew is gone.
    assert after["autoRenewEnabled"] is False


@pytest.mark.parametrize(
    ("kind", "fields", "refusal"),
    [
        ("legacy", {"quantity": 0}, (400, 2002)),
        ("nce", {"status": "none"}, (400, 800040)),
        ("nce", {"billingCycle": "unknown"}, (400, 3000)),
    ],
)
def test_zeros_of_a_type_are_not_given_or_refused(
    pc: Hand, kind: str, fields: dict[str, Any], refusal: tuple[int, int]
) -> None:
    sub = pc.pick(kind)
    assert pc.change(sub, **fields).status_code == 200
    assert pc.counters()["effective_writes"] == 0
    pc.switch(unset_values="refused")
    assert error(pc.change(sub, **fields)) == refusal


def test_false_is_no_zero(pc: Hand) -> None:
    assert error(pc.change(pc.pick("legacy"), quantity=False)) == (400, 3000)


@pytest.mark.parametrize(
    "text",
    [
        '{"friendlyName": "http://x", // the nickname\n "autoRenewEnabled": true // stays\r\n}',
        '// first\n{"friendlyName": "http://x", "autoRenewEnabled": true}// last',
        '{"friendlyName": "http:\\/\\/x", "note": "a \\"// quote\\"", "autoRenewEnabled": true}',
    ],
)
def test_comments_in_bodies(pc: Hand, text: str) -> None:
    sub = pc.pick("nce")
    headers = {"Content-Type": "application/json"}
    answer = pc.call("PATCH", sub.path, data=text, headers=headers)
    assert read(answer)["friendlyName"] == "http://x"
    pc.switch(json_comments=False)
    refused = "note" not in text
    answer = pc.call("PATCH", sub.path, data=text, headers=headers)
    assert error(answer) == (400, 800002) if refused else answer.status_code == 200


@pytest.mark.parametrize(
    ("kind", "term", "refusal"),
    [
        ("monthly_term", "P1Y", None),
        ("monthly_term", "P3Y", None),
        ("nce", "P3Y", None),
        ("nce", "p1y", None),
        ("nce", "P1M", (400, 800122)),
        ("nce", "P2Y", (400, 800121)),
        ("nce", "a year", (400, 800121)),
        ("nce", 12, (400, 3000)),
        ("trial", "P1Y", (400, 800107)),
    ],
)
def test_a_longer_term_begins_at_once(pc: Hand, kind: str, term: Any, refusal: Any) -> None:
    sub = pc.pick(kind)
    before = pc.get(sub)
    response = pc.change(sub, termDuration=term, billingCycle=before["billingCycle"])
    if refusal:
        assert error(response) == refusal
        return
    after = read(response)
    changed = term.upper() != before["termDuration"]
    assert (after["commitmentEndDate"] > before["commitmentEndDate"]) is changed
    assert (after["refundableQuantity"]["totalQuantity"] == after["quantity"]) is changed
    assert pc.counters()["effective_writes"] == changed


@pytest.mark.parametrize("kind", ["nce", "legacy", "azure_plan"])
def test_the_term_may_be_read_only(pc: Hand, kind: str) -> None:
    pc.switch(term_change="ignored")
    sub = pc.pick(kind)
    before = pc.get(sub)
    assert pc.change(sub, termDuration="P3Y").status_code == 200
    assert pc.get(sub) == before


def basic(pc: Hand, client_id: str, secret: str, **form: str) -> Any:
    text = base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
    return pc.session.post(
        f"{pc.url}/{pc.facts['tenant_id']}/oauth2/v2.0/token",
        data={"grant_type": "client_credentials", "scope": "https://api.partnercenter.microsoft.com/.default", **form},
        headers={"Authorization": f"Basic {text}"},
    )


def test_http_basic_names_the_client(pc: Hand) -> None:
    client_id, secret = pc.facts["client_id"], pc.facts["client_secret"]
    assert "access_token" in basic(pc, client_id, secret).json()
    refused = basic(pc, client_id, "wrong").json()
    assert (refused["error"], refused["error_codes"]) == ("invalid_client", [7000215])
    # Secrets stay out of the log.
    assert secret not in json.dumps(pc.log())
    assert base64.b64encode(f"{client_id}:{secret}".encode()).decode() not in json.dumps(pc.log())


@pytest.mark.parametrize("header", ["Basic !!!", "Basic eA=="])
def test_a_basic_header_that_cannot_be_read(pc: Hand, header: str) -> None:
    answer = pc.session.post(
        f"{pc.url}/{pc.facts['tenant_id']}/oauth2/v2.0/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": header},
    )
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90014])


def assertion(pc: Hand, audience: str, **dates: float) -> str:
    path = Path(pc.facts["client_certificate_plain_path"])
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode().rstrip("=")
    now = int(time.time())
    claims = {
        "iss": pc.facts["client_id"], "sub": pc.facts["client_id"], "aud": audience, "jti": str(uuid.uuid4()),
        **{name: int(now + seconds) for name, seconds in ({"nbf": 0, "exp": 600} | dates).items()},
    }  # fmt: skip
    key = load_pem_private_key(path.read_bytes(), None)
    return jwt.encode(claims, key, algorithm="PS256", headers={"x5t#S256": thumbprint})  # type: ignore[arg-type]


def sign_in(pc: Hand, token: str, host: str = "") -> Any:
    return pc.session.post(
        f"{pc.url}/{pc.facts['tenant_id']}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials", "client_id": pc.facts["client_id"], "client_assertion": token,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "scope": "https://api.partnercenter.microsoft.com/.default",
        },
        headers={"Host": host} if host else {},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dates", "accepted"),
    [
        ({"nbf": 240}, True),
        ({"nbf": 360}, False),
        ({"exp": -240}, True),
        ({"exp": -360}, False),
    ],
)
def test_clocks_may_differ_by_five_minutes(pc: Hand, dates: dict[str, float], accepted: bool) -> None:
    """MSAL Node and azure-identity round the beginning up to the next second."""
    audience = f"{pc.url}/{pc.facts['tenant_id']}/oauth2/v2.0/token"
    answer = sign_in(pc, assertion(pc, audience, **dates)).json()
    assert ("access_token" in answer) is accepted
    assert accepted or answer["error_codes"] == [700024]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    folder = tmp_path_factory.mktemp("named")
    names = [part for host in HOSTS for part in ("--name", host)]
    emulator = Emulator(folder, ("--customers", "1", "--plain", *names)).start()
    hand = Hand(folder)
    yield hand
    hand.close()
    emulator.stop()


def test_the_certificate_has_the_given_names(named: Hand) -> None:
    folder = Path(named.facts["ca_path"]).parent
    certificate = x509.load_pem_x509_certificate((folder / "server.pem").read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {*HOSTS, "localhost"} <= set(found.get_values_for_type(x509.DNSName))


@pytest.mark.parametrize(
    ("host", "audience", "accepted"),
    [
        (HOSTS[0], f"https://{HOSTS[0]}", True),
        (f"{HOSTS[0]}:443", f"https://{HOSTS[0]}:443", True),
        (HOSTS[0], "", True),
        ("", f"https://{HOSTS[0]}", False),
        ("login.evil.example", "https://login.evil.example", False),
    ],
)
def test_assertions_for_the_name_that_the_client_came_to(named: Hand, host: str, audience: str, accepted: bool) -> None:
    token = assertion(named, f"{audience or named.url}/{named.facts['tenant_id']}/oauth2/v2.0/token")
    assert ("access_token" in sign_in(named, token, host).json()) is accepted


@pytest.mark.parametrize(("host", "origin"), [(HOSTS[0], f"https://{HOSTS[0]}"), ("other.example", "")])
def test_discovery_stays_at_the_name_that_the_client_came_to(named: Hand, host: str, origin: str) -> None:
    path = f"{named.url}/{named.facts['tenant_id']}/v2.0/.well-known/openid-configuration"
    found = named.session.get(path, headers={"Host": host}).json()
    for name in ("issuer", "token_endpoint", "jwks_uri"):
        assert found[name].startswith(f"{origin or named.url}/")
    assert "client_secret_basic" in found["token_endpoint_auth_methods_supported"]


def test_a_plain_fleet_over_the_wire(named: Hand) -> None:
    items = read(named.call("GET", "/customers"))["items"]
    listed = read(named.call("GET", f"/customers/{items[0]['id']}/subscriptions"))["items"]
    assert items[0]["companyProfile"]["companyName"].isascii()
    assert all(item["status"] in ("active", "suspended") for item in listed)
    sub = Sub(items[0]["id"], listed[0]["id"], listed[0])
    assert named.change(sub, friendlyName="Plain").status_code == 200
