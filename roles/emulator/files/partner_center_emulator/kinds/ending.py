# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One maker for each way in which a term of today may end, and for what Microsoft's rule leaves out."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from .. import catalog
from ..catalog import Product
from ..clock import days, iso
from ..subscriptions import actions
from ..subscriptions.actions import action
from ..subscriptions.scope import BOUGHT_SINCE, ENDS_SINCE
from ..subscriptions.windows import refundable
from .making import Made, Maker, Making
from .modern import instructions, nce, plain

# The choice came to the service in February 2026; until then there was nothing to choose.
ACTIONS_SINCE = datetime(2026, 2, 16, tzinfo=timezone.utc)


def _ends(making: Making, kind: str, auto_renew: bool, held: list[dict[str, Any]], **fields: Any) -> Made:
    if making.now < ACTIONS_SINCE:
        return plain(making)
    made = nce(making, kind, making.ago(40, 300), autoRenewEnabled=auto_renew, **fields)
    made.resource["scheduledActions"] = held
    return made


def _cancelled(making: Making) -> Made:
    return _ends(making, "cancelled_at_end", False, [action(actions.CANCEL)])


def _chosen(making: Making) -> Made:
    return _ends(making, "extended_chosen", False, [action(actions.EXTEND)])


def _backfilled(making: Making) -> Made:
    """The service's own mark on what nobody had decided: the action, with auto-renew on again."""
    return _ends(making, "extended_backfilled", True, [action(actions.EXTEND)])


def _renewing(making: Making) -> Made:
    """Fewer seats at the renewal, in the newer form."""
    made = _ends(making, "renewal_action", True, [], quantity=40)
    if "scheduledActions" in made.resource:
        wanted = instructions(made.resource, 30)
        made.resource["scheduledActions"] = [action(actions.RENEW, wanted)]
    return made


def _transition(making: Making) -> Made:
    made = _ends(making, "transition_action", True, [], product=catalog.NCE[0], quantity=20)
    if "scheduledActions" in made.resource:
        ids = dict(zip(("productId", "skuId", "availabilityId"), catalog.NCE[1].offer_id.split(":"), strict=True))
        made.resource["scheduledActions"] = [action(actions.TRANSITION, instructions(made.resource, 20, **ids))]
    return made


def _custom_date(making: Making) -> Made:
    made = _ends(making, "custom_date_action", False, [])
    if "scheduledActions" in made.resource:
        date = iso(making.now + days(20))
        made.resource["scheduledActions"] = [
            {**action(actions.CANCEL), "scheduleType": "CustomDate", "effectiveDate": date}
        ]
    return made


def _unknown(making: Making) -> Made:
    """A kind of action that no client knows yet."""
    return _ends(making, "unknown_action", True, [action(actions.UNDOCUMENTED)])


def _extended(making: Making) -> Made:
    """In an extended service term: an offer of its own, month by month."""
    if making.now < ENDS_SINCE + days(1):
        return plain(making)
    product = making.draw.choice(catalog.NCE).extended
    made = nce(making, "extended_term", making.ago(9, 26), term="P1M", product=product)
    made.resource |= {"refundOptions": [], "refundableQuantity": refundable([])}
    made.resource["cancellationAllowedUntilDate"] = made.resource["commitmentEndDateTime"]
    return made


def _three_years(making: Making) -> Made:
    """Bought before Microsoft's rule applied: auto-renew off still lets it end."""
    before = min(making.ago(40, 900), BOUGHT_SINCE - days(making.draw.uniform(10, 200)))
    return nce(making, "three_years", before, term="P3Y", autoRenewEnabled=False)


def _suspended_by_partner(making: Making) -> Made:
    return nce(
        making,
        "suspended_by_partner",
        making.ago(40, 300),
        status="suspended",
        autoRenewEnabled=False,
        suspensionReasons=[],
    )


def _end_of_sale(making: Making) -> Made:
    """No longer sold and without a successor: auto-renew off lets it end."""
    return nce(making, "end_of_sale", making.ago(40, 300), product=catalog.END_OF_SALE, autoRenewEnabled=False)


def _software(making: Making) -> Made:
    made = nce(making, "software", making.ago(40, 300), product=catalog.SOFTWARE, billingCycle="one_time")
    made.resource["productType"] = {"id": "Software", "displayName": "Software"}
    return made


def _trial(kind: str, auto_renew: bool) -> Maker:
    def make(making: Making) -> Made:
        """Trials always carry instructions: those of the paid subscription that they may become."""
        product: Product = catalog.NCE[2]
        made = nce(making, kind, making.ago(5, 20), "trial", term="P1M", product=product, quantity=25)
        name = f"{product.name} (Trial)"
        made.resource["scheduledNextTermInstructions"] = instructions(
            made.resource, 25, termDuration="P1Y", billingCycle="monthly"
        )
        made.resource.update(
            isTrial=True, autoRenewEnabled=auto_renew, billingCycle="none", offerName=name, friendlyName=name
        )
        return made

    return make


def _tagged(maker: Maker) -> Maker:
    """A plain licence is tagged ``nce``, as one that takes every change and drops nothing; these have a tag of their
    own."""

    def make(making: Making) -> Made:
        made = maker(making)
        if made.kind != "nce":
            made.tags = (*(tag for tag in made.tags if tag != "nce"), "end_of_term")
        return made

    return make


_MAKERS: dict[str, Maker] = {
    "cancelled_at_end": _cancelled,
    "extended_chosen": _chosen,
    "extended_backfilled": _backfilled,
    "renewal_action": _renewing,
    "transition_action": _transition,
    "custom_date_action": _custom_date,
    "unknown_action": _unknown,
    "extended_term": _extended,
    "three_years": _three_years,
    "suspended_by_partner": _suspended_by_partner,
    "end_of_sale": _end_of_sale,
    "software": _software,
    "trial": _trial("trial", auto_renew=True),
    "trial_ending": _trial("trial_ending", auto_renew=False),
}
MAKERS = {kind: _tagged(maker) for kind, maker in _MAKERS.items()}
