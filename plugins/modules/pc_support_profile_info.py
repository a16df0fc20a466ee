#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_support_profile_info
short_description: Read the partner's own support profile
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Returns the email address, telephone number and website that the partner's customers see as their support.
  - Costs one request.
extends_documentation_fragment:
  - csp.partner_center._attributes.info
  - csp.partner_center._connection
notes:
  - Needs App+User credentials, that is O(refresh_token). With app-only credentials the task fails before anything is
    sent.
seealso:
  - module: csp.partner_center.pc_support_profile
  - name: Get support profile
    description: Microsoft's documentation of the request.
    link: https://learn.microsoft.com/partner-center/developer/get-support-profile
"""

EXAMPLES = r"""
- name: Look at the support profile
  csp.partner_center.pc_support_profile_info:
  register: found

- name: Show the telephone number
  ansible.builtin.debug:
    var: found.support_profile.telephone
"""

RETURN = r"""
support_profile:
  description: The support profile as Partner Center shows it, with all its fields in snake_case.
  returned: success
  type: dict
  sample:
    email: support@example.com
    telephone: "+1 425 555 0100"
    website: support.example.com
    profile_type: support_profile
error:
  description:
    - What went wrong. If several things did, the first of them. C(type) and C(message) are always there.
    - R(When a task fails, ansible_collections.csp.partner_center.docsite.guide_errors) lists all kinds of errors and
      what each holds.
  returned: on failure
  type: dict
  sample:
    type: AppUserRequired
    message: >-
      The support profile needs App+User credentials, but the given ones are app-only: refresh_token is missing.
    hint: >-
      Give refresh_token (secure application model) beside the application's credentials; the playbook
      csp.partner_center.consent obtains one.
"""

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._common import case
from ..module_utils._module import info


def question(_params: info.Params) -> info.Question:
    return lambda client: info.Findings({"support_profile": case.snake(client.support_profile())})


def main() -> None:
    info.run_info({}, question)


if __name__ == "__main__":
    main()
