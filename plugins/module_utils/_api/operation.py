# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. One logical operation over its tries, and the errors that speak of it."""

from __future__ import annotations

import typing as t
import uuid
from dataclasses import dataclass, field

from .decode import Fault
from .errors import AmbiguousWrite, ApiError, Stopped, TransportError
from .session import Response


def new_id() -> str:
    """A request or correlation id."""
    return str(uuid.uuid4())


@dataclass(slots=True)
class Operation:
    """
    One request id over all tries, a new correlation id for each (Microsoft: "Partner Center REST headers").

    ``path`` is shown in errors, ``tries`` counts those that used up a retry, ``refusals`` the 429 answers, the first
    of which came at ``refused_since`` (monotonic seconds).
    """

    method: str
    path: str
    request_id: str
    headers: dict[str, str]
    body: bytes | None
    customer: str | None = None
    api: str = ""
    correlation_id: str = field(default_factory=new_id)
    sent: bool = False
    tries: int = 0
    refusals: int = 0
    refused_since: float | None = None
    renewed: bool = False

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @property
    def ids(self) -> dict[str, t.Any]:
        return {
            "method": self.method,
            "path": self.path,
            "request_id": self.request_id,
            "correlation_id": self.correlation_id,
        }

    def refusal(self, response: Response, fault: Fault) -> ApiError:
        return ApiError(
            status=response.status_code,
            code=fault.code,
            source=fault.source,
            description=fault.description,
            retry_after=fault.retry_after,
            **self.ids,
        )

    def ambiguous(self, response: Response, fault: Fault) -> AmbiguousWrite:
        code = f", code {fault.code}" if fault.code else ""
        said = f": {fault.description}" if fault.description else ""
        return AmbiguousWrite(
            f"Partner Center answered {response.status_code}{code}{said}",
            status=response.status_code,
            code=fault.code,
            description=fault.description,
            retry_after=fault.retry_after,
            **self.ids,
        )

    def unreachable(self, cause: str, *, sent: bool) -> TransportError:
        what = "no answer came" if sent else "nothing was sent"
        return TransportError(f"{what}: {cause}.", hint=_hint(cause), **self.ids)

    def stopped(self) -> Stopped:
        state = "refused with 429 and not sent again" if self.refusals else "not sent"
        return Stopped(f"the run was asked to stop; the request was {state}.", **self.ids)


def _hint(cause: str) -> str | None:
    lowered = cause.lower()
    if "is not trusted" in lowered:
        return "Check ca_path (or validate_certs), and that api_url names the host in the server's certificate."
    if "proxy" in lowered or "tunnel" in lowered:
        return "Check HTTPS_PROXY and NO_PROXY."
    return None
