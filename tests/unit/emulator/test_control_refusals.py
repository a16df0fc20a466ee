# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What control requests cannot hold is refused in words, and what they take is served: no test gets a traceback."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from partner_center_emulator.faults import ACTIONS, Faults
from partner_center_emulator.given import GivenError
from partner_center_emulator.switches import CATALOGUE, SwitchError, Switches

from .hand import Hand, read

HALF = "\ud800"
ODD: list[Any] = [
    None, True, -1, 1.5, 10**30, float("inf"), float("nan"), "x", HALF, "a\r\nb: c", [], {}, [None], {"a": None},
]  # fmt: skip


def bodies_of(name: str, values: list[Any]) -> list[tuple[dict[str, Any], str]]:
    return [({name: value}, name) for value in values]


SUBSCRIPTION: list[tuple[dict[str, Any], str]] = [
    *bodies_of("quantity", [None, "x", -1, 10**30]),
    *bodies_of("commitmentEndDate", [1, "soon", [None]]),
    *bodies_of("attributes", ["x", [1]]),
    *bodies_of("scheduledActions", ["x", [None]]),
    *bodies_of("$unset", ["x", [1]]),
    ({"$unset": ["quantity"]}, "quantity"),
]
REFUSED: dict[tuple[str, str], list[tuple[Any, str]]] = {
    ("POST", "faults"): [
        ({"action": "error", "code": None}, "a rule of action error: code"),
        ({"action": "status", "status": "busy"}, "a rule of action status: status"),
        ({"action": "status", "colour": 1}, "colour"),
        ({"action": "status", "match": {"customer": None}}, "match: customer"),
        ({"action": "status", "match": None}, "match"),
        ({"action": []}, "action"),
        ([{"action": "status"}, {"action": "delay", "seconds": HALF}], "seconds"),
        ([None], "a rule"),
    ],
    ("PATCH", "switches"): [(None, "body"), ([], "body"), ({"throttle_limit": 1.5}, "throttle_limit")],
    ("POST", "clock"): [
        *[({name: value}, name) for name in ("now", "advance", "scale") for value in (None, True, "x", float("inf"))],
        ({"advance": 1e11}, "2999"),
        ({"now": "9999-12-31"}, "now"),
        ({"sclae": 60}, "sclae"),
        ([], "the clock"),
    ],
    ("POST", "tokens"): [({"expire": "all"}, "expire"), ({"revoke": 5}, "revoke"), ({"x": 1}, "x"), ([], "tokens")],
    ("PATCH", "{customer}"): [({"relationship": "gone"}, "relationship"), ({"x": 1}, "x"), ([], "customer")],
    ("PATCH", "{subscription}"): [*SUBSCRIPTION, ([], "subscription")],
    ("PUT", "{subscription}"): [({}, "quantity"), (5, "subscription")],
    ("POST", "{subscription}/hooks"): [
        ({"method": "PUT", "change": {}}, "method"),
        ({"nth": "soon", "change": {}}, "nth"),
        ({"nth": 0, "change": {}}, "nth"),
        ({"change": 5}, "change"),
        *[({"change": change}, word) for change, word in SUBSCRIPTION],
        ({}, "change"),
        ([], "hook"),
    ],
    ("PUT", "{subscription}/supportcontact"): [([], "body"), ("x", "body")],
    ("PUT", "profiles/support"): [([], "body")],
    ("GET", "requests?since=x"): [(None, "since")],
    ("GET", "requests?sinse=1"): [(None, "sinse")],
    ("GET", "fleet?limit=x"): [(None, "limit")],
    ("GET", "fleet?knd=nce"): [(None, "knd")],
}


def places(pc: Hand) -> dict[str, str]:
    sub = pc.pick("nce")
    return {"customer": f"customers/{sub.customer}", "subscription": sub.path[1:]}


@pytest.mark.parametrize(("method", "path"), REFUSED)
def test_a_control_request_is_refused_in_words(pc: Hand, method: str, path: str) -> None:
    url = f"{pc.url}/_emulator/{path.format(**places(pc))}"
    for body, word in REFUSED[method, path]:
        answer = pc.session.request(method, url, data=None if method == "GET" else json.dumps(body))
        assert (answer.status_code, set(answer.json())) == (400, {"error"}), body
        assert word in answer.json()["error"], body
    assert pc.control("GET", "faults") == []


@pytest.mark.parametrize("path", ["faults", "clock", "tokens", "{subscription}/hooks"])
@pytest.mark.parametrize("body", [b"[", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_is_refused(pc: Hand, path: str, body: bytes) -> None:
    answer = pc.session.post(f"{pc.url}/_emulator/{path.format(**places(pc))}", data=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "the body is not valid JSON")


@pytest.mark.parametrize("action", ACTIONS)
def test_an_option_of_a_fault_is_taken_or_named(action: str) -> None:
    options = {name for kinds in ACTIONS.values() for name in kinds} | {"times", "skip", "probability", "colour"}
    for name, value in itertools.product(sorted(options), ODD):
        try:
            Faults().add({"action": action, name: value})
        except GivenError as error:
            assert name in str(error)  # noqa: PT017 - either of both
            assert action in str(error)  # noqa: PT017
        else:
            assert name in {*ACTIONS[action], "times", "skip", "probability"}


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_switch_takes_a_value_or_names_it(name: str) -> None:
    for value in [*ODD, 10**9, "9" * 30]:
        try:
            taken = Switches({name: value})[name]
        except SwitchError as error:
            assert name in str(error)  # noqa: PT017 - either of both
        else:
            assert isinstance(taken, type(CATALOGUE[name].default)) or taken in CATALOGUE[name].allowed


DEEP: Any = json.loads("[" * 900 + "]" * 900)


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "body", "body": None},
        {"action": "body", "body": DEEP},
        {"action": "body", "body": {"id": HALF, "quantity": float("inf")}},
        {"action": "body", "status": 204, "body": "text"},
        {"action": "status", "status": "304", "code": "900278"},
        {"action": "error", "headers": {"Retry-After": 3}, "content_type": "text/plain"},
        {"action": "html", "headers": {"X-Odd": "é"}, "body": ""},
    ],
)
def test_what_a_fault_takes_is_served(pc: Hand, rule: dict[str, Any]) -> None:
    pc.control("POST", "faults", {"match": {"path": "/v1/*"}, **rule})
    sub = pc.pick("nce")
    assert pc.call("GET", sub.path).status_code == int(
        rule.get("status", {"html": 502, "error": 500}.get(rule["action"], 200))
    )
    # On the same connection.
    assert read(pc.call("GET", sub.path))["id"] == sub.id
