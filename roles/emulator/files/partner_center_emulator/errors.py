# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals in the shape of Microsoft's "Partner Center error codes" page: code, description, data, source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Refusal(Exception):
    """The service says no. ``code`` is written as a number or a string, as the switch ``error_code_type`` says."""

    status: int
    code: int | None
    description: str
    source: str = "PartnerFD"
    data: list[Any] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, as_string: bool) -> dict[str, Any]:
        """``code`` is missing where none is documented."""
        code = {} if self.code is None else {"code": str(self.code) if as_string else self.code}
        return {**code, "description": self.description, "data": self.data, "source": self.source}


def bad_input(what: str, code: int = 3000) -> Refusal:
    return Refusal(400, code, what)


def bad_enum(value: object, kind: str) -> Refusal:
    return Refusal(400, 900126, f"Enum value '{value}' could not be parsed as {kind}.", "PartnerApiServiceControllers")


def not_found(what: str) -> Refusal:
    return Refusal(404, 1000, f"{what} was not found.")


def subscription_not_found(subscription_id: str) -> Refusal:
    return Refusal(404, 20003, f"Subscription {subscription_id} was not found.")


def no_relationship(customer_id: str) -> Refusal:
    return Refusal(403, 20002, f"The partner has no commerce relationship with the customer {customer_id}.")


def app_only() -> Refusal:
    return Refusal(403, 900329, "This operation does not support application-only authentication.")


def unauthorized(code: int, description: str) -> Refusal:
    challenge = {"WWW-Authenticate": "OAuth realm=urn:cpsvc:cpid:emulator"}
    return Refusal(401, code, description, headers=challenge)
