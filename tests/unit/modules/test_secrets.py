# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules run by Ansible itself: secrets stay secret at any verbosity, whatever goes wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator

JWT = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")
GROUP = "group/csp.partner_center.partner_center"


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "3", "--seed", "7")


def play(folder: Path, tasks: list[dict[str, t.Any]], defaults: dict[str, t.Any], **environment: str) -> str:
    """Run the tasks with ``-vvvv``; everything that Ansible printed."""
    playbook = folder / "play.json"
    tasks = [{"name": f"Task {number}", "ignore_errors": True, **task} for number, task in enumerate(tasks)]
    plays = [{"hosts": "localhost", "gather_facts": False, "module_defaults": {GROUP: defaults}, "tasks": tasks}]
    playbook.write_text(json.dumps(plays))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARTNER_CENTER_")}
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-vvvv", "--diff", str(playbook)],
        env={
            **kept,
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_KEEP_REMOTE_FILES": "0",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout + done.stderr


def rename(ids: tuple[str, str], name: str, **options: t.Any) -> dict[str, t.Any]:
    arguments = {"customer_id": ids[0], "subscription_id": ids[1], "friendly_name": name, **options}
    return {"csp.partner_center.pc_subscription": arguments}


def leaked(output: str, *secrets: str) -> list[str]:
    return [secret for secret in secrets if secret in output] + JWT.findall(output)


def test_nothing_leaks_when_things_go_well_and_when_they_go_wrong(emulator: Emulator, tmp_path: Path) -> None:
    ids = emulator.find("nce")
    facts = emulator.facts
    cache = tmp_path / "cache"
    secret, wrong = facts["client_secret"], "wrong-secret-value-4711"
    emulator.fault(match={"path": "*/subscriptions/*", "method": "PATCH"}, skip=1, action="html", times=1)
    output = play(
        tmp_path,
        [
            rename(ids, "one", token_cache_path=str(cache)),
            rename(ids, "two", token_cache_path=str(cache)),
            rename(ids, "three", client_secret=wrong),
            rename(ids, "four", refresh_token=wrong),
            rename(ids, "five", access_token=wrong, client_secret=wrong),
            {"csp.partner_center.pc_support_profile": {"telephone": "+1 425 555 0123"}},
            rename(ids, "six", client_certificate_path="/nowhere", client_certificate_passphrase=wrong),
            rename(ids, "seven", api_url="https://127.0.0.1:9"),
        ],
        dict(emulator.connection),
    )
    assert leaked(output, secret, facts["refresh_token"], wrong) == []
    assert output.count('"changed": true') >= 3, "the tasks that should work did not"
    assert output.count("FAILED!") == 5
    assert "Traceback" not in output
    assert cache.stat().st_mode & 0o777 == 0o600


def test_secrets_of_the_environment_stay_there(emulator: Emulator, tmp_path: Path) -> None:
    ids = emulator.find("nce")
    environment = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    emulator.fault(
        match={"path": "*/subscriptions/*", "method": "PATCH"},
        action="error",
        status=400,
        code=3000,
        description=f"Invalid: {emulator.facts['client_secret']}",
    )
    output = play(tmp_path, [rename(ids, "from the environment"), rename(ids, "again")], {}, **environment)
    assert leaked(output, emulator.facts["client_secret"], emulator.facts["refresh_token"]) == []
    assert output.count("FAILED!") == 1
    assert "Invalid: ****" in output
    assert '"changed": true' in output


def test_an_access_token_that_is_refused_is_not_shown(emulator: Emulator, tmp_path: Path) -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJub2JvZHkifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
    ids = emulator.find("nce")
    options = {"api_url": emulator.facts["api_url"], "ca_path": emulator.facts["ca_path"], "access_token": token}
    output = play(tmp_path, [rename(ids, "token")], options)
    assert leaked(output, token) == []
    assert "401" in output
    assert "FAILED!" in output
