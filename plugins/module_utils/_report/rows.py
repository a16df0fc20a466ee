# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A document's changes, customer by customer and subscription by subscription, in people's words. Pure."""

from __future__ import annotations

import re
import typing as t

from .._state import fields, kinds, traits
from .._state.schedules.table import ROWS_BY_NAME
from .._state.wording import Worded, plainly
from .documents import Document, Record
from .failures import failure_of
from .findings import About
from .model import HARMLESS, ChangeRow, CustomerRows, State, SubscriptionRows
from .texts import clean, day, minute

_Key = tuple[str, str]

#: What is looked at first: settings in the order of what a mistake in them costs.
_RISKY: t.Final = ("status", "quantity", fields.END_OF_TERM, fields.AUTO_RENEW, fields.RENEWAL)
_UNTIL: t.Final = re.compile(r"until (?P<time>\S.*)")


def customer_rows(document: Document) -> tuple[CustomerRows, ...]:
    """Every customer that something changes of, or went wrong with, in the document's order; riskiest rows first."""
    entries: dict[_Key, list[Record]] = {}
    for entry in document.get("plan") or ():
        entries.setdefault(_row_key(entry), []).append(entry)
    outcomes = {_row_key(one): one for one in document.get("outcomes") or () if one.get("subscription_id")}
    names = names_by_customer(document)
    grouped: dict[str, list[SubscriptionRows]] = {}
    for key in {**entries, **{key: None for key, one in outcomes.items() if _is_told(one, document)}}:
        found = _subscription_rows(document, entries.get(key, []), outcomes.get(key), names)
        grouped.setdefault(key[0], []).append(found)
    return tuple(_customer_rows(rows) for rows in grouped.values())


def _is_told(outcome: Record, document: Document) -> bool:
    """A subscription without a planned change is told of in a result, and only where something happened to it."""
    return document["kind"] == "result" and bool(outcome.get("failed") or outcome.get("changed"))


def whom(entry: Record, names: t.Mapping[str, str]) -> About:
    customer_id = clean(entry.get("customer_id"))
    return About(
        customer_id,
        clean(entry.get("customer_name")) or names.get(customer_id.lower(), ""),
        clean(entry.get("subscription_id")),
        clean(entry.get("offer_name")),
    )


def names_by_customer(document: Document) -> dict[str, str]:
    """What customer_rows are called, wherever the document says it."""
    named = [one for name in ("plan", "outcomes", "unplanned", "unavailable") for one in document.get(name) or ()]
    return {
        clean(one.get("customer_id")).lower(): clean(one["customer_name"]) for one in named if one.get("customer_name")
    }


def _row_key(entry: Record) -> _Key:
    return clean(entry.get("customer_id")).lower(), clean(entry.get("subscription_id")).lower()


def _subscription_rows(
    document: Document, entries: t.Sequence[Record], outcome: Record | None, names: t.Mapping[str, str]
) -> SubscriptionRows:
    first = entries[0] if entries else outcome or {}
    who = whom(first, names)
    made = _changes_made(outcome)
    state = _state(document, outcome, bool(entries))
    listed = entries or [{"field": name, **one} for name, one in made.items()]
    if document["kind"] == "result":
        # What was foretold has come to pass, or has not.
        listed = [{**entry, "warnings": ()} for entry in listed]
    rows = sorted(
        (_row(entry, _row_state(state, str(entry.get("field")), made)) for entry in listed), key=lambda row: row.rank
    )
    of_rows = {text for row in rows for text in (*row.warnings, *row.refusals)}
    warnings = [clean(text) for text in (outcome or {}).get("warnings") or ()]
    return SubscriptionRows(
        who,
        tuple(rows),
        clean(first.get("status")),
        state,
        tuple(text for text in dict.fromkeys(warnings) if text not in of_rows),
        failure_of(outcome, who) if outcome is not None and outcome.get("failed") else None,
    )


def _changes_made(outcome: Record | None) -> dict[str, t.Any]:
    made = (outcome or {}).get("changes")
    return {name: one for name, one in made.items() if isinstance(one, dict)} if isinstance(made, dict) else {}


def _state(document: Document, outcome: Record | None, is_planned: bool) -> State:
    if document["kind"] != "result" or document.get("check_mode"):
        return "unplanned" if outcome is not None and outcome.get("failed") and not is_planned else "planned"
    if not isinstance(document.get("outcomes"), list):
        return "unknown"
    if outcome is None or outcome.get("not_attempted"):
        # The outcomes hold what changed or failed; what did neither had not its turn, or was there already.
        return "not attempted" if _left(document) else "unchanged"
    if outcome.get("failed"):
        return "failed"
    if outcome.get("pending"):
        return "pending"
    return "changed" if outcome.get("changed") else "unchanged"


def _left(document: Document) -> bool:
    """Whether a run has ended before everything had its turn; so it is where nobody counted that."""
    summary = document.get("summary")
    return not isinstance(summary, dict) or summary.get("not_attempted") != 0


def _row_state(state: State, name: str, made: t.Mapping[str, t.Any]) -> State:
    """Of a subscription that failed in between, some settings may have been written."""
    return "changed" if state == "failed" and name in made else state


def _row(entry: Record, state: State) -> ChangeRow:
    name = clean(entry.get("field"))
    said = _worded(name, entry)
    end = _at_renewal_of(entry).get("term_end")
    when = f" on {day(end)}" if end else ""
    texts = dict.fromkeys(clean(text) for text in entry.get("warnings") or ())
    refused = {clean(one.get("warning")): one.get("codes") or () for one in entry.get("expected_refusals") or ()}
    refusals = tuple(text for text in texts if text in refused)
    reversible = _reversible(entry.get("reversible"))
    return ChangeRow(
        field=name,
        before=clean(f"{said.before}{said.unit}"),
        after=clean(f"{said.after}{said.unit}{when}"),
        change=clean(f"{said}{when}"),
        policy=clean(entry.get("policy")),
        reversible=reversible,
        reason=clean(entry.get("reason")),
        refusals=refusals,
        codes=tuple(dict.fromkeys(clean(code) for text in refusals for code in refused[text])),
        warnings=tuple(text for text in texts if text not in refusals),
        drops=tuple(_called(drop) for drop in entry.get("drops") or ()),
        rank=_rank(name, reversible, is_refused=bool(refusals)),
        state=state,
        seats=_seats_before_and_after(entry),
        decision=clean(said.after) if name == fields.END_OF_TERM else "",
    )


def _worded(name: str, entry: Record) -> Worded:
    before, after = entry.get("before"), entry.get("after")
    words = kinds.item_setting(name).words if name in kinds.ITEM_NAMES else plainly
    try:
        return words(before or _at_renewal_of(entry).get("unchanged"), after)
    except (TypeError, ValueError, KeyError, AttributeError):
        # A file that was edited by hand, or that another release wrote.
        return plainly(before, after)


def _at_renewal_of(entry: Record) -> Record:
    found = entry.get("at_renewal")
    return found if isinstance(found, dict) else {}


def _called(name: str) -> str:
    if name == fields.AUTO_RENEW:
        return "auto-renew"
    return ROWS_BY_NAME[name].called if name in ROWS_BY_NAME else name


def _reversible(value: t.Any) -> str:
    text = clean(value) or "yes"
    until = _UNTIL.fullmatch(text)
    return f"until {minute(until['time'])}" if until else text


def _rank(name: str, reversible: str, *, is_refused: bool) -> int:
    if reversible == "no":
        return 0
    if is_refused:
        return 1
    return 2 + _RISKY.index(name) if name in _RISKY else HARMLESS


def _customer_rows(found: t.Sequence[SubscriptionRows]) -> CustomerRows:
    first = found[0].about
    return CustomerRows(
        first.customer_id, next((one.about.customer_name for one in found if one.about.customer_name), ""), tuple(found)
    )


def _seats_before_and_after(entry: Record) -> tuple[int, int] | None:
    if entry.get("field") != "quantity":
        return None
    return traits.seat_count(entry.get("before")) or 0, traits.seat_count(entry.get("after")) or 0
