# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The forms of a report, a row each: a new form is a function and its row. Pure."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ..._common.problems import InvalidInput
from ..model import KINDS, Report, ReportKind
from .html.page import html_form
from .markdown import markdown_form
from .text import text_form


@dataclass(frozen=True, slots=True)
class Form:
    """
    ``name``: as users ask for it; ``extension``: of its file; ``render``: the whole file, as text, which is written in
    UTF-8, or as bytes; ``kinds``: of the reports that have this form.
    """

    name: str
    extension: str
    render: t.Callable[[Report], str | bytes]
    kinds: tuple[ReportKind, ...] = KINDS


def json_form(report: Report) -> str:
    """The document, from which the same report can be made again."""
    return json.dumps(report.document, ensure_ascii=False, indent=2) + "\n"


_ROWS: t.Final = (
    Form("html", "html", html_form),
    Form("json", "json", json_form),
    Form("markdown", "md", markdown_form),
    Form("text", "txt", text_form),
)
FORMS: t.Final[t.Mapping[str, Form]] = {row.name: row for row in _ROWS}


def forms_for(kind: ReportKind, names: t.Sequence[str] | None) -> tuple[Form, ...]:
    """
    The forms of these names that a kind of report has, each once; all of them for None. Raises InvalidInput for a name
    that is none.
    """
    for name in names or ():
        if name not in FORMS:
            raise InvalidInput("formats", f"{name!r} is not known; known are {', '.join(FORMS)}.")
    wanted = FORMS if names is None else dict.fromkeys(names)
    return tuple(FORMS[name] for name in wanted if kind in FORMS[name].kinds)
