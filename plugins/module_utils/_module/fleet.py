# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The fleet module: its options, and its way through the engine."""

from __future__ import annotations

import os
import typing as t
from dataclasses import replace

from .._api.client import connect
from .._api.errors import PartnerCenterError
from .._common.problems import Problem
from .._common.redaction import Redactor
from .._engine import fleet
from .._engine.fleet_apply import Limits
from .._engine.journal import FileJournal, NoJournal, left_by_earlier_runs
from .._engine.lifeline import Lifeline
from .._engine.progress import PATH_VARIABLE, Progress
from .._engine.runtime import Failure, Finishing, Runtime, once, utc_now
from .._engine.survey import Scope
from .._state import checks
from .._state.guard import FORBIDDEN_STATUSES, Guard, parse_guard
from .._state.items import CONTACT, parse_items
from .._state.policies.parse import parse_policies
from .._state.records.plan_file import digest
from .._state.records.unfinished_runs import UnfinishedWork
from . import fleet_results
from .arguments import TaskModule
from .connection import CONNECTION, connection, partner_tenant
from .options import CHANGE, SCHEDULED_CHANGES, SUBSCRIPTION, change_options, settings
from .results import failure

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
            **SUBSCRIPTION,
            **settings("subscription"),
            CONTACT: {"type": "dict", "options": settings("support_contact")},
            "expect": {"type": "raw"},
        },
    },
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
            "forbid_fields": {"type": "list", "elements": "str"},
            "protected": {"type": "list", "elements": "raw"},
        },
    },
    "guard_in_check_mode": {"type": "str", "default": "fail", "choices": ["fail", "warn"]},
    "undoes": {"type": "raw"},
    "on_error": {"type": "str", "default": "continue", "choices": ["continue", "stop"]},
    "max_failures": {"type": "int"},
    "on_unavailable": {"type": "str", "default": "report", "choices": ["report", "fail"]},
    "max_concurrency": {"type": "int", "default": 8},
    "requests_per_minute": {"type": "int"},
    "journal_path": {"type": "path"},
    "return_unchanged": {"type": "bool", "default": False},
    "progress": {"type": "bool", "default": True},
    "progress_path": {"type": "path"},
    **SCHEDULED_CHANGES,
    **CHANGE,
}

#: What confines a task; none of it may be given without a value.
_RESTRICTIONS: t.Final = (
    "subscriptions",
    "subscriptions[].expect",
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


def run() -> None:
    """Run the module; ends the process."""
    module = TaskModule(argument_spec=SPEC, supports_check_mode=True, required_one_of=[["subscriptions", "policies"]])
    redactor = Redactor(on_add=module.no_log_values.add)
    try:
        module.refuse_nulls(*_RESTRICTIONS)
        result, errors = _FleetModule(module, redactor).result()
    except (Problem, PartnerCenterError) as error:
        module.fail_json(**failure(error, redactor))
        return
    if errors:
        module.fail_json(
            msg=redactor.scrub(fleet_results.message(result, errors, module.check_mode)),
            error=errors[0].to_dict(),
            **result,
        )
    else:
        module.exit_json(**result)


class _FleetModule:
    """One task over a fleet: its options checked, the run of the engine around it, its result."""

    def __init__(self, module: TaskModule, redactor: Redactor) -> None:
        params = module.params
        self._module = module
        self._redactor = redactor
        self._task = fleet.Task(
            _scope(params),
            Guard() if params["guard"] is None else parse_guard("guard", params["guard"]),
            Limits(_max_failures(params), checks.whole_number("max_concurrency", params["max_concurrency"])),
            check_mode=module.check_mode,
            guard_warns=params["guard_in_check_mode"] == "warn",
            keep_unchanged=params["return_unchanged"],
            fail_on_unavailable=params["on_unavailable"] == "fail",
            journal_path=params["journal_path"] or "",
        )
        self._progress = Progress(*filter(None, (os.environ.get(PATH_VARIABLE), params["progress_path"])))
        self._connection = connection(module)
        self._options = change_options(params, self._connection.retries)

    def result(self) -> tuple[dict[str, t.Any], tuple[Failure, ...]]:
        """The module's result, and the errors that make the task fail."""
        with Lifeline() as life:
            finishing = Finishing()
            client = connect(
                self._connection,
                redactor=self._redactor,
                observer=self._progress,
                stopped=lambda: life.is_cut() and not finishing.is_now,
            )
            journal = self._journal()
            runtime = Runtime(
                client,
                self._options,
                known_resellers=once(client.indirect_resellers),
                journal=journal or NoJournal(),
                stopped=life.is_cut,
                finishing=finishing,
            )
            task = replace(self._task, left_open=self._left_open())
            done = fleet.run(task, runtime, self._progress, before_writing=lambda: self._started(journal))
            self._progress.ended()
            self._warn([*done.warnings, *self._lost_progress()])
            result = self._told(done)
            # Without an end, what earlier runs have left unfinished stays untold, and the next run tells it.
            if journal is not None and done.is_planned:
                journal.close(result["summary"])
        late = runtime.journal.failure
        if late is None or late in done.errors:
            return result, done.errors
        return result, (*done.errors, late) if done.breach is not None else (late, *done.errors)

    def _journal(self) -> FileJournal | None:
        path = self._module.params["journal_path"]
        if path is None or self._module.check_mode:
            return None
        return FileJournal(path, utc_now, self._options.change_reference)

    def _left_open(self) -> UnfinishedWork:
        """What earlier runs in the journal have left open; check mode looks, too, and foretells the same."""
        path = self._module.params["journal_path"]
        if path is None:
            return UnfinishedWork()
        return left_by_earlier_runs(path, self._place(), is_ours=not self._module.check_mode)

    def _started(self, journal: FileJournal | None) -> None:
        if journal is not None:
            journal.start(**self._place(), undoes=_undoes(self._module.params))

    def _place(self) -> dict[str, str | None]:
        return {"tenant_id": partner_tenant(self._connection), "api_url": self._connection.api_url}

    def _lost_progress(self) -> t.Iterator[str]:
        path = self._module.params["progress_path"]
        if path in self._progress.lost:
            yield f"progress_path: {path} cannot be written: {self._progress.lost[path]}."

    def _warn(self, warnings: t.Iterable[str]) -> None:
        for warning in warnings:
            self._module.warn(self._redactor.scrub(warning))

    def _told(self, done: fleet.FleetResult) -> dict[str, t.Any]:
        shown = [
            outcome
            for outcome in done.outcomes
            if outcome.changed or outcome.error is not None or self._module.params["return_unchanged"]
        ]
        result: dict[str, t.Any] = {
            "changed": any(outcome.changed for outcome in done.outcomes),
            "plan": done.plan,
            "digest": digest(done.plan),
            **self._place(),
            "outcomes": [fleet_results.outcome(outcome, self._redactor) for outcome in shown],
            "summary": fleet_results.summary(done.survey, done.outcomes, self._progress),
            "unavailable": done.survey.unavailable,
        }
        if done.breach is not None:
            result["guard"] = done.breach.details["breaches"]
        if self._module._diff:  # noqa: SLF001 - Ansible has no other way to ask
            result["diff"] = [fleet_results.diff(outcome) for outcome in done.outcomes if outcome.changes]
        return result


def _scope(params: t.Mapping[str, t.Any]) -> Scope:
    ids = params["customers"]
    return Scope(
        items=parse_items("subscriptions", params["subscriptions"] or [], is_rollback=_undoes(params) is not None),
        policies=parse_policies("policies", params["policies"]),
        customers=None
        if ids is None
        else tuple(checks.guid(f"customers[{index}]", one) for index, one in enumerate(ids)),
    )


def _undoes(params: t.Mapping[str, t.Any]) -> str | None:
    """The run or the plan that the task undoes; None where it is no rollback."""
    value = params["undoes"]
    return None if value is None else checks.header_text("undoes", value)


def _max_failures(params: t.Mapping[str, t.Any]) -> int | None:
    if params["on_error"] == "stop":
        return 1
    limit = params["max_failures"]
    return None if limit is None else checks.whole_number("max_failures", limit)
