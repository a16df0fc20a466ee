# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not known about the service, and what a test wants to be otherwise: named, with a default.

Where Microsoft's pages are silent or disagree, the default is the best guess; ``--switch name=value`` and
``PATCH /_emulator/switches`` choose another.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from .switch_table import TABLE

# No longer than a century, whatever it is counted in: dates are reckoned with it.
_MOST = {"minutes": 52_560_000, "hours": 876_000, "days": 36_500}
_MOST_OTHERS = 3_200_000_000
_FORMS = {
    "foreign_origin": re.compile(r"(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?"),
    "entra_error": re.compile(r"((AADSTS)?[0-9]{1,9}|access_denied)?", re.IGNORECASE),
}


class SwitchError(ValueError):
    """An unknown switch or a value it does not take."""


@dataclass(frozen=True)
class Switch:
    name: str
    default: Any
    allowed: tuple[str, ...]
    kind: type
    about: str

    def convert(self, value: Any) -> Any:
        """Turn what a user wrote (text on the command line, JSON over HTTP) into the switch's own type."""
        if self.kind is bool:
            return self._boolean(value)
        if self.kind in (int, float):
            return value if isinstance(value, str) and value in self.allowed else self._number(value)
        if self.kind is list:
            return self._list(value)
        if isinstance(value, int) and str(value) in self.allowed:
            return str(value)
        if isinstance(value, int) and not isinstance(value, bool) and not self.allowed:
            value = str(value)
        if (
            not isinstance(value, str)
            or (self.allowed and value not in self.allowed)
            or not _FORMS.get(self.name, re.compile(".*")).fullmatch(value)
        ):
            raise SwitchError(f"{self.name} takes {self.takes()}, not {value!r}")
        return value

    def takes(self) -> str:
        names = {bool: "true or false", int: "an integer", float: "a number", list: "names separated by commas"}
        if self.kind in (int, float):
            return " or ".join((names[self.kind], *self.allowed))
        return ", ".join(self.allowed) or names.get(self.kind, "text")

    def _boolean(self, value: Any) -> bool:
        known = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in known:
            return known[value.lower()]
        raise SwitchError(f"{self.name} takes true or false, not {value!r}")

    def _number(self, value: Any) -> float:
        try:
            if isinstance(value, bool):
                raise ValueError
            number: float = self.kind(value)
            most = _MOST.get(self.name.rpartition("_")[2], _MOST_OTHERS)
            if not math.isfinite(number) or not 0 <= number <= most or (isinstance(value, float) and number != value):
                raise ValueError
            return number
        except (TypeError, ValueError, OverflowError):
            raise SwitchError(f"{self.name} takes {self.takes()}, not {value!r}") from None

    @staticmethod
    def _listed(text: str) -> Any:
        try:
            return json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(",")]
        except ValueError:
            return None

    def _list(self, value: Any) -> list[str]:
        if isinstance(value, str):
            value = self._listed(value)
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise SwitchError(f"{self.name} takes a list of names, not {value!r}")
        names = [part for part in value if part]
        wrong = [part for part in names if self.allowed and part not in self.allowed]
        if wrong:
            raise SwitchError(f"{self.name} takes {self.takes()}, not {', '.join(wrong)}")
        return names


CATALOGUE: dict[str, Switch] = {
    name: Switch(name, default, tuple(allowed), type(default), about) for name, default, allowed, about in TABLE
}


class Switches:
    """The switches as they stand. ``switches["bom"]`` reads one; :meth:`update` sets several or none."""

    def __init__(self, start: dict[str, Any] | None = None) -> None:
        self._values: dict[str, Any] = {name: switch.default for name, switch in CATALOGUE.items()}
        self.update(start or {})
        self._start = dict(self._values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def update(self, changes: dict[str, Any]) -> None:
        unknown = sorted(set(changes) - set(CATALOGUE))
        if unknown:
            raise SwitchError(f"unknown switch: {', '.join(unknown)}; known: {', '.join(CATALOGUE)}")
        self._values.update({name: CATALOGUE[name].convert(value) for name, value in changes.items()})

    def reset(self) -> None:
        self._values = dict(self._start)

    def values(self) -> dict[str, Any]:
        return dict(self._values)
