# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The third-party libraries, looked for without importing them: msal costs time that a cached token saves."""

from __future__ import annotations

from importlib.util import find_spec


def missing_requirement(*, sign_in: bool = True) -> str | None:
    """The name of a library that is needed and not there, or None. ``sign_in``: whether tokens will be asked for."""
    needed = ("requests", "msal") if sign_in else ("requests",)
    return next((name for name in needed if find_spec(name) is None), None)
