# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as a table for people."""

from __future__ import annotations

import statistics
from dataclasses import replace

from ways import Cost

YARDSTICK = "asyncio"
_HEAD = ("", "seconds", "whole", "requests", "peak MB", "CPU s", "seconds ÷ asyncio", "whole ÷ asyncio")


def middle(costs: list[Cost]) -> Cost:
    """Of several runs of one way, the one with the median seconds, and the largest memory of all."""
    wanted = statistics.median_low([cost.seconds for cost in costs])
    chosen = next(cost for cost in costs if cost.seconds == wanted)
    more = {**chosen.more, "all_seconds": [cost.seconds for cost in costs]}
    more["all_whole_seconds"] = [cost.whole_seconds for cost in costs]
    return replace(chosen, peak_mb=max(cost.peak_mb for cost in costs), more=more)


def ratios(cost: Cost, yardstick: Cost | None) -> tuple[float | None, float | None]:
    """Seconds, and seconds from start to end, over the yardstick's own seconds."""
    if yardstick is None:
        return None, None
    return round(cost.seconds / yardstick.seconds, 2), round(cost.whole_seconds / yardstick.seconds, 2)


def table(costs: list[Cost]) -> str:
    yardstick = next((cost for cost in costs if cost.way == YARDSTICK), None)
    rows = [_HEAD, *(_row(cost, yardstick) for cost in costs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = []
    for row in rows:
        figures = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *figures]))
    notes = [f"  * {cost.way}: measured on {cost.sample}, the rest extrapolated" for cost in costs if cost.sample]
    return "\n".join(f"  {line}" for line in lines[:1] + ["─" * len(lines[0])] + lines[1:]) + "".join(
        f"\n{note}" for note in notes
    )


def _row(cost: Cost, yardstick: Cost | None) -> tuple[str, ...]:
    own, whole = ratios(cost, yardstick)
    star = " *" if cost.sample else ""
    return (
        cost.way + star,
        _number(cost.seconds),
        _number(cost.whole_seconds),
        f"{cost.requests:,}",
        f"{cost.peak_mb:,.0f}",
        _number(cost.cpu_seconds),
        "-" if own is None else f"{own:,.2f}",
        "-" if whole is None else f"{whole:,.2f}",
    )


def _number(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.2f}"
