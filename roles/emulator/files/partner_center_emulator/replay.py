# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-RequestId as idempotency key ("Partner Center REST headers"): a write that was answered is answered again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from .wire import Answer

_REMEMBERED = 50_000


@dataclass(frozen=True)
class Stored:
    answer: Answer
    until: float


class Replay:
    """Answers by request id, method and path; times in emulated seconds."""

    def __init__(self) -> None:
        self._stored: OrderedDict[tuple[str, str, str], Stored] = OrderedDict()

    def find(self, request_id: str, method: str, path: str, now: float) -> Answer | None:
        key = (request_id.lower(), method, path.lower())
        stored = self._stored.get(key)
        if stored is None:
            return None
        if stored.until < now:
            del self._stored[key]
            return None
        return stored.answer

    def keep(self, request_id: str, method: str, path: str, answer: Answer, until: float) -> None:
        self._stored[request_id.lower(), method, path.lower()] = Stored(answer, until)
        while len(self._stored) > _REMEMBERED:
            self._stored.popitem(last=False)

    def clear(self) -> None:
        self._stored.clear()
