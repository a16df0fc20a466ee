# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator for all tests of the engine, as new for each, and the path to it: for one subscription and for many."""

from __future__ import annotations

import pytest

from ..emulators import STRICT, Emulator
from .fleets import Fleet
from .one_path import OnePath


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "12", "--seed", "7", *STRICT)


@pytest.fixture
def path(emulator: Emulator) -> OnePath:
    return OnePath(emulator)


@pytest.fixture
def many(path: OnePath) -> Fleet:
    return Fleet(path)
