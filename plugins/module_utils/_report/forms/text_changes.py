# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The changes of a plan, a result or a drift check as sections of text. What to look at twice comes first. Pure.
"""

from __future__ import annotations

import typing as t

from ..failures import own_words
from ..findings import About, FailureGroup, Folded
from ..model import ChangeRow, Changes, CustomerRows, Report, State, SubscriptionRows
from ..texts import number_of
from .layout import UNLIMITED, Column, TextLine, Tone, cut, isolated
from .sections import Row, Section, few
from .text_summary import undone, wrapped

_ROW: t.Final = (Column(), Column(), Column(is_change=True, is_below=True), Column(is_below=True))
_OF_CUSTOMER: t.Final = (
    Column(),
    Column(is_below=True),
    Column(is_change=True, is_below=True),
    Column(is_below=True),
)
_SUBSCRIPTION: t.Final = (Column(), Column(), Column(is_fixed=True))
_INDENT: t.Final = "    "
_IDS_INDENT: t.Final = "      "
_NAMED: t.Final = 3

_Found = tuple[SubscriptionRows, ChangeRow]


def plan_sections(report: Report, found: Changes, width: int, most: int | None) -> list[Section]:
    """Of a plan or a drift check."""
    risky = [(one, row) for one in found.risky for row in one.rows]
    return [
        *few(_refusals(risky, width), most, "kind of expected refusal"),
        *few(_no_way_back(risky, width), most, "reason"),
        *_other_risks(risky, width),
        *_about_subscriptions(report, found, width, most),
        *_customer_blocks(found, width, lambda row: not row.is_risky),
    ]


def result_sections(report: Report, found: Changes, width: int, most: int | None, *, details: bool) -> list[Section]:
    """Of a result: what failed and what is left, then (``details``) what was done."""
    return [
        *few([_failure_section(one, width, "failed") for one in found.failures], most, "kind of failure"),
        *_in_state(found, width, "not attempted"),
        *_in_state(found, width, "pending"),
        *_in_state(found, width, "unknown"),
        *_about_subscriptions(report, found, width, most),
        *(_customer_blocks(found, width, _is_done) if details else ()),
    ]


def _is_done(row: ChangeRow) -> bool:
    return row.state == "changed"


def _about_subscriptions(report: Report, found: Changes, width: int, most: int | None) -> list[Section]:
    return [
        *few([_warning_section(one, width) for one in found.warnings], most, "warning"),
        *few([_failure_section(one, width, "not planned") for one in found.unplanned], most, "reason"),
        *few([_failure_section(one, width, "not read", "customer") for one in report.unavailable], most, "reason"),
    ]


def _refusals(risky: t.Sequence[_Found], width: int) -> list[Section]:
    groups: dict[tuple[str, tuple[str, ...]], list[_Found]] = {}
    for one, row in risky:
        if row.refusals:
            groups.setdefault((row.field, row.codes or row.refusals), []).append((one, row))
    made = []
    for (field, _why), members in groups.items():
        heading = f"! {_number_of_changes(len(members), field)} that Partner Center is expected to refuse"
        text = members[0][1].refusals[0]
        is_same = len({row.refusals for _one, row in members}) == 1
        made.append(
            _section(
                [
                    *wrapped(heading, width, "warning", "  ", ""),
                    *wrapped(text if is_same else f"Such as: {text}", width, "", "  "),
                ],
                members,
            )
        )
    return sorted(made, key=lambda section: -len(section.rows))


def _no_way_back(risky: t.Sequence[_Found], width: int) -> list[Section]:
    groups: dict[tuple[str, str], list[_Found]] = {}
    for one, row in risky:
        if row.reversible == "no" and not row.refusals:
            groups.setdefault((row.field, row.reason), []).append((one, row))
    return [
        _section(
            wrapped(
                f"! {_number_of_changes(len(members), field)} that cannot be undone{f': {reason}' if reason else ''}",
                width,
                "warning",
                "  ",
                "",
            ),
            members,
        )
        for (field, reason), members in groups.items()
    ]


def _other_risks(risky: t.Sequence[_Found], width: int) -> list[Section]:
    groups: dict[str, list[_Found]] = {}
    for one, row in risky:
        if row.reversible != "no" and not row.refusals:
            groups.setdefault(row.field, []).append((one, row))
    return [
        _section(wrapped(f"~ {_number_of_changes(len(members), field)}", width, "changed", "  ", ""), members)
        for field, members in groups.items()
    ]


def _number_of_changes(count: int, field: str) -> str:
    return f"{number_of(count, 'change')} of {field}"


def _section(heading: t.Iterable[TextLine], members: t.Sequence[_Found]) -> Section:
    return Section(
        tuple(heading),
        tuple(
            Row(
                (one.about.customer, _offer(one), row.change, _note(row)),
                customer=one.about.customer_id,
            )
            for one, row in members
        ),
        _ROW,
    )


def _customer(about: About, width: int) -> str:
    """The customer; on a screen by the beginning of its id where the name of a subscription's is not known."""
    if about.customer_name or width >= UNLIMITED:
        return about.customer
    return f"customer {about.customer_id[:8]}" if about.subscription_id else about.customer


def _offer(one: SubscriptionRows) -> str:
    return one.about.offer_name or one.about.subscription_id


def _note(row: ChangeRow) -> str:
    notes = [undone(row.reversible)] if row.reversible.startswith("until") else []
    notes += ["cannot be undone"] if row.reversible == "no" and row.refusals else []
    return ", ".join([*notes, *(f"loses {drop}" for drop in row.drops)])


def _customer_blocks(found: Changes, width: int, is_meant: t.Callable[[ChangeRow], bool]) -> t.Iterator[Section]:
    rows = [row for customer in found.customers for row in _customer_block(customer, width, is_meant)]
    if rows:
        yield Section((), tuple(rows), _OF_CUSTOMER, indent="  ")


def _customer_block(customer: CustomerRows, width: int, is_meant: t.Callable[[ChangeRow], bool]) -> t.Iterator[Row]:
    meant = [(one, row) for one in customer.subscriptions for row in one.rows if is_meant(row)]
    count = len({one.about.subscription_id for one, _row in meant})
    size = f" ({number_of(count, 'subscription')})"
    name = isolated(cut(customer.name, width - len("~ ") - len(size)))
    above: tuple[TextLine, ...] = (TextLine(f"~ {name}{size}", "changed"),)
    offers = [_offer(one) for one in customer.subscriptions]
    last = ""
    for one, row in meant:
        offer = _offer(one)
        if offers.count(offer) > 1:
            offer = f"{offer} ({one.about.subscription_id[:8]})"
        is_next = one.about.subscription_id != last
        last = one.about.subscription_id
        yield Row((offer if is_next else "", row.field, row.change, _note(row)), above, customer=customer.customer_id)
        above = ()


def _in_state(found: Changes, width: int, state: State) -> t.Iterator[Section]:
    members = [one for one in found.subscriptions if one.state == state]
    words = {
        "not attempted": ("was not attempted", "were not attempted"),
        "unknown": (
            "may or may not be changed: the journal shows it",
            "may or may not be changed: the journal shows it",
        ),
        "pending": ("is accepted and not finished yet", "are accepted and not finished yet"),
    }
    if members:
        verb = words[state][len(members) > 1]
        yield Section(
            tuple(wrapped(f"! {number_of(len(members), 'subscription')} {verb}", width, "warning", "  ", "")),
            tuple(
                Row(
                    (one.about.customer, _offer(one), ", ".join(row.field for row in one.rows)),
                    customer=one.about.customer_id,
                )
                for one in members
            ),
            _ROW[:3],
            noun="subscription",
        )


def _warning_section(one: Folded, width: int) -> Section:
    if not one.about:
        return Section(tuple(wrapped(f"! {one.text}", width, "warning", "  ", "")))
    whom = number_of(one.count, "subscription")
    return Section(
        tuple(wrapped(f"! {whom}: {one.text}", width, "warning", "  ", "")),
        tuple(
            Row((about.customer, about.offer_name, about.subscription_id), customer=about.customer_id)
            for about in one.about
        ),
        _SUBSCRIPTION,
        noun="subscription",
        most=_NAMED,
    )


def _failure_section(group: FailureGroup, width: int, what: str, noun: str = "subscription") -> Section:
    tone: Tone = "error" if what == "failed" else "warning"
    text = " ".join(filter(None, (group.text, group.hint if group.hint not in group.text else "")))
    customers = all(not one.about.subscription_id for one in group.failures)
    whom = number_of(group.count, "customer" if customers else noun)
    rows = []
    own = own_words(group) if group.is_varied else [""] * group.count
    for one, words in zip(group.failures, own, strict=True):
        ids = [("request", one.request_id), ("correlation", one.correlation_id)] if what == "failed" else []
        said = ", ".join(f"{name} {value}" for name, value in ids if value)
        below = tuple(wrapped(words, width, "", _IDS_INDENT))
        below += tuple(wrapped(said, width, "", _IDS_INDENT)) if said else ()
        if one.not_started:
            below += tuple(wrapped(f"Not started: {', '.join(one.not_started)}", width, "", _IDS_INDENT))
        rows.append(
            Row(
                (_customer(one.about, width), one.about.offer_name, one.about.subscription_id or one.about.customer_id),
                below=below,
                customer=one.about.customer_id,
            )
        )
    return Section(
        tuple(wrapped(f"! {whom} {what}: {text}", width, tone, "  ", "")),
        tuple(rows),
        _SUBSCRIPTION,
        noun="customer" if customers else noun,
        most=None if what == "failed" else _NAMED,
    )
