# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. How much room a journal needs for what the writes under way have still to say. Pure.

That is how each of them ended, the write that restores what one of them deletes, and the end of the run.
"""

from __future__ import annotations

import typing as t

from ..items import Key
from .journal_format import Event, Intent, Settled, WriteOutcome
from .unfinished_runs import UnfinishedCollector

#: Bytes of an error's text as JSON.
LONGEST_ERROR: t.Final = 1_500
#: Bytes of a line that says how a write ended.
_OUTCOME: t.Final = LONGEST_ERROR + 500
#: Bytes of the last line, without what is still to be restored.
_END: t.Final = 2_000


class Room:
    """``bytes``: what is needed now. ``earlier``: bytes of what earlier runs have left to be restored."""

    def __init__(self, earlier: int = 0) -> None:
        self.bytes = _END + earlier
        #: The subscriptions of the writes that have not ended, by request id.
        self._open: dict[str, Key] = {}
        self._restores: dict[Key, int] = {}

    def before(self, event: Event, length: int) -> None:
        """With a line of this length that is about to be written."""
        if not isinstance(event, Intent):
            return
        if event.request_id not in self._open:
            self._open[event.request_id] = event.key
            self.bytes += _OUTCOME
        if event.restores:
            # What is restored is in the line once, in that of the restoring write twice, and in the last one once.
            known = self._restores.get(event.key, 0)
            self._restores[event.key] = max(known, _OUTCOME + 3 * length)
            self.bytes += self._restores[event.key] - known

    def after(self, event: Event, unfinished: UnfinishedCollector) -> None:
        """Once the line is written: without what need not be said any more."""
        key = event.key if isinstance(event, Settled) else None
        if isinstance(event, WriteOutcome):
            key = self._open.get(event.request_id)
            if event.result in ("applied", "failed") and self._open.pop(event.request_id, None) is not None:
                self.bytes -= _OUTCOME
        if key is not None and not unfinished.has_pending(key):
            self.bytes -= self._restores.pop(key, 0)
