# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: subscriptions_to_csv
short_description: Write subscriptions as a table that people fill in
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Writes a row for each subscription, with ids, names and current values. Beside each value of a setting there is an
    empty column whose name begins with C(new_), such as C(new_quantity) or C(new_renewal_quantity), to be filled in
    with any spreadsheet program. P(csp.partner_center.csv_to_subscriptions#filter) turns that into items.
  - The table begins with a byte order mark, so that spreadsheet programs read it as UTF-8.
  - A text that a spreadsheet program would take for a formula, a number or a date has an apostrophe before it, which
    P(csp.partner_center.csv_to_subscriptions#filter) takes off again.
  - C(?) stands for a value that is not in the subscription, such as the support contact if it was not read.
  - The playbook C(csp.partner_center.export_subscriptions) reads the fleet and writes the file.
positional: _input
options:
  _input:
    description:
      - RV(csp.partner_center.pc_subscription_info#module:subscriptions), with all fields.
    type: list
    elements: dict
    required: true
  delimiter:
    description:
      - What separates the cells, as a word or as the character itself.
      - In languages with decimal commas, spreadsheet programs usually expect semicolons.
    type: str
    default: comma
    choices: [comma, semicolon, tab, ",", ";", "\t"]
  contacts:
    description:
      - A result of M(csp.partner_center.pc_subscription_info) with the support contacts of some of these subscriptions,
        if they were read apart.
    type: dict
seealso:
  - module: csp.partner_center.pc_subscription_info
  - plugin: csp.partner_center.csv_to_subscriptions
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read a customer's subscriptions
  csp.partner_center.pc_subscription_info:
    customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
  register: found

- name: Write a table to fill in
  ansible.builtin.copy:
    content: "{{ found.subscriptions | csp.partner_center.subscriptions_to_csv(delimiter='semicolon') }}"
    dest: ~/contoso.csv
    mode: "0600"
    force: false
"""

RETURN = r"""
_value:
  description: The table as text, its rows by customer and offer.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._report.export import table_text, with_support_contacts
from ..module_utils._state.tables.cells import SEPARATORS


def subscriptions_to_csv(
    subscriptions: t.Any, delimiter: str = "comma", contacts: t.Mapping[str, t.Any] | None = None
) -> str:
    if not isinstance(subscriptions, (list, tuple)) or not all(isinstance(one, t.Mapping) for one in subscriptions):
        raise AnsibleFilterError(
            "subscriptions_to_csv: takes a list of subscriptions, as pc_subscription_info returns them."
        )
    separator = SEPARATORS.get(delimiter, delimiter)
    if separator not in SEPARATORS.values():
        raise AnsibleFilterError(f"subscriptions_to_csv: delimiter must be one of {', '.join(SEPARATORS)}.")
    return table_text(with_support_contacts(subscriptions, contacts or {}), separator)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"subscriptions_to_csv": subscriptions_to_csv}
