# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands an object of AWX to the module that keeps it, in whichever of the collections that have one is installed."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import module_loader

#: The collections with modules for AWX, in the order in which they are looked for.
COLLECTIONS: t.Final = ("awx.awx", "ansible.controller")


class ActionModule(ActionBase):
    """Runs the module ``kind`` with ``options``."""

    TRANSFERS_FILES = False
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        del tmp
        _validated, given = self.validate_argument_spec(
            {
                "kind": {"type": "str", "required": True},
                "options": {"type": "dict", "required": True},
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            }
        )
        names = [f"{collection}.{given['kind']}" for collection in COLLECTIONS]
        name = next((one for one in names if module_loader.find_plugin_with_context(one).resolved), None)
        if name is None:
            return {**result, "failed": True, "msg": not_installed(given["kind"])}
        arguments = {**given["options"], "state": given["state"]}
        done: dict[str, t.Any] = self._execute_module(
            module_name=name, module_args=arguments, task_vars=task_vars, wrap_async=False
        )
        if given["state"] == "absent" and belongs_to_nothing(done):
            done = {"changed": False}
        return {**result, **done}


def not_installed(kind: str) -> str:
    return (
        f"Neither {' nor '.join(COLLECTIONS)} is installed, whose module {kind} is needed here. Install one of them, "
        "such as with ansible-galaxy collection install awx.awx, or run this in an execution environment that has it."
    )


def belongs_to_nothing(done: t.Mapping[str, t.Any]) -> bool:
    """Whether the module failed because it did not find what the object belongs to."""
    return bool(done.get("failed")) and done.get("total_results") == 0
