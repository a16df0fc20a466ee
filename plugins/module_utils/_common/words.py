# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Small pieces of sentences for people."""

from __future__ import annotations


def many(count: int, noun: str) -> str:
    """``1 seat``, ``2 seats``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
