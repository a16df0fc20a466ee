# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What the engine tells a journal, and the journal of tasks that keep none."""

from __future__ import annotations

import typing as t

from ..._common.problems import Problem
from ..._state.checks import Values
from ..._state.model import Target, Write


class JournalError(Problem):
    """The journal cannot be used, so nothing (more) is written to Partner Center."""


class Journal(t.Protocol):
    """
    Is told of every write before and after; from any thread.

    Only ``intent`` raises: what is done is not undone by a line that is missing. ``failure`` says so afterwards.
    """

    @property
    def failure(self) -> JournalError | None:
        """What went wrong with a line, if anything did."""

    def intent(
        self, write: Write, before: Values, after: Values, request_id: str, restores: t.Sequence[str] = ()
    ) -> None:
        """The write is about to be sent."""

    def outcome(
        self,
        request_id: str,
        result: str,
        correlation_id: str | None = None,
        error: str | None = None,
        *,
        is_blocked: bool = False,
    ) -> None:
        """What came of it."""

    def settled(self, target: Target, names: t.Sequence[str]) -> None:
        """These scheduled changes are not owed any more."""


class NoJournal:
    """For tasks that keep none."""

    failure: JournalError | None = None

    def intent(
        self, write: Write, before: Values, after: Values, request_id: str, restores: t.Sequence[str] = ()
    ) -> None:
        pass

    def outcome(
        self,
        request_id: str,
        result: str,
        correlation_id: str | None = None,
        error: str | None = None,
        *,
        is_blocked: bool = False,
    ) -> None:
        pass

    def settled(self, target: Target, names: t.Sequence[str]) -> None:
        pass
