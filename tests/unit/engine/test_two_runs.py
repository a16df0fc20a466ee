# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs on one subscription at once, in every order of their requests: no scheduled change goes without a word."""

from __future__ import annotations

import threading
import typing as t

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings
from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import Progress
from ansible_collections.csp.partner_center.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Options, Runtime, drive
from ansible_collections.csp.partner_center.plugins.module_utils._state import kinds
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Desired, ResourceOutcome, Target

from ..emulators import Emulator
from .fleets import INSTRUCTIONS
from .one_path import OnePath

pytestmark = pytest.mark.once

Values = dict[str, t.Any]
KEYS: t.Final = {"quantity": "quantity", "friendly_name": "friendlyName", "partner_id": "partnerId"}
#: A number of seats that nothing else mentions.
SEATS = 4711
#: What is asked of the subscription by one run and by the other.
GOALS: tuple[tuple[Values, Values], ...] = (
    ({"quantity": 200}, {"quantity": 200}),
    ({"quantity": 200}, {"quantity": 190}),
    ({"quantity": 200}, {"friendly_name": "n"}),
    ({"quantity": 200, "partner_id": "4391507"}, {"friendly_name": "n", "quantity": 200}),
    ({"friendly_name": "n"}, {"friendly_name": "m"}),
)


class Turns:
    """
    Who may go on: one run at a time, handed over before each read and while one waits. ``choices`` says who comes next,
    ``delays`` how long a run rests before each of its reads.

    A write follows at once on the read that it is built on: what comes between them, nobody can see.
    """

    def __init__(self, path: OnePath, choices: t.Sequence[int], delays: t.Sequence[float], runs: int) -> None:
        self._path = path
        self._choices = iter(choices)
        self._delays = iter(delays)
        self._due = dict.fromkeys(range(runs), 0.0)
        self._now = 0.0
        self._turn: int | None = None
        self._changed = threading.Condition()

    def begin(self) -> None:
        with self._changed:
            self._hand_over()

    def wait_for_first(self, run: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._turn == run, timeout=60)

    def pause(self, run: int, seconds: float = 0.0) -> None:
        with self._changed:
            self._due[run] = self._now + seconds
            self._hand_over()
            self._changed.wait_for(lambda: self._turn == run, timeout=60)

    def rest(self, run: int) -> None:
        self.pause(run, next(self._delays, 0.0))

    def end(self, run: int) -> None:
        with self._changed:
            del self._due[run]
            self._hand_over()

    def now(self) -> float:
        return self._now

    def _hand_over(self) -> None:
        if not self._due:
            self._turn = None
            return
        first = min(self._due.values())
        if first > self._now:
            self._path.wait(first - self._now)
            self._now = first
        ready = sorted(run for run, due in self._due.items() if due <= self._now)
        self._turn = ready[next(self._choices, 0) % len(ready)]
        self._changed.notify_all()


class OneRunsTime(Surroundings):
    """The engine's time of one run: while it waits, the others have their turns."""

    def __init__(self, turns: Turns, run: int) -> None:
        super().__init__()
        self._turns = turns
        self._run = run

    def clock(self) -> float:
        return self._turns.now()

    def sleep(self, seconds: float) -> None:
        self._turns.pause(self._run, seconds)


class Watched(Progress):
    """Hands over before each read that a run sends; ``first_sight``: whether the first could see the instructions."""

    def __init__(self, turns: Turns, run: int, is_there: t.Callable[[], bool]) -> None:
        super().__init__()
        self._hand_over = lambda: turns.rest(run)
        self._is_there = is_there
        self.first_sight: bool | None = None

    def sent(self, method: str, path: str) -> None:
        super().sent(method, path)
        if method == "GET":
            self._hand_over()
            if self.first_sight is None:
                self.first_sight = self._is_there()


class Ended(t.NamedTuple):
    outcome: ResourceOutcome
    has_seen_it: bool


def together(
    path: OnePath, ids: tuple[str, str], goals: t.Sequence[Values], timeouts: t.Sequence[int], turns: Turns
) -> list[Ended]:
    """The outcomes of runs side by side, in the order in which they ended."""
    outcomes: list[Ended] = []

    def work(number: int, values: Values) -> None:
        watched = Watched(turns, number, lambda: INSTRUCTIONS in path.emulator.stored(ids))
        options = Options(wait_timeout=timeouts[number])
        time = OneRunsTime(turns, number)
        runtime = Runtime(path.connect(observer=watched), options, surroundings=time)
        desired = Desired(Target("subscription", *ids), kinds.of("subscription").check_settings(values))
        turns.wait_for_first(number)
        try:
            outcome = drive(reconcile(desired, runtime), time)
            outcomes.append(Ended(outcome, bool(watched.first_sight)))
        finally:
            turns.end(number)

    threads = [threading.Thread(target=work, args=one) for one in enumerate(goals)]
    for thread in threads:
        thread.start()
    turns.begin()
    for thread in threads:
        thread.join(timeout=120)
    assert len(outcomes) == len(goals)
    return outcomes


@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
)
@given(
    goals=st.sampled_from(GOALS),
    switches=st.sampled_from(
        [{}, *({"patch_answer": "202", "accepted_delay": delay} for delay in (0.5, 7.0, 40.0))],
    ),
    #: A run that gives up leaves its write to the other one.
    timeouts=st.sampled_from([(1, 300), (1, 300), (1, 1), (300, 300)]),
    choices=st.lists(st.integers(0, 1), min_size=8, max_size=8),
    delays=st.lists(st.sampled_from([0.0, 0.0, 2.0, 60.0]), min_size=6, max_size=6),
)
def test_scheduled_changes_survive_two_runs_at_once_or_somebody_says_so(
    emulator: Emulator,
    path: OnePath,
    goals: tuple[Values, Values],
    switches: Values,
    timeouts: tuple[int, int],
    choices: list[int],
    delays: list[float],
) -> None:
    """What a run saw that ended last, and ended well, is there; else one that failed names what is gone."""
    emulator.reset()
    emulator.switch(**switches)
    ids = emulator.find("scheduled")
    scheduled = {**emulator.stored(ids)[INSTRUCTIONS], "quantity": SEATS}
    emulator.store(ids, **{INSTRUCTIONS: scheduled})
    ended = together(path, ids, goals, timeouts, Turns(path, choices, delays, len(goals)))
    path.wait(120)
    emulator.switch(patch_answer="200")
    stored = emulator.stored(ids)
    failed = [f"{one.error} {' '.join(one.warnings)}" for one, _seen in ended if one.error is not None]
    last = ended[-1]
    if last.outcome.error is None and last.has_seen_it:
        assert stored.get(INSTRUCTIONS) == scheduled, failed
    elif stored.get(INSTRUCTIONS) != scheduled:
        assert any(str(SEATS) in text for text in failed), failed
    if not failed:
        for name, key in KEYS.items():
            wanted = [one[name] for one in goals if name in one]
            assert not wanted or stored[key] in wanted
