# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_to_rollback
short_description: Turn a plan or a journal into items for pc_fleet that undo it
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Turns all changes of one subscription that can be undone into one item for the
    O(csp.partner_center.pc_fleet#module:subscriptions) option of M(csp.partner_center.pc_fleet).
  - Each item expects the values that the plan or the run left. A subscription that somebody else has changed since is a
    conflict; it fails and is left untouched, and the others are restored. Changes that were planned and never made do
    not matter.
  - What cannot be undone is left out and named in a warning, with the reason. Cancelling cannot be undone; seats that
    were added on new commerce can only be given back within the refund window; a value that was empty, such as a first
    support contact, cannot be emptied again.
  - A journal does not say whether a subscription is new commerce. Partner Center itself refuses seats that are given
    back too late.
  - A journal's writes count when they were made or may have been made. Renewal instructions and support contacts are
    restored like the settings. A change of the partner's own support profile is named in the warning with its former
    values.
  - A source with redacted values is refused, because they must never be written back.
positional: _input
options:
  _input:
    description:
      - RV(csp.partner_center.pc_fleet#module:plan), a result that holds it, the content of a plan file, read or as
        text, or the text of a journal.
    type: raw
    required: true
  run_id:
    description:
      - Which run of a journal to undo, by its id or the beginning of it. A wrong id gives an error with the list of the
        runs.
      - The default is the last run that wrote something, is no rollback, and is not undone yet. See the filter
        P(csp.partner_center.run_to_undo#filter), which also names it.
      - Of a run that is undone already there is nothing to undo; a warning says so.
    type: str
  tenant_id:
    description:
      - The partner's tenant in which it would be undone, see RV(csp.partner_center.pc_fleet#module:tenant_id). Changes
        made in another one are refused. RV(csp.partner_center.pc_fleet#module:plan) alone does not say where it was
        made.
    type: str
  api_url:
    description: The address of the API at which it would be undone. Changes made at another one are refused.
    type: str
notes:
  - Undoing a reactivation suspends the subscription again, which the guard of M(csp.partner_center.pc_fleet) forbids by
    default. Set O(csp.partner_center.pc_fleet#module:guard.forbid_statuses=[deleted]) for it.
seealso:
  - module: csp.partner_center.pc_fleet
  - plugin: csp.partner_center.plan_to_desired
    plugin_type: filter
  - plugin: csp.partner_center.run_to_undo
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Undo the last run that wrote anything
  csp.partner_center.pc_fleet:
    subscriptions: "{{ journal | csp.partner_center.plan_to_rollback(run_id=chosen.run.id) }}"
    undoes: "{{ chosen.run.id }}"
    guard:
      forbid_statuses: [deleted]
    journal_path: ~/partner-center.jsonl
  vars:
    journal: "{{ lookup('ansible.builtin.file', '~/partner-center.jsonl') }}"
    chosen: "{{ journal | csp.partner_center.run_to_undo }}"
  when: chosen.is_needed

- name: Undo an earlier run
  csp.partner_center.pc_fleet:
    subscriptions: >-
      {{ lookup('ansible.builtin.file', '~/partner-center.jsonl')
         | csp.partner_center.plan_to_rollback(run_id=undone) }}
    undoes: "{{ undone }}"
    journal_path: ~/partner-center.jsonl
  vars:
    undone: 5cf72146-8e4c-4ca5-8a2c-4a2c5a3a3f0e

- name: Show what would be undone of a plan that the role fleet saved and applied
  csp.partner_center.pc_fleet:
    subscriptions: >-
      {{ lookup('ansible.builtin.file', 'plan.json') | from_json | csp.partner_center.plan_to_rollback }}
  check_mode: true
  diff: true
"""

RETURN = r"""
_value:
  description:
    - Items for O(csp.partner_center.pc_fleet#module:subscriptions), in the order in which the source first names the
      subscriptions. A null in O(csp.partner_center.pc_fleet#module:subscriptions[].expect) means that there is no
      value.
  type: list
  elements: dict
  sample:
    - customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
      subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
      quantity: 20
      expect:
        quantity: 25
"""

import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display

from ..module_utils._common.problems import Problem
from ..module_utils._state.records import notes, plan_items


def plan_to_rollback(
    source: t.Any, run_id: str | int | None = None, tenant_id: str | None = None, api_url: str | None = None
) -> list[dict[str, t.Any]]:
    here = {"tenant_id": tenant_id, "api_url": api_url}
    try:
        items, left_out = plan_items.to_rollback(source, datetime.now(timezone.utc), run_id, here)
    except Problem as problem:
        raise AnsibleFilterError(f"plan_to_rollback: {problem}") from problem
    for sentence in notes.sentences(left_out):
        Display().warning(f"plan_to_rollback: {sentence}")
    return items


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_to_rollback": plan_to_rollback}
