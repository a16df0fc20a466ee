#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_subscription_info
short_description: Read the subscriptions of one customer or of the whole fleet
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Returns one subscription, the subscriptions of one customer, or those of all customers. O(match) selects some of
    them. Several customers are read at a time.
  - One subscription or one customer costs two requests. The whole fleet costs one for each customer, and one for every
    500 customers to list them; customers that cannot match are not read.
  - A customer that cannot be read is in RV(unavailable), with the reason; the rest of the result is complete.
extends_documentation_fragment:
  - csp.partner_center._attributes.info
  - csp.partner_center._connection
options:
  customer_id:
    description:
      - The customer's tenant id, a GUID.
      - If not set, the subscriptions of all customers are read. Null is an error, because it would read all of them.
    type: raw
    aliases: [customer_tenant_id]
  subscription_id:
    description:
      - The subscription's id, a GUID. The task fails if the customer has no such subscription.
      - Needs O(customer_id). Mutually exclusive with O(match).
      - Null is an error.
    type: raw
  match:
    description:
      - Which subscriptions to return, as in O(csp.partner_center.pc_fleet#module:policies[].match). All keys must
        match; a list means any of its values.
      - "Ids: C(customer_id), C(subscription_id), C(parent_subscription_id), and C(indirect_reseller), the tenant id of
        a reseller whose customers are meant (this key needs App+User credentials)."
      - "Shell globs without regard to case: C(customer_name), C(customer_domain), C(offer_name), C(offer_id),
        C(product_id), C(partner_id), C(friendly_name). A plain string is one glob, commas and all. It also matches a
        name that it equals literally, brackets and all. V(?*) means any value; V(*) also holds where there is none."
      - "Values: C(status), C(billing_cycle), C(billing_type), C(term_duration), C(product_type), which is V(nce) or
        V(legacy), and C(end_of_term), which is V(renew), V(cancel), V(extended_service_term), V(lapse),
        V(transition) or V(unknown)."
      - "Booleans: C(auto_renew_enabled), C(is_trial), C(is_addon), C(has_scheduled_changes), C(end_of_term_decided),
        C(in_extended_service_term)."
      - "Numbers: C(quantity) with C(min) and C(max), and C(renews_within_days)."
      - An unknown key is an error. So is an empty match, and one that is given but null.
      - Mutually exclusive with O(subscription_id).
    type: dict
  fields:
    description:
      - Which fields of the subscriptions to return, in snake case, such as V(quantity). A field that a subscription
        lacks is null.
      - Ids and names (C(id), C(friendly_name), C(offer_name), C(customer_id), C(customer_name)) are always returned,
        and C(support_contact) with O(include_support_contact).
      - If not set, all fields are returned. A whole fleet with all its fields is a large result.
    type: list
    elements: raw
  include_support_contact:
    description:
      - Whether to read the support contact of each subscription, too. It costs one more request for each subscription.
      - Needs App+User credentials, that is O(refresh_token). With app-only credentials the task fails before anything
        is sent.
    type: bool
    default: false
  on_unavailable:
    description:
      - What to do about a customer that cannot be read (403 or 404), such as one whose relationship has ended.
      - V(report) lists it in RV(unavailable), V(fail) also fails the task; what could be read is still in the result.
      - This also applies to a support contact that cannot be read, with O(include_support_contact).
    type: str
    default: report
    choices: [report, fail]
  max_concurrency:
    description: How many requests may run at the same time.
    type: int
    default: 8
seealso:
  - module: csp.partner_center.pc_subscription
  - module: csp.partner_center.pc_fleet
  - module: csp.partner_center.pc_support_contact_info
  - name: Get a list of subscriptions for a customer
    description: Microsoft's documentation of the request.
    link: https://learn.microsoft.com/partner-center/developer/get-a-customer-s-subscriptions
"""

EXAMPLES = r"""
- name: Look at every subscription of every customer
  csp.partner_center.pc_subscription_info:
  register: fleet

- name: Count the seats
  ansible.builtin.debug:
    msg: "{{ fleet.subscriptions | map(attribute='quantity') | sum }}"

- name: Look for paid subscriptions that end within a month
  csp.partner_center.pc_subscription_info:
    match:
      status: active
      is_trial: false
      end_of_term: [cancel, lapse]
      renews_within_days: 30
    on_unavailable: fail

- name: Look at the subscriptions about which nobody has decided what happens when their term ends
  csp.partner_center.pc_subscription_info:
    match:
      status: active
      renews_within_days: 30
    fields: [quantity, renewal]
  register: soon

- name: Show those that go on in a paid extended service term by default
  ansible.builtin.debug:
    msg: "{{ soon.subscriptions | selectattr('renewal.decided', 'false') | map(attribute='friendly_name') }}"

- name: Look at one customer's subscriptions and who supports them
  csp.partner_center.pc_subscription_info:
    customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
    include_support_contact: true

- name: Look at one subscription
  csp.partner_center.pc_subscription_info:
    customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
    subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
"""

RETURN = r"""
subscriptions:
  description:
    - The subscriptions by customer and subscription id, with all their fields in snake_case, or those in O(fields).
    - C(customer_id) and C(customer_name) are added, with O(include_support_contact) also C(support_contact). This is
      null if there is none, or if it could not be read; then the subscription is also in RV(unavailable).
    - A list may lack fields that Partner Center shows of a single subscription.
  returned: when the customers could be listed
  type: list
  elements: dict
  contains:
    customer_id:
      description: The customer's tenant id.
      returned: always
      type: str
    customer_name:
      description: The customer's name; null if it is not known.
      returned: always
      type: str
    id:
      description: The subscription's id.
      returned: always
      type: str
    renewal:
      description:
        - What happens when the term ends, worked out from the fields. Null if nothing ends (Azure plans, the year
          9999), or if the subscription is deleted, expired or disabled. See
          R(The end of a term, ansible_collections.csp.partner_center.docsite.guide_end_of_term).
      returned: always, with O(fields) if it is named there
      type: dict
      contains:
        end_of_term:
          description:
            - V(renew), V(cancel), V(extended_service_term) (it goes on as a paid extended service term), V(lapse) (it
              ends, and no extended service term follows), V(transition) (it becomes another product), or V(unknown)
              (Partner Center has scheduled something that is not known here).
          returned: always
          type: str
        decided:
          description:
            - False if a paid extended service term follows that nobody asked for, because auto-renew is off and nothing
              is scheduled, or because Partner Center has scheduled it itself.
          returned: always
          type: bool
        ends_at:
          description: When the term ends, in UTC; null if the subscription does not say.
          returned: always
          type: str
        decide_by:
          description: 24 hours before the end. Later, Partner Center may refuse to change what happens.
          returned: always
          type: str
        quantity_after:
          description: The seats in the next term; 0 if the subscription ends, null if that is not known.
          returned: always
          type: int
        eligible_for_extended_service_term:
          description:
            - Whether a paid extended service term follows if nobody decides otherwise. Partner Center does not say so;
              it follows from product, dates and cloud. If these do not tell, it counts as true.
          returned: always
          type: bool
        in_extended_service_term:
          description: Whether the subscription is in an extended service term now.
          returned: always
          type: bool
  sample:
    - customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
      customer_name: Contoso Ltd
      id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
      offer_name: Microsoft 365 Business Basic
      friendly_name: nickname
      quantity: 25
      status: active
      auto_renew_enabled: true
      billing_cycle: monthly
      term_duration: P1Y
      commitment_end_date: "2027-03-01T00:00:00Z"
      renewal:
        end_of_term: renew
        decided: true
        ends_at: "2027-03-01T23:59:59Z"
        decide_by: "2027-02-28T23:59:59Z"
        quantity_after: 25
        eligible_for_extended_service_term: true
        in_extended_service_term: false
unavailable:
  description:
    - Customers that could not be read, by id, with the reason.
    - With O(include_support_contact) also each subscription whose support contact could not be read. The subscription
      itself is in RV(subscriptions), too.
  returned: when the customers could be listed
  type: list
  elements: dict
  contains:
    customer_id:
      description: The customer's tenant id; null if Partner Center lists the customer without one.
      returned: always
      type: str
    customer_name:
      description: The customer's name; null if it is not known.
      returned: always
      type: str
    subscription_id:
      description:
        - The subscription whose support contact could not be read; null if the customer could not be read.
      returned: always
      type: str
    reason:
      description: What Partner Center answered.
      returned: always
      type: str
  sample:
    - customer_id: 6be30ed5-eea7-443a-868a-4e4df9668ab8
      customer_name: Fabrikam
      subscription_id: null
      reason: The relationship has ended.
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
    path: /v1/customers/0c39d6d5-c70d-4c55-bc02-f620844f3fd1/subscriptions
    request_id: ca7c39f7-1a80-43bc-90d8-ee7d1cad3831
    correlation_id: ec8f62e5-1d92-47e9-8d5d-1924af105f2c
"""

import typing as t

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._api.client import PartnerCenter
from ..module_utils._engine.reading import customers, fleet
from ..module_utils._engine.runtime import utc_now
from ..module_utils._module import info
from ..module_utils._module.subscriptions import Names, parse_fields, shown_subscription
from ..module_utils._state import checks
from ..module_utils._state.policies.match import parse_match

SPEC = {
    "customer_id": {"type": "raw", "aliases": ["customer_tenant_id"]},
    "subscription_id": {"type": "raw"},
    "match": {"type": "dict"},
    "fields": {"type": "list", "elements": "raw"},
    "include_support_contact": {"type": "bool", "default": False},
    "on_unavailable": {"type": "str", "default": "report", "choices": ["report", "fail"]},
    "max_concurrency": {"type": "int", "default": 8},
}


def question(params: info.Params) -> info.Question:
    customer_id = info.checked_option(params, "customer_id", checks.guid)
    subscription_id = info.checked_option(params, "subscription_id", checks.guid)
    match = info.checked_option(params, "match", parse_match)
    names = info.checked_option(params, "fields", parse_fields)
    threads = checks.whole_number("max_concurrency", params["max_concurrency"])
    contacts = params["include_support_contact"]
    if names is not None and contacts:
        names = (*names, "support_contact")

    def ask(client: PartnerCenter) -> info.Findings:
        if subscription_id is not None:
            found = fleet.read_subscription(client, customer_id, subscription_id, contacts=contacts)
        else:
            found = fleet.read_fleet(
                client,
                match=match,
                customers=None if customer_id is None else [customer_id],
                threads=threads,
                now=utc_now(),
                contacts=contacts,
            )
        is_failed = found.unavailable and params["on_unavailable"] == "fail"
        shown = result(found, names, has_extended_terms=client.has_extended_terms)
        return info.Findings(
            shown, customers.unavailable_problem(found.unavailable) if is_failed else None, found.warnings
        )

    return ask


def result(found: fleet.FleetRead, names: Names, *, has_extended_terms: bool) -> dict[str, t.Any]:
    subscriptions = []
    for one in found.customers:
        ids = {"customer_id": one.customer.id, "customer_name": one.customer.name or None}
        subscriptions += [
            {**ids, **shown_subscription(raw, names, has_extended_terms=has_extended_terms), **ids}
            for raw in one.subscriptions
        ]
    unavailable = [{"subscription_id": None, **one} for one in found.unavailable]
    return {"subscriptions": subscriptions, "unavailable": unavailable}


def main() -> None:
    info.run_info(
        SPEC,
        question,
        restrictions=("customer_id", "customer_tenant_id", "subscription_id", "match"),
        required_by={"subscription_id": "customer_id"},
        mutually_exclusive=[("subscription_id", "match")],
    )


if __name__ == "__main__":
    main()
