# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
The network between one run and the service: it takes time, loses requests and answers, and spoils them.

It stands in the place of the HTTPS session, so that transport, gate and everything above them are as they are.
"""

from __future__ import annotations

import random
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from partner_center_emulator.faults import Rule

from ansible_collections.csp.partner_center.plugins.module_utils._api.session import Lost, NotSent, Response
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import StopRequested, Surroundings

from .clockwork import MACHINE, Process
from .disk import HERE
from .service import Asked, Service, asked_of

Values = dict[str, t.Any]

#: A client gives an answer up after so many seconds.
TIMEOUT: t.Final = 60.0


@dataclass
class Rivals:
    """
    Somebody else's changes: each is made just before the n-th request of the whole history. ``before_request`` also
    counts.
    """

    service: Service
    changes: list[tuple[int, int, Values]]
    count: int = 0
    made: int = 0

    def before_request(self) -> None:
        self.count += 1
        while self.changes and self.changes[0][0] <= self.count:
            _at, place, change = self.changes.pop(0)
            self.service.others_change(self.service.records[place % len(self.service.records)], change)
            self.made += 1


@dataclass
class Network:
    """
    ``faults``: ``{kind, on, at, count, …}``: what happens to the requests of a sort, from the ``at``-th one on,
    ``count`` times. ``met``: how often each kind has happened.
    """

    service: Service
    rivals: Rivals
    run: int
    process: Process
    around: Surroundings
    faults: t.Sequence[Values]
    journal_path: str | None
    draw: random.Random
    latency: float = 0.02
    met: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    _seen: Counter[str] = field(default_factory=Counter)

    def send(
        self,
        method: str,
        url: str,
        headers: t.Mapping[str, str],
        body: bytes | None = None,
        *,
        can_be_stopped: bool = True,
    ) -> Response:
        """As the session's ``send``."""
        self.process.step()
        if method != "GET":
            self.process.writes()
        asked = asked_of(len(self.service.log), self.run, method, url, headers)
        MACHINE.kernel.pause(self.draw.random() * self.latency)
        if can_be_stopped and self.around.must_stop():
            raise StopRequested
        self.process.step()
        fault = self._fault(asked)
        kind = fault["kind"] if fault else ""
        if fault is not None:
            self.met[kind] += 1
            asked.fault = kind
            asked.is_list = "items" in str(fault.get("options"))
        if kind == "not_sent":
            raise NotSent("ConnectionRefusedError: it is not there")
        self.sent += 1
        self.service.log.append(asked)
        if method != "GET":
            asked.had_intent = self._has_intent(asked)
        self.rivals.before_request()
        asked.after = len(self.service.changes)
        if kind == "lost_before":
            asked.effective = False
            raise Lost("ConnectionResetError: it was reset")
        if kind == "token":
            self.service.tokens.dead = self.service.tokens.last
        answer = self.service.handle(asked, url, headers, body or b"", _rule(fault, method))
        if kind in ("lost_after", "late", "slow"):
            MACHINE.kernel.pause(TIMEOUT if kind == "slow" else self.draw.random() * self.latency)
            self.process.step()
            raise Lost("ConnectionResetError: it was reset")
        MACHINE.kernel.pause(self.draw.random() * self.latency)
        # The answer is on its way; whether the process still lives to read it is another question.
        self.process.step()
        content = None if kind == "truncated" else self.service.payload(answer)
        return Response(answer.status, answer.headers, content, "the connection broke within the answer")

    def close(self) -> None:
        pass

    def _fault(self, asked: Asked) -> Values | None:
        sorts = ["any", "write" if asked.method != "GET" else "read"]
        if asked.method == "GET":
            sorts.append("one" if asked.ids else "list")
        for sort in sorts:
            self._seen[sort] += 1
        for fault in self.faults:
            if fault["on"] in sorts and 0 <= self._seen[fault["on"]] - 1 - fault["at"] < fault["count"]:
                return fault
        return None

    def _has_intent(self, asked: Asked) -> bool:
        if self.journal_path is None:
            return True
        return asked.request_id.encode() in HERE.disk.files[self.journal_path].synced


def _rule(fault: Values | None, method: str) -> Rule | None:
    """The emulator's rule for a fault that the service itself makes."""
    if fault is None:
        return None
    kind, options = fault["kind"], fault.get("options", {})
    if kind == "late":
        action, options = ("accepted", options) if method == "PATCH" else ("", {})
    else:
        action = ACTIONS.get(kind, "")
    return Rule(0, {}, action, options) if action else None


#: The emulator's action for each kind of fault that the service itself makes.
ACTIONS: t.Final = {
    "status": "status",
    "after_status": "apply_then_status",
    "html": "html",
    "empty": "empty",
    "body": "body",
    "stale": "stale_read",
    "not_applied": "not_applied",
    "accepted": "accepted",
    "refuse": "error",
    "throttle": "throttle",
}
