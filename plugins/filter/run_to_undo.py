# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: run_to_undo
short_description: Find the run of a journal that a rollback undoes
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Takes the last run that wrote something, is no rollback and is not undone yet, as the filter
    P(csp.partner_center.plan_to_rollback#filter) does.
  - A run is undone once a rollback of it (a run with O(csp.partner_center.pc_fleet#module:undoes)) has ended without a
    failure. If something of a rollback failed, or it did not end, the run counts as undone in part, and the next
    rollback does the rest. If the rollback itself has been rolled back, the run is not undone any more.
positional: _input
options:
  _input:
    description: The text of a journal.
    type: str
    required: true
  run_id:
    description:
      - The id of another run, or the beginning of one, of at least eight characters. A wrong id gives an error with the
        list of the runs.
    type: str
seealso:
  - module: csp.partner_center.pc_fleet
  - plugin: csp.partner_center.plan_to_rollback
    plugin_type: filter
  - plugin: csp.partner_center.journal_runs
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Undo the last run
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
"""

RETURN = r"""
_value:
  description: The run, and whether it has to be undone.
  type: dict
  contains:
    run:
      description: The run, as in the list of P(csp.partner_center.journal_runs#filter); null if no run is left to undo.
      returned: success
      type: dict
    is_needed:
      description: Whether there is something to undo. A run that is undone already needs no rollback.
      returned: success
      type: bool
      sample: true
    message:
      description: What a rollback undoes, or why there is nothing to undo.
      returned: success
      type: str
      sample: This undoes run 5cf72146-8e4c-4ca5-8a2c-4a2c5a3a3f0e (2026-11-20T12:00:00Z, CHG0031337, 25 writes).
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._common.problems import Problem
from ..module_utils._state.records import journal_runs


def run_to_undo(text: str, run_id: str | int | None = None) -> dict[str, t.Any]:
    try:
        runs = journal_runs.runs_of_journal(text)
        chosen = journal_runs.run_to_undo(runs, run_id)
    except Problem as problem:
        raise AnsibleFilterError(f"run_to_undo: {problem}") from problem
    return {
        "run": None if chosen is None else chosen.to_dict(),
        "is_needed": not journal_runs.why_not_needed(runs, chosen),
        "message": journal_runs.what_is_undone(runs, chosen),
    }


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"run_to_undo": run_to_undo}
