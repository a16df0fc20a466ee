# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Values of a match, an exception or the guard that nothing in the fleet has: most likely they are misspelled,
and an exception that excepts nobody looks like one that works.
"""

from __future__ import annotations

import difflib
import typing as t

from ..._common.case import is_guid
from ..._common.problems import Problem
from ..._common.words import many
from ..model import Customer, Raw
from .match_facts import SPELLED, Context, customer_facts
from .match_globs import compiled
from .match_keys import KEYS, NamedValue
from .parse import Policy

#: Key under which the ids of customers and of subscriptions are, as ``guard.protected`` takes both.
PROTECTED: t.Final = "protected"
#: Texts in lower case -> as they are spelled.
Texts = t.Mapping[str, str]
#: key of a match -> what the fleet has under it.
Present = t.Mapping[str, Texts]

_SHOWN: t.Final = 5
#: Random GUIDs resemble each other, so only one that differs in a few digits is a slip.
_NEAR: t.Final = 0.6
_NEAR_GUID: t.Final = 0.8


class ValuesUnmatched(Problem):
    """The task names what nothing in the fleet has; nothing was written."""


def values_to_find(policies: t.Collection[Policy], protected: t.Iterable[str] = ()) -> tuple[NamedValue, ...]:
    """
    What is looked for in the fleet. A match of a field that the task also sets is left out: once the task has done its
    work, nothing has the old value any more.
    """
    is_set = {name for policy in policies for name in policy.settings}
    found = [one for policy in policies for one in policy.match.named if one.key not in is_set]
    found += [one for policy in policies if policy.exclude is not None for one in policy.exclude.named]
    found += [NamedValue("guard.protected", PROTECTED, one) for one in sorted(protected)]
    return tuple(found)


def texts_of_customers(keys: t.Collection[str], customers: t.Iterable[Customer], context: Context) -> Present:
    """What these customers have under those of the keys that are about customers."""
    found: dict[str, dict[str, str]] = {key: {} for key in keys if key in KEYS and KEYS[key].of_customer}
    if PROTECTED in keys:
        found[PROTECTED] = {}
    for customer in customers:
        facts = customer_facts(customer, context)
        spelled = {"customer_id": customer.id, "customer_name": customer.name, "customer_domain": customer.domain}
        for key, texts in found.items():
            if key == "indirect_reseller":
                texts.update({one: one for one in facts[key]})
            else:
                text = spelled["customer_id" if key == PROTECTED else key]
                texts.setdefault(text.lower(), text)
    return found


def texts_of_subscriptions(keys: t.Collection[str], raws: t.Iterable[Raw]) -> Present:
    """What these subscriptions have under those of the keys that are about subscriptions."""
    views = {key: SPELLED[key] for key in keys if key in SPELLED}
    if PROTECTED in keys:
        views[PROTECTED] = SPELLED["subscription_id"]
    found: dict[str, dict[str, str]] = {key: {} for key in views}
    for raw in raws:
        for key, view in views.items():
            text = view(raw)
            found[key].setdefault(text.lower(), text)
    return found


def merged_texts(parts: t.Iterable[Present]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for part in parts:
        for key, texts in part.items():
            found.setdefault(key, {}).update(texts)
    return found


def unmatched(named: t.Iterable[NamedValue], present: Present) -> list[str]:
    """A sentence for each value that nothing has; keys that are not in ``present`` are not judged."""
    missing = [one for one in named if one.key in present and not _is_there(one, present[one.key])]
    told = [_sentence(one, present[one.key]) for one in missing[:_SHOWN]]
    rest = len(missing) - len(told)
    if rest > 0:
        told.append(f"{many(rest, 'more value')} {'matches' if rest == 1 else 'match'} nothing.")
    return told


def problem(sentences: t.Sequence[str]) -> ValuesUnmatched:
    return ValuesUnmatched(
        f"The task names what nothing in the fleet has, so nothing was written: {' '.join(sentences)}",
        "Correct the values, take them out, or set on_unmatched to warn.",
        unmatched=list(sentences),
    )


def _is_there(value: NamedValue, texts: Texts) -> bool:
    lowered = value.text.lower()
    return lowered in texts or (value.is_glob and any(map(compiled([(value.option, value.text)]).match, texts)))


def _sentence(value: NamedValue, texts: Texts) -> str:
    cutoff = _NEAR_GUID if is_guid(value.text) else _NEAR
    wanted = value.text.lower().replace("*", "").replace("?", "") if value.is_glob else value.text.lower()
    near = difflib.get_close_matches(wanted, [text for text in texts if text], 1, cutoff)
    if value.key == PROTECTED:
        said = f"no customer or subscription has the id {value.text}"
    else:
        who = "customer" if KEYS[value.key].of_customer else "subscription"
        said = f"no {who} has {value.key} {value.text}"
    return f"{value.option}: {said}; did you mean {texts[near[0]]}?" if near else f"{value.option}: {said}."
