# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of request bodies: the service binds them without regard to case."""

from __future__ import annotations

from typing import Any

from .errors import bad_input


def fold(value: Any) -> dict[str, Any]:
    """An object's keys in lower case.

    :raises Refusal: for anything but an object
    """
    if not isinstance(value, dict):
        raise bad_input("An object was expected.")
    return {str(key).lower(): part for key, part in value.items()}
