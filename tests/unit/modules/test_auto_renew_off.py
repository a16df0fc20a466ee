# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
``auto_renew_enabled: false`` alone never ends in a paid term without a word, whichever way it is asked for: in a single
module, an item, a policy, the playbook ``set_renewals`` or an approved plan. One playbook takes all of these ways.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_file import plan_file

from ..emulators import Emulator, Ids
from ..end_of_terms import ACTIONS, CANCEL, OFF, ON
from ..inventory.conftest import Ansible

pytestmark = pytest.mark.once

PLAYBOOK = Path(__file__).with_name("auto_renew_off.yml")
WAYS = ("module", "items", "policy", "set_renewals", "approved")
#: Besides, what set_renewals does where a decision is asked for.
DECIDED = "decided"
#: What a subscription has before, in the order of a way's subscriptions.
STATES: list[dict[str, t.Any]] = [{**ON, ACTIONS: None}, {**OFF, ACTIONS: None}, {**OFF, ACTIONS: [CANCEL]}]
RENEWS, UNDECIDED, CANCELLED = range(3)
DECISIONS = ("end_of_term: cancel", "end_of_term: extended_service_term")
PAID = "paid extended service term"


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "30", "--seed", "7", "--switch", "est_conversion_delay=never")


@dataclass
class Asked:
    """``said``: what the modules returned; ``screen``: of the playbook, in one line."""

    subscriptions: dict[str, list[Ids]]
    before: dict[Ids, dict[str, t.Any]]
    after: dict[Ids, dict[str, t.Any]] = field(default_factory=dict)
    said: dict[str, t.Any] = field(default_factory=dict)
    screen: str = ""
    writes: list[dict[str, t.Any]] = field(default_factory=list)

    def id_of(self, way: str, state: int) -> str:
        return self.subscriptions[way][state][1]


def approved(emulator: Emulator, subscriptions: list[Ids]) -> dict[str, t.Any]:
    """A plan of an older release, which did not know what has become of auto-renew off."""
    changes = [
        {
            "customer_id": ids[0],
            "subscription_id": ids[1],
            "field": "auto_renew_enabled",
            "before": True,
            "after": False,
            "reversible": "yes",
            "reason": "",
            "warnings": [],
            "customer_name": None,
            "offer_name": None,
            "status": "active",
            "policy": None,
        }
        for ids in subscriptions
    ]
    summary = {"items": {"given": len(changes), "changed": len(changes)}}
    place = (emulator.facts["tenant_id"], emulator.connection["api_url"])
    return plan_file(*place, utc_now(), changes, summary=summary)


@pytest.fixture(scope="module")
def asked(
    emulators: t.Callable[..., Emulator], emulator_arguments: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Asked:
    emulator = emulators(*emulator_arguments)
    emulator.reset()
    folder = tmp_path_factory.mktemp("asked")
    fleet = emulator.control("GET", "fleet", kind="nce")["customers"]
    found = (
        (customer["id"], one["id"]) for customer in fleet for one in customer["subscriptions"] if one["kind"] == "nce"
    )
    subscriptions = {way: [next(found) for _state in STATES] for way in (*WAYS, DECIDED)}
    for group in subscriptions.values():
        for ids, state in zip(group, STATES, strict=True):
            emulator.store(ids, termDuration="P1Y", **state, **{"$unset": ["scheduledNextTermInstructions"]})
    every = [ids for group in subscriptions.values() for ids in group]
    result = Asked(subscriptions, {ids: emulator.stored(ids) for ids in every})
    given = {
        way: [{"customer_id": ids[0], "subscription_id": ids[1]} for ids in group]
        for way, group in subscriptions.items()
    }
    (folder / "approved.json").write_text(json.dumps(approved(emulator, subscriptions["approved"])))
    variables = {"ways": given, "said_path": str(folder / "said.json"), "made_by_an_older_release": "approved.json"}
    (folder / "variables.json").write_text(json.dumps(variables))
    connection = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    ansible = Ansible(folder, emulator, {**connection, "HOME": str(folder)})
    answer = ansible.run("ansible-playbook", "-e", "@variables.json", PLAYBOOK)
    # The approved plan comes last, and its refusal ends the playbook.
    assert answer.status == 2, answer.output + answer.errors
    result.screen = " ".join((answer.output + answer.errors).split())
    result.said = json.loads((folder / "said.json").read_text())
    result.after = {ids: emulator.stored(ids) for ids in every}
    result.writes = emulator.writes()
    return result


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_written(asked: Asked, way: str) -> None:
    for ids in asked.subscriptions[way]:
        assert asked.after[ids] == asked.before[ids]
        assert not [one for one in asked.writes if one["path"].endswith(ids[1])]


def refusal(asked: Asked, way: str) -> str:
    if way == "module":
        return str(asked.said[way][RENEWS]["msg"])
    if way == "items":
        return str(asked.said[way]["outcomes"][RENEWS]["msg"])
    said = asked.screen.split("PLAY [Apply changes to the fleet]", 1)[1]
    assert asked.id_of(way, RENEWS) in said
    return said


@pytest.mark.parametrize("way", ["module", "items", "approved"])
def test_what_renews_is_refused_and_told_the_decisions_that_there_are(asked: Asked, way: str) -> None:
    said = refusal(asked, way)
    assert PAID in said
    assert all(decision in said for decision in DECISIONS)


@pytest.mark.parametrize(("way", "name"), [("policy", "one of ours"), ("set_renewals", "set_renewals")])
def test_a_policy_skips_what_renews_and_says_so(asked: Asked, way: str, name: str) -> None:
    said = f"Policy '{name}' sets auto_renew_enabled, which would not end subscriptions, but let them go on in a {PAID}"
    assert f"{said}: skipped on 1 of them." in asked.screen


@pytest.mark.parametrize("way", WAYS)
def test_what_is_off_already_is_left_with_a_warning(asked: Asked, way: str) -> None:
    who = "[WARNING]: " if way == "module" else f"subscription {asked.id_of(way, UNDECIDED)}: "
    said = f"{who}Auto-renew is off, and that does not end the subscription: after its term it goes on in a {PAID}"
    assert said in asked.screen


@pytest.mark.parametrize("way", WAYS)
def test_a_cancellation_needs_no_word(asked: Asked, way: str) -> None:
    assert f"subscription {asked.id_of(way, CANCELLED)}: " not in asked.screen
    assert asked.screen.count("[WARNING]: Auto-renew is off") == 1


def test_what_is_named_fails_and_what_is_matched_is_counted(asked: Asked) -> None:
    assert ["error" in one for one in asked.said["module"]] == [True, False, False]
    assert [one["failed"] for one in asked.said["items"]["outcomes"]] == [True, False, False]
    (policy,) = asked.said["policy"]["summary"]["policies"]
    assert (policy["matched"], policy["skipped"], policy["changed"]) == (3, 1, 0)
    assert asked.said["policy"]["summary"]["failed"] == 0


def test_a_decision_is_made_with_the_playbook_where_it_does_not_stand(asked: Asked) -> None:
    renews, undecided, cancelled = asked.subscriptions[DECIDED]
    for ids in (renews, undecided, cancelled):
        assert asked.after[ids] == {**asked.before[ids], **OFF, ACTIONS: [CANCEL]}
    assert {one["path"].rsplit("/", 1)[-1] for one in asked.writes} == {renews[1], undecided[1]}
    assert all("decided" in one["headers"].values() for one in asked.writes)
    said = asked.screen.split("PLAY [Set renewals]")[2].split("PLAY [Apply changes to the fleet]")[0]
    assert "2 of 2 planned subscriptions were changed" in said
    assert "fatal" not in said
