# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The Python libraries that are needed besides Ansible, and what to do where some of them are missing."""

from __future__ import annotations

import shlex
import sys
import typing as t
from importlib.util import find_spec

#: Library -> what pip installs, as requirements.txt has it.
REQUIREMENTS: t.Final[t.Mapping[str, str]] = {
    "requests": "requests>=2.32.2,<3",
    "msal": "msal>=1.35,<2",
}


def missing_libraries(names: t.Iterable[str]) -> list[str]:
    """Those that are not there. None is imported: msal costs time that a cached token saves."""
    return [name for name in names if find_spec(name) is None]


def install_advice(missing: t.Sequence[str]) -> str:
    """What to say of missing libraries: all of them, the Python that lacks them, and the command that installs them."""
    wanted = [REQUIREMENTS.get(name, name) for name in missing]
    command = shlex.join([sys.executable, "-m", "pip", "install", *wanted])
    libraries = "library" if len(missing) == 1 else "libraries"
    return (
        f"Failed to import the required Python {libraries} ({', '.join(missing)}) with {sys.executable}, the Python "
        f"that runs this. Install with: {command}"
    )
