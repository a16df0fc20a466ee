# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked of the emulator: a bounded list of requests, and counters."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Entry:
    """One request. Kept raw; :meth:`show` spends the time only when somebody looks."""

    n: int
    time: float
    method: str
    path: str
    query: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    endpoint: str = ""
    status: int | None = None
    request_id: str = ""
    correlation_id: str = ""
    effective: bool | None = None
    fault: str = ""

    def show(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": {name: self._hidden(name, value) for name, value in _decoded(self.headers)},
            "body": self.body.decode("utf-8", "replace"),
            "endpoint": self.endpoint,
            "status": self.status,
            "request_id": self.request_id,
            "correlation_id": self.correlation_id,
            "effective": self.effective,
            "fault": self.fault,
        }

    @staticmethod
    def _hidden(name: str, value: str) -> str:
        return "sha256:" + hashlib.sha256(value.encode()).hexdigest() if name == "authorization" else value


def _decoded(headers: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]


class Journal:
    def __init__(self, size: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self._number = 0
        self.clear_counters()

    def clear_counters(self) -> None:
        self.total = self.writes = self.effective_writes = self.throttled = self.tokens = self.repeated = 0
        self.by_method: Counter[str] = Counter()
        self.by_endpoint: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()

    def clear(self) -> None:
        self._entries.clear()

    def open(
        self, time: float, method: str, path: str, query: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Entry:
        """Note a request as it arrives; its status is filled in when it is answered."""
        self._number += 1
        entry = Entry(self._number, time, method, path, query, headers, body)
        self._entries.append(entry)
        return entry

    def count(self, entry: Entry) -> None:
        """Count a request of the API (sign-ins are counted apart)."""
        self.total += 1
        self.by_method[entry.method] += 1
        self.by_endpoint[entry.endpoint] += 1
        if entry.method not in ("GET", "HEAD", "OPTIONS"):
            self.writes += 1

    def close(self, entry: Entry, status: int | None) -> None:
        entry.status = status
        self.by_status[str(status)] += 1

    def took_effect(self, entry: Entry | None) -> None:
        self.effective_writes += 1
        if entry is not None:
            entry.effective = True

    def entries(self, since: int = 0) -> list[dict[str, Any]]:
        return [entry.show() for entry in self._entries if entry.n > since]

    def counters(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "by_method": dict(self.by_method),
            "writes": self.writes,
            "effective_writes": self.effective_writes,
            "by_endpoint": dict(self.by_endpoint),
            "by_status": dict(self.by_status),
            "throttled": self.throttled,
            "replayed": self.repeated,
            "tokens": self.tokens,
        }
