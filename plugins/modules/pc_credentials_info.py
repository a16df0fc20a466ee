#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_credentials_info
short_description: Check what kind of credentials these are, and what works with them
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Signs in, returns what kind of token this gave, and tries to read from each area of Partner Center.
  - A refused sign-in fails the task. A refused area does not; RV(access) says why it was refused, and what to do about
    it.
  - It never returns a token.
extends_documentation_fragment:
  - csp.partner_center._attributes.info
  - csp.partner_center._connection
notes:
  - It usually costs a sign-in and five requests, and never more than ten requests.
  - With app-only credentials, the areas that need App+User credentials are not tried; RV(access) says what is missing.
seealso:
  - module: csp.partner_center.pc_consent
  - name: Partner Center authentication
    description: Microsoft's documentation of the two kinds of credentials.
    link: https://learn.microsoft.com/partner-center/developer/partner-center-authentication
"""

EXAMPLES = r"""
- name: Check the credentials
  csp.partner_center.pc_credentials_info:
  register: credentials

- name: Go on only where support contacts can be managed
  ansible.builtin.assert:
    that: credentials.access.support_contact == 'ok'
    fail_msg: "{{ credentials.access.support_contact }}"
"""

RETURN = r"""
mode:
  description:
    - V(app_user) if the application acts for a user, V(app_only) if it acts alone.
    - With O(access_token), it is taken from the token, and null if the token does not say.
  returned: success
  type: str
  sample: app_user
tenant_id:
  description: The partner's tenant, as the token names it, or else as O(tenant_id) does.
  returned: success
  type: str
  sample: 6f8e1c8d-5a0b-4c55-9d51-2b9a7f3a1e10
audience:
  description: What the token was issued for. Null if the token does not say.
  returned: success
  type: str
  sample: https://api.partnercenter.microsoft.com
mfa:
  description:
    - Whether the token proves that the user has signed in with multi-factor authentication, as Partner Center demands.
    - Null with app-only credentials, or if the token does not say.
  returned: success
  type: bool
  sample: true
expires_at:
  description: When the access token expires. Null if the token does not say.
  returned: success
  type: str
  sample: "2026-11-20T13:00:00Z"
refresh_token_issued_at:
  description:
    - When the newest refresh token was issued; it is good for 90 days from then.
    - Only known for tokens in the file at O(token_cache_path), else null.
  returned: success
  type: str
  sample: "2026-11-20T12:00:00Z"
access:
  description:
    - For each area V(ok), or the error and what to do about it, or why it was not tried.
    - The areas are V(customers), V(subscriptions) (of the first customers), V(support_contact) (of the first
      subscription that was found), V(support_profile) and V(indirect_resellers).
  returned: success
  type: dict
  sample:
    customers: ok
    subscriptions: ok
    support_contact: ok
    support_profile: ok
    indirect_resellers: >-
      GET /v1/relationships: Partner Center answered 403 (code 1002): Authorization failed. Partner Center refused the
      caller.
error:
  description:
    - What went wrong. If several things did, the first of them. C(type) and C(message) are always there.
    - R(When a task fails, ansible_collections.csp.partner_center.docsite.guide_errors) lists all kinds of errors and
      what each holds.
  returned: on failure
  type: dict
  sample:
    type: CredentialsError
    message: >-
      The sign-in at https://login.microsoftonline.com was refused: invalid_client, AADSTS7000215: Invalid client secret
      provided.
    hint: "The client_secret is wrong: give the secret's value, not its id."
    error: invalid_client
    codes:
      - AADSTS7000215
    trace_id: 5f6a2c0e-7b8d-4c1f-9e3a-2d4b6c8e0f12
    correlation_id: 0d2f4a6c-8e1b-4d3f-a5c7-9e0b1d2f3a4c
"""

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._api.auth.claims import proves_mfa
from ..module_utils._api.client import PartnerCenter
from ..module_utils._common.times import utc_text_of
from ..module_utils._module import info
from ..module_utils._module.access import access


def ask(client: PartnerCenter) -> info.Findings:
    known = client.signed_in()
    return info.Findings(
        {
            "mode": known.mode,
            "tenant_id": known.tenant_id,
            "audience": known.claims.get("aud"),
            "mfa": proves_mfa(known.claims) if known.mode == "app_user" else None,
            "expires_at": utc_text_of(known.claims.get("exp")),
            "refresh_token_issued_at": utc_text_of(known.refresh_token_issued_at),
            "access": access(client),
        }
    )


def question(_params: info.Params) -> info.Question:
    return ask


def main() -> None:
    info.run_info({}, question)


if __name__ == "__main__":
    main()
