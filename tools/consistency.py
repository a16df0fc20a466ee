# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that things which are said in two places agree."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from running import CheckFailed, Run
from surroundings import ROOT
from unit_tests import bounds

GROUP = "csp.partner_center.partner_center"
UTILS = ROOT / "plugins" / "module_utils"
#: What module_utils keeps to, so that a reader finds a thing by its name and takes in a file at a glance.
SHARED_NAMES = 15
LINES_A_FILE = 300
MODULES_A_FOLDER = 14
ATTRIBUTES = ("action_group", "check_mode", "diff_mode", "idempotent")

# Certification asks for these sections, in this order; Communication and the rest may stand between them.
SECTIONS = (
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Contributing",
    "Support",
    "Release notes",
    "Related information",
    "License information",
)


def report(problems: list[str]) -> None:
    if problems:
        raise CheckFailed("\n".join(problems))


def readme(_run: Run) -> None:
    text = (ROOT / "README.md").read_text()
    headings = re.findall(r"^## (.+?)\s*$", text, re.MULTILINE)
    problems = [f"README.md lacks the section {name!r}" for name in SECTIONS if name not in headings]
    if not problems and [name for name in headings if name in SECTIONS] != list(SECTIONS):
        problems.append(f"README.md has the sections in another order than {', '.join(SECTIONS)}")
    problems += [f"README.md does not mention `{name}`" for name in ("make demo", "make test") if name not in text]
    named = set(re.findall(r"\]\((?!https?:|#)([^)#]+)", text))
    problems += [
        f"README.md links to {name}, which does not exist" for name in sorted(named) if not (ROOT / name).exists()
    ]
    report(problems)


def certification(_run: Run) -> None:
    """Rules of ansible-lint are neither skipped nor ignored, and no sanity test is: certification allows neither."""
    settings = yaml.safe_load((ROOT / ".ansible-lint").read_text())
    problems = [f".ansible-lint has a {name}" for name in ("skip_list", "warn_list") if name in settings]
    problems += [f"there is {path.relative_to(ROOT)}" for path in (ROOT / "tests" / "sanity").glob("ignore*")]
    for folder in ("extensions", "meta", "playbooks", "roles"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            if re.search(r"#\s*noqa", path.read_text()):
                problems.append(f"{path.relative_to(ROOT)} ignores a rule of ansible-lint")
    report(problems)


def release(_run: Run) -> None:
    """What names the release of the collection names the one of galaxy.yml."""
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    defaults = yaml.safe_load((ROOT / "roles" / "awx" / "defaults" / "main.yml").read_text())
    options = yaml.safe_load((ROOT / "roles" / "awx" / "meta" / "argument_specs.yml").read_text())
    image = yaml.safe_load((ROOT / "extensions" / "awx" / "execution-environment.yml").read_text())
    places = {
        "roles/awx/defaults/main.yml": defaults["awx_project_branch"],
        "roles/awx/meta/argument_specs.yml": options["argument_specs"]["main"]["options"]["awx_project_branch"][
            "default"
        ],
        "extensions/awx/execution-environment.yml": image["dependencies"]["galaxy"]["collections"][0]["version"],
    }
    report([f"{place} names the release {named}, not {version}" for place, named in places.items() if named != version])


def modules(run: Run) -> None:
    """Every module that signs in is in the action group, says so, and has the attributes that Ansible asks for."""
    names = connected()
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    listed = runtime["action_groups"]["partner_center"]
    problems = []
    if listed != sorted(listed):
        problems.append("meta/runtime.yml: the action group is not sorted")
    problems += [f"meta/runtime.yml: {name} is not in the action group" for name in names if name not in listed]
    problems += [f"meta/runtime.yml: there is no module {name}" for name in listed if name not in names]
    for name, described in documented(run, names).items():
        problems += [f"{name}: {problem}" for problem in of_module(name, described)]
    report(problems)


def connected() -> list[str]:
    """Modules with the options of the connection, which are those that the action group sets."""
    folder = ROOT / "plugins" / "modules"
    return sorted(
        path.stem for path in folder.glob("pc_*.py") if "csp.partner_center._connection\n" in path.read_text()
    )


def documented(run: Run, names: list[str]) -> dict[str, Any]:
    if not names:
        return {}
    output = run.call("ansible-doc", "--json", "-t", "module", *(f"csp.partner_center.{name}" for name in names))
    found: dict[str, Any] = json.loads(output[output.index("{") :])
    return {name: found.get(f"csp.partner_center.{name}", {}) for name in names}


def of_module(name: str, described: dict[str, Any]) -> list[str]:
    if "doc" not in described:
        return ["its documentation cannot be read"]
    attributes = described["doc"].get("attributes", {})
    problems = [f"has no attribute {attribute}" for attribute in ATTRIBUTES if attribute not in attributes]
    if GROUP not in str(attributes.get("action_group", {}).get("membership", "")):
        problems.append(f"does not say that it is in the action group {GROUP}")
    if not name.endswith("_info"):
        problems += [
            f"has no full {mode}" for mode in ("check_mode", "diff_mode") if supports(attributes, mode) != "full"
        ]
    return problems


def supports(attributes: dict[str, Any], name: str) -> str:
    return str(attributes.get(name, {}).get("support", ""))


def requirements(run: Run) -> None:
    """The bounds in requirements.txt are those that modules and README name."""
    names = connected()
    texts = {"README.md": (ROOT / "README.md").read_text()}
    for name, described in documented(run, names).items():
        texts[name] = "\n".join(described.get("doc", {}).get("requirements", []))
    report(
        [
            f"{place} does not require {package} >= {bound}"
            for place, text in texts.items()
            for package, bound in bounds().items()
            if not re.search(rf"{package}`?\s*(>=|≥)\s*{re.escape(bound)}\b", text)
        ]
    )


def words(_run: Run) -> None:
    """
    One word, one thing: no class of module_utils has another's name, and few other top-level names are shared.

    Functions count whether they are private or not; constants that are private are of their file alone.
    """
    classes: dict[str, set[str]] = {}
    others: dict[str, set[str]] = {}
    for path in sorted(UTILS.rglob("*.py")):
        for name, is_class in top_level(ast.parse(path.read_text())):
            places = classes if is_class else others
            places.setdefault(name, set()).add(str(path.relative_to(UTILS)))
    problems = [f"two classes are called {name}: {', '.join(sorted(where))}" for name, where in twice(classes)]
    shared = twice(others)
    if len(shared) >= SHARED_NAMES:
        problems += [f"{name} stands for several things: {', '.join(sorted(where))}" for name, where in shared]
        problems.append(f"{len(shared)} names are shared, fewer than {SHARED_NAMES} may be")
    report(problems)


def top_level(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """The names that a module defines, and whether each is a class; a type variable is called T everywhere."""
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node.name.lstrip("_"), isinstance(node, ast.ClassDef)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            yield from ((name, False) for name in names if not name.startswith("_") and name != "T")


def twice(places: dict[str, set[str]]) -> list[tuple[str, set[str]]]:
    return sorted((name, where) for name, where in places.items() if len(where) > 1)


def rooms(_run: Run) -> None:
    """Files and folders of module_utils have a size that a reader takes in."""
    problems = []
    for folder in sorted({path.parent for path in UTILS.rglob("*.py")}):
        files = [path for path in folder.glob("*.py") if path.stem != "__init__"]
        if len(files) > MODULES_A_FOLDER:
            problems.append(f"{folder.relative_to(ROOT)} has {len(files)} modules, more than {MODULES_A_FOLDER}")
        for path in files:
            lines = len(path.read_text().splitlines())
            if lines > LINES_A_FILE:
                problems.append(f"{path.relative_to(ROOT)} has {lines} lines, more than {LINES_A_FILE}")
    report(problems)
