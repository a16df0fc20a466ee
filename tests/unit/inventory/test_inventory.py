# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes a host, and what the plugin says of it."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._module.hosts import DEFAULT_FIELDS

from ..emulators import Emulator
from .conftest import Ansible

Fleet = list[dict[str, t.Any]]


def test_customers_are_hosts(ansible: Ansible, fleet: Fleet) -> None:
    ansible.write()
    hosts = ansible.hosts()
    assert sorted(hosts) == sorted(customer["domain"] for customer in fleet)
    for customer in fleet:
        found = hosts[customer["domain"]]
        assert found["pc_customer_id"] == customer["id"]
        assert found["pc_company_name"] == customer["name"]
        assert found["pc_domain"] == customer["domain"]
        ids = sorted(one["id"].lower() for one in customer["subscriptions"])
        assert [one["id"].lower() for one in found["pc_subscriptions"]] == ids
        assert found["ansible_connection"] == "local"
        # The same Python may go by several names in its folder.
        assert Path(found["ansible_python_interpreter"]).resolve() == Path(sys.executable).resolve()
        assert Path(found["ansible_python_interpreter"]).parent == Path(sys.executable).parent
    some = next(one for one in found["pc_subscriptions"] if one["status"] == "active")
    assert {"friendly_name", "quantity", "auto_renew_enabled", "offer_name"} <= some.keys()


def test_subscriptions_are_hosts(ansible: Ansible, fleet: Fleet) -> None:
    ansible.write(hosts="subscriptions")
    hosts = ansible.hosts()
    expected = {
        f"{customer['domain']}_{one['id'].lower()}": (customer, one)
        for customer in fleet
        for one in customer["subscriptions"]
    }
    assert hosts.keys() == expected.keys()
    for name, (customer, one) in expected.items():
        found = hosts[name]
        assert (found["pc_customer_id"], found["pc_company_name"]) == (customer["id"], customer["name"])
        assert found["pc_subscription"]["id"] == one["id"]
        assert found["pc_subscription"]["friendly_name"] == one["friendly_name"]
        assert "pc_subscriptions" not in found


def test_subscriptions_have_the_fields_that_are_asked_for(ansible: Ansible, fleet: Fleet) -> None:
    """By default those that people group and select by; with ``renewal`` worked out."""

    def found(**options: t.Any) -> list[dict[str, t.Any]]:
        ansible.write(**options)
        return [one for host in ansible.hosts().values() for one in host["pc_subscriptions"]]

    by_default, everything = found(), found(fields="all")
    names = {"id", "friendly_name", "offer_name", *DEFAULT_FIELDS}
    assert all(one.keys() == names for one in by_default)
    assert all("links" in one and "renewal" in one for one in everything)
    ends = [one["renewal"]["end_of_term"] for one in by_default if one["renewal"] is not None]
    assert {"renew", "lapse"} <= {*ends}
    assert [one["renewal"] for one in by_default] == [one["renewal"] for one in everything]
    few = found(fields=["quantity", "suspension_reasons"])
    assert all(one.keys() == {"id", "friendly_name", "offer_name", "quantity", "suspension_reasons"} for one in few)
    assert [one["quantity"] for one in few] == [one["quantity"] for one in everything]


@pytest.mark.parametrize("fields", [["autoRenewEnabled"], [""]])
def test_a_name_that_is_no_field_is_refused(ansible: Ansible, emulator: Emulator, fields: list[str]) -> None:
    ansible.write(fields=fields)
    assert ansible.refused().says("fields[0]")
    assert emulator.requests() == []


def test_tasks_for_a_host_run_here_with_the_same_python(ansible: Ansible, fleet: Fleet) -> None:
    ansible.write()
    plays = [
        {
            "hosts": fleet[0]["domain"],
            "gather_facts": False,
            "module_defaults": {"group/csp.partner_center.partner_center": ansible.emulator.connection},
            "tasks": [
                {
                    "csp.partner_center.pc_subscription": {
                        "customer_id": "{{ pc_customer_id }}",
                        "subscription_id": "{{ (pc_subscriptions | selectattr('id', 'eq', wanted) | first).id }}",
                        "friendly_name": "by inventory",
                    },
                    "vars": {"wanted": next(one["id"] for one in fleet[0]["subscriptions"] if one["kind"] == "nce")},
                }
            ],
        }
    ]
    (ansible.folder / "play.json").write_text(json.dumps(plays))
    done = ansible.run("ansible-playbook", "-i", "fleet.partner_center.yml", "play.json")
    assert done.status == 0, done.output + done.errors
    assert "changed=1" in done.output


def test_a_match_leaves_out_customers_without_a_matching_subscription(ansible: Ansible, fleet: Fleet) -> None:
    ansible.write(match={"status": "suspended"})
    hosts = ansible.hosts()
    with_suspended = [
        customer["domain"]
        for customer in fleet
        if any(one["status"] == "suspended" for one in customer["subscriptions"])
    ]
    assert 0 < len(with_suspended) < len(fleet)
    assert sorted(hosts) == sorted(with_suspended)
    assert {one["status"] for host in hosts.values() for one in host["pc_subscriptions"]} == {"suspended"}


def test_a_match_without_a_value_is_not_every_customer(ansible: Ansible) -> None:
    ansible.write(match=None)
    assert ansible.refused().says("match: is given, but has no value")


def test_a_match_on_customers_is_about_them_alone(ansible: Ansible, emulator: Emulator) -> None:
    ansible.write(match={"customer_name": "northwind*"})
    hosts = ansible.hosts()
    assert sorted(hosts) == ["northwindtraders004.onmicrosoft.com", "northwindtraders005.onmicrosoft.com"]
    assert sum("/subscriptions" in one["path"] for one in emulator.requests()) == 2


def test_a_customer_without_subscriptions_is_a_host_where_nothing_is_matched(
    ansible: Ansible, emulator: Emulator, fleet: Fleet
) -> None:
    empty = fleet[3]
    emulator.fault(match={"path": f"*/{empty['id']}/subscriptions"}, action="body", body={"items": []}, times=None)
    ansible.write()
    assert ansible.hosts()[empty["domain"]]["pc_subscriptions"] == []
    ansible.write(match={"customer_id": empty["id"]})
    assert ansible.list()["_meta"]["hostvars"] == {}


def test_groups_and_variables_are_constructed(ansible: Ansible, fleet: Fleet) -> None:
    ansible.write(
        hosts="subscriptions",
        strict=True,
        compose={"seats": "pc_subscription.quantity + 1", "called": "pc_company_name"},
        groups={"trials": "pc_subscription.is_trial"},
        keyed_groups=[{"prefix": "status", "key": "pc_subscription.status"}, {"key": "pc_company_name", "prefix": "c"}],
    )
    found = ansible.list()
    hosts = found["_meta"]["hostvars"]
    # Before 2.19, what Ansible composes is text.
    assert all(int(host["seats"]) == host["pc_subscription"]["quantity"] + 1 for host in hosts.values())
    assert all(host["called"] == host["pc_company_name"] for host in hosts.values())
    trials = {name for name, host in hosts.items() if host["pc_subscription"]["is_trial"]}
    assert set(found["trials"]["hosts"]) == trials != set()
    active = {name for name, host in hosts.items() if host["pc_subscription"]["status"] == "active"}
    assert set(found["status_active"]["hosts"]) == active
    odd = re.sub(r"\W", "_", f"c_{fleet[2]['name']}")
    assert len(found[odd]["hosts"]) == len(fleet[2]["subscriptions"])


def test_a_wrong_expression_is_an_error_when_strict(ansible: Ansible) -> None:
    ansible.write(compose={"seats": "no_such_variable + 1"})
    assert all("seats" not in host for host in ansible.hosts().values())
    ansible.write(compose={"seats": "no_such_variable + 1"}, strict=True)
    answer = ansible.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--graph")
    assert answer.says("Failed to parse")
    assert answer.says("Could not set seats for host")


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        ("partner_center.yml", True),
        ("partner_center.yaml", True),
        ("prod.partner_center.yml", True),
        ("fleet.yml", False),
    ],
)
def test_the_file_is_known_by_its_name(ansible: Ansible, name: str, is_ours: bool) -> None:
    ansible.write().rename(ansible.folder / name)
    answer = ansible.run("ansible-inventory", "-i", name, "--graph")
    assert ("contosoltd000.onmicrosoft.com" in answer.output) is is_ours
    assert answer.says("could not be verified by inventory plugin") is not is_ours


def test_unavailable_customers_are_left_out_and_named(ansible: Ansible, emulator: Emulator, fleet: Fleet) -> None:
    gone = [customer["id"] for customer in fleet[:4]]
    for customer_id in gone:
        emulator.fault(
            match={"path": f"*/{customer_id}/subscriptions"}, action="error", status=403, code=20002, times=None
        )
    ansible.write()
    answer = ansible.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--graph")
    assert answer.status == 0
    assert answer.output.count("onmicrosoft.com") == len(fleet) - 4
    assert answer.says("Customers that cannot be read and are not in the inventory (4)")
    assert answer.says("and 1 more")
    ansible.write(on_unavailable="fail")
    answer = ansible.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--graph")
    assert answer.says("Failed to parse")
    assert answer.says("Customers that cannot be read")
    assert "onmicrosoft.com" not in answer.output


def test_a_fleet_that_cannot_be_listed_is_an_error(ansible: Ansible, emulator: Emulator) -> None:
    emulator.fault(match={"path": "*/customers"}, action="error", status=403, code=900150, times=None)
    ansible.write()
    answer = ansible.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--graph")
    assert answer.says("Failed to parse")
    assert answer.says("Partner Center answered 403 (code 900150")
    assert "Traceback" not in answer.errors


def test_a_large_fleet_costs_one_request_a_customer(tmp_path_factory: pytest.TempPathFactory) -> None:
    size = ("--customers", "1000", "--subscriptions-per-customer", "10", "--seed", "7")
    emulator = Emulator(Path(tmp_path_factory.mktemp("large")), size).start()
    try:
        ansible = Ansible(Path(tmp_path_factory.mktemp("inventory")), emulator)
        # One subscription of ten thousand: Ansible takes longer to make a host than the plugin to read it.
        nickname = emulator.stored(emulator.all("nce")[-1])["friendlyName"]
        ansible.write(hosts="subscriptions", match={"friendly_name": nickname})
        assert "onmicrosoft.com_" in "".join(ansible.hosts())
        counters = emulator.control("GET", "counters")
        # Two full pages of customers, and the answer that there are no more.
        assert (counters["total"], counters["tokens"]) == (1003, 1)
    finally:
        emulator.stop()


def test_an_interrupt_ends_a_wait_at_once(ansible: Ansible, emulator: Emulator) -> None:
    emulator.forget()
    emulator.fault(
        match={"path": "*/subscriptions"}, action="status", status=429, headers={"Retry-After": "250"}, times=None
    )
    process = ansible.start("ansible-inventory", "-i", ansible.write(), "--list")
    deadline = time.monotonic() + 60
    while not any(one["status"] == 429 for one in emulator.requests()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    # A few of them are Ansible's own.
    assert time.monotonic() - sent < 10
    assert process.returncode != 0
