# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is cached, and what is asked for again."""

from __future__ import annotations

import json
import typing as t

import pytest

from ..emulators import Emulator
from .conftest import Ansible


@pytest.fixture
def cache(ansible: Ansible) -> dict[str, t.Any]:
    folder = str(ansible.folder / "cache")
    return {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": folder}


def sent(emulator: Emulator) -> int:
    """Requests since the last look, sign-ins included."""
    counters = emulator.control("GET", "counters")
    emulator.forget()
    return int(counters["total"]) + int(counters["tokens"])


def test_a_warm_cache_sends_nothing(ansible: Ansible, emulator: Emulator, cache: dict[str, t.Any]) -> None:
    ansible.write(**cache)
    cold = ansible.hosts()
    assert sent(emulator) == len(cold) + 2
    assert ansible.hosts() == cold
    # Hosts are made of what is cached, so they can be cut in another way.
    ansible.write(hosts="subscriptions", **cache)
    assert len(ansible.hosts()) == sum(len(host["pc_subscriptions"]) for host in cold.values())
    assert sent(emulator) == 0


def test_without_cache_every_run_reads(ansible: Ansible, emulator: Emulator) -> None:
    ansible.write()
    for _number in range(2):
        assert sent(emulator) == 0
        ansible.hosts()
        assert sent(emulator) > 0


def test_a_flushed_cache_is_read_again(ansible: Ansible, emulator: Emulator, cache: dict[str, t.Any]) -> None:
    ansible.write(**cache)
    ids = emulator.find("nce")
    ansible.hosts()
    emulator.store(ids, friendlyName="new nickname")
    assert "new nickname" not in str(ansible.hosts())
    plays = ansible.folder / "plays.json"
    plays.write_text(json.dumps([{"hosts": "all", "gather_facts": False}]))
    done = ansible.run("ansible-playbook", "-i", "fleet.partner_center.yml", "--flush-cache", "--list-hosts", plays)
    assert done.status == 0, done.errors
    emulator.forget()
    assert "new nickname" in str(ansible.hosts())
    assert sent(emulator) == 0


def test_another_match_or_partner_is_not_answered_from_the_cache(
    ansible: Ansible, emulator: Emulator, cache: dict[str, t.Any]
) -> None:
    ansible.write(**cache)
    everything = ansible.hosts()
    ansible.write(match={"status": "suspended"}, **cache)
    assert len(ansible.hosts()) < len(everything)
    ansible.write(fields=["links"], **cache)
    assert "links" in next(iter(ansible.hosts().values()))["pc_subscriptions"][0]
    emulator.forget()
    other = {**emulator.connection, "tenant_id": "11111111-2222-3333-4444-555555555555"}
    ansible.write(other, **cache)
    answer = ansible.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--graph")
    assert answer.says("Failed to parse")
    assert "onmicrosoft.com" not in answer.output


def test_unavailable_customers_are_told_from_the_cache_too(
    ansible: Ansible, emulator: Emulator, cache: dict[str, t.Any]
) -> None:
    customer_id = emulator.find("nce")[0]
    emulator.fault(match={"path": f"*/{customer_id}/subscriptions"}, action="error", status=403, code=20002, times=None)
    ansible.write(**cache)
    for _number in range(2):
        answer = ansible.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--graph")
        assert answer.says(customer_id)
        assert answer.says("are not in the inventory")
        emulator.control("DELETE", "faults")
    emulator.forget()
    ansible.hosts()
    assert sent(emulator) == 0


def test_a_failure_that_may_pass_is_not_cached(ansible: Ansible, emulator: Emulator, cache: dict[str, t.Any]) -> None:
    customer_id = emulator.find("nce")[0]
    emulator.fault(match={"path": f"*/{customer_id}/subscriptions"}, action="error", status=500, code=0, times=None)
    ansible.write(retries=0, **cache)
    first = ansible.hosts()
    emulator.control("DELETE", "faults")
    assert len(ansible.hosts()) == len(first) + 1
