#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_fleet
short_description: Keep many subscriptions of many customers in the declared state
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Brings many subscriptions to their desired state in one task. Explicit items (O(subscriptions)), a filled-in table
    (O(csv_path)), policies over the fleet (O(policies)), or several of them declare this state. Instead, a saved plan
    can be applied as it is (O(plan_path)). One of these options is required.
  - The task reads the current state, plans every change, checks the whole plan with the guard, and only then writes,
    several customers at a time. It makes and verifies each change as M(csp.partner_center.pc_subscription) does, and
    only if the subscription is still as it was when the task planned the change.
  - A run that changes nothing costs one request for each customer, and one for every 500 customers to list them. If
    support contacts are declared, each subscription whose contact is declared costs one more. Each write costs two.
    If the names of customers whose subscriptions change are not known yet, they are looked up.
  - A customer that cannot match is not read. One that is excluded as a whole is, so that RV(summary.policies) can tell
    how many subscriptions that excludes; if it cannot be read, nothing fails.
  - A subscription that Partner Center lists twice counts once, with a warning; one that it lists without an id fails.
  - A field that a list leaves out is read from the subscription itself, one more request each. If no listed
    subscription has scheduled changes, they are read this way where they are declared or would be lost with a change.
  - A subscription that fails does not stop the others. The task fails in the end, and the result says what was done.
  - Run it with C(--check --diff) first. By default the guard forbids suspending and cancelling subscriptions.
extends_documentation_fragment:
  - csp.partner_center._attributes
  - csp.partner_center._connection
  - csp.partner_center._connection.change
options:
  subscriptions:
    description:
      - Explicit items, one for each subscription. An empty list means none.
      - Each item needs at least one setting or O(subscriptions[].support_contact). The same subscription twice is an
        error.
    type: list
    elements: dict
    suboptions:
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
            O(subscriptions[].scheduled_next_term_instructions.quantity) to renew with fewer.
        type: raw
      auto_renew_enabled:
        description:
          - Whether the subscription renews by itself at the end of its term, a boolean.
          - On licences of new commerce, V(false) alone does not end the subscription. Since May 2026, it goes on as a
            paid extended service term, so this is an error. Set O(subscriptions[].end_of_term) instead.
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
          - V(renew) renews for another term, V(cancel) ends the subscription with its term, and
            V(extended_service_term) lets it go on as a paid extended service term, from month to month.
          - V(cancel) and V(extended_service_term) delete the renewal instructions.
          - Elsewhere (legacy, software, trials) only V(renew) is possible. Azure is billed by usage and has no term.
          - Mutually exclusive with O(subscriptions[].auto_renew_enabled).
          - In a rollback (O(undoes)) it can also be what the filter P(csp.partner_center.plan_to_rollback#filter) made
            of what Partner Center had before.
        type: raw
      scheduled_next_term_instructions:
        description:
          - What changes when the subscription renews. What is left out is taken from the current instructions, else
            from the subscription itself. O(subscriptions[].scheduled_next_term_instructions.quantity=80) alone means
            80 seats at the renewal.
          - Needs auto-renew.
          - Partner Center deletes the instructions with any immediate change of the subscription; see
            O(scheduled_changes).
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
          - V(true) and O(subscriptions[].scheduled_next_term_instructions) are mutually exclusive.
        type: raw
      support_contact:
        description:
          - The support contact of the subscription, one of the partner's indirect resellers. One value is enough; the
            others are looked up.
          - Needs App+User credentials, that is O(refresh_token).
          - Microsoft keeps support contacts for legacy subscriptions only. On new commerce the item fails before
            anything is written; policies skip such subscriptions, and a warning counts them.
        type: dict
        suboptions:
          support_tenant_id:
            description: Tenant id of the reseller, a GUID.
            type: raw
          support_mpn_id:
            description: Microsoft Partner Network (PartnerID) id of the reseller, a string (put it in quotes).
            type: raw
          name:
            description: Name of the reseller, exactly as Partner Center lists it.
            type: raw
          allow_new_commerce:
            description:
              - Microsoft keeps support contacts for legacy subscriptions only. With V(false), a change on a
                new-commerce subscription is refused before anything is written.
              - With V(true), the contact is sent all the same.
            type: bool
            default: false
      expect:
        description:
          - The values that the subscription must have before anything is written, with the same names as the settings,
            including O(subscriptions[].support_contact); null means no value. Otherwise the item fails, and nothing is
            written for it.
          - A field that the item also sets may already have the desired value instead.
          - Null instead of the dictionary is an error, because it would expect nothing.
        type: raw
  plan_path:
    description:
      - A plan file, as the role P(csp.partner_center.fleet#role) saves it. The task makes exactly its changes. Each
        item expects what the plan found, as with P(csp.partner_center.plan_to_desired#filter).
      - A plan is refused before any request to the API if it was made for another tenant or address, was altered, is
        older than O(plan_max_age), is not the one with O(plan_digest), or breached the guard when it was made.
      - The module reads the file itself. A plan of many thousands of changes takes much less memory and time this way
        than its items in O(subscriptions).
      - Mutually exclusive with O(subscriptions), O(csv_path), O(policies) and O(customers). O(guard) counts for the
        plan's changes.
    type: path
    version_added: 1.0.0
  csv_path:
    description:
      - A table of P(csp.partner_center.subscriptions_to_csv#filter) in which people have filled in what shall change.
        Each row with something filled in becomes an item, as with P(csp.partner_center.csv_to_subscriptions#filter).
      - The items come after those of O(subscriptions). A subscription may be in only one of the two.
      - A table with mistakes is refused as a whole, before any request.
    type: path
    version_added: 1.0.0
  policies:
    description:
      - The desired state of every subscription that matches. If several policies set the same field, the last one wins,
        and an explicit item wins over all policies. The plan names the policy of each change.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the policy, a string that no other policy has.
        type: raw
        required: true
      match:
        description:
          - Which subscriptions the policy applies to. All keys must match; a list means any of its values.
          - "Ids: C(customer_id), C(subscription_id), C(parent_subscription_id), and C(indirect_reseller), the tenant id
            of a reseller whose customers are meant (this key needs App+User credentials)."
          - "Shell globs without regard to case: C(customer_name), C(customer_domain), C(offer_name), C(offer_id),
            C(product_id), C(partner_id), C(friendly_name). A plain string is one glob, commas and all. It also matches
            a name that it equals literally, brackets and all. V(?*) means any value; V(*) also holds where there is
            none."
          - "Values: C(status), C(billing_cycle), C(billing_type), C(term_duration), C(product_type), which is V(nce) or
            V(legacy), and C(end_of_term), which is V(renew), V(cancel), V(extended_service_term), V(lapse),
            V(transition) or V(unknown)."
          - "Booleans: C(auto_renew_enabled), C(is_trial), C(is_addon), C(has_scheduled_changes),
            C(end_of_term_decided), C(in_extended_service_term)."
          - "Numbers: C(quantity) with C(min) and C(max), and C(renews_within_days)."
          - An unknown key is an error. So is an empty match, unless O(policies[].match_all=true).
        type: dict
      match_all:
        description:
          - Confirms that the policy applies to every subscription.
          - V(true) and O(policies[].match) are mutually exclusive.
        type: bool
        default: false
      exclude:
        description:
          - Which of the matching subscriptions the policy does not apply to, with the same keys.
          - An empty dictionary excludes nothing. Null is an error.
        type: dict
      set:
        description:
          - Their desired state, with the names of the settings of O(subscriptions), including
            O(subscriptions[].support_contact). At least one is required.
          - Strings may hold C({customer_name}), C({customer_domain}), C({offer_name}), C({friendly_name}),
            C({quantity}), C({term_end}), C({subscription_id}) and C({partner_id}). Put the whole value in quotes.
          - White space at either end of what a placeholder stands for is left out. If it holds a control character, the
            subscription fails. The placeholder of a field cannot be used in the field itself.
          - Subscriptions that are billed by usage take no O(subscriptions[].quantity). A policy does not set it there,
            and a warning counts them.
        type: dict
        required: true
  customers:
    description:
      - Ids of the customers to which policies apply. An empty list means none, never all. Null is an error.
      - If not set, policies apply to the whole fleet.
    type: list
    elements: raw
  guard:
    description:
      - Limits for the whole plan of the task. If one of them is exceeded, nothing at all is written, and the message
        says by how much and which customers contribute most.
    type: dict
    suboptions:
      max_changes:
        description: How many subscriptions may change.
        type: raw
      max_changes_percent:
        description: How many of the subscriptions that were read may change, in percent.
        type: raw
      max_seat_increase:
        description: How many seats may be added in all.
        type: raw
      max_seat_decrease:
        description: How many seats may be taken back in all.
        type: raw
      max_seat_increase_per_subscription:
        description: How many seats may be added to one subscription.
        type: raw
      forbid_statuses:
        description: Statuses that no subscription may be set to. An empty list allows all.
        type: list
        elements: str
        default: [deleted, suspended]
      forbid_end_of_term:
        description: Values that C(end_of_term) may not be set to, such as V(extended_service_term).
        type: list
        elements: str
        default: []
      forbid_fields:
        description: Settings that may not change, such as V(quantity) or V(support_contact).
        type: list
        elements: str
      protected:
        description: Ids of customers and subscriptions that may not change.
        type: list
        elements: raw
  guard_in_check_mode:
    description:
      - What a breach of O(guard) means in check mode. V(fail) fails the task as in a real run, V(warn) only warns.
      - RV(guard) has the reasons either way.
    type: str
    default: fail
    choices: [fail, warn]
  undoes:
    description:
      - The id of the run, or the digest of the plan, that this task undoes; a string. It marks the task as a rollback.
      - Items of a rollback may hold texts that cannot be set otherwise, with control characters or with white space at
        either end, because they were there before.
      - A rollback may turn auto-renew off again where that means a paid extended service term; a warning says so.
      - The journal holds it, so that the run that was undone is not undone again. It counts as undone once a rollback
        has ended without a failure.
      - The filter P(csp.partner_center.run_to_undo#filter) finds the run.
    type: raw
  plan_digest:
    description:
      - The digest of the plan file that this task applies; a string. The journal holds it, so that a rollback of the
        plan also counts for the runs that applied it.
      - With O(plan_path), the digest that was approved. A file with another one is refused. If not set, the file's own
        digest goes into the journal.
    type: raw
  plan_max_age:
    description: How old the plan in O(plan_path) may be, in seconds.
    type: int
    default: 86400
    version_added: 1.0.0
  on_error:
    description:
      - What to do when a subscription fails. V(continue) goes on with the others, V(stop) starts no further one and
        overrides O(max_failures).
      - A subscription whose first write has been made is still finished.
    type: str
    default: continue
    choices: [continue, stop]
  max_failures:
    description:
      - After this many failures no further subscription is started.
      - With O(on_error=stop) it has no effect, because the first failure is enough.
    type: int
  on_unavailable:
    description:
      - What to do about a customer that cannot be read (403 or 404), such as one whose relationship has ended.
      - V(report) lists it in RV(unavailable), V(fail) also fails the task. An explicit item of such a customer fails
        either way.
    type: str
    default: report
    choices: [report, fail]
  on_unmatched:
    description:
      - What to do about a value that nothing in the fleet has, which is most likely misspelled. That is a name, id or
        glob in O(policies[].match), O(policies[].exclude) or O(guard.protected), or a value such as a status that is
        neither known nor present.
      - V(warn) names it, with the nearest value that is there. V(fail) fails the task in the same words before anything
        is written, in check mode, too. V(ignore) says nothing.
      - A policy whose values exist and that has nothing to do is fine. So is a match of a setting that the task also
        sets, because nothing has the old value any more once the task has done its work.
      - Values are judged only where the task reads the whole fleet, apart from customers that are unavailable. With
        O(customers), or if all policies name their customers by id, none is judged; where some customers cannot match,
        only what is about customers.
    type: str
    default: warn
    choices: [warn, fail, ignore]
  max_concurrency:
    description:
      - How many requests may run at the same time.
      - One customer's writes always run one after another.
    type: int
    default: 8
  requests_per_minute:
    description:
      - How many requests may be sent per minute. If not set, the pace follows the API's 429 answers.
    type: int
  journal_path:
    description:
      - File in which each write is noted, before it is made and after it, as JSON Lines. It is created with mode 0600,
        locked while it is used, and only ever appended to. A missing folder is created.
      - After a crash it shows which writes may have been made. The filter P(csp.partner_center.plan_to_rollback#filter)
        turns it into items that undo them.
      - An earlier run may have stopped between a write that deletes scheduled renewal changes and the one that writes
        them back. Then this run plans them again for the subscriptions that it manages, and names the others in a
        warning.
      - If the file cannot be written any more, for example because the disk is full, no further write is made and the
        task fails; the result says what was done. What is under way is finished. For that, the file has empty lines at
        its end while a run uses it.
      - Work that a run in another tenant has left in the file is named in a warning.
    type: path
  return_unchanged:
    description: Whether RV(outcomes) also lists subscriptions that are already as desired.
    type: bool
    default: false
  progress:
    description:
      - Whether to show every few seconds, in one line, how far the task is. The line goes to standard error, where it
        does not disturb callbacks that write JSON, and is not part of the result.
      - Nothing is shown if the module runs on another host or as another user, or with C(poll=0).
    type: bool
    default: true
  progress_path:
    description:
      - File in which the module writes how far it is, for a dashboard. It is replaced about once a second.
      - It holds one JSON object with the C(phase) (V(reading), V(planning) or V(writing)), C(done) of C(total)
        (customers while reading, else subscriptions), C(changed), C(failed), C(requests), C(retries), C(throttled),
        C(seconds) and C(phase_seconds); while it writes with O(journal_path), also C(result_path), where it leaves its
        result if it is interrupted. The phase V(planning) reads subscriptions of which a list leaves something out;
        most runs do not have it.
      - It does not depend on O(progress).
    type: path
  scheduled_changes:
    description:
      - What to do with scheduled renewal changes, which Partner Center deletes with an immediate change.
      - V(restore) writes them back in a second, verified write.
      - V(refuse) is an error before anything is written.
      - V(drop) does not write them back, and warns of that.
    type: str
    default: restore
    choices: [restore, refuse, drop]
notes:
  - What confines the task is never without a value. If one of O(subscriptions), O(policies), O(customers), O(guard),
    O(plan_path), O(plan_digest), O(plan_max_age), O(csv_path), O(on_error), O(max_failures), their keys in O(guard),
    O(policies[].match), O(policies[].exclude) and O(subscriptions[].expect) is given as null or as an empty text, for
    example by a template, it is an error. Leave it out to mean its default.
  - Partner Center limits the requests of each partner. Two tasks at the same time share the limit.
  - When the playbook is interrupted or killed, nothing more is read and no new write is started. Writes that have been
    started are finished and noted in the journal. If something was written, or was about to be, the task leaves its
    result beside the journal, since no playbook hears it any more. That is a new file of mode 0600, the JSON form of a
    report, with the run's id in its name (C(journal-result-<id>.json)). The playbook C(csp.partner_center.fleet_runs)
    names it. Without O(journal_path) nothing is left.
seealso:
  - module: csp.partner_center.pc_subscription
  - plugin: csp.partner_center.plan_to_desired
    plugin_type: filter
  - plugin: csp.partner_center.plan_to_rollback
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Name subscriptions after customer and offer, and turn auto-renew on for all with a term of one year
  csp.partner_center.pc_fleet:
    policies:
      - name: names
        match:
          product_type: nce
          status: active
        exclude:
          is_trial: true
        set:
          friendly_name: "{customer_name} - {offer_name}"
      - name: renew
        match:
          term_duration: P1Y
          status: active
        set:
          auto_renew_enabled: true
    guard:
      max_changes_percent: 20
      forbid_fields: [quantity]
    journal_path: ~/partner-center.jsonl
    change_reference: CHG0031337

- name: Make the reseller on record the support contact of legacy subscriptions, where Microsoft keeps one
  csp.partner_center.pc_fleet:
    policies:
      - name: reseller supports
        match:
          product_type: legacy
          partner_id: "?*"
        set:
          support_contact:
            support_mpn_id: "{partner_id}"

- name: Set the seats of some subscriptions
  csp.partner_center.pc_fleet:
    subscriptions:
      - customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
        subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
        quantity: 25
        expect:
          quantity: 20
      - customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
        subscription_id: c8d8fbab-6a62-44dc-be50-b7c74e43a296
        scheduled_next_term_instructions:
          quantity: 80
    guard:
      max_seat_increase: 10

- name: Make exactly the changes of the plan that was approved
  csp.partner_center.pc_fleet:
    plan_path: plans/2026-11-28.json
    plan_digest: 4f0b2d6c1f5f1f0c9d6a1f6f8d3d7a3c5b2e9a7c8d1e0f4a6b3c2d5e7f9a1b0c
    journal_path: ~/partner-center.jsonl

- name: Make the changes that are filled in in a table
  csp.partner_center.pc_fleet:
    csv_path: contoso.csv
    guard:
      max_changes: 20
"""

RETURN = r"""
plan:
  description: Every change that the task planned, in the order of the outcomes.
  returned: when the fleet could be read
  type: list
  elements: dict
  contains:
    customer_id:
      description: The customer's tenant id.
      returned: always
      type: str
    customer_name:
      description: The customer's name; null if it could not be read.
      returned: always
      type: str
    subscription_id:
      description: The subscription's id.
      returned: always
      type: str
    offer_name:
      description: The name of its offer; null if it has none.
      returned: always
      type: str
    status:
      description: The subscription's status when the plan was made; null if it has none.
      returned: always
      type: str
    field:
      description: The setting that changes. V(support_contact) is one, with all its values.
      returned: always
      type: str
    before:
      description: Its value before.
      returned: always
      type: raw
    after:
      description: Its value after.
      returned: always
      type: raw
    policy:
      description:
        - The policy that set it; null for an explicit item.
        - V(unfinished run <id>) for scheduled changes that an earlier run in O(journal_path) deleted and did not write
          back.
      returned: always
      type: str
    reversible:
      description: Whether the change can be undone, V(yes), V(no), or V(until <time>).
      returned: always
      type: str
    reason:
      description: Why it cannot be undone, or only until then; else an empty string.
      returned: always
      type: str
    warnings:
      description:
        - What to know before the change is made, such as what Partner Center is expected to refuse, or what it costs.
        - What is about all changes of the subscription is with the first of them.
      returned: always
      type: list
      elements: str
    expected_refusals:
      description:
        - The C(warnings) that Partner Center is expected to refuse the change, each as C(warning), and with the error
          codes as C(codes), as far as they are known.
      returned: if there are some
      type: list
      elements: dict
    received:
      description:
        - For C(end_of_term), what Partner Center had before, from which it can be laid back.
        - C(effect) is what would have happened; C(auto_renew_enabled) and C(scheduled_actions) are its two fields.
      returned: for C(end_of_term)
      type: dict
    lays_back:
      description: For C(end_of_term) in a rollback (O(undoes)), the two fields that Partner Center gets back.
      returned: where they are not what a choice of C(end_of_term) means
      type: dict
    at_renewal:
      description:
        - C(term_end), when the change comes about, and C(unchanged), what the renewal would be without instructions.
      returned: for what waits for the end of the term, as far as it is known
      type: dict
    drops:
      description:
        - Scheduled changes that Partner Center deletes with this change and that are not written back, because
          auto-renew is turned off or O(scheduled_changes=drop).
        - With a suspension of new commerce also auto-renew, which goes off.
        - P(csp.partner_center.plan_to_rollback#filter) restores them.
      returned: if there are some
      type: dict
  sample:
    - customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
      customer_name: Contoso Ltd
      subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
      offer_name: Microsoft 365 Business Basic
      status: active
      field: friendly_name
      before: nickname
      after: Contoso Ltd - Microsoft 365 Business Basic
      policy: names
      reversible: "yes"
      reason: ""
      warnings: []
digest:
  description:
    - SHA-256 of the canonical JSON of RV(plan). Two runs with the same digest plan the same changes.
    - It is not the digest of a plan file, which also covers the tenant, the address of the API and the time. For
      O(csp.partner_center.fleet#role:approved:fleet_plan_digest) use the C(digest) in the plan file; the filter
      P(csp.partner_center.plan_file#filter) makes one of this result.
  returned: when the fleet could be read
  type: str
  sample: bcb8dd13d14be757a214136a3f9847897112d3eb2d4ace2f8c8593888359ee19
outcomes:
  description:
    - One entry for each subscription that changed or failed, with O(return_unchanged) for each that is managed.
    - Explicit items come first in their order, the others by customer and subscription.
  returned: when the fleet could be read
  type: list
  elements: dict
  contains:
    customer_id:
      description: The customer's tenant id.
      returned: always
      type: str
    customer_name:
      description: The customer's name; null if it could not be read, or if nothing is planned and no policy needs it.
      returned: always
      type: str
    subscription_id:
      description: The subscription's id; null in an entry about the list of a customer's subscriptions.
      returned: always
      type: str
    offer_name:
      description: The name of its offer; null if it has none, or if it could not be read.
      returned: always
      type: str
    changed:
      description: Whether the subscription or its support contact was changed, in check mode whether it would be.
      returned: always
      type: bool
    failed:
      description: Whether something went wrong.
      returned: always
      type: bool
    msg:
      description: What became of it, or what went wrong, in words.
      returned: always
      type: str
    error:
      description: What went wrong, with the keys of RV(error); null if nothing did.
      returned: always
      type: dict
    changes:
      description: Each changed setting with its value before and after, in check mode the change that would be made.
      returned: always
      type: dict
    request_id:
      description: C(MS-RequestId) of the last write, for Microsoft's support. Null if nothing was written.
      returned: always
      type: str
    correlation_id:
      description: C(MS-CorrelationId) of the last write, for Microsoft's support. Null if nothing was written.
      returned: always
      type: str
    pending:
      description: V(true). Partner Center has accepted the change, and the task did not wait until it shows.
      returned: with O(wait=false), if Partner Center answered 202
      type: bool
    warnings:
      description: What to know about the change, such as what Partner Center is expected to refuse.
      returned: if there are some
      type: list
      elements: str
    not_started:
      description: Writes that were not made because of the failure.
      returned: if there are some
      type: list
      elements: str
    not_attempted:
      description: V(true). The task stopped before this subscription's turn.
      returned: with O(return_unchanged), if that is so
      type: bool
  sample:
    - customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
      customer_name: Contoso Ltd
      subscription_id: 83ef9d05-4169-4ef9-9657-0e86b1eab1de
      offer_name: Microsoft 365 Business Basic
      changed: true
      failed: false
      msg: changed
      error: null
      changes: {friendly_name: {before: nickname, after: Contoso Ltd - Microsoft 365 Business Basic}}
      request_id: ca7c39f7-1a80-43bc-90d8-ee7d1cad3831
      correlation_id: ec8f62e5-1d92-47e9-8d5d-1924af105f2c
summary:
  description:
    - What the task has done, in numbers.
    - Beside the keys below it holds C(items), which is about explicit items alone. C(given) is how many of
      O(subscriptions) there are, and C(changed) those with a change that the item itself set, in check mode those that
      would have one. Jinja reads it as C(summary['items']).
  returned: when the fleet could be read
  type: dict
  contains:
    subscriptions:
      description:
        - Subscriptions that were read. A customer whose subscriptions could not be listed counts as one.
      returned: always
      type: int
    planned:
      description: Subscriptions with a planned change.
      returned: always
      type: int
    changed:
      description: Subscriptions that were changed, in check mode those that would be.
      returned: always
      type: int
    unchanged:
      description: Subscriptions that are as desired, or that nothing is asked of.
      returned: always
      type: int
    failed:
      description:
        - Subscriptions that failed. A customer whose subscriptions could not be listed counts as one.
        - A subscription that was changed before it failed counts as changed, too.
      returned: always
      type: int
    not_attempted:
      description: Subscriptions with a planned change whose turn did not come.
      returned: always
      type: int
    pending:
      description: Subscriptions with a change that Partner Center has accepted and not finished, with O(wait=false).
      returned: always
      type: int
    policies:
      description:
        - What each of O(policies) met, in their order. Numbers are subscriptions.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: Name of the policy.
          returned: always
          type: str
        matched:
          description: Those that its match means, before O(policies[].exclude).
          returned: always
          type: int
        excluded:
          description: Those of them that it excludes.
          returned: always
          type: int
        changed:
          description: Those with a change that it set, in check mode those that would have one.
          returned: always
          type: int
        skipped:
          description: Those that cannot have what it sets, such as a quantity where usage is billed.
          returned: always
          type: int
    unavailable:
      description: Customers in RV(unavailable).
      returned: always
      type: int
    end_of_term:
      description:
        - How many changes of C(end_of_term) are planned, by what shall happen then, such as V(cancel). Empty if there
          are none.
      returned: always
      type: dict
    requests:
      description: Requests to the API, those that were sent again included.
      returned: always
      type: int
    retries:
      description: Requests that were sent again.
      returned: always
      type: int
    throttled:
      description: Answers with the status 429.
      returned: always
      type: int
    seconds:
      description: How long the task took.
      returned: always
      type: float
  sample:
    subscriptions: 1000
    planned: 12
    changed: 12
    unchanged: 988
    failed: 0
    not_attempted: 0
    pending: 0
    unavailable: 0
    policies:
      - {name: names, matched: 980, excluded: 14, changed: 12, skipped: 0}
    items: {given: 0, changed: 0}
    end_of_term: {cancel: 3, renew: 1}
    requests: 224
    retries: 0
    throttled: 0
    seconds: 4.2
unplanned:
  description:
    - What could not be planned, and the settings that policies left out because a subscription cannot have them.
  returned: when the fleet could be read
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
    subscription_id:
      description: The subscription's id; null in an entry about the list of a customer's subscriptions.
      returned: always
      type: str
    offer_name:
      description: The name of its offer; null if it has none, or if it could not be read.
      returned: always
      type: str
    field:
      description: The setting that a policy left out; null if the subscription could not be planned at all.
      returned: always
      type: str
    policy:
      description: The policy that sets it; null if the subscription could not be planned at all.
      returned: always
      type: str
    msg:
      description: Why.
      returned: always
      type: str
  sample:
    - customer_id: 0c39d6d5-c70d-4c55-bc02-f620844f3fd1
      customer_name: Contoso Ltd
      subscription_id: 5a1f0c2e-8d0b-4b6e-9a4f-0f2f7c1d9b3a
      offer_name: Azure plan
      field: quantity
      policy: seats
      msg: Policy 'seats' sets quantity, which subscriptions that are billed by usage do not take.
unavailable:
  description: Customers that could not be read.
  returned: when the fleet could be read
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
    reason:
      description: What Partner Center answered.
      returned: always
      type: str
  sample:
    - customer_id: 6be30ed5-eea7-443a-868a-4e4df9668ab8
      customer_name: Fabrikam
      reason: The relationship has ended.
guard:
  description: How the plan exceeds O(guard), one sentence for each limit.
  returned: when it does
  type: list
  elements: str
  sample:
    - "212 subscriptions would change, max_changes is 200 (12 too many); most of them: Contoso Ltd (40), Fabrikam (9)."
tenant_id:
  description: The partner's tenant that the task worked in.
  returned: when the fleet could be read
  type: str
  sample: d8202a51-69f9-4228-b900-d0e081af17d7
tenant_name:
  description: The domain by which O(tenant_id) names the partner's tenant, for reports.
  returned: when the fleet could be read, and O(tenant_id) is a domain
  type: str
  sample: adatum.onmicrosoft.com
api_url:
  description: Address of the API that the task worked with.
  returned: when the fleet could be read
  type: str
  sample: https://api.partnercenter.microsoft.com
run_id:
  description:
    - The id of this run in the journal, by which it can be rolled back.
  returned: with O(journal_path), when the fleet could be read, and not in check mode
  type: str
  sample: 5cf72146-8e4c-4ca5-8a2c-4a2c5a3a3f0e
diff:
  description: One entry for each changed subscription.
  returned: with C(--diff)
  type: list
  elements: dict
  sample: [{before: {friendly_name: nickname}, after: {friendly_name: Contoso Ltd}}]
error:
  description:
    - What went wrong. If several things did, the first of them. C(type) and C(message) are always there.
    - R(When a task fails, ansible_collections.csp.partner_center.docsite.guide_errors) lists all kinds of errors and
      what each holds.
  returned: on failure
  type: dict
  sample:
    type: GuardBreach
    message: >-
      The guard stopped the plan, nothing was written: 5 subscriptions would change, max_changes is 1 (4 too many); most
      of them: Contoso Ltd (5).
    hint: Look at the plan, then change the policies or raise the limit.
    breaches:
      - "5 subscriptions would change, max_changes is 1 (4 too many); most of them: Contoso Ltd (5)."
"""

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._module.fleet import run


def main() -> None:
    run.run_module()


if __name__ == "__main__":
    main()
