# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One maker for each kind of legacy subscription."""

from __future__ import annotations

from typing import Any

from .. import catalog
from ..catalog import Product
from ..subscriptions.record import etag
from .making import Made, Maker, Making
from .modern import below, made
from .shapes import legacy_resource


def _legacy(making: Making) -> Made:
    return _old(making, "legacy", making.draw.choice(catalog.LEGACY))


def _old(making: Making, kind: str, product: Product, *tags: str, **fields: Any) -> Made:
    resource = legacy_resource(making, product, making.ago(60, 330))
    resource.update(fields)
    resource["attributes"] = {"etag": etag(resource["id"], making.draw.randint(1, 4)), "objectType": "Subscription"}
    return made(resource, kind, product, "legacy", *tags)


def _legacy_parent(making: Making) -> Made:
    return _old(making, "legacy_addon_parent", catalog.LEGACY[1], hasPurchasableAddons=True)


def _legacy_addon(making: Making) -> Made:
    addon = _old(making, "legacy_addon", making.draw.choice(catalog.LEGACY_ADDON), "addon")
    parent = making.parent("legacy_addon_parent")
    if parent:
        addon.resource["orderId"] = parent.resource["orderId"]
    return below(addon, parent) if parent else addon


def _legacy_suspended(making: Making) -> Made:
    return _old(
        making, "legacy_suspended", catalog.LEGACY[0], "suspended", status="suspended", suspensionReasons=["Other"]
    )


def _legacy_trial(making: Making) -> Made:
    return _old(
        making, "legacy_trial", catalog.LEGACY[2], "trial", isTrial=True, autoRenewEnabled=False, billingCycle="none"
    )


def _legacy_azure(making: Making) -> Made:
    azure = _old(
        making, "legacy_azure", catalog.AZURE_LEGACY, "usage", quantity=1, unitType="Usage-based", billingType="usage"
    )
    azure.resource.update(
        commitmentEndDate="9999-12-10T00:00:00Z", autoRenewEnabled=False, entitlementId=making.guid("azure")
    )
    return azure


MAKERS: dict[str, Maker] = {
    "legacy": _legacy,
    "legacy_addon_parent": _legacy_parent,
    "legacy_addon": _legacy_addon,
    "legacy_suspended": _legacy_suspended,
    "legacy_azure": _legacy_azure,
    "legacy_trial": _legacy_trial,
}
