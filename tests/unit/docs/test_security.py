# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each line of the threat model names a test that there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .documents import ROOT

pytestmark = pytest.mark.once

UNITS = ROOT / "tests" / "unit"
HEADS = {"What might be tried", "---"}


def rows() -> list[list[str]]:
    text = (ROOT / "SECURITY.md").read_text()
    found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    return [row for row in found if row[0].strip() not in HEADS]


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_line_is_shown_by_a_test() -> None:
    assert len(rows()) > 40
    for tried, held, shown in rows():
        assert tried, held
        assert held, tried
        named = re.fullmatch(r"`([\w/]+\.py)::(test_\w+)`", shown)
        assert named, shown
        assert named[2] in names_in(UNITS / named[1]), shown
