# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The options of the fleet module, and what they ask for."""

from __future__ import annotations

import typing as t

from ..._engine.fleet import FleetTask
from ..._engine.fleet_apply import Limits
from ..._engine.planning.plans import Scope
from ..._state import checks
from ..._state.fields import END_OF_TERM
from ..._state.guard import FORBIDDEN_STATUSES, Guard, parse_guard
from ..._state.items import CONTACT, Item
from ..._state.kinds import ALLOW_NEW_COMMERCE
from ..._state.policies.parse import parse_policies
from ..connection import CONNECTION
from ..options import CHANGE, SCHEDULED_CHANGES, ids, settings

_RAW: t.Final = {"type": "raw"}
_COUNTS: t.Final = (
    "max_changes",
    "max_seat_increase",
    "max_seat_decrease",
    "max_seat_increase_per_subscription",
)

SPEC: t.Final[dict[str, t.Any]] = {
    **CONNECTION,
    "subscriptions": {
        "type": "list",
        "elements": "dict",
        "options": {
            **ids("subscription"),
            **settings("subscription"),
            # A rollback lays back what Partner Center had, which need not be one of the choices; parse_items checks it.
            END_OF_TERM: {"type": "raw"},
            CONTACT: {
                "type": "dict",
                "options": {**settings("support_contact"), ALLOW_NEW_COMMERCE: {"type": "bool", "default": False}},
            },
            "expect": {"type": "raw"},
        },
    },
    "plan_path": {"type": "path"},
    "csv_path": {"type": "path"},
    "policies": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"type": "raw", "required": True},
            "match": {"type": "dict"},
            "match_all": {"type": "bool", "default": False},
            "exclude": {"type": "dict"},
            "set": {"type": "dict", "required": True},
        },
    },
    "customers": {"type": "list", "elements": "raw"},
    "guard": {
        "type": "dict",
        "options": {
            **dict.fromkeys(_COUNTS, _RAW),
            "max_changes_percent": _RAW,
            "forbid_statuses": {"type": "list", "elements": "str", "default": list(FORBIDDEN_STATUSES)},
            "forbid_end_of_term": {"type": "list", "elements": "str", "default": []},
            "forbid_fields": {"type": "list", "elements": "str"},
            "protected": {"type": "list", "elements": "raw"},
        },
    },
    "guard_in_check_mode": {"type": "str", "default": "fail", "choices": ["fail", "warn"]},
    "undoes": {"type": "raw"},
    "plan_digest": {"type": "raw"},
    "plan_max_age": {"type": "int", "default": 86400},
    "on_error": {"type": "str", "default": "continue", "choices": ["continue", "stop"]},
    "max_failures": {"type": "int"},
    "on_unavailable": {"type": "str", "default": "report", "choices": ["report", "fail"]},
    "on_unmatched": {"type": "str", "default": "warn", "choices": ["warn", "fail", "ignore"]},
    "max_concurrency": {"type": "int", "default": 8},
    "requests_per_minute": {"type": "int"},
    "journal_path": {"type": "path"},
    "return_unchanged": {"type": "bool", "default": False},
    "progress": {"type": "bool", "default": True},
    "progress_path": {"type": "path"},
    **SCHEDULED_CHANGES,
    **CHANGE,
}

#: A task is about what it names, or applies a plan as it is.
SOURCES: t.Final = ("subscriptions", "policies", "csv_path", "plan_path")
EXCLUSIVE: t.Final = [[one, "plan_path"] for one in ("subscriptions", "policies", "csv_path", "customers")]

#: What confines a task; none of it may be given without a value.
RESTRICTIONS: t.Final = (
    "subscriptions",
    "subscriptions[].expect",
    "plan_path",
    "plan_digest",
    "plan_max_age",
    "csv_path",
    "policies",
    "policies[].match",
    "policies[].match.*",
    "policies[].exclude",
    "policies[].exclude.*",
    "customers",
    "guard",
    "guard.*",
    "on_error",
    "max_failures",
)


def fleet_task(params: t.Mapping[str, t.Any], items: tuple[Item, ...], check_mode: bool) -> FleetTask:
    """What the options ask for besides the explicit items; raises InvalidInput."""
    return FleetTask(
        _scope(params, items),
        Guard() if params["guard"] is None else parse_guard("guard", params["guard"]),
        Limits(_max_failures(params), checks.whole_number("max_concurrency", params["max_concurrency"])),
        check_mode=check_mode,
        guard_warns=params["guard_in_check_mode"] == "warn",
        keep_unchanged=params["return_unchanged"],
        fail_on_unavailable=params["on_unavailable"] == "fail",
        journal_path=params["journal_path"] or "",
        on_unmatched=params["on_unmatched"],
    )


def _scope(params: t.Mapping[str, t.Any], items: tuple[Item, ...]) -> Scope:
    ids = params["customers"]
    return Scope(
        items=items,
        policies=parse_policies("policies", params["policies"]),
        customers=None
        if ids is None
        else tuple(checks.guid(f"customers[{index}]", one) for index, one in enumerate(ids)),
    )


def origins_of(params: t.Mapping[str, t.Any]) -> dict[str, str | None]:
    """What the journal says of a run: the run or the plan that it undoes, and the plan that it applies."""
    given = {name: params[name] for name in ("undoes", "plan_digest")}
    return {name: None if value is None else checks.header_text(name, value) for name, value in given.items()}


def _max_failures(params: t.Mapping[str, t.Any]) -> int | None:
    if params["on_error"] == "stop":
        return 1
    limit = params["max_failures"]
    return None if limit is None else checks.whole_number("max_failures", limit)
