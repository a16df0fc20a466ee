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
from ansible_collections.csp.partner_center.plugins.module_utils._engine.fleet_apply import FleetOutcome

from . import stored
from .clockwork import Endless
from .play import Played, Story
from .service import Asked, Changed, Ids, Raw
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
        tells a client so.
        """
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
        result = played.result
        for error in (*result.errors, *(one.error for one in result.outcomes)):
            if isinstance(error, Defect):
                yield f"{played.name}: {error}"
        if not result.is_planned:
            continue
        told = [one.subject.item.key for one in result.outcomes]
        if len({*told}) != len([key for key in told if key[1]]) + len({key for key in told if not key[1]}):
            yield f"{played.name} tells of a subscription twice"
        missing = {key for item in played.items for key in [_key(item)]} | view.planned(played).keys()
        missing -= {*told}
        if missing:
            yield f"{played.name} says nothing of {sorted(missing)}"


def _key(item: Raw) -> Ids:
    return item["customer_id"].lower(), item["subscription_id"].lower()


def the_journal_ends_with_the_run(view: View) -> Found:
    """A run that was not killed leaves an outcome for each intent in its journal, and the journal's end."""
    for played in view.played:
        if played.is_dead or played.result is None or not played.result.is_planned or played.run_id is None:
            continue
        if played.journal_failure is not None:
            continue
        mine = [line for line in lines_of(played.text) if line.get("run") == played.run_id]
        if not any(line["event"] == "end" for line in mine):
            yield f"{played.name} has no end in its journal"
        told = {line["request_id"] for line in mine if line["event"] == "outcome"}
        for line in mine:
            if line["event"] == "intent" and line["request_id"] not in told:
                yield f"{played.name} has an intent without an outcome: {line['request_id']}"


def no_write_without_its_intent(view: View) -> Found:
    """Before a write is sent, its intent is on the disk; only what gives back scheduled changes does without."""
    by_number = {one.number: one for one in view.played}
    for asked in view.asked:
        played = by_number[asked.run]
        if (
            not asked.had_intent
            and played.journal_failure is None
            and not (played.is_dead and played.run.disk_room is not None)
        ):
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
    """Nothing is written by a plan, after a breach of the guard, and to what the result calls not attempted."""
    for played in view.played:
        made = view.effective(played)
        if played.run.way == "plan" and made:
            yield f"{played.name} has written {made[0].path}"
        if played.result is None:
            continue
        if played.result.breach is not None and made:
            yield f"{played.name} has written {made[0].path} in spite of its guard"
        for ids, outcome in view.outcomes(played).items():
            if not outcome.attempted and view.effective(played, ids):
                yield f"{played.name} has written {ids}, and says that it was not attempted"


def every_change_is_told(view: View) -> Found:
    """What a run has changed its result says; and what its result says to be changed was changed."""
    for played in view.played:
        if played.run.way == "plan":
            continue
        for ids, outcome in view.outcomes(played).items():
            made = [change for change in view.during(played, ids) if is_of(change, played)]
            if made and not outcome.changed and not isinstance(outcome.error, OPEN):
                yield f"{played.name} has changed {ids} and says unchanged ({outcome.error})"
            is_told = outcome.changed and outcome.error is None and not outcome.pending
            if is_told and not view.during(played, ids) and not view.is_behind(played, ids):
                yield f"{played.name} says that {ids} was changed, and it was not"


def success_only_if_seen(view: View) -> Found:
    """What the result calls made or unchanged is there, unless somebody else has changed it meanwhile."""
    for played in view.played:
        if played.run.way == "plan":
            continue
        for ids, outcome in view.outcomes(played).items():
            if outcome.error is not None or not outcome.attempted or outcome.pending or ids not in played.after:
                continue
            others = view.others(played, ids)
            item = outcome.subject.item
            wanted = {**item.settings, **({"support_contact": item.contact} if item.contact else {})}
            for name, value in wanted.items():
                if name not in KEYS or others & {*KEYS[name], "productType"}:
                    continue
                if view.is_behind(played, ids) or _is_void(name, item.settings):
                    continue
                if not _shown(played.after[ids], name, value, view):
                    raw = played.after[ids]
                    yield f"{played.name}: {name} of {ids} should be {value}, and is {[raw.get(k) for k in KEYS[name]]}"


def _is_void(name: str, settings: t.Mapping[str, t.Any]) -> bool:
    """Whether a wish has no meaning beside another one: what a status ends does not renew."""
    return settings.get("status") in ("deleted", "suspended") and name in (
        "auto_renew_enabled",
        stored.INSTRUCTIONS,
        "end_of_term",
    )


def _shown(raw: Raw, name: str, value: t.Any, view: View) -> bool:
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
            keys = differing(before, played.after.get(ids, before)) - view.others(played, ids)
            wished = {} if outcome is None else outcome.subject.item.settings
            keys -= _allowed({**planned.get(ids, {}), **_as_planned(wished)}, played)
            if view.is_behind(played, ids) or _is_warned_of(planned.get(ids, {})):
                keys -= {*KEYS["end_of_term"]} if not view.is_behind(played, ids) else keys
            if keys and not (outcome is not None and _is_told(outcome, keys)):
                raw = played.after[ids]
                shown = {key: (before.get(key), raw.get(key)) for key in keys}
                yield f"{played.name} has changed {ids} besides: {shown} ({outcome and outcome.error})"


def _as_planned(wished: t.Mapping[str, t.Any]) -> dict[str, Raw]:
    """A decision about the end of the term is planned by its effect, and may take another form all the same."""
    return {name: {"after": wished[name]} for name in ("end_of_term",) if name in wished}


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


def _is_told(outcome: FleetOutcome, keys: t.Collection[str]) -> bool:
    is_warned = any("scheduled" in text or "extended service term" in text for text in outcome.warnings)
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
            expect = {**(outcome.subject.item.expect or {})}
            if not expect:
                yield f"{played.name}: a conflict without any expectation: {outcome.error}"


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
        keys = differing(before, last.after.get(ids, before)) - foreign - allowed.get(ids, set())
        if any(_is_warned_of(view.planned(one).get(ids, {})) for one in view.played):
            keys -= {*KEYS["end_of_term"]}
        if keys and ids[1] not in told and not any(view.is_behind(one, ids) for one in view.played):
            shown = {key: (before.get(key), last.after[ids].get(key)) for key in keys}
            yield f"in the end {ids} has changed: {shown}"


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
            names = {*line["after"]} - {*line.get("restores", ())}
            as_planned = {name: {"after": line["after"].get(name)} for name in names}
            allowed.setdefault(ids, set()).update(_allowed(as_planned, played))
    return allowed


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
            if _is_told(outcome, ()):
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
        undone = by_id.get(played.undoes["run_id"])
        if undone is not None and undone.result is not None and not undone.is_beside:
            for ids, planned in view.planned(undone).items():
                if _is_laid_back(view, undone, played, ids):
                    yield from _not_restored(view, undone, played, ids, planned)


def _is_laid_back(view: View, undone: Played, played: Played, ids: Ids) -> bool:
    """Whether a rollback claims to have undone a subscription's changes, and nobody came between."""
    outcome = view.outcomes(played).get(ids)
    if outcome is None or outcome.error is not None or not outcome.attempted or outcome.pending:
        return False
    if view.is_behind(played, ids) or ids[1] in "\n".join(map(str, played.left_out)).lower():
        return False
    return all(is_of(change, undone) or is_of(change, played) for change in _between(view, undone, played, ids))


def _not_restored(view: View, undone: Played, played: Played, ids: Ids, planned: t.Mapping[str, Raw]) -> Found:
    before, after = undone.before[ids], played.after[ids]
    for name, entry in planned.items():
        if entry["reversible"] != "yes":
            continue
        key = KEYS[name][0]
        if name in ("end_of_term", stored.INSTRUCTIONS):
            is_same = stored.end_of_term(before, view.switches) == stored.end_of_term(after, view.switches)
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
        asked = [view.asked[n] for n in played.asked if view.asked[n].run == played.number]
        errors = sum(one.error is not None for one in subjects)
        most = (
            1
            + 2 * customers
            + len(played.items) * bool(not played.policies)
            + 2 * contacts
            + 1
            + 3 * steps
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
