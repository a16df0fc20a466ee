# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pc_fleet tells when it ends before its plan does: no success is assumed, and nothing that was done is lost."""

from __future__ import annotations

import json
import signal
import time
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator
from ..engine.fleets import item
from ..forks import Forked, start_module

pytestmark = pytest.mark.once

NAMES = [
    {"name": "n", "match": {"status": "active", "product_type": "nce"}, "set": {"friendly_name": "{offer_name} T"}}
]
SCHEDULE = "scheduledNextTermInstructions"


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "8", "--seed", "7")


def started(emulator: Emulator, *, most_bytes: int | None = None, **options: t.Any) -> Forked:
    """The module in a process of its own; ``most_bytes``: no file may grow beyond that, as on a full disk."""
    return start_module("pc_fleet", {**emulator.connection, **options}, most_bytes=most_bytes)


def result_of(process: Forked) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", json.loads(process.communicate()[0]))


def run(emulator: Emulator, **options: t.Any) -> dict[str, t.Any]:
    return result_of(started(emulator, **options))


def told_to_stop(process: Forked, when: t.Callable[[], bool]) -> dict[str, t.Any]:
    for _number in range(600):
        if when():
            break
        assert not process.has_ended(), "it ended by itself"
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    return result_of(process)


def items(emulator: Emulator, customer: str) -> list[dict[str, t.Any]]:
    ids = [one for one in emulator.all("nce", "active") if one[0] == customer]
    return [{"customer_id": one[0], "subscription_id": one[1], "friendly_name": "other"} for one in ids]


def written(emulator: Emulator) -> set[str]:
    return {one["path"] for one in emulator.writes()}


class TestToldToStop:
    def test_a_run_that_is_stopped_while_it_reads_ends_at_once(self, emulator: Emulator, tmp_path: Path) -> None:
        emulator.switch(latency=0.1)
        journal = tmp_path / "journal.jsonl"
        process = started(emulator, policies=NAMES, max_concurrency=1, journal_path=str(journal))
        told = told_to_stop(process, lambda: len(emulator.requests()) >= 2)
        customers = len(emulator.control("GET", "fleet")["customers"])
        assert told["failed"]
        assert "was told to stop while it was reading" in told["msg"]
        assert told["error"]["type"] == "Interrupted"
        assert (told["changed"], told["plan"], told["outcomes"], told["summary"]["planned"]) == (False, [], [], 0)
        assert told["summary"]["requests"] == len(emulator.requests()) < customers
        assert journal.read_text() == "", "an end would say that earlier runs' unfinished work has been told"

    def test_a_stopped_run_fails_with_the_whole_result(self, emulator: Emulator, tmp_path: Path) -> None:
        emulator.switch(latency=0.1)
        journal = tmp_path / "journal.jsonl"
        process = started(emulator, policies=NAMES, max_concurrency=1, journal_path=str(journal))
        told = told_to_stop(process, lambda: sum(one["method"] == "PATCH" for one in emulator.requests()) >= 2)
        counts = told["summary"]
        assert told["failed"]
        assert "was told to stop" in told["msg"]
        assert f"{counts['changed']} changed, {counts['not_attempted']} were not attempted" in told["msg"]
        assert told["error"]["type"] == "Interrupted"
        assert counts["not_attempted"] > 0
        assert counts["changed"] + counts["not_attempted"] == counts["planned"] > 10
        assert counts["changed"] == len(written(emulator)) == sum(one["changed"] for one in told["outcomes"])
        assert told["changed"]
        assert len(told["plan"]) == counts["planned"]
        assert json.loads(journal.read_text().splitlines()[-1])["summary"] == counts

    def test_a_stopped_run_succeeds_where_everything_was_attempted(self, emulator: Emulator) -> None:
        item = items(emulator, emulator.find("nce")[0])[0]
        emulator.fault(match={"method": "PATCH"}, action="delay", seconds=1, times=None)
        process = started(emulator, subscriptions=[item])
        path = f"/v1/customers/{item['customer_id']}/subscriptions/{item['subscription_id']}"
        told = told_to_stop(process, lambda: [one["path"] for one in emulator.requests()].count(path) >= 2)
        assert told["summary"]["changed"] + told["summary"]["not_attempted"] == 1
        assert told.get("failed", False) == bool(told["summary"]["not_attempted"])
        assert told["changed"] == bool(emulator.effective_writes())


class TestJournal:
    @pytest.mark.parametrize("kind", ["nce", "scheduled"])
    @pytest.mark.parametrize("left", [0, 300, 2_500, 5_000, 20_000])
    def test_a_full_disk_hides_nothing_and_loses_no_scheduled_change(
        self, emulator: Emulator, tmp_path: Path, left: int, kind: str
    ) -> None:
        ids = next(one for one in emulator.all(kind, "active") if kind == "nce" or emulator.stored(one).get(SCHEDULE))
        before = emulator.stored(ids).get(SCHEDULE)
        renamed = item(ids, friendly_name="other")
        journal = tmp_path / "journal.jsonl"
        journal.write_text(json.dumps({"run": "earlier", "event": "x", "is": "long" * 25_000}) + "\n")
        told = run(
            emulator, subscriptions=[renamed], journal_path=str(journal), most_bytes=journal.stat().st_size + left
        )
        is_made = bool(emulator.effective_writes())
        assert is_made == (left >= (5_000 if kind == "nce" else 20_000))
        assert told.get("failed", False) == (not is_made)
        assert told["changed"] == is_made
        assert is_made or f"The journal {journal} cannot be written: File too large." in told["msg"]
        assert (told["summary"]["changed"], told["summary"]["not_attempted"]) == (is_made, not is_made)
        assert len(told["plan"]) == 1
        assert emulator.stored(ids).get(SCHEDULE) == before
        # The next run can go on with it.
        again = run(emulator, subscriptions=[renamed], journal_path=str(journal))
        assert (again.get("failed", False), again["changed"]) == (False, not is_made)
        assert emulator.stored(ids).get(SCHEDULE) == before

    def test_a_journal_that_ends_early_ends_the_run(self, emulator: Emulator, tmp_path: Path) -> None:
        emulator.switch(schedule_drop="none")
        journal = tmp_path / "journal.jsonl"
        told = run(emulator, policies=NAMES, journal_path=str(journal), max_concurrency=2, most_bytes=20_000)
        counts = told["summary"]
        assert told["failed"]
        assert told["changed"]
        assert counts["failed"] == 0
        assert counts["changed"] + counts["not_attempted"] == counts["planned"]
        assert counts["changed"] == len(written(emulator)) > 1
        assert counts["not_attempted"] > 1
        lines = [json.loads(line) for line in journal.read_text().splitlines()]
        assert lines[-1]["event"] == "end", "there was room for it"
        ended = {line["request_id"] for line in lines if line["event"] == "outcome"}
        assert {line["request_id"] for line in lines if line["event"] == "intent"} == ended
        reads = [one for one in emulator.requests() if one["method"] == "GET" and "/subscriptions/" in one["path"]]
        assert len(reads) < counts["planned"], "what is not written any more need not be read"
        assert {one["request_id"] for one in emulator.writes()} <= ended


class TestUnavailable:
    def test_an_unavailable_customer_is_named_before_single_failures(self, emulator: Emulator) -> None:
        gone, other = [one["id"] for one in emulator.control("GET", "fleet?kind=nce")["customers"]][:2]
        broken = items(emulator, gone)[:3]
        assert len(broken) == 3
        emulator.control("PATCH", f"customers/{gone}", {"relationship": "none"})
        match = {"customer_id": [gone, other], "status": "active"}
        policies = [{"name": "n", "match": match, "set": {"friendly_name": "policy"}}]
        told = run(emulator, subscriptions=broken, policies=policies, on_unavailable="fail")
        assert f"(1) 1 customer is unavailable: {gone}" in told["msg"]
        counts = told["summary"]
        assert (counts["failed"], counts["unavailable"]) == (3, 1)
        assert counts["subscriptions"] == counts["failed"] + counts["changed"] + counts["unchanged"]

    def test_an_unreadable_list_of_customers_counts_as_one(self, emulator: Emulator) -> None:
        customer = emulator.find("nce")[0]
        path = f"*/customers/{customer}/subscriptions"
        emulator.fault(match={"method": "GET", "path": path}, action="error", status=400, code=3000, times=None)
        policies = [{"name": "n", "match": {"customer_id": customer}, "set": {"friendly_name": "policy"}}]
        told = run(emulator, policies=policies)
        assert told["msg"].startswith("1 of 1 subscription failed, 0 changed, 0 were not attempted. (1) GET ")
        assert told["summary"]["subscriptions"] == 1


class TestMessage:
    def test_the_message_names_the_failed_subscriptions(self, emulator: Emulator) -> None:
        customer, subscription = emulator.find("azure_plan")
        told = run(emulator, subscriptions=[item((customer, subscription), quantity=5)])
        assert "cannot be set on a subscription that is billed by usage" in told["msg"]
        assert f"(1) customer {customer}, subscription {subscription}: quantity" in told["msg"]
        policy = {"name": "own", "match": {"subscription_id": subscription}, "set": {"partner_id": "{friendly_name}"}}
        emulator.store((customer, subscription), friendlyName="")
        told = run(emulator, policies=[policy])
        name = emulator.control("GET", "fleet?limit=1")["customers"][0]["name"]
        assert f"(1) {name}, subscription {subscription}: '{{friendly_name}}' cannot be filled in" in told["msg"]

    def test_the_message_names_no_subscription_twice(self, emulator: Emulator) -> None:
        customer, subscription = emulator.find("nce")
        expected = {"friendly_name": "other"}
        wanted = item((customer.upper(), subscription.upper()), quantity=5, expect=expected)
        told = run(emulator, subscriptions=[wanted])
        assert told["msg"].lower().count(subscription.lower()) == 1

    def test_alike_failures_are_one_with_their_number_code_and_first_names(self, emulator: Emulator) -> None:
        ids = emulator.all("nce", "active")[:7]
        named = {one["id"]: one["name"] for one in emulator.control("GET", "fleet")["customers"]}
        for number, one in enumerate(ids[:6]):
            code = 800090 if number < 4 else 900279
            rule = {"match": {"method": "PATCH", "path": f"*/{one[1]}"}, "action": "error", "status": 400}
            emulator.fault(**rule, code=code, description="Not now.", times=None)
        told = run(emulator, subscriptions=[item(one, friendly_name="new") for one in ids])
        # A name that the message gives is that of the plan: customer, offer and id.
        first = [f"{named[one[0]]}, {emulator.stored(one)['offerName']} ({one[1]})" for one in ids[:3]]
        assert told["msg"].startswith(
            "6 of 7 subscriptions failed, 1 changed, 0 were not attempted. (1) 4 × 800090: Not now. Outside the refund "
            "window seats can only be reduced for the renewal (scheduled_next_term_instructions). "
            f"({'; '.join(first)}; and 1 more) (2) 2 × 900279: Not now. "
        )

    def test_resellers_that_may_be_meant_are_listed_once(self, emulator: Emulator) -> None:
        ids = emulator.all("legacy", "active")[:3]
        wanted = [item(one, support_contact={"support_mpn_id": f"11{number}"}) for number, one in enumerate(ids)]
        told = run(emulator, subscriptions=wanted, _ansible_check_mode=True)
        assert [one["failed"] for one in told["outcomes"]] == [True] * len(ids)
        assert [one["msg"].count("Candidates: ") for one in told["outcomes"]] == [1, 0, 0]
        assert ["candidates" in one["error"] for one in told["outcomes"]] == [True, False, False]
        assert {one["error"]["type"] for one in told["outcomes"]} == {"Refused"}
        assert told["msg"].count("Candidates: ") == 1
