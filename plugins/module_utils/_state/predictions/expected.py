# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What Partner Center is expected to refuse, said before a write; the server remains the judge. The table of
settings names in its rows what is about one setting.

Sources: Microsoft, "Partner Center error codes", "Change the quantity of a subscription", "Cancel a subscription",
"Subscription lifecycle".
"""

from __future__ import annotations

import typing as t

from ..._common import case
from ..._common.case import Raw
from ..._common.words import many
from .. import instructions, traits
from ..end_of_term import eligibility
from ..field import Asked, Prediction
from . import ends

_SCHEDULE_IT: t.Final = f"Schedule it for the renewal with {instructions.NAME}."
#: Within such a term, the billing cycle changes between these.
_LONG_TERM: t.Final = "P3Y"
_CYCLES: t.Final = {"monthly", "annual"}


def refusal(said: str, *codes: str, then: str = "") -> Prediction:
    """That Partner Center is expected to refuse a change, with one of these codes; ``then``: what to do instead."""
    listed = " or ".join(filter(None, (", ".join(codes[:-1]), *codes[-1:])))
    return Prediction(" ".join(filter(None, (f"{said} ({listed})." if codes else f"{said}.", then))), codes)


def of_cancelled(raw: Raw) -> t.Iterator[Prediction]:
    """What a cancelled subscription refuses, its support contact included."""
    if traits.status(raw) == "deleted":
        yield refusal("The subscription is cancelled (deleted): Partner Center refuses every change to it", "2011")


def of_state(raw: Raw, changed: t.Collection[str]) -> t.Iterator[Prediction]:
    """What a subscription in its present state is expected to refuse, whatever is changed."""
    status = traits.status(raw)
    yield from of_cancelled(raw)
    if status == "suspended" and "status" not in changed:
        said = "The subscription is suspended: Partner Center is expected to refuse changes before it is active"
        yield refusal(said, "800091")
    elif status in ("expired", "disabled"):
        yield refusal(f"The subscription is {status}: Partner Center is expected to refuse changes to it", "900279")
    fixed = [name for name in ("quantity", "status") if name in changed and traits.is_on(raw, "isTrial")]
    if fixed and traits.is_new_commerce(raw):
        said = f"{' and '.join(fixed)} of a trial cannot be changed: Partner Center is expected to refuse it"
        yield refusal(said)


def of_quantity(asked: Asked) -> t.Iterator[Prediction]:
    before = traits.seats(asked.raw)
    if before is None or asked.value >= before or not traits.is_new_commerce(asked.raw):
        return
    fewer, refundable = before - asked.value, traits.refundable_seats(asked.raw, asked.now)
    if traits.is_software(asked.raw):
        yield refusal(
            "The seats of a software subscription can never be reduced within its term: Partner Center is expected to "
            "refuse it",
            "800090",
            then=_SCHEDULE_IT,
        )
    elif refundable is not None and fewer > refundable:
        yield refusal(
            f"Taking back {many(fewer, 'seat')} is outside the refund window (it allows {refundable}): Partner Center "
            "is expected to refuse it",
            *("800090", "900257", "900214"),
            then=_SCHEDULE_IT,
        )


def of_billing_cycle(asked: Asked) -> t.Iterator[Prediction]:
    """Microsoft, "Create a new subscription": the billing frequency alone changes on terms of three years only."""
    raw = asked.raw
    cycles = {str(traits.billing_cycle(raw)).lower(), str(asked.value).lower()}
    term = case.text(raw, "termDuration").upper()
    if eligibility.is_licence(raw) and term and (term != _LONG_TERM or cycles != _CYCLES):
        yield refusal(
            "Within a term, the billing cycle changes only where it is three years, and only between monthly and "
            "annual: Partner Center is expected to refuse it",
            "800097",
            then=_SCHEDULE_IT,
        )


def of_status(asked: Asked) -> t.Iterator[Prediction]:
    if asked.value == "suspended":
        yield from _suspending(asked)
    elif asked.value == "active" and traits.status(asked.raw) == "suspended":
        yield from _reactivating(asked)
    elif asked.value == "deleted":
        yield from _cancelling(asked)


def _suspending(asked: Asked) -> t.Iterator[Prediction]:
    if asked.wanted.get(instructions.NAME) is not None:
        yield Prediction(
            f"Partner Center deletes {instructions.NAME} with the suspension, and is expected not to take them back "
            "before the subscription is active again (800091)."
        )
    if traits.is_new_commerce(asked.raw):
        yield Prediction(
            "A suspended subscription of new commerce is still billed, and the suspension turns auto-renew off. It "
            "stays off after a reactivation."
        )


def _reactivating(asked: Asked) -> t.Iterator[Prediction]:
    reasons = traits.suspension_reasons(asked.raw)
    if reasons:
        yield Prediction(
            f"Partner Center gives a reason for the suspension ({', '.join(reasons)}). If Microsoft has suspended it, "
            "only Microsoft can reactivate it."
        )
    yield from map(Prediction, ends.after_reactivation(asked))


def _cancelling(asked: Asked) -> t.Iterator[Prediction]:
    is_late = traits.is_new_commerce(asked.raw) and traits.is_cancellable(asked.raw, asked.now) is False
    if is_late and not eligibility.is_within(asked.raw):
        said = "The cancellation window has passed: Partner Center is expected to refuse it"
        yield refusal(said, "900117", "900213", then=ends.how_to_end(asked.raw))
