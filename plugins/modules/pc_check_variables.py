#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_check_variables
short_description: Check the variables of the collection's roles and playbooks
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - The roles and playbooks of this collection begin with this task. It is of no use elsewhere.
  - It fails if Ansible has cut an extra variable at a blank, as it does with C(-e name=two words).
  - It fails if an extra variable begins like those of the collection and is none of them, as a misspelled one does. In
    the inventory and elsewhere, a name that resembles one of the collection's gives a warning. Facts and registered
    results do not count.
  - It fails if a variable is null or of the wrong kind. If a variable is meant to be a list or a dictionary, a text is
    read as YAML or JSON, because surveys of automation platforms send text.
options:
  variables:
    description:
      - Variables of the collection's roles and playbooks whose values are checked and returned, if they are defined.
      - If not set, all of them that begin with one of the O(prefixes).
    type: list
    elements: str
  prefixes:
    description: How extra variables begin that have to be known ones.
    type: list
    elements: str
    default: [contact_, export_, fleet_, rename_, renewal_, report_]
  uncounted:
    description:
      - A dictionary with a variable, and a list of those that do not count beside it. If one of those is an extra
        variable, the task fails and names both; if it is set elsewhere, there is a warning.
    type: dict
    default: {}
  requirements:
    description: What has to hold besides, each with what to say if it does not.
    type: list
    elements: dict
    default: []
    suboptions:
      that:
        description: Whether it holds, as a template says.
        type: bool
        required: true
      msg:
        description: What to say if not.
        type: str
        required: true
  files:
    description: Paths of files that are written later. A path that is something else, such as a directory, is refused.
    type: list
    elements: str
    default: []
  directories:
    description:
      - Directories in which files are written later. They, and those of the O(files), are made if they are missing,
        also in check mode.
    type: list
    elements: str
    default: []
  lasting:
    description:
      - Paths of files and directories that are needed later. In a job of AWX or Automation Controller, there is a
        warning for each that is gone when the job's container is removed.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: It only looks at variables, and does the same in check mode.
    support: full
  diff_mode:
    description: It changes nothing, so there is no difference to show.
    support: N/A
  idempotent:
    description: It changes nothing.
    support: full
  platform:
    description: It runs where Ansible runs, whatever the host of the play is.
    platforms: posix
    support: full
"""

EXAMPLES = r"""
- name: Check the variables
  csp.partner_center.pc_check_variables:
    variables: [rename_match, rename_to]
  register: given

- name: Rename subscriptions
  csp.partner_center.pc_fleet:
    policies:
      - name: rename
        match: "{{ given.variables.rename_match }}"
        set:
          friendly_name: "{{ given.variables.rename_to }}"
"""

RETURN = r"""
variables:
  description:
    - The values of those variables that are defined, except secrets.
    - A list or a dictionary that came as text is one here.
  returned: success
  type: dict
  sample:
    rename_match:
      status: active
    rename_to: "{customer_name} - {offer_name}"
"""
