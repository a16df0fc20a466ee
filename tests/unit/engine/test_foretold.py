# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan says will be refused, or will happen besides, and what the service then does."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.times import utc_text
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.guard import GuardBreach
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import (
    to_desired,
    to_rollback,
)

from ..emulators import Emulator, Ids
from ..end_of_terms import ACTIONS, CANCEL, EXTEND, INSTRUCTIONS, OFF, ON
from .fleets import Fleet, Run, item

Raw = dict[str, t.Any]

RENEWAL = "scheduled_next_term_instructions"
ANYTHING: Raw = {"forbid_statuses": []}
OTHER_PRODUCT = {"product": {"product_id": "CFQ7TTC0LF8R", "sku_id": "0001"}}
PURCHASE = "This is a purchase: at its end, the trial will be converted into a paid subscription of {} seats."
NO_WINDOW: Raw = {"refundableQuantity": {"totalQuantity": 0, "details": []}, "cancellationAllowedUntilDate": None}

MONTHLY: Raw = {"billingCycle": "monthly", "$unset": ["nextChargeInstructions"]}


@dataclass(frozen=True)
class Case:
    """``says``: of the plan; ``code``: with which the service refuses it, none where it does not."""

    kind: str
    asked: Raw
    says: str
    code: str = ""
    values: Raw = field(default_factory=dict)
    switches: Raw = field(default_factory=dict)
    #: What an operator can do, with the refusal.
    hint: str = ""


FEWER = "(800090, 900257 or 900214). Schedule it for the renewal with scheduled_next_term_instructions."
TOO_LATE = (
    "The cancellation window has passed: Partner Center is expected to refuse it (900117 or 900213). "
    "Set end_of_term: cancel to let the subscription end with its term."
)
CASES: dict[str, Case] = {
    "trial, auto-renew on": Case("trial_ending", {"auto_renew_enabled": True}, PURCHASE.format(25)),
    "trial, renewed": Case("trial_ending", {"end_of_term": "renew"}, PURCHASE.format(25)),
    "trial, its instructions": Case("trial", {RENEWAL: {"quantity": 40}}, PURCHASE.format(40)),
    "trial, seats": Case("trial", {"quantity": 30}, "quantity of a trial cannot be changed", "800095"),
    "trial, status": Case("trial", {"status": "deleted"}, "status of a trial cannot be changed", "800096"),
    "software, fewer seats": Case(
        "software", {"quantity": 1}, "can never be reduced within its term", "800090", {"quantity": 10}
    ),
    **{
        f"fewer seats outside the window, {code}": Case(
            "nce",
            {"quantity": 1},
            FEWER,
            code,
            {"quantity": 10, **NO_WINDOW},
            {"seat_window_error": code},
            RENEWAL,
        )
        for code in ("800090", "900257", "900214")
    },
    **{
        f"cancelled outside the window, {code}": Case(
            "nce",
            {"status": "deleted"},
            TOO_LATE,
            code,
            NO_WINDOW,
            {"cancel_window_error": code},
            "end_of_term: cancel",
        )
        for code in ("900117", "900213")
    },
    "another product without its availability": Case(
        "nce",
        {RENEWAL: OTHER_PRODUCT},
        "availability_id is that of the present one: Partner Center is expected to refuse it (400019)",
        "400019",
        switches={"stale_availability": "refused"},
        hint="availability",
    ),
    "a promotion for another term": Case(
        "nce",
        {RENEWAL: {"product": {"term_duration": "P3Y"}}},
        "39NFJQT1PJQB:0001:39NFJQT1Q5KN of the present term may not fit what is renewed to (27006, 27007)",
        values={"promotionId": "39NFJQT1PJQB:0001:39NFJQT1Q5KN"},
    ),
    "a billing cycle within a year": Case(
        "nce",
        {"billing_cycle": "annual"},
        "Within a term, the billing cycle changes only where it is three years, and only between monthly and annual: "
        "Partner Center is expected to refuse it (800097). Schedule it for the renewal with "
        "scheduled_next_term_instructions.",
        "800097",
        values=MONTHLY,
    ),
    "a billing cycle within three years": Case(
        "nce", {"billing_cycle": "triennial"}, "(800097)", "800097", values={**MONTHLY, "termDuration": "P3Y"}
    ),
    "a billing cycle that some service changes": Case(
        "nce", {"billing_cycle": "annual"}, "(800097)", values=MONTHLY, switches={"billing_cycle_terms": "any"}
    ),
    "suspension": Case(
        "nce", {"status": "suspended"}, "still billed, and the suspension turns auto-renew off", values=ON
    ),
    "Microsoft's own suspension": Case(
        "suspended",
        {"status": "active"},
        "Partner Center gives a reason for the suspension (PaymentProblem). If Microsoft has suspended it, only "
        "Microsoft can reactivate it.",
        "800096",
        switches={"microsoft_suspension": "kept"},
    ),
    "reactivation": Case(
        "suspended_by_partner",
        {"status": "active"},
        "Auto-renew stays off after the reactivation: after the term it goes on in a paid extended service term",
    ),
    "reactivation, with auto-renew asked to stay off": Case(
        "suspended_by_partner",
        {"status": "active", "auto_renew_enabled": False},
        "Auto-renew stays off after the reactivation: after the term it goes on in a paid extended service term",
    ),
}


@pytest.fixture
def ids(emulator: Emulator, name: str) -> Ids:
    case = CASES[name]
    found = emulator.find(case.kind)
    if case.kind == "nce":
        emulator.store(found, **ON, **{ACTIONS: None, INSTRUCTIONS: None})
    emulator.store(found, **case.values)
    return found


def foretold(run: Run) -> str:
    return " ".join(warning for entry in run.plan for warning in entry["warnings"])


@pytest.mark.parametrize("name", CASES)
def test_what_is_foretold_happens(many: Fleet, emulator: Emulator, ids: Ids, name: str) -> None:
    case = CASES[name]
    emulator.switch(suspend_turns_auto_renew_off=True, **case.switches)
    before = emulator.stored(ids)
    planned = many.run([item(ids, **case.asked)], check_mode=True, guard=ANYTHING)
    assert case.says in foretold(planned)
    for entry in planned.plan:
        refusals = {one["warning"]: one["codes"] for one in entry.get("expected_refusals", [])}
        assert {*refusals} == {said for said in entry["warnings"] if "is expected to refuse" in said}
        assert all(codes == re.findall(r"\b\d{6}\b", said) for said, codes in refusals.items())
    run = many.run([item(ids, **case.asked)], guard=ANYTHING)
    if case.code:
        assert f"(code {case.code}" in run.errors()[0]
        assert case.hint in run.errors()[0]
        assert emulator.stored(ids) == before
    else:
        assert run.errors() == []
        assert run.changed() == [ids[1]]


@pytest.mark.parametrize("code", ["27006", "27007"])
def test_a_promotion_that_is_refused_comes_with_what_to_do(many: Fleet, emulator: Emulator, code: str) -> None:
    ids = emulator.find("nce")
    emulator.fault(match={"method": "PATCH"}, action="error", status=400, code=int(code))
    run = many.run([item(ids, **{RENEWAL: {"product": {"promotion_id": "39NFJQT1PJQB:0001:39NFJQT1Q5KN"}}})])
    assert f"(code {code}" in run.errors()[0]
    assert "promotion_id" in run.errors()[0]


def test_a_rollback_says_that_an_old_availability_may_be_gone(many: Fleet, emulator: Emulator) -> None:
    ids = emulator.find("scheduled")
    scheduled = emulator.stored(ids)[INSTRUCTIONS]
    emulator.store(ids, **{INSTRUCTIONS: {**scheduled, "product": {**scheduled["product"], "availabilityId": "OLD"}}})
    run = many.run([item(ids, end_of_term="cancel")])
    assert run.errors() == []
    emulator.switch(stale_availability="refused")
    items, _left_out = to_rollback(run.plan, utc_now())
    back = many.run(items, is_rollback=True)
    assert "The availability in the former instructions (OLD) may be gone" in foretold(back)
    assert "(code 400019" in back.errors()[0]
    assert "look the current availability_id up" in back.errors()[0]
    # The rest of it is of use all the same: without the instructions, or with an availability that there is.
    emulator.switch(stale_availability="accepted")
    assert many.run(items, is_rollback=True).errors() == []
    assert emulator.stored(ids)[INSTRUCTIONS]["product"]["availabilityId"] == "OLD"


class TestTheEndOfATerm:
    """Microsoft's only word is about the hours after it; before it, a lock is hearsay. Both are said."""

    @pytest.fixture
    def ids(self, emulator: Emulator) -> Ids:
        found = emulator.find("nce")
        emulator.store(found, **ON, **{ACTIONS: None, INSTRUCTIONS: None})
        return found

    def end_in(self, emulator: Emulator, ids: Ids, **delta: float) -> None:
        emulator.store(ids, commitmentEndDateTime=utc_text(utc_now() + timedelta(**delta)))

    @pytest.mark.parametrize("asked", [{"end_of_term": "cancel"}, {RENEWAL: {"quantity": 80}}, {"status": "suspended"}])
    def test_in_the_last_day_what_decides_it_may_be_locked(
        self, many: Fleet, emulator: Emulator, ids: Ids, asked: Raw
    ) -> None:
        self.end_in(emulator, ids, hours=5)
        planned = many.run([item(ids, **asked)], check_mode=True, guard=ANYTHING)
        assert "The term ends within 24 hours" in foretold(planned)
        assert f"may refuse to change {next(iter(asked))} now (900277 or 900280)" in foretold(planned)
        emulator.switch(pre_end_lock_hours=24)
        if "status" not in asked:
            assert "(code 900280" in many.run([item(ids, **asked)], wait=False).errors()[0]
        self.end_in(emulator, ids, hours=25)
        assert foretold(many.run([item(ids, **asked)], check_mode=True, guard=ANYTHING)).count("24 hours") == 0

    def test_in_the_last_day_a_name_needs_no_word(self, many: Fleet, emulator: Emulator, ids: Ids) -> None:
        self.end_in(emulator, ids, hours=5)
        emulator.switch(pre_end_lock_hours=24)
        run = many.run([item(ids, friendly_name="n")])
        assert (foretold(run), run.errors()) == ("", [])

    def test_while_the_renewal_waits_nothing_may_be_changed(self, many: Fleet, emulator: Emulator, ids: Ids) -> None:
        emulator.switch(renewal_queue_minutes=600)
        self.end_in(emulator, ids, hours=-1)
        planned = many.run([item(ids, friendly_name="n")], check_mode=True)
        assert "The term has ended" in foretold(planned)
        assert "the renewal may not be made yet" in foretold(planned)
        refused = many.run([item(ids, friendly_name="n")], wait=False)
        assert "please submit the request again after 2 minutes" in refused.errors()[0]
        assert emulator.stored(ids)["friendlyName"] != "n"


@pytest.mark.parametrize("turns_off", [True, False])
@pytest.mark.parametrize("scheduled", ["nothing", "instructions", "cancellation", "service's own mark"])
@pytest.mark.parametrize("source", ["plan", "journal"])
def test_a_suspension_is_undone_with_all_that_went_with_it(
    many: Fleet, emulator: Emulator, tmp_path: Path, turns_off: bool, scheduled: str, source: str
) -> None:
    """It turns auto-renew off and drops what is scheduled, neither of which a reactivation brings back."""
    held: dict[str, Raw] = {
        "nothing": ON,
        "instructions": {**ON, INSTRUCTIONS: emulator.stored(emulator.find("scheduled"))[INSTRUCTIONS]},
        "cancellation": {**OFF, ACTIONS: [CANCEL]},
        "service's own mark": {**ON, ACTIONS: [EXTEND]},
    }
    ids = emulator.find("nce")
    emulator.switch(suspend_turns_auto_renew_off=turns_off, est_conversion_delay="never")
    emulator.store(ids, suspensionReasons=[], **{ACTIONS: None, INSTRUCTIONS: None, **held[scheduled]})
    before = emulator.stored(ids)
    journal = FileJournal(str(tmp_path / "journal"), utc_now)
    run = many.run([item(ids, status="suspended")], guard=ANYTHING, scheduled_changes="drop", journal=journal)
    journal.close({})
    assert run.errors() == []
    assert emulator.stored(ids)["status"] == "suspended"
    assert not (turns_off and emulator.stored(ids)["autoRenewEnabled"])
    items, left_out = to_rollback(run.plan if source == "plan" else (tmp_path / "journal").read_text(), utc_now())
    assert left_out == []
    assert many.run(items, is_rollback=True).errors() == []
    after = emulator.stored(ids)
    assert {name: after.get(name) or None for name in before} == {name: one or None for name, one in before.items()}


def test_an_approved_suspension_leaves_alone_what_has_changed_since(many: Fleet, emulator: Emulator) -> None:
    ids = emulator.find("nce")
    emulator.store(ids, **ON, **{ACTIONS: None, INSTRUCTIONS: None})
    plan = many.run([item(ids, status="suspended")], guard=ANYTHING, check_mode=True).plan
    assert plan[0]["drops"] == {"auto_renew_enabled": True}
    with pytest.raises(GuardBreach, match="auto_renew_enabled"):
        many.run(to_desired(plan), guard={**ANYTHING, "forbid_fields": ["auto_renew_enabled"]})
    assert many.run(to_desired(plan), guard=ANYTHING).errors() == []
    emulator.store(ids, status="active", autoRenewEnabled=False)
    assert "auto_renew_enabled is false, expected true" in many.run(to_desired(plan), guard=ANYTHING).errors()[0]
