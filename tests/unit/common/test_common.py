# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key case, GUIDs, times and redaction."""

from __future__ import annotations

import os
import signal
import threading
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common import case
from ansible_collections.csp.partner_center.plugins.module_utils._common.case import is_guid, same_guid
from ansible_collections.csp.partner_center.plugins.module_utils._common.libraries import REQUIREMENTS
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor, is_redacted
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import StopRequested, Surroundings
from ansible_collections.csp.partner_center.plugins.module_utils._common.times import parse_time, utc_text, utc_text_of


@pytest.mark.parametrize(
    ("key", "snake"),
    [
        ("autoRenewEnabled", "auto_renew_enabled"),
        ("AutoRenewEnabled", "auto_renew_enabled"),
        ("enableGDAPByDefault", "enable_gdap_by_default"),
        ("id", "id"),
        ("supportMpnId", "support_mpn_id"),
        ("already_snake", "already_snake"),
    ],
)
def test_keys_become_snake_case(key: str, snake: str) -> None:
    assert case.to_snake(key) == snake


def test_snake_reaches_every_level_and_leaves_values_alone() -> None:
    received = {"refundOptions": [{"expiresAt": "2021-01-15T00:00:00.1234567Z"}], "newField": {"InnerKey": None}}
    assert case.snake(received) == {
        "refund_options": [{"expires_at": "2021-01-15T00:00:00.1234567Z"}],
        "new_field": {"inner_key": None},
    }


def test_keys_are_found_in_any_case() -> None:
    assert case.get({"FriendlyName": "x"}, "friendlyName") == "x"
    assert case.find_key({"FriendlyName": "x"}, "friendlyName") == "FriendlyName"
    assert case.get({}, "friendlyName", "none") == "none"


def test_guids_are_recognised_and_compared_without_case() -> None:
    assert is_guid("0C39D6D5-c70d-4c55-bc02-f620844f3fd1")
    for wrong in ("0c39d6d5c70d4c55bc02f620844f3fd1", "0c39d6d5-c70d-4c55-bc02-f620844f3fd1\n", "", None, 12):
        assert not is_guid(wrong)
    assert same_guid("0C39D6D5-C70D-4C55-BC02-F620844F3FD1", "0c39d6d5-c70d-4c55-bc02-f620844f3fd1")
    assert not same_guid(None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2015-11-25T06:41:12Z", "2015-11-25T06:41:12Z"),
        ("2021-01-14T16:57:15.0966728Z", "2021-01-14T16:57:15Z"),
        ("2019-01-09T00:21:45.9263727+00:00", "2019-01-09T00:21:45Z"),
        ("2017-01-25T14:53:12.093-08:00", "2017-01-25T22:53:12Z"),
        ("2019-03-04T00:00:00", "2019-03-04T00:00:00Z"),
        ("2015-11-25T06: 41: 12Z", "2015-11-25T06:41:12Z"),
        ("2027-01-31", "2027-01-31T00:00:00Z"),
    ],
)
def test_times_as_the_api_writes_them(text: str, expected: str) -> None:
    parsed = parse_time(text)
    assert parsed is not None
    assert utc_text(parsed) == expected


@pytest.mark.parametrize("text", ["", "P1Y", "yesterday", None, 5, "2021-13-01", "9999-12-31T23:59:59-08:00"])
def test_text_that_is_no_time_gives_none(text: object) -> None:
    assert parse_time(text) is None


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_times_survive_reading(moment: datetime) -> None:
    assert parse_time(moment.isoformat()) == moment


def test_redactor_removes_the_longest_first() -> None:
    told: list[str] = []
    redactor = Redactor(on_add=told.append)
    for secret in ("secret-value", "secret-value-and-more", "short", "", None):
        redactor.add(secret)
    assert (
        redactor.scrub("a secret-value-and-more, a secret-value, a short one") == "a ********, a ********, a short one"
    )
    assert told == ["secret-value", "secret-value-and-more"]
    assert "secret" not in repr(redactor).replace("secrets", "")


def test_redacted_values_are_known() -> None:
    assert is_redacted("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
    assert is_redacted("prefix ******** suffix")
    assert not is_redacted("Contoso ***")
    assert not is_redacted(None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_790_000_000.9, "2026-09-21T14:13:20Z"),
        (None, None),
        ("1790000000", None),
        (float("nan"), None),
        (float("inf"), None),
        (1e30, None),
    ],
)
def test_times_as_tokens_have_them(seconds: object, text: str | None) -> None:
    assert utc_text_of(seconds) == text


def test_what_pip_is_told_to_install_is_what_the_collection_requires() -> None:
    text = (Path(__file__).resolve().parents[3] / "requirements.txt").read_text()
    assert [line for line in text.splitlines() if line[:1].isalpha()] == list(REQUIREMENTS.values())


@pytest.mark.parametrize("is_waiting", [False, True], ids=["while it works", "while it waits for its threads"])
def test_an_interrupt_ends_the_waits_of_a_pool(is_waiting: bool) -> None:
    surroundings, started, ended = Surroundings(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        if is_waiting:
            os.kill(os.getpid(), signal.SIGINT)
        try:
            surroundings.sleep(600)
        except StopRequested:
            ended.set()

    def use() -> None:
        with surroundings.pool(1, "test") as pool:
            pool.submit(work)
            assert started.wait(60)
            if not is_waiting:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use()
    assert ended.wait(60)
