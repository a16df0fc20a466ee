# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscriptions of a generated fleet: which kinds a customer has, and how each looks on the wire."""

from __future__ import annotations

import random
from typing import Any

from .fleet import Customer, Fleet
from .kinds import ending, legacy, modern
from .kinds.making import Made, Making


def _words(text: str) -> list[str]:
    return text.split()


# Every kind once and in this order at the start of the fleet, so that a small fleet has them all.
PARADE = _words("""
    nce legacy addon scheduled azure_plan recent trial suspended expired unknown_status nce added_seats
    next_charge legacy_addon_parent legacy_addon disabled no_auto_renew renewing_soon deleted sparse
    suspended_parent suspended_addon legacy_suspended legacy_azure pending marketplace scheduled_and_next_charge
    monthly_term legacy_trial suspended_by_partner cancelled_at_end extended_chosen extended_backfilled extended_term
    renewal_action transition_action custom_date_action unknown_action three_years software trial_ending
    end_of_sale
""")
# Weights of the kinds in the rest of the fleet: one in ten has auto-renew off, by decision or without one.
USUAL = _words("""
    nce=40 monthly_term=6 no_auto_renew=4 cancelled_at_end=4 extended_chosen=1 extended_backfilled=2 extended_term=3
    renewal_action=1 three_years=1 software=1 recent=5 scheduled=4 renewing_soon=4 addon=6 legacy=5 azure_plan=7
    added_seats=2 next_charge=1 trial=1 trial_ending=1 suspended=1 suspended_by_partner=1 expired=1 disabled=1
    legacy_azure=1 marketplace=1 end_of_sale=1
""")
# What clients of 2020 know: no newer fields, values or forms, and names that need no care.
PLAIN = _words("nce=60 scheduled=10 addon=10 legacy=10 recent=5 suspended=5")
MAKERS = {**modern.MAKERS, **legacy.MAKERS, **ending.MAKERS}


def _shares(words: list[str]) -> tuple[list[str], list[int]]:
    parts = [item.partition("=") for item in words]
    return [name for name, _equals, _weight in parts], [int(weight) for _name, _equals, weight in parts]


_USUAL_SHARES, _PLAIN_SHARES = _shares(USUAL), _shares(PLAIN)
_NEW_FIELDS = (
    "commitmentEndDateTime",
    "billingCycleEndDate",
    "billingCycleEndDateTime",
    "refundableQuantity",
    "attentionNeeded",
    "actionTaken",
    "scheduledActions",
)


def make_subscriptions(fleet: Fleet, customer: Customer) -> list[Made]:
    """The customer's subscriptions as at the fleet's epoch; depends on the seed, the customer and the fleet's shape."""
    number = fleet.subscriptions_per_customer
    making = Making(fleet, customer, random.Random(f"{fleet.seed}/{customer.index}"))
    for position in range(number):
        place = customer.index * number + position
        made = MAKERS[_kind(making, place)](making)
        if fleet.plain:
            _simplify(made.resource)
        _reseller(making, made, place)
        making.made.append(made)
    return making.made


def _kind(making: Making, place: int) -> str:
    if place < len(PARADE) and not making.fleet.plain:
        return PARADE[place]
    return making.draw.choices(*(_PLAIN_SHARES if making.fleet.plain else _USUAL_SHARES))[0]


def _simplify(resource: dict[str, Any]) -> None:
    """Dates with whole seconds, and none of the fields that were not there in 2020."""
    for name in _NEW_FIELDS:
        resource.pop(name, None)
    for name in ("creationDate", "effectiveStartDate"):
        resource[name] = f"{resource[name][:19]}Z"


def _reseller(making: Making, made: Made, place: int) -> None:
    """Most customers of a reseller carry its MPN id on their subscriptions; some have it as support contact."""
    reseller = making.customer.reseller
    if reseller is None:
        return
    if place % 4 != 3:
        made.resource["partnerId"] = reseller.mpn_id
    if place % 3 == 1:
        made.contact = making.fleet.contact_of(reseller)
