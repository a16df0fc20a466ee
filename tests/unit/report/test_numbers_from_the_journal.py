# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report says of a run is what the run's journal says of it, worked out from its lines alone."""

from __future__ import annotations

import json
import typing as t
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.html.page import html_form
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report

from ..emulators import Emulator
from ..engine.fleets import item
from ..modules.test_fleet_endings import run
from .documents import parsed
from .samples import NOW

pytestmark = pytest.mark.once

ACTIVE: t.Final = {"product_type": "nce", "status": "active"}


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "8", "--seed", "7")


@dataclass(frozen=True)
class Written:
    """A journal, read as anybody could: each intent with its last outcome, and what the end says was counted."""

    writes: list[tuple[dict[str, t.Any], str]]
    end: dict[str, t.Any]

    def subscriptions(self, *results: str) -> set[str]:
        """Those of whose writes one ended so, by the worst one."""
        worst: dict[str, str] = {}
        for intent, result in self.writes:
            ids = intent["subscription_id"]
            worst[ids] = max(worst.get(ids, ""), result, key=["", "applied", "accepted", "unknown", "failed"].index)
        return {ids for ids, result in worst.items() if result in results}

    def applied(self) -> list[tuple[str, t.Any, t.Any]]:
        """
        Setting, before and after of each change that was made or accepted. What was only put back is none: nobody asked
        for it.
        """
        return [
            (name, intent["before"].get(name), after)
            for intent, result in self.writes
            if result in ("applied", "accepted")
            for name, after in intent["after"].items()
            if name in ("friendly_name", "quantity")
        ]


def read(journal: Path) -> Written:
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    results = {line["request_id"]: line["result"] for line in lines if line["event"] == "outcome"}
    writes = [(line, results[line["request_id"]]) for line in lines if line["event"] == "intent"]
    return Written(writes, next(line["summary"] for line in lines if line["event"] == "end"))


def test_a_reports_numbers_are_the_journals(emulator: Emulator, tmp_path: Path) -> None:
    active = [ids for ids in emulator.all("nce", "active") if emulator.stored(ids)["billingType"] != "usage"]
    gone = active[-1][0]
    seats = [ids for ids in active if ids[0] != gone][:4]
    refused = [ids for ids in active if ids[0] != gone][5:7]
    emulator.fault(
        match={"path": f"/v1/customers/{gone}/subscriptions"}, action="error", status=403, code=20002, times=None
    )
    for ids in refused:
        path = f"/v1/customers/{ids[0]}/subscriptions/{ids[1]}"
        emulator.fault(match={"method": "PATCH", "path": path}, action="error", status=400, code=800090, times=None)
    more = {ids: emulator.stored(ids)["quantity"] + 2 for ids in seats}
    path = tmp_path / "journal.jsonl"
    told = run(
        emulator,
        policies=[{"name": "names", "match": ACTIVE, "set": {"friendly_name": "n {subscription_id}"}}],
        subscriptions=[item(ids, quantity=more[ids]) for ids in seats],
        journal_path=str(path),
        max_concurrency=1,
        max_failures=2,
    )
    journal = read(path)
    page = parsed(html_form(report(told, NOW)))

    touched = journal.subscriptions("applied", "accepted", "failed", "unknown")
    assert page.tiles == {
        "Subscriptions read": f"{journal.end['subscriptions']:,}",
        "Planned": str(len(touched) + journal.end["not_attempted"]),
        "Changed": str(len(journal.subscriptions("applied"))),
        "Failed": str(len(journal.subscriptions("failed", "unknown"))),
        "Not attempted": str(journal.end["not_attempted"]),
        "Not finished yet": str(len(journal.subscriptions("accepted"))),
        "Unchanged": str(journal.end["unchanged"]),
        "Customers not read": "1",
        "Requests": f"{len(emulator.requests()):,}",
        "Sent again": str(journal.end["retries"]),
    }
    assert page.tiles["Failed"] == "2"
    assert int(page.tiles["Not attempted"]) > 0

    applied = journal.applied()
    states = Counter((row[2], row[7]) for row in page.table["rows"])
    assert {name: count for (name, state), count in states.items() if state == "changed"} == Counter(
        name for name, _before, _after in applied
    )
    moves = [(before, after) for name, before, after in applied if name == "quantity"]
    assert moves
    assert sum(after - before for before, after in moves) == 2 * len(seats)
    failed = {one["subscription_id"] for one, result in journal.writes if result == "failed"}
    assert {ids for _customer, (_offer, ids), *_rest, state in page.table["rows"] if state == "failed"} == failed
    shown = [cell.text for cell in page.root.one(id="failures").all("td", class_="id")]
    requests = {one["request_id"] for one, result in journal.writes if result == "failed"}
    assert requests <= set(shown)
