# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report
short_description: Turn a plan, a result, a drift check or renewals into a report
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Turns what M(csp.partner_center.pc_fleet) or M(csp.partner_center.pc_subscription_info) has returned, or a plan
    file, into a text in one of the formats of the role P(csp.partner_center.report#role), for a mail or a chat.
positional: _input, format
options:
  _input:
    description:
      - A result of M(csp.partner_center.pc_fleet), the content or the text of a plan file or of a report's JSON file,
        or RV(csp.partner_center.pc_subscription_info#module:subscriptions) with C(renewal).
    type: raw
    required: true
  format:
    description: Name of the format, such as V(markdown), V(text), V(html), V(csv) or V(json).
    type: str
    default: text
  kind:
    description:
      - What the report is about, V(plan), V(result), V(drift) or V(renewals). By default it is what the source says it
        is. A result of M(csp.partner_center.pc_fleet) from check mode is a V(plan).
    type: str
  about:
    description: What the source does not say of itself, as O(csp.partner_center.pc_show#module:about).
    type: dict
    default: {}
seealso:
  - module: csp.partner_center.pc_show
"""

EXAMPLES = r"""
- name: Apply the policies
  csp.partner_center.pc_fleet:
    policies: "{{ policies }}"
  register: done

- name: Send what was done to a chat
  ansible.builtin.uri:
    url: "{{ chat_webhook }}"
    method: POST
    body_format: json
    body:
      text: "{{ done | csp.partner_center.report('markdown') }}"
"""

RETURN = r"""
_value:
  description: The report.
  type: str
"""

import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError

from ..module_utils._common.problems import Problem
from ..module_utils._report.forms.table import forms_for
from ..module_utils._report.reports import report as make_report


def report(source: t.Any, format: str = "text", kind: str | None = None, about: t.Any = None) -> str:  # noqa: A002
    try:
        made = make_report(source, datetime.now(timezone.utc), {**(about or {}), **({"kind": kind} if kind else {})})
        forms = forms_for(made.topic, [str(format)])
    except Problem as problem:
        raise AnsibleFilterError(f"report: {problem}") from problem
    if not forms:
        raise AnsibleFilterError(f"report: there are no {made.topic} in the format {format}.")
    return forms[0].render(made)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"report": report}
