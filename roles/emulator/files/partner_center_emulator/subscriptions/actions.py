# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``scheduledActions``: what is to happen when the term ends, or on a date of its own.

The service keeps a list of {scheduleType, actionType, effectiveDate, instructions}; one client models a single object.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..clock import is_date, parse
from ..errors import bad_enum, bad_input
from ..folding import fold
from ..switches import Switches
from . import instructions
from .instructions import plain

CANCEL, RENEW, EXTEND, TRANSITION = "Cancel", "RenewToNewTerm", "RenewToExtendedServiceTerm", "Transition"
KINDS = (CANCEL, RENEW, EXTEND, TRANSITION)
# The service has kinds of its own that no page names; what it shows it also takes back.
UNDOCUMENTED = "ConvertToConsumption"
SCHEDULES = ("TermEnd", "CustomDate")
# They lead into a new term, which auto-renew has to allow.
RENEWING = (RENEW, TRANSITION)


def action(kind: str, wanted: dict[str, Any] | None = None) -> dict[str, Any]:
    """An action for the end of the term."""
    made: dict[str, Any] = {"scheduleType": "TermEnd", "actionType": kind}
    return {**made, "instructions": wanted} if wanted else made


def held(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """The actions of a subscription, whichever form they have."""
    value = resource.get("scheduledActions") or []
    return [value] if isinstance(value, dict) else list(value)


def kinds(actions: list[dict[str, Any]]) -> list[str]:
    return [str(item.get("actionType")) for item in actions]


def find(actions: list[dict[str, Any]], *wanted: str) -> dict[str, Any] | None:
    return next((item for item in actions if item.get("actionType") in wanted), None)


def effective(item: dict[str, Any]) -> datetime | None:
    """The date of an action that does not wait for the end of the term."""
    return parse(item["effectiveDate"]) if is_date(item.get("effectiveDate")) else None


def read(value: Any, current: Any, switches: Switches) -> list[dict[str, Any]]:
    """The actions with our key case and without nulls.

    :raises Refusal: for another form than the service takes, or for values that it does not know
    """
    form = switches["scheduled_actions_form"]
    if form != "lenient" and isinstance(value, list) is (form == "object"):
        raise bad_input(f"ScheduledActions must be {'an object' if form == 'object' else 'a list'}.")
    if same(value, current):
        return held({"scheduledActions": current})
    if form == "lenient":
        return _objects(value)
    return [_known(item, switches) for item in (value if isinstance(value, list) else [value])]


def _objects(value: Any) -> list[dict[str, Any]]:
    found = [value] if isinstance(value, dict) else value
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise bad_input("ScheduledActions must be objects.")
    return found


def _known(value: Any, switches: Switches) -> dict[str, Any]:
    given = fold(value)
    made: dict[str, Any] = {
        "scheduleType": _enum(given.get("scheduletype"), SCHEDULES, "ScheduleType"),
        "actionType": _enum(given.get("actiontype"), (*KINDS, UNDOCUMENTED), "ScheduledActionType"),
    }
    if made["scheduleType"] == "CustomDate":
        made["effectiveDate"] = _date(given.get("effectivedate"))
    if given.get("instructions") is not None:
        made["instructions"] = instructions.read(given["instructions"], None, switches)
    elif made["actionType"] == TRANSITION:
        raise bad_input("A transition needs instructions.")
    return made


def _enum(value: Any, known: tuple[str, ...], kind: str) -> str:
    for name in known:
        if str(value).lower() == name.lower():
            return name
    raise bad_enum(value, kind)


def _date(value: Any) -> str:
    if not is_date(value):
        raise bad_input("An action of a custom date needs its effectiveDate.")
    return str(value)


def same(left: Any, right: Any) -> bool:
    """Whether two values ask for the same actions; null, absent and an empty list are one."""
    return bool(_listed(left) == _listed(right))


def _listed(value: Any) -> Any:
    if not value and not isinstance(value, (bool, int, str)):
        return []
    return plain([value] if isinstance(value, dict) else value)
