#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_support_contact_info
short_description: Read the support contact of a subscription
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Returns which indirect reseller supports one subscription of a customer.
  - Costs one request. For many subscriptions, use M(csp.partner_center.pc_subscription_info).
extends_documentation_fragment:
  - csp.partner_center._attributes.info
  - csp.partner_center._connection
options:
  customer_id:
    description: The customer's tenant id, a GUID.
    type: raw
    required: true
    aliases: [customer_tenant_id]
  subscription_id:
    description: The subscription's id, a GUID.
    type: raw
    required: true
notes:
  - Needs App+User credentials, that is O(refresh_token). With app-only credentials the task fails before anything is
    sent.
seealso:
  - module: csp.partner_center.pc_support_contact
  - module: csp.partner_center.pc_subscription_info
  - module: csp.partner_center.pc_indirect_reseller_info
  - name: Get a subscription's support contact
    description: Microsoft's documentation of the request.
    link: https://learn.microsoft.com/partner-center/developer/get-a-subscription-s-support-contact
"""

EXAMPLES = r"""
- name: Look at a subscription's support contact
  csp.partner_center.pc_support_contact_info:
    customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
    subscription_id: c8d8fbab-6a62-44dc-be50-b7c74e43a296
  register: found

- name: Show who supports it
  ansible.builtin.debug:
    msg: "{{ found.support_contact.name | default('nobody') }}"
"""

RETURN = r"""
support_contact:
  description:
    - The support contact as Partner Center shows it, with all its fields in snake_case.
    - Null if there is none. The partner itself can be the contact, too.
  returned: success
  type: dict
  sample:
    support_tenant_id: 3B33E682-00C3-41EE-9DD2-A548ADF56438
    support_mpn_id: "4391507"
    name: Trey Research
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
      The support contact of a subscription needs App+User credentials, but the given ones are app-only: refresh_token
      is missing.
    hint: >-
      Give refresh_token (secure application model) beside the application's credentials; the playbook
      csp.partner_center.consent obtains one.
"""

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._common import case
from ..module_utils._engine.reading import fleet
from ..module_utils._module import info, options
from ..module_utils._state import checks


def question(params: info.Params) -> info.Question:
    ids = (checks.guid("customer_id", params["customer_id"]), checks.guid("subscription_id", params["subscription_id"]))
    return lambda client: info.Findings({"support_contact": case.snake(fleet.read_contact(client, *ids))})


def main() -> None:
    info.run_info(options.ids("support_contact"), question)


if __name__ == "__main__":
    main()
