# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_to_desired
short_description: Turn a plan into items for pc_fleet that apply exactly this plan
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Turns all changes that a plan has for one subscription into one item for the
    O(csp.partner_center.pc_fleet#module:subscriptions) option of M(csp.partner_center.pc_fleet).
  - Each item expects the values that the plan found. A subscription that somebody else has changed since is a conflict;
    it fails and is left untouched, and the others are changed. Changes that have already been made are not made again.
  - A plan with redacted values is refused, because they must never be written back.
  - The filter does not look at the age, the tenant or the digest of a plan file. The role
    P(csp.partner_center.fleet#role) does, and is the usual way to apply one.
positional: _input
options:
  _input:
    description:
      - RV(csp.partner_center.pc_fleet#module:plan), a result that holds it, or the content of a plan file, read or as
        text.
    type: raw
    required: true
seealso:
  - module: csp.partner_center.pc_fleet
  - plugin: csp.partner_center.plan_to_rollback
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Plan
  csp.partner_center.pc_fleet:
    policies:
      - name: name subscriptions after their customers
        match:
          status: active
        set:
          friendly_name: "{customer_name} - {offer_name}"
  check_mode: true
  register: planned

- name: Ask
  ansible.builtin.pause:
    prompt: "Make {{ planned.plan | length }} changes? Enter to go on, Ctrl+C and A to stop"

- name: Make the planned changes, and nothing else
  csp.partner_center.pc_fleet:
    subscriptions: "{{ planned.plan | csp.partner_center.plan_to_desired }}"
    journal_path: ~/partner-center.jsonl

- name: Apply the part of a saved plan for one customer
  csp.partner_center.pc_fleet:
    subscriptions: >-
      {{ (lookup('ansible.builtin.file', 'plan.json') | from_json).changes
         | selectattr('customer_name', 'equalto', 'Contoso')
         | csp.partner_center.plan_to_desired }}
"""

RETURN = r"""
_value:
  description:
    - Items for O(csp.partner_center.pc_fleet#module:subscriptions), in the order in which the plan names the
      subscriptions. A null in O(csp.partner_center.pc_fleet#module:subscriptions[].expect) means that there is no
      value.
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

from ..module_utils._common.problems import Problem
from ..module_utils._state.records import plan_items


def plan_to_desired(plan: t.Any) -> list[dict[str, t.Any]]:
    try:
        return plan_items.to_desired(plan)
    except Problem as problem:
        raise AnsibleFilterError(f"plan_to_desired: {problem}") from problem


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_to_desired": plan_to_desired}
