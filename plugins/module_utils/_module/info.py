# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The modules that only read: arguments -> a checked question -> the client's answer -> result or failure."""

from __future__ import annotations

import typing as t

from .._api.client import PartnerCenter
from .._api.connect import connect
from .._common import case
from .._common.problems import Problem
from .._common.redaction import Redactor
from .._common.surroundings import Surroundings
from .._engine.runtime import as_failure
from .._state.checks import Check
from .._state.model import Raw
from .arguments import TaskModule
from .connection import CONNECTION, connection, exposure_warnings
from .parent_watch import ParentWatch
from .results import end_module, failure

Params = t.Mapping[str, t.Any]


class Findings(t.NamedTuple):
    """A module's result; with an error the task fails, and what was read is in its result all the same."""

    result: dict[str, t.Any]
    error: Problem | None = None
    warnings: t.Sequence[str] = ()


Question = t.Callable[[PartnerCenter], Findings]


def run_info(
    spec: t.Mapping[str, t.Any],
    question: t.Callable[[Params], Question],
    *,
    restrictions: t.Sequence[str] = (),
    **constraints: t.Any,
) -> None:
    """
    Run a module that only reads; ends the process.

    ``question`` checks the arguments, raising InvalidInput before anything is sent, and returns what the client is to
    be asked; ``spec`` and ``constraints`` are the module's own, as AnsibleModule takes them. ``restrictions``:
    options that must not be given without a value.
    """
    module = TaskModule(argument_spec={**CONNECTION, **spec}, supports_check_mode=True, **constraints)
    redactor = Redactor(on_add=module.no_log_values.add)
    try:
        module.refuse_nulls(*restrictions)
        ask = question(module.params)
        with ParentWatch() as watch:
            reach = connection(module)
            client = connect(reach, redactor=redactor, surroundings=Surroundings(watch.stop_requested))
            result, error, warnings = ask(client)
    except Exception as caught:  # noqa: BLE001 - a person is told what happened, not where in the code
        end_module(module, failure(as_failure(caught), redactor), failed=True)
        return
    for warning in (*exposure_warnings(reach, result), *warnings):
        module.warn(redactor.scrub(warning))
    told = {} if error is None else failure(error, redactor)
    end_module(module, {"changed": False, **result, **told}, failed=error is not None)


def checked_option(params: Params, name: str, check: Check) -> t.Any:
    """An option's value as ``check`` returns it; None where it is not given."""
    value = params[name]
    return None if value is None else check(name, value)


def shown_resources(resources: t.Iterable[Raw]) -> list[dict[str, t.Any]]:
    """Resources as results show them, by id."""
    return [case.snake(raw) for raw in sorted(resources, key=lambda raw: case.text(raw, "id").lower())]
