# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A file that keeps access tokens and rotated refresh tokens between tasks and processes.

msal-extensions would lock such a file, too, but gives up after five seconds and knows no refresh token that came from
elsewhere; here the lock is held over the whole sign-in, so that processes started together sign in once and a rotated
token is never lost.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import time
import typing as t
from dataclasses import dataclass

from ..._common import private_file
from ..errors import CredentialsError

FORMAT = 1
#: Refresh tokens live 90 days: what was not touched for longer is dropped (seconds).
LONGEST_KEPT = 100 * 86400.0

_POLL = 0.05
#: Room that is taken on trial, so that a full disk is noticed before a token is asked for.
_ROOM = 65536


@dataclass(frozen=True, slots=True)
class Cached:
    """
    What is known of one sign-in. Times are seconds since the epoch; ``refresh_token_issued_at`` is None where that
    refresh token came from elsewhere.
    """

    access_token: str | None = None
    expires_at: float = 0.0
    refresh_token: str | None = None
    refresh_token_issued_at: float | None = None

    def __repr__(self) -> str:
        return f"Cached(expires_at={self.expires_at})"


def cache_key(
    tenant_id: str,
    client_id: str,
    authority_url: str,
    resource: str,
    refresh_token: str | None,
    *,
    consented: bool = False,
) -> str:
    """
    Names a sign-in without telling a secret: of the given refresh token only a hash goes in. ``consented``: of the user
    whose first sign-in left a refresh token in the cache, where none is given.
    """
    without = "consented" if consented else "app-only"
    given = hashlib.sha256(refresh_token.encode()).hexdigest() if refresh_token else without
    parts = (tenant_id.lower(), client_id.lower(), authority_url, resource, given)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class TokenCache:
    """
    One cache file (0600), replaced as a whole, guarded by a lock file beside it.

    Raises :class:`CredentialsError` where the file cannot be used or the lock cannot be had within ``patience``
    seconds. A file that cannot be understood counts as empty.
    """

    def __init__(
        self,
        path: str,
        *,
        patience: float = 300.0,
        wall: t.Callable[[], float] = time.time,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            self._path = private_file.resolved(path)
        except OSError as error:
            raise _unusable(path, error) from None
        self._patience = patience
        self._wall = wall
        self._sleep = sleep

    @contextlib.contextmanager
    def locked(self) -> t.Iterator[None]:
        """Keeps other processes, and other threads with a cache object of their own, out."""
        try:
            private_file.make_folder(self._path.parent)
            descriptor = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from None
        try:
            self._acquire(descriptor)
            yield
        finally:
            os.close(descriptor)  # which also gives the lock back, as the end of the process would

    def load(self, key: str) -> Cached:
        """What is kept for ``key``; an empty entry where there is nothing usable."""
        entry = self._entries().get(key)
        if entry is None:
            return Cached()
        access_token, expires_at = entry.get("access_token"), entry.get("expires_at")
        refresh_token, issued_at = entry.get("refresh_token"), entry.get("refresh_token_issued_at")
        return Cached(
            access_token=access_token if isinstance(access_token, str) else None,
            expires_at=float(expires_at) if isinstance(expires_at, (int, float)) else 0.0,
            refresh_token=refresh_token if isinstance(refresh_token, str) else None,
            refresh_token_issued_at=float(issued_at) if isinstance(issued_at, (int, float)) else None,
        )

    def check(self) -> None:
        """Refuses a place that :meth:`store` could not write to; called while nothing can be lost yet."""
        try:
            if self._path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            with private_file.PrivateFile(self._path) as trial:
                trial.write(" " * _ROOM)
        except OSError as error:
            raise self._unusable(error) from None

    def store(self, key: str, cached: Cached) -> None:
        """Replaces the entry; call it while :meth:`locked`, so that no other entry is lost."""
        now = self._wall()
        entries = {
            name: entry
            for name, entry in self._entries().items()
            if isinstance(entry.get("stored_at"), (int, float)) and now - entry["stored_at"] < LONGEST_KEPT
        }
        entries[key] = {
            "access_token": cached.access_token,
            "expires_at": cached.expires_at,
            "refresh_token": cached.refresh_token,
            "refresh_token_issued_at": cached.refresh_token_issued_at,
            "stored_at": now,
        }
        try:
            private_file.replace(self._path, json.dumps({"format": FORMAT, "entries": entries}))
        except OSError as error:
            raise self._unusable(error) from None

    def _entries(self) -> dict[str, dict[str, t.Any]]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        entries = content.get("entries") if isinstance(content, dict) and content.get("format") == FORMAT else None
        if not isinstance(entries, dict):
            return {}
        return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}

    def _acquire(self, descriptor: int) -> None:
        waited = 0.0
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError as error:
                if error.errno not in {errno.EAGAIN, errno.EACCES, errno.EINTR}:
                    raise self._unusable(error) from None
            if waited >= self._patience:
                raise CredentialsError(f"token_cache_path: another process keeps {self._path} locked.")
            self._sleep(_POLL)
            waited += _POLL

    def _unusable(self, error: OSError) -> CredentialsError:
        return _unusable(self._path, error)


def _unusable(path: str | os.PathLike[str], error: OSError) -> CredentialsError:
    return CredentialsError(f"token_cache_path: {path} cannot be used: {error.strerror or error}.")
