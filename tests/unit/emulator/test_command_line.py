# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line, the state file, what is left in the directory."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from partner_center_emulator.switches import CATALOGUE

from ..emulators import PACKAGE, Emulator
from .hand import Hand, error, read, run

Start = Callable[..., Hand]


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Start]:
    """Starts a small emulator of the test's own; started again it follows the one before."""
    running: list[Emulator] = []
    hands: list[Hand] = []

    def go(*arguments: str) -> Hand:
        while running:
            assert running.pop().stop() == 0
        running.append(
            Emulator(tmp_path / "own", ("--customers", "2", "--subscriptions-per-customer", "10", *arguments)).start()
        )
        hands.append(Hand(tmp_path / "own"))
        return hands[-1]

    yield go
    for hand in hands:
        hand.close()
    for emulator in running:
        emulator.stop()


def test_the_state_file_brings_everything_back(another: Start, tmp_path: Path) -> None:
    state = tmp_path / "new" / "folder" / "state.json"
    pc = another("--state", str(state))
    sub = pc.pick("scheduled")
    pc.change(sub, friendlyName="Kept")
    profile = {"email": "kept@example.com", "telephone": "1", "website": "x"}
    pc.call("PUT", "/profiles/support", profile)
    successor = pc.sign_in().json()["refresh_token"]
    before, others = pc.get(sub), pc.get(pc.pick("nce"))
    pc = another("--state", str(state))
    assert pc.get(sub) == before
    assert pc.get(pc.pick("nce")) == others
    assert read(pc.call("GET", "/profiles/support"))["email"] == "kept@example.com"
    assert pc.sign_in(refresh_token=successor).status_code == 200
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


def test_the_state_file_keeps_what_time_has_brought(another: Start, tmp_path: Path) -> None:
    arguments = ("--state", str(tmp_path / "state.json"), "--switch", "est_identity=new_id", "--now", "2027-01-10")
    pc = another(*arguments)
    sub = pc.pick("nce")
    path = f"{sub.path[1:]}/charges"
    pc.set(sub, scheduledActions=[{"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}])
    pc.advance(days=400)
    subscriptions = f"/customers/{sub.customer}/subscriptions"
    before, charged = read(pc.call("GET", subscriptions)), pc.control("GET", path)
    now = pc.control("GET", "clock")["now"]
    assert any("Extended Service Term" in item["offerName"] for item in before["items"])
    assert charged
    pc = another(*arguments[:-1], now)
    assert read(pc.call("GET", subscriptions)) == before
    assert pc.control("GET", path) == charged


def test_without_a_state_file_changes_are_forgotten(another: Start) -> None:
    pc = another()
    sub = pc.pick("no_auto_renew")
    pc.patch(sub, {"friendlyName": "Gone"})
    assert another().get(sub)["friendlyName"] != "Gone"


def test_a_restart_keeps_certificates_and_secrets(another: Start) -> None:
    first = another()
    token = first.token("app")
    authority = Path(first.facts["ca_path"]).read_bytes()
    second = another()
    assert Path(second.facts["ca_path"]).read_bytes() == authority
    assert second.facts["client_secret"] == first.facts["client_secret"]
    assert second.call("GET", "/customers", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_foreign_state_file_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    for content, text in (
        ("{", "not a state file"),
        ('{"format": 1, "seed": 5, "customers": 1, "subscriptions_per_customer": 1}', "another"),
    ):
        state.write_text(content)
        result = run("--dir", str(tmp_path / "own"), "--state", str(state))
        assert result.returncode == 2
        assert "cannot start" in result.stderr
        assert text == "another" or text in result.stderr


def test_switches_latency_and_the_moment_on_the_command_line(another: Start) -> None:
    pc = another("--switch", "bom=off", "--switch", "schedule-drop=none", "--latency", "0.01", "--now", "2030-01-02")
    switches = pc.control("GET", "switches")
    assert (switches["bom"], switches["schedule_drop"], switches["latency"]) == ("off", "none", 0.01)
    assert pc.control("GET", "clock")["now"].startswith("2030-01-02")
    assert pc.get(pc.pick("nce"))["commitmentEndDate"].startswith("2030")
    pc.switch(bom="all")
    pc.control("POST", "reset")
    assert pc.control("GET", "switches")["bom"] == "off"


def test_the_directory_holds_connection_details_and_keys(another: Start, tmp_path: Path) -> None:
    pc = another()
    path = tmp_path / "own" / "emulator.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for name in ("ca_path", "client_certificate_path", "client_certificate_plain_path", "federated_token_file"):
        assert Path(pc.facts[name]).is_file()
    assert "ENCRYPTED" in Path(pc.facts["client_certificate_path"]).read_text()
    assert os.getpgid(pc.facts["pid"])
    assert run("--stop", str(tmp_path / "own")).returncode == 0
    assert not path.exists()
    assert run("--stop", str(tmp_path / "own")).stdout.startswith("No emulator is running")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "--dir is required"),
        (("--dir", "x", "--switch", "bom"), "name=value"),
        (("--dir", "x", "--switch", "colour=red"), "unknown switch: colour"),
        (("--dir", "x", "--switch", "bom=red"), "documented, all, off"),
        (("--dir", "x", "--customers", "-1"), "fewer than no customers"),
        (("--dir", "x", "--switches", "{"), "must be a JSON object"),
        (("--dir", "x", "--switches", '["bom"]'), "must be a JSON object"),
        (("--dir", "x", "--port", "65536"), "must be from 0 to 65535"),
        (("--dir", "/dev/null/x"), "The emulator cannot start"),
        (("--dir", "/dev/null/x", "--daemon"), "The emulator cannot start"),
        (("--dir", "x", "--state", "/dev/null/state.json"), "The emulator cannot start"),
    ],
)
def test_an_invalid_command_line_is_refused(arguments: tuple[str, ...], text: str, tmp_path: Path) -> None:
    result = run(*(str(tmp_path) if part == "x" else part for part in arguments))
    assert (result.returncode, text in result.stderr) == (2, True), result.stderr
    assert "Traceback" not in result.stderr


def test_list_switches_shows_every_switch() -> None:
    result = run("--list-switches")
    assert all(f"{name} = " in result.stdout for name in CATALOGUE)


def test_the_readme_lists_the_switches_as_they_are() -> None:
    readme = (PACKAGE.parent / "README.md").read_text()
    for switch in CATALOGUE.values():
        default = (switch.default or "(empty)") if switch.kind is str else json.dumps(switch.default)
        assert f"| `{switch.name}` | `{default}` | {switch.takes()} | {switch.about} |" in readme


def test_the_daemon_starts_and_stops(tmp_path: Path) -> None:
    own = tmp_path / "own"
    command = (
        "--daemon",
        "--dir",
        str(own),
        "--customers",
        "1",
        "--switches",
        '{"bom": "off", "list_omits": ["a", "b"]}',
    )
    assert "has started" in run(*command).stdout
    pc = Hand(own)
    switches = pc.control("GET", "switches")
    assert (switches["bom"], switches["list_omits"]) == ("off", ["a", "b"])
    assert "already running" in run(*command).stdout
    assert Hand(own).facts["pid"] == pc.facts["pid"]
    other = run(*command, "--seed", "5")
    assert (other.returncode, "has started" in other.stdout) == (0, True)
    assert Hand(own).facts["pid"] != pc.facts["pid"]
    assert "has stopped" in run("--stop", str(own)).stdout
    pc.close()


def test_what_is_left_of_a_dead_one_is_swept_away(tmp_path: Path) -> None:
    own = tmp_path / "own"
    emulator = Emulator(own, ("--customers", "1")).start()
    assert emulator.process is not None
    emulator.process.kill()
    emulator.process.communicate()
    assert (own / "emulator.json").exists()
    assert "has stopped" in run("--stop", str(own)).stdout
    assert not (own / "emulator.json").exists()


def test_a_failure_in_the_background_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("{")
    result = run("--daemon", "--dir", str(tmp_path / "own"), "--state", str(tmp_path / "state"))
    assert result.returncode == 2
    assert "not a state file" in result.stderr


def test_an_empty_fleet_can_be_served(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path / "own", ("--customers", "0")).start()
    pc = Hand(tmp_path / "own")
    assert read(pc.call("GET", "/customers"))["items"] == []
    assert error(pc.call("GET", "/customers/x")) == (400, 900118)
    pc.close()
    assert emulator.stop() == 0
