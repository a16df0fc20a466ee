# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscriptions of a generated fleet: which kinds a customer has, and how each looks on the wire."""

from __future__ import annotations

import random

from . import kinds
from .fleet import Customer, Fleet
from .making import Made, Making


def _words(text: str) -> list[str]:
    return text.split()


# Every kind once and in this order at the start of the fleet, so that a small fleet has them all.
PARADE = _words("""
    nce legacy addon scheduled azure_plan recent trial suspended expired unknown_status nce added_seats
    next_charge legacy_addon_parent legacy_addon disabled no_auto_renew renewing_soon deleted sparse
    suspended_parent suspended_addon legacy_suspended legacy_azure pending marketplace scheduled_and_next_charge
    monthly_term legacy_trial
""")
# Weights of the kinds in the rest of the fleet.
USUAL = _words("""
    nce=46 monthly_term=6 no_auto_renew=5 recent=5 scheduled=5 renewing_soon=4 addon=6 legacy=6 azure_plan=7
    added_seats=2 next_charge=1 trial=2 suspended=2 expired=2 disabled=1 legacy_azure=1 marketplace=1
""")
_KINDS = [item.partition("=")[0] for item in USUAL]
_WEIGHTS = [int(item.partition("=")[2]) for item in USUAL]


def make_subscriptions(fleet: Fleet, customer: Customer) -> list[Made]:
    """The customer's subscriptions as at the fleet's epoch; depends on the seed, the customer and the fleet's shape."""
    number = fleet.subscriptions_per_customer
    making = Making(fleet, customer, random.Random(f"{fleet.seed}/{customer.index}"))
    for position in range(number):
        place = customer.index * number + position
        kind = PARADE[place] if place < len(PARADE) else making.draw.choices(_KINDS, _WEIGHTS)[0]
        made = kinds.MAKERS[kind](making)
        _reseller(making, made, place)
        making.made.append(made)
    return making.made


def _reseller(making: Making, made: Made, place: int) -> None:
    """Most customers of a reseller carry its MPN id on their subscriptions; some have it as support contact."""
    reseller = making.customer.reseller
    if reseller is None:
        return
    if place % 4 != 3:
        made.resource["partnerId"] = reseller.mpn_id
    if place % 3 == 1:
        made.contact = making.fleet.contact_of(reseller)
