# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API and the switches."""

from __future__ import annotations

import json
from typing import Any

import pytest
from partner_center_emulator.control import is_loopback
from partner_center_emulator.journal import Journal
from partner_center_emulator.switches import CATALOGUE, SwitchError, Switches

from .hand import Hand, read


def test_health_shows_status_and_size(pc: Hand) -> None:
    health = pc.control("GET", "health")
    assert (health["status"], health["customers"], health["subscriptions_per_customer"]) == ("ok", 12, 10)


def test_requests_are_kept_without_secrets(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    pc.patch(sub, {"friendlyName": "Zürich"}, MS_PartnerCenter_Application="CHG0042")
    pc.sign_in()
    content = json.dumps(pc.log())
    assert pc.token("app") not in content
    assert pc.facts["refresh_token"] not in content
    entry = next(entry for entry in pc.log() if entry["method"] == "PATCH")
    assert entry["headers"]["authorization"].startswith("sha256:")
    assert entry["headers"]["ms-partnercenter-application"] == "CHG0042"
    assert json.loads(entry["body"]) == {"friendlyName": "Zürich"}
    assert (entry["path"], entry["status"], entry["effective"]) == (f"/v1{sub.path}", 200, True)
    assert entry["endpoint"] == "customers/{id}/subscriptions/{id}"


def test_requests_since_and_none(pc: Hand) -> None:
    sub = pc.pick("nce")
    for _request in range(3):
        pc.get(sub)
    entries = pc.log()
    assert [entry["n"] for entry in pc.control("GET", "requests", since=str(entries[-2]["n"]))] == [entries[-1]["n"]]
    assert pc.control("DELETE", "requests") == []
    assert pc.log() == []


def test_the_log_is_bounded() -> None:
    journal = Journal(3)
    for number in range(5):
        journal.open(number, "GET", "/", "", [], b"")
    assert [entry["n"] for entry in journal.entries()] == [3, 4, 5]


def test_counters_count_requests_and_writes(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    pc.get(sub)
    pc.patch(sub, {"friendlyName": "x"})
    pc.patch(sub, {"friendlyName": "x"})
    pc.patch(pc.pick("deleted"), {"friendlyName": "x"})
    counters = pc.counters()
    assert counters["total"] == 4
    assert counters["by_method"] == {"GET": 1, "PATCH": 3}
    assert (counters["writes"], counters["effective_writes"], counters["throttled"]) == (3, 1, 0)
    assert counters["by_endpoint"] == {"customers/{id}/subscriptions/{id}": 4}
    assert counters["by_status"] == {"200": 3, "400": 1}
    assert pc.control("DELETE", "counters")["total"] == 0


def test_the_raw_subscription_can_be_replaced(pc: Hand) -> None:
    sub = pc.pick("legacy")
    raw = pc.raw(sub)
    wanted = {"id": raw["id"], "quantity": 1, "attributes": {"etag": "x"}}
    assert pc.control("PUT", sub.path[1:], wanted) == wanted
    assert pc.get(sub) == wanted


def test_a_raw_change_is_somebody_elses_write(pc: Hand) -> None:
    sub = pc.pick("legacy")
    before = pc.get(sub)
    pc.set(sub, quantity=3, **{"$unset": ["publisherName"]})
    after = pc.get(sub)
    assert after["quantity"] == 3
    assert "publisherName" not in after
    assert after["attributes"] != before["attributes"]
    assert pc.counters()["effective_writes"] == 0


def test_contact_and_profile_can_be_set(pc: Hand) -> None:
    path = f"{pc.pick('legacy').path}/supportcontact"
    pc.control("PUT", path[1:], {"supportTenantId": None, "supportMpnId": None, "name": "Odd"})
    assert read(pc.call("GET", path))["name"] == "Odd"
    pc.control("DELETE", path[1:])
    assert read(pc.call("GET", path))["name"] == "Adatum Distribution"
    pc.control("PUT", "profiles/support", {"email": "only@example.com"})
    assert "website" not in read(pc.call("GET", "/profiles/support"))


def test_the_fleet_is_narrowed(pc: Hand) -> None:
    sub = pc.pick("azure_plan")
    assert [item["id"] for item in pc.control("GET", "fleet", customer=sub.customer.upper())["customers"]] == [
        sub.customer
    ]
    tagged = pc.control("GET", "fleet", kind="usage")["customers"]
    assert {"azure_plan", "legacy_azure"} <= {item["kind"] for customer in tagged for item in customer["subscriptions"]}
    assert len(pc.control("GET", "fleet", limit="2")["customers"]) == 2


def test_reset_forgets_everything(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    before = pc.get(sub)
    pc.switch(bom="all", throttle_limit=1)
    pc.fault("status", times=None)
    pc.advance(days=400)
    pc.set(sub, friendlyName="x")
    pc.control("PATCH", f"customers/{sub.customer}", {"relationship": "none"})
    pc.control("POST", "reset")
    pc.new_token("app")
    assert pc.get(sub) == before
    assert pc.control("GET", "switches")["bom"] == "documented"
    assert pc.control("GET", "faults") == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "customers/x"), ("GET", "customers/x/subscriptions/y"), ("POST", "customers/x/subscriptions/y/hooks")],
)
def test_what_control_does_not_know(pc: Hand, method: str, path: str) -> None:
    answer = pc.session.request(method, f"{pc.url}/_emulator/{path}", json={})
    assert (answer.status_code, "no such" in answer.json()["error"]) == (404, True)


@pytest.mark.parametrize(
    ("path", "body"),
    [("switches", b"["), ("switches", b"[1]"), ("switches", b'{"colour": 1}'), ("switches", b'{"bom": "x"}')],
)
def test_invalid_switches_are_refused_by_the_control_api(pc: Hand, path: str, body: bytes) -> None:
    answer = pc.session.patch(f"{pc.url}/_emulator/{path}", data=body)
    assert (answer.status_code, set(answer.json())) == (400, {"error"})


@pytest.mark.parametrize(
    ("client", "here"),
    [
        (("127.0.0.1", 1), True),
        (("::1", 1), True),
        (("::ffff:127.0.0.1", 1), True),
        (("10.0.0.1", 1), False),
        (None, False),
    ],
)
def test_control_is_for_this_machine(client: tuple[str, int] | None, here: bool) -> None:
    assert is_loopback(client) is here


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_switch_takes_its_default_and_its_values(name: str) -> None:
    switch = CATALOGUE[name]
    assert Switches({name: switch.default})[name] == switch.default
    for value in switch.allowed:
        assert Switches({name: value})[name] == ([value] if switch.kind is list else value)
    assert switch.about


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("echo_ids", "off", False), ("throttle_limit", "500", 500), ("latency", "0.05", 0.05),
        ("list_omits", '["a", "b"]', ["a", "b"]), ("accepted_delay", "never", "never"), ("accepted_delay", "2", 2.0),
        ("list_omits", "", []), ("patch_answer", 202, "202"), ("continuation_in", "body", ["body"]),
    ],
)  # fmt: skip
def test_switches_read_text(name: str, given: Any, value: Any) -> None:
    assert Switches({name: given})[name] == value


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("echo_ids", "perhaps"),
        ("throttle_limit", "many"),
        ("throttle_limit", True),
        ("throttle_limit", -1),
        ("throttle_limit", "inf"),
        ("latency", "nan"),
        ("latency", float("nan")),
        ("latency", float("inf")),
        ("latency", -0.1),
        ("accepted_delay", -1),
        ("accepted_delay", "sometimes"),
        ("continuation_in", "pocket"),
        ("bom", 5),
        ("x", 1),
    ],
)
def test_switches_refuse_invalid_values(name: str, given: Any) -> None:
    with pytest.raises(SwitchError, match=name):
        Switches({name: given})
