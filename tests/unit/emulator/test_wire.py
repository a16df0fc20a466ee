# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How answers are dressed: ids, byte order mark, error shapes, unknown paths."""

from __future__ import annotations

import re

import pytest

from .hand import Hand, Sub, error, guid, read

BOM = b"\xef\xbb\xbf"
CONTACT = {
    "supportTenantId": "3B33E682-00C3-41EE-9DD2-A548ADF56438",
    "supportMpnId": "4391507",
    "name": "Trey Research",
}


@pytest.fixture
def sub(pc: Hand) -> Sub:
    return pc.pick("nce")


@pytest.mark.parametrize(
    ("rule", "marked"),
    [
        ("documented", {"contact", "profile"}),
        ("all", {"contact", "profile", "subscription", "customers"}),
        ("off", set()),
    ],
)
def test_the_byte_order_mark(pc: Hand, sub: Sub, rule: str, marked: set[str]) -> None:
    pc.switch(bom=rule)
    answers = {
        "contact": pc.call("PUT", f"{pc.pick('legacy').path}/supportcontact", CONTACT),
        "profile": pc.call("GET", "/profiles/support"),
        "subscription": pc.call("GET", sub.path),
        "customers": pc.call("GET", "/customers"),
        "error": pc.call("GET", "/profiles/mpn?mpnId=1"),
    }
    assert {name for name, answer in answers.items() if answer.content.startswith(BOM)} == marked
    for answer in answers.values():
        assert read(answer)


def test_ids_come_back(pc: Hand, sub: Sub) -> None:
    given = {"MS-RequestId": guid(), "MS-CorrelationId": guid()}
    answer = pc.call("GET", sub.path, headers=given)
    assert {name: answer.headers[name] for name in given} == given
    assert re.fullmatch(r"[A-Za-z0-9+/]{16}\.0", answer.headers["MS-CV"])
    assert answer.headers["MS-ServerId"]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    entry = pc.log()[-1]
    assert (entry["request_id"], entry["correlation_id"]) == tuple(given.values())


def test_ids_are_made_up_where_none_are_given_or_wanted(pc: Hand, sub: Sub) -> None:
    assert pc.call("GET", sub.path).headers["MS-RequestId"]
    pc.switch(echo_ids=False)
    given = guid()
    assert pc.call("GET", sub.path, headers={"MS-RequestId": given}).headers["MS-RequestId"] != given


@pytest.mark.parametrize(("rule", "code"), [("number", 20003), ("string", "20003")])
def test_the_type_of_a_code(pc: Hand, sub: Sub, rule: str, code: object) -> None:
    pc.switch(error_code_type=rule)
    body = read(pc.call("GET", f"/customers/{sub.customer}/subscriptions/{guid()}"))
    assert body["code"] == code
    assert set(body) == {"code", "description", "data", "source"}


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v1", "/v1/v1/customers", "/v2/customers", "/customers", "/", "/v1//v1/customers"]
)
def test_what_is_not_there(pc: Hand, path: str) -> None:
    answer = pc.session.get(pc.url + path, headers={"Authorization": f"Bearer {pc.token('app')}"})
    assert (answer.status_code, read(answer)["code"]) == (404, 1000)
    assert path in read(answer)["description"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "{sub}"), ("PUT", "{sub}"), ("POST", "/customers"), ("GET", "/profiles/supportprofile")],
)
def test_methods_that_are_not_taken(pc: Hand, sub: Sub, method: str, path: str) -> None:
    answer = pc.call(method, path.format(sub=sub.path), {}, kind="user")
    assert answer.status_code == 405
    assert answer.headers["Allow"]


def test_the_other_version_number(pc: Hand) -> None:
    answer = pc.session.get(f"{pc.url}/v1.0/customers", headers={"Authorization": f"Bearer {pc.token('app')}"})
    assert answer.status_code == 200


def test_expect_continue_is_tolerated(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    assert pc.patch(sub, {"friendlyName": "x"}, Expect="100-continue").status_code == 200


def test_unicode_comes_through(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    name = 'Zürich 日本 🏔 \u2028 "quoted" \\ {{ 7 * 7 }}'
    assert read(pc.patch(sub, {"friendlyName": name}))["friendlyName"] == name
    assert pc.get(sub)["friendlyName"] == name


def test_latency(pc: Hand, sub: Sub) -> None:
    pc.switch(latency=0.3)
    assert pc.call("GET", sub.path).elapsed.total_seconds() >= 0.3


def test_refusals_need_a_token_first(pc: Hand, sub: Sub) -> None:
    answer = pc.session.get(f"{pc.url}/v1/customers/nonsense")
    assert error(answer) == (401, 800001)
