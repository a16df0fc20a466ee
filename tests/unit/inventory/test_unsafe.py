# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a company, a subscription or a field is called, it is only a name."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator
from .conftest import Ansible

Fleet = list[dict[str, t.Any]]


def hostile(marker: Path) -> str:
    return "{{ lookup('pipe', 'touch " + str(marker) + "') }}"


PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {
                "ansible.builtin.debug": {
                    "msg": "{{ pc_company_name }} | {{ shout }} | {{ group_names }} | {{ pc_subscriptions }}"
                    " | {{ pc_subscriptions | map('dict2items') | list }}"
                }
            },
            {
                "ansible.builtin.copy": {
                    "content": "{{ pc_company_name }}\n{{ pc_subscriptions | to_json }}",
                    "dest": "{{ playbook_dir }}/{{ inventory_hostname }}.txt",
                    "mode": "0600",
                }
            },
            {"ansible.builtin.assert": {"that": ["pc_company_name | length > 0", "shout == pc_company_name | upper"]}},
        ],
    }
]


@pytest.mark.parametrize("is_cached", [False, True], ids=["as it is read", "from the cache"])
def test_names_are_never_templates(ansible: Ansible, emulator: Emulator, fleet: Fleet, is_cached: bool) -> None:
    marker = ansible.folder / "executed"
    name = hostile(marker)
    customer = fleet[0]
    body = {
        "items": [
            {
                "id": customer["id"],
                "companyProfile": {"companyName": name, "domain": f"{name}.example.com"},
            }
        ]
    }
    emulator.fault(match={"path": "*/customers"}, action="body", body=body, times=None)
    ids = (customer["id"], customer["subscriptions"][0]["id"])
    emulator.store(ids, friendlyName=name, attributes={name: [name, {"deep": name}]})
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(ansible.folder / "c")}
    ansible.write(
        compose={"shout": "pc_company_name | upper", "nick": "pc_subscriptions[0].friendly_name"},
        groups={"odd": "pc_company_name is defined"},
        keyed_groups=[
            {"key": "pc_company_name", "prefix": "company", "parent_group": "{{ pc_company_name }}"},
            {"key": "pc_subscriptions | map(attribute='friendly_name') | list", "prefix": "nick"},
        ],
        strict=True,
        **cache,
    )
    if is_cached:
        ansible.list()
        emulator.forget()
    (ansible.folder / "play.json").write_text(json.dumps(PLAY))
    done = ansible.run("ansible-playbook", "-i", "fleet.partner_center.yml", "play.json")
    assert done.status == 0, done.output + done.errors
    assert (emulator.requests() == []) is is_cached
    assert not marker.exists()
    (host,) = ansible.hosts()
    assert set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
    written = (ansible.folder / f"{host}.txt").read_text()
    assert written.startswith(f"{name}\n")
    subscriptions = json.loads(written.partition("\n")[2])
    assert name in {one["friendly_name"] for one in subscriptions}
    listed = ansible.list()
    assert all(set(group) <= set("abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for group in listed)
    assert not marker.exists()


def test_the_emulators_own_hostile_company_is_only_a_name(ansible: Ansible, fleet: Fleet) -> None:
    """It is called ``{{ lookup('pipe','id') }}``: an ``id`` of our own on the path tells whether it is run."""
    marker, folder = ansible.folder / "executed", ansible.folder / "bin"
    folder.mkdir()
    (folder / "id").write_text(f"#!/bin/sh\ntouch {marker}\n")
    (folder / "id").chmod(0o700)
    ansible.environment["PATH"] = f"{folder}:{os.environ['PATH']}"
    company = next(customer for customer in fleet if "lookup" in customer["name"])
    ansible.write(compose={"shout": "pc_company_name | upper"}, strict=True)
    (ansible.folder / "play.json").write_text(json.dumps(PLAY))
    arguments = ("-i", "fleet.partner_center.yml", "--limit", company["domain"], "play.json")
    done = ansible.run("ansible-playbook", *arguments)
    assert done.status == 0, done.output + done.errors
    assert not marker.exists()
    assert (ansible.folder / f"{company['domain']}.txt").read_text().startswith(company["name"])
    proof = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"debug": {"msg": company["name"]}}]}]
    (ansible.folder / "proof.json").write_text(json.dumps(proof))
    ansible.run("ansible-playbook", "proof.json")
    assert marker.exists(), "the name would not have been run as a template either: the test shows nothing"
