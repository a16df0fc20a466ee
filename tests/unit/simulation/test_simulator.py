# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator itself: a seed is a history, wherever and however often it is played."""

from __future__ import annotations

import re

import pytest

from .played import ROOT, played

pytestmark = pytest.mark.once


def test_a_seed_is_the_same_history_each_time() -> None:
    # The first with two runs at the same time, several threads and a crash among them.
    first, again = (played("--digest", "--histories", "40") for _time in range(2))
    assert first == again


def test_the_guide_holds_the_sentence_of_each_invariant() -> None:
    code = (ROOT / "tests" / "simulation" / "invariants.py").read_text()
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide_trust.rst").read_text()
    names = re.findall(r"^    (\w+),$", code.partition("INVARIANTS: t.Final = (")[2], re.MULTILINE)
    sentences = [re.search(rf'def {name}\(view: View\) -> Found:\n    """(.+)"""', code) for name in names]
    assert re.findall(r"^- (.+)$", guide, re.MULTILINE) == [found and found[1] for found in sentences]
