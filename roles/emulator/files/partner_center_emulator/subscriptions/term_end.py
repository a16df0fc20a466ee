# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a term: renewal, cancellation, extended service term, or the old way through grace to deletion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .. import catalog
from ..clock import days, iso, parse
from ..switches import Switches
from . import actions
from .record import Change, Record
from .scope import eligible, in_extended_term, outcome
from .terms import add_term
from .views import NEXT_TERM
from .windows import midnight, opened, refundable, set_term, term_end

# Days after the end of the term. Microsoft: users keep working, then only the data is kept.
DISABLED_AFTER, DELETED_AFTER, DELETED_AFTER_CANCEL = 30, 120, 90
SUSPENDED_DAYS = 90
_SCHEDULED = (NEXT_TERM, "scheduledActions")
_ENDED = {"autoRenewEnabled": False, "suspensionReasons": ["Expiration"]}


def ends_at(resource: dict[str, Any]) -> datetime | None:
    """The end of the term, or the earlier date that an action names."""
    end = term_end(resource)
    dates = [date for date in map(actions.effective, actions.held(resource)) if date]
    return min((end, *dates)) if end else None


def end_of_term(record: Record, end: datetime, switches: Switches) -> Change:
    """What becomes of the subscription when its term is over."""
    if record.status == "suspended":
        return _suspended(record, end, switches)
    brings = outcome(record.resource, switches)
    if brings == "extend" or (brings == "renew" and in_extended_term(record.resource) and not _wanted(record.resource)):
        return extended(record.resource, end)
    if brings in ("renew", "transition"):
        return _next_term(record, end, switches["refund_window_days"])
    if brings == "cancel":
        # The service stops at once, and the data is kept for a while.
        return Change({**_ENDED, "status": "disabled", **_last_day(record.resource, end)}, _SCHEDULED)
    return Change({**_ENDED, "status": "expired"}, _SCHEDULED)


def _last_day(resource: dict[str, Any], end: datetime) -> dict[str, str]:
    if end == term_end(resource):
        return {}
    return {"commitmentEndDate": iso(midnight(end)), "commitmentEndDateTime": iso(end)}


def _suspended(record: Record, end: datetime, switches: Switches) -> Change:
    if record.is_legacy:
        return Change({"status": "deleted", "autoRenewEnabled": False}, _SCHEDULED)
    way = switches["est_suspended_at_end"]
    if way == "extended" and eligible(record.resource, switches):
        return extended(record.resource, end)
    return Change({**_ENDED, "status": "expired" if way == "expired" else "disabled"}, _SCHEDULED)


def _wanted(resource: dict[str, Any]) -> dict[str, Any]:
    """The instructions for the next term; for the way back from an extended service term its product by default."""
    held = actions.find(actions.held(resource), *actions.RENEWING)
    wanted = (held or {}).get("instructions") or ({} if held else resource.get(NEXT_TERM)) or {}
    base = catalog.base_of(str(resource.get("offerId")))
    if wanted or held is None or base is None:
        return dict(wanted)
    ids = dict(zip(("productId", "skuId", "availabilityId"), base.offer_id.split(":"), strict=True))
    return {"product": {**ids, "termDuration": "P1Y", "billingCycle": "monthly"}, "quantity": resource["quantity"]}


def _next_term(record: Record, end: datetime, window_days: float) -> Change:
    """The renewal: scheduled instructions take effect and are gone, and the refund window opens again.

    A trial becomes the paid subscription that its instructions describe.
    """
    resource = record.resource
    scheduled = _wanted(resource)
    values = product_values(scheduled.get("product") or {})
    if scheduled.get("quantity"):
        values["quantity"] = scheduled["quantity"]
    if record.is_trial:
        values["isTrial"] = False
    term = str(
        values.get("termDuration") or resource.get("renewalTermDuration") or resource.get("termDuration") or "P1Y"
    )
    if record.is_legacy:
        values["effectiveStartDate"] = iso(end)
        values["commitmentEndDate"] = iso(add_term(end, term))
        return Change(values, _SCHEDULED)
    begin = _begin(resource, end)
    aligned = scheduled.get("customTermEndDate")
    set_term(values, begin, midnight(parse(aligned)) + days(1) if aligned else add_term(begin, term))
    values |= opened(int(values.get("quantity") or resource["quantity"]), begin, window_days)
    return Change(values, _SCHEDULED)


def _begin(resource: dict[str, Any], end: datetime) -> datetime:
    return midnight(end + days(1)) if resource.get("commitmentEndDateTime") else end


def product_values(product: dict[str, Any]) -> dict[str, Any]:
    """The fields that a product of instructions sets."""
    values: dict[str, Any] = {}
    for name in ("billingCycle", "termDuration", "promotionId"):
        if product.get(name):
            values[name] = product[name].lower() if name == "billingCycle" else product[name]
    if all(product.get(name) for name in ("productId", "skuId", "availabilityId")):
        values["offerId"] = f"{product['productId']}:{product['skuId']}:{product['availabilityId']}"
        known = catalog.find(values["offerId"])
        if known:
            values["offerName"] = known.name
    return values


def extended(resource: dict[str, Any], end: datetime) -> Change:
    """A month of the extended service term: another offer, no window, given back pro rata at any time."""
    begin = _begin(resource, end)
    values: dict[str, Any] = {"status": "active", "autoRenewEnabled": True, "termDuration": "P1M"}
    if not in_extended_term(resource):
        product = catalog.find(str(resource.get("offerId")))
        known = product.extended if product else None
        values["offerId"] = known.offer_id if known else resource.get("offerId")
        values["offerName"] = known.name if known else f"{resource.get('offerName')} {catalog.EXTENDED_NAME}"
    set_term(values, begin, add_term(begin, "P1M"))
    values |= {"billingCycle": "monthly", "refundOptions": [], "refundableQuantity": refundable([])}
    values["cancellationAllowedUntilDate"] = values["commitmentEndDateTime"]
    return Change(values, (*_SCHEDULED, "nextChargeInstructions"))
