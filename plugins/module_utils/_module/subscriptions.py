# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A subscription as info modules and the inventory show it: in snake_case, with ``renewal``."""

from __future__ import annotations

import typing as t

from .._common import case
from .._common.problems import InvalidInput
from .._state import checks
from .._state.end_of_term.renewal import renewal
from .._state.model import Raw

COMPUTED_RENEWAL: t.Final = "renewal"
#: What every subscription is shown with: without it, nobody could tell which one it is.
ALWAYS: t.Final = ("id", "friendly_name", "offer_name")

#: Names of fields in snake_case; None for all there are.
Names = t.Optional[tuple[str, ...]]  # noqa: UP045 - pylint takes the other spelling for an operation


def parse_fields(option: str, value: t.Any) -> tuple[str, ...]:
    """Names of fields; raises InvalidInput for what is no list of names in snake_case."""
    if not isinstance(value, (list, tuple)):
        raise InvalidInput(option, f"must be a list of names, not {checks.shown(value)}.")
    return tuple(_name(f"{option}[{index}]", one) for index, one in enumerate(value))


def _name(option: str, value: t.Any) -> str:
    name = checks.text(option, value)
    wanted = case.to_snake(name)
    if name != wanted:
        raise InvalidInput(option, f"{name!r} is not in snake case.", f"Write it as {wanted}.")
    return name


def shown_subscription(raw: Raw, names: Names = None, *, has_extended_terms: bool) -> dict[str, t.Any]:
    """
    The subscription with ``renewal`` and all that was received, or with the named fields and ALWAYS; a named field that
    it lacks is null.
    """
    if names is None:
        return {**case.snake(raw), COMPUTED_RENEWAL: renewal(raw, has_extended_terms=has_extended_terms)}
    held = {case.to_snake(key): value for key, value in raw.items()}
    shown = {name: case.snake(held.get(name)) for name in dict.fromkeys((*ALWAYS, *names))}
    if COMPUTED_RENEWAL in names:
        shown[COMPUTED_RENEWAL] = renewal(raw, has_extended_terms=has_extended_terms)
    return shown
