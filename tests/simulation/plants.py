# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Faults that are planted into the engine, one at a time, to see that the invariants find them.

Each is an edit of a module's source, made while it is imported. A text that is not there any more, or more than once,
is an error: the fault has to be planted anew.
"""

from __future__ import annotations

import importlib.machinery
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

# ruff: noqa: E501 - texts of other modules as they are

_PACKAGE: t.Final = "ansible_collections.csp.partner_center.plugins.module_utils"


@dataclass(frozen=True)
class Plant:
    """``edits``: (text, what stands in its place) in one module, such as ``_engine/apply``."""

    module: str
    edits: tuple[tuple[str, str], ...]

    @property
    def full_name(self) -> str:
        return f"{_PACKAGE}.{self.module.replace('/', '.')}"


class PlantError(Exception):
    """A fault that cannot be planted."""


def _plant(module: str, *edits: tuple[str, str]) -> Plant:
    return Plant(module, edits)


_INTENT: t.Final = "journal.intent(write, *outgoing.views, request_id, outgoing.restores)"

PLANTS: t.Final[dict[str, Plant]] = {
    # Writing
    "drop the restoring write": _plant(
        "_state/plan", ('restore = [Write(target, "restore")] if restores else []', "restore: list[Write] = []")
    ),
    "restore nothing after a failure": _plant(
        "_engine/apply",
        (
            "failure = yield from restoring.salvaged(item, plan, write, as_failure(error), runtime)",
            "failure = as_failure(error)",
        ),
    ),
    "restore nothing of the end of the term": _plant(
        "_state/schedules/table",
        (
            'return found.received() if found.is_explicit and not (found.effect == "renew" and found.renews) else None',
            "return None",
        ),
    ),
    "restore the instructions of nobody who renews": _plant(
        "_state/schedules/stakes",
        (
            "return {name: value for name, value in found.items() if not ROWS_BY_NAME[name].is_void(given)}",
            'return {name: value for name, value in found.items() if name != "scheduled_next_term_instructions"}',
        ),
    ),
    "journal after the write": _plant(
        "_engine/writing",
        (f"    if not outgoing.is_again:\n        {_INTENT}\n    try:", "    try:"),
        ("        runtime.on_first_write()\n", f"        runtime.on_first_write()\n        {_INTENT}\n"),
    ),
    "journal no intent of what concerns the renewal": _plant(
        "_engine/writing",
        ("    if not outgoing.is_again:\n", '    if not outgoing.is_again and write.step != "renewal":\n'),
    ),
    "journal no intent of what is restored": _plant(
        "_engine/writing",
        ("    if not outgoing.is_again:\n", '    if not outgoing.is_again and write.step != "restore":\n'),
    ),
    "journal no outcome of a failure": _plant(
        "_engine/writing",
        ("journal.outcome(request_id, result, correlation_id, str(error), is_blocked=is_blocked)", "pass"),
    ),
    "call failed what was not answered": _plant(
        "_engine/writing", ('    AmbiguousWrite: "unknown",', '    AmbiguousWrite: "failed",')
    ),
    "call failed what was refused when it was sent again": _plant(
        "_engine/writing", ('"unknown" if outgoing.is_again else "failed"', '"failed"')
    ),
    "call failed what was accepted": _plant(
        "_engine/writing", ('    OperationTimedOut: "accepted",', '    OperationTimedOut: "failed",')
    ),
    "write over what is not as expected": _plant(
        "_engine/writing", ("    plan.require_expected(desired, fresh, runtime.conditions())\n", "")
    ),
    "retry with a new id": _plant(
        "_engine/attempts",
        (
            "lost.outgoing.request_id if lost is not None and is_again else self._runtime.client.new_request_id(),",
            "self._runtime.client.new_request_id(),",
        ),
    ),
    "forget one read": _plant(
        "_engine/attempts",
        (
            "            fresh = self._read()\n",
            '            fresh = self.__dict__.setdefault("first", None) or self._read()\n            self.first = fresh\n',
        ),
    ),
    "call what is found after a lost answer unchanged": _plant(
        "_engine/attempts",
        (
            "        if self._unanswered is not None:\n            outgoing, ids =",
            "        if False:\n            outgoing, ids =",
        ),
    ),
    "give up when nothing was answered": _plant(
        "_engine/attempts",
        (
            "delay = self._after_silence(failure, outgoing)",
            'raise ApiError("it failed", status=500, code=None, description=None) from failure',
        ),
    ),
    # Looking
    "trust a 200": _plant(
        "_engine/verify",
        (
            "    require(write, before, after, answer.request_id, answer.correlation_id, runtime)\n    return after\n\n\ndef _looked",
            "    return after\n\n\ndef _looked",
        ),
    ),
    "trust a 202": _plant(
        "_engine/verify",
        (
            "        if after and not mismatches(write, after, runtime.conditions()):\n            require(",
            "        if after:\n            return after\n            require(",
        ),
    ),
    "read once more after each write": _plant(
        "_engine/verify",
        ("if not after or mismatches(write, after, runtime.conditions()) or damage(write, before, after):", "if True:"),
    ),
    "write what is there already": _plant(
        "_engine/attempts", ("                return self._found_done(todo, fresh)\n", "                pass\n")
    ),
    "take an empty answer for a cleared field": _plant(
        "_engine/verify",
        ("        if after and not mismatches(", "        if not mismatches("),
    ),
    "look for an accepted write without bound": _plant(
        "_engine/verify", ("        if runtime.clock() >= deadline:", "        if False:")
    ),
    # The journal
    "do not wait until an intent is on the disk": _plant(
        "_engine/journal/file",
        (
            "            raise failure\n        self._append(event, sync=True)",
            "            raise failure\n        self._append(event)",
        ),
    ),
    "write on when the journal is full": _plant(
        "_engine/journal/file",
        (
            "        if failure is not None:\n            raise failure\n        self._append(event, sync=True)",
            "        with self._noted():\n            self._append(event, sync=True)",
        ),
    ),
    "keep no room for what has still to be said": _plant(
        "_engine/journal/file",
        ("self._lines.write(data, room=self._room.bytes)", "self._lines.write(data)"),
        ("self._lines.keep(len(data) + self._room.bytes)", "pass"),
    ),
    "end the journal without what is owed": _plant(
        "_engine/journal/file",
        ("self._append(End(summary, tuple(pending.values())))", "self._append(End(summary, ()))"),
    ),
    "do not end the journal": _plant(
        "_engine/journal/file", ("self._append(End(summary, tuple(pending.values())))", "pass")
    ),
    "lock nothing": _plant("_engine/journal/opening", ("fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass")),
    "write on after a torn line": _plant(
        "_common/line_file", ('if self._end and os.pread(file, 1, self._end - 1) != b"\\n":', "if False:")
    ),
    "begin a journal anew": _plant("_common/line_file", ("self._end = _end_of_lines(file)", "self._end = 0")),
    "say of no write what it takes away": _plant(
        "_engine/verify",
        ('return list(seen.to_keep()) if is_immediate(write) and write.step != "cancel" else []', "return []"),
    ),
    "forget what earlier runs owe": _plant(
        "_engine/fleet", ("pending=task.unfinished.pending_restores,", "pending={},")
    ),
    "settle too early": _plant(
        "_engine/restoring",
        ('if write.step == "restore" and self.changed:', "if self.changed:"),
        ("found = write.values.keys() - written.write.values.keys()", "found = self.seen.to_keep().keys()"),
    ),
    # The fleet
    "skip one item's outcome": _plant(
        "_engine/fleet_apply",
        (
            "return [run.outcomes[number] for number in range(len(fleet.subscriptions))]",
            "return [run.outcomes[number] for number in range(len(fleet.subscriptions)) if run.outcomes[number].attempted]",
        ),
    ),
    "call what was not attempted unchanged": _plant(
        "_engine/fleet_apply",
        ("outcome = FleetOutcome(subject, attempted=False)\n", "outcome = FleetOutcome(subject)\n"),
    ),
    "swallow an error": _plant(
        "_engine/fleet_apply",
        ("        error=outcome.error,\n", "        error=None if outcome.changed else outcome.error,\n"),
    ),
    "forget that a part was changed": _plant(
        "_engine/fleet_apply", ("changed=result.changed or outcome.changed,", "changed=outcome.changed,")
    ),
    "go on when told to end": _plant(
        "_engine/fleet_apply",
        (
            "if self.runtime.stopped() or self.runtime.journal.failure is not None:",
            "if self.runtime.journal.failure is not None:",
        ),
    ),
    "go on after too many failures": _plant(
        "_engine/fleet_apply", ("return limit is None or self.failures < limit", "return True")
    ),
    "begin what waits behind others never": _plant(
        "_engine/scheduler",
        (
            "            if queue.ready or queue.waiting:\n                self._runnable.append(queue)\n            else:",
            "            if queue.ready:\n                self._runnable.append(queue)\n            else:",
        ),
    ),
    "ignore the guard": _plant("_engine/fleet", ("guards.check_plan(task.guard, plan, fleet.looked_at)", "pass")),
    "write in check mode": _plant(
        "_engine/fleet", ("    if task.check_mode:\n        outcomes", "    if False:\n        outcomes")
    ),
    "expect nothing of what was approved": _plant(
        "_state/plan",
        ("expect={**plan.desired.expect, **found}", "expect=dict(found)"),
        (
            "    for name, value in desired.expect.items():\n        item = kind.field(name)",
            "    for name, value in ():\n        item = kind.field(name)",
        ),
    ),
    "let auto-renew off be an end": _plant(
        "_state/predictions/refusals",
        ("    is_harmless = asked.value or asked.conditions.is_rollback\n", "    is_harmless = True\n"),
    ),
    "let a policy win over an item": _plant(
        "_state/policies/merge",
        (
            "settings = {name: setting for name, setting in winners.items() if name not in given}",
            "settings = dict(winners)",
        ),
        (
            "merged = {name: setting.value for name, setting in settings.items()} | dict(given)",
            "merged = dict(given) | {name: setting.value for name, setting in settings.items()}",
        ),
    ),
    "plan what is there already": _plant(
        "_state/plan",
        (
            "if item.matches(raw, value) or (name not in desired.wanted and not found):",
            "if name not in desired.wanted:",
        ),
    ),
    # Reading
    "read the first page only": _plant(
        "_engine/reading/customers",
        (
            "    for customer in map(customer_of, client.customers() if is_listed else ()):",
            "    for customer in [*map(customer_of, client.customers() if is_listed else ())][:1]:",
        ),
    ),
    "read each subscription by its id": _plant(
        "_engine/planning/subscription",
        (
            "unknown = _unknown(candidate, asked, planning) if candidate.is_listed else frozenset()",
            'unknown = frozenset({"id"}) if candidate.is_listed else frozenset[str]()',
        ),
    ),
    "say nothing of customers that cannot be read": _plant(
        "_engine/planning/planner",
        (
            "    failed = tuple(SubscriptionPlan(item, gone.customer.name, error=gone.error) for item in items)\n",
            "    failed: tuple[SubscriptionPlan, ...] = ()\n",
        ),
    ),
    # Going back
    "roll back to what came after": _plant(
        "_state/records/plan_items",
        (
            "former = effect.as_asked(one.received) if one.received else one.before",
            "former = one.after if not one.received else effect.as_asked(one.received)",
        ),
    ),
    "roll back whatever is there": _plant(
        "_state/records/plan_items",
        (
            '            self.item["expect"][one.field] = _expected_value(one.field, one.after)\n',
            '            self.item["expect"][one.field] = _expected_value(one.field, one.before)\n',
        ),
    ),
    "undo the wrong run": _plant(
        "_state/records/journal_runs",
        (
            "return next((one for one in reversed(runs) if one.is_candidate), None)",
            "return next((one for one in runs if one.is_candidate), None)",
        ),
    ),
    # The client
    "take a lost answer for a request that was not sent": _plant(
        "_api/transport", ("        if isinstance(failure, Lost) and not operation.is_read:", "        if False:")
    ),
    "take a server's error for a refusal": _plant(
        "_api/transport",
        ("        if not operation.is_read and (status >= 500 or status == 408):", "        if False:"),
    ),
    "a new id for each try": _plant(
        "_api/transport", ('"MS-RequestId": operation.request_id,', '"MS-RequestId": new_id(),')
    ),
    "retry for ever": _plant(
        "_api/transport",
        ("if operation.tries >= self._settings.retries or is_too_long(said):", "if is_too_long(said):"),
    ),
    "wait for a throttled service for ever": _plant(
        "_api/transport",
        ("if is_too_long(asked) or self._gate.is_in_vain(is_write=not operation.is_read):", "if is_too_long(asked):"),
    ),
    "renew a dead token for ever": _plant(
        "_api/transport",
        ("if response.status_code == 401 and not operation.renewed:", "if response.status_code == 401:"),
    ),
    "wake nobody who waits at the gate": _plant(
        "_api/throttle/gate",
        ("            if any(told):\n                self._changed.notify_all()", "            _unheard = any(told)"),
    ),
    "take an error for an empty list": _plant(
        "_api/answers",
        (
            (
                "    if not items and _has_any(body, _FAULT):\n        return None\n    return items if isinstance(items, list)"
                " and all(isinstance(item, dict) for item in items) else None"
            ),
            "    return [*filter(lambda item: isinstance(item, dict), items or ())]",
        ),
    ),
    "send only what changes": _plant(
        "_state/kinds",
        (
            "        body = dict(raw)\n",
            '        body = {key: value for key, value in raw.items() if key in ("id", "attributes", "offerId", "status", "quantity")}\n',
        ),
    ),
}


def plant(name: str) -> None:
    """From now on the module is imported with the fault. Raises PlantError where it cannot be planted."""
    chosen = PLANTS[name]
    sys.meta_path.insert(0, _Finder(chosen))


class _Finder:
    def __init__(self, chosen: Plant) -> None:
        self._plant = chosen

    def find_spec(self, name: str, path: t.Any, target: t.Any = None) -> t.Any:
        if name != self._plant.full_name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None:
            raise PlantError(f"there is no module {self._plant.module}")
        spec.loader = _Loader(name, spec.origin, self._plant)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, chosen: Plant) -> None:
        super().__init__(name, path)
        self._plant = chosen

    def get_code(self, fullname: str) -> t.Any:
        source = Path(self.path).read_text(encoding="utf-8")
        for text, instead in self._plant.edits:
            if source.count(text) != 1:
                raise PlantError(f"{self._plant.module} holds {source.count(text)} times: {text}")
            source = source.replace(text, instead)
        return compile(source, self.path, "exec")
