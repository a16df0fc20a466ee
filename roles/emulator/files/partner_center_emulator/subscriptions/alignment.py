# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""customTermEndDate: the next term may end with another subscription's, or with a month ("Align subscription end
dates")."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from ..clock import parse
from ..errors import Refusal
from .record import Record
from .scope import is_licence
from .terms import add_term
from .windows import term_end

_EARLY_MONTH_END = 28


def check_end_date(record: Record, wanted: dict[str, Any], others: Iterable[Record]) -> None:
    """The date must be one that the customer has already, or the end of a month, within the first term to come.

    :raises Refusal: 900244, 900245 or 900246
    """
    given = wanted.get("customTermEndDate")
    if not given:
        return
    if not is_licence(record.resource) or record.is_trial:
        raise Refusal(400, 900244, "customTermEndDate is only supported for OnlineServicesNCE.")
    day = parse(str(given)).date()
    term = str(wanted["product"]["termDuration"])
    last = _is_last_of_month(day)
    end = term_end(record.resource)
    if not _in_next_term(day, end, term) or (term.upper() == "P1M" and day.day >= _EARLY_MONTH_END and not last):
        raise Refusal(400, 900245, "customTermEndDate must be within the first term after the renewal.")
    if not last and day not in {_last_day(other) for other in others if _can_align(record, other, term)}:
        raise Refusal(400, 900246, "customTermEndDate matches no subscription of the customer and no end of a month.")


def _in_next_term(day: date, end: datetime | None, term: str) -> bool:
    return end is not None and end.date() < day <= add_term(end, term).date()


def _is_last_of_month(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _can_align(record: Record, other: Record, term: str) -> bool:
    """Longer terms do not align with a term of a month."""
    if other is record or other.status != "active" or other.is_trial or not is_licence(other.resource):
        return False
    return term.upper() == "P1M" or str(other.resource.get("termDuration")).upper() != "P1M"


def _last_day(record: Record) -> date | None:
    end = term_end(record.resource)
    return end.date() if end else None
