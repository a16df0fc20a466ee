# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The zip file in which Ansible hands our modules to a task, and reading them from there.

Python compiles each module of a zip file twice: ``zipimporter.find_spec`` asks ``get_filename`` where it is, which
compiles it to say so, and then it is compiled to be run. That is a tenth of the time of a task for one subscription.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from zipimport import zipimporter

#: The folder of module_utils.
_HERE = str(Path(__file__).parents[1])


def compile_once() -> None:
    """Modules that are imported from here on are compiled once; to be called before any other is imported."""
    if __spec__ is not None and isinstance(__spec__.loader, zipimporter):
        sys.path_hooks.insert(0, _importer)
        # Of this folder, which this module came from.
        sys.path_importer_cache.pop(str(Path(__file__).parent), None)


class _Importer(zipimporter):
    """Says where a module is without compiling it."""

    def get_filename(self, fullname: str) -> str:
        name = fullname.rpartition(".")[2]
        end = f"{os.sep}__init__.py" if self.is_package(fullname) else ".py"
        return f"{self.archive}{os.sep}{self.prefix}{name}{end}"


def _importer(path: str) -> zipimporter:
    """Of a folder with our modules; what else there is in the file is Ansible's to import."""
    if not path.startswith(f"{_HERE}{os.sep}"):
        raise ImportError(path)
    return _Importer(path)
