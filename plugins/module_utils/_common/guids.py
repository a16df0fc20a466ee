# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. GUIDs: the API mixes upper and lower case between paths, bodies and links, so equality ignores case."""

from __future__ import annotations

import re
import typing as t

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_guid(value: t.Any) -> bool:
    return isinstance(value, str) and _GUID.fullmatch(value) is not None


def same_guid(one: t.Any, other: t.Any) -> bool:
    return isinstance(one, str) and isinstance(other, str) and one.lower() == other.lower()
