#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_support_contact
short_description: Make an indirect reseller the support contact of a subscription
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Sets which of the partner's indirect resellers supports one subscription of a customer.
  - At least one of O(support_mpn_id), O(support_tenant_id) and O(name) is required, and one is enough. What is not
    given is looked up among the partner's indirect resellers.
  - Only the values that are given are compared. If nothing differs, nothing is looked up and nothing is written.
  - Partner Center has no way to remove a support contact; it can only be replaced.
  - Microsoft keeps support contacts for legacy subscriptions only. On a new-commerce subscription, the reseller that
    supports it is the reseller on record, O(csp.partner_center.pc_subscription#module:partner_id).
  - A task that changes nothing costs one request. A change costs five (to read the contact and the subscription, to
    list the resellers, to read again right before the write, and to write).
extends_documentation_fragment:
  - csp.partner_center._attributes
  - csp.partner_center._connection
  - csp.partner_center._connection.change
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
  support_tenant_id:
    description: Tenant id of the reseller, a GUID.
    type: raw
  support_mpn_id:
    description: Microsoft Partner Network (PartnerID) id of the reseller, a string (put it in quotes).
    type: raw
  name:
    description: Name of the reseller, exactly as Partner Center lists it.
    type: raw
  validate_reseller:
    description:
      - With V(true), a contact that is not an indirect reseller of the partner is an error before anything is written.
      - With V(false), and if all three values are given, the contact is written without looking it up.
    type: bool
    default: true
  allow_new_commerce:
    description:
      - Microsoft keeps support contacts for legacy subscriptions only. With V(false), a change on a new-commerce
        subscription is refused before anything is written.
      - With V(true), the contact is sent all the same.
    type: bool
    default: false
  expect:
    description:
      - The values that the current contact must have before anything is written, with the same names as the settings;
        null means that there is none. Otherwise the task fails, and nothing is written.
      - A field that the task also sets may already have the desired value instead.
      - Null instead of the dictionary is an error, because it would expect nothing.
    type: raw
notes:
  - Needs App+User credentials, that is O(refresh_token). With app-only credentials the task fails before anything is
    sent.
seealso:
  - module: csp.partner_center.pc_subscription
  - name: Update a subscription's support contact
    description: Microsoft's documentation of the request.
    link: https://learn.microsoft.com/partner-center/developer/update-a-subscription-s-support-contact
"""

EXAMPLES = r"""
- name: Make Trey Research the support contact
  csp.partner_center.pc_support_contact:
    customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
    subscription_id: c8d8fbab-6a62-44dc-be50-b7c74e43a296
    support_mpn_id: "4391507"

- name: Replace the support contact, but only if it is the expected one
  csp.partner_center.pc_support_contact:
    customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
    subscription_id: c8d8fbab-6a62-44dc-be50-b7c74e43a296
    support_mpn_id: "4391507"
    expect:
      support_mpn_id: "9876543"
    change_reference: CHG0031338
"""

RETURN = r"""
support_contact:
  description:
    - The support contact as Partner Center shows it after the task, with all its fields in snake_case.
    - In check mode, as it would be. In a failed task, as it was last seen, or null.
  returned: always
  type: dict
  sample:
    support_tenant_id: 3B33E682-00C3-41EE-9DD2-A548ADF56438
    support_mpn_id: "4391507"
    name: Trey Research
changes:
  description:
    - Each part of the contact that changed, before and after, in check mode the change that would be made. What was
      looked up is among them.
  returned: always
  type: dict
  sample:
    support_mpn_id:
      before: "9876543"
      after: "4391507"
    support_tenant_id:
      before: a2f7e2dd-a879-4116-b3a6-5d8baf1519ae
      after: 3B33E682-00C3-41EE-9DD2-A548ADF56438
    name:
      before: Wingtip Cloud
      after: Trey Research
diff:
  description: The changed values before and after, for C(--diff).
  returned: always
  type: dict
  sample:
    before:
      support_mpn_id: "9876543"
      support_tenant_id: a2f7e2dd-a879-4116-b3a6-5d8baf1519ae
      name: Wingtip Cloud
    after:
      support_mpn_id: "4391507"
      support_tenant_id: 3B33E682-00C3-41EE-9DD2-A548ADF56438
      name: Trey Research
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
      The support contact of a subscription needs App+User credentials, but the given ones are app-only: refresh_token
      is missing.
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
from ..module_utils._state import kinds
from ..module_utils._state.model import Desired


def desired(params: t.Mapping[str, t.Any]) -> Desired:
    return Desired(
        options.target(params, "support_contact"),
        options.given_settings(params, "support_contact"),
        expect=kinds.SUPPORT_CONTACT.check_expected({} if params["expect"] is None else params["expect"]),
    )


def main() -> None:
    resource.run_resource(
        resource.Task(
            result_key="support_contact",
            spec={
                **options.ids("support_contact"),
                **options.settings("support_contact"),
                "validate_reseller": {"type": "bool", "default": True},
                "allow_new_commerce": {"type": "bool", "default": False},
                "expect": {"type": "raw"},
                **options.CHANGE,
            },
            desired=desired,
            constraints={"required_one_of": [list(options.settings("support_contact"))]},
        )
    )


if __name__ == "__main__":
    main()
