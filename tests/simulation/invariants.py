# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
What must hold of every history, whatever happens in it. Each invariant is a function whose first line is its sentence.

They look at the service's own log and its stored subscriptions, at the bytes of the journals, and at what the user is
told; none of them asks the engine whether it did well.
"""

from __future__ import annotations

import json
import typing as t
from functools import cached_property

from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import AmbiguousWrite
from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Conflict, Defect, Problem
from ansible_collections.csp.partner_center.plugins.module_utils._engine.errors import (
    Damaged,
    NotApplied,
    OperationTimedOut,
    OutcomeUnknown,
)
from ansible_collections.csp.partner_center.plugins.module_utils._engine.fleet import FleetResult
from ansible_collections.csp.partner_center.plugins.module_utils._engine.fleet_apply import FleetOutcome

from . import stored
from .clockwork import Endless
from .play import Played, Story
from .service import TIME, Asked, Changed, Ids, Raw
from .stored import KEYS, SCHEDULES, differing

#: After these, what the server did is not known for sure, or is known to be other than asked; and the user is told so.
OPEN: t.Final = (Damaged, NotApplied, OperationTimedOut, OutcomeUnknown, AmbiguousWrite)
_OWN_KEYS: t.Final = (
    "friendlyName",
    "quantity",
    "status",
    "autoRenewEnabled",
    "partnerId",
    "billingCycle",
    "(contact)",
)
_SECRET: t.Final = "token-of-the-simulation"


class View:
    """What happened in a story, looked up by run and subscription."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.played = story.played
        self.changes = story.service.changes
        self.asked = story.service.log
        self.switches = story.service.world.switches

    def outcomes(self, played: Played) -> dict[Ids, FleetOutcome]:
        if played.result is None:
            return {}
        return {one.subject.item.key: one for one in played.result.outcomes}

    def planned(self, played: Played) -> dict[Ids, dict[str, Raw]]:
        """By subscription, field -> entry of the plan."""
        found: dict[Ids, dict[str, Raw]] = {}
        for entry in played.result.plan if played.result is not None else ():
            key = entry["customer_id"].lower(), entry["subscription_id"].lower()
            found.setdefault(key, {})[entry["field"]] = entry
        return found

    def during(self, played: Played, ids: Ids) -> list[Changed]:
        return [self.changes[number] for number in played.changes if self.changes[number].ids == ids]

    def since(self, played: Played, ids: Ids) -> list[Changed]:
        """What has changed from the beginning of a run to the end of the history."""
        return [change for change in self.changes[played.changes.start :] if change.ids == ids]

    def others(self, played: Played, ids: Ids) -> set[str]:
        """The keys that somebody else, time, or another run has changed meanwhile."""
        return keys_of(change for change in self.during(played, ids) if not is_of(change, played))

    def is_behind(self, played: Played, ids: Ids) -> bool:
        """
        Whether a read of the run was answered with what was there before a change that it did not make itself: nothing
        tells a client so. Nor where a write had no effect, and the read after it shows what was there before the last.
        """
        mine = [self.asked[n] for n in played.asked if self.asked[n].run == played.number]
        if any(one.fault == "not_applied" and one.ids == ids for one in mine) and any(
            one.fault == "stale" and one.ids == ids for one in mine
        ):
            return True
        for number in played.asked:
            asked = self.asked[number]
            if asked.fault == "stale" and asked.run == played.number and asked.ids in (None, ids):
                last = next((one for one in reversed(self.changes[: asked.after]) if one.ids == ids), None)
                if last is None or not is_of(last, played):
                    return True
        return False

    def effective(self, played: Played, ids: Ids | None = None) -> list[Asked]:
        """The writes of a run that changed something, also after its end."""
        return [
            one for one in self.asked if one.run == played.number and one.effective and (ids is None or one.ids == ids)
        ]

    @cached_property
    def intents(self) -> dict[str, tuple[Played, Raw]]:
        """By request id, from the journals as they are at the end."""
        found = {}
        by_id = {one.run_id: one for one in self.played}
        for line in self.lines:
            if line["event"] == "intent" and line["run"] in by_id:
                found[line["request_id"]] = by_id[line["run"]], line
        return found

    @cached_property
    def lines(self) -> list[Raw]:
        return [line for path in self.story.disk.files for line in lines_of(self.story.journal(path))]


def lines_of(text: str) -> list[Raw]:
    found = []
    for line in text.split("\n"):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def is_of(change: Changed, played: Played) -> bool:
    return isinstance(change.by, Asked) and change.by.run == played.number


def keys_of(changes: t.Iterable[Changed]) -> set[str]:
    return {key for change in changes for key in differing(change.before, change.after)}


Found = t.Iterator[str]


def every_run_ends(view: View) -> Found:
    """Every run ends, whatever the service answers, and never waits for itself."""
    if view.story.kernel.failure is not None:
        yield view.story.kernel.failure
    for played in view.played:
        if isinstance(played.error, Endless) or (played.result is not None and _has_endless(played)):
            yield f"{played.name} made more than {played.steps - 1} steps"


def _has_endless(played: Played) -> bool:
    return played.result is not None and any("Endless" in str(one) for one in played.result.errors)


def the_result_is_always_there(view: View) -> Found:
    """A run that was not killed has a result: an outcome for each subscription that it is about, and no defect."""
    for played in view.played:
        if played.is_dead:
            continue
        if played.result is None:
            if not isinstance(played.error, Problem) or isinstance(played.error, Defect):
                yield f"{played.name} ended with {played.error!r}"
            continue
        for error in (*played.result.errors, *(one.error for one in played.result.outcomes)):
            if isinstance(error, Defect):
                yield f"{played.name}: {error}"
        if played.result.is_planned:
            yield from _missing(view, played, played.result)


def _missing(view: View, played: Played, result: FleetResult) -> Found:
    plan = result.fleet
    is_smooth = not any(played.met.values()) and all((view.asked[n].status or 500) < 400 for n in played.asked)
    if played.policies and is_smooth and plan.looked_at < len(played.before):
        yield f"{played.name} has looked at {plan.looked_at} of {len(played.before)} subscriptions"
    told = [one.subject.item.key for one in result.outcomes]
    whole = [key for key in told if key[1]]
    if len({*whole}) != len(whole):
        yield f"{played.name} tells of a subscription twice"
    yield from _unread(view, played, result)
    for entry in result.plan:
        # What was the service's own mark may become a decision.
        if entry["before"] == entry["after"] and entry["field"] != "end_of_term":
            yield f"{played.name} plans to change nothing: {entry['field']} of {entry['subscription_id']}"
    missing = ({*map(_key, played.items)} | view.planned(played).keys()) - {*told}
    if missing:
        yield f"{played.name} says nothing of {sorted(missing)}"


def _unread(view: View, played: Played, result: FleetResult) -> Found:
    """Customers that could not be read, and of which nothing is said."""
    last = {}
    for number in played.asked:
        asked = view.asked[number]
        parts = asked.path.split("/")
        if asked.run == played.number and len(parts) == 5 and parts[4] == "subscriptions":
            last[parts[3].lower()] = asked
    told = {one["customer_id"].lower() for one in result.fleet.unavailable}
    told |= {one.subject.item.customer_id.lower() for one in result.outcomes if one.error is not None}
    for customer, asked in last.items():
        is_refused = (asked.status or 500) >= 400 or (asked.fault == "body" and not asked.is_list)
        if is_refused and customer not in told:
            yield f"{played.name} says nothing of customer {customer}, who could not be read"


def _key(item: Raw) -> Ids:
    return item["customer_id"].lower(), item["subscription_id"].lower()


def the_journal_ends_with_the_run(view: View) -> Found:
    """A run that was not killed leaves an outcome for each intent in its journal, and the journal's end."""
    for played in view.played:
        if played.is_dead or played.result is None or not played.result.is_planned or played.run_id is None:
            continue
        is_full = played.journal_failure is not None
        mine = [line for line in lines_of(played.text) if line.get("run") == played.run_id]
        if not is_full and not any(line["event"] == "end" for line in mine):
            yield f"{played.name} has no end in its journal"
        starts = [line["event"] for line in mine if line["event"] in ("start", "intent")]
        if not is_full and starts and starts[0] != "start":
            yield f"{played.name} has no start in its journal"
        told = {line["request_id"] for line in mine if line["event"] == "outcome"}
        for line in mine:
            if line["event"] == "intent" and line["request_id"] not in told:
                yield f"{played.name} has an intent without an outcome: {line['request_id']}"


def no_write_without_its_intent(view: View) -> Found:
    """Before a write is sent, its intent is on the disk; only what gives back scheduled changes does without."""
    by_number = {one.number: one for one in view.played}
    for asked in view.asked:
        if asked.had_intent:
            continue
        played = by_number[asked.run]
        made = [change for change in view.changes if change.by is asked]
        is_full = played.journal_failure is not None or played.run.disk_room is not None
        if not is_full or keys_of(made) - SCHEDULES - {"autoRenewEnabled"}:
            yield f"{played.name}: {asked.method} {asked.path} had no intent ({asked.request_id})"


def no_line_denies_a_write(view: View) -> Found:
    """No line of a journal says of a write that was made that it was not."""
    last: dict[str, str] = {}
    for line in view.lines:
        if line["event"] == "outcome":
            last[line["request_id"]] = line["result"]
    for asked in view.asked:
        if asked.effective and last.get(asked.request_id) == "failed":
            yield f"the journal says failed of {asked.request_id}, which has changed {asked.path}"


def no_write_is_made_twice(view: View) -> Found:
    """Nothing is changed twice by one run, as long as nobody else changes it meanwhile."""
    for played in view.played:
        seen: dict[tuple[Ids, str], list[Changed]] = {}
        for change in view.changes[played.changes.start :]:
            for key in differing(change.before, change.after):
                if key in _OWN_KEYS:
                    seen.setdefault((change.ids, key), []).append(change)
        for (ids, key), made in seen.items():
            values: list[tuple[t.Any, t.Any]] = []
            for change in made:
                if not is_of(change, played):
                    values = []
                    continue
                pair = stored.plain(change.before.get(key)), stored.plain(change.after.get(key))
                if pair in values:
                    yield f"{played.name} has changed {key} of {ids} from {pair[0]!r} to {pair[1]!r} twice"
                values.append(pair)


def nothing_is_written_that_must_not_be(view: View) -> Found:
    """Nothing is written by a plan, over a limit of the guard, and to what the result calls not attempted."""
    for played in view.played:
        made = view.effective(played)
        if played.run.way == "plan" and made:
            yield f"{played.name} has written {made[0].path}"
        if played.result is None:
            continue
        if made and (played.result.breach is not None or _is_over_a_limit(played)):
            yield f"{played.name} has written {made[0].path} in spite of its guard"
        for ids, outcome in view.outcomes(played).items():
            if not outcome.attempted and view.effective(played, ids):
                yield f"{played.name} has written {ids}, and says that it was not attempted"


def _is_over_a_limit(played: Played) -> bool:
    plan, guard = played.result.plan if played.result is not None else [], played.run.guard
    more = sum(
        max(0, entry["after"] - entry["before"])
        for entry in plan
        if entry["field"] == "quantity" and isinstance(entry["before"], int)
    )
    changed = len({entry["subscription_id"] for entry in plan})
    return changed > guard.get("max_changes", changed) or more > guard.get("max_seat_increase", more)


def nothing_new_is_started_after_the_end(view: View) -> Found:
    """Once a run is told to end, or has failed as often as it may, it begins no other subscription."""
    for played in view.played:
        mine = [view.asked[n] for n in played.asked if view.asked[n].run == played.number]
        writes = [one for one in mine if one.method != "GET"]
        if played.told_to_end is not None:
            before = {one.ids for one in writes if one.number < played.told_to_end}
            later = {one.ids for one in writes if one.number >= played.told_to_end} - before
            if len(later) > played.run.threads:
                yield f"{played.name} was told to end and has begun {sorted(map(str, later))}"
        limit = played.run.max_failures
        if limit is not None and played.run.threads == 1 and played.result is not None and played.run.way != "plan":
            tried = {one.ids for one in writes}
            failed = [ids for ids, one in view.outcomes(played).items() if one.error is not None and ids in tried]
            # One that waits for its turn lets others go first.
            is_at_once = {one.status for one in writes} <= {200, 400, 403, 404} and not any(played.met.values())
            if is_at_once and len(failed) > limit:
                yield f"{played.name} has gone on after {limit} failures: {failed}"


def nobody_is_overwritten(view: View) -> Found:
    """A write is made only where the read before it shows what was planned on, or is expected."""
    for played in view.played:
        outcomes, planned = view.outcomes(played), view.planned(played)
        expected = {_key(item): item.get("expect") or {} for item in played.items}
        for number in played.changes:
            change = view.changes[number]
            if not is_of(change, played) or change.ids not in outcomes or view.is_behind(played, change.ids):
                continue
            seen = _last_read(view, played, change)
            if seen is None:
                continue
            entries = {name: entry["before"] for name, entry in planned.get(change.ids, {}).items()}
            for name, value in {**entries, **expected.get(change.ids, {})}.items():
                key = KEYS[name][0]
                if name not in _PLAIN or key not in differing(change.before, change.after):
                    continue
                own = (one for one in view.during(played, change.ids) if is_of(one, played))
                first = next((one for one in own if key in differing(one.before, one.after)), None)
                if first is change and not stored.alike(seen.get(key), value):
                    yield f"{played.name} has written {name} of {change.ids} over {seen.get(key)!r}, and not {value!r}"


def every_write_follows_a_read(view: View) -> Found:
    """What is written is read right before, for each attempt anew."""
    for played in view.played:
        last: dict[tuple[Ids | None, bool], Asked] = {}
        for number in played.asked:
            asked = view.asked[number]
            if asked.run != played.number or asked.ids is None:
                continue
            key = asked.ids, asked.path.endswith("supportcontact")
            before = last.get(key)
            if asked.method != "GET" and (before is None or before.method != "GET"):
                yield f"{played.name} has written {asked.path} without a read before it ({asked.request_id})"
            if asked.status not in (401, 429):
                # Such a request is sent again as it is.
                last[key] = asked


def other_changes_survive(view: View) -> Found:
    """No write takes back what it was not asked for, unless somebody has changed that since the read before it."""
    for played in view.played:
        outcomes, planned = view.outcomes(played), view.planned(played)
        for number in played.changes:
            change = view.changes[number]
            if not is_of(change, played) or change.ids not in outcomes or view.is_behind(played, change.ids):
                continue
            wished = _as_planned(outcomes[change.ids].subject.item.settings)
            keys = differing(change.before, change.after) - SCHEDULES - {"autoRenewEnabled"}
            keys -= _allowed({**planned.get(change.ids, {}), **wished}, played)
            seen = _last_read(view, played, change)
            lost = {key for key in keys if seen is not None and stored.alike(seen.get(key), change.before.get(key))}
            if lost:
                yield f"{played.name} has changed {sorted(lost)} of {change.ids} with a write that is not about it"


#: Settings that results show as the service has them.
_PLAIN: t.Final = ("friendly_name", "quantity", "auto_renew_enabled", "partner_id")


def _last_read(view: View, played: Played, change: Changed) -> Raw | None:
    """What the last read showed that a run made of a subscription before a write of its own."""
    by = change.by
    if not isinstance(by, Asked):
        return None
    reads = [
        one
        for one in view.asked[: by.number]
        if one.run == played.number and one.ids == change.ids and one.method == "GET" and one.status == 200
    ]
    if not reads or reads[-1].path.endswith("supportcontact") or by.path.endswith("supportcontact"):
        return None
    later = [one for one in view.changes[reads[-1].after :] if one.ids == change.ids and "(contact)" not in one.before]
    return later[0].before if later else None


def every_change_is_told(view: View) -> Found:
    """What a run has changed its result says; and what its result says to be changed was changed."""
    for played in view.played:
        if played.run.way == "plan":
            continue
        for ids, outcome in view.outcomes(played).items():
            made = [change for change in view.during(played, ids) if is_of(change, played)]
            if made and not outcome.changed and not isinstance(outcome.error, OPEN):
                yield f"{played.name} has changed {ids} and says unchanged ({outcome.error})"
            is_told = outcome.changed and outcome.error is None and not outcome.pending and ids in played.before
            if is_told and not view.during(played, ids) and not view.is_behind(played, ids):
                yield f"{played.name} says that {ids} was changed, and it was not"


def success_only_if_seen(view: View) -> Found:
    """What the result calls made or unchanged is there, unless somebody else has changed it meanwhile."""
    for played in view.played:
        if played.run.way == "plan":
            continue
        given = {_key(one): one for one in played.items}
        for ids, outcome in view.outcomes(played).items():
            if outcome.error is not None or not outcome.attempted or outcome.pending or ids not in played.after:
                continue
            others = view.others(played, ids)
            item = outcome.subject.item
            wanted = {**item.settings, **({"support_contact": item.contact} if item.contact else {})}
            wanted |= {name: value for name, value in given.get(ids, {}).items() if name in _PLAIN or name == "status"}
            for name, value in wanted.items():
                if name not in KEYS or others & {*KEYS[name], "productType"}:
                    continue
                if view.is_behind(played, ids) or _is_void(name, item.settings, view):
                    continue
                if not _shown(played.after[ids], name, value, view):
                    raw = played.after[ids]
                    yield f"{played.name}: {name} of {ids} should be {value}, and is {[raw.get(k) for k in KEYS[name]]}"


def _is_void(name: str, settings: t.Mapping[str, t.Any], view: View) -> bool:
    """
    Whether a wish has no meaning: what a status ends does not renew, and what a list lacks counts as not there.
    """
    is_about_the_end = name in ("end_of_term", stored.INSTRUCTIONS)
    if is_about_the_end and not SCHEDULES.isdisjoint(view.switches["list_omits"]):
        return True
    if name == "end_of_term" and not view.switches["est_available"]:
        return True
    return settings.get("status") in ("deleted", "suspended") and name in (
        "auto_renew_enabled",
        stored.INSTRUCTIONS,
        "end_of_term",
    )


def _shown(raw: Raw, name: str, value: t.Any, view: View) -> bool:
    if name == "support_contact" and raw.get("(contact)") is None:
        # Where none is set, the partner itself is shown.
        return bool(value.get("support_mpn_id") == view.story.service.store.fleet.mpn_id)
    if name == stored.END_OF_TERM and not isinstance(value, str):
        # What a rollback lays back as it was received.
        return True
    return stored.shows(raw, name, value, view.switches)


def nothing_else_changes(view: View) -> Found:
    """Nothing outside the plan ends up changed, scheduled changes included, unless the result says so by name."""
    for played in view.played:
        if played.is_dead or played.run.way == "plan":
            continue
        planned, outcomes = view.planned(played), view.outcomes(played)
        for ids, before in played.before.items():
            outcome = outcomes.get(ids)
            keys = _lasting(before, played.after.get(ids, before), view) - view.others(played, ids)
            wished = {} if outcome is None else outcome.subject.item.settings
            keys -= _allowed({**planned.get(ids, {}), **_as_planned(wished)}, played)
            if view.is_behind(played, ids) or _is_warned_of(planned.get(ids, {})):
                keys -= {*KEYS["end_of_term"]} if not view.is_behind(played, ids) else keys
            if keys and not (outcome is not None and (outcome.pending or _is_told(outcome))):
                raw = played.after[ids]
                shown = {key: (before.get(key), raw.get(key)) for key in keys}
                yield f"{played.name} has changed {ids} besides: {shown} ({outcome and outcome.error})"


def _lasting(before: Raw, after: Raw, view: View) -> set[str]:
    """The keys that differ, the service's own mark on what nobody has decided left out."""
    keys = differing(before, after)
    is_marked = stored.extends(before, view.switches) and stored.extends(after, view.switches)
    return keys - {"scheduledActions"} if is_marked and not before.get("scheduledActions") else keys


def _as_planned(wished: t.Mapping[str, t.Any]) -> dict[str, Raw]:
    """A decision about the end of the term is planned by its effect, and may take another form all the same."""
    return {name: {"after": wished[name]} for name in ("end_of_term", "auto_renew_enabled") if name in wished}


def _allowed(planned: t.Mapping[str, Raw], played: Played) -> set[str]:
    """The keys that a plan for one subscription may change."""
    if not planned:
        return set()
    keys = {key for name in planned for key in KEYS.get(name, ())}
    status = planned.get("status", {}).get("after")
    if status in ("suspended", "deleted"):
        keys |= {*SCHEDULES, "autoRenewEnabled"}
    if planned.get("auto_renew_enabled", {}).get("after") is False or "end_of_term" in planned:
        keys |= {"scheduledNextTermInstructions", "scheduledActions"}
    if played.run.options.get("scheduled_changes") == "drop":
        keys |= SCHEDULES
    return keys


def _is_told(outcome: FleetOutcome) -> bool:
    """Whether the user is told that a subscription's state is open, or what became of its end."""
    is_warned = any("is still open" in text or "extended service term" in text for text in outcome.warnings)
    return isinstance(outcome.error, OPEN) or is_warned


def conflict_only_if_something_differs(view: View) -> Found:
    """A conflict is reported only where something is, or was for a moment, other than expected."""
    for played in view.played:
        if played.run.way == "plan" or any(view.story.service.log[n].fault in _BLURRING for n in played.asked):
            continue
        for ids, outcome in view.outcomes(played).items():
            if not isinstance(outcome.error, Conflict) or ids not in played.before:
                continue
            if view.during(played, ids) or view.story.history.switches.keys() & {"patch_answer", "list_omits"}:
                continue
            if not outcome.subject.item.expect:
                yield f"{played.name}: a conflict without any expectation: {outcome.error}"
            elif played.is_rollback and _is_untouched_since(view, played, ids):
                yield f"{played.name}: a conflict, though nobody has changed {ids} since: {outcome.error}"


def _is_untouched_since(view: View, played: Played, ids: Ids) -> bool:
    """Whether nobody has changed a subscription since the run that is undone, which has no doubt about it."""
    undone = next((one for one in view.played if played.undoes and one.run_id == played.undoes["run_id"]), None)
    if undone is None or undone.result is None or undone.is_beside or played.is_beside or any(undone.met.values()):
        return False
    outcome = view.outcomes(undone).get(ids)
    is_sure = outcome is not None and outcome.error is None and not outcome.pending
    return is_sure and all(
        is_of(change, undone) or is_of(change, played) for change in _between(view, undone, played, ids)
    )


#: Faults after which a client cannot know what the service holds.
_BLURRING: t.Final = ("stale", "accepted", "late", "not_applied", "refuse", "body", "empty")


def an_ended_run_is_at_rest(view: View) -> Found:
    """Started again, a run changes what is left and nothing else: what it reported as made is not written again."""
    if len(view.played) < 2 or not view.played[-1].is_calm:
        return
    calm = view.played[-1]
    last = next((one for one in reversed(view.played[:-1]) if one.run.way != "plan"), None)
    if last is None or last.result is None or last.is_dead or last.is_beside:
        return
    for ids, outcome in view.outcomes(last).items():
        if outcome.error is not None or not outcome.attempted or outcome.pending or view.is_behind(last, ids):
            continue
        if any(not is_of(change, last) and not is_of(change, calm) for change in view.since(last, ids)):
            continue
        made = view.effective(calm, ids)
        if made:
            yield f"{calm.name} has written {ids} again: {made[0].path}"


def everything_is_there_in_the_end(view: View) -> Found:
    """When the last run was made once more in peace, what nobody asked to change is as it was, or was told by name."""
    if not view.played or not view.played[-1].is_calm or _has_no_journal(view):
        return
    first, last = view.played[0], view.played[-1]
    told, allowed = _told_of(view), _allowed_in_all(view)
    for ids, before in first.before.items():
        foreign = keys_of(change for change in view.since(first, ids) if not isinstance(change.by, Asked))
        keys = _lasting(before, last.after.get(ids, before), view) - foreign - allowed.get(ids, set())
        if any(_is_warned_of(view.planned(one).get(ids, {})) for one in view.played):
            keys -= {*KEYS["end_of_term"]}
        is_told = ids[1] in told and not (keys <= SCHEDULES and _is_at_peace(view, ids))
        if any(change.by == TIME for change in view.since(first, ids)):
            # The service shows in more than one form what a term's end has changed.
            keys -= {*SCHEDULES, "autoRenewEnabled"}
        if keys and not is_told and not any(view.is_behind(one, ids) for one in view.played):
            shown = {key: (before.get(key), last.after[ids].get(key)) for key in keys}
            yield f"in the end {ids} has changed: {shown}"


def _is_at_peace(view: View, ids: Ids) -> bool:
    """
    Whether the last run has looked at a subscription and found nothing to complain of, and all runs kept one journal:
    then what earlier runs owed is paid, and no word of theirs excuses it.
    """
    if view.played[-1].run.options.get("scheduled_changes", "restore") != "restore":
        # It pays nothing back then, and says so.
        return False
    outcome = view.outcomes(view.played[-1]).get(ids)
    if outcome is None or outcome.error is not None or not outcome.attempted or _is_told(outcome):
        return False
    is_one = all(one.journal_path == "journal" for one in view.played if one.run.way != "plan")
    return is_one and not any(one.is_beside or one.journal_failure is not None for one in view.played)


def _allowed_in_all(view: View) -> dict[Ids, set[str]]:
    """What the plans of all runs together may change; the plan of one that died is told by its journal."""
    allowed: dict[Ids, set[str]] = {}
    for played in view.played:
        for ids, planned in view.planned(played).items():
            allowed.setdefault(ids, set()).update(_allowed(planned, played))
        for ids, outcome in view.outcomes(played).items():
            allowed.setdefault(ids, set()).update(_allowed(_as_planned(outcome.subject.item.settings), played))
    for played, line in view.intents.values():
        if line["step"] != "restore" and (played.is_dead or played.result is None):
            ids = line["customer_id"].lower(), line["subscription_id"].lower()
            names = {*line["after"]} & _wished(played, ids)
            if line["kind"] == "support_contact":
                names = {"support_contact"}
            as_planned = {name: {"after": line["after"].get(name)} for name in names}
            allowed.setdefault(ids, set()).update(_allowed(as_planned, played))
    return allowed


def _wished(played: Played, ids: Ids) -> set[str]:
    """The settings that a run's items and policies may ask of a subscription."""
    asked = {name for item in played.items if _key(item) == ids for name in item}
    asked |= {name for policy in played.policies for name in policy["set"]}
    clear = f"clear_{stored.INSTRUCTIONS}"
    return asked | ({stored.INSTRUCTIONS} if clear in asked else set())


def _has_no_journal(view: View) -> bool:
    """Whether a run died that kept none, or whose journal was apart: nobody can know then."""
    return any(one.is_dead and one.journal_path != "journal" for one in view.played)


def _told_of(view: View) -> str:
    """All that users were told of subscriptions whose state is open, lost, or owed."""
    texts: list[str] = []
    for played in view.played:
        if played.result is None:
            continue
        texts += played.result.warnings
        for ids, outcome in view.outcomes(played).items():
            if _is_told(outcome):
                texts.append(ids[1])
    return "\n".join(texts).lower()


def no_extended_term_unasked(view: View) -> Found:
    """No subscription goes into a paid extended term by our hand unless it was asked to, or the user is told."""
    if not view.played:
        return
    first, last = view.played[0], view.played[-1]
    for ids, before in first.before.items():
        after = last.after.get(ids)
        if after is None or not stored.extends(after, view.switches) or stored.extends(before, view.switches):
            continue
        causes = [
            change
            for change in view.since(first, ids)
            if stored.extends({**before, **change.after}, view.switches)
            and not stored.extends({**before, **change.before}, view.switches)
        ]
        if not causes or not isinstance(causes[-1].by, Asked):
            continue
        asked_for = any(_asks_to_extend(view.planned(one).get(ids, {}), one) for one in view.played)
        asked_for = asked_for or any(
            line["after"].get("end_of_term") == "extended_service_term"
            for _played, line in view.intents.values()
            if line["subscription_id"].lower() == ids[1]
        )
        asked_for = asked_for or any(_is_warned_of(view.planned(one).get(ids, {})) for one in view.played)
        if not asked_for and ids[1] not in _told_of(view) and not _has_no_journal(view):
            yield f"{ids} goes into an extended term, by run {causes[-1].by.run}"


def _is_warned_of(planned: t.Mapping[str, Raw]) -> bool:
    """Whether the plan said of a change that an extended service term follows."""
    return any("extended service term" in text for entry in planned.values() for text in entry["warnings"])


def _asks_to_extend(planned: t.Mapping[str, Raw], played: Played) -> bool:
    if planned.get("end_of_term", {}).get("after") == "extended_service_term":
        return True
    # A rollback lays back what was there, and says what then happens.
    return played.is_rollback and bool(planned.keys() & {"auto_renew_enabled", "end_of_term", "status"})


def rollback_restores(view: View) -> Found:
    """A rollback restores what is marked reversible, as it was before the run that it undoes."""
    by_id = {one.run_id: one for one in view.played if one.run_id is not None}
    for played in view.played:
        if played.undoes is None or played.is_calm or played.is_beside:
            continue
        yield from _wrong_run(view, played)
        undone = by_id.get(played.undoes["run_id"])
        if undone is not None and undone.result is not None and not undone.is_beside:
            for ids, planned in view.planned(undone).items():
                if _is_laid_back(view, undone, played, ids):
                    yield from _not_restored(view, undone, played, ids, planned)


def _wrong_run(view: View, played: Played) -> Found:
    """The first rollback of a history undoes the last run before it that has changed something."""
    earlier = view.played[: played.number]
    if any(one.is_rollback or one.is_beside or one.is_dead or any(one.met.values()) for one in earlier):
        return
    if any(isinstance(outcome.error, OPEN) for one in earlier for outcome in view.outcomes(one).values()):
        return
    wrote = [one for one in earlier if one.journal_path == "journal" and view.effective(one)]
    if wrote and played.undoes and played.undoes["run_id"] != wrote[-1].run_id:
        yield f"{played.name} undoes another run than {wrote[-1].name}"


def _is_laid_back(view: View, undone: Played, played: Played, ids: Ids) -> bool:
    """Whether a rollback claims to have undone a subscription's changes, and nobody came between."""
    outcome = view.outcomes(played).get(ids)
    if outcome is None or outcome.error is not None or not outcome.attempted or outcome.pending:
        return False
    first = view.outcomes(undone).get(ids)
    if (
        first is None
        # What is taken back is what may have been made last.
        or isinstance(first.error, OPEN)
        or view.is_behind(undone, ids)
        or view.is_behind(played, ids)
        or ids[1] in "\n".join(map(str, played.left_out)).lower()
    ):
        return False
    return all(is_of(change, undone) or is_of(change, played) for change in _between(view, undone, played, ids))


def _not_restored(view: View, undone: Played, played: Played, ids: Ids, planned: t.Mapping[str, Raw]) -> Found:
    before, after = undone.before[ids], played.after[ids]
    for name, entry in planned.items():
        if entry["reversible"] != "yes":
            continue
        key = KEYS[name][0]
        if name == stored.INSTRUCTIONS:
            is_same = key not in differing({key: None, **before}, {key: None, **after})
        elif name == "end_of_term":
            # A suspension turns auto-renew off, whoever made it.
            is_same = before.get("status") == "suspended" or stored.end_of_term(
                before, view.switches
            ) == stored.end_of_term(after, view.switches)
        else:
            is_same = stored.alike(before.get(key), after.get(key))
        if not is_same:
            yield f"{played.name}: {name} of {ids} is {after.get(key)!r}, was {before.get(key)!r}"


def _between(view: View, first: Played, last: Played, ids: Ids) -> list[Changed]:
    return [view.changes[n] for n in range(first.changes.start, last.changes.stop) if view.changes[n].ids == ids]


def requests_within_the_budget(view: View) -> Found:
    """Reading costs one request a customer and one a managed contact, each write two more; nothing else is asked."""
    usual = {"bom", "error_code_type", "unknown_customer", "support_contact_check", "stale_if_match"}
    if {*view.story.history.switches} - usual:
        return
    for played in view.played:
        if played.result is None or not played.result.is_planned or any(played.met.values()) or played.run.stop_at:
            continue
        if any(not is_of(view.changes[n], played) for n in played.changes):
            continue
        if any((view.asked[n].status or 500) in (202, 409, 412, 429) for n in played.asked):
            continue
        customers = len(view.story.service.store.fleet.ids)
        subjects = played.result.fleet.subscriptions
        contacts = sum(
            any(part.plan.desired.target.kind == "support_contact" for part in one.parts) for one in subjects
        )
        contacts += sum(bool(one.skipped) for one in played.result.fleet.skipped)
        steps = sum(len(part.plan.writes) for one in subjects if one.is_changed for part in one.parts)
        pending = len(played.unfinished.pending_restores)
        if played.run.options.get("scheduled_changes", "restore") != "restore":
            # What would be lost decides, and lists may not tell it.
            pending += len(subjects)
        asked = [view.asked[n] for n in played.asked if view.asked[n].run == played.number]
        errors = sum(one.error is not None for one in subjects)
        most = (
            1
            + 2 * customers
            + len(played.items) * bool(not played.policies)
            + 2 * contacts
            + 1
            + 2 * steps
            + pending
            + errors
        )
        if len(asked) > most:
            yield f"{played.name} has sent {len(asked)} requests, at most {most} were to be expected"


def no_secret_is_left(view: View) -> Found:
    """No token stands in a journal, a warning, or an error."""
    for path in view.story.disk.files:
        if _SECRET in view.story.journal(path):
            yield f"{path} holds a token"
    for played in view.played:
        if played.result is None:
            continue
        texts = [*played.result.warnings, *map(str, played.result.errors)]
        if any(_SECRET in text for text in texts):
            yield f"{played.name} tells a token"


INVARIANTS: t.Final = (
    every_run_ends,
    the_result_is_always_there,
    the_journal_ends_with_the_run,
    no_write_without_its_intent,
    no_line_denies_a_write,
    no_write_is_made_twice,
    nothing_is_written_that_must_not_be,
    nothing_new_is_started_after_the_end,
    nobody_is_overwritten,
    every_write_follows_a_read,
    other_changes_survive,
    every_change_is_told,
    success_only_if_seen,
    nothing_else_changes,
    conflict_only_if_something_differs,
    an_ended_run_is_at_rest,
    everything_is_there_in_the_end,
    no_extended_term_unasked,
    rollback_restores,
    requests_within_the_budget,
    no_secret_is_left,
)


def violations(story: Story) -> list[tuple[str, str]]:
    """(the invariant's name, what is wrong) of a story; empty where all hold."""
    view = View(story)
    return [(check.__name__, what) for check in INVARIANTS for what in check(view)]
