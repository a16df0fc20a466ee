# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two who write at once, and writes that take their time."""

from __future__ import annotations

from typing import Any

import pytest

from .hand import Hand, error, guid, read


def etag(resource: dict[str, Any]) -> str:
    return str(resource["attributes"]["etag"])


def patches(pc: Hand) -> list[dict[str, Any]]:
    return [entry for entry in pc.log() if entry["method"] == "PATCH"]


def test_every_change_of_legacy_has_a_new_etag(pc: Hand) -> None:
    sub = pc.pick("legacy")
    before = pc.get(sub)
    after = read(pc.change(sub, friendlyName="x"))
    assert etag(after) != etag(before)
    assert etag(pc.get(sub)) == etag(after)


def test_a_stale_body_etag_is_refused(pc: Hand) -> None:
    sub = pc.pick("legacy")
    old = pc.get(sub)
    pc.change(sub, friendlyName="first")
    assert error(pc.patch(sub, old | {"friendlyName": "second"})) == (400, 2055)
    assert pc.get(sub)["friendlyName"] == "first"


@pytest.mark.parametrize("attributes", [None, {}, {"etag": ""}, {"objectType": "Subscription"}])
def test_without_a_body_etag_the_later_writer_wins(pc: Hand, attributes: Any) -> None:
    sub = pc.pick("legacy")
    old = pc.get(sub)
    pc.change(sub, friendlyName="first")
    assert pc.patch(sub, old | {"friendlyName": "second", "attributes": attributes}).status_code == 200


def test_new_commerce_has_nothing_to_compare(pc: Hand) -> None:
    sub = pc.pick("nce")
    old = pc.get(sub)
    pc.change(sub, friendlyName="first")
    body = old | {"friendlyName": "second", "attributes": {"etag": "made up"}}
    assert pc.patch(sub, body, If_Match='"made up"').status_code == 200


@pytest.mark.parametrize(("rule", "refusal"), [("412", (412, 2055)), ("2055", (400, 2055)), ("417", (417, 800036))])
def test_a_stale_if_match_is_refused(pc: Hand, rule: str, refusal: tuple[int, int]) -> None:
    pc.switch(stale_if_match=rule)
    sub = pc.pick("legacy")
    old = etag(pc.get(sub))
    pc.change(sub, friendlyName="first")
    body = {"friendlyName": "second", "autoRenewEnabled": True}
    assert error(pc.patch(sub, body, If_Match=f'"{old}"')) == refusal
    assert pc.patch(sub, body, If_Match=f'"{etag(pc.get(sub))}"').status_code == 200


def test_if_match_with_a_star_is_accepted(pc: Hand) -> None:
    assert pc.patch(pc.pick("legacy"), {"friendlyName": "x"}, If_Match="*").status_code == 200


def test_if_match_on_new_commerce_may_be_refused(pc: Hand) -> None:
    pc.switch(nce_if_match="refuse")
    assert error(pc.patch(pc.pick("nce"), {"friendlyName": "x"}, If_Match='"x"')) == (412, 2055)


@pytest.mark.parametrize(("method", "nth"), [("GET", 1), ("GET", 2), ("PATCH", 1), ("*", 2)])
def test_a_hook_changes_just_before_the_nth_request(pc: Hand, method: str, nth: int) -> None:
    sub = pc.pick("legacy")
    change = {"friendlyName": "somebody else", "$unset": ["publisherName"]}
    pc.control("POST", f"{sub.path[1:]}/hooks", {"method": method, "nth": nth, "change": change})
    seen = [pc.get(sub)["friendlyName"] for _read in range(2)]
    response = pc.patch(sub, pc.raw(sub) | {"quantity": 3})
    if method == "PATCH":
        assert error(response) == (400, 2055)
    else:
        assert (seen.index("somebody else") + 1) == nth
        assert response.status_code == 200
    assert "publisherName" not in pc.get(sub)
    assert pc.control("GET", f"{sub.path[1:]}/hooks") == []


def test_a_hook_runs_before_a_list(pc: Hand) -> None:
    sub = pc.pick("nce")
    pc.control("POST", f"{sub.path[1:]}/hooks", {"method": "LIST", "change": {"quantity": 99}})
    items = read(pc.call("GET", f"/customers/{sub.customer}/subscriptions"))["items"]
    assert next(item for item in items if item["id"] == sub.id)["quantity"] == 99


@pytest.mark.parametrize(
    ("style", "start"),
    [
        ("relative", "/customers/"),
        ("v1", "/v1/customers/"),
        ("absolute", "https://127.0.0.1"),
        ("foreign", "https://localhost:"),
    ],
)
def test_an_accepted_write_has_a_location(pc: Hand, style: str, start: str) -> None:
    pc.switch(patch_answer="202", accepted_location=style)
    sub = pc.pick("nce")
    response = pc.change(sub, friendlyName="later")
    assert (response.status_code, response.content) == (202, b"")
    assert response.headers["Location"].startswith(start)
    assert response.headers["Location"].endswith(sub.path)
    assert ("/v1/" in response.headers["Location"]) is (style != "relative")


def test_an_accepted_change_shows_when_its_time_has_come(pc: Hand) -> None:
    pc.control("POST", "clock", {"scale": 0})
    pc.switch(patch_answer="202", accepted_delay=30)
    sub = pc.pick("nce")
    before = pc.get(sub)
    pc.change(sub, friendlyName="later")
    assert pc.get(sub) == before
    assert pc.counters()["effective_writes"] == 0
    assert patches(pc)[0]["effective"] is False
    pc.advance(31)
    assert pc.get(sub)["friendlyName"] == "later"
    assert pc.counters()["effective_writes"] == 1
    assert patches(pc)[0]["effective"] is True


@pytest.mark.parametrize("switches", [{"accepted_delay": "never"}, {"accepted_outcome": "lost"}])
def test_an_accepted_change_may_never_come(pc: Hand, switches: dict[str, Any]) -> None:
    pc.switch(patch_answer="202", **switches)
    sub = pc.pick("nce")
    before = pc.get(sub)
    assert pc.change(sub, friendlyName="later").status_code == 202
    pc.advance(3600)
    assert pc.get(sub) == before
    # One that is lost blocks nobody; one that never ends does.
    again = pc.change(sub, friendlyName="again")
    assert again.status_code == (202 if "accepted_outcome" in switches else 409)


def test_a_write_meanwhile_is_refused(pc: Hand) -> None:
    pc.control("POST", "clock", {"scale": 0})
    pc.switch(patch_answer="202")
    sub = pc.pick("nce")
    pc.change(sub, friendlyName="first")
    assert error(pc.change(sub, friendlyName="second")) == (409, 900278)
    pc.switch(pending_patch="apply", patch_answer="200")
    assert pc.change(sub, friendlyName="third").status_code == 200
    pc.advance(60)
    assert pc.get(sub)["friendlyName"] == "third"


@pytest.mark.parametrize(("style", "status"), [("202", 202), ("204", 204), ("empty", 200)])
def test_what_a_get_answers_meanwhile(pc: Hand, style: str, status: int) -> None:
    pc.control("POST", "clock", {"scale": 0})
    pc.switch(patch_answer="202", pending_get=style)
    sub = pc.pick("nce")
    pc.change(sub, friendlyName="later")
    response = pc.call("GET", sub.path)
    assert (response.status_code, response.content) == (status, b"")
    pc.advance(60)
    assert pc.get(sub)["friendlyName"] == "later"


def test_only_changes_are_answered_with_202(pc: Hand) -> None:
    pc.switch(patch_answer="202")
    sub = pc.pick("nce")
    assert pc.change(sub).status_code == 200
    assert error(pc.change(pc.pick("deleted"), friendlyName="x")) == (400, 2011)


def test_a_202_is_replayed(pc: Hand) -> None:
    pc.switch(patch_answer="202")
    sub, request_id = pc.pick("nce"), guid()
    body = pc.get(sub) | {"friendlyName": "later"}
    first, second = (pc.patch(sub, body, MS_RequestId=request_id) for _try in range(2))
    assert first.status_code == second.status_code == 202
    assert first.headers["Location"] == second.headers["Location"]
