# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hand on an emulator that runs in a process of its own: its API over real TLS, its sign-in, its control API."""

from __future__ import annotations

import json
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from ..emulators import COMMAND, ENVIRONMENT, Control

RESOURCE = "https://api.partnercenter.microsoft.com"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@dataclass(frozen=True)
class Sub:
    """A subscription of the generated fleet."""

    customer: str
    id: str
    fields: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/customers/{self.customer}/subscriptions/{self.id}"


def read(response: requests.Response) -> Any:
    """The JSON of an answer, byte order mark or not."""
    return json.loads(response.content.decode("utf-8-sig"))


class Hand:
    def __init__(self, folder: Path) -> None:
        self._control = Control(folder)
        self.facts = self._control.facts
        self.url = str(self.facts["api_url"])
        self.session = requests.Session()
        # Certificates of the environment (REQUESTS_CA_BUNDLE) would win over ours otherwise.
        self.session.trust_env = False
        self.session.verify = self.facts["ca_path"]
        self._tokens: dict[str, str] = {}

    def close(self) -> None:
        self.session.close()
        self._control.close()

    # Sign-in

    def sign_in(self, v2: bool = True, **form: str) -> requests.Response:
        """A token request; without a grant the refresh token's."""
        given = {
            "grant_type": "refresh_token",
            "client_id": self.facts["client_id"],
            "client_secret": self.facts["client_secret"],
            "scope" if v2 else "resource": f"{RESOURCE}/.default" if v2 else RESOURCE,
        } | form
        if given["grant_type"] == "refresh_token":
            given.setdefault("refresh_token", self.facts["refresh_token"])
        path = "oauth2/v2.0/token" if v2 else "oauth2/token"
        return self.session.post(f"{self.url}/{self.facts['tenant_id']}/{path}", data=given)

    def token(self, kind: str = "user") -> str:
        """A token of the ``user`` (App+User) or the ``app`` (app-only), from the emulator's sign-in."""
        if kind not in self._tokens:
            grant = "refresh_token" if kind == "user" else "client_credentials"
            self._tokens[kind] = self.sign_in(grant_type=grant).json()["access_token"]
        return self._tokens[kind]

    def new_token(self, kind: str = "user") -> str:
        self._tokens.pop(kind, None)
        return self.token(kind)

    # The API

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        kind: str = "",
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """A request below /v1; without a ``kind`` with the credentials that it needs."""
        user = any(part in path for part in ("supportcontact", "profiles", "relationships", "IndirectReseller"))
        kind = kind or ("user" if user else "app")
        bearer = {"Authorization": f"Bearer {self.token(kind)}"}
        if body is not None:
            options["json"] = body
        return self.session.request(method, f"{self.url}/v1{path}", headers=bearer | (headers or {}), **options)

    def get(self, sub: Sub) -> dict[str, Any]:
        response = self.call("GET", sub.path)
        assert response.status_code == 200, response.text
        return dict(read(response))

    def patch(self, sub: Sub, body: dict[str, Any], **headers: str) -> requests.Response:
        return self.call(
            "PATCH", sub.path, body, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def change(self, sub: Sub, **fields: Any) -> requests.Response:
        """PATCH as a careful client does: what was received, with the fields laid over it."""
        return self.patch(sub, self.get(sub) | fields)

    # Control

    def control(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        if path == "clock":
            # Tokens live by the emulator's clock.
            self._tokens.clear()
        return self._control.call(method, path, body, **query)

    def switch(self, **values: Any) -> None:
        self.control("PATCH", "switches", values)

    def fault(
        self, action: str, times: int | None = 1, skip: int = 0, match: dict[str, str] | None = None, **rest: Any
    ) -> None:
        self.control("POST", "faults", {"action": action, "times": times, "skip": skip, "match": match or {}, **rest})

    def advance(self, seconds: float = 0, days: float = 0) -> None:
        self.control("POST", "clock", {"advance": seconds + days * 86400})

    def counters(self) -> dict[str, Any]:
        return dict(self.control("GET", "counters"))

    def log(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "requests"))

    def raw(self, sub: Sub) -> dict[str, Any]:
        return dict(self.control("GET", sub.path[1:]))

    def set(self, sub: Sub, **fields: Any) -> None:
        """Change the stored subscription as somebody else would."""
        self.control("PATCH", sub.path[1:], fields)

    def pick(self, kind: str, number: int = 0) -> Sub:
        """The fleet's n-th subscription of a kind."""
        found = self.control("GET", "fleet", kind=kind)["customers"]
        subs = [Sub(customer["id"], item["id"], item) for customer in found for item in customer["subscriptions"]]
        exact = [sub for sub in subs if sub.fields["kind"] == kind]
        return (exact or subs)[number]


def guid() -> str:
    return str(uuid.uuid4())


def error(response: requests.Response) -> tuple[int, int]:
    """Status and code of a refusal."""
    return response.status_code, read(response)["code"]
