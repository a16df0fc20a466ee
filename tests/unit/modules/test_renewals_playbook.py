# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that shows which terms end, over a fleet of ten thousand subscriptions."""

from __future__ import annotations

import json
import re
import typing as t
from itertools import pairwise

import pytest

from ..emulators import Emulator
from ..inventory.conftest import Ansible

PLAYBOOK = "csp.partner_center.renewals"


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "1000", "--subscriptions-per-customer", "10", "--seed", "7")


@pytest.fixture
def ansible(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    environment = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    return Ansible(tmp_path_factory.mktemp("play"), emulator, {**environment})


def told(answer: t.Any) -> list[str]:
    """The lines that the playbook shows."""
    assert answer.status == 0, answer.output + answer.errors
    _before, _task, shown = answer.output.partition("TASK [Show what ends]")
    return shown.partition("\nok: [localhost]")[0].partition("\n")[2].strip("\n").splitlines()


def test_it_costs_one_request_a_customer_and_folds_what_needs_no_decision(ansible: Ansible, emulator: Emulator) -> None:
    lines = told(ansible.run("ansible-playbook", PLAYBOOK, "-e", "renewal_within_days=60"))
    counters = emulator.control("GET", "counters")
    # Two full pages of customers, and the answer that there are no more.
    assert (counters["total"], counters["tokens"]) == (1003, 1)
    terms = int(lines[2].split()[0].replace(",", ""))
    folded = sum(int(line.split()[0].replace(",", "")) for line in lines if "renew as usual" in line)
    listed = [line for line in lines if re.match(r" {4}\S", line)]
    assert len(listed) + folded == terms
    assert folded > 0
    # What a row holds besides stands below it.
    details = {line: below for line, below in pairwise(lines) if line in listed}
    assert not any(line.startswith("    renews  ") and "  1 month " in details[line] for line in listed)
    months = [line for line in lines if len(line) == 7 and line[4] == "-"]
    assert months == sorted(months)
    assert 1 <= len(months) <= 3


def test_a_match_narrows_it_and_a_misspelled_variable_is_refused(ansible: Ansible, emulator: Emulator) -> None:
    match = json.dumps({"renewal_match": {"customer_id": emulator.find("nce")[0]}})
    told(ansible.run("ansible-playbook", PLAYBOOK, "-e", match))
    assert sum("/subscriptions" in one["path"] for one in emulator.requests()) == 1
    emulator.forget()
    answer = ansible.run("ansible-playbook", PLAYBOOK, "-e", "renewal_within_day=30")
    assert answer.status != 0
    assert "Did you mean renewal_within_days?" in " ".join((answer.output + answer.errors).split())
    assert emulator.requests() == []
