# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. ``set`` of a policy: settings whose texts may hold placeholders.

Everything is checked when it is read, with a stand-in in the place of each placeholder; what placeholders turn into is
checked again for each subscription.
"""

from __future__ import annotations

import typing as t

from ..._common.problems import InvalidInput
from ..._common.words import unknown_name
from .. import checks, kinds
from ..field import Parts
from .templates import Template, parse_template

#: What a policy can set. The contact is one field: two policies' contacts mixed would name somebody who does not exist.
KNOWN: t.Final = (*kinds.SUBSCRIPTION.names, *kinds.SUBSCRIPTION.clearing, *kinds.PARTS)

#: What stands in for a text with placeholders while the rest is checked. What is checked in another way (a status, a
#: flag) takes no placeholders: a customer's name must not be able to suspend a subscription.
_STAND_INS: t.Final[t.Mapping[checks.Check, t.Any]] = {
    checks.text: "x",
    checks.optional_text: "x",
    checks.guid: "00000000-0000-0000-0000-000000000000",
    checks.whole_number: 1,
}

#: (option path, value, its check, name of its field) -> the value to go on with
_Leaf = t.Callable[[str, t.Any, checks.Check, str], t.Any]


def check_set(option: str, value: t.Any) -> dict[str, t.Any]:
    """
    What a policy sets: field -> checked value, texts with placeholders as Templates; ``support_contact`` is a field.

    Raises InvalidInput naming the option path for unknown names, wrong types, contradictions, bad placeholders, and
    when nothing is set.
    """
    if not isinstance(value, dict):
        raise InvalidInput(option, "must be a dictionary.")
    for name in value:
        if name not in KNOWN:
            raise InvalidInput(f"{option}.{name}", unknown_name(str(name), KNOWN))
    settings = {name: item for name, item in value.items() if name not in kinds.PARTS}
    checked = _checked(kinds.SUBSCRIPTION, settings, f"{option}.")
    for name, part in kinds.PARTS.items():
        if value.get(name) is not None:
            checked[name] = _checked_part(part, f"{option}.{name}", value[name])
    if not checked:
        raise InvalidInput(option, f"sets nothing; known are {', '.join(KNOWN)}.")
    return checked


def templates_in(value: t.Any) -> t.Iterator[Template]:
    if isinstance(value, Template):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from templates_in(item)


def fill_in(kind: kinds.Kind, values: t.Mapping[str, t.Any], rendered: t.Callable[[Template], str]) -> dict[str, t.Any]:
    """The values with every template rendered and checked like any other; raises InvalidInput, naming the field."""

    def leaf(_option: str, value: t.Any, _check: checks.Check, _field: str) -> t.Any:
        return rendered(value) if isinstance(value, Template) else value

    filled = _walk(kind, values, "", leaf)
    by_name = {item.name: item for item in kind.settings}
    return {
        name: by_name[name].check(name, filled[name]) if any(templates_in(value)) else value
        for name, value in values.items()
    }


def _checked_part(part: kinds.Kind, option: str, value: t.Any) -> dict[str, t.Any]:
    if not isinstance(value, dict):
        raise InvalidInput(option, "must be a dictionary.")
    checked = _checked(part, value, f"{option}.")
    if not checked:
        known = ", ".join(part.names)
        raise InvalidInput(option, f"says nothing: give at least one of {known}.")
    return checked


def _checked(kind: kinds.Kind, values: t.Mapping[str, t.Any], path: str) -> dict[str, t.Any]:
    parsed = _walk(kind, values, path, _parsed)
    checked = kind.check_settings(_walk(kind, parsed, path, _stand_in), path)
    return {name: parsed[name] if any(templates_in(parsed.get(name))) else item for name, item in checked.items()}


def _parsed(option: str, value: t.Any, check: checks.Check, field: str) -> t.Any:
    if not isinstance(value, str) or check not in _STAND_INS or not ("{" in value or "}" in value):
        return value
    checks.writable(option, value)
    template = parse_template(option, checks.text(option, value))
    if isinstance(template, str):
        return template
    if field in template.names:
        raise InvalidInput(
            option, f"must not hold {{{field}}}, its own value: it would change again with every run.", "Write it out."
        )
    if check is checks.whole_number and not (template.is_bare and template.names == {"quantity"}):
        raise InvalidInput(option, 'takes a whole number, or just "{quantity}".')
    return template


def _stand_in(_option: str, value: t.Any, check: checks.Check, _field: str) -> t.Any:
    return _STAND_INS[check] if isinstance(value, Template) else value


def _walk(kind: kinds.Kind, values: t.Mapping[str, t.Any], path: str, leaf: _Leaf) -> dict[str, t.Any]:
    """A copy of settings, ``leaf`` applied to every single value; what has the wrong shape is left to the checks."""
    walked = dict(values)
    for item in kind.settings:
        value = walked.get(item.name)
        if value is not None:
            part: checks.Check | Parts = item.parts or item.check
            walked[item.name] = _walk_part(f"{path}{item.name}", value, part, item.name, leaf)
    return walked


def _walk_part(option: str, value: t.Any, part: checks.Check | Parts, field: str, leaf: _Leaf) -> t.Any:
    if not isinstance(part, t.Mapping):
        return leaf(option, value, part, field)
    if not isinstance(value, dict):
        return value
    return {
        name: _walk_part(f"{option}.{name}", item, part[name], field, leaf) if name in part else item
        for name, item in value.items()
    }
