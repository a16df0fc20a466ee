# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The one place where a connection's parts are put together: session, sign-in, tokens, transport, client."""

from __future__ import annotations

import typing as t

from .._common.redaction import Redactor
from .._common.surroundings import Surroundings
from .auth.tokens import ReadyToken, TokenSource, token_source
from .client import PartnerCenter
from .session import connected
from .settings.clouds import CLOUDS
from .settings.connection import ConnectionSettings
from .transport import Observer, Transport

if t.TYPE_CHECKING:
    from .auth.consent import Consent


class Connection:
    """
    A session over which a person signs in, tokens are obtained, or the API is spoken to; nothing is sent yet.

    Every secret of ``settings`` joins ``redactor``. Raises ``CredentialsError`` for a CA bundle that cannot be used.
    The first request raises ``ImportError`` where requests is missing (see ``session.what_is_missing``).
    """

    def __init__(
        self, settings: ConnectionSettings, *, redactor: Redactor, surroundings: Surroundings | None = None
    ) -> None:
        self.settings = settings
        self._redactor = redactor
        self._surroundings = surroundings or Surroundings()
        self._session = connected(settings, redactor, self._surroundings)

    def consent(self) -> Consent:
        """The first sign-in of a person."""
        from .auth.consent import Consent
        from .auth.sign_in import SignIn

        sign_in = SignIn(self.settings, self._session, self._surroundings, redactor=self._redactor)
        return Consent(self.settings, sign_in, self._surroundings, self._redactor)

    def tokens(self) -> ReadyToken | TokenSource:
        """Raises ``CredentialsError`` for a token cache that cannot be used."""
        return token_source(self.settings, self._session, self._surroundings, redactor=self._redactor)

    def client(self, observer: Observer | None = None) -> PartnerCenter:
        """Raises ``CredentialsError`` for a token cache that cannot be used."""
        tokens, around = self.tokens(), self._surroundings
        return PartnerCenter(
            Transport(self.settings, tokens, self._session, around, redactor=self._redactor, observer=observer),
            tokens,
            around,
            has_extended_terms=CLOUDS[self.settings.cloud].has_extended_terms,
        )


def connect(
    settings: ConnectionSettings,
    *,
    redactor: Redactor,
    observer: Observer | None = None,
    surroundings: Surroundings | None = None,
) -> PartnerCenter:
    """A client; raises what :class:`Connection` and its ``client`` raise."""
    return Connection(settings, redactor=redactor, surroundings=surroundings).client(observer)
