# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Small pieces of sentences for people."""

from __future__ import annotations

import typing as t

#: How alike a misspelled name has to be to the one that was meant.
_ALIKE: t.Final = 0.6


def many(count: int, noun: str) -> str:
    """``1 seat``, ``2 seats``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def in_seconds(count: float) -> str:
    """``1 second``, ``2.5 seconds``."""
    text = f"{count:g}" if count < 1000 else f"{count:.0f}"
    return f"{text} second" if text == "1" else f"{text} seconds"


def some(texts: t.Sequence[str], most: int, joint: str = ", ", before_rest: str = " ") -> str:
    """The first of them, at most so many, and how many more there are."""
    rest = len(texts) - most
    return joint.join(texts[:most]) + (f"{before_rest}and {rest} more" if rest > 0 else "")


def nearest(name: str, known: t.Iterable[str], alike: float = _ALIKE) -> str | None:
    """The known name that was most likely meant, whatever its case; None where none is alike."""
    from difflib import get_close_matches

    names = {one.lower(): one for one in sorted(known)}
    found = get_close_matches(name.lower(), names, n=1, cutoff=alike)
    return names[found[0]] if found else None


def unknown_name(name: str, known: t.Collection[str], *, is_listed: bool = True) -> str:
    """
    What to say, after it, of a name that is none of the known ones: which one may be meant, and which there are.
    Without ``is_listed``, only one of both.
    """
    meant, listed = nearest(name, known), f"known are {', '.join(known)}"
    if not meant:
        return f"is not known; {listed}."
    return f"is not known; did you mean {meant}?{f' ({listed})' if is_listed else ''}"
