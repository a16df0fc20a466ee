# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: journal_runs
short_description: List the runs in a journal
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Lists the runs that a journal holds, what each of them wrote, and what undid it.
  - The playbook C(csp.partner_center.fleet_runs) shows them.
positional: _input
options:
  _input:
    description: The text of a journal.
    type: str
    required: true
  journal_path:
    description: The file that it is from, to be named in the text.
    type: str
    default: the journal
  results:
    description:
      - Paths of files beside the journal. Those that are results of interrupted runs are named with their runs.
    type: list
    elements: str
    default: []
seealso:
  - module: csp.partner_center.pc_fleet
  - plugin: csp.partner_center.run_to_undo
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the runs in a journal
  csp.partner_center.pc_show:
    text: "{{ (lookup('ansible.builtin.file', path) | csp.partner_center.journal_runs(path)).lines }}"
  vars:
    path: ~/partner-center.jsonl
"""

RETURN = r"""
_value:
  description: The runs.
  type: dict
  contains:
    runs:
      description: One dictionary for each run, the first one first.
      returned: success
      type: list
      elements: dict
      contains:
        id:
          description: The run's id.
          returned: always
          type: str
        time:
          description: When it began to write, or ended without having to.
          returned: always
          type: str
        ended:
          description: When it ended; null if it was killed, or is still running.
          returned: always
          type: str
        change_reference:
          description: Its O(csp.partner_center.pc_fleet#module:change_reference).
          returned: always
          type: str
        tenant_id:
          description: The partner's tenant that it worked in.
          returned: always
          type: str
        api_url:
          description: Address of the API that it worked with.
          returned: always
          type: str
        plan_digest:
          description: The digest of the plan file that it applied.
          returned: always
          type: str
        undoes:
          description: The id of the run, or the digest of the plan, that it undoes; null if it is no rollback.
          returned: always
          type: str
        writes:
          description: How many writes it made, or may have made.
          returned: always
          type: int
        uncertain:
          description: Of how many of them it is not known whether they were made.
          returned: always
          type: int
        failures:
          description: How many subscriptions failed.
          returned: always
          type: int
        undone:
          description: Whether it is undone, V(no), V(partly) or V(yes).
          returned: always
          type: str
        undone_by:
          description: The ids of the runs that undid it, or a part of it.
          returned: always
          type: list
          elements: str
        result_path:
          description: The file with its result; null if there is none among O(results).
          returned: always
          type: str
    lines:
      description: The last of them as lines of text.
      returned: success
      type: list
      elements: str
"""

import typing as t
from pathlib import Path

from ansible.errors import AnsibleFilterError

from ..module_utils._common.problems import Problem
from ..module_utils._report import runs as report
from ..module_utils._state.records import journal_runs as records


def journal_runs(text: str, journal_path: str = "the journal", results: t.Iterable[str] = ()) -> dict[str, t.Any]:
    try:
        runs = records.runs_of_journal(text)
    except Problem as problem:
        raise AnsibleFilterError(f"journal_runs: {problem}") from problem
    paths = {Path(path).name: str(path) for path in results}
    names = {one.run.id: Path(records.result_path(journal_path, one.run.id)).name for one in runs}
    found = {run_id: paths[name] for run_id, name in names.items() if name in paths}
    return {
        "runs": [{**one.to_dict(), "result_path": found.get(one.run.id)} for one in runs],
        "lines": report.table_of_runs(runs, journal_path, found),
    }


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"journal_runs": journal_runs}
