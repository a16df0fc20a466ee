# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A fleet's plan as users and files see it: one entry a change."""

from __future__ import annotations

import typing as t

from .._common.problems import Refused
from .._state import kinds
from .._state.model import Change, Target
from .._state.records.plan_file import canonical_json
from .subjects import Subject


def entries(subject: Subject) -> list[dict[str, t.Any]]:
    """The changes planned for one subscription; its support contact is one field."""
    if not subject.is_changed:
        return []
    return [entry for part in subject.parts for entry in _of_part(subject, part.plan.changes)]


def require_writable(subject: Subject) -> None:
    """Raises Refused for a change with a value that no plan, journal or result can hold."""
    for entry in entries(subject):
        try:
            canonical_json(entry)
        except (TypeError, ValueError, RecursionError) as error:
            raise Refused(
                f"{entry['field']}: Partner Center's answer holds a value that cannot be written as JSON: {error}."
            ) from error


def changes(subject: Subject, made: t.Iterable[Change]) -> dict[str, dict[str, t.Any]]:
    """Changes of one subscription as results show them: ``{field: {before, after}}``."""
    return {entry["field"]: {"before": entry["before"], "after": entry["after"]} for entry in _of_part(subject, made)}


def _of_part(subject: Subject, made: t.Iterable[Change]) -> t.Iterator[dict[str, t.Any]]:
    contact: Target | None = None
    for change in made:
        if kinds.of(change.target.kind).part_of:
            contact = change.target
        else:
            yield _entry(subject, change)
    if contact is not None:
        yield _entry(subject, _whole_contact(subject, contact))


def _whole_contact(subject: Subject, target: Target) -> Change:
    """What changes of a support contact, as the one field that users see."""
    desired = next(part.plan.desired for part in subject.parts if part.plan.desired.target == target)
    before = kinds.item_setting(target.kind).view(subject.contact_before)
    after = {**before, **desired.looked_up, **desired.wanted}
    if all(value in (None, "") for value in before.values()):
        return Change(target, target.kind, None, after, kinds.of(target.kind).first)
    return Change(target, target.kind, before, after)


def _entry(subject: Subject, change: Change) -> dict[str, t.Any]:
    item = subject.item
    entry = {
        "customer_id": item.customer_id,
        "customer_name": subject.customer_name or None,
        "subscription_id": item.subscription_id,
        "offer_name": subject.offer_name or None,
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "policy": item.set_by.get(change.field),
        "reversible": change.reversal.reversible,
        "reason": change.reversal.reason,
    }
    return {**entry, "drops": dict(change.drops)} if change.drops else entry
