# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One emulator for all tests here; every test finds it as it was at the start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..emulators import Emulator
from .hand import Hand


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    arguments = ("--customers", "12", "--subscriptions-per-customer", "10", "--seed", "7")
    emulator = Emulator(tmp_path_factory.mktemp("emulator"), arguments).start()
    hand = Hand(emulator.folder)
    yield hand
    hand.close()
    emulator.stop()


@pytest.fixture
def pc(running: Hand) -> Hand:
    running.control("POST", "reset")
    return running
