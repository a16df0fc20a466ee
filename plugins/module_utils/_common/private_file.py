# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Files that only their owner may read, replaced as a whole or not at all, and their folders."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path


class PrivateFile:
    """
    A new content for ``path`` on its way: a file of mode 0600 beside it, that takes its place with :meth:`put`.

    A context manager; what was not put is gone at its end, unless :meth:`keep` was called. Raises OSError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # mkstemp makes the file 0600; the rename gives it to readers whole or not at all.
        self._descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        self.temporary = Path(name)
        self._kept = False

    def __enter__(self) -> PrivateFile:
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._descriptor)
        if not self._kept:
            with contextlib.suppress(OSError):
                self.temporary.unlink()

    def write(self, text: str) -> None:
        """Replaces what was written, and waits until it is on the disk."""
        content = text.encode()
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        written = 0
        while written < len(content):
            written += os.write(self._descriptor, content[written:])
        os.ftruncate(self._descriptor, len(content))
        os.fsync(self._descriptor)

    def put(self) -> None:
        """What was written takes the place of ``path``."""
        self.temporary.replace(self._path)
        self._kept = True

    def keep(self) -> Path:
        """Leave the file where it is, for a person to find."""
        self._kept = True
        return self.temporary


def resolved(path: str) -> Path:
    """
    The file that a user's path means; a link is followed, so that the file behind it is replaced.

    Raises OSError, also for a device or a pipe: root could replace ``/dev/null``, and harm the whole machine.
    """
    try:
        found = Path(path).expanduser().resolve()
    except (RuntimeError, ValueError) as error:  # nobody's home, links that lead in a circle, or a NUL character
        raise OSError(errno.EINVAL, str(error).rstrip(".")) from None
    if found.exists() and not (found.is_file() or found.is_dir()):
        raise OSError(errno.EINVAL, "it is not a regular file")
    return found


def make_folder(folder: Path) -> None:
    """Creates the folder and the missing ones above it, each with mode 0700. Raises OSError."""
    # Not mkdir(parents=True): its mode counts for the last folder only.
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def replace(path: Path, text: str) -> None:
    """Writes a file of mode 0600 whole or not at all. Raises OSError."""
    with PrivateFile(path) as file:
        file.write(text)
        file.put()


def create(path: Path, text: str) -> None:
    """Writes a new file of mode 0600 whole or not at all. Raises OSError, FileExistsError where there is one."""
    with PrivateFile(path) as file:
        file.write(text)
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        file.put()
