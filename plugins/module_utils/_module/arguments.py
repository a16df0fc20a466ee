# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What a task gives, and what it leaves out."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule

from .._state.nulls import refuse_nulls


class TaskModule(AnsibleModule):  # type: ignore[misc]  # Ansible has no types
    """
    An AnsibleModule that still tells an option that is given as null from one that is left out.

    Ansible makes null of both, so what the task gave is kept before Ansible works on it.
    """

    def _load_params(self) -> None:
        super()._load_params()
        self.given: dict[str, t.Any] = dict(self.params)

    def refuse_nulls(self, *paths: str) -> None:
        """Raises InvalidInput as :func:`refuse_nulls` does, for options under any of their names."""
        refuse_nulls(self.given, *paths)
