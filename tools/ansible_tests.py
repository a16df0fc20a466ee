# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test: sanity and integration, on a virtual environment's interpreter, without any download of its own."""

from __future__ import annotations

import os
import re
import shutil
from functools import partial
from pathlib import Path

import pythons
import unit_tests
from running import Check, CheckFailed, Outcome, Run
from surroundings import BUILD, ROOT, STAGED, VENV, slug

NEWEST = "2.21"
NO_CANDIDATE_PYLINT = "the candidate takes a part of pylint from GitHub, so that it ran no pylint outside of CI"
NO_SHELLCHECK = "shellcheck is not installed, so that one of its tests did not run"
# What ansible-test says that is neither news nor a finding.
NOISE = re.compile(
    r"Using locale|Reviewing previous \d+ warning|Ignoring files? .* matching|See documentation for help"
    r"|Location .* is ignored"
)


def put_bootstrap(venv: Path, home: Path) -> None:
    """Lay our bootstrap of pip where ansible-test caches its own, under each name that this release may ask for."""
    source = next(venv.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py")).read_text()
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in re.findall(r"pip='([0-9.]+)'", source):
        shutil.copyfile(ROOT / "tools" / "get_pip.py", cache / f"get_pip_{version.replace('.', '_')}.py")


def ansible_test(run: Run, tree: Path, venv: Path, *arguments: str) -> list[str]:
    """Run it in a tree of the check's own; the warnings it gave."""
    put_bootstrap(venv, run.home)
    try:
        output = run.call("ansible-test", *arguments, "--color", "no", cwd=tree, venv=venv)
    except CheckFailed as error:
        found = [line for line in str(error).splitlines() if line.startswith(("ERROR", "FATAL"))]
        raise CheckFailed("\n".join(found) or str(error)) from None
    warnings = re.findall(r"^WARNING: (.*)$", output, re.MULTILINE)
    return [text for text in dict.fromkeys(warnings) if not NOISE.search(text)]


def sanity(run: Run, version: str = "", core: str = "") -> Outcome:
    if ignores := list((ROOT / "tests" / "sanity").glob("ignore*")):
        raise CheckFailed(f"There are to be no ignore files: {', '.join(path.name for path in ignores)}")
    venv = unit_tests.venv(version, run, core) if version else VENV
    # These two ask each Python, not Ansible, and take the most time: once is enough.
    once: tuple[str, ...] = ("--skip-test", "import", "--skip-test", "compile") if version else ()
    if "rc" in core and "CI" not in os.environ:
        once += ("--skip-test", "pylint")
    skipped = ansible_test(run, run.own_tree(), venv, "sanity", *once)
    if "pylint" in once:
        skipped.append(NO_CANDIDATE_PYLINT)
    if not shutil.which("shellcheck"):
        skipped.append(NO_SHELLCHECK)
    return Outcome(skipped=skipped)


def integration(run: Run) -> Outcome:
    """The targets, on this environment's interpreter, which has what the modules and the emulator need."""
    stop_emulators(run)
    tree = run.own_tree()
    (tree / "tests" / "integration" / "integration_config.yml").write_text("emulator_install: false\n")
    try:
        return Outcome(skipped=ansible_test(run, tree, VENV, "integration"))
    except CheckFailed:
        # The play's own words say more than the runner's last line.
        raise CheckFailed(run.log.read_text(errors="replace")) from None
    finally:
        stop_emulators(run)


def stop_emulators(run: Run) -> None:
    """Emulators outlive a play on purpose, and so they outlive one that was killed."""
    path = {"PYTHONPATH": str(STAGED / "roles" / "emulator" / "files")}
    for folder in (BUILD / "trees" / slug(run.name), run.home):
        for found in folder.rglob("emulator.json"):
            run.call("python", "-m", "partner_center_emulator", "--stop", str(found.parent), extra=path, accept=(0, 1))


def molecule(scenario: str, run: Run) -> None:
    stop_emulators(run)
    try:
        run.call("molecule", "test", "--scenario-name", scenario, cwd=run.own_tree() / "extensions")
    finally:
        stop_emulators(run)


def core(venv: Path) -> str:
    """The ansible-core of a virtual environment, such as "2.21.5"."""
    found = next(venv.glob("lib/python*/site-packages/ansible_core-*.dist-info"))
    return found.name.removeprefix("ansible_core-").removesuffix(".dist-info")


def sanity_elsewhere() -> list[Check]:
    """Sanity of the newest Ansible, where another Python than this has it."""
    if core(VENV).startswith(NEWEST):
        return []
    fitting = [version for version, release in unit_tests.CORES.items() if release.startswith(NEWEST)]
    present = [version for version in fitting if pythons.find(version)]
    name = f"sanity, Ansible {NEWEST}"
    if not present:
        return [Check(name, "sanity", sanity, f"it needs one of Python {', '.join(fitting)}")]
    return [Check(name, "sanity", partial(sanity, version=present[0]))]
