# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the client's tests share: a certificate authority, scripted servers, and a client whose waits take no time."""

from __future__ import annotations

import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.client import PartnerCenter
from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import (
    StopRequested,
    Surroundings,
)

from .certificates import Authority
from .scripted import ConnectProxy, ScriptedServer

ACCESS_TOKEN = "an-access-token-of-the-tests"


class Time(Surroundings):
    """A clock that only waits move. The wall clock begins at ``EPOCH``; chance always takes the upper bound."""

    EPOCH = 1_790_000_000.0

    def __init__(self, stop_requested: t.Callable[[], bool] = lambda: False) -> None:
        super().__init__(stop_requested)
        self.seconds = 0.0
        self.waits: list[float] = []
        self.on_sleep: t.Callable[[float], None] = lambda seconds: None

    def clock(self) -> float:
        return self.seconds

    def wall(self) -> float:
        return self.EPOCH + self.seconds

    def uniform(self, low: float, high: float) -> float:
        return high

    def sleep(self, seconds: float) -> None:
        if self.must_stop():
            raise StopRequested
        self.waits.append(seconds)
        self.seconds += seconds
        self.on_sleep(seconds)

    def wait(self, changed: threading.Condition, seconds: float | None) -> None:
        if seconds is None:
            super().wait(changed, seconds)
            return
        changed.release()
        try:
            self.sleep(seconds)
        finally:
            changed.acquire()


class Counter:
    """An observer that counts."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.repeats = 0
        self.throttles: list[tuple[float, str]] = []

    def sent(self, method: str, path: str) -> None:
        self.requests.append(f"{method} {path}")

    def repeated(self) -> None:
        self.repeats += 1

    def throttled(self, seconds: float, scope: str) -> None:
        self.throttles.append((seconds, scope))


class Bench:
    """Makes clients for a server."""

    def __init__(self, server: ScriptedServer, authority: Authority) -> None:
        self.server = server
        self.authority = authority
        self.time = Time()
        self.counter = Counter()
        self.redactor = Redactor()

    def client(self, **options: t.Any) -> PartnerCenter:
        given = {
            "access_token": ACCESS_TOKEN,
            "api_url": self.server.url,
            "ca_path": str(self.authority.path),
            "timeout": 5,
            **options,
        }
        return connect(
            resolve_connection({name: value for name, value in given.items() if value is not None}, {}),
            redactor=self.redactor,
            observer=self.counter,
            surroundings=self.time,
        )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def certificate(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.issue(tmp_path_factory.mktemp("server"))


@pytest.fixture
def serve(certificate: Path) -> t.Iterator[t.Callable[..., ScriptedServer]]:
    """Starts servers that end with the test."""
    servers: list[ScriptedServer] = []

    def start(port: int = 0) -> ScriptedServer:
        servers.append(ScriptedServer(certificate, port=port))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def server(serve: t.Callable[..., ScriptedServer]) -> ScriptedServer:
    return serve()


@pytest.fixture
def proxy() -> t.Iterator[ConnectProxy]:
    started = ConnectProxy()
    yield started
    started.close()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxies, CA bundles, netrc or credentials of the machine that runs the tests."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC", "MSAL_FORCE_REGION"):
        monkeypatch.delenv(name, raising=False)
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme.upper()}_PROXY", raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture
def bench(server: ScriptedServer, authority: Authority) -> Bench:
    return Bench(server, authority)
