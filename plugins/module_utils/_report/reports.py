# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A report, made of whatever there is to report. Pure."""

from __future__ import annotations

import typing as t
from datetime import datetime

from .._common.times import utc_text
from .changes import changes_told
from .documents import TEXTS, Document, read_document
from .failures import failure_of, group_failures
from .model import Changes, Report, UndoneRun
from .renewals import Overview, ends_headline, overview
from .rows import whom
from .steps import steps
from .texts import clean, number_of

_TITLES: t.Final[t.Mapping[str, str]] = {
    "plan": "Plan",
    "result": "Result",
    "drift": "Drift",
    "renewals": "Renewals",
}
#: So much of a digest tells plans apart for people.
_SHORT_DIGEST: t.Final = 8


def report(source: t.Any, now: datetime, more: t.Mapping[str, t.Any] | None = None) -> Report:
    """
    The view model of a source, which is what :func:`documents.read_document` takes. ``more``: keys of a document that
    the source lacks or that are to be said otherwise. ``now`` is its time where the source has none.

    Raises Refused for what no report can be made of.
    """
    document = read_document(source, more or {})
    document.setdefault("created", utc_text(now))
    topic = document["kind"]
    found = None if topic == "renewals" else changes_told(document)
    ends = overview(document.get("subscriptions") or ()) if topic == "renewals" else None
    undoes = _undone_run(document)
    text = {name: clean(document.get(name)) for name in TEXTS}
    return Report(
        topic=topic,
        title=text["title"] or _title(document, undoes),
        headline=_renewals_headline(ends) if found is None else _changes_headline(document, found),
        created=text["created"],
        tenant_id=text["tenant_id"],
        document=document,
        tenant_name=text["tenant_name"],
        api_url=text["api_url"],
        reference=text["change_reference"],
        digest=text["digest"],
        plan_path=text["plan_path"],
        journal_path=text["journal_path"],
        run_id=text["run_id"],
        undoes=undoes,
        is_check_mode=bool(document.get("check_mode")),
        steps=steps(document, found),
        unavailable=group_failures(failure_of(one, whom(one, {})) for one in document.get("unavailable") or ()),
        changes=found,
        renewals=ends,
    )


def _title(document: Document, undoes: UndoneRun | None) -> str:
    name = _TITLES[document["kind"]]
    if undoes is not None:
        name = "Rollback plan" if name == "Plan" else "Rollback"
    short = clean(document.get("digest"))[:_SHORT_DIGEST]
    return f"{name} {short}" if short else name


def _undone_run(document: Document) -> UndoneRun | None:
    found = document.get("undoes")
    if isinstance(found, str) and found:
        return UndoneRun(clean(found))
    if not isinstance(found, dict) or not found.get("id"):
        return None
    writes = found.get("writes")
    return UndoneRun(
        clean(found["id"]),
        clean(found.get("time")),
        clean(found.get("change_reference")),
        writes if isinstance(writes, int) else None,
        clean(found.get("message")),
    )


def _changes_headline(document: Document, found: Changes) -> str:
    if document["kind"] == "result":
        return _result_headline(document, found)
    totals = found.totals
    read = totals.subscriptions
    of_all = f"{totals.planned:,} of {number_of(read, 'subscription')}" if read is not None else ""
    some = of_all or number_of(totals.planned, "subscription")
    customers = number_of(totals.customers, "customer")
    if document["kind"] == "drift":
        if totals.changes:
            verb = "is" if totals.planned == 1 else "are"
            return f"The fleet has drifted: {some} of {customers} {verb} not as declared"
        return "The fleet has not drifted" + ("" if read is None else f": {number_of(read, 'subscription')} checked")
    if not totals.changes:
        looked_at = "" if read is None else f": {number_of(read, 'subscription')} looked at"
        unplanned = sum(one.count for one in found.unplanned)
        return f"Nothing to change{looked_at}" + (f", {unplanned:,} not planned" if unplanned else "")
    return f"{some} of {customers} {'changes' if totals.planned == 1 else 'change'}"


def _result_headline(document: Document, found: Changes) -> str:
    totals = found.totals
    if totals.changed is None:
        return "The run ended without a result"
    if not totals.planned and not totals.failed:
        return "Nothing was left to change"
    would = "would be" if document.get("check_mode") else "was" if totals.changed == 1 else "were"
    parts = [f"{totals.changed:,} of {number_of(totals.planned, 'planned subscription')} {would} changed"]
    parts += [f"{totals.failed:,} failed"] if totals.failed else []
    parts += [f"{totals.not_attempted:,} not attempted"] if totals.not_attempted else []
    parts += [f"{totals.pending:,} accepted and not finished yet"] if totals.pending else []
    return ", ".join(parts)


def _renewals_headline(ends: Overview | None) -> str:
    return "" if ends is None else ends_headline(ends)
