# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A report as Markdown, for a pull request, a ticket or a chat: 60,000 characters, the rest counted. Pure."""

from __future__ import annotations

import re
import typing as t

from ..failures import own_words
from ..findings import About, FailureGroup, Folded
from ..model import ChangeRow, Changes, PolicyRow, Report, SubscriptionRows
from ..renewals import WORDS, Overview, then_in_words
from ..texts import clean, minute, number_of
from .layout import isolated
from .text_summary import total_parts, undone

#: Where Markdown is pasted, more is often refused: a comment of GitHub's holds 65,536 characters.
LONGEST: t.Final = 60_000
#: Kept free for what is said of the rest.
_RESERVE: t.Final = 300
#: So many are named below a text that is true of many.
_NAMED: t.Final = 10

_SPECIAL: t.Final = re.compile(r"[\\`*\[\]<>#|~&$]|(?<!\w)_|_(?!\w)")
#: What some programs make a link or a mention of, wherever it stands.
_LINK: t.Final = re.compile(
    r"(?i)(?<=\bhttp):(?=//)|(?<=\bhttps):(?=//)|(?<=\bftp):(?=//)|(?<=\bwww)\.|(?<=\bmailto):|@"
)
_JOINER: t.Final = "\u2060"

_Row = t.Sequence[str]


def markdown_text(text: str) -> str:
    """A text that Markdown shows as it is: nothing in it is markup, a link or a mention."""
    return isolated(_LINK.sub(lambda found: f"{_JOINER}{found[0]}{_JOINER}", _SPECIAL.sub(r"\\\g<0>", text)))


def markdown_form(report: Report) -> str:
    page = _Page()
    page.add(f"# {markdown_text(report.title)}")
    about = [minute(report.created), report.tenant, report.reference]
    page.add(" · ".join(markdown_text(one) for one in about if one))
    if report.undoes is not None:
        page.add(f"Undoes {markdown_text(report.undoes.id)}.")
    page.add(f"**{markdown_text(report.headline)}**")
    if report.changes is not None:
        _add_changes(page, report, report.changes)
    if report.renewals is not None:
        _add_renewals(page, report.renewals)
    for group in report.unavailable:
        page.add(f"## {number_of(group.count, 'customer')} not read")
        _add_group(page, group)
    return page.text()


def _add_changes(page: _Page, report: Report, found: Changes) -> None:
    for breach in found.breaches:
        page.add(f"> The guard stops it: {markdown_text(breach)}")
    if found.stopped:
        page.add(f"> {markdown_text(found.stopped)}")
    if found.policies:
        rows = [row for policy in found.policies for row in _policy_cells(policy)]
        page.table(
            ("policy", "matches", "excepted", "setting", "changes", "can be undone", "remarks"),
            rows,
            "policy",
            numbers=(1, 2, 4),
        )
    page.add(markdown_text("; ".join(total_parts(report, found))))
    for step in report.steps:
        page.add(markdown_text(step.text) + (f"\n\n```shell\n{step.command}\n```" if step.command else ""))
    for group in found.failures:
        page.add(f"## {number_of(group.count, 'subscription')} failed")
        _add_group(page, group, with_ids=True)
    is_result = report.is_result
    if not is_result:
        _add_rows(page, "Look at these first", found.risky, lambda row: row.is_risky)
    for text in found.warnings:
        _add_text(page, text)
    for group in found.unplanned:
        page.add(f"## {number_of(group.count, 'subscription')} not planned")
        _add_group(page, group)
    heading = "Changes" if is_result or not found.risky else "Other changes"
    _add_rows(page, heading, found.subscriptions, lambda row: is_result or not row.is_risky)


def _policy_cells(policy: PolicyRow) -> t.Iterator[_Row]:
    matched = "" if policy.matched is None else f"{policy.matched:,}"
    excluded = f"{policy.excluded:,}" if policy.excluded else ""
    remarks = "; ".join(policy.remarks)
    if not policy.fields:
        yield policy.name, matched, excluded, "", "0", "", remarks
    for index, one in enumerate(policy.fields):
        first = (policy.name, matched, excluded) if index == 0 else ("", "", "")
        yield *first, one.field, f"{one.changes:,}", undone(one.undone), remarks if index == 0 else ""


def _add_group(page: _Page, group: FailureGroup, *, with_ids: bool = False) -> None:
    hint = group.hint if group.hint not in group.text else ""
    page.add(markdown_text(" ".join(filter(None, (group.text, hint)))))
    if group.is_varied:
        page.add(markdown_text(f"Such as: {own_words(group)[0]}"))
    if not with_ids:
        page.add("\n".join(_name_lines([one.about for one in group.failures])))
        return
    rows = [
        (*_whom_cells(one.about), one.request_id, one.correlation_id, ", ".join(one.not_started))
        for one in group.failures
    ]
    page.table(("customer", "offer", "subscription", "request", "correlation", "not started"), rows, "failure")


def _add_text(page: _Page, text: Folded) -> None:
    whom = f"{number_of(text.count, 'subscription')}: " if text.about else ""
    page.add(f"## Warning\n\n{whom}{markdown_text(text.text)}")
    page.add("\n".join(_name_lines(text.about)))


def _name_lines(about: t.Sequence[About]) -> t.Iterator[str]:
    yield from (f"- {markdown_text(str(one))}" for one in about[:_NAMED])
    if len(about) > _NAMED:
        yield f"- … {len(about) - _NAMED:,} more"


def _add_rows(
    page: _Page, heading: str, found: t.Sequence[SubscriptionRows], is_meant: t.Callable[[ChangeRow], bool]
) -> None:
    rows = [
        (
            *_whom_cells(one.about),
            row.field,
            row.change,
            undone(row.reversible),
            "; ".join([*row.refusals, *(f"loses {drop}" for drop in row.drops)]),
            "" if row.state == "planned" else row.state,
        )
        for one in found
        for row in one.rows
        if is_meant(row)
    ]
    if rows:
        page.add(f"## {heading}")
        headings = ("customer", "offer", "subscription", "setting", "change", "can be undone", "to know", "state")
        page.table(headings, rows, "change")


def _add_renewals(page: _Page, found: Overview) -> None:
    totals = [(WORDS[then], f"{count:,}", f"{found.seats[then]:,}") for then, count in found.counts.items()]
    page.table(("what then", "terms", "seats"), totals, "line", numbers=(1, 2))
    for month in found.months:
        page.add(f"## {month.name or 'Without a date'}")
        rows = [
            (
                day.decide_by,
                then_in_words(one),
                one.customer_name or one.customer_id,
                one.offer_name,
                one.friendly_name if one.friendly_name != one.offer_name else "",
                f"{one.seats:,}",
                one.commitment,
                one.ends,
                one.subscription_id,
            )
            for day in month.days
            for one in day.endings
        ]
        headings = (
            "decide by",
            "what then",
            "customer",
            "offer",
            "nickname",
            "seats",
            "commitment",
            "ends",
            "subscription",
        )
        page.table(headings, [[clean(cell) for cell in row] for row in rows], "term", numbers=(5,))
        if month.rolling:
            verb = "renews" if month.rolling == 1 else "renew"
            terms, seats = number_of(month.rolling, "monthly term"), number_of(month.rolling_seats, "seat")
            page.add(f"{terms} with {seats} {verb} as usual.")


def _whom_cells(about: About) -> tuple[str, str, str]:
    return about.customer, about.offer_name, about.subscription_id


class _Page:
    """Blocks of Markdown, as many as a page holds. What no longer fits is counted."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._left = LONGEST - _RESERVE
        self._left_out: dict[str, int] = {}

    def add(self, block: str) -> None:
        if not block:
            return
        if self._left_out or not self._take(block):
            self._leave_out("paragraph", 1)
        else:
            self._blocks.append(block)

    def table(self, headings: _Row, rows: t.Sequence[_Row], noun: str, numbers: t.Collection[int] = ()) -> None:
        """Empty columns are left out; ``numbers``: columns that are aligned to the right; ``noun``: what a row is."""
        kept = [index for index in range(len(headings)) if any(row[index] for row in rows)]
        rule = ("---:" if index in numbers else "---" for index in kept)
        lines = [_line(headings[index] for index in kept), _line(rule)]
        if not rows or self._left_out or not self._take("\n".join(lines)):
            self._leave_out(noun, len(rows))
            return
        for place, row in enumerate(rows):
            line = _line(markdown_text(row[index]) for index in kept)
            if not self._take(line):
                self._leave_out(noun, len(rows) - place)
                break
            lines.append(line)
        self._blocks.append("\n".join(lines))

    def text(self) -> str:
        told = [number_of(count, f"more {noun}") for noun, count in self._left_out.items() if noun != "paragraph"]
        rest = [f"… {', '.join(told) or 'and more'}: the whole of it is in the report's other files."]
        return "\n\n".join([*self._blocks, *(rest if self._left_out else [])]) + "\n"

    def _take(self, text: str) -> bool:
        self._left -= len(text) + 2
        return self._left >= 0

    def _leave_out(self, noun: str, count: int) -> None:
        if count:
            self._left_out[noun] = self._left_out.get(noun, 0) + count


def _line(cells: t.Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
