# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Histories: what one seed stands for. A fleet, one to six runs on it, and everything that gets in their way.

A history is plain data (JSON), so that a failing one can be made smaller part by part, kept and played again.
"""

from __future__ import annotations

import json
import random
import typing as t
from dataclasses import asdict, dataclass, field, fields, replace

Values = dict[str, t.Any]

LICENCES: t.Final = [
    "nce",
    "nce",
    "scheduled",
    "scheduled",
    "scheduled",
    "scheduled_and_next_charge",
    "next_charge",
    "recent",
    "added_seats",
    "no_auto_renew",
    "cancelled_at_end",
    "extended_chosen",
    "extended_backfilled",
    "renewal_action",
    "transition_action",
    "renewing_soon",
    "monthly_term",
    "addon",
    "suspended",
    "suspended_by_partner",
    "three_years",
    "custom_date_action",
    "unknown_action",
    "extended_term",
]
OTHERS: t.Final = [
    "legacy",
    "legacy",
    "legacy_addon_parent",
    "legacy_addon",
    "legacy_suspended",
    "azure_plan",
    "trial",
    "trial_ending",
    "expired",
    "disabled",
    "deleted",
    "sparse",
    "pending",
    "software",
    "marketplace",
    "suspended_parent",
    "suspended_addon",
    "legacy_azure",
    "unknown_status",
]

#: How often a fault happens that does not end.
ALWAYS: t.Final = 10**6
INSTRUCTIONS: t.Final = "scheduled_next_term_instructions"


@dataclass(frozen=True)
class Run:
    """
    ``way``: ``apply`` what is wished, ``plan`` it for later, apply the plan that was ``approved``, ``rollback``, or the
    last one's wishes ``again``. ``items``: (place, settings). ``kill_at``, ``stop_at``: at which step, from the start
    or from the ``after_write``-th write on. ``disk_room``: bytes that fit on the disk. ``is_beside``: it runs at the
    same time as the one before it. ``hours``: that have passed before.
    """

    way: str = "apply"
    items: list[tuple[int, Values]] = field(default_factory=list)
    policies: list[Values] = field(default_factory=list)
    options: Values = field(default_factory=dict)
    faults: list[Values] = field(default_factory=list)
    has_journal: bool = True
    threads: int = 1
    max_failures: int | None = None
    guard: Values = field(default_factory=dict)
    kill_at: int | None = None
    after_write: int | None = None
    loses_power: bool = False
    stop_at: int | None = None
    disk_room: int | None = None
    is_beside: bool = False
    shares_journal: bool = True
    hours: float = 0.0


@dataclass(frozen=True)
class History:
    """
    ``fleet``: (customer's place, kind). ``tweaks``: (place, name). ``rivals``: (before which request, place, change).
    """

    seed: int
    variant: int = 0
    fleet: list[tuple[int, str]] = field(default_factory=list)
    tweaks: list[tuple[int, str]] = field(default_factory=list)
    switches: Values = field(default_factory=dict)
    rivals: list[tuple[int, int, Values]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def to_json(self) -> str:
        content = asdict(self)
        content["runs"] = [_without_defaults(run) for run in self.runs]
        return json.dumps(content, ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> History:
        content = json.loads(text)
        runs = [Run(**{**run, "items": [tuple(one) for one in run.get("items", ())]}) for run in content.pop("runs")]
        pairs = {name: [tuple(one) for one in content.pop(name)] for name in ("fleet", "tweaks", "rivals")}
        return History(runs=runs, **pairs, **content)


def _without_defaults(run: Run) -> Values:
    usual = Run()
    return {
        one.name: getattr(run, one.name) for one in fields(Run) if getattr(run, one.name) != getattr(usual, one.name)
    }


def history(seed: int) -> History:
    """The history that a seed stands for."""
    return _Drawing(seed).history()


class _Drawing:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.draw = random.Random(f"history {seed}")
        self.fleet: list[tuple[int, str]] = []

    def one(self, *choices: t.Any) -> t.Any:
        return self.draw.choice(choices)

    def maybe(self, chance: float) -> bool:
        return self.draw.random() < chance

    def history(self) -> History:
        draw = self.draw
        self.fleet = self._fleet()
        runs = self._runs()
        rivals: list[tuple[int, int, Values]] = []
        if self.maybe(0.25):
            rivals = [self._rival() for _number in range(draw.randint(1, 3))]
        return History(
            self.seed,
            draw.randrange(4),
            self.fleet,
            self._tweaks(),
            self._switches(),
            sorted(rivals, key=lambda rival: rival[:2]),
            runs,
        )

    def _fleet(self) -> list[tuple[int, str]]:
        draw = self.draw
        size = draw.choice((1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 10, 14, 20))
        customers = draw.randint(1, max(1, min(4, size // 2)))
        names = [draw.choice(LICENCES if draw.random() < 0.75 else OTHERS) for _number in range(size)]
        places = [*range(customers), *(draw.randrange(customers) for _number in range(size - customers))]
        return list(zip(sorted(places), names, strict=True))

    def _place(self) -> int:
        return self.draw.randrange(len(self.fleet))

    def _tweaks(self) -> list[tuple[int, str]]:
        found = [(self._place(), self._tweak()) for _number in range(self.draw.choice((0, 0, 1, 1, 2, 3)))]
        # What is suspended by Microsoft keeps what is scheduled, until it is reactivated.
        suspended = [place for place, (_customer, kind) in enumerate(self.fleet) if kind == "suspended"]
        return [*found, *((place, "scheduled") for place in suspended if self.maybe(0.6))]

    def _tweak(self) -> str:
        return str(
            self.one("scheduled", "scheduled", "not renewing", "nameless", "with partner", "large", "null", "suspended")
        )

    def _runs(self) -> list[Run]:
        draw = self.draw
        count = draw.choice((1, 1, 1, 2, 2, 2, 3, 3, 4, 5))
        is_calm = self.maybe(0.1)
        runs = [self._run(is_calm)]
        while len(runs) < count:
            way = self.one("apply", "apply", "again", "again", "rollback", "rollback", "approved")
            if way == "approved":
                plan = replace(self._run(is_calm), way="plan", kill_at=None, loses_power=False)
                runs += [plan, self._accident(Run("approved", options=plan.options, hours=self._hours()), is_calm)]
            elif way == "apply":
                runs.append(self._run(is_calm))
            else:
                runs.append(self._accident(Run(way, options=self._options(), hours=self._hours()), is_calm))
        if len(runs) > 1 and not is_calm and self.maybe(0.15):
            place = draw.randrange(1, len(runs))
            runs[place] = replace(runs[place], is_beside=True, shares_journal=self.maybe(0.4), hours=0.0)
        return runs[:6]

    def _hours(self) -> float:
        return float(self.one(0, 0, 0, 0.1, 1, 24, 24, 240, 2400))

    def _run(self, is_calm: bool) -> Run:
        draw = self.draw
        items = {}
        for _number in range(draw.choice((0, 1, 1, 2, 2, 3, 4, 6))):
            items[self._place()] = self._settings(("n", "Ünï 名 {x}", "a longer name than most"), is_item=True)
        policies = [self._policy(number) for number in range(draw.choice((0, 0, 1, 1, 2)))]
        if not items and not policies:
            items[self._place()] = self._settings(("n",), is_item=True)
        run = Run(
            items=list(items.items()),
            policies=policies,
            options=self._options(),
            guard=self.one({}, {}, {}, {}, {"max_changes": 2}, {"max_seat_increase": 10}),
            hours=self._hours() if self.maybe(0.2) else 0.0,
        )
        return self._accident(run, is_calm)

    def _options(self) -> Values:
        options: Values = {"scheduled_changes": self.one(*["restore"] * 6, "refuse", "drop")}
        options["retries"] = self.one(1, 3, 5)
        options["wait_timeout"] = self.one(30, 300, 300, 300)
        if self.maybe(0.08):
            options["wait"] = False
        return options

    def _accident(self, run: Run, is_calm: bool) -> Run:
        """What happens to a run itself, besides what happens to its requests."""
        draw = self.draw
        run = replace(run, threads=self.one(1, 1, 1, 1, 2, 4), has_journal=not self.maybe(0.05))
        if is_calm:
            return run
        run = replace(run, faults=self._faults(), max_failures=self.one(None, None, None, None, None, 1))
        what = draw.random()
        is_late = self.maybe(0.6)
        step = draw.randint(1, 25) if is_late else draw.choice((draw.randint(1, 40), draw.randint(1, 200)))
        if what < 0.18:
            run = replace(run, kill_at=step, loses_power=self.maybe(0.4))
        elif what < 0.25:
            run = replace(run, stop_at=step)
        elif what < 0.33:
            run = replace(run, disk_room=draw.choice((draw.randint(0, 1500), draw.randint(0, 8000))))
        if is_late and what < 0.25:
            run = replace(run, after_write=draw.choice((1, 1, 1, 2, 3, 5)))
        return run

    def _faults(self) -> list[Values]:
        count = self.draw.choice((0, 0, 1, 1, 1, 2, 3, 5))
        found = [self._fault() for _number in range(count)]
        if self.maybe(0.04):
            # Made later than anybody waits for, and refused when it is sent again.
            at = self.draw.choice((0, 0, 1, 2))
            late = {"kind": "late", "on": "write", "at": at, "count": 1, "options": {"seconds": self.one(60, 1000)}}
            found += [late, {**self._fault("refuse"), "on": "write", "at": at + 1, "count": ALWAYS}]
        return found

    def _fault(self, kind: str = "") -> Values:
        draw = self.draw
        kind = kind or draw.choice(_KINDS)
        on, options = _FAULTS[kind]
        return {
            "kind": kind,
            "on": draw.choice(on),
            "at": draw.choice((0, 0, 0, 1, 1, 2, 3, 4, 5, 8, 13)),
            "count": draw.choice((1, 1, 1, 1, 2, 3, 9, ALWAYS)),
            "options": dict(draw.choice(options)),
        }

    def _rival(self) -> tuple[int, int, Values]:
        change = self.one(
            {"friendlyName": "other"},
            {"quantity": 33},
            # Turned off, it takes with it what is scheduled.
            {"autoRenewEnabled": False, "$unset": ["scheduledNextTermInstructions", "scheduledActions"]},
            {"autoRenewEnabled": True},
            {"$unset": ["scheduledNextTermInstructions"]},
            {"$unset": ["scheduledActions"]},
            {"status": "suspended"},
            {"partnerId": "1234567"},
        )
        return self.draw.choice((self.draw.randint(1, 12), self.draw.randint(1, 80))), self._place(), change

    def _settings(self, names: tuple[str, ...], *, is_item: bool) -> Values:
        """A few settings that a user may wish for at the same time."""
        every: dict[str, t.Callable[[], t.Any]] = {
            "friendly_name": lambda: self.one(*names),
            "quantity": lambda: self.one(1, 26, 90, 91),
            "auto_renew_enabled": lambda: self.maybe(0.5),
            "status": lambda: self.one("active", "active", "suspended", "suspended", "deleted"),
            "billing_cycle": lambda: self.one("monthly", "annual"),
            "partner_id": lambda: self.one("4391507", "4391507", "1111111"),
            INSTRUCTIONS: self._instructions,
            f"clear_{INSTRUCTIONS}": lambda: True,
            "end_of_term": lambda: self.one("renew", "cancel", "cancel", "extended_service_term"),
            "support_contact": lambda: self._contact(is_item),
        }
        weights = (3, 4, 2, 2, 1, 1, 3, 1, 3, 1)
        chosen = set(self.draw.choices([*every], weights, k=self.draw.choice((1, 1, 2, 2, 3))))
        if INSTRUCTIONS in chosen:
            chosen -= {f"clear_{INSTRUCTIONS}", "auto_renew_enabled", "end_of_term"}
        if "end_of_term" in chosen:
            chosen -= {"auto_renew_enabled", f"clear_{INSTRUCTIONS}", "status"}
        return {name: draw() for name, draw in every.items() if name in chosen}

    def _instructions(self) -> Values:
        return dict(
            self.one(
                {"quantity": 7},
                {"product": {"billing_cycle": "annual"}},
                {"quantity": 3, "product": {"term_duration": "P3Y"}},
                {"quantity": 9, "custom_term_end_date": "2027-06-30T00:00:00Z"},
            )
        )

    def _contact(self, is_item: bool) -> Values:
        contact = dict(
            self.one({"support_mpn_id": "4391507"}, {"name": "Proseware Partners"}, {"support_mpn_id": "9999999"})
        )
        return {**contact, "allow_new_commerce": True} if is_item and self.maybe(0.5) else contact

    def _policy(self, number: int) -> Values:
        match: Values = dict(
            self.one(
                {"product_type": "nce"},
                {"product_type": "legacy"},
                {"term_duration": "P1Y"},
                {"billing_type": "license"},
                {"offer_name": "*365*"},
                {"offer_name": ["[A-M]*", "*Business*"]},
                {"is_addon": False},
            )
        )
        return {
            "name": f"p{number}",
            "match": match,
            "set": self._settings(("p", "{quantity} seats", "{customer_name} - {offer_name}"), is_item=False),
        }

    def _switches(self) -> Values:
        draw = self.draw
        chosen: Values = {}
        for name in draw.sample([*_SWITCHES], draw.choice((0, 0, 1, 2, 3, 4))):
            chosen[name] = draw.choice(_SWITCHES[name])
        if self.maybe(0.12):
            chosen |= {
                "patch_answer": "202",
                "accepted_delay": self.one(0.5, 5.0, 20.0, 120.0, "never"),
                "accepted_outcome": self.one("applied", "applied", "applied", "lost"),
                "accepted_location": self.one("relative", "v1", "absolute", "none", "foreign"),
                "pending_get": self.one("old", "202", "204", "empty"),
            }
        if self.maybe(0.08):
            chosen |= {
                "throttle_limit": self.one(3, 10, 20),
                "throttle_window": self.one(2.0, 20.0, 60.0),
                "throttle_scope": self.one("partner", "customer"),
                "throttle_endpoints": self.one("subscriptions", "all"),
                "retry_after": self.one("seconds", "date", "none"),
            }
        return chosen


#: Values other than the default, of switches that clients can notice.
_SWITCHES: t.Final[dict[str, list[t.Any]]] = {
    "schedule_drop": ["all", "none"],
    "drops_actions": [False],
    "absent_actions": ["keep"],
    "absent_auto_renew": ["keep"],
    "clear_instructions_by": ["omission", "null"],
    "scheduled_actions_form": ["object", "lenient"],
    "actions_and_instructions": ["refused"],
    "end_of_term_readback": ["instructions", "actions", "both"],
    "one_change_per_patch": [True],
    "suspend_turns_auto_renew_off": [False],
    "est_available": [False],
    "est_auto_renew_readback": ["true"],
    "est_conversion_delay": [60.0, "never"],
    "est_backfill": [True],
    "est_identity": ["new_id"],
    "est_suspended_at_end": ["expired", "extended"],
    "pre_end_lock_hours": [24.0],
    "renewal_queue_minutes": [30.0],
    "stale_availability": ["refused"],
    "microsoft_suspension": ["kept"],
    "stale_if_match": ["2055", "417"],
    "nce_if_match": ["refuse"],
    "billing_cycle_change": ["immediate", "refused"],
    "billing_cycle_terms": ["any"],
    "legacy_auto_renew": ["ignored"],
    "nce_suspend": ["refused"],
    "cascade_addons": ["cascade"],
    "friendly_name_max_length": [12],
    "list_omits": [
        ["autoRenewEnabled"],
        ["scheduledNextTermInstructions", "scheduledActions"],
        ["friendlyName", "status"],
    ],
    "pending_patch": ["apply"],
    "pending_get": ["202", "204", "empty"],
    "request_id_reuse": ["ignore", "conflict"],
    "request_id_seconds": [10.0],
    "bom": ["all", "off"],
    "error_code_type": ["string"],
    "support_contact_none": ["404", "null", "nulls", "empty"],
    "support_contact_check": ["overwrite_name"],
    "supportcontact_new_commerce": ["empty", "forbidden", "accepted"],
    "max_page_size": [1],
    "last_page": ["plain", "token", "empty"],
    "next_link": ["v1", "absolute"],
    "unknown_customer": ["404"],
}

_ANY, _WRITE, _READ, _ONE = ["any"], ["write"], ["read"], ["one"]
_NONE: t.Final[list[Values]] = [{}]
_ACCEPTED: t.Final[list[Values]] = [
    {"seconds": 0.5},
    {"seconds": 5},
    {"seconds": 20},
    {"seconds": 400},
    {"seconds": None},
    {"seconds": 0.5, "lost": True},
]
#: Each kind of fault: which requests it meets, and how.
_FAULTS: t.Final[dict[str, tuple[list[str], list[Values]]]] = {
    "not_sent": (_ANY + _WRITE, _NONE),
    "lost_before": (_ANY + _WRITE * 2, _NONE),
    "lost_after": (_ANY + _WRITE * 3, _NONE),
    "slow": (_ANY + _WRITE, _NONE),
    "late": (_WRITE, [{"seconds": 0.5}, {"seconds": 3}, {"seconds": 20}, {"seconds": 100}]),
    "truncated": (_ANY + _WRITE, _NONE),
    "status": (_ANY + _WRITE, [{"status": status} for status in (500, 503, 408, 504, 502)]),
    "after_status": (_WRITE, [{"status": 500}, {"status": 504}, {"status": 500, "store": True}]),
    "html": (_ANY + _WRITE, _NONE),
    "empty": (_ANY + _WRITE, _NONE),
    "body": (
        _READ + _WRITE,
        [
            {"body": {"code": 800003, "description": "no"}},
            {"body": {"items": []}},
            {"body": {"totalCount": 0}},
            {"body": "{"},
        ],
    ),
    "stale": (_ONE * 3 + _READ, _NONE),
    "not_applied": (_WRITE, [{"show": "old"}, {}]),
    "accepted": (_WRITE, _ACCEPTED),
    "refuse": (
        _ANY + _WRITE * 3 + _ONE,
        [
            {"status": 400, "code": 3000},
            {"status": 409, "code": 900278},
            {"status": 409, "code": 800082},
            {"status": 409, "code": 0},
            {"status": 400, "code": 900280},
            {"status": 412, "code": 0},
            {"status": 403, "code": 20002},
            {"status": 404, "code": 20003},
            {"status": 417, "code": 800036},
        ],
    ),
    "throttle": (_ANY + _WRITE, [{"seconds": 1}, {"seconds": 30}, {"seconds": 400}]),
    "token": (_ANY + _WRITE, _NONE),
}
_KINDS: t.Final = [
    *_FAULTS,
    *("lost_before", "lost_after", "lost_after", "late", "after_status", "stale", "stale", "accepted", "accepted"),
    *("not_applied", "refuse", "refuse"),
]
