# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line, understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Options:
    """How an emulator is started; ``start`` is what its clock shows then."""

    host: str
    port: int
    directory: Path
    customers: int
    subscriptions_per_customer: int
    seed: int
    state: Path | None = None
    switches: dict[str, Any] = field(default_factory=dict)
    log_size: int = 50_000
    start: datetime | None = None
    plain: bool = False
    names: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
