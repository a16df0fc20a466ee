# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans, results and drift checks of any size, the same in every run, for the tests of reports."""

from __future__ import annotations

import copy
import typing as t
from datetime import datetime, timezone

from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_file import plan_file

NOW: t.Final = datetime(2026, 11, 28, 6, 5, tzinfo=timezone.utc)
TENANT: t.Final = "d8202a51-69f9-4228-b900-d0e081af17d7"
API: t.Final = "https://api.partnercenter.microsoft.com"

_NAMES: t.Final = ("Northgate", "Fabrikam", "Contoso", "Litware", "Wingtip", "Tailspin", "Proseware", "Adventure Works")
_KINDS: t.Final = ("Legal LLC", "Retail GmbH", "Health AB", "Energy Ltd", "Travel SA")
_OFFERS: t.Final = ("Microsoft 365 E5", "Microsoft 365 Business Basic", "Office 365 E3 (legacy)", "Power BI Pro")

#: What a name must never be more than: text.
HOSTILE: t.Final = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example","x")',
    "| a | b",
    '"; DROP TABLE customers; --',
    "\u05d0\u05d1\u05d2 \u202ereversed\u202c Ltd",
    "W" * 250,
    "two\nlines\tand \x1b[31mcolour",
    "`code` *bold* [link](http://evil.example) <!-- -->",
)

REFUSED: t.Final = (
    "Taking back 9 seats is outside the refund window (it allows 0): Partner Center is expected to refuse it (800090, "
    "900257 or 900214). Schedule it for the renewal with scheduled_next_term_instructions."
)
EXPECTED: t.Final = {"warning": REFUSED, "codes": ["800090", "900257", "900214"]}
RESTORED: t.Final = (
    "Partner Center deletes scheduled changes (scheduled_next_term_instructions) with this change; they are written "
    "back in a second, verified write."
)
NO_WAY_BACK: t.Final = "there was no support contact, and Partner Center has no way to clear one"
CONTACT: t.Final = {
    "support_tenant_id": "3b33e682-00c3-41ee-9dd2-a548adf56438",
    "support_mpn_id": "4847383",
    "name": "Proseware Partners",
}


def guid(group: int, number: int) -> str:
    return f"{number:08x}-{group:04x}-4000-8000-{number:012x}"


def customer_name(number: int) -> str:
    return f"{_NAMES[number % len(_NAMES)]} {_KINDS[number // len(_NAMES) % len(_KINDS)]} {number // 40 or ''}".strip()


def change(number: int, field: str, before: t.Any, after: t.Any, **more: t.Any) -> dict[str, t.Any]:
    """A change of the subscription of that number; five of them belong to a customer."""
    customer = number // 5
    return {
        "customer_id": guid(1, customer),
        "customer_name": customer_name(customer),
        "subscription_id": guid(2, number),
        "offer_name": _OFFERS[number % len(_OFFERS)],
        "status": "active",
        "field": field,
        "before": before,
        "after": after,
        "policy": None,
        "reversible": "yes",
        "reason": "",
        "warnings": [],
        **more,
    }


def changes(count: int) -> list[dict[str, t.Any]]:
    """As many changes: most of them names, and some of everything else."""
    made: list[dict[str, t.Any]] = []
    number = 0
    while len(made) < count:
        kind = number % 10
        offer = _OFFERS[number % len(_OFFERS)]
        made.append(
            change(number, "friendly_name", offer, f"{customer_name(number // 5)} - {offer}", policy="nicknames")
        )
        if kind == 2:
            made.append(
                change(
                    number,
                    "support_contact",
                    None,
                    CONTACT,
                    policy="reseller on record",
                    reversible="no",
                    reason=NO_WAY_BACK,
                )
            )
        elif kind == 4:
            made.append(
                change(
                    number,
                    "end_of_term",
                    "extended_service_term",
                    "cancel",
                    policy="end of term",
                    at_renewal={"term_end": "2027-03-01T23:59:59Z"},
                    warnings=[RESTORED],
                )
            )
        elif kind == 6:
            made.append(
                change(number, "quantity", 10, 1, warnings=[REFUSED], expected_refusals=[EXPECTED])
                if number % 20 == 6
                else change(
                    number,
                    "quantity",
                    20,
                    25,
                    reversible="until 2026-12-05T06:05:00Z",
                    reason="added seats can only be given back within the refund window",
                )
            )
        elif kind == 8:
            made.append(
                change(
                    number,
                    "scheduled_next_term_instructions",
                    None,
                    instructions(20),
                    policy="fewer seats",
                    at_renewal={"term_end": "2027-03-01T23:59:59Z", "unchanged": instructions(25)},
                )
            )
        number += 1
    return made[:count]


def instructions(quantity: int, **product: t.Any) -> dict[str, t.Any]:
    ids = {"product_id": "CFQ7TTC0LH18", "sku_id": "0001", "availability_id": "CFQ7TTC0K971"}
    return {
        "product": {**ids, "billing_cycle": "monthly", "term_duration": "P1Y", **product},
        "quantity": quantity,
    }


def summary(plan: t.Sequence[dict[str, t.Any]], read: int | None = None, **more: t.Any) -> dict[str, t.Any]:
    """What pc_fleet counts, of a plan."""
    subscriptions = {one["subscription_id"] for one in plan}
    policies = list(dict.fromkeys(one["policy"] for one in plan if one["policy"]))
    of_items = {one["subscription_id"] for one in plan if one["policy"] is None}
    total = len(subscriptions) + 200 if read is None else read
    return {
        "subscriptions": total,
        "planned": len(subscriptions),
        "changed": len(subscriptions),
        "unchanged": total - len(subscriptions),
        "failed": 0,
        "not_attempted": 0,
        "pending": 0,
        "unavailable": 0,
        "policies": [
            {
                "name": name,
                "matched": len({one["subscription_id"] for one in plan if one["policy"] == name}) + 12,
                "excluded": 2,
                "changed": len({one["subscription_id"] for one in plan if one["policy"] == name}),
                "skipped": 0,
            }
            for name in policies
        ],
        "items": {"given": len(of_items), "changed": len(of_items)},
        "requests": 512,
        "retries": 3,
        "throttled": 1,
        "seconds": 41.5,
        **more,
    }


def planned(count: int, **more: t.Any) -> dict[str, t.Any]:
    """A plan file with as many changes."""
    plan = changes(count)
    return plan_file(
        TENANT,
        API,
        NOW,
        plan,
        change_reference="CHG0031337",
        **{"summary": summary(plan), **more},  # type: ignore[arg-type]
    )


def api_error(customer_id: str, subscription_id: str, number: int) -> dict[str, t.Any]:
    """An error of the API as a result holds it."""
    return {
        "type": "ApiError",
        "message": "Partner Center answered 400 (code 800090, PartnerCenter): The quantity cannot be reduced.",
        "hint": "Seats can be taken back within the refund window only.",
        "method": "PATCH",
        "path": f"/v1/customers/{customer_id}/subscriptions/{subscription_id}",
        "status": 400,
        "code": "800090",
        "description": "The quantity cannot be reduced.",
        "request_id": guid(3, number),
        "correlation_id": guid(4, number),
    }


def outcome(number: int, own: t.Sequence[dict[str, t.Any]], *, failed: bool = False) -> dict[str, t.Any]:
    """Of the subscription of that number, whose changes are given."""
    ids = {name: own[0][name] for name in ("customer_id", "customer_name", "subscription_id")}
    error = api_error(ids["customer_id"], ids["subscription_id"], number) if failed else None
    text = f"PATCH {error['path']}: {error['message']} [MS-RequestId: {error['request_id']}]" if error else "changed"
    return {
        **ids,
        "changed": not failed,
        "failed": failed,
        "msg": text,
        "error": error,
        "changes": {} if failed else {one["field"]: {"before": one["before"], "after": one["after"]} for one in own},
        "request_id": guid(3, number),
        "correlation_id": guid(4, number),
    }


def applied(count: int, failures: int = 0, left: int = 0) -> dict[str, t.Any]:
    """A result with as many changes planned, of which some failed and some were not attempted."""
    plan = changes(count)
    of_number: dict[int, list[dict[str, t.Any]]] = {}
    for one in plan:
        of_number.setdefault(int(one["subscription_id"][:8], 16), []).append(one)
    done = sorted(of_number)[: len(of_number) - left]
    outcomes = [outcome(number, of_number[number], failed=index < failures) for index, number in enumerate(done)]
    counts = summary(plan, changed=len(done) - failures, failed=failures, not_attempted=left)
    return {
        "plan": plan,
        "outcomes": outcomes,
        "summary": counts,
        "unavailable": [],
        "tenant_id": TENANT,
        "api_url": API,
    }


def renamed(document: dict[str, t.Any], name: str) -> dict[str, t.Any]:
    """The same with another name for its first customer and offer, and as its first new nickname."""
    made = copy.deepcopy(document)
    listed = made.get("plan") or made["changes"]
    customer_id = listed[0]["customer_id"]
    for one in listed:
        if one["customer_id"] == customer_id:
            one["customer_name"] = name
    listed[0]["offer_name"] = name
    listed[0]["after"] = name
    return made


def hostile_plan() -> dict[str, t.Any]:
    """A change for each hostile name, which its customer, its offer and its new nickname have."""
    plan = [
        {**change(number * 5, "friendly_name", None, name, policy=name), "customer_name": name, "offer_name": name}
        for number, name in enumerate(HOSTILE)
    ]
    return plan_file(TENANT, API, NOW, plan, change_reference=HOSTILE[0], summary=summary(plan))


_ENDS: t.Final = (
    ("renew", True, 25),
    ("extended_service_term", False, 25),
    ("cancel", True, 0),
    ("renew", True, 20),
    ("lapse", True, 0),
    ("unknown", True, 25),
)


def renewals(count: int) -> list[dict[str, t.Any]]:
    """Subscriptions as pc_subscription_info returns them, a third of which merely roll on from month to month."""
    found = []
    for number in range(count):
        effect, decided, after = _ENDS[number % len(_ENDS)]
        is_monthly = number % 3 == 0
        day = 1 + number % 28
        found.append(
            {
                "id": guid(2, number),
                "customer_id": guid(1, number // 5),
                "customer_name": customer_name(number // 5),
                "offer_name": _OFFERS[number % len(_OFFERS)],
                "friendly_name": f"Team {number}" if number % 4 == 0 else _OFFERS[number % len(_OFFERS)],
                "quantity": 25,
                "term_duration": "P1M" if is_monthly else "P1Y",
                "billing_cycle": "monthly",
                "renewal": {
                    "end_of_term": effect,
                    "decided": decided,
                    "ends_at": f"2026-{11 + number % 2}-{day:02}T23:59:59Z",
                    "decide_by": f"2026-{11 + number % 2}-{max(day - 1, 1):02}T23:59:59Z",
                    "quantity_after": after,
                    "eligible_for_extended_service_term": True,
                    "in_extended_service_term": False,
                },
            }
        )
    return found
