# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Secrets: which values must never be shown, and how text is cleared of them."""

from __future__ import annotations

import typing as t
from threading import Lock

#: What Ansible (and we) print in place of a secret.
PLACEHOLDER = "********"
#: What Ansible puts in the place of a no_log parameter in a saved result.
NO_LOG_VALUE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
#: Shorter secrets would make redaction eat ordinary text.
SHORTEST_SECRET = 8


def is_redacted(value: t.Any) -> bool:
    """Whether a value was redacted on its way here: such a value must never be used or written back."""
    return isinstance(value, str) and (value == NO_LOG_VALUE or PLACEHOLDER in value)


class Redactor:
    """Collects secrets, those obtained during the run included, and removes them from text. Thread safe."""

    def __init__(self, on_add: t.Callable[[str], None] | None = None) -> None:
        self._secrets: set[str] = set()
        self._lock = Lock()
        self._on_add = on_add

    def add(self, secret: str | None) -> None:
        """From now on ``secret`` is removed by :meth:`scrub`; very short ones are ignored."""
        if not secret or len(secret) < SHORTEST_SECRET:
            return
        with self._lock:
            self._secrets.add(secret)
        if self._on_add is not None:
            self._on_add(secret)

    def scrub(self, text: str) -> str:
        """``text`` with every known secret replaced, the longest first so that none leaves a tail."""
        with self._lock:
            secrets = sorted(self._secrets, key=len, reverse=True)
        for secret in secrets:
            text = text.replace(secret, PLACEHOLDER)
        return text

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"
