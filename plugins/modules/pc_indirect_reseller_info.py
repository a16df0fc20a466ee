#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_indirect_reseller_info
short_description: Read the partner's indirect resellers
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Returns the indirect resellers that work with the partner, which is an indirect provider. They can be support
    contacts of subscriptions, and partners on record.
  - Costs one request.
extends_documentation_fragment:
  - csp.partner_center._attributes.info
  - csp.partner_center._connection
options:
  name:
    description: Only resellers whose name begins with this, without regard to case.
    type: raw
  mpn_id:
    description:
      - Only the reseller with exactly this Microsoft Partner Network (PartnerID) id, a string (put it in quotes).
    type: raw
notes:
  - O(name) or O(mpn_id) that is given as null or as an empty text is an error, because it would select every reseller.
  - Needs App+User credentials, that is O(refresh_token). With app-only credentials the task fails before anything is
    sent.
seealso:
  - module: csp.partner_center.pc_support_contact
  - module: csp.partner_center.pc_customer_info
  - name: Retrieve a list of indirect resellers
    description: Microsoft's documentation of the request.
    link: https://learn.microsoft.com/partner-center/developer/retrieve-a-list-of-indirect-resellers
"""

EXAMPLES = r"""
- name: Look for a reseller
  csp.partner_center.pc_indirect_reseller_info:
    mpn_id: "4391507"
  register: found

- name: Look at the customers that the reseller brought
  csp.partner_center.pc_customer_info:
    indirect_reseller: "{{ found.resellers[0].id }}"

- name: Look at every reseller whose name begins with Trey
  csp.partner_center.pc_indirect_reseller_info:
    name: trey
"""

RETURN = r"""
resellers:
  description:
    - The resellers by id, with all their fields in snake_case. C(id) is the reseller's tenant id.
    - An empty list if there is none.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 3B33E682-00C3-41EE-9DD2-A548ADF56438
      name: Trey Research
      mpn_id: "4391507"
      relationship_type: is_indirect_cloud_solution_provider_of
      state: Active
      location: US
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
      Listing the indirect resellers needs App+User credentials, but the given ones are app-only: refresh_token is
      missing.
    hint: >-
      Give refresh_token (secure application model) beside the application's credentials; the playbook
      csp.partner_center.consent obtains one.
"""

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._api.client import PartnerCenter
from ..module_utils._common import case
from ..module_utils._module import info
from ..module_utils._state import checks


def question(params: info.Params) -> info.Question:
    name = info.checked_option(params, "name", checks.text)
    mpn_id = info.checked_option(params, "mpn_id", checks.text)

    def ask(client: PartnerCenter) -> info.Findings:
        found = client.indirect_resellers(name)
        return info.Findings(
            {
                "resellers": info.shown_resources(
                    one for one in found if mpn_id is None or case.text(one, "mpnId") == mpn_id
                )
            }
        )

    return ask


def main() -> None:
    info.run_info({"name": {"type": "raw"}, "mpn_id": {"type": "raw"}}, question, restrictions=("name", "mpn_id"))


if __name__ == "__main__":
    main()
