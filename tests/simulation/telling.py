# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A story told to people: what was asked, what was sent, what changed, and what the user was told."""

from __future__ import annotations

import json
import typing as t

from .play import Played, Story
from .service import Asked
from .stored import differing


def told(story: Story) -> t.Iterator[str]:
    """The story as lines."""
    history, service = story.history, story.service
    yield f"fleet: {', '.join(f'{kind} of customer {place}' for place, kind in history.fleet)}"
    yield f"tweaks: {history.tweaks}  switches: {history.switches}"
    yield f"rivals (before which request, place, change): {history.rivals}"
    for number, record in enumerate(service.records):
        yield f"  place {number}: {record.customer_id[:8]} {record.id[:8]} {record.kind}"
    for played in story.played:
        yield from _run(story, played)


def _run(story: Story, played: Played) -> t.Iterator[str]:
    run = played.run
    names = ("kill_at", "loses_power", "stop_at", "disk_room", "is_beside", "threads", "max_failures", "guard")
    accidents = {name: getattr(run, name) for name in names if getattr(run, name)}
    yield f"--- {played.name}, at {played.began:.1f} s, {played.steps} steps, journal {played.journal_path} {accidents}"
    yield f"    options {run.options}  faults {run.faults if not played.is_calm else []}"
    for item in played.items:
        wished = {name: value for name, value in item.items() if not name.endswith("_id") or name == "partner_id"}
        yield f"    item {item['subscription_id'][:8]}: {wished}"
    for policy in played.policies:
        yield f"    policy {policy}"
    yield from _events(story, played)
    for line in played.text.split("\n"):
        if played.run_id and played.run_id in line:
            yield f"    | {line[94:]}"
    yield from _result(played)


def _events(story: Story, played: Played) -> t.Iterator[str]:
    """What was sent and what changed, in the order in which it happened."""
    service = story.service
    events: list[tuple[float, int, str]] = []
    for number in played.asked:
        asked = service.log[number]
        if asked.run == played.number:
            events.append((asked.at, number, _request(asked)))
    for number in played.changes:
        change = service.changes[number]
        by = change.by if isinstance(change.by, str) else f"request {change.by.number}"
        keys = differing(change.before, change.after)
        what = {key: (change.before.get(key), change.after.get(key)) for key in sorted(keys)}
        events.append((change.at, 10**6 + change.number, f"  * {change.ids[1][:8]} by {by}: {json.dumps(what)}"))
    for at, _number, text in sorted(events):
        yield f"    {at:9.2f} {text}"


def _result(played: Played) -> t.Iterator[str]:
    if played.result is None:
        yield f"    no result: {'dead' if played.is_dead else played.error!r}"
        return
    for entry in played.result.plan:
        yield (
            f"    plan {entry['subscription_id'][:8]} {entry['field']}: {entry['before']} -> {entry['after']} "
            f"({entry['reversible']}) {entry['warnings'] or ''}"
        )
    for one in played.result.outcomes:
        what = "changed" if one.changed else "unchanged"
        yield (
            f"    outcome {one.subject.item.subscription_id[:8]}: {what if one.attempted else 'not attempted'} "
            f"{type(one.error).__name__ if one.error else ''} {one.error or ''} {list(one.warnings) or ''}"
        )
    for warning in played.result.warnings:
        yield f"    warning: {warning}"
    for error in played.result.errors:
        yield f"    error: {error!r}"


def _request(asked: Asked) -> str:
    place = f"{asked.ids[1][:8]}" if asked.ids else asked.path[-45:]
    kind = "/supportcontact" if asked.path.endswith("supportcontact") else ""
    effect = {True: "effective", False: "no effect", None: ""}[asked.effective]
    return (
        f"{asked.number} {asked.method} {place}{kind} -> {asked.status} {effect} "
        f"{asked.request_id[:8] if asked.method != 'GET' else ''} {asked.fault}"
    )
