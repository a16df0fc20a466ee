# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server sends has bounds, and each one ends with an error that names it; over real TLS."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import typing as t
import zlib

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api import exchange
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import (
    AmbiguousWrite,
    ApiError,
    BadAnswer,
    CredentialsError,
    RequestError,
    TransportError,
)

from .conftest import ACCESS_TOKEN, Bench
from .scripted import Drip, Reply, Silence, Step

CUSTOMER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
SUBSCRIPTION = "c8d8fbab-6a62-44dc-be50-b7c74e43a296"
PACKED = {"Content-Encoding": "gzip"}


def patch(bench: Bench, **options: t.Any) -> t.Any:
    return bench.client(**options).patch_subscription(CUSTOMER, SUBSCRIPTION, {}, request_id="r" * 8)


class TestTime:
    def test_one_byte_after_another_is_no_answer(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: Drip()
        begun = time.monotonic()
        with pytest.raises(BadAnswer, match=r"no whole answer came within 1 second \(timeout\)"):
            bench.client(timeout=1, retries=1).customer(CUSTOMER)
        assert time.monotonic() - begun < 10
        assert len(bench.server.requests) == 2

    @pytest.mark.parametrize("step", [Drip(), Silence()])
    def test_a_write_whose_answer_does_not_end_is_seen_as_what_it_is(self, bench: Bench, step: Step) -> None:
        bench.server.script = [step]
        begun = time.monotonic()
        if isinstance(step, Drip):
            # The status says that it was made; the engine reads whether it was.
            assert patch(bench, timeout=1).body is None
        else:
            with pytest.raises(AmbiguousWrite, match=r"no whole answer came within 1 second \(timeout\)"):
                patch(bench, timeout=1)
        assert time.monotonic() - begun < 10

    def test_a_handshake_that_does_not_go_on_has_an_end(self, bench: Bench) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            begun = time.monotonic()
            url = f"https://127.0.0.1:{listener.getsockname()[1]}"
            with pytest.raises(TransportError, match=r"nothing was sent: there was no connection within 1 second"):
                bench.client(api_url=url, timeout=1, retries=0).customer(CUSTOMER)
            assert time.monotonic() - begun < 10

    def test_connections_are_kept_after_what_ends_in_time(self, bench: Bench) -> None:
        client = bench.client(timeout=1)
        for _number in range(3):
            client.customer(CUSTOMER)
            time.sleep(0.5)
        assert bench.server.connections == 1

    def test_no_thread_is_left_behind(self, bench: Bench) -> None:
        bench.client().customer(CUSTOMER)
        deadline = time.monotonic() + 10
        while any(one.name in ("exchanges", "connecting") for one in threading.enumerate()):
            assert time.monotonic() < deadline
            time.sleep(0.1)


class TestSize:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exchange, "LARGEST", 2_000_000)

    @pytest.mark.parametrize("packed", [False, True])
    def test_a_large_answer_is_refused_by_its_size(self, bench: Bench, packed: bool) -> None:
        body = json.dumps({"items": [{"id": "x" * 3_000_000}]}).encode()
        reply = Reply(200, gzip.compress(body), PACKED) if packed else Reply(200, body)
        bench.server.otherwise = lambda request: reply
        with pytest.raises(BadAnswer, match="larger than 2 MB"):
            bench.client(retries=0).subscriptions(CUSTOMER)

    def test_a_bomb_is_not_unpacked(self, bench: Bench) -> None:
        packer = zlib.compressobj(9, wbits=31)
        bomb = b"".join([*(packer.compress(bytes(1 << 20)) for _number in range(400)), packer.flush()])
        bench.server.otherwise = lambda request: Reply(200, bomb, PACKED)
        begun = time.monotonic()
        with pytest.raises(BadAnswer, match="larger than 2 MB"):
            bench.client(retries=0).customer(CUSTOMER)
        assert time.monotonic() - begun < 5

    # Packed without the time: all processes that share the tests have to find the same ones.
    @pytest.mark.parametrize(
        ("body", "encoding", "problem"),
        [
            (b"{}", "br", "not asked for"),
            (gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "gzip, gzip", "not asked for"),
            (gzip.compress(b'{"id": "x"}', mtime=0)[:-9], "gzip", "cannot be unpacked"),
            (b'{"id": "x"}', "gzip", "cannot be unpacked"),
        ],
    )
    def test_what_cannot_be_unpacked_is_named(self, bench: Bench, body: bytes, encoding: str, problem: str) -> None:
        bench.server.otherwise = lambda request: Reply(200, body, {"Content-Encoding": encoding})
        with pytest.raises(BadAnswer, match=problem):
            bench.client(retries=0).customer(CUSTOMER)

    def test_packed_answers_are_asked_for_and_taken(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: Reply(200, gzip.compress(b'{"id": "x"}'), PACKED)
        assert bench.client().customer(CUSTOMER) == {"id": "x"}
        assert bench.server.requests[0].headers["accept-encoding"] == "gzip"

    def test_a_large_error_is_still_that_error(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: Reply(403, b"x" * 3_000_000)
        with pytest.raises(ApiError) as caught:
            bench.client().customer(CUSTOMER)
        assert caught.value.status == 403


class TestShape:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"id":"x","a":' * 330 + b"1" + b"}" * 330,
            b'{"items":' * 900 + b"[]" + b"}" * 900,
            b'{"items":[{"id":"a","quantity":1e400}]}',
            b'{"items":[{"id":"a","quantity":NaN}]}',
            b'{"items":[{"id":"a","quantity":-Infinity}]}',
            b'{"items":[{"id":"a","quantity":' + b"9" * 5000 + b"}]}",
            b'{"items":[{"id":"a\\ud800"}]}',
        ],
    )
    @pytest.mark.parametrize("status", [200, 400, 503])
    def test_what_nothing_could_handle_later_is_an_error_of_that_request(
        self, bench: Bench, status: int, body: bytes
    ) -> None:
        bench.server.otherwise = lambda request: Reply(status, body)
        client = bench.client(retries=1)
        attempts: list[t.Callable[[], t.Any]] = [
            lambda: list(client.customers()),
            lambda: client.subscriptions(CUSTOMER),
            lambda: client.customer(CUSTOMER),
            lambda: client.support_contact(CUSTOMER, SUBSCRIPTION),
        ]
        if status != 200:
            attempts.append(lambda: patch(bench))
        for attempt in attempts:
            with pytest.raises(RequestError) as caught:
                attempt()
            assert json.loads(json.dumps(caught.value.to_dict()))
            assert str(caught.value).encode()

    def test_a_write_whose_answer_cannot_be_used_has_none(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: Reply(200, b"[" * 900 + b"]" * 900)
        assert patch(bench).body is None


class TestSignIn:
    """Entra's answers come through MSAL, which has no bounds of its own."""

    @pytest.mark.parametrize(
        ("step", "problem"),
        [
            (Drip(), "no whole answer came within 1 second"),
            (Reply(200, gzip.compress(b"x" * 3_000_000), PACKED), "larger than 2 MB"),
            (Reply(200, b'{"a":' * 900 + b"1" + b"}" * 900), "could not be understood|failed"),
            (Reply(503, b"", {"Retry-After": "86400"}), "503"),
        ],
    )
    def test_has_the_same_bounds(self, bench: Bench, monkeypatch: pytest.MonkeyPatch, step: Step, problem: str) -> None:
        monkeypatch.setattr(exchange, "LARGEST", 2_000_000)
        bench.server.otherwise = lambda request: step
        client = bench.client(
            access_token=None,
            client_secret="a-client-secret",
            tenant_id=CUSTOMER,
            client_id=CUSTOMER,
            authority_url=bench.server.url,
            timeout=1,
            retries=0,
        )
        begun = time.monotonic()
        with pytest.raises(CredentialsError, match=problem):
            client.customer(CUSTOMER)
        assert time.monotonic() - begun < 10


class TestEchoes:
    """A server that sends the token back, wherever it can."""

    @pytest.mark.parametrize("is_write", [False, True])
    @pytest.mark.parametrize("status", [200, 400, 404, 429, 503])
    def test_no_part_of_an_error_shows_the_token(self, bench: Bench, status: int, is_write: bool) -> None:
        body = dict.fromkeys(("code", "description", "source", "message"), f"x {ACCESS_TOKEN} y")
        reply = Reply(status, body, {"Location": f"/customers/{ACCESS_TOKEN}"})
        bench.server.otherwise = lambda request: reply
        with pytest.raises(RequestError) as caught:
            patch(bench, retries=0) if is_write else bench.client(retries=0).customer(CUSTOMER)
        assert ACCESS_TOKEN not in json.dumps(caught.value.to_dict()) + str(caught.value)

    def test_nor_the_place_of_an_accepted_write(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: Reply(202, b"", {"Location": f"/customers/{ACCESS_TOKEN}"})
        assert patch(bench).location is None

    def test_nor_the_path_of_a_page(self, bench: Bench) -> None:
        link = {"next": {"uri": f"/customers?token={ACCESS_TOKEN}"}}
        bench.server.script = [Reply(200, {"items": [], "links": link})]
        bench.server.otherwise = lambda request: Reply(403)
        with pytest.raises(ApiError) as caught:
            list(bench.client().customers())
        assert ACCESS_TOKEN not in json.dumps(caught.value.to_dict()) + str(caught.value)
        assert all(ACCESS_TOKEN not in one for one in bench.counter.requests)
