# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Checks the variables of the collection's roles and playbooks where Ansible runs: only there it is known which of them
came from the command line, and what is null before a template makes a text of it.
"""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from ansible import context
from ansible.errors import AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.parsing.splitter import parse_kv
from ansible.plugins.action import ActionBase
from ansible.utils.vars import load_extra_vars

from ..module_utils._common.private_file import make_folder
from ..module_utils._common.problems import InvalidInput
from ..module_utils._module import variables
from ..module_utils._module.job_container import lost_paths, mounts

REQUIREMENT: t.Final = {"that": {"type": "bool", "required": True}, "msg": {"type": "str", "required": True}}
#: Names under which Ansible keeps what it could not take for name=value.
LEFT_OVER = ("_raw_params", "")

#: What Linux says of mounts; other systems run no jobs in containers.
MOUNTS = Path("/proc/self/mountinfo")


class ActionModule(ActionBase):
    """Refuses variables that are unknown, null or of the wrong kind, and returns the values of the others."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        del tmp
        found = task_vars or {}
        _validated, options = self.validate_argument_spec(
            {
                "variables": {"type": "list", "elements": "str"},
                "prefixes": {"type": "list", "elements": "str", "default": list(variables.PREFIXES)},
                "uncounted": {"type": "dict", "default": {}},
                "requirements": {"type": "list", "elements": "dict", "default": [], "options": REQUIREMENT},
                "files": {"type": "list", "elements": "str", "default": []},
                "directories": {"type": "list", "elements": "str", "default": []},
                "lasting": {"type": "list", "elements": "str", "default": []},
            }
        )
        given = load_extra_vars(self._loader)
        problems = [cut for cut in [cut_extra_variables(given)] if cut]
        problems += map(str, variables.unknown_names(given.keys() - LEFT_OVER, options["prefixes"], alike_only=False))
        names = options["variables"]
        if names is None:
            names = [name for name in variables.VARIABLES if name.startswith(tuple(options["prefixes"]))]
        values, refused = self._read(names, found)
        mixed_up = variables.mixed_up(options["uncounted"], found.keys())
        problems += [*refused, *(f"{one} Leave one of them out." for other, one in mixed_up if other in given)]
        problems += [one["msg"] for one in options["requirements"] if not one["that"]]
        if not problems:
            problems += unwritable(options["files"], options["directories"])
        if problems:
            return {**result, "failed": True, "msg": f"{' '.join(problems)} Nothing was read or changed."}
        suspects = variables.unknown_names(
            found.keys() - given.keys() - facts(found), options["prefixes"], alike_only=True
        )
        warnings = [*map(str, suspects), *(one for _other, one in mixed_up), *lost(options["lasting"])]
        return {**result, "changed": False, "variables": values, "warnings": warnings}

    def _read(self, names: t.Iterable[str], found: t.Mapping[str, t.Any]) -> tuple[dict[str, t.Any], list[str]]:
        values, refused = {}, []
        for name in names:
            if name not in found:
                continue
            try:
                value = variables.read_variable(name, self._templar.template(found[name]), self._parse)
            except InvalidInput as problem:
                refused.append(str(problem))
                continue
            if not variables.VARIABLES[name].secret:
                values[name] = value
        return values, refused

    def _parse(self, text: str) -> t.Any:
        try:
            return self._loader.load(text, show_content=False)
        except AnsibleError as error:
            raise ValueError(str(error)) from error


def unwritable(files: t.Iterable[str], directories: t.Iterable[str]) -> t.Iterator[str]:
    """Why these cannot be written. Missing directories are made, those of the files too."""
    paths = [Path(name) for name in files]
    for folder in dict.fromkeys([*(path.parent for path in paths), *map(Path, directories)]):
        try:
            make_folder(folder)
        except OSError as error:
            yield f"{folder} cannot be made: {error.strerror or error}."
            continue
        if not folder.is_dir():
            yield f"{folder} is not a directory."
        elif not os.access(folder, os.W_OK | os.X_OK):
            yield f"{folder} cannot be written."
    yield from (f"{path} is not a regular file." for path in paths if path.exists() and not path.is_file())


def lost(paths: t.Iterable[str]) -> t.Iterator[str]:
    """What to say of paths that are gone when this job of an automation platform ends."""
    mounted = mounts(MOUNTS.read_text(errors="replace")) if MOUNTS.exists() else []
    for path in lost_paths(dict.fromkeys(map(os.path.abspath, paths)), os.environ, mounted):
        yield (
            f"{path} is in the container of this job and gone when the job ends. "
            "Choose a folder that is mounted into every job."
        )


def cut_extra_variables(given: t.Mapping[str, t.Any]) -> str | None:
    """What to say if Ansible cut an extra variable's value at a blank. Values are not shown: one may be a secret."""
    if not any(name in given for name in LEFT_OVER):
        return None
    names: set[str] = set()
    for text in map(to_text, context.CLIARGS.get("extra_vars", ())):
        pairs = parse_kv(text) if text and text[0] not in "@[{" else {}
        if any(name in pairs for name in LEFT_OVER):
            names |= pairs.keys() - LEFT_OVER
    of = f" (of {', '.join(sorted(names))})" if names else ""
    return (
        f"Ansible has cut an extra variable{of} at a blank, and what follows it is lost. Put the value in quotes "
        'of its own, as in -e "name=\'two words\'", or give JSON, as in -e \'{"name": "two words"}\'.'
    )


def facts(found: t.Mapping[str, t.Any]) -> set[str]:
    """Names of facts that the play has set, and of results that it has registered."""
    manager = getattr(found.get("hostvars"), "_variable_manager", None)
    kept = getattr(manager, "_nonpersistent_fact_cache", {})
    return set(kept.get(found.get("inventory_hostname"), ()))
