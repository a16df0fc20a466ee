# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The file in which a fresh refresh token is left for a person: made ready before the token is asked for.

A token that cannot be written down is lost, and the one before it may be worth nothing any more. So everything that can
fail early fails before Entra is asked, and what fails later leaves the token in a file that the error names.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
import typing as t
from pathlib import Path

from ..._common import private_file
from ..._common.private_file import PrivateFile
from ..errors import CredentialsError

OPTION = "refresh_token_path"

#: Room that is taken before a token is asked for, so that a full disk is noticed then. Entra's are shorter.
_ROOM = 8192
_TOKEN = re.compile(r"\S{8,}")


class TokenFile:
    """
    The file at ``refresh_token_path``. A context manager: within it there is room for the token beside the file.

    Raises :class:`CredentialsError` naming the option.
    """

    def __init__(self, path: str) -> None:
        try:
            self.path = private_file.resolved(path)
        except OSError as error:
            raise CredentialsError(f"{OPTION}: {path} cannot be used: {error.strerror or error}.") from None
        self._stack = contextlib.ExitStack()
        self._room: PrivateFile | None = None

    def held(self) -> str | None:
        """The token in the file, None where there is no file or nothing in it. Refuses a file of another kind."""
        try:
            text = self.path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise self._unusable(error) from None
        if text and not _TOKEN.fullmatch(text):
            raise CredentialsError(
                f"{OPTION}: {self.path} holds something else than a refresh token, and would be replaced.",
                hint="Name another file.",
            )
        return text or None

    def __enter__(self) -> TokenFile:
        self.held()
        try:
            private_file.make_folder(self.path.parent)
            self._room = self._stack.enter_context(PrivateFile(self.path))
            self._room.write(" " * _ROOM)
        except OSError as error:
            self._stack.close()
            raise self._unusable(error) from None
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def keep(self, token: str) -> None:
        """Replaces what the file held. Where that fails, the error names the file that holds the token instead."""
        room = t.cast(PrivateFile, self._room)
        try:
            room.write(token)
        except OSError as error:
            raise self._saved_elsewhere(error, self._last_resort(token)) from None
        try:
            room.put()
        except OSError as error:
            raise self._saved_elsewhere(error, room.keep()) from None

    def _last_resort(self, token: str) -> Path | None:
        with contextlib.suppress(OSError), PrivateFile(Path(tempfile.gettempdir()) / self.path.name) as file:
            file.write(token)
            return file.keep()
        return None

    def _saved_elsewhere(self, error: OSError, found: Path | None) -> CredentialsError:
        if found is None:
            text, hint = "The new refresh token is lost.", "Try again; if the old one is refused, sign in again."
        else:
            text, hint = f"The new refresh token is in {found}.", "Store it from there, and remove that file."
        reason = error.strerror or error
        return CredentialsError(f"{OPTION}: {self.path} cannot be written: {reason}. {text}", hint=hint)

    def _unusable(self, error: Exception) -> CredentialsError:
        reason = getattr(error, "strerror", None) or "it is not text"
        return CredentialsError(f"{OPTION}: {self.path} cannot be used: {reason}.")


def do_all(*steps: t.Callable[[], None]) -> None:
    """All of them, also after one has failed; then raises the first failure."""
    failures: list[CredentialsError] = []
    for step in steps:
        try:
            step()
        except CredentialsError as error:
            failures.append(error)
    if failures:
        raise failures[0]
