# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Partner Center of our own for tests: the emulator in a process of its own, and a hand on its control API."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
import typing as t
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

CONTACTS = ("supportcontact_new_commerce=accepted", "support_contact_none=404")
# A service that drops what is scheduled with every change, changes nothing of its own accord, and takes support
# contacts for every subscription.
STRICT = tuple(
    part
    for switch in ("schedule_drop=all", "suspend_turns_auto_renew_off=false", "est_conversion_delay=never", *CONTACTS)
    for part in ("--switch", switch)
)
PACKAGE = Path(__file__).resolve().parents[3] / "roles" / "emulator" / "files"


@dataclass
class Emulator:
    """Starts on a free port of 127.0.0.1; ``connection`` holds the options of the modules."""

    folder: Path
    arguments: t.Sequence[str] = ()
    process: subprocess.Popen[str] | None = None
    facts: dict[str, t.Any] = field(default_factory=dict)

    def start(self) -> Emulator:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "partner_center_emulator",
                "--port",
                "0",
                "--dir",
                str(self.folder),
                *self.arguments,
            ],
            env={**os.environ, "PYTHONPATH": str(PACKAGE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        facts = self.folder / "emulator.json"
        for _number in range(300):
            if facts.exists():
                self.facts = json.loads(facts.read_text())
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.process.kill()
        raise RuntimeError(f"the emulator did not start: {self.process.communicate()[0]}")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.communicate(timeout=20)

    @property
    def connection(self) -> dict[str, t.Any]:
        names = ("tenant_id", "client_id", "client_secret", "refresh_token", "api_url", "authority_url", "ca_path")
        return {name: self.facts[name] for name in names}

    def control(self, method: str, path: str, body: t.Any = None) -> t.Any:
        """One call of the control API; the parsed answer."""
        request = urllib.request.Request(
            f"{self.facts['api_url']}/_emulator/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        context = ssl.create_default_context(cafile=self.facts["ca_path"])
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            text = answer.read().decode("utf-8-sig")
        return json.loads(text) if text else None

    def reset(self) -> None:
        self.control("POST", "reset")

    def switch(self, **switches: t.Any) -> None:
        self.control("PATCH", "switches", switches)

    def fault(self, **rule: t.Any) -> None:
        self.control("POST", "faults", rule)

    def requests(self) -> list[dict[str, t.Any]]:
        """The requests to the API since the last :meth:`forget`, sign-ins left out."""
        return [one for one in self.control("GET", "requests") if one["path"].startswith("/v1/")]

    def writes(self) -> list[dict[str, t.Any]]:
        return [one for one in self.requests() if one["method"] in ("PATCH", "PUT", "POST")]

    def effective_writes(self) -> int:
        return int(self.control("GET", "counters")["effective_writes"])

    def forget(self) -> None:
        """Empty the request log and the counters."""
        self.control("DELETE", "requests")
        self.control("DELETE", "counters")

    def find(self, kind: str, number: int = 0) -> tuple[str, str]:
        """Customer id and subscription id of the ``number``-th subscription with this tag."""
        return self.all(kind)[number]

    def all(self, kind: str, status: str = "") -> list[tuple[str, str]]:
        """Customer id and subscription id of all subscriptions with this tag (and status)."""
        return [
            (customer["id"], subscription["id"])
            for customer in self.control("GET", f"fleet?kind={kind}")["customers"]
            for subscription in customer["subscriptions"]
            if status in ("", subscription["status"])
        ]

    def without_ends(self) -> None:
        """No scheduled actions, and no trials, whose instructions nobody scheduled: for tests of instructions alone."""
        for ids in self.all("end_of_term"):
            self.store(ids, scheduledActions=None, isTrial=False, scheduledNextTermInstructions=None)

    def stored(self, ids: tuple[str, str]) -> dict[str, t.Any]:
        """A subscription as the server holds it."""
        return t.cast("dict[str, t.Any]", self.control("GET", "customers/{}/subscriptions/{}".format(*ids)))

    def store(self, ids: tuple[str, str], **values: t.Any) -> None:
        """Change a subscription as somebody else would."""
        self.control("PATCH", "customers/{}/subscriptions/{}".format(*ids), values)

    def hook(self, ids: tuple[str, str], *, on: str, nth: int = 1, **values: t.Any) -> None:
        """Change a subscription as somebody else would, just before its ``nth`` next ``on`` request."""
        rule = {"method": on, "nth": nth, "change": values}
        self.control("POST", "customers/{}/subscriptions/{}/hooks".format(*ids), rule)

    def location_of(self, ids: tuple[str, str]) -> str:
        """What a 202's Location says of a subscription."""
        stored = self.stored(ids)
        return f"/customers/{ids[0]}/subscriptions/{stored['id']}"
