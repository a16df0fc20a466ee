# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the tests import the collection by its full name, from the staged tree or from the clone (staged then)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[2]


def collections() -> Path:
    """The folder that holds ansible_collections."""
    if ROOT.parts[-3:] == ("ansible_collections", "csp", "partner_center"):
        return ROOT.parents[2]
    subprocess.run([sys.executable, ROOT / "tools" / "stage.py"], check=True, stdout=subprocess.DEVNULL)
    return ROOT / ".build"


sys.path[:0] = [str(collections()), str(ROOT / "roles" / "emulator" / "files")]
# For tests that start Ansible; wherever they run, this is the tree that they are part of.
os.environ["ANSIBLE_COLLECTIONS_PATH"] = sys.path[0]

# The same examples in each run, and as much time for one as a busy machine takes.
settings.register_profile("checks", derandomize=True, deadline=None, database=None)
settings.load_profile("checks")
