# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
A person with a browser, for tests: waits for a sign-in to begin, follows its link, fills in the emulator's pages.

    python browser.py FLOW EMULATOR_JSON [accept|deny] [follow|print]

FLOW is the file in which pc_consent keeps the sign-in, EMULATOR_JSON the emulator's facts. With ``follow`` the browser
goes where the sign-in page sends it, as soon as somebody listens there, and prints what it sees; with ``print`` it only
prints that address, as a person would copy it.
"""

from __future__ import annotations

import html
import json
import re
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

PATIENCE = 60.0


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Browser:
    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        context = ssl.create_default_context(cafile=facts["ca_path"])
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), StayHere
        )

    def open(self, address: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where a redirect leads (or the address), and the page."""
        data = None if form is None else urlencode(form).encode()
        try:
            answer = self._opener.open(urllib.request.Request(address, data=data), timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers.get("Location") or address, answer.read().decode("utf-8", "replace")

    def fill_in(self, address: str, page: str, **fields: str) -> tuple[int, str, str]:
        """Sends the page's form with the person's name, password and second factor."""
        action = re.search(r'<form method="post" action="([^"]*)"', page)
        if action is None:
            raise SystemExit(f"There is no form at {address}: {page}")
        form = {}
        for tag in re.findall(r"<input [^>]*>", page):
            found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            form[found["name"]] = html.unescape(found.get("value", ""))
        form |= {"login": self.facts["username"], "passwd": self.facts["password"], "otc": self.facts["otp"]}
        return self.open(urljoin(address, html.unescape(action[1])), form | {"answer": "accept"} | fields)

    def sign_in(self, link: str, **fields: str) -> str:
        """Where the sign-in page sends the browser."""
        _status, _address, page = self.open(link)
        status, address, page = self.fill_in(link, page, **fields)
        if status != 302:
            raise SystemExit(f"The sign-in page answered {status}: {page}")
        return address

    def enter_code(self, link: str, code: str, **fields: str) -> str:
        """The page after the code of a device was entered."""
        _status, _address, page = self.open(link)
        return self.fill_in(link, page, user_code=code, **fields)[2]

    def arrive(self, address: str) -> str:
        """The page at the end, as soon as somebody listens there."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.open(address)[2]
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def begun(path: Path) -> dict[str, Any]:
    """The sign-in, once it has begun."""
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > deadline:
            raise SystemExit(f"{path}: no sign-in was begun")
        time.sleep(0.1)
    return dict(json.loads(path.read_text()))


def main(flow_path: str, facts_path: str, answer: str = "accept", end: str = "follow") -> None:
    browser = Browser(json.loads(Path(facts_path).read_text()))
    sign_in = begun(Path(flow_path))
    flow = sign_in["flow"]
    if sign_in["method"] == "device_code":
        print(browser.enter_code(flow["verification_uri"], flow["user_code"], answer=answer))
        return
    address = browser.sign_in(flow["auth_uri"], answer=answer)
    print(browser.arrive(address) if end == "follow" else address)


if __name__ == "__main__":
    main(*sys.argv[1:])
