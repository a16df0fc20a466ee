# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tries, ids, throttling and decoding, over real TLS."""

from __future__ import annotations

import json
import socket
import threading
import typing as t
import uuid
from email.utils import formatdate

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import (
    AmbiguousWrite,
    ApiError,
    BadAnswer,
    RequestError,
    Stopped,
    TransportError,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings

from .conftest import ACCESS_TOKEN, Bench
from .scripted import Reply, Reset, ScriptedServer, Silence

CUSTOMER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
SUBSCRIPTION = "c8d8fbab-6a62-44dc-be50-b7c74e43a296"
PATH = f"/v1/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}"
HTML = b"<html><head><title>x</title></head><body><h1>502</h1> Bad &amp; Gateway</body></html>"
BOM = b"\xef\xbb\xbf"


def patch(bench: Bench, request_id: str = "11111111-2222-3333-4444-555555555555", **options: t.Any) -> t.Any:
    client = bench.client(**options)
    return client.patch_subscription(CUSTOMER, SUBSCRIPTION, {"friendlyName": "näme"}, request_id=request_id)


class TestHeaders:
    def test_a_read_carries_what_partner_center_documents(self, bench: Bench) -> None:
        bench.client(locale="de-DE").customer(CUSTOMER)
        [request] = bench.server.requests
        assert request.target == f"/v1/customers/{CUSTOMER}"
        assert request.headers["authorization"] == f"Bearer {ACCESS_TOKEN}"
        assert request.headers["accept"] == "application/json"
        assert request.headers["x-locale"] == "de-DE"
        assert request.headers["ms-partnercenter-client"]
        assert "content-type" not in request.headers
        assert "ms-partnercenter-application" not in request.headers
        for value in request.ids:
            assert str(uuid.UUID(value)) == value

    def test_a_write_carries_body_etag_and_change_reference(self, bench: Bench) -> None:
        bench.client().patch_subscription(
            CUSTOMER, SUBSCRIPTION, {"a": "ü"}, request_id="r" * 8, if_match="abc", application=" CHG-1 on Monday "
        )
        [request] = bench.server.requests
        assert (request.method, request.target) == ("PATCH", PATH)
        assert request.headers["content-type"] == "application/json"
        assert request.headers["if-match"] == '"abc"'
        assert request.headers["ms-partnercenter-application"] == "CHG-1 on Monday"
        assert request.body == '{"a":"ü"}'.encode()
        assert request.headers["ms-requestid"] == "r" * 8

    @pytest.mark.parametrize("etag", ['"quoted"', 'W/"weak"'])
    def test_a_quoted_etag_stays_as_it_is(self, bench: Bench, etag: str) -> None:
        bench.client().patch_subscription(CUSTOMER, SUBSCRIPTION, {}, request_id="r" * 8, if_match=etag)
        assert bench.server.requests[0].headers["if-match"] == etag

    @pytest.mark.parametrize("etag", ["", "line\r\nbreak", "é"])
    def test_what_cannot_stand_in_a_header_is_left_out(self, bench: Bench, etag: str) -> None:
        bench.client().patch_subscription(CUSTOMER, SUBSCRIPTION, {}, request_id="r" * 8, if_match=etag)
        assert "if-match" not in bench.server.requests[0].headers


class TestReads:
    @pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
    def test_are_tried_again_with_one_request_id_and_new_correlation_ids(self, bench: Bench, status: int) -> None:
        bench.server.script = [Reply(status), Reply(status, HTML), Reply(200, {"id": "there"})]
        assert bench.client().customer(CUSTOMER) == {"id": "there"}
        assert len({request.ids[0] for request in bench.server.requests}) == 1
        assert len({request.ids[1] for request in bench.server.requests}) == 3
        assert bench.time.waits == [1.0, 2.0]
        assert bench.counter.repeats == 2
        assert len(bench.counter.requests) == 3

    @pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 417, 501])
    def test_of_what_is_final_are_not_tried_again(self, bench: Bench, status: int) -> None:
        bench.server.script = [Reply(status, {"code": 4711, "description": "No.", "source": "PartnerFD"})]
        with pytest.raises(ApiError) as caught:
            bench.client().customer(CUSTOMER)
        error = caught.value
        assert (error.status, error.code, error.description, error.source) == (status, "4711", "No.", "PartnerFD")
        assert (error.request_id, error.correlation_id) == bench.server.requests[0].ids
        assert len(bench.server.requests) == 1
        assert error.request_id in str(error)
        assert error.correlation_id in str(error)

    def test_end_with_the_last_answer_when_the_tries_are_used_up(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: Reply(502, HTML)
        with pytest.raises(ApiError) as caught:
            bench.client(retries=2).customer(CUSTOMER)
        assert len(bench.server.requests) == 3
        assert caught.value.correlation_id == bench.server.requests[-1].ids[1]
        assert caught.value.description == "the answer was HTML: 502 Bad & Gateway"

    def test_without_retries_are_sent_once(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: Reply(503)
        with pytest.raises(ApiError):
            bench.client(retries=0).customer(CUSTOMER)
        assert len(bench.server.requests) == 1

    def test_wait_as_long_as_a_busy_server_asks(self, bench: Bench) -> None:
        bench.server.script = [Reply(503, b"", {"Retry-After": "17"})]
        bench.client().customer(CUSTOMER)
        assert bench.time.waits == [17.0]

    def test_do_not_wait_for_hours(self, bench: Bench) -> None:
        bench.server.script = [Reply(503, b"", {"Retry-After": "7200"})]
        with pytest.raises(ApiError) as caught:
            bench.client().customer(CUSTOMER)
        assert caught.value.retry_after == 7200
        assert bench.time.waits == []

    @pytest.mark.parametrize("reset", [Reset("head"), Reset("body"), Reply(200, b'{"id": "long enough"}', cut=5)])
    def test_are_tried_again_after_a_lost_connection(self, bench: Bench, reset: t.Any) -> None:
        bench.server.script = [reset, reset, Reply(200, {"id": "there"})]
        assert bench.client().customer(CUSTOMER) == {"id": "there"}
        assert len({request.ids[0] for request in bench.server.requests}) == 1
        assert len({request.ids[1] for request in bench.server.requests}) == 3

    def test_that_never_get_an_answer_are_transport_errors(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: Reset()
        with pytest.raises(TransportError, match="no answer came") as caught:
            bench.client(retries=1).customer(CUSTOMER)
        assert caught.value.correlation_id == bench.server.requests[1].ids[1]
        assert caught.value.method == "GET"
        assert caught.value.path == f"/v1/customers/{CUSTOMER}"

    def test_give_up_on_silence_after_the_timeout(self, bench: Bench) -> None:
        bench.server.script = [Silence()]
        assert bench.client(timeout=1).customer(CUSTOMER) == {"id": "x"}
        assert len(bench.server.requests) == 2

    def test_allow_a_byte_order_mark(self, bench: Bench) -> None:
        bench.server.script = [Reply(200, BOM + b'{"id": "\xc3\xbc"}')]
        assert bench.client().customer(CUSTOMER) == {"id": "ü"}

    @pytest.mark.parametrize("body", [HTML, b"", BOM, b"  \r\n", b'{"id": ', b"\xff\xfe{}"])
    def test_that_cannot_be_understood_are_tried_again_then_refused(self, bench: Bench, body: bytes) -> None:
        bench.server.otherwise = lambda request: Reply(200, body)
        with pytest.raises(BadAnswer):
            bench.client(retries=2).customer(CUSTOMER)
        assert len(bench.server.requests) == 3
        bench.server.script = [Reply(200, body), Reply(200, {"id": "there"})]
        assert bench.client().customer(CUSTOMER) == {"id": "there"}

    @pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"3"])
    def test_of_one_resource_must_give_an_object(self, bench: Bench, body: bytes) -> None:
        bench.server.otherwise = lambda request: Reply(200, body)
        with pytest.raises(BadAnswer):
            bench.client(retries=0).customer(CUSTOMER)

    def test_reuse_the_connection(self, bench: Bench) -> None:
        client = bench.client()
        for _number in range(5):
            client.customer(CUSTOMER)
        assert bench.server.connections == 1


class TestWrites:
    @pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
    def test_with_an_unclear_answer_are_ambiguous(self, bench: Bench, status: int) -> None:
        bench.server.script = [Reply(status, {"code": "800094", "description": "Failed"}, {"Retry-After": "3"})]
        with pytest.raises(AmbiguousWrite) as caught:
            patch(bench)
        error = caught.value
        assert (error.status, error.code, error.retry_after) == (status, "800094", 3)
        assert (error.request_id, error.correlation_id) == bench.server.requests[0].ids
        assert "Failed" in str(error)
        assert len(bench.server.requests) == 1

    @pytest.mark.parametrize("reset", [Reset("head"), Reset("body")])
    def test_whose_connection_breaks_are_ambiguous(self, bench: Bench, reset: Reset) -> None:
        bench.server.script = [reset]
        with pytest.raises(AmbiguousWrite) as caught:
            patch(bench)
        assert caught.value.status is None
        assert len(bench.server.requests) == 1

    def test_on_a_kept_connection_that_breaks_are_ambiguous(self, bench: Bench) -> None:
        client = bench.client()
        client.customer(CUSTOMER)
        bench.server.script = [Reset("body")]
        with pytest.raises(AmbiguousWrite):
            client.patch_subscription(CUSTOMER, SUBSCRIPTION, {}, request_id="r" * 8)
        assert [request.connection for request in bench.server.requests] == [1, 1]

    def test_without_answer_in_time_are_ambiguous(self, bench: Bench) -> None:
        bench.server.script = [Silence()]
        with pytest.raises(AmbiguousWrite):
            patch(bench, timeout=1)
        assert len(bench.server.requests) == 1

    def test_are_tried_again_when_the_connection_is_refused(
        self, bench: Bench, serve: t.Callable[..., ScriptedServer]
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as placeholder:
            port = placeholder.getsockname()[1]
        later: list[ScriptedServer] = []

        def after_two(seconds: float) -> None:
            if len(bench.time.waits) == 2:
                later.append(serve(port))

        bench.time.on_sleep = after_two
        answer = patch(bench, api_url=f"https://127.0.0.1:{port}")
        assert answer.body == {"id": "x"}
        assert [request.headers["ms-requestid"] for request in later[0].requests] == [answer.request_id]
        assert later[0].requests[0].headers["ms-correlationid"] == answer.correlation_id
        assert bench.time.waits == [1.0, 2.0]

    def test_that_never_leave_are_transport_errors(self, bench: Bench) -> None:
        bench.server.close()
        with pytest.raises(TransportError, match="nothing was sent"):
            patch(bench, retries=2)
        assert len(bench.time.waits) == 2

    def test_are_tried_again_when_the_handshake_breaks(self, bench: Bench) -> None:
        bench.server.broken_handshakes = 2
        assert patch(bench).status == 200
        assert len(bench.server.requests) == 1
        assert bench.server.connections == 3

    def test_to_a_name_that_does_not_exist_never_leave(self, bench: Bench) -> None:
        said = r"nothing was sent: .*The name in https://partner-center\.invalid is not known here: check api_url"
        with pytest.raises(TransportError, match=said):
            patch(bench, api_url="https://partner-center.invalid", retries=0)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 417])
    def test_that_are_refused_are_not_tried_again(self, bench: Bench, status: int) -> None:
        bench.server.script = [Reply(status, {"code": "2055", "description": "No."})]
        with pytest.raises(ApiError) as caught:
            patch(bench)
        assert caught.value.status == status
        assert len(bench.server.requests) == 1

    @pytest.mark.parametrize("body", [b"", BOM, HTML, b'{"id":', b"\xff"])
    def test_answered_with_success_but_no_readable_body_have_none(self, bench: Bench, body: bytes) -> None:
        bench.server.script = [Reply(200, body)]
        answer = patch(bench)
        assert (answer.status, answer.body) == (200, None)
        assert len(bench.server.requests) == 1

    def test_whose_answer_breaks_off_after_success_have_no_body(self, bench: Bench) -> None:
        bench.server.script = [Reply(200, b'{"id": "long enough"}', cut=5)]
        assert patch(bench).body is None

    def test_that_are_accepted_tell_where_to_look(self, bench: Bench) -> None:
        bench.server.script = [Reply(202, b"", {"location": "/customers/a"})]
        answer = patch(bench)
        assert (answer.status, answer.body, answer.location) == (202, None, "/customers/a")


class TestThrottling:
    def test_waits_the_seconds_and_repeats_with_the_same_request_id(self, bench: Bench) -> None:
        body = {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds."}
        bench.server.script = [Reply(429, body, {"Retry-After": "57"})]
        answer = patch(bench)
        assert answer.status == 200
        assert bench.time.waits == [57.0]
        assert len({request.ids[0] for request in bench.server.requests}) == 1
        assert len({request.ids[1] for request in bench.server.requests}) == 2
        assert bench.counter.throttles == [(57.0, CUSTOMER)]
        assert bench.counter.repeats == 1

    def test_waits_until_a_date(self, bench: Bench) -> None:
        date = formatdate(bench.time.wall() + 30, usegmt=True)
        bench.server.script = [Reply(429, b"", {"Retry-After": date})]
        bench.client().customer(CUSTOMER)
        assert bench.time.waits == [30.0]

    def test_measures_a_date_against_the_servers_own_clock(self, bench: Bench) -> None:
        skewed = bench.time.wall() + 86400
        headers = {"Retry-After": formatdate(skewed + 30, usegmt=True), "Date": formatdate(skewed, usegmt=True)}
        bench.server.script = [Reply(429, b"", headers)]
        bench.client().customer(CUSTOMER)
        assert bench.time.waits == [30.0]

    def test_takes_the_gateways_text_where_there_is_no_header(self, bench: Bench) -> None:
        bench.server.script = [Reply(429, {"statusCode": 429, "message": "Try again in 12 seconds."})]
        bench.client().customer(CUSTOMER)
        assert bench.time.waits == [12.0]

    @pytest.mark.parametrize("header", ["", "soon", "-5"])
    def test_waits_longer_each_time_where_the_server_says_nothing(self, bench: Bench, header: str) -> None:
        bench.server.script = [Reply(429, b"", {"Retry-After": header})] * 3
        bench.client().customer(CUSTOMER)
        assert bench.time.waits == [5.0, 10.0, 20.0]

    def test_does_not_hammer_when_the_server_says_zero(self, bench: Bench) -> None:
        bench.server.script = [Reply(429, b"", {"Retry-After": "0"})]
        bench.client().customer(CUSTOMER)
        assert bench.time.waits == [0.5]

    def test_uses_up_no_tries_while_anything_is_accepted(self, bench: Bench) -> None:
        client = bench.client(retries=1)
        bench.server.otherwise = lambda request: Reply(200, {"id": "x"})

        def accepted_meanwhile(seconds: float) -> None:
            bench.time.on_sleep = lambda seconds: None
            bench.server.script.insert(0, Reply(200, {"id": "other"}))
            client.customer("other")
            bench.time.on_sleep = accepted_meanwhile

        bench.time.on_sleep = accepted_meanwhile
        bench.server.script = [Reply(429, b"", {"Retry-After": "2"})] * 20 + [Reply(502)]
        assert client.customer(CUSTOMER) == {"id": "x"}
        assert len([one for one in bench.server.requests if CUSTOMER in one.target]) == 22

    @pytest.mark.parametrize("retries", [0, 2])
    def test_without_end_is_given_up_after_so_many_closings_in_a_row(self, bench: Bench, retries: int) -> None:
        bench.server.otherwise = lambda request: Reply(429, b"", {"Retry-After": "1"})
        for attempt in (lambda: patch(bench, retries=retries), lambda: bench.client(retries=retries).customer("c")):
            bench.server.requests.clear()
            with pytest.raises(ApiError) as caught:
                attempt()
            assert caught.value.status == 429
            assert "requests_per_minute" in str(caught.value)
            assert len(bench.server.requests) == retries + 1

    @pytest.mark.parametrize(
        "asked", ["301", "86400", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"]
    )
    @pytest.mark.parametrize("status", [429, 503])
    def test_for_longer_than_is_waited_for_is_named_at_once(self, bench: Bench, status: int, asked: str) -> None:
        bench.server.otherwise = lambda request: Reply(status, {"description": "Slow down"}, {"Retry-After": asked})
        failures: list[RequestError] = []
        for attempt in (lambda: patch(bench), lambda: bench.client().customer(CUSTOMER)):
            with pytest.raises(
                RequestError, match=r"Slow down\. It asks to wait [0-9]+ seconds \(Retry-After\)"
            ) as caught:
                attempt()
            failures.append(caught.value)
        assert isinstance(failures[0], AmbiguousWrite if status == 503 else ApiError)
        assert isinstance(failures[1], ApiError)
        assert all(json.loads(json.dumps(one.to_dict()))["retry_after"] > 300 for one in failures)
        assert bench.time.waits == []
        assert len(bench.server.requests) == 2

    def test_others_are_not_kept_at_a_gate_that_is_closed_for_too_long(self, bench: Bench) -> None:
        client = bench.client()
        bench.server.otherwise = lambda request: Reply(429, b"", {"Retry-After": "86400"})
        with pytest.raises(ApiError):
            client.customer(CUSTOMER)
        with pytest.raises(TransportError, match=r"not sent: .* 86400 seconds \(Retry-After\).*requests_per_minute"):
            client.customer(CUSTOMER)
        assert len(bench.server.requests) == 1
        assert bench.time.waits == []

    def test_of_one_customer_does_not_hold_up_another(self, bench: Bench) -> None:
        bench.server.script = [Reply(200, {"id": 1}), Reply(429, b"", {"Retry-After": "50"})]
        client = bench.client()
        client.customer("other")
        order: list[str] = []

        def meanwhile(seconds: float) -> None:
            bench.time.on_sleep = lambda seconds: None
            client.customer("other")
            order.append("other")

        bench.time.on_sleep = meanwhile
        client.customer(CUSTOMER)
        assert order == ["other"]
        assert bench.time.waits == [50.0]

    def test_requests_per_minute_spaces_requests(self, bench: Bench) -> None:
        client = bench.client(requests_per_minute=30)
        for _number in range(4):
            client.customer(CUSTOMER)
        assert bench.time.waits == [2.0, 2.0, 2.0]


class TestStopping:
    def client(self, bench: Bench, stopped: t.Callable[[], bool]) -> t.Any:
        given = {"access_token": ACCESS_TOKEN, "api_url": bench.server.url, "ca_path": str(bench.authority.path)}
        return connect(
            resolve_connection(given, {}),
            redactor=bench.redactor,
            surroundings=Surroundings(stopped),
        )

    def test_ends_a_wait_at_the_gate(self, bench: Bench) -> None:
        event = threading.Event()

        def refuse(request: t.Any) -> Reply:
            event.set()
            return Reply(429, b"", {"Retry-After": "200"})

        bench.server.otherwise = refuse
        with pytest.raises(Stopped, match="refused with 429"):
            self.client(bench, event.is_set).patch_subscription(CUSTOMER, SUBSCRIPTION, {}, request_id="r" * 8)
        assert len(bench.server.requests) == 1

    def test_ends_a_wait_between_tries_and_names_the_error(self, bench: Bench) -> None:
        event = threading.Event()

        def refuse(request: t.Any) -> Reply:
            event.set()
            return Reply(503, b"", {"Retry-After": "200"})

        bench.server.otherwise = refuse
        with pytest.raises(Stopped, match=r"not sent again .*503"):
            self.client(bench, event.is_set).customer(CUSTOMER)
        assert len(bench.server.requests) == 1
