# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Scheduled changes that an earlier run has deleted and not restored: whether a task restores them, and what it
says of what earlier runs have left unfinished. Pure.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..._common import case
from ..._common.problems import InvalidInput, Refused
from ..._common.times import parse_time
from ..._common.words import many, some
from .. import kinds, traits
from ..field import ScheduledChanges
from ..items import Key
from ..model import Raw
from ..schedules.table import ROWS_BY_NAME, ScheduledChange
from . import recorded_change
from .journal_format import PendingRestore
from .unfinished_runs import UncertainWrite, UnfinishedWork

_MONTHS: t.Final[t.Mapping[str, int]] = {"P1M": 1, "P1Y": 12, "P3Y": 36}
_SHOWN: t.Final = 5
#: How long a write may be pending (Microsoft, "Partner Center error codes", 900278: "retry after 24 hours").
_LONGEST_OPERATION: t.Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RestoreDecision:
    """``values``: option -> value, what is asked for besides; else ``why_not``, or nothing where none are missing."""

    values: t.Mapping[str, t.Any] = field(default_factory=dict)
    why_not: str = ""


def restore_decision(
    pending: PendingRestore,
    raw: Raw,
    given: t.Mapping[str, t.Any],
    expect: t.Collection[str],
    mode: ScheduledChanges,
) -> RestoreDecision:
    """
    Whether a task restores what is pending. ``given`` and ``expect``: what it wants and expects of the subscription.

    Only what is missing now, could be there, and belongs to the term that still goes on: nobody can have wanted it to
    be lost. What somebody has set since stands.
    """
    missing = [
        row
        for row in map(ROWS_BY_NAME.get, pending.schedules)
        if row is not None and not row.is_asked(given) and row.is_gone(raw, pending.schedules[row.name])
    ]
    rows = [row for row in missing if row.settings]
    if not missing:
        return RestoreDecision()
    if not rows:
        return RestoreDecision(why_not=f"no option sets {' and '.join(row.called for row in missing)}")
    if mode != "restore":
        return RestoreDecision(why_not=f"scheduled_changes is {mode}")
    if any(name in expect for row in rows for name in row.settings):
        return RestoreDecision(why_not="the task's expect covers them")
    impossible = [row.why_not for row in rows if not row.can_be_there(raw, given)]
    if impossible:
        return RestoreDecision(why_not=impossible[0])
    began, lost = _term_began(raw), parse_time(pending.time)
    if began is None or lost is None or lost < began:
        return RestoreDecision(why_not="it may have been renewed since")
    try:
        return RestoreDecision({row.settings[0]: _option(row, pending) for row in rows})
    except (InvalidInput, Refused) as problem:
        return RestoreDecision(why_not=f"the values in the journal cannot be set: {problem.message.rstrip('.')}")


def _option(row: ScheduledChange, pending: PendingRestore) -> t.Any:
    """The value with which an option brings it back; raises InvalidInput or Refused where none can."""
    name, former = row.settings[0], recorded_change.plain_json(pending.schedules[row.name], row.name)
    value = recorded_change.as_option(name, row.to_option(former))
    return recorded_change.checked_value(name, value, name)


def not_needed(pending: PendingRestore, raw: Raw, given: t.Mapping[str, t.Any], now: datetime) -> list[str]:
    """
    What of it need not be restored any more: the task asks for none, or it is there for good.

    As long as the write that deletes it may still be made, what is there may still go.
    """
    is_over = _is_over(pending, raw, now)
    return [
        row.name
        for row in map(ROWS_BY_NAME.get, pending.schedules)
        if row is not None
        and (row.is_unwanted(given) or (is_over and not row.is_gone(raw, pending.schedules[row.name])))
    ]


def _is_over(pending: PendingRestore, raw: Raw, now: datetime) -> bool:
    """Whether the write that deletes the scheduled changes has been made, or will not be made any more."""
    began = parse_time(pending.time)
    if began is not None and now - began > _LONGEST_OPERATION:
        return True
    settable = {item.name: item for item in kinds.SUBSCRIPTION.settings}
    return all(name in settable and settable[name].matches(raw, value) for name, value in pending.written.items())


def _term_began(raw: Raw) -> datetime | None:
    """When the term began; None where that is not known."""
    end, months = traits.term_end(raw), _MONTHS.get(str(case.get(raw, "termDuration") or "").upper())
    if end is None or months is None:
        return None
    year, month = divmod(end.year * 12 + end.month - 1 - months, 12)
    try:
        return end.replace(year=year, month=month + 1)
    except ValueError:
        # That month has fewer days. Rather too late: then nothing is restored, and the user is told.
        return end.replace(year=year, month=month + 1, day=28) + timedelta(days=4)


def set_by(pending: PendingRestore) -> str:
    """What the plan names where it would name a policy."""
    return f"unfinished run {pending.run}"


def unfinished_warnings(left: UnfinishedWork, decisions: t.Mapping[Key, RestoreDecision], path: str) -> t.Iterator[str]:
    """
    What the user has to know of earlier runs. ``decisions``: of those subscriptions that the task covers; ``path``: of
    the journal.
    """
    planned = [one for key, one in left.pending_restores.items() if key in decisions and decisions[key].values]
    if planned:
        yield (
            f"An earlier run made changes that deleted scheduled changes, and did not restore them: {_first(planned)}."
            " They are planned again; the plan names the unfinished run where it would name a policy."
        )
    missing = [(one, why) for key, one in left.pending_restores.items() if (why := _why_missing(key, left, decisions))]
    for one, why in missing[:_SHOWN]:
        yield (
            f"Run {one.run} ({one.time}) made a change that deleted scheduled changes of subscription "
            f"{one.subscription_id} of customer {one.customer_id}, and did not restore them. This task does not restore"
            f" them, because {why}. Unless somebody has set them since, set them: {_item(one)}. Or roll that run back: "
            f"ansible-playbook csp.partner_center.fleet_rollback -e journal_path={path} -e run_id={one.run}"
        )
    if len(missing) > _SHOWN:
        others = [one for one, _why in missing[_SHOWN:]]
        yield f"The same is true of {many(len(others), 'more subscription')}: {_first(others)}."
    if left.uncertain_writes:
        count = many(len(left.uncertain_writes), "write")
        yield (
            f"An earlier run did not end, and {count} may have been made: {_first(left.uncertain_writes)}. Each "
            f"subscription is read before it is changed, so nothing is done twice. For details see the journal {path}."
        )
    if left.elsewhere:
        tenants = ", ".join(sorted({str(tenant) for tenant, _one in left.elsewhere}))
        yield (
            f"Runs with other credentials or at another address have left work in the journal {path}, which this task "
            f"cannot finish: {_first([one for _tenant, one in left.elsewhere])}. Run a task with that journal_path "
            f"and the credentials for the tenant {tenants}."
        )


def _why_missing(key: Key, left: UnfinishedWork, decisions: t.Mapping[Key, RestoreDecision]) -> str:
    """Why this task does not restore them; empty where it does, nothing is missing, or an earlier run has warned."""
    if key not in decisions:
        return "" if key in left.reported else "it does not cover that subscription"
    return decisions[key].why_not


def _first(found: t.Sequence[PendingRestore | UncertainWrite]) -> str:
    return some([f"{' and '.join(_names(one))} of {_resource(one)} (run {one.run})" for one in found], _SHOWN)


def _names(one: PendingRestore | UncertainWrite) -> t.Iterable[str]:
    return one.schedules if isinstance(one, PendingRestore) else one.names


def _resource(one: PendingRestore | UncertainWrite) -> str:
    if isinstance(one, UncertainWrite):
        return one.resource
    return kinds.describe(kinds.SUBSCRIPTION.name, one.customer_id, one.subscription_id)


def _item(pending: PendingRestore) -> str:
    values = {}
    for name, value in pending.schedules.items():
        row = ROWS_BY_NAME.get(name)
        option = name if row is None or not row.settings else row.settings[0]
        values[option] = recorded_change.as_option(option, value if row is None else row.for_people(value))
    ids = {"customer_id": pending.customer_id, "subscription_id": pending.subscription_id}
    return json.dumps({**ids, **values}, ensure_ascii=False)
