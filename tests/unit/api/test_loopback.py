# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting at the loopback for the browser that a sign-in sends back, whoever else comes by."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from urllib.parse import urlencode

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.loopback import (
    check_listening,
    is_loopback,
    wait_for_redirect,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import CredentialsError
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings


class Waiting:
    """Somebody who waits at a free port of the loopback."""

    def __init__(self, path: str = "/after", timeout: float = 30.0) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.answer: dict[str, str] | None = None
        self.error: CredentialsError | None = None
        self._thread = threading.Thread(target=self._wait, args=(path, timeout))
        self._thread.start()
        while not self.is_open():
            time.sleep(0.01)

    def _wait(self, path: str, timeout: float) -> None:
        try:
            self.answer = wait_for_redirect(f"http://localhost:{self.port}{path}", "the-state", timeout, Surroundings())
        except CredentialsError as error:
            self.error = error

    def is_open(self, host: str = "127.0.0.1") -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((host, self.port)) == 0

    def ask(self, target: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = None if form is None else urlencode(form)
        connection.request("GET" if form is None else "POST", target, body)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.headers["Cache-Control"] == "no-store"
        connection.close()
        return answer.status, text

    def come_back(self) -> dict[str, str] | None:
        status, text = self.ask("/after?code=the-code&state=the-state")
        assert (status, "close this window" in text) == (200, True)
        return self.joined()

    def joined(self) -> dict[str, str] | None:
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self.answer


class TestLoopback:
    def test_a_browser_comes_back_and_nobody_listens_any_more(self, capfd: pytest.CaptureFixture[str]) -> None:
        waiting = Waiting()
        assert waiting.come_back() == {"code": "the-code", "state": "the-state"}
        assert not waiting.is_open()
        assert capfd.readouterr() == ("", "")

    def test_a_form_is_taken_as_well(self) -> None:
        waiting = Waiting()
        assert waiting.ask("/after", {"code": "the-code", "state": "the-state", "id_token": "x"})[0] == 200
        assert waiting.joined() == {"code": "the-code", "state": "the-state"}

    def test_an_error_is_an_answer(self) -> None:
        waiting = Waiting()
        waiting.ask("/after?error=access_denied&state=the-state")
        assert waiting.joined() == {"error": "access_denied", "state": "the-state"}

    @pytest.mark.parametrize(
        ("target", "status"),
        [
            ("/after?code=x&state=another", 400),
            ("/after?code=x", 400),
            ("/after?error=x&state=another", 400),
            ("/favicon.ico", 404),
            ("/after", 404),
            ("/?code=the-code&state=the-state", 404),
            ("/after?state=the-state", 404),
        ],
    )
    def test_what_else_comes_does_not_end_the_waiting(self, target: str, status: int) -> None:
        waiting = Waiting()
        found, text = waiting.ask(target)
        assert found == status
        assert "the-state" not in text
        assert waiting.come_back() == {"code": "the-code", "state": "the-state"}

    def test_connections_that_say_nothing_are_in_nobodys_way(self) -> None:
        waiting = Waiting()
        idle = [socket.create_connection(("127.0.0.1", waiting.port)) for _number in range(3)]
        try:
            assert waiting.come_back() is not None
        finally:
            for connection in idle:
                connection.close()

    def hang_up(self, waiting: Waiting, after: bytes) -> None:
        """A browser that breaks the connection off instead of waiting for the page."""
        with socket.create_connection(("127.0.0.1", waiting.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(after)

    def test_a_browser_that_does_not_read_the_page_has_answered_all_the_same(self) -> None:
        waiting = Waiting()
        self.hang_up(waiting, b"GET /after?code=the-code&state=the-state HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert waiting.joined() == {"code": "the-code", "state": "the-state"}

    def test_a_browser_that_hangs_up_is_no_news(self, capfd: pytest.CaptureFixture[str]) -> None:
        waiting = Waiting()
        self.hang_up(waiting, b"GET /after?code=the-co")
        waiting.ask("/favicon.ico")  # by now the other one has been noticed
        assert waiting.come_back() is not None
        assert capfd.readouterr() == ("", "")

    def test_only_the_loopbacks_own_address_is_listened_on(self) -> None:
        waiting = Waiting()
        # All of 127.0.0.0/8 is the loopback on Linux: somebody who listens everywhere would hear this as well.
        assert not waiting.is_open("127.0.0.2")
        waiting.come_back()

    def test_waiting_for_the_browser_times_out(self) -> None:
        waiting = Waiting(timeout=0.3)
        waiting.joined()
        assert waiting.error is not None
        assert "consent_redirect_address" in str(waiting.error)
        assert not waiting.is_open()

    def test_a_used_port_is_an_error(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"http://localhost:{taken.getsockname()[1]}"
            said = r"redirect_uri: nobody can listen at port \d+.*consent_redirect_uri"
            with pytest.raises(CredentialsError, match=said):
                wait_for_redirect(address, "the-state", 1, Surroundings())
            with pytest.raises(CredentialsError, match=said):
                check_listening(address)
        check_listening(address)

    @pytest.mark.parametrize(
        ("address", "is_it"),
        [
            ("http://localhost:8400", True),
            ("http://localhost", True),
            ("http://127.0.0.1:8400/after", True),
            ("https://localhost:8400", False),
            ("http://localhost.example:8400", False),
            ("http://example.com:8400", False),
            ("http://0.0.0.0:8400", False),
            ("http://localhost:99999", False),
            ("http://localhost:0", False),
            ("localhost:8400", False),
            ("", False),
        ],
    )
    def test_what_can_be_waited_for(self, address: str, is_it: bool) -> None:
        assert is_loopback(address) is is_it
