# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first sign-in, with real MSAL, against the emulator's login pages, by a browser that follows its links."""

from __future__ import annotations

import importlib.util
import itertools
import json
import stat
import threading
import time
import typing as t
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.consent import Begun, Consent, pasted
from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.sign_in import Grant, SignIn
from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.token_cache import TokenCache
from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.tokens import (
    TokenSource,
    leave,
    token_source,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import CredentialsError
from ansible_collections.csp.partner_center.plugins.module_utils._api.session import Http
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings

from ..emulators import Emulator
from .simulation import SetClock

BROWSER = Path(__file__).resolve().parents[2] / "integration" / "targets" / "setup_emulator" / "files" / "browser.py"
REDIRECT = "http://localhost:8400/after"


def browser_of(facts: dict[str, t.Any]) -> t.Any:
    spec = importlib.util.spec_from_file_location("browser", BROWSER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Browser(facts)


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "1")


@pytest.fixture
def browser(emulator: Emulator) -> t.Any:
    return browser_of(emulator.facts)


class Person:
    """The connection of one application, and what signs in over it."""

    def __init__(self, emulator: Emulator, surroundings: Surroundings | None = None, **others: t.Any) -> None:
        facts = emulator.facts
        names = ("tenant_id", "client_id", "client_secret", "api_url", "authority_url", "ca_path")
        given = {**{name: facts[name] for name in names}, "retries": 0, **others}
        options = {name: value for name, value in given.items() if value is not None}
        self.settings = resolve_connection(options, {}, first_sign_in=True)
        self.redactor = Redactor()
        self.surroundings = surroundings or Surroundings()
        self.http = Http(self.surroundings, ca_path=facts["ca_path"])
        sign_in = SignIn(self.settings, self.http, self.surroundings, redactor=self.redactor)
        self.consent = Consent(self.settings, sign_in, self.surroundings, self.redactor)

    def begin(self) -> Begun:
        return self.consent.begin("authorization_code", REDIRECT)

    def source(self) -> TokenSource:
        found = token_source(self.settings, self.http, self.surroundings, redactor=self.redactor)
        assert isinstance(found, TokenSource)
        return found


@pytest.fixture
def person(emulator: Emulator) -> Person:
    return Person(emulator)


WAYS: dict[str, tuple[str, ...]] = {
    "secret": ("client_secret",),
    "certificate": ("client_certificate_path", "client_certificate_passphrase"),
    "federated token": ("federated_token_file",),
    "none": (),
}


class TestAuthorizationCode:
    @pytest.mark.parametrize("way", WAYS)
    def test_every_kind_of_application_signs_in_a_user(self, emulator: Emulator, browser: t.Any, way: str) -> None:
        options: dict[str, t.Any] = {"client_secret": None, **{name: emulator.facts[name] for name in WAYS[way]}}
        if way == "none":
            options["client_id"] = emulator.facts["public_client_id"]
        person = Person(emulator, **options)
        begun = person.begin()
        address = browser.sign_in(begun.flow["auth_uri"])
        assert address.startswith(f"{REDIRECT}?code=")
        grant = person.consent.finish(begun, pasted(address))
        assert grant.username == emulator.facts["username"]
        assert grant.refresh_token is not None
        later = Person(emulator, **options, refresh_token=grant.refresh_token).source()
        assert later.signed_in().claims["amr"] == ["pwd", "mfa"]

    def test_the_link_asks_for_what_the_rules_ask_for(self, emulator: Emulator, person: Person) -> None:
        link = urlsplit(person.begin().flow["auth_uri"])
        asked = {name: values[0] for name, values in parse_qs(link.query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == REDIRECT
        assert {"https://api.partnercenter.microsoft.com/user_impersonation", "offline_access"} <= set(
            asked["scope"].split()
        )
        assert asked["prompt"] == "select_account"
        assert len(asked["state"]) >= 16
        assert person.begin().state != person.begin().state
        assert emulator.sign_ins() == 0

    def test_the_link_tells_no_secret(self, person: Person) -> None:
        begun = person.begin()
        assert begun.flow["code_verifier"] not in begun.flow["auth_uri"]
        assert begun.flow["code_verifier"] not in repr(begun)
        assert begun.flow["code_verifier"] not in person.redactor.scrub(str(begun.flow))

    @pytest.mark.parametrize("state", ["of-somebody-else", "", None])
    def test_an_answer_to_another_sign_in_is_refused_before_it_is_redeemed(
        self, emulator: Emulator, browser: t.Any, person: Person, state: str | None
    ) -> None:
        begun = person.begin()
        answer = pasted(browser.sign_in(begun.flow["auth_uri"]))
        foreign = {**answer, "state": state} if state is not None else {"code": answer["code"]}
        with pytest.raises(CredentialsError, match="state differs") as caught:
            person.consent.finish(begun, t.cast("dict[str, str]", foreign))
        assert emulator.sign_ins() == 0
        assert answer["code"] not in str(caught.value)
        # It is still good for the sign-in that it belongs to.
        assert person.consent.finish(begun, answer).refresh_token

    def test_a_stolen_code_is_worth_nothing(self, browser: t.Any, person: Person) -> None:
        mine, theirs = person.begin(), person.begin()
        answer = pasted(browser.sign_in(theirs.flow["auth_uri"]))
        with pytest.raises(CredentialsError, match="AADSTS50148") as caught:
            person.consent.finish(mine, {**answer, "state": mine.state})
        assert "begin again" in str(caught.value)

    def test_a_code_is_good_for_one_time(self, browser: t.Any, person: Person) -> None:
        begun = person.begin()
        answer = pasted(browser.sign_in(begun.flow["auth_uri"]))
        person.consent.finish(begun, answer)
        with pytest.raises(CredentialsError, match="AADSTS54005") as caught:
            person.consent.finish(begun, answer)
        assert "begin the sign-in again" in str(caught.value)
        assert answer["code"] not in str(caught.value)

    def test_an_old_code_says_what_to_do(self, emulator: Emulator, browser: t.Any, person: Person) -> None:
        begun = person.begin()
        answer = pasted(browser.sign_in(begun.flow["auth_uri"]))
        emulator.control("POST", "clock", {"advance": 601})
        with pytest.raises(CredentialsError, match=r"AADSTS70008.*10 minutes"):
            person.consent.finish(begun, answer)

    def test_a_declined_sign_in_is_an_error(self, emulator: Emulator, browser: t.Any, person: Person) -> None:
        begun = person.begin()
        answer = pasted(browser.sign_in(begun.flow["auth_uri"], answer="deny"))
        with pytest.raises(CredentialsError, match=r"AADSTS65004.*consent was declined") as caught:
            person.consent.finish(begun, answer)
        assert caught.value.error == "access_denied"
        assert emulator.sign_ins() == 0

    def test_no_refresh_token_is_an_error(self, emulator: Emulator, browser: t.Any, person: Person) -> None:
        begun = person.begin()
        answer = pasted(browser.sign_in(begun.flow["auth_uri"]))
        body = {"access_token": "an-access-token", "expires_in": 3600, "token_type": "Bearer"}
        emulator.fault(match={"path": "*/token"}, action="body", body=body)
        with pytest.raises(CredentialsError, match="gave no refresh token"):
            person.consent.finish(begun, answer)

    def test_a_wrong_secret_is_told_as_ever(self, emulator: Emulator, browser: t.Any) -> None:
        person = Person(emulator, client_secret="not-the-secret")
        begun = person.begin()
        answer = pasted(browser.sign_in(begun.flow["auth_uri"]))
        with pytest.raises(CredentialsError, match="AADSTS7000215"):
            person.consent.finish(begun, answer)


class TestDeviceCode:
    def approve(self, browser: t.Any, begun: Begun, after: float, **fields: str) -> threading.Timer:
        timer = threading.Timer(
            after, browser.enter_code, (begun.flow["verification_uri"], begun.flow["user_code"]), fields
        )
        timer.start()
        return timer

    # A confidential application signs in as a public one here, and proves itself again later.
    @pytest.mark.parametrize("public", [False, True])
    def test_a_code_that_is_entered_after_a_while_signs_in(
        self, emulator: Emulator, browser: t.Any, public: bool
    ) -> None:
        own = {"client_id": emulator.facts["public_client_id"], "client_secret": None}
        options: dict[str, t.Any] = own if public else {}
        person = Person(emulator, **options)
        begun = person.consent.begin("device_code", "")
        assert begun.flow["user_code"] in begun.flow["message"]
        timer = self.approve(browser, begun, 0.5)
        grant = person.consent.wait_for_device(begun, 60)
        timer.join()
        assert grant.username == emulator.facts["username"]
        Person(emulator, **options, refresh_token=grant.refresh_token).source().token()

    def test_a_declined_sign_in_is_an_error(self, browser: t.Any, person: Person) -> None:
        begun = person.consent.begin("device_code", "")
        self.approve(browser, begun, 0.0, answer="deny").join()
        with pytest.raises(CredentialsError, match="AADSTS65004"):
            person.consent.wait_for_device(begun, 60)

    def test_a_code_that_is_not_entered_in_time_is_an_error(self, emulator: Emulator) -> None:
        times = itertools.chain([0.0, 5.0, 20.0], itertools.repeat(20.0))
        person = Person(emulator, SetClock(lambda: next(times)))
        begun = person.consent.begin("device_code", "")
        times = itertools.chain([0.0, 5.0, 20.0], itertools.repeat(20.0))
        with pytest.raises(CredentialsError, match="Nobody has entered the code in time"):
            person.consent.wait_for_device(begun, 10)

    def test_an_expired_code_is_an_error(self, emulator: Emulator, person: Person) -> None:
        begun = person.consent.begin("device_code", "")
        emulator.control("POST", "clock", {"advance": 901})
        with pytest.raises(CredentialsError, match=r"AADSTS70020.*begin the sign-in again"):
            person.consent.wait_for_device(begun, 60)

    def test_a_forbidden_public_client_is_an_error(self, emulator: Emulator, browser: t.Any, person: Person) -> None:
        emulator.switch(allow_public_client=False)
        begun = person.consent.begin("device_code", "")
        self.approve(browser, begun, 0.0).join()
        with pytest.raises(CredentialsError, match="allow public client flows"):
            person.consent.wait_for_device(begun, 60)

    def test_a_block_by_conditional_access_is_an_error(self, emulator: Emulator, person: Person) -> None:
        emulator.switch(entra_error="53003")
        with pytest.raises(CredentialsError, match=r"AADSTS53003.*use authorization_code"):
            person.consent.begin("device_code", "")

    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            ({"status": 429, "body": {"message": "Slow down."}}, r"answered 429: Slow down.*run it again later"),
            ({"status": 503, "body": {"message": "Be patient."}}, r"answered 503: Be patient.*run it again later"),
            ({"body": {}}, r"holds no user_code"),
            ({"body": {"user_code": "ABCD", "verification_uri": "https://localhost"}}, r"holds no device_code"),
            ({"body": "[]"}, r"could not be understood"),
        ],
    )
    def test_an_answer_without_a_code_is_an_error(
        self, emulator: Emulator, person: Person, rule: dict[str, t.Any], said: str
    ) -> None:
        emulator.fault(match={"path": "*/devicecode"}, action="body", **rule)
        with pytest.raises(CredentialsError, match=said):
            person.consent.begin("device_code", "")

    def test_a_throttled_answer_ends_the_wait_and_says_so(self, emulator: Emulator, person: Person) -> None:
        begun = person.consent.begin("device_code", "")
        emulator.fault(match={"path": "*/token"}, action="throttle", seconds=9)
        with pytest.raises(CredentialsError, match=r"answered 429: .*It asks to wait 9 seconds.*token_cache_path"):
            person.consent.wait_for_device(begun, 60)

    def test_the_device_code_is_a_secret_and_the_users_code_is_not(self, person: Person) -> None:
        begun = person.consent.begin("device_code", "")
        scrubbed = person.redactor.scrub(str(begun.flow))
        assert begun.flow["device_code"] not in scrubbed
        assert begun.flow["user_code"] in scrubbed
        assert begun.flow["device_code"] not in repr(begun)


class TestBetweenTheSteps:
    def test_another_process_goes_on(self, emulator: Emulator, browser: t.Any, tmp_path: Path) -> None:
        path = tmp_path / "state" / "sign-in"
        begun = Person(emulator).begin()
        Person(emulator).consent.save(begun, path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        other = Person(emulator)
        answer = pasted(browser.sign_in(begun.flow["auth_uri"]))
        assert other.consent.finish(other.consent.load(path), answer).refresh_token
        assert begun.flow["code_verifier"] not in other.redactor.scrub(path.read_text())

    @pytest.mark.parametrize(
        "change",
        [
            {"client_id": "11111111-2222-4333-8444-555555555555"},
            {"tenant_id": "other.example"},
            {"cloud": "china_21vianet"},
        ],
    )
    def test_a_sign_in_of_another_connection_is_refused(
        self, emulator: Emulator, person: Person, tmp_path: Path, change: dict[str, str]
    ) -> None:
        person.consent.save(person.begin(), tmp_path / "sign-in")
        with pytest.raises(CredentialsError, match="another tenant_id, client_id, cloud or authority_url"):
            Person(emulator, **change).consent.load(tmp_path / "sign-in")

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "nothing",
            "[]",
            "null",
            "{}",
            '{"format": 1}',
            '{"format": 2, "method": "device_code", "flow": {}}',
            "[" * 100_000,
        ],
    )
    def test_a_file_of_another_kind_is_refused(self, person: Person, tmp_path: Path, content: str) -> None:
        (tmp_path / "sign-in").write_text(content)
        with pytest.raises(CredentialsError, match=r"flow_path: .* no sign-in that was begun"):
            person.consent.load(tmp_path / "sign-in")

    def test_a_missing_flow_file_is_an_error(self, person: Person, tmp_path: Path) -> None:
        with pytest.raises(CredentialsError, match=r"flow_path: .* is not there"):
            person.consent.load(tmp_path / "sign-in")

    def test_an_unwritable_flow_path_is_an_error(self, person: Person, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(CredentialsError, match="flow_path"):
            person.consent.save(Begun("authorization_code", {}), tmp_path / "file" / "sign-in")


class TestPasted:
    @pytest.mark.parametrize(
        "address",
        [
            "http://localhost:8400/?code=a-code&state=a-state&session_state=x",
            "  http://localhost:8400/?code=a-code&state=a-state\n",
            "http://localhost:8400/?code=a-\ncode&sta\r\n te=a-state",
            "http://localhost:8400/#code=a-code&state=a-state",
            "https://login.microsoftonline.com/common/oauth2/nativeclient?state=a-state&code=a-code",
        ],
    )
    def test_code_and_state_are_read_from_the_pasted_address(self, address: str) -> None:
        assert pasted(address) == {"code": "a-code", "state": "a-state"}

    @pytest.mark.parametrize(
        "address", ["", "a-code", "http://localhost:8400/", "http://localhost:8400/?state=x", "http://[?code"]
    )
    def test_an_address_without_an_answer_is_refused(self, address: str) -> None:
        with pytest.raises(CredentialsError, match="redirect_address holds neither") as caught:
            pasted(address)
        assert not address or address not in str(caught.value)


class TestLeft:
    """What a first sign-in leaves in the cache is what tasks act with that give no refresh token."""

    def granted(self, emulator: Emulator, browser: t.Any, **options: t.Any) -> tuple[Person, Grant]:
        person = Person(emulator, **options)
        begun = person.begin()
        return person, person.consent.finish(begun, pasted(browser.sign_in(begun.flow["auth_uri"])))

    def test_tasks_without_a_refresh_token_act_for_the_user(
        self, emulator: Emulator, browser: t.Any, tmp_path: Path
    ) -> None:
        cache = str(tmp_path / "cache")
        person, grant = self.granted(emulator, browser, token_cache_path=cache)
        leave(person.settings, grant, TokenCache(cache, Surroundings()), redactor=person.redactor, now=time.time())
        emulator.forget()
        source = Person(emulator, token_cache_path=cache).source()
        assert source.mode == "app_user"
        assert source.token() == grant.access_token
        assert source.signed_in().refresh_token_issued_at == pytest.approx(time.time(), abs=300)
        assert emulator.sign_ins() == 0
        # And go on with its successors.
        emulator.switch(refresh_token_reuse="revoked")
        for _number in range(3):
            again = Person(emulator, token_cache_path=cache).source()
            again.renew(after=again.token())
        assert emulator.sign_ins() == 3

    def test_a_public_client_needs_nothing_else(self, emulator: Emulator, browser: t.Any, tmp_path: Path) -> None:
        cache = str(tmp_path / "cache")
        public: dict[str, t.Any] = {"client_id": emulator.facts["public_client_id"], "client_secret": None}
        with pytest.raises(CredentialsError, match="No credentials are given"):
            Person(emulator, **public, token_cache_path=cache).source()
        person, grant = self.granted(emulator, browser, **public, token_cache_path=cache)
        leave(person.settings, grant, TokenCache(cache, Surroundings()), redactor=person.redactor, now=time.time())
        source = Person(emulator, **public, token_cache_path=cache).source()
        assert source.renew(after=source.token()) != grant.access_token

    def test_it_follows_the_expired_token_that_is_still_given(
        self, emulator: Emulator, browser: t.Any, tmp_path: Path
    ) -> None:
        cache = str(tmp_path / "cache")
        given = {"refresh_token": emulator.facts["refresh_token"], "token_cache_path": cache}
        emulator.control("POST", "tokens", {"revoke": "all"})
        with pytest.raises(CredentialsError, match=r"playbook csp\.partner_center\.consent"):
            Person(emulator, **given).source().token()
        person, grant = self.granted(emulator, browser, **given)
        leave(person.settings, grant, TokenCache(cache, Surroundings()), redactor=person.redactor, now=time.time())
        source = Person(emulator, **given).source()
        assert source.renew(after=source.token()) != grant.access_token

    @pytest.mark.parametrize("change", [{"tenant_id": "tenant_domain"}, {"client_id": "public_client_id"}])
    def test_the_cached_token_is_not_used_for_another_tenant_or_client(
        self, emulator: Emulator, browser: t.Any, tmp_path: Path, change: dict[str, str]
    ) -> None:
        cache = str(tmp_path / "cache")
        person, grant = self.granted(emulator, browser, token_cache_path=cache)
        leave(person.settings, grant, TokenCache(cache, Surroundings()), redactor=person.redactor, now=time.time())
        other = {name: emulator.facts[fact] for name, fact in change.items()}
        assert Person(emulator, token_cache_path=cache, **other).source().mode == "app_only"

    def test_a_token_that_vanishes_in_mid_run_is_named(
        self, emulator: Emulator, browser: t.Any, tmp_path: Path
    ) -> None:
        cache = tmp_path / "cache"
        person, grant = self.granted(emulator, browser, token_cache_path=str(cache))
        leave(person.settings, grant, TokenCache(str(cache), Surroundings()), redactor=person.redactor, now=time.time())
        source = Person(emulator, token_cache_path=str(cache)).source()
        cache.unlink()
        with pytest.raises(CredentialsError, match="token_cache_path"):
            source.token()

    def test_the_file_tells_no_given_token(self, emulator: Emulator, browser: t.Any, tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        given = {"refresh_token": emulator.facts["refresh_token"], "token_cache_path": str(cache)}
        person, grant = self.granted(emulator, browser, **given)
        leave(person.settings, grant, TokenCache(str(cache), Surroundings()), redactor=person.redactor, now=time.time())
        assert stat.S_IMODE(cache.stat().st_mode) == 0o600
        assert emulator.facts["refresh_token"] not in cache.read_text()
        assert len(json.loads(cache.read_text())["entries"]) == 2
