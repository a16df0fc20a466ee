# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A report as text: lines for a screen of some width, or a whole file. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..model import Report
from ..steps import show_command
from .layout import UNLIMITED, TextLine
from .sections import Section, fitting
from .text_changes import plan_sections, result_sections
from .text_renewals import renewal_sections, renewal_summary
from .text_summary import summary_lines, title_lines


@dataclass(frozen=True, slots=True)
class Extent:
    """
    How much is shown: in lines of so many columns, so many lines of detail (None: all). ``details``: whether a result
    lists what was done, too. ``files``: paths of the report's files, which hold the whole of it.
    """

    width: int = UNLIMITED
    most: int | None = None
    details: bool = True
    files: tuple[str, ...] = ()


WHOLE: t.Final = Extent()


def text_form(report: Report) -> str:
    """What the screen shows, in full."""
    return "".join(f"{line.text}\n" for line in text_lines(report, WHOLE))


def text_lines(report: Report, extent: Extent) -> list[TextLine]:
    width = extent.width
    shown = [*title_lines(report, width)]
    if report.changes is not None:
        shown += summary_lines(report, report.changes, width)
    if report.renewals is not None:
        shown += renewal_summary(report, report.renewals, width)
    sections = _sections(report, extent)
    is_whole = True
    for section, count in zip(sections, fitting(sections, width, extent.most), strict=True):
        is_whole = is_whole and count == len(section.rows)
        shown += [TextLine(), *section.lines(width, count)]
    shown += _what_next(report, extent, is_whole=is_whole)
    return shown


def _sections(report: Report, extent: Extent) -> list[Section]:
    if report.renewals is not None:
        return renewal_sections(report, report.renewals, extent.width)
    if report.changes is None:
        return []
    if report.is_result:
        return result_sections(report, report.changes, extent.width, extent.most, details=extent.details)
    return plan_sections(report, report.changes, extent.width, extent.most)


def _what_next(report: Report, extent: Extent, *, is_whole: bool) -> t.Iterator[TextLine]:
    show = "" if is_whole or extent.files else show_command(report)
    if extent.files or show or report.steps:
        yield TextLine()
    if extent.files:
        yield TextLine(f"{'Reports' if is_whole else 'The whole of it'}: {_files(extent.files)}")
    if show:
        yield TextLine("All of it with:")
        yield TextLine(f"  {show}")
    for step in report.steps:
        yield TextLine(step.text)
        if step.command:
            yield TextLine(f"  {step.command}")


def _files(paths: t.Sequence[str]) -> str:
    """Files that differ in their ending alone are named by one path."""
    stems = {path.rpartition(".")[0] for path in paths}
    if len(stems) != 1:
        return ", ".join(paths)
    first, *others = paths
    return ", ".join([first, *(f".{path.rpartition('.')[2]}" for path in others)])
