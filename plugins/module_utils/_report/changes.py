# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. All that is told of a plan, a result or a drift check. Pure."""

from __future__ import annotations

import dataclasses
import typing as t
from collections import Counter

from .documents import Document, Record
from .failures import failure_of, fold, group_failures
from .findings import Failure, Folded
from .model import ChangeRow, Changes, CustomerRows, SubscriptionRows, Totals, seats_of
from .policies import field_counts, is_about_policy, policy_rows
from .rows import customer_rows, names_by_customer, whom
from .texts import clean


def changes_told(document: Document) -> Changes:
    names = names_by_customer(document)
    grouped_rows = customer_rows(document)
    subscriptions = [one for customer in grouped_rows for one in customer.subscriptions]
    rows = [row for one in subscriptions for row in one.rows]
    if document["kind"] == "result":
        rows = [row for row in rows if row.state in ("changed", "pending")]
    unplanned, undone = _not_planned(document, names), _not_done(document, subscriptions, names)
    totals = _totals(document, grouped_rows)
    breaches = tuple(map(clean, document.get("guard") or ()))
    return Changes(
        totals,
        grouped_rows,
        policies=policy_rows(document, rows),
        fields=field_counts(rows),
        seats=seats_of(rows),
        ends=_decisions(rows),
        refusals=fold(
            (text, one.about, row.codes) for one in subscriptions for row in one.rows for text in row.refusals
        ),
        warnings=(*_whole(document, subscriptions), *_of_subscriptions(subscriptions)),
        unplanned=group_failures(unplanned),
        failures=group_failures(undone),
        breaches=breaches,
        guard=_verdict(document, totals, breaches),
        stopped=_stopped(document, breaches, [*unplanned, *undone]),
    )


def _not_planned(document: Document, names: t.Mapping[str, str]) -> list[Failure]:
    """What could not be planned; with the error of its outcome, where there is one."""
    errors = {_subscription_of(one): one for one in document.get("outcomes") or () if one.get("failed")}
    listed = document.get("unplanned")
    if listed is None:
        listed = [] if document["kind"] == "result" else list(errors.values())
    found = []
    for one in listed:
        # Of a setting that a policy leaves out, the subscription's other settings may well be planned.
        error = errors.get(_subscription_of(one), {}) if not one.get("field") else {}
        found.append(failure_of({**error, **{name: value for name, value in one.items() if value}}, whom(one, names)))
    return found


def _not_done(
    document: Document, subscriptions: t.Iterable[SubscriptionRows], names: t.Mapping[str, str]
) -> list[Failure]:
    """What a result says could not be done, customers as a whole included."""
    if document["kind"] != "result":
        return []
    whole = [one for one in document.get("outcomes") or () if one.get("failed") and not one.get("subscription_id")]
    return [
        *(failure_of(one, whom(one, names)) for one in whole),
        *(one.failure for one in subscriptions if one.failure is not None),
    ]


def _whole(document: Document, subscriptions: t.Iterable[SubscriptionRows]) -> t.Iterator[Folded]:
    """Warnings about the run as a whole: without what is told of policies and of single subscriptions anyway."""
    said = {text for one in subscriptions for row in one.rows for text in (*row.warnings, *row.refusals)}
    said |= {text for one in subscriptions for text in one.warnings}
    breaches = [clean(text) for text in document.get("guard") or ()]
    for text in dict.fromkeys(map(clean, document.get("warnings") or ())):
        is_gathered = text.endswith(("more warnings are in the outcomes.", "more warning is in the outcomes.")) or any(
            text.endswith(one) for one in (*said, *breaches)
        )
        if text and not is_gathered and not is_about_policy(text):
            yield Folded(text)


def _of_subscriptions(subscriptions: t.Iterable[SubscriptionRows]) -> tuple[Folded, ...]:
    return fold(
        (text, one.about, ())
        for one in subscriptions
        for text in dict.fromkeys((*(text for row in one.rows for text in row.warnings), *one.warnings))
    )


def _decisions(rows: t.Iterable[ChangeRow]) -> tuple[tuple[str, int], ...]:
    """Decisions about the end of a term, by what they decide."""
    return tuple(Counter(row.decision for row in rows if row.decision).most_common())


def _totals(document: Document, grouped_rows: t.Sequence[CustomerRows]) -> Totals:
    summary = document.get("summary")
    known = summary if isinstance(summary, dict) else {}
    numbers = {
        one.name: known[one.name]
        for one in dataclasses.fields(Totals)
        if isinstance(known.get(one.name), (int, float)) and not isinstance(known[one.name], bool)
    }
    changing = [one for customer in grouped_rows for one in customer.subscriptions if one.rows]
    numbers.setdefault("planned", len(changing))
    numbers.setdefault("unavailable", len(document.get("unavailable") or ()))
    return Totals(
        **{
            **numbers,
            "customers": sum(any(one.rows for one in customer.subscriptions) for customer in grouped_rows),
            "changes": sum(len(one.rows) for one in changing),
        }
    )


def _verdict(document: Document, totals: Totals, breaches: t.Sequence[str]) -> str:
    if breaches:
        return "stops it"
    limits = document.get("limits")
    known = limits if isinstance(limits, dict) else {}
    most = known.get("max_changes")
    if isinstance(most, int) and not isinstance(most, bool):
        return f"ok ({totals.planned:,} of {most:,} {'subscription' if most == 1 else 'subscriptions'})"
    return "ok"


def _stopped(document: Document, breaches: t.Sequence[str], failures: t.Sequence[Failure]) -> str:
    """Why a run as a whole failed, where neither the guard nor a single subscription says so."""
    error = document.get("error")
    message = clean(error.get("message")) if isinstance(error, dict) else ""
    text = " ".join(filter(None, (message, clean(error.get("hint")) if isinstance(error, dict) else "")))
    told = {one.message for one in failures}
    if breaches or (message and message in told):
        return ""
    return text or ("" if failures else clean(document.get("msg")))


def _subscription_of(entry: Record) -> tuple[str, str]:
    return clean(entry.get("customer_id")).lower(), clean(entry.get("subscription_id")).lower()
