# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_file
short_description: Turn a result of pc_fleet, or the text of a plan file, into the content of a plan file
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Turns a result of M(csp.partner_center.pc_fleet) into a plan that can be saved, approved, and applied later.
  - The C(digest) of the plan file is the SHA-256 of the canonical JSON (sorted keys, no blanks, UTF-8) of everything
    else in it, so that it stands for all that an approver sees. It is another digest than
    RV(csp.partner_center.pc_fleet#module:digest), which only covers the changes.
  - The text of a plan file is read, also if an editor has saved it with a byte order mark or other line ends. Whether
    it may be applied is what P(csp.partner_center.plan_refusal#filter) says.
  - The role P(csp.partner_center.fleet#role) does all of this, and is the usual way.
positional: _input
options:
  _input:
    description: A result of M(csp.partner_center.pc_fleet), usually in check mode, or the text of a plan file.
    type: raw
    required: true
  change_reference:
    description: The number of the change in a ticket system, for example.
    type: str
    default: ""
seealso:
  - module: csp.partner_center.pc_fleet
  - plugin: csp.partner_center.plan_refusal
    plugin_type: filter
  - plugin: csp.partner_center.plan_to_desired
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Plan
  csp.partner_center.pc_fleet:
    policies:
      - name: name subscriptions after their customers
        match:
          status: active
        set:
          friendly_name: "{customer_name} - {offer_name}"
  check_mode: true
  register: planned

- name: Save the plan
  ansible.builtin.copy:
    content: "{{ planned | csp.partner_center.plan_file | to_nice_json }}"
    dest: ~/plan.json
    mode: "0600"
"""

RETURN = r"""
_value:
  description:
    - The content of a plan file.
    - C(created) is the time of the call. C(unplanned) names the subscriptions that could not be planned, and the
      settings that policies left out; C(unavailable) names the customers that could not be read.
    - C(guard) says how the plan breaches the guard; it is empty if it does not. A plan that does is refused when it is
      applied.
  type: dict
  sample:
    format: 2
    tenant_id: d8202a51-69f9-4228-b900-d0e081af17d7
    api_url: https://api.partnercenter.microsoft.com
    created: "2026-11-20T12:00:00Z"
    change_reference: CHG0012345
    summary:
      subscriptions: 40
      planned: 1
    changes:
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
    unplanned: []
    unavailable: []
    guard: []
    digest: 5d63dd482c572cb9361be5a97ec5e378d7ccf46b7f9636f3f4955d95e372e3d7
"""

import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError

from ..module_utils._common.problems import Refused
from ..module_utils._state.records import plan_file as plan_files

_NEEDED: t.Final = ("plan", "tenant_id", "api_url")


def plan_file(result: t.Any, change_reference: str = "") -> dict[str, t.Any]:
    if isinstance(result, str):
        return _read(result)
    if not isinstance(result, t.Mapping) or not all(result.get(name) is not None for name in _NEEDED):
        raise AnsibleFilterError("plan_file: give a result of pc_fleet that has a plan, its tenant_id and its api_url.")
    whole = _copied(result)
    return plan_files.plan_file(
        str(whole["tenant_id"]),
        str(whole["api_url"]),
        datetime.now(timezone.utc),
        whole["plan"],
        change_reference=str(change_reference or ""),
        summary=whole.get("summary") or {},
        unplanned=whole.get("unplanned") or [],
        unavailable=whole.get("unavailable") or [],
        guard=whole.get("guard") or [],
    )


def _copied(value: t.Any) -> t.Any:
    """A copy in plain lists and dictionaries: some of Ansible's own give their values only when they are asked."""
    if isinstance(value, t.Mapping):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, (list, tuple)) else value


def _read(text: str) -> dict[str, t.Any]:
    try:
        return plan_files.parse_plan_file(text)
    except Refused as refused:
        raise AnsibleFilterError(f"plan_file: {refused}") from refused


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_file": plan_file}
