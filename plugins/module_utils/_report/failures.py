# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What went wrong, and what is true of many: alike ones fold into one, with a count and names. Pure."""

from __future__ import annotations

import re
import typing as t

from .documents import Record
from .findings import About, Failure, FailureGroup, Folded
from .texts import clean

#: What differs from one failure to the next although they are alike.
_IDS: t.Final = re.compile(r"\[MS-RequestId: [^\]]*\]|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
#: What differs besides where each has values of its own, such as what was found and what was expected.
_VALUES: t.Final = re.compile(r'"[^"]*"|\d+')
#: How a message begins that says whom it is about.
_WHOM: t.Final = re.compile(r"Subscription \S+ of customer \S+ (?=\S)")


def failure_of(entry: Record, about: About) -> Failure:
    """
    What an outcome says went wrong. An error of the API is told in its own words: the message without the address, the
    ids apart.
    """
    found = entry.get("error")
    error: Record = found if isinstance(found, dict) else {}
    status = error.get("status")
    return Failure(
        about,
        clean(error.get("message")) or clean(entry.get("msg")) or clean(entry.get("reason")),
        hint=clean(error.get("hint")),
        kind=clean(error.get("type")),
        status=status if isinstance(status, int) and not isinstance(status, bool) else None,
        code=clean(error.get("code")),
        request_id=clean(error.get("request_id") or entry.get("request_id")),
        correlation_id=clean(error.get("correlation_id") or entry.get("correlation_id")),
        not_started=tuple(map(clean, entry.get("not_started") or ())),
    )


def group_failures(failures: t.Iterable[Failure]) -> tuple[FailureGroup, ...]:
    """Alike ones together, the most frequent first."""
    groups: dict[tuple[t.Any, ...], list[Failure]] = {}
    for one in failures:
        groups.setdefault((one.status, one.code, _without_values(one.message)), []).append(one)
    made = [_group(found) for found in groups.values()]
    return tuple(sorted(made, key=lambda group: -group.count))


def _group(found: t.Sequence[Failure]) -> FailureGroup:
    first = found[0]
    messages = {one.message for one in found}
    # Of many, a text that names one of them is not true.
    is_varied = len(messages) > 1 and len({*map(_without_ids, messages)}) > 1
    text = _without_values(first.message) if is_varied else _without_ids(first.message)
    return FailureGroup(
        first.message if len(messages) == 1 else text, tuple(found), first.hint, first.status, first.code, is_varied
    )


def own_words(group: FailureGroup) -> list[str]:
    """What each message of a varied group says of its failure alone: not whom it is about, nor what all end with."""
    messages = [one.message for one in group.failures]
    # From its first whole sentence.
    ending = _common_ending(messages).partition(". ")[2]
    return [_WHOM.sub("", one.removesuffix(ending).rstrip(), count=1) for one in messages]


def _common_ending(texts: t.Sequence[str]) -> str:
    first, last = min(one[::-1] for one in texts), max(one[::-1] for one in texts)
    length = next((index for index, (one, other) in enumerate(zip(first, last)) if one != other), len(first))  # noqa: B905
    return first[:length][::-1]


def _without_ids(text: str) -> str:
    return clean(_IDS.sub("…", text))


def _without_values(text: str) -> str:
    return _VALUES.sub("…", _without_ids(text))


def fold(texts: t.Iterable[tuple[str, About, tuple[str, ...]]]) -> tuple[Folded, ...]:
    """(text, whom it is true of, codes) of many as few: each text once, the most frequent first."""
    found: dict[str, tuple[dict[About, None], tuple[str, ...]]] = {}
    for text, about, codes in texts:
        found.setdefault(text, ({}, codes))[0][about] = None
    made = [Folded(text, tuple(people), codes) for text, (people, codes) in found.items()]
    return tuple(sorted(made, key=lambda one: -one.count))
