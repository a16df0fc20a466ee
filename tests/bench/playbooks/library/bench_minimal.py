# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that a module with requests has to do: one GET and one comparison. Tasks are measured by it."""

from __future__ import annotations

import requests
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "access_token": {"type": "str", "required": True, "no_log": True},
            "ca_path": {"type": "path", "required": True},
            "friendly_name": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    headers = {"Authorization": f"Bearer {module.params['access_token']}", "Accept": "application/json"}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(module.params["url"], headers=headers, verify=module.params["ca_path"], timeout=60)
    answer.raise_for_status()
    found = answer.json()
    module.exit_json(changed=found.get("friendlyName") != module.params["friendly_name"], subscription=found)


if __name__ == "__main__":
    main()
