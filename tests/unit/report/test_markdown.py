# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports as Markdown: a page of bounded size on which every name is text."""

from __future__ import annotations

import html
import re

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.markdown import (
    LONGEST,
    markdown_form,
    markdown_text,
)
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report
from ansible_collections.csp.partner_center.plugins.module_utils._report.texts import clean

from . import samples
from .samples import NOW


def test_a_page_is_bounded_and_counts_what_it_leaves_out() -> None:
    plan = samples.planned(10_000)
    page = markdown_form(report(plan, NOW, {"plan_path": "plan.json"}))
    assert len(page) <= LONGEST
    left_out = re.findall(r"… ([\d,]+) more changes: the whole of it", page)
    shown = sum(
        line.count(" | ") >= 5 and not line.startswith(("| ---", "| customer", "| policy"))
        for line in page.splitlines()
    )
    policies = len({one["policy"] for one in plan["changes"]})
    assert shown - policies + int(left_out[0].replace(",", "")) == 10_000


def test_all_of_a_small_plan_is_there() -> None:
    page = markdown_form(report(samples.planned(50), NOW, {"plan_path": "plan.json"}))
    assert page.count("friendly_name") == 1 + 36
    assert "nothing → Proseware Partners (MPN 4847383) | NO |" in page
    assert "ansible-playbook csp.partner_center.fleet_apply -e plan_path=plan.json" in page
    assert "more" not in page


def test_failures_have_what_a_support_ticket_needs() -> None:
    page = markdown_form(report(samples.applied(50, 5, 3), NOW))
    assert page.count("## 5 subscriptions failed") == 1
    assert samples.guid(3, 4) in page
    assert samples.guid(4, 4) in page


@pytest.mark.parametrize("name", samples.HOSTILE)
def test_names_are_text(name: str) -> None:
    page = markdown_form(report(samples.renamed(samples.planned(3), name), NOW))
    rows = [line for line in page.splitlines() if samples.guid(2, 0) in line]
    assert len(rows) == 1
    cells = re.split(r"(?<!\\)\|", rows[0])
    assert cells[1].strip() == markdown_text(clean(name))
    assert "<script>" not in html.unescape(page)
    assert not re.search(r"(?<!\\)\[link\]", page)
    assert "http:" not in page
    assert "\x1b" not in page


def test_mentions_and_links_are_broken_up() -> None:
    assert "@everyone" not in markdown_text("@everyone")
    assert "www." not in markdown_text("www.example.com")
    assert markdown_text("plain_name 2") == "plain_name 2"
