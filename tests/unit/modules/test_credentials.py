# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials as tasks use them: what a refusal tells an operator, one sign-in for many tasks, the first sign-in."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import socket
import subprocess
import sys
import termios
import time
import typing as t
from pathlib import Path

import pytest

from ..emulators import Emulator
from .test_secrets import leaked, play

pytestmark = pytest.mark.once

BROWSER = Path(__file__).resolve().parents[2] / "integration" / "targets" / "setup_emulator" / "files" / "browser.py"
INFO: dict[str, t.Any] = {"csp.partner_center.pc_credentials_info": {}}


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "3", "--seed", "5")


def environment(emulator: Emulator, folder: Path, **others: str) -> dict[str, str]:
    """As a person has it who runs a playbook, with the connection in it; an empty variable is one that is not set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARTNER_CENTER_")}
    connection = {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in emulator.connection.items()}
    settings = {"ANSIBLE_HOME": str(folder / "ansible"), "ANSIBLE_INVENTORY": "/dev/null", "ANSIBLE_NOCOLOR": "1"}
    state = {"XDG_STATE_HOME": str(folder / "state"), "ANSIBLE_LOCALHOST_WARNING": "false"}
    return {**kept, **connection, **settings, **state, **others}


def command(playbook: str, variables: str | dict[str, t.Any]) -> list[str]:
    return [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "-vvvv",
        "--diff",
        playbook,
        "--extra-vars",
        variables if isinstance(variables, str) else json.dumps(variables),
    ]


class Ran(t.NamedTuple):
    status: int
    output: str


def run(emulator: Emulator, folder: Path, playbook: str, variables: str | dict[str, t.Any], **others: str) -> Ran:
    done = subprocess.run(
        command(playbook, variables),
        env=environment(emulator, folder, **others),
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=240,
        check=False,
    )
    return Ran(done.returncode, done.stdout + done.stderr)


def browser(emulator: Emulator, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A person with a browser, who begins as soon as there is a sign-in."""
    return subprocess.Popen(
        [sys.executable, str(BROWSER), str(flow_path(folder)), str(emulator.folder / "emulator.json"), *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )


def flow_path(folder: Path) -> Path:
    return folder / "state" / "csp.partner_center" / "sign_in.json"


def pasted(emulator: Emulator, folder: Path) -> str:
    """The address that the browser ended at, as a person copies it."""
    process = browser(emulator, folder, "accept", "print")
    return process.communicate(timeout=60)[0].strip()


def free_port() -> int:
    """Other tests run at the same time, with other listeners."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def secrets_of(emulator: Emulator, *files: Path) -> list[str]:
    """What must not be shown: the given secrets, and whatever tokens these files hold."""
    found = [emulator.facts["client_secret"], emulator.facts["refresh_token"]]
    for file in files:
        text = file.read_text()
        tokens = re.findall(r'"(?:access_token|refresh_token|code_verifier|device_code|nonce)": "([^"]+)"', text)
        found += tokens or [text]
    assert all(len(secret) >= 8 for secret in found)
    return found


class TestCache:
    def test_two_tasks_sign_in_once(self, emulator: Emulator, tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        output = play(tmp_path, [INFO, INFO], {**emulator.connection, "token_cache_path": str(cache)})
        assert output.count('"mode": "app_user"') == 2
        assert emulator.sign_ins() == 1
        assert cache.stat().st_mode & 0o777 == 0o600
        assert leaked(output, *secrets_of(emulator, cache)) == []

    def test_eight_hosts_at_once_sign_in_once_and_lose_no_rotation(self, emulator: Emulator, tmp_path: Path) -> None:
        emulator.switch(refresh_token_reuse="revoked")
        cache = str(tmp_path / "cache")
        plays = [
            {
                "hosts": "all",
                "gather_facts": False,
                "vars": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
                "tasks": [{"name": "Look", "csp.partner_center.pc_support_profile_info": {}}],
            }
        ]
        (tmp_path / "play.json").write_text(json.dumps(plays))
        (tmp_path / "hosts").write_text("\n".join(f"host{number}" for number in range(8)))
        for _number in range(2):
            ran = run(
                emulator,
                tmp_path,
                "play.json",
                {},
                ANSIBLE_INVENTORY="hosts",
                ANSIBLE_FORKS="8",
                PARTNER_CENTER_TOKEN_CACHE_PATH=cache,
            )
            assert ran.status == 0, ran.output[-4000:]
            assert ran.output.count("profile_type") >= 8
            # Every token ends: the next sign-in has to be with the successor of a token that worked once.
            emulator.control("POST", "tokens", {"expire": "access"})
            content = json.loads(Path(cache).read_text())
            for entry in content["entries"].values():
                entry["expires_at"] = 0
            Path(cache).write_text(json.dumps(content))
        assert emulator.sign_ins() == 2


class TestFirstSignIn:
    """The playbooks as a person runs them, at the highest verbosity, and nothing in their output that must not be."""

    @pytest.mark.parametrize("method", ["authorization_code", "device_code"])
    def test_a_user_signs_in_with_each_method(self, emulator: Emulator, tmp_path: Path, method: str) -> None:
        token, cache = tmp_path / "token", tmp_path / "cache"
        somebody = browser(emulator, tmp_path)
        ran = run(
            emulator,
            tmp_path,
            "csp.partner_center.consent",
            {
                "consent_method": method,
                "consent_redirect_uri": f"http://localhost:{free_port()}",
                "consent_refresh_token_path": "token",
                "consent_timeout": 60,
            },
            PARTNER_CENTER_TOKEN_CACHE_PATH=str(cache),
        )
        page = somebody.communicate(timeout=60)[0]
        assert ran.status == 0, ran.output[-4000:]
        assert "close this window" in page
        assert f"Signed in as {emulator.facts['username']}, with multi-factor authentication." in ran.output
        assert leaked(ran.output, *secrets_of(emulator, token, cache)) == []
        assert [path.stat().st_mode & 0o777 for path in (token, cache)] == [0o600, 0o600]
        assert not flow_path(tmp_path).exists()
        # What it left is good for everything, wherever it was left.
        for given in (
            {"PARTNER_CENTER_REFRESH_TOKEN": token.read_text()},
            {"PARTNER_CENTER_REFRESH_TOKEN": "", "PARTNER_CENTER_TOKEN_CACHE_PATH": str(cache)},
        ):
            checked = run(emulator, tmp_path, "csp.partner_center.check_credentials", {}, **given)
            assert checked.status == 0, checked.output[-4000:]
            assert "acts for a user (App+User)" in checked.output
            assert len(re.findall(r"^  (\w+) +works$", checked.output, re.MULTILINE)) == 5
            assert leaked(checked.output, *secrets_of(emulator, token, cache)) == []

    def test_a_sign_in_is_finished_by_another_run(self, emulator: Emulator, tmp_path: Path) -> None:
        token = tmp_path / "token"
        variables = {"consent_refresh_token_path": str(token), "consent_answer": "later"}
        first = run(emulator, tmp_path, "csp.partner_center.consent", variables)
        assert first.status == 0, first.output[-4000:]
        assert "run this again with it as consent_redirect_address" in first.output
        assert not token.exists()
        flow = secrets_of(emulator, flow_path(tmp_path))
        assert flow_path(tmp_path).stat().st_mode & 0o777 == 0o600
        assert leaked(first.output, *flow) == []

        address = pasted(emulator, tmp_path)
        foreign = re.sub(r"\bstate=[^&]*", "state=of-somebody-else", address)
        refused = self.told(emulator, tmp_path, {**variables, "consent_redirect_address": foreign})
        assert refused.status == 2
        assert "belongs to another sign-in" in refused.output
        assert not token.exists()
        second = self.told(emulator, tmp_path, {**variables, "consent_redirect_address": address})
        assert second.status == 0, second.output[-4000:]
        code = re.search(r"code=([^&]+)", address)
        assert code is not None
        for output in (refused.output, second.output):
            assert leaked(output, *flow, *secrets_of(emulator, token), code[1]) == []

    def told(self, emulator: Emulator, folder: Path, variables: dict[str, t.Any]) -> Ran:
        """With the variables in a file: Ansible shows its own command line at this verbosity."""
        (folder / "variables.json").write_text(json.dumps(variables))
        return run(emulator, folder, "csp.partner_center.consent", "@variables.json")

    def test_a_sign_in_is_finished_with_the_pasted_address(self, emulator: Emulator, tmp_path: Path) -> None:
        token = tmp_path / "token"
        process, hand = self.at_a_terminal(
            command(
                "csp.partner_center.consent", {"consent_refresh_token_path": str(token), "consent_answer": "prompt"}
            ),
            env=environment(emulator, tmp_path),
            cwd=tmp_path,
        )
        address = pasted(emulator, tmp_path)
        output = self.typed(process, hand, address)
        assert process.returncode == 0, output[-4000:]
        assert f"Signed in as {emulator.facts['username']}" in output
        code = re.search(r"code=([^&]+)", address)
        assert code is not None
        assert leaked(output, *secrets_of(emulator, token), code[1]) == []

    def at_a_terminal(self, arguments: list[str], **options: t.Any) -> tuple[subprocess.Popen[bytes], int]:
        """A process with a terminal, and the hand (and eye) on it."""
        hand, terminal = pty.openpty()
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal)
        take = (
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        )
        own = [sys.executable, "-c", take, *arguments]
        process = subprocess.Popen(own, **streams, **options, start_new_session=True)
        os.close(terminal)
        return process, hand

    def typed(self, process: subprocess.Popen[bytes], hand: int, text: str) -> str:
        """Everything that is shown, while ``text`` is typed as soon as it is asked for."""
        output, typed_at, deadline = b"", 0.0, time.monotonic() + 120
        while time.monotonic() < deadline:
            if select.select([hand], [], [], 0.2)[0]:
                try:
                    output += os.read(hand, 65536)
                except OSError:  # how Linux says that nobody is at the other end any more
                    break
            waits = b"Paste the address" in output and b"Finish the sign-in" not in output
            # Before Ansible has turned the echo off, the terminal would show what is typed. For a moment after that, it
            # would be thrown away.
            hears = waits and not termios.tcgetattr(hand)[3] & termios.ECHO
            if hears and time.monotonic() > typed_at + 3:
                os.write(hand, text.encode() + b"\r")
                typed_at = time.monotonic()
        os.close(hand)  # which also ends a process that still waits
        process.wait(30)
        return output.decode()


class TestRotation:
    def test_a_new_token_replaces_the_old_one(self, emulator: Emulator, tmp_path: Path) -> None:
        emulator.switch(refresh_token_reuse="revoked")
        token = tmp_path / "token"
        tokens = [emulator.facts["refresh_token"]]
        for _number in range(2):
            ran = run(
                emulator,
                tmp_path,
                "csp.partner_center.rotate_refresh_token",
                {"rotate_refresh_token_path": "token"},
                PARTNER_CENTER_REFRESH_TOKEN=tokens[-1],
            )
            assert ran.status == 0, ran.output[-4000:]
            tokens.append(token.read_text())
            assert token.stat().st_mode & 0o777 == 0o600
            assert leaked(ran.output, *secrets_of(emulator, token), *tokens) == []
        assert len(set(tokens)) == 3
        # The old ones are worth nothing by now, so that a token that was lost would be missed.
        checked = run(
            emulator,
            tmp_path,
            "csp.partner_center.check_credentials",
            {},
            PARTNER_CENTER_REFRESH_TOKEN=tokens[-1],
        )
        assert checked.status == 0, checked.output[-4000:]

    def test_the_same_token_again_is_not_reported_as_new(self, emulator: Emulator, tmp_path: Path) -> None:
        emulator.switch(refresh_token_rotation=False)
        variables = {"rotate_refresh_token_path": "token"}
        for changed in (1, 0):
            ran = run(emulator, tmp_path, "csp.partner_center.rotate_refresh_token", variables)
            assert ran.status == 0, ran.output[-4000:]
            assert "Entra gave the same refresh token again. It lasts no longer" in ran.output
            assert "A fresh refresh token" not in ran.output
            assert f"changed={changed} " in ran.output
            assert (tmp_path / "token").read_text() == emulator.facts["refresh_token"]


class TestCheck:
    @pytest.mark.parametrize(
        ("given", "text"),
        [
            ({"PARTNER_CENTER_CLIENT_SECRET": "not-the-secret"}, "AADSTS7000215"),
            ({"PARTNER_CENTER_TENANT_ID": ""}, "tenant_id is missing"),
        ],
    )
    def test_a_failed_sign_in_is_reported(
        self, emulator: Emulator, tmp_path: Path, given: dict[str, str], text: str
    ) -> None:
        ran = run(emulator, tmp_path, "csp.partner_center.check_credentials", {}, **given)
        assert ran.status == 2
        assert re.search(f"The sign-in does not work: .*({text})", ran.output)
        assert leaked(ran.output, "not-the-secret", emulator.facts["refresh_token"]) == []
