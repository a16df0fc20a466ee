# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Texts in cells of a CSV file, such that a spreadsheet program neither runs nor rewrites them.

An apostrophe in front keeps a text that begins like a formula from being one (OWASP, "CSV Injection"), and ``0001`` or
``10.5`` from becoming a number or a date. It is put there and taken off again by the same rule, so that each text comes
back as it was.
"""

from __future__ import annotations

import re
import typing as t

#: Stands for a value that was not read. A text that is just this one is told apart by an apostrophe.
NOT_READ: t.Final = "?"

#: Booleans in words: those of YAML, and what spreadsheet programs make of them in other languages.
FLAGS: t.Final[t.Mapping[str, bool]] = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
    **dict.fromkeys(("wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "prawda"), True),
    **dict.fromkeys(("falsch", "faux", "falso", "onwaar", "fałsz"), False),
}

_FORMULA: t.Final = r"[=+\-@＝＋－＠]"
_BEGINS_FORMULA: t.Final = re.compile(rf"[\t\r\n]|\s*{_FORMULA}")
#: Where the file is opened with another separator than its own, a cell begins behind that one, or in a new line.
_INNER_FORMULA: t.Final = re.compile(rf"(?<=[,;\t\r\n])(?=[\"']*{_FORMULA})")
_KEPT_INNER_FORMULA: t.Final = re.compile(rf"(?<=[,;\t\r\n])'(?=[\"']*{_FORMULA})")
#: Numbers, dates, times, shares and amounts; a whole number without leading zeros stays as it is.
_REWRITTEN: t.Final = re.compile(r"[0-9 .,:/%$€£-]*[0-9][0-9 .,:/%$€£-]*|[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
_WHOLE: t.Final = re.compile(r"0|[1-9][0-9]{0,14}")
_IMPOSSIBLE: t.Final = re.compile(r"[\0\ud800-\udfff]")


def to_cell(text: str) -> str:
    """The text for a cell; what no file can hold (NUL, halves of characters) is replaced."""
    held = _IMPOSSIBLE.sub("\ufffd", text)
    return _INNER_FORMULA.sub("'", f"'{held}" if _needs_apostrophe(held) else held)


def from_cell(cell: str) -> str:
    """The way back from :func:`to_cell`; other cells are what they are."""
    text = _KEPT_INNER_FORMULA.sub("", cell)
    return text[1:] if text.startswith("'") and _needs_apostrophe(text) else text


def _needs_apostrophe(text: str) -> bool:
    """Also for a text that begins with apostrophes already, so that one can be taken off again."""
    bare = text.lstrip("'")
    if _BEGINS_FORMULA.match(bare) or bare == NOT_READ or bare.lower() in FLAGS:
        return True
    return _REWRITTEN.fullmatch(bare) is not None and _WHOLE.fullmatch(bare) is None
