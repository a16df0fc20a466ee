# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What Ansible is told by any module: failures and diffs, and the module's end with them."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.basic import AnsibleModule

from .._common.problems import Problem
from .._common.redaction import Redactor
from .._engine.runtime import as_failure

T = t.TypeVar("T")

#: Deeper values are cut: what reads a result need not be able to read them.
_DEEPEST: t.Final = 100


def diff_of(changes: t.Mapping[str, t.Mapping[str, t.Any]], header: str) -> dict[str, t.Any]:
    """``changes`` (``{field: {before, after}}``) as ``--diff`` shows them under a header."""
    return {
        "before_header": header,
        "after_header": header,
        "before": {name: change["before"] for name, change in changes.items()},
        "after": {name: change["after"] for name, change in changes.items()},
    }


def failure(error: Problem, redactor: Redactor, not_started: t.Sequence[str] = ()) -> dict[str, t.Any]:
    """What ``fail_json`` is told of an error, and of the writes that it kept from being made."""
    later = f" Not started: {', '.join(not_started)}." if not_started else ""
    told: dict[str, t.Any] = {"msg": redactor.scrub(f"{error}{later}"), "error": error.to_dict()}
    return {**told, "not_started": list(not_started)} if not_started else told


@dataclass(slots=True)
class ResultParts:
    """The parts of a result. One that cannot be made is replaced, and why it could not is among the ``errors``."""

    errors: list[Problem] = field(default_factory=list)

    def part(self, make: t.Callable[[], T], instead: T) -> T:
        try:
            return make()
        except Exception as error:  # noqa: BLE001 - what was done is reported, even if something of it cannot be shown
            self.errors.append(as_failure(error))
            return instead


def end_module(module: AnsibleModule, result: t.Mapping[str, t.Any], *, failed: bool) -> None:
    """End the process with this result, whatever it holds; ``msg`` is in it where the task failed."""
    plain = presentable(result)
    if failed:
        module.fail_json(**plain)
    else:
        module.exit_json(**plain)


def presentable(value: t.Any) -> t.Any:
    """The value itself where JSON can hold it; else a copy with text in place of what JSON cannot hold."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        return _holdable(value, _DEEPEST)
    return value


def _holdable(value: t.Any, depth: int) -> t.Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, t.Mapping):
        return {_escaped(key): _holdable(item, depth - 1) for key, item in value.items()} if depth else "…"
    if isinstance(value, (list, tuple)):
        return [_holdable(item, depth - 1) for item in value] if depth else "…"
    return _escaped(value)


def _escaped(value: t.Any) -> str:
    """The text, with what has no UTF-8 (half a character, as some clients cut it) written as an escape."""
    return str(value).encode("utf-8", "backslashreplace").decode()
