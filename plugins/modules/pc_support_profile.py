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
        - "Changes: V(Refused) (it cannot be made as asked), V(Conflict) (the resource is not as expected),
          V(NotApplied) (Partner Center answered success, and the change does not show), V(OperationTimedOut) (Partner
          Center accepted the change, and did not finish it in time), V(Damaged) (the change was made, and something
          else was lost or changed), V(OutcomeUnknown) (it cannot be found out whether the change was made)."
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
    location:
      description: Where to look at the change.
      returned: for V(OperationTimedOut), if Partner Center says so
      type: str
    lost:
      description: Each field that was lost or changed, with its value before.
      returned: for V(Damaged)
      type: dict
    cause:
      description:
        - The error behind it, with keys such as these. It may be V(AmbiguousWrite), a write whose answer was lost or
          was a server error.
      returned: for V(OutcomeUnknown) and V(Damaged), if there is one
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

from ..module_utils._module import options, resource
from ..module_utils._state.model import Desired, Target


def desired(params: t.Mapping[str, t.Any]) -> Desired:
    return Desired(Target("support_profile"), options.given_settings(params, "support_profile"))


def main() -> None:
    resource.run(
        resource.Task(
            result_key="support_profile",
            spec={**options.settings("support_profile"), **options.CHANGE},
            desired=desired,
            constraints={"required_one_of": [list(options.settings("support_profile"))]},
        )
    )


if __name__ == "__main__":
    main()
