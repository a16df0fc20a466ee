# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects for AWX as they are set up, and the collection whose modules set them up."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

#: The package that brings the collection awx.awx; later ones do not.
PACKAGE = "ansible==12.3.0"


@pytest.fixture(scope="session")
def awx_collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH that has awx.awx and nothing else."""
    folder = tmp_path_factory.mktemp("awx-collection")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-qq",
        "--no-deps",
        "--ignore-requires-python",
        "-d",
        folder,
        PACKAGE,
    ]
    subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    (wheel,) = folder.glob("ansible-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith("ansible_collections/awx/awx/")]
        archive.extractall(folder, [name for name in names if "/tests/" not in name])
    wheel.unlink()
    return folder
