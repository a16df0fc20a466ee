# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A fleet's plan as users and files see it: one entry a change, and the digest of all of them."""

from __future__ import annotations

import typing as t

from ansible_collections.csp.partner_center.plugins.module_utils._engine.survey import Subject
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import CONTACT
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Change


def entries(subject: Subject) -> list[dict[str, t.Any]]:
    """The changes planned for one subscription; its support contact is one field."""
    if not subject.is_changed:
        return []
    return [entry for part in subject.parts for entry in _of_part(subject, part.plan.changes)]


def changes(subject: Subject, made: t.Iterable[Change]) -> dict[str, dict[str, t.Any]]:
    """Changes of one subscription as results show them: ``{field: {before, after}}``."""
    return {entry["field"]: {"before": entry["before"], "after": entry["after"]} for entry in _of_part(subject, made)}


def _of_part(subject: Subject, made: t.Iterable[Change]) -> t.Iterator[dict[str, t.Any]]:
    contact: list[Change] = []
    for change in made:
        if change.target.kind == CONTACT:
            contact.append(change)
            continue
        yield _entry(subject, change.field, change.before, change.after, change)
    if contact:
        before = {item.name: fields.view(item, subject.contact_before) for item in fields.SETTABLE[CONTACT]}
        had_one = any(value not in (None, "") for value in before.values())
        yield _entry(subject, CONTACT, before if had_one else None, _contact_after(subject, before), contact[0])


def _contact_after(subject: Subject, before: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    desired = next(part.plan.desired for part in subject.parts if part.plan.desired.target.kind == CONTACT)
    return {**before, **desired.looked_up, **desired.given}


def _entry(subject: Subject, field: str, before: t.Any, after: t.Any, change: Change) -> dict[str, t.Any]:
    item = subject.item
    first_contact = field == CONTACT and before is None
    entry = {
        "customer_id": item.customer_id,
        "customer_name": subject.customer_name or None,
        "subscription_id": item.subscription_id,
        "offer_name": subject.offer_name or None,
        "field": field,
        "before": before,
        "after": after,
        "policy": item.set_by.get(field),
        "reversible": "no" if first_contact else "yes" if field == CONTACT else change.reversal.reversible,
        "reason": "a first support contact cannot be cleared"
        if first_contact
        else ""
        if field == CONTACT
        else change.reversal.reason,
    }
    return {**entry, "drops": dict(change.drops)} if change.drops else entry
