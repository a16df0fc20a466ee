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
  - Needs App+User credentials, that is O(refresh_token). With app-only credentials it is refused before anything is
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
  description: The support profile as Partner Center shows it, all its fields in snake_case.
  returned: success
  type: dict
  sample:
    email: support@example.com
    telephone: "+1 425 555 0100"
    website: support.example.com
    profile_type: support_profile
error:
  description: What went wrong, with the API's status, code, text and ids where it answered.
  returned: on failure
  type: dict
  sample:
    type: ApiError
    status: 403
    code: "900329"
    description: The operation does not support app-only access.
    hint: Give refresh_token to act as App+User.
"""

from ansible_collections.csp.partner_center.plugins.module_utils._common import case
from ansible_collections.csp.partner_center.plugins.module_utils._module import info


def question(_params: info.Params) -> info.Question:
    return lambda client: info.Answer({"support_profile": case.snake(client.support_profile())})


def main() -> None:
    info.run({}, question)


if __name__ == "__main__":
    main()
