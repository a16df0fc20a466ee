# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What is said, before anything is written, about the end of a term: what happens then, and who is locked out of
deciding it. Pure. (Microsoft, "Extended service terms" and "Create a new subscription".)
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from ..._common.case import Raw
from ..._common.times import utc_text
from .. import instructions, traits
from ..checks import Values
from ..end_of_term import effect, eligibility
from ..field import Asked, Conditions, Prediction
from .refusals import may_be_extended

_DAY: t.Final = timedelta(hours=24)
#: What is read-only while a renewal waits to be made.
_LOCKED: t.Final = (effect.NAME, effect.AUTO_RENEW_NAME, instructions.NAME, "status")
_PAID: t.Final = (
    "it goes on in a paid extended service term unless end_of_term is set to cancel (or extended_service_term, if that "
    "is meant)"
)


def how_to_end(raw: Raw) -> str:
    """How a subscription ends with its term."""
    if eligibility.is_licence(raw):
        return "Set end_of_term: cancel to let the subscription end with its term."
    return "Set auto_renew_enabled: false to let the subscription end with its term."


def undecided(given: Values, raw: Raw, conditions: Conditions) -> t.Iterator[str]:
    """Where auto-renew is asked to be off, and off does not mean that the subscription ends."""
    wanted = given.get(effect.NAME)
    if given.get(effect.AUTO_RENEW_NAME) is False:
        found = effect.read(raw, has_extended_terms=conditions.has_extended_terms)
        stays_off = not traits.is_on(raw, effect.AUTO_RENEW_KEY)
        if stays_off and found.effect == "extended_service_term":
            yield f"Auto-renew is off, and that does not end the subscription: after its term {_PAID}."
        elif not stays_off and conditions.is_rollback and found.effect != "cancel" and may_be_extended(raw, conditions):
            yield f"This rollback turns auto-renew off again, as it was: after the term {_PAID}."
    elif conditions.is_rollback and wanted is not None and not isinstance(wanted, str):
        found = effect.read_pair(wanted)
        if not found.decided and may_be_extended(raw, conditions):
            yield f"This rollback lays back what was there, and nobody had decided then: after the term {_PAID}."


def after_reactivation(asked: Asked) -> t.Iterator[str]:
    """A suspension has turned auto-renew off, and nothing turns it on again."""
    is_asked = effect.NAME in asked.wanted or asked.wanted.get(effect.AUTO_RENEW_NAME)
    if is_asked or traits.is_on(asked.raw, effect.AUTO_RENEW_KEY) or effect.actions(asked.raw):
        return
    if may_be_extended(asked.raw, asked.conditions):
        yield f"Auto-renew stays off after the reactivation: after the term {_PAID}."


def left_undecided(changed: t.Collection[str], wanted: Values, raw: Raw, conditions: Conditions) -> t.Iterator[str]:
    """
    Where an item has failed half way, and what it has changed leads into a paid term that nobody asked for.

    ``changed``: the settings that it has changed; ``raw``: the subscription since.
    """
    is_about_the_end = not {"status", effect.AUTO_RENEW_NAME, effect.NAME}.isdisjoint(changed)
    if not is_about_the_end or traits.status(raw) != "active" or not may_be_extended(raw, conditions):
        return
    found = effect.read(raw, has_extended_terms=conditions.has_extended_terms)
    if found.effect == "extended_service_term" and wanted.get(effect.NAME) != found.effect:
        yield f"What was changed before the failure leaves auto-renew off: after the term {_PAID}."


def near_the_end(changed: t.Collection[str], raw: Raw, now: datetime) -> t.Iterator[Prediction]:
    """The hours before the end of a term, and those after it, while the renewal waits to be made."""
    end = traits.term_end(raw)
    locked = [name for name in _LOCKED if name in changed]
    if end is None or traits.status(raw) not in ("active", "suspended"):
        return
    if end - _DAY <= now <= end and locked:
        yield Prediction(
            f"The term ends within 24 hours ({utc_text(end)}): Partner Center may refuse to change "
            f"{' and '.join(locked)} now (900277 or 900280)."
        )
    elif end < now <= end + _DAY:
        yield Prediction(
            f"The term has ended ({utc_text(end)}), and the renewal may not be made yet: until then, Partner Center "
            "refuses to change auto-renew, scheduled changes and the status, and may answer other changes with 409.",
            codes=(),
        )
