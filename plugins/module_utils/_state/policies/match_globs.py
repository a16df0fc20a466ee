# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Shell globs over whole texts, without regard to case; a bad one is refused instead of taken literally."""

from __future__ import annotations

import fnmatch
import re
import typing as t
from dataclasses import dataclass

from ..._common.problems import InvalidInput
from .. import checks

_SPECIAL = re.compile(r"[*?\[]")
#: What fnmatch makes of a class without a member, such as [z-a].
_NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Globs:
    """Any of several globs. Texts to match are given in lower case, so that they are lowered once for all globs."""

    exact: frozenset[str]
    patterns: tuple[t.Callable[[str], t.Any], ...]

    def match(self, lowered: str) -> bool:
        if lowered in self.exact:
            return True
        for matches in self.patterns:  # noqa: SIM110  (any() costs more than the match itself)
            if matches(lowered) is not None:
                return True
        return False


def compiled(globs: t.Iterable[tuple[str, t.Any]]) -> Globs:
    """
    ``globs``: (option path, glob). Each text is also matched as it is, commas and brackets and all: names are not made
    with globs in mind, and one that is written out must not be missed.

    Raises InvalidInput naming the option for what is no text, is empty, or is no glob.
    """
    checked = [(option, checks.text(option, value).lower()) for option, value in globs]
    exact = frozenset(glob for _option, glob in checked)
    patterns = tuple(_compiled(option, glob) for option, glob in checked if is_glob(glob))
    return Globs(exact, patterns)


def is_glob(text: str) -> bool:
    return _SPECIAL.search(text) is not None


def _compiled(option: str, glob: str) -> t.Callable[[str], t.Any]:
    if _has_open_class(glob):
        raise InvalidInput(option, f"{glob!r} is a bad glob: a [ is never closed.", "Write [[] for a literal [.")
    pattern = fnmatch.translate(glob)
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise InvalidInput(option, f"{glob!r} is a bad glob: {error}.") from error
    if _NEVER in pattern:
        raise InvalidInput(option, f"{glob!r} is a bad glob: it holds a range that runs backwards.")
    return expression.match


def _has_open_class(glob: str) -> bool:
    """Whether a [ has no ] (one right after the [ or the [! is a member of the class)."""
    start = glob.find("[")
    while start >= 0:
        first = start + 2 if glob.startswith("!", start + 1) else start + 1
        end = glob.find("]", first + 1)
        if end < 0:
            return True
        start = glob.find("[", end + 1)
    return False
