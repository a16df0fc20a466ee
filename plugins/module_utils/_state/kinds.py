# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The kinds of resources, one row each: what a kind is called, what can be set, and how it is written and undone.

Nothing else compares the name of a kind. How one is read and sent is the same row of ``_engine/endpoints``.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass
from datetime import datetime

from .._common import case
from .._common.case import Raw
from .._common.problems import InvalidInput, Refused
from .._common.words import unknown_name
from . import checks, fields, wording
from .checks import Contradiction, Values
from .end_of_term.effect import in_one_form
from .field import YES, Field, Reversal, spelled_like
from .instructions import Received

#: The option beside the settings of what Microsoft keeps for legacy subscriptions only.
ALLOW_NEW_COMMERCE: t.Final = "allow_new_commerce"


def _no_contradictions(_values: Values) -> t.Iterable[Contradiction]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """
    ``name``: in plans and journals, too. ``called``: for people, with the ids in braces. ``ids``: that name one; a
    resource of the partner itself has none. ``module``: the module that keeps it in its desired state.
    """

    name: str
    called: str
    ids: tuple[str, ...]
    module: str
    #: What a user can set, in the order in which it is shown.
    settings: tuple[Field, ...]
    #: What no option sets, and a write has to carry all the same.
    unsettable: tuple[Field, ...] = ()
    #: key -> value that a body has to name beside its fields, as Microsoft's examples do.
    type_keys: Values = dataclasses.field(default_factory=dict)
    #: It takes a PATCH for each step, and has scheduled changes that some of these delete. Else it takes one PUT.
    has_schedules: bool = False
    #: The kind that has one of these; there it is one setting, in items, policies, plans and journals.
    part_of: str | None = None
    #: How its settings' names begin in a table of the resource that it is part of.
    column: str = ""
    #: Only credentials of a user may read and write it.
    needs_user: bool = False
    #: Microsoft keeps it for legacy subscriptions only; on others it is written where ALLOW_NEW_COMMERCE says so.
    is_legacy_only: bool = False
    #: What of these values (name -> checked value) cannot be asked for together.
    contradictions: t.Callable[[Values], t.Iterable[Contradiction]] = _no_contradictions
    #: (before, after), as results show one of another resource's settings -> in people's words.
    words: t.Callable[[t.Any, t.Any], wording.Worded] = wording.plainly
    _fields: t.Mapping[str, Field] = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name = {item.name: item for item in (*self.settings, *self.unsettable)}
        object.__setattr__(self, "_fields", by_name)

    @property
    def names(self) -> tuple[str, ...]:
        """Of what a user can set."""
        return tuple(item.name for item in self.settings)

    @property
    def first(self) -> Reversal:
        """Of the first one: it can be replaced, and not be taken away."""
        return Reversal("no", f"there was no {self.name.replace('_', ' ')}, and Partner Center has no way to clear one")

    @property
    def clearing(self) -> dict[str, Field]:
        """The options that clear something, with what they clear."""
        return {item.clear_option: item for item in self.settings if item.clear_option}

    @property
    def carried(self) -> tuple[Field, ...]:
        """What every write has to carry as it was received, unless it is what the user changes."""
        return tuple(item for item in self._fields.values() if item.carried)

    def field(self, name: str) -> Field:
        """The setting, or what is carried, of that name; raises KeyError."""
        return self._fields[name]

    def as_setting(self) -> Field:
        """What the kind is in an item of the resource that it is part of: one setting, a dictionary of its own."""
        own = {item.name: item for item in self.settings}

        def check(option: str, value: t.Any) -> dict[str, t.Any]:
            if not isinstance(value, dict):
                raise InvalidInput(option, "must be a dictionary.")
            return self.check_settings(value, f"{option}.", is_rollback=True)

        def equal(one: t.Any, other: t.Any) -> bool:
            return one.keys() == other.keys() and all(own[name].satisfies(one[name], other[name]) for name in one)

        def undo(before: t.Any, _after: t.Any, _raw: Raw, _now: datetime) -> Reversal:
            return YES if any((before or {}).values()) else self.first

        return Field(
            self.name,
            tuple(key for item in self.settings for key in item.keys),
            check,
            current=lambda raw: {name: item.view(raw) for name, item in own.items()},
            to_api=lambda wanted, body: {
                key: value for name, one in wanted.items() for key, value in own[name].to_api(one, body).items()
            },
            satisfies=lambda current, wanted: all(own[name].satisfies(current[name], wanted[name]) for name in wanted),
            shown=dict,
            parts={name: item.check for name, item in own.items()},
            column=self.column,
            equal=equal,
            undo=undo,
            words=self.words,
        )

    def check_settings(self, values: Values, path: str = "", *, is_rollback: bool = False) -> dict[str, t.Any]:
        """
        The checked settings a user gave (nulls are not given), in the order of the table. A rollback lays back what was
        there, whatever its texts look like.

        Raises InvalidInput naming the option for an unknown name, a wrong type, a text that is not to be written, or
        contradicting values.
        """
        clearing = self.clearing
        self._require_known(values, path, clearing)
        checked = {
            item.name: item.check(f"{path}{item.name}", values[item.name])
            for item in self.settings
            if values.get(item.name) is not None
        }
        for name, value in ({} if is_rollback else checked).items():
            checks.writable(f"{path}{name}", value)
        for option, item in clearing.items():
            if values.get(option) is not None and checks.flag(f"{path}{option}", values[option]):
                if item.name in checked:
                    raise InvalidInput(f"{path}{option}", f"contradicts {item.name}: give one of them.")
                checked[item.name] = None
        for one in self.contradictions(checked):
            raise InvalidInput(f"{path}{one.first}", f"{one.text.format(one.second)}.")
        return checked

    def check_expected(self, values: t.Any, path: str = "expect.") -> dict[str, t.Any]:
        """The checked ``expect``: the same settings, where null means that there is no value."""
        if not isinstance(values, t.Mapping):
            raise InvalidInput(path.rstrip("."), "must be a dictionary.")
        self._require_known(values, path)
        return {name: self._fields[name].checked_expectation(f"{path}{name}", one) for name, one in values.items()}

    def _require_known(self, values: t.Iterable[str], path: str, besides: t.Collection[str] = ()) -> None:
        known = self.names
        for name in values:
            if name not in known and name not in besides:
                raise InvalidInput(f"{path}{name}", unknown_name(str(name), known))

    def with_received(self, raw: Raw, values: Values) -> Raw:
        """The resource as it was when it still held ``values`` (name -> as received)."""
        former = dict(raw)
        for name, value in values.items():
            former = self._fields[name].merge_into(former, Received(value))
        return former

    def merge_into(self, raw: Raw, values: Values, *, clear_by_null: bool = False) -> dict[str, t.Any]:
        """
        The body of a write: the resource as it was received with ``values`` laid over it, nothing else touched.

        Renewal instructions are completed from the values before them. A cleared setting is left out, or is null with
        ``clear_by_null``.
        """
        body = dict(raw)
        for name, wanted in values.items():
            body = self._fields[name].merge_into(body, wanted, clear_by_null=clear_by_null)
        body = in_one_form(body)
        for key, value in self.type_keys.items():
            if not case.get(body, key):
                spelled = spelled_like(body, key[:1].lower() + key[1:]) if body else key
                body[case.find_key(body, key) or spelled] = value
        return body


SUBSCRIPTION: t.Final = Kind(
    "subscription",
    "subscription {subscription_id} of customer {customer_id}",
    ("customer_id", "subscription_id"),
    "pc_subscription",
    fields.SUBSCRIPTION_SETTINGS,
    unsettable=fields.SUBSCRIPTION_UNSETTABLE,
    has_schedules=True,
    contradictions=fields.contradictions,
)
SUPPORT_CONTACT: t.Final = Kind(
    "support_contact",
    "the support contact of subscription {subscription_id} of customer {customer_id}",
    SUBSCRIPTION.ids,
    "pc_support_contact",
    fields.CONTACT_SETTINGS,
    type_keys={"Attributes": {"ObjectType": "SupportContact"}},
    part_of=SUBSCRIPTION.name,
    column="support",
    needs_user=True,
    is_legacy_only=True,
    words=wording.contact_words,
)
SUPPORT_PROFILE: t.Final = Kind(
    "support_profile",
    "the support profile",
    (),
    "pc_support_profile",
    fields.PROFILE_SETTINGS,
    type_keys={"ProfileType": "support_profile", "Attributes": {"ObjectType": "PartnerSupportProfile"}},
    needs_user=True,
)

BY_NAME: t.Final[t.Mapping[str, Kind]] = {row.name: row for row in (SUBSCRIPTION, SUPPORT_CONTACT, SUPPORT_PROFILE)}
#: What belongs to a subscription, and is one setting there.
PARTS: t.Final[t.Mapping[str, Kind]] = {row.name: row for row in BY_NAME.values() if row.part_of == SUBSCRIPTION.name}
#: What can be set in an item of a fleet.
ITEM_NAMES: t.Final = (*SUBSCRIPTION.names, *PARTS)


def of(name: str) -> Kind:
    """The kind of that name; raises Refused for one that this release does not know."""
    known = BY_NAME.get(name)
    if known is None:
        raise Refused(f"There is no kind of resource {name!r}; known are {', '.join(BY_NAME)}.")
    return known


_PARTS_AS_SETTINGS: t.Final = {name: part.as_setting() for name, part in PARTS.items()}


def item_setting(name: str) -> Field:
    """What an item can set, or a subscription carries; a part of the subscription as one. Raises KeyError."""
    return _PARTS_AS_SETTINGS[name] if name in PARTS else SUBSCRIPTION.field(name)


def of_setting(name: str) -> Kind:
    """The kind that a setting of an item is about: the part that is called so, or the subscription."""
    return PARTS.get(name, SUBSCRIPTION)


def has_schedules(name: str) -> bool:
    """Whether resources of that kind have scheduled changes; False for an unknown kind."""
    return name in BY_NAME and BY_NAME[name].has_schedules


def describe(name: str, customer_id: str | None, subscription_id: str | None) -> str:
    """A resource for people; one of an unknown kind is called so."""
    ids = {"customer_id": customer_id, "subscription_id": subscription_id}
    if name in BY_NAME:
        return BY_NAME[name].called.format_map(ids)
    named = ", ".join(f"{key} {value}" for key, value in ids.items() if value is not None)
    return f"a resource of the unknown kind {name!r}{f' ({named})' if named else ''}"
