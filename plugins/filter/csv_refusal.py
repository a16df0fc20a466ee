# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: csv_refusal
short_description: Say what is wrong in a filled-in table
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Names everything for which P(csp.partner_center.csv_to_subscriptions#filter) refuses a table, with rows and columns.
  - Returns a text, so that a playbook can show it and stop.
  - With O(csp.partner_center.fleet#role:main:fleet_csv_path), the role P(csp.partner_center.fleet#role) does this.
positional: _input
options:
  _input:
    description: What P(csp.partner_center.csv_to_subscriptions#filter) takes.
    type: raw
    required: true
seealso:
  - plugin: csp.partner_center.csv_to_subscriptions
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the table
  ansible.builtin.slurp:
    src: ~/contoso.csv
  register: table

- name: Stop if something in it is wrong
  ansible.builtin.assert:
    that: refusal == ''
    fail_msg: "{{ refusal }}"
  vars:
    refusal: "{{ table | csp.partner_center.csv_refusal }}"
"""

RETURN = r"""
_value:
  description: What is wrong; an empty string if the table can be used.
  type: str
  sample: "Row 7, new_quantity: must be a whole number in digits alone; 1.000 can mean 1 or 1000."
"""

import typing as t

from ..module_utils._common.problems import Problem
from ..module_utils._state.tables.cells import read_sheet
from ..module_utils._state.tables.rows import read_items


def csv_refusal(table: t.Any) -> str:
    try:
        read_items(read_sheet(table))
    except Problem as problem:
        return str(problem)
    return ""


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"csv_refusal": csv_refusal}
