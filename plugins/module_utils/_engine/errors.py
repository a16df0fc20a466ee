# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What can go wrong with a write and only the engine can see (the whole tree is in _common/problems.py)."""

from __future__ import annotations

from .._common.problems import Problem


class NotApplied(Problem):
    """The API answered success, and the resource does not show it."""


class Damaged(Problem):
    """The change was made, and something changed that nobody asked for."""


class OperationTimedOut(Problem):
    """The API accepted the write (202) and did not finish in time: it may still happen."""


class OutcomeUnknown(Problem):
    """A write was sent, and whether it was applied cannot be found out."""


class Interrupted(Problem):
    """The run was told to end before the write was started."""
