# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The refusals that operators meet most, by the real client, each with what to do about it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.client import PartnerCenter
from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import (
    ApiError,
    AppUserRequired,
    CredentialsError,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor

from ..emulators import Emulator

CONSENT = "playbook csp.partner_center.consent"


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "1")


def client(emulator: Emulator, **others: t.Any) -> PartnerCenter:
    given = {**emulator.connection, "retries": 0, **others}
    return connect(
        resolve_connection({name: value for name, value in given.items() if value is not None}, {}), redactor=Redactor()
    )


def with_token(emulator: Emulator, resource: str) -> PartnerCenter:
    """A client with an application's token for ``resource``, as another tool would have obtained it."""
    import msal
    import requests

    with requests.Session() as session:
        session.trust_env = False
        session.verify = emulator.facts["ca_path"]
        application = msal.ConfidentialClientApplication(
            emulator.facts["client_id"],
            client_credential=emulator.facts["client_secret"],
            authority=f"{emulator.facts['authority_url']}/{emulator.facts['tenant_id']}",
            instance_discovery=False,
            http_client=session,
        )
        token = application.acquire_token_for_client([f"{resource}/.default"])["access_token"]
    return client(emulator, client_secret=None, refresh_token=None, access_token=token)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("50076", "Multi-factor authentication is needed"),
        ("50078", "multi-factor sign-in has expired"),
        ("65001", "API permission user_impersonation"),
    ],
)
def test_errors_that_need_a_new_sign_in_have_a_hint(emulator: Emulator, number: str, text: str) -> None:
    emulator.switch(entra_error=number)
    with pytest.raises(CredentialsError) as caught:
        client(emulator).support_profile()
    assert f"AADSTS{number}" in caught.value.codes
    assert text in str(caught.value.hint)
    assert CONSENT in str(caught.value.hint)
    assert caught.value.trace_id
    assert caught.value.trace_id in str(caught.value)


def revoked(emulator: Emulator) -> None:
    emulator.control("POST", "tokens", {"revoke": "all"})


def unused_for_long(emulator: Emulator) -> None:
    emulator.control("POST", "clock", {"advance": 91 * 86400})


def something_new(emulator: Emulator) -> None:
    body = {"error": "invalid_grant", "error_description": "AADSTS999999: Something new."}
    emulator.fault(match={"path": "*/token"}, action="body", status=400, body=body)


@pytest.mark.parametrize(
    ("happened", "code", "text"),
    [
        (revoked, "AADSTS50173", "was revoked"),
        (unused_for_long, "AADSTS700082", "90 days"),
        (something_new, "AADSTS999999", "no longer accepted"),
    ],
)
def test_a_refused_refresh_token_has_a_hint(
    emulator: Emulator, happened: t.Callable[[Emulator], None], code: str, text: str
) -> None:
    happened(emulator)
    with pytest.raises(CredentialsError) as caught:
        client(emulator).support_profile()
    assert caught.value.error == "invalid_grant"
    assert caught.value.codes == (code,)
    assert text in str(caught.value.hint)
    assert CONSENT in str(caught.value.hint)


def test_a_token_without_mfa_has_a_hint(emulator: Emulator) -> None:
    emulator.switch(token_mfa=False)
    user = client(emulator)
    assert user.signed_in().claims["amr"] == ["pwd"]
    with pytest.raises(ApiError) as caught:
        user.support_profile()
    assert (caught.value.status, caught.value.code) == (401, "900421")
    assert CONSENT in str(caught.value.hint)


@pytest.mark.parametrize("resource", ["https://graph.windows.net", "https://management.azure.com"])
def test_a_token_for_another_audience_has_a_hint(emulator: Emulator, resource: str) -> None:
    ready = with_token(emulator, resource)
    assert ready.signed_in().claims["aud"] == resource
    with pytest.raises(ApiError) as caught:
        next(ready.customers())
    assert (caught.value.status, caught.value.code) == (401, "900420")
    assert "It must be for https://api.partnercenter.microsoft.com" in str(caught.value.hint)


def test_an_app_only_token_where_a_user_is_needed_has_a_hint(emulator: Emulator) -> None:
    with pytest.raises(AppUserRequired) as refused:
        client(emulator, refresh_token=None).support_profile()
    assert CONSENT in str(refused.value.hint)
    assert emulator.requests() == []
    # Of a ready token the kind is not known for sure; then the API refuses.
    ready = with_token(emulator, "https://api.partnercenter.microsoft.com")
    assert ready.signed_in().mode == "app_only"
    with pytest.raises(ApiError) as caught:
        ready.support_profile()
    assert (caught.value.status, caught.value.code) == (403, "900329")
    assert "Give refresh_token" in str(caught.value.hint)


def test_the_refusal_of_an_indirect_reseller_has_a_hint(emulator: Emulator) -> None:
    emulator.switch(partner_type="indirect_reseller")
    with pytest.raises(ApiError) as caught:
        next(client(emulator).customers())
    assert (caught.value.status, caught.value.code) == (403, "1002")
    assert "an indirect reseller cannot" in str(caught.value.hint)


def test_a_direct_partner_has_no_resellers(emulator: Emulator) -> None:
    emulator.switch(partner_type="direct")
    direct = client(emulator)
    next(direct.customers())
    with pytest.raises(ApiError) as caught:
        direct.indirect_resellers()
    assert (caught.value.status, caught.value.code) == (403, "1002")
    assert "only indirect providers have indirect resellers" in str(caught.value.hint)
