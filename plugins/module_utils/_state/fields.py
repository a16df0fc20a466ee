# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What a user can set: how each field is checked, compared, shown and laid over a received resource.

Everything that needs to know a field (argument specs, diff, policies, guard, journal) derives from the tables here.
"""

from __future__ import annotations

import typing as t

from .._common import case
from .._common.problems import InvalidInput
from . import checks, instructions
from .field import Field, ignoring_case, single, spelled_like
from .model import Kind, Raw


def _flag(current: t.Any, wanted: t.Any) -> bool:
    # Legacy subscriptions may answer null for an auto-renew that is off.
    return current in (None, True, False) and bool(current) == wanted


def _number(current: t.Any, wanted: t.Any) -> bool:
    return not isinstance(current, bool) and bool(current == wanted)


#: What the options of a cancelled, suspended or active subscription are called.
STATUSES: t.Final = ("active", "suspended", "deleted")

RENEWAL: t.Final = "scheduled_next_term_instructions"
NEXT_CHARGE: t.Final = "next_charge_instructions"
CLEAR_RENEWAL: t.Final = f"clear_{RENEWAL}"

_SUBSCRIPTION = (
    single("friendly_name", "friendlyName", checks.text),
    single("quantity", "quantity", checks.whole_number, satisfies=_number),
    single("auto_renew_enabled", "autoRenewEnabled", checks.flag, satisfies=_flag, carried=True),
    single(
        "status",
        "status",
        checks.one_of(*STATUSES),
        option={"type": "str", "choices": list(STATUSES)},
        satisfies=ignoring_case,
    ),
    single("billing_cycle", "billingCycle", checks.text, satisfies=ignoring_case),
    single("partner_id", "partnerId", checks.text, satisfies=ignoring_case),
    single(
        RENEWAL,
        instructions.KEY,
        instructions.check,
        # What is within is checked here: Ansible would break off on a list, and name no option for a wrong type.
        option={"type": "dict"},
        satisfies=instructions.matches,
        complete=instructions.to_api,
        carried=True,
    ),
)
_NEXT_CHARGE = single(
    NEXT_CHARGE,
    "nextChargeInstructions",
    checks.text,
    satisfies=instructions.matches,
    complete=instructions.to_api,
    carried=True,
)

_SUPPORT_CONTACT = (
    single("support_tenant_id", "supportTenantId", checks.guid, satisfies=ignoring_case),
    single("support_mpn_id", "supportMpnId", checks.text, satisfies=ignoring_case),
    single("name", "name", checks.text),
)

_SUPPORT_PROFILE = (
    single("email", "email", checks.text),
    single("telephone", "telephone", checks.text),
    single("website", "website", checks.text),
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


def check_settings(
    kind: Kind, values: t.Mapping[str, t.Any], path: str = "", *, is_rollback: bool = False
) -> dict[str, t.Any]:
    """
    The checked settings a user gave (nulls are not given), in the order of the fields. A rollback lays back what was
    there, whatever its texts look like.

    Raises InvalidInput naming the option for an unknown name, a wrong type, a text that is not to be written, or
    contradicting values.
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
    for name, value in ({} if is_rollback else checked).items():
        checks.writable(f"{path}{name}", value)
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


def with_received(kind: Kind, raw: Raw, values: t.Mapping[str, t.Any]) -> Raw:
    """The resource as it was when it still held ``values`` (field -> as received)."""
    if not values:
        return raw
    keys = {name: field_of(kind, name).keys[0] for name in values}
    return {**raw, **{case.find_key(raw, key) or spelled_like(raw, key): values[name] for name, key in keys.items()}}


def merge_into(kind: Kind, raw: Raw, values: t.Mapping[str, t.Any], *, clear_by_null: bool = False) -> dict[str, t.Any]:
    """
    The body of a write: the resource as it was received with ``values`` laid over it, nothing else touched.

    Renewal instructions are completed from the values before them. A cleared setting is left out, or is null with
    ``clear_by_null``.
    """
    body = dict(raw)
    for name, wanted in values.items():
        body = field_of(kind, name).merge_into(body, wanted, clear_by_null=clear_by_null)
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
            body[case.find_key(body, key) or (key if not body else spelled_like(body, key[:1].lower() + key[1:]))] = (
                value
            )
