# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What a row of the table of settings holds, and what can be done with any of them.

Everything about a setting is in its row: a new one is a row in ``_state/fields`` and its documentation. Most settings
are one of the API's fields (:func:`single`). One that the API keeps in several reads its value from the whole resource,
and says what all of these fields become.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass
from datetime import datetime

from .._common import case
from .._common.case import Raw
from . import checks, instructions, wording

#: What a resource says of a field that it does not hold at all: unknown, not null.
UNKNOWN: t.Final = object()
#: What a field becomes that shall have no value: it is left out of the body, which is the documented way, or null.
CLEARED: t.Final = object()

_NO_VALUE: t.Final[tuple[t.Any, ...]] = (None, "", {}, [])


def exactly(current: t.Any, wanted: t.Any) -> bool:
    return type(current) is type(wanted) and bool(current == wanted)


def ignoring_case(current: t.Any, wanted: t.Any) -> bool:
    return isinstance(current, str) and isinstance(wanted, str) and current.lower() == wanted.lower()


#: The keys of a dictionary and their checks, those of a dictionary within it included.
Parts: t.TypeAlias = "t.Mapping[str, checks.Check | t.Mapping[str, checks.Check]]"


@dataclass(frozen=True, slots=True)
class Reversal:
    """Whether a change can be undone: ``yes``, ``no`` or ``until <time>``, and why."""

    reversible: str
    reason: str = ""


ScheduledChanges = t.Literal["restore", "refuse", "drop"]


@dataclass(frozen=True, slots=True)
class Conditions:
    """
    What planning depends on besides the resource. ``has_extended_terms``: whether the cloud has extended service terms;
    ``is_rollback``: what was there is laid back, and nobody is kept from that.
    """

    scheduled_changes: ScheduledChanges = "restore"
    has_extended_terms: bool = True
    is_rollback: bool = False


USUAL: t.Final = Conditions()


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that a task asks for, with all that the task asks for and the resource as it is."""

    value: t.Any
    wanted: t.Mapping[str, t.Any]
    raw: Raw
    now: datetime
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class Prediction:
    """Said of a change before it is made. ``codes``: of the refusal that is expected; None where none is."""

    text: str
    codes: tuple[str, ...] | None = None


YES: t.Final = Reversal("yes")


def always_reversible(_before: t.Any, _after: t.Any, _raw: Raw, _now: datetime) -> Reversal:
    return YES


def never_refused(_asked: Asked) -> None:
    """Nothing is known that Partner Center refuses."""


def text_of(key: str) -> t.Callable[[Raw], str]:
    """A placeholder that stands for one of the API's texts as it is."""
    return lambda raw: case.text(raw, key)


def no_predictions(_asked: Asked) -> t.Iterable[Prediction]:
    return ()


@dataclass(frozen=True, slots=True)
class Field:
    """
    ``name``: the option; ``keys``: the API's fields that it is made of, the most telling one first; ``check``: of what
    a user asks. A wanted None clears the setting.
    """

    name: str
    keys: tuple[str, ...]
    check: checks.Check
    #: Its value in a received resource, or UNKNOWN where that does not tell.
    current: t.Callable[[Raw], t.Any]
    #: (wanted, the body that it is laid over) -> what the API's fields become; CLEARED for none, None for a null.
    to_api: t.Callable[[t.Any, Raw], t.Mapping[str, t.Any]]
    #: Its value, where what that means depends on the cloud, too.
    current_under: t.Callable[[Raw, Conditions], t.Any] | None = None
    #: (the resource, wanted, conditions) -> whether it shows that this was written, although it shows another value.
    is_shown_otherwise: t.Callable[[Raw, t.Any, Conditions], bool] | None = None
    #: Does the current value satisfy the wanted one.
    satisfies: t.Callable[[t.Any, t.Any], bool] = exactly
    #: The current value as users see it.
    shown: t.Callable[[t.Any], t.Any] = case.snake
    #: Shape of the option: a ``raw`` one is checked here, because Ansible would turn anything into a string.
    option: t.Mapping[str, t.Any] = dataclasses.field(default_factory=lambda: {"type": "raw"})
    #: Absent from a PATCH body, the API resets it; a change nobody asked for is damage.
    #: (Microsoft, "Update a subscription by ID", note on the request body.)
    carried: bool = False
    #: (before, after), as results show them -> in people's words.
    words: t.Callable[[t.Any, t.Any], wording.Worded] = wording.plainly
    #: Of what a user expects, where that may be more than what can be asked for.
    check_expected: checks.Check | None = None
    #: Does the current value satisfy the expected one, where that is another question than :attr:`satisfies`.
    meets: t.Callable[[t.Any, t.Any], bool] | None = None
    #: What is kept of the current value to lay it back as it was received, where a user could not ask for it.
    received: t.Callable[[t.Any], t.Mapping[str, t.Any]] | None = None
    #: The option that clears it, for what null cannot say: a null is no value given.
    clear_option: str | None = None
    #: Of a dictionary, its keys and their checks.
    parts: Parts = dataclasses.field(default_factory=dict)
    #: How the names of a dictionary's parts begin where each has a column of its own: in tables.
    column: str = ""
    #: What is left out of a dictionary is taken from the current one. Else it stays as it is, or is looked up.
    is_completed: bool = False
    #: A value that results show, the way the option gives it.
    as_option: t.Callable[[t.Any], t.Any] | None = None
    #: Whether two values mean the same, as options give them, where ``satisfies`` does not tell.
    equal: t.Callable[[t.Any, t.Any], bool] | None = None
    #: (before, after, the resource, now) -> whether the change can be undone; None where the usual rule holds: a value
    #: cannot be cleared.
    undo: t.Callable[[t.Any, t.Any, Raw, datetime], Reversal] | None = None
    #: Raises Refused for what cannot succeed whatever the server thinks, so that nothing of the item is written.
    refuse: t.Callable[[Asked], None] = never_refused
    #: What the server is expected to refuse or to do besides.
    predict: t.Callable[[Asked], t.Iterable[Prediction]] = no_predictions
    #: Keys of the API that planning it looks at besides its own. ``productType`` is only looked at where nothing else
    #: tells new commerce from legacy subscriptions.
    looks_at: tuple[str, ...] = ()
    #: Of all these keys, those that a resource may be without: where a list has them, one that lacks them has none.
    optional_keys: tuple[str, ...] = ()
    #: How ``match`` takes values for it: ``globs``, ``words``, ``flags`` or ``ranges``; None where it is no key there.
    match: t.Literal["globs", "words", "flags", "ranges"] | None = None
    #: What ``match`` compares, where that is not its first key as received; None where there is nothing.
    fact: t.Callable[[Raw], t.Any] | None = None
    #: What stands for it in texts of policies, empty where it has no value; None where it is no placeholder.
    placeholder: t.Callable[[Raw], str] | None = None

    def reversal(self, before: t.Any, after: t.Any, raw: Raw, now: datetime) -> Reversal:
        """Whether the change from ``before`` to ``after`` (as users see them) can be undone."""
        if self.undo is not None:
            return self.undo(before, after, raw, now)
        if before not in (None, ""):
            return YES
        return Reversal("no", f"{self.name} had no value, and Partner Center has no way to clear it")

    def recorded(self, value: t.Any) -> t.Any:
        """A value as results and journals show it, the way an option gives it: known keys only, None for no value."""
        if self.as_option is not None:
            return self.as_option(value)
        if self.parts:
            return _known_parts(value, self.parts)
        return None if value in _NO_VALUE else value

    def same(self, one: t.Any, other: t.Any) -> bool:
        """Whether two values (as options give them) mean the same."""
        if one is None or other is None:
            return one is other
        return (self.equal or self.satisfies)(one, other)

    def checked_expectation(self, option: str, value: t.Any) -> t.Any:
        """What a user expects, checked; None for no value. A blank name can be there, though nobody can ask for one."""
        if value is None or value == "":
            return None
        if isinstance(value, str) and not value.strip() and self.check_expected is None:
            return value
        return (self.check_expected or self.check)(option, value)

    def matches(self, raw: Raw, wanted: t.Any) -> bool:
        """Whether the resource already is as wanted; a missing key counts as no value."""
        value = self.current(raw)
        value = None if value is UNKNOWN else value
        if wanted is None:
            return value in _NO_VALUE
        return self.satisfies(value, wanted)

    def value(self, raw: Raw, conditions: Conditions = USUAL) -> t.Any:
        """The current value, or UNKNOWN. Its meaning may depend on the conditions, whether it is as wanted does not."""
        return self.current(raw) if self.current_under is None else self.current_under(raw, conditions)

    def is_as_expected(self, raw: Raw, expected: t.Any, conditions: Conditions = USUAL) -> bool:
        """Whether the resource is as a user, or a plan, expects it to be."""
        if self.meets is None or expected is None:
            return self.matches(raw, expected)
        value = self.value(raw, conditions)
        return value is not UNKNOWN and self.meets(value, expected)

    def kept(self, raw: Raw, conditions: Conditions = USUAL) -> t.Any:
        """The current value as a journal keeps it, so that it can be laid back."""
        value = self.value(raw, conditions)
        return self.view(raw) if self.received is None or value is UNKNOWN else dict(self.received(value))

    def view(self, raw: Raw, conditions: Conditions = USUAL) -> t.Any:
        """The current value as users see it (snake_case), null where there is none."""
        value = self.value(raw, conditions)
        return None if value is UNKNOWN else self.shown(value)

    def view_after(self, raw: Raw, wanted: t.Any, conditions: Conditions = USUAL) -> t.Any:
        """What it will be once ``wanted`` is laid over the received resource, as users see it."""
        if len(self.keys) > 1:
            return self.view(self.merge_into(raw, wanted), conditions)
        # One of the API's fields tells of itself what it will be: a fleet's plan need not copy every resource.
        return self.view({key: value for key, value in self.to_api(wanted, raw).items() if value is not CLEARED})

    def for_message(self, raw: Raw, wanted: t.Any, conditions: Conditions = USUAL) -> tuple[str, str]:
        """
        The current value and the wanted one for a sentence; a wanted part is shown as it was given, not completed.
        """
        shown = checks.shown(instructions.in_words(wanted), most=400)
        return checks.shown(self.view(raw, conditions), most=400), shown

    def merge_into(self, body: Raw, wanted: t.Any, *, clear_by_null: bool = False) -> dict[str, t.Any]:
        """The body with the wanted value laid over it, nothing else touched."""
        merged = dict(body)
        for key, value in self.to_api(wanted, body).items():
            spelled = case.find_key(body, key) or spelled_like(body, key)
            if value is not CLEARED:
                merged[spelled] = value
            elif clear_by_null:
                merged[spelled] = None
            else:
                merged.pop(spelled, None)
        return merged


def _known_parts(value: t.Any, parts: Parts) -> t.Any:
    if not isinstance(value, dict):
        return None if value in _NO_VALUE else value
    known = {
        name: _known_parts(value.get(name), part) if isinstance(part, t.Mapping) else value.get(name)
        for name, part in parts.items()
    }
    return {name: item for name, item in known.items() if item not in _NO_VALUE} or None


def single(
    name: str,
    key: str,
    check: checks.Check,
    *,
    complete: t.Callable[[t.Any, Raw], t.Any] | None = None,
    **about: t.Any,
) -> Field:
    """
    A setting that is one of the API's fields. ``complete``: (wanted, the body that it is laid over) -> the whole value
    as the API wants it, where that is not the wanted one; ``about``: the rest of the row.
    """

    def current(raw: Raw) -> t.Any:
        found = case.find_key(raw, key)
        return UNKNOWN if found is None else raw[found]

    def to_api(wanted: t.Any, body: Raw) -> t.Mapping[str, t.Any]:
        if wanted is None:
            return {key: CLEARED}
        return {key: wanted if complete is None else complete(wanted, body)}

    return Field(name, (key,), check, current, to_api, **about)


def spelled_like(raw: Raw, key: str) -> str:
    """A key that the resource lacks, in the case of those that it has."""
    pascal = 2 * sum(name[:1].isupper() for name in raw) >= len(raw)
    return key[:1].upper() + key[1:] if pascal else key
