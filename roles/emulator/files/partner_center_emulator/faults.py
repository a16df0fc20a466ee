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

ACTIONS = (
    "status",
    "error",
    "throttle",
    "html",
    "body",
    "empty",
    "truncate",
    "redirect",
    "entra_error",
    "accepted",
    "delay",
    "reset_before",
    "reset_after",
    "apply_then_status",
    "apply_then_delay",
    "not_applied",
    "stale_read",
)
_MATCHES = ("method", "path", "query_contains", "body_contains", "customer")


class FaultError(ValueError):
    """A rule that cannot be understood."""


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

    def add(self, given: Any) -> Rule:
        """Add a rule.

        :raises FaultError: for an unknown action or match
        """
        if not isinstance(given, dict):
            raise FaultError("a rule is an object")
        options = dict(given)
        match, action = options.pop("match", {}), options.pop("action", "")
        if action not in ACTIONS:
            raise FaultError(f"unknown action {action!r}; known: {', '.join(ACTIONS)}")
        if not isinstance(match, dict) or set(match) - set(_MATCHES):
            raise FaultError(f"match is an object with {', '.join(_MATCHES)}")
        rule = Rule(
            next(self._numbers),
            {key: str(value) for key, value in match.items()},
            action,
            options,
            options.pop("times", 1),
            int(options.pop("skip", 0)),
            float(options.pop("probability", 1.0)),
        )
        self.rules.append(rule)
        return rule

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
