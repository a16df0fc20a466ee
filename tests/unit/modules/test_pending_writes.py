# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that are run again while Partner Center is busy with what they sent, or did not answer: as users do it."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator
from ..forks import start_module

pytestmark = pytest.mark.once

MODULES = "ansible_collections.csp.partner_center.plugins.modules"
INSTRUCTIONS = "scheduledNextTermInstructions"
#: Seconds that a write takes: longer than any test, unless the clock is moved.
PENDING = 600
#: Which module does it, and whether a journal is kept.
WAYS = (("pc_subscription", False), ("pc_fleet", False), ("pc_fleet", True))


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "4", "--seed", "7")


def run(
    emulator: Emulator,
    module: str,
    ids: tuple[str, str],
    journal: Path | None,
    meanwhile: t.Callable[[], None] = lambda: None,
    **options: t.Any,
) -> t.Any:
    """One task; of a fleet, the outcome of its one subscription. ``meanwhile`` is done while it runs."""
    item = {"customer_id": ids[0], "subscription_id": ids[1], "quantity": 200}
    given: dict[str, t.Any] = (
        item if module == "pc_subscription" else {"subscriptions": [item], "return_unchanged": True}
    )
    if journal is not None:
        given["journal_path"] = str(journal)
    process = start_module(module, {**emulator.connection, "wait_interval": 1, **given, **options})
    meanwhile()
    result = json.loads(process.communicate()[0])
    return result if module == "pc_subscription" else result["outcomes"][0]


def lands_after(emulator: Emulator, refusals: int) -> t.Callable[[], None]:
    """Has what is pending made when so many other writes have been refused because of it."""

    def wait() -> None:
        for _number in range(600):
            if sum(one["status"] == 409 for one in emulator.writes()) >= refusals:
                break
            time.sleep(0.1)
        emulator.switch(patch_answer="200")
        emulator.control("POST", "clock", {"advance": PENDING})

    return wait


@pytest.mark.parametrize(("module", "keeps_journal"), WAYS)
def test_a_rerun_while_a_write_is_pending_loses_no_instructions(
    emulator: Emulator, tmp_path: Path, module: str, keeps_journal: bool
) -> None:
    emulator.switch(patch_answer="202", accepted_delay=PENDING)
    ids, journal = emulator.find("scheduled"), tmp_path / "journal" if keeps_journal else None
    before = emulator.stored(ids)
    first = run(emulator, module, ids, journal, wait_timeout=1)
    assert first["failed"]
    assert f'"quantity": {before[INSTRUCTIONS]["quantity"]}' in json.dumps(first["warnings"]).replace('\\"', '"')
    second = run(emulator, module, ids, journal, lands_after(emulator, refusals=1))
    assert not second.get("failed")
    assert second["changed"]
    assert second["changes"] == {"quantity": {"before": before["quantity"], "after": 200}}
    after = emulator.stored(ids)
    assert (after["quantity"], after[INSTRUCTIONS]) == (200, before[INSTRUCTIONS])
    assert not run(emulator, module, ids, journal)["changed"]


@pytest.mark.parametrize(("module", "keeps_journal"), WAYS)
def test_a_write_that_is_refused_when_it_is_sent_again_is_reported_as_made(
    emulator: Emulator, tmp_path: Path, module: str, keeps_journal: bool
) -> None:
    ids, journal = emulator.find("scheduled"), tmp_path / "journal" if keeps_journal else None
    before = emulator.stored(ids)[INSTRUCTIONS]
    emulator.fault(match={"method": "PATCH"}, action="reset_after")
    emulator.fault(match={"method": "PATCH"}, action="error", status=403, code=900150)
    emulator.fault(match={"method": "GET", "path": f"*/{ids[1]}"}, skip=2, action="stale_read")
    result = run(emulator, module, ids, journal)
    assert not result.get("failed")
    assert result["changed"]
    assert emulator.stored(ids)["quantity"] == 200
    assert emulator.stored(ids)[INSTRUCTIONS] == before
