# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: csv_to_subscriptions
short_description: Turn a filled-in table into items for pc_fleet
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Takes a table of P(csp.partner_center.subscriptions_to_csv#filter). Each row in which something is filled in becomes
    one item for the O(csp.partner_center.pc_fleet#module:subscriptions) option of M(csp.partner_center.pc_fleet). An
    empty cell leaves the setting alone.
  - Each item expects the exported values of the settings that are filled in. A subscription that somebody else has
    changed since the export is a conflict. Nothing is expected of a value that was not read (C(?)).
  - The table may be saved by any spreadsheet program. Separator (comma, semicolon, tab) and encoding (UTF-8 or
    UTF-16) are found out. A table in another encoding is read as Windows-1252, and a warning says so.
  - Unknown columns, values that cannot be set or can mean two things, and doubled subscriptions are errors.
    The message names all of them with row and column. Rows are counted as spreadsheet programs do.
  - With O(csp.partner_center.fleet#role:main:fleet_csv_path), the role P(csp.partner_center.fleet#role) does all of
    this.
positional: _input
options:
  _input:
    description:
      - A result of M(ansible.builtin.slurp), which keeps the bytes of the file as they are.
      - Or a text, if the file is UTF-8. P(ansible.builtin.file#lookup) loses letters of other files; such a text is
        refused.
    type: raw
    required: true
seealso:
  - module: csp.partner_center.pc_fleet
  - plugin: csp.partner_center.subscriptions_to_csv
    plugin_type: filter
  - plugin: csp.partner_center.csv_refusal
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the table
  ansible.builtin.slurp:
    src: ~/contoso.csv
  register: table

- name: Make the changes that are filled in
  csp.partner_center.pc_fleet:
    subscriptions: "{{ table | csp.partner_center.csv_to_subscriptions }}"
    guard:
      max_changes: 20
"""

RETURN = r"""
_value:
  description:
    - Items for O(csp.partner_center.pc_fleet#module:subscriptions), in the order of the rows. A null in
      O(csp.partner_center.pc_fleet#module:subscriptions[].expect) means that there is no value.
  type: list
  elements: dict
  sample:
    - customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
      subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
      quantity: 25
      expect:
        quantity: 20
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display

from ..module_utils._common.problems import Problem
from ..module_utils._state.tables.cells import read_sheet
from ..module_utils._state.tables.rows import read_items


def csv_to_subscriptions(table: t.Any) -> list[dict[str, t.Any]]:
    try:
        sheet = read_sheet(table)
        items = read_items(sheet)
    except Problem as problem:
        raise AnsibleFilterError(f"csv_to_subscriptions: {problem}") from problem
    if sheet.is_guessed:
        _warn("The table is not UTF-8. It was read as Windows-1252: look whether letters with accents are right.")
    if not items:
        _warn("Nothing is filled in in the table.")
    return items


def _warn(sentence: str) -> None:
    Display().warning(f"csv_to_subscriptions: {sentence}")


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"csv_to_subscriptions": csv_to_subscriptions}
