# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The modules that keep one resource in its desired state: from arguments to result.

Modules hand it their argument spec and what they desire.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api.connect import connect
from .._api.settings.connection import ConnectionSettings
from .._common import case
from .._common.redaction import Redactor
from .._common.surroundings import Surroundings
from .._engine.reconcile import reconcile, result_of
from .._engine.runtime import CommitPoint, Runtime, as_failure, drive
from .._state.model import Desired, ResourceOutcome
from .arguments import TaskModule
from .connection import CONNECTION, connection, exposure_warnings
from .options import change_options
from .parent_watch import ParentWatch
from .results import ResultParts, diff_of, end_module, failure


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


def run_resource(task: Task) -> None:
    """Run a module that keeps one resource in its desired state; ends the process."""
    module = TaskModule(
        argument_spec={**CONNECTION, **task.spec},
        supports_check_mode=True,
        **task.constraints,
    )
    redactor = Redactor(on_add=module.no_log_values.add)
    try:
        with ParentWatch() as watch:
            outcome, reach = _carried_out(task, module, redactor, Surroundings(watch.stop_requested))
    except Exception as error:  # noqa: BLE001 - a person is told what happened, not where in the code
        end_module(module, {**failure(as_failure(error), redactor), **_untouched(task.result_key)}, failed=True)
        return
    parts = ResultParts()
    result = parts.part(lambda: _result(task.result_key, outcome), _bare_result(task.result_key, outcome))
    exposed = parts.part(lambda: exposure_warnings(reach, result), list[str]())
    for warning in (*exposed, *outcome.warnings):
        module.warn(redactor.scrub(warning))
    errors = [*([] if outcome.error is None else [outcome.error]), *parts.errors]
    if errors:
        result = {**result, "not_started": [], **failure(errors[0], redactor, outcome.not_started)}
    end_module(module, result, failed=bool(errors))


def _carried_out(
    task: Task, module: TaskModule, redactor: Redactor, surroundings: Surroundings
) -> tuple[ResourceOutcome, ConnectionSettings]:
    """Everything between arguments and result; raises what is refused before any request."""
    module.refuse_nulls("expect")
    desired, condition = task.desired(module.params), task.condition(module.params)
    reach = connection(module)
    client = connect(reach, redactor=redactor, surroundings=surroundings)
    point = CommitPoint(surroundings, lambda: not surroundings.stop_requested())
    runtime = Runtime(client, change_options(module.params, reach.retries), surroundings=surroundings)
    steps = reconcile(
        desired,
        point.runtime(runtime),
        check_mode=module.check_mode,
        validate_reseller=module.params.get("validate_reseller", True),
        allow_new_commerce=module.params.get("allow_new_commerce", False),
        condition=condition,
    )
    return drive(point.driven(steps), surroundings), reach


def _untouched(key: str) -> dict[str, t.Any]:
    """The result of a task that was refused before anything was read."""
    nothing: dict[str, t.Any] = {"changed": False, key: None, "changes": {}, "diff": {"before": {}, "after": {}}}
    return {**nothing, "request_id": None, "correlation_id": None, "not_started": []}


def _bare_result(key: str, outcome: ResourceOutcome) -> dict[str, t.Any]:
    """What stands for a result that cannot be shown."""
    ids = {"request_id": outcome.request_id, "correlation_id": outcome.correlation_id}
    return {**_untouched(key), "changed": outcome.changed, **ids}


def _result(key: str, outcome: ResourceOutcome) -> dict[str, t.Any]:
    changes = result_of(outcome.changes)
    result = {
        "changed": outcome.changed,
        key: None if outcome.resource is None else case.snake(outcome.resource),
        "changes": changes,
        "diff": diff_of(changes, _header(outcome)),
        "request_id": outcome.request_id,
        "correlation_id": outcome.correlation_id,
    }
    if outcome.operation is not None:
        result["operation"] = dict(outcome.operation)
    return result


def _header(outcome: ResourceOutcome) -> str:
    """Of a subscription, with its offer: that is in what was read, and the customer's name is not."""
    offer = " ".join(case.text(outcome.resource or {}, "offerName").split())
    return f"{offer}, {outcome.desired.target}" if offer else str(outcome.desired.target)
