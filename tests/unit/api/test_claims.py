# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a token says of itself, well-formed or not."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._api.auth.claims import claims, kind_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def token(payload: bytes) -> str:
    parts = [b'{"alg":"RS256"}', payload, b"signature"]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


# Payloads of every length that base64 pads differently, and characters that its alphabets spell differently.
@given(st.dictionaries(st.text(), JSON))
def test_claims_come_out_as_they_went_in(payload: dict[str, t.Any]) -> None:
    assert claims(token(json.dumps(payload, ensure_ascii=False).encode("utf-8", "surrogatepass"))) == payload


@pytest.mark.parametrize(
    "text",
    [
        "",
        "opaque",
        "one.two",
        "a.b.c.d",
        "..",
        "a.!!!.c",
        "a.ü.c",
        token(b"not json"),
        token(b"\xff\xfe"),
        token(b'["a", "list"]'),
        token(b"7"),
        token(b"null"),
    ],
)
def test_what_is_no_token_says_nothing(text: str) -> None:
    assert claims(text) == {}


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    assert isinstance(claims(text), dict)
    assert isinstance(claims(f"a.{text}.c"), dict)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ({"idtyp": "app", "roles": ["x"]}, "app_only"),
        ({"idtyp": "app", "scp": "x"}, "app_only"),
        ({"idtyp": "user", "scp": "x"}, "app_user"),
        ({"scp": "user_impersonation"}, "app_user"),
        ({"scp": "user_impersonation", "roles": ["x"]}, "app_user"),
        ({"roles": ["x"]}, "app_only"),
        ({"idtyp": "device"}, None),
        ({"idtyp": ["app"]}, None),
        ({"scp": 3, "roles": "x"}, None),
        ({}, None),
    ],
)
def test_whose_token_it_is(found: dict[str, t.Any], kind: str | None) -> None:
    assert kind_of(found) == kind
