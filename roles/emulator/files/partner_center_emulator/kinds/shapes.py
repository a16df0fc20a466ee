# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resource of a new subscription, legacy and new commerce, in the key order of Microsoft's examples."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..bodies import link
from ..catalog import Product
from ..clock import days, iso
from ..subscriptions.record import etag
from ..subscriptions.terms import add_term, current_term
from ..subscriptions.windows import midnight, refundable, set_term, window_end
from .making import Making


def nce_resource(making: Making, product: Product, start: datetime, term: str, seats: int) -> dict[str, Any]:
    subscription_id = making.guid()
    customer = making.customer
    begin, end = current_term(start, term, making.now)
    product_id, sku_id, availability_id = product.offer_id.split(":")
    country = f"?country={customer.country}"
    closed = window_end(begin, 7)
    resource: dict[str, Any] = {
        "id": subscription_id,
        "offerId": product.offer_id,
        "offerName": product.name,
        "friendlyName": product.name,
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": seats,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": iso(start, 7),
        "effectiveStartDate": "",
        "commitmentEndDate": "",
        "commitmentEndDateTime": "",
        "status": "active",
        "autoRenewEnabled": True,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": making.draw.choice(("monthly", "monthly", "annual")) if term != "P1M" else "monthly",
        "termDuration": term,
        "renewalTermDuration": "",
        "refundOptions": [{"type": "Full", "expiresAt": iso(closed)}],
        "refundableQuantity": refundable([]),
        "cancellationAllowedUntilDate": iso(closed),
        "isMicrosoftProduct": product.publisher == "Microsoft Corporation",
        "partnerId": "",
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": "subscription",
        "links": {
            "product": link(f"/products/{product_id}{country}"),
            "sku": link(f"/products/{product_id}/skus/{sku_id}{country}"),
            "availability": link(f"/products/{product_id}/skus/{sku_id}/availabilities/{availability_id}{country}"),
            "self": link(f"/customers/{customer.id}/subscriptions/{subscription_id}"),
        },
        "publisherName": product.publisher,
        "orderId": making.guid("order").replace("-", "")[:12],
        "attributes": {"objectType": "Subscription"},
    }
    set_term(resource, begin, end)
    charge = end if resource["billingCycle"] == "annual" else current_term(start, "P1M", making.now)[1]
    resource["billingCycleEndDate"] = iso(midnight(charge) - days(1))
    resource["billingCycleEndDateTime"] = iso(midnight(charge) - days(1)).replace("00:00:00", "23:59:59")
    return resource


def legacy_resource(making: Making, product: Product, start: datetime) -> dict[str, Any]:
    """Legacy resources have upper-case ids, no productType, and an end date that is the first day after the term."""
    subscription_id = making.guid().upper()
    return {
        "id": subscription_id,
        "offerId": product.offer_id,
        "offerName": product.name,
        "friendlyName": product.name,
        "quantity": making.draw.choice((1, 5, 8, 20, 35)),
        "unitType": "License(s)",
        "hasPurchasableAddons": False,
        "creationDate": iso(start, 7 if making.draw.random() < 0.5 else 3),
        "effectiveStartDate": iso(midnight(start)),
        "commitmentEndDate": iso(midnight(add_term(start, "P1Y"))),
        "status": "active",
        "autoRenewEnabled": True,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": "monthly",
        "termDuration": "P1Y",
        "isMicrosoftProduct": True,
        "publisherName": product.publisher,
        "partnerId": "",
        "contractType": "subscription",
        "links": {
            "offer": link(f"/v1/offers/{product.offer_id}"),
            "self": link(f"/customers/{making.customer.id}/subscriptions/{subscription_id}"),
        },
        "orderId": making.guid("order").upper(),
        "attributes": {"etag": etag(subscription_id, 1), "objectType": "Subscription"},
    }
