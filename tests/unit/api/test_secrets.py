# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret in any error, log or representation, whoever repeats it."""

from __future__ import annotations

import json
import logging
import pickle
import subprocess
import sys
import traceback
import typing as t
from pathlib import Path

import pytest

import ansible_collections
from ansible_collections.csp.partner_center.plugins.module_utils._api.client import PartnerCenter
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import PartnerCenterError

from .conftest import ACCESS_TOKEN, Bench
from .scripted import ConnectProxy, Reply, Request, Reset, Step

CUSTOMER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
SECRETS = {
    "client_secret": "client secret/with+odd~chars",
    "refresh_token": "1.AXrefresh-token_of-the-tests",
}
ISSUED = "ey.issued-access-token.sig"
ROTATED = "1.AXrotated-refresh-token"
KNOWN = (*SECRETS.values(), "client%20secret%2Fwith%2Bodd~chars", "client+secret%2Fwith%2Bodd~chars")
ALL = (*KNOWN, ISSUED, ROTATED)


def parrot(request: Request, status: int, kind: str, secrets: t.Sequence[str] = ALL) -> Reply:
    """Answers with everything that it was sent, as careless gateways do."""
    said = f"{request.headers} {request.body.decode()} {' '.join(secrets)}"
    if kind == "json":
        return Reply(status, {"code": said[:50], "description": said, "source": said, "data": [said]})
    if kind == "gateway":
        return Reply(status, {"statusCode": status, "message": said})
    if kind == "html":
        return Reply(status, f"<html><script>{said}</script><p>{said}</p></html>".encode())
    if kind == "unknown json":
        return Reply(status, {"what": [said]})
    if kind == "far in":
        return Reply(status, ("x" * 290 + said).encode())
    return Reply(status, said.encode())


KINDS = ("json", "gateway", "html", "unknown json", "far in", "text")


def entra(url: str, request: Request) -> Reply:
    if "openid-configuration" in request.target:
        endpoints = {f"{name}_endpoint": f"{url}/{name}" for name in ("authorization", "token", "device_authorization")}
        return Reply(200, {**endpoints, "issuer": url})
    return Reply(200, {"access_token": ISSUED, "refresh_token": ROTATED, "expires_in": 3600, "token_type": "Bearer"})


def user(bench: Bench, **others: t.Any) -> PartnerCenter:
    given = {"access_token": None, "tenant_id": CUSTOMER, "client_id": CUSTOMER, "authority_url": bench.server.url}
    return bench.client(**{**given, **SECRETS, "retries": 0, **others})


def is_api(request: Request) -> bool:
    return request.target.startswith("/v1/")


def check(error: BaseException) -> None:
    """Walks the whole chain, and every way in which an error can be shown."""
    shown = [str(error), repr(error), repr(error.args), "".join(traceback.format_exception(error))]
    if isinstance(error, PartnerCenterError):
        shown += [json.dumps(error.to_dict()), repr(vars(error))]
    for text in shown:
        for secret in (*ALL, ACCESS_TOKEN):
            assert secret not in text
            # Nor a good part of it, as a cut in the middle would leave.
            assert secret[:12] not in text
    for next_one in (error.__cause__, error.__context__):
        if next_one is not None:
            check(next_one)


OPERATIONS: dict[str, t.Callable[[PartnerCenter], t.Any]] = {
    "read": lambda client: client.customer(CUSTOMER),
    "write": lambda client: client.patch_subscription(CUSTOMER, "s", {"a": "b"}, request_id="r" * 8),
    "pages": lambda client: list(client.customers()),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 429, 500, 503, 302, 418])
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_api_repeats_is_not_shown(bench: Bench, operation: str, status: int, kind: str) -> None:
    server = bench.server
    server.otherwise = lambda request: parrot(request, status, kind) if is_api(request) else entra(server.url, request)
    with pytest.raises(PartnerCenterError) as caught:
        OPERATIONS[operation](user(bench))
    check(caught.value)


@pytest.mark.parametrize("kind", ["html", "text", "far in"])
def test_what_a_success_repeats_is_not_shown(bench: Bench, kind: str) -> None:
    server = bench.server
    server.otherwise = lambda request: parrot(request, 200, kind) if is_api(request) else entra(server.url, request)
    with pytest.raises(PartnerCenterError) as caught:
        user(bench).customer(CUSTOMER)
    check(caught.value)


@pytest.mark.parametrize("step", [Reset("head"), Reset("body")])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_lost_connection_shows_nothing(bench: Bench, operation: str, step: Step) -> None:
    server = bench.server
    server.otherwise = lambda request: step if is_api(request) else entra(server.url, request)
    with pytest.raises(PartnerCenterError) as caught:
        OPERATIONS[operation](user(bench))
    check(caught.value)


@pytest.mark.parametrize("where", ["discovery", "token"])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 429, 500, 503])
@pytest.mark.parametrize("kind", [*KINDS, "oauth"])
def test_what_the_sign_in_repeats_is_not_shown(
    bench: Bench, where: str, status: int, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = bench.server

    def answer(request: Request) -> Reply:
        if (where == "discovery") != ("openid-configuration" in request.target):
            return entra(server.url, request)
        if kind == "oauth":
            said = f"AADSTS50000: {request.body.decode()} {' '.join(KNOWN)}"
            return Reply(status, {"error": said, "error_description": said, "error_codes": [50000], "trace_id": "t"})
        # Of a success nothing may be quoted: it may hold tokens that nobody knows yet.
        return parrot(request, status, kind, ALL if status == 200 else KNOWN)

    server.otherwise = answer
    with caplog.at_level(logging.DEBUG), pytest.raises(PartnerCenterError) as caught:
        user(bench).customer(CUSTOMER)
    check(caught.value)
    assert not any(secret in caplog.text for secret in ALL)


def test_a_sign_in_that_breaks_off_shows_nothing(bench: Bench) -> None:
    server = bench.server
    server.otherwise = lambda request: entra(server.url, request) if request.method == "GET" else Reset("body")
    with pytest.raises(PartnerCenterError) as caught:
        user(bench).customer(CUSTOMER)
    check(caught.value)


def test_a_proxy_that_repeats_the_password_is_not_quoted(
    bench: Bench, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = "the-password-of-the-proxy"
    monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:{password}@{proxy.address}")
    proxy.refusal = f"HTTP/1.1 407 {password}\r\n\r\n".encode()
    for client in (bench.client(retries=0), user(bench)):
        with pytest.raises(PartnerCenterError) as caught:
            client.customer(CUSTOMER)
        assert password not in str(caught.value)
        check(caught.value)


def test_objects_show_no_secret(bench: Bench) -> None:
    client = user(bench)
    for thing in (client, client._transport, client._transport._tokens, client._transport._settings):
        for text in (repr(thing), str(thing)):
            assert not any(secret in text for secret in ALL)


def test_errors_can_cross_a_process_boundary_or_fail_quietly(bench: Bench) -> None:
    bench.server.otherwise = lambda request: parrot(request, 400, "json")
    with pytest.raises(PartnerCenterError) as caught:
        bench.client().customer(CUSTOMER)
    try:
        copied = pickle.dumps(caught.value)
    except Exception:  # noqa: BLE001 - whether it can be pickled is not promised, that it tells nothing is
        return
    assert ACCESS_TOKEN.encode() not in copied


def test_a_run_prints_nothing(bench: Bench, tmp_path: Path) -> None:
    """In a process without any logging set up, where Python prints warnings of libraries on stderr."""
    server = bench.server
    server.otherwise = lambda request: (
        parrot(request, 200, "text") if "token" in request.target else entra(server.url, request)
    )
    code = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import CredentialsError
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
try:
    connect(resolve_connection(json.loads(sys.argv[2]), {}), redactor=Redactor()).customer("c")
except CredentialsError as error:
    sys.exit(0)
sys.exit(3)
"""
    given = {
        **SECRETS,
        "tenant_id": CUSTOMER,
        "client_id": CUSTOMER,
        "api_url": server.url,
        "authority_url": server.url,
        "validate_certs": False,
        "retries": 0,
    }
    roots = [str(Path(path).parent) for path in ansible_collections.__path__]
    run = subprocess.run(
        [sys.executable, "-W", "default", "-c", code, json.dumps(roots), json.dumps(given)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert len(server.requests) == 2


def test_modules_import_without_the_libraries() -> None:
    code = """
import json, pkgutil, sys, importlib
sys.path[:0] = json.loads(sys.argv[1])
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"requests", "msal", "urllib3", "cryptography", "jwt"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
package = importlib.import_module("ansible_collections.csp.partner_center.plugins.module_utils._api")
names = [module.name for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
    roots = [str(Path(path).parent) for path in ansible_collections.__path__]
    run = subprocess.run(
        [sys.executable, "-c", code, json.dumps(roots)], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stderr == ""
    assert int(run.stdout) > 15
