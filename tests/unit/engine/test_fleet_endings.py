# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet that ends before its plan does: what is not begun any more, and what is finished all the same."""

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import Progress

from ..emulators import Emulator
from . import fleets
from .fleets import Fleet, rename

CONTACT = {"support_mpn_id": "4391507"}


def one_a_customer(emulator: Emulator, kind: str = "nce") -> list[dict[str, t.Any]]:
    items = rename(emulator, kind, count=1000)
    return [*{item["customer_id"]: item for item in items}.values()]


def test_what_is_read_when_the_limit_is_reached_is_not_written(
    many: Fleet, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = one_a_customer(emulator)[:6]
    has_failed, reading = threading.Event(), threading.Barrier(len(others) + 1)

    class Held(Progress):
        """The first one fails when all others are about to be read, and they are not read before that."""

        def sent(self, method: str, path: str) -> None:
            super().sent(method, path)
            if self.counts.phase == "writing" and method == "GET":
                reading.wait(30)
                assert path.endswith(first["subscription_id"]) or has_failed.wait(30)

        def finished(self, *, changed: bool = False, failed: bool = False, count: int = 1) -> None:
            super().finished(changed=changed, failed=failed, count=count)
            if failed:
                has_failed.set()

    monkeypatch.setattr(fleets, "Progress", Held)
    emulator.fault(match={"method": "PATCH"}, action="error", status=400, code=3000, times=None)
    run = many.run([first, *others], max_failures=1, threads=6)
    assert len(run.errors()) == 1
    assert [outcome.attempted for outcome in run.outcomes] == [True] + [False] * len(others)
    assert len(emulator.writes()) == 1


def test_an_item_that_has_begun_is_finished(many: Fleet, emulator: Emulator) -> None:
    items = [{**item, "support_contact": CONTACT} for item in one_a_customer(emulator, "legacy")[:4]]
    run = many.run(items, threads=1, stopped=lambda: bool(emulator.writes()))
    assert run.errors() == []
    begun = [outcome for outcome in run.outcomes if outcome.attempted]
    assert len(begun) == 1
    assert {change.field for change in begun[0].changes} >= {"friendly_name", "support_mpn_id"}
    assert [one["method"] for one in emulator.writes()] == ["PATCH", "PUT"]


@pytest.mark.parametrize("answer", ["200", "202"])
def test_what_has_begun_waits_for_its_turn_though_the_run_shall_end(
    many: Fleet, emulator: Emulator, answer: str
) -> None:
    emulator.switch(patch_answer=answer, accepted_delay=0.5)
    items = rename(emulator, "scheduled", 3)
    ids = [(item["customer_id"], item["subscription_id"]) for item in items]
    before = [emulator.stored(one)["scheduledNextTermInstructions"] for one in ids]
    # So slow that each request has to wait, which is what an end cuts short.
    run = many.run(items, threads=1, wait_interval=1, requests_per_minute=400, stopped=lambda: bool(emulator.writes()))
    assert run.errors() == []
    assert len(run.changed()) == 1
    assert len(emulator.writes()) == 2, "what the first write had deleted was to be written back"
    assert [emulator.stored(one)["scheduledNextTermInstructions"] for one in ids] == before


def test_only_the_last_write_of_an_item_is_not_waited_for(many: Fleet, emulator: Emulator) -> None:
    emulator.switch(patch_answer="202", accepted_delay=1)
    item = rename(emulator, "legacy", count=1)[0]
    ids = (item["customer_id"], item["subscription_id"])
    run = many.run([{**item, "support_contact": CONTACT}], wait=False, wait_interval=1)
    assert run.errors() == []
    told = [(one["method"], one["path"].rsplit("/", 1)[-1]) for one in emulator.requests()]
    write = told.index(("PATCH", ids[1]))
    contact = next(number for number, one in enumerate(told) if number > write and one[1] == "supportcontact")
    assert ("GET", ids[1]) in told[write:contact], "the contact was set before the name was seen to be there"
    emulator.forget()
    assert many.run([{**item, "friendly_name": "later"}], wait=False).outcomes[0].pending
    assert emulator.requests()[-1]["method"] == "PATCH"


def test_items_of_a_customer_that_cannot_be_read_are_counted(many: Fleet, emulator: Emulator) -> None:
    items = rename(emulator, count=1000)
    gone = items[0]["customer_id"]
    of_one = [item for item in items if item["customer_id"] == gone][:2]
    assert len(of_one) == 2
    emulator.control("PATCH", f"customers/{gone}", {"relationship": "none"})
    run = many.run(of_one)
    assert (len(run.errors()), run.fleet.looked_at, run.fleet.unlisted) == (2, 2, 0)


def test_a_warning_about_many_subscriptions_is_told_once_with_the_first_names(many: Fleet, emulator: Emulator) -> None:
    items = rename(emulator, "scheduled", 2)
    run = many.run(items, scheduled_changes="drop")
    names = [str(outcome.subject) for outcome in run.outcomes]
    assert run.errors() == []
    (warning,) = run.warnings
    assert warning.startswith(f"2 subscriptions ({'; '.join(names)}): Partner Center deleted scheduled changes")
    assert all(item["subscription_id"] in name for item, name in zip(items, names, strict=True))
