# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What each policy met and sets, and what is remarkable about it. Pure."""

from __future__ import annotations

import re
import typing as t

from .._state.schedules.stakes import foretells_restore
from .documents import Document, Record
from .model import ChangeRow, FieldCount, PolicyRow
from .texts import clean, number_of

#: As a warning about a value of a policy begins that nothing in the fleet has.
_OF_POLICY: t.Final = re.compile(r"policies\[(?P<index>\d{1,6})\]\.(?P<text>.+)")
#: What explicit items are called among policies.
_ITEMS: t.Final = "items"


def policy_rows(document: Document, rows: t.Sequence[ChangeRow]) -> tuple[PolicyRow, ...]:
    """The policies in their order, then what earlier runs left, then the explicit items."""
    by_policy: dict[str, list[ChangeRow]] = {}
    for row in rows:
        by_policy.setdefault(row.policy, []).append(row)
    listed = [one for one in _plan_counts(document, "policies") or () if isinstance(one, dict)]
    unmatched = _unmatched_remarks(document)
    found = [
        _policy_row(one, by_policy.pop(clean(one.get("name")), []), unmatched.get(index, []))
        for index, one in enumerate(listed)
    ]
    of_items = by_policy.pop("", [])
    found += [PolicyRow(name, None, 0, 0, 0, field_counts(own), _remarks(own)) for name, own in by_policy.items()]
    items = _plan_counts(document, "items")
    given = _count_of(items, "given") if isinstance(items, dict) else 0
    if of_items or given:
        changed = _count_of(items, "changed") if isinstance(items, dict) else 0
        found.append(
            PolicyRow(_ITEMS, given or None, 0, 0, changed, field_counts(of_items), _remarks(of_items), is_items=True)
        )
    return tuple(found)


def field_counts(rows: t.Iterable[ChangeRow]) -> tuple[FieldCount, ...]:
    """How often each setting changes, in the order in which they come first."""
    by_field: dict[str, list[ChangeRow]] = {}
    for row in rows:
        by_field.setdefault(row.field, []).append(row)
    return tuple(_field_count(name, found) for name, found in by_field.items())


def _field_count(name: str, rows: t.Sequence[ChangeRow]) -> FieldCount:
    kinds = {row.reversible for row in rows}
    limited = sorted(kinds - {"yes", "no"})
    undone = "partly" if "no" in kinds and len(kinds) > 1 else limited[0] if limited else min(kinds)
    return FieldCount(name, len(rows), undone, tuple(dict.fromkeys(row.reason for row in rows if row.reason)))


def _policy_row(counts: Record, rows: t.Sequence[ChangeRow], unmatched: t.Sequence[str]) -> PolicyRow:
    matched, excluded = _count_of(counts, "matched"), _count_of(counts, "excluded")
    skipped = _count_of(counts, "skipped")
    remarks = [*unmatched, *_remarks(rows)]
    if not matched and not unmatched:
        remarks.insert(0, "matches nothing")
    if skipped:
        remarks.append(f"{skipped:,} cannot have it")
    return PolicyRow(
        clean(counts.get("name")),
        matched,
        excluded,
        skipped,
        _count_of(counts, "changed"),
        field_counts(rows),
        tuple(remarks),
    )


def _remarks(rows: t.Sequence[ChangeRow]) -> tuple[str, ...]:
    reasons = dict.fromkeys(row.reason for row in rows if row.reason and row.reversible == "no")
    refused = sum(bool(row.refusals) for row in rows)
    restored = sum(any(map(foretells_restore, row.warnings)) for row in rows)
    dropped = sum(len(row.drops) for row in rows)
    told = list(reasons)
    if refused:
        told.append(f"{refused:,} expected to be refused")
    if restored:
        told.append(f"scheduled changes of {number_of(restored, 'subscription')} are written back")
    if dropped:
        told.append(f"{number_of(dropped, 'scheduled change is', 'scheduled changes are')} lost")
    return tuple(told)


def _plan_counts(document: Document, name: str) -> t.Any:
    """Of the plan where the document is about carrying one out, since that knows only items."""
    if document.get(name) is not None:
        return document[name]
    summary = document.get("summary")
    return summary.get(name) if isinstance(summary, dict) else None


def _unmatched_remarks(document: Document) -> dict[int, list[str]]:
    """What a warning says of a value of a policy that nothing has, by the policy's place."""
    found: dict[int, list[str]] = {}
    for text in document.get("warnings") or ():
        told = _OF_POLICY.fullmatch(clean(text))
        if told is not None:
            found.setdefault(int(told["index"]), []).append(told["text"].rstrip("."))
    return found


def is_about_policy(text: str) -> bool:
    """Whether a warning is among the remarks about a policy."""
    return _OF_POLICY.fullmatch(text) is not None


def _count_of(counts: Record, name: str) -> int:
    value = counts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
