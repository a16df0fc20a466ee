# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. How to reach Partner Center and sign in; for the use of this collection only."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - python >= 3.10
  - requests >= 2.32.2
  - msal >= 1.35
options:
  tenant_id:
    description:
      - The partner's own Microsoft Entra tenant, as a GUID or a domain.
      - If not set, the environment variable E(PARTNER_CENTER_TENANT_ID) is used.
    type: str
  client_id:
    description:
      - Application (client) id of the app registration that signs in.
      - If not set, the environment variable E(PARTNER_CENTER_CLIENT_ID) is used.
    type: str
  client_secret:
    description:
      - Secret of the application. It is one of four ways to sign in; the others are O(client_certificate_path),
        O(federated_token_file) and O(access_token), and only one of them may be given.
      - If a way is given here, the ways in the environment are ignored.
      - If no way is given, the environment variable E(PARTNER_CENTER_CLIENT_SECRET) is used.
    type: str
  client_certificate_path:
    description:
      - Path of a PEM file with the application's private key and its certificate.
      - If no way to sign in is given, the environment variable E(PARTNER_CENTER_CLIENT_CERTIFICATE_PATH) is used.
    type: path
  client_certificate_passphrase:
    description:
      - Passphrase of the private key in O(client_certificate_path), if it has one.
      - It should not be an ordinary word, because it is redacted wherever it occurs, in customers' names, too. Modules
        warn if a result holds it.
      - If no way to sign in is given, the environment variable E(PARTNER_CENTER_CLIENT_CERTIFICATE_PASSPHRASE) is used.
    type: str
  federated_token_file:
    description:
      - Path of a file with a token of a trusted identity provider (workload identity). It is read again for each
        sign-in.
      - If no way to sign in is given, the environment variables E(PARTNER_CENTER_FEDERATED_TOKEN_FILE) and, when
        nothing else is set at all, E(AZURE_FEDERATED_TOKEN_FILE) are used.
    type: path
  refresh_token:
    description:
      - Refresh token of the user that Ansible acts for (secure application model). With it the modules sign in as
        App+User, without it as the application alone (app-only).
      - Support contacts, the support profile and indirect resellers need App+User.
      - It can be combined with a secret, a certificate or a federated token.
      - If not set, the environment variable E(PARTNER_CENTER_REFRESH_TOKEN) is used.
    type: str
  access_token:
    description:
      - A token for Partner Center that was obtained elsewhere. It is used as it is and cannot be renewed.
      - If no way to sign in is given, the environment variable E(PARTNER_CENTER_ACCESS_TOKEN) is used.
    type: str
  token_cache_path:
    description:
      - File that keeps access tokens and the newest refresh token between tasks, so that many tasks need only one
        sign-in. It is created with mode 0600 and locked while it is used. A file that is something else is refused.
      - A first sign-in (M(csp.partner_center.pc_consent)) can save its refresh token in it. That token is used if
        O(refresh_token) is not given.
      - If not set, the environment variable E(PARTNER_CENTER_TOKEN_CACHE_PATH) is used.
    type: path
  cloud:
    description:
      - The partner's cloud. It determines the addresses of the API and of the sign-in.
      - V(germany) was closed in 2021. It is accepted with a warning.
      - If not set, the environment variable E(PARTNER_CENTER_CLOUD) is used, and without that V(global).
    type: str
    choices: [global, china_21vianet, us_government, germany]
  api_url:
    description:
      - Address of the API instead of the cloud's own, for the emulator or a gateway. It must be an C(https) address.
      - If not set, the environment variable E(PARTNER_CENTER_API_URL) is used.
    type: str
  authority_url:
    description:
      - Address of the sign-in instead of the cloud's own.
      - If not set, the environment variable E(PARTNER_CENTER_AUTHORITY_URL) is used.
    type: str
  validate_certs:
    description:
      - Whether to check the certificates of the API and of the sign-in. By default they are checked.
      - If not set, the environment variable E(PARTNER_CENTER_VALIDATE_CERTS) is used.
    type: bool
  ca_path:
    description:
      - File with the certificates of the authorities to trust. It wins over E(REQUESTS_CA_BUNDLE) and
        E(CURL_CA_BUNDLE).
      - If not set, the environment variable E(PARTNER_CENTER_CA_PATH) is used.
    type: path
  timeout:
    description:
      - Seconds for one request and its whole answer, connecting included.
      - If not set, the environment variable E(PARTNER_CENTER_TIMEOUT) is used, and without that V(60).
    type: int
  retries:
    description:
      - How often a request that failed is sent again, if that is safe. Throttled requests (429) wait for as long as the
        API says, and do not count. They fail only where that is longer than five minutes, or where so many waits and
        one more have passed without any request being accepted, or any write where only writes are refused.
      - If not set, the environment variable E(PARTNER_CENTER_RETRIES) is used, and without that V(5).
    type: int
  locale:
    description:
      - Language of the API's messages.
      - If not set, the environment variable E(PARTNER_CENTER_LOCALE) is used, and without that V(en-US).
    type: str
notes:
  - E(HTTPS_PROXY) and E(NO_PROXY) are used; C(~/.netrc) is not.
"""

    # What plugins of Ansible itself have beside it: they say by `env` which variables they read. All else is above.
    PLUGIN = r"""
options:
  tenant_id:
    env:
      - name: PARTNER_CENTER_TENANT_ID
  client_id:
    env:
      - name: PARTNER_CENTER_CLIENT_ID
  client_secret:
    env:
      - name: PARTNER_CENTER_CLIENT_SECRET
  client_certificate_path:
    env:
      - name: PARTNER_CENTER_CLIENT_CERTIFICATE_PATH
  client_certificate_passphrase:
    env:
      - name: PARTNER_CENTER_CLIENT_CERTIFICATE_PASSPHRASE
  federated_token_file:
    env:
      - name: PARTNER_CENTER_FEDERATED_TOKEN_FILE
      - name: AZURE_FEDERATED_TOKEN_FILE
  refresh_token:
    env:
      - name: PARTNER_CENTER_REFRESH_TOKEN
  access_token:
    env:
      - name: PARTNER_CENTER_ACCESS_TOKEN
  token_cache_path:
    env:
      - name: PARTNER_CENTER_TOKEN_CACHE_PATH
  cloud:
    env:
      - name: PARTNER_CENTER_CLOUD
  api_url:
    env:
      - name: PARTNER_CENTER_API_URL
  authority_url:
    env:
      - name: PARTNER_CENTER_AUTHORITY_URL
  validate_certs:
    env:
      - name: PARTNER_CENTER_VALIDATE_CERTS
  ca_path:
    env:
      - name: PARTNER_CENTER_CA_PATH
  timeout:
    env:
      - name: PARTNER_CENTER_TIMEOUT
  retries:
    env:
      - name: PARTNER_CENTER_RETRIES
  locale:
    env:
      - name: PARTNER_CENTER_LOCALE
"""

    CHANGE = r"""
options:
  change_reference:
    description:
      - A reference such as a ticket number, sent with each write as the header C(MS-PartnerCenter-Application)
        and noted in the journal of M(csp.partner_center.pc_fleet).
      - At most 100 printable ASCII characters.
    type: raw
  wait:
    description:
      - Whether to wait until a change that Partner Center only accepted (202) shows.
      - With V(false) the task does not wait for its last write, and the result says that the change is pending.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most. After that it is an error, which says how to look at the change.
      - Another operation that is still pending on the subscription (409) is waited for just as long. A subscription
        that is not ready for changes, such as one that is being renewed, is waited for two minutes at most.
    type: int
    default: 300
  wait_interval:
    description:
      - How many seconds to wait before looking again. While another operation on the subscription is pending (409), the
        waits get longer, up to a minute.
    type: int
    default: 5
"""
