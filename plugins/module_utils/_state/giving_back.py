# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Scheduled changes that an earlier run owes a subscription: whether a task gives them back, and what it says of
what earlier runs have left open. Pure.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.csp.partner_center.plugins.module_utils._common import case
from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._common.times import parse_time
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields, predict, recorded, traits
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import Key
from ansible_collections.csp.partner_center.plugins.module_utils._state.journal_rest import Doubtful, LeftOpen, Owed
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Raw, ScheduledChanges

_MONTHS: t.Final[t.Mapping[str, int]] = {"P1M": 1, "P1Y": 12, "P3Y": 36}
_SHOWN: t.Final = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """``value``: the renewal instructions to write back; else ``why_not``, or nothing where none are missing."""

    value: t.Mapping[str, t.Any] | None = None
    why_not: str = ""


def verdict(
    owed: Owed, raw: Raw, given: t.Mapping[str, t.Any], expect: t.Collection[str], mode: ScheduledChanges
) -> Verdict:
    """
    Whether a task gives back what is owed. ``given`` and ``expect``: what it wants and expects of the subscription.

    Only what is missing now, could be there, and belongs to the term that still goes on: nobody can have wanted it to
    be lost. What somebody has set since stands.
    """
    missing = [name for name in owed.schedules if name not in given and _is_missing(name, raw)]
    if not missing:
        return Verdict()
    if fields.RENEWAL not in missing:
        return Verdict(why_not="no option sets instructions for the next charge")
    if mode != "restore":
        return Verdict(why_not=f"scheduled_changes is {mode}")
    if fields.RENEWAL in expect:
        return Verdict(why_not="the task says what it expects there")
    if not predict.may_renew(raw, given):
        return Verdict(why_not="the subscription is not active, or does not renew")
    began, lost = _term_began(raw), parse_time(owed.time)
    if began is None or lost is None or lost < began:
        return Verdict(why_not="it may have been renewed since")
    try:
        value = recorded.as_option(fields.RENEWAL, recorded.plain(owed.schedules[fields.RENEWAL], fields.RENEWAL))
        return Verdict(recorded.checked(fields.RENEWAL, value, fields.RENEWAL))
    except (InvalidInput, Refused) as problem:
        return Verdict(why_not=f"what the journal holds cannot be set: {problem.message.rstrip('.')}")


def settled(owed: Owed, raw: Raw, given: t.Mapping[str, t.Any]) -> list[str]:
    """What of it is owed no longer: it is there, or the task asks for none."""
    wants_none = {name for name, value in given.items() if value is None}
    return [name for name in owed.schedules if name in wants_none or not _is_missing(name, raw)]


def _is_missing(name: str, raw: Raw) -> bool:
    return fields.shows(fields.field_of("subscription", name), raw, None)


def _term_began(raw: Raw) -> datetime | None:
    """When the term began; None where that is not known."""
    end, months = traits.term_end(raw), _MONTHS.get(str(case.get(raw, "termDuration") or "").upper())
    if end is None or months is None:
        return None
    year, month = divmod(end.year * 12 + end.month - 1 - months, 12)
    try:
        return end.replace(year=year, month=month + 1)
    except ValueError:
        # That month has fewer days. Rather too late: then nothing is given back, and the user is told.
        return end.replace(year=year, month=month + 1, day=28) + timedelta(days=4)


def set_by(owed: Owed) -> str:
    """What the plan names where it would name a policy."""
    return f"unfinished run {owed.run}"


def told(left: LeftOpen, verdicts: t.Mapping[Key, Verdict], path: str) -> t.Iterator[str]:
    """What the user has to know. ``verdicts``: of those subscriptions that the task is about."""
    planned = [one for key, one in left.owed.items() if key in verdicts and verdicts[key].value is not None]
    if planned:
        yield (
            f"An earlier run deleted scheduled changes with a change and did not come to writing them back: "
            f"{_listed(planned)}. They are planned again, as set by the unfinished run."
        )
    missing = [(one, why) for key, one in left.owed.items() if (why := _why_missing(key, one, verdicts))]
    for one, why in missing[:_SHOWN]:
        yield (
            f"Run {one.run} ({one.time}) deleted scheduled changes of subscription {one.subscription_id} of customer "
            f"{one.customer_id} with a change and did not come to writing them back. This task does not do that, "
            f"because {why}. Unless somebody has set them since, set them: {_item(one)}. Or take that run back: "
            f"ansible-playbook csp.partner_center.fleet_rollback -e journal_path={path} -e run_id={one.run}"
        )
    if len(missing) > _SHOWN:
        others = [one for one, _why in missing[_SHOWN:]]
        yield f"The same is true of {len(others)} more subscriptions: {_listed(others)}."
    if left.doubtful:
        count = "a write" if len(left.doubtful) == 1 else f"{len(left.doubtful)} writes"
        yield (
            f"An earlier run did not end, and {count} may have been made: {_listed(left.doubtful)}. Each subscription "
            f"is read before it is written, so that nothing is done twice; the journal {path} says what they were."
        )


def _why_missing(key: Key, owed: Owed, verdicts: t.Mapping[Key, Verdict]) -> str:
    """Why this task does not give back what is owed; empty where it does, nothing is missing, or it was said before."""
    if key not in verdicts:
        return "" if owed.is_told else "it is not about that subscription"
    return verdicts[key].why_not


def _listed(found: t.Sequence[Owed | Doubtful]) -> str:
    shown = ", ".join(
        f"{' and '.join(one.schedules if isinstance(one, Owed) else one.names)} of subscription {one.subscription_id} "
        f"of customer {one.customer_id} (run {one.run})"
        for one in found[:_SHOWN]
    )
    return f"{shown} and {len(found) - _SHOWN} more" if len(found) > _SHOWN else shown


def _item(owed: Owed) -> str:
    values = {name: recorded.as_option(name, value) for name, value in owed.schedules.items()}
    ids = {"customer_id": owed.customer_id, "subscription_id": owed.subscription_id}
    return json.dumps({**ids, **values}, ensure_ascii=False)
