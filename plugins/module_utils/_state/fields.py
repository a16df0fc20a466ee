# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What a user can set: how each field is checked, compared, shown and laid over a received resource.

Everything that needs to know a field (argument specs, diff, policies, guard, journal) derives from the tables here.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._common import case
from .._common.problems import InvalidInput
from . import checks, instructions
from .model import Kind, Raw

#: What a resource says of a field that it does not hold at all: unknown, not null.
UNKNOWN: t.Final = object()


def _exactly(current: t.Any, wanted: t.Any) -> bool:
    return type(current) is type(wanted) and bool(current == wanted)


def _ignoring_case(current: t.Any, wanted: t.Any) -> bool:
    return isinstance(current, str) and isinstance(wanted, str) and current.lower() == wanted.lower()


def _flag(current: t.Any, wanted: t.Any) -> bool:
    # Legacy subscriptions may answer null for an auto-renew that is off.
    return current in (None, True, False) and bool(current) == wanted


def _number(current: t.Any, wanted: t.Any) -> bool:
    return not isinstance(current, bool) and bool(current == wanted)


def _as_given(wanted: t.Any, _raw: Raw) -> t.Any:
    return wanted


@dataclass(frozen=True, slots=True)
class Field:
    """
    ``name``: the option; ``key``: the API's field; ``shows``: does the current value satisfy the wanted one;
    ``laid``: the wanted value as the API wants it, given the received resource. A wanted None clears the field.
    """

    name: str
    key: str
    check: checks.Check
    #: Shape of the option: a ``raw`` one is checked here, because Ansible would turn anything into a string.
    option: t.Mapping[str, t.Any]
    shows: t.Callable[[t.Any, t.Any], bool] = _exactly
    laid: t.Callable[[t.Any, Raw], t.Any] = _as_given
    #: Absent from a PATCH body, the API resets it; a change nobody asked for is damage.
    #: (Microsoft, "Update a subscription by ID", note on the request body.)
    carried: bool = False


#: What the options of a cancelled, suspended or active subscription are called.
STATUSES: t.Final = ("active", "suspended", "deleted")

RENEWAL: t.Final = "scheduled_next_term_instructions"
NEXT_CHARGE: t.Final = "next_charge_instructions"
CLEAR_RENEWAL: t.Final = f"clear_{RENEWAL}"

_RAW: t.Final[t.Mapping[str, t.Any]] = {"type": "raw"}

_SUBSCRIPTION = (
    Field("friendly_name", "friendlyName", checks.text, _RAW),
    Field("quantity", "quantity", checks.whole_number, _RAW, _number),
    Field("auto_renew_enabled", "autoRenewEnabled", checks.flag, _RAW, _flag, carried=True),
    Field("status", "status", checks.one_of(*STATUSES), {"type": "str", "choices": list(STATUSES)}, _ignoring_case),
    Field("billing_cycle", "billingCycle", checks.text, _RAW, _ignoring_case),
    Field("partner_id", "partnerId", checks.text, _RAW, _ignoring_case),
    Field(
        RENEWAL,
        instructions.KEY,
        instructions.check,
        # What is within is checked here: Ansible would break off on a list, and name no option for a wrong type.
        {"type": "dict"},
        instructions.shows,
        instructions.laid,
        carried=True,
    ),
)
_NEXT_CHARGE = Field(
    NEXT_CHARGE, "nextChargeInstructions", checks.text, {}, instructions.shows, instructions.laid, carried=True
)

_SUPPORT_CONTACT = (
    Field("support_tenant_id", "supportTenantId", checks.guid, _RAW, _ignoring_case),
    Field("support_mpn_id", "supportMpnId", checks.text, _RAW, _ignoring_case),
    Field("name", "name", checks.text, _RAW),
)

_SUPPORT_PROFILE = (
    Field("email", "email", checks.text, _RAW),
    Field("telephone", "telephone", checks.text, _RAW),
    Field("website", "website", checks.text, _RAW),
)

#: The fields a user may set, by kind of resource, in the order in which they are shown.
SETTABLE: t.Final[t.Mapping[Kind, tuple[Field, ...]]] = {
    "subscription": _SUBSCRIPTION,
    "support_contact": _SUPPORT_CONTACT,
    "support_profile": _SUPPORT_PROFILE,
}

_BY_NAME: t.Final[t.Mapping[Kind, t.Mapping[str, Field]]] = {
    kind: {item.name: item for item in (*items, *((_NEXT_CHARGE,) if kind == "subscription" else ()))}
    for kind, items in SETTABLE.items()
}

#: What every PATCH of a subscription has to carry as it was received, unless it is what the user changes.
CARRIED: t.Final = tuple(item for item in _BY_NAME["subscription"].values() if item.carried)


def field_of(kind: Kind, name: str) -> Field:
    return _BY_NAME[kind][name]


def check_settings(kind: Kind, values: t.Mapping[str, t.Any], path: str = "") -> dict[str, t.Any]:
    """
    The checked settings a user gave (nulls are not given), in the order of the fields.

    Raises InvalidInput naming the option for an unknown name, a wrong type or contradicting values.
    """
    known = [item.name for item in SETTABLE[kind]]
    clearing = kind == "subscription" and values.get(CLEAR_RENEWAL) is not None
    for name in values:
        if name not in known and not (kind == "subscription" and name == CLEAR_RENEWAL):
            raise InvalidInput(f"{path}{name}", f"is not known; known are {', '.join(known)}.")
    checked = {
        item.name: item.check(f"{path}{item.name}", values[item.name])
        for item in SETTABLE[kind]
        if values.get(item.name) is not None
    }
    if clearing and checks.flag(f"{path}{CLEAR_RENEWAL}", values[CLEAR_RENEWAL]):
        if RENEWAL in checked:
            raise InvalidInput(f"{path}{CLEAR_RENEWAL}", f"contradicts {RENEWAL}: give one of them.")
        checked[RENEWAL] = None
    if checked.get(RENEWAL) and checked.get("auto_renew_enabled") is False:
        raise InvalidInput(f"{path}{RENEWAL}", "needs auto-renew, which auto_renew_enabled turns off.")
    return checked


def check_expected(kind: Kind, values: t.Any, path: str = "expect.") -> dict[str, t.Any]:
    """The checked ``expect``: the same fields, where null means that there is no value."""
    if not isinstance(values, t.Mapping):
        raise InvalidInput(path.rstrip("."), "must be a dictionary.")
    known = {item.name: item for item in SETTABLE[kind]}
    for name in values:
        if name not in known:
            raise InvalidInput(f"{path}{name}", f"is not known; known are {', '.join(known)}.")
    return {name: _expected(known[name], f"{path}{name}", value) for name, value in values.items()}


def _expected(item: Field, option: str, value: t.Any) -> t.Any:
    if value is None or value == "":
        return None
    # What nobody can ask for, such as the status expired or a blank name, can still be what is expected.
    if item.name == "quantity":
        return checks.count(option, value)
    if item.name == "status" or (isinstance(value, str) and not value.strip()):
        return value if isinstance(value, str) else checks.text(option, value)
    return item.check(option, value)


def current(item: Field, raw: Raw) -> t.Any:
    """The field's value as received, or UNKNOWN where the resource lacks the key."""
    key = case.find_key(raw, item.key)
    return UNKNOWN if key is None else raw[key]


def shows(item: Field, raw: Raw, wanted: t.Any) -> bool:
    """Whether the resource already is as wanted; a missing key counts as no value."""
    value = current(item, raw)
    value = None if value is UNKNOWN else value
    if wanted is None:
        return value in (None, "", {}, [])
    return item.shows(value, wanted)


def view(item: Field, raw: Raw) -> t.Any:
    """The current value as users see it (snake_case), null where there is none."""
    value = current(item, raw)
    return None if value is UNKNOWN else case.snake(value)


def view_after(item: Field, raw: Raw, wanted: t.Any) -> t.Any:
    """What the field will be once ``wanted`` is laid over the received resource, as users see it."""
    return None if wanted is None else case.snake(item.laid(wanted, raw))


def told(item: Field, raw: Raw, wanted: t.Any) -> tuple[str, str]:
    """The current value and the wanted one for a sentence; a wanted part is shown as it was given, not completed."""
    return checks.shown(view(item, raw), most=400), checks.shown(instructions.in_words(wanted), most=400)


def with_received(kind: Kind, raw: Raw, values: t.Mapping[str, t.Any]) -> Raw:
    """The resource as it was when it still held ``values`` (field -> as received)."""
    if not values:
        return raw
    keys = {name: field_of(kind, name).key for name in values}
    return {**raw, **{case.find_key(raw, key) or _spelled(raw, key): values[name] for name, key in keys.items()}}


def lay_over(kind: Kind, raw: Raw, values: t.Mapping[str, t.Any], *, clear_by_null: bool = False) -> dict[str, t.Any]:
    """
    The body of a write: the resource as it was received with ``values`` laid over it, nothing else touched.

    Renewal instructions are completed from the values before them. A cleared field is left out, which is the
    documented way, or is null with ``clear_by_null``.
    """
    body = dict(raw)
    for name, wanted in values.items():
        item = field_of(kind, name)
        key = case.find_key(raw, item.key) or _spelled(raw, item.key)
        if wanted is not None:
            body[key] = item.laid(wanted, body)
        elif clear_by_null:
            body[key] = None
        else:
            body.pop(key, None)
    _add_type(kind, body)
    return body


#: key -> value that a body has to name beside its fields, as Microsoft's examples do.
_TYPES: t.Final[t.Mapping[Kind, t.Mapping[str, t.Any]]] = {
    "subscription": {},
    "support_contact": {"Attributes": {"ObjectType": "SupportContact"}},
    "support_profile": {"ProfileType": "support_profile", "Attributes": {"ObjectType": "PartnerSupportProfile"}},
}


def _add_type(kind: Kind, body: dict[str, t.Any]) -> None:
    for key, value in _TYPES[kind].items():
        if not case.get(body, key):
            body[case.find_key(body, key) or (key if not body else _spelled(body, key[:1].lower() + key[1:]))] = value


def _spelled(raw: Raw, key: str) -> str:
    """A key that the resource lacks, in the case of those that it has."""
    pascal = 2 * sum(name[:1].isupper() for name in raw) >= len(raw)
    return key[:1].upper() + key[1:] if pascal else key
