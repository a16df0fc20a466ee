# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What errors say, to people and to the engine."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import (
    AmbiguousWrite,
    ApiError,
    AppUserRequired,
    CredentialsError,
    PartnerCenterError,
    TransportError,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.hints import api_hint, entra_hint

IDS: dict[str, t.Any] = {"method": "PATCH", "path": "/v1/x", "request_id": "rid", "correlation_id": "cid"}


def api_error(status: int, code: str | None = None, **others: t.Any) -> ApiError:
    return ApiError(status=status, code=code, **others, **IDS)


def test_a_refusal_reads_for_people() -> None:
    error = api_error(400, "800090", source="PartnerFD", description="The quantity cannot be decreased")
    assert str(error) == (
        "PATCH /v1/x: Partner Center answered 400 (code 800090, PartnerFD): The quantity cannot be decreased. "
        "Outside the refund window seats can only be reduced for the renewal (scheduled_next_term_instructions). "
        "[MS-RequestId: rid, MS-CorrelationId: cid]"
    )


def test_a_refusal_without_words_says_so() -> None:
    assert "Partner Center answered 418: no description." in str(api_error(418))


def test_to_dict_is_plain_and_complete() -> None:
    error = api_error(429, None, description="Slow down", retry_after=5.0)
    assert error.to_dict() == {
        "type": "ApiError",
        "message": "Partner Center answered 429: Slow down.",
        "hint": api_hint(429, None),
        "status": 429,
        "description": "Slow down",
        "retry_after": 5.0,
        **IDS,
    }


@pytest.mark.parametrize(
    "error",
    [
        PartnerCenterError("m"),
        CredentialsError("m", codes=["AADSTS50076"], trace_id="t", correlation_id="c"),
        AppUserRequired("The support contact"),
        api_error(400, "2000"),
        TransportError("m", **IDS),
        AmbiguousWrite("lost", **IDS),
    ],
)
def test_every_error_has_message_type_and_text(error: PartnerCenterError) -> None:
    shown = error.to_dict()
    assert shown["type"] == type(error).__name__
    assert shown["message"] in str(error)
    assert None not in shown.values()


@pytest.mark.parametrize(
    ("status", "code", "stale", "pending", "unavailable"),
    [
        (400, "2055", True, False, False),
        (412, None, True, False, False),
        (417, "800036", True, False, False),
        (417, None, False, False, False),
        (400, "2000", False, False, False),
        (409, "900278", False, True, False),
        (409, "800014", False, False, False),
        (403, "20002", False, False, True),
        (404, None, False, False, True),
        (401, None, False, False, False),
    ],
)
def test_statuses_and_codes_are_classified_as_stale_pending_or_unavailable(
    status: int, code: str | None, stale: bool, pending: bool, unavailable: bool
) -> None:
    error = api_error(status, code)
    assert (error.is_stale, error.is_pending, error.is_unavailable) == (stale, pending, unavailable)


@pytest.mark.parametrize(
    ("status", "code", "not_ready"),
    [
        (409, None, True),
        (409, "800082", True),
        (400, "800082", True),
        (400, "900280", True),
        # Final: a later try is refused as well.
        *((400, code, False) for code in ("900277", "900279", "900311", "900117", "900213", "900214", "900257")),
        (403, "900263", False),
        (409, "27009", False),
    ],
)
def test_what_passes_is_told_apart_from_what_is_final(status: int, code: str | None, not_ready: bool) -> None:
    assert api_error(status, code).is_not_ready is not_ready


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (401, "900420", "resource"),
        (401, "900421", "MFA"),
        (403, "900329", "refresh_token"),
        (403, "1002", "indirect reseller"),
        (401, "unheard-of", "tenant_id"),
        (403, "unheard-of", "relationship"),
        (429, None, "requests_per_minute"),
        # Known since October 2023.
        (400, "27006", "promotion_id"),
        (400, "27007", "promotion_id"),
        (400, "800107", "trial"),
        (400, "800121", "P3Y"),
        (400, "800122", "scheduled_next_term_instructions"),
        (400, "900213", "end_of_term: cancel"),
        (400, "900214", "scheduled_next_term_instructions"),
        (400, "900257", "scheduled_next_term_instructions"),
        (400, "900244", "custom_term_end_date"),
        (400, "900245", "custom_term_end_date"),
        (400, "900246", "custom_term_end_date"),
        (400, "900277", "being ended"),
        (400, "900279", "no longer"),
        (400, "900280", "later"),
        (400, "900311", "1,200"),
        (403, "900263", "legacy"),
        (404, "400019", "availability_id"),
        (409, "800082", "later"),
    ],
)
def test_hints_of_the_api(status: int, code: str | None, word: str) -> None:
    assert word in str(api_hint(status, code))


def test_a_code_is_only_known_with_its_status() -> None:
    assert api_hint(400, "2006") is not None
    assert api_hint(500, "2006") is None


@pytest.mark.parametrize(
    ("error", "codes", "word"),
    [
        ("invalid_grant", ["AADSTS50076"], "MFA"),
        ("invalid_grant", ["AADSTS50078"], "MFA"),
        ("invalid_grant", ["AADSTS65001"], "consent"),
        ("invalid_client", ["AADSTS7000215"], "client_secret"),
        ("unauthorized_client", ["AADSTS700016"], "client_id"),
        ("invalid_grant", [], "refresh_token"),
        ("invalid_grant", ["AADSTS99"], "refresh_token"),
        ("invalid_grant", ["AADSTS99", "AADSTS65001"], "consent"),
    ],
)
def test_hints_of_entra(error: str, codes: list[str], word: str) -> None:
    assert word in str(entra_hint(error, codes))


def test_an_unknown_error_of_entra_has_no_hint() -> None:
    assert entra_hint("unheard_of", ["AADSTS1"]) is None
    assert entra_hint(None, []) is None
