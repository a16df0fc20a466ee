# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A subscription as the emulator keeps it, and what is done to it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .prices import Charge


@dataclass
class Change:
    """Fields to set and to remove. Values are never altered in place, so that an old resource stays as it was."""

    values: dict[str, Any] = field(default_factory=dict)
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.removed)

    def over(self, resource: dict[str, Any]) -> dict[str, Any]:
        """The resource with this change made."""
        changed = {**resource, **self.values}
        for name in self.removed:
            changed.pop(name, None)
        return changed


@dataclass
class Pending:
    """A PATCH that was accepted and waits for its time (emulated seconds; None: for ever)."""

    due: float | None
    change: Change
    lost: bool
    applied: Callable[[], None]


@dataclass
class Hook:
    """Somebody else's change, made just before the n-th next request of a method."""

    method: str
    nth: int
    change: Change


@dataclass
class Record:
    customer_id: str
    resource: dict[str, Any]
    kind: str
    tags: tuple[str, ...]
    most_seats: int
    contact: dict[str, Any] | None = None
    previous: dict[str, Any] | None = None
    pending: Pending | None = None
    hooks: list[Hook] = field(default_factory=list)
    dirty: bool = False
    added: bool = False
    undecided_since: float | None = None
    suspended_since: float | None = None
    cancelled: bool = False
    charges: tuple[Charge, ...] = ()
    # The subscription that took this one's place, waiting to be put beside it.
    successor: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        # A test may have taken it away.
        return str(self.resource.get("id"))

    @property
    def etag(self) -> str:
        return str((self.resource.get("attributes") or {}).get("etag") or "")

    @property
    def status(self) -> str:
        return str(self.resource.get("status", "")).lower()

    @property
    def is_legacy(self) -> bool:
        return not self.resource.get("productType")

    @property
    def is_usage(self) -> bool:
        return str(self.resource.get("billingType", "")).lower() == "usage"

    @property
    def is_trial(self) -> bool:
        return bool(self.resource.get("isTrial"))

    def apply(self, change: Change, new_etag: bool = True) -> None:
        """Write ``change``. Legacy resources get a new etag with every change."""
        self.previous = self.resource
        resource = change.over(self.resource)
        if new_etag and self.etag and resource.get("attributes") == self.resource.get("attributes"):
            version = etag_version(self.etag) + 1
            resource["attributes"] = {**self.resource["attributes"], "etag": etag(self.id, version)}
        self.resource = resource
        self.dirty = True


def etag(subscription_id: str, version: int) -> str:
    """Legacy etags are base64 of the id in lower case and a version that grows with every change."""
    text = json.dumps({"id": subscription_id.lower(), "version": version}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def etag_version(value: str) -> int:
    """The version in a legacy etag; 1 where it cannot be read."""
    try:
        return int(json.loads(base64.b64decode(value))["version"])
    except (ValueError, KeyError, TypeError):
        return 1
