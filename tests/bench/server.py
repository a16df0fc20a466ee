# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator that all ways are measured against: a process of its own, and the same fleet for each of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "roles" / "emulator" / "files"
SUBSCRIPTIONS_PER_CUSTOMER = 10
#: What the subscriptions are called that shall be renamed, one a customer.
GLOB = "Bench *"
_RENAMED = ("nce", "no_auto_renew", "monthly_term", "recent", "legacy")


@dataclass(frozen=True)
class Job:
    """One subscription, and the name that it shall have."""

    customer_id: str
    subscription_id: str
    friendly_name: str


class Server:
    """
    An emulator with so many customers. :meth:`prepare` puts it back to the start; ``whole`` are its subscriptions in
    the desired state, ``changes`` those of them that are not yet as desired.
    """

    def __init__(self, folder: Path, customers: int) -> None:
        self.customers = customers
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = [sys.executable, "-m", "partner_center_emulator", "--dir", str(folder)]
        command += ["--customers", str(customers), "--subscriptions-per-customer", str(SUBSCRIPTIONS_PER_CUSTOMER)]
        command += ["--plain"]
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
        with (folder / "emulator.log").open("w") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        if self._process.stdout is None or not self._process.stdout.readline().startswith("Partner Center emulator"):
            raise RuntimeError(f"The emulator did not start in {folder}.")
        self.facts: dict[str, Any] = json.loads((folder / "emulator.json").read_text(encoding="utf-8"))
        self._session = requests.Session()
        self._session.trust_env, self._session.verify = False, self.facts["ca_path"]
        self.whole: list[Job] = []
        self.changes: list[Job] = []
        self._limit, self._scale = {"throttle_limit": 0}, 1.0

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_ignored: object) -> None:
        self._session.close()
        self._process.terminate()
        self._process.wait(20)

    @property
    def connection(self) -> dict[str, str]:
        """The modules' connection options, app-only."""
        names = ("api_url", "authority_url", "ca_path", "tenant_id", "client_id", "client_secret")
        return {name: self.facts[name] for name in names}

    def prepare(self, latency: float) -> None:
        """The fleet as at the start, with one subscription a customer to rename, and nothing counted."""
        self._call("POST", "reset")
        self.whole, self.changes = [], []
        for customer in self._call("GET", "fleet")["customers"]:
            chosen = _chosen(customer["subscriptions"])
            for one in customer["subscriptions"]:
                job = Job(customer["id"], one["id"], one["friendly_name"] or "")
                if one is chosen:
                    job = Job(customer["id"], one["id"], f"{customer['name']} - {one['offer_name']}")
                    self.changes.append(job)
                self.whole.append(job)
        for number, job in enumerate(self.changes, 1):
            path = f"customers/{job.customer_id}/subscriptions/{job.subscription_id}"
            self._call("PATCH", path, {"friendlyName": GLOB.replace("*", str(number))})
        self._call("PATCH", "switches", {"latency": latency, **self._limit})
        self._call("POST", "clock", {"scale": self._scale})
        self._call("DELETE", "requests")
        self._call("DELETE", "counters")

    def counters(self) -> dict[str, Any]:
        counters: dict[str, Any] = self._call("GET", "counters")
        return counters

    @contextmanager
    def limited(self, requests: int, window: float) -> Iterator[None]:
        """So many requests in so many seconds, which are a minute of the emulator's own."""
        self._limit, self._scale = {"throttle_limit": requests, "throttle_window": 60}, 60 / window
        yield
        self._limit, self._scale = {"throttle_limit": 0}, 1.0

    def log(self) -> list[dict[str, Any]]:
        """What was asked, in its order."""
        found: list[dict[str, Any]] = self._call("GET", "requests")
        return found

    def requests(self) -> Counter[tuple[str, str, str]]:
        """What was asked: method, address and body, each with how often."""
        return Counter(
            (one["method"], f"{one['path']}?{one['query']}", _canonical(one["body"]))
            for one in self.log()
            if one["path"].startswith("/v1/")
        )

    def cpu_seconds(self) -> float:
        """What the emulator itself has used so far; 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, f"{self.facts['control_url']}/{path}", json=body, timeout=300)
        answer.raise_for_status()
        return answer.json()


def _chosen(subscriptions: list[dict[str, Any]]) -> dict[str, Any]:
    """One that can be renamed with one write: active and without scheduled changes."""
    for kind in _RENAMED:
        for one in subscriptions:
            if one["kind"] == kind and one["status"] == "active":
                return one
    raise RuntimeError("A customer has no subscription that could be renamed.")


def _canonical(body: str) -> str:
    return json.dumps(json.loads(body), sort_keys=True) if body else ""
