# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare pc_fleet with other ways to make the same changes. A report, not a test: it judges nothing.

For each size of fleet and each latency, an emulator in a process of its own serves the same fleet, put back to the
start before each way: one subscription of ten is to be renamed, one a customer. See README.md for how to read it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import html_report
import inventories
import plans
import tasks
import throttled
from profile_fleet import profile
from report import YARDSTICK, middle, ratios, table
from server import ROOT, SUBSCRIPTIONS_PER_CUSTOMER, Server
from ways import WAYS, Bench, Cost, Failed, timed

FOLDER = ROOT / ".build" / "bench"
SIZES = (100, 1_000, 10_000)
LARGE = (10_000, 100_000)
#: The ways that are run several times, one after the other in turn; the others differ by much more than by chance.
REPEATED = (YARDSTICK, "pc_fleet")
#: Up to so many subscriptions, the requests of pc_fleet and of the yardstick are compared one by one.
COMPARED = 10_000


def parser() -> argparse.ArgumentParser:
    own = argparse.ArgumentParser(prog="make bench", description=__doc__)
    own.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="subscriptions, ten a customer")
    own.add_argument("--latency", type=float, nargs="+", default=[0.0, 0.05], help="seconds that each answer takes")
    own.add_argument("--concurrency", type=int, default=16, help="requests under way at the same time")
    own.add_argument("--repeat", type=int, default=3, help=f"runs of {' and '.join(REPEATED)}, whose median is shown")
    own.add_argument("--only", nargs="+", choices=list(WAYS), default=list(WAYS), metavar="WAY", help=", ".join(WAYS))
    own.add_argument("--large", action="store_true", help="10,000 and 100,000, yardstick and pc_fleet only")
    own.add_argument("--throttled", action="store_true", help="pc_fleet alone, at a server that limits requests")
    own.add_argument("--tasks", action="store_true", help="the price of one task alone")
    own.add_argument("--inventory", action="store_true", help="the inventory of a large fleet alone")
    own.add_argument("--plan", action="store_true", help=f"a plan of {plans.CHANGES:,} changes alone")
    own.add_argument("--report", action="store_true", help="the HTML report alone, with 10,000 rows in Chromium")
    own.add_argument("--profile", action="store_true", help="show where pc_fleet's time goes, for the largest size")
    return own


class Results:
    """What was found so far, kept in a file after each step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[str, Any] = {
            "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
            "versions": {name: version(name) for name in ("ansible-core", "aiohttp", "requests", "urllib3")},
            "commit": _commit(),
            "runs": [],
        }

    def add(self, run: dict[str, Any]) -> None:
        self.found["runs"].append(run)
        self.path.write_text(json.dumps(self.found, indent=1), encoding="utf-8")


def measure(bench: Bench, server: Server, latency: float, given: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """All ways over one fleet at one latency, and whether all of them came to their end."""
    costs: dict[str, list[Cost]] = {}
    asked: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for way in _turns(given.only, given.repeat):
        _tell(f"  … {way}")
        try:
            cost = timed(way, bench, server, latency)
        except Failed as error:
            failed[way] = str(error)
            print(f"\r{error}", file=sys.stderr)
            continue
        costs.setdefault(way, []).append(cost)
        if way in REPEATED and len(server.whole) <= COMPARED and way not in asked:
            asked[way] = server.requests()
    _tell("")
    shown = [middle(costs[way]) for way in given.only if way in costs]
    print(table(shown) if shown else "  nothing was measured")
    same = None if len(asked) < len(REPEATED) else asked[REPEATED[0]] == asked[REPEATED[1]]
    if same is not None:
        print(f"  pc_fleet and {YARDSTICK} sent {'exactly the same' if same else 'DIFFERENT'} requests and bodies.")
    yardstick = next((cost for cost in shown if cost.way == YARDSTICK), None)
    results = []
    for cost in shown:
        own, whole = ratios(cost, yardstick)
        results.append({**cost.to_dict(), "ratio": own, "whole_ratio": whole})
    return {"ways": results, "same_requests": same, "failed": failed, "load": os.getloadavg()}, not failed


def measure_throttled(bench: Bench, given: argparse.Namespace) -> dict[str, Any]:
    """How near pc_fleet comes to what the server accepts."""
    found = []
    print(f"\nA limit of requests; {throttled.CUSTOMERS} customers, concurrency {bench.concurrency}", flush=True)
    with Server(FOLDER / "emulator", throttled.CUSTOMERS) as server:
        for window in throttled.WINDOWS:
            for latency in given.latency:
                found.append(throttled.measure(bench, server, latency, window))
                print(found[-1], flush=True)
    return {"throttled": throttled.rows(found)}


def measure_tasks(bench: Bench) -> dict[str, Any]:
    """What a task for one subscription costs."""
    print("\nOne task for one subscription, in a loop, nothing to change", flush=True)
    with Server(FOLDER / "emulator", tasks.CUSTOMERS) as server:
        found = tasks.measure(bench, server)
    print(*found, sep="\n", flush=True)
    return {"tasks": [one.to_dict() for one in found], "load": os.getloadavg()}


def measure_inventory() -> dict[str, Any]:
    """What an inventory of a large fleet costs each time that Ansible looks at it."""
    print(f"\nThe inventory of {inventories.SUBSCRIPTIONS:,} subscriptions", flush=True)
    with Server(FOLDER / "emulator", inventories.SUBSCRIPTIONS // SUBSCRIPTIONS_PER_CUSTOMER) as server:
        found = inventories.measure(FOLDER, server)
    print(*found, sep="\n", flush=True)
    return {"inventory": [one.to_dict() for one in found], "load": os.getloadavg()}


def measure_plan(bench: Bench, size: int) -> dict[str, Any]:
    """What it costs to apply a plan that is as large as the fleet."""
    print(f"\nA plan for {size:,} subscriptions, concurrency {bench.concurrency}", flush=True)
    with Server(FOLDER / "emulator", size // SUBSCRIPTIONS_PER_CUSTOMER) as server:
        found = plans.measure(bench, server)
    print(*found, sep="\n", flush=True)
    return {"plan": [one.to_dict() for one in found], "load": os.getloadavg()}


def measure_report() -> dict[str, Any]:
    """How quick the HTML report is, where there is a browser."""
    print(f"\nThe HTML report with {html_report.ROWS:,} rows", flush=True)
    found = html_report.measure(FOLDER)
    print(f"  not measured: {found}" if isinstance(found, str) else found, flush=True)
    return {"report": found if isinstance(found, str) else found.to_dict(), "load": os.getloadavg()}


def _turns(ways: Iterable[str], repeat: int) -> list[str]:
    """In turn, so that a machine that gets busier does so for both."""
    ways = list(ways)
    return [way for way in ways if way in REPEATED] * repeat + [way for way in ways if way not in REPEATED]


def _tell(text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end="", flush=True)


def _commit() -> str:
    asked = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def measure_others(bench: Bench, results: Results, given: argparse.Namespace) -> None:
    """What is not a way to make the same changes: alone where that is asked for, else what is part of each bench."""
    sizes = given.sizes
    if given.throttled or given.report or given.tasks or given.inventory or given.plan:
        given.sizes = []
    is_whole = bool(given.sizes) and set(given.only) == set(WAYS)
    if given.report or is_whole:
        results.add(measure_report())
    if given.tasks or is_whole:
        results.add(measure_tasks(bench))
    if given.inventory or is_whole:
        results.add(measure_inventory())
    if given.plan:
        results.add(measure_plan(bench, plans.CHANGES if sizes == list(SIZES) else max(sizes)))
    if given.throttled:
        results.add(measure_throttled(bench, given))


def main(arguments: list[str]) -> int:
    given = parser().parse_args(arguments)
    if given.large:
        given.sizes, given.only, given.repeat = list(LARGE), list(REPEATED), 1
    if any(size < SUBSCRIPTIONS_PER_CUSTOMER for size in given.sizes):
        parser().error(f"a fleet has at least {SUBSCRIPTIONS_PER_CUSTOMER} subscriptions")
    FOLDER.mkdir(parents=True, exist_ok=True)
    start, fine = time.monotonic(), True
    bench, results = Bench(FOLDER, given.concurrency), Results(FOLDER / "results.json")
    measure_others(bench, results, given)
    for size in given.sizes:
        customers = size // SUBSCRIPTIONS_PER_CUSTOMER
        with Server(FOLDER / "emulator", customers) as server:
            for latency in given.latency:
                load = os.getloadavg()[0]
                title = f"{size:,} subscriptions of {customers:,} customers, {customers:,} changes"
                about = f"latency {latency * 1000:.0f} ms, concurrency {given.concurrency}, load {load:.1f}"
                print(f"\n{title}; {about}", flush=True)
                run, all_ended = measure(bench, server, latency, given)
                results.add({"subscriptions": size, "customers": customers, "latency": latency, **run})
                fine = fine and all_ended
            if given.profile and size == max(given.sizes):
                print(f"\nWhere pc_fleet's time goes, {size:,} subscriptions (CPU time, one thread, no latency)")
                server.prepare(0.0)
                print(profile(bench, server), flush=True)
    print(f"\nAll figures: {results.path.relative_to(ROOT)} ({time.monotonic() - start:.0f} s)")
    return 0 if fine else 1


if __name__ == "__main__":
    # So that the emulator ends with it.
    signal.signal(signal.SIGTERM, lambda *_ignored: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
