# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. One logical operation over its tries: its headers, and the errors that speak of it."""

from __future__ import annotations

import typing as t
import uuid
from dataclasses import dataclass, field

from .._common.words import many
from .decode import Fault
from .errors import AmbiguousWrite, ApiError, BadAnswer, Stopped, TransportError
from .retries import is_too_long, too_long
from .session import Response


def new_id() -> str:
    """A request or correlation id."""
    return str(uuid.uuid4())


def application_header(reference: str | None) -> dict[str, str]:
    """The change reference as ``MS-PartnerCenter-Application``; its option takes printable ASCII only."""
    # A value that begins with white space is not taken for a header.
    return {"MS-PartnerCenter-Application": reference.strip()} if reference else {}


def if_match_header(etag: str | None) -> dict[str, str]:
    """An etag as ``If-Match``; the one in a body has no quotes. Nothing for one that cannot stand in a header."""
    if not etag or not etag.isascii() or not etag.isprintable():
        return {}
    return {"If-Match": etag if etag.startswith(('"', 'W/"')) else f'"{etag}"'}


@dataclass(slots=True)
class Operation:
    """
    One request id over all tries, a new correlation id for each (Microsoft: "Partner Center REST headers").

    ``shown_path`` is cleared of secrets for errors, ``tries`` counts those that used up a retry, ``refusals`` the 429
    answers.
    """

    method: str
    path: str
    shown_path: str
    request_id: str
    headers: dict[str, str]
    body: bytes | None
    customer: str | None = None
    api: str = ""
    correlation_id: str = field(default_factory=new_id)
    sent: bool = False
    tries: int = 0
    refusals: int = 0
    renewed: bool = False

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @property
    def ids(self) -> dict[str, t.Any]:
        return {
            "method": self.method,
            "path": self.shown_path,
            "request_id": self.request_id,
            "correlation_id": self.correlation_id,
        }

    def refusal(self, response: Response, fault: Fault) -> ApiError:
        return ApiError(
            status=response.status_code,
            code=fault.code,
            source=fault.source,
            description=_with_pause(fault) or None,
            retry_after=fault.retry_after,
            **self.ids,
        )

    def ambiguous(self, status: int, fault: Fault) -> AmbiguousWrite:
        code = f", code {fault.code}" if fault.code else ""
        text = _with_pause(fault)
        said = f": {text}" if text else ""
        return AmbiguousWrite(
            f"Partner Center answered {status}{code}{said}",
            status=status,
            code=fault.code,
            description=fault.description,
            retry_after=fault.retry_after,
            **self.ids,
        )

    def unreachable(self, cause: str, address: str, *, sent: bool) -> TransportError:
        from .hints import unreachable_hint

        what = "no answer came" if sent else "nothing was sent"
        hint = unreachable_hint(cause, address, "api_url", sent=sent)
        return TransportError(f"{what}: {cause}.", hint=hint, **self.ids)

    def closed(self, seconds: float) -> TransportError:
        """The gate is closed for so long that the request is not sent (again)."""
        from .hints import api_hint

        text = f"Partner Center throttles (429). {too_long(seconds)}"
        return TransportError(f"not sent: {text}", hint=api_hint(429, None), **self.ids)

    def closed_in_vain(self, times: int, seconds: float) -> ApiError:
        """What this request would be answered was answered to others, ``times`` in a row."""
        state = "sent again" if self.sent else "sent"
        return ApiError(
            status=429,
            description=f"it refused such requests {many(times, 'time')} in a row and accepted none in between, "
            f"so this one was not {state}.",
            retry_after=seconds,
            **self.ids,
        )

    def not_asked_for(self, status: int, fault: Fault, wanted: str) -> BadAnswer:
        """A success without what was asked for, in the words of the error that it holds, if it holds one."""
        named = ", ".join(part for part in (f"code {fault.code}" if fault.code else None, fault.source) if part)
        text = f"{named}: {fault.description}" if named and fault.description else named or fault.description
        said = f" (it answered {text})" if text else ""
        return BadAnswer(
            f"Partner Center answered {status}, but not with what was asked for, {wanted}{said}.", **self.ids
        )

    def stopped(self, failure: str = "") -> Stopped:
        """``failure``: of the try that would have been followed by another one."""
        state = "not sent"
        if failure:
            state = f"not sent again ({failure.rstrip('.')})"
        elif self.refusals:
            state = "refused with 429 and not sent again"
        elif self.sent:
            state = "given up before its answer came"
        return Stopped(f"the run was asked to stop; the request was {state}.", **self.ids)


def _with_pause(fault: Fault) -> str:
    """What the answer says, and that it asks for a pause that is not waited for, if it does."""
    asked = fault.retry_after
    pause = too_long(asked) if asked is not None and is_too_long(asked) else ""
    said = (fault.description or "").strip()
    if not said or not pause:
        return said or pause
    return f"{said}{'' if said.endswith(('.', '!', '?')) else '.'} {pause}"
