# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What can go wrong when speaking with Partner Center, each kind with what its handler needs to know.

The transport says what happened; the engine decides what to do. Texts are already cleared of secrets when an error is
made: what came from outside is scrubbed before.
"""

from __future__ import annotations

import typing as t

from .._common.problems import Problem


class PartnerCenterError(Problem):
    """Base of all errors of the client: a message for people, and what they can do about it where that is known."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint)

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.hint, self._ids()) if part)

    def _ids(self) -> str:
        return ""

    def _details(self) -> dict[str, t.Any]:
        return {}

    def to_dict(self) -> dict[str, t.Any]:
        """A plain dictionary for a module's result: ``type``, ``message``, ``hint`` and the kind's own fields."""
        details = {"type": type(self).__name__, "message": self.message, "hint": self.hint, **self._details()}
        return {key: value for key, value in details.items() if value is not None}


class CredentialsError(PartnerCenterError):
    """Options that are wrong, missing or contradict each other, or a sign-in that Entra refused or that failed.

    ``error`` is the OAuth error (``invalid_grant``), ``codes`` are Entra's (``AADSTS50076``), the ids are Entra's own.
    ``status`` is that of an answer that is no success, ``retry_after`` the seconds that it asks to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        error: str | None = None,
        codes: t.Sequence[str] = (),
        trace_id: str | None = None,
        correlation_id: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.retry_after = retry_after
        self.error = error
        self.codes = tuple(codes)
        self.trace_id = trace_id
        self.correlation_id = correlation_id

    def _ids(self) -> str:
        named = (("Trace ID", self.trace_id), ("Correlation ID", self.correlation_id))
        shown = ", ".join(f"{name}: {value}" for name, value in named if value)
        return f"[{shown}]" if shown else ""

    def _details(self) -> dict[str, t.Any]:
        return {
            "status": self.status,
            "retry_after": self.retry_after,
            "error": self.error,
            "codes": list(self.codes) or None,
            "trace_id": self.trace_id,
            "correlation_id": self.correlation_id,
        }


class AppUserRequired(CredentialsError):
    """An operation that needs a user (App+User) was asked for with app-only credentials. Nothing was sent."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} needs App+User credentials, but the given ones are app-only: refresh_token is missing.",
            hint="Give refresh_token (secure application model) beside the application's credentials; the playbook "
            "csp.partner_center.consent obtains one.",
        )


class SignInStopped(CredentialsError):
    """The run was asked to stop during the sign-in."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)


class RequestError(PartnerCenterError):
    """Base of the errors of one request: which one it was, with the ids that Microsoft's support asks for."""

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        request_id: str,
        correlation_id: str,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.method = method
        self.path = path
        self.request_id = request_id
        self.correlation_id = correlation_id

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {super().__str__()}"

    def _ids(self) -> str:
        return f"[MS-RequestId: {self.request_id}, MS-CorrelationId: {self.correlation_id}]"

    def _details(self) -> dict[str, t.Any]:
        return {
            "method": self.method,
            "path": self.path,
            "request_id": self.request_id,
            "correlation_id": self.correlation_id,
        }


class ApiError(RequestError):
    """Partner Center answered and refused. ``code`` is text whether the API sent a number or a string.

    ``retry_after`` is in seconds, where the answer said so.
    """

    def __init__(
        self,
        *,
        status: int,
        code: str | None = None,
        source: str | None = None,
        description: str | None = None,
        retry_after: float | None = None,
        hint: str | None = None,
        **ids: str,
    ) -> None:
        self.status = status
        self.code = code
        self.source = source
        self.description = description
        self.retry_after = retry_after
        if hint is None:
            # Only what was refused needs advice.
            from .hints import api_hint

            hint = api_hint(status, code)
        super().__init__(_answered(status, code, source, description), hint=hint, **ids)

    @property
    def is_stale(self) -> bool:
        """The resource changed since it was read: a stale etag or precondition."""
        return self.status == 412 or (self.status, self.code) in {(400, "2055"), (417, "800036")}

    @property
    def is_pending(self) -> bool:
        """Another operation on the subscription is still running on the server."""
        return (self.status, self.code) == (409, "900278")

    @property
    def is_not_ready(self) -> bool:
        """The subscription takes no write for the moment; Microsoft's advice is to send it again after two minutes."""
        return (self.status, self.code) == (409, None) or (
            self.status in {400, 409} and self.code in {"800082", "900280"}
        )

    @property
    def is_malformed(self) -> bool:
        """Something in the body has another shape than the service takes (invalid property, bad or invalid input)."""
        return self.status == 400 and self.code in {"3000", "2000", "800002"}

    @property
    def is_unavailable(self) -> bool:
        """The customer or resource cannot be reached with these credentials (relationship ended, not found)."""
        return self.status in {403, 404}

    def _details(self) -> dict[str, t.Any]:
        own = {
            "status": self.status,
            "code": self.code,
            "source": self.source,
            "description": self.description,
            "retry_after": self.retry_after,
        }
        return {**own, **super()._details()}


class TransportError(RequestError):
    """Nothing was sent (DNS, refused, TLS, proxy), or a read that still failed after all its tries."""


class Stopped(TransportError):
    """The run was asked to stop while the request waited for its turn: it was not sent, or refused with 429."""


class AmbiguousWrite(RequestError):
    """A write whose fate is unknown: connection lost after sending, time-out, or an answer 408 or 5xx.

    ``cause`` says what happened; ``status``, ``code`` and ``retry_after`` (seconds) are there if there was an answer.
    """

    def __init__(
        self,
        cause: str,
        *,
        status: int | None = None,
        code: str | None = None,
        description: str | None = None,
        retry_after: float | None = None,
        **ids: str,
    ) -> None:
        self.cause = cause
        self.status = status
        self.code = code
        self.description = description
        self.retry_after = retry_after
        super().__init__(f"it is not known whether the change was made: {cause}", **ids)

    def _details(self) -> dict[str, t.Any]:
        own = {
            "status": self.status,
            "code": self.code,
            "description": self.description,
            "cause": self.cause,
            "retry_after": self.retry_after,
        }
        return {**own, **super()._details()}


class BadAnswer(RequestError):
    """A read was answered with success but cannot be understood: HTML, broken JSON, or nothing at all."""


class ForeignOrigin(RequestError):
    """A redirect, or an absolute ``Location`` or ``links.next`` to another origin. The token was not sent there."""


def _answered(status: int, code: str | None, source: str | None, description: str | None) -> str:
    named = [f"code {code}"] if code is not None else []
    named += [source] if source else []
    detail = f" ({', '.join(named)})" if named else ""
    text = (description or "no description").rstrip()
    return f"Partner Center answered {status}{detail}: {text if text.endswith(('.', '!', '?')) else text + '.'}"
