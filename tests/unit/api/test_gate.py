# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate against servers that throttle, on a clock of its own: no storm, no failure, no idle time."""

from __future__ import annotations

import random
import threading
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._api.gate import PARTNER, Gate, StopAsked, Ticket
from ansible_collections.csp.partner_center.plugins.module_utils._api.span import Span

from .simulation import Bucket, FixedWindow, Outcome, Request, Simulation, SlidingWindow

pytestmark = pytest.mark.once

WORKERS = 16


def fleet(count: int, customers: int = 200) -> list[Request]:
    return [Request(f"customer-{number % customers}") for number in range(count)]


def partner_wide(limit: t.Callable[[float], float], count: int, *, workers: int = WORKERS, **options: t.Any) -> Outcome:
    return Simulation(fleet(count), lambda request, now: limit(now), workers=workers, **options).run()


def ticket(asked: Ticket | float | None) -> Ticket:
    assert isinstance(asked, Ticket)
    return asked


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
    @pytest.mark.parametrize("length", [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 6.0])
    def test_in_short_windows_the_whole_seconds_of_retry_after_are_no_loss(
        self, length: float, latency: float, workers: int
    ) -> None:
        window = FixedWindow(60, length)
        outcome = partner_wide(window, 600, latency=latency, workers=workers)
        assert outcome.accepted == 600
        # Where a second is most of a window, it takes a few of ten windows to learn its length.
        assert outcome.seconds <= (1.15 if length in (1.2, 1.5) else 1.1) * 10 * length
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

    def test_every_customer_has_a_lane_of_its_own(self) -> None:
        windows = {f"customer-{number}": FixedWindow(40, 60.0) for number in range(20)}
        outcome = Simulation(
            fleet(20 * 100, 20), lambda one, now: windows[str(one.customer)](now), workers=4, latency=0.05
        ).run()
        assert outcome.accepted == 2000
        assert outcome.seconds <= 1.1 * 180.0


class TestScope:
    def gate(self) -> tuple[Gate, list[float]]:
        now = [0.0]
        return Gate(clock=lambda: now[0]), now

    def test_the_first_refusal_closes_only_the_customer(self) -> None:
        gate, _now = self.gate()
        assert gate.refused(ticket(gate.ask("a")), 30.0) == "a"
        assert gate.ask("a") == 30.0
        assert isinstance(gate.ask("b"), Ticket)

    def test_refusals_of_two_customers_close_the_partner(self) -> None:
        gate, now = self.gate()
        one, two = ticket(gate.ask("a")), ticket(gate.ask("b"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        assert gate.refused(two, 40.0) == PARTNER
        assert (gate.ask("a"), gate.ask("b")) == (pytest.approx(29.9), 40.0)
        witness = ticket(gate.ask("c"))
        assert gate.ask("d") == gate.ask(None) == 40.0
        assert gate.refused(witness, 39.0) == PARTNER
        assert gate.ask("d") == gate.ask(None) == 40.0

    def test_an_accepted_third_customer_opens_the_partner_again(self) -> None:
        gate, now = self.gate()
        one, two = ticket(gate.ask("a")), ticket(gate.ask("b"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        gate.refused(two, 40.0)
        gate.accepted(ticket(gate.ask("c")))
        assert isinstance(gate.ask("d"), Ticket)
        assert isinstance(gate.ask(None), Ticket)
        assert gate.ask("a") == pytest.approx(29.9)
        assert gate.ask("b") == 40.0

    def test_a_second_refusal_is_the_customers_if_others_were_accepted_between(self) -> None:
        gate, now = self.gate()
        one, two = ticket(gate.ask("a")), ticket(gate.ask("b"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        gate.accepted(ticket(gate.ask("c")))
        assert gate.refused(two, 40.0) == "b"
        assert isinstance(gate.ask("d"), Ticket)

    def test_writes_alone_may_be_limited(self) -> None:
        gate, now = self.gate()
        one, two = ticket(gate.ask("a", is_write=True)), ticket(gate.ask("b", is_write=True))
        read = ticket(gate.ask("c"))
        assert gate.refused(one, 30.0) == "a"
        assert isinstance(gate.ask("a"), Ticket)
        now[0] = 0.1
        assert gate.refused(two, 30.0) == PARTNER
        gate.accepted(read)
        assert isinstance(gate.ask("a"), Ticket)
        gate.refused(ticket(gate.ask("d", is_write=True)), 30.0)
        assert gate.ask("e", is_write=True) == 30.0
        assert isinstance(gate.ask("e"), Ticket)

    def test_reads_and_writes_are_limited_together(self) -> None:
        gate, now = self.gate()
        write, read = ticket(gate.ask("a", is_write=True)), ticket(gate.ask("a"))
        gate.refused(write, 30.0)
        now[0] = 0.1
        assert gate.refused(read, 30.0) == "a"
        assert gate.ask("a") == 30.0
        assert isinstance(gate.ask("b", is_write=True), Ticket)

    @pytest.mark.parametrize(("seconds", "whose"), [(1.0, PARTNER), (2.0, PARTNER), (3.5, "a"), (30.0, "a")])
    def test_the_end_of_a_known_window_is_the_partners_if_the_wait_agrees(self, seconds: float, whose: str) -> None:
        gate, now = self.gate()
        for _number in range(10):
            gate.accepted(ticket(gate.ask(None)))
        gate.refused(ticket(gate.ask(None)), 2.0)
        now[0] = 2.0
        for _number in range(9):
            gate.accepted(ticket(gate.ask(None)))
        now[0] = 2.5
        assert gate.refused(ticket(gate.ask("a")), seconds) == whose

    def test_a_refusal_in_the_midst_of_a_known_window_is_the_customers(self) -> None:
        gate, now = self.gate()
        for _number in range(10):
            gate.accepted(ticket(gate.ask(None)))
        gate.refused(ticket(gate.ask(None)), 2.0)
        now[0] = 2.0
        for _number in range(8):
            gate.accepted(ticket(gate.ask(None)))
        assert gate.refused(ticket(gate.ask("a")), 2.0) == "a"

    def test_an_old_refusal_is_no_evidence(self) -> None:
        gate, now = self.gate()
        gate.refused(ticket(gate.ask("a")), 30.0)
        now[0] = 31.0
        assert gate.refused(ticket(gate.ask("b")), 30.0) == "b"

    def test_a_request_without_customer_is_the_partners(self) -> None:
        gate, _now = self.gate()
        assert gate.refused(ticket(gate.ask(None)), 30.0) == PARTNER
        assert gate.ask("a") == 30.0

    def test_one_probe_at_a_time_after_the_wait(self) -> None:
        gate, now = self.gate()
        gate.accepted(ticket(gate.ask(None)))
        gate.refused(ticket(gate.ask(None)), 30.0)
        now[0] = 30.0
        probe = ticket(gate.ask(None))
        assert gate.ask("a") is None
        gate.dropped(probe)
        probe = ticket(gate.ask("a"))
        assert gate.ask("b") is None
        gate.accepted(probe)
        assert gate.ask("b") is not None

    def test_a_leader_without_a_verdict_lets_another_one_lead(self) -> None:
        gate, now = self.gate()
        for _number in range(5):
            gate.accepted(ticket(gate.ask(None)))
        gate.refused(ticket(gate.ask(None)), 30.0)
        now[0] = 30.0
        for _number in range(3):
            leader = ticket(gate.ask(None))
            assert gate.ask("a") is None
            gate.dropped(leader)
        gate.accepted(ticket(gate.ask(None)))
        assert isinstance(gate.ask("a"), Ticket)
        assert isinstance(gate.ask("b"), Ticket)

    def test_nobody_waits_for_ever_where_a_whole_window_went_without_a_verdict(self) -> None:
        gate, now = self.gate()
        for start in (0.0, 2.0):
            now[0] = start
            gate.accepted(ticket(gate.ask(None)))
            gate.accepted(ticket(gate.ask(None)))
            gate.refused(ticket(gate.ask(None)), 2.0)
        for start, answered in ((4.0, gate.accepted), (14.0, gate.dropped)):
            now[0] = start
            answered(ticket(gate.ask(None)))
            answered(ticket(gate.ask(None)))
        assert gate.ask(None) is not None

    def test_a_refusal_is_about_one_api(self) -> None:
        gate, now = self.gate()
        one, two = ticket(gate.ask("a", api="subscriptions")), ticket(gate.ask("b", api="subscriptions"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        assert gate.refused(two, 30.0) == PARTNER
        assert isinstance(gate.ask("a", api="supportcontact"), Ticket)

    def test_apis_may_share_a_limit(self) -> None:
        gate, now = self.gate()
        one, two = ticket(gate.ask("a", api="subscriptions")), ticket(gate.ask("a", api="supportcontact"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        assert gate.refused(two, 30.0) == "a"
        # One goes ahead to find out whether it is true of the others, too.
        gate.refused(ticket(gate.ask("a", api="orders")), 29.0)
        assert gate.ask("a", api="invoices") == pytest.approx(29.9, abs=0.2)
        assert isinstance(gate.ask("b", api="orders"), Ticket)


class TestWhatIsLearned:
    def test_requests_under_way_at_the_refusal_belong_to_the_grant(self) -> None:
        now = [0.0]
        gate = Gate(clock=lambda: now[0])
        asked = [ticket(gate.ask(None)) for _number in range(9)]
        for one in asked[:5]:
            gate.accepted(one)
        gate.refused(asked[5], 2.0)
        for one in asked[6:]:
            gate.accepted(one)
        now[0] = 2.0
        for _number in range(8):
            gate.accepted(ticket(gate.ask(None)))
        # A ninth one waits for the next window, or is a probe of which there is only one.
        ninth = gate.ask(None)
        assert not isinstance(ninth, Ticket) or gate.ask(None) is None

    def test_a_limit_that_turns_out_to_be_another_one_is_not_foretold_for_a_while(self) -> None:
        now = [0.0]
        gate = Gate(clock=lambda: now[0])
        # Proven, then refused after a quarter of it, then in full again.
        for start, accepted in ((0.0, 40), (2.0, 40), (4.0, 10), (6.0, 40)):
            now[0] = start
            for _number in range(accepted):
                gate.accepted(ticket(gate.ask(None)))
            gate.refused(ticket(gate.ask(None)), 2.0)
        now[0] = 8.0
        for _number in range(60):
            gate.accepted(ticket(gate.ask(None)))

    @pytest.mark.parametrize(
        ("shortest", "longest", "guess"), [(1.3, 2.3, 2.0), (1.9, 2.9, 2.0), (0.98, 1.17, 1.0), (1.2, 1.9, 1.5)]
    )
    def test_whole_seconds_are_tried_before_their_parts(self, shortest: float, longest: float, guess: float) -> None:
        span = Span()
        span.refused(shortest, longest)
        assert span.guess == pytest.approx(guess, abs=0.05)


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


class TestThreads:
    def test_wait_for_the_gate_and_go_through_it(self) -> None:
        gate = Gate()
        gate.accepted(gate.enter())
        gate.refused(gate.enter(), 0.05)
        done: list[int] = []

        def work(number: int) -> None:
            gate.accepted(gate.enter(f"customer-{number}"))
            done.append(number)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(done) == list(range(WORKERS))

    def test_a_lost_probe_lets_the_next_one_go(self) -> None:
        gate = Gate()
        gate.accepted(gate.enter())
        gate.refused(gate.enter(), 0.5)
        probe = gate.enter()
        done = threading.Event()
        thread = threading.Thread(target=lambda: (gate.enter("a"), done.set()))
        thread.start()
        assert not done.is_set()
        gate.dropped(probe)
        assert done.wait(30)
        thread.join(30)

    def test_stop_ends_the_wait(self) -> None:
        gate = Gate(stopped=lambda: True)
        gate.refused(gate.enter(), 600.0)
        with pytest.raises(StopAsked):
            gate.enter()
