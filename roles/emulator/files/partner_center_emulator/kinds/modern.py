# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One maker for each kind of new commerce. The shapes are those of Microsoft's "Subscription resources" page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .. import catalog
from ..catalog import Product
from ..clock import days, iso
from ..subscriptions.terms import add_term
from ..subscriptions.windows import refundable, set_term, window_end
from .making import Made, Maker, Making
from .shapes import nce_resource


def made(resource: dict[str, Any], kind: str, product: Product, *tags: str) -> Made:
    return Made(resource, kind, (kind, *tags), product.most_seats)


def nce(
    making: Making,
    kind: str,
    start: datetime,
    *tags: str,
    term: str = "P1Y",
    product: Product | None = None,
    **fields: Any,
) -> Made:
    product = product or making.draw.choice(catalog.NCE)
    seats = fields.pop("quantity", None) or making.draw.choice((1, 3, 5, 10, 12, 25, 40, 60, 120))
    resource = nce_resource(making, product, start, term, seats)
    resource.update(fields)
    return made(resource, kind, product, "nce", *tags)


def plain(making: Making) -> Made:
    return nce(making, "nce", making.ago(40, 300))


def _monthly(making: Making) -> Made:
    return nce(making, "monthly_term", making.ago(9, 26), term="P1M")


def _no_auto_renew(making: Making) -> Made:
    """Nobody has decided what follows: today that is the extended service term."""
    return nce(making, "no_auto_renew", making.ago(40, 300), autoRenewEnabled=False)


def _renewing_soon(making: Making) -> Made:
    return nce(making, "renewing_soon", add_term(making.now + days(making.draw.uniform(3, 12)), "P1Y", -1))


def _recent(making: Making) -> Made:
    start = making.ago(1, 2)
    made = nce(making, "recent", start, "window_open")
    end = window_end(start, 7)
    made.resource["refundOptions"] = [{"type": "Full", "expiresAt": iso(end)}]
    made.resource["cancellationAllowedUntilDate"] = iso(end)
    made.resource["refundableQuantity"] = refundable([(made.resource["quantity"], end)])
    return made


def _added_seats(making: Making) -> Made:
    made = nce(making, "added_seats", making.ago(60, 200), "window_open", quantity=30)
    made.resource["refundableQuantity"] = refundable([(5, window_end(making.ago(1, 2), 7))])
    return made


def instructions(resource: dict[str, Any], quantity: int, **product: Any) -> dict[str, Any]:
    """Instructions for the next term or charge: the subscription's own product with ``product`` over it."""
    product_id, sku_id, availability_id = resource["offerId"].split(":")
    own = {
        "productId": product_id,
        "skuId": sku_id,
        "availabilityId": availability_id,
        "billingCycle": resource["billingCycle"],
        "termDuration": resource["termDuration"],
    }
    return {"product": {**own, **product}, "quantity": quantity}


def _scheduled(making: Making) -> Made:
    made = nce(making, "scheduled", making.ago(40, 300), quantity=making.draw.choice((20, 50, 80)))
    made.resource["scheduledNextTermInstructions"] = instructions(
        made.resource, made.resource["quantity"] // 2, billingCycle="annual"
    )
    return made


def _next_charge(making: Making) -> Made:
    made = nce(making, "next_charge", making.ago(40, 300))
    made.resource["nextChargeInstructions"] = instructions(
        made.resource, made.resource["quantity"], billingCycle="annual"
    )
    return made


def _both(making: Making) -> Made:
    made = _next_charge(making)
    made.kind, made.tags = "scheduled_and_next_charge", ("scheduled_and_next_charge", "scheduled", "next_charge", "nce")
    made.resource["scheduledNextTermInstructions"] = instructions(
        made.resource, made.resource["quantity"] + 2, promotionId="39NFJQT1PJQB:0001:39NFJQT1Q5KN"
    )
    return made


def _addon(making: Making) -> Made:
    parent = making.parent("nce", "scheduled", "recent")
    if parent is None:
        return plain(making)
    made = nce(making, "addon", making.ago(20, 39), product=making.draw.choice(catalog.NCE_ADDON))
    return below(made, parent)


def below(made: Made, parent: Made) -> Made:
    uri = parent.resource["links"]["self"]["uri"]
    made.resource["parentSubscriptionId"] = parent.resource["id"]
    made.resource["links"]["parentSubscription"] = {"uri": uri, "method": "GET", "headers": []}
    parent.resource["hasPurchasableAddons"] = True
    return made


def _suspended(making: Making) -> Made:
    return nce(making, "suspended", making.ago(40, 300), status="suspended", suspensionReasons=["PaymentProblem"])


def _suspended_parent(making: Making) -> Made:
    made = _suspended(making)
    made.kind, made.tags = "suspended_parent", ("suspended_parent", "suspended", "nce")
    return made


def _suspended_addon(making: Making) -> Made:
    parent = making.parent("suspended_parent")
    made = nce(
        making,
        "suspended_addon",
        making.ago(20, 39),
        "suspended",
        "addon",
        product=catalog.NCE_ADDON[0],
        status="suspended",
        suspensionReasons=["PaymentProblem"],
    )
    return below(made, parent) if parent else made


def _ended(status: str) -> Maker:
    def make(making: Making) -> Made:
        start = making.ago(380, 390) if status == "expired" else making.ago(410, 440)
        made = nce(making, status, start, status=status, autoRenewEnabled=False, suspensionReasons=["Expiration"])
        set_term(made.resource, start, add_term(start, "P1Y"))
        return made

    return make


def _deleted(making: Making) -> Made:
    return nce(making, "deleted", making.ago(40, 300), status="deleted", autoRenewEnabled=False, actions=[])


def _unknown_status(making: Making) -> Made:
    return nce(making, "unknown_status", making.ago(40, 300), status="underReview")


def _pending(making: Making) -> Made:
    return nce(making, "pending", making.now - timedelta(minutes=10), status="pending")


def _sparse(making: Making) -> Made:
    """Lists and dates that others have are null or absent here."""
    made = nce(making, "sparse", making.ago(40, 300), suspensionReasons=None, refundOptions=None, actions=None)
    made.resource["scheduledActions"] = None
    for name in ("commitmentEndDateTime", "billingCycleEndDate", "billingCycleEndDateTime", "renewalTermDuration"):
        made.resource.pop(name, None)
    made.resource["productType"] = {"id": "OnlineServicesNCE", "displayName": None}
    return made


def _marketplace(making: Making) -> Made:
    made = nce(making, "marketplace", making.ago(40, 300), product=catalog.MARKETPLACE, isMicrosoftProduct=False)
    made.resource["productType"] = {"id": "SaaS", "displayName": "SaaS"}
    made.resource["attributes"] = {"etag": "", "objectType": "Subscription"}
    return made


def _azure_plan(making: Making) -> Made:
    made = nce(making, "azure_plan", making.ago(100, 600), "usage", product=catalog.AZURE_PLAN, quantity=1)
    for name in ("commitmentEndDateTime", "refundOptions", "renewalTermDuration"):
        made.resource.pop(name, None)
    made.resource.update(
        productType={
            "id": "Azure",
            "displayName": "Azure",
            "subType": {"id": "AzurePlan", "displayName": "Azure plan"},
        },
        unitType="Usage-based",
        billingType="usage",
        billingCycle="monthly",
        termDuration="",
        autoRenewEnabled=False,
        commitmentEndDate="9999-12-10T00:00:00Z",
        cancellationAllowedUntilDate=None,
        entitlementId=making.guid("azure"),
    )
    return made


MAKERS: dict[str, Maker] = {
    "nce": plain,
    "scheduled": _scheduled,
    "azure_plan": _azure_plan,
    "recent": _recent,
    "addon": _addon,
    "suspended": _suspended,
    "expired": _ended("expired"),
    "disabled": _ended("disabled"),
    "unknown_status": _unknown_status,
    "added_seats": _added_seats,
    "next_charge": _next_charge,
    "no_auto_renew": _no_auto_renew,
    "renewing_soon": _renewing_soon,
    "deleted": _deleted,
    "sparse": _sparse,
    "suspended_parent": _suspended_parent,
    "suspended_addon": _suspended_addon,
    "pending": _pending,
    "marketplace": _marketplace,
    "scheduled_and_next_charge": _both,
    "monthly_term": _monthly,
}
