# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Null is not "all": a restriction that is given without a value would restrict nothing.

It happens where all lines of a variable are commented out, or a template has no value. Before ansible-core 2.19 such a
template makes an empty text, so that counts, too.
"""

from __future__ import annotations

import json
import typing as t

from .._common.problems import InvalidInput

_EMPTY: t.Final = (None, "")


def refuse_nulls(given: t.Mapping[str, t.Any], *paths: str) -> None:
    """
    Raises InvalidInput naming the first of the options at ``paths`` that is given, but null or an empty text.

    ``given`` is what the task wrote, before Ansible fills in what it leaves out. A path is an option's name, or goes
    on: ``policies[].match`` in each item of a list, ``guard.*`` for each key of a dictionary.
    """
    for path in paths:
        for option, value in _found(given, path.replace("[]", ".[]").split("."), ""):
            if (isinstance(value, str) and not value.strip()) or value in _EMPTY:
                raise InvalidInput(
                    option,
                    "is given, but has no value (null or an empty text), and would restrict nothing.",
                    "Give it a value, or leave the option out. If it is a variable, look at what fills it.",
                )


def _found(value: t.Any, steps: t.Sequence[str], path: str) -> t.Iterator[tuple[str, t.Any]]:
    if not steps:
        yield path, value
        return
    step, later = steps[0], steps[1:]
    if step == "[]":
        for index, item in enumerate(value if isinstance(value, list) else []):
            yield from _found(item, later, f"{path}[{index}]")
        return
    parts = _as_mapping(value)
    for name in parts if step == "*" else [step]:
        if name in parts:
            yield from _found(parts[name], later, f"{path}.{name}" if path else name)


def _as_mapping(value: t.Any) -> t.Mapping[str, t.Any]:
    """A dictionary, which Ansible also takes as JSON."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, t.Mapping) else {}
