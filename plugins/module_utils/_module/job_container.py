# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Files of a job of AWX or Automation Controller: which of them are gone with the job's container. Pure.

Such a job runs in a container of its own. What it writes outlives it only in a folder that is mounted from outside, and
not in the job's own folder, which is mounted, too, and removed at its end.
"""

from __future__ import annotations

import re
import typing as t
from pathlib import PurePosixPath

#: Where a job finds its own folder, on the machine that starts its container; only jobs have this variable.
JOB_FOLDER: t.Final = "AWX_PRIVATE_DATA_DIR"
#: Where the container has that folder.
_INSIDE: t.Final = PurePosixPath("/runner")
#: File systems that are the container's own, or in memory.
_OWN: t.Final = frozenset({"overlay", "tmpfs", "ramfs"})
_OCTAL: t.Final = re.compile(r"\\([0-7]{3})")


class Mount(t.NamedTuple):
    """A line of Linux's ``/proc/self/mountinfo``: where something is mounted, and the kind of its file system."""

    place: PurePosixPath
    kind: str


def mounts(mountinfo: str) -> list[Mount]:
    """The mounts in a text like ``/proc/self/mountinfo``; lines of another form are left out."""
    found = []
    for line in mountinfo.splitlines():
        before, _dash, after = line.partition(" - ")
        fields, kinds = before.split(), after.split()
        if len(fields) > 4 and kinds:
            found.append(Mount(PurePosixPath(_OCTAL.sub(lambda code: chr(int(code[1], 8)), fields[4])), kinds[0]))
    return found


def lost_paths(paths: t.Iterable[str], environment: t.Mapping[str, str], mounted: t.Sequence[Mount]) -> list[str]:
    """Of these absolute paths, those that are gone when this job ends; none if this is no job."""
    own = environment.get(JOB_FOLDER, "")
    if not own:
        return []
    return [path for path in paths if _is_lost(PurePosixPath(path), PurePosixPath(own), mounted)]


def _is_lost(path: PurePosixPath, own: PurePosixPath, mounted: t.Sequence[Mount]) -> bool:
    if any(path.is_relative_to(folder) for folder in (own, _INSIDE)):
        return True
    above = [mount for mount in mounted if path.is_relative_to(mount.place)]
    # A mount over another one at the same place comes later.
    nearest = max(above, key=lambda mount: len(mount.place.parts), default=None)
    if nearest is None or nearest.place == PurePosixPath("/"):
        return True
    return nearest.kind in _OWN
