# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pc_fleet takes, and what it says of a fleet: the module in a process of its own, as Ansible runs it."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import to_rollback

from ..engine.emulator import Emulator
from ..engine.fleets import item
from .test_fleet_endings import run

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulator]:
    emulator = Emulator(Path(tmp_path_factory.mktemp("emulator")), ("--customers", "4", "--seed", "7")).start()
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    running.forget()
    return running


class TestTexts:
    def test_a_folded_text_is_refused_before_anything_is_sent(self, emulator: Emulator) -> None:
        told = run(emulator, subscriptions=[item(emulator.find("nce"), friendly_name="Contoso - Berlin\n")])
        assert "subscriptions[0].friendly_name: holds a line break" in told["msg"]
        assert emulator.control("GET", "requests") == []

    def test_what_placeholders_fill_in_is_trimmed_so_that_a_second_run_is_unchanged(self, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.store(ids, offerName="  Business Basic \n")
        policies = [
            {
                "name": "n",
                "match": {"subscription_id": ids[1], "customer_id": ids[0]},
                "set": {"friendly_name": "{offer_name}"},
            }
        ]
        assert run(emulator, policies=policies)["changed"]
        assert emulator.stored(ids)["friendlyName"] == "Business Basic"
        assert not run(emulator, policies=policies)["changed"]

    def test_only_a_rollback_lays_back_a_text_as_it_was(self, emulator: Emulator, tmp_path: Path) -> None:
        ids, journal = emulator.find("nce"), tmp_path / "journal.jsonl"
        emulator.store(ids, friendlyName=" old\nname ")
        assert run(emulator, subscriptions=[item(ids, friendly_name="new")], journal_path=str(journal))["changed"]
        items, left_out = to_rollback(journal.read_text(), utc_now())
        undone = json.loads(journal.read_text().splitlines()[0])["run"]
        assert left_out == []
        assert "holds a line break" in run(emulator, subscriptions=items)["msg"]
        assert run(emulator, subscriptions=items, undoes=undone, journal_path=str(journal))["changed"]
        assert emulator.stored(ids)["friendlyName"] == " old\nname "
        starts = [one for one in map(json.loads, journal.read_text().splitlines()) if one["event"] == "start"]
        assert [one.get("undoes") for one in starts] == [None, undone]


class TestExceptions:
    def test_a_name_with_brackets_is_excluded_as_it_is_written(self, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.store(ids, friendlyName="A [x] B")
        policies = [
            {
                "name": "n",
                "match": {"customer_id": ids[0]},
                "exclude": {"friendly_name": "A [x] B"},
                "set": {"friendly_name": "{offer_name}"},
            }
        ]
        told = run(emulator, policies=policies)
        assert ids[1].lower() not in {one["subscription_id"].lower() for one in told["plan"]}
        assert emulator.stored(ids)["friendlyName"] == "A [x] B"
