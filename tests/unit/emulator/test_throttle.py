# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""429 as the gateway before Partner Center answers it."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from .hand import Hand, read


def statuses(pc: Hand, path: str, number: int, **options: Any) -> list[int]:
    return [pc.call("GET", path, **options).status_code for _request in range(number)]


@pytest.fixture(autouse=True)
def standing_clock(pc: Hand) -> None:
    pc.control("POST", "clock", {"scale": 0})


def test_no_limit_by_default(pc: Hand) -> None:
    assert set(statuses(pc, pc.pick("nce").path, 50)) == {200}


def test_the_answer_is_the_gateways(pc: Hand) -> None:
    pc.switch(throttle_limit=1)
    sub = pc.pick("nce")
    pc.get(sub)
    pc.advance(3)
    response = pc.call("GET", sub.path)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "57"
    assert read(response) == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds."}
    assert pc.counters()["throttled"] == 1


def test_a_window_ends(pc: Hand) -> None:
    pc.switch(throttle_limit=3, throttle_window=60)
    path = pc.pick("nce").path
    assert statuses(pc, path, 5) == [200, 200, 200, 429, 429]
    pc.advance(59)
    assert statuses(pc, path, 1) == [429]
    pc.advance(1)
    assert statuses(pc, path, 4) == [200, 200, 200, 429]


def test_the_whole_partner_or_each_customer(pc: Hand) -> None:
    one, other = pc.pick("nce"), pc.pick("marketplace")
    pc.switch(throttle_limit=2)
    assert statuses(pc, one.path, 2) + statuses(pc, other.path, 1) == [200, 200, 429]
    pc.control("POST", "reset")
    pc.control("POST", "clock", {"scale": 0})
    pc.switch(throttle_limit=2, throttle_scope="customer")
    assert statuses(pc, one.path, 3) + statuses(pc, other.path, 3) == [200, 200, 429] * 2


@pytest.mark.parametrize(("counted", "last"), [("subscriptions", 200), ("all", 429)])
def test_subscription_requests_or_all_requests_count(pc: Hand, counted: str, last: int) -> None:
    pc.switch(throttle_limit=1, throttle_endpoints=counted)
    assert statuses(pc, "/customers", 2) == [200, last]


def test_writes_may_have_a_lower_limit(pc: Hand) -> None:
    pc.switch(throttle_limit=10, throttle_writes=1)
    sub = pc.pick("no_auto_renew")
    answers = [pc.patch(sub, {"friendlyName": str(number)}).status_code for number in range(3)]
    assert answers == [200, 429, 429]
    assert statuses(pc, sub.path, 1) == [200]


def test_a_refused_write_was_not_made_and_is_not_remembered(pc: Hand) -> None:
    pc.switch(throttle_limit=1)
    sub = pc.pick("no_auto_renew")
    request = {"MS_RequestId": "00000000-0000-4000-8000-000000000001"}
    pc.get(sub)
    assert pc.patch(sub, {"friendlyName": "x"}, **request).status_code == 429
    pc.advance(60)
    assert pc.patch(sub, {"friendlyName": "x"}, **request).status_code == 200
    assert pc.counters()["effective_writes"] == 1


def test_retry_after_as_a_date(pc: Hand) -> None:
    pc.switch(throttle_limit=1, retry_after="date")
    path = pc.pick("nce").path
    pc.call("GET", path)
    response = pc.call("GET", path)
    wait = parsedate_to_datetime(response.headers["Retry-After"]).timestamp() - time.time()
    assert 55 < wait < 65


def test_retry_after_may_be_missing(pc: Hand) -> None:
    pc.switch(throttle_limit=1, retry_after="none")
    path = pc.pick("nce").path
    pc.call("GET", path)
    assert "Retry-After" not in pc.call("GET", path).headers


def test_retry_after_is_in_the_clients_seconds(pc: Hand) -> None:
    pc.control("POST", "clock", {"scale": 30})
    pc.switch(throttle_limit=1, throttle_window=60)
    path = pc.pick("nce").path
    pc.call("GET", path)
    response = pc.call("GET", path)
    assert int(response.headers["Retry-After"]) in (1, 2)
    time.sleep(int(response.headers["Retry-After"]))
    assert statuses(pc, path, 1) == [200]
