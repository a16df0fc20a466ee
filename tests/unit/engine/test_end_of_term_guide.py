# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table in the guide to ends of terms says what happens: each cell is tried against the emulator."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect

from ..emulators import Emulator
from .fleets import INSTRUCTIONS, Fleet, item

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst" / "guide_end_of_term.rst"
ROW = re.compile(r"^   \* - (.+)\n((?:     - .+\n)+)", re.MULTILINE)

#: What is asked, in the order of the table's columns.
ASKED: list[dict[str, t.Any]] = [*({"end_of_term": one} for one in effect.CHOICES), {"auto_renew_enabled": False}]
CANCEL = {"scheduleType": "TermEnd", "actionType": "Cancel"}
EXTEND = {"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}

LICENCE: dict[str, t.Any] = {
    "status": "active",
    "autoRenewEnabled": True,
    "scheduledActions": None,
    INSTRUCTIONS: None,
    "termDuration": "P1Y",
    "effectiveStartDate": "2026-11-01T00:00:00Z",
    "commitmentEndDate": "2027-10-31T00:00:00Z",
    "commitmentEndDateTime": "2027-10-31T23:59:59Z",
}
OLDER = {
    **LICENCE,
    "termDuration": "P3Y",
    "effectiveStartDate": "2025-03-01T00:00:00Z",
    "commitmentEndDate": "2028-02-29T00:00:00Z",
    "commitmentEndDateTime": "2028-02-29T23:59:59Z",
}
COMING = {"product": {"termDuration": "P1Y", "billingCycle": "monthly"}, "quantity": 7}
OFF = {"autoRenewEnabled": False}

#: A row's first cell -> the kind in the emulator's fleet, and what is stored.
STATES: dict[str, tuple[str, dict[str, t.Any]]] = {
    "Eligible licence that renews": ("nce", LICENCE),
    "… that renews with instructions": ("nce", {**LICENCE, INSTRUCTIONS: COMING}),
    "… with a cancellation scheduled": ("nce", {**LICENCE, **OFF, "scheduledActions": [CANCEL]}),
    "… with an extended service term scheduled, auto-renew off": (
        "nce",
        {**LICENCE, **OFF, "scheduledActions": [EXTEND]},
    ),
    "… with an extended service term scheduled, auto-renew on": ("nce", {**LICENCE, "scheduledActions": [EXTEND]}),
    "… with auto-renew off and nothing scheduled": ("nce", {**LICENCE, **OFF}),
    "… that is suspended": ("nce", {**LICENCE, **OFF, "status": "suspended"}),
    "Licence in an extended service term, auto-renew on": (
        "nce",
        {**LICENCE, "offerName": "Office 365 E3 Extended Service Term", "termDuration": "P1M"},
    ),
    "Licence that is not eligible, renews": ("nce", OLDER),
    "… with auto-renew off": ("nce", {**OLDER, **OFF}),
    "Software, renews": ("software", {"autoRenewEnabled": True}),
    "Software, auto-renew off": ("software", OFF),
    "Trial, auto-renew on": ("trial", {"autoRenewEnabled": True}),
    "Trial, auto-renew off": ("trial", {"autoRenewEnabled": False}),
    "Legacy, renews": ("legacy", {"autoRenewEnabled": True, "status": "active"}),
    "Legacy, auto-renew off": ("legacy", {"autoRenewEnabled": False, "status": "active"}),
}


def table() -> dict[str, list[str]]:
    """The rows of the guide's table by their first cell, its header left out."""
    rows = {first: [cell.strip()[2:] for cell in cells.splitlines()] for first, cells in ROW.findall(GUIDE.read_text())}
    return {first: cells for first, cells in rows.items() if len(cells) == len(ASKED) and first != "State"}


def test_the_table_has_every_state() -> None:
    assert set(table()) == set(STATES)


def answer(many: Fleet, emulator: Emulator, ids: tuple[str, str], asked: dict[str, t.Any]) -> tuple[str, str]:
    """What the table calls it, and the error; what is refused or unchanged is not written."""
    before = emulator.stored(ids)
    (outcome,) = many.run([item(ids, **asked)]).outcomes
    if outcome.error is not None:
        assert emulator.stored(ids) == before
        return "refused", str(outcome.error)
    after = emulator.stored(ids)
    assert "end_of_term" not in asked or effect.has_effect(effect.read(after), asked["end_of_term"])
    if outcome.changed:
        return "changed", ""
    assert after == before
    is_warned = "auto_renew_enabled" in asked and bool(outcome.warnings)
    return "unchanged, with a warning" if is_warned else "unchanged", ""


@pytest.mark.parametrize("state", STATES)
def test_a_row_says_what_happens(many: Fleet, emulator: Emulator, state: str) -> None:
    kind, values = STATES[state]
    ids = emulator.find(kind)
    emulator.switch(est_conversion_delay="never")
    for asked, cell in zip(ASKED, table()[state], strict=True):
        emulator.store(ids, **values)
        said, _colon, reason = cell.partition(": ")
        word, message = answer(many, emulator, ids, asked)
        assert word == said, (asked, cell, message)
        assert reason in message, (asked, cell, message)
        assert bool(reason) == (word == "refused")
