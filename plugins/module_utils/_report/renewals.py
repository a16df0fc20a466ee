# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The ends of terms of a fleet, by month and by the last day to decide, for people. Pure.

What is looked at are subscriptions as ``pc_subscription_info`` returns them, in snake_case and with ``renewal``.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from .._common import case
from .._common.times import parse_time
from .._state import traits
from .._state.wording import TERMS
from .texts import clean, minute, number_of

Subscription = t.Mapping[str, t.Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """
    One term that ends. ``then``: an effect, or ``undecided`` where a paid extended service term follows that nobody
    asked for. ``seats_after`` is None where it cannot be told; days are texts such as ``2026-12-04``, empty where the
    subscription has no date. ``decide_by``: the last whole day to decide; ``decide_at``: when it is too late.
    """

    then: str
    customer_id: str
    customer_name: str
    subscription_id: str
    offer_name: str
    friendly_name: str
    commitment: str
    seats: int
    seats_after: int | None
    ends: str
    decide_by: str
    decide_at: str
    is_extended: bool
    rolls_on: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The last day on which something can be decided about ``endings``: undecided ones first, then by customer."""

    decide_by: str
    endings: tuple[Ending, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month such as ``2026-12``. Of monthly terms that merely roll on there is only a count, and their seats."""

    name: str
    days: tuple[Day, ...]
    rolling: int
    rolling_seats: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it; ``counts`` and ``seats`` by what happens then (seats of now), rolling ones included."""

    months: tuple[Month, ...]
    counts: t.Mapping[str, int]
    seats: t.Mapping[str, int]


#: What happens then -> how an overview says it, in the order in which it counts.
WORDS: t.Final[t.Mapping[str, str]] = {
    "undecided": "undecided",
    "unknown": "unknown",
    "cancel": "cancelled",
    "lapse": "ended",
    "extended_service_term": "in an extended service term",
    "transition": "moved to another product",
    "renew": "renewed",
}
#: What has to be decided, or at least looked at.
UNSAID: t.Final = ("undecided", "unknown")
_MONTHLY: t.Final = "P1M"


def overview(subscriptions: t.Iterable[Subscription]) -> Overview:
    """The ends of terms of subscriptions; those without a ``renewal`` are left out."""
    endings = [_ending(one, one["renewal"]) for one in subscriptions if isinstance(one.get("renewal"), dict)]
    counts = Counter(one.then for one in endings)
    seats: Counter[str] = Counter()
    for one in endings:
        seats[one.then] += one.seats
    names = sorted({one.decide_by[:7] for one in endings}, key=_known_first)
    return Overview(
        tuple(_month(name, [one for one in endings if one.decide_by[:7] == name]) for name in names),
        {then: counts[then] for then in WORDS if counts[then]},
        {then: seats[then] for then in WORDS if counts[then]},
    )


def ends_headline(found: Overview) -> str:
    """All of it in one sentence, without its full stop."""
    if not found.counts:
        return "No term ends"
    total = sum(found.counts.values())
    listed = ", ".join(f"{count:,} {WORDS[then]}" for then, count in found.counts.items())
    return f"{number_of(total, 'term')} with {number_of(sum(found.seats.values()), 'seat')}: {listed}"


def first_undecided(found: Overview) -> str | None:
    """The first day by which something has to be decided (empty where that is not known); None where nothing has."""
    return next(
        (day.decide_by for month in found.months for day in month.days if day.endings[0].then == "undecided"), None
    )


def to_dict(found: Overview) -> dict[str, t.Any]:
    """The overview as plain data."""
    return {
        "counts": dict(found.counts),
        "seats": dict(found.seats),
        "months": [
            {
                "month": month.name,
                "rolling": month.rolling,
                "rolling_seats": month.rolling_seats,
                "days": [
                    {"decide_by": day.decide_by, "subscriptions": [_plain(one) for one in day.endings]}
                    for day in month.days
                ],
            }
            for month in found.months
        ],
    }


def _plain(one: Ending) -> dict[str, t.Any]:
    return {
        "then": one.then,
        "customer_id": one.customer_id,
        "customer_name": one.customer_name,
        "subscription_id": one.subscription_id,
        "offer_name": one.offer_name,
        "friendly_name": one.friendly_name,
        "commitment": one.commitment,
        "quantity": one.seats,
        "quantity_after": one.seats_after,
        "ends": one.ends,
    }


def _ending(subscription: Subscription, renewal: t.Mapping[str, t.Any]) -> Ending:
    effect, seats, after = case.text(renewal, "end_of_term"), traits.seats(subscription), renewal.get("quantity_after")
    is_extended = renewal.get("in_extended_service_term") is True
    is_undecided = renewal.get("decided") is False
    term = case.text(subscription, "term_duration").upper()
    return Ending(
        then="undecided" if is_undecided else effect if effect in WORDS else "unknown",
        customer_id=_one_line(subscription, "customer_id"),
        customer_name=_one_line(subscription, "customer_name"),
        subscription_id=_one_line(subscription, "id"),
        offer_name=_one_line(subscription, "offer_name"),
        friendly_name=_one_line(subscription, "friendly_name"),
        commitment=clean(_commitment(term, case.text(subscription, "billing_cycle"))),
        seats=seats or 0,
        seats_after=after,
        ends=_one_line(renewal, "ends_at")[:10],
        decide_by=_last_day(renewal.get("decide_by")),
        decide_at=minute(renewal.get("decide_by")),
        is_extended=is_extended,
        rolls_on=term == _MONTHLY and effect == "renew" and after in (None, seats) and not is_extended,
    )


def _last_day(time: t.Any) -> str:
    """The day before, for what ends at midnight; empty where there is no time."""
    moment = parse_time(time)
    return "" if moment is None else (moment - timedelta(seconds=1)).date().isoformat()


def _one_line(subscription: Subscription, key: str) -> str:
    return clean(case.text(subscription, key))


def _commitment(term: str, billing_cycle: str) -> str:
    told = TERMS.get(term, term)
    cycle = billing_cycle.lower().replace("_", " ")
    if not told or not cycle or term == _MONTHLY:
        return told
    return f"{told}, billed {'monthly' if cycle == 'monthly' else 'annually' if cycle == 'annual' else cycle}"


def _month(name: str, endings: t.Sequence[Ending]) -> Month:
    listed = [one for one in endings if not one.rolls_on]
    rolling = [one for one in endings if one.rolls_on]
    days = sorted({one.decide_by for one in listed}, key=_known_first)
    return Month(
        name,
        tuple(Day(day, tuple(sorted((one for one in listed if one.decide_by == day), key=_order))) for day in days),
        len(rolling),
        sum(one.seats for one in rolling),
    )


def _known_first(day: str) -> tuple[bool, str]:
    return day == "", day


def _order(one: Ending) -> tuple[t.Any, ...]:
    return [*WORDS].index(one.then), one.customer_name.lower(), one.customer_id, one.subscription_id


def then_in_words(one: Ending) -> str:
    if one.then == "undecided":
        return "UNDECIDED"
    if one.then == "renew":
        if one.seats_after is not None and one.seats_after != one.seats:
            return f"renews with {number_of(one.seats_after, 'seat')}"
        return "renews"
    if one.then == "extended_service_term" and one.is_extended:
        return "goes on in its extended term"
    return {
        "cancel": "is cancelled",
        "lapse": "ends",
        "extended_service_term": "paid extended term",
        "transition": "moves to another product",
    }.get(one.then, "UNKNOWN action")
