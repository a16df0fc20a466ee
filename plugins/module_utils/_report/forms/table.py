# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The forms of a report, a row each: a new form is a function and its row. Pure."""

from __future__ import annotations

import json
import sys
import typing as t
from dataclasses import dataclass
from importlib.util import find_spec

from ..._common.problems import InvalidInput
from ..model import TOPICS, Report, Topic
from .html.page import html_form
from .ics import ics_form
from .markdown import markdown_form
from .sheet import csv_form
from .text import text_form


@dataclass(frozen=True, slots=True)
class Form:
    """
    ``name``: as users ask for it; ``extension``: of its file; ``render``: the whole file, as text that is written in
    UTF-8; ``topics``: of the reports that have this form; ``library``: what has to be installed for it, as
    Python imports it, and ``requirement``: as pip installs it, where not every user has it.
    """

    name: str
    extension: str
    render: t.Callable[[Report], str]
    topics: tuple[Topic, ...] = TOPICS
    library: str = ""
    requirement: str = ""

    @property
    def missing(self) -> str:
        """What the form lacks on this machine, and how to get it, in a sentence; empty where it lacks nothing."""
        if not self.library or find_spec(self.library) is not None:
            return ""
        command = f"{sys.executable} -m pip install '{self.requirement}'"
        return f"The format {self.name} needs the Python library {self.library}: {command}"


def json_form(report: Report) -> str:
    """The document, from which the same report can be made again."""
    text = json.dumps(report.document, ensure_ascii=False, indent=2) + "\n"
    # Half a character, as some clients cut a name, is written as JSON's escape.
    return text.encode("utf-8", "backslashreplace").decode()


_ROWS: t.Final = (
    Form("html", "html", html_form),
    Form("csv", "csv", csv_form),
    Form("json", "json", json_form),
    Form("markdown", "md", markdown_form),
    Form("text", "txt", text_form),
    Form("ics", "ics", ics_form, ("renewals",), "icalendar", "icalendar>=6"),
)
FORMS: t.Final[t.Mapping[str, Form]] = {row.name: row for row in _ROWS}


def forms_for(topic: Topic, names: t.Sequence[str] | None) -> tuple[Form, ...]:
    """
    The forms of these names that reports on a topic have, each once; for None all of them that lack nothing here, see
    :func:`left_out`. Raises InvalidInput for a name that is none, and for a form that lacks a library.
    """
    for name in names or ():
        if name not in FORMS:
            raise InvalidInput("formats", f"{name!r} is not known; known are {', '.join(FORMS)}.")
    found = [FORMS[name] for name in dict.fromkeys(FORMS if names is None else names) if topic in FORMS[name].topics]
    if names is None:
        return tuple(form for form in found if not form.missing)
    for form in found:
        if form.missing:
            raise InvalidInput("formats", form.missing)
    return tuple(found)


def left_out(topic: Topic) -> tuple[str, ...]:
    """What the forms lack that reports on a topic have and that :func:`forms_for` leaves out, a sentence each."""
    return tuple(form.missing for form in FORMS.values() if topic in form.topics and form.missing)
