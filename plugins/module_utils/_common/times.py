# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Times as the API writes them: up to seven digits of a second, with or without a zone, or a bare date."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timedelta, timezone

_TIME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[T ]\s*(?P<hour>\d{2}):\s*(?P<minute>\d{2})(?::\s*(?P<second>\d{2})(?:\.(?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>Z|z|[+-]\d{2}:?\d{2})?"
)


def parse_time(text: t.Any) -> datetime | None:
    """
    An aware datetime, or None where the text is no time. No zone means UTC.

    For reading only: fractions are cut to microseconds, so a parsed time is never written back.
    """
    match = _TIME.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        return None
    fraction = (match["fraction"] or "")[:6].ljust(6, "0")
    try:
        year, month, day = map(int, match["date"].split("-"))
        moment = datetime(
            year,
            month,
            day,
            hour=int(match["hour"] or 0),
            minute=int(match["minute"] or 0),
            second=int(match["second"] or 0),
            microsecond=int(fraction),
            tzinfo=_zone(match["zone"]),
        )
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def utc_text(moment: datetime) -> str:
    """``2026-11-20T12:00:00Z``"""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_text_of(seconds: t.Any) -> str | None:
    """The same for seconds since the epoch, as tokens have them; None where it is none."""
    if not isinstance(seconds, (int, float)):
        return None
    try:
        return utc_text(datetime.fromtimestamp(seconds, timezone.utc))
    except (ValueError, OverflowError, OSError):
        return None


def _zone(text: str | None) -> timezone:
    if not text or text in "Zz":
        return timezone.utc
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
