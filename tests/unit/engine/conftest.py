# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator for all tests of the engine, as new for each, and the path to it: for one subscription and for many."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from .emulator import STRICT, Emulator
from .fleets import Fleet
from .one_path import OnePath


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulator]:
    emulator = Emulator(
        Path(tmp_path_factory.mktemp("emulator")), ("--customers", "12", "--seed", "7", *STRICT)
    ).start()
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    running.forget()
    return running


@pytest.fixture
def path(emulator: Emulator) -> OnePath:
    return OnePath(emulator)


@pytest.fixture
def many(path: OnePath) -> Fleet:
    return Fleet(path)
