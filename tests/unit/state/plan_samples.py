# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans and journals for the tests of what makes items of them."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.csp.partner_center.plugins.module_utils._state.items import parse_items
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_items

from .samples import CUSTOMER, SUBSCRIPTION

RENEWAL = "scheduled_next_term_instructions"
CLEAR = f"clear_{RENEWAL}"
OTHER = "91c30ba4-1b9a-4d1e-a3d8-5a2ac0cf04a1"
CONTACT = {
    "support_tenant_id": "3B33E682-00C3-41EE-9DD2-A548ADF56438",
    "support_mpn_id": "4391507",
    "name": "Trey Research",
}
#: What sets it in an item made of a plan, which was allowed to.
ALLOWED_CONTACT = {**CONTACT, "allow_new_commerce": True}
PRODUCT = {
    "product_id": "CFQ7TTC0LH18",
    "sku_id": "0001",
    "availability_id": "CFQ7TTC0K971",
    "billing_cycle": "Monthly",
    "term_duration": "P1Y",
}
#: As results show them, with what the API adds.
RENEWS_60 = {
    "product": {**PRODUCT, "promotion_id": None},
    "quantity": 60,
    "custom_term_end_date": None,
    "attributes": {"object_type": "ScheduledNextTermInstructions"},
}
PROMOTED = {**RENEWS_60, "product": {**PRODUCT, "promotion_id": "39NFJQT1PJQB:0001:39NFJQT1Q5KN"}}


def change(field: str, before: t.Any, after: t.Any, reversible: t.Any = "yes", **more: t.Any) -> dict[str, t.Any]:
    return {
        "customer_id": CUSTOMER,
        "customer_name": "Contoso",
        "subscription_id": SUBSCRIPTION,
        "offer_name": "Microsoft 365",
        "field": field,
        "before": before,
        "after": after,
        "policy": None,
        "reversible": reversible,
        "reason": "",
        **more,
    }


def item(expect: dict[str, t.Any], subscription_id: str = SUBSCRIPTION, **settings: t.Any) -> dict[str, t.Any]:
    made = {"customer_id": CUSTOMER, "subscription_id": subscription_id, **settings, "expect": expect}
    parse_items("subscriptions", [made], is_rollback=True)
    return made


class Journal:
    """Lines as ``FileJournal`` writes them; a test with a real journal compares the two."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.run = ""
        self.requests = 0

    def add(self, event: str, **values: t.Any) -> None:
        line = {"run": self.run, "time": "2026-11-20T12:00:00Z", "event": event, **values}
        self.lines.append(json.dumps(line, ensure_ascii=False))

    def start(self, run: str, **more: t.Any) -> Journal:
        self.run = run
        self.add("start", **{"tenant_id": "t", "api_url": "https://api", "change_reference": None, **more})
        return self

    def write(
        self,
        before: dict[str, t.Any],
        after: dict[str, t.Any],
        *results: str,
        kind: str = "subscription",
        step: str = "change",
        subscription_id: str | None = SUBSCRIPTION,
        customer_id: str | None = CUSTOMER,
    ) -> Journal:
        self.requests += 1
        request = f"{self.run}-{self.requests}"
        ids = {"kind": kind, "customer_id": customer_id, "subscription_id": subscription_id}
        self.add("intent", **ids, step=step, before=before, after=after, request_id=request)
        for result in results:
            # What the API said may well have been cleared of secrets: it is not what is written back.
            self.add("outcome", request_id=request, result=result, correlation_id="c", error="said ********")
        return self

    def end(self, **summary: t.Any) -> Journal:
        self.add("end", summary=summary)
        return self

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def to_rollback(*arguments: t.Any) -> tuple[list[dict[str, t.Any]], list[str]]:
    """The items, and a sentence for each change that is left out, each told alone."""
    items, notes = plan_items.to_rollback(*arguments)
    return items, [str(note) for note in notes]
