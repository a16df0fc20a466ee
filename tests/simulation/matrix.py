# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
The fault matrix: every way of writing, every fault, once, twice and always, each cell a history of one run.

A cell says what the service holds afterwards, what the user is told, and how many requests it took. Each is also held
against the invariants, and against what the guide promises.
"""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass, field

from ansible_collections.csp.partner_center.plugins.module_utils._engine.fleet import FleetOutcome

from .history import History, Run, Values
from .invariants import violations
from .network import ACTIONS
from .play import Played, Story, play
from .service import Ids
from .stored import KEYS

#: How often a fault happens: its name, and the number.
TIMES: t.Final = {"once": 1, "twice": 2, "always": 100_000}
SERVERS: t.Final = (408, 500, 502, 503, 504)
#: Tries after the first one, as the modules have it.
RETRIES: t.Final = 5


@dataclass(frozen=True)
class Way:
    """
    A way of writing to one subscription of a ``kind``. ``at``: which of its writes is disturbed, from 0 on.
    ``with_others``: two more of the customer are written in the same run, so that it is read by the customer's list.
    """

    name: str
    kind: str
    settings: Values
    at: int = 0
    with_others: bool = False


@dataclass(frozen=True)
class Fault:
    """
    ``promise``: the sentence that says what comes of it; ``ends``: the outcomes (see OUTCOMES) for once, twice and
    always. ``on``: which requests it meets (see network.py); ``kind`` and ``options`` as a history has them.
    """

    name: str
    promise: str
    ends: str
    kind: str
    on: str = "write"
    options: Values = field(default_factory=dict)

    def expected(self, way: Way, times: str) -> str:
        """The outcome that is promised for a way of writing."""
        for ways, faults, when, outcome, _why in EXCEPTIONS:
            if way.name in ways and self.name in faults and times in when:
                return outcome
        outcome = self.ends.split()[[*TIMES].index(times)]
        return "damaged" if way.at and outcome != "made" else outcome


@dataclass(frozen=True)
class Cell:
    """
    ``state``: what the service holds at the end of the run; ``told``: what the user is told; ``requests``: what it
    took besides those of an undisturbed run. ``broken``: the invariants that do not hold.
    """

    way: str
    fault: str
    times: str
    state: str
    told: str
    requests: int
    broken: tuple[str, ...] = ()


_RENEWAL: t.Final = "scheduled_next_term_instructions"
WAYS: t.Final = (
    Way("rename", "nce", {"friendly_name": "new"}),
    Way("rename, in a fleet", "nce", {"friendly_name": "new"}, with_others=True),
    Way("seats", "nce", {"quantity": 90}),
    Way("seats, where something is scheduled", "scheduled", {"quantity": 90}),
    Way("what is scheduled, written back after seats", "scheduled", {"quantity": 90}, at=1),
    Way("end of the term: cancel", "nce", {"end_of_term": "cancel"}),
    Way("end of the term: renew", "no_auto_renew", {"end_of_term": "renew"}),
    Way("renewal instructions", "nce", {_RENEWAL: {"quantity": 7}}),
    Way("clearing renewal instructions", "scheduled", {f"clear_{_RENEWAL}": True}),
    Way("billing cycle", "three_years", {"billing_cycle": "annual"}),
    Way("suspension", "nce", {"status": "suspended"}),
    Way("reactivation", "suspended_by_partner", {"status": "active"}),
    Way("cancellation", "recent", {"status": "deleted"}),
    Way("partner of record", "nce", {"partner_id": "4391507"}),
    Way("support contact", "legacy", {"support_contact": {"support_mpn_id": "4391507"}}),
    Way("legacy seats", "legacy", {"quantity": 26}),
)


#: What the service holds and what the user is told, by the word for it.
OUTCOMES: t.Final = {
    "made": ("made", "changed"),
    "refused": ("not made", "ApiError, unchanged"),
    "unknown": ("not made", "OutcomeUnknown, unchanged"),
    "missing": ("not made", "NotApplied, unchanged"),
    "accepted": ("not made", "OperationTimedOut, changed"),
    "unsent": ("not made", "TransportError, unchanged"),
    "odd": ("not made", "BadAnswer, unchanged"),
    "conflict": ("not made", "Conflict, unchanged"),
    "damaged": ("made, scheduledNextTermInstructions lost", "Damaged, changed"),
}
#: How a page for people says it.
WORDS: t.Final = {
    "made": "made, and seen",
    "refused": "not made; fails with what Partner Center said",
    "unknown": "not made; fails, since nobody can know (``OutcomeUnknown``)",
    "missing": "not made; fails, since it does not show (``NotApplied``)",
    "accepted": "accepted, not seen; fails as such (``OperationTimedOut``)",
    "unsent": "not made; fails, since nothing answers (``TransportError``)",
    "odd": "not made; fails, since the answer is none (``BadAnswer``)",
    "conflict": "not made; fails as a conflict (``Conflict``)",
    "damaged": "what was asked is made; fails, naming what is lost (``Damaged``)",
}
PROMISES: t.Final = {
    "sent": "A write that never left is sent again.",
    "unclear": "After a write without a clear answer the engine reads first. What is there is done; what is not is sent"
    " again, as often as ``retries`` says. It is never made twice.",
    "seen": "A success is what a read shows. What does not show is reported as not applied.",
    "accepted": "An accepted write is waited for until ``wait_timeout``. Then the error says that it was accepted.",
    "token": "A refused token is renewed once.",
    "throttled": "A 429 is waited for. It ends an operation where it comes ``retries`` + 1 times in a row with nothing"
    " accepted in between, or asks for more than 300 seconds.",
    "stale": "A stale etag leads to a fresh read, a new comparison and a bounded number of tries.",
    "pending": "A change under way, and what is refused for the moment, is waited for.",
    "refused": "Every other refusal is final, and told with its code and what to do.",
    "read": "A read is tried again. Nothing is written on top of an answer that is not what was asked for.",
}


def _refused(
    status: int, code: int, name: str, promise: str = "refused", ends: str = "refused refused refused"
) -> Fault:
    return Fault(f"{status}/{code}: {name}", promise, ends, "refuse", options={"status": status, "code": code})


_UNCLEAR: t.Final = "made made unknown"
_NO: t.Final[Values] = {"code": 800003, "description": "no"}
_MISSING: t.Final = "missing missing missing"
_ACCEPTED: t.Final = "accepted accepted accepted"
FAULTS: t.Final = (
    Fault("not sent: connection refused", "sent", "made made unsent", "not_sent"),
    Fault("connection lost before it arrives", "unclear", _UNCLEAR, "lost_before"),
    Fault("connection lost after it is made", "unclear", "made made made", "lost_after"),
    Fault("lost, and made 20 seconds later", "unclear", "made made made", "late", options={"seconds": 20}),
    Fault("made, no answer within timeout", "unclear", "made made made", "slow"),
    Fault("made, and the answer breaks off", "unclear", "made made made", "truncated"),
    Fault("made, and the answer is empty", "unclear", "made made made", "empty"),
    Fault("not made, and the answer is HTML", "unclear", _UNCLEAR, "html"),
    Fault("200 with an error document", "unclear", _UNCLEAR, "body", options={"body": _NO}),
    *(Fault(f"{status}, not made", "unclear", _UNCLEAR, "status", options={"status": status}) for status in SERVERS),
    *(
        Fault(f"{status}, made", "unclear", "made made made", "after_status", options={"status": status})
        for status in SERVERS
    ),
    Fault(
        "500, made, and repeated for its id",
        "unclear",
        "made made made",
        "after_status",
        options={"status": 500, "store": True},
    ),
    Fault("200 that is not the subscription", "seen", _MISSING, "body", options={"body": "{"}),
    Fault("200, not made, shown as made", "seen", _MISSING, "not_applied"),
    Fault("200, not made, shown as before", "seen", _MISSING, "not_applied", options={"show": "old"}),
    Fault("202, made after 5 seconds", "accepted", "made made made", "accepted", options={"seconds": 5}),
    Fault("202, made after 400 seconds", "accepted", _ACCEPTED, "accepted", options={"seconds": 400}),
    Fault("202, never made", "accepted", _ACCEPTED, "accepted", options={"seconds": 0.5, "lost": True}),
    Fault("401, token expired", "token", "made refused refused", "token"),
    Fault("429, for a second", "throttled", "made made refused", "throttle", options={"seconds": 1}),
    Fault("429, for 400 seconds", "throttled", "refused refused refused", "throttle", options={"seconds": 400}),
    _refused(400, 2055, "etag not valid any more", "stale", "made made refused"),
    _refused(412, 0, "etag not valid any more", "stale", "made made refused"),
    _refused(417, 800036, "precondition failed", "stale", "made made refused"),
    _refused(400, 900280, "not at the moment", "pending", "made made refused"),
    _refused(409, 800082, "not ready", "pending", "made made refused"),
    _refused(409, 900278, "a change is pending", "pending", "made made refused"),
    _refused(400, 3000, "invalid property"),
    _refused(400, 800090, "seats cannot be reduced"),
    _refused(400, 900277, "being expired"),
    _refused(403, 20002, "no relationship"),
    _refused(403, 900150, "no rights"),
    _refused(404, 20003, "no such subscription"),
    _refused(409, 0, "conflict"),
    Fault("read before it: connection lost", "read", "made made unsent", "lost_before", "one"),
    Fault("read before it: 503", "read", "made made refused", "status", "one", {"status": 503}),
    Fault("read before it: HTML", "read", "made made refused", "html", "one"),
    Fault("read before it: empty", "read", "made made odd", "empty", "one"),
    Fault("read before it: an error document", "read", "odd odd odd", "body", "one", {"body": _NO}),
    Fault("read before it: out of date", "read", "made made made", "stale", "one"),
    Fault(
        "read before it: 404/20003", "read", "refused refused refused", "refuse", "one", {"status": 404, "code": 20003}
    ),
    Fault(
        "read before it: 403/20002", "read", "refused refused refused", "refuse", "one", {"status": 403, "code": 20002}
    ),
)
#: Every other code that a write may be refused with, by its status. Each comes to the same as those above.
OTHER_CODES: t.Final = {
    400: (
        *(2000, 2001, 2002, 2006, 2011, 2012, 2054, 2071, 6000, 6001, 800002, 800012, 800016, 800021, 800029, 800030),
        *(800040, 800061, 800063, 800072, 800080, 800081, 800085, 800091, 800092, 800093, 800095, 800096, 800097),
        *(800098, 800107, 800121, 800122, 900117, 900118, 900127, 900154, 900213, 900214, 900244, 900245, 900246),
        *(900257, 900275, 900279, 900311),
    ),
    403: (
        *(1002, 2032, 800019, 800039, 800066, 800067, 800068, 800073, 800074, 800075, 800077, 800088, 800089, 900123),
        *(900124, 900149, 900263, 900308, 900309, 900321, 900322, 900329, 900416),
    ),
    404: (1000, 20000, 2072, 400019, 800015, 800076),
    409: (27009, 800014, 800060, 800064),
}
_CONTACT: t.Final = "support contact"
#: (ways, faults, times, the outcome, why): where some ways of writing differ from the others.
EXCEPTIONS: t.Final = (
    (
        ("clearing renewal instructions",),
        ("200 that is not the subscription", "200, not made, shown as made", "200, not made, shown as before"),
        ("once",),
        "made",
        "a clearing that does not show is sent once more, with an explicit null",
    ),
    (
        ("seats, where something is scheduled", "what is scheduled, written back after seats"),
        ("read before it: out of date",),
        ("always",),
        "damaged",
        "as long as reads do not show that the first write has deleted something, nothing is written back",
    ),
    (
        (_CONTACT,),
        ("202, made after 400 seconds", "202, never made"),
        tuple(TIMES),
        "made",
        "no service is known to answer a contact with 202",
    ),
    ((_CONTACT,), ("read before it: empty",), ("once",), "conflict", "an empty contact is none, and one was there"),
    ((_CONTACT,), ("read before it: empty",), ("always",), "made", "an empty contact is none"),
)


def played(way: Way, fault: Fault | None, times: str) -> Story:
    """The history of a cell, played."""
    items = [(0, way.settings)]
    fleet = [(0, way.kind)]
    if way.with_others:
        fleet += [(0, "nce"), (0, "nce")]
        items += [(1, {"friendly_name": "one"}), (2, {"friendly_name": "two"})]
    faults = []
    if fault is not None:
        at = way.at if fault.on == "write" else (way.at + 1 if not way.with_others else way.at)
        faults = [{"kind": fault.kind, "on": fault.on, "at": at, "count": TIMES[times], "options": fault.options}]
    run = Run(items=items, faults=faults, options={"retries": RETRIES, "wait_timeout": 300})
    switches = {"schedule_drop": "all", "est_conversion_delay": "never"}
    return play(History(1, 0, fleet, [], switches, [], [run]))


def cells() -> t.Iterator[Cell]:
    """Every cell: of the codes that come to the same as others, only those of once."""
    for way in WAYS:
        usual = _requests(played(way, None, "once"))
        for fault in FAULTS:
            for times in TIMES:
                yield _cell(way, fault, times, usual)
        for fault in other_refusals():
            yield _cell(way, fault, "once", usual)


def _cell(way: Way, fault: Fault, times: str, usual: int) -> Cell:
    story = played(way, fault, times)
    broken = tuple(f"{name}: {what}" for name, what in violations(story))
    first = story.played[0]
    told = _told(first)
    return Cell(way.name, fault.name, times, _state(way, first), told, _requests(story) - usual, broken)


def _requests(story: Story) -> int:
    return len(story.played[0].asked)


def _ids(run: Played) -> Ids:
    item = run.items[0]
    return item["customer_id"].lower(), item["subscription_id"].lower()


def _state(way: Way, run: Played) -> str:
    """What became of what was asked, and of what nobody asked to change."""
    ids = _ids(run)
    before, after = run.before[ids], run.after[ids]
    keys = {key for name in way.settings for key in KEYS.get(name.removeprefix("clear_"), ())} | {"(contact)"}
    if way.settings.get("status") == "suspended":
        # Partner Center turns it off with a suspension, which is foretold.
        keys.add("autoRenewEnabled")
    is_changed = any(before.get(key) != after.get(key) for key in keys)
    lost = [
        key
        for key in ("autoRenewEnabled", "scheduledNextTermInstructions", "scheduledActions")
        if key not in keys and before.get(key) != after.get(key)
    ]
    state = "made" if is_changed else "not made"
    return f"{state}, {' and '.join(lost)} lost" if lost else state


def _outcome(run: Played) -> FleetOutcome | None:
    if run.result is None:
        return None
    _customer_id, wanted = _ids(run)
    found = (one for one in run.result.outcomes if one.subject.item.subscription_id.lower() == wanted)
    return next(found, None)


def _told(run: Played) -> str:
    outcome = _outcome(run)
    if outcome is None:
        errors = () if run.result is None else run.result.errors
        return ", ".join(type(error).__name__ for error in errors) or repr(run.error)
    said = "changed" if outcome.changed else "unchanged"
    return said if outcome.error is None else f"{type(outcome.error).__name__}, {said}"


def other_refusals() -> t.Iterator[Fault]:
    for status, codes in OTHER_CODES.items():
        for code in codes:
            yield _refused(status, code, "another code")


def rename_faults() -> t.Iterator[Values]:
    """
    The faults as plain data, for those who try them elsewhere. ``told``: what the user is told of one rename;
    ``action``: the emulator's, empty for what the network does.
    """
    for fault in FAULTS:
        state, told = OUTCOMES[fault.expected(WAYS[0], "once")]
        yield {**asdict(fault), "action": ACTIONS.get(fault.kind, ""), "state": state, "told": told}


def broken_promises(found: t.Iterable[Cell]) -> t.Iterator[str]:
    """What did not come as it is promised, or violates an invariant."""
    ways = {way.name: way for way in WAYS}
    faults = {fault.name: fault for fault in (*FAULTS, *other_refusals())}
    for cell in found:
        expected = OUTCOMES[faults[cell.fault].expected(ways[cell.way], cell.times)]
        if expected != (cell.state, cell.told):
            yield f"{cell.way}, {cell.fault}, {cell.times}: {cell.state} / {cell.told}, and not {' / '.join(expected)}"
        for one in cell.broken:
            yield f"{cell.way}, {cell.fault}, {cell.times}: {one}"
