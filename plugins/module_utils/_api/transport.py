# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The one layer that sends requests to Partner Center: ids, tries, the gate, decoding, same origin.

It says *what happened* with the errors of ``errors.py``; what to do about an ambiguous write is the engine's decision.
"""

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import dataclass

from .._common.redaction import Redactor
from . import decode, paths
from .auth.tokens import SignedIn
from .errors import AmbiguousWrite, BadAnswer, ForeignOrigin, PartnerCenterError
from .operation import Operation, new_id
from .retries import Retries, surely
from .session import Http, Lost, NotSent, Response, Untrusted
from .settings.connection import ConnectionSettings
from .throttle.gate import Gate, StopAsked, Ticket

CLIENT_NAME = "Ansible csp.partner_center"

#: An operation that is refused with 429 is tried again for this long (seconds) after the first refusal.
THROTTLE_PATIENCE = 3600.0

#: ``Retry-After: 0`` is a time rounded down, not an invitation to hammer (seconds).
SHORTEST_PAUSE = 0.5

_REPEATABLE = frozenset({408, 429, 500, 502, 503, 504})


class Tokens(t.Protocol):
    """Where bearer tokens come from."""

    @property
    def mode(self) -> str: ...

    def token(self) -> str: ...

    def renew(self, after: str) -> str: ...

    def tenant_id(self) -> str | None: ...

    def signed_in(self) -> SignedIn: ...


class Observer(t.Protocol):
    """Is told what happens, from any thread. ``scope`` is ``partner`` or a customer's id; ``seconds`` is the wait."""

    def sent(self, method: str, path: str) -> None: ...

    def repeated(self) -> None: ...

    def throttled(self, seconds: float, scope: str) -> None: ...


class SilentObserver:
    """For callers that do not count."""

    def sent(self, method: str, path: str) -> None:
        pass

    def repeated(self) -> None:
        pass

    def throttled(self, seconds: float, scope: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Answer:
    """
    A success. ``body`` is the parsed JSON as it came, None where there is none (or, for a write, none that can be
    read). ``headers`` are case-insensitive. The ids are those that were sent.
    """

    status: int
    body: t.Any
    headers: t.Mapping[str, str]
    request_id: str
    correlation_id: str

    @property
    def location(self) -> str | None:
        """The ``Location`` of a 202, as it came."""
        return self.headers.get("Location") or None


class Transport:
    """
    Thread safe. ``clock`` is monotonic, ``wall`` is seconds since the epoch, ``uniform(a, b)`` draws a random number,
    ``sleep`` replaces every wait; ``stopped`` ends waits with :class:`Stopped`.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        tokens: Tokens,
        http: Http,
        *,
        redactor: Redactor,
        observer: Observer | None = None,
        clock: t.Callable[[], float] = time.monotonic,
        wall: t.Callable[[], float] = time.time,
        uniform: t.Callable[[float, float], float] = random.uniform,
        sleep: t.Callable[[float], None] | None = None,
        stopped: t.Callable[[], bool] | None = None,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._http = http
        self._redactor = redactor
        self._observer = observer or SilentObserver()
        self._clock = clock
        self._wall = wall
        self._retries = Retries(settings.retries, uniform=uniform, sleep=sleep, stopped=stopped)
        self._gate = Gate(requests_per_minute=settings.requests_per_minute, clock=clock, sleep=sleep, stopped=stopped)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "X-Locale": settings.locale,
            "MS-PartnerCenter-Client": CLIENT_NAME,
            "User-Agent": CLIENT_NAME,
        }

    @property
    def mode(self) -> str:
        """``app_only``, ``app_user``, or ``unknown`` for a ready access token."""
        return self._tokens.mode

    def tenant_id(self) -> str | None:
        """The GUID of the partner's tenant. May sign in: raises ``CredentialsError``."""
        return self._tokens.tenant_id()

    def signed_in(self) -> SignedIn:
        """Signs in where that is still to be done. Raises ``CredentialsError``."""
        return self._tokens.signed_in()

    def read(self, path: str, *, headers: t.Mapping[str, str] | None = None, empty_allowed: bool = False) -> Answer:
        """
        GET of ``path``: one of ours, or a reference that the API handed out (``links.next``, ``Location``).

        A success without a body is :class:`BadAnswer` after the tries, unless ``empty_allowed``. Raises
        :class:`ApiError`, :class:`TransportError`, :class:`BadAnswer`, :class:`ForeignOrigin`, ``CredentialsError``.
        """
        operation = self._operation("GET", path, None, new_id(), headers or {})
        return self._run(operation, empty_allowed)

    def write(
        self,
        method: str,
        path: str,
        body: t.Any,
        *,
        request_id: str,
        headers: t.Mapping[str, str] | None = None,
    ) -> Answer:
        """
        PATCH, PUT or POST of ``body`` as JSON. Raises what :meth:`read` raises except :class:`BadAnswer`, and
        :class:`AmbiguousWrite` for every failure that leaves open whether the change was made.
        """
        with_type = {"Content-Type": "application/json", **(headers or {})}
        return self._run(self._operation(method, path, decode.dump_json(body), request_id, with_type), True)

    def close(self) -> None:
        self._http.close()

    def _operation(
        self, method: str, path: str, body: bytes | None, request_id: str, headers: t.Mapping[str, str]
    ) -> Operation:
        operation = Operation(method, path, request_id, {**self._headers, **headers}, body)
        try:
            below = paths.below_version(path, self._settings.api_url)
        except paths.Foreign as foreign:
            raise ForeignOrigin(f"the address is not followed: {foreign}.", **operation.ids) from None
        operation.path = f"/v1{below}"
        operation.customer, operation.api = paths.customer_of(below), paths.api_of(below)
        return operation

    def _run(self, operation: Operation, empty_allowed: bool) -> Answer:
        """Tries until there is an answer or an error that is final."""
        token = self._tokens.token()
        while True:
            ticket, response, failure = self._send(operation, token)
            if response is None:
                self._gate.dropped(ticket)
                self._after_failure(operation, failure)
                continue
            if response.status_code == 429:
                self._after_refusal(operation, ticket, response)
                continue
            self._gate.accepted(ticket)
            if response.status_code == 401 and not operation.renewed:
                operation.renewed = True
                renewed = self._tokens.renew(after=token)
                if renewed != token:
                    token = renewed
                    continue
            answer = self._judge(operation, response, empty_allowed)
            if answer is not None:
                return answer

    def _send(self, operation: Operation, token: str) -> tuple[Ticket, Response | None, Exception | None]:
        try:
            ticket = self._gate.enter(operation.customer, is_write=not operation.is_read, api=operation.api)
        except StopAsked:
            raise operation.stopped() from None
        if operation.sent:
            self._observer.repeated()
            operation.correlation_id = new_id()
        operation.sent = True
        url = self._settings.api_url + operation.path
        self._observer.sent(operation.method, operation.path)
        headers = {
            **operation.headers,
            "Authorization": f"Bearer {token}",
            "MS-RequestId": operation.request_id,
            "MS-CorrelationId": operation.correlation_id,
        }
        try:
            return ticket, self._http.send(operation.method, url, headers, operation.body), None
        except (NotSent, Lost) as failure:
            return ticket, None, failure
        except BaseException:
            self._gate.dropped(ticket)
            raise

    def _after_failure(self, operation: Operation, failure: Exception | None) -> None:
        """No answer: again, if that is safe; else the error."""
        cause = self._redactor.scrub(str(failure))
        if isinstance(failure, Lost) and not operation.is_read:
            raise AmbiguousWrite(f"no answer came: {cause}.", **operation.ids)
        error = operation.unreachable(cause, sent=isinstance(failure, Lost))
        if isinstance(failure, Untrusted):
            raise error
        self._again_or(operation, error)

    def _after_refusal(self, operation: Operation, ticket: Ticket, response: Response) -> None:
        """429: the gate closes for as long as the server says; such waits are not tries."""
        now = self._clock()
        body = response.content or b""
        said = decode.retry_after(response.headers, body, self._wall())
        seconds = self._retries.throttle_delay(operation.refusals) if said is None else max(said, SHORTEST_PAUSE)
        operation.refusals += 1
        operation.refused_since = now if operation.refused_since is None else operation.refused_since
        scope = self._gate.refused(ticket, seconds, surely=surely(said, response.headers.get("Retry-After")))
        self._observer.throttled(seconds, scope)
        if now + seconds - operation.refused_since > THROTTLE_PATIENCE:
            raise operation.refusal(response, self._fault(response))

    def _judge(self, operation: Operation, response: Response, empty_allowed: bool) -> Answer | None:
        """The answer; or None to try again, after the wait; or the error."""
        status = response.status_code
        if 200 <= status < 300:
            return self._success(operation, response, empty_allowed)
        if 300 <= status < 400:
            raise ForeignOrigin(f"Partner Center answered {status}: redirects are not followed.", **operation.ids)
        if not operation.is_read and (status >= 500 or status == 408):
            raise operation.ambiguous(response, self._fault(response))
        error = operation.refusal(response, self._fault(response))
        if status not in _REPEATABLE:
            raise error
        self._again_or(operation, error, said=error.retry_after)
        return None

    def _success(self, operation: Operation, response: Response, empty_allowed: bool) -> Answer | None:
        body, problem = None, None
        if response.content is None:
            problem = "the connection broke within the answer"
        else:
            try:
                body = decode.parse_json(response.content)
            except decode.Unreadable:
                problem = f"the answer was {decode.describe(response.content, self._redactor.scrub)}"
            else:
                if not response.content.strip(b"\xef\xbb\xbf \t\r\n") and not empty_allowed:
                    problem = "the answer was empty"
        if problem is None or not operation.is_read:
            return Answer(response.status_code, body, response.headers, operation.request_id, operation.correlation_id)
        text = f"Partner Center answered {response.status_code}, but {problem}."
        self._again_or(operation, BadAnswer(text, **operation.ids))
        return None

    def _again_or(self, operation: Operation, error: PartnerCenterError, said: float | None = None) -> None:
        """Waits before the next try, or raises ``error`` where there is none left."""
        if operation.tries >= self._settings.retries or not self._retries.worth(said):
            raise error
        try:
            self._retries.wait(operation.tries, said)
        except StopAsked:
            raise error from None
        operation.tries += 1

    def _fault(self, response: Response) -> decode.Fault:
        return decode.read_fault(response.content or b"", response.headers, self._wall(), self._redactor.scrub)
