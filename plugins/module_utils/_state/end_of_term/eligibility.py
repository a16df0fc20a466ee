# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Which subscriptions go on in a paid extended service term when nobody decides otherwise. Pure.

The API has no flag for it, so it is worked out from the rules that Microsoft published ("Extended service terms"). What
cannot be worked out counts as eligible: a needless decision costs a word, a missing one costs the customer money.
"""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timedelta, timezone

from ..._common import case
from ..._common.case import Raw
from ..._common.times import parse_time
from .. import traits

#: Terms that end on this day or later, of subscriptions that were bought or renewed on that day or later.
_FIRST_END: t.Final = datetime(2026, 5, 4, tzinfo=timezone.utc)
_FIRST_START: t.Final = datetime(2025, 4, 1, tzinfo=timezone.utc)

#: One month, one year, three years.
_MONTHS: t.Final = frozenset({1, 12, 36})
_DURATION: t.Final = re.compile(r"P(?P<count>\d{1,3})(?P<unit>[MY])", re.IGNORECASE)

#: How the catalog names products of an extended term; the API has no other mark.
_MARK: t.Final = "extended service term"
_LICENCES: t.Final = "onlineservicesnce"


def is_licence(subscription: Raw) -> bool:
    """
    Whether it is licence-based new commerce that was bought: what an end of term can be declared for. Not legacy,
    software, trials and Azure. A list's item that lacks what tells them apart counts as one.
    """
    if traits.is_on(subscription, "isTrial") or traits.is_usage_billed(subscription):
        return False
    product_type = case.get(subscription, "productType")
    if product_type:
        name = case.text(product_type, "id") if isinstance(product_type, dict) else str(product_type)
        return name.lower() in ("", _LICENCES)
    offer = case.text(subscription, "offerId")
    return traits.is_of_unknown_kind(subscription) and (not offer or offer.count(":") == 2)


def is_within(subscription: Raw) -> bool:
    """Whether the subscription is in an extended service term now."""
    return _MARK in case.text(subscription, "offerName").lower() and is_licence(subscription)


def may_follow(subscription: Raw) -> bool:
    """Whether an extended service term can follow the present term (in a cloud that has them)."""
    if not is_licence(subscription) or is_within(subscription):
        return False
    if traits.is_over(subscription) or traits.never_ends(subscription):
        return False
    months = _months(case.text(subscription, "termDuration"))
    if months is not None and months not in _MONTHS:
        return False
    end = traits.term_end(subscription)
    if end is None:
        return True
    return end >= _FIRST_END and _may_have_begun_since(_FIRST_START, subscription, end, months)


def _may_have_begun_since(day: datetime, subscription: Raw, end: datetime, months: int | None) -> bool:
    """Whether the term began on ``day`` or later. After a renewal, the start that the API shows can be the first."""
    shown = parse_time(case.get(subscription, "effectiveStartDate"))
    if months is None or (shown is not None and shown >= day):
        return True
    # The last moment of a term is a second before the next one begins.
    return _earlier(end + timedelta(seconds=1), months) >= day


def _earlier(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    # No month lacks the 28th, and the days after it make no difference to the first of a month.
    return moment.replace(year=year, month=month + 1, day=min(moment.day, 28))


def _months(duration: str) -> int | None:
    match = _DURATION.fullmatch(duration)
    if match is None:
        return None
    return int(match["count"]) * (12 if match["unit"].upper() == "Y" else 1)
