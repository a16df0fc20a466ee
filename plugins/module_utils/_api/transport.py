# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The one layer that sends requests to Partner Center: ids, tries, the gate, decoding, same origin.

It says *what happened* with the errors of ``errors.py``; about an ambiguous write, the engine decides what to do."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._common.redaction import Redactor
from .._common.surroundings import StopRequested, Surroundings
from . import answers, decode, paths
from .errors import AmbiguousWrite, BadAnswer, ForeignOrigin, PartnerCenterError
from .operation import Operation, new_id
from .retries import LONGEST_PAUSE, Retries, is_too_long, throttle_delay
from .session import Http, Lost, NotSent, Response, Untrusted
from .settings.connection import ConnectionSettings
from .throttle.gate import ClosedInVain, ClosedTooLong, Gate, Permit

CLIENT_NAME = "Ansible csp.partner_center"
_REPEATABLE = frozenset({408, 429, 500, 502, 503, 504})


class Tokens(t.Protocol):
    """Where bearer tokens come from."""

    def token(self) -> str:
        """The one to use now."""

    def renew(self, after: str) -> str:
        """Another one than ``after``, which was refused."""


class Observer(t.Protocol):
    """Is told what happens, from any thread. ``scope`` is ``partner`` or a customer's id; ``seconds`` is the wait."""

    def sent(self, method: str, path: str) -> None:
        """A request goes out."""

    def repeated(self) -> None:
        """A request is sent again."""

    def throttled(self, seconds: float, scope: str) -> None:
        """The service asked to wait."""


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
    read). ``headers`` are case-insensitive. The ids are those that were sent. ``location`` is a 202's, as it came.
    """

    status: int
    body: t.Any
    headers: t.Mapping[str, str]
    request_id: str
    correlation_id: str
    location: str | None = None


class Transport:
    """Sends operations through the gate until there is an answer or an error that is final. Thread safe."""

    def __init__(
        self,
        settings: ConnectionSettings,
        tokens: Tokens,
        http: Http,
        surroundings: Surroundings,
        *,
        redactor: Redactor,
        observer: Observer | None = None,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._http = http
        self._redactor = redactor
        self._observer = observer or SilentObserver()
        self._surroundings = surroundings
        self._retries = Retries(settings.retries, surroundings)
        self._gate = Gate(
            surroundings,
            requests_per_minute=settings.requests_per_minute,
            longest=LONGEST_PAUSE,
            retries=settings.retries,
        )
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "X-Locale": settings.locale,
            "MS-PartnerCenter-Client": CLIENT_NAME,
            "User-Agent": CLIENT_NAME,
        }

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

    def not_asked_for(self, answer: Answer, path: str, wanted: str) -> BadAnswer:
        """The error for a success that is not what was asked for; ``wanted`` says what was, with its article."""
        fault = (
            decode.fault_of(answer.body, self._redactor.scrub) if answers.holds_fault(answer.body) else decode.Fault()
        )
        return self._operation_of(answer, "GET", path).not_asked_for(answer.status, fault, wanted)

    def refused_within(self, answer: Answer, method: str, path: str) -> AmbiguousWrite:
        """The error for a success of a write whose body is an error."""
        fault = decode.fault_of(answer.body, self._redactor.scrub)
        return self._operation_of(answer, method, path).ambiguous(answer.status, fault)

    def close(self) -> None:
        self._http.close()

    def _operation(
        self, method: str, path: str, body: bytes | None, request_id: str, headers: t.Mapping[str, str]
    ) -> Operation:
        operation = Operation(method, path, self._redactor.scrub(path), request_id, {**self._headers, **headers}, body)
        try:
            below = paths.below_version(path, self._settings.api_url)
        except paths.Foreign as foreign:
            raise ForeignOrigin(f"the address is not followed: {foreign}.", **operation.ids) from None
        operation.path = f"/v1{below}"
        operation.shown_path = self._redactor.scrub(operation.path)
        operation.customer, operation.api = paths.customer_in(below), paths.api_of(below)
        return operation

    def _operation_of(self, answer: Answer, method: str, path: str) -> Operation:
        shown = self._redactor.scrub(path if path.startswith("/v1") else f"/v1{path}")
        return Operation(method, path, shown, answer.request_id, {}, None, correlation_id=answer.correlation_id)

    def _run(self, operation: Operation, empty_allowed: bool) -> Answer:
        """Tries until there is an answer or an error that is final."""
        token = self._tokens.token()
        while True:
            permit, response, failure = self._send(operation, token)
            if response is None:
                self._gate.dropped(permit)
                self._after_failure(operation, failure)
                continue
            if response.status_code == 429:
                self._after_refusal(operation, permit, response)
                continue
            self._gate.accepted(permit)
            if response.status_code == 401 and not operation.renewed:
                operation.renewed = True
                renewed = self._tokens.renew(after=token)
                if renewed != token:
                    token = renewed
                    continue
            answer = self._judge(operation, response, empty_allowed)
            if answer is not None:
                return answer

    def _send(self, operation: Operation, token: str) -> tuple[Permit, Response | None, Exception | None]:
        try:
            permit = self._gate.enter(operation.customer, is_write=not operation.is_read, api=operation.api)
        except StopRequested:
            raise operation.stopped() from None
        except ClosedTooLong as closed:
            raise operation.closed(closed.seconds) from None
        except ClosedInVain as closed:
            raise operation.closed_in_vain(closed.times, closed.seconds) from None
        if operation.sent:
            self._observer.repeated()
            operation.correlation_id = new_id()
        operation.sent = True
        url = self._settings.api_url + operation.path
        self._observer.sent(operation.method, operation.shown_path)
        headers = {
            **operation.headers,
            "Authorization": f"Bearer {token}",
            "MS-RequestId": operation.request_id,
            "MS-CorrelationId": operation.correlation_id,
        }
        try:
            response = self._http.send(operation.method, url, headers, operation.body, can_be_stopped=operation.is_read)
            return permit, response, None
        except (NotSent, Lost) as failure:
            return permit, None, failure
        except StopRequested:
            self._gate.dropped(permit)
            raise operation.stopped() from None
        except BaseException:
            self._gate.dropped(permit)
            raise

    def _after_failure(self, operation: Operation, failure: Exception | None) -> None:
        """No answer: again, if that is safe; else the error."""
        cause = self._redactor.scrub(str(failure))
        if isinstance(failure, Lost) and not operation.is_read:
            raise AmbiguousWrite(f"no answer came: {cause}.", **operation.ids)
        error = operation.unreachable(cause, self._settings.api_url, sent=isinstance(failure, Lost))
        if isinstance(failure, Untrusted):
            raise error
        self._again_or(operation, error)

    def _after_refusal(self, operation: Operation, permit: Permit, response: Response) -> None:
        """429: the gate closes for as long as the server says; such waits are not tries."""
        body = response.content or b""
        asked = decode.retry_after(response.headers, body, self._surroundings.wall())
        seconds = throttle_delay(asked, operation.refusals)
        operation.refusals += 1
        scope = self._gate.refused(permit, seconds)
        self._observer.throttled(seconds, scope)
        if is_too_long(asked) or self._gate.is_in_vain(is_write=not operation.is_read):
            raise operation.refusal(response, self._fault(response))

    def _judge(self, operation: Operation, response: Response, empty_allowed: bool) -> Answer | None:
        """The answer; or None to try again, after the wait; or the error."""
        status = response.status_code
        if 200 <= status < 300:
            return self._success(operation, response, empty_allowed)
        if 300 <= status < 400:
            raise ForeignOrigin(f"Partner Center answered {status}: redirects are not followed.", **operation.ids)
        if not operation.is_read and (status >= 500 or status == 408):
            raise operation.ambiguous(status, self._fault(response))
        error = operation.refusal(response, self._fault(response))
        if status not in _REPEATABLE:
            raise error
        self._again_or(operation, error, said=error.retry_after)
        return None

    def _success(self, operation: Operation, response: Response, empty_allowed: bool) -> Answer | None:
        body, problem = None, None
        if response.content is None:
            problem = response.problem
        else:
            try:
                body = decode.parse_json(response.content)
            except decode.Unreadable as found:
                problem = f"the answer was {decode.describe_body(response.content, self._redactor.scrub, str(found))}"
            else:
                if not response.content.strip(b"\xef\xbb\xbf \t\r\n") and not empty_allowed:
                    problem = "the answer was empty"
        if problem is None or not operation.is_read:
            return self._answer(operation, response, body)
        text = f"Partner Center answered {response.status_code}, but {problem}."
        self._again_or(operation, BadAnswer(text, **operation.ids))
        return None

    def _answer(self, operation: Operation, response: Response, body: t.Any) -> Answer:
        location = response.headers.get("Location") or None
        if location is not None and self._redactor.scrub(location) != location:
            location = None  # it would be shown, and a way that leads through a secret is none of ours
        ids = operation.request_id, operation.correlation_id
        return Answer(response.status_code, body, response.headers, *ids, location)

    def _again_or(self, operation: Operation, error: PartnerCenterError, said: float | None = None) -> None:
        """Waits before the next try, or raises ``error`` where there is none left."""
        if operation.tries >= self._settings.retries or is_too_long(said):
            raise error
        try:
            self._retries.wait(operation.tries, said)
        except StopRequested:
            raise operation.stopped(error.message) from None
        operation.tries += 1

    def _fault(self, response: Response) -> decode.Fault:
        now = self._surroundings.wall()
        return decode.read_fault(response.content or b"", response.headers, now, self._redactor.scrub)
