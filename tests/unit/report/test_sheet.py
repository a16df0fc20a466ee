# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports as CSV: all of a report in rows, and names that no spreadsheet program runs."""

from __future__ import annotations

import csv
import io
import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.spreadsheet import from_cell
from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.sheet import csv_form
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report
from ansible_collections.csp.partner_center.plugins.module_utils._report.texts import clean

from . import samples
from .samples import NOW


def rows_of(source: t.Any, **more: t.Any) -> list[dict[str, str]]:
    text = csv_form(report(source, NOW, more))
    assert text.startswith("\ufeff")
    assert text.count("\r\n") == text.count("\n")
    found = [*csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]
    assert all(None not in row and None not in row.values() for row in found)
    return found


def test_every_change_is_a_row() -> None:
    rows = rows_of(samples.planned(50))
    assert len(rows) == 50
    (first,) = [row for row in rows if row["setting"] == "quantity" and row["after"] == "25"]
    assert (first["before"], first["can_be_undone"]) == ("20", "until 2026-12-05 06:05 UTC")
    assert {row["expected_codes"] for row in rows} == {"", "800090; 900257; 900214"}
    assert {row["outcome"] for row in rows} == {"planned"}


def test_failures_have_their_ids_and_what_could_not_be_read_has_a_row() -> None:
    gone = {"customer_id": samples.guid(1, 99), "customer_name": "Gone Ltd", "reason": "no relationship"}
    rows = rows_of({**samples.applied(50, failures=5, left=3), "unavailable": [gone]})
    failed = [row for row in rows if row["outcome"] == "failed"]
    assert {(row["status"], row["code"]) for row in failed} == {("400", "800090")}
    assert {from_cell(row["request_id"]) for row in failed} == {samples.guid(3, number) for number in range(5)}
    assert {from_cell(row["correlation_id"]) for row in failed} == {samples.guid(4, number) for number in range(5)}
    assert (rows[-1]["customer_name"], rows[-1]["outcome"], rows[-1]["message"]) == (
        "Gone Ltd",
        "not read",
        "no relationship",
    )


@pytest.mark.parametrize("name", samples.HOSTILE)
def test_names_are_text(name: str) -> None:
    rows = rows_of(samples.renamed(samples.planned(3), name))
    assert {from_cell(row["customer_name"]) for row in rows} == {clean(name)}
    assert from_cell(rows[0]["after"]) == clean(name)
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_every_term_that_is_listed_is_a_row() -> None:
    rows = rows_of(samples.renewals(60), kind="renewals")
    assert len(rows) == 50
    assert rows[0]["decide_by"] == "2026-11-01"
    assert {row["seats"] for row in rows} == {"25"}
    assert {row["what_then"] for row in rows} >= {"UNDECIDED", "is cancelled", "ends"}
