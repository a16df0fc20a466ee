# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Entra's answers as they came: what MSAL calls an HTTP client, which keeps the last one."""

from __future__ import annotations

import typing as t
from urllib.parse import urlencode

from ..._common.surroundings import Surroundings
from .. import decode
from ..retries import Retries, is_too_long
from ..session import Http, Lost, NotSent, Response, Untrusted, form

#: The tries may end with one of these, too.
PASSING: t.Final = frozenset({408, 429, 500, 502, 503, 504})
_ENDPOINTS = ("authorization_endpoint", "token_endpoint")


class Entra:
    """The tries are its duty. Keeps the last answer and its address, which MSAL's errors leave out."""

    def __init__(self, http: Http, retries: Retries, surroundings: Surroundings) -> None:
        self._http = http
        self._retries = retries
        self._surroundings = surroundings
        self.last: Response | None = None
        self.address = ""

    @property
    def said(self) -> dict[str, t.Any]:
        """The last answer, where it is a JSON object; else nothing."""
        try:
            value = decode.parse_json(self.last.content or b"") if self.last is not None else None
        except decode.Unreadable:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def failed_with(self) -> int | None:
        """The last answer's status, where it is no success."""
        return None if self.last is None or 200 <= self.last.status_code < 300 else self.last.status_code

    def fault(self, scrub: decode.Scrub) -> decode.Fault:
        """What the last answer says where it is an error; ``scrub`` clears text of secrets."""
        if self.last is None:
            return decode.Fault()
        return decode.read_fault(self.last.content or b"", self.last.headers, self._surroundings.wall(), scrub)

    def is_garbled(self, error: Exception) -> bool:
        """Whether MSAL stumbled over a success's content; the words of Python's own errors are of no use then."""
        said = self.said
        if not said or isinstance(error, (AttributeError, LookupError, TypeError)):
            return True
        if "openid-configuration" in self.address:
            return not all(str(said.get(name)).startswith("https://") for name in _ENDPOINTS)
        return isinstance(error, ValueError) and "expires_in" in said

    def get(self, url: str, params: t.Any = None, headers: t.Any = None, **_others: t.Any) -> Response:
        return self._send("GET", url, params, headers, None)

    def post(
        self, url: str, params: t.Any = None, data: t.Any = None, headers: t.Any = None, **_others: t.Any
    ) -> Response:
        return self._send("POST", url, params, headers, form(data or {}))

    def close(self) -> None:
        """The session is not ours to close."""

    def _send(self, method: str, url: str, params: t.Any, headers: t.Any, body: bytes | None) -> Response:
        self.address = url.partition("?")[0]
        if params:
            url = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"
        headers = {"Accept-Encoding": "gzip", **(headers or {})}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for tries in range(self._retries.count + 1):
            response, failure, pause = self._once(method, url, headers, body)
            if response is not None and response.status_code not in PASSING:
                return response
            if tries == self._retries.count or is_too_long(pause) or isinstance(failure, Untrusted):
                break
            self._retries.wait(tries, pause)
        if response is None:
            raise failure or Lost("no answer")
        return response

    def _once(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[Response | None, Exception | None, float | None]:
        try:
            # A rotated refresh token may be in the answer to a POST: its only copy.
            response = self._http.send(method, url, headers, body, can_be_stopped=body is None)
        except (NotSent, Lost) as error:
            self.last = None
            return None, error, None
        if response.content is None:
            return None, Lost(response.problem), None
        self.last = response
        return response, None, decode.retry_after(response.headers, response.content, self._surroundings.wall())
