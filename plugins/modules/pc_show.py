#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_show
short_description: Show text or a report on the screen, and write reports
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Shows text as lines of its own, in Ansible's colours, where M(ansible.builtin.debug) shows an escaped list.
  - Shows a plan, a result, a drift check or the renewals as a report, first what it comes to, then what to look at
    twice, then the rest.
  - Writes the report to files. The role P(csp.partner_center.report#role) and the filter
    P(csp.partner_center.report#filter) make the same reports.
  - Text goes to standard output. It goes to standard error if a callback plugin such as P(ansible.posix.json#callback)
    writes the former, so that what a machine reads stays whole.
  - It begins with a blank line, as Ansible does whatever it says.
  - Colours are those of Ansible's configuration. There are none without a terminal, or with C(ANSIBLE_NOCOLOR).
options:
  text:
    description:
      - A text that is shown as it is. Control characters are left out.
      - Or a list of texts, and of dictionaries with C(text) and C(tone) for lines of another O(tone).
    type: raw
  tone:
    description: How O(text) is meant, which gives it the colour of Ansible's own output. By default, it has none.
    type: str
    choices: [title, ok, changed, warning, error]
  report:
    description:
      - What a report is made of, a result of M(csp.partner_center.pc_fleet), the content or the text of a plan file or
        of a report's JSON file, or RV(csp.partner_center.pc_subscription_info#module:subscriptions) with C(renewal).
    type: raw
  path:
    description: A plan file, or a report's JSON file, that a report is made of.
    type: path
  kind:
    description:
      - What the report is about. By default it is what the source says it is. A result of
        M(csp.partner_center.pc_fleet) from check mode is a V(plan).
    type: str
    choices: [plan, result, drift, renewals]
  about:
    description:
      - What the source does not say of itself, or what is to be said otherwise, such as C(title), C(tenant_name),
        C(change_reference), C(plan_path), C(journal_path), C(limits) (of the guard), and C(digest).
    type: dict
    default: {}
  lines:
    description: How many lines of detail are shown, V(all), or a number.
    type: raw
    default: 50
  details:
    description: Whether a result lists what was done, besides what failed and what is left.
    type: bool
    default: true
  width:
    description:
      - How many columns the text has. By default these are the terminal's, at most 120, and 100 where there is none.
    type: int
  directory:
    description:
      - Directory in which the report is written. It is made if it is missing. By default, no file is written, and none
        is in check mode.
      - Files are called C(<kind>-<UTC time>.<extension>), have the mode 0600, and never replace another one.
    type: path
  formats:
    description: Formats in which the report is written. By default, all that its kind has.
    type: list
    elements: str
attributes:
  check_mode:
    description: It shows the same in check mode, and writes no files.
    support: full
  diff_mode:
    description: It changes nothing that could be compared.
    support: N/A
  idempotent:
    description: Each call shows and writes a report of its own.
    support: N/A
  platform:
    description: It runs where Ansible runs, whatever the host of the play is.
    platforms: posix
    support: full
seealso:
  - module: csp.partner_center.pc_fleet
  - plugin: csp.partner_center.report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Plan
  csp.partner_center.pc_fleet:
    policies:
      - name: names
        match:
          status: active
        set:
          friendly_name: "{customer_name} - {offer_name}"
  check_mode: true
  register: planned

- name: Show the plan, and keep it
  csp.partner_center.pc_show:
    report: "{{ planned }}"
    kind: plan
    directory: ~/reports
    formats: [html, json]

- name: Show a plan file
  csp.partner_center.pc_show:
    path: plan.json
    lines: all

- name: Show what to do
  csp.partner_center.pc_show:
    text:
      - The plan is in plan.json.
      - Send it to whoever approves it.
    tone: warning

- name: Show lines in their own colours
  csp.partner_center.pc_show:
    text:
      - text: 12 subscriptions were renamed
        tone: changed
      - text: 1 subscription failed
        tone: error
      - Run the playbook again.
"""

RETURN = r"""
files:
  description: Paths of the files that were written.
  returned: with a report
  type: list
  elements: str
  sample: [reports/plan-20261128T060500Z.html]
kind:
  description: What the report is about, as O(kind).
  returned: with a report
  type: str
  sample: plan
headline:
  description: What the report comes to, in one sentence.
  returned: with a report
  type: str
  sample: 12 of 1,000 subscriptions of 3 customers change
numbers:
  description:
    - C(changes), of a result those that were made; C(unplanned), what could not be planned; C(unavailable), customers
      that could not be read; and C(failed).
  returned: with a report about changes
  type: dict
  sample:
    changes: 12
    unplanned: 0
    unavailable: 0
    failed: 0
"""
