# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways that are compared. Each takes the prepared server and returns what it cost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from server import GLOB, ROOT, Server

HERE = Path(__file__).resolve().parent
_PERSONAL = ("ANSIBLE_", "AZURE_", "PARTNER_CENTER_", "PYTHON", "XDG_")
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Failed(Exception):
    """A way did not do what it was asked to; the message holds the end of its output."""


@dataclass
class Cost:
    """
    ``seconds``: of the work itself, as the way tells them (for a loop, of the loop). ``whole_seconds``: from start to
    end of its process. ``peak_mb``: of the process that sends the requests. Where only a sample was worked on,
    ``sample`` says which, and seconds and requests are extrapolated to the whole.
    """

    way: str
    seconds: float
    whole_seconds: float
    requests: int
    peak_mb: float
    cpu_seconds: float
    sample: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Bench:
    """Where and how everything is run."""

    folder: Path
    concurrency: int = 16
    #: Customers that slow ways work on, and customers that loops of modules work on.
    sample: int = 100
    loop_sample: int = 10

    def run(self, command: list[str]) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
        """A command's output, what it cost, and what the modules that it ran cost."""
        notes = self.folder / "notes.jsonl"
        notes.unlink(missing_ok=True)
        measured = [sys.executable, str(HERE / "measured.py"), str(notes), *command]
        done = subprocess.run(measured, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"{Path(command[0]).name} failed with status {done.returncode}:\n{_end_of(done)}")
        found = [json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines()]
        return done.stdout, found[-1], found[:-1]

    def client(self, script: str, server: Server, **task: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """What one of the hand-written clients tells of itself, and what it cost."""
        path = self.folder / "task.json"
        task = {**server.connection, "glob": GLOB, "concurrency": self.concurrency, **task}
        path.write_text(json.dumps(task), encoding="utf-8")
        output, cost, _modules = self.run([sys.executable, str(HERE / script), str(path)])
        return json.loads(output.splitlines()[-1]), cost

    def playbook(
        self, name: str, server: Server, **variables: Any
    ) -> tuple[list[dict[str, Any]], dict[str, Any], list[dict[str, Any]]]:
        """What a playbook tells of itself, what it cost, and what its modules cost."""
        path = self.folder / "variables.json"
        variables = {
            "bench_connection": server.connection,
            "bench_glob": GLOB,
            "bench_concurrency": self.concurrency,
            "ansible_python_interpreter": str(self._interpreter()),
            **variables,
        }
        path.write_text(json.dumps(variables), encoding="utf-8")
        program = str(Path(sys.executable).parent / "ansible-playbook")
        output, cost, modules = self.run([program, str(HERE / "playbooks" / name), "--extra-vars", f"@{path}"])
        told = re.findall(r'"msg": ("BENCH .*")$', output, re.MULTILINE)
        return [json.loads(json.loads(text).removeprefix("BENCH ")) for text in told], cost, modules

    def _interpreter(self) -> Path:
        """A Python for modules that notes what each of them costs."""
        path = self.folder / "python"
        words = (sys.executable, HERE / "measured.py", self.folder / "notes.jsonl", sys.executable)
        path.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in words) + ' "$@"\n', encoding="utf-8")
        path.chmod(0o755)
        return path


def environment() -> dict[str, str]:
    """Without what belongs to the person at the keyboard; the emulator is on this machine, so no proxy is asked."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_PERSONAL) and name not in _CA_VARIABLES
    }
    local = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
    own = {"ANSIBLE_CONFIG": str(HERE / "ansible.cfg"), "ANSIBLE_REMOTE_TMP": str(ROOT / ".build" / "ansible" / "tmp")}
    return {**kept, **local, **own}


def by_asyncio(bench: Bench, server: Server) -> Cost:
    told, cost = bench.client("asyncio_client.py", server)
    _require(told["changed"] == len(server.changes), "asyncio", told)
    return _cost("asyncio", told["seconds"], cost, cost, server)


def by_fleet(bench: Bench, server: Server) -> Cost:
    return _fleet("pc_fleet", bench, server, None)


def by_fleet_with_journal(bench: Bench, server: Server) -> Cost:
    journal = bench.folder / "journal.jsonl"
    journal.unlink(missing_ok=True)
    return _fleet("pc_fleet, journal", bench, server, str(journal))


def _fleet(way: str, bench: Bench, server: Server, journal: str | None) -> Cost:
    told, cost, modules = bench.playbook("fleet.yml", server, bench_journal=journal)
    summary = told[0]
    _require(summary["changed"] == len(server.changes) and not summary["failed"], way, summary)
    found = _cost(way, summary["seconds"], cost, modules[0], server)
    found.more |= {"playbook_peak_mb": cost["peak_mb"], "module_seconds": modules[0]["seconds"], "summary": summary}
    return found


def by_generated(bench: Bench, server: Server) -> Cost:
    return _generated("partnercenterservices", bench, server, 1)


def by_generated_threads(bench: Bench, server: Server) -> Cost:
    return _generated(f"partnercenterservices, {bench.concurrency} threads", bench, server, bench.concurrency)


def _generated(way: str, bench: Bench, server: Server, threads: int) -> Cost:
    sample = min(bench.sample, server.customers)
    told, cost = bench.client("generated_client.py", server, threads=threads, sample=sample)
    _require(told["changed"] == sample, way, told)
    found = _cost(way, told["seconds"], cost, cost, server)
    pages = server.counters()["total"] - 3 * sample
    return _extrapolated(found, sample, server.customers, "customers", told["fixed_seconds"], pages)


def by_uri(bench: Bench, server: Server) -> Cost:
    sample = _plain(server, bench.loop_sample)
    told, cost, modules = bench.playbook("uri.yml", server, bench_changes=[asdict(job) for job in sample])
    found = _cost("loop of uri", told[1]["at"] - told[0]["at"], cost, _largest(modules), server)
    return _extrapolated(found, len(sample), server.customers, "customers")


def by_subscription(bench: Bench, server: Server) -> Cost:
    """Every subscription is declared, as in a playbook that says what the fleet shall be."""
    customers = {job.customer_id for job in _plain(server, max(1, bench.loop_sample // 5))}
    sample = [job for job in server.whole if job.customer_id in customers]
    jobs = [asdict(job) for job in sample]
    told, cost, modules = bench.playbook("subscriptions.yml", server, bench_subscriptions=jobs)
    _require(server.counters()["effective_writes"] == len(customers), "loop of pc_subscription", server.counters())
    found = _cost("loop of pc_subscription", told[1]["at"] - told[0]["at"], cost, _largest(modules), server)
    return _extrapolated(found, len(sample), len(server.whole), "subscriptions")


WAYS: dict[str, Callable[[Bench, Server], Cost]] = {
    "asyncio": by_asyncio,
    "pc_fleet": by_fleet,
    "journal": by_fleet_with_journal,
    "generated": by_generated,
    "generated-threads": by_generated_threads,
    "uri": by_uri,
    "pc_subscription": by_subscription,
}


def _cost(way: str, seconds: float, whole: dict[str, Any], sender: dict[str, Any], server: Server) -> Cost:
    requests = server.counters()["total"]
    return Cost(way, round(seconds, 3), whole["seconds"], requests, sender["peak_mb"], whole["cpu_seconds"])


def _extrapolated(
    cost: Cost, done: int, whole: int, unit: str, fixed_seconds: float = 0.0, fixed_requests: int = 0
) -> Cost:
    if done >= whole:
        return cost
    factor = whole / done
    around = cost.whole_seconds - cost.seconds
    cost.more["measured"] = {"seconds": cost.seconds, "whole_seconds": cost.whole_seconds, "requests": cost.requests}
    cost.seconds = round(fixed_seconds + (cost.seconds - fixed_seconds) * factor, 3)
    cost.whole_seconds = round(cost.seconds + around, 3)
    cost.requests = round(fixed_requests + (cost.requests - fixed_requests) * factor)
    cost.cpu_seconds = round(cost.cpu_seconds * factor, 2)
    cost.sample = f"{done:,} of {whole:,} {unit}"
    return cost


def _plain(server: Server, most: int) -> list[Any]:
    """Changes in the usual mixture of subscriptions, of customers whose names do not look like templates."""
    plain = [job for job in server.changes if "{" not in job.friendly_name]
    return plain[min(3, len(plain) - 1) :][:most]


def _largest(modules: list[dict[str, Any]]) -> dict[str, Any]:
    return max(modules, key=lambda module: float(module["peak_mb"]))


def _require(met: bool, way: str, told: dict[str, Any]) -> None:
    if not met:
        raise Failed(f"{way} did not make the changes: {told}")


def _end_of(done: subprocess.CompletedProcess[str]) -> str:
    return "\n".join((done.stdout + done.stderr).splitlines()[-25:])


def timed(way: str, bench: Bench, server: Server, latency: float) -> Cost:
    """One way from the same start; with how busy the machine was before, and the emulator's own share."""
    server.prepare(latency)
    load, cpu = os.getloadavg()[0], server.cpu_seconds()
    start = time.monotonic()
    cost = WAYS[way](bench, server)
    cost.more |= {
        "load_before": round(load, 2),
        "emulator_cpu_seconds": round(server.cpu_seconds() - cpu, 2),
        "wall_seconds": round(time.monotonic() - start, 3),
    }
    return cost
