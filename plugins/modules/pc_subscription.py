#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_subscription
short_description: Keep a customer's subscription in the declared state
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Sets nickname, seats, auto-renew, status, billing cycle, partner on record and renewal instructions of one
    subscription of one of the partner's customers. At least one of these settings is required.
  - Only the settings that are given are compared and changed. The subscription is read first; if nothing differs,
    nothing is written. A write sends the subscription as it was read, with only these settings replaced, because
    Partner Center resets auto-renew and deletes renewal instructions that a request leaves out.
  - Every write is verified. A change that Partner Center accepted but did not make fails the task.
  - A task that changes nothing costs one request. A change costs three (to read, to read again right before the write,
    and to write), and two more for each further write that it needs.
  - Seats are billed, and cancelling is final. Run with C(--check --diff) first.
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
  friendly_name:
    description:
      - Nickname of the subscription, a string without control characters such as line breaks, and without white
        space at either end. The same holds for every text that is set.
    type: raw
  quantity:
    description:
      - Number of seats, a whole number of at least 1.
      - On new commerce, seats can be added at any time and taken back only within the refund window. Later, use
        O(scheduled_next_term_instructions.quantity) to renew with fewer.
    type: raw
  auto_renew_enabled:
    description:
      - Whether the subscription renews by itself at the end of its term, a boolean.
      - On licences of new commerce, V(false) alone does not end the subscription. Since May 2026, it goes on as a paid
        extended service term, so this is an error. Set O(end_of_term) instead.
    type: raw
  status:
    description:
      - V(active) also reactivates a suspended subscription.
      - V(suspended) cuts the customer's users off. On new commerce it does not stop the billing.
      - V(deleted) cancels the subscription. It cannot be undone, and on new commerce it is only possible within the
        cancellation window.
    type: str
    choices: [active, suspended, deleted]
  billing_cycle:
    description:
      - How often the subscription is billed, such as V(monthly) or V(annual); a string.
      - New commerce only. On a legacy subscription it is an error, because there Partner Center changes the billing
        cycle through the order.
      - Within a term, Microsoft changes it only where the term is three years, between V(monthly) and V(annual).
        Otherwise, set it for the renewal, with C(product.billing_cycle) of C(scheduled_next_term_instructions).
      - Where Partner Center has the change wait for the next charge, that counts as changed.
    type: raw
  partner_id:
    description:
      - MPN id of the indirect reseller on record, a string (put it in quotes).
    type: raw
  end_of_term:
    description:
      - What happens when the term ends, for licences of new commerce. See
        R(The end of a term, ansible_collections.csp.partner_center.docsite.guide_end_of_term).
      - V(renew) renews for another term, V(cancel) ends the subscription with its term, and V(extended_service_term)
        lets it go on as a paid extended service term, from month to month.
      - V(cancel) and V(extended_service_term) delete the renewal instructions.
      - Elsewhere (legacy, software, trials) only V(renew) is possible. Azure is billed by usage and has no term.
      - Mutually exclusive with O(auto_renew_enabled).
    type: str
    choices: [renew, cancel, extended_service_term]
  scheduled_next_term_instructions:
    description:
      - What changes when the subscription renews. What is left out is taken from the current instructions, else from
        the subscription itself. O(scheduled_next_term_instructions.quantity=80) alone means 80 seats at the renewal.
      - Needs auto-renew.
      - Partner Center deletes the instructions with any immediate change of the subscription; see O(scheduled_changes).
    type: dict
    suboptions:
      product:
        description: What to renew as.
        type: dict
        suboptions:
          product_id:
            description: Product id, such as V(CFQ7TTC0LH18).
            type: raw
          sku_id:
            description: SKU id, such as V(0001). Put it in quotes.
            type: raw
          availability_id:
            description: Availability id, such as V(CFQ7TTC0K971).
            type: raw
          billing_cycle:
            description: Billing cycle of the next term, such as V(monthly).
            type: raw
          term_duration:
            description: Length of the next term in ISO 8601, such as V(P1Y).
            type: raw
          promotion_id:
            description: Promotion of the next term; an empty string for none.
            type: raw
      quantity:
        description: Number of seats of the next term, a whole number of at least 1.
        type: raw
      custom_term_end_date:
        description: Date on which the next term ends, to align it with other subscriptions.
        type: raw
  clear_scheduled_next_term_instructions:
    description:
      - V(true) removes the renewal instructions, so that the subscription renews as it is.
      - V(true) and O(scheduled_next_term_instructions) are mutually exclusive.
    type: raw
  expect:
    description:
      - The values that the subscription must have before anything is written, with the same names as the settings; null
        means no value. Otherwise the task fails, and nothing is written.
      - A field that the task also sets may already have the desired value instead.
      - Null instead of the dictionary is an error, because it would expect nothing.
      - It may contain C(support_contact), with the names of M(csp.partner_center.pc_support_contact); null means that
        there is none. This costs one more request, and needs App+User credentials, that is O(refresh_token).
      - New-commerce subscriptions have no concurrency token, so a change that somebody else makes between the last
        read and the write is not prevented.
    type: raw
  scheduled_changes:
    description:
      - What to do with scheduled renewal changes, which Partner Center deletes with an immediate change.
      - V(restore) writes them back in a second, verified write.
      - V(refuse) is an error before anything is written.
      - V(drop) does not write them back, and warns of that.
    type: str
    default: restore
    choices: [restore, refuse, drop]
seealso:
  - module: csp.partner_center.pc_support_contact
  - name: Update a subscription by ID
    description: Microsoft's documentation of the request.
    link: https://learn.microsoft.com/partner-center/developer/update-a-subscription-by-id
"""

EXAMPLES = r"""
- name: Set the connection once for all modules of the collection
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/csp.partner_center.partner_center:
      tenant_id: "{{ partner_tenant_id }}"
      client_id: "{{ partner_client_id }}"
      client_secret: "{{ partner_client_secret }}"
  tasks:
    - name: Give a subscription a nickname
      csp.partner_center.pc_subscription:
        customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
        subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
        friendly_name: Contoso - Berlin office

    - name: Set 25 seats, but only if there are 20 now
      csp.partner_center.pc_subscription:
        customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
        subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
        quantity: 25
        expect:
          quantity: 20
        change_reference: CHG0031337

    - name: Renew with 80 seats
      csp.partner_center.pc_subscription:
        customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
        subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
        end_of_term: renew
        scheduled_next_term_instructions:
          quantity: 80

    - name: Let a subscription end with its term
      csp.partner_center.pc_subscription:
        customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
        subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
        end_of_term: cancel
"""

RETURN = r"""
subscription:
  description:
    - The subscription as Partner Center shows it after the task, with all its fields in snake_case, unknown ones
      included.
    - In check mode, as it would be. In a failed task, as it was last seen, or null.
  returned: always
  type: dict
  sample:
    id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
    friendly_name: Contoso - Berlin office
    quantity: 25
    status: active
    auto_renew_enabled: true
changes:
  description: Each changed field with its value before and after, in check mode the change that would be made.
  returned: always
  type: dict
  sample:
    quantity:
      before: 20
      after: 25
diff:
  description: The changed fields before and after, for C(--diff).
  returned: always
  type: dict
  sample:
    before:
      quantity: 20
    after:
      quantity: 25
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
    location: /customers/0c39d6d5-c70d-4c55-bc02-f620844f3fd1/subscriptions/83ef9d05-4169-4ef9-9657-0e86b1eab1de
    pending: true
error:
  description:
    - What went wrong. If several things did, the first of them. C(type) and C(message) are always there.
    - R(When a task fails, ansible_collections.csp.partner_center.docsite.guide_errors) lists all kinds of errors and
      what each holds.
  returned: on failure
  type: dict
  sample:
    type: ApiError
    message: "Partner Center answered 400 (code 800090): Quantity cannot be decreased."
    hint: Outside the refund window seats can only be reduced for the renewal (scheduled_next_term_instructions).
    status: 400
    code: "800090"
    description: Quantity cannot be decreased.
    method: PATCH
    path: /v1/customers/0c39d6d5-c70d-4c55-bc02-f620844f3fd1/subscriptions/83ef9d05-4169-4ef9-9657-0e86b1eab1de
    request_id: ca7c39f7-1a80-43bc-90d8-ee7d1cad3831
    correlation_id: ec8f62e5-1d92-47e9-8d5d-1924af105f2c
not_started:
  description: Writes of the task that were not made because of the failure; empty if there are none.
  returned: on failure
  type: list
  elements: str
  sample: ["renewal (scheduled_next_term_instructions)"]
"""

import typing as t

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._module import options, resource
from ..module_utils._state import items
from ..module_utils._state.model import Desired


def desired(params: t.Mapping[str, t.Any]) -> Desired:
    return Desired(
        options.target(params, "subscription"),
        options.given_settings(params, "subscription"),
        expect=items.check_expected("expect", {} if params["expect"] is None else params["expect"]),
    )


def condition(params: t.Mapping[str, t.Any]) -> Desired | None:
    """What is expected of the subscription's support contact; None where nothing is."""
    expected = items.check_expected_contact("expect", params["expect"] or {})
    return Desired(options.target(params, items.CONTACT), {}, expect=expected) if expected else None


def main() -> None:
    resource.run_resource(
        resource.Task(
            result_key="subscription",
            spec={
                **options.ids("subscription"),
                **options.settings("subscription"),
                "expect": {"type": "raw"},
                **options.SCHEDULED_CHANGES,
                **options.CHANGE,
            },
            desired=desired,
            condition=condition,
            constraints={"required_one_of": [list(options.settings("subscription"))]},
        )
    )


if __name__ == "__main__":
    main()
