# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What a page says before its table: what needs a look, and failures with what a support ticket needs. Pure.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...failures import own_words
from ...findings import About, Failure, FailureGroup, Folded
from ...model import ChangeRow, Changes, Report, SubscriptionRows
from ...texts import minute, number_of
from .tables import LOST, REFUSED, UNDONE

#: A page names so many; the table and the CSV file have all of them.
_NAMED: t.Final = 50

Mood = t.Literal["bad", "warn", "info", "good"]
_Found = tuple[SubscriptionRows, ChangeRow]


@dataclass(frozen=True, slots=True)
class Shown:
    """A filter of the table, by its column's heading, and the value to choose there."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to look at, and whom it is about: the first by name, the rest counted."""

    tone: Mood
    title: str
    text: str
    names: tuple[str, ...] = ()
    more: str = ""
    codes: tuple[str, ...] = ()
    hint: str = ""
    show: Shown | None = None


@dataclass(frozen=True, slots=True)
class FailureNotice:
    """Failures that are alike. ``ticket``: a text that can be pasted into a support ticket."""

    title: str
    text: str
    hint: str
    codes: tuple[str, ...]
    failures: tuple[Failure, ...]
    more: str
    ticket: str

    @property
    def has_not_started(self) -> bool:
        return any(one.not_started for one in self.failures)


def notices(report: Report) -> list[Notice]:
    """What needs a look, the gravest first."""
    found = report.changes
    made: list[Notice] = []
    if found is not None and not report.is_result:
        made += _refusal_notices(found)
        made += _for_good_notices(found)
        made += _loss_notices(found)
    if found is not None:
        made += [_group_notice("warn", one, "not planned") for one in found.unplanned]
    made += [_group_notice("warn", one, "not read", "customer") for one in report.unavailable]
    if found is not None:
        made += map(_warning_notice, found.warnings)
        made += _for_a_time_notices(found) if not report.is_result else []
    return made


def failure_notices(report: Report) -> list[FailureNotice]:
    return [] if report.changes is None else [_failure_notice(report, one) for one in report.changes.failures]


def _refusal_notices(found: Changes) -> t.Iterator[Notice]:
    for one in found.refusals:
        title = f"{number_of(one.count, 'change')} that Partner Center is expected to refuse"
        show = Shown("To know", REFUSED)
        yield _about_whom(Notice("bad", title, one.text, codes=_unsaid_codes(one), show=show), one.about)


def _for_good_notices(found: Changes) -> t.Iterator[Notice]:
    for (field, reason), members in _grouped(found, lambda row: row.reversible == "no").items():
        title = f"{number_of(len(members), 'change')} of {field} that cannot be undone"
        text = f"{reason[:1].upper()}{reason[1:]}." if reason else "There is no way back."
        yield _about_whom(
            Notice("warn", title, text, show=Shown("Can be undone", UNDONE["no"])), [one.about for one, _row in members]
        )


def _for_a_time_notices(found: Changes) -> t.Iterator[Notice]:
    groups = _grouped(found, lambda row: row.reversible.startswith("until"))
    for (field, reason), members in groups.items():
        first = min(row.reversible for _one, row in members)
        title = f"{number_of(len(members), 'change')} of {field} that can be undone for a time only"
        text = f"The first only {first}{f': {reason}' if reason else ''}."
        yield _about_whom(
            Notice("info", title, text, show=Shown("Can be undone", UNDONE["until"])),
            [one.about for one, _row in members],
        )


def _loss_notices(found: Changes) -> t.Iterator[Notice]:
    members = [(one, row) for one in found.subscriptions for row in one.rows if row.drops]
    if members:
        what = ", ".join(dict.fromkeys(drop for _one, row in members for drop in row.drops))
        title = f"{number_of(len(members), 'change')} that {'loses' if len(members) == 1 else 'lose'} scheduled changes"
        yield _about_whom(
            Notice("warn", title, f"Lost for good: {what}.", show=Shown("To know", LOST)),
            [one.about for one, _row in members],
        )


def _grouped(found: Changes, is_meant: t.Callable[[ChangeRow], bool]) -> dict[tuple[str, str], list[_Found]]:
    groups: dict[tuple[str, str], list[_Found]] = {}
    for one in found.subscriptions:
        for row in one.rows:
            if is_meant(row):
                groups.setdefault((row.field, row.reason), []).append((one, row))
    return groups


def _group_notice(tone: Mood, group: FailureGroup, what: str, noun: str = "subscription") -> Notice:
    title = f"{number_of(group.count, noun)} {what}"
    made = Notice(tone, title, _group_text(group), codes=_answer_codes(group), hint=_unsaid_hint(group))
    return _about_whom(made, [one.about for one in group.failures])


def _warning_notice(one: Folded) -> Notice:
    title = f"Warning about {number_of(one.count, 'subscription')}" if one.about else "Warning"
    return _about_whom(Notice("info", title, one.text, codes=_unsaid_codes(one)), one.about)


def _about_whom(notice: Notice, about: t.Sequence[About]) -> Notice:
    listed = tuple(dict.fromkeys(map(str, about)))
    rest = len(listed) - _NAMED
    return Notice(
        notice.tone,
        notice.title,
        notice.text,
        listed[:_NAMED],
        f"{rest:,} more" if rest > 0 else "",
        notice.codes,
        notice.hint,
        notice.show,
    )


def _failure_notice(report: Report, group: FailureGroup) -> FailureNotice:
    customers = all(not one.about.subscription_id for one in group.failures)
    rest = group.count - _NAMED
    return FailureNotice(
        f"{number_of(group.count, 'customer' if customers else 'subscription')} failed",
        _group_text(group),
        _unsaid_hint(group),
        _answer_codes(group),
        group.failures[:_NAMED],
        f"{rest:,} more: the table and the CSV file have all of them" if rest > 0 else "",
        ticket_text(report, group),
    )


def _group_text(group: FailureGroup) -> str:
    return f"{group.text} Such as: {own_words(group)[0]}" if group.is_varied else group.text


def _unsaid_codes(one: Folded) -> tuple[str, ...]:
    return tuple(code for code in one.codes if code not in one.text)


def _answer_codes(group: FailureGroup) -> tuple[str, ...]:
    return (*([f"HTTP {group.status}"] if group.status is not None else []), *([group.code] if group.code else []))


def _unsaid_hint(group: FailureGroup) -> str:
    return group.hint if group.hint not in group.text else ""


def ticket_text(report: Report, group: FailureGroup) -> str:
    """What support asks for: the answer, whose, when, and the ids of each request."""
    told = [_group_text(group)]
    said = [
        ("Status", "" if group.status is None else str(group.status)),
        ("Code", group.code),
        ("Tenant", report.tenant_id),
        ("Address", report.api_url),
        ("Time", minute(report.created)),
    ]
    told += [f"{name}: {value}" for name, value in said if value]
    for one in group.failures[:_NAMED]:
        about = one.about
        ids = [
            ("Customer", f"{about.customer_id} ({about.customer_name})" if about.customer_name else about.customer_id),
            (
                "Subscription",
                f"{about.subscription_id} ({about.offer_name})" if about.offer_name else about.subscription_id,
            ),
            ("MS-RequestId", one.request_id),
            ("MS-CorrelationId", one.correlation_id),
        ]
        told += ["", *(f"{name}: {value}" for name, value in ids if value)]
    rest = group.count - _NAMED
    return "\n".join([*told, *(["", f"and {rest:,} more"] if rest > 0 else [])])


def _with_name(given_id: str, name: str) -> str:
    return f"{given_id} ({name})" if given_id and name else given_id
