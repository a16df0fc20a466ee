# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was declared for the end of a term is what comes about: the emulator's clock moves over it."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.times import utc_text
from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect

from ..emulators import Emulator, Ids
from .fleets import Fleet, item

CANCEL = {"scheduleType": "TermEnd", "actionType": "Cancel"}
EXTEND = {"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}
EXTENDED = "Extended Service Term"
#: What stays until a term is over.
TERM = ("status", "offerName", "quantity", "commitmentEndDateTime", "autoRenewEnabled", "scheduledActions")
#: What stands before, and ends otherwise than is declared.
OTHERWISE: dict[str, dict[str, t.Any]] = {
    "renew": {"autoRenewEnabled": False, "scheduledActions": [CANCEL]},
    "cancel": {"autoRenewEnabled": False, "scheduledActions": [EXTEND]},
    "extended_service_term": {"autoRenewEnabled": False, "scheduledActions": [CANCEL]},
}
FORMS = [
    {"end_of_term_readback": readback, "scheduled_actions_form": form}
    for readback in ("as_written", "both")
    for form in ("list", "object")
]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def go(emulator: Emulator, now: datetime) -> None:
    emulator.control("POST", "clock", {"now": utc_text(now)})


def term(stored: dict[str, t.Any]) -> dict[str, t.Any]:
    return {name: stored.get(name) for name in TERM}


def is_extended(stored: dict[str, t.Any]) -> bool:
    """In a paid extended service term: by its offer's name, as Partner Center shows it."""
    return EXTENDED in str(stored.get("offerName")) and stored["status"] == "active"


@pytest.mark.parametrize("switches", FORMS)
def test_each_decision_has_the_effect_that_was_declared(
    many: Fleet, emulator: Emulator, switches: dict[str, t.Any]
) -> None:
    emulator.switch(est_conversion_delay=0.0, **switches)
    chosen = dict(zip(effect.CHOICES, emulator.all("nce", "active"), strict=False))
    for wanted, ids in chosen.items():
        emulator.store(
            ids,
            effectiveStartDate="2026-11-01T00:00:00Z",
            commitmentEndDate="2027-10-31T00:00:00Z",
            commitmentEndDateTime="2027-10-31T23:59:59Z",
            termDuration="P1Y",
            **OTHERWISE[wanted],
        )
    run = many.run([item(ids, end_of_term=wanted) for wanted, ids in chosen.items()])
    assert "\n".join(run.errors()) == ""
    assert len(run.changed()) == len(effect.CHOICES)
    before = {wanted: emulator.stored(ids) for wanted, ids in chosen.items()}
    go(emulator, moment("2027-10-31T23:59:59Z") - timedelta(minutes=1))
    for wanted, ids in chosen.items():
        assert {name: emulator.stored(ids).get(name) for name in TERM} == {
            name: before[wanted].get(name) for name in TERM
        }
    go(emulator, moment("2027-10-31T23:59:59Z") + timedelta(minutes=1))
    after = {wanted: emulator.stored(ids) for wanted, ids in chosen.items()}
    seen = {wanted: (one["status"], one["termDuration"], is_extended(one)) for wanted, one in after.items()}
    assert seen == {
        "renew": ("active", "P1Y", False),
        "cancel": ("disabled", "P1Y", False),
        "extended_service_term": ("active", "P1M", True),
    }
    assert after["renew"]["commitmentEndDateTime"] > before["renew"]["commitmentEndDateTime"]
    assert {wanted: one["quantity"] for wanted, one in after.items()} == {
        wanted: one["quantity"] for wanted, one in before.items()
    }


def is_chosen(stored: dict[str, t.Any]) -> bool:
    """Somebody has asked for the extended service term: its action, without the service's own mark."""
    kinds = {action["actionType"] for action in stored.get("scheduledActions") or []}
    return EXTEND["actionType"] in kinds and not stored["autoRenewEnabled"]


UNDECIDED: list[dict[str, t.Any]] = [{"name": "no surprise", "match": {"end_of_term_decided": False}}]


@pytest.mark.parametrize(
    "switches",
    [
        {"est_conversion_delay": "never"},
        {"est_conversion_delay": "never", "est_backfill": True, "end_of_term_readback": "both"},
    ],
    ids=["plain", "backfill"],
)
@pytest.mark.parametrize("is_set", [True, False])
def test_a_policy_for_the_undecided_leaves_none_in_a_paid_term(
    many: Fleet, emulator: Emulator, switches: dict[str, t.Any], is_set: bool
) -> None:
    emulator.switch(**switches)
    for ids in emulator.all("nce", "active")[:3]:
        emulator.store(ids, autoRenewEnabled=False, **{"$unset": ["scheduledActions", "scheduledNextTermInstructions"]})
    before = emulator.all_stored()
    meant = {ids for ids, stored in before.items() if is_chosen(stored) or is_extended(stored)}
    if is_set:
        emulator.forget()
        run = many.run(policies=[{**UNDECIDED[0], "set": {"end_of_term": "cancel"}}])
        assert "\n".join(run.errors()) == ""
        assert len(run.changed()) >= 3
        assert {entry["after"] for entry in run.plan if entry["field"] == "end_of_term"} == {"cancel"}
    now = moment(emulator.control("GET", "clock")["now"])
    entered: set[Ids] = set()
    # Each term of the fleet ends within three years; each month is looked at, as an extended term lasts one.
    for month in range(1, 38):
        go(emulator, now + timedelta(days=30 * month))
        entered |= {ids for ids, stored in emulator.all_stored().items() if is_extended(stored)}
    assert meant & entered
    # Without the policy there are some: the test can fail.
    assert (entered <= meant) is is_set
