# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Who can be a support contact: one of the partner's indirect resellers.

Source: Microsoft, "Update a subscription's support contact": the contact must be an existing reseller with a
relationship to the partner.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .._common import case
from .._common.case import same_guid
from .._common.problems import Problem, Refused
from .._common.words import some
from . import kinds, traits
from .field import Reversal
from .model import Desired, Plan, Raw

#: contact field -> key of a relationship
_KEYS: t.Final = {"support_tenant_id": "id", "support_mpn_id": "mpnId", "name": "name"}
_SHOWN = 10

#: Partner Center's default cannot be set again: it is no indirect reseller. (Microsoft, "Assign support contacts".)
REPLACES_PARTNER: t.Final = Reversal(
    "no", "the support contact was the partner itself, and only an indirect reseller can be set"
)

_UNIQUE: t.Final = "Give support_tenant_id, which is unique."
_RELATED: t.Final = "The support contact must be an indirect reseller with a relationship to the partner."


def require_legacy(desired: Desired, subscription: Raw) -> None:
    """
    Raises Refused where the subscription is of new commerce, for which Microsoft keeps no support contact.

    Source: Microsoft, "Update a subscription's support contact" (new commerce is not supported).
    """
    if traits.is_new_commerce(subscription):
        raise Refused(
            f"Partner Center has no support contact for new-commerce subscriptions, and subscription "
            f"{desired.target.subscription_id} is one: Microsoft keeps support contacts for legacy subscriptions only.",
            "Leave the support contact out. Who supports a new-commerce subscription is its reseller on record, "
            "partner_id. To send the contact all the same, set allow_new_commerce: true.",
        )


def with_reversal(plan: Plan, contact: Raw, tenant_id: str | None) -> Plan:
    """The plan, saying that Partner Center's default is not laid back. ``tenant_id``: of the partner itself."""
    if not is_partner(case.get(contact, "supportTenantId"), tenant_id):
        return plan
    return replace(plan, changes=tuple(replace(change, reversal=REPLACES_PARTNER) for change in plan.changes))


def is_partner(support_tenant_id: t.Any, tenant_id: t.Any) -> bool:
    """Whether a contact's tenant is the partner's own, as far as that is known."""
    return same_guid(support_tenant_id, tenant_id)


def complete_contact(desired: Desired, resellers: t.Iterable[Raw]) -> Desired:
    """
    The desired contact with what the user left out looked up among the partner's indirect resellers.

    Raises Refused, listing the candidates, where none or several match.
    """
    known = {tuple(contact.items()): contact for contact in map(_as_contact, resellers)}.values()
    matching = [contact for contact in known if _is_meant(contact, desired.wanted)]
    if len(matching) != 1:
        raise _not_found(desired.wanted, matching, list(known))
    looked_up = {name: value for name, value in matching[0].items() if name not in desired.wanted}
    missing = [name for name, value in looked_up.items() if not value]
    if missing:
        raise Refused(
            f"Partner Center lists the indirect reseller {matching[0]['name'] or matching[0]['support_tenant_id']} "
            f"without {' and '.join(missing)}.",
            f"Give {' and '.join(missing)} as well, with validate_reseller: false.",
        )
    return replace(desired, looked_up=looked_up)


def _as_contact(reseller: Raw) -> dict[str, str]:
    return {name: str(case.get(reseller, key) or "") for name, key in _KEYS.items()}


def _is_meant(contact: t.Mapping[str, str], given: t.Mapping[str, t.Any]) -> bool:
    return all(kinds.SUPPORT_CONTACT.field(name).satisfies(contact[name], value) for name, value in given.items())


def _not_found(
    given: t.Mapping[str, t.Any], matching: t.Sequence[t.Mapping[str, str]], known: t.Sequence[t.Mapping[str, str]]
) -> Refused:
    asked = ", ".join(f"{name}={value}" for name, value in given.items())
    if matching:
        message, listed = f"{len(matching)} of the partner's indirect resellers match {asked}", matching
        hint = _UNIQUE
    else:
        near = [one for one in known if any(_is_meant(one, {name: value}) for name, value in given.items())]
        who = f"None of the partner's {len(known)} indirect resellers" if known else "No reseller of the partner"
        message, listed = f"{who} matches {asked}", near or known
        hint = _RELATED
    shown = [
        f"{one['name']} (support_mpn_id {one['support_mpn_id']}, support_tenant_id {one['support_tenant_id']})"
        for one in listed
    ]
    listing = f"Candidates: {some(shown, _SHOWN, '; ')}." if shown else ""
    candidates = [dict(one) for one in listed[:_SHOWN]]
    return Refused(f"{message}.", f"{listing} {hint}".lstrip(), candidates=candidates)


def named_once(errors: t.Iterable[Problem | None]) -> list[Problem | None]:
    """The same errors, where candidates that are named with one of them are not named again with the next."""
    named: set[str] = set()
    told: list[Problem | None] = []
    for error in errors:
        hint = "" if error is None or not error.details.get("candidates") else str(error.hint)
        if error is not None and hint in named:
            advice = next((one for one in (_UNIQUE, _RELATED) if hint.endswith(one)), None)
            told.append(Refused(error.message, advice))
        else:
            told.append(error)
            named |= {hint} - {""}
    return told
