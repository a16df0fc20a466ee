# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. A fleet as a table that people fill in: what it is like, and an empty column beside each value. Pure.

What is written are subscriptions as ``pc_subscription_info`` returns them, with all their fields.
"""

from __future__ import annotations

import csv
import io
import json
import typing as t
from datetime import date

from .._common import case
from .._common.spreadsheet import NOT_READ, to_cell
from .._common.times import parse_time
from .._state import kinds
from .._state.field import UNKNOWN, Field
from .._state.fields import END_OF_TERM
from .._state.model import Raw
from .._state.tables.columns import COLUMN_NAMES, SETTINGS, ValueColumn

ShownSubscription = t.Mapping[str, t.Any]

#: From this, programs know the encoding.
_MARK: t.Final = "\ufeff"


def table_text(subscriptions: t.Iterable[ShownSubscription], separator: str = ",") -> str:
    """
    The table as CSV, by customer and offer, beginning with a byte order mark. What a subscription lacks, although it
    must have it, is marked as not read.
    """
    text = io.StringIO(newline="")
    text.write(_MARK)
    writer = csv.DictWriter(text, COLUMN_NAMES, restval="", delimiter=separator)
    writer.writeheader()
    writer.writerows(sorted(map(_table_row, subscriptions), key=_row_order))
    return text.getvalue()


def with_support_contacts(
    subscriptions: t.Iterable[ShownSubscription], read: t.Mapping[str, t.Any]
) -> t.Iterator[dict[str, t.Any]]:
    """
    The subscriptions with the support contacts that ``read`` has of them, a result of ``pc_subscription_info``. There,
    one that could not be read is null like one that does not exist, and its subscription is among the unavailable.
    """
    unread = {case.text(one, "subscription_id") for one in read.get("unavailable", ())}
    found = {case.text(one, "id"): one for one in read.get("subscriptions", ()) if case.text(one, "id") not in unread}
    contact = kinds.SUPPORT_CONTACT.name
    for one in subscriptions:
        other = found.get(case.text(one, "id"), {})
        yield {**one, contact: other[contact]} if contact in other else dict(one)


def _row_order(row: t.Mapping[str, str]) -> tuple[str, ...]:
    return (row["customer_name"].lower(), row["customer_id"], row["offer_name"].lower(), row["subscription_id"])


def _table_row(subscription: ShownSubscription) -> dict[str, str]:
    renewal = subscription.get("renewal")
    end = renewal if isinstance(renewal, t.Mapping) else {}
    told = {
        "customer_id": subscription.get("customer_id"),
        "customer_name": subscription.get("customer_name"),
        "subscription_id": subscription.get("id"),
        "offer_name": subscription.get("offer_name"),
        "ends_at": _day_of(end.get("ends_at")),
        "decide_by": _day_of(end.get("decide_by")),
        "end_of_term_decided": end.get("decided"),
    }
    raw = case.camel(dict(subscription))
    for one in SETTINGS:
        value = _current(one.setting, raw)
        if one.setting.name == END_OF_TERM and value is not UNKNOWN and "renewal" in subscription:
            # This knows the cloud, and of what no term ends.
            value = end.get("end_of_term")
        told |= {column.name: UNKNOWN if value is UNKNOWN else _part_of(value, column) for column in one.columns}
    return {name: _cell(value) for name, value in told.items()}


def _day_of(time: t.Any) -> date | None:
    moment = parse_time(time)
    return None if moment is None else moment.date()


def _current(setting: Field, raw: Raw) -> t.Any:
    """A setting's value the way an option gives it, None for none; UNKNOWN where the subscription does not tell."""
    if setting.name in kinds.PARTS:
        held = {case.to_snake(key): value for key, value in raw.items()}.get(setting.name, UNKNOWN)
        is_told = held is None or isinstance(held, t.Mapping)
        return setting.recorded(setting.view(held or {})) if is_told else UNKNOWN
    lacking = [key for key in setting.keys if key not in setting.optional_keys and case.find_key(raw, key) is None]
    return UNKNOWN if lacking else setting.recorded(setting.view(raw))


def _part_of(value: t.Any, column: ValueColumn) -> t.Any:
    for key in column.path:
        value = value.get(key) if isinstance(value, t.Mapping) else None
    return value


def _cell(value: t.Any) -> str:
    if value is None or value is UNKNOWN:
        return "" if value is None else NOT_READ
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, date)):
        return str(value)
    return to_cell(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
