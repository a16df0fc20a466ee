# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What Ansible is told of a fleet's outcome."""

from __future__ import annotations

import json
import typing as t
from collections import Counter
from pathlib import Path

from ansible.module_utils.common.parameters import remove_values

from ..._common import private_file
from ..._common.problems import Problem
from ..._common.redaction import Redactor
from ..._common.times import utc_text
from ..._common.words import many
from ..._engine.fleet import FleetResult
from ..._engine.fleet_apply import FleetOutcome
from ..._engine.planning.plans import FleetPlan, Scope, SubscriptionPlan, changes_shown
from ..._engine.progress import Progress
from ..._engine.runtime import utc_now
from ..._report.documents import read_document
from ..._report.failures import failure_of, group_failures
from ..._report.findings import About
from ..._state import kinds
from ..._state.end_of_term import effect
from ..._state.guard import GuardBreach
from ..._state.items import CONTACT
from ..._state.records.journal_runs import result_path
from ..results import diff_of, failure, presentable

#: So many errors are in the message; the outcomes have all of them.
_SHOWN: t.Final = 3


def shown_outcome(outcome: FleetOutcome, redactor: Redactor) -> dict[str, t.Any]:
    """Shape of one of a result's ``outcomes``."""
    error = outcome.error
    told = {
        **_whose(outcome.subject),
        "changed": outcome.changed,
        "failed": error is not None,
        "msg": _said(outcome, redactor),
        "error": None if error is None else error.to_dict(),
        "changes": changes_shown(outcome.subject, outcome.changes),
        "request_id": outcome.request_id,
        "correlation_id": outcome.correlation_id,
    }
    more = {
        "pending": outcome.pending,
        "warnings": list(outcome.warnings),
        "not_started": list(outcome.not_started),
        "not_attempted": not outcome.attempted,
    }
    return {**told, **{name: value for name, value in more.items() if value}}


def bare_outcome(outcome: FleetOutcome) -> dict[str, t.Any]:
    """What stands for an outcome that cannot be shown: which subscription it is about, and whether it was changed."""
    item = outcome.subject.item
    return {
        "customer_id": item.customer_id,
        "customer_name": None,
        "subscription_id": item.subscription_id or None,
        "offer_name": None,
        "changed": outcome.changed,
        "failed": True,
        "msg": "changed, but what was changed cannot be shown" if outcome.changed else "the outcome cannot be shown",
        "error": None,
        "changes": {},
        "request_id": outcome.request_id,
        "correlation_id": outcome.correlation_id,
    }


def _said(outcome: FleetOutcome, redactor: Redactor) -> str:
    if outcome.error is not None:
        return str(failure(outcome.error, redactor, outcome.not_started)["msg"])
    if not outcome.attempted:
        return "not attempted"
    if outcome.pending:
        return "accepted, not finished yet"
    return "changed" if outcome.changed else "unchanged"


def shown_unplanned(fleet: FleetPlan, redactor: Redactor) -> list[dict[str, t.Any]]:
    """
    Shape of a result's ``unplanned``: what could not be planned, then the settings that policies leave out. ``field``
    and ``policy`` are null in the former.
    """
    failed = [
        {**_whose(one), "field": None, "policy": None, "msg": failure(one.error, redactor)["msg"]}
        for one in fleet.subscriptions
        if one.error is not None
    ]
    return failed + [
        {**_whose(one.subject), "field": one.skipped.field, "policy": one.skipped.policy, "msg": f"{one.skipped}."}
        for one in fleet.skipped
    ]


def _whose(one: SubscriptionPlan) -> dict[str, t.Any]:
    return {
        "customer_id": one.item.customer_id,
        "customer_name": one.customer_name or None,
        "subscription_id": one.item.subscription_id or None,
        "offer_name": one.offer_name or None,
    }


def summary(scope: Scope, done: FleetResult, progress: Progress) -> dict[str, t.Any]:
    """Shape of a result's ``summary``."""
    counts, fleet, outcomes = progress.counts, done.fleet, done.outcomes
    return {
        "subscriptions": fleet.looked_at + fleet.unlisted,
        "planned": sum(one.is_changed for one in fleet.subscriptions),
        "changed": sum(outcome.changed for outcome in outcomes),
        "unchanged": fleet.unchanged
        + sum(not outcome.changed and outcome.error is None and outcome.attempted for outcome in outcomes),
        "failed": sum(outcome.error is not None for outcome in outcomes),
        "not_attempted": sum(not outcome.attempted for outcome in outcomes),
        "pending": sum(outcome.pending for outcome in outcomes),
        "unavailable": len(fleet.unavailable),
        "end_of_term": _planned_ends(done.plan),
        "policies": _policies(scope, done),
        "items": _items(scope, outcomes),
        "requests": counts.requests,
        "retries": counts.retries,
        "throttled": counts.throttled,
        "seconds": round(progress.seconds, 3),
    }


def _planned_ends(plan: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, int]:
    """How many end-of-term decisions are planned, by kind."""
    counts = Counter(entry["after"] for entry in plan if entry["field"] == effect.NAME)
    return {kind: counts[kind] for kind in effect.EFFECTS if counts[kind]}


def _policies(scope: Scope, done: FleetResult) -> list[dict[str, t.Any]]:
    """What each policy met, in their order."""
    skipped = {(one.skipped.policy, one.subject.item.key) for one in done.fleet.skipped}
    counts: dict[str, Counter[t.Any]] = {
        "matched": Counter(done.fleet.matched),
        "excluded": Counter(done.fleet.excluded),
        "changed": Counter(name for outcome in done.outcomes for name in _changed_by(outcome)),
        "skipped": Counter(policy for policy, _key in skipped),
    }
    return [
        {"name": policy.name, **{count: names[policy.name] for count, names in counts.items()}}
        for policy in scope.policies
    ]


def _items(scope: Scope, outcomes: t.Iterable[FleetOutcome]) -> dict[str, int]:
    changed = sum(None in _changed_by(outcome) for outcome in outcomes if outcome.subject.item.index is not None)
    return {"given": len(scope.items), "changed": changed}


def _changed_by(outcome: FleetOutcome) -> set[str | None]:
    """Names of the policies whose settings changed the subscription; None for its explicit item."""
    set_by = outcome.subject.item.set_by
    fields = {CONTACT if kinds.of(change.target.kind).part_of else change.field for change in outcome.changes}
    return {set_by.get(field) for field in fields}


def outcome_diff(outcome: FleetOutcome) -> dict[str, t.Any]:
    """One subscription's part of a result's ``diff``."""
    subject = outcome.subject
    return diff_of(changes_shown(subject, outcome.changes), str(subject))


def leave_beside_journal(result: t.Mapping[str, t.Any], run: t.Mapping[str, t.Any], secrets: t.Collection[str]) -> None:
    """
    Write the result as a report's JSON form beside the journal, as a new file of mode 0600. ``run``: what its journal
    says of it. Raises OSError.
    """
    made = {
        **run,
        "kind": "result",
        "created": utc_text(utc_now()),
        "digest": run["plan_digest"],
        "plan_digest": None,
    }
    report = remove_values(presentable(read_document(presentable(result), made)), secrets)
    path = result_path(run["journal_path"], run["run_id"])
    private_file.create(Path(path), json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def message(result: t.Mapping[str, t.Any], errors: t.Sequence[Problem], check_mode: bool) -> str:
    """What a failed task says first."""
    if isinstance(errors[0], GuardBreach):
        return str(errors[0])
    summary, left = result["summary"], result["summary"]["not_attempted"]
    failed = [one for one in result["outcomes"] if one["failed"]]
    said = [*map(str, errors[: len(errors) - len(failed)]), *_alike_failures(failed)]
    first = " ".join(f"({number}) {text}" for number, text in enumerate(said[:_SHOWN], 1))
    rest = f" And {many(len(said) - _SHOWN, 'other kind')} of failures." if len(said) > _SHOWN else ""
    changed = f"{summary['changed']} {'would be changed' if check_mode else 'changed'}"
    some_failed = f"{summary['failed']} of {many(summary['subscriptions'], 'subscription')}"
    who = some_failed if summary["failed"] else "No subscription"
    return f"{who} failed, {changed}, {left} {'was' if left == 1 else 'were'} not attempted. {first}{rest}"


def _alike_failures(failed: t.Sequence[t.Mapping[str, t.Any]]) -> t.Iterator[str]:
    """Alike failures as one, with their number, their code and the first names; the most frequent first."""
    failures = [failure_of(one, _whose_failure(one)) for one in failed]
    outcomes = {id(failure): one for failure, one in zip(failures, failed, strict=True)}
    for group in group_failures(failures):
        found = [outcomes[id(failure)] for failure in group.failures]
        if len(found) == 1:
            yield _with_subscription(found[0])
        else:
            text = " ".join(filter(None, (_without_code(found) or group.text, group.hint)))
            yield f"{len(found)} × {text} ({group.names()})"


def _without_code(outcomes: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """``800090: The quantity …``, for refusals of Partner Center that all say the same; else nothing."""
    errors = [outcome["error"] for outcome in outcomes]
    said = {(error.get("code") or error.get("status"), error.get("description")) for error in errors}
    ((code, description), *others) = said
    return f"{code}: {description}" if code and description and not others else ""


def _whose_failure(outcome: t.Mapping[str, t.Any]) -> About:
    names = (outcome.get(name) or "" for name in ("customer_id", "customer_name", "subscription_id", "offer_name"))
    return About(*names)


def _with_subscription(outcome: t.Mapping[str, t.Any]) -> str:
    """What an outcome says went wrong, with the subscription that it is about where it does not say that itself."""
    customer_id, subscription_id, msg = outcome["customer_id"], outcome["subscription_id"], str(outcome["msg"])
    if (subscription_id or customer_id).lower() in msg.lower():
        return msg
    customer = outcome["customer_name"] or f"customer {customer_id}"
    return f"{customer}, subscription {subscription_id}: {msg}" if subscription_id else f"{customer}: {msg}"
