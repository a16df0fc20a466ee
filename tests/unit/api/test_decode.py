# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bodies: nothing is lost on the way in and out, and every shape of error says something."""

from __future__ import annotations

import copy
import json
import pickle
import typing as t
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._api.decode import (
    LONGEST_EXCERPT,
    Unreadable,
    dump_json,
    excerpt,
    parse_json,
    read_fault,
    retry_after,
)

NOW = 1_790_000_000.0


def plain(text: str) -> str:
    return text


class TestRoundTrip:
    @pytest.mark.parametrize(
        "number",
        [
            "1.10",
            "1E5",
            "1e-7",
            "-0.0",
            "100000000000000000000000000000001",
            "0.1",
            "3.14159265358979323846264338",
            "1.0",
        ]
        + ["9007199254740993", "-12"],
    )
    def test_numbers_come_out_as_they_came(self, number: str) -> None:
        text = f'{{"a":[{number}],"b":{{"c":{number}}}}}'.encode()
        assert dump_json(parse_json(text)) == text
        assert dump_json(copy.deepcopy(parse_json(text))) == text
        assert dump_json(pickle.loads(pickle.dumps(parse_json(text)))) == text

    def test_parsed_numbers_can_be_calculated_with(self) -> None:
        value = parse_json(b"1.10")
        assert value == 1.1
        assert value + 1 == pytest.approx(2.1)
        assert json.loads(json.dumps({"a": value})) == {"a": 1.1}

    def test_key_order_case_dates_and_unknown_fields_survive(self) -> None:
        text = '{"z":1,"A":null,"a":"2021-01-14T16:57:15.0966728Z","ü":[true,{"id":"ABC"}],"emoji":"😀"}'.encode()
        assert dump_json(parse_json(text)) == text

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            (b"[" * 66 + b"]" * 66, "nested more than 64 levels"),
            (b'{"a":' * 330 + b"1" + b"}" * 330, "nested more than 64 levels"),
            (b"[" * 100_000 + b"]" * 100_000, "nested more than 64 levels"),
            (b'{"quantity":1e400}', "too large"),
            (b"[-1e999]", "too large"),
            (b"[" + b"9" * 400 + b"]", "too large"),
            (b"[" + b"9" * 5000 + b"]", "too large"),
            (b'{"a":"\\ud800"}', "half a character"),
            (b'{"\\uDC00x":1}', "half a character"),
            (b'["\\ud83d\\ud83d\\ude00"]', "half a character"),
        ],
    )
    def test_what_nothing_after_it_could_handle_is_refused_by_its_name(self, body: bytes, problem: str) -> None:
        with pytest.raises(Unreadable, match=problem):
            parse_json(body)

    def test_nesting_up_to_the_limit_and_whole_characters_are_taken(self) -> None:
        deepest = b"[" * 64 + b"1" + b"]" * 64
        assert dump_json(parse_json(deepest)) == deepest
        assert parse_json(b'["\\ud83d\\ude00"]') == ["😀"]
        assert parse_json(b'["\\\\ud800"]') == ["\\ud800"]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_any_json_survives_the_round_trip(self, value: t.Any) -> None:
        text = json.dumps(value, ensure_ascii=True).encode()
        parsed = parse_json(text)
        assert parsed == value
        dumped = dump_json(parsed)
        assert dump_json(parse_json(dumped)) == dumped
        assert json.loads(dumped) == value


class TestParsing:
    @pytest.mark.parametrize("body", [b"", b"\xef\xbb\xbf", b" \n", b"\xef\xbb\xbf \r\n", b"null"])
    def test_an_empty_body_is_none(self, body: bytes) -> None:
        assert parse_json(body) is None

    @pytest.mark.parametrize("body", [b"<html>", b"{", b"NaN", b'{"a": Infinity}', b"\xff", b"[" * 100_000])
    def test_a_body_that_is_not_json_is_unreadable(self, body: bytes) -> None:
        with pytest.raises(Unreadable):
            parse_json(body)


class TestFaults:
    @pytest.mark.parametrize(
        ("body", "code", "source", "description"),
        [
            (b'{"code":800090,"description":"D","data":[],"source":"PartnerFD"}', "800090", "PartnerFD", "D"),
            (b'{"code":"800090","description":"D"}', "800090", None, "D"),
            (b'{"Code":"x","Description":"D","Source":"S"}', "x", "S", "D"),
            (b'{"code":0,"description":"D"}', "0", None, "D"),
            (b'{"code":true,"description":"D"}', None, None, "D"),
            (b'{"code":"  ","description":"D"}', None, None, "D"),
            (b'\xef\xbb\xbf{"code":1,"description":"D"}', "1", None, "D"),
            (b'{"statusCode": 429, "message": "Rate limit is exceeded."}', None, None, "Rate limit is exceeded."),
            (b'{"error":{"code":"Forbidden","message":"M"}}', "Forbidden", None, "M"),
            (b'{"error":"invalid_grant","error_description":"E"}', None, None, "E"),
            (b'{"something":"else"}', None, None, '{"something":"else"}'),
            (b'"text"', None, None, "text"),
            (b"", None, None, None),
            (b"[]", None, None, None),
            (b"{}", None, None, None),
            (b"Bad gateway", None, None, "the answer was text that is not JSON: Bad gateway"),
            (b"<h1>Bad</h1><script>x()</script><p>gate&amp;way", None, None, "the answer was HTML: Bad gate&way"),
        ],
    )
    def test_code_source_and_description_are_read_from_every_shape(
        self, body: bytes, code: str | None, source: str | None, description: str | None
    ) -> None:
        fault = read_fault(body, {}, NOW, plain)
        assert (fault.code, fault.source, fault.description) == (code, source, description)

    def test_long_texts_are_cut_after_scrubbing(self) -> None:
        secret = "the-secret-of-secrets"
        text = "x" * (LONGEST_EXCERPT - 5) + secret
        shown = excerpt(text, lambda value: value.replace(secret, "********"))
        assert len(shown) <= LONGEST_EXCERPT
        assert "the" not in shown

    def test_a_secret_with_white_space_is_scrubbed_before_that_is_folded(self) -> None:
        assert excerpt("my  pass phrase!", lambda text: text.replace("my  pass phrase", "***")) == "***!"

    @pytest.mark.parametrize("token", ["eyJhbGciOiJSUzI1NiIsInR5cCI.eyJhdWQ.c2lnbmF0dXJl", "1.AX" + "a-b_c" * 12])
    def test_what_looks_like_a_token_is_not_quoted(self, token: str) -> None:
        assert excerpt(f"got {token}, thanks", plain) == "got ********, thanks"

    @given(st.binary(max_size=300))
    def test_any_bytes_give_a_fault(self, body: bytes) -> None:
        fault = read_fault(body, {"Retry-After": body.decode("latin-1")}, NOW, plain)
        assert fault.description is None or len(fault.description) <= LONGEST_EXCERPT + 60


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("57", 57.0),
            (" 5 ", 5.0),
            ("1.5", 1.5),
            ("0", 0.0),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("99999999999", 1e9),
            (formatdate(NOW + 90, usegmt=True), 90.0),
            (formatdate(NOW - 90, usegmt=True), 0.0),
        ],
    )
    def test_retry_after_is_read_from_the_header(self, header: str, seconds: float | None) -> None:
        assert retry_after({"Retry-After": header}, b"", NOW) == seconds

    def test_retry_after_is_read_from_the_text_of_the_gateway(self) -> None:
        assert retry_after({}, b'{"message":"Try again in 57 seconds."}', NOW) == 57.0
        assert retry_after({"Retry-After": "3"}, b'{"message":"Try again in 57 seconds."}', NOW) == 3.0
