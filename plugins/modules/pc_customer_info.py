#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_customer_info
short_description: Read the partner's customers
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Returns one customer by its id, or the customers that meet all filters (O(company_name), O(domain),
    O(indirect_reseller)). Without these options, it returns all customers.
  - Partner Center applies one filter at a time. If several are given, the module applies the others.
  - A list costs one request for every 500 customers, a single customer one request.
extends_documentation_fragment:
  - csp.partner_center._attributes.info
  - csp.partner_center._connection
options:
  customer_id:
    description:
      - The customer's tenant id, a GUID. The task fails if there is no such customer.
      - Partner Center shows more of a single customer than in a list, such as the address and the billing profile.
      - Mutually exclusive with O(company_name), O(domain) and O(indirect_reseller).
    type: raw
    aliases: [customer_tenant_id]
  company_name:
    description:
      - Only customers whose company name begins with this, without regard to case.
      - Mutually exclusive with O(customer_id).
    type: raw
  domain:
    description:
      - Only customers whose default domain begins with this, without regard to case.
      - Mutually exclusive with O(customer_id).
    type: raw
  indirect_reseller:
    description:
      - Only customers of the indirect reseller with this tenant id, a GUID.
      - Needs App+User credentials, that is O(refresh_token). With app-only credentials the task fails before anything
        is sent.
      - Mutually exclusive with O(customer_id).
    type: raw
notes:
  - An option that selects customers and is given as null or as an empty text is an error, because it would select all
    of them. Leave it out for that.
seealso:
  - module: csp.partner_center.pc_subscription_info
  - module: csp.partner_center.pc_indirect_reseller_info
  - name: Get a list of customers
    description: Microsoft's documentation of the request.
    link: https://learn.microsoft.com/partner-center/developer/get-a-list-of-customers
"""

EXAMPLES = r"""
- name: Look at all customers
  csp.partner_center.pc_customer_info:
  register: found

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ found.customers | map(attribute='company_profile.company_name') }}"

- name: Look for customers by the beginning of their name
  csp.partner_center.pc_customer_info:
    company_name: contoso

- name: Look at one customer
  csp.partner_center.pc_customer_info:
    customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1

- name: Look at the customers of a reseller
  csp.partner_center.pc_customer_info:
    indirect_reseller: 3b33e682-00c3-41ee-9dd2-a548adf56438
"""

RETURN = r"""
customers:
  description:
    - The customers by id, with all their fields in snake_case.
    - An empty list if no customer meets the filters.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
      company_profile:
        tenant_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
        company_name: Contoso Ltd
        domain: contoso.onmicrosoft.com
      relationship_to_partner: reseller
error:
  description:
    - What went wrong. If several things did, the first of them. C(type) and C(message) are always there.
    - R(When a task fails, ansible_collections.csp.partner_center.docsite.guide_errors) lists all kinds of errors and
      what each holds.
  returned: on failure
  type: dict
  sample:
    type: ApiError
    message: "Partner Center answered 403 (code 20002): The partner has no commerce relationship with the customer."
    hint: There is no reseller relationship with this customer (any more).
    status: 403
    code: "20002"
    description: The partner has no commerce relationship with the customer.
    method: GET
    path: /v1/customers/0c39d6d5-c70d-4c55-bc02-f620844f3fd1
    request_id: ca7c39f7-1a80-43bc-90d8-ee7d1cad3831
    correlation_id: ec8f62e5-1d92-47e9-8d5d-1924af105f2c
"""

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._api.client import PartnerCenter
from ..module_utils._module import info
from ..module_utils._state import checks

FILTERS = {"company_name": checks.text, "domain": checks.text, "indirect_reseller": checks.guid}


def question(params: info.Params) -> info.Question:
    customer_id = info.checked_option(params, "customer_id", checks.guid)
    filters = {name: info.checked_option(params, name, check) for name, check in FILTERS.items()}

    def ask(client: PartnerCenter) -> info.Findings:
        found = client.customers(**filters) if customer_id is None else [client.customer(customer_id)]
        return info.Findings({"customers": info.shown_resources(found)})

    return ask


def main() -> None:
    info.run_info(
        {
            "customer_id": {"type": "raw", "aliases": ["customer_tenant_id"]},
            **{name: {"type": "raw"} for name in FILTERS},
        },
        question,
        restrictions=("customer_id", "customer_tenant_id", *FILTERS),
        mutually_exclusive=[("customer_id", name) for name in FILTERS],
    )


if __name__ == "__main__":
    main()
