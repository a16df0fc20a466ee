# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where requests go: never to another origin, through the right TLS and proxy, with nobody else's credentials."""

from __future__ import annotations

import os
import typing as t
import warnings
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import (
    CredentialsError,
    ForeignOrigin,
    TransportError,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.paths import Foreign, below_version, customer_in

from .certificates import Authority
from .conftest import ACCESS_TOKEN, Bench
from .scripted import ConnectProxy, Reply, ScriptedServer

CUSTOMER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
API = "https://api.example.com"


class TestReferences:
    @pytest.mark.parametrize(
        ("reference", "path"),
        [
            ("/customers", "/customers"),
            ("customers", "/customers"),
            ("/v1/customers", "/customers"),
            ("v1/customers", "/customers"),
            ("/V1/customers", "/customers"),
            ("//", "/"),
            ("/v1/customers?size=500&seekOperation=Next", "/customers?size=500&seekOperation=Next"),
            ("/v1", "/"),
            ("/v10/customers", "/v10/customers"),
            ("/v1things", "/v1things"),
            (f"{API}/v1/customers", "/customers"),
            (f"{API}:443/customers", "/customers"),
            ("HTTPS://API.EXAMPLE.COM/v1/customers", "/customers"),
            ("/customers#part", "/customers"),
        ],
    )
    def test_references_to_our_origin_give_a_path(self, reference: str, path: str) -> None:
        assert below_version(reference, API) == path

    @pytest.mark.parametrize(
        "reference",
        [
            "https://evil.example.com/v1/customers",
            "http://api.example.com/v1/customers",
            "https://api.example.com:8443/v1/customers",
            "https://api.example.com.evil.example/",
            "https://user@api.example.com/",
            "https://api.example.com@evil.example/",
            "//evil.example.com/v1/customers",
            "https:/evil",
            "https:evil",
            "ftp://api.example.com/",
            "javascript:alert(1)",
            "/\\evil.example.com",
            "/customers\r\nHost: evil",
            "https://[::1",
            "https://api.example.com:port/",
        ],
    )
    def test_references_to_other_origins_are_refused(self, reference: str) -> None:
        with pytest.raises(Foreign):
            below_version(reference, API)

    @pytest.mark.parametrize(
        ("path", "customer"),
        [
            ("/customers/ABC/subscriptions", "abc"),
            ("/customers/ABC", "abc"),
            ("/Customers/ABC?x", "abc"),
            ("/customers?size=1", None),
            ("/profiles/support", None),
        ],
    )
    def test_the_customer_is_read_from_the_path(self, path: str, customer: str | None) -> None:
        assert customer_in(path) == customer

    def test_a_segment_stays_one(self, bench: Bench) -> None:
        bench.client().customer("a/../b?c#d")
        assert bench.server.requests[0].target == "/v1/customers/a%2F..%2Fb%3Fc%23d"


class TestForeignOrigins:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("kind", ["read", "write"])
    def test_redirects_are_refused(
        self, bench: Bench, serve: t.Callable[..., ScriptedServer], status: int, kind: str
    ) -> None:
        other = serve()
        bench.server.script = [Reply(status, b"", {"Location": f"{other.url}/v1/customers/{CUSTOMER}"})]
        client = bench.client()
        with pytest.raises(ForeignOrigin, match="redirects are not followed"):
            client.customer(CUSTOMER) if kind == "read" else client.patch_subscription(
                CUSTOMER, "s", {}, request_id="r"
            )
        assert len(bench.server.requests) == 1
        assert other.connections == 0

    def test_a_redirect_to_our_own_origin_is_refused_too(self, bench: Bench) -> None:
        bench.server.script = [Reply(302, b"", {"Location": "/v1/elsewhere"})]
        with pytest.raises(ForeignOrigin):
            bench.client().customer(CUSTOMER)
        assert len(bench.server.requests) == 1

    def test_a_location_elsewhere_is_not_followed(self, bench: Bench, serve: t.Callable[..., ScriptedServer]) -> None:
        other = serve()
        with pytest.raises(ForeignOrigin) as caught:
            bench.client().follow(f"{other.url}/v1/customers/{CUSTOMER}")
        assert caught.value.request_id
        assert other.connections == 0
        assert bench.server.connections == 0

    def test_a_location_elsewhere_costs_no_sign_in(self, bench: Bench, serve: t.Callable[..., ScriptedServer]) -> None:
        authority = serve()
        client = bench.client(
            access_token=None,
            tenant_id=CUSTOMER,
            client_id=CUSTOMER,
            client_secret="a-client-secret",
            authority_url=authority.url,
        )
        with pytest.raises(ForeignOrigin):
            client.follow("https://evil.example.com/v1/customers")
        assert authority.connections == 0

    def test_a_next_page_elsewhere_is_not_followed(self, bench: Bench, serve: t.Callable[..., ScriptedServer]) -> None:
        other = serve()
        page = {"items": [{"id": "a"}], "links": {"next": {"uri": f"{other.url}/v1/customers?size=500"}}}
        bench.server.script = [Reply(200, page)]
        pages = bench.client().customers()
        assert next(pages) == {"id": "a"}
        with pytest.raises(ForeignOrigin):
            next(pages)
        assert other.connections == 0

    @pytest.mark.parametrize("prefix", ["", "/v1", "{url}/v1", "{url}"])
    def test_a_location_of_our_own_is_followed(self, bench: Bench, prefix: str) -> None:
        location = prefix.format(url=bench.server.url) + f"/customers/{CUSTOMER}"
        assert bench.client().follow(location) == {"id": "x"}
        assert bench.server.targets() == [f"GET /v1/customers/{CUSTOMER}"]

    def test_an_api_address_with_version_is_tolerated(self, bench: Bench) -> None:
        bench.client(api_url=f"{bench.server.url}/v1/").customer(CUSTOMER)
        assert bench.server.targets() == [f"GET /v1/customers/{CUSTOMER}"]


class TestTls:
    @pytest.fixture
    def wrong_bundle(self, tmp_path: Path) -> Path:
        return Authority(tmp_path, "wrong").path

    @pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
    def test_ca_path_beats_the_environment(
        self, bench: Bench, wrong_bundle: Path, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        monkeypatch.setenv(variable, str(wrong_bundle))
        assert bench.client(retries=0).customer(CUSTOMER) == {"id": "x"}

    @pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
    def test_validate_certs_false_beats_the_environment_and_is_quiet(
        self, bench: Bench, wrong_bundle: Path, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        monkeypatch.setenv(variable, str(wrong_bundle))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert bench.client(ca_path=None, validate_certs=False).customer(CUSTOMER) == {"id": "x"}
        assert caught == []

    @pytest.mark.parametrize("said", [None, True])
    def test_the_environment_counts_where_no_bundle_is_named(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch, said: bool | None
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bench.authority.path))
        assert bench.client(ca_path=None, validate_certs=said).customer(CUSTOMER) == {"id": "x"}

    @pytest.mark.parametrize("options", [{"ca_path": None}, {"ca_path": None, "validate_certs": True}])
    def test_an_unknown_authority_is_refused_before_anything_is_sent(
        self, bench: Bench, options: dict[str, t.Any]
    ) -> None:
        with pytest.raises(TransportError, match="nothing was sent") as caught:
            bench.client(**options).customer(CUSTOMER)
        assert "ca_path" in str(caught.value.hint)
        assert bench.server.requests == []

    def test_a_wrong_bundle_is_refused_at_once(self, bench: Bench, wrong_bundle: Path) -> None:
        said = rf"the certificate of 127\.0\.0\.1:{bench.server.port} is not trusted: \w[^\[\]]+\."
        with pytest.raises(TransportError, match=said):
            bench.client(ca_path=str(wrong_bundle)).customer(CUSTOMER)
        assert bench.time.waits == []
        assert bench.server.connections == 1

    def test_another_host_name_is_refused_at_once(self, bench: Bench) -> None:
        # The same address in another spelling, for which the certificate is not.
        with pytest.raises(TransportError, match=r"not valid for '127\.1'"):
            bench.client(api_url=f"https://127.1:{bench.server.port}").customer(CUSTOMER)
        assert bench.time.waits == []

    def test_a_sign_in_is_refused_at_once(self, bench: Bench, wrong_bundle: Path) -> None:
        credentials = {"tenant_id": CUSTOMER, "client_id": CUSTOMER, "client_secret": "a-secret-of-the-tests"}
        with pytest.raises(CredentialsError, match="is not trusted") as caught:
            bench.client(
                access_token=None, authority_url=bench.server.url, ca_path=str(wrong_bundle), **credentials
            ).customer(CUSTOMER)
        assert "ca_path" in str(caught.value.hint)
        assert bench.time.waits == []

    def test_a_refused_connection_is_tried_again(self, bench: Bench) -> None:
        bench.server.close()
        with pytest.raises(TransportError, match="nothing was sent") as caught:
            bench.client(retries=2).customer(CUSTOMER)
        assert len(bench.time.waits) == 2
        address = f"https://127.0.0.1:{bench.server.port}"
        assert str(caught.value.hint).startswith(f"{address} cannot be reached: check api_url, the network and")

    def test_a_bundle_that_is_not_there_is_named(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        for gone in ("/does/not/exist.pem", "~nobody-of-this-name/ca.pem", "long" * 2000):
            with pytest.raises(CredentialsError, match="ca_path"):
                bench.client(ca_path=gone)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/does/not/exist.pem")
        with pytest.raises(CredentialsError, match="REQUESTS_CA_BUNDLE"):
            bench.client(ca_path=None)

    @pytest.mark.parametrize(
        "content", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    )
    def test_a_bundle_that_is_none_is_named(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "none.pem"
        path.write_bytes(content)
        with pytest.raises(CredentialsError, match=f"ca_path names a file that holds no certificate.*{path}"):
            bench.client(ca_path=str(path))
        monkeypatch.setenv("CURL_CA_BUNDLE", str(path))
        with pytest.raises(CredentialsError, match="CURL_CA_BUNDLE names a file that holds no certificate"):
            bench.client(ca_path=None)
        assert bench.server.connections == 0


class TestProxies:
    @pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
    def test_proxies_of_the_environment_are_used(
        self, bench: Bench, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        monkeypatch.setenv(variable, f"http://{proxy.address}")
        assert bench.client().customer(CUSTOMER) == {"id": "x"}
        assert proxy.asked == [f"127.0.0.1:{bench.server.port}"]
        assert ACCESS_TOKEN.encode() not in proxy.heads[0]

    def test_no_proxy_is_honoured(self, bench: Bench, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert bench.client().customer(CUSTOMER) == {"id": "x"}
        assert proxy.asked == []

    def test_a_refusal_leaves_a_write_unsent(
        self, bench: Bench, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        proxy.refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"
        with pytest.raises(TransportError, match="nothing was sent") as caught:
            bench.client(retries=1).patch_subscription(CUSTOMER, "s", {}, request_id="r" * 8)
        assert f"(through the proxy {proxy.address})" in str(caught.value)
        assert "is asked through a proxy: check HTTPS_PROXY and NO_PROXY" in str(caught.value.hint)
        assert len(proxy.asked) == 2
        assert bench.server.requests == []

    def test_their_password_is_not_shown(
        self, bench: Bench, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:proxy%40password@{proxy.address}")
        proxy.refusal = b"HTTP/1.1 403 user:proxy@password is not allowed\r\n\r\n"
        with pytest.raises(TransportError) as caught:
            bench.client(retries=0).customer(CUSTOMER)
        assert "403" in str(caught.value)
        assert "proxy@password" not in str(caught.value)


def test_netrc_never_touches_the_authorization(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in (Path(os.environ["HOME"], ".netrc"), tmp_path / "netrc"):
        path.write_text("machine 127.0.0.1 login somebody password else\ndefault login a password b\n")
        path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    bench.client().customer(CUSTOMER)
    assert bench.server.requests[0].headers["authorization"] == f"Bearer {ACCESS_TOKEN}"


def test_cookies_are_not_kept(bench: Bench) -> None:
    bench.server.otherwise = lambda request: Reply(200, {"id": "x"}, {"Set-Cookie": "session=1"})
    client = bench.client()
    client.customer(CUSTOMER)
    client.customer(CUSTOMER)
    assert "cookie" not in bench.server.requests[1].headers
