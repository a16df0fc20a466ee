# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report in a browser: no request and no complaint, ten thousand rows page by page, open to everybody."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.html.page import html_form
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report

from . import samples
from .browsers import axe_core, chromium, running
from .samples import NOW

if t.TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM: t.Final = chromium()
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed, so no browser looked at the HTML report"),
]

#: A name that would load a picture, were it ever taken for markup, and one that ends a script.
PICTURE: t.Final = '<img src="https://evil.example/x" onerror="alert(1)"> & co'
ENDED: t.Final = "</script><script>alert(1)</script>"

SOURCES: t.Final[dict[str, tuple[t.Any, dict[str, t.Any]]]] = {
    "plan": (samples.planned(50), {"plan_path": "plan.json"}),
    "result": (samples.applied(50, 5, 3), {"journal_path": "journal.jsonl", "run_id": "0f3a"}),
    "drift": (samples.renamed(samples.planned(20), ENDED), {"kind": "drift"}),
    "renewals": (samples.renewals(60), {"kind": "renewals"}),
    "hostile": (samples.hostile_plan(), {}),
    "nothing": ({"plan": [], "summary": samples.summary([])}, {"kind": "plan"}),
}
#: What the window is as wide as, on a desk and in a hand.
WIDTHS: t.Final = (1280, 390)


@pytest.fixture(scope="module")
def browser() -> t.Iterator[Browser]:
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed, so no browser was tried")
    assert CHROMIUM is not None
    with running(CHROMIUM) as found:
        yield found


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> t.Iterator[t.Callable[..., Page]]:
    """Opens a report. What it asks for and what it complains of is looked at when the test is over."""
    heard: list[str] = []
    contexts = []

    def go(source: t.Any, more: t.Mapping[str, t.Any] | None = None, width: int = 1280, **settings: t.Any) -> Page:
        path = tmp_path / "report.html"
        path.write_text(html_form(report(source, NOW, more)), encoding="utf-8")
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: heard.append(request.url) if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        return page

    yield go
    for one in contexts:
        one.close()
    assert [one for one in heard if not one.startswith("data:")] == []


def rows(page: Page) -> Locator:
    return page.locator("#rows tbody tr")


def told(page: Page) -> str:
    return page.locator(".dt-info").inner_text()


def choice(page: Page, heading: str) -> Locator:
    """The list of values to choose from for a column."""
    return page.get_by_role("combobox", name=heading, exact=True)


def ordering(page: Page, heading: str) -> tuple[Locator, Locator]:
    """A column's heading, and the button in it that sorts."""
    cell = page.locator("#rows thead th", has_text=heading)
    return cell, cell.get_by_role("button")


@pytest.mark.parametrize("kind", SOURCES)
def test_a_page_fits_its_window(visit: t.Callable[..., Page], kind: str) -> None:
    source, more = SOURCES[kind]
    page = visit(source, more)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_ten_thousand_rows_are_drawn_page_by_page(visit: t.Callable[..., Page]) -> None:
    plan = samples.planned(10_000)
    page = visit(plan)
    assert rows(page).count() == 50
    assert told(page) == "1 to 50 of 10,000 rows"
    page.get_by_label("Next page").click()
    assert told(page) == "51 to 100 of 10,000 rows"
    page.get_by_label("rows a page").select_option("500")
    assert rows(page).count() == 500
    assert page.locator("body *").count() < 20_000

    search = page.get_by_label("Search all columns")
    search.fill("proseware partners")
    found = sum(one["field"] == "support_contact" for one in plan["changes"])
    assert told(page) == f"1 to 500 of {found:,} rows (of 10,000 in all)"
    choice(page, "Setting").select_option("quantity")
    assert told(page).startswith("no rows")
    assert "No row fits" in rows(page).inner_text()
    page.get_by_role("button", name="Show all").click()
    assert told(page) == "1 to 500 of 10,000 rows"
    assert search.input_value() == ""

    choice(page, "Policy").select_option("end of term")
    assert {one.split("\t")[2] for one in rows(page).all_inner_texts()} == {"end_of_term"}


def test_filters_offer_what_is_there(visit: t.Callable[..., Page]) -> None:
    page = visit(samples.applied(50, failures=5, left=3))
    outcome = choice(page, "Outcome").locator("option")
    assert outcome.all_inner_texts() == ["all", "changed (39)", "failed (7)", "not attempted (4)"]
    choice(page, "Outcome").select_option("failed")
    assert {one.split("\t")[-1] for one in rows(page).all_inner_texts()} == {"failed"}
    choice(page, "Customer").select_option(samples.customer_name(0))
    assert told(page) == "1 to 7 of 7 rows (of 50 in all)"
    choice(page, "To know").select_option("failed: 400 800090")
    rows(page).first.get_by_text("failed: 400 800090").click()
    assert "The quantity cannot be reduced." in rows(page).first.inner_text()


def test_what_needs_a_look_leads_to_its_rows(visit: t.Callable[..., Page]) -> None:
    page = visit(samples.planned(50))
    page.locator("article", has_text="cannot be undone").get_by_role("link", name="Show them in the table").click()
    assert told(page) == "1 to 4 of 4 rows (of 50 in all)"
    page.locator("article", has_text="expected to refuse").get_by_role("link", name="Show them in the table").click()
    assert {one.split("\t")[2] for one in rows(page).all_inner_texts()} == {"quantity"}


def test_everything_works_with_the_keyboard(visit: t.Callable[..., Page]) -> None:
    page = visit(samples.renewals(60), {"kind": "renewals"})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the table"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "table"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.heading") == "Decide by"
    cell, button = ordering(page, "Subscription")
    button.focus()
    page.keyboard.press("Enter")
    assert cell.get_attribute("aria-sort") == "ascending"
    first = rows(page).first.locator("td").nth(3).inner_text()
    page.keyboard.press("Space")
    assert cell.get_attribute("aria-sort") == "descending"
    # Numbers in names are sorted as numbers: 8 comes before 56.
    assert rows(page).first.locator("td").nth(3).inner_text().startswith("Team 56")
    assert first.startswith("Microsoft 365 Business Basic")
    page.keyboard.press("Enter")
    assert cell.get_attribute("aria-sort") is None
    assert page.locator("#rows td:first-child").first.inner_text() == "2026-11-01"


def test_names_are_text_wherever_they_come(visit: t.Callable[..., Page]) -> None:
    for name, word in ((PICTURE, "evil.example"), (ENDED, "</script>"), (samples.HOSTILE[5], "WWW")):
        page = visit(samples.renamed(samples.planned(20), name))
        page.get_by_label("Search all columns").fill(word)
        texts = rows(page).locator("td:first-child").all_inner_texts()
        assert set(texts) == {name}
        choice(page, "Customer").select_option(name)
        assert rows(page).count() == len(texts)
        ordering(page, "Change")[1].click()
        assert page.locator("img").count() == 0


def test_what_support_needs_can_be_copied(visit: t.Callable[..., Page]) -> None:
    page = visit(*SOURCES["result"])
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    button = page.get_by_role("button", name="Copy for a support ticket")
    button.click()
    page.get_by_text("Copied.").wait_for(state="attached")
    ticket = page.evaluate("window.copied")
    assert f"MS-CorrelationId: {samples.guid(4, 0)}" in ticket
    # Where the clipboard is not to be had, the text is selected.
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error('denied'); }; }")
    page.evaluate("() => { document.execCommand = () => false; }")
    button.click()
    page.get_by_text("Selected: copy it").wait_for(state="attached")
    assert page.evaluate("window.getSelection().toString()").splitlines()[0] == ticket.splitlines()[0]


def test_what_is_printed(visit: t.Callable[..., Page]) -> None:
    page = visit(samples.planned(300))
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert rows(page).count() == 300
    page.emulate_media(media="print")
    assert page.locator(".printed").inner_text() == "300 of 300 rows"
    assert page.locator("form.filters").is_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert rows(page).count() == 50
    page = visit(samples.planned(2000))
    choice(page, "Can be undone").select_option("no")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".printed").text_content() == f"{rows(page).count()} of 2,000 rows (Can be undone: no)"


def test_without_scripts_all_but_the_table_is_there(visit: t.Callable[..., Page]) -> None:
    page = visit(samples.planned(50), java_script_enabled=False)
    assert page.get_by_text("This table needs JavaScript.").is_visible()
    assert page.get_by_text("2 changes that Partner Center is expected to refuse").is_visible()
    assert page.get_by_label("Search all columns").count() == 0


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed, so axe-core judged no HTML report")
def test_axe_finds_nothing_to_mend(visit: t.Callable[..., Page], tmp_path: Path) -> None:
    axe = axe_core(tmp_path)
    sources = (samples.planned(20), {}), (samples.applied(20, 3, 2), {}), (samples.renewals(20), {"kind": "renewals"})
    for source, more in sources:
        for scheme, width in (("light", 1280), ("dark", 390)):
            page = visit(source, more, width, color_scheme=scheme)
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            page.evaluate(axe)
            found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
            shown = [(one["id"], one["help"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
            assert shown == [], f"{scheme}, {width}"
