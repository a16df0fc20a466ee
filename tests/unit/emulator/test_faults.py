# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scripted faults: what they do to the request, and what they leave undone."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from partner_center_emulator.faults import Faults
from partner_center_emulator.given import GivenError

from .hand import Hand, error, guid, read


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"action": "status", "status": 503}, 503),
        ({"action": "error", "status": 500, "code": 800094}, 500),
        ({"action": "html"}, 502),
        ({"action": "body", "body": "not json"}, 200),
        ({"action": "redirect", "location": "https://elsewhere.example/"}, 307),
        ({"action": "throttle", "seconds": 7}, 429),
    ],
)
def test_answers_that_keep_the_request_from_the_service(pc: Hand, rule: dict[str, Any], status: int) -> None:
    sub = pc.pick("no_auto_renew")
    pc.control("POST", "faults", rule | {"match": {"method": "PATCH"}})
    response = pc.call("PATCH", sub.path, {"friendlyName": "x"}, allow_redirects=False)
    assert response.status_code == status
    assert pc.get(sub)["friendlyName"] != "x"
    assert pc.counters()["effective_writes"] == 0
    assert pc.call("PATCH", sub.path, {"friendlyName": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        ({"action": "status", "status": 503}, b'"code":800003'),
        ({"action": "error", "status": 400, "code": 12, "description": "Because"}, b'"description":"Because"'),
        ({"action": "html"}, b"<h1>502 Bad Gateway</h1>"),
        ({"action": "html", "status": 200, "body": "<p>hello</p>"}, b"<p>hello</p>"),
        ({"action": "body", "body": "not json"}, b"not json"),
        ({"action": "body", "body": {"a": 1}}, b'{"a":1}'),
        ({"action": "body", "body": None}, b"null"),
        ({"action": "status", "status": 500, "body": ""}, b""),
        ({"action": "throttle", "seconds": 7}, b"Try again in 7 seconds."),
    ],
)
def test_faults_answer_with_the_given_body(pc: Hand, rule: dict[str, Any], content: bytes) -> None:
    pc.control("POST", "faults", rule)
    assert content in pc.call("GET", pc.pick("nce").path).content


def test_headers_and_type_of_a_made_answer(pc: Hand) -> None:
    pc.fault("status", status=503, headers={"Retry-After": 3}, content_type="text/plain", body="busy")
    response = pc.call("GET", "/customers")
    assert (response.headers["Retry-After"], response.headers["Content-Type"]) == ("3", "text/plain")


@pytest.mark.parametrize(("action", "applied"), [("reset_before", False), ("reset_after", True)])
def test_a_connection_that_breaks(pc: Hand, action: str, applied: bool) -> None:
    sub, request_id = pc.pick("no_auto_renew"), guid()
    pc.fault(action, match={"method": "PATCH"})
    with pytest.raises(requests.ConnectionError):
        pc.patch(sub, {"friendlyName": "x"}, MS_RequestId=request_id)
    assert (pc.get(sub)["friendlyName"] == "x") is applied
    assert pc.patch(sub, {"friendlyName": "x"}, MS_RequestId=request_id).status_code == 200
    counters = pc.counters()
    assert (counters["effective_writes"], counters["replayed"]) == (1, int(applied))
    assert [entry["status"] for entry in pc.log() if entry["method"] == "PATCH"] == [None, 200]


def test_applied_and_then_an_error(pc: Hand) -> None:
    sub, request_id = pc.pick("no_auto_renew"), guid()
    pc.fault("apply_then_status", status=500, match={"method": "PATCH"})
    assert pc.patch(sub, {"friendlyName": "x"}, MS_RequestId=request_id).status_code == 500
    assert pc.get(sub)["friendlyName"] == "x"
    # What the service remembers is its own answer; the error came from a gateway before it.
    assert pc.patch(sub, {"friendlyName": "x"}, MS_RequestId=request_id).status_code == 200
    assert pc.counters()["effective_writes"] == 1


@pytest.mark.parametrize(("action", "applied"), [("apply_then_status", True), ("error", False)])
def test_an_error_that_is_remembered(pc: Hand, action: str, applied: bool) -> None:
    sub, request_id = pc.pick("no_auto_renew"), guid()
    pc.fault(action, status=500, code=800094, store=True, match={"method": "PATCH"})
    answers = [pc.patch(sub, {"friendlyName": "x"}, MS_RequestId=request_id) for _try in range(2)]
    assert [error(answer) for answer in answers] == [(500, 800094)] * 2
    assert (pc.get(sub)["friendlyName"] == "x") is applied
    assert pc.patch(sub, {"friendlyName": "x"}, MS_RequestId=guid()).status_code == 200


def test_a_delay_before_the_service_sees_it(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    pc.fault("delay", seconds=1.5, match={"method": "PATCH"})
    with pytest.raises(requests.ReadTimeout):
        pc.call("PATCH", sub.path, {"friendlyName": "slow"}, timeout=0.5)
    assert pc.get(sub)["friendlyName"] != "slow"
    deadline = time.monotonic() + 10
    while pc.get(sub)["friendlyName"] != "slow" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert pc.counters()["effective_writes"] == 1


def test_a_second_try_overtakes_a_delayed_first(pc: Hand) -> None:
    sub, request_id = pc.pick("no_auto_renew"), guid()
    pc.fault("delay", seconds=1, match={"method": "PATCH"})
    header = {"MS-RequestId": request_id}
    with pytest.raises(requests.ReadTimeout):
        pc.call("PATCH", sub.path, {"friendlyName": "once"}, headers=header, timeout=0.3)
    assert pc.call("PATCH", sub.path, {"friendlyName": "once"}, headers=header).status_code == 200
    time.sleep(1.2)
    assert pc.counters()["effective_writes"] == 1


def test_a_delay_after_it_was_done(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    pc.fault("apply_then_delay", seconds=2, match={"method": "PATCH"})
    with pytest.raises(requests.ReadTimeout):
        pc.call("PATCH", sub.path, {"friendlyName": "done"}, timeout=0.5)
    assert pc.get(sub)["friendlyName"] == "done"


@pytest.mark.parametrize(("show", "name"), [("old", "before"), ("new", "wanted")])
def test_success_that_did_nothing(pc: Hand, show: str, name: str) -> None:
    sub = pc.pick("legacy")
    pc.set(sub, friendlyName="before")
    before = pc.raw(sub)
    pc.fault("not_applied", show=show, match={"method": "PATCH"})
    response = pc.change(sub, friendlyName="wanted")
    assert (response.status_code, read(response)["friendlyName"]) == (200, name)
    assert pc.raw(sub) == before
    assert pc.counters()["effective_writes"] == 0


@pytest.mark.parametrize("show", ["old", "new"])
def test_success_that_did_nothing_to_contact_and_profile(pc: Hand, show: str) -> None:
    sub = pc.pick("legacy")
    path = f"{sub.path}/supportcontact"
    pc.switch(support_contact_none="nulls")
    contact = {
        "supportTenantId": "3B33E682-00C3-41EE-9DD2-A548ADF56438",
        "supportMpnId": "4391507",
        "name": "Trey Research",
    }
    before = read(pc.call("GET", path)), read(pc.call("GET", "/profiles/support"))
    pc.fault("not_applied", times=2, show=show, match={"method": "PUT"})
    assert (read(pc.call("PUT", path, contact))["name"] == "Trey Research") is (show == "new")
    profile = {"email": "new@example.com", "telephone": "1", "website": "x"}
    assert (read(pc.call("PUT", "/profiles/support", profile))["email"] == "new@example.com") is (show == "new")
    assert (read(pc.call("GET", path)), read(pc.call("GET", "/profiles/support"))) == before
    assert pc.counters()["effective_writes"] == 0


def test_a_refusal_stays_one_although_nothing_would_be_applied(pc: Hand) -> None:
    pc.fault("not_applied")
    assert error(pc.change(pc.pick("deleted"), friendlyName="x")) == (400, 2011)


def test_reads_that_lag_behind(pc: Hand) -> None:
    sub = pc.pick("legacy")
    old = pc.get(sub)
    pc.change(sub, friendlyName="new")
    pc.fault("stale_read", times=2, match={"method": "GET"})
    assert pc.get(sub) == old
    items = read(pc.call("GET", f"/customers/{sub.customer}/subscriptions"))["items"]
    assert old in items
    assert pc.get(sub)["friendlyName"] == "new"


@pytest.mark.parametrize(("seconds", "later"), [(10, "x"), (None, "old")])
def test_one_write_is_accepted_for_later(pc: Hand, seconds: float | None, later: str) -> None:
    pc.control("POST", "clock", {"scale": 0})
    sub = pc.pick("no_auto_renew")
    pc.set(sub, friendlyName="old")
    pc.fault("accepted", seconds=seconds, location="v1", match={"method": "PATCH"})
    response = pc.patch(sub, {"friendlyName": "x"})
    assert (response.status_code, response.headers["Location"]) == (202, f"/v1{sub.path}")
    pc.advance(11)
    assert pc.get(sub)["friendlyName"] == later


def test_an_empty_success(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    pc.fault("empty", match={"method": "PATCH"})
    response = pc.patch(sub, {"friendlyName": "x"})
    assert (response.status_code, response.content) == (200, b"")
    assert pc.get(sub)["friendlyName"] == "x"


def test_an_answer_that_breaks_off(pc: Hand) -> None:
    pc.fault("truncate")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        pc.call("GET", pc.pick("nce").path)


def test_skip_times_and_order(pc: Hand) -> None:
    path = pc.pick("nce").path
    pc.fault("status", times=2, skip=1, status=500)
    pc.fault("status", times=None, skip=3, status=503)
    answers = [pc.call("GET", path).status_code for _request in range(7)]
    assert answers == [200, 500, 500, 200, 200, 503, 503]
    assert [rule["used"] for rule in pc.control("GET", "faults")] == [2, 2]


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({"method": "GET,PATCH"}, True),
        ({"method": "put"}, False),
        ({"path": "*/subscriptions/*"}, True),
        ({"path": "/v1/customers/*/SUBSCRIPTIONS/*"}, True),
        ({"path": "*/supportcontact"}, False),
        ({"query_contains": "order_id"}, False),
        ({"body_contains": "wanted"}, True),
        ({"body_contains": "absent"}, False),
    ],
)
def test_what_a_rule_matches(pc: Hand, match: dict[str, str], hit: bool) -> None:
    pc.fault("status", status=503, match=match)
    answer = pc.call("PATCH", pc.pick("nce").path, {"friendlyName": "wanted"})
    assert answer.status_code == (503 if hit else 200)


def test_one_customer_only(pc: Hand) -> None:
    one, other = pc.pick("nce"), pc.pick("marketplace")
    pc.fault("error", times=None, status=403, code=20002, match={"customer": one.customer.upper()})
    assert error(pc.call("GET", one.path)) == (403, 20002)
    assert pc.call("GET", other.path).status_code == 200


def test_chance_repeats_with_the_seed() -> None:
    def drawn() -> list[bool]:
        faults = Faults(3)
        faults.add({"action": "status", "times": None, "probability": 0.3})
        return [faults.find("GET", "/v1/customers", "", b"") is not None for _request in range(200)]

    assert drawn() == drawn()
    assert 30 < sum(drawn()) < 90


@pytest.mark.parametrize("rule", [{}, {"action": "explode"}, {"action": "status", "match": {"colour": "x"}}, [1], "x"])
def test_invalid_fault_rules_are_refused(rule: Any) -> None:
    with pytest.raises(GivenError):
        Faults().add(rule)


def test_fault_rules_are_refused_over_http_and_can_be_cleared(pc: Hand) -> None:
    response = pc.session.post(f"{pc.url}/_emulator/faults", json={"action": "explode"})
    assert (response.status_code, "explode" in response.json()["error"]) == (400, True)
    pc.control("POST", "faults", [{"action": "status"}, {"action": "html"}])
    assert len(pc.control("GET", "faults")) == 2
    assert pc.control("DELETE", "faults") == []
    assert pc.call("GET", "/customers").status_code == 200
