# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A failing history made smaller: parts are left out one by one, as long as it still fails in the same way."""

from __future__ import annotations

import typing as t
from dataclasses import fields, replace

from .history import History, Run
from .invariants import violations
from .play import play

#: So many attempts are made at most.
MOST: t.Final = 1500


def names_of(history: History) -> set[str]:
    """The invariants that a history violates."""
    return {name for name, _what in violations(play(history))}


def shrunk(history: History) -> History:
    """The smallest history that was found that violates one of the same invariants."""
    wanted, left = names_of(history), MOST
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for candidate in _smaller(history):
            left -= 1
            if left <= 0:
                return history
            if names_of(candidate) & wanted:
                history, is_smaller = candidate, True
                break
    return history


def _smaller(history: History) -> t.Iterator[History]:
    """Each history with one part less, the largest parts first."""
    runs = history.runs
    for index in range(len(runs)):
        if len(runs) > 1:
            yield replace(history, runs=[*runs[:index], *runs[index + 1 :]])
    for name in ("rivals", "tweaks"):
        for rest in _without_one(getattr(history, name)):
            yield replace(history, **{name: rest})
    for name in history.switches:
        yield replace(history, switches={key: value for key, value in history.switches.items() if key != name})
    for place in range(len(history.fleet) - 1, -1, -1):
        if len(history.fleet) > 1:
            yield _without_subscription(history, place)
    for index, run in enumerate(runs):
        for smaller in _smaller_runs(run):
            yield replace(history, runs=[*runs[:index], smaller, *runs[index + 1 :]])


def _without_subscription(history: History, gone: int) -> History:
    """The others keep their places in what is about them."""

    def moved(place: int) -> int:
        return place - (place > gone)

    return replace(
        history,
        fleet=[*history.fleet[:gone], *history.fleet[gone + 1 :]],
        tweaks=[(moved(place), name) for place, name in history.tweaks if place != gone],
        rivals=[(at, moved(place), change) for at, place, change in history.rivals if place != gone],
        runs=[
            replace(run, items=[(moved(place), settings) for place, settings in run.items if place != gone])
            for run in history.runs
        ],
    )


def _smaller_runs(run: Run) -> t.Iterator[Run]:
    usual = Run()
    for name in ("faults", "items", "policies"):
        for rest in _without_one(getattr(run, name)):
            yield replace(run, **{name: rest})
    for one in fields(Run):
        if one.name not in ("way", "faults", "items", "policies", "options") and getattr(run, one.name) != getattr(
            usual, one.name
        ):
            yield replace(run, **{one.name: getattr(usual, one.name)})
    for name in run.options:
        yield replace(run, options={key: value for key, value in run.options.items() if key != name})
    for index, (place, settings) in enumerate(run.items):
        for name in settings if len(settings) > 1 else ():
            rest = {key: value for key, value in settings.items() if key != name}
            yield replace(run, items=[*run.items[:index], (place, rest), *run.items[index + 1 :]])
    for index, fault in enumerate(run.faults):
        if fault["count"] > 1:
            yield replace(run, faults=[*run.faults[:index], {**fault, "count": 1}, *run.faults[index + 1 :]])


def _without_one(parts: list[t.Any]) -> t.Iterator[list[t.Any]]:
    for index in range(len(parts)):
        yield [*parts[:index], *parts[index + 1 :]]
