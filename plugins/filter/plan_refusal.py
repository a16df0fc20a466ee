# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_refusal
short_description: Say why a saved plan must not be applied
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Checks the content of a plan file before it is applied. A plan must not be applied if it was made for another tenant
    or address, was altered, is too old, is not the approved one, or breached the guard when it was made.
  - Returns a text, so that a playbook can show it and stop.
  - The role P(csp.partner_center.fleet#role) does this with every plan, and is the usual way to apply one.
positional: _input, tenant_id, api_url
options:
  _input:
    description: The content of a plan file, read or as text.
    type: raw
    required: true
  tenant_id:
    description:
      - The partner's tenant in which it would be applied, see RV(csp.partner_center.pc_fleet#module:tenant_id).
    type: str
    required: true
  api_url:
    description:
      - The address of the API at which it would be applied, see RV(csp.partner_center.pc_fleet#module:api_url).
    type: str
    required: true
  max_age:
    description: How old a plan may be, in seconds. If not set, its age does not matter.
    type: int
  digest:
    description:
      - The digest that was approved, as in the plan file. A plan with another one is refused. It is another digest than
        RV(csp.partner_center.pc_fleet#module:digest).
      - If not set, the digest only has to match the content of the plan.
    type: str
  guard:
    description: Whether a plan that breached the guard is refused.
    type: bool
    default: true
seealso:
  - module: csp.partner_center.pc_fleet
  - plugin: csp.partner_center.plan_file
    plugin_type: filter
  - plugin: csp.partner_center.plan_to_desired
    plugin_type: filter
"""

EXAMPLES = r"""
- name: See which tenant and address this is, without any request
  csp.partner_center.pc_fleet:
    subscriptions: []
  register: here

- name: Stop when the plan must not be applied
  ansible.builtin.assert:
    that: refusal == ''
    fail_msg: "{{ refusal }}"
  vars:
    refusal: >-
      {{ lookup('ansible.builtin.file', '~/plan.json')
         | csp.partner_center.plan_refusal(here.tenant_id, here.api_url, max_age=86400) }}
"""

RETURN = r"""
_value:
  description: Why the plan must not be applied; an empty string when it may be.
  type: str
  sample: "The plan file was altered: its digest does not match what it holds. Make a new plan, and have that approved."
"""

import math
import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError

from ..module_utils._common.problems import Refused
from ..module_utils._state.records import plan_file as plan_files


def plan_refusal(
    content: t.Any,
    tenant_id: t.Any,
    api_url: t.Any,
    max_age: t.Any = None,
    guard: bool = True,
    digest: str | None = None,
) -> str:
    seconds = _seconds(max_age)
    try:
        value = plan_files.parse_plan_file(content) if isinstance(content, str) else content
        plan_files.require_applicable(value, str(tenant_id), str(api_url), datetime.now(timezone.utc), seconds, digest)
    except Refused as refused:
        return str(refused)
    return plan_files.breach(value) if guard else ""


def _seconds(max_age: t.Any) -> float:
    if max_age is None:
        return math.inf
    try:
        number = math.nan if isinstance(max_age, bool) else float(max_age)
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number) or number < 0:
        raise AnsibleFilterError(f"plan_refusal: max_age must be a number of seconds, not {max_age!r}.")
    return number


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_refusal": plan_refusal}
