# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Info modules and the inventory say which subscriptions are listed twice or without an id, and drop none silently."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator, Ids
from ..forks import start_module
from ..inventory.conftest import Ansible
from .test_fleet import warnings

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "3", "--seed", "7")


@pytest.fixture
def odd(emulator: Emulator) -> Ids:
    """A subscription that is listed twice, beside one without an id."""
    ids = emulator.find("nce")
    body = {"items": [emulator.stored(ids), {"friendlyName": "Nameless"}, emulator.stored(ids)]}
    emulator.fault(match={"path": f"*/{ids[0]}/subscriptions"}, times=None, action="body", body=body)
    return ids


def test_an_info_module_says_so(emulator: Emulator, odd: Ids) -> None:
    given = {**emulator.connection, "customer_id": odd[0]}
    told: dict[str, t.Any] = json.loads(start_module("pc_subscription_info", given).communicate()[0])
    assert len(told["subscriptions"]) == 2
    said = " ".join(warnings(told))
    assert "lists 1 subscription more than once" in said
    assert odd[1] in said
    assert "without an id" in said


def test_the_inventory_says_so(emulator: Emulator, odd: Ids, tmp_path: Path) -> None:
    ansible = Ansible(tmp_path, emulator)
    ansible.write()
    told = ansible.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--list")
    assert told.status == 0, told.errors
    assert told.says("lists 1 subscription more than once")
    assert told.says(odd[1])
    assert told.says("without an id")
