# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulated runs, the second half of those that every test of the collection plays: see tests/simulation."""

from __future__ import annotations

import pytest

from .played import PART, PARTS, played

pytestmark = pytest.mark.once


@pytest.mark.parametrize("part", PARTS["second"])
def test_every_invariant_holds(part: int) -> None:
    played("--runs", str(PART), "--from", str(part * 1_000_000))
