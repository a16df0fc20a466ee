# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The tables of settings: how each is checked, compared, shown and laid over a received resource, a row each.

Everything that needs to know a setting (argument specs, diff, policies, guard, journal) derives from its row.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from .._common.case import Raw
from .._common.times import utc_text
from . import checks, instructions, traits, wording
from .end_of_term import effect
from .field import CLEARED, YES, Conditions, Field, Reversal, always_reversible, exactly, ignoring_case, single, text_of
from .predictions import expected, refusals, renewals


def _is_same_flag(current: t.Any, wanted: t.Any) -> bool:
    # Legacy subscriptions may answer null for an auto-renew that is off.
    return current in (None, True, False) and bool(current) == wanted


def _number(current: t.Any, wanted: t.Any) -> bool:
    return not isinstance(current, bool) and bool(current == wanted)


def _seats_text(raw: Raw) -> str:
    seats = traits.seats(raw)
    return "" if seats is None else str(seats)


def _any_text(option: str, value: t.Any) -> str:
    return value if isinstance(value, str) else checks.text(option, value)


def _status_as_option(value: t.Any) -> t.Any:
    if isinstance(value, str) and value.lower() in STATUSES:
        return value.lower()
    return value or None


#: Seats added in mid-term can be given back this long, "except where otherwise required by law". The API tells the
#: exact time (refundableQuantity) only once they are bought. (Microsoft, "Change the quantity of a subscription".)
_RETURN_WINDOW: t.Final = timedelta(days=7)

#: Of the cancellation, and of whatever else the same plan does to the subscription. (Microsoft, "Cancel a
#: subscription".)
CANCELLED: t.Final = Reversal("no", "a cancelled subscription cannot be brought back")


def _undo_status(before: t.Any, after: t.Any, _raw: Raw, _now: datetime) -> Reversal:
    if after == "deleted":
        return CANCELLED
    if before not in ("active", "suspended"):
        return Reversal("no", f"a subscription cannot be set to {before}")
    return YES


def _undo_quantity(before: t.Any, after: t.Any, raw: Raw, now: datetime) -> Reversal:
    seats = traits.seat_count(before) or 0
    if seats < 1:
        return Reversal("no", "the subscription had no seats to go back to")
    if after < seats or not traits.is_new_commerce(raw):
        return YES
    return Reversal(
        f"until {utc_text(now + _RETURN_WINDOW)}", "added seats can only be given back within the refund window"
    )


#: What the options of a cancelled, suspended or active subscription are called.
STATUSES: t.Final = ("active", "suspended", "deleted")

RENEWAL: t.Final = instructions.NAME
NEXT_CHARGE: t.Final = "next_charge_instructions"
NEXT_CHARGE_KEY: t.Final = "nextChargeInstructions"
CLEAR_RENEWAL: t.Final = f"clear_{RENEWAL}"

#: What happens at the end of the term: the API keeps it in a pair of fields, ``autoRenewEnabled`` and actions.
END_OF_TERM: t.Final = effect.NAME
AUTO_RENEW: t.Final = effect.AUTO_RENEW_NAME


def _end_of_term(option: str, value: t.Any) -> t.Any:
    """One of the decisions; or, for a way back, the pair as it was received."""
    if isinstance(value, dict) and value.keys() == {"auto_renew_enabled", "scheduled_actions"}:
        return {**value, "auto_renew_enabled": checks.flag(f"{option}.auto_renew_enabled", value["auto_renew_enabled"])}
    return checks.one_of(*effect.CHOICES)(option, value)


def _is_off_in_effect(raw: Raw, wanted: t.Any, conditions: Conditions) -> bool:
    """Auto-renew that a rollback turns off may be shown as on, beside the extended service term that it leads into."""
    may_be = not wanted and conditions.is_rollback and conditions.has_extended_terms
    return may_be and effect.is_marked(effect.read(raw))


def _end_matches(found: effect.EndOfTerm, wanted: t.Any) -> bool:
    if isinstance(wanted, (instructions.Received, instructions.Dropped)):
        return effect.holds_pair(found, wanted.value)
    return effect.has_effect(found, wanted) if isinstance(wanted, str) else effect.is_pair(found, wanted)


def _end_is_expected(found: effect.EndOfTerm, expected: t.Any) -> bool:
    if isinstance(expected, instructions.Dropped):
        return effect.is_gone(found, expected.value) or effect.holds_pair(found, expected.value)
    return _end_matches(found, expected) if isinstance(expected, instructions.Received) else found.effect == expected


def _end_to_api(wanted: t.Any, body: Raw) -> t.Mapping[str, t.Any]:
    if wanted is None:
        return effect.without_actions(body)
    if isinstance(wanted, (instructions.Received, instructions.Dropped)):
        # A change deletes the actions and leaves auto-renew alone.
        values = effect.to_api(wanted.value, body)
        return {key: value for key, value in values.items() if key != effect.AUTO_RENEW_KEY}
    return effect.to_api(wanted, body)


def _instructions_to_api(wanted: t.Any, body: Raw) -> t.Mapping[str, t.Any]:
    """Renewal instructions in their own key; an action that renews would count before them, and may say it already."""
    is_renewal = effect.read(body).effect == "renew" and bool(effect.actions(body))
    if is_renewal and wanted is not None and instructions.matches(effect.instructions(body), wanted):
        return {}
    gone = {effect.ACTIONS: None} if is_renewal else {}
    if wanted is not None:
        return {effect.INSTRUCTIONS: instructions.to_api(wanted, body), **gone}
    # Beside other actions, they must not be left for the service to interpret.
    is_beside = bool(effect.actions(body)) and not gone
    return {effect.INSTRUCTIONS: None if is_beside else CLEARED, **gone}


SUBSCRIPTION_SETTINGS: t.Final = (
    single("friendly_name", "friendlyName", checks.text, match="globs", placeholder=text_of("friendlyName")),
    single(
        "quantity",
        "quantity",
        checks.whole_number,
        check_expected=checks.count,
        satisfies=_number,
        undo=_undo_quantity,
        refuse=refusals.require_seats,
        predict=expected.of_quantity,
        looks_at=("billingType", "productType"),
        match="ranges",
        fact=traits.seats,
        placeholder=_seats_text,
    ),
    single(
        AUTO_RENEW,
        effect.AUTO_RENEW_KEY,
        checks.flag,
        satisfies=_is_same_flag,
        is_shown_otherwise=_is_off_in_effect,
        carried=True,
        words=wording.flag_words,
        # Legacy subscriptions may say null for an auto-renew that is off.
        as_option=lambda value: False if value is None else value,
        undo=always_reversible,
        refuse=refusals.require_an_end,
        predict=renewals.of_auto_renew,
        looks_at=("productType",),
        match="flags",
    ),
    single(
        "status",
        "status",
        checks.one_of(*STATUSES),
        # What nobody can ask for, such as the status expired, can still be what is expected.
        check_expected=_any_text,
        option={"type": "str", "choices": list(STATUSES)},
        satisfies=ignoring_case,
        as_option=_status_as_option,
        undo=_undo_status,
        # A reactivation does not turn auto-renew on again, which is foretold.
        looks_at=("autoRenewEnabled",),
        predict=expected.of_status,
        match="words",
    ),
    Field(
        "billing_cycle",
        ("billingCycle",),
        checks.text,
        current=traits.billing_cycle,
        to_api=lambda wanted, _body: {"billingCycle": wanted},
        satisfies=ignoring_case,
        refuse=refusals.require_new_commerce,
        predict=expected.of_billing_cycle,
        looks_at=("productType", "termDuration", NEXT_CHARGE_KEY),
        optional_keys=(NEXT_CHARGE_KEY,),
        match="words",
    ),
    single(
        "partner_id",
        "partnerId",
        checks.text,
        satisfies=ignoring_case,
        match="globs",
        placeholder=text_of("partnerId"),
    ),
    Field(
        END_OF_TERM,
        (effect.ACTIONS, effect.AUTO_RENEW_KEY, effect.INSTRUCTIONS),
        _end_of_term,
        current=effect.read,
        current_under=lambda raw, conditions: effect.read(raw, has_extended_terms=conditions.has_extended_terms),
        to_api=_end_to_api,
        satisfies=_end_matches,
        meets=_end_is_expected,
        shown=lambda found: found.effect,
        received=effect.EndOfTerm.received,
        option={"type": "str", "choices": list(effect.CHOICES)},
        carried=True,
        # What nobody can ask for can still be what is found.
        check_expected=checks.one_of(*effect.EFFECTS),
        as_option=lambda value: value["effect"] if isinstance(value, dict) and "effect" in value else value or None,
        equal=exactly,
        words=wording.choice_words,
        undo=always_reversible,
        refuse=refusals.require_decidable,
        predict=renewals.of_end_of_term,
        looks_at=("productType",),
        optional_keys=(effect.ACTIONS, effect.INSTRUCTIONS),
    ),
    Field(
        RENEWAL,
        (effect.INSTRUCTIONS, effect.ACTIONS),
        instructions.check,
        current=effect.instructions,
        to_api=_instructions_to_api,
        # What is within is checked here: Ansible would break off on a list, and name no option for a wrong type.
        option={"type": "dict"},
        clear_option=CLEAR_RENEWAL,
        parts=instructions.INSTRUCTION_PARTS,
        column="renewal",
        is_completed=True,
        satisfies=instructions.matches,
        equal=instructions.same,
        words=wording.renewal_words,
        carried=True,
        undo=always_reversible,
        refuse=refusals.require_renewal,
        predict=renewals.of_instructions,
        looks_at=(
            effect.AUTO_RENEW_KEY,
            "offerId",
            "quantity",
            "billingCycle",
            "termDuration",
            "renewalTermDuration",
        ),
        optional_keys=(effect.INSTRUCTIONS, effect.ACTIONS, "renewalTermDuration"),
    ),
)
SUBSCRIPTION_UNSETTABLE: t.Final = (
    single(
        NEXT_CHARGE,
        NEXT_CHARGE_KEY,
        checks.text,
        satisfies=instructions.matches,
        complete=instructions.to_api,
        carried=True,
        optional_keys=(NEXT_CHARGE_KEY,),
    ),
)

CONTACT_SETTINGS: t.Final = (
    single("support_tenant_id", "supportTenantId", checks.guid, satisfies=ignoring_case),
    single("support_mpn_id", "supportMpnId", checks.text, satisfies=ignoring_case),
    single("name", "name", checks.text),
)

PROFILE_SETTINGS: t.Final = (
    single("email", "email", checks.text),
    single("telephone", "telephone", checks.text),
    single("website", "website", checks.text),
)


def contradictions(values: t.Mapping[str, t.Any]) -> t.Iterator[checks.Contradiction]:
    """What of a subscription cannot be asked for together."""
    end = values.get(END_OF_TERM)
    if end is not None and AUTO_RENEW in values:
        yield checks.Contradiction(AUTO_RENEW, END_OF_TERM, "is part of what {} sets: leave it out")
    if values.get(RENEWAL) and end is not None and not effect.asks_for_renewal(end):
        yield checks.Contradiction(RENEWAL, END_OF_TERM, "needs a renewal, and {} asks for none")
    if values.get(RENEWAL) and values.get(AUTO_RENEW) is False:
        yield checks.Contradiction(RENEWAL, AUTO_RENEW, "needs auto-renew, which {} turns off")
