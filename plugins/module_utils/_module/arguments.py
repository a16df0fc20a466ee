# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What a task gives, and what it leaves out."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule

from .._common.words import unknown_name
from .._state.nulls import refuse_nulls

#: How the names begin that Ansible adds to a task's options.
_INTERNAL: t.Final = "_ansible_"
#: How Ansible begins to say that an option is not known.
_UNSUPPORTED: t.Final = "Unsupported parameters"


class TaskModule(AnsibleModule):  # type: ignore[misc]  # Ansible has no types
    """
    An AnsibleModule that still tells an option that is given as null from one that is left out, and names misspelled
    options before it says that another one is required.

    Ansible makes null of what is left out, so what the task gave is kept before Ansible works on it.
    """

    #: Whether Ansible has checked the options.
    _is_checked = False

    def __init__(self, **spec: t.Any) -> None:
        self.given: dict[str, t.Any] = {}
        super().__init__(**spec)
        self._is_checked = True

    def _load_params(self) -> None:
        super()._load_params()
        self.given = dict(self.params)

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        """As Ansible's, which fails with the options that are wrong while it is made."""
        unknown = [] if self._is_checked else [*unknown_options(self.given, self.argument_spec)]
        others = [msg] if not unknown or not msg.startswith(_UNSUPPORTED) else []
        super().fail_json(msg=" ".join([*unknown, *others]), **result)
        raise SystemExit(1)

    def refuse_nulls(self, *paths: str) -> None:
        """Raises InvalidInput as :func:`refuse_nulls` does, for options under any of their names."""
        refuse_nulls(self.given, *paths)


def unknown_options(given: t.Any, spec: t.Mapping[str, t.Any], path: str = "") -> t.Iterator[str]:
    """A sentence for each option that the specification does not know, those within options included."""
    if not isinstance(given, dict):
        return
    names = {alias: name for name, one in spec.items() for alias in (name, *one.get("aliases", ()))}
    for name, value in given.items():
        known = spec.get(names.get(name, ""))
        if known is None:
            if not str(name).startswith(_INTERNAL):
                yield f"{path}{name}: {unknown_name(str(name), names, is_listed=False)}"
        elif known.get("options"):
            parts = {f"[{index}]": one for index, one in enumerate(value)} if isinstance(value, list) else {"": value}
            for place, part in parts.items():
                yield from unknown_options(part, known["options"], f"{path}{name}{place}.")
