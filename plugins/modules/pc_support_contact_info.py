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
    - What went wrong. If several things did, the first of them. Only the keys that apply are there.
  returned: on failure
  type: dict
  contains:
    type:
      description:
        - The kind of error.
        - "Options and sign-in: V(InvalidInput) (an option has a wrong value), V(CredentialsError) (the credentials or
          other connection options are wrong, or the sign-in failed), V(AppUserRequired) (App+User credentials are
          needed)."
        - "Requests: V(ApiError) (Partner Center refused it), V(TransportError) (it could not be sent, or a read was not
          answered), V(BadAnswer) (the answer cannot be understood), V(ForeignOrigin) (the answer leads to another
          address, to which no token is sent)."
      returned: always
      type: str
    message:
      description: What went wrong.
      returned: always
      type: str
    hint:
      description: What to do about it.
      returned: if known
      type: str
    option:
      description: The option that has a wrong value, with its place, such as V(subscriptions[3].quantity).
      returned: for V(InvalidInput)
      type: str
    error:
      description: OAuth error of Entra, such as V(invalid_grant).
      returned: if Entra refused the sign-in
      type: str
    codes:
      description: Entra's error codes, such as V(AADSTS50076).
      returned: if Entra refused the sign-in
      type: list
      elements: str
    trace_id:
      description: Entra's trace id of the sign-in.
      returned: if Entra refused the sign-in
      type: str
    status:
      description: HTTP status of the answer.
      returned: for V(ApiError)
      type: int
    code:
      description: Partner Center's error code, always a string.
      returned: for V(ApiError), if the answer has it
      type: str
    source:
      description: What Partner Center names as the source of the error.
      returned: for V(ApiError), if the answer has it
      type: str
    description:
      description: Partner Center's own text.
      returned: for V(ApiError), if the answer has it
      type: str
    retry_after:
      description: After how many seconds the request may be sent again.
      returned: for V(ApiError), if the answer has it
      type: float
    method:
      description: HTTP method of the request.
      returned: if a request to Partner Center failed
      type: str
    path:
      description: Path of the request.
      returned: if a request to Partner Center failed
      type: str
    request_id:
      description: C(MS-RequestId) of the request, for Microsoft's support.
      returned: if it is about a request to Partner Center
      type: str
    correlation_id:
      description:
        - C(MS-CorrelationId) of the request, or Entra's correlation id of the sign-in; for Microsoft's support.
      returned: if it is about a request to Partner Center or a refused sign-in
      type: str
  sample:
    type: AppUserRequired
    message: >-
      The support contact of a subscription needs App+User credentials, but the given ones are app-only: refresh_token
      is missing.
    hint: >-
      Give refresh_token (secure application model) beside the application's credentials; the playbook
      csp.partner_center.consent obtains one.
"""

from ..module_utils._common import case
from ..module_utils._engine import facts
from ..module_utils._module import info
from ..module_utils._module.options import SUBSCRIPTION
from ..module_utils._state import checks


def question(params: info.Params) -> info.Question:
    ids = (checks.guid("customer_id", params["customer_id"]), checks.guid("subscription_id", params["subscription_id"]))
    return lambda client: info.Answer({"support_contact": case.snake(facts.read_contact(client, *ids))})


def main() -> None:
    info.run(SUBSCRIPTION, question)


if __name__ == "__main__":
    main()
