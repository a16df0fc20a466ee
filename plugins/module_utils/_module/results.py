# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What Ansible is told by any module: failures and diffs."""

from __future__ import annotations

import typing as t

from .._api.errors import PartnerCenterError
from .._common.problems import Problem
from .._common.redaction import Redactor


def diff_of(changes: t.Mapping[str, t.Mapping[str, t.Any]], header: str) -> dict[str, t.Any]:
    """``changes`` (``{field: {before, after}}``) as ``--diff`` shows them under a header."""
    return {
        "before_header": header,
        "after_header": header,
        "before": {name: change["before"] for name, change in changes.items()},
        "after": {name: change["after"] for name, change in changes.items()},
    }


def failure(
    error: Problem | PartnerCenterError, redactor: Redactor, not_started: t.Sequence[str] = ()
) -> dict[str, t.Any]:
    """What ``fail_json`` is told of an error, and of the writes that it kept from being made."""
    later = f" Not started: {', '.join(not_started)}." if not_started else ""
    told: dict[str, t.Any] = {"msg": redactor.scrub(f"{error}{later}"), "error": error.to_dict()}
    return {**told, "not_started": list(not_started)} if not_started else told
