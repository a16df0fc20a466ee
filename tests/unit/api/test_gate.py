# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose limit the gate takes a refusal for, what it learns of it, and who waits."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.throttle.gate import (
    PARTNER,
    ClosedInVain,
    Gate,
    Permit,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.throttle.limit import window_length
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import (
    StopRequested,
    Surroundings,
)

from .simulation import SetClock

pytestmark = pytest.mark.once

WORKERS = 16


def permit(asked: Permit | float | None) -> Permit:
    assert isinstance(asked, Permit)
    return asked


class TestScope:
    def gate(self) -> tuple[Gate, list[float]]:
        now = [0.0]
        return Gate(SetClock(lambda: now[0])), now

    def test_the_first_refusal_closes_only_the_customer(self) -> None:
        gate, _now = self.gate()
        assert gate.refused(permit(gate.ask("a")), 30.0) == "a"
        assert gate.ask("a") == 30.0
        assert isinstance(gate.ask("b"), Permit)

    def test_refusals_of_two_customers_close_the_partner(self) -> None:
        gate, now = self.gate()
        one, two = permit(gate.ask("a")), permit(gate.ask("b"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        assert gate.refused(two, 40.0) == PARTNER
        assert (gate.ask("a"), gate.ask("b")) == (pytest.approx(29.9), 40.0)
        witness = permit(gate.ask("c"))
        assert gate.ask("d") == gate.ask(None) == 40.0
        assert gate.refused(witness, 39.0) == PARTNER
        assert gate.ask("d") == gate.ask(None) == 40.0

    def test_an_accepted_third_customer_opens_the_partner_again(self) -> None:
        gate, now = self.gate()
        one, two = permit(gate.ask("a")), permit(gate.ask("b"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        gate.refused(two, 40.0)
        gate.accepted(permit(gate.ask("c")))
        assert isinstance(gate.ask("d"), Permit)
        assert isinstance(gate.ask(None), Permit)
        assert gate.ask("a") == pytest.approx(29.9)
        assert gate.ask("b") == 40.0

    def test_a_second_refusal_is_the_customers_if_others_were_accepted_between(self) -> None:
        gate, now = self.gate()
        one, two = permit(gate.ask("a")), permit(gate.ask("b"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        gate.accepted(permit(gate.ask("c")))
        assert gate.refused(two, 40.0) == "b"
        assert isinstance(gate.ask("d"), Permit)

    def test_writes_alone_may_be_limited(self) -> None:
        gate, now = self.gate()
        one, two = permit(gate.ask("a", is_write=True)), permit(gate.ask("b", is_write=True))
        read = permit(gate.ask("c"))
        assert gate.refused(one, 30.0) == "a"
        assert isinstance(gate.ask("a"), Permit)
        now[0] = 0.1
        assert gate.refused(two, 30.0) == PARTNER
        gate.accepted(read)
        assert isinstance(gate.ask("a"), Permit)
        gate.refused(permit(gate.ask("d", is_write=True)), 30.0)
        assert gate.ask("e", is_write=True) == 30.0
        assert isinstance(gate.ask("e"), Permit)

    def test_reads_and_writes_are_limited_together(self) -> None:
        gate, now = self.gate()
        write, read = permit(gate.ask("a", is_write=True)), permit(gate.ask("a"))
        gate.refused(write, 30.0)
        now[0] = 0.1
        assert gate.refused(read, 30.0) == "a"
        assert gate.ask("a") == 30.0
        assert isinstance(gate.ask("b", is_write=True), Permit)

    @pytest.mark.parametrize(("seconds", "whose"), [(1.0, PARTNER), (2.0, PARTNER), (3.5, "a"), (30.0, "a")])
    def test_the_end_of_a_known_window_is_the_partners_if_the_wait_agrees(self, seconds: float, whose: str) -> None:
        gate, now = self.gate()
        for _number in range(10):
            gate.accepted(permit(gate.ask(None)))
        gate.refused(permit(gate.ask(None)), 2.0)
        now[0] = 2.0
        for _number in range(9):
            gate.accepted(permit(gate.ask(None)))
        now[0] = 2.5
        assert gate.refused(permit(gate.ask("a")), seconds) == whose

    def test_a_refusal_in_the_midst_of_a_known_window_is_the_customers(self) -> None:
        gate, now = self.gate()
        for _number in range(10):
            gate.accepted(permit(gate.ask(None)))
        gate.refused(permit(gate.ask(None)), 2.0)
        now[0] = 2.0
        for _number in range(8):
            gate.accepted(permit(gate.ask(None)))
        assert gate.refused(permit(gate.ask("a")), 2.0) == "a"

    def test_an_old_refusal_is_no_evidence(self) -> None:
        gate, now = self.gate()
        gate.refused(permit(gate.ask("a")), 30.0)
        now[0] = 31.0
        assert gate.refused(permit(gate.ask("b")), 30.0) == "b"

    def test_a_request_without_customer_is_the_partners(self) -> None:
        gate, _now = self.gate()
        assert gate.refused(permit(gate.ask(None)), 30.0) == PARTNER
        assert gate.ask("a") == 30.0

    def test_one_probe_at_a_time_after_the_wait(self) -> None:
        gate, now = self.gate()
        gate.accepted(permit(gate.ask(None)))
        gate.refused(permit(gate.ask(None)), 30.0)
        now[0] = 30.0
        probe = permit(gate.ask(None))
        assert gate.ask("a") is None
        gate.dropped(probe)
        probe = permit(gate.ask("a"))
        assert gate.ask("b") is None
        gate.accepted(probe)
        assert gate.ask("b") is not None

    def test_a_leader_without_a_verdict_lets_another_one_lead(self) -> None:
        gate, now = self.gate()
        for _number in range(5):
            gate.accepted(permit(gate.ask(None)))
        gate.refused(permit(gate.ask(None)), 30.0)
        now[0] = 30.0
        for _number in range(3):
            leader = permit(gate.ask(None))
            assert gate.ask("a") is None
            gate.dropped(leader)
        gate.accepted(permit(gate.ask(None)))
        assert isinstance(gate.ask("a"), Permit)
        assert isinstance(gate.ask("b"), Permit)

    def test_nobody_waits_for_ever_where_a_whole_window_went_without_a_verdict(self) -> None:
        gate, now = self.gate()
        for start in (0.0, 2.0):
            now[0] = start
            gate.accepted(permit(gate.ask(None)))
            gate.accepted(permit(gate.ask(None)))
            gate.refused(permit(gate.ask(None)), 2.0)
        for start, answered in ((4.0, gate.accepted), (14.0, gate.dropped)):
            now[0] = start
            answered(permit(gate.ask(None)))
            answered(permit(gate.ask(None)))
        assert gate.ask(None) is not None

    def test_a_refusal_is_about_one_api(self) -> None:
        gate, now = self.gate()
        one, two = permit(gate.ask("a", api="subscriptions")), permit(gate.ask("b", api="subscriptions"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        assert gate.refused(two, 30.0) == PARTNER
        assert isinstance(gate.ask("a", api="supportcontact"), Permit)

    def test_apis_may_share_a_limit(self) -> None:
        gate, now = self.gate()
        one, two = permit(gate.ask("a", api="subscriptions")), permit(gate.ask("a", api="supportcontact"))
        gate.refused(one, 30.0)
        now[0] = 0.1
        assert gate.refused(two, 30.0) == "a"
        # One goes ahead to find out whether it is true of the others, too.
        gate.refused(permit(gate.ask("a", api="orders")), 29.0)
        assert gate.ask("a", api="invoices") == pytest.approx(29.9, abs=0.2)
        assert isinstance(gate.ask("b", api="orders"), Permit)


class TestWhatIsLearned:
    def test_requests_under_way_at_the_refusal_belong_to_the_grant(self) -> None:
        now = [0.0]
        gate = Gate(SetClock(lambda: now[0]))
        asked = [permit(gate.ask(None)) for _number in range(9)]
        for one in asked[:5]:
            gate.accepted(one)
        gate.refused(asked[5], 2.0)
        for one in asked[6:]:
            gate.accepted(one)
        now[0] = 2.0
        for _number in range(8):
            gate.accepted(permit(gate.ask(None)))
        # A ninth one waits for the next window, or is a probe of which there is only one.
        ninth = gate.ask(None)
        assert not isinstance(ninth, Permit) or gate.ask(None) is None

    def test_a_limit_that_turns_out_to_be_another_one_is_not_predicted_for_a_while(self) -> None:
        now = [0.0]
        gate = Gate(SetClock(lambda: now[0]))
        # Proven, then refused after a quarter of it, then in full again.
        for start, accepted in ((0.0, 40), (2.0, 40), (4.0, 10), (6.0, 40)):
            now[0] = start
            for _number in range(accepted):
                gate.accepted(permit(gate.ask(None)))
            gate.refused(permit(gate.ask(None)), 2.0)
        now[0] = 8.0
        for _number in range(60):
            gate.accepted(permit(gate.ask(None)))

    @pytest.mark.parametrize(("longest", "seconds"), [(2.3, 2.0), (2.9, 2.0), (1.17, 1.0), (1.9, 1.0)])
    def test_windows_are_whole_seconds_long(self, longest: float, seconds: float) -> None:
        assert window_length(longest) == pytest.approx(seconds, abs=0.05)


class TestInVain:
    """Every write is refused for a second, with ``retries`` 2; what else is asked for is accepted."""

    def gate(self, retries: int = 2) -> tuple[Gate, list[float]]:
        now = [0.0]
        return Gate(SetClock(lambda: now[0]), retries=retries), now

    def refuse_writes(self, gate: Gate, now: list[float], times: int) -> None:
        for number in range(times):
            now[0] += 1.0
            gate.accepted(permit(gate.ask(f"reader-{number}")))
            gate.refused(permit(gate.ask("a", is_write=True)), 1.0)

    def test_reads_that_are_accepted_do_not_count_for_writes(self) -> None:
        gate, now = self.gate()
        self.refuse_writes(gate, now, 2)
        assert not gate.is_in_vain(is_write=True)
        self.refuse_writes(gate, now, 1)
        assert gate.is_in_vain(is_write=True)
        assert not gate.is_in_vain(is_write=False)

    def test_writes_that_wait_for_the_same_limit_end_as_well(self) -> None:
        gate, now = self.gate()
        self.refuse_writes(gate, now, 2)
        assert gate.ask("a", is_write=True) == 1.0
        self.refuse_writes(gate, now, 1)
        with pytest.raises(ClosedInVain) as caught:
            gate.ask("a", is_write=True)
        assert (caught.value.times, caught.value.seconds) == (3, 1.0)
        assert isinstance(gate.ask("a"), Permit)

    def test_an_accepted_write_lets_the_others_wait_again(self) -> None:
        gate, now = self.gate()
        self.refuse_writes(gate, now, 3)
        now[0] += 1.0
        gate.accepted(permit(gate.ask("a", is_write=True)))
        gate.refused(permit(gate.ask("a", is_write=True)), 1.0)
        assert not gate.is_in_vain(is_write=True)
        assert gate.ask("a", is_write=True) == 1.0

    def test_one_closing_is_waited_for_by_the_others_whatever_retries_say(self) -> None:
        gate, now = self.gate(retries=0)
        self.refuse_writes(gate, now, 1)
        assert gate.is_in_vain(is_write=True)
        assert gate.ask("a", is_write=True) == 1.0

    def test_what_was_under_way_when_it_closed_counts_once(self) -> None:
        gate, _now = self.gate(retries=1)
        sent = [permit(gate.ask(f"c-{number}", is_write=True)) for number in range(5)]
        for one in sent:
            gate.refused(one, 1.0)
            gate.accepted(permit(gate.ask("reader")))
        assert not gate.is_in_vain(is_write=True)

    def test_what_gives_back_what_a_write_took_away_is_tried_nevertheless(self) -> None:
        now = [0.0]
        around = SetClock(lambda: now[0])
        gate = Gate(around, retries=2)
        self.refuse_writes(gate, now, 3)
        with around.finishing():
            assert gate.ask("a", is_write=True) == 1.0


class TestThreads:
    def test_wait_for_the_gate_and_go_through_it(self) -> None:
        gate = Gate(Surroundings())
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
        gate = Gate(Surroundings())
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
        gate = Gate(Surroundings(lambda: True))
        gate.refused(gate.enter(), 600.0)
        with pytest.raises(StopRequested):
            gate.enter()
