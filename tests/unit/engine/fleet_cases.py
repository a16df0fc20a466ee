# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets, wishes and mishaps for property tests. Subscriptions are named by their place in the fleet."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field

from hypothesis import strategies as st

#: With six subscriptions each, the emulator's first three customers hold most kinds; tweaks make the rest.
CUSTOMERS, EACH = 3, 6

Values = dict[str, t.Any]


@dataclass(frozen=True)
class Case:
    """
    ``tweaks``: (place, name of a tweak) done to the fleet beforehand; ``items``: (place, settings); ``hooks``: (place,
    hook), what somebody else changes in the middle of the run; the rest as the module and the emulator take it.
    """

    tweaks: tuple[tuple[int, str], ...] = ()
    items: tuple[tuple[int, Values], ...] = ()
    policies: tuple[Values, ...] = ()
    switches: Values = field(default_factory=dict)
    faults: tuple[Values, ...] = ()
    hooks: tuple[tuple[int, Values], ...] = ()
    scheduled_changes: str = "restore"
    threads: int = 1
    max_failures: int | None = None


#: A few subscriptions at a time, so that wishes, tweaks and hooks often meet.
_anyone = st.integers(0, CUSTOMERS * EACH - 1)
#: Active ones, with scheduled changes among them (the emulator's fleet begins with one of each kind, in a fixed order).
_lively = st.sampled_from([0, 1, 2, 3, 3, 3, 5, 10, 11, 12, 12, 13, 14, 16, 17])
_chosen = st.shared(st.lists(_lively | _lively | _anyone, min_size=1, max_size=4, unique=True), key="places")
places = _chosen.flatmap(st.sampled_from)

#: What can be done to a subscription beforehand; ``fleet_model`` knows how.
TWEAKS: t.Final = (
    "scheduled",
    "scheduled",
    "scheduled",
    "scheduled",
    "not renewing",
    "nameless",
    "with partner",
    "large",
    "null",
    "contact",
    "suspended",
)

_contact = st.sampled_from(
    [
        {"support_mpn_id": "4391507"},
        {"support_mpn_id": "4391507"},
        {"name": "Proseware Partners"},
        {"support_mpn_id": "9999999"},
    ]
)
_instructions = st.sampled_from(
    [
        {"quantity": 7},
        {"product": {"billing_cycle": "annual"}},
        {"quantity": 3, "product": {"term_duration": "P3Y"}},
        {"quantity": 9, "custom_term_end_date": "2027-06-30T00:00:00Z"},
    ]
)


def _settings(names: tuple[str, ...], contact: st.SearchStrategy[Values]) -> st.SearchStrategy[Values]:
    """A few at a time, mostly such that the server takes: of many, one is always refused, and nothing happens."""
    every: dict[str, st.SearchStrategy[t.Any]] = {
        "friendly_name": st.sampled_from(names),
        "quantity": st.sampled_from([1, 26, 90, 91]),
        "auto_renew_enabled": st.booleans(),
        "status": st.sampled_from(["active", "active", "suspended", "suspended", "deleted"]),
        "billing_cycle": st.sampled_from(["monthly", "annual"]),
        "partner_id": st.sampled_from(["4391507", "4391507", "1111111"]),
        "scheduled_next_term_instructions": _instructions,
        "clear_scheduled_next_term_instructions": st.just(True),
        "support_contact": contact,
    }
    chosen = st.lists(st.sampled_from(list(every)), min_size=1, max_size=3, unique=True)
    return chosen.flatmap(lambda keys: st.fixed_dictionaries({key: every[key] for key in every if key in keys})).map(
        _without_contradiction
    )


def _insisting(contact: Values) -> Values:
    """An item's contact is written on new commerce, too; policies leave that out."""
    return {**contact, "allow_new_commerce": True}


def _without_contradiction(given: Values) -> Values:
    """A user's wish that is refused before any request would test nothing."""
    name = "scheduled_next_term_instructions"
    if name in given and (given.get("auto_renew_enabled") is False or f"clear_{name}" in given):
        return {key: value for key, value in given.items() if key not in ("auto_renew_enabled", f"clear_{name}")}
    if given.get("status") == "suspended" and given.get("auto_renew_enabled"):
        # A suspension turns it off.
        return {key: value for key, value in given.items() if key != "auto_renew_enabled"}
    return given


items = st.lists(
    st.tuples(places, _settings(("n", "Ünï 名 {x}", "a longer name than most"), _contact.map(_insisting))), max_size=6
).map(lambda found: tuple(dict(found).items()))

#: Only what no setting changes: a policy that moves a subscription out of its own match is never at rest.
_match = st.fixed_dictionaries(
    {},
    optional={
        "product_type": st.sampled_from(["nce", "legacy"]),
        "term_duration": st.sampled_from(["P1Y", "P1M"]),
        "billing_type": st.just("license"),
        "is_addon": st.booleans(),
        "is_trial": st.booleans(),
        "offer_name": st.sampled_from(["*365*", "*Business*", "[A-M]*", "*"]),
    },
).filter(bool)
_templates = ("{customer_name} - {offer_name}", "{quantity} seats", "p", "until {term_end}")
_policy = st.fixed_dictionaries(
    {
        "match": _match,
        "set": _settings(_templates, _contact | st.just({"support_mpn_id": "{partner_id}"})),
    },
    optional={"exclude": _match},
)
policies = st.lists(_policy, max_size=2).map(
    lambda found: tuple({"name": f"p{number}", **policy} for number, policy in enumerate(found))
)

#: Keys that every subscription has, or every one of its kind: a list's item without them is seen to be lacking.
ALWAYS: t.Final = (
    "autoRenewEnabled",
    "quantity",
    "friendlyName",
    "status",
    "productType",
    "billingType",
    "billingCycle",
    "partnerId",
    "offerId",
)
#: Keys that may be absent in any case: what they hold is found out right before a write.
SOMETIMES: t.Final = ("termDuration", "scheduledNextTermInstructions", "nextChargeInstructions", "refundableQuantity")


def omits(*names: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)


#: What a PATCH that is only accepted (202) may be like.
_accepted = st.fixed_dictionaries(
    {
        "patch_answer": st.just("202"),
        "accepted_delay": st.sampled_from([0.05, 0.05, 0.2, "never"]),
        "accepted_outcome": st.sampled_from(["applied", "applied", "applied", "lost"]),
        "accepted_location": st.sampled_from(["relative", "v1", "absolute", "none", "foreign"]),
        "pending_get": st.sampled_from(["old", "202", "204", "empty"]),
    }
)
_switches: dict[str, st.SearchStrategy[t.Any]] = {
    "schedule_drop": st.sampled_from(["documented", "none"]),
    "clear_instructions_by": st.sampled_from(["omission", "null"]),
    "request_id_reuse": st.sampled_from(["ignore", "conflict"]),
    "list_omits": omits(*ALWAYS, *SOMETIMES),
    "stale_if_match": st.sampled_from(["2055", "417"]),
    "nce_if_match": st.just("refuse"),
    "billing_cycle_change": st.sampled_from(["immediate", "refused"]),
    "billing_cycle_terms": st.just("documented"),
    "legacy_auto_renew": st.just("ignored"),
    "nce_suspend": st.just("refused"),
    "absent_auto_renew": st.just("keep"),
    "support_contact_none": st.sampled_from(["null", "nulls", "empty"]),
    "support_contact_check": st.just("overwrite_name"),
    "friendly_name_max_length": st.just(12),
    "bom": st.just("all"),
}
#: A few at a time: with all of them, hardly any write would be made.
switches = st.builds(
    lambda some, accepted: {**some, **accepted},
    st.lists(st.sampled_from([*_switches]), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: _switches[name] for name in _switches if name in names})
    ),
    st.sampled_from([False, False, False, True]).flatmap(lambda waits: _accepted if waits else st.just({})),
)

_WRITES = {"method": "PATCH,PUT", "path": "/v1/*"}
_READS = {"method": "GET", "path": "/v1/customers/*"}
_LISTS = {"method": "GET", "path": "/v1/customers/*/subscriptions"}
_ONE = {"method": "GET", "path": f"/v1/customers/*/subscriptions/{'?' * 36}"}


def _rules(pairs: t.Sequence[tuple[Values, Values]], times: st.SearchStrategy[t.Any]) -> st.SearchStrategy[Values]:
    return st.builds(
        lambda pair, skip, count: {"match": pair[0], "skip": skip, "times": count, **pair[1]},
        st.sampled_from(pairs),
        st.sampled_from([0, 0, 1, 1, 2, 3, 5]),
        times,
    )


def _pairs(match: Values, *actions: Values) -> list[tuple[Values, Values]]:
    return [(match, action) for action in actions]


#: What passes: the same run without it has to come to the same end.
_PASSING = (
    {"action": "reset_before"},
    {"action": "reset_after"},
    {"action": "status", "status": 503},
    {"action": "status", "status": 500},
    {"action": "html"},
    {"action": "empty"},
    {"action": "truncate"},
    {"action": "throttle", "seconds": 1},
)
_AFTER_ALL = ({"action": "apply_then_status", "status": 500}, {"action": "apply_then_status", "status": 504})
#: An empty answer where a support contact is asked for is none that is wrong: it says that there is no contact.
passing = st.lists(
    _rules(
        [*_pairs(_WRITES, *_PASSING, *_AFTER_ALL), *_pairs(_ONE, *_PASSING), *_pairs(_LISTS, *_PASSING)], st.just(1)
    ),
    min_size=1,
    max_size=3,
).map(tuple)

#: Not among them: a refusal (4xx) or a body that lies. What the server says it has not done, it has not done.
_lasting = (
    {"action": "error", "status": 400, "code": 3000},
    {"action": "error", "status": 409, "code": 900278},
    {"action": "error", "status": 412, "code": 0},
    {"action": "not_applied"},
    {"action": "accepted", "seconds": 0.05},
    {"action": "accepted", "seconds": 20},
    {"action": "accepted", "seconds": None},
    {"action": "accepted", "seconds": 0.05, "lost": True},
    {"action": "apply_then_status", "status": 500, "store": True},
    {"action": "status", "status": 500, "store": True},
)
faults = st.lists(
    _rules(
        [
            *_pairs(_WRITES, *_PASSING, *_AFTER_ALL, *_lasting),
            *_pairs(_READS, *_PASSING),
            *_pairs(_ONE, *[{"action": "stale_read"}] * 4),
        ],
        st.sampled_from([1, 1, 1, 2, 3, 9, None]),
    ),
    max_size=3,
).map(tuple)

hooks = st.lists(
    st.tuples(
        places,
        st.fixed_dictionaries(
            {
                "method": st.sampled_from(["GET", "PATCH", "LIST"]),
                "nth": st.integers(1, 3),
                "change": st.sampled_from(
                    [
                        {"friendlyName": "other"},
                        {"quantity": 33},
                        {"autoRenewEnabled": False},
                        {"autoRenewEnabled": True},
                        {"$unset": ["scheduledNextTermInstructions"]},
                    ]
                ),
            }
        ),
    ),
    max_size=2,
).map(tuple)

tweaks = st.lists(st.tuples(places, st.sampled_from(TWEAKS)), max_size=4).map(tuple)

cases: st.SearchStrategy[Case] = st.builds(
    Case,
    tweaks=tweaks,
    items=items,
    policies=policies,
    switches=switches,
    faults=faults,
    hooks=hooks,
    scheduled_changes=st.sampled_from(["restore", "restore", "refuse", "drop"]),
    # One at a time, the faults of an example meet the same requests whenever it is run.
    threads=st.sampled_from([1, 4]) if os.environ.get("FLEET_EXAMPLES") else st.just(1),
    max_failures=st.sampled_from([None, None, None, None, 1]),
).filter(lambda case: bool(case.items or case.policies))
