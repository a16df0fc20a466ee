# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pc_show and fleet_show as people run them: what stands on which stream, in which colour, and which files are left."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.table import FORMS
from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.text import Extent, text_form, text_lines
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report

from ..report import samples
from ..report.samples import NOW

CALLBACKS = Path(__file__).parent / "callback"
#: Ansible's own colours for the tones.
TONES = {"title": "1;37", "ok": "0;32", "changed": "0;33", "warning": "1;35", "error": "0;31"}


@dataclass(frozen=True)
class Ran:
    status: int
    output: str
    errors: str


def ansible(folder: Path, *arguments: str, terminal: int = 0, **environment: str) -> Ran:
    """``ansible-playbook`` in the folder; with ``terminal``, on one that has so many columns."""
    foreign = ("PARTNER_CENTER_", "ANSIBLE", *(("COLUMNS", "NO_COLOR") if terminal else ()))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", *arguments]
    environment = {
        **kept,
        "HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_RETRY_FILES_ENABLED": "false",
        **environment,
    }
    if not terminal:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)
    main, side = pty.openpty()
    # Ansible colours where the terminal's description says that it can.
    environment["TERM"] = "xterm"
    subprocess.run(["stty", "columns", str(terminal)], stdin=side, check=True)
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=side, stdout=side, stderr=side) as process:
        os.close(side)
        shown = b""
        while part := read(main):
            shown += part
        status = process.wait(timeout=120)
    os.close(main)
    return Ran(status, shown.decode().replace("\r\n", "\n"), "")


def read(descriptor: int) -> bytes:
    """What a terminal shows next; nothing once nobody writes to it any more."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("show")
    (made / "plan.json").write_text(json.dumps(samples.planned(50)))
    return made


def lines(width: int, most: int | None) -> t.Any:
    return text_lines(report(samples.planned(50), NOW, {}), Extent(width, most))


def show(**options: t.Any) -> list[dict[str, t.Any]]:
    task = {"name": "show", "csp.partner_center.pc_show": options}
    return [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}]


def test_a_plan_is_shown_in_plain_lines_and_written_in_every_form(folder: Path) -> None:
    arguments = ["csp.partner_center.fleet_show", "-e", "plan_path=plan.json", "-e", "report_dir=reports"]
    ran = ansible(folder, *arguments)
    assert ran.status == 0, ran.output + ran.errors
    whole = "\n".join(line.text for line in lines(100, 50))
    assert f"\n{whole}\n" in ran.output
    assert "\x1b" not in ran.output
    written = sorted((folder / "reports").iterdir())
    assert [path.suffix for path in written] == sorted(
        f".{form.extension}" for form in FORMS.values() if "plan" in form.topics
    )
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    assert all(re.fullmatch(r"plan-\d{8}T\d{6}Z\.\w+", path.name) for path in written)
    (text,) = (folder / "reports").glob("*.txt")
    assert text.read_text() == text_form(report(samples.planned(50), NOW, {}))
    # What was written can be shown again, and nothing is overwritten.
    (again,) = (folder / "reports").glob("*.json")
    ran = ansible(folder, "csp.partner_center.fleet_show", "-e", f"report_source=reports/{again.name}", *arguments[3:])
    assert f"\n{whole}\n" in ran.output
    assert len([*(folder / "reports").iterdir()]) == 2 * len(written)


@pytest.mark.once
def test_standard_output_of_the_json_callback_stays_json(folder: Path, published: Path) -> None:
    paths = f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{published}"
    settings = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_COLLECTIONS_PATH": paths}
    ran = ansible(folder, "csp.partner_center.fleet_show", "-e", "plan_path=plan.json", **settings)
    assert ran.status == 0, ran.errors
    (play,) = json.loads(ran.output)["plays"]
    (shown,) = [one["hosts"]["localhost"] for one in play["tasks"] if one["task"]["name"].endswith("Show the report")]
    assert shown["numbers"]["changes"] == 50
    assert "\n".join(line.text for line in lines(100, 50)) in ran.errors


def test_where_a_machine_reads_standard_output_text_is_elsewhere(folder: Path) -> None:
    ran = ansible(
        folder,
        "csp.partner_center.fleet_show",
        "-e",
        "plan_path=plan.json",
        "-e",
        "report_lines=all",
        ANSIBLE_STDOUT_CALLBACK="whole",
    )
    assert ran.status == 0, ran.errors
    told = json.loads(ran.output)["localhost"]
    (found,) = [one for name, one in told.items() if name.endswith("Show the report")]
    assert found["headline"] == "36 of 236 subscriptions of 8 customers change"
    assert found["numbers"] == {"changes": 50, "unplanned": 0, "unavailable": 0, "failed": 0}
    assert "\n".join(line.text for line in lines(100, None)) in ran.errors


@pytest.mark.parametrize("width", [80, 100])
def test_a_terminal_has_its_width_and_colours(folder: Path, width: int) -> None:
    ran = ansible(folder, "csp.partner_center.fleet_show", "-e", "plan_path=plan.json", terminal=width)
    assert ran.status == 0, ran.output
    for line in lines(width, 50):
        code = TONES.get(line.tone)
        assert f"\n\x1b[{code}m{line.text}\x1b[0m\n" in ran.output if code else f"\n{line.text}\n" in ran.output


def test_ansible_runner_shows_the_same(folder: Path) -> None:
    """As automation controllers run it: on a screen of 80 columns, and in the output of an event."""
    (folder / "project").mkdir()
    (folder / "project" / "show.json").write_text(json.dumps(show(path=str(folder / "plan.json"))))
    done = subprocess.run(
        [sys.executable, "-m", "ansible_runner", "run", ".", "-p", "show.json", "--ident", "one"],
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    artifacts = folder / "artifacts" / "one"
    events = "\n".join(
        str(json.loads(path.read_text())["stdout"]) for path in (artifacts / "job_events").glob("*.json")
    )
    for output in ((artifacts / "stdout").read_text(), events):
        plain = re.sub(r"\x1b\[[0-9;]*m|\r", "", output)
        assert all(line.text in plain for line in lines(80, 50))


def test_colours_can_be_switched_off(folder: Path) -> None:
    arguments = ["csp.partner_center.fleet_show", "-e", "plan_path=plan.json"]
    ran = ansible(folder, *arguments, terminal=80, ANSIBLE_NOCOLOR="1")
    assert "\x1b" not in ran.output
    assert "\n".join(line.text for line in lines(80, 50)) in ran.output


def test_text_is_shown_as_it_is_in_its_tone(folder: Path) -> None:
    text = ["  two\n  lines", {"text": "{{ 'a template' }}", "tone": "error"}, "\x1b[2Jcleared \u202eno"]
    (folder / "play.json").write_text(json.dumps(show(text=text, tone="ok")))
    ran = ansible(folder, "play.json", ANSIBLE_FORCE_COLOR="1")
    assert ran.status == 0, ran.output + ran.errors
    told = [("ok", "  two"), ("ok", "  lines"), ("error", "a template"), ("ok", "[2Jcleared no")]
    shown = "\n".join(f"\x1b[{TONES[tone]}m{text}\x1b[0m" for tone, text in told)
    assert f"\n{shown}\n" in ran.output


REFUSED: t.Final[tuple[tuple[dict[str, t.Any], str], ...]] = (
    ({}, "one of the following is required: text, report, path"),
    ({"path": "nowhere.json"}, "nowhere.json cannot be read: No such file or directory."),
    ({"report": {"a": 1}}, "No report can be made of this."),
    ({"path": "plan.json", "lines": "some"}, "lines: must be a number or all"),
    ({"path": "plan.json", "directory": "reports", "formats": ["pdf"]}, "formats: 'pdf' is not known; known are"),
    ({"path": "plan.json", "directory": "plan.json"}, "The report cannot be written in plan.json"),
    ({"text": [{"text": "x", "tone": "loud"}]}, "text: 'loud' is no tone"),
    ({"text": [{"What to do next": None}]}, "text: a line has text and tone, and not What to do next. Quote a text"),
)


def test_what_cannot_be_shown_says_why(folder: Path) -> None:
    tasks = [
        {"name": str(number), "csp.partner_center.pc_show": options, "ignore_errors": True}
        for number, (options, _said) in enumerate(REFUSED)
    ]
    (folder / "play.json").write_text(json.dumps([{**show()[0], "tasks": tasks}]))
    ran = ansible(folder, "play.json", ANSIBLE_STDOUT_CALLBACK="whole")
    told = json.loads(ran.output)["localhost"]
    for number, (_options, said) in enumerate(REFUSED):
        assert told[str(number)]["failed"]
        assert said in told[str(number)]["msg"]


def test_check_mode_writes_no_file(folder: Path) -> None:
    (folder / "play.json").write_text(json.dumps(show(path="plan.json", directory="unwritten")))
    ran = ansible(folder, "play.json", "--check")
    assert ran.status == 0, ran.output + ran.errors
    assert "36 of 236 subscriptions" in ran.output
    assert not (folder / "unwritten").exists()
