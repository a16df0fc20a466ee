# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What a plan says will be changed, or a journal says was changed, as one class. Pure.

Nothing redacted gets past here: a redacted value must never be written back.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

from ..._common.problems import InvalidInput, Refused
from ..._common.redaction import is_redacted
from .. import checks, kinds
from ..end_of_term import effect
from ..fields import AUTO_RENEW
from ..items import Key
from ..schedules.table import NAMES
from . import plan_file
from .journal_lines import is_line
from .text import NotJson, parse_text, without_mark

_NEEDED: t.Final = ("customer_id", "subscription_id", "field", "before", "after")


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """
    One field of one subscription. ``field``: a setting, or ``support_contact``. ``before`` and ``after``: as an option
    would give them, None for no value. ``reversible``: the plan's own word, None where there is none (a journal).
    ``where``: the place in the source, for messages.
    """

    where: str
    customer_id: str
    subscription_id: str
    field: str
    before: t.Any
    after: t.Any
    reversible: str | None = None
    reason: str = ""
    customer_name: str = ""
    offer_name: str = ""
    #: Scheduled changes, and auto-renew, that go with the change: field -> value, as results show them.
    drops: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    #: What the field was as it was received, where ``before`` does not say all of it.
    received: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    #: What a rollback makes it again, as it was received, where ``after`` does not say all of it.
    lays_back: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def is_none(self) -> bool:
        """Whether before and after are the same. A default is no decision that could be the same as one."""
        found = effect.read_pair(self.received) if self.received else None
        is_decided = self.after == "extended_service_term" and found is not None and not found.is_explicit
        is_other = bool(self.lays_back) and not (found is not None and effect.is_pair(found, self.lays_back))
        return means_same(self.field, self.before, self.after) and not (is_decided or is_other)

    @property
    def key(self) -> Key:
        """The subscription, whatever the case of its ids."""
        return self.customer_id.lower(), self.subscription_id.lower()


def changes_of_plan(source: t.Any) -> t.Iterator[RecordedChange]:
    """
    The changes of a plan: a ``plan`` list, a plan file's content (or its text), or a result that holds a ``plan``.

    Raises InvalidInput naming the entry, and Refused for a plan file of another format or a redacted value.
    """
    value = parse_plan(source) if isinstance(source, str) else source
    name, entries = _recorded_entries(source if value is None else value)
    seen: dict[tuple[str, str, str], int] = {}
    for index, entry in enumerate(entries):
        where = f"{name}[{index}]"
        one = _of_entry(plain_json(entry, where), where)
        first = seen.setdefault((*one.key, one.field), index)
        if first != index:
            raise InvalidInput(where, f"is about the same field of the same subscription as {name}[{first}].")
        yield one


def parse_plan(text: str) -> t.Any:
    """A plan from its text, or None where the text is none: a journal has more than one line, or is one."""
    try:
        value = parse_text(without_mark(text, "plan"))
    except NotJson:
        return None
    return value if isinstance(value, list) or (isinstance(value, dict) and not is_line(value)) else None


def _recorded_entries(source: t.Any) -> tuple[str, t.Sequence[t.Any]]:
    if isinstance(source, (list, tuple)):
        return "plan", source
    if isinstance(source, t.Mapping):
        if "format" in source or isinstance(source.get("changes"), (list, tuple)):
            plan_file.require_format(source)
            return "changes", source["changes"]
        if isinstance(source.get("plan"), (list, tuple)):
            return "plan", source["plan"]
    # Showing the value makes a template's undefined one say its own name.
    shown = "a dictionary without them" if isinstance(source, t.Mapping) else f"{source!s:.80}"
    raise InvalidInput("plan", f"must be a result's plan, or the content of a plan file with its changes, not {shown}.")


def _of_entry(entry: t.Any, where: str) -> RecordedChange:
    """The change that a plan's entry describes; raises InvalidInput naming what is wrong with it."""
    if not isinstance(entry, dict):
        raise InvalidInput(where, "must be a dictionary that describes a change.")
    missing = [name for name in _NEEDED if name not in entry]
    if missing:
        raise InvalidInput(where, f"lacks {', '.join(missing)}.")
    return checked_change(
        where,
        entry["customer_id"],
        entry["subscription_id"],
        entry["field"],
        entry["before"],
        entry["after"],
        **{name: str(entry.get(name) or "") for name in ("reason", "customer_name", "offer_name")},
        reversible=entry.get("reversible"),
        drops=_drops(entry.get("drops"), f"{where}.drops"),
        **{name: one for name in ("received", "lays_back") if isinstance(one := entry.get(name), dict)},
    )


def _drops(value: t.Any, where: str) -> dict[str, t.Any]:
    """As a plan shows them; :func:`as_option` makes them what options would give."""
    if value in (None, {}):
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, (dict, list)) or one is True for one in value.values()):
        raise InvalidInput(where, "must be a dictionary of scheduled changes.")
    unknown = [name for name in value if name not in (*NAMES, AUTO_RENEW)]
    if unknown:
        raise InvalidInput(f"{where}.{unknown[0]}", f"is not known; known are {', '.join((*NAMES, AUTO_RENEW))}.")
    return value


def checked_change(
    where: str, customer_id: t.Any, subscription_id: t.Any, field: t.Any, before: t.Any, after: t.Any, **about: t.Any
) -> RecordedChange:
    """A checked change; raises InvalidInput where an id, the field or what it shall become is not valid."""
    if field not in kinds.ITEM_NAMES:
        raise InvalidInput(f"{where}.field", f"{field!r} is not known; known are {', '.join(kinds.ITEM_NAMES)}.")
    if kinds.item_setting(field).received is not None:
        about |= {"received": before} if isinstance(before, dict) else {}
        about |= {"lays_back": after} if isinstance(after, dict) else {}
    was = as_option(field, before)
    if kinds.item_setting(field).parts and not isinstance(was, (dict, type(None))):
        raise InvalidInput(f"{where}.before", "must be a dictionary, or null for no value.")
    return RecordedChange(
        where,
        checks.guid(f"{where}.customer_id", customer_id),
        checks.guid(f"{where}.subscription_id", subscription_id),
        field,
        was,
        _checked_after(field, as_option(field, after), f"{where}.after"),
        **about,
    )


def as_option(field: str, value: t.Any) -> t.Any:
    """A value as results show it, the way an option gives it: known keys only, None for no value."""
    return kinds.item_setting(field).recorded(value)


def means_same(field: str, one: t.Any, other: t.Any) -> bool:
    """Whether two values (as options) mean the same."""
    return kinds.item_setting(field).same(one, other)


def plain_json(value: t.Any, where: str) -> t.Any:
    """
    A copy in nothing but JSON's types, whatever Ansible wraps its own values in.

    Raises Refused for a redacted value, and InvalidInput for what is not JSON.
    """
    # In the order of how often they come: plans have a hundred thousand of them.
    if isinstance(value, str):
        if is_redacted(value):
            raise Refused(
                f"{where} was redacted when this was saved, and a redacted value must never be written back.",
                "Save the plan without no_log, or correct the value by hand.",
            )
        return str.__str__(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, dict):
        return {plain_json(key, where): plain_json(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, float):
        return float(value)
    raise InvalidInput(where, f"is not a value that JSON knows: {value!s:.80}.")


def _checked_after(field: str, after: t.Any, where: str) -> t.Any:
    if after is None:
        if kinds.item_setting(field).clear_option:
            return None
        raise InvalidInput(where, f"{field} cannot be changed to nothing.")
    setting = kinds.item_setting(field)
    # A rollback lays back what was received, which can have an effect that nobody could ask for.
    return checked_value(field, after, where) if setting.received is None else setting.checked_expectation(where, after)


def checked_value(field: str, value: t.Any, where: str) -> t.Any:
    """The value if an option could give it; raises InvalidInput otherwise."""
    return kinds.item_setting(field).check(where, value)
