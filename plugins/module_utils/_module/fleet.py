# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The fleet module: its options, and its way through the engine."""

from __future__ import annotations

import os
import typing as t
from dataclasses import replace
from functools import partial

from .._api.connect import connect
from .._common.problems import Problem
from .._common.redaction import Redactor
from .._common.surroundings import Surroundings
from .._engine import fleet
from .._engine.fleet_apply import Limits
from .._engine.journal.file import FileJournal
from .._engine.journal.opening import left_by_earlier_runs
from .._engine.journal.protocol import NoJournal
from .._engine.planning.planner import Scope
from .._engine.progress import PATH_VARIABLE, Progress
from .._engine.runtime import Runtime, as_failure, once, utc_now
from .._state import checks
from .._state.fields import END_OF_TERM
from .._state.guard import FORBIDDEN_STATUSES, Guard, parse_guard
from .._state.items import CONTACT, parse_items
from .._state.kinds import ALLOW_NEW_COMMERCE
from .._state.policies.parse import parse_policies
from .._state.records.unfinished_runs import UnfinishedWork
from . import fleet_results
from .arguments import TaskModule
from .connection import CONNECTION, connection, exposure_warnings
from .options import CHANGE, SCHEDULED_CHANGES, change_options, ids, settings
from .parent_watch import ParentWatch
from .results import ResultParts, end_module, failure

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


def run_module() -> None:
    """Run the module; ends the process."""
    module = TaskModule(argument_spec=SPEC, supports_check_mode=True, required_one_of=[["subscriptions", "policies"]])
    redactor = Redactor(on_add=module.no_log_values.add)
    task = _FleetModule(module, redactor)
    try:
        task.carry_out()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - a person is told what happened, and all that was done before
        task.errors.append(as_failure(error))
    if not task.errors:
        end_module(module, task.result, failed=False)
        return
    first = task.errors[0]
    said = ResultParts().part(lambda: fleet_results.message(task.result, task.errors, module.check_mode), str(first))
    end_module(module, {**failure(first, redactor), "msg": redactor.scrub(said), **task.result}, failed=True)


class _FleetModule:
    """
    One task over a fleet: its options checked, the run of the engine around it, its result.

    ``result``: what was planned and done so far. ``errors``: why the task fails. Both count also if something raises.
    """

    def __init__(self, module: TaskModule, redactor: Redactor) -> None:
        self._module = module
        self._redactor = redactor
        self.result: dict[str, t.Any] = {}
        self.errors: list[Problem] = []

    def carry_out(self) -> None:
        params = self._module.params
        self._module.refuse_nulls(*_RESTRICTIONS)
        task, origins = _fleet_task(params, self._module.check_mode), _origins(params)
        reach = connection(self._module)
        options = change_options(params, reach.retries)
        progress = Progress(*filter(None, (os.environ.get(PATH_VARIABLE), params["progress_path"])))
        with ParentWatch() as watch:
            around = Surroundings(watch.stop_requested)
            client = connect(reach, redactor=self._redactor, observer=progress, surroundings=around)
            # Before anything is sent: two runs do not write to the same journal.
            journal = self._journal(options.change_reference)
            runtime = Runtime(
                client,
                options,
                known_resellers=once(client.indirect_resellers),
                journal=journal or NoJournal(),
                surroundings=around,
            )
            place = {"tenant_id": client.tenant_id(), "api_url": reach.api_url}
            task = replace(task, unfinished=self._unfinished(journal, place))
            started = partial(journal.start, **place, **origins) if journal is not None else fleet.nothing
            done = fleet.run_fleet(task, runtime, progress, before_writing=started)
            self.result.update(changed=any(outcome.changed for outcome in done.outcomes), plan=done.plan, **place)
            if journal is not None and done.is_planned:
                self.result["run_id"] = journal.run_id
            self.errors += done.errors
            try:
                self._tell(task.scope, done, progress)
            finally:
                # Without an end, what earlier runs have left unfinished stays untold, and the next run tells it.
                if journal is not None and done.is_planned:
                    journal.close(self.result.get("summary", {}))
                late = runtime.journal.failure
                if late is not None and late not in self.errors:
                    self.errors.insert(len(self.errors) if done.breach is not None else 0, late)
        exposed = exposure_warnings(reach, done.plan)
        self._warn([*exposed, *done.warnings, *_lost_progress(progress, params["progress_path"])])

    def _journal(self, change_reference: str | None) -> FileJournal | None:
        path = self._module.params["journal_path"]
        if path is None or self._module.check_mode:
            return None
        return FileJournal(path, utc_now, change_reference, self._redactor.scrub)

    def _unfinished(self, journal: FileJournal | None, place: t.Mapping[str, str | None]) -> UnfinishedWork:
        """What earlier runs in the journal have left open; check mode looks, too, and predicts the same."""
        if journal is not None:
            return journal.left_by_earlier_runs(place)
        path = self._module.params["journal_path"]
        return UnfinishedWork() if path is None else left_by_earlier_runs(path, place)

    def _warn(self, warnings: t.Iterable[str]) -> None:
        for warning in warnings:
            self._module.warn(self._redactor.scrub(warning))

    def _tell(self, scope: Scope, done: fleet.FleetResult, progress: Progress) -> None:
        """Add to the result what was planned and done, and to the errors why some of it cannot be shown."""
        result = self.result
        shown = [
            outcome
            for outcome in done.outcomes
            if outcome.changed or outcome.error is not None or self._module.params["return_unchanged"]
        ]
        parts = ResultParts()
        parts.part(progress.ended, None)
        no_counts: dict[str, t.Any] = {}
        nothing: list[dict[str, t.Any]] = []
        result["summary"] = parts.part(lambda: fleet_results.summary(scope, done, progress), no_counts)
        result["outcomes"] = [
            parts.part(partial(fleet_results.shown_outcome, one, self._redactor), fleet_results.bare_outcome(one))
            for one in shown
        ]
        result["unplanned"] = parts.part(lambda: fleet_results.shown_unplanned(done.fleet, self._redactor), nothing)
        result.update(digest=done.digest, unavailable=done.fleet.unavailable)
        if done.breach is not None:
            result["guard"] = done.breach.details["breaches"]
        if self._module._diff:  # noqa: SLF001 - Ansible has no other way to ask
            changed = [one for one in done.outcomes if one.changes]
            diffs = [parts.part(partial(fleet_results.outcome_diff, one), None) for one in changed]
            result["diff"] = [diff for diff in diffs if diff is not None]
        self.errors += parts.errors


def _lost_progress(progress: Progress, path: str | None) -> t.Iterator[str]:
    if path in progress.lost:
        yield f"progress_path: {path} cannot be written: {progress.lost[path]}."


def _fleet_task(params: t.Mapping[str, t.Any], check_mode: bool) -> fleet.FleetTask:
    """What the options ask for; raises InvalidInput."""
    return fleet.FleetTask(
        _scope(params),
        Guard() if params["guard"] is None else parse_guard("guard", params["guard"]),
        Limits(_max_failures(params), checks.whole_number("max_concurrency", params["max_concurrency"])),
        check_mode=check_mode,
        guard_warns=params["guard_in_check_mode"] == "warn",
        keep_unchanged=params["return_unchanged"],
        fail_on_unavailable=params["on_unavailable"] == "fail",
        journal_path=params["journal_path"] or "",
        on_unmatched=params["on_unmatched"],
    )


def _scope(params: t.Mapping[str, t.Any]) -> Scope:
    ids = params["customers"]
    return Scope(
        items=parse_items("subscriptions", params["subscriptions"] or [], is_rollback=params["undoes"] is not None),
        policies=parse_policies("policies", params["policies"]),
        customers=None
        if ids is None
        else tuple(checks.guid(f"customers[{index}]", one) for index, one in enumerate(ids)),
    )


def _origins(params: t.Mapping[str, t.Any]) -> dict[str, str | None]:
    """What the journal says of a run: the run or the plan that it undoes, and the plan that it applies."""
    given = {name: params[name] for name in ("undoes", "plan_digest")}
    return {name: None if value is None else checks.header_text(name, value) for name, value in given.items()}


def _max_failures(params: t.Mapping[str, t.Any]) -> int | None:
    if params["on_error"] == "stop":
        return 1
    limit = params["max_failures"]
    return None if limit is None else checks.whole_number("max_failures", limit)
