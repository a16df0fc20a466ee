# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_stat
short_description: Turn a plan or a report into a short text that a job can hand on
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Compresses a text, such that M(ansible.builtin.set_stats) can hand it on to later jobs of a workflow in AWX or
    Automation Controller. The text that it returns has letters, digits, C(+), C(/) and C(=) alone, so nothing in it is
    ever read as a template.
  - Returns an empty text if the result has more than 262,144 characters. That is a plan with some thousands of changes;
    a larger one travels as a file in a folder that the jobs share.
  - The role P(csp.partner_center.fleet#role) does this in AWX and Automation Controller with every plan and result.
positional: _input
options:
  _input:
    description: The text of a plan file, or of a report's JSON file.
    type: str
    required: true
seealso:
  - plugin: csp.partner_center.from_stat
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Hand the plan on
  ansible.builtin.set_stats:
    data:
      fleet_plan_data: "{{ lookup('ansible.builtin.file', 'plan.json') | csp.partner_center.to_stat }}"
"""

RETURN = r"""
_value:
  description: The compressed text in Base64, or an empty text.
  type: str
  sample: H4sIAAAAAAAC/6tWSsusKC1KVbIy0lFKSSxJVLKqBQAiGVFXFgAAAA==
"""

import typing as t

from ..module_utils._state.records.packed import pack


def to_stat(text: t.Any) -> str:
    return pack(str(text))


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"to_stat": to_stat}
