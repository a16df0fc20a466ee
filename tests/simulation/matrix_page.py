# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix as a part of its guide, written by the run that fills it."""

from __future__ import annotations

import typing as t
from collections import defaultdict
from pathlib import Path

from .matrix import EXCEPTIONS, FAULTS, OTHER_CODES, PROMISES, TIMES, WAYS, WORDS, Cell, broken_promises, cells

ROOT: t.Final = Path(__file__).resolve().parents[2]
GUIDE: t.Final = ROOT / "docs" / "docsite" / "rst" / "guide_faults.rst"
START: t.Final = ".. What follows is written by tests/simulation/matrix_page.py.\n"


def page(found: t.Sequence[Cell]) -> str:
    """The part of the guide that is written by a run."""
    lines = ["What is promised", "----------------", ""]
    for name, sentence in PROMISES.items():
        lines += [f"*{name}*", f"    {sentence}", ""]
    lines += ["What comes of a write", "---------------------", ""]
    lines += [f"*{name}*: {words}." + chr(10) for name, words in WORDS.items()]
    lines += _table(found)
    lines += [
        "",
        "Any other code that Partner Center is documented to refuse a write with comes to *refused*, too:",
        "",
    ]
    lines += [f"* {status}: {', '.join(map(str, sorted(codes)))}" for status, codes in OTHER_CODES.items()]
    lines += ["", "Where a way of writing differs", "------------------------------", ""]
    lines += [
        "* What is scheduled, written back: whatever is not *made* is *damaged*, since the write before it was made."
    ]
    for ways, faults, times, outcome, why in EXCEPTIONS:
        when = "" if len(times) == len(TIMES) else f", {' and '.join(times)}"
        lines += [f"* {_sentence(' and '.join(ways))}: {' or '.join(faults)}{when}: *{outcome}*, since {why}."]
    lines += ["", "The ways of writing", "-------------------", ""]
    lines += [f"* {_sentence(way.name)}" for way in WAYS]
    return "\n".join(lines) + "\n"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _table(found: t.Sequence[Cell]) -> list[str]:
    rows: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in found:
        rows[cell.fault, cell.times].append(cell)
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 36 16 16 16 16", ""]
    lines += ["   * - What happens to the write"]
    lines += [f"     - {_sentence(times)}" for times in TIMES] + ["     - Promise"]
    for fault in FAULTS:
        lines += [f"   * - {_sentence(fault.name)}"]
        for times, outcome in zip(TIMES, fault.ends.split(), strict=True):
            more = sorted({cell.requests for cell in rows[fault.name, times]})
            lines += [f"     - {outcome} ({_numbers(more)})"]
        lines += [f"     - {fault.promise}"]
    return lines


def _numbers(more: t.Sequence[int]) -> str:
    """How many requests more or fewer than without the fault, over all ways of writing."""
    return f"{more[0]:+d}" if len(more) == 1 else f"{more[0]:+d} to {more[-1]:+d}"


def check(*, is_written: bool) -> bool:
    """
    Plays the matrix and prints what does not come as it is promised; writes the guide where ``is_written``.

    Whether all is as promised, and the guide says so.
    """
    found = list(cells())
    broken = list(broken_promises(found))
    guide = GUIDE.read_text()
    made = guide[: guide.index(START) + len(START)] + "\n" + page(found)
    if is_written:
        GUIDE.write_text(made)
    is_current = is_written or guide == made
    print("\n".join([*broken, f"{len(found)} cells, {len(broken)} not as promised"]))
    if not is_current:
        print("The guide says otherwise: python -m tests.simulation --matrix --write")
    return is_current and not broken
