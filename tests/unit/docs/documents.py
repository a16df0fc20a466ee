# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What guides and README files show: blocks of code, the files that they name, and the commands with what they say."""

from __future__ import annotations

import re
import textwrap
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
GUIDES = ROOT / "docs" / "docsite" / "rst"
_IN_GUIDES = re.compile(r"^\.\. code-block:: (\S+)\n\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)
_IN_READMES = re.compile(r"^```(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.yml)\n")

#: Language and text.
Block: t.TypeAlias = "tuple[str, str]"


class Command(t.NamedTuple):
    """``said``: the lines that it is shown to write."""

    text: str
    said: list[str]


def documents() -> dict[str, Path]:
    """The guides and README files by their name: ``guide_fleet``, ``roles/fleet/README.md``."""
    folders = ("", "docs", "extensions", "playbooks", "roles", "tests")
    readmes = [
        path for folder in folders for path in (ROOT / folder).glob("README.md" if not folder else "**/README.md")
    ]
    return {
        **{path.stem: path for path in sorted(GUIDES.glob("*.rst"))},
        **{path.relative_to(ROOT).as_posix(): path for path in sorted(readmes)},
    }


def blocks(name: str) -> list[Block]:
    """The document's code, in its order."""
    path = documents()[name]
    pattern = _IN_GUIDES if path.suffix == ".rst" else _IN_READMES
    return [(language, textwrap.dedent(text).strip("\n")) for language, text in pattern.findall(path.read_text())]


def files(name: str) -> dict[str, str]:
    """Blocks that begin with a comment that names a file."""
    named = [(_FILE.match(text), text) for _language, text in blocks(name)]
    return {match[1]: text for match, text in named if match}


def commands(name: str) -> list[Command]:
    result: list[Command] = []
    for text in (text for language, text in blocks(name) if language in ("console", "shell", "bash")):
        is_open = False
        for line in text.splitlines():
            if is_open:
                result[-1] = Command(f"{result[-1].text}\n{line}", [])
            elif line.startswith("$ "):
                result.append(Command(line.removeprefix("$ "), []))
            else:
                result[-1].said.append(line.strip())
            is_open = line.endswith("\\")
    return result
