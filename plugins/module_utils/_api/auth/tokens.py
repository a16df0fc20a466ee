# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Bearer tokens: kept while they last, renewed once for all threads, shared between processes by a file."""

from __future__ import annotations

import contextlib
import threading
import typing as t
from dataclasses import dataclass

from ..._common.case import is_guid
from ..._common.redaction import Redactor
from ..._common.surroundings import Surroundings
from ..errors import CredentialsError
from ..session import Http
from ..settings.credentials import nothing_given
from .claims import claims, kind_of, tenant_of
from .token_cache import Cached, TokenCache, cache_key

if t.TYPE_CHECKING:
    from ..settings.connection import ConnectionSettings
    from .sign_in import Grant, SignIn
    from .token_file import TokenFile

#: A token is renewed this long before its end, or in the last tenth of its life if that is shorter (seconds).
EXPIRY_MARGIN = 120.0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """
    What is known of the token in use, but the token. ``mode`` is ``app_only``, ``app_user``, or None where it cannot be
    told; ``tenant_id`` is the GUID, as far as it is known; ``claims`` are empty where the token is opaque; the time is
    in seconds since the epoch.
    """

    mode: str | None
    tenant_id: str | None
    claims: t.Mapping[str, t.Any]
    refresh_token_issued_at: float | None = None


class ReadyToken:
    """An access token obtained elsewhere: there is nothing to renew it with."""

    mode: t.Final = "unknown"

    def __init__(self, access_token: str, tenant_id: str | None = None) -> None:
        self._token = access_token
        self._tenant_id = tenant_id

    def token(self) -> str:
        return self._token

    def renew(self, after: str) -> str:  # noqa: ARG002 - the protocol's signature
        """The same token, which says that there is no other."""
        return self._token

    def tenant_id(self) -> str | None:
        """The tenant that the token names, else the one that was given; a GUID in lower case where either is one."""
        return tenant_of(claims(self._token)) or _lower(self._tenant_id)

    def signed_in(self) -> SignedIn:
        """What the token says of itself."""
        found = claims(self._token)
        return SignedIn(kind_of(found), self.tenant_id(), found)

    def __repr__(self) -> str:
        return "ReadyToken()"


class TokenSource:
    """
    Signs in when a token is needed. Thread safe: threads that need one at the same time share a sign-in.

    With a refresh token, its newest known successor is tried first and, on ``invalid_grant``, the given one. Where none
    is given, the one counts that a first sign-in has left in the cache. Raises :class:`CredentialsError`.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        sign_in: t.Callable[[], SignIn],
        surroundings: Surroundings,
        *,
        redactor: Redactor,
        cache: TokenCache | None = None,
    ) -> None:
        credentials = settings.credentials
        self._settings = settings
        self._given = credentials.refresh_token
        self._tenant_id = credentials.tenant_id
        self._sign_in = sign_in
        self._redactor = redactor
        self._cache = cache
        self._wall = surroundings.wall
        self._lock = threading.Lock()
        self._cached = Cached()
        self._consented = self._given is None and cache is not None and _is_consented(settings, cache)
        self.mode: t.Final = "app_user" if self._consented else credentials.mode
        if self.mode == "app_only" and not credentials.proves_client:
            raise nothing_given()

    def token(self) -> str:
        """A token that is valid for a while yet."""
        cached = self._cached
        if cached.access_token is not None and self._wall() < cached.expires_at:
            return cached.access_token
        return self._renew(None)

    def renew(self, after: str) -> str:
        """Another token than ``after``, which the API refused."""
        return self._renew(after)

    def tenant_id(self) -> str | None:
        """
        The GUID of the tenant, in lower case. Signs in where a domain was given; that domain where the token is opaque.
        """
        given = _lower(self._tenant_id)
        return given if is_guid(given) else tenant_of(claims(self.token())) or given

    def signed_in(self) -> SignedIn:
        """Signs in where that is still to be done."""
        found = claims(self.token())
        # Without a cache the successor is not kept, and the age of the given one is not known.
        issued_at = self._cached.refresh_token_issued_at if self._cache is not None else None
        return SignedIn(self.mode, self.tenant_id(), found, issued_at)

    def rotate(self, file: TokenFile) -> float | None:
        """
        Signs in anew and leaves the newest refresh token in ``file``; when it was issued (seconds since the epoch), or
        None where Entra gave no other one than before.

        A file that holds another token than the given one is not replaced: it may be the only copy.
        """
        from .token_file import OPTION, do_all

        with self._lock, self._cache.locked() if self._cache is not None else contextlib.nullcontext():
            if self._cache is not None:
                self._cache.check()
                self._take_from_file()
            known = {self._given, self._cached.refresh_token, None}
            if file.held() not in known:
                raise CredentialsError(
                    f"{OPTION}: {file.path} holds another refresh token than the one to be rotated, "
                    "and replacing it could lose its only copy.",
                    hint="Store that one or move it away, or give it as refresh_token.",
                )
            with file:
                self._cached = self._obtain()
                newest = t.cast(str, self._cached.refresh_token)
                do_all(lambda: file.keep(newest), self._store)
            return self._cached.refresh_token_issued_at if newest not in known else None

    def __repr__(self) -> str:
        return f"TokenSource(mode={self.mode!r})"

    def _renew(self, refused: str | None) -> str:
        with self._lock:
            if self._usable(self._cached, refused):
                return t.cast(str, self._cached.access_token)
            with self._cache.locked() if self._cache is not None else contextlib.nullcontext():
                if self._cache is not None:
                    self._take_from_file()
                if not self._usable(self._cached, refused):
                    if self._cache is not None:
                        # A successor that cannot be kept is lost, and the refresh token before it may be worth nothing.
                        self._cache.check()
                    self._cached = self._obtain()
                    self._store()
            return t.cast(str, self._cached.access_token)

    def _usable(self, cached: Cached, refused: str | None) -> bool:
        return cached.access_token not in {None, refused} and self._wall() < cached.expires_at

    def _store(self) -> None:
        if self._cache is not None:
            _store(self._settings, self._cache, self._cached, self._given, consented=self._consented)

    def _take_from_file(self) -> None:
        cache = t.cast(TokenCache, self._cache)
        found = cache.load(_key(self._settings, cache, self._given, consented=self._consented))
        self._redactor.add(found.access_token)
        self._redactor.add(found.refresh_token)
        if found.access_token is not None or found.refresh_token is not None:
            self._cached = found

    def _obtain(self) -> Cached:
        sign_in = self._sign_in()
        if self.mode == "app_only":
            return self._keep(sign_in.application(), None)
        successor = self._cached.refresh_token
        if self._given is None:
            if successor is None:
                raise CredentialsError("token_cache_path: the refresh token of the first sign-in is no longer there.")
            return self._keep(sign_in.user(successor), successor)
        if successor is not None and successor != self._given:
            try:
                return self._keep(sign_in.user(successor), successor)
            except CredentialsError as error:
                if error.error != "invalid_grant":
                    raise
        return self._keep(sign_in.user(self._given), self._given)

    def _keep(self, grant: Grant, used: str | None) -> Cached:
        before = self._cached.refresh_token_issued_at if used == self._cached.refresh_token else None
        return _cached(grant, used, before, self._redactor, self._wall())


def token_source(
    settings: ConnectionSettings,
    http: Http,
    surroundings: Surroundings,
    *,
    redactor: Redactor,
) -> ReadyToken | TokenSource:
    """Where tokens come from. Raises :class:`CredentialsError` where there is nothing to begin with."""
    credentials = settings.credentials
    if credentials.access_token is not None:
        return ReadyToken(credentials.access_token, credentials.tenant_id)

    def sign_in() -> SignIn:
        # Not needed while a token in the cache lasts.
        from .sign_in import SignIn

        return SignIn(settings, http, surroundings, redactor=redactor)

    path = settings.token_cache_path
    cache = TokenCache(path, surroundings) if path is not None else None
    return TokenSource(settings, sign_in, surroundings, redactor=redactor, cache=cache)


def leave(settings: ConnectionSettings, grant: Grant, cache: TokenCache, *, redactor: Redactor, now: float) -> None:
    """
    Leaves what a first sign-in gave in the cache: for tasks that give no refresh token, and as the successor of the one
    that is given, if there is one, so that an expired one need not be replaced at once. ``now`` in seconds since the
    epoch.
    """
    cached = _cached(grant, None, None, redactor, now)
    given = settings.credentials.refresh_token
    with cache.locked():
        _store(settings, cache, cached, None, consented=True)
        if given is not None:
            _store(settings, cache, cached, given)


def _cached(grant: Grant, used: str | None, used_issued_at: float | None, redactor: Redactor, now: float) -> Cached:
    redactor.add(grant.access_token)
    redactor.add(grant.refresh_token)
    margin = min(EXPIRY_MARGIN, grant.lifetime * 0.1)
    is_new = grant.refresh_token not in {None, used}
    return Cached(
        grant.access_token,
        now + grant.lifetime - margin,
        grant.refresh_token or used,
        now if is_new else used_issued_at,
    )


def _lower(tenant_id: str | None) -> str | None:
    return None if tenant_id is None else tenant_id.lower()


def _is_consented(settings: ConnectionSettings, cache: TokenCache) -> bool:
    return cache.load(_key(settings, cache, None, consented=True)).refresh_token is not None


def _store(
    settings: ConnectionSettings,
    cache: TokenCache,
    cached: Cached,
    refresh_token: str | None,
    *,
    consented: bool = False,
) -> None:
    """Keeps a sign-in, and which tenant the domain names that it was asked by; call it while the cache is locked."""
    given = settings.credentials.tenant_id
    tenant = tenant_of(claims(cached.access_token or ""))
    if given is not None and not is_guid(given) and tenant is not None:
        cache.store_tenant(settings.authority_url, given, tenant)
    cache.store(_key(settings, cache, refresh_token, consented=consented), cached)


def _key(settings: ConnectionSettings, cache: TokenCache, refresh_token: str | None, *, consented: bool = False) -> str:
    """By the tenant's GUID, so that a domain and the GUID of one tenant share a sign-in."""
    credentials = settings.credentials
    given = credentials.tenant_id or ""
    return cache_key(
        given if is_guid(given) else cache.tenant(settings.authority_url, given) or given,
        credentials.client_id or "",
        settings.authority_url,
        settings.resource,
        refresh_token,
        consented=consented,
    )
