# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The fleet module's way through the engine."""

from __future__ import annotations

import os
import typing as t
from dataclasses import replace
from functools import partial

from ..._api.connect import connect
from ..._common.problems import Problem
from ..._common.redaction import Redactor
from ..._common.surroundings import Surroundings
from ..._engine import fleet
from ..._engine.journal.file import FileJournal
from ..._engine.journal.opening import left_by_earlier_runs
from ..._engine.journal.protocol import NoJournal
from ..._engine.planning.plans import Scope
from ..._engine.progress import PATH_VARIABLE, Progress
from ..._engine.runtime import Runtime, as_failure, once, utc_now
from ..._state.records.journal_runs import result_path
from ..._state.records.unfinished_runs import UnfinishedWork
from ..arguments import TaskModule
from ..connection import connection, exposure_warnings, tenant_domain
from ..options import change_options
from ..parent_watch import ParentWatch
from ..results import ResultParts, end_module, failure
from . import results
from .files import explicit_items, items_of_plan, read_plan
from .options import EXCLUSIVE, RESTRICTIONS, SOURCES, SPEC, fleet_task, origins_of


def run_module() -> None:
    """Run the module; ends the process."""
    module = TaskModule(
        argument_spec=SPEC, supports_check_mode=True, required_one_of=[list(SOURCES)], mutually_exclusive=EXCLUSIVE
    )
    redactor = Redactor(on_add=module.no_log_values.add)
    task = _FleetModule(module, redactor)
    try:
        with ParentWatch() as watch:
            try:
                task.run_until_done(watch)
            except Exception as error:  # noqa: BLE001 - a person is told what happened, and all that was done before
                task.errors.append(as_failure(error))
            if not watch.is_heard():
                task.leave_result()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - as above
        task.errors.append(as_failure(error))
    end_module(module, task.whole_result(), failed=bool(task.errors))


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
        self._warnings: list[str] = []
        #: What the journal says of the run, once it writes.
        self._begun: dict[str, t.Any] = {}

    def run_until_done(self, watch: ParentWatch) -> None:
        params = self._module.params
        self._module.refuse_nulls(*RESTRICTIONS)
        items, doubts = explicit_items(params)
        self._warn(doubts)
        task, origins, plan = fleet_task(params, items, self._module.check_mode), origins_of(params), read_plan(params)
        reach = connection(self._module)
        options = change_options(params, reach.retries)
        progress = Progress(*filter(None, (os.environ.get(PATH_VARIABLE), params["progress_path"])))
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
        if plan is not None:
            items = items_of_plan(plan, params, place, runtime.now())
            task, origins["plan_digest"] = replace(task, scope=replace(task.scope, items=items)), plan["digest"]
        task = replace(task, unfinished=self._unfinished(journal, place))
        begin = fleet.nothing if journal is None else partial(self._begin, journal, progress, {**place, **origins})
        done = fleet.run_fleet(task, runtime, progress, before_writing=begin)
        self.result.update(changed=any(outcome.changed for outcome in done.outcomes), plan=done.plan, **place)
        if domain := tenant_domain(reach):
            self.result["tenant_name"] = domain
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

    def _begin(self, journal: FileJournal, progress: Progress, start: dict[str, str | None]) -> None:
        journal.start(**start)
        path = os.path.abspath(journal.path)  # noqa: PTH100 - a link to the journal is where people look
        progress.result_path = result_path(path, journal.run_id)
        reference = self._module.params["change_reference"]
        self._begun = {"journal_path": path, "run_id": journal.run_id, "change_reference": reference, **start}

    def whole_result(self) -> dict[str, t.Any]:
        """The result, with the message and the error of a task that failed."""
        if not self.errors:
            return self.result
        first, check_mode = self.errors[0], self._module.check_mode
        said = ResultParts().part(lambda: results.message(self.result, self.errors, check_mode), str(first))
        return {**failure(first, self._redactor), "msg": self._redactor.scrub(said), **self.result}

    def leave_result(self) -> None:
        """Leave the result of a run that wrote beside its journal: its playbook was interrupted, and hears none."""
        try:
            if self._begun:
                result = {**self.whole_result(), "warnings": self._warnings}
                results.leave_beside_journal(result, self._begun, self._module.no_log_values)
        except Exception as error:  # noqa: BLE001 - the journal has all that was done
            self._warn([f"The result could not be left beside the journal: {as_failure(error).message}"])

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
        for warning in map(self._redactor.scrub, warnings):
            self._warnings.append(warning)
            self._module.warn(warning)

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
        result["summary"] = parts.part(lambda: results.summary(scope, done, progress), no_counts)
        result["outcomes"] = [
            parts.part(partial(results.shown_outcome, one, self._redactor), results.bare_outcome(one)) for one in shown
        ]
        result["unplanned"] = parts.part(lambda: results.shown_unplanned(done.fleet, self._redactor), nothing)
        result.update(digest=done.digest, unavailable=done.fleet.unavailable)
        if done.breach is not None:
            result["guard"] = done.breach.details["breaches"]
        if self._module._diff:  # noqa: SLF001 - Ansible has no other way to ask
            changed = [one for one in done.outcomes if one.changes]
            diffs = [parts.part(partial(results.outcome_diff, one), None) for one in changed]
            result["diff"] = [diff for diff in diffs if diff is not None]
        self.errors += parts.errors


def _lost_progress(progress: Progress, path: str | None) -> t.Iterator[str]:
    if path in progress.lost:
        yield f"progress_path: {path} cannot be written: {progress.lost[path]}."
