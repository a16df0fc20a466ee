# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file in which a run notes how far it is."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import Progress


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    device, file = tmp_path / "device", tmp_path / "file"
    os.mknod(device, stat.S_IFSOCK | 0o600)
    progress = Progress(str(device), str(file))
    progress.ended()
    assert stat.S_ISSOCK(device.stat().st_mode)
    assert progress.lost == {str(device): "it is not a regular file"}
    assert json.loads(file.read_text())["phase"] == "reading"
