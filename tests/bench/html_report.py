# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report with many rows: how long it takes to write, and how long each use of its table takes in Chromium."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from server import ROOT

sys.path[:0] = [str(ROOT), str(ROOT / ".build")]

ROWS = 10_000
#: What is done with the table, in JavaScript; each ends when the page is laid out again.
_USES = {
    "search": "type('proseware partners')",
    "search again": "type('')",
    "sort": "document.querySelector('#rows thead th .dt-column-order').click()",
    "sort changes": "document.querySelectorAll('#rows thead th .dt-column-order')[3].click()",
    "filter": "choose(document.getElementById('filter-2'), 'quantity')",
}
_HELPERS = """
    const type = (text) => {
        const field = document.querySelector('.dt-search input');
        field.value = text;
        field.dispatchEvent(new Event('input'));
    };
    const choose = (list, value) => {
        list.value = value;
        list.dispatchEvent(new Event('change'));
    };
"""


@dataclass(frozen=True)
class PageCost:
    """Seconds, but for ``megabytes``. ``uses``: of each use of the table."""

    rows: int
    written: float
    megabytes: float
    opened: float
    uses: dict[str, float]

    def __str__(self) -> str:
        uses = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in self.uses.items())
        return f"  written in {self.written:.2f} s ({self.megabytes:.1f} MB), opened in {self.opened:.2f} s; {uses}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(folder: Path, rows: int = ROWS) -> PageCost | str:
    """What it costs, or why that cannot be found out here."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "Playwright is not installed"
    from tests.unit.report import browsers

    chromium = browsers.chromium()
    if chromium is None:
        return "Chromium is not installed"
    path = folder / "report.html"
    written = _write(path, rows)
    with browsers.running(chromium) as browser:
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(path.as_uri())
        opened = time.perf_counter() - start
        uses = {name: page.evaluate(_timed(use)) / 1000 for name, use in _USES.items()}
    return PageCost(rows, written, path.stat().st_size / 1e6, opened, uses)


def _write(path: Path, rows: int) -> float:
    """Seconds from a plan to its page."""
    from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.html.page import html_form
    from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report
    from tests.unit.report import samples

    plan = samples.planned(rows)
    start = time.perf_counter()
    path.write_text(html_form(report(plan, samples.NOW)), encoding="utf-8")
    return time.perf_counter() - start


def _timed(use: str) -> str:
    """A function that returns the milliseconds of a use, until other rows are there and laid out."""
    return f"""async () => {{
        {_HELPERS}
        const body = document.querySelector('#rows tbody');
        const drawn = new Promise((done) => new MutationObserver(done).observe(body, {{ childList: true }}));
        const start = performance.now();
        {use};
        await drawn;
        document.body.offsetHeight;
        return performance.now() - start;
    }}"""
