# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate against servers that throttle, on a clock of its own: no storm, no failure, no idle time."""

from __future__ import annotations

import random
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .simulation import Bucket, FixedWindow, Outcome, Request, Simulation, SlidingWindow

pytestmark = pytest.mark.once

WORKERS = 16


def fleet(count: int, customers: int = 200) -> list[Request]:
    return [Request(f"customer-{number % customers}") for number in range(count)]


def partner_wide(limit: t.Callable[[float], float], count: int, *, workers: int = WORKERS, **options: t.Any) -> Outcome:
    return Simulation(fleet(count), lambda request, now: limit(now), workers=workers, **options).run()


class TestPartnerWide:
    @pytest.mark.parametrize("size", [100, 500])
    @pytest.mark.parametrize("length", [10.0, 60.0])
    @pytest.mark.parametrize(
        "kind", ["from first request", "at fixed times", "sliding", "sliding, refusals count", "bucket"]
    )
    def test_ten_windows_of_work_take_hardly_longer_than_the_limit_allows(
        self, kind: str, length: float, size: int
    ) -> None:
        limit: t.Callable[[float], float] = {
            "from first request": FixedWindow(size, length),
            "at fixed times": FixedWindow(size, length, aligned_at=-0.37 * length),
            "sliding": SlidingWindow(size, length),
            "sliding, refusals count": SlidingWindow(size, length, counts_refused=True),
            "bucket": Bucket(size, length),
        }[kind]
        outcome = partner_wide(limit, 10 * size)
        assert outcome.accepted == 10 * size
        assert outcome.seconds <= 1.1 * 10 * length

    @pytest.mark.parametrize("workers", [8, 16])
    @pytest.mark.parametrize("latency", [0.005, 0.05])
    @pytest.mark.parametrize("length", [1.0, 2.0, 3.0, 6.0])
    def test_in_short_windows_the_whole_seconds_of_retry_after_are_no_loss(
        self, length: float, latency: float, workers: int
    ) -> None:
        window = FixedWindow(60, length)
        outcome = partner_wide(window, 600, latency=latency, workers=workers)
        assert outcome.accepted == 600
        assert outcome.seconds <= 1.1 * 10 * length
        assert outcome.worst_refusals(window.starts) == 1

    @pytest.mark.parametrize("uncounted", [1, 3])
    @pytest.mark.parametrize("latency", [0.005, 0.05])
    @pytest.mark.parametrize("length", [1.0, 2.0, 4.0])
    def test_requests_that_the_limit_does_not_count_are_taken_for_granted_only_once(
        self, length: float, latency: float, uncounted: int
    ) -> None:
        window = FixedWindow(32, length)
        outcome = Simulation(
            [*[Request()] * uncounted, *fleet(360, 120)],
            lambda request, now: 0.0 if request.customer is None else window(now),
            workers=WORKERS,
            latency=latency,
        ).run()
        assert outcome.seconds <= 1.1 * 360 / 32 * length
        assert outcome.refused <= WORKERS + 4 + uncounted

    @pytest.mark.parametrize("workers", [8, 16])
    @pytest.mark.parametrize("latency", [0.01, 0.05])
    @pytest.mark.parametrize("length", [1.0, 2.0, 4.0, 60.0])
    def test_an_api_without_a_limit_does_not_blur_that_of_another(
        self, length: float, latency: float, workers: int
    ) -> None:
        window = FixedWindow(25, length)
        pairs = [[one, Request(one.customer, api="supportcontact")] for one in fleet(275, 120)]
        outcome = Simulation(
            [*fleet(120, 120), *(request for pair in pairs for request in pair)],
            lambda request, now: 0.0 if request.api else window(now),
            workers=workers,
            latency=latency,
        ).run()
        assert outcome.seconds <= 1.1 * (120 + 275) / 25 * length
        assert outcome.worst_refusals(window.starts) == 1

    @pytest.mark.parametrize("length", [2.0, 60.0])
    def test_a_limit_of_all_apis_is_one_limit(self, length: float) -> None:
        window = FixedWindow(60, length)
        requests = [
            one._replace(api=("subscriptions", "supportcontact")[place % 2]) for place, one in enumerate(fleet(660))
        ]
        outcome = Simulation(requests, lambda request, now: window(now), workers=WORKERS).run()
        assert outcome.seconds <= 1.1 * 11 * length
        assert outcome.worst_refusals(window.starts) == 1

    @pytest.mark.parametrize("seed", range(10))
    @pytest.mark.parametrize("length", [2.0, 3.0])
    def test_uneven_latency_costs_no_time_and_hardly_any_refusals(self, length: float, seed: int) -> None:
        window = FixedWindow(60, length)
        outcome = partner_wide(window, 600, workers=8, uneven=random.Random(seed))
        assert outcome.seconds <= 1.1 * 10 * length
        assert outcome.worst_refusals(window.starts) == 1
        assert outcome.refused <= 2 * 8

    @pytest.mark.parametrize("length", [1.0, 2.0, 10.0, 60.0])
    def test_a_worker_is_refused_at_most_once_in_a_window(self, length: float) -> None:
        window = FixedWindow(300, length)
        outcome = partner_wide(window, 6000, latency=0.02)
        assert outcome.worst_refusals(window.starts) == 1

    @pytest.mark.parametrize("length", [2.0, 60.0])
    def test_after_the_first_window_hardly_anybody_is_refused(self, length: float) -> None:
        outcome = partner_wide(FixedWindow(500, length), 5000, latency=0.02)
        assert outcome.refused <= WORKERS + 2 * 9

    @pytest.mark.parametrize("size", [60, 100, 500])
    def test_a_sliding_window_hardly_refuses_anybody(self, size: int) -> None:
        outcome = partner_wide(SlidingWindow(size, 10.0), 10 * size)
        assert outcome.refused <= 2 * WORKERS

    def test_a_limit_that_rises_is_used(self) -> None:
        low, high = FixedWindow(50, 60.0), FixedWindow(1000, 60.0)
        outcome = Simulation(
            fleet(3100), lambda request, now: low(now) if now < 110 else high(now), workers=WORKERS
        ).run()
        assert outcome.seconds <= 5 * 60.0

    def test_a_limit_that_rises_is_used_in_short_windows_too(self) -> None:
        low, high = FixedWindow(50, 2.0), FixedWindow(500, 2.0)
        outcome = Simulation(
            fleet(2500), lambda request, now: low(now) if now < 30 else high(now), workers=WORKERS
        ).run()
        assert outcome.seconds <= 30.0 + 12.0 + 10.0

    def test_a_limit_that_falls_does_no_harm(self) -> None:
        high, low = FixedWindow(1000, 60.0), FixedWindow(50, 60.0)
        outcome = Simulation(
            fleet(2250), lambda request, now: high(now) if now < 110 else low(now), workers=WORKERS
        ).run()
        assert outcome.seconds <= 1.1 * 7 * 60.0
        assert outcome.worst_refusals(sorted([*high.starts, *low.starts])) == 1

    def test_requests_without_customer_close_it_at_once(self) -> None:
        window = FixedWindow(100, 60.0)
        outcome = Simulation([Request()] * 1000, lambda request, now: window(now), workers=WORKERS).run()
        assert outcome.worst_refusals(window.starts) == 1
        assert outcome.seconds <= 1.1 * 600.0

    @settings(max_examples=40, deadline=None)
    @given(st.integers(1, 200), st.floats(2.0, 90.0), st.integers(1, 20), st.floats(0.001, 0.5), st.integers(1, 50))
    def test_everything_is_done_in_the_end(
        self, size: int, length: float, workers: int, latency: float, customers: int
    ) -> None:
        window = FixedWindow(size, length)
        count = min(4 * size, 400)
        outcome = Simulation(
            fleet(count, customers), lambda request, now: window(now), workers=workers, latency=latency
        ).run()
        assert outcome.accepted == count


class TestPerCustomer:
    def test_a_throttled_customer_does_not_hold_up_the_others(self) -> None:
        windows: dict[str | None, FixedWindow] = {"busy": FixedWindow(10, 60.0)}
        requests = [*[Request("busy")] * 25, *fleet(2000, 100)]
        outcome = Simulation(
            requests, lambda one, now: windows[one.customer](now) if one.customer in windows else 0.0, workers=30
        ).run()
        others = max(end for customer, end in outcome.finished_by_customer.items() if customer != "busy")
        assert others < 60.0
        assert 60.0 < outcome.finished_by_customer["busy"] <= 1.1 * 120.0

    def test_every_customer_has_a_limit_of_its_own(self) -> None:
        windows = {f"customer-{number}": FixedWindow(40, 60.0) for number in range(20)}
        outcome = Simulation(
            fleet(20 * 100, 20), lambda one, now: windows[str(one.customer)](now), workers=4, latency=0.05
        ).run()
        assert outcome.accepted == 2000
        assert outcome.seconds <= 1.1 * 180.0


def renames(count: int, customers: int = 12) -> list[Request]:
    """Each reads, then writes."""
    names = [f"customer-{number % customers}" for number in range(count)]
    return [Request(name, is_write) for name in names for is_write in (False, True)]


class TestWritesThatAreRefusedForEver:
    @pytest.mark.parametrize("retries", [0, 1, 5])
    @pytest.mark.parametrize("customers", [1, 12, 500])
    def test_a_fleet_waits_no_longer_than_one_of_them(self, customers: int, retries: int) -> None:
        found = [
            Simulation(
                renames(count, customers), lambda one, now: float(one.is_write), workers=8, retries=retries
            ).run()
            for count in (16, 500)
        ]
        assert [outcome.given_up for outcome in found] == [16, 500]
        assert [outcome.accepted for outcome in found] == [16, 500]
        # More reads take a little more time.
        assert found[1].seconds - found[0].seconds <= 500 * 0.05 / 8 + 1.0
        assert found[0].seconds <= retries + 2.5

    @pytest.mark.parametrize("size", [1, 3, 20])
    @pytest.mark.parametrize("kind", [FixedWindow, SlidingWindow, Bucket])
    @pytest.mark.parametrize("writes_alone", [True, False])
    def test_and_none_is_given_up_where_they_pass_now_and_then(
        self, writes_alone: bool, kind: t.Any, size: int
    ) -> None:
        limit = kind(size, 2.0)
        outcome = Simulation(
            renames(60),
            lambda one, now: 0.0 if writes_alone and not one.is_write else limit(now),
            workers=8,
            retries=5,
            uneven=random.Random(1),
        ).run()
        assert (outcome.accepted, outcome.given_up) == (120, 0)


class TestRequestsPerMinute:
    @pytest.mark.parametrize("bound", [30, 600])
    def test_requests_per_minute_is_an_upper_bound_in_any_minute(self, bound: int) -> None:
        times: list[float] = []

        def serve(request: Request, now: float) -> float:
            times.append(now)
            return 0.0

        Simulation(fleet(4 * bound), serve, workers=WORKERS, requests_per_minute=bound).run()
        for start in times:
            assert sum(start <= moment < start + 60.0 for moment in times) <= bound + 1

    def test_requests_per_minute_costs_nothing_where_the_server_is_slower(self) -> None:
        outcome = partner_wide(FixedWindow(100, 60.0), 1000, requests_per_minute=1000)
        assert outcome.seconds <= 1.1 * 600.0
