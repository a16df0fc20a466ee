# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The form of ``scheduledActions``: a list, or one action as a single object. Pure.

Microsoft's page has a list, and clients are known that send and receive one object. A service answers in the form
that it takes.
"""

from __future__ import annotations

import typing as t

from ..._common import case
from ..._common.case import Raw
from .effect import ACTIONS

Form = t.Literal["list", "object"]

OTHER_FORM: t.Final[t.Mapping[Form, Form]] = {"list": "object", "object": "list"}


def form_of(resource: Raw) -> Form | None:
    """The form of the actions that a resource or a body holds; None where it holds none."""
    held = case.get(resource, ACTIONS)
    if isinstance(held, dict):
        return "object"
    return "list" if isinstance(held, list) else None


def in_form(body: Raw, form: Form | None) -> dict[str, t.Any]:
    """A body with its actions in that form, as far as they have one: an object holds a single action."""
    key, held = case.find_key(body, ACTIONS), case.get(body, ACTIONS)
    if key is not None and form == "object" and isinstance(held, list) and len(held) == 1:
        return {**body, key: held[0]}
    if key is not None and form == "list" and isinstance(held, dict):
        return {**body, key: [held]}
    return dict(body)
