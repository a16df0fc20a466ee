# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Errors of our own making (the API's are in _api/errors.py)."""

from __future__ import annotations

import typing as t


class Problem(Exception):
    """Something that a person has to know or mend; the message stands alone, the hint says what to do next."""

    def __init__(self, message: str, hint: str | None = None, **details: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def to_dict(self) -> dict[str, t.Any]:
        """Shape of a result's ``error``."""
        details = {"type": type(self).__name__, "message": self.message, "hint": self.hint, **self.details}
        return {name: value for name, value in details.items() if value is not None}


class InvalidInput(Problem):
    """An option's value is refused before any request. ``option`` is its path, such as ``product.sku_id``."""

    def __init__(self, option: str, message: str, hint: str | None = None) -> None:
        super().__init__(f"{option}: {message}", hint, option=option)
        self.option = option


class Refused(Problem):
    """What is asked of a resource cannot be done as asked; nothing was written."""


class Conflict(Refused):
    """The resource is not as it was expected to be; nothing was written."""


class Defect(Problem):
    """An exception that no code expected. It ends one item, or the task where it is about all of them."""


#: So much of an unexpected exception's text is shown: it may hold a whole answer.
_LONGEST: t.Final = 300


def defect(error: BaseException) -> Defect:
    """What a person is told of an exception that no code expected: its type and text, without a traceback."""
    text = str(error).encode("utf-8", "backslashreplace").decode()
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    short = f"{said[:_LONGEST]}…" if len(said) > _LONGEST else said
    return Defect(f"An unexpected error occurred: {short.rstrip('.')}.", "Please report it as a bug.")
