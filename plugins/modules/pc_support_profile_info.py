#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_support_profile_info
short_description: Read the partner's own support profile
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Returns the email address, telephone number and website that the partner's customers see as their support.
  - Costs one request.
extends_documentation_fragment:
  - csp.partner_center._attributes.info
  - csp.partner_center._connection
notes:
  - Needs App+User credentials, that is O(refresh_token). With app-only credentials the task fails before anything is
    sent.
seealso:
  - module: csp.partner_center.pc_support_profile
  - name: Get support profile
    description: Microsoft's documentation of the request.
    link: https://learn.microsoft.com/partner-center/developer/get-support-profile
"""

EXAMPLES = r"""
- name: Look at the support profile
  csp.partner_center.pc_support_profile_info:
  register: found

- name: Show the telephone number
  ansible.builtin.debug:
    var: found.support_profile.telephone
"""

RETURN = r"""
support_profile:
  description: The support profile as Partner Center shows it, with all its fields in snake_case.
  returned: success
  type: dict
  sample:
    email: support@example.com
    telephone: "+1 425 555 0100"
    website: support.example.com
    profile_type: support_profile
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
      The support profile needs App+User credentials, but the given ones are app-only: refresh_token is missing.
    hint: >-
      Give refresh_token (secure application model) beside the application's credentials; the playbook
      csp.partner_center.consent obtains one.
"""

from ..module_utils._common import case
from ..module_utils._module import info


def question(_params: info.Params) -> info.Question:
    return lambda client: info.Answer({"support_profile": case.snake(client.support_profile())})


def main() -> None:
    info.run({}, question)


if __name__ == "__main__":
    main()
