#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_support_profile
short_description: Keep the partner's own support profile in the declared state
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Sets the email address, telephone number and website that the partner's customers see as their support.
  - At least one of O(email), O(telephone) and O(website) is required. Only those that are given are compared and
    changed; the rest of the profile is kept. If nothing differs, nothing is written.
  - A task that changes nothing costs one request. A change costs three (to read, to read again right before the write,
    and to write).
extends_documentation_fragment:
  - csp.partner_center._attributes
  - csp.partner_center._connection
  - csp.partner_center._connection.change
options:
  email:
    description: Email address of the partner's support.
    type: raw
  telephone:
    description: Telephone number of the partner's support, a string (put it in quotes).
    type: raw
  website:
    description: Website of the partner's support, as a bare host name such as V(support.example.com).
    type: raw
notes:
  - No value may hold control characters such as line breaks, or begin or end with white space.
  - Needs App+User credentials, that is O(refresh_token). With app-only credentials the task fails before anything is
    sent.
seealso:
  - module: csp.partner_center.pc_support_contact
  - name: Update support profile
    description: Microsoft's documentation of the request.
    link: https://learn.microsoft.com/partner-center/developer/update-support-profile
"""

EXAMPLES = r"""
- name: Set the support profile
  csp.partner_center.pc_support_profile:
    email: support@example.com
    telephone: "+1 425 555 0100"
    website: support.example.com

- name: Change the telephone number only
  csp.partner_center.pc_support_profile:
    telephone: "+1 425 555 0101"
"""

RETURN = r"""
support_profile:
  description:
    - The support profile as Partner Center shows it after the task, with all its fields in snake_case.
    - In check mode, as it would be. In a failed task, as it was last seen, or null.
  returned: always
  type: dict
  sample:
    email: support@example.com
    telephone: "+1 425 555 0100"
    website: support.example.com
    profile_type: support_profile
changes:
  description: Each changed field with its value before and after, in check mode the change that would be made.
  returned: always
  type: dict
  sample:
    telephone:
      before: "+1 425 555 0100"
      after: "+1 425 555 0101"
diff:
  description: The changed fields before and after, for C(--diff).
  returned: always
  type: dict
  sample:
    before:
      telephone: "+1 425 555 0100"
    after:
      telephone: "+1 425 555 0101"
request_id:
  description: C(MS-RequestId) of the last write, for Microsoft's support. Null if nothing was written.
  returned: always
  type: str
  sample: ca7c39f7-1a80-43bc-90d8-ee7d1cad3831
correlation_id:
  description: C(MS-CorrelationId) of the last write, for Microsoft's support. Null if nothing was written.
  returned: always
  type: str
  sample: ec8f62e5-1d92-47e9-8d5d-1924af105f2c
operation:
  description: Where to look at a change that was accepted and that the task did not wait for.
  returned: when O(wait=false) and Partner Center answered 202
  type: dict
  sample:
    location: null
    pending: true
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
not_started:
  description: Writes of the task that were not made because of the failure; empty if there are none.
  returned: on failure
  type: list
  elements: str
  sample: []
"""

import typing as t

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._module import options, resource
from ..module_utils._state.model import Desired


def desired(params: t.Mapping[str, t.Any]) -> Desired:
    return Desired(options.target(params, "support_profile"), options.given_settings(params, "support_profile"))


def main() -> None:
    resource.run_resource(
        resource.Task(
            result_key="support_profile",
            spec={**options.settings("support_profile"), **options.CHANGE},
            desired=desired,
            constraints={"required_one_of": [list(options.settings("support_profile"))]},
        )
    )


if __name__ == "__main__":
    main()
