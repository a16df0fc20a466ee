# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task costs before it asks anything: which modules it imports, and how often each is compiled."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
import zipfile
from pathlib import Path

import pytest

from ..conftest import collections
from ..emulators import Emulator

pytestmark = pytest.mark.once

PLUGINS = "ansible_collections.csp.partner_center.plugins"
UTILS = f"{PLUGINS}.module_utils."
LIBRARIES = ("requests", "urllib3", "msal", "cryptography", "jwt")
#: What is for fleets, files and people, for a first sign-in, and for writes.
NOT_FOR_ONE = (
    "_engine.fleet",
    "_engine.journal.file",
    "_engine.journal.opening",
    "_engine.planning",
    "_engine.reading",
    "_engine.scheduler",
    "_module.fleet",
    "_report",
    "_state.guard",
    "_state.policies",
    "_state.records",
    "_state.tables",
)
NOT_WITHOUT_WRITES = ("_engine.apply", "_engine.attempts", "_engine.restoring", "_engine.verify", "_engine.writing")
NOT_WITHOUT_SIGN_IN = ("_api.auth.consent", "_api.auth.sign_in", "_api.auth.token_file")

# As Ansible does it: a module, with everything that it imports, in a zip file. Tells what was compiled, how often, and
# what was imported.
_RUN = """
import collections, json, runpy, sys
import ansible.module_utils.basic
archive, arguments, module, *libraries = sys.argv[1:]
compiled = collections.Counter()
def hear(event, what):
    if event == "compile" and str(what[1]).startswith(archive):
        compiled[str(what[1])] += 1
sys.addaudithook(hear)
sys.path.insert(0, archive)
sys.argv = [module, arguments]
try:
    runpy.run_module(module, run_name="__main__")
except SystemExit:
    pass
files = {name: found.__file__ for name, found in sys.modules.items() if name.startswith("ansible_collections.csp")}
libraries = [name for name in libraries if name in sys.modules]
print("\\nTOLD " + json.dumps({"compiled": compiled, "libraries": libraries, "files": files}))
"""


class Task(t.NamedTuple):
    """What one run of a module told: its result, and what it imported."""

    result: dict[str, t.Any]
    #: File within the archive -> how often it was compiled.
    compiled: dict[str, int]
    libraries: list[str]
    files: dict[str, str]

    def imported(self, names: t.Iterable[str]) -> list[str]:
        """Those of our modules that are called so, or are below that."""
        ours = [name.removeprefix(UTILS) for name in self.files]
        return [one for one in ours for name in names if one == name or one.startswith(f"{name}.")]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection's code as one zip file."""
    path, root = tmp_path_factory.mktemp("payload") / "payload.zip", collections()
    with zipfile.ZipFile(path, "w") as file:
        for folder in ("ansible_collections", "ansible_collections/csp", "ansible_collections/csp/partner_center"):
            file.writestr(f"{folder}/__init__.py", "")
        for folder in ("plugins", "plugins/modules"):
            file.writestr(f"ansible_collections/csp/partner_center/{folder}/__init__.py", "")
        for one in sorted((root / "ansible_collections/csp/partner_center/plugins").rglob("*.py")):
            if "module_utils" in one.parts or one.parent.name == "modules":
                file.write(one, one.relative_to(root))
        file.writestr("ansible_collections/csp/partner_center/plugins/module_utils/__init__.py", "")
    return path


def run(archive: Path, module: str, **arguments: t.Any) -> Task:
    given = archive.with_name("arguments.json")
    given.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
    command = [sys.executable, "-c", _RUN, str(archive), str(given), f"{PLUGINS}.modules.{module}", *LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    result, _mark, told = done.stdout.rpartition("\nTOLD ")
    return Task(json.loads(result), **json.loads(told))


def test_a_task_that_finds_everything_as_desired_imports_little(
    emulator: Emulator, archive: Path, tmp_path: Path
) -> None:
    ids = emulator.find("nce")
    connection = {**emulator.connection, "token_cache_path": str(tmp_path / "tokens.json")}
    named = {"customer_id": ids[0], "subscription_id": ids[1], "friendly_name": emulator.stored(ids)["friendlyName"]}
    first, again = (run(archive, "pc_subscription", **connection, **named) for _number in range(2))
    assert [task.result["changed"] for task in (first, again)] == [False, False]
    assert "msal" in first.libraries
    assert first.imported(NOT_WITHOUT_SIGN_IN) == ["_api.auth.sign_in"]
    assert again.libraries == ["requests", "urllib3"]
    assert again.imported((*NOT_FOR_ONE, *NOT_WITHOUT_WRITES, *NOT_WITHOUT_SIGN_IN)) == []
    changed = run(archive, "pc_subscription", **connection, **{**named, "friendly_name": "another one"})
    assert changed.result["changed"]
    assert changed.imported(NOT_FOR_ONE) == []
    assert {*NOT_WITHOUT_WRITES} <= {*changed.imported(NOT_WITHOUT_WRITES)}


@pytest.mark.parametrize("module", ["pc_subscription", "pc_support_contact", "pc_support_profile", "pc_fleet"])
def test_a_task_that_is_refused_imports_no_library(emulator: Emulator, archive: Path, module: str) -> None:
    ids = emulator.find("nce")
    wrong = {
        "pc_subscription": {"customer_id": ids[0], "subscription_id": ids[1], "friendly_name": " blank"},
        "pc_support_contact": {"customer_id": ids[0], "subscription_id": "no id", "name": "x"},
        "pc_support_profile": {"email": " blank"},
        "pc_fleet": {"subscriptions": [{"customer_id": ids[0]}]},
    }
    task = run(archive, module, **emulator.connection, **wrong[module])
    assert task.result["failed"]
    assert task.libraries == []


def test_each_module_is_compiled_once_and_is_where_it_says(emulator: Emulator, archive: Path) -> None:
    task = run(archive, "pc_support_profile", **emulator.connection, email=" blank")
    twice = {file for file, count in task.compiled.items() if count > 1}
    within = {file.removeprefix(f"{archive}/") for file in task.files.values()}
    assert within <= set(zipfile.ZipFile(archive).namelist())
    assert len(within) > 40
    # Those before it: the packages, which are empty, and itself.
    assert {Path(file).name for file in twice} <= {"__init__.py", "payload.py", "pc_support_profile.py"}
