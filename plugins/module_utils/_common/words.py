# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Small pieces of sentences for people."""

from __future__ import annotations

import typing as t


def many(count: int, noun: str) -> str:
    """``1 seat``, ``2 seats``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def some(texts: t.Sequence[str], most: int, joint: str = ", ", before_rest: str = " ") -> str:
    """The first of them, at most so many, and how many more there are."""
    rest = len(texts) - most
    return joint.join(texts[:most]) + (f"{before_rest}and {rest} more" if rest > 0 else "")
