# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: renewals
short_description: Group the ends of subscriptions' terms by month and by the last day to decide
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Groups subscriptions by the month and by the last day on which it can be decided what happens at the end of their
    term. Those about which nobody has decided come first in each day.
  - Monthly terms that renew unchanged are only counted.
  - Subscriptions whose C(renewal) is null are left out, because nothing of them ends.
positional: _input
options:
  _input:
    description:
      - RV(csp.partner_center.pc_subscription_info#module:subscriptions). Of the fields, C(renewal) is needed;
        C(quantity), C(term_duration) and C(billing_cycle) are used.
    type: list
    elements: dict
    required: true
seealso:
  - module: csp.partner_center.pc_subscription_info
"""

EXAMPLES = r"""
- name: Read what ends within a quarter of a year
  csp.partner_center.pc_subscription_info:
    match:
      renews_within_days: 90
    fields: [quantity, term_duration, billing_cycle, renewal]
  register: soon

- name: Show it
  ansible.builtin.debug:
    msg: "{{ (soon.subscriptions | csp.partner_center.renewals).lines }}"
"""

RETURN = r"""
_value:
  description: The ends of the terms.
  type: dict
  contains:
    counts:
      description:
        - How many terms end, by what happens then. These are the values of
          RV(csp.partner_center.pc_subscription_info#module:subscriptions[].renewal.end_of_term), and V(undecided) if a
          paid extended service term follows that nobody asked for.
      returned: success
      type: dict
      sample:
        undecided: 2
        renew: 10
    seats:
      description: How many seats these have.
      returned: success
      type: dict
      sample:
        undecided: 35
        renew: 250
    months:
      description:
        - One dictionary for each month, with C(month), C(days), C(rolling) (how many monthly terms renew unchanged),
          and C(rolling_seats). Each of C(days) has C(decide_by) and C(subscriptions).
        - Of a subscription that does not say when it ends, C(month) and C(decide_by) are empty. They come last.
      returned: success
      type: list
      elements: dict
    lines:
      description: All of it as lines of text.
      returned: success
      type: list
      elements: str
"""

import typing as t
from datetime import datetime, timezone

from ansible.errors import AnsibleFilterError

from ..module_utils._report.forms.text import WHOLE, text_lines
from ..module_utils._report.renewals import overview, to_dict
from ..module_utils._report.reports import report


def renewals(subscriptions: t.Any) -> dict[str, t.Any]:
    if not isinstance(subscriptions, (list, tuple)) or not all(isinstance(one, t.Mapping) for one in subscriptions):
        raise AnsibleFilterError("renewals: takes a list of subscriptions, as pc_subscription_info returns them.")
    lacking = [str(one.get("id")) for one in subscriptions if "renewal" not in one]
    if lacking:
        raise AnsibleFilterError(
            f"renewals: subscription {lacking[0]} has no renewal. Name it in fields of pc_subscription_info."
        )
    told = report({"subscriptions": subscriptions}, datetime.now(timezone.utc))
    return {**to_dict(overview(subscriptions)), "lines": [line.text for line in text_lines(told, WHOLE)]}


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"renewals": renewals}
