# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Bearer tokens: kept while they last, renewed once for all threads, shared between processes by a file."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t

from ansible_collections.csp.partner_center.plugins.module_utils._api.clouds import CLOUDS
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import CredentialsError
from ansible_collections.csp.partner_center.plugins.module_utils._api.sign_in import Grant, SignIn
from ansible_collections.csp.partner_center.plugins.module_utils._api.token_cache import Cached, TokenCache, cache_key
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor

if t.TYPE_CHECKING:
    from ansible_collections.csp.partner_center.plugins.module_utils._api.settings import ConnectionSettings

#: A token is renewed this long before its end, or in the last tenth of its life if that is shorter (seconds).
EXPIRY_MARGIN = 120.0


class ReadyToken:
    """An access token obtained elsewhere: there is nothing to renew it with."""

    mode: t.Final = "unknown"

    def __init__(self, access_token: str) -> None:
        self._token = access_token

    def token(self) -> str:
        return self._token

    def renew(self, after: str) -> str:  # noqa: ARG002 - the protocol's signature
        """The same token: who gets it back knows that there is no other."""
        return self._token

    def __repr__(self) -> str:
        return "ReadyToken()"


class TokenSource:
    """
    Signs in when a token is needed. Thread safe: threads that need one at the same time share a sign-in.

    With a refresh token, its newest known successor is tried first and, on ``invalid_grant``, the given one. Raises
    :class:`CredentialsError`.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        sign_in: SignIn,
        *,
        redactor: Redactor,
        cache: TokenCache | None = None,
        wall: t.Callable[[], float] = time.time,
    ) -> None:
        credentials = settings.credentials
        self.mode: t.Final = credentials.mode
        self._given = credentials.refresh_token
        self._sign_in = sign_in
        self._redactor = redactor
        self._cache = cache
        self._wall = wall
        self._lock = threading.Lock()
        self._cached = Cached()
        self._key = cache_key(
            credentials.tenant_id or "",
            credentials.client_id or "",
            settings.authority_url,
            CLOUDS[settings.cloud].resource,
            self._given,
        )

    def token(self) -> str:
        """A token that is valid for a while yet."""
        cached = self._cached
        if cached.access_token is not None and self._wall() < cached.expires_at:
            return cached.access_token
        return self._renew(None)

    def renew(self, after: str) -> str:
        """Another token than ``after``, which the API refused."""
        return self._renew(after)

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
                    self._cached = self._obtain()
                    if self._cache is not None:
                        self._cache.store(self._key, self._cached)
            return t.cast(str, self._cached.access_token)

    def _usable(self, cached: Cached, refused: str | None) -> bool:
        return cached.access_token not in {None, refused} and self._wall() < cached.expires_at

    def _take_from_file(self) -> None:
        found = t.cast(TokenCache, self._cache).load(self._key)
        self._redactor.add(found.access_token)
        self._redactor.add(found.refresh_token)
        if found.access_token is not None or found.refresh_token is not None:
            self._cached = found

    def _obtain(self) -> Cached:
        if self._given is None:
            return self._keep(self._sign_in.application(), None)
        successor = self._cached.refresh_token
        if successor is not None and successor != self._given:
            try:
                return self._keep(self._sign_in.user(successor), successor)
            except CredentialsError as error:
                if error.error != "invalid_grant":
                    raise
        return self._keep(self._sign_in.user(self._given), self._given)

    def _keep(self, grant: Grant, used: str | None) -> Cached:
        self._redactor.add(grant.access_token)
        self._redactor.add(grant.refresh_token)
        margin = min(EXPIRY_MARGIN, grant.lifetime * 0.1)
        return Cached(grant.access_token, self._wall() + grant.lifetime - margin, grant.refresh_token or used)
