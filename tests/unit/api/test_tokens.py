# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens: renewed once for all threads, kept in a file that processes share, never shown."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import threading
import typing as t
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.sign_in import Grant, SignIn
from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.token_cache import (
    Cached,
    TokenCache,
    cache_key,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.token_file import TokenFile
from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.tokens import ReadyToken, TokenSource
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import CredentialsError
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import ConnectionSettings
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.credentials import Credentials
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings

from .processes import start_together
from .simulation import SetClock

TENANT = "11111111-2222-3333-4444-555555555555"
GIVEN = "the-given-refresh-token"
KEY = "key"
ENTRIES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from([KEY, "access_token", "expires_at", "stored_at"]), inner)
    ),
)


class Entra:
    """In the place of a sign-in: numbers its tokens, and refuses refresh tokens that are not ``accepted``."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.accepted: set[str] | None = None
        self.refusal = "invalid_grant"
        self.lifetime = 3600.0
        self.rotates = True
        self.before: t.Callable[[], None] = lambda: None

    def application(self) -> Grant:
        return self._grant(None)

    def user(self, refresh_token: str) -> Grant:
        if self.accepted is not None and refresh_token not in self.accepted:
            self.asked.append(refresh_token)
            raise CredentialsError(f"refused {len(self.asked)}", error=self.refusal)
        return self._grant(refresh_token)

    def _grant(self, refresh_token: str | None) -> Grant:
        self.before()
        self.asked.append(refresh_token)
        number = len(self.asked)
        rotated = f"refresh-token-{number}" if refresh_token is not None and self.rotates else None
        return Grant(f"access-token-{number}", self.lifetime, rotated)


class Setting:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.entra = Entra()
        self.now = 1000.0
        self.time = SetClock(lambda: self.now)
        self.redactor = Redactor()

    def source(self, refresh_token: str | None = GIVEN, *, cached: bool = True) -> TokenSource:
        credentials = Credentials(
            tenant_id=TENANT, client_id=TENANT, client_secret="a-client-secret", refresh_token=refresh_token
        )
        return TokenSource(
            ConnectionSettings(credentials),
            lambda: t.cast(SignIn, self.entra),
            self.time,
            redactor=self.redactor,
            cache=TokenCache(str(self.path), self.time) if cached else None,
        )


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path / "cache" / "tokens.json")


class TestSource:
    @pytest.mark.parametrize("refresh_token", [None, GIVEN])
    def test_signs_in_once_while_the_token_lasts(self, setting: Setting, refresh_token: str | None) -> None:
        source = setting.source(refresh_token, cached=False)
        assert [source.token() for _number in range(3)] == ["access-token-1"] * 3
        setting.now += 3600 - 121
        assert source.token() == "access-token-1"
        setting.now += 2
        assert source.token() == "access-token-2"

    def test_short_lives_keep_a_short_margin(self, setting: Setting) -> None:
        setting.entra.lifetime = 10.0
        source = setting.source(cached=False)
        source.token()
        setting.now += 8.9
        assert source.token() == "access-token-1"
        setting.now += 0.2
        assert source.token() == "access-token-2"

    def test_uses_the_newest_refresh_token_first(self, setting: Setting) -> None:
        source = setting.source(cached=False)
        source.renew(after=source.token())
        assert setting.entra.asked == [GIVEN, "refresh-token-1"]

    def test_falls_back_to_the_given_one(self, setting: Setting) -> None:
        source = setting.source(cached=False)
        token = source.token()
        setting.entra.accepted = {GIVEN}
        assert source.renew(after=token) == "access-token-3"
        assert setting.entra.asked == [GIVEN, "refresh-token-1", GIVEN]

    def test_does_not_fall_back_for_another_error(self, setting: Setting) -> None:
        source = setting.source(cached=False)
        token = source.token()
        setting.entra.accepted, setting.entra.refusal = {GIVEN}, "temporarily_unavailable"
        with pytest.raises(CredentialsError, match="refused 2"):
            source.renew(after=token)

    def test_reports_the_given_one_where_both_fail(self, setting: Setting) -> None:
        source = setting.source(cached=False)
        token = source.token()
        setting.entra.accepted = set()
        with pytest.raises(CredentialsError, match="refused 3"):
            source.renew(after=token)

    def test_keeps_a_refresh_token_that_is_not_rotated(self, setting: Setting) -> None:
        setting.entra.rotates = False
        source = setting.source()
        source.renew(after=source.token())
        assert setting.entra.asked == [GIVEN, GIVEN]

    def test_many_threads_renew_once(self, setting: Setting) -> None:
        source = setting.source(cached=False)
        refused = source.token()
        barrier = threading.Barrier(12)
        found: list[str] = []

        def renew() -> None:
            barrier.wait(30)
            found.append(source.renew(after=refused))

        threads = [threading.Thread(target=renew) for _number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert found == ["access-token-2"] * 12
        assert len(setting.entra.asked) == 2

    def test_obtained_tokens_join_the_redaction(self, setting: Setting) -> None:
        setting.source().token()
        assert setting.redactor.scrub("access-token-1 refresh-token-1") == "******** ********"
        other = Setting(setting.path)
        other.source().token()
        assert other.entra.asked == []
        assert other.redactor.scrub("access-token-1 refresh-token-1") == "******** ********"

    def test_shows_no_token(self, setting: Setting) -> None:
        source = setting.source()
        shown = [source.token(), "refresh-token-1", GIVEN, "a-client-secret"]
        for text in (repr(source), repr(ReadyToken("access-token-1")), repr(Cached("access-token-1", 1.0, GIVEN))):
            assert not any(secret in text for secret in shown)
        assert "access-token-1" not in repr(Grant("access-token-1", 1.0, GIVEN))
        assert GIVEN not in repr(Grant("access-token-1", 1.0, GIVEN))

    def test_a_ready_token_cannot_be_renewed(self) -> None:
        ready = ReadyToken("access-token-1")
        assert ready.renew(after=ready.token()) == ready.token()


class TestRotation:
    """The refresh token that comes of the newest one that is known, left in a file."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "rotated"

    @pytest.mark.parametrize("cached", [False, True])
    @pytest.mark.parametrize("content", [None, "", GIVEN])
    def test_the_new_refresh_token_is_saved_in_the_file(
        self, setting: Setting, path: Path, cached: bool, content: str | None
    ) -> None:
        if content is not None:
            path.write_text(content)
        assert setting.source(cached=cached).rotate(TokenFile(str(path))) == 1000.0
        assert setting.entra.asked == [GIVEN]
        assert path.read_text() == "refresh-token-1"

    def test_the_newest_is_used_and_the_file_may_hold_it(self, setting: Setting, path: Path) -> None:
        setting.source().token()
        path.write_text("refresh-token-1")
        setting.source().rotate(TokenFile(str(path)))
        assert setting.entra.asked == [GIVEN, "refresh-token-1"]
        assert path.read_text() == "refresh-token-2"
        # Other tasks go on with it.
        setting.now += 7200
        setting.source().token()
        assert setting.entra.asked[-1] == "refresh-token-2"

    def test_a_token_that_nobody_gave_is_not_replaced(self, setting: Setting, path: Path) -> None:
        path.write_text("the-refresh-token-of-another-tenant")
        with pytest.raises(CredentialsError, match="only copy") as caught:
            setting.source().rotate(TokenFile(str(path)))
        assert setting.entra.asked == []
        assert path.read_text() == "the-refresh-token-of-another-tenant"
        assert "another-tenant" not in str(caught.value)

    def test_a_refusal_leaves_the_file_as_it_was(self, setting: Setting, path: Path) -> None:
        path.write_text(GIVEN)
        setting.entra.accepted = set()
        with pytest.raises(CredentialsError, match="refused"):
            setting.source().rotate(TokenFile(str(path)))
        assert path.read_text() == GIVEN
        assert sorted(entry.name for entry in path.parent.iterdir() if "rotated" in entry.name) == ["rotated"]

    def test_the_same_refresh_token_again_is_reported(self, setting: Setting, path: Path) -> None:
        setting.entra.rotates = False
        assert setting.source().rotate(TokenFile(str(path))) is None
        assert path.read_text() == GIVEN

    def test_the_cache_has_it_where_the_file_cannot_be_written(self, setting: Setting, path: Path) -> None:
        file = TokenFile(str(path))
        setting.entra.before = path.mkdir  # between making ready and keeping
        with pytest.raises(CredentialsError, match="The new refresh token is in"):
            setting.source().rotate(file)
        setting.entra.before = lambda: None
        setting.now += 7200
        setting.source().token()
        assert setting.entra.asked == [GIVEN, "refresh-token-1"]

    def test_the_file_has_it_where_the_cache_cannot_be_written(self, setting: Setting, path: Path) -> None:
        setting.entra.before = setting.path.mkdir
        with pytest.raises(CredentialsError, match="token_cache_path"):
            setting.source().rotate(TokenFile(str(path)))
        assert path.read_text() == "refresh-token-1"


class TestAge:
    """Since when the newest refresh token lasts, which only a cache can know."""

    def test_the_age_of_a_cached_successor_is_known(self, setting: Setting) -> None:
        assert setting.source().signed_in().refresh_token_issued_at == 1000.0
        setting.now += 60
        assert setting.source().signed_in().refresh_token_issued_at == 1000.0
        setting.now += 7200
        assert setting.source().signed_in().refresh_token_issued_at == 8260.0

    def test_the_age_of_a_token_that_is_not_rotated_is_unknown(self, setting: Setting) -> None:
        setting.entra.rotates = False
        assert setting.source().signed_in().refresh_token_issued_at is None

    def test_the_age_is_unknown_without_a_cache(self, setting: Setting) -> None:
        assert setting.source(cached=False).signed_in().refresh_token_issued_at is None

    def test_the_age_of_the_given_token_is_unknown_after_its_successor_was_refused(self, setting: Setting) -> None:
        setting.source().token()
        setting.now += 7200
        setting.entra.accepted, setting.entra.rotates = {GIVEN}, False
        assert setting.source().signed_in().refresh_token_issued_at is None

    @pytest.mark.parametrize("issued_at", ["soon", None, [], {}])
    def test_a_strange_time_in_the_file_does_no_harm(self, setting: Setting, issued_at: t.Any) -> None:
        setting.source().token()
        content = json.loads(setting.path.read_text())
        for entry in content["entries"].values():
            entry["refresh_token_issued_at"] = issued_at
        setting.path.write_text(json.dumps(content))
        assert setting.source().signed_in().refresh_token_issued_at is None


class TestCacheFile:
    def test_two_tasks_sign_in_once(self, setting: Setting) -> None:
        assert setting.source().token() == setting.source().token() == "access-token-1"
        assert len(setting.entra.asked) == 1

    def test_a_later_task_goes_on_with_the_rotated_token(self, setting: Setting) -> None:
        setting.source().token()
        setting.now += 7200
        setting.source().token()
        assert setting.entra.asked == [GIVEN, "refresh-token-1"]

    def test_another_given_token_is_another_sign_in(self, setting: Setting) -> None:
        setting.source().token()
        setting.source("another-refresh-token").token()
        setting.source(None).token()
        assert setting.entra.asked == [GIVEN, "another-refresh-token", None]
        assert len(json.loads(setting.path.read_text())["entries"]) == 3

    def test_a_refused_token_in_the_file_is_replaced(self, setting: Setting) -> None:
        token = setting.source().token()
        assert setting.source().renew(after=token) == "access-token-2"

    def test_a_token_renewed_by_another_process_is_taken(self, setting: Setting) -> None:
        one, two = setting.source(), setting.source()
        token = one.token()
        assert two.token() == token
        assert one.renew(after=token) == two.renew(after=token) == "access-token-2"
        assert len(setting.entra.asked) == 2

    def test_is_for_the_owner_only_and_names_no_refresh_token_in_clear(self, setting: Setting) -> None:
        setting.source().token()
        for path in (setting.path, Path(f"{setting.path}.lock")):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(setting.path.parent.stat().st_mode) == 0o700
        assert GIVEN not in setting.path.read_text()
        assert sorted(entry.name for entry in setting.path.parent.iterdir()) == ["tokens.json", "tokens.json.lock"]

    def test_an_open_file_is_closed_to_others(self, setting: Setting) -> None:
        setting.path.parent.mkdir()
        setting.path.touch(0o644)
        setting.source().token()
        assert stat.S_IMODE(setting.path.stat().st_mode) == 0o600

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n",
            b'{"format": 1}',
            b'{"format": 1, "entries": []}',
            b'{"format": 1, "entries": {"KEY": 3}}',
            b'{"format": 1, "entries": {"KEY": {"access_token": 3, "expires_at": "x", "refresh_token": []}}}',
            b'{"format": 1, "entries": {"KEY": {"access_token": "old", "expires_at": null}}}',
            b'{"format": 1, "entries": {"KEY": {"access_token": "old", "expires_at": 1%s}}}' % (b"0" * 400),
            b'{"format": 1, "entries": {"KEY": {"access_token": "old", "expires_at": NaN, "stored_at": 1e999}}}',
            b'{"format": 1, "entries": {"KEY": {"access_token": "old", "stored_at": -1%s}}}' % (b"0" * 400),
        ],
    )
    def test_a_corrupt_entry_does_no_harm(self, setting: Setting, content: bytes) -> None:
        key = cache_key(
            TENANT, TENANT, "https://login.microsoftonline.com", ConnectionSettings(Credentials()).resource, GIVEN
        )
        setting.path.parent.mkdir()
        setting.path.write_bytes(content.replace(b"KEY", key.encode()))
        assert setting.source().token() == "access-token-1"
        assert setting.source().token() == "access-token-1"
        assert len(setting.entra.asked) == 1

    @pytest.mark.parametrize(
        "content",
        [b"nothing", b"\xff\xfe", b"[]", b"null", b"{}", b'{"format": 2, "entries": {}}', b"[" * 100_000],
    )
    def test_a_file_that_is_something_else_is_refused_and_kept(self, setting: Setting, content: bytes) -> None:
        setting.path.parent.mkdir()
        setting.path.write_bytes(content)
        for refresh_token in (GIVEN, None):
            with pytest.raises(CredentialsError, match=r"token_cache_path: .* something else than a token cache"):
                setting.source(refresh_token).token()
        assert setting.path.read_bytes() == content
        assert setting.entra.asked == []

    def test_a_nul_in_a_path_is_refused_in_words(self) -> None:
        with pytest.raises(CredentialsError, match=r"token_cache_path: .* cannot be used: embedded null"):
            TokenCache("/tmp/to\0kens", Surroundings())

    @given(content=ENTRIES)
    def test_any_json_can_be_loaded_and_replaced(
        self, tmp_path_factory: pytest.TempPathFactory, content: t.Any
    ) -> None:
        path = tmp_path_factory.mktemp("cache") / "tokens"
        path.write_text(json.dumps({"format": 1, "entries": {KEY: content, "other": content}}))
        cache = TokenCache(str(path), Surroundings())
        cache.load(KEY)
        with cache.locked():
            cache.store(KEY, Cached("access-token", 5.0, None))
        assert cache.load(KEY) == Cached("access-token", 5.0, None)

    def test_forgets_what_was_not_used_for_long(self, tmp_path: Path) -> None:
        now = [0.0]
        cache = TokenCache(str(tmp_path / "tokens"), SetClock(lambda: now[0]))
        cache.store("old", Cached("a", 1.0, "b"))
        now[0] = 101 * 86400.0
        cache.store("new", Cached("a", 1.0, "b"))
        assert cache.load("old") == Cached()

    def test_a_link_is_followed(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real" / "tokens")
        TokenCache(str(tmp_path / "link"), Surroundings()).store(KEY, Cached("a", 1.0, "b"))
        assert (tmp_path / "link").is_symlink()
        assert TokenCache(str(tmp_path / "real" / "tokens"), Surroundings()).load(KEY).access_token == "a"

    def test_a_place_that_cannot_be_written_is_named_before_the_sign_in(self, setting: Setting) -> None:
        setting.path.parent.write_text("a file where a folder should be")
        with pytest.raises(CredentialsError, match="token_cache_path"):
            setting.source().token()
        assert setting.entra.asked == []

    @pytest.mark.parametrize("rotates", [False, True])
    def test_a_folder_in_its_place_is_named_before_the_sign_in(self, setting: Setting, rotates: bool) -> None:
        setting.path.mkdir(parents=True)
        rotated = TokenFile(str(setting.path.parent / "rotated"))
        with pytest.raises(CredentialsError, match=r"token_cache_path: .* Is a directory"):
            setting.source().rotate(rotated) if rotates else setting.source().token()
        assert setting.entra.asked == []

    def test_what_is_no_file_is_never_replaced(self, tmp_path: Path) -> None:
        os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
        with pytest.raises(CredentialsError, match=r"token_cache_path: .* not a regular file"):
            Setting(tmp_path / "socket").source().token()
        assert stat.S_ISSOCK((tmp_path / "socket").stat().st_mode)
        assert not (tmp_path / "socket.lock").exists()

    def test_a_home_that_nobody_has_is_named(self) -> None:
        with pytest.raises(CredentialsError, match="token_cache_path: ~nobody-of-this-name/x cannot be used"):
            TokenCache("~nobody-of-this-name/x", Surroundings())

    def test_a_folder_that_takes_no_files_is_named_before_the_sign_in(
        self, setting: Setting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with TokenCache(str(setting.path), Surroundings()).locked():
            pass  # the lock file is there, so that the lock can be had

        def refuse(*_arguments: t.Any, **_options: t.Any) -> t.NoReturn:
            raise PermissionError(13, "Permission denied")

        # Root, as whom tests may run, may write everywhere.
        monkeypatch.setattr("tempfile.mkstemp", refuse)
        with pytest.raises(CredentialsError, match=r"token_cache_path: .* Permission denied"):
            setting.source().token()
        assert setting.entra.asked == []

    def test_a_lock_that_is_never_given_back_is_named(self, tmp_path: Path) -> None:
        path = str(tmp_path / "tokens")
        with (
            TokenCache(path, Surroundings()).locked(),
            pytest.raises(CredentialsError, match="locked"),
            TokenCache(path, Surroundings(), patience=0.2).locked(),
        ):
            pass

    def test_the_lock_is_given_back_after_a_failure(self, tmp_path: Path) -> None:
        cache = TokenCache(str(tmp_path / "tokens"), Surroundings(), patience=0.0)
        with contextlib.suppress(ValueError), cache.locked():
            raise ValueError
        with cache.locked():
            pass

    def test_eight_processes_lose_nothing(self, tmp_path: Path) -> None:
        code = """
from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.token_cache import Cached, TokenCache
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings
cache = TokenCache(given["path"], Surroundings())
together()
for _number in range(25):
    with cache.locked():
        cached = cache.load("shared")
        cache.store("shared", Cached("a", cached.expires_at + 1, "b"))
        cache.store(str(os.getpid()), Cached("a", 1.0, "b"))
"""
        path = tmp_path / "tokens"
        start_together(code, 8, {"path": str(path)}, tmp_path)
        assert TokenCache(str(path), Surroundings()).load("shared").expires_at == 200
        assert len(json.loads(path.read_text())["entries"]) == 9
