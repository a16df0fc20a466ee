# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator for tests: in a process of its own, with a hand on its control API."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import subprocess
import sys
import threading
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

PACKAGE = Path(__file__).resolve().parents[2] / "roles" / "emulator" / "files"
COMMAND = (sys.executable, "-m", "partner_center_emulator")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}
# A service that drops what is scheduled with every change, and takes any date for the end of the next term.
STRICT = tuple(
    part
    for switch in ("schedule_drop=all", "custom_term_end_check=none", "support_contact_none=404")
    for part in ("--switch", switch)
)

#: Customer id and subscription id.
Ids = tuple[str, str]


#: Seconds of rest after which a connection is made anew; the emulator ends one that has rested for longer.
RESTED = 120


class Control:
    """The control API of a running emulator, over one connection; ``facts`` is what it wrote into emulator.json."""

    def __init__(self, folder: Path) -> None:
        self.facts: dict[str, t.Any] = json.loads((folder / "emulator.json").read_text())
        self._lock = threading.Lock()
        self._used = time.monotonic()
        self._connection = http.client.HTTPSConnection(
            self.facts["api_url"].removeprefix("https://"),
            timeout=60,
            context=ssl.create_default_context(cafile=self.facts["ca_path"]),
        )

    def close(self) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: t.Any = None, **query: str) -> t.Any:
        """One request; the parsed answer."""
        data = None if body is None else json.dumps(body)
        target = f"/_emulator/{path}{'?' if query else ''}{urlencode(query)}"
        with self._lock:
            if time.monotonic() - self._used > RESTED:
                self._connection.close()
            self._used = time.monotonic()
            try:
                self._connection.request(method, target, data, {"Content-Type": "application/json"})
                answer = self._connection.getresponse()
                text = answer.read().decode("utf-8-sig")
            except BaseException:
                # Half a request is of no use to the next one, which may be another thread's.
                self._connection.close()
                raise
        assert answer.status < 300, f"{method} {target}: {answer.status} {text}"
        return json.loads(text) if text else None


@dataclass
class Emulator:
    """Starts on a free port of 127.0.0.1; ``connection`` holds the options of the modules."""

    folder: Path
    arguments: t.Sequence[str] = ()
    process: subprocess.Popen[str] | None = None
    facts: dict[str, t.Any] = field(default_factory=dict)
    _control: Control | None = None

    def start(self) -> Emulator:
        self.process = subprocess.Popen(
            [*COMMAND, "--dir", str(self.folder), *self.arguments],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        if not self.process.stdout.readline().startswith("Partner Center emulator at"):
            self.process.kill()
            raise RuntimeError(f"the emulator did not start: {self.process.communicate()[1]}")
        self._control = Control(self.folder)
        self.facts = self._control.facts
        return self

    def stop(self) -> int:
        """The exit status of a process that has nothing to complain about."""
        assert self.process is not None
        if self._control is not None:
            self._control.close()
        self.process.terminate()
        _out, errors = self.process.communicate(timeout=20)
        assert not errors.splitlines(), errors
        return self.process.returncode

    @property
    def connection(self) -> dict[str, t.Any]:
        names = ("tenant_id", "client_id", "client_secret", "refresh_token", "api_url", "authority_url", "ca_path")
        return {name: self.facts[name] for name in names}

    def control(self, method: str, path: str, body: t.Any = None, **query: str) -> t.Any:
        """One call of the control API; the parsed answer."""
        assert self._control is not None
        return self._control.call(method, path, body, **query)

    def make_software(self, ids: tuple[str, str]) -> None:
        """Make it a software subscription, which ends where auto-renew is off: no extended service term follows."""
        self.store(ids, productType={"id": "Software", "displayName": "Software"})

    def reset(self) -> None:
        """As it was at the start, with an empty request log and counters at zero."""
        self.control("POST", "reset")
        self.forget()

    def forget(self) -> None:
        """Empty the request log and the counters."""
        self.control("DELETE", "requests")
        self.control("DELETE", "counters")

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

    def sign_ins(self) -> int:
        return int(self.control("GET", "counters")["tokens"])

    def find(self, kind: str, number: int = 0) -> Ids:
        """Customer id and subscription id of the ``number``-th subscription with this tag."""
        return self.all(kind)[number]

    def all(self, kind: str, status: str = "") -> list[Ids]:
        """Customer id and subscription id of all subscriptions with this tag (and status)."""
        return [
            (customer["id"], subscription["id"])
            for customer in self.control("GET", "fleet", kind=kind)["customers"]
            for subscription in customer["subscriptions"]
            if status in ("", subscription["status"])
        ]

    def without_ends(self) -> None:
        """No scheduled actions, and no trials, whose instructions nobody scheduled: for tests of instructions alone."""
        for ids in self.all("end_of_term"):
            self.store(ids, scheduledActions=None, isTrial=False, scheduledNextTermInstructions=None)

    def stored(self, ids: Ids) -> dict[str, t.Any]:
        """A subscription as the server holds it."""
        return t.cast("dict[str, t.Any]", self.control("GET", "customers/{}/subscriptions/{}".format(*ids)))

    def all_stored(self) -> dict[Ids, dict[str, t.Any]]:
        """Every subscription as the server holds it."""
        return {
            (customer["id"], subscription["id"]): subscription["resource"]
            for customer in self.control("GET", "fleet", whole="1")["customers"]
            for subscription in customer["subscriptions"]
        }

    def store(self, ids: Ids, **values: t.Any) -> None:
        """Change a subscription as somebody else would."""
        self.control("PATCH", "customers/{}/subscriptions/{}".format(*ids), values)

    def hook(self, ids: Ids, *, on: str, nth: int = 1, **values: t.Any) -> None:
        """Change a subscription as somebody else would, just before its ``nth`` next ``on`` request."""
        rule = {"method": on, "nth": nth, "change": values}
        self.control("POST", "customers/{}/subscriptions/{}/hooks".format(*ids), rule)

    def location_of(self, ids: Ids) -> str:
        """What a 202's Location says of a subscription."""
        stored = self.stored(ids)
        return f"/customers/{ids[0]}/subscriptions/{stored['id']}"
