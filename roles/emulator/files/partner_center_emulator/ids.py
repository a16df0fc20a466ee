# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GUIDs, correlation vectors and server ids."""

from __future__ import annotations

import base64
import itertools
import os
import re
import uuid

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_VECTOR = base64.b64encode(os.urandom(12)).decode()[:12]
_counter = itertools.count(1)


def is_guid(value: str) -> bool:
    return bool(_GUID.fullmatch(value))


def new_guid() -> str:
    return str(uuid.uuid4())


def correlation_vector() -> str:
    """MS-CV as the service writes it: sixteen base64 characters, a dot and a counter."""
    number = base64.b64encode((next(_counter) % 0xFFFFFF).to_bytes(3, "big")).decode()
    return f"{_VECTOR}{number}.0"
