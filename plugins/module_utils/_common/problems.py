# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The errors: everything that stops an item, or the task, is a Problem.

Problem
├── InvalidInput                 an option's value is refused before any request
├── Refused                      what is asked of a resource cannot be done as asked; nothing was written
│   └── Conflict                 the resource is not as it was expected to be
├── Defect                       an exception that no code expected
├── PartnerCenterError           of the client (_api/errors.py)
│   ├── CredentialsError         options, or the sign-in
│   │   ├── AppUserRequired      a user's sign-in is needed
│   │   └── SignInStopped        the run was asked to stop meanwhile
│   └── RequestError             of one request, with its ids
│       ├── ApiError             refused by Partner Center
│       ├── TransportError       not sent, or never answered
│       │   └── Stopped          the run was asked to stop meanwhile
│       ├── AmbiguousWrite       a write of which it is not known whether it was made
│       ├── BadAnswer            a success that is not what was asked for, or cannot be understood
│       └── ForeignOrigin        an address that leads elsewhere
└── of one write (_engine/errors.py)
    ├── NotApplied               answered with success, and not there
    ├── Damaged                  made, and something else with it
    ├── OperationTimedOut        accepted (202), and not finished in time
    ├── OutcomeUnknown           sent, and it cannot be found out whether it was made
    └── Interrupted              not started, since the run was told to end

Others derive from Problem where they are used: the guard's breach, a journal or a plan that cannot be used, customers
that cannot be read.
"""

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
