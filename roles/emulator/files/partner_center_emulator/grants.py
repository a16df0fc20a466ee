# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Entra keeps between two requests: refresh tokens, authorization codes, device codes."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from .clock import Clock
from .entra_errors import EntraError
from .switches import Switches

CODE_SECONDS = 600
DEVICE_SECONDS = 900


@dataclass
class RefreshToken:
    """``public``: given to a client without credentials; times in emulated seconds."""

    client_id: str
    issued: float
    public: bool = False
    initial: bool = False
    revoked: bool = False


@dataclass
class Code:
    client_id: str
    redirect_uri: str
    challenge: str
    method: str
    nonce: str
    issued: float
    redeemed: bool = False


@dataclass
class Device:
    client_id: str
    user_code: str
    issued: float
    state: str = "pending"


class Grants:
    def __init__(self, clock: Clock, switches: Switches, initial: str, client_id: str) -> None:
        self._clock = clock
        self._switches = switches
        self._initial = (initial, client_id)
        self.reset()

    def reset(self) -> None:
        token, client_id = self._initial
        first = RefreshToken(client_id, self._clock.timestamp(), initial=True)
        self.refresh_tokens: dict[str, RefreshToken] = {token: first}
        self.codes: dict[str, Code] = {}
        self.devices: dict[str, Device] = {}

    def new_refresh_token(self, client_id: str, public: bool) -> str:
        token = "1.AX" + secrets.token_urlsafe(48)
        self.refresh_tokens[token] = RefreshToken(client_id, self._clock.timestamp(), public)
        return token

    def use_refresh_token(self, token: str, client_id: str) -> RefreshToken:
        """
        :raises EntraError: for a token that is unknown, revoked, too old or another application's
        """
        known = self.refresh_tokens.get(token)
        if known is None or known.client_id != client_id:
            raise EntraError(70000)
        if known.revoked:
            raise EntraError(50173)
        if self._clock.timestamp() > known.issued + self._switches["refresh_token_days"] * 86400:
            raise EntraError(700082)
        if self._switches["refresh_token_reuse"] == "revoked" and self._switches["refresh_token_rotation"]:
            known.revoked = True
        return known

    def revoke(self, which: str) -> int:
        """Revoke ``all`` refresh tokens, the ``successors`` of the first one, or a given one; how many were."""
        count = 0
        for token, known in self.refresh_tokens.items():
            if which in ("all", token) or (which == "successors" and not known.initial):
                count += not known.revoked
                known.revoked = True
        return count

    def new_code(self, code: Code) -> str:
        text = "0.AX" + secrets.token_urlsafe(40)
        self.codes[text] = code
        return text

    def use_code(self, text: str, client_id: str, redirect_uri: str, verifier: str) -> Code:
        """
        :raises EntraError: for a code that is unknown, used, too old, or does not fit the verifier
        """
        code = self.codes.get(text)
        if code is None or code.client_id != client_id:
            raise EntraError(70000)
        if code.redeemed:
            raise EntraError(54005)
        if self._clock.timestamp() > code.issued + CODE_SECONDS:
            raise EntraError(70008)
        if code.redirect_uri != redirect_uri:
            raise EntraError(50011)
        if code.challenge and code.challenge != _challenge(verifier, code.method):
            raise EntraError(50148)
        code.redeemed = True
        return code

    def new_device(self, client_id: str) -> tuple[str, Device]:
        text = secrets.token_urlsafe(40)
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        device = Device(client_id, "".join(secrets.choice(letters) for _letter in range(9)), self._clock.timestamp())
        self.devices[text] = device
        return text, device

    def device_by_user_code(self, user_code: str) -> Device | None:
        wanted = user_code.strip().upper().replace("-", "")
        return next((device for device in self.devices.values() if device.user_code == wanted), None)

    def poll_device(self, text: str, client_id: str) -> None:
        """
        :raises EntraError: while nobody has approved the device, or when it was declined or waited too long
        """
        device = self.devices.get(text)
        if device is None or device.client_id != client_id:
            raise EntraError(70018)
        if self._clock.timestamp() > device.issued + DEVICE_SECONDS:
            raise EntraError(70020)
        if device.state == "declined":
            raise EntraError(65004)
        if device.state != "approved":
            raise EntraError(70016)
        del self.devices[text]

    def save(self) -> dict[str, Any]:
        return {token: asdict(known) for token, known in self.refresh_tokens.items()}

    def load(self, saved: dict[str, Any]) -> None:
        self.refresh_tokens |= {token: RefreshToken(**known) for token, known in saved.items()}


def _challenge(verifier: str, method: str) -> str:
    if method.upper() != "S256":
        return verifier
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
