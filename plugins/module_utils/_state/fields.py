# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The tables of settings: how each is checked, compared, shown and laid over a received resource, a row each.

Everything that needs to know a setting (argument specs, diff, policies, guard, journal) derives from its row.
"""

from __future__ import annotations

import typing as t

from .._common.problems import InvalidInput
from . import checks, instructions
from .field import ignoring_case, single


def _flag(current: t.Any, wanted: t.Any) -> bool:
    # Legacy subscriptions may answer null for an auto-renew that is off.
    return current in (None, True, False) and bool(current) == wanted


def _number(current: t.Any, wanted: t.Any) -> bool:
    return not isinstance(current, bool) and bool(current == wanted)


def _any_text(option: str, value: t.Any) -> str:
    return value if isinstance(value, str) else checks.text(option, value)


#: What the options of a cancelled, suspended or active subscription are called.
STATUSES: t.Final = ("active", "suspended", "deleted")

RENEWAL: t.Final = "scheduled_next_term_instructions"
NEXT_CHARGE: t.Final = "next_charge_instructions"
CLEAR_RENEWAL: t.Final = f"clear_{RENEWAL}"

SUBSCRIPTION: t.Final = (
    single("friendly_name", "friendlyName", checks.text),
    single("quantity", "quantity", checks.whole_number, check_expected=checks.count, satisfies=_number),
    single("auto_renew_enabled", "autoRenewEnabled", checks.flag, satisfies=_flag, carried=True),
    single(
        "status",
        "status",
        checks.one_of(*STATUSES),
        # What nobody can ask for, such as the status expired, can still be what is expected.
        check_expected=_any_text,
        option={"type": "str", "choices": list(STATUSES)},
        satisfies=ignoring_case,
    ),
    single("billing_cycle", "billingCycle", checks.text, satisfies=ignoring_case),
    single("partner_id", "partnerId", checks.text, satisfies=ignoring_case),
    single(
        RENEWAL,
        instructions.KEY,
        instructions.check,
        # What is within is checked here: Ansible would break off on a list, and name no option for a wrong type.
        option={"type": "dict"},
        clear_option=CLEAR_RENEWAL,
        satisfies=instructions.matches,
        complete=instructions.to_api,
        carried=True,
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


def require_auto_renew_for_instructions(path: str, checked: t.Mapping[str, t.Any]) -> None:
    """Raises InvalidInput where renewal instructions are asked for and auto-renew is turned off."""
    if checked.get(RENEWAL) and checked.get("auto_renew_enabled") is False:
        raise InvalidInput(f"{path}{RENEWAL}", "needs auto-renew, which auto_renew_enabled turns off.")
