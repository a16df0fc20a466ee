# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
SIGINT and SIGTERM end every wait of every module within seconds, and a write under way is seen to its end. What a fleet
has done by then is left beside its journal where nobody is there any more to hear it.
"""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.filter.journal_runs import journal_runs
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report

from ..emulators import Emulator
from ..forks import start_module
from ..inventory.conftest import Ansible

pytestmark = pytest.mark.once

#: Seconds that a run may take to end; the machine that runs the tests may be busy.
SOON = 5.0
READ = {"method": "GET", "path": "/v1/*"}
PATCH = {"method": "PATCH"}
LONG = {"headers": {"Retry-After": "250"}, "times": None}


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return "--customers", "8", "--seed", "7"


class Ended(t.NamedTuple):
    """What a module said, and how long it took after the signal."""

    result: dict[str, t.Any]
    seconds: float


def stopped(
    emulator: Emulator, module: str, when: t.Callable[[], bool], number: signal.Signals, **options: t.Any
) -> Ended:
    """The module in a process of its own, sent a signal once something has happened."""
    process = start_module(module, {**emulator.connection, **options})
    deadline = time.monotonic() + 60
    while not when():
        assert not process.has_ended(), process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)  # from the answer to the wait
    sent = time.monotonic()
    process.send_signal(number)
    output, errors = process.communicate()
    assert "Traceback" not in output + errors
    return Ended(json.loads(output), time.monotonic() - sent)


def subscription(emulator: Emulator, kind: str = "nce") -> dict[str, t.Any]:
    customer_id, subscription_id = emulator.find(kind)
    return {"customer_id": customer_id, "subscription_id": subscription_id}


def policy() -> dict[str, t.Any]:
    return {"policies": [{"name": "n", "match": {"status": "active"}, "set": {"friendly_name": "{offer_name} T"}}]}


def has_patched(emulator: Emulator) -> bool:
    return any(one["method"] == "PATCH" for one in emulator.requests())


class TestReading:
    @pytest.mark.parametrize(
        ("module", "fault", "number"),
        [
            ("pc_fleet", {"action": "status", "status": 429, **LONG}, signal.SIGTERM),
            ("pc_subscription_info", {"action": "status", "status": 503, **LONG}, signal.SIGINT),
            ("pc_fleet", {"action": "delay", "seconds": 15, "times": None}, signal.SIGINT),
            ("pc_subscription", {"action": "delay", "seconds": 15, "times": None}, signal.SIGTERM),
        ],
    )
    def test_ends_at_once(
        self, emulator: Emulator, module: str, fault: dict[str, t.Any], number: signal.Signals
    ) -> None:
        emulator.fault(match=READ, **fault)
        options = {
            "pc_fleet": policy(),
            "pc_subscription_info": {},
            "pc_subscription": {**subscription(emulator), "friendly_name": "n"},
        }[module]
        ended = stopped(emulator, module, lambda: bool(emulator.requests()), number, **options)
        assert ended.seconds < SOON
        assert ended.result["failed"]
        assert "to stop" in ended.result["msg"]
        assert not ended.result.get("changed")

    def test_a_sign_in_is_waited_for_no_longer(self, emulator: Emulator) -> None:
        emulator.fault(match={"path": "*/oauth2/*"}, action="status", status=503, **LONG)
        ended = stopped(
            emulator,
            "pc_customer_info",
            lambda: any("/oauth2/" in one["path"] for one in emulator.control("GET", "requests")),
            signal.SIGINT,
        )
        assert ended.seconds < SOON
        assert "asked to stop during the sign-in" in ended.result["msg"]

    def test_a_locked_token_cache_is_waited_for_no_longer(self, emulator: Emulator, tmp_path: Path) -> None:
        with (tmp_path / "tokens.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            begun = time.monotonic() + 3
            ended = stopped(
                emulator,
                "pc_customer_info",
                lambda: time.monotonic() > begun,
                signal.SIGTERM,
                token_cache_path=str(tmp_path / "tokens"),
            )
        assert ended.seconds < SOON
        assert "asked to stop while another process kept" in ended.result["msg"]


class TestWriting:
    @pytest.mark.parametrize(
        ("module", "fault", "number"),
        [
            ("pc_fleet", {"action": "error", "status": 409, "code": 900278, "times": None}, signal.SIGTERM),
            ("pc_subscription", {"action": "error", "status": 409, "code": 900278, "times": None}, signal.SIGINT),
            ("pc_subscription", {"action": "status", "status": 429, **LONG}, signal.SIGTERM),
        ],
    )
    def test_what_was_refused_for_the_moment_is_not_written(
        self, emulator: Emulator, module: str, fault: dict[str, t.Any], number: signal.Signals
    ) -> None:
        emulator.fault(match=PATCH, **fault)
        ended = self.renamed(emulator, module, number, wait_interval=60)
        assert ended.seconds < SOON
        assert ended.result["failed"]
        assert not ended.result["changed"]
        assert emulator.effective_writes() == 0

    @pytest.mark.parametrize("module", ["pc_fleet"])
    def test_a_write_without_an_answer_is_looked_at_once_more(self, emulator: Emulator, module: str) -> None:
        emulator.fault(match=PATCH, action="apply_then_status", status=503, **LONG)
        ended = self.renamed(emulator, module, signal.SIGTERM)
        assert ended.seconds < SOON
        assert ended.result["changed"]
        assert emulator.effective_writes() == 1

    @pytest.mark.parametrize("module", ["pc_fleet", "pc_subscription"])
    def test_an_accepted_write_is_told_and_not_waited_for(self, emulator: Emulator, module: str) -> None:
        emulator.fault(match=PATCH, action="accepted", seconds=600, times=None)
        ended = self.renamed(emulator, module, signal.SIGINT, wait_interval=60)
        assert ended.seconds < SOON
        assert ended.result["changed"]
        assert "(202)" in ended.result["msg"]
        assert "told to end" in ended.result["msg"]

    @pytest.mark.parametrize(("module", "number"), [("pc_fleet", signal.SIGINT), ("pc_subscription", signal.SIGTERM)])
    def test_the_answer_to_a_write_is_awaited(self, emulator: Emulator, module: str, number: signal.Signals) -> None:
        emulator.fault(match=PATCH, action="apply_then_delay", seconds=4)
        ended = self.renamed(emulator, module, number)
        assert 2 < ended.seconds < 4 + SOON
        assert ended.result["changed"]
        assert not ended.result.get("failed")
        assert emulator.effective_writes() == 1

    @pytest.mark.parametrize("module", ["pc_subscription"])
    def test_the_timeout_of_a_write_ends_the_run(self, emulator: Emulator, module: str) -> None:
        emulator.fault(match=PATCH, action="delay", seconds=8)
        ended = self.renamed(emulator, module, signal.SIGTERM, timeout=3)
        assert ended.seconds < 3 + SOON
        assert not ended.result["changed"]
        assert "no whole answer came within 3 seconds (timeout)" in ended.result["msg"]

    @pytest.mark.parametrize("module", ["pc_subscription"])
    def test_scheduled_changes_that_the_write_deleted_are_written_back(self, emulator: Emulator, module: str) -> None:
        ids = emulator.find("scheduled")
        before = emulator.stored(ids)
        emulator.fault(match=PATCH, action="apply_then_delay", seconds=2)
        changes = {"quantity": before["quantity"] + 1}
        ended = self.changed(emulator, module, signal.SIGTERM, ids, changes)
        assert not ended.result.get("failed"), ended.result
        after = emulator.stored(ids)
        assert after["quantity"] == before["quantity"] + 1
        assert after["scheduledNextTermInstructions"] == before["scheduledNextTermInstructions"]

    def renamed(self, emulator: Emulator, module: str, number: signal.Signals, **options: t.Any) -> Ended:
        return self.changed(emulator, module, number, emulator.find("nce"), {"friendly_name": "n"}, **options)

    def changed(
        self,
        emulator: Emulator,
        module: str,
        number: signal.Signals,
        ids: tuple[str, str],
        changes: dict[str, t.Any],
        **options: t.Any,
    ) -> Ended:
        item = {"customer_id": ids[0], "subscription_id": ids[1], **changes}
        given = {"subscriptions": [item]} if module == "pc_fleet" else item
        return stopped(emulator, module, lambda: has_patched(emulator), number, **given, **options)


class TestResultBesideTheJournal:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_playbook_that_is_ended_leaves_the_result_of_its_fleet(
        self, emulator: Emulator, tmp_path: Path, number: signal.Signals
    ) -> None:
        emulator.fault(match=PATCH, action="apply_then_delay", seconds=1.5, times=None)
        told = self.ended(emulator, tmp_path, number)
        (path,) = tmp_path.glob("runs-result-*.json")
        if number is signal.SIGINT:
            last = [line for line in told.splitlines() if line.startswith("pc_fleet [")][-1]
            assert last.endswith(f", result if interrupted: {path}")
        left, text = json.loads(path.read_text()), path.read_text()
        assert path.name == f"runs-result-{left['run_id']}.json"
        assert path.stat().st_mode & 0o777 == 0o600
        assert (left["kind"], left["change_reference"], left["undoes"]) == ("result", "CHG1", "earlier")
        assert left["error"]["type"] == "Interrupted"
        counts = left["summary"]
        written = {one["path"] for one in emulator.writes()}
        assert counts["changed"] == len(left["outcomes"]) == len(written) >= 1
        assert counts["not_attempted"] == counts["planned"] - counts["changed"] == len(left["plan"]) - counts["changed"]
        assert not [name for name in ("client_secret", "refresh_token") if emulator.facts[name] in text]
        assert "not attempted" in report(text, utc_now()).headline
        journal = tmp_path / "runs.jsonl"
        runs = journal_runs(journal.read_text(), str(journal), [str(path)])
        assert [one["result_path"] for one in runs["runs"]] == [str(path)]
        assert runs["runs"][0]["ended"]
        if number is signal.SIGINT:
            self.shown(Ansible(tmp_path, emulator), path, left)

    def shown(self, ansible: Ansible, path: Path, left: dict[str, t.Any]) -> None:
        """What a user sees who looks for what the interrupted run has done."""
        runs = ansible.run("ansible-playbook", "csp.partner_center.fleet_runs", "-e", "journal_path=runs.jsonl")
        assert f"its result is in {path}" in runs.output, runs.output + runs.errors
        given = f"report_source={path}"
        answer = ansible.run("ansible-playbook", "csp.partner_center.fleet_show", "-e", given, "-e", "report_lines=all")
        assert answer.status == 0, answer.output + answer.errors
        told, counts = answer.output, left["summary"]
        verb = "was" if counts["changed"] == 1 else "were"
        said = f"{counts['changed']} of {counts['planned']} planned subscriptions {verb} changed"
        assert f"\n{said}, {counts['not_attempted']} not attempted\n" in told, told
        assert f"\n! {counts['not_attempted']} subscriptions were not attempted\n" in told
        assert left["error"]["message"] in " ".join(told.split())
        assert f"fleet_rollback -e journal_path={path.parent / 'runs.jsonl'} -e run_id={left['run_id']}\n" in told

    def ended(self, emulator: Emulator, folder: Path, number: signal.Signals) -> str:
        """Starts a playbook, ends it while it writes, and waits for the module; what it said to standard error."""
        options = {
            **emulator.connection,
            **policy(),
            "max_concurrency": 1,
            "journal_path": "{{ playbook_dir }}/runs.jsonl",
            "change_reference": "CHG1",
            "undoes": "earlier",
        }
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"csp.partner_center.pc_fleet": options}]}
        book = folder / "book.yml"
        book.write_text(json.dumps([play]))
        process = Ansible(folder, emulator).start("ansible-playbook", book)
        assert process.stderr is not None
        if number is signal.SIGINT:
            said = next((line for line in process.stderr if "writing" in line), "")
            assert said, process.communicate()
        else:
            said = ""
            wait_until(lambda: emulator.effective_writes() > 0, process)
        process.send_signal(number)
        said += process.communicate(timeout=60)[1]
        wait_until(lambda: any(folder.glob("runs-result-*.json")))
        return said


def wait_until(happened: t.Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
