# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: from_stat
short_description: Read a plan or a report that an earlier job has handed on
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Gives the text of which P(csp.partner_center.to_stat#filter) has made a stat. A text that is not whole fails.
  - The role P(csp.partner_center.fleet#role) does this with O(csp.partner_center.fleet#role:approved:fleet_plan_data).
positional: _input
options:
  _input:
    description: What P(csp.partner_center.to_stat#filter) has returned.
    type: str
    required: true
seealso:
  - plugin: csp.partner_center.to_stat
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the plan of an earlier job of the workflow
  csp.partner_center.pc_show:
    report: "{{ fleet_plan_data | csp.partner_center.from_stat }}"
"""

RETURN = r"""
_value:
  description: The text of a plan file, or of a report's JSON file.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._common.problems import Refused
from ..module_utils._state.records.packed import unpack


def from_stat(packed: t.Any) -> str:
    try:
        return unpack(str(packed))
    except Refused as refused:
        raise AnsibleFilterError(f"from_stat: {refused}") from refused


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"from_stat": from_stat}
