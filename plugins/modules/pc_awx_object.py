#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_awx_object
short_description: Keep an object of AWX or Automation Controller with whichever collection is installed
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - The role P(csp.partner_center.awx#role) begins each of its tasks with this one. Use the modules of C(awx.awx) or
    C(ansible.controller) in playbooks of your own.
  - Hands the options to the module of that name in C(awx.awx), or, if that is not installed, in C(ansible.controller).
    This collection depends on neither of them.
  - Where AWX is and who signs in is said by the environment variables of these collections, E(CONTROLLER_HOST), and
    E(CONTROLLER_OAUTH_TOKEN) or E(CONTROLLER_USERNAME) and E(CONTROLLER_PASSWORD), and E(CONTROLLER_VERIFY_SSL).
options:
  kind:
    description: Name of the module, such as V(job_template).
    type: str
    required: true
  options:
    description: The module's options, by name.
    type: dict
    required: true
  state:
    description:
      - Whether there is such an object.
      - With V(absent), it also counts as absent if something that it belongs to is not there, such as its organization.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: As the module that does the work.
    support: full
  diff_mode:
    description: The module that does the work shows no differences.
    support: none
  idempotent:
    description: As the module that does the work.
    support: full
  platform:
    description: It runs where Ansible runs, or where the play's host is, as the module that does the work.
    platforms: posix
    support: full
"""

EXAMPLES = r"""
- name: Keep a project
  csp.partner_center.pc_awx_object:
    kind: project
    options:
      name: Partner Center
      organization: Default
      scm_type: git
      scm_url: https://git.example.com/partner-center.git
"""

RETURN = r"""
id:
  description: Number of the object in AWX.
  returned: if the object is there
  type: int
  sample: 42
"""
