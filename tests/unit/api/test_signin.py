# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way of signing in, with MSAL itself, against the emulator's Entra."""

from __future__ import annotations

import json
import os
import stat
import typing as t
from collections import Counter
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ansible_collections.csp.partner_center.plugins.module_utils._api.client import PartnerCenter
from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import ApiError, CredentialsError
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor

from ..emulators import Emulator
from .certificates import key_pem, pem, self_signed
from .processes import start_together
from .scripted import Reply

pytest.importorskip("uvicorn")

WAYS = ("secret", "certificate", "certificate without passphrase", "federated token")


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "3", "--subscriptions-per-customer", "2")


def paths(emulator: Emulator) -> Counter[str]:
    """How often each last part of a path was asked for."""
    return Counter(entry["path"].rpartition("/")[2] for entry in emulator.control("GET", "requests"))


def way(emulator: Emulator, name: str) -> dict[str, t.Any]:
    facts = emulator.facts
    return {
        "secret": {"client_secret": facts["client_secret"]},
        "certificate": {
            "client_certificate_path": facts["client_certificate_path"],
            "client_certificate_passphrase": facts["client_certificate_passphrase"],
        },
        "certificate without passphrase": {"client_certificate_path": facts["client_certificate_plain_path"]},
        "federated token": {"federated_token_file": facts["federated_token_file"]},
    }[name]


def options(emulator: Emulator, **others: t.Any) -> dict[str, t.Any]:
    names = ("api_url", "authority_url", "ca_path", "tenant_id", "client_id")
    given = {**{name: emulator.facts[name] for name in names}, "retries": 0, **others}
    return {name: value for name, value in given.items() if value is not None}


def client(emulator: Emulator, redactor: Redactor | None = None, **others: t.Any) -> PartnerCenter:
    return connect(resolve_connection(options(emulator, **others), {}), redactor=redactor or Redactor())


class TestWays:
    @pytest.mark.parametrize("name", WAYS)
    def test_app_only_credentials_sign_in(self, emulator: Emulator, name: str) -> None:
        assert len(list(client(emulator, **way(emulator, name)).customers())) == 3
        assert emulator.sign_ins() == 1

    @pytest.mark.parametrize("name", WAYS)
    def test_app_and_user_credentials_sign_in(self, emulator: Emulator, name: str) -> None:
        user = client(emulator, **way(emulator, name), refresh_token=emulator.facts["refresh_token"])
        assert user.mode == "app_user"
        assert user.support_profile()["profileType"] == "support_profile"
        assert len(user.indirect_resellers()) == len(emulator.facts["resellers"])
        assert emulator.sign_ins() == 1

    @pytest.mark.parametrize("tenant", ["tenant_id", "tenant_domain"])
    def test_the_tenant_can_be_a_domain(self, emulator: Emulator, tenant: str) -> None:
        signed = client(emulator, **way(emulator, "secret"), tenant_id=emulator.facts[tenant])
        assert len(list(signed.customers())) == 3

    def test_the_tenants_guid_is_known_by_whatever_it_was_named(self, emulator: Emulator) -> None:
        domain, guid = emulator.facts["tenant_domain"], emulator.facts["tenant_id"]
        for named in (domain, domain.upper(), guid, guid.upper()):
            assert client(emulator, **way(emulator, "secret"), tenant_id=named).tenant_id() == guid.lower()
        token = client(emulator, **way(emulator, "secret"))._transport._tokens.token()
        for ignored in (None, domain, "11111111-2222-3333-4444-555555555555"):
            assert client(emulator, access_token=token, tenant_id=ignored).tenant_id() == guid.lower()
        assert client(emulator, access_token="an-opaque-token", tenant_id=guid.upper()).tenant_id() == guid.lower()
        assert client(emulator, access_token="an-opaque-token", tenant_id=None).tenant_id() is None

    @pytest.mark.parametrize("names", [("tenant_domain", "tenant_id"), ("tenant_domain", "tenant_domain")])
    @pytest.mark.parametrize("as_user", [False, True])
    def test_the_names_of_a_tenant_share_what_the_cache_holds(
        self, emulator: Emulator, tmp_path: Path, names: tuple[str, str], as_user: bool
    ) -> None:
        user = {"refresh_token": emulator.facts["refresh_token"]} if as_user else {}
        for name in names:
            given = {"tenant_id": emulator.facts[name], "token_cache_path": str(tmp_path / "tokens"), **user}
            signed = client(emulator, **way(emulator, "secret"), **given)
            assert signed.tenant_id() == emulator.facts["tenant_id"].lower()
            assert len(list(signed.customers())) == 3
        assert emulator.sign_ins() == 1

    def test_a_given_access_token_is_used(self, emulator: Emulator) -> None:
        tokens: list[str] = []
        list(client(emulator, Redactor(tokens.append), **way(emulator, "secret")).customers())
        ready = connect(
            resolve_connection(
                {
                    "api_url": emulator.facts["api_url"],
                    "ca_path": emulator.facts["ca_path"],
                    "access_token": next(token for token in tokens if token.startswith("ey")),
                },
                {},
            ),
            redactor=Redactor(),
        )
        assert len(list(ready.customers())) == 3
        with pytest.raises(ApiError, match=r"900329.*App\+User"):
            ready.support_profile()

    def test_the_federated_token_is_read_at_every_use(self, emulator: Emulator, tmp_path: Path) -> None:
        path = tmp_path / "token"
        path.write_text("not-a-token-at-all")
        signed = client(emulator, federated_token_file=str(path))
        with pytest.raises(CredentialsError) as caught:
            list(signed.customers())
        assert "not-a-token-at-all" not in str(caught.value)
        path.write_text(Path(emulator.facts["federated_token_file"]).read_text() + "\n")
        assert len(list(signed.customers())) == 3
        path.unlink()
        for gone in (str(path), "~nobody-of-this-name/token"):
            with pytest.raises(CredentialsError, match=r"federated_token_file: .* cannot be read"):
                list(client(emulator, federated_token_file=gone).customers())

    def test_only_discovery_and_token_are_asked(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MSAL_FORCE_REGION", "westeurope")
        list(client(emulator, **way(emulator, "secret")).customers())
        assert emulator.sign_ins() == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("wrong", "code", "word"),
        [
            ({"client_secret": "not-the-secret"}, "AADSTS7000215", "client_secret"),
            ({"client_id": "11111111-2222-3333-4444-555555555555"}, "AADSTS700016", "client_id"),
            ({"tenant_id": "nobody.example"}, "AADSTS90002", "tenant_id"),
            ({"refresh_token": "not-the-refresh-token"}, "AADSTS70000", "refresh_token"),
        ],
    )
    def test_say_what_entra_said_and_what_helps(
        self, emulator: Emulator, wrong: dict[str, t.Any], code: str, word: str
    ) -> None:
        with pytest.raises(CredentialsError) as caught:
            next(client(emulator, **{**way(emulator, "secret"), **wrong}).customers())
        error = caught.value
        assert code in error.codes
        assert word in str(error.hint)
        assert error.trace_id
        assert error.correlation_id
        assert error.trace_id in str(error)
        for secret in ("not-the-secret", "not-the-refresh-token", emulator.facts["client_secret"]):
            assert secret not in str(error)
            assert secret not in json.dumps(error.to_dict())
        assert error.__context__ is None
        assert error.__cause__ is None

    @pytest.mark.parametrize("number", ["50076", "50078", "65001"])
    def test_ask_for_a_person(self, emulator: Emulator, number: str) -> None:
        emulator.control("PATCH", "switches", {"entra_error": number})
        user = client(emulator, **way(emulator, "secret"), refresh_token=emulator.facts["refresh_token"])
        with pytest.raises(CredentialsError) as caught:
            user.support_profile()
        assert f"AADSTS{number}" in caught.value.codes
        assert caught.value.hint

    def test_of_a_public_client_name_what_is_missing(self, emulator: Emulator) -> None:
        emulator.control("PATCH", "switches", {"allow_public_client": False})
        with pytest.raises(CredentialsError) as caught:
            client(emulator, refresh_token=emulator.facts["refresh_token"]).support_profile()
        assert caught.value.codes
        assert caught.value.hint

    def test_an_address_that_is_no_authority(self, emulator: Emulator, server: t.Any, authority: t.Any) -> None:
        server.otherwise = lambda request: Reply(200, b"<html>Welcome</html>")
        lost = client(emulator, **way(emulator, "secret"), authority_url=server.url, ca_path=str(authority.path))
        with pytest.raises(CredentialsError, match=r"sign-in at .* failed"):
            next(lost.customers())

    @pytest.mark.parametrize(
        "body",
        ["[1]", "null", '"text"', "", "not json", {"access_token": "a-strange-token", "expires_in": "x"}],
    )
    def test_a_token_endpoint_that_talks_nonsense(self, emulator: Emulator, body: t.Any) -> None:
        emulator.control("POST", "faults", {"match": {"path": "*/oauth2/v2.0/token"}, "action": "body", "body": body})
        with pytest.raises(CredentialsError) as caught:
            next(client(emulator, **way(emulator, "secret")).customers())
        endpoint = f"{emulator.facts['authority_url']}/{emulator.facts['tenant_id']}/oauth2/v2.0/token"
        assert f"the answer of {endpoint} could not be understood" in str(caught.value)
        assert "Error" not in str(caught.value)
        assert "a-strange-token" not in str(caught.value)

    @pytest.mark.parametrize("body", ["[1]", {"issuer": "nobody"}])
    def test_a_discovery_that_talks_nonsense(self, emulator: Emulator, body: t.Any) -> None:
        rule = {"match": {"path": "*/openid-configuration"}, "action": "body", "body": body}
        emulator.control("POST", "faults", rule)
        with pytest.raises(CredentialsError, match=r"openid-configuration could not be understood") as caught:
            next(client(emulator, **way(emulator, "secret")).customers())
        assert "Error" not in str(caught.value)

    @pytest.mark.parametrize("body", [{}, {"token_type": "Bearer"}, {"access_token": ""}, {"error": {"code": 1}}])
    def test_a_success_without_a_token(self, emulator: Emulator, body: t.Any) -> None:
        emulator.control("POST", "faults", {"match": {"path": "*/oauth2/v2.0/token"}, "action": "body", "body": body})
        with pytest.raises(CredentialsError, match=r"oauth2/v2\.0/token holds no access_token.*authority_url"):
            next(client(emulator, **way(emulator, "secret")).customers())

    @pytest.mark.parametrize("address", ["*/oauth2/v2.0/token", "*/openid-configuration"])
    @pytest.mark.parametrize(
        ("status", "body", "said"),
        [
            (429, {"statusCode": 429, "message": "Rate limit is exceeded."}, "answered 429: Rate limit is exceeded."),
            (429, {"error": {"code": "TooManyRequests", "message": "Slow down."}}, "answered 429: Slow down."),
            (429, "[]", "answered 429: nothing."),
            (503, {"message": "Be patient."}, "answered 503: Be patient."),
            (503, {}, "answered 503: nothing."),
            (503, {"error": "temporarily_unavailable"}, "refused (503): temporarily_unavailable."),
            (
                429,
                {"error": "invalid_request", "error_description": "AADSTS50196: A loop."},
                "refused (429): invalid_re",
            ),
            (403, {"message": "Blocked by a firewall."}, "answered 403: Blocked by a firewall."),
            (302, {"message": "Found elsewhere."}, "answered 302: Found elsewhere."),
        ],
    )
    def test_an_answer_that_is_no_answer_of_entra_says_status_pause_and_what_to_do(
        self, emulator: Emulator, address: str, status: int, body: t.Any, said: str
    ) -> None:
        rule = {"action": "body", "status": status, "body": body, "headers": {"Retry-After": "17"}}
        emulator.control("POST", "faults", {"match": {"path": address}, **rule})
        with pytest.raises(CredentialsError) as caught:
            next(client(emulator, **way(emulator, "secret")).customers())
        assert said in str(caught.value)
        assert "It asks to wait 17 seconds (Retry-After)." in str(caught.value)
        assert ("run it again later" in str(caught.value.hint)) is (status in (429, 503))
        assert (caught.value.to_dict()["status"], caught.value.to_dict()["retry_after"]) == (status, 17.0)

    @pytest.mark.parametrize(
        "wrong", [{"token_endpoint": "http://plain.example/token"}, {"token_endpoint": 5}, {"token_endpoint": ""}]
    )
    def test_a_discovery_with_addresses_that_are_none(self, emulator: Emulator, wrong: dict[str, t.Any]) -> None:
        body = {"authorization_endpoint": "https://localhost/authorize", **wrong}
        rule = {"match": {"path": "*/openid-configuration"}, "action": "body", "body": body}
        emulator.control("POST", "faults", rule)
        with pytest.raises(CredentialsError, match=r"openid-configuration could not be understood"):
            next(client(emulator, **way(emulator, "secret")).customers())

    @pytest.mark.parametrize(
        "name", ["federated_token_file", "PARTNER_CENTER_FEDERATED_TOKEN_FILE", "AZURE_FEDERATED_TOKEN_FILE"]
    )
    def test_a_federated_token_that_cannot_be_read_is_named_as_it_was_given(
        self, emulator: Emulator, tmp_path: Path, name: str
    ) -> None:
        path = str(tmp_path / "nope")
        explicit, around = ({name: path}, {}) if name.islower() else ({}, {name: path})
        connected = connect(resolve_connection(options(emulator, **explicit), around), redactor=Redactor())
        with pytest.raises(CredentialsError) as caught:
            next(connected.customers())
        assert str(caught.value).startswith(f"{name}: {path} cannot be read")

    @pytest.mark.parametrize("name", ["federated_token_file", "client_certificate_path", "ca_path"])
    def test_what_is_no_file_is_never_waited_for(self, emulator: Emulator, tmp_path: Path, name: str) -> None:
        os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
        given = way(emulator, "secret") if name == "ca_path" else {}
        with pytest.raises(CredentialsError, match=rf"{name}: .* not a regular file"):
            next(client(emulator, **given, **{name: str(tmp_path / "socket")}).customers())

    def test_an_authority_that_redirects(self, emulator: Emulator, serve: t.Any, authority: t.Any) -> None:
        one, other = serve(), serve()
        one.otherwise = lambda request: Reply(307, b"", {"Location": f"{other.url}{request.target}"})
        lost = client(emulator, **way(emulator, "secret"), authority_url=one.url, ca_path=str(authority.path))
        with pytest.raises(CredentialsError, match="307"):
            next(lost.customers())
        assert other.connections == 0

    def test_an_authority_that_cannot_be_reached(self, emulator: Emulator, server: t.Any) -> None:
        server.close()
        with pytest.raises(CredentialsError, match=r"sign-in at .* failed"):
            next(client(emulator, **way(emulator, "secret"), authority_url=server.url).customers())


class TestCertificates:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "client.pem"

    def refused(self, emulator: Emulator, path: Path, **others: t.Any) -> str:
        with pytest.raises(CredentialsError) as caught:
            next(client(emulator, client_certificate_path=str(path), **others).customers())
        assert emulator.sign_ins() == 0
        return str(caught.value)

    def test_a_wrong_passphrase(self, emulator: Emulator) -> None:
        given = {**way(emulator, "certificate"), "client_certificate_passphrase": "not-the-passphrase"}
        path = given.pop("client_certificate_path")
        assert "client_certificate_passphrase" in self.refused(emulator, Path(path), **given)

    def test_a_missing_passphrase(self, emulator: Emulator) -> None:
        message = self.refused(emulator, Path(emulator.facts["client_certificate_path"]))
        assert "client_certificate_passphrase is missing" in message

    def test_a_passphrase_too_many_does_no_harm(self, emulator: Emulator) -> None:
        given = {**way(emulator, "certificate without passphrase"), "client_certificate_passphrase": "not-needed"}
        assert len(list(client(emulator, **given).customers())) == 3

    def test_a_file_that_is_not_there(self, emulator: Emulator, path: Path) -> None:
        assert "cannot be read" in self.refused(emulator, path)

    @pytest.mark.parametrize(
        "content", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"]
    )
    def test_a_file_without_key(self, emulator: Emulator, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        assert "one PEM with a private key and its certificate" in self.refused(emulator, path)

    def test_broken_blocks(self, emulator: Emulator, path: Path) -> None:
        blocks = (f"-----BEGIN {name}-----\nAAAA\n-----END {name}-----\n" for name in ("PRIVATE KEY", "CERTIFICATE"))
        path.write_text("".join(blocks))
        assert "cannot be read" in self.refused(emulator, path)

    def test_a_key_that_is_not_rsa(self, emulator: Emulator, path: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        path.write_bytes(key_pem(key) + pem(self_signed(key, "x")))
        assert "RSA" in self.refused(emulator, path)

    def test_another_keys_certificate(self, emulator: Emulator, path: Path) -> None:
        other = ec.generate_private_key(ec.SECP256R1())
        path.write_bytes(key_pem(rsa.generate_private_key(65537, 2048)) + pem(self_signed(other, "x")))
        assert "belongs to its private key" in self.refused(emulator, path)

    def test_a_certificate_that_is_not_registered(self, emulator: Emulator, path: Path) -> None:
        key = rsa.generate_private_key(65537, 2048)
        path.write_bytes(pem(self_signed(key, "x")) + key_pem(key))
        with pytest.raises(CredentialsError) as caught:
            next(client(emulator, client_certificate_path=str(path)).customers())
        assert "AADSTS700027" in caught.value.codes

    def test_the_right_one_of_a_chain_is_taken(self, emulator: Emulator, path: Path) -> None:
        own = Path(emulator.facts["client_certificate_plain_path"]).read_bytes()
        other = ec.generate_private_key(ec.SECP256R1())
        path.write_bytes(pem(self_signed(other, "issuer")) + own)
        assert len(list(client(emulator, client_certificate_path=str(path)).customers())) == 3


class TestRenewal:
    @pytest.mark.parametrize("name", WAYS)
    @pytest.mark.parametrize("user", [False, True])
    def test_a_token_that_expires_in_mid_run_is_renewed_once(self, emulator: Emulator, name: str, user: bool) -> None:
        refresh_token = emulator.facts["refresh_token"] if user else None
        signed = client(emulator, **way(emulator, name), refresh_token=refresh_token)
        customer = next(signed.customers())["id"]
        emulator.control("POST", "tokens", {"expire": "access"})
        emulator.control("DELETE", "requests")
        assert signed.customer(customer)["id"] == customer
        asked = [entry for entry in emulator.control("GET", "requests") if "/v1/customers" in entry["path"]]
        assert [entry["status"] for entry in asked] == [401, 200]
        assert asked[0]["request_id"] == asked[1]["request_id"]
        assert asked[0]["correlation_id"] != asked[1]["correlation_id"]
        assert emulator.sign_ins() == 2

    def test_a_second_401_is_final(self, emulator: Emulator) -> None:
        emulator.control("PATCH", "switches", {"token_mfa": False})
        user = client(emulator, **way(emulator, "secret"), refresh_token=emulator.facts["refresh_token"])
        with pytest.raises(ApiError) as caught:
            user.support_profile()
        assert (caught.value.status, caught.value.code) == (401, "900421")
        assert "MFA" in str(caught.value.hint)
        assert emulator.sign_ins() == 2


class TestCache:
    def user(self, emulator: Emulator, path: Path, **others: t.Any) -> PartnerCenter:
        given = {**way(emulator, "secret"), "refresh_token": emulator.facts["refresh_token"], **others}
        return client(emulator, **given, token_cache_path=str(path))

    def test_two_tasks_sign_in_once(self, emulator: Emulator, tmp_path: Path) -> None:
        for _number in range(2):
            self.user(emulator, tmp_path / "tokens").support_profile()
        assert emulator.sign_ins() == 1

    def test_a_refresh_token_that_works_once_is_followed_by_its_successors(
        self, emulator: Emulator, tmp_path: Path
    ) -> None:
        emulator.control("PATCH", "switches", {"refresh_token_reuse": "revoked"})
        for _number in range(4):
            self.user(emulator, tmp_path / "tokens").support_profile()
            emulator.control("POST", "tokens", {"expire": "access"})
        assert emulator.sign_ins() == 4

    def test_a_revoked_successor_falls_back_to_the_given_token(self, emulator: Emulator, tmp_path: Path) -> None:
        self.user(emulator, tmp_path / "tokens").support_profile()
        emulator.control("POST", "tokens", {"expire": "access", "revoke": "successors"})
        self.user(emulator, tmp_path / "tokens").support_profile()

    def test_eight_processes_at_once_sign_in_once_and_lose_no_rotation(
        self, emulator: Emulator, tmp_path: Path
    ) -> None:
        emulator.control("PATCH", "switches", {"refresh_token_reuse": "revoked"})
        code = """
from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
client = connect(resolve_connection(given["options"], {}), redactor=Redactor())
together()
client.support_profile()
# Each goes on as if its token had been refused: eight rotations of tokens that work once.
tokens = client._transport._tokens
for _number in range(3):
    tokens.renew(after=tokens.token())
client.support_profile()
"""
        cache = tmp_path / "tokens"
        given = options(
            emulator,
            client_secret=emulator.facts["client_secret"],
            refresh_token=emulator.facts["refresh_token"],
            token_cache_path=str(cache),
        )
        start_together(code, 8, {"options": given}, tmp_path)
        # The token in the file is the newest of the chain: it works, although every other was revoked by its use.
        emulator.control("POST", "tokens", {"expire": "access"})
        self.user(emulator, cache).support_profile()
