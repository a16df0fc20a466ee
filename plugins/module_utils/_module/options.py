# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The options that several modules share besides the connection's, and what a task says with them."""

from __future__ import annotations

import typing as t

from .._common.problems import InvalidInput
from .._engine.runtime import Options
from .._state import checks, kinds
from .._state.model import Target

#: Which resource; checked by us, because Ansible would turn anything into a string.
_IDS: t.Final[t.Mapping[str, t.Mapping[str, t.Any]]] = {
    "customer_id": {"type": "raw", "required": True, "aliases": ["customer_tenant_id"]},
    "subscription_id": {"type": "raw", "required": True},
}

SCHEDULED_CHANGES: t.Final[t.Mapping[str, t.Mapping[str, t.Any]]] = {
    "scheduled_changes": {"type": "str", "default": "restore", "choices": ["restore", "refuse", "drop"]},
}

#: How a change is made and waited for.
CHANGE: t.Final[t.Mapping[str, t.Mapping[str, t.Any]]] = {
    "change_reference": {"type": "raw"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
    "wait_interval": {"type": "int", "default": 5},
}


def settings(kind: str) -> dict[str, dict[str, t.Any]]:
    """Argument spec of everything a user can set of a resource."""
    known = kinds.of(kind)
    clearing: dict[str, dict[str, t.Any]] = {option: {"type": "raw"} for option in known.clearing}
    return {**{item.name: dict(item.option) for item in known.settings}, **clearing}


def ids(kind: str) -> dict[str, t.Mapping[str, t.Any]]:
    """Argument spec of the ids that name a resource."""
    return {name: _IDS[name] for name in kinds.of(kind).ids}


def target(params: t.Mapping[str, t.Any], kind: str) -> Target:
    """The resource that the task names; raises InvalidInput for a malformed id."""
    return Target(kind, **{name: checks.guid(name, params[name]) for name in kinds.of(kind).ids})


def given_settings(params: t.Mapping[str, t.Any], kind: str) -> dict[str, t.Any]:
    """The settings that the task gives, checked; raises InvalidInput where one is wrong or none is given."""
    names = settings(kind)
    given = kinds.of(kind).check_settings({name: params[name] for name in names})
    if not given and all(params[option] is None for option in kinds.of(kind).clearing):
        raise InvalidInput(", ".join(names), "at least one of them must be given.")
    return given


def change_options(params: t.Mapping[str, t.Any], retries: int) -> Options:
    """How the task wants changes to be made; raises InvalidInput naming the option."""
    reference = params.get("change_reference")
    return Options(
        scheduled_changes=params.get("scheduled_changes", "restore"),
        wait=params["wait"],
        wait_timeout=checks.count("wait_timeout", params["wait_timeout"]),
        wait_interval=checks.count("wait_interval", params["wait_interval"]),
        retries=retries,
        change_reference=None if reference is None else checks.header_text("change_reference", reference),
        is_rollback=params.get("undoes") is not None,
    )
