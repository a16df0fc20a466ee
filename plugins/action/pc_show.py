# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Shows text to people through Ansible's display, and writes reports, where Ansible runs.

Text goes to standard output as Ansible's own does. Where that may be read by a machine, because the callback plugin is
none that is known to write for people, it goes to standard error.
"""

from __future__ import annotations

import sys
import typing as t
from datetime import datetime, timezone
from itertools import groupby
from pathlib import Path

from ansible import constants as C  # noqa: N812 - the name that every action plugin gives it
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._common.problems import InvalidInput, Problem, Refused
from ..module_utils._module.report_files import write_files
from ..module_utils._report.forms.layout import TextLine, Tone
from ..module_utils._report.forms.table import left_out
from ..module_utils._report.forms.text import Extent, text_lines
from ..module_utils._report.model import TOPICS, Report
from ..module_utils._report.reports import report
from ..module_utils._report.texts import clean

#: Callback plugins that write to standard output for people; any other one may write for a machine.
FOR_PEOPLE: t.Final = frozenset(
    (
        "actionable",
        "awx_display",
        "counter_enabled",
        "debug",
        "default",
        "default_without_diff",
        "dense",
        "diy",
        "full_skip",
        "minimal",
        "oneline",
        "selective",
        "skippy",
        "unixy",
        "yaml",
    )
)
#: As wide as text is where nobody knows how wide the screen is, and at most.
WIDTH: t.Final = 100
WIDEST: t.Final = 120

# Ansible imports this where it was started; the process in which a task runs has no terminal any more.
IS_TERMINAL: t.Final = sys.stdout is not None and sys.stdout.isatty()

_COLOURS: t.Final[t.Mapping[str, str]] = {
    "title": "COLOR_HIGHLIGHT",
    "ok": "COLOR_OK",
    "changed": "COLOR_CHANGED",
    "warning": "COLOR_WARN",
    "error": "COLOR_ERROR",
}
_SPEC: t.Final[dict[str, t.Any]] = {
    "text": {"type": "raw"},
    "tone": {"type": "str", "choices": [*_COLOURS]},
    "report": {"type": "raw"},
    "path": {"type": "path"},
    "kind": {"type": "str", "choices": [*TOPICS]},
    "about": {"type": "dict", "default": {}},
    "lines": {"type": "raw", "default": 50},
    "details": {"type": "bool", "default": True},
    "width": {"type": "int"},
    "directory": {"type": "path"},
    "formats": {"type": "list", "elements": "str"},
}

display = Display()


class ActionModule(ActionBase):
    """Shows ``text``, or a report and where its files are; returns what a playbook decides by."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        del tmp
        _validated, options = self.validate_argument_spec(
            _SPEC,
            required_one_of=[["text", "report", "path"]],
            mutually_exclusive=[["report", "path"]],
        )
        try:
            shown, told = self._shown(options)
        except Problem as problem:
            return {**result, "failed": True, "msg": str(problem)}
        # Ansible begins what it says with a blank line, too.
        show([TextLine(), *shown])
        return {**result, "changed": False, **told}

    def _shown(self, options: t.Mapping[str, t.Any]) -> tuple[list[TextLine], dict[str, t.Any]]:
        """The lines, and what the task returns. Raises Problem."""
        lines = [*_text_lines(options["text"], options["tone"] or "")]
        source = options["report"] if options["path"] is None else _content(options["path"])
        if source is None:
            return lines, {}
        now = datetime.now(timezone.utc)
        more = {**options["about"], **({"kind": options["kind"]} if options["kind"] else {})}
        made = report(source, now, more)
        files, lacking = [], ()
        if options["directory"] and not self._task.check_mode:
            files = write_files(made, options["directory"], options["formats"], now)
            lacking = left_out(made.topic) if options["formats"] is None else ()
        extent = Extent(
            options["width"] or screen_width(), _most(options["lines"]), options["details"], files=tuple(files)
        )
        lines += text_lines(made, extent) + [TextLine(text, "warning") for text in lacking]
        return lines, {"files": files, **_told_of(made)}


def show(lines: t.Iterable[TextLine]) -> None:
    """Each line in the colour of its tone; plain where Ansible uses no colours."""
    to_error = C.DEFAULT_STDOUT_CALLBACK.rpartition(".")[2] not in FOR_PEOPLE
    for tone, group in groupby(lines, key=lambda line: line.tone):
        text = "\n".join(line.text for line in group)
        # The display takes one line end off, which here is a blank line.
        text += "\n" if text.endswith("\n") else ""
        display.display(text, color=getattr(C, _COLOURS[tone]) if tone else None, stderr=to_error)


def screen_width() -> int:
    # The display counts one column less than there are, and 79 at least.
    return min(display.columns + 1, WIDEST) if IS_TERMINAL else WIDTH


def _text_lines(text: t.Any, tone: Tone) -> t.Iterator[TextLine]:
    """A text, or a list of texts and of dictionaries with ``text`` and ``tone``, line by line. Raises InvalidInput."""
    if text is None:
        return
    for part in text if isinstance(text, (list, tuple)) else [text]:
        if isinstance(part, t.Mapping) and ("text" not in part or set(part) - {"text", "tone"}):
            keys = ", ".join(map(str, part))
            raise InvalidInput("text", f"a line has text and tone, and not {keys}.", "Quote a text that holds a colon.")
        own = part.get("tone") or tone if isinstance(part, t.Mapping) else tone
        if own and own not in _COLOURS:
            raise InvalidInput("text", f"{own!r} is no tone; known are {', '.join(_COLOURS)}.")
        said = part.get("text", "") if isinstance(part, t.Mapping) else part
        yield from (TextLine(_visible(line), own) for line in str(said).rstrip("\n").split("\n"))


def _visible(line: str) -> str:
    """The line as it stands, blanks at its beginning too, without what only a terminal would understand."""
    body = line.lstrip(" ")
    return " " * (len(line) - len(body)) + " ".join(clean(part) if part else "" for part in body.split(" ")).rstrip()


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror or error}.") from error


def _most(lines: t.Any) -> int | None:
    text = str(lines).strip().lower()
    if text == "all":
        return None
    if isinstance(lines, bool) or not text.isascii() or not text.isdigit():
        raise InvalidInput("lines", f"must be a number or all, and is {lines!r}.")
    return int(text)


def _told_of(made: Report) -> dict[str, t.Any]:
    told: dict[str, t.Any] = {"kind": made.topic, "headline": made.headline}
    if made.changes is not None:
        found = made.changes
        told["numbers"] = {
            # Of a result, those that were made.
            "changes": sum(one.changes for one in found.fields),
            "unplanned": sum(one.count for one in found.unplanned),
            "unavailable": sum(one.count for one in made.unavailable),
            "failed": sum(one.count for one in found.failures),
        }
    return told
