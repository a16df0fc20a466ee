# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet on the one path: what is read, planned, guarded, written and told."""

from __future__ import annotations

import json
import os
import stat
import threading
import typing as t
from collections import Counter

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.protocol import JournalError
from ansible_collections.csp.partner_center.plugins.module_utils._engine.planning.plans import changes_shown
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.guard import GuardBreach, parse_guard

from ..emulators import Emulator
from .fleets import Fleet, item, methods, rename

ACTIVE = {"match": {"status": "active", "product_type": "nce"}}
NAMES = [{"name": "names", **ACTIVE, "set": {"friendly_name": "{customer_name} - {offer_name}"}}]


def test_a_fleet_costs_a_list_a_customer_and_two_requests_a_write(many: Fleet, emulator: Emulator) -> None:
    emulator.switch(schedule_drop="none")
    emulator.without_ends()
    run = many.run(policies=NAMES)
    assert run.errors() == []
    writes = len(run.plan)
    scheduled = {*emulator.all("scheduled"), *emulator.all("next_charge")}
    restoring = sum(subject.item.key in scheduled for subject in run.fleet.subscriptions)
    found = methods(emulator)
    assert writes > 10
    assert found == {"CUSTOMERS": 1, "LIST": 12, "PATCH": writes, "GET": writes + restoring}
    emulator.forget()
    again = many.run(policies=NAMES)
    assert (again.plan, again.changed()) == ([], [])
    assert methods(emulator) == {"CUSTOMERS": 1, "LIST": 12}


def test_a_single_item_is_read_by_its_id(many: Fleet, emulator: Emulator) -> None:
    assert many.run(rename(emulator, count=1)).changed()
    # Before the plan, and again before the write; the third is about the customer's name.
    assert methods(emulator) == {"GET": 3, "PATCH": 1}
    emulator.forget()
    assert not many.run(rename(emulator, count=1)).changed()
    assert methods(emulator) == {"GET": 1}


def test_check_mode_plans_the_same_and_writes_nothing(many: Fleet, emulator: Emulator) -> None:
    foretold = many.run(policies=NAMES, check_mode=True)
    assert emulator.writes() == []
    real = many.run(policies=NAMES)
    assert foretold.plan == real.plan
    assert foretold.changed() == real.changed()
    assert [changes_shown(one.subject, one.changes) for one in foretold.outcomes] == [
        changes_shown(one.subject, one.changes) for one in real.outcomes
    ]


def test_an_entry_says_what_changes_for_whom_by_which_policy(many: Fleet, emulator: Emulator) -> None:
    ids = emulator.find("legacy")
    before = emulator.stored(ids)
    contact = {"support_mpn_id": "4391507"}
    explicit = item((ids[0], ids[1].lower()), friendly_name="explicit")
    run = many.run(
        [{**explicit, "support_contact": contact}],
        [{"name": "seats", "match": {"subscription_id": ids[1]}, "set": {"quantity": 9, "friendly_name": "policy"}}],
        check_mode=True,
    )
    name, seats, support = run.plan
    assert (name["field"], name["before"], name["after"], name["policy"]) == (
        "friendly_name",
        before["friendlyName"],
        "explicit",
        None,
    )
    assert (seats["field"], seats["after"], seats["policy"], seats["reversible"]) == ("quantity", 9, "seats", "yes")
    assert support["after"]["name"] == "Trey Research"
    assert support["before"] is None or support["reversible"] == "yes"


def test_support_contacts_cost_one_read_each_and_the_resellers_once(many: Fleet, emulator: Emulator) -> None:
    policy = {"name": "c", "match": {"status": "active"}, "set": {"support_contact": {"support_mpn_id": "4391507"}}}
    run = many.run(policies=[policy])
    assert run.errors() == []
    relationships = [one for one in emulator.requests() if one["path"] == "/v1/relationships"]
    assert len(relationships) == 1
    emulator.forget()
    assert many.run(policies=[policy]).changed() == []
    assert emulator.writes() == []


def test_one_that_fails_does_not_stop_the_others(many: Fleet, emulator: Emulator) -> None:
    items = rename(emulator, count=5)
    path = f"*/{items[2]['subscription_id']}"
    emulator.fault(match={"method": "PATCH", "path": path}, action="error", status=400, code=3000, times=None)
    run = many.run(items)
    assert [outcome.error is not None for outcome in run.outcomes] == [False, False, True, False, False]
    assert len(run.changed()) == 4


def test_no_further_one_is_started_after_so_many_failures(many: Fleet, emulator: Emulator) -> None:
    items = rename(emulator, count=8)
    emulator.fault(match={"method": "PATCH"}, action="error", status=400, code=3000, times=None)
    run = many.run(items, max_failures=2, threads=1)
    assert len(run.errors()) == 2
    assert sum(not outcome.attempted for outcome in run.outcomes) == 6
    assert len(emulator.writes()) == 2


def test_an_item_that_cannot_be_planned_fails_alone(many: Fleet, emulator: Emulator) -> None:
    items = rename(emulator, count=2)
    legacy = emulator.find("legacy")
    items.insert(1, item(legacy, billing_cycle="triennial"))
    items.append({"customer_id": legacy[0], "subscription_id": "00000000-0000-0000-0000-000000000000", "quantity": 1})
    run = many.run(items)
    assert [outcome.error is not None for outcome in run.outcomes] == [False, True, False, True]
    assert "2054" in run.errors()[0]
    assert "20003" in run.errors()[1]


def test_what_was_planned_is_a_condition_of_the_write(many: Fleet, emulator: Emulator) -> None:
    items = rename(emulator, count=2)
    ids = (items[0]["customer_id"], items[0]["subscription_id"])
    is_listed = items[0]["customer_id"] == items[1]["customer_id"]
    emulator.hook(ids, on="GET", nth=1 if is_listed else 2, friendlyName="other")
    run = many.run(items)
    assert 'not as expected: friendly_name is "other"' in run.errors()[0]
    assert emulator.stored(ids)["friendlyName"] == "other"
    assert len(run.changed()) == 1


def test_a_customer_that_left_is_unavailable_and_the_rest_goes_on(many: Fleet, emulator: Emulator) -> None:
    gone = emulator.find("nce")[0]
    emulator.control("PATCH", f"customers/{gone}", {"relationship": "none"})
    customers = [one["id"] for one in emulator.control("GET", "fleet")["customers"]]
    policy = [{"name": "n", "match": {"status": "active"}, "set": {"auto_renew_enabled": True}}]
    run = many.run(policies=policy, customers=customers)
    assert [one["customer_id"] for one in run.fleet.unavailable] == [gone]
    assert "20002" in run.fleet.unavailable[0]["reason"]
    explicit = many.run([{"customer_id": gone, "subscription_id": emulator.find("nce")[1], "friendly_name": "n"}])
    assert len(explicit.errors()) == 1


def test_no_customers_means_none(many: Fleet, emulator: Emulator) -> None:
    run = many.run(policies=NAMES, customers=[])
    assert (run.plan, run.fleet.looked_at) == ([], 0)
    assert emulator.requests() == []


def test_one_customers_writes_run_one_after_another(many: Fleet, emulator: Emulator) -> None:
    by_customer = Counter(ids[0] for ids in emulator.all("nce", "active"))
    customer, count = by_customer.most_common(1)[0]
    assert count > 2
    emulator.fault(match={"method": "PATCH", "customer": customer}, action="delay", seconds=0.2, times=None)
    run = many.run(policies=NAMES, threads=8)
    assert run.errors() == []
    assert run.progress.seconds >= 0.2 * count


def test_an_answer_202_stops_no_worker(many: Fleet, emulator: Emulator) -> None:
    emulator.switch(patch_answer="202", accepted_delay=1.5)
    items = rename(emulator, count=12)
    run = many.run(items, threads=1, wait_interval=1, wait_timeout=30)
    assert run.errors() == []
    assert len(run.changed()) == 12
    assert run.progress.seconds < 12, "each one was waited for before the next was started"


def test_parents_come_first_on_activation_and_last_on_suspension(many: Fleet, emulator: Emulator) -> None:
    addon = emulator.find("addon")
    parent = (addon[0], emulator.stored(addon)["parentSubscriptionId"])
    emulator.switch(schedule_drop="none")

    def both(status: str) -> list[str]:
        emulator.forget()
        items = [item(one, status=status) for one in (addon, parent)]
        run = many.run(items, guard={"forbid_statuses": []})
        assert "\n".join(run.errors()) == ""
        return [one["path"].rsplit("/", 1)[-1] for one in emulator.writes()]

    assert both("suspended") == [addon[1], parent[1]]
    assert both("active") == [parent[1], addon[1]]


class TestGuard:
    @pytest.mark.parametrize(
        ("guard", "settings", "said"),
        [
            ({"max_changes": 2}, {"friendly_name": "n"}, "max_changes is 2 (3 too many)"),
            ({"max_changes_percent": 50}, {"friendly_name": "n"}, "max_changes_percent is 50"),
            ({"max_seat_increase": 4}, {"quantity": 5000}, "max_seat_increase is 4"),
            ({"max_seat_increase_per_subscription": 4}, {"quantity": 5000}, "max_seat_increase_per_subscription (4)"),
            ({}, {"status": "suspended"}, "forbid_statuses"),
            ({}, {"status": "deleted"}, "5 to deleted"),
            ({"forbid_fields": ["friendly_name"]}, {"friendly_name": "n"}, "forbid_fields"),
        ],
    )
    def test_stops_the_whole_plan(
        self, many: Fleet, emulator: Emulator, guard: dict[str, t.Any], settings: dict[str, t.Any], said: str
    ) -> None:
        items = [{**one, **settings} for one in rename(emulator)]
        if "friendly_name" not in settings:
            items = [{key: value for key, value in one.items() if key != "friendly_name"} for one in items]
        with pytest.raises(GuardBreach) as breach:
            many.run(items, guard=guard)
        assert said in str(breach.value)
        assert emulator.writes() == []

    def test_lets_through_what_is_within(self, many: Fleet, emulator: Emulator) -> None:
        assert len(many.run(rename(emulator), guard={"max_changes": 5}).changed()) == 5

    def test_protects_customers_and_subscriptions(self, many: Fleet, emulator: Emulator) -> None:
        items = rename(emulator)
        for protected in (items[0]["customer_id"].upper(), items[0]["subscription_id"].upper()):
            with pytest.raises(GuardBreach, match="protected"):
                many.run(items, guard={"protected": [protected]})

    @pytest.mark.parametrize(
        "guard",
        [
            {"max_change": 1},
            {"max_changes": -1},
            {"max_changes": True},
            {"max_changes_percent": 101},
            {"protected": ["x"]},
        ],
    )
    def test_refuses_what_it_cannot_understand(self, guard: dict[str, t.Any]) -> None:
        with pytest.raises(InvalidInput, match="guard"):
            parse_guard("guard", guard)


class TestJournal:
    def lines(self, path: t.Any) -> list[dict[str, t.Any]]:
        return [json.loads(line) for line in path.read_text().splitlines()]

    def test_shows_every_write_before_and_after(self, many: Fleet, emulator: Emulator, tmp_path: t.Any) -> None:
        file = tmp_path / "journal.jsonl"
        journal = FileJournal(str(file), utc_now, "CHG1")
        run = many.run(rename(emulator, "scheduled", 2) + rename(emulator, "nce", 2), journal=journal)
        journal.close({})
        assert run.errors() == []
        assert file.stat().st_mode & 0o777 == 0o600
        lines = self.lines(file)
        intents = [line for line in lines if line["event"] == "intent"]
        outcomes = {line["request_id"]: line["result"] for line in lines if line["event"] == "outcome"}
        written = {one["request_id"] for one in emulator.writes()}
        assert {line["request_id"] for line in intents} == written == set(outcomes)
        assert set(outcomes.values()) == {"applied"}
        restores = [line for line in intents if line["step"] == "restore"]
        assert len(restores) == 2
        assert all(line["before"] == line["after"] != {} for line in restores)
        assert {line["change_reference"] for line in intents} == {"CHG1"}
        for line in lines:
            if line["event"] == "outcome":
                number = lines.index(line)
                assert any(one.get("request_id") == line["request_id"] for one in lines[:number])

    @pytest.mark.parametrize(
        ("settings", "options", "last"),
        [
            ({"clear_scheduled_next_term_instructions": True}, {}, None),
            ({"scheduled_next_term_instructions": {"quantity": 7}}, {}, 7),
            ({}, {"scheduled_changes": "drop"}, None),
        ],
    )
    def test_keeps_the_instructions_from_before_the_first_write(
        self,
        many: Fleet,
        emulator: Emulator,
        tmp_path: t.Any,
        settings: dict[str, t.Any],
        options: dict[str, t.Any],
        last: int | None,
    ) -> None:
        ids = emulator.find("scheduled")
        seats = emulator.stored(ids)["scheduledNextTermInstructions"]["quantity"]
        journal = FileJournal(str(tmp_path / "journal.jsonl"), utc_now)
        wanted = item(ids, **{"friendly_name": "n", **settings})
        run = many.run([wanted], journal=journal, **options)
        journal.close({})
        assert run.errors() == []
        name = "scheduled_next_term_instructions"
        intents = [
            line
            for line in self.lines(tmp_path / "journal.jsonl")
            if line["event"] == "intent" and name in line["before"]
        ]
        assert {line["before"][name]["quantity"] for line in intents} == {seats}
        after = intents[-1]["after"][name]
        assert (after["quantity"] if after else None) == last

    def test_is_a_file_and_nothing_else(self, tmp_path: t.Any) -> None:
        os.mkfifo(tmp_path / "pipe", 0o644)
        with pytest.raises(JournalError, match="not a regular file"):
            FileJournal(str(tmp_path / "pipe"), utc_now)
        assert stat.S_IMODE((tmp_path / "pipe").stat().st_mode) == 0o644

    @pytest.mark.parametrize("content", ["---\nfleet_policies: []\n", '{"format": 1}', "[]", '{"runs": 1}'])
    def test_is_not_appended_to_something_else(self, tmp_path: t.Any, content: str) -> None:
        file = tmp_path / "policies.yml"
        file.write_text(content)
        file.chmod(0o644)
        with pytest.raises(JournalError, match="is not a journal"):
            FileJournal(str(file), utc_now)
        assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (content, 0o644)

    @pytest.mark.parametrize("content", ["", "\0\0\0", '{"ru', '{"run": "x", "ti'])
    def test_goes_on_after_a_first_line_that_was_cut_off(self, tmp_path: t.Any, content: str) -> None:
        file = tmp_path / "journal.jsonl"
        file.write_text(content)
        FileJournal(str(file), utc_now).close({})
        assert self_last(file)["event"] == "end"

    def test_is_for_one_run_at_a_time(self, tmp_path: t.Any) -> None:
        file = tmp_path / "journal.jsonl"
        journal = FileJournal(str(file), utc_now)
        with pytest.raises(JournalError, match="in use"):
            FileJournal(str(file), utc_now)
        journal.close({})
        file.write_text(file.read_text() + '{"half a li')
        FileJournal(str(file), utc_now).close({})
        assert self_last(file)["event"] == "end"

    def test_that_cannot_be_written_keeps_writes_back(self, many: Fleet, emulator: Emulator, tmp_path: t.Any) -> None:
        journal = FileJournal(str(tmp_path / "journal.jsonl"), utc_now)
        journal.close({})
        run = many.run(rename(emulator, count=2), journal=journal)
        assert [outcome.attempted for outcome in run.outcomes] == [False, False]
        assert "cannot be written" in str(journal.failure)
        assert emulator.writes() == []


def self_last(file: t.Any) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", json.loads(file.read_text().splitlines()[-1]))


def test_a_run_that_is_told_to_end_starts_no_new_write(many: Fleet, emulator: Emulator) -> None:
    items = rename(emulator, count=8)
    told = threading.Event()
    emulator.switch(latency=0.05)

    def stopped() -> bool:
        if len(emulator.writes()) >= 2:
            told.set()
        return told.is_set()

    run = many.run(items, threads=1, stopped=stopped)
    assert 2 <= len(run.changed()) < 8
    assert sum(not outcome.attempted for outcome in run.outcomes) == 8 - len(run.changed())
    assert emulator.effective_writes() == len(run.changed())


class TestStoppedWhileReading:
    def test_reads_no_more_lists(self, many: Fleet, emulator: Emulator) -> None:
        def stopped() -> bool:
            return methods(emulator)["LIST"] >= 3

        run = many.run(policies=NAMES, stopped=stopped, threads=1)
        assert "while it was reading" in run.why_failed[0]
        assert run.plan == []
        assert methods(emulator)["LIST"] == 3

    def test_reads_no_more_subscriptions_of_which_the_lists_do_not_tell(self, many: Fleet, emulator: Emulator) -> None:
        emulator.switch(list_omits=["scheduledNextTermInstructions"])
        policies = [{"name": "c", **ACTIVE, "set": {"end_of_term": "cancel"}}]

        def stopped() -> bool:
            return methods(emulator)["GET"] >= 2

        run = many.run(policies=policies, stopped=stopped, threads=1)
        assert "while it was reading" in run.why_failed[0]
        assert methods(emulator)["GET"] == 2


def test_a_listed_subscription_without_an_id_is_counted(many: Fleet, emulator: Emulator) -> None:
    whole = many.run(policies=NAMES, check_mode=True).fleet.looked_at
    emulator.store(emulator.all("nce", "active")[0], id="")
    run = many.run(policies=NAMES, check_mode=True)
    assert (run.fleet.looked_at, len(run.errors())) == (whole, 1)
