# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The files of a report: one a form, named after its kind and the time, never in place of another."""

from __future__ import annotations

import typing as t
from datetime import datetime
from pathlib import Path

from .._common.private_file import create, make_folder
from .._common.problems import Refused
from .._report.forms.table import forms_for
from .._report.model import Report


def write_files(report: Report, directory: str, formats: t.Sequence[str] | None, now: datetime) -> list[str]:
    """
    Write the report in these formats (None: all that its kind has) into the directory, which is made where it is
    missing, and return the paths. Files have mode 0600 and are called ``<kind>-<UTC time>.<extension>``.

    Raises InvalidInput for an unknown format, and Refused where a file cannot be written.
    """
    wanted = forms_for(report.topic, formats)
    folder = Path(directory).expanduser()
    stem = f"{report.topic}-{now:%Y%m%dT%H%M%SZ}"
    try:
        make_folder(folder)
        name = _free_name(folder, stem, [form.extension for form in wanted])
        written = []
        for form in wanted:
            path = folder / f"{name}.{form.extension}"
            create(path, form.render(report))
            written.append(str(path))
    except OSError as error:
        raise Refused(
            f"The report cannot be written in {directory}: {error.strerror or error}.", "Give another directory."
        ) from error
    return written


def _free_name(folder: Path, stem: str, extensions: t.Sequence[str]) -> str:
    """The name, with a number where another report of the same second has it."""
    name, number = stem, 1
    while any((folder / f"{name}.{one}").exists() for one in extensions):
        number += 1
        name = f"{stem}-{number}"
    return name
