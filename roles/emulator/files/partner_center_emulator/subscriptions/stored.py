# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of stored subscriptions by the control API: anything that the service can still be reckoned with."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from .. import given
from .record import Change, Record

_OBJECT = given.OBJECT.or_null()
_DATE = given.date(datetime(1900, 1, 1, tzinfo=timezone.utc), datetime.max.replace(tzinfo=timezone.utc)).or_null()


def _actions(value: Any) -> Any:
    listed = value if isinstance(value, list) else [value]
    if value is not None and not all(isinstance(one, dict) for one in listed):
        raise ValueError
    return value


#: The fields that time and writes go by; all others, and null, are only shown.
_RECKONED_WITH = {
    "quantity": given.integer(0, 2**31 - 1),
    "attributes": _OBJECT,
    "productType": _OBJECT,
    "refundableQuantity": _OBJECT,
    "nextChargeInstructions": _OBJECT,
    "effectiveStartDate": _DATE,
    "commitmentEndDate": _DATE,
    "commitmentEndDateTime": _DATE,
    "billingCycleEndDateTime": _DATE,
    "scheduledActions": given.Kind("an object, a list of objects or null", _actions),
}


def change_of(record: Record, body: Any, *, is_whole: bool = False) -> Change:
    """A change by values and by ``$unset``; ``is_whole``: what is not given goes.

    :raises GivenError: for what cannot be used
    """
    values = dict(given.OBJECT.read("a subscription", body))
    removed = given.NAMES.read("$unset", values.pop("$unset", []))
    if is_whole:
        removed = [*removed, *(name for name in record.resource if name not in values)]
    if "quantity" in removed:
        raise given.GivenError("a subscription has a quantity")
    for name in _RECKONED_WITH.keys() & values.keys():
        _RECKONED_WITH[name].read(f"a subscription: {name}", values[name])
    return Change(values, tuple(removed))
