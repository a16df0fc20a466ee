# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Terms: adding an ISO 8601 duration such as P1M, P1Y or P3Y to a date."""

from __future__ import annotations

import calendar
import re
from datetime import datetime

_TERM = re.compile(r"P(\d+)([YM])", re.IGNORECASE)


def term_months(term: str) -> int | None:
    """Months in a term; None where there is none (usage-billed subscriptions have an empty termDuration)."""
    match = _TERM.fullmatch(term or "")
    return int(match[1]) * (12 if match[2].upper() == "Y" else 1) if match else None


def add_term(start: datetime, term: str, times: int = 1) -> datetime:
    """``start`` plus so many terms; a day that the month lacks becomes the month's last."""
    months = start.year * 12 + start.month - 1 + (term_months(term) or 12) * times
    year, month = divmod(months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


def current_term(start: datetime, term: str, now: datetime) -> tuple[datetime, datetime]:
    """Begin and end of the term that ``now`` falls into, for a subscription bought at ``start``."""
    times = 0
    while add_term(start, term, times + 1) <= now:
        times += 1
    return add_term(start, term, times), add_term(start, term, times + 1)
