# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that things which are said in two places agree."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from running import CheckFailed, Run
from surroundings import ROOT
from unit_tests import bounds

GROUP = "csp.partner_center.partner_center"
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
