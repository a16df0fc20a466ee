# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file for a fresh refresh token: nothing is replaced that should stay, and no token is lost on its way."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.token_file import TokenFile, do_all
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import CredentialsError
from ansible_collections.csp.partner_center.plugins.module_utils._common import private_file
from ansible_collections.csp.partner_center.plugins.module_utils._common.private_file import PrivateFile

OLD, NEW = "1.AXthe-old-refresh-token", "1.AXthe-new-refresh-token"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "token"


def put(path: Path, content: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    return path


def keep(path: Path, token: str = NEW) -> None:
    with TokenFile(str(path)) as file:
        file.keep(token)


def fail_at(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """The ``number``-th call of a function of ``os`` finds the disk full, and so do all that follow."""
    original: t.Callable[..., t.Any] = getattr(os, name)
    calls: list[None] = []

    def failing(*args: t.Any) -> t.Any:
        calls.append(None)
        if len(calls) >= number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(*args)

    monkeypatch.setattr(os, name, failing)


class TestKeeping:
    def test_the_file_holds_the_token_alone_and_for_its_owner(self, path: Path) -> None:
        keep(path)
        assert path.read_text() == NEW
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert [entry.name for entry in path.parent.iterdir()] == ["token"]

    @pytest.mark.parametrize("content", [OLD, f"{OLD}\n", "", "\n"])
    def test_a_token_is_replaced_and_the_file_closed_to_others(self, path: Path, content: str) -> None:
        put(path, content).chmod(0o644)
        keep(path)
        assert path.read_text() == NEW
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_link_is_followed(self, path: Path, tmp_path: Path) -> None:
        put(path, OLD)
        (tmp_path / "link").symlink_to(path)
        keep(tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert path.read_text() == NEW

    def test_what_is_not_kept_leaves_everything_as_it_was(self, path: Path) -> None:
        put(path, OLD)
        with pytest.raises(ValueError, match="the sign-in failed"), TokenFile(str(path)):
            raise ValueError("the sign-in failed")
        assert path.read_text() == OLD
        assert [entry.name for entry in path.parent.iterdir()] == ["token"]


class TestRefusing:
    @pytest.mark.parametrize(
        "content",
        [
            "two words",
            "first-line\nsecond-line",
            '{"format": 1, "entries": {}}',
            "-----BEGIN PRIVATE KEY-----\nMII",
            "short",
        ],
    )
    def test_a_file_of_another_kind_stays(self, path: Path, content: str) -> None:
        put(path, content)
        with pytest.raises(CredentialsError, match="something else than a refresh token") as caught:
            keep(path)
        assert path.read_text() == content
        assert content not in str(caught.value)

    def test_a_file_that_is_not_text_stays(self, path: Path) -> None:
        put(path, "").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(CredentialsError, match=r"refresh_token_path: .* it is not text"):
            keep(path)

    def test_a_folder_is_named(self, path: Path) -> None:
        path.mkdir(parents=True)
        with pytest.raises(CredentialsError, match=r"refresh_token_path: .*directory"):
            keep(path)

    def test_what_is_no_file_is_never_replaced(self, tmp_path: Path) -> None:
        os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
        with pytest.raises(CredentialsError, match=r"refresh_token_path: .* not a regular file"):
            keep(tmp_path / "socket")
        assert stat.S_ISSOCK((tmp_path / "socket").stat().st_mode)

    def test_a_place_that_cannot_be_is_named(self, path: Path) -> None:
        path.parent.write_text("a file where a folder should be")
        with pytest.raises(CredentialsError, match="refresh_token_path"):
            keep(path)

    def test_a_home_that_nobody_has(self) -> None:
        with pytest.raises(CredentialsError, match="refresh_token_path"):
            TokenFile("~nobody-of-this-name/token")

    def test_a_full_disk_is_noticed_before_a_token_is_asked_for(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(path, OLD)
        fail_at(monkeypatch, "write", 1)
        with pytest.raises(CredentialsError, match="No space left"), TokenFile(str(path)):
            raise AssertionError("it should not have come so far")
        assert [entry.name for entry in path.parent.iterdir()] == ["token"]


class TestNothingIsLost:
    def found_in(self, error: CredentialsError) -> str:
        """The token, from the file that the message names."""
        place = Path(str(error).partition("The new refresh token is in ")[2].partition(". Store it")[0])
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert NEW not in str(error)
        return place.read_text()

    def test_the_token_is_saved_elsewhere_if_the_file_cannot_be_replaced(self, path: Path) -> None:
        with TokenFile(str(path)) as file:
            path.mkdir()  # somebody else has put a folder there meanwhile
            with pytest.raises(CredentialsError) as caught:
                file.keep(NEW)
        assert self.found_in(caught.value) == NEW

    def test_the_token_is_saved_elsewhere_if_the_disk_is_full(
        self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "another-disk"
        other.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(other))
        original = os.write
        # The disk with the file is full; the other one is not.
        monkeypatch.setattr(os, "write", lambda descriptor, content: self.write(original, other, descriptor, content))
        put(path, OLD)
        file = TokenFile(str(path))
        self.full = False
        with file:
            self.full = True
            with pytest.raises(CredentialsError, match="No space left") as caught:
                file.keep(NEW)
        assert self.found_in(caught.value) == NEW
        assert path.read_text() == OLD

    def write(self, original: t.Any, other: Path, descriptor: int, content: bytes) -> int:
        is_other = os.fstat(descriptor).st_ino in {entry.stat().st_ino for entry in other.iterdir()}
        if self.full and not is_other:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return t.cast(int, original(descriptor, content))

    def test_where_no_disk_takes_it_the_message_says_so(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(path, OLD)
        with TokenFile(str(path)) as file:
            fail_at(monkeypatch, "write", 1)
            with pytest.raises(CredentialsError, match="is lost") as caught:
                file.keep(NEW)
        assert NEW not in str(caught.value)
        assert path.read_text() == OLD

    def test_every_place_is_tried_and_the_first_failure_told(self) -> None:
        done: list[str] = []

        def fail(text: str) -> t.Callable[[], None]:
            def step() -> None:
                done.append(text)
                raise CredentialsError(text)

            return step

        with pytest.raises(CredentialsError, match="first"):
            do_all(fail("first"), fail("second"), lambda: done.append("third"))
        assert done == ["first", "second", "third"]


class TestPrivateFile:
    def test_a_shorter_text_leaves_no_rest_of_a_longer_one(self, tmp_path: Path) -> None:
        with PrivateFile(tmp_path / "file") as file:
            file.write("a long text")
            file.write("short")
            file.put()
        assert (tmp_path / "file").read_text() == "short"

    def test_a_text_that_is_written_in_parts_is_whole(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        original = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, content: original(descriptor, content[:3]))
        private_file.replace(tmp_path / "file", "größer als drei")
        assert (tmp_path / "file").read_text() == "größer als drei"

    def test_the_old_content_stays_where_the_new_one_cannot_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").write_text("old")
        fail_at(monkeypatch, "fsync", 1)
        with pytest.raises(OSError, match="No space left"):
            private_file.replace(tmp_path / "file", "new")
        assert (tmp_path / "file").read_text() == "old"
        assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["file"]
