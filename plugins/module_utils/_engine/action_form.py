# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. In which form scheduled actions are sent: as the service shows them, here or anywhere in the run; else a list
is tried, and where that is refused as malformed, an object.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api.errors import ApiError
from .._state.end_of_term.form import OTHER_FORM, Form, form_of, in_form
from .._state.model import Raw


@dataclass(slots=True)
class SeenForm:
    """The form of scheduled actions as a run has seen it; None so far. One service has one, so that threads agree."""

    form: Form | None = None

    def note(self, resources: t.Iterable[Raw]) -> None:
        """Resources have come in; once one of them tells, the others are not looked at."""
        if self.form is None:
            self.form = next(filter(None, map(form_of, resources)), None)


@dataclass(slots=True)
class FormOfWrite:
    """The form in which one write sends its actions, over its attempts."""

    seen: SeenForm
    _tried: Form | None = None
    _refusal: ApiError | None = field(default=None, repr=False)

    def in_its_form(self, body: Raw, fresh: Raw) -> dict[str, t.Any]:
        """The body in the form that the read before it shows, that a refusal has left, or that the run has seen."""
        return in_form(body, form_of(fresh) or self._tried or self.seen.form)

    def is_other_left(self, refusal: ApiError, body: Raw, fresh: Raw) -> bool:
        """
        Whether the refusal may be about a form that was only guessed, and the other one is still to be tried.

        Raises the first refusal where both are refused: then it is about something else.
        """
        sent = form_of(body)
        if not refusal.is_malformed or sent is None or form_of(fresh) is not None:
            return False
        if self._refusal is not None:
            raise self._refusal
        if self.seen.form is not None or in_form(body, OTHER_FORM[sent]) == body:
            return False
        self._tried, self._refusal = OTHER_FORM[sent], refusal
        return True

    def made(self, after: Raw) -> None:
        """The write was taken: what it shows, or the form that was left, is the service's."""
        self.seen.note([after])
        self.seen.form = self.seen.form or self._tried
