# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What a cell says, whichever program has written it; what can mean two things is refused. Pure."""

from __future__ import annotations

import re
import typing as t

from ..._common.problems import InvalidInput
from ..._common.spreadsheet import FLAGS, from_cell
from ..._common.times import parse_time, utc_text
from .. import checks
from .columns import CellForm, ValueColumn

#: With decimals, as programs write a cell that is formatted so; three of them can be thousands.
_WHOLE: t.Final = re.compile(r"([0-9]{1,9})(?:[.,]0{1,2})?")
_EITHER: t.Final = re.compile(r"([0-9]{1,3})[.,]([0-9]{3})")
#: What programs write where a formula has no result, and of a number that has become a fraction.
_FAILED: t.Final = re.compile(r"#[A-ZÄÖÜÉÁÍ/0-9]+[!?]|#N/A|#NV|Err:[0-9]{3}|[0-9][.,][0-9]+E[+-][0-9]+")
#: As dates are written in countries where the day comes first and dots stand between.
_DAY_FIRST: t.Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})\b(.*)")


def new_value(column: ValueColumn, cell: str, exported: str) -> t.Any:
    """
    What a filled-in cell asks for, checked; ``exported`` is the cell with the value that was there. Raises InvalidInput
    naming the column.
    """
    text = from_cell(cell)
    if not text.strip():
        raise InvalidInput(column.new, "holds nothing but blanks. Empty the cell, or fill it in.")
    if _FAILED.fullmatch(text.strip()):
        raise InvalidInput(column.new, f"holds {checks.shown(text)}, which is not what somebody fills in.")
    if column.form == "text" and _has_lost_zeros(text, from_cell(exported)):
        raise InvalidInput(column.new, f"is {text} and was {from_cell(exported)}: are zeros missing at its beginning?")
    value = column.check(column.new, _READ[column.form](column.new, text))
    checks.writable(column.new, value)
    return value


def exported_value(column: ValueColumn, cell: str) -> t.Any:
    """The value that was exported; None where there was none. Raises InvalidInput naming the column."""
    if cell == "":
        return None
    return column.expected(column.name, _READ[column.form](column.name, from_cell(cell)))


def is_set(option: str, cell: str) -> bool:
    """Whether a cell says yes; an empty one does not. Raises InvalidInput naming the option."""
    return cell != "" and checks.flag(option, _read_flag(option, cell))


def _has_lost_zeros(text: str, former: str) -> bool:
    are_digits = text.isdecimal() and former.isdecimal()
    return are_digits and former.startswith("0") and len(text) < len(former)


def _read_number(option: str, text: str) -> str:
    digits = text.strip()
    either = _EITHER.fullmatch(digits)
    if either:
        one, other = int(either[1]), int(either[1] + either[2])
        raise InvalidInput(option, f"must be a whole number in digits alone; {digits} can mean {one} or {other}.")
    whole = _WHOLE.fullmatch(digits)
    return whole[1] if whole else digits


def _read_flag(_option: str, text: str) -> bool | str:
    return FLAGS.get(text.strip().lower(), text)


def _read_date(option: str, text: str) -> str:
    found = text.strip()
    dotted = _DAY_FIRST.fullmatch(found)
    if dotted:
        found = f"{dotted[3]}-{int(dotted[2]):02}-{int(dotted[1]):02}{dotted[4]}"
    moment = parse_time(found)
    if moment is None:
        raise InvalidInput(option, f"must be a date such as 2027-03-01, not {checks.shown(text)}.")
    # Programs write a blank between day and time, which the API does not know.
    return utc_text(moment) if " " in found else found


def _unchanged(_option: str, text: str) -> str:
    return text


def _trimmed(_option: str, text: str) -> str:
    return text.strip()


def _read_word(_option: str, text: str) -> str:
    return text.strip().lower()


_READ: t.Final[t.Mapping[CellForm, t.Callable[[str, str], t.Any]]] = {
    "text": _unchanged,
    "number": _read_number,
    "flag": _read_flag,
    "choice": _read_word,
    "date": _read_date,
    "guid": _trimmed,
}
