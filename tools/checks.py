# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks, in the order in which they start."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ansible_tests
import consistency
import pythons
import unit_tests
from running import Check, CheckFailed, Run
from surroundings import BUILD, ROOT, STAGED

PLUGINS = "ansible_collections.csp.partner_center.plugins"
EMULATOR = STAGED / "roles" / "emulator" / "files"


def command(*parts: str) -> Callable[[Run], None]:
    """A check that is one command in the staged tree, and passes when the command does."""

    def run(run: Run) -> None:
        run.call(*parts)

    return run


def types(run: Run) -> None:
    run.call("mypy", "-p", f"{PLUGINS}.module_utils", cwd=ROOT)
    run.call("mypy", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tools").glob("*.py")), cwd=ROOT)


def import_contract(run: Run) -> None:
    path = f"{BUILD}:{EMULATOR}"
    run.call("lint-imports", "--cache-dir", str(ROOT / ".cache" / "import-linter"), extra={"PYTHONPATH": path})


def licences(run: Run) -> None:
    run.call("reuse", "lint", "--lines")


def galaxy(run: Run) -> None:
    """Build the collection and judge it as Galaxy does, which ends well even when it finds something."""
    tree = run.own_tree()
    folder = BUILD / "galaxy"
    shutil.rmtree(folder, ignore_errors=True)
    if list((tree / "changelogs" / "fragments").glob("*.yml")):
        # As a release is: its changelog is written, and the fragments are gone.
        run.call("antsibull-changelog", "release", cwd=tree)
    run.call("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=tree)
    built = next(folder.glob("*.tar.gz"))
    settings = {
        "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true",
        "GALAXY_IMPORTER_REQUIRE_V1_OR_GREATER": "true",
        "GALAXY_IMPORTER_RUN_FLAKE8": "false",
        "GALAXY_IMPORTER_TMP_ROOT_DIR": str(run.home),
    }
    output = run.call(sys.executable, "-m", "galaxy_importer.main", built, cwd=folder, extra=settings)
    found = [line for line in output.splitlines() if re.match(r"(WARNING|ERROR)\b", line)]
    if found:
        raise CheckFailed("\n".join(found))
    if "Importer processing completed successfully" not in output:
        raise CheckFailed(output)
    works_alone(run, built)


#: What a user gets at the top of the tarball; a new folder has to be thought about.
IN_TARBALL = (
    *(".ansible-lint", ".yamllint", "CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "COPYING", "FILES.json"),
    *(
        "LICENSES",
        "MANIFEST.json",
        "README.md",
        "REUSE.toml",
        "SECURITY.md",
        "changelogs",
        "docs",
        "extensions",
        "meta",
    ),
    *("playbooks", "plugins", "requirements.txt", "roles", "tests"),
)


def works_alone(run: Run, built: Path) -> None:
    """The tarball holds what users need and no more, and the demo runs from it, installed in an empty folder."""
    with tarfile.open(built) as archive:
        names = archive.getnames()
    if missing := [name for name in IN_TARBALL if name not in names]:
        raise CheckFailed("The tarball lacks " + ", ".join(missing))
    unwanted = [name for name in names if name.split("/")[0] not in IN_TARBALL or "__pycache__" in name]
    unwanted += [name for name in names if name.startswith("tests/") and name not in ("tests", "tests/config.yml")]
    if unwanted:
        raise CheckFailed("The tarball holds what users do not need: " + ", ".join(sorted(unwanted)[:20]))
    folder = run.home / "alone"
    shutil.rmtree(folder, ignore_errors=True)
    alone = {"ANSIBLE_COLLECTIONS_PATH": str(folder)}
    install = ("ansible-galaxy", "collection", "install", "--offline", "-p", str(folder), str(built))
    run.call(*install, cwd=run.home, extra=alone)
    variables = json.dumps({"demo_dir": str(run.home / "demo"), "demo_customers": 20, "emulator_install": False})
    run.call("ansible-playbook", "csp.partner_center.demo", "-e", variables, cwd=run.home, extra=alone)


def execution_environment(run: Run) -> None:
    """What ansible-builder would install is what requirements.txt says."""
    output = run.call("ansible-builder", "introspect", "--sanitize", str(BUILD))
    missing = [name for name in unit_tests.bounds() if name not in output]
    if missing:
        raise CheckFailed(f"meta/execution-environment.yml does not lead to: {', '.join(missing)}\n{output}")
    # The image that the guide to AWX builds: its context can be made, for the release that this is.
    definition = STAGED / "extensions" / "awx" / "execution-environment.yml"
    context = run.home / "context"
    run.call("ansible-builder", "create", "--file", str(definition), "--context", str(context))
    if "csp.partner_center" not in (context / "_build" / "requirements.yml").read_text():
        raise CheckFailed(f"{definition} does not install this collection")


def lint() -> list[Check]:
    run = {
        "ruff check": command("ruff", "check", "--no-cache", "--output-format", "concise", "."),
        "ruff format": command("ruff", "format", "--no-cache", "--check", "--output-format", "concise", "."),
        "mypy": types,
        "import contract": import_contract,
        "licences (REUSE)": licences,
        "yamllint": command("yamllint", "--strict", "."),
        "changelog": command("antsibull-changelog", "lint"),
        "documentation": command(
            "antsibull-docs",
            "lint-collection-docs",
            "--plugin-docs",
            "--validate-collection-refs=self",
            "--check-extra-docs-refs",
            ".",
        ),
        "ansible-lint": command("ansible-lint", "--profile", "production", "--offline", "-q"),
        "execution environment": execution_environment,
        "README": consistency.readme,
        "certification": consistency.certification,
        "release": consistency.release,
        "action group and attributes": consistency.modules,
        "requirements": consistency.requirements,
        "names": consistency.words,
        "sizes": consistency.rooms,
    }
    return [Check(name, "lint", function) for name, function in run.items()]


def others() -> list[Check]:
    """Other Pythons than this one, each with another Ansible."""
    found = []
    for version in unit_tests.CORES:
        if version == pythons.this():
            continue
        missing = "" if pythons.find(version) else f"there is no Python {version} here"
        name = f"units, Python {version}, Ansible {unit_tests.CORES[version]}"
        found.append(Check(name, "pythons", partial(unit_tests.elsewhere, version), missing))
    return found


def scenarios() -> list[Check]:
    folder = ROOT / "extensions" / "molecule"
    names = sorted(path.parent.name for path in folder.glob("*/molecule.yml"))
    return [Check(f"molecule {name}", "molecule", partial(ansible_tests.molecule, name)) for name in names]


def integration() -> list[Check]:
    targets = list((ROOT / "tests" / "integration" / "targets").glob("*/tasks"))
    return [Check("integration", "integration", ansible_tests.integration)] if targets else []


def CHECKS() -> list[Check]:  # noqa: N802
    heavy = [
        Check("sanity", "sanity", ansible_tests.sanity),
        Check("units", "units", unit_tests.here),
        *integration(),
        *ansible_tests.sanity_elsewhere(),
        *others(),
        Check("galaxy-importer", "galaxy", galaxy),
        *scenarios(),
    ]
    return [*lint(), *heavy]
