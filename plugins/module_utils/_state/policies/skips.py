# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What a policy leaves alone, because the subscription is not one that can have it. Pure."""

from __future__ import annotations

import typing as t
from datetime import datetime

from ..._common.case import Raw
from ..._common.problems import Refused
from .. import kinds
from ..end_of_term import effect, eligibility
from ..field import Asked, Conditions
from ..predictions.refusals import WITHIN

#: What completes "Policy 'x' sets auto_renew_enabled, …".
_REASONS: t.Final[t.Mapping[str, str]] = {
    effect.NAME: "which active licences of new commerce have, an extended service term only those that are eligible",
    effect.AUTO_RENEW_NAME: "which would not end subscriptions, but let them go on in a paid extended service term",
}
_IN_EXTENDED_TERM: t.Final = "which cannot be changed in an extended service term"


def unsuitable(
    wanted: t.Mapping[str, t.Any], names: t.Iterable[str], raw: Raw, now: datetime, conditions: Conditions
) -> dict[str, str]:
    """
    Of the settings with these names, those that this subscription cannot have, with the reason. What it has already is
    not among them. ``wanted``: all that is asked of it.
    """
    found = {}
    for name in names:
        item = kinds.SUBSCRIPTION.field(name)
        if item.matches(raw, wanted[name]):
            continue
        is_cancelled = name == "status" and wanted[name] == "deleted"
        if eligibility.is_within(raw) and name not in WITHIN and not is_cancelled:
            found[name] = _IN_EXTENDED_TERM
        elif name in _REASONS:
            try:
                item.refuse(Asked(wanted[name], wanted, raw, now, conditions))
            except Refused:
                found[name] = _REASONS[name]
    return found
