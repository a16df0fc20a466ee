# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripted faults: rules that a test leaves, matched against requests in their order."""

from __future__ import annotations

import fnmatch
import itertools
import random
from dataclasses import dataclass, field
from typing import Any

from . import given
from .switches import CATALOGUE

_STATUS = {"status": given.integer(200, 599), "headers": given.HEADERS}
# Of what keeps a request from the service.
_UNTOUCHED = {"apply": given.BOOLEAN, "store": given.BOOLEAN}
_FAULT = {
    **_STATUS,
    "code": given.integer(0, 2**31 - 1),
    "description": given.TEXT,
    "source": given.TEXT,
    "body": given.BODY,
    "content_type": given.HEADER,
}
_SECONDS = {"seconds": given.SECONDS}

#: Each action with its options.
ACTIONS: dict[str, dict[str, given.Kind]] = {
    "status": {**_FAULT, **_UNTOUCHED},
    "error": {**_FAULT, **_UNTOUCHED},
    "throttle": {**_SECONDS, **_UNTOUCHED},
    "html": {**_STATUS, "body": given.TEXT, **_UNTOUCHED},
    "body": {**_STATUS, "body": given.BODY, "content_type": given.HEADER, **_UNTOUCHED},
    "empty": {},
    "truncate": {},
    "redirect": {**_STATUS, "location": given.HEADER, **_UNTOUCHED},
    "entra_error": {"code": given.integer(1, 2**31 - 1)},
    "accepted": {
        "seconds": given.number(0, 1e9).or_null(),
        "location": given.one_of(*CATALOGUE["accepted_location"].allowed),
        "lost": given.BOOLEAN,
    },
    "delay": _SECONDS,
    "reset_before": {},
    "reset_after": {},
    "apply_then_status": {**_FAULT, "store": given.BOOLEAN},
    "apply_then_delay": _SECONDS,
    "not_applied": {"show": given.one_of("old", "new")},
    "stale_read": {},
}
_ACTION = given.one_of(*ACTIONS)
_MATCH = dict.fromkeys(("method", "path", "query_contains", "body_contains", "customer"), given.TEXT)
_WHEN = {
    "times": given.integer(0, 10**9).or_null(),
    "skip": given.integer(0, 10**9),
    "probability": given.number(0, 1),
}


@dataclass
class Rule:
    """``skip`` requests pass, then the rule acts ``times`` times (None: always)."""

    id: int
    match: dict[str, str]
    action: str
    options: dict[str, Any]
    times: int | None = 1
    skip: int = 0
    probability: float = 1.0
    seen: int = 0
    used: int = 0

    def fits(self, method: str, path: str, query: str, body: bytes) -> bool:
        match = self.match
        if "method" in match and method not in match["method"].upper().split(","):
            return False
        if "path" in match and not fnmatch.fnmatchcase(path.lower(), match["path"].lower()):
            return False
        if "customer" in match and f"/customers/{match['customer'].lower()}" not in path.lower():
            return False
        if match.get("query_contains", "") not in query:
            return False
        return match.get("body_contains", "").encode() in body

    def show(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "match": self.match,
            "action": self.action,
            "times": self.times,
            "skip": self.skip,
            "probability": self.probability,
            "seen": self.seen,
            "used": self.used,
            **self.options,
        }


@dataclass
class Faults:
    seed: int = 0
    rules: list[Rule] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)

    def add(self, *rules: Any) -> list[Rule]:
        """Add rules, or none of them.

        :raises GivenError: for what is no rule
        """
        added = [self._read(rule) for rule in rules]
        self.rules += added
        return added

    def _read(self, rule: Any) -> Rule:
        action = _ACTION.read("action of a rule", given.OBJECT.read("a rule", rule).get("action"))
        options = given.fields(
            {name: value for name, value in rule.items() if name not in ("action", "match")},
            {**_WHEN, **ACTIONS[action]},
            f"a rule of action {action}",
        )
        match = given.fields(rule.get("match", {}), _MATCH, "match")
        when = {name: options.pop(name) for name in _WHEN if name in options}
        return Rule(next(self._numbers), match, action, options, **when)

    def find(self, method: str, path: str, query: str, body: bytes) -> Rule | None:
        """The first rule that acts on this request."""
        for rule in self.rules:
            if not rule.fits(method, path, query, body):
                continue
            rule.seen += 1
            if rule.seen <= rule.skip or (rule.times is not None and rule.used >= rule.times):
                continue
            if rule.probability < 1 and self._draw.random() >= rule.probability:
                continue
            rule.used += 1
            return rule
        return None

    def clear(self) -> None:
        self.rules.clear()
        self._draw = random.Random(self.seed)
