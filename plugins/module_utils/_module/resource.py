# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The modules that keep one resource in its desired state: options, results, diffs, failures.

The only place that turns their errors into ``fail_json``; modules hand it their argument spec and what they desire.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.csp.partner_center.plugins.module_utils._api.client import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import PartnerCenterError
from ansible_collections.csp.partner_center.plugins.module_utils._common import case
from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Problem
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._engine.apply import Outcome
from ansible_collections.csp.partner_center.plugins.module_utils._engine.reconcile import reconcile, result_of
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Options, Runtime, drive
from ansible_collections.csp.partner_center.plugins.module_utils._module.connection import CONNECTION, connection
from ansible_collections.csp.partner_center.plugins.module_utils._state import checks, fields
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Desired, Kind, Target

#: Which subscription; checked by us, because Ansible would turn anything into a string.
SUBSCRIPTION: t.Final[t.Mapping[str, t.Mapping[str, t.Any]]] = {
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


def settings(kind: Kind) -> dict[str, dict[str, t.Any]]:
    """Argument spec of everything a user can set of a resource."""
    options = {item.name: dict(item.option) for item in fields.SETTABLE[kind]}
    if kind == "subscription":
        options[fields.CLEAR_RENEWAL] = {"type": "raw"}
    return options


@dataclass(frozen=True, slots=True)
class Task:
    """
    One module's task: its own arguments (``spec`` and ``constraints`` as AnsibleModule takes them), what they desire,
    what they expect of another resource, and the key of the resource in the result.
    """

    result_key: str
    spec: t.Mapping[str, t.Mapping[str, t.Any]]
    desired: t.Callable[[t.Mapping[str, t.Any]], Desired]
    condition: t.Callable[[t.Mapping[str, t.Any]], Desired | None] = lambda _params: None
    constraints: t.Mapping[str, t.Any] = field(default_factory=dict)


def run(task: Task) -> None:
    """Run a module that keeps one resource in its desired state; ends the process."""
    module = AnsibleModule(
        argument_spec={**CONNECTION, **task.spec},
        supports_check_mode=True,
        **task.constraints,
    )
    redactor = Redactor(on_add=module.no_log_values.add)
    try:
        outcome = _carried_out(task, module, redactor)
    except (Problem, PartnerCenterError) as error:
        module.fail_json(**failure(error, redactor), **_untouched(task.result_key))
        return
    for warning in outcome.warnings:
        module.warn(redactor.scrub(warning))
    result = _result(task.result_key, outcome)
    if outcome.error is None:
        module.exit_json(**result)
    else:
        told = failure(outcome.error, redactor, outcome.not_started)
        module.fail_json(**{**result, "not_started": [], **told})


def _carried_out(task: Task, module: AnsibleModule, redactor: Redactor) -> Outcome:
    """Everything between arguments and result; raises what is refused before any request."""
    desired, condition = task.desired(module.params), task.condition(module.params)
    reach = connection(module)
    runtime = Runtime(connect(reach, redactor=redactor), change_options(module.params, reach.retries))
    steps = reconcile(
        desired,
        runtime,
        check_mode=module.check_mode,
        validate_reseller=module.params.get("validate_reseller", True),
        condition=condition,
    )
    return drive(steps)


def subscription_target(params: t.Mapping[str, t.Any], kind: Kind) -> Target:
    """The subscription (or its support contact) that the task names; raises InvalidInput for a malformed id."""
    return Target(
        kind,
        checks.guid("customer_id", params["customer_id"]),
        checks.guid("subscription_id", params["subscription_id"]),
    )


def given_settings(params: t.Mapping[str, t.Any], kind: Kind) -> dict[str, t.Any]:
    """The settings that the task gives, checked; raises InvalidInput where one is wrong or none is given."""
    names = settings(kind)
    given = fields.check_settings(kind, {name: params[name] for name in names})
    if not given and params.get(fields.CLEAR_RENEWAL) is None:
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
    )


def _untouched(key: str) -> dict[str, t.Any]:
    """The result of a task that was refused before anything was read."""
    nothing: dict[str, t.Any] = {"changed": False, key: None, "changes": {}, "diff": {"before": {}, "after": {}}}
    return {**nothing, "request_id": None, "correlation_id": None, "not_started": []}


def _result(key: str, outcome: Outcome) -> dict[str, t.Any]:
    changes = result_of(outcome.changes)
    result = {
        "changed": outcome.changed,
        key: None if outcome.resource is None else case.snake(outcome.resource),
        "changes": changes,
        "diff": diff_of(changes, str(outcome.desired.target)),
        "request_id": outcome.request_id,
        "correlation_id": outcome.correlation_id,
    }
    if outcome.operation is not None:
        result["operation"] = dict(outcome.operation)
    return result


def diff_of(changes: t.Mapping[str, t.Mapping[str, t.Any]], header: str) -> dict[str, t.Any]:
    """``changes`` (``{field: {before, after}}``) as ``--diff`` shows them under a header."""
    return {
        "before_header": header,
        "after_header": header,
        "before": {name: change["before"] for name, change in changes.items()},
        "after": {name: change["after"] for name, change in changes.items()},
    }


def failure(
    error: Problem | PartnerCenterError, redactor: Redactor, not_started: t.Sequence[str] = ()
) -> dict[str, t.Any]:
    """What ``fail_json`` is told of an error, and of the writes that it kept from being made."""
    later = f" Not started: {', '.join(not_started)}." if not_started else ""
    told: dict[str, t.Any] = {"msg": redactor.scrub(f"{error}{later}"), "error": error.to_dict()}
    return {**told, "not_started": list(not_started)} if not_started else told
