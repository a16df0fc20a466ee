# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the values of a PATCH body. Readers get the value, what the service shows at present, and the switches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import bad_enum, bad_input
from ..switches import Switches

Reader = Callable[[Any, Any, Switches], Any]


def text(value: Any, _current: Any, _switches: Switches) -> str:
    if not isinstance(value, str):
        raise bad_input("A string was expected.")
    return value


def friendly_name(value: Any, current: Any, switches: Switches) -> str:
    name = text(value, current, switches)
    if not name.strip() and name != current:
        raise bad_input("FriendlyName must not be empty.")
    return name


def quantity(value: Any, _current: Any, _switches: Switches) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad_input("Quantity must be an integer.")
    return value


def flag(name: str) -> Reader:
    def read(value: Any, _current: Any, _switches: Switches) -> bool:
        if not isinstance(value, bool):
            raise bad_input(f"{name} must be true or false.")
        return value

    return read


def enum(values: tuple[str, ...], kind: str) -> Reader:
    def read(value: Any, current: Any, switches: Switches) -> str:
        given = text(value, current, switches)
        # What the service itself answered may come back, known or not.
        if given.lower() not in values and given.lower() != str(current).lower():
            raise bad_enum(value, kind)
        return given.lower() if given.lower() in values else given

    return read


def same(value: Any, current: Any) -> bool:
    return bool(value == current)


def same_text(value: Any, current: Any) -> bool:
    """Absent and empty are one."""
    return bool(value == (current or ""))


def same_enum(value: Any, current: Any) -> bool:
    return isinstance(current, str) and str(value).lower() == current.lower()
