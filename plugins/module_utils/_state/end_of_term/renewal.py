# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. ``renewal``: what info modules and the inventory work out of a subscription's end of term. Pure."""

from __future__ import annotations

import typing as t
from datetime import timedelta

from ..._common import case
from ..._common.case import Raw
from ..._common.times import utc_text
from .. import traits
from . import effect, eligibility

#: Partner Center may lock a subscription in the last hours of its term.
_LEAD: t.Final = timedelta(hours=24)


def renewal(subscription: Raw, *, has_extended_terms: bool = True) -> dict[str, t.Any] | None:
    """
    What happens at the end of the term, in plain JSON; None where nothing ends, or all is over already.

    ``end_of_term``: one of ``effect.EFFECTS``; ``decided``; ``ends_at`` and ``decide_by``: times as text, null where
    the subscription does not say; ``quantity_after``: seats in the next term, 0 where the product ends, null where
    that cannot be told; ``eligible_for_extended_service_term``; ``in_extended_service_term``.
    """
    if traits.is_over(subscription) or traits.never_ends(subscription) or traits.is_usage_billed(subscription):
        return None
    found = effect.read(subscription, has_extended_terms=has_extended_terms)
    end = traits.term_end(subscription)
    return {
        "end_of_term": found.effect,
        "decided": found.decided,
        "ends_at": None if end is None else utc_text(end),
        "decide_by": None if end is None else utc_text(end - _LEAD),
        "quantity_after": _seats_after(found.effect, subscription),
        "eligible_for_extended_service_term": has_extended_terms and eligibility.may_follow(subscription),
        "in_extended_service_term": eligibility.is_within(subscription),
    }


def _seats_after(found: effect.Effect, subscription: Raw) -> int | None:
    if found in effect.ENDINGS:
        return 0
    if found in ("transition", "unknown"):
        return None
    scheduled = effect.instructions(subscription) if found == "renew" else None
    seats = traits.seat_count(case.get(scheduled, "quantity")) if isinstance(scheduled, dict) else None
    return traits.seats(subscription) if seats is None else seats
