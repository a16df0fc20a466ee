# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What can be told of a subscription by looking at it."""

from __future__ import annotations

import typing as t
from datetime import datetime, time

from .._common import case
from .._common.case import Raw
from .._common.times import parse_time

#: Subscriptions that do not renew end in this year; the .NET default for "no date" is the year 1.
_NEVER: t.Final = 9999
_NO_DATE: t.Final = 1
#: Digits of a text that is no seat count any more (Python itself refuses to read thousands of digits).
_TOO_LONG: t.Final = 19
#: Nothing of these is left to renew.
_OVER: t.Final = frozenset({"deleted", "expired", "disabled"})


def is_new_commerce(subscription: Raw) -> bool:
    """New commerce (Azure plans too) names a product type; legacy subscriptions have none."""
    return bool(case.get(subscription, "productType"))


def is_of_unknown_kind(subscription: Raw) -> bool:
    """Whether it neither names a product type nor carries the etag of legacy ones: something was left out of it."""
    attributes = case.get(subscription, "attributes")
    etag = case.get(attributes, "etag") if isinstance(attributes, dict) else None
    return case.find_key(subscription, "productType") is None and not etag


def is_on(subscription: Raw, key: str) -> bool:
    """Whether a flag is set, also where it came as text; no value is off."""
    value = case.get(subscription, key)
    return value is True or (isinstance(value, str) and value.lower() == "true")


def renews(subscription: Raw) -> bool:
    """Whether auto-renew is on; nothing counts as off."""
    return bool(case.get(subscription, "autoRenewEnabled"))


def is_software(subscription: Raw) -> bool:
    """A software subscription, whose seats can never be reduced within a term."""
    product_type = case.get(subscription, "productType")
    return isinstance(product_type, dict) and case.text(product_type, "id").lower() == "software"


def suspension_reasons(subscription: Raw) -> list[str]:
    """What the service gives as reasons for a suspension; Microsoft's own suspensions have some."""
    reasons = case.get(subscription, "suspensionReasons")
    return [reason for reason in reasons if isinstance(reason, str) and reason] if isinstance(reasons, list) else []


def is_usage_billed(subscription: Raw) -> bool:
    """Billed by usage, such as an Azure plan: it has no seats to set."""
    return str(case.get(subscription, "billingType") or "").lower() == "usage"


def status(subscription: Raw) -> str:
    """The status in lower case; an open set, since the service adds values without notice."""
    return str(case.get(subscription, "status") or "").lower()


def is_over(subscription: Raw) -> bool:
    """Whether its last term is over, or it was cancelled: nothing follows any more."""
    return status(subscription) in _OVER


def is_addon(subscription: Raw) -> bool:
    """An add-on names the subscription that it belongs to."""
    return bool(case.get(subscription, "parentSubscriptionId"))


def product_id(subscription: Raw) -> str:
    """The product of a new-commerce offer (``product:sku:availability``); empty for legacy offers, which are GUIDs."""
    parts = str(case.get(subscription, "offerId") or "").split(":")
    return parts[0] if len(parts) == 3 else str(case.get(subscription, "productId") or "")


def billing_cycle(subscription: Raw) -> t.Any:
    """
    The billing cycle from the next charge on; None where there is none. Some changes of it wait until then.

    (Microsoft, "Subscription resources", nextChargeInstructions; "Create a new subscription".)
    """
    pending = case.get(subscription, "nextChargeInstructions")
    product = case.get(pending, "product") if isinstance(pending, dict) else None
    coming = case.text(product, "billingCycle") if isinstance(product, dict) else ""
    return coming or case.get(subscription, "billingCycle")


def seats(subscription: Raw) -> int | None:
    """The seat count, also where it came as text; None where there is none that can be counted."""
    return seat_count(case.get(subscription, "quantity"))


def seat_count(value: t.Any) -> int | None:
    """A number of seats as received, whichever type it came as; None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _TOO_LONG:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def term_end(subscription: Raw) -> datetime | None:
    """
    The last moment of the term (UTC); None where it is not known or the subscription never renews (year 9999).

    ``commitmentEndDateTime`` is the precise form. Without it the day counts: on new commerce ``commitmentEndDate`` is
    the last day of the term, on a legacy subscription the moment it ends. (Microsoft, "Subscription resources".)
    """
    precise = parse_time(case.get(subscription, "commitmentEndDateTime"))
    if precise is not None and precise.year > _NO_DATE:
        return precise if precise.year < _NEVER else None
    day = parse_time(case.get(subscription, "commitmentEndDate"))
    if day is None or not _NO_DATE < day.year < _NEVER:
        return None
    return datetime.combine(day, time.max, day.tzinfo) if is_new_commerce(subscription) else day


def never_ends(subscription: Raw) -> bool:
    """Whether it has a date that says that it never ends (year 9999), rather than no date."""
    dates = [parse_time(case.get(subscription, key)) for key in ("commitmentEndDateTime", "commitmentEndDate")]
    known = [date for date in dates if date is not None and date.year > _NO_DATE]
    return bool(known) and known[0].year >= _NEVER


def refundable_seats(subscription: Raw, now: datetime) -> int | None:
    """
    How many seats can be taken back at ``now``; None where the subscription does not say.

    ``refundableQuantity`` tells it seat by seat; else the cancellation window of the whole subscription holds.
    """
    refundable = case.get(subscription, "refundableQuantity")
    details = case.get(refundable, "details") if isinstance(refundable, dict) else None
    if isinstance(details, list):
        return sum(
            int(case.get(detail, "quantity") or 0)
            for detail in details
            if isinstance(detail, dict) and _is_after(case.get(detail, "allowedUntilDateTime"), now)
        )
    cancellable = is_cancellable(subscription, now)
    if cancellable is None:
        return None
    return int(case.get(subscription, "quantity") or 0) if cancellable else 0


def is_cancellable(subscription: Raw, now: datetime) -> bool | None:
    """Whether the cancellation window is open at ``now``; None where the subscription does not say."""
    ends = _window_ends(subscription)
    return None if ends is None else any(_is_after(end, now) for end in ends)


def _window_ends(subscription: Raw) -> list[t.Any] | None:
    key = case.find_key(subscription, "cancellationAllowedUntilDate")
    if key is not None:
        return [subscription[key]]
    options = case.get(subscription, "refundOptions")
    if not isinstance(options, list):
        return None
    # The page's table says expiresAfter, every example says expiresAt.
    return [case.get(one, "expiresAt") or case.get(one, "expiresAfter") for one in options if isinstance(one, dict)]


def _is_after(text: t.Any, now: datetime) -> bool:
    moment = parse_time(text)
    return moment is not None and moment > now
