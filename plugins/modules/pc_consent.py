#!/usr/bin/python
# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pc_consent
short_description: Sign a person in once, and rotate the refresh token later
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Does the first sign-in of the secure application model. A person signs in with multi-factor authentication, and the
    module saves a refresh token with which the other modules act for this user (App+User).
  - The role P(csp.partner_center.consent#role) and the playbook C(csp.partner_center.rotate_refresh_token) use this
    module, and are usually easier to use.
  - A module shows nothing before it ends, so the sign-in has two steps. O(step=begin) returns the link to show,
    O(step=finish) waits until the person has signed in.
  - The refresh token is saved in O(refresh_token_path), in O(token_cache_path), or in both. It is never returned.
  - It sends no requests to Partner Center, only to Entra.
extends_documentation_fragment:
  - csp.partner_center._attributes
  - csp.partner_center._connection
attributes:
  check_mode:
    description: Checks the options and signs nobody in.
  diff_mode:
    description: Shows where a refresh token is saved, never the token.
  idempotent:
    description: Every sign-in gives another refresh token.
    support: none
options:
  step:
    description:
      - V(begin) starts a sign-in. It returns the link, and keeps a secret of the sign-in in O(flow_path).
      - V(finish) waits for the person, or takes O(redirect_address), and saves the refresh token.
      - V(rotate) needs no person. It signs in with the current refresh token, and saves the new one that this gives in
        O(refresh_token_path).
    type: str
    required: true
    choices: [begin, finish, rotate]
  method:
    description:
      - V(authorization_code) is what Microsoft documents for the secure application model. The person opens a link, and
        the browser is sent to O(redirect_uri) afterwards.
      - With V(device_code) the person enters a code at an address on any device. The application signs in as a public
        client, whatever credentials it has, and its registration has to allow that. Conditional Access often blocks it.
      - For O(step=begin).
    type: str
    default: authorization_code
    choices: [authorization_code, device_code]
  redirect_uri:
    description:
      - Where the browser is sent after the sign-in. It has to be registered with the application. Entra ignores the
        port of V(http://localhost).
      - At V(http://localhost) and V(http://127.0.0.1), O(step=finish) listens for the browser, on the loopback address
        of this machine only.
      - For O(step=begin).
    type: str
    default: http://localhost:8400
  listen:
    description:
      - Whether O(step=finish) will listen at O(redirect_uri). O(step=begin) then checks first that the port is free.
      - Set it to V(false) if you will give O(redirect_address).
      - For O(step=begin).
    type: bool
    default: true
  flow_path:
    description:
      - File with mode 0600 in which O(step=begin) keeps a secret of the sign-in for O(step=finish). It is removed at
        the end.
      - Needed for both.
    type: path
  redirect_address:
    description:
      - The address of the browser's last page after the sign-in, copied from its address bar. Use it if the browser
        runs on another machine; then the module does not wait.
      - For O(step=finish).
    type: str
  wait_timeout:
    description: How many seconds O(step=finish) waits for the person, 3600 at most.
    type: int
    default: 600
  refresh_token_path:
    description:
      - File in which the refresh token is saved, alone and without a line break. It has mode 0600 and is replaced as a
        whole.
      - A file that holds something else than a refresh token is not replaced. With O(step=rotate), a file that holds
        another refresh token than the one that is rotated is not replaced either, because it may be the only copy.
      - Needed for O(step=rotate), and for the other steps if O(token_cache_path) is not set.
    type: path
notes:
  - With O(step=begin) and O(step=finish), O(tenant_id) and O(client_id) are enough for a public client. O(access_token)
    is not used. If O(refresh_token) is given, such as an expired one, the new one is saved as its successor in the file
    at O(token_cache_path).
  - What it saves at O(token_cache_path) is used by tasks with the same O(tenant_id), O(client_id) and
    O(token_cache_path) that give no O(refresh_token).
seealso:
  - module: csp.partner_center.pc_credentials_info
  - ref: ansible_collections.csp.partner_center.docsite.guide_credentials
    description: The first sign-in, from the app registration on.
  - name: Enable the secure application model
    description: Microsoft's documentation of the procedure.
    link: https://learn.microsoft.com/partner-center/developer/enable-secure-app-model
"""

EXAMPLES = r"""
- name: Begin the sign-in
  csp.partner_center.pc_consent:
    step: begin
    flow_path: ~/.local/state/partner_center_sign_in.json
    refresh_token_path: ~/partner_center_refresh_token
  register: begun

- name: Show the link
  ansible.builtin.debug:
    msg: "Open this link and sign in: {{ begun.link }}"

- name: Wait until somebody has
  csp.partner_center.pc_consent:
    step: finish
    flow_path: ~/.local/state/partner_center_sign_in.json
    refresh_token_path: ~/partner_center_refresh_token

- name: Get a new refresh token before the old one expires
  csp.partner_center.pc_consent:
    step: rotate
    refresh_token_path: ~/partner_center_refresh_token
"""

RETURN = r"""
link:
  description: The address that the person has to open. Null in check mode.
  returned: success and O(step=begin)
  type: str
  sample: https://login.microsoftonline.com/6f8e1c8d-5a0b-4c55-9d51-2b9a7f3a1e10/oauth2/v2.0/authorize?client_id=
user_code:
  description: The code that the person has to enter there.
  returned: success and O(step=begin), null unless O(method=device_code)
  type: str
  sample: B7KQ2XZ9L
message:
  description: Entra's text for the person.
  returned: success and O(step=begin), null unless O(method=device_code)
  type: str
  sample: To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code B7KQ2XZ9L.
loopback:
  description: Whether O(step=finish) can listen for the browser at O(redirect_uri). V(false) with O(listen=false).
  returned: success and O(step=begin)
  type: bool
  sample: true
saved_to:
  description: The files in which the refresh token was saved, or would be in check mode.
  returned: success and O(step=finish) or O(step=rotate)
  type: list
  elements: str
  sample: [/home/ansible/partner_center_refresh_token]
username:
  description: Who has signed in. Null in check mode.
  returned: success and O(step=finish)
  type: str
  sample: automation@example.com
mfa:
  description: Whether the sign-in proves multi-factor authentication. Null if that is not known.
  returned: success and O(step=finish)
  type: bool
  sample: true
rotated:
  description:
    - Whether Entra gave another refresh token than before. If it gave the same one again, that is what the file holds,
      and it lasts no longer than it did. Null in check mode.
  returned: success and O(step=rotate)
  type: bool
  sample: true
refresh_token_issued_at:
  description: When the fresh refresh token was issued. Null in check mode, and where Entra gave the same one again.
  returned: success and O(step=rotate)
  type: str
  sample: "2026-11-20T12:00:00Z"
diff:
  description: What was done to which file, for C(--diff).
  returned: success
  type: dict
  sample:
    before:
      /home/ansible/partner_center_refresh_token: as it was
    after:
      /home/ansible/partner_center_refresh_token: a new refresh token
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
      The sign-in at https://login.microsoftonline.com was refused: access_denied, The user declined to consent to
      access the app.
    hint: "The sign-in was cancelled, or the consent was declined: begin again."
    error: access_denied
"""

from ..module_utils._common import payload

payload.compile_once()

from ..module_utils._module import consent


def main() -> None:
    consent.run_consent()


if __name__ == "__main__":
    main()
