# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay the working tree out as an installed collection: .build/ansible_collections/csp/partner_center.

Ansible finds a collection by its folder's name only, and ansible-test wants that folder to be a git repository of its
own. Files that git tracks, or would track, are copied when they differ; files that are gone are removed. What checks
leave behind in the staged tree (tests/output) stays.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLLECTIONS = ROOT / ".build"
STAGED = COLLECTIONS / "ansible_collections" / "csp" / "partner_center"
MANIFEST = COLLECTIONS / "staged.txt"

# A release's tarball has no git to ask; these are the folders that .gitignore names.
NEVER = {".ansible", ".build", ".cache", ".git", ".hypothesis", ".nox", ".venv", "__pycache__"}
NEVER |= {".import_linter_cache", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
NEVER_AT_TOP = {"collections", "tests/output"}


def git(folder: Path, *arguments: str) -> bytes:
    """What git says; its own variables (set in a hook, say) would point it to another repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=environment
    ).stdout


def listed_by_git() -> list[str] | None:
    """Tracked and untracked files that are not ignored, or None without git or a repository."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return None
    names = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
    return [name for name in names if name]


def listed_by_walking() -> list[str]:
    found: list[str] = []
    for folder, folders, files in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        folders[:] = [name for name in folders if name not in NEVER and (here / name).as_posix() not in NEVER_AT_TOP]
        found += [(here / name).as_posix() for name in files if not name.endswith((".pyc", ".tar.gz"))]
    return found


def wanted() -> set[str]:
    names = listed_by_git()
    names = listed_by_walking() if names is None else names
    return {name for name in names if (ROOT / name).is_file() and not (ROOT / name).is_symlink()}


def same(source: Path, target: Path) -> bool:
    try:
        there = target.lstat()
    except FileNotFoundError:
        return False
    here = source.stat()
    return (here.st_size, here.st_mtime_ns, here.st_mode) == (there.st_size, there.st_mtime_ns, there.st_mode)


def copy(name: str) -> bool:
    source, target = ROOT / name, STAGED / name
    if same(source, target):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
    return True


def remove(name: str) -> None:
    target = STAGED / name
    target.unlink(missing_ok=True)
    for folder in target.parents:
        if folder == STAGED or any(entry.name != "__pycache__" for entry in folder.iterdir()):
            return
        shutil.rmtree(folder)


def stage() -> tuple[int, int]:
    """Bring the staged tree up to date; how many files were copied, and how many removed."""
    COLLECTIONS.mkdir(exist_ok=True)
    with (COLLECTIONS / "staged.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not MANIFEST.exists():
            shutil.rmtree(STAGED, ignore_errors=True)
        names = wanted()
        before = set(MANIFEST.read_text().splitlines()) if MANIFEST.exists() else set()
        gone = sorted(name for name in before - names if (STAGED / name).exists())
        for name in gone:
            remove(name)
        copied = sum([copy(name) for name in sorted(names)])
        MANIFEST.write_text("\n".join(sorted(names)) + "\n")
        if shutil.which("git"):
            track(changed=bool(copied or gone))
    return copied, len(gone)


def track(changed: bool) -> None:
    if not (STAGED / ".git").exists():
        git(STAGED, "init", "--quiet", "--initial-branch=main")
        changed = True
    if changed:
        git(STAGED, "add", "--all")


if __name__ == "__main__":
    copied, removed = stage()
    if "--quiet" not in sys.argv:
        print(f"staged: {copied} files copied, {removed} removed")
