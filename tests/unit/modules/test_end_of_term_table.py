# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
The table in the guide to ends of terms, tried cell by cell by one playbook: every kind of subscription in every state
is asked for everything, twice, and all is taken back. Each case is a subscription of its own in one fleet. The module
for one subscription is asked for one case of each cell.
"""

from __future__ import annotations

import json
import shutil
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import to_rollback

from .. import end_of_terms
from ..emulators import Emulator, Ids
from ..end_of_terms import ACTIONS, INSTRUCTIONS, ROWS, Case, Raw
from ..forks import start_module
from ..inventory.conftest import Ansible

pytestmark = pytest.mark.once

PLAYBOOK = Path(__file__).with_name("end_of_term_table.yml")
#: Forms in which the service may take and show the end of a term (its switches), and what is rolled back there.
FORMS: dict[str, tuple[Raw, str]] = {
    "as_written": ({}, "journal"),
    "actions": (
        {"end_of_term_readback": "actions", "actions_and_instructions": "refused", "one_change_per_patch": True},
        "plan",
    ),
    "object": (
        {
            "end_of_term_readback": "both",
            "scheduled_actions_form": "object",
            "actions_and_instructions": "actions_win",
            "one_change_per_patch": False,
        },
        "plan",
    ),
}
#: The fleet's first customers have a subscription of each kind.
KINDS = 50
#: What the end of a term is kept in.
PAIR = ("autoRenewEnabled", ACTIONS, INSTRUCTIONS)


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    customers = (KINDS + len(end_of_terms.cases())) // 10 + 1
    return (
        *("--customers", str(customers), "--subscriptions-per-customer", "10", "--seed", "7"),
        *("--switch", "est_conversion_delay=never"),
    )


@dataclass
class Table:
    """What the playbook came to. ``fleets``: what the service kept, by moment; ``said``: what modules said, by form."""

    cases: dict[Ids, Case]
    fleets: dict[str, dict[Ids, Raw]] = field(default_factory=dict)
    said: dict[str, dict[str, Raw]] = field(default_factory=dict)
    writes: list[Raw] = field(default_factory=list)
    journals: dict[str, str] = field(default_factory=dict)

    def outcomes(self, form: str, step: str) -> dict[Ids, Raw]:
        return {(one["customer_id"], one["subscription_id"]): one for one in self.said[form][step]["outcomes"]}

    def written(self, form: str, step: str) -> set[Ids]:
        """The subscriptions for which a write was sent."""
        reference = f"{form} {step}"
        paths = [one["path"].split("/") for one in self.writes if reference in one["headers"].values()]
        return {(path[-3], path[-1]) for path in paths}


def whole(fleet: Raw) -> dict[Ids, Raw]:
    return {
        (customer["id"], subscription["id"]): subscription["resource"]
        for customer in fleet["customers"]
        for subscription in customer["subscriptions"]
    }


def arrange(emulator: Emulator) -> dict[Ids, Case]:
    """Make a subscription of the fleet for each case."""
    fleet = emulator.control("GET", "fleet", whole="1")
    found = [(one["id"], other) for one in fleet["customers"] for other in one["subscriptions"]]
    like: dict[str, Raw] = {}
    for _customer, subscription in found:
        like.setdefault(subscription["kind"], subscription["resource"])
    places = found[KINDS:]
    result = {}
    for (kind, case), (customer, place) in zip(end_of_terms.cases(), places, strict=False):
        resource = end_of_terms.made(kind, case.values, like[kind.tag], place["resource"])
        emulator.control("PUT", f"customers/{customer}/subscriptions/{place['id']}", resource)
        result[customer, place["id"]] = case
    assert len(result) == len(end_of_terms.cases())
    return result


@pytest.fixture(scope="module")
def table(
    emulators: t.Callable[..., Emulator], emulator_arguments: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Table:
    emulator = emulators(*emulator_arguments)
    emulator.reset()
    folder = tmp_path_factory.mktemp("table")
    result = Table(arrange(emulator))
    result.fleets["before"] = emulator.all_stored()
    shutil.copy(PLAYBOOK, folder)
    here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    hosts = {
        form: {
            **here,
            "switches": switches,
            "journal": str(folder / f"{form}.jsonl"),
            "back_from": source,
        }
        for form, (switches, source) in FORMS.items()
    }
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    variables = {
        "emulator_connection": emulator.connection,
        "control_url": f"{emulator.connection['api_url']}/_emulator",
        "items": [
            {"customer_id": ids[0], "subscription_id": ids[1], **case.asked} for ids, case in result.cases.items()
        ],
    }
    (folder / "variables.json").write_text(json.dumps(variables))
    answer = Ansible(folder, emulator).run(
        "ansible-playbook", "-i", "hosts.json", "-e", "@variables.json", PLAYBOOK.name
    )
    assert answer.status == 0, answer.output + answer.errors
    for form in FORMS:
        result.said[form] = json.loads((folder / f"{form} said.json").read_text())
        for step in ("made", "undone"):
            result.fleets[f"{form} {step}"] = whole(json.loads((folder / f"{form} {step}.json").read_text()))
        result.journals[form] = (folder / f"{form}.jsonl").read_text()
    result.writes = emulator.writes()
    return result


def rest(resource: Raw) -> Raw:
    """All but the end of the term, and the etag that legacy subscriptions change with every write."""
    return {name: value for name, value in resource.items() if name not in (*PAIR, "attributes")}


def end(resource: Raw) -> Raw:
    """What is kept of the end of the term, whichever form a renewal has."""
    found = effect.read(resource)
    return {
        "effect": (found.effect, found.decided),
        "renews": bool(resource.get("autoRenewEnabled")),
        "instructions": effect.instructions(resource),
        "actions": None if found.effect == "renew" else resource.get(ACTIONS) or None,
    }


def test_the_guide_has_every_row() -> None:
    assert list(end_of_terms.guide()) == [row.label for row in ROWS]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("row", [row.label for row in ROWS])
def test_a_row_says_what_happens(table: Table, form: str, row: str) -> None:
    outcomes, written, again = table.outcomes(form, "made"), table.written(form, "made"), table.outcomes(form, "again")
    before, after = table.fleets["before"], table.fleets[f"{form} made"]
    for ids, case in table.cases.items():
        if case.row != row:
            continue
        one, told = outcomes[ids], str(case)
        word = "refused" if one["failed"] else "changed" if one["changed"] else "unchanged"
        by_the_service = " by Partner Center" if word == "refused" and ids in written else ""
        assert word + by_the_service == case.answer, (told, one["msg"])
        assert case.reason in one["msg"], (told, one["msg"])
        assert any("paid extended service term" in said for said in one.get("warnings", ())) is case.warns, (told, one)
        assert rest(after[ids]) == rest(before[ids]), told
        if word != "changed":
            assert end(after[ids]) == end(before[ids]), told
        elif "end_of_term" in case.asked:
            assert effect.has_effect(effect.read(after[ids]), case.asked["end_of_term"]), told
        else:
            assert after[ids]["autoRenewEnabled"] is case.asked["auto_renew_enabled"], told
        assert (again[ids]["failed"], again[ids]["changed"]) == (one["failed"], False), told


def one_of_each_cell(cases: dict[Ids, Case]) -> list[Ids]:
    """A case for each cell of the table, with another kind and form from cell to cell."""
    cells: dict[tuple[str, str], list[Ids]] = {}
    for ids, case in cases.items():
        cells.setdefault((case.row, json.dumps(case.asked)), []).append(ids)
    return [alike[number % len(alike)] for number, alike in enumerate(cells.values())]


def test_the_module_for_one_subscription_says_the_same(table: Table, emulator: Emulator, tmp_path: Path) -> None:
    cases = arrange(emulator)
    before, cells = emulator.all_stored(), one_of_each_cell(cases)
    connection = {**emulator.connection, "token_cache_path": str(tmp_path / "tokens")}
    emulator.forget()

    def ask(ids: Ids) -> Raw:
        asked = {"customer_id": ids[0], "subscription_id": ids[1], **cases[ids].asked}
        output, _errors = start_module("pc_subscription", {**connection, **asked}).communicate()
        return t.cast("Raw", json.loads(output))

    with ThreadPoolExecutor(4) as pool:
        answers = dict(zip(cells, pool.map(ask, cells), strict=True))
    written = {one["path"].rsplit("/", 1)[-1] for one in emulator.writes()}
    after, by_fleet = emulator.all_stored(), table.outcomes("as_written", "made")
    for ids, one in answers.items():
        case, of_fleet = cases[ids], by_fleet[ids]
        told = str(case)
        assert (bool(one.get("failed")), one["changed"]) == (of_fleet["failed"], of_fleet["changed"]), (told, one)
        assert one["changes"] == of_fleet["changes"], told
        assert case.reason in one.get("msg", ""), (told, one)
        warnings = json.dumps(one.get("warnings", []))
        assert ("paid extended service term" in warnings) is case.warns, (told, warnings)
        assert (ids[1] in written) is (case.answer in ("changed", "refused by Partner Center")), told
        assert rest(after[ids]) == rest(before[ids]), told
        assert end(after[ids]) == end(table.fleets["as_written made"][ids]), told


@pytest.mark.parametrize("form", FORMS)
def test_what_is_foretold_is_what_is_planned(table: Table, form: str) -> None:
    said = table.said[form]
    assert said["foretold"]["plan"] == said["made"]["plan"]
    assert len(said["made"]["plan"]) > len(table.cases) // 4
    assert table.written(form, "foretold") == set()
    planned: dict[Ids, set[str]] = {}
    for entry in said["made"]["plan"]:
        assert entry["reversible"] == "yes"
        planned.setdefault((entry["customer_id"], entry["subscription_id"]), set()).add(entry["field"])
    for ids, fields in planned.items():
        asked = {*table.cases[ids].asked}
        assert asked <= fields <= {*asked, "scheduled_next_term_instructions"}, str(table.cases[ids])
    # What is done is planned no more.
    refused = {ids for ids, case in table.cases.items() if case.answer == "refused by Partner Center"}
    assert {(one["customer_id"], one["subscription_id"]) for one in said["again"]["plan"]} == refused


@pytest.mark.parametrize("form", FORMS)
def test_nothing_else_is_written(table: Table, form: str) -> None:
    by_answer = {
        answer: {ids for ids, case in table.cases.items() if case.answer == answer}
        for answer in ("changed", "refused by Partner Center")
    }
    assert table.written(form, "made") == by_answer["changed"] | by_answer["refused by Partner Center"]
    assert table.written(form, "again") == by_answer["refused by Partner Center"]
    assert table.written(form, "undone") == by_answer["changed"]
    others = table.fleets["before"].keys() - table.cases.keys()
    for step in ("made", "undone"):
        now = table.fleets[f"{form} {step}"]
        assert {ids: now[ids] for ids in others} == {ids: table.fleets["before"][ids] for ids in others}


@pytest.mark.parametrize("form", FORMS)
def test_a_rollback_restores_what_was_there_as_it_was_received(table: Table, form: str) -> None:
    assert table.said[form]["back"]["plan"] == table.said[form]["undone"]["plan"]
    assert table.written(form, "back") == set()
    assert not [one["msg"] for one in table.outcomes(form, "undone").values() if one["failed"]]
    before, undone = table.fleets["before"], table.fleets[f"{form} undone"]
    for ids, case in table.cases.items():
        old, new = before[ids], undone[ids]
        assert rest(new) == rest(old), str(case)
        assert end(new) == end(old), str(case)
        if form == "as_written":
            assert {name: new.get(name) or None for name in PAIR} == {name: old.get(name) or None for name in PAIR}, (
                case
            )


@pytest.mark.parametrize("form", FORMS)
def test_a_rollback_can_be_taken_back_too(table: Table, form: str) -> None:
    runs = list(dict.fromkeys(json.loads(line)["run"] for line in table.journals[form].splitlines()))
    items, left_out = to_rollback(table.journals[form], utc_now(), run_id=runs[-1])
    again = {(one["customer_id"], one["subscription_id"]): one for one in items}
    for ids, case in table.cases.items():
        wanted = {name: value for name, value in again.get(ids, {}).items() if name in case.asked}
        if isinstance(wanted.get("end_of_term"), dict):
            wanted["end_of_term"] = effect.read_pair(wanted["end_of_term"]).effect
        assert wanted == (case.asked if case.answer == "changed" else {}), str(case)
    assert left_out == []
