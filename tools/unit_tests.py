# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit tests on this Python, and on the others that the machine has."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pythons
from running import CheckFailed, Outcome, Run
from surroundings import BUILD, ROOT, VENV, slug

# Each Python with another Ansible, so that together they span what meta/runtime.yml promises. One more would take more
# time than there is.
CORES = {"3.10": "2.16.19", "3.11": "2.18.19", "3.13": "2.21.5", "3.14": "2.21.5"}
OLDEST = "3.10"
# On this Python and the oldest one everything runs; on the others what meets Ansible itself, which differs most.
MEETS_ANSIBLE = [f"tests/unit/{name}" for name in ("action", "filter", "inventory", "modules")]
# On the oldest Python, what the modules need is as old as requirements.txt allows, and these have to fit.
DRAWN_IN = ("cryptography", "msal", "requests")
NEEDED = ("requirements.txt", "roles/emulator/files/requirements-emulator.txt")
TOOLS = ("ansible-runner", "icalendar", "pytest", "pytest-xdist", "hypothesis", "partnercenterservices")
PINS = ROOT / "requirements-dev.txt"


def here(run: Run) -> Outcome:
    return pytest(run, VENV)


def elsewhere(version: str, run: Run) -> Outcome:
    """On another Python than this."""
    return pytest(run, venv(version, run), "-m", "not once", *([] if version == OLDEST else MEETS_ANSIBLE))


def with_core(version: str, core: str, run: Run) -> Outcome:
    """With an ansible-core that no Python of :data:`CORES` has."""
    return pytest(run, venv(version, run, core), "-m", "not once", *MEETS_ANSIBLE)


def venv(version: str, run: Run, core: str = "") -> Path:
    """
    A virtual environment for a Python, made anew when what it holds has changed. ``core``: an ansible-core other than
    that of :data:`CORES`.
    """
    name = version if core in ("", CORES.get(version)) else f"{version}-{core}"
    core = core or CORES[version]
    folder = BUILD / f"venv-{name}"
    python = pythons.find(version)
    if python is None:
        raise CheckFailed(f"there is no Python {version} here")
    # Ansible is another one than the pins say, and so is what only Ansible draws in.
    free = ("ansible-core", "resolvelib", *(DRAWN_IN if version == OLDEST else ()))
    pins = [line for line in PINS.read_text().splitlines() if line.split("==")[0] not in free]
    constraints = BUILD / f"constraints-{name}.txt"
    wanted = [f"ansible-core=={core}", *TOOLS, *(lowest() if version == OLDEST else [])]
    for path in NEEDED:
        wanted += ["-r", str(ROOT / path)]
    with run.surroundings.turn(folder.name):
        constraints.write_text("\n".join(pins) + "\n")
        content = "\n".join([str(python), *wanted, *pins, *((ROOT / path).read_text() for path in NEEDED)])
        digest = hashlib.sha256(content.encode()).hexdigest()
        stamp = folder / "made-for"
        if not stamp.exists() or stamp.read_text() != digest:
            shutil.rmtree(folder, ignore_errors=True)
            run.call(python, "-m", "venv", folder, venv=folder)
            run.call("python", "-m", "pip", "install", "-qq", "-c", str(constraints), *wanted, venv=folder)
            stamp.write_text(digest)
    return folder


def lowest() -> list[str]:
    """The oldest releases that requirements.txt allows."""
    return [f"{name}=={bound}" for name, bound in bounds().items()]


def bounds() -> dict[str, str]:
    """Package → oldest release, of requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return {line.split(">=")[0]: line.split(">=")[1].split(",")[0] for line in lines if ">=" in line}


def pytest(run: Run, folder: Path, *which: str) -> Outcome:
    report = BUILD / "logs" / f"{slug(run.name)}.xml"
    report.unlink(missing_ok=True)
    tree = run.own_tree()
    # 5: no test was found, which the count shows.
    command = ("python", "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", f"--junit-xml={report}", *which)
    # Where Ansible has its own idea of what home is, it shall not leave anything there.
    extra = {"ANSIBLE_REMOTE_TMP": str(run.home / "remote")}
    output = run.call(*command, cwd=tree, venv=folder, extra=extra, accept=(0, 1, 5))
    return outcome(report, output)


def outcome(report: Path, output: str) -> Outcome:
    tests = list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest wrote it
    bad = [test for test in tests if test.find("failure") is not None or test.find("error") is not None]
    skips = [skip for test in tests if (skip := test.find("skipped")) is not None]
    passed = len(tests) - len(bad) - len(skips)
    reasons = {skip.get("message", "") for skip in skips}
    told = [f"{sum(skip.get('message', '') == reason for skip in skips)} tests: {reason}" for reason in sorted(reasons)]
    return Outcome(passed=passed, failed=len(bad), note=f"{passed} tests", skipped=told, problems=output)
