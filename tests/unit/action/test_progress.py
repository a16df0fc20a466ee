# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress as people see it: playbooks and ansible-runner against an emulator that takes its time."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import PATH_VARIABLE

from ..emulators import Emulator

HERE = Path(__file__).parent
GROUP = "group/csp.partner_center.partner_center"
LINE = re.compile(r"^pc_fleet \[(?P<host>\w+)\]: (?P<phase>\w+) (?P<done>\d+)/(?P<total>\d+) .*$", re.MULTILINE)
CUSTOMERS = 8
#: Reading takes two intervals of the plugin and more, one request after another.
LATENCY = 1.5
NAMES = [{"name": "names", "match": {"status": "active"}, "set": {"friendly_name": "{customer_name} - {offer_name}"}}]
FLEET = {"policies": NAMES, "max_concurrency": 1}
#: It reads everything, and writes nothing.
STOPPED = {**FLEET, "guard": {"max_changes": 0}}
#: What Ansible adds to the result of a task in the background.
OF_ASYNC = ("ansible_job_id", "finished", "started", "results_file", "stdout", "stderr", "stdout_lines", "stderr_lines")


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", str(CUSTOMERS), "--subscriptions-per-customer", "2", "--seed", "7")


@dataclass(frozen=True)
class Ansible:
    """Ansible in a folder of its own, with everything temporary below it."""

    folder: Path
    emulator: Emulator

    def write(self, hosts: dict[str, dict[str, t.Any]], tasks: list[dict[str, t.Any]]) -> None:
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory = {"all": {"hosts": {name: {**here, **more} for name, more in hosts.items()}}}
        play = {"hosts": "all", "gather_facts": False, "tasks": tasks, "module_defaults": {GROUP: self.defaults}}
        for name, content in (("inventory/hosts.json", inventory), ("project/play.json", [play])):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(content))

    @property
    def defaults(self) -> dict[str, t.Any]:
        return self.emulator.connection

    def environment(self, **more: str) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PARTNER_CENTER_", "ANSIBLE"))
        }
        return {
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote"),
            "ANSIBLE_ASYNC_DIR": str(self.folder / "async"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
            "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_NOCOWS": "1",
            **more,
        }

    def start(self, **environment: str) -> subprocess.Popen[str]:
        """A playbook as a terminal starts it: the leader of a process group."""
        return subprocess.Popen(
            ["ansible-playbook", "-i", "inventory/hosts.json", "project/play.json"],
            cwd=self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def play(self, **environment: str) -> tuple[str, str]:
        """What was written to standard output, and to standard error."""
        process = self.start(**environment)
        out, error = process.communicate(timeout=300)
        assert process.returncode == 0, out[-4000:] + error[-4000:]
        return out, error

    def left_over(self) -> list[Path]:
        """
        What should not be there when Ansible has ended.

        Not what it lays on the host that a module runs on: that it leaves there after an interruption, and in the
        background.
        """
        return list((self.folder / "tmp").rglob("*"))


@pytest.fixture
def ansible(tmp_path: Path, emulator: Emulator) -> Ansible:
    emulator.reset()
    emulator.switch(latency=LATENCY)
    return Ansible(tmp_path, emulator)


def shown(text: str) -> dict[str, list[t.Match[str]]]:
    """The lines of progress, by host."""
    found: dict[str, list[t.Match[str]]] = {}
    for one in LINE.finditer(text):
        found.setdefault(one["host"], []).append(one)
    return found


def comparable(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """A result without times, and without how it was asked for."""
    kept = {name: value for name, value in result.items() if name not in OF_ASYNC}
    kept["summary"] = {name: value for name, value in kept["summary"].items() if name != "seconds"}
    # Not every Ansible tells it.
    kept.pop("invocation", None)
    return kept


def test_progress_is_shown_where_it_is_wanted_and_results_are_unchanged(ansible: Ansible) -> None:
    """One play, so that many hosts wait for the emulator at the same time."""
    path = ansible.folder / "noted.json"
    hosts: dict[str, dict[str, t.Any]] = {
        "shown": {},
        "quiet": {"more": {"progress": False}},
        "elsewhere": {"ansible_connection": "elsewhere"},
        "sent": {"where": "elsewhere"},
        "fetched": {"ansible_connection": "elsewhere", "where": "shown"},
        "noted": {"more": {"progress_path": str(path)}},
        "background": {"seconds": 120},
        "foreseen": {"check": True, "more": {"guard": {}}},
        "broken": {"ansible_python_interpreter": "/nowhere/python"},
    }
    task = {
        "name": "fleet",
        "csp.partner_center.pc_fleet": "{{ fleet | combine(more | default({})) }}",
        "delegate_to": "{{ where | default(inventory_hostname) }}",
        "check_mode": "{{ check | default(false) }}",
        "async": "{{ seconds | default(0) }}",
        "poll": 1,
        "ignore_errors": True,
        "vars": {"fleet": STOPPED},
    }
    left = {
        "name": "left",
        "ansible.builtin.find": {
            "paths": str(ansible.folder / "tmp"),
            "patterns": "pc_fleet*",
            "file_type": "directory",
            "recurse": True,
        },
        "run_once": True,
    }
    ansible.write(hosts, [task, left])
    out, error = ansible.play(ANSIBLE_STDOUT_CALLBACK="whole", ANSIBLE_FORKS="10")
    told = json.loads(out)
    results = {host: tasks["fleet"] for host, tasks in told.items()}
    lines = shown(error)

    # Whoever shall see it sees it more than once, and it moves.
    assert set(lines) == {"shown", "fetched", "noted", "background", "foreseen"}, error
    for found in lines.values():
        done = [int(one["done"]) for one in found]
        assert len(done) >= 2
        assert done == sorted(set(done))
        assert {(one["phase"], one["total"]) for one in found} == {("reading", str(CUSTOMERS))}
        assert any(re.search(r", \d+ requests/min, about \d+ s left$", one[0]) for one in found)

    # Nobody's result has anything of it.
    assert results["shown"]["failed"] is True
    assert len(results["shown"]["plan"]) > CUSTOMERS
    for host in ("quiet", "elsewhere", "sent", "fetched", "noted", "background"):
        assert comparable(results[host]) == comparable(results["shown"]), host
    assert results["foreseen"]["failed"] is False
    assert results["foreseen"]["plan"] == results["shown"]["plan"]
    assert "/nowhere/python" in json.dumps(results["broken"])

    # A file of one's own has the last word; ours are gone.
    noted = json.loads(path.read_text())
    assert (noted["done"], noted["total"]) == (CUSTOMERS, CUSTOMERS)
    assert noted["requests"] == results["noted"]["summary"]["requests"]
    assert (told["shown"]["left"]["examined"] > 0, told["shown"]["left"]["matched"]) == (True, 0)
    assert ansible.left_over() == []


def test_ansible_runner_shows_progress(ansible: Ansible) -> None:
    """As automation controllers run it: the lines are part of the output, and events of their own."""
    hosts: dict[str, dict[str, t.Any]] = {"shown": {}}
    ansible.write(hosts, [{"name": "fleet", "csp.partner_center.pc_fleet": FLEET}])
    ansible.emulator.switch(latency=0.7)
    done = subprocess.run(
        [sys.executable, "-m", "ansible_runner", "run", ".", "-p", "play.json", "--ident", "one"],
        cwd=ansible.folder,
        env=ansible.environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    artifacts = ansible.folder / "artifacts" / "one"
    said = [one[0].rstrip() for one in shown((artifacts / "stdout").read_text())["shown"]]
    events = [json.loads(path.read_text()) for path in (artifacts / "job_events").glob("*.json")]
    events.sort(key=lambda event: event["counter"])
    # A slow machine is also told of while nothing can be counted yet.
    heard = [event["stdout"] for event in events if LINE.match(event["stdout"])]
    assert heard == said
    assert any(re.search(r"writing \d+/\d+ subscriptions, \d+ changed, 0 failed, .* left$", one) for one in said), said
    names = [event["event"] for event in events]
    first = next(number for number, event in enumerate(events) if event["stdout"] == said[0])
    assert names.index("runner_on_start") < first < names.index("runner_on_ok")
    assert ansible.left_over() == []


def test_a_playbook_that_is_interrupted_leaves_nothing(ansible: Ansible) -> None:
    ansible.write({"shown": {}}, [{"name": "fleet", "csp.partner_center.pc_fleet": FLEET, "check_mode": True}])
    process = ansible.start()
    assert process.stderr is not None
    first = next((text for text in process.stderr if LINE.match(text)), "")
    modules = running(ansible.folder)
    os.killpg(process.pid, signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert first, out + error
    assert modules, "no module was seen"
    assert process.returncode != 0
    deadline = time.monotonic() + 60
    while running(ansible.folder) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert running(ansible.folder) == []
    assert ansible.left_over() == []


def test_a_task_with_poll_0_shows_no_progress(ansible: Ansible) -> None:
    """Nothing is shown then, whoever asks for the result later; and readable results come out as ever."""
    tasks = [
        {
            "name": "fleet",
            "csp.partner_center.pc_fleet": STOPPED,
            "async": 120,
            "poll": 0,
            "register": "begun",
        },
        {
            "name": "wait",
            "ansible.builtin.async_status": {"jid": "{{ begun.ansible_job_id }}"},
            "register": "ended",
            "until": "ended is finished",
            "failed_when": "ended is finished and ended.summary.planned == 0",
            "retries": 60,
            "delay": 1,
        },
    ]
    ansible.write({"shown": {}}, tasks)
    out, error = ansible.play(ANSIBLE_CALLBACK_RESULT_FORMAT="yaml")
    assert shown(out + error) == {}
    assert ansible.left_over() == []


def running(folder: Path) -> list[int]:
    """The processes of modules that note their progress below the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if f"{PATH_VARIABLE}={folder}".encode() in content:
            found.append(int(path.parent.name))
    return found
