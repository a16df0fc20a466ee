# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/architecture.md shows the house as it is: every room and every module of module_utils, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
UTILS = ROOT / "plugins" / "module_utils"
PAGE = (ROOT / "docs" / "architecture.md").read_text()
ROOMS = PAGE.split("\n## Rooms\n")[1].split("\n## ")[0]


def test_every_module_has_its_line_and_every_line_its_module() -> None:
    named = re.findall(r"^\| `(_[\w/]+)` \|", ROOMS, re.MULTILINE)
    there = {path.relative_to(UTILS).with_suffix("").as_posix() for path in UTILS.rglob("*.py")}
    assert sorted(named) == sorted(name for name in there if not name.endswith("__init__"))


def test_every_room_has_its_heading_and_every_heading_its_room() -> None:
    named = re.findall(r"^### `(_[\w/]+)/`", ROOMS, re.MULTILINE)
    rooms = {path.parent.relative_to(UTILS).as_posix() for path in UTILS.rglob("*.py")} - {"."}
    assert sorted(named) == sorted(rooms)


def test_other_folders_and_files_that_the_page_names_exist() -> None:
    named = re.findall(r"`((?:plugins|roles|playbooks|tests|extensions|docs|meta|changelogs)/[\w./]*)`", PAGE)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_folder_at_the_top_is_named() -> None:
    top = {"plugins", "roles", "playbooks", "tests", "extensions", "docs", "meta", "changelogs", "tools"}
    assert {name for name in top if f"`{name}/" not in ROOMS} == set()
    plugins = {path.name for path in (ROOT / "plugins").iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert {name for name in plugins if f"`plugins/{name}/`" not in ROOMS} == set()


def test_rooms_that_the_text_names_exist() -> None:
    named = re.findall(r"`(_(?:api|common|engine|module|report|state)(?:/\w+)*)(?:\.py)?`", PAGE)
    missing = [name for name in named if not (UTILS / name).is_dir() and not (UTILS / f"{name}.py").is_file()]
    assert missing == []
