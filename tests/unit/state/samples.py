# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subscriptions for the tests of pure code, as Partner Center answers them."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

CUSTOMER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
SUBSCRIPTION = "83ef9d05-4169-4ef9-9657-0e86b1eab1de"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)

INSTRUCTIONS: dict[str, t.Any] = {
    "product": {
        "productId": "CFQ7TTC0LH18",
        "skuId": "0001",
        "availabilityId": "CFQ7TTC0K971",
        "billingCycle": "Monthly",
        "termDuration": "P1Y",
        "promotionId": None,
    },
    "quantity": 60,
    "customTermEndDate": None,
}


def new_commerce(**changes: t.Any) -> dict[str, t.Any]:
    """A new-commerce subscription; keyword arguments are set, with the value ``...`` they are left out."""
    return _with(
        {
            "id": SUBSCRIPTION,
            "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
            "offerName": "Microsoft 365 Business Basic",
            "friendlyName": "nickname",
            "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
            "quantity": 10,
            "unitType": "Licenses",
            "creationDate": "2021-01-14T16:57:15.0966728Z",
            "commitmentEndDate": "2027-01-13T00:00:00Z",
            "cancellationAllowedUntilDate": "2026-11-21T00:00:00Z",
            "status": "active",
            "autoRenewEnabled": True,
            "billingType": "license",
            "billingCycle": "monthly",
            "termDuration": "P1Y",
            "renewalTermDuration": "",
            "partnerId": "",
            "attentionNeeded": False,
            "attributes": {"objectType": "Subscription"},
        },
        changes,
    )


def legacy(**changes: t.Any) -> dict[str, t.Any]:
    """A legacy subscription with a body etag and upper-case ids."""
    return _with(
        {
            "id": SUBSCRIPTION.upper(),
            "offerId": "0CCA44D6-68E9-4762-94EE-31ECE98783B9",
            "friendlyName": "nickname",
            "quantity": 2,
            "status": "active",
            "autoRenewEnabled": True,
            "billingType": "license",
            "billingCycle": "monthly",
            "partnerId": "4391507",
            "attributes": {"etag": "eyJpZCI6IjEiLCJ2ZXJzaW9uIjoxfQ==", "objectType": "Subscription"},
        },
        changes,
    )


def _with(subscription: dict[str, t.Any], changes: dict[str, t.Any]) -> dict[str, t.Any]:
    subscription.update(changes)
    return {key: value for key, value in subscription.items() if value is not ...}
