# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What is said, before anything is written, about renewal instructions: trials that become purchases, promotions
that may not fit any more, availabilities that may be gone. Pure. (Microsoft, "Create scheduled changes for a
subscription", "New commerce promotions" and "Subscription resources".)
"""

from __future__ import annotations

import typing as t

from ..._common import case
from ..._common.case import Raw
from ..._common.words import many
from .. import instructions, traits
from ..checks import Values
from ..end_of_term import effect
from ..field import Asked, Prediction
from .expected import refusal

#: A trial has as many seats, and so has what it turns into.
_TRIAL_SEATS: t.Final = 25


def of_auto_renew(asked: Asked) -> t.Iterator[Prediction]:
    if asked.value and instructions.NAME not in asked.wanted:
        yield from _about_trials(effect.instructions(asked.raw), asked.raw)


def of_end_of_term(asked: Asked) -> t.Iterator[Prediction]:
    if instructions.NAME not in asked.wanted and effect.asks_for_renewal(asked.value):
        yield from _about_trials(effect.instructions(asked.raw), asked.raw)


def of_instructions(asked: Asked) -> t.Iterator[Prediction]:
    """Renewal instructions that are set; clearing them needs no word."""
    wanted = asked.value
    if not isinstance(wanted, dict):
        return
    raw, product = asked.raw, wanted.get("product") or {}
    yield from _about_trials(instructions.complete(wanted, raw), raw)
    if asked.conditions.is_rollback and product.get("availability_id"):
        yield Prediction(
            f"The availability in the former instructions ({product['availability_id']}) may be gone: Partner Center "
            "may refuse it (400019). Then set the instructions with the current availability_id."
        )
    elif not product.get("availability_id") and _is_other(product, raw, ("product_id", "sku_id")):
        yield refusal(
            "The renewal is for another product, and availability_id is that of the present one: Partner Center is "
            "expected to refuse it",
            "400019",
            then="Give availability_id, too.",
        )
    promotion = case.text(case.get(instructions.complete(wanted, raw), "product"), "promotionId")
    if promotion and "promotion_id" not in product and _is_other(product, raw, tuple(instructions.PRODUCT)):
        yield Prediction(
            f"The promotion {promotion} of the present term may not fit what is renewed to (27006, 27007). Give "
            "promotion_id, or promotion_id: '' for none."
        )


def _about_trials(coming: t.Any, raw: Raw) -> t.Iterator[Prediction]:
    if traits.is_on(raw, "isTrial"):
        seats = traits.seat_count(case.get(coming, "quantity")) if isinstance(coming, dict) else None
        seats = seats or traits.seats(raw) or _TRIAL_SEATS
        paid = f"a paid subscription of {many(seats, 'seat')}"
        yield Prediction(f"This is a purchase: at its end, the trial will be converted into {paid}.")


def _is_other(product: Values, raw: Raw, names: t.Sequence[str]) -> bool:
    """Whether what is asked of the renewal is another product, term or billing cycle than the present one."""
    present = instructions.as_it_is(raw)["product"]
    return any(
        name in product and str(product[name]).lower() != str(present.get(instructions.PRODUCT[name][0]) or "").lower()
        for name in names
    )
