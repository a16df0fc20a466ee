# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which subscriptions may go on as an extended service term, and what becomes of one when its term ends.

Microsoft's rule: licences of new commerce, bought or renewed since 1 April 2025, whose term ends on or after
4 May 2026, unless their sale has ended and they have no successor.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..catalog import EXTENDED_NAME, find
from ..clock import parse
from ..switches import Switches
from . import actions
from .windows import term_end

LICENCES = "OnlineServicesNCE"
BOUGHT_SINCE = datetime(2025, 4, 1, tzinfo=timezone.utc)
ENDS_SINCE = datetime(2026, 5, 4, tzinfo=timezone.utc)


def product_type(resource: dict[str, Any]) -> str:
    """``OnlineServicesNCE``, ``Software``, ``Azure``, …; empty on legacy."""
    return str((resource.get("productType") or {}).get("id") or "")


def in_extended_term(resource: dict[str, Any]) -> bool:
    return EXTENDED_NAME.lower() in str(resource.get("offerName") or "").lower()


def is_licence(resource: dict[str, Any]) -> bool:
    """A licence of new commerce: what scheduled actions are for."""
    usage = str(resource.get("billingType") or "").lower() == "usage"
    return product_type(resource).lower() == LICENCES.lower() and not usage


def eligible(resource: dict[str, Any], switches: Switches) -> bool:
    """Whether an extended service term may follow the present term."""
    if not switches["est_available"] or not is_licence(resource) or resource.get("isTrial"):
        return False
    product = find(str(resource.get("offerId")))
    if product is not None and not product.has_successor:
        return False
    start, end = resource.get("effectiveStartDate"), term_end(resource)
    return bool(start) and parse(str(start)) >= BOUGHT_SINCE and end is not None and end >= ENDS_SINCE


def outcome(resource: dict[str, Any], switches: Switches) -> str:
    """``renew``, ``cancel``, ``extend``, ``transition`` or ``lapse``: what the end of the term brings."""
    extend = "extend" if eligible(resource, switches) else "lapse"
    chosen = {actions.CANCEL: "cancel", actions.RENEW: "renew", actions.TRANSITION: "transition"}
    for kind in actions.kinds(actions.held(resource)):
        if kind in actions.KINDS:
            return chosen.get(kind, extend)
    return "renew" if resource.get("autoRenewEnabled") else extend


def undecided(resource: dict[str, Any], switches: Switches) -> bool:
    """Auto-renew is off, and nobody said that the subscription is to end: the extended service term follows."""
    decided = actions.find(actions.held(resource), *actions.KINDS)
    active = str(resource.get("status", "")).lower() == "active"
    return active and not resource.get("autoRenewEnabled") and not decided and eligible(resource, switches)
