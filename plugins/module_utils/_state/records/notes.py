# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What a rollback leaves out, said once for all subscriptions of which it is true. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._common.words import some

#: So many subscriptions are named where something is true of many.
_NAMED: t.Final = 3


@dataclass(frozen=True, slots=True)
class Note:
    """
    Something that is left out. ``what`` and ``why`` are alike for those that are told together, ``which`` names the
    subscription, and ``details`` are only told where it is alone: ``<what> (<details>) of <which> <why>.``
    """

    what: str
    which: str
    why: str
    details: str = ""

    def __str__(self) -> str:
        details = f" ({self.details})" if self.details else ""
        return f"{self.what}{details} of {self.which} {self.why}."


def sentences(notes: t.Iterable[Note]) -> list[str]:
    """One sentence for each kind of note, in the order in which the kinds come first."""
    groups: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        groups.setdefault((note.what, note.why), []).append(note)
    return [_note_sentence(group) for group in groups.values()]


def _note_sentence(group: t.Sequence[Note]) -> str:
    first = group[0]
    if len(group) == 1:
        return str(first)
    named = some([note.which for note in group], _NAMED, "; ", "; ")
    return f"{first.what} of {len(group)} subscriptions {first.why}: {named}."
