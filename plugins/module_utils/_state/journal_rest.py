# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What an earlier run has left open, as its journal shows: writes without an outcome, and scheduled changes that
one write deleted and no other gave back. Pure.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields, recorded
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import Key

_SHOWN: t.Final = 5
_Line = t.Mapping[str, t.Any]


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """
    ``owed``: subscription -> scheduled changes (field -> value) as they were; ``unknown``: subscriptions of writes that
    may have been made, where the run did not come to its end.
    """

    run: str = ""
    owed: t.Mapping[Key, t.Mapping[str, t.Any]] = field(default_factory=dict)
    unknown: tuple[Key, ...] = ()

    def renewals(self) -> dict[Key, dict[str, t.Any]]:
        """The owed renewal instructions as an option gives them, where one can."""
        found = {}
        for key, names in self.owed.items():
            value = recorded.as_option(fields.RENEWAL, names.get(fields.RENEWAL))
            if value:
                try:
                    found[key] = recorded.checked(fields.RENEWAL, value, fields.RENEWAL)
                except InvalidInput:
                    continue
        return found

    def told(self, planned: t.Collection[Key]) -> t.Iterator[str]:
        """What the user has to know; ``planned``: the subscriptions whose instructions this run gives back."""
        if planned:
            yield (
                f"Run {self.run} of the journal deleted renewal instructions of {_listed(planned)} and did not write "
                "them back; they are planned again."
            )
        for key, names in self.owed.items():
            if key not in planned:
                yield (
                    f"Run {self.run} of the journal deleted scheduled changes of {_listed([key])} and did not write "
                    f"them back. They were {json.dumps(dict(names), ensure_ascii=False)}. Set them again if nobody has."
                )
        if self.unknown:
            yield (
                f"Run {self.run} of the journal did not come to its end: writes to {_listed(self.unknown)} may have "
                "been made. This run reads first, and changes nothing that has happened."
            )


def left_open(lines: t.Sequence[_Line], is_last: bool) -> LeftOpen:
    """Of one run's lines; writes without an outcome are only of interest as long as no other run followed it."""
    results = {line.get("request_id"): line.get("result") for line in lines if line.get("event") == "outcome"}
    owed: dict[Key, dict[str, t.Any]] = {}
    unknown: dict[Key, None] = {}
    for line in lines:
        if line.get("event") != "intent" or line.get("kind") == "support_profile":
            continue
        result = results.get(line.get("request_id"))
        key = str(line.get("customer_id")).lower(), str(line.get("subscription_id")).lower()
        if result is None:
            unknown[key] = None
        if result != "failed" and line.get("kind") == "subscription":
            _follow(owed.setdefault(key, {}), line, result)
    is_cut = is_last and not any(line.get("event") == "end" for line in lines)
    return LeftOpen(
        str(lines[0].get("run")) if lines else "",
        {key: names for key, names in owed.items() if names},
        tuple(unknown) if is_cut else (),
    )


def _follow(owed: dict[str, t.Any], line: _Line, result: t.Any) -> None:
    before, after = line.get("before") or {}, line.get("after") or {}
    for name in line.get("restores") or ():
        if before.get(name):
            owed.setdefault(name, before[name])
    if line.get("step") == "renewal" or (line.get("step") == "restore" and result == "applied"):
        for name in after:
            owed.pop(name, None)
    if after.get("status") == "deleted":
        owed.clear()


def _listed(keys: t.Collection[Key]) -> str:
    shown = ", ".join(f"{subscription} of customer {customer}" for customer, subscription in [*keys][:_SHOWN])
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"subscription{'' if len(keys) == 1 else 's'} {shown}{more}"
