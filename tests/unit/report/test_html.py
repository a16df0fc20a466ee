# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports as pages of HTML: one file that asks nothing of any server, on which every name is text."""

from __future__ import annotations

import base64
import hashlib
import itertools
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.html import assets
from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.html.page import html_form
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report
from ansible_collections.csp.partner_center.plugins.module_utils._report.texts import clean

from . import samples
from .documents import Document, parsed
from .samples import NOW

ROOT = Path(__file__).resolve().parents[3]
GONE: t.Final = {
    "customer_id": samples.guid(1, 99),
    "customer_name": "Gone Ltd",
    "reason": "The customer has no relationship with the partner.",
}


def page_of(source: t.Any, **more: t.Any) -> Document:
    return parsed(html_form(report(source, NOW, {"tenant_name": "Adatum Distribution", **more})))


SOURCES: t.Final[dict[str, tuple[t.Any, dict[str, t.Any]]]] = {
    "plan": (samples.planned(50, unavailable=[GONE]), {"plan_path": "plan.json"}),
    "result": (samples.applied(50, 5, 3), {"journal_path": "journal.jsonl", "run_id": "0f3a"}),
    "drift": (samples.planned(20), {"kind": "drift"}),
    "renewals": (samples.renewals(60), {"kind": "renewals"}),
    "hostile": (samples.hostile_plan(), {}),
    "nothing": ({"plan": [], "summary": samples.summary([])}, {"kind": "plan"}),
    "no renewals": ([], {"kind": "renewals"}),
}


@pytest.fixture(params=SOURCES, scope="module")
def page(request: pytest.FixtureRequest) -> Document:
    source, more = SOURCES[request.param]
    return page_of(source, **more)


def test_a_page_refers_to_nothing_outside(page: Document) -> None:
    for one in page.root.all():
        assert not {"src", "srcset", "style", "action", "formaction", "data", "ping"} & set(one.attributes)
        assert not [name for name in one.attributes if name.startswith("on")]
        assert one.attributes.get("href", "#").startswith("#") or one.attributes["href"] == "data:,"
        assert one.name not in ("base", "iframe", "object", "embed", "img", "audio", "video", "image", "use")
    style = "".join(map(str, page.root.one("style").children))
    assert "@import" not in style
    assert "url(" not in style
    ids = [one.attributes["id"] for one in page.root.all() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    assert {one.attributes["href"][1:] for one in page.root.all("a")} <= set(ids)
    named = [one.attributes.get("aria-labelledby", "") for one in page.root.all()]
    assert set(filter(None, named)) <= set(ids)


def test_a_page_runs_nothing_but_its_own_scripts(page: Document) -> None:
    policy = page.root.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "connect-src" not in rules
    scripts = [one for one in page.root.all("script") if one.attributes.get("type") != "application/json"]
    for name, elements in (("script-src", scripts), ("style-src", page.root.all("style"))):
        texts = ["".join(map(str, one.children)).encode() for one in elements]
        hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(one).digest()).decode()}'" for one in texts]
        assert rules[name].split() == hashes


def test_a_page_has_landmarks_and_headings_in_order(page: Document) -> None:
    for name in ("header", "nav", "main", "footer", "h1"):
        page.root.one(name)
    levels = [int(one.name[1]) for one in page.root.all() if one.name in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    assert all(one.all("caption") for one in page.root.all("table"))
    assert page.root.all("a")[0].text == "Skip to the table"


@pytest.mark.parametrize("name", [*samples.HOSTILE, "</script><img src=x onerror=alert(1)>", "&lt;b&gt; \u2028 <!--"])
def test_names_are_text(name: str) -> None:
    plain, page = (
        page_of(samples.renamed(samples.applied(20, 2), one), tenant_name=one, change_reference=one)
        for one in ("Contoso", name)
    )
    assert [one.name for one in page.root.all()] == [one.name for one in plain.root.all()]
    shown = clean(name)
    assert any(row[0] == shown for row in page.table["rows"])
    assert any(row[3][1] == shown for row in page.table["rows"])
    assert shown in [one.text for one in page.root.one(id="charts").all("bdi")]
    assert shown in page.root.one("title").text
    assert shown in [one.text for one in page.root.one(id="failures").all("td")]


def test_names_of_renewals_are_text() -> None:
    found = [
        {**one, "customer_name": name, "offer_name": name, "friendly_name": f"{name}!"}
        for one, name in zip(samples.renewals(len(samples.HOSTILE) * 2)[1::2], samples.HOSTILE, strict=True)
    ]
    rows = page_of(found, kind="renewals").table["rows"]
    assert {row[2] for row in rows} <= {clean(name) for name in samples.HOSTILE}
    assert any(row[3][0] == f"{clean(samples.HOSTILE[0])}! ({clean(samples.HOSTILE[0])})" for row in rows)


def test_a_plan_shows_what_needs_a_look_first() -> None:
    page = page_of(samples.planned(50, unavailable=[GONE]))
    titles = [one.text for one in page.root.one(id="notices").all("h3")]
    assert titles == [
        "2 changes that Partner Center is expected to refuse",
        "4 changes of support_contact that cannot be undone",
        "1 customer not read",
        "Warning about 4 subscriptions",
        "1 change of quantity that can be undone for a time only",
    ]
    table = page.table
    assert len(table["rows"]) == 50
    assert [row[4][0] for row in table["rows"][:5]] == ["no"] * 4 + ["yes"]
    notes = [[table["notes"][place][0] for place in row[6]] for row in table["rows"]]
    assert notes[4] == notes[5] == ["expected refusal"]
    assert notes[-1] == []
    # A link to the table names a filter and a value that is there.
    assert {(one.attributes["data-filter"], one.attributes["data-value"]) for one in page.root.all("a") if
            "data-filter" in one.attributes} == {
        ("To know", "expected refusal"), ("Can be undone", "no"), ("Can be undone", "for a time"),
    }  # fmt: skip


def test_the_numbers_of_a_plan() -> None:
    assert page_of(samples.planned(50, unavailable=[GONE])).tiles == {
        "Subscriptions read": "236",
        "To change": "36",
        "Customers": "8",
        "Changes": "50",
        "Cannot be undone": "4",
        "Expected refusals": "2",
        "Seats added": "+5",
        "Seats taken": "−18",
        "Not planned": "0",
        "Customers not read": "1",
    }


def test_the_ten_numbers_of_a_result_are_those_of_its_summary() -> None:
    result = samples.applied(50, failures=5, left=3)
    names = ("subscriptions", "planned", "changed", "failed", "not_attempted", "pending", "unchanged", "unavailable")
    expected = [result["summary"][name] for name in (*names, "requests", "retries")]
    assert [*page_of(result).tiles.values()] == [f"{one:,}" for one in expected]


def test_failures_have_what_a_support_ticket_needs() -> None:
    page = page_of(samples.applied(50, failures=5, left=3))
    (failed,) = page.root.one(id="failures").all("article")
    assert failed.one("h3").text == "5 subscriptions failed"
    assert [one.text for one in failed.all("span", class_="code")] == ["HTTP 400", "800090"]
    rows = [[cell.text for cell in row.all("td")] for row in failed.all("tr")[1:]]
    assert [row[2:] for row in rows] == [[samples.guid(3, number), samples.guid(4, number)] for number in range(5)]
    ticket = failed.one("pre").children[0]
    assert isinstance(ticket, str)
    for text in (samples.TENANT, samples.API, "Status: 400", "Code: 800090", "2026-11-28 06:05 UTC"):
        assert text in ticket
    for number in range(5):
        assert f"MS-RequestId: {samples.guid(3, number)}" in ticket
        assert f"MS-CorrelationId: {samples.guid(4, number)}" in ticket
    states = [row[7] for row in page.table["rows"]]
    assert states[: states.index("changed")].count("not attempted") + states.count("failed") == states.index("changed")
    button = failed.one("button")
    assert failed.all("pre", id=button.attributes["data-copy"])


def test_many_failures_are_named_in_part() -> None:
    (failed,) = page_of(samples.applied(500, failures=80)).root.one(id="failures").all("article")
    assert len(failed.all("tr")) == 1 + 50
    assert "30 more" in failed.text


def test_charts_have_their_numbers_as_text() -> None:
    charts = page_of(samples.planned(50)).root.one(id="charts").all("figure")
    rows = {one.one("h3").text: [row.text for row in one.all("tr")] for one in charts}
    assert rows["Changes by setting"][1:] == [
        "friendly_name 36",
        "support_contact 4",
        "end_of_term 4",
        "quantity 3",
        "scheduled_next_term_instructions 3",
    ]
    assert rows["Seats before and after"] == [
        "Customer Before After",
        "Fabrikam Legal LLC 10 1",
        "Tailspin Legal LLC 10 1",
        "Litware Legal LLC 20 25",
    ]
    assert "40 → 27 where they change: 5 added, 18 taken back." in charts[2].text
    assert rows["Decisions about the end of a term"][1:] == ["cancel 4"]
    drawn = charts[0].all("rect")
    assert [one.attributes["width"] for one in drawn] == ["100.0", "11.1", "11.1", "8.3", "8.3"]
    assert all(one.all("svg", aria_hidden="true") for one in charts[0].all("td", class_="drawing"))


def test_renewals_are_shown_by_month_and_by_what_happens() -> None:
    page = page_of(samples.renewals(60), kind="renewals")
    rows = {one.one("h3").text: [row.text for row in one.all("tr")] for one in page.root.all("figure")}
    assert rows["Terms by month"][1:] == ["2026-11 0 30", "2026-12 10 30"]
    assert rows["What happens at the end of the term"][1] == "undecided 10 250"
    assert page.tiles["Undecided"] == "10"
    assert (
        page.root.one(id="numbers")
        .one("p", class_="banner")
        .text.startswith("10 subscriptions would go on in a paid extended")
    )
    assert "10 monthly terms with 250 seats renew as usual and are not listed." in page.root.one(id="table").text
    assert len(page.table["rows"]) == 50


def test_a_guard_that_stops_a_plan_is_the_first_thing_said() -> None:
    page = page_of(samples.planned(20, guard=["max_changes is 5: 14 subscriptions would change."]))
    first = page.root.one("main").all("p")[0]
    assert first.attributes["class"] == "banner tone-bad"
    assert first.text == "The guard stops it. max_changes is 5: 14 subscriptions would change."


def test_ten_thousand_rows_are_data_and_no_markup() -> None:
    small, large = page_of(samples.planned(2000)), page_of(samples.planned(10_000))
    assert len(large.table["rows"]) == 10_000
    assert len(large.root.all()) == len(small.root.all())
    assert len(large.source) < 3_000_000


def test_the_table_library_is_the_released_one() -> None:
    """But for one character, which ansible-test does not allow in a file: see the licence file beside it."""
    text = assets.asset_text(assets.TABLE_LIBRARY)
    assert text.isascii() is False
    released = text.replace('"\\u201C"===', '"\u201c"===').encode()
    assert hashlib.sha256(released).hexdigest() == assets.TABLE_LIBRARY_SHA256
    assert len(released) <= 150_000
    assert f"DataTables {assets.TABLE_LIBRARY_VERSION}" in text
    told = (assets.FILES / f"{assets.TABLE_LIBRARY}.license").read_text()
    assert "License-Identifier: " + "MIT" in told
    assert f"DataTables {assets.TABLE_LIBRARY_VERSION}" in told
    assert "SpryMedia" in (ROOT / "LICENSES" / "MIT.txt").read_text()


def test_nothing_inside_ends_its_element() -> None:
    for text in (*assets.scripts(with_table=True), assets.style()):
        assert "</script" not in text
        assert "<!--" not in text
        assert "</style" not in text
