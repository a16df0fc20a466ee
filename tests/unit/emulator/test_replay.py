# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MS-RequestId: a write that was answered is answered again, not carried out again."""

from __future__ import annotations

import pytest

from .hand import Hand, error, guid, read


def test_a_write_is_replayed(pc: Hand) -> None:
    sub, request_id = pc.pick("no_auto_renew"), guid()
    first = pc.patch(sub, {"friendlyName": "one"}, MS_RequestId=request_id)
    pc.set(sub, friendlyName="somebody else")
    second = pc.patch(sub, {"friendlyName": "one"}, MS_RequestId=request_id.upper())
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert pc.get(sub)["friendlyName"] == "somebody else"
    counters = pc.counters()
    assert (counters["writes"], counters["effective_writes"], counters["replayed"]) == (2, 1, 1)


def test_the_stored_answer_comes_whatever_the_body_asks(pc: Hand) -> None:
    sub, request_id = pc.pick("no_auto_renew"), guid()
    pc.patch(sub, {"friendlyName": "one"}, MS_RequestId=request_id)
    second = pc.patch(sub, {"friendlyName": "two"}, MS_RequestId=request_id)
    assert read(second)["friendlyName"] == "one"
    assert pc.get(sub)["friendlyName"] == "one"


def test_refusals_are_replayed_too(pc: Hand) -> None:
    sub, request_id = pc.pick("suspended"), guid()
    assert error(pc.patch(sub, {"friendlyName": "x"}, MS_RequestId=request_id)) == (400, 800091)
    pc.set(sub, status="active")
    assert error(pc.patch(sub, {"friendlyName": "x"}, MS_RequestId=request_id)) == (400, 800091)
    assert pc.patch(sub, {"friendlyName": "x"}, MS_RequestId=guid()).status_code == 200


def test_a_stored_answer_belongs_to_one_resource_and_to_writes(pc: Hand) -> None:
    one, other, request_id = pc.pick("no_auto_renew"), pc.pick("legacy"), guid()
    pc.patch(one, {"friendlyName": "one"}, MS_RequestId=request_id)
    assert read(pc.patch(other, {"friendlyName": "two"}, MS_RequestId=request_id))["friendlyName"] == "two"
    header = {"MS-RequestId": request_id}
    pc.call("GET", one.path, headers=header)
    pc.set(one, friendlyName="three")
    assert read(pc.call("GET", one.path, headers=header))["friendlyName"] == "three"


@pytest.mark.parametrize(("rule", "status", "name"), [("ignore", 200, "two"), ("conflict", 409, "one")])
def test_a_reused_request_id_may_be_ignored_or_refused(pc: Hand, rule: str, status: int, name: str) -> None:
    pc.switch(request_id_reuse=rule)
    sub, request_id = pc.pick("no_auto_renew"), guid()
    pc.patch(sub, {"friendlyName": "one"}, MS_RequestId=request_id)
    assert pc.patch(sub, {"friendlyName": "two"}, MS_RequestId=request_id).status_code == status
    assert pc.get(sub)["friendlyName"] == name


def test_ids_are_forgotten_in_the_end(pc: Hand) -> None:
    pc.switch(request_id_seconds=60)
    sub, request_id = pc.pick("no_auto_renew"), guid()
    pc.patch(sub, {"friendlyName": "one"}, MS_RequestId=request_id)
    pc.advance(61)
    assert read(pc.patch(sub, {"friendlyName": "two"}, MS_RequestId=request_id))["friendlyName"] == "two"


def test_support_profile_and_contact_are_replayed(pc: Hand) -> None:
    request_id = guid()
    body = {"email": "a@example.com", "telephone": "1", "website": "x"}
    for email in ("a@example.com", "b@example.com"):
        pc.call("PUT", "/profiles/support", body | {"email": email}, headers={"MS-RequestId": request_id})
    assert read(pc.call("GET", "/profiles/support"))["email"] == "a@example.com"


def test_without_an_id_nothing_is_remembered(pc: Hand) -> None:
    sub = pc.pick("no_auto_renew")
    for name in ("one", "two"):
        pc.patch(sub, {"friendlyName": name})
    assert pc.get(sub)["friendlyName"] == "two"
