# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The guard: limits over the whole plan of a task; over one of them, nothing at all is written."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass

from .._common.problems import InvalidInput, Problem
from .._common.words import many, some, unknown_name
from . import checks, fields, kinds, traits
from .end_of_term import effect

#: Neither is ever an accident.
FORBIDDEN_STATUSES: t.Final = ("deleted", "suspended")
_SHOWN = 5

Entry = t.Mapping[str, t.Any]


class GuardBreach(Problem):
    """The plan goes beyond what the guard allows; nothing was written."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Limits; None means no limit. ``protected`` are customer or subscription ids in lower case."""

    max_changes: int | None = None
    max_changes_percent: float | None = None
    max_seat_increase: int | None = None
    max_seat_decrease: int | None = None
    max_seat_increase_per_subscription: int | None = None
    forbid_statuses: tuple[str, ...] = FORBIDDEN_STATUSES
    forbid_end_of_term: tuple[str, ...] = ()
    forbid_fields: tuple[str, ...] = ()
    protected: frozenset[str] = frozenset()


def parse_guard(option: str, value: t.Any) -> Guard:
    """The checked guard; raises InvalidInput naming the option."""
    if not isinstance(value, dict):
        raise InvalidInput(option, "must be a dictionary.")
    given = {name: one for name, one in value.items() if one is not None}
    unknown = [name for name in given if name not in Guard.__dataclass_fields__]
    if unknown:
        raise InvalidInput(f"{option}.{unknown[0]}", unknown_name(str(unknown[0]), Guard.__dataclass_fields__))
    parsers: dict[str, checks.Check] = {
        "max_changes_percent": _percent,
        "forbid_statuses": lambda path, one: _checked_list(path, one, checks.one_of(*fields.STATUSES)),
        "forbid_end_of_term": lambda path, one: _checked_list(path, one, checks.one_of(*effect.CHOICES)),
        "forbid_fields": lambda path, one: _checked_list(path, one, checks.one_of(*kinds.ITEM_NAMES)),
        "protected": lambda path, one: frozenset(item.lower() for item in _checked_list(path, one, checks.guid)),
    }
    parsed: dict[str, t.Any] = {}
    for name, one in given.items():
        parse: checks.Check = parsers.get(name, checks.count)
        parsed[name] = parse(f"{option}.{name}", one)
    return Guard(**parsed)


def check_plan(guard: Guard, entries: t.Sequence[Entry], subscriptions: int) -> None:
    """
    Raises GuardBreach naming each limit that the plan's entries break, by how much, and what contributes most.

    ``subscriptions`` is the number of subscriptions that the task looked at.
    """
    breaches = [*_counts(guard, entries, subscriptions), *_seat_breaches(guard, entries), *_forbidden(guard, entries)]
    if breaches:
        raise GuardBreach(
            f"The guard stopped the plan, nothing was written: {' '.join(breaches)}",
            "Look at the plan, then change the policies or raise the limit.",
            breaches=breaches,
        )


def _counts(guard: Guard, entries: t.Sequence[Entry], subscriptions: int) -> t.Iterator[str]:
    changed = Counter(_entry_key(entry) for entry in entries)
    if guard.max_changes is not None and len(changed) > guard.max_changes:
        yield (
            f"{many(len(changed), 'subscription')} would change, max_changes is {guard.max_changes} "
            f"({len(changed) - guard.max_changes} too many); {_most_customers(entries)}."
        )
    percent = 100 * len(changed) / subscriptions if subscriptions else 0
    if guard.max_changes_percent is not None and percent > guard.max_changes_percent:
        yield (
            f"{percent:.1f} % of {many(subscriptions, 'subscription')} would change, max_changes_percent is "
            f"{guard.max_changes_percent:g}; {_most_customers(entries)}."
        )


def _seat_breaches(guard: Guard, entries: t.Sequence[Entry]) -> t.Iterator[str]:
    moves = [
        (entry["after"] - (traits.seat_count(entry["before"]) or 0), entry)
        for entry in entries
        if entry["field"] == "quantity"
    ]
    more, fewer = [one for one in moves if one[0] > 0], [(-by, entry) for by, entry in moves if by < 0]
    for name, limit, side in (
        ("max_seat_increase", guard.max_seat_increase, more),
        ("max_seat_decrease", guard.max_seat_decrease, fewer),
    ):
        total = sum(by for by, _entry in side)
        if limit is not None and total > limit:
            verb = "added" if side is more else "taken back"
            yield (
                f"{many(total, 'seat')} would be {verb}, {name} is {limit} ({total - limit} too many); "
                f"{_most_seats(side)}."
            )
    limit = guard.max_seat_increase_per_subscription
    above = [one for one in more if limit is not None and one[0] > limit]
    if above:
        yield (
            f"{many(len(above), 'subscription')} would get more than max_seat_increase_per_subscription ({limit}) "
            f"seats; {_most_seats(above)}."
        )


def _forbidden(guard: Guard, entries: t.Sequence[Entry]) -> t.Iterator[str]:
    statuses = [entry for entry in entries if entry["field"] == "status" and entry["after"] in guard.forbid_statuses]
    if statuses:
        counted = Counter(entry["after"] for entry in statuses)
        listed = ", ".join(f"{count} to {status}" for status, count in counted.most_common())
        yield (
            f"{many(len(statuses), 'subscription')} would change status ({listed}), which forbid_statuses forbids; "
            f"{_first_ones(statuses)}."
        )
    ends = [e for e in entries if e["field"] == fields.END_OF_TERM and e["after"] in guard.forbid_end_of_term]
    if ends:
        counted = Counter(entry["after"] for entry in ends)
        listed = ", ".join(f"{count} to {end}" for end, count in counted.most_common())
        yield (
            f"{many(len(ends), 'subscription')} would get another end of term ({listed}), which forbid_end_of_term "
            f"forbids; {_first_ones(ends)}."
        )
    forbidden = [entry for entry in entries if not _touched(entry).isdisjoint(guard.forbid_fields)]
    if forbidden:
        names = ", ".join(sorted({name for entry in forbidden for name in _touched(entry) & {*guard.forbid_fields}}))
        yield f"{many(len(forbidden), 'change')} of {names}, which forbid_fields forbids; {_first_ones(forbidden)}."
    protected = [entry for entry in entries if not guard.protected.isdisjoint(_entry_key(entry))]
    if protected:
        count = len({_entry_key(entry) for entry in protected})
        yield f"{many(count, 'protected subscription')} would change; {_first_ones(protected)}."


def _entry_key(entry: Entry) -> tuple[str, str]:
    return entry["customer_id"].lower(), entry["subscription_id"].lower()


def _customer(entry: Entry) -> str:
    return str(entry.get("customer_name") or entry["customer_id"])


def _touched(entry: Entry) -> set[str]:
    """The field that is changed, and the scheduled changes that go with it."""
    return {entry["field"], *entry.get("drops", ())}


def _most_customers(entries: t.Sequence[Entry]) -> str:
    customers = {entry["customer_id"].lower(): _customer(entry) for entry in entries}
    names = Counter(customers.values())
    changed = Counter(customer_id for customer_id, _subscription_id in dict.fromkeys(map(_entry_key, entries)))
    shown = []
    for customer_id, count in changed.most_common(_SHOWN):
        name = customers[customer_id]
        shown.append(f"{name} ({count})" if names[name] == 1 else f"{name} {customer_id} ({count})")
    return f"most of them: {', '.join(shown)}"


def _most_seats(moves: t.Sequence[tuple[int, Entry]]) -> str:
    largest = sorted(moves, key=lambda move: -move[0])[:_SHOWN]
    return "largest: " + ", ".join(
        f"{_customer(entry)} {entry['subscription_id']} ({entry['before']} to {entry['after']})"
        for _by, entry in largest
    )


def _first_ones(entries: t.Sequence[Entry]) -> str:
    return some([f"{_customer(entry)} {entry['subscription_id']}" for entry in entries], _SHOWN)


def _percent(option: str, value: t.Any) -> float:
    try:
        number = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not 0 <= number <= 100:
        raise InvalidInput(option, "must be a number from 0 to 100.")
    return number


def _checked_list(option: str, value: t.Any, check_one: checks.Check) -> tuple[t.Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise InvalidInput(option, "must be a list.")
    return tuple(check_one(f"{option}[{index}]", one) for index, one in enumerate(value))
