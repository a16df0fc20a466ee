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
import math
import os
import typing as t
from dataclasses import dataclass

from ..._common import private_file
from ..._common.case import is_guid
from ..._common.surroundings import StopRequested, Surroundings
from ..errors import CredentialsError, SignInStopped

CACHE_FORMAT = 1
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

    Raises :class:`CredentialsError` where the file cannot be used or is no token cache, and where the lock cannot be
    had within ``patience`` seconds. Entries that cannot be understood count as missing.
    """

    def __init__(self, path: str, surroundings: Surroundings, *, patience: float = 300.0) -> None:
        try:
            self._path = private_file.resolved(path)
        except OSError as error:
            raise _unusable(path, error) from None
        self._patience = patience
        self._surroundings = surroundings

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
        entry = _dictionaries(self._content().get("entries")).get(key, {})
        access_token, expires_at = entry.get("access_token"), entry.get("expires_at")
        refresh_token, issued_at = entry.get("refresh_token"), entry.get("refresh_token_issued_at")
        return Cached(
            access_token=access_token if isinstance(access_token, str) else None,
            expires_at=_seconds(expires_at) or 0.0,
            refresh_token=refresh_token if isinstance(refresh_token, str) else None,
            refresh_token_issued_at=_seconds(issued_at),
        )

    def tenant(self, authority_url: str, domain: str) -> str | None:
        """The GUID of the tenant that was asked for by this domain before; None where it is not known."""
        entry = _dictionaries(self._content().get("tenants")).get(_asked(authority_url, domain), {})
        found = entry.get("tenant_id")
        return found.lower() if isinstance(found, str) and is_guid(found) else None

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
        now = self._surroundings.wall()
        content = self._content()
        entries = _kept(content.get("entries"), now)
        entries[key] = {
            "access_token": cached.access_token,
            "expires_at": cached.expires_at,
            "refresh_token": cached.refresh_token,
            "refresh_token_issued_at": cached.refresh_token_issued_at,
            "stored_at": now,
        }
        self._replace(entries, _kept(content.get("tenants"), now))

    def store_tenant(self, authority_url: str, domain: str, tenant_id: str) -> None:
        """Keeps which tenant a domain names; call it while :meth:`locked`."""
        now = self._surroundings.wall()
        content = self._content()
        tenants = _kept(content.get("tenants"), now)
        tenants[_asked(authority_url, domain)] = {"tenant_id": tenant_id, "stored_at": now}
        self._replace(_kept(content.get("entries"), now), tenants)

    def _replace(self, entries: t.Mapping[str, t.Any], tenants: t.Mapping[str, t.Any]) -> None:
        try:
            private_file.replace(
                self._path, json.dumps({"format": CACHE_FORMAT, "entries": entries, "tenants": tenants})
            )
        except OSError as error:
            raise self._unusable(error) from None

    def _content(self) -> dict[str, t.Any]:
        """What the file holds; empty where there is none. Refuses a file that is something else: it would be lost."""
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from None
        if not text.strip():
            return {}
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict) or content.get("format") != CACHE_FORMAT:
            raise CredentialsError(
                f"token_cache_path: {self._path} holds something else than a token cache, and would be replaced.",
                hint="Name another file.",
            )
        return content

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
            try:
                self._surroundings.sleep(_POLL)
            except StopRequested:
                raise SignInStopped(
                    f"The run was asked to stop while another process kept {self._path} locked."
                ) from None
            waited += _POLL

    def _unusable(self, error: OSError) -> CredentialsError:
        return _unusable(self._path, error)


def _unusable(path: str | os.PathLike[str], error: OSError) -> CredentialsError:
    return CredentialsError(f"token_cache_path: {path} cannot be used: {error.strerror or error}.")


def _asked(authority_url: str, domain: str) -> str:
    return f"{authority_url} {domain.lower()}"


def _dictionaries(value: t.Any) -> dict[str, dict[str, t.Any]]:
    found = value if isinstance(value, dict) else {}
    return {name: entry for name, entry in found.items() if isinstance(entry, dict)}


def _kept(value: t.Any, now: float) -> dict[str, dict[str, t.Any]]:
    """The entries that were stored not too long ago."""
    return {
        name: entry
        for name, entry in _dictionaries(value).items()
        if now - (_seconds(entry.get("stored_at")) or -math.inf) < LONGEST_KEPT
    }


def _seconds(value: t.Any) -> float | None:
    """A time in seconds since the epoch; None for what is none, such as a number that is too large for one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None
