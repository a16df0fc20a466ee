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

import re
import typing as t

from ..._common.case import Raw
from ..._common.words import many
from .. import instructions, traits
from ..end_of_term import eligibility
from ..field import Asked
from . import ends

#: Of the sentences that say what is foretold: that it is a refusal, and with which codes.
_REFUSAL: t.Final = re.compile(r"Partner Center (?:is expected to refuse|refuses)\b(?P<rest>[^.]*)")
_CODES: t.Final = re.compile(r"\b\d{4,6}\b")


def foretold_refusal(text: str) -> tuple[str, ...] | None:
    """The error codes that a warning names, if it foretells a refusal; None where it foretells something else."""
    found = _REFUSAL.search(text)
    return None if found is None else tuple(_CODES.findall(found["rest"]))


def of_cancelled(raw: Raw) -> t.Iterator[str]:
    """What a cancelled subscription refuses, its support contact included."""
    if traits.status(raw) == "deleted":
        yield "The subscription is cancelled (deleted): Partner Center refuses every change to it (2011)."


def of_state(raw: Raw, changed: t.Collection[str]) -> t.Iterator[str]:
    """What a subscription in its present state is expected to refuse, whatever is changed."""
    status = traits.status(raw)
    yield from of_cancelled(raw)
    if status == "suspended" and "status" not in changed:
        yield (
            "The subscription is suspended: Partner Center is expected to refuse changes before it is active (800091)."
        )
    elif status in ("expired", "disabled"):
        yield f"The subscription is {status}: Partner Center is expected to refuse changes to it (900279)."
    fixed = [name for name in ("quantity", "status") if name in changed and traits.is_on(raw, "isTrial")]
    if fixed and traits.is_new_commerce(raw):
        yield f"{' and '.join(fixed)} of a trial cannot be changed: Partner Center is expected to refuse it."


def of_quantity(asked: Asked) -> t.Iterator[str]:
    before = traits.seats(asked.raw)
    if before is None or asked.value >= before or not traits.is_new_commerce(asked.raw):
        return
    fewer, refundable = before - asked.value, traits.refundable_seats(asked.raw, asked.now)
    if traits.is_software(asked.raw):
        yield (
            "The seats of a software subscription can never be reduced within its term: Partner Center is expected to "
            f"refuse it (800090). Schedule it for the renewal with {instructions.NAME}."
        )
    elif refundable is not None and fewer > refundable:
        yield (
            f"Taking back {many(fewer, 'seat')} is outside the refund window (it allows {refundable}): Partner Center "
            "is expected to refuse it (800090, 900257 or 900214). Schedule it for the renewal with "
            f"{instructions.NAME}."
        )


def of_status(asked: Asked) -> t.Iterator[str]:
    if asked.value == "suspended":
        yield from _suspending(asked)
    elif asked.value == "active" and traits.status(asked.raw) == "suspended":
        yield from _reactivating(asked)
    elif asked.value == "deleted":
        yield from _cancelling(asked)


def _suspending(asked: Asked) -> t.Iterator[str]:
    if asked.wanted.get(instructions.NAME) is not None:
        yield (
            f"Partner Center deletes {instructions.NAME} with the suspension, and is expected not to take them back "
            "before the subscription is active again (800091)."
        )
    if traits.is_new_commerce(asked.raw):
        yield (
            "A suspended subscription of new commerce is still billed, and the suspension turns auto-renew off. It "
            "stays off after a reactivation."
        )


def _reactivating(asked: Asked) -> t.Iterator[str]:
    reasons = traits.suspension_reasons(asked.raw)
    if reasons:
        yield (
            f"Partner Center gives a reason for the suspension ({', '.join(reasons)}). If Microsoft has suspended it, "
            "only Microsoft can reactivate it."
        )
    yield from ends.after_reactivation(asked)


def _cancelling(asked: Asked) -> t.Iterator[str]:
    is_late = traits.is_new_commerce(asked.raw) and traits.is_cancellable(asked.raw, asked.now) is False
    if is_late and not eligibility.is_within(asked.raw):
        yield (
            "The cancellation window has passed: Partner Center is expected to refuse it (900117 or 900213). "
            f"{ends.how_to_end(asked.raw)}"
        )
