# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's own clock: it follows the machine's, can be moved, and can run faster."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

#: What the clock can be set to: terms of years are counted from it, back and forth.
EARLIEST = datetime(2000, 1, 1, tzinfo=timezone.utc)
LATEST = datetime(2999, 12, 31, tzinfo=timezone.utc)


class Clock:
    """Seconds of emulated time. ``scale`` 60 lets a minute of the service pass in a second of ours."""

    def __init__(self, start: datetime | None = None) -> None:
        self._emulated = start.timestamp() if start else time.time()
        self._real = time.monotonic()
        self.scale = 1.0

    def timestamp(self) -> float:
        """Emulated POSIX time in seconds."""
        return self._emulated + (time.monotonic() - self._real) * self.scale

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.timestamp(), timezone.utc)

    def set(self, moment: datetime) -> None:
        self._rebase(moment.timestamp())

    def advance(self, seconds: float) -> None:
        self._rebase(self.timestamp() + seconds)

    def set_scale(self, scale: float) -> None:
        """Let emulated time run ``scale`` times as fast as real time; 0 stops it."""
        if scale < 0:
            raise ValueError("scale must not be negative")
        self._rebase(self.timestamp())
        self.scale = scale

    def real_seconds(self, emulated: float) -> float:
        """How long a client has to wait on its own clock for so many emulated seconds."""
        return emulated / self.scale if self.scale else emulated

    def _rebase(self, emulated: float) -> None:
        self._emulated = emulated
        self._real = time.monotonic()


def iso(moment: datetime, digits: int = 0) -> str:
    """``2026-11-20T12:00:00Z``; ``digits`` gives the fraction (Partner Center writes up to seven)."""
    text = moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    if digits:
        text += "." + f"{moment.microsecond:06d}6"[:digits].ljust(digits, "0")
    return text + "Z"


def parse(text: str) -> datetime:
    """Read a date as Partner Center writes them: any number of digits, no zone means UTC."""
    value = text.strip().replace("z", "Z").replace("Z", "+00:00")
    head, dot, rest = value.partition(".")
    if dot:
        digits = len(rest) - len(rest.lstrip("0123456789"))
        value = f"{head}.{rest[:digits][:6].ljust(6, '0')}{rest[digits:]}"
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def is_date(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(parse(text))
    except ValueError:
        return False


def days(number: float) -> timedelta:
    return timedelta(days=number)
