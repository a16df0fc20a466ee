# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the clock does: windows close, terms renew or end, scheduled changes take effect."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from partner_center_emulator.clock import Clock, iso, parse

from .hand import Hand, Sub, error, read


def seats(pc: Hand, sub: Sub) -> int:
    return int(pc.get(sub)["refundableQuantity"]["totalQuantity"])


def test_a_whole_new_subscription_can_shrink_until_its_window_closes(pc: Hand) -> None:
    sub = pc.pick("recent")
    quantity = pc.get(sub)["quantity"]
    assert quantity > 2
    assert pc.change(sub, quantity=quantity - 1).status_code == 200
    assert seats(pc, sub) == quantity - 1
    pc.advance(days=9)
    assert error(pc.change(sub, quantity=quantity - 2)) == (400, 800090)
    assert error(pc.change(sub, status="deleted")) == (400, 900117)
    assert seats(pc, sub) == 0


def test_only_seats_added_in_the_window_can_be_given_back(pc: Hand) -> None:
    sub = pc.pick("added_seats")
    assert error(pc.change(sub, quantity=24)) == (400, 800090)
    assert pc.change(sub, quantity=27).status_code == 200
    assert seats(pc, sub) == 2
    assert error(pc.change(sub, quantity=24)) == (400, 800090)


def test_adding_seats_opens_a_window_for_them(pc: Hand) -> None:
    sub = pc.pick("nce")
    quantity = pc.get(sub)["quantity"]
    pc.change(sub, quantity=quantity + 4)
    assert seats(pc, sub) == 4
    pc.advance(days=1)
    pc.change(sub, quantity=quantity + 10)
    assert [part["quantity"] for part in pc.get(sub)["refundableQuantity"]["details"]] == [4, 6]
    # The newest seats go first: of six and four, seven taken leave three of the older.
    assert pc.change(sub, quantity=quantity + 3).status_code == 200
    assert [part["quantity"] for part in pc.get(sub)["refundableQuantity"]["details"]] == [3]
    pc.advance(days=8)
    assert error(pc.change(sub, quantity=quantity)) == (400, 800090)


@pytest.mark.parametrize(("length", "status"), [(1, 400), (30, 200)])
def test_the_length_of_windows_is_a_switch(pc: Hand, length: int, status: int) -> None:
    pc.switch(refund_window_days=length)
    sub = pc.pick("nce")
    quantity = pc.get(sub)["quantity"]
    pc.change(sub, quantity=quantity + 4)
    pc.advance(days=5)
    assert pc.change(sub, quantity=quantity).status_code == status


def test_legacy_seats_go_both_ways(pc: Hand) -> None:
    sub = pc.pick("legacy")
    assert pc.change(sub, quantity=50).status_code == 200
    pc.advance(days=60)
    assert pc.change(sub, quantity=2).status_code == 200


def test_a_scheduled_change_takes_effect_with_the_renewal(pc: Hand) -> None:
    sub = pc.pick("scheduled")
    before = pc.get(sub)
    pc.advance(days=366)
    after = pc.get(sub)
    wanted = before["scheduledNextTermInstructions"]
    assert after["quantity"] == wanted["quantity"] != before["quantity"]
    assert after["billingCycle"] == wanted["product"]["billingCycle"]
    assert "scheduledNextTermInstructions" not in after
    assert after["commitmentEndDate"] > before["commitmentEndDate"]


def test_a_renewal_opens_the_window_again(pc: Hand) -> None:
    sub = pc.pick("nce")
    end = parse(pc.get(sub)["commitmentEndDateTime"])
    pc.control("POST", "clock", {"now": iso(end + timedelta(hours=2))})
    after = pc.get(sub)
    assert after["refundableQuantity"]["totalQuantity"] == after["quantity"]
    assert pc.change(sub, status="deleted").status_code == 200


def test_what_is_over_is_charged_no_more(pc: Hand) -> None:
    sub = pc.pick("deleted")
    before = pc.get(sub)
    pc.advance(days=400)
    assert pc.get(sub) == before


def test_legacy_renews_too(pc: Hand) -> None:
    sub = pc.pick("legacy")
    before = pc.get(sub)
    pc.advance(days=366)
    after = pc.get(sub)
    assert after["commitmentEndDate"][:4] == str(int(before["commitmentEndDate"][:4]) + 1)
    assert after["attributes"]["etag"] != before["attributes"]["etag"]


def test_the_next_charge_takes_effect_when_the_billing_cycle_ends(pc: Hand) -> None:
    sub = pc.pick("next_charge")
    pc.set(sub, billingCycle="monthly", billingCycleEndDateTime=iso(datetime.now(timezone.utc) + timedelta(days=3)))
    pc.advance(days=5)
    after = pc.get(sub)
    assert after["billingCycle"] == "annual"
    assert "nextChargeInstructions" not in after


def test_what_never_ends_never_ends(pc: Hand) -> None:
    sub = pc.pick("azure_plan")
    before = pc.get(sub)
    pc.advance(days=4000)
    after = pc.get(sub)
    assert (after["status"], after["commitmentEndDate"]) == ("active", before["commitmentEndDate"])


def test_the_clock_runs_faster(pc: Hand) -> None:
    first = parse(pc.control("POST", "clock", {"scale": 100_000})["now"])
    later = parse(pc.control("POST", "clock", {"scale": 0})["now"])
    assert later > first
    assert pc.control("GET", "clock")["now"] == pc.control("GET", "clock")["now"]


def test_a_clock_that_stands_still() -> None:
    clock = Clock(datetime(2026, 1, 1, tzinfo=timezone.utc))
    clock.set_scale(0)
    before = clock.timestamp()
    assert clock.timestamp() == before
    clock.advance(60)
    assert clock.timestamp() == before + 60
    with pytest.raises(ValueError, match="negative"):
        clock.set_scale(-1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-01-14T16:57:15.0966728Z", datetime(2021, 1, 14, 16, 57, 15, 96672, timezone.utc)),
        ("2019-03-04T00:00:00", datetime(2019, 3, 4, tzinfo=timezone.utc)),
        ("2017-01-25T14:53:12.093-08:00", datetime(2017, 1, 25, 22, 53, 12, 93000, timezone.utc)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=timezone.utc)),
    ],
)
def test_dates_as_the_service_writes_them(text: str, expected: datetime) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(("digits", "text"), [(0, "12:00:00Z"), (3, "12:00:00.123Z"), (7, "12:00:00.1234566Z")])
def test_dates_are_written_with_any_number_of_digits(digits: int, text: str) -> None:
    moment = datetime(2026, 11, 20, 12, 0, 0, 123456, timezone.utc)
    assert iso(moment, digits) == f"2026-11-20T{text}"


@pytest.mark.parametrize(
    "body", [{"now": "yesterday"}, {"advance": "x"}, {"scale": -1}, {"advance": "nan"}, {"scale": "inf"}]
)
def test_the_clock_refuses_nonsense(pc: Hand, body: dict[str, Any]) -> None:
    response = pc.session.post(f"{pc.url}/_emulator/clock", json=body)
    assert response.status_code == 400
    assert "clock" in read(response)["error"]
