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
from . import checks, instructions, predict, traits
from .field import YES, Contradiction, Reversal, always_reversible, ignoring_case, single, text_of


def _flag(current: t.Any, wanted: t.Any) -> bool:
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
    seats = traits.count(before) or 0
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
CLEAR_RENEWAL: t.Final = f"clear_{RENEWAL}"

SUBSCRIPTION: t.Final = (
    single("friendly_name", "friendlyName", checks.text, match="globs", placeholder=text_of("friendlyName")),
    single(
        "quantity",
        "quantity",
        checks.whole_number,
        check_expected=checks.count,
        satisfies=_number,
        undo=_undo_quantity,
        refuse=predict.require_seats,
        warnings=predict.of_quantity,
        looks_at=("billingType", "productType"),
        match="ranges",
        fact=traits.seats,
        placeholder=_seats_text,
    ),
    single(
        "auto_renew_enabled",
        "autoRenewEnabled",
        checks.flag,
        satisfies=_flag,
        carried=True,
        # Legacy subscriptions may say null for an auto-renew that is off.
        as_option=lambda value: False if value is None else value,
        undo=always_reversible,
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
        warnings=predict.of_status,
        match="words",
    ),
    single(
        "billing_cycle",
        "billingCycle",
        checks.text,
        satisfies=ignoring_case,
        refuse=predict.require_new_commerce,
        looks_at=("productType",),
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
    single(
        RENEWAL,
        instructions.KEY,
        instructions.check,
        # What is within is checked here: Ansible would break off on a list, and name no option for a wrong type.
        option={"type": "dict"},
        clear_option=CLEAR_RENEWAL,
        parts=instructions.PARTS,
        is_completed=True,
        satisfies=instructions.matches,
        equal=instructions.same,
        complete=instructions.to_api,
        carried=True,
        undo=always_reversible,
        refuse=predict.require_renewal,
        looks_at=(
            "autoRenewEnabled",
            "offerId",
            "quantity",
            "billingCycle",
            "termDuration",
            "renewalTermDuration",
        ),
        optional_keys=(instructions.KEY, "renewalTermDuration"),
    ),
)
SUBSCRIPTION_UNSETTABLE: t.Final = (
    single(
        NEXT_CHARGE,
        "nextChargeInstructions",
        checks.text,
        satisfies=instructions.matches,
        complete=instructions.to_api,
        carried=True,
        optional_keys=("nextChargeInstructions",),
    ),
)

SUPPORT_CONTACT: t.Final = (
    single("support_tenant_id", "supportTenantId", checks.guid, satisfies=ignoring_case),
    single("support_mpn_id", "supportMpnId", checks.text, satisfies=ignoring_case),
    single("name", "name", checks.text),
)

SUPPORT_PROFILE: t.Final = (
    single("email", "email", checks.text),
    single("telephone", "telephone", checks.text),
    single("website", "website", checks.text),
)


def contradictions(values: t.Mapping[str, t.Any]) -> t.Iterator[Contradiction]:
    """What of a subscription cannot be asked for together."""
    if values.get(RENEWAL) and values.get("auto_renew_enabled") is False:
        yield Contradiction(RENEWAL, "auto_renew_enabled", "needs auto-renew, which {} turns off")
