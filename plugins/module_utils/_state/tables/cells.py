# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A file that a spreadsheet program saved as CSV: its bytes made into rows of cells. Pure."""

from __future__ import annotations

import base64
import binascii
import codecs
import csv
import io
import typing as t
from dataclasses import dataclass

from ..._common.problems import Refused
from .columns import IDS

#: What programs separate cells with, by the names that people give them.
SEPARATORS: t.Final[t.Mapping[str, str]] = {"comma": ",", "semicolon": ";", "tab": "\t"}

_SAVE: t.Final = "Save it as CSV, best as UTF-8."
_FOREIGN: t.Final[t.Mapping[bytes, str]] = {
    b"PK\x03\x04": "a spreadsheet program's own file (xlsx or ods)",
    b"\xd0\xcf\x11\xe0": "a spreadsheet program's own file (xls)",
}
#: What a file may begin with -> its encoding; without a mark, every other byte of the first letters is zero.
_MARKS: t.Final[t.Mapping[bytes, str]] = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    The rows, the first one with the columns' names. ``is_guessed``: it was read as Windows-1252 because it is nothing
    that could be told for sure.
    """

    rows: tuple[tuple[str, ...], ...]
    is_guessed: bool = False


def read_sheet(source: t.Any) -> Sheet:
    """
    The cells of a file, given as bytes, as a result of ``ansible.builtin.slurp``, which has them in base64, or as the
    text that was read from it.

    Separator (comma, semicolon or tab) and encoding (UTF-8, UTF-16, else Windows-1252) are found out. Raises Refused
    for what is no such file.
    """
    content = _unpacked(source) if isinstance(source, t.Mapping) else source
    if not isinstance(content, (str, bytes)):
        raise Refused("This is no table.", "Give a result of ansible.builtin.slurp, or a text.")
    text, is_guessed = (content, False) if isinstance(content, str) else _decoded(content)
    text = text.removeprefix("\ufeff")
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused("The table cannot be read as text.", _SAVE)
    if not text.strip():
        raise Refused("The table is empty.")
    return Sheet(tuple(_all_rows(text, _separator(text))), is_guessed)


def _unpacked(slurped: t.Mapping[str, t.Any]) -> bytes | None:
    try:
        return base64.b64decode(slurped["content"], validate=True)
    except (KeyError, TypeError, binascii.Error):
        return None


def _decoded(content: bytes) -> tuple[str, bool]:
    for beginning, what in _FOREIGN.items():
        if content.startswith(beginning):
            raise Refused(f"The table is {what}.", _SAVE)
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    if encoding is None and b"\0" in content[:2]:
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    try:
        return content.decode(encoding or "utf-8"), False
    except UnicodeDecodeError as error:
        if encoding is not None:
            raise Refused(f"The table is damaged: it is not {encoding.upper()} throughout ({error}).", _SAVE) from error
    try:
        return content.decode("windows-1252"), True
    except UnicodeDecodeError as error:
        raise Refused("The table is neither UTF-8 nor UTF-16 nor Windows-1252.", _SAVE) from error


def _separator(text: str) -> str:
    for separator in SEPARATORS.values():
        try:
            first = next(_reader(text, separator))
        except csv.Error:
            continue
        if {*IDS} <= {name.strip().lower() for name in first}:
            return separator
    raise Refused(
        f"The first row of the table does not hold {' and '.join(IDS)}, separated by commas, semicolons or tabs.",
        "Fill in a table that the playbook export_subscriptions has written, and keep its first row.",
    )


def _reader(text: str, separator: str) -> t.Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _all_rows(text: str, separator: str) -> t.Iterator[tuple[str, ...]]:
    number = 0
    rows = _reader(text, separator)
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(f"Row {number} of the table cannot be read: {error}.", _SAVE) from error
        yield tuple(row)
