# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credentials and settings are meant: precedence, contradictions, missing parts, malformed values."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import CredentialsError
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.clouds import CLOUDS
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import (
    ConnectionSettings,
    resolve_connection,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.credentials import (
    WAYS,
    Credentials,
    resolve,
)

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-aaaaaaaaaaaa"
APP: dict[str, t.Any] = {"tenant_id": TENANT, "client_id": CLIENT}
VALUES = {
    "client_secret": "a-client-secret",
    "client_certificate_path": "/etc/certificate.pem",
    "federated_token_file": "/var/run/token",
    "access_token": "an-access-token",
    "refresh_token": "a-refresh-token",
    "client_certificate_passphrase": "a-passphrase",
}
SECRETS = ("client_secret", "access_token", "refresh_token", "client_certificate_passphrase")


def env(*names: str, **values: str) -> dict[str, str]:
    return {f"PARTNER_CENTER_{name.upper()}": VALUES[name] for name in names} | values


def options(*names: str) -> dict[str, t.Any]:
    return {**APP, **{name: VALUES[name] for name in names}}


def way_of(credentials: Credentials) -> str | None:
    [way] = [way for way in WAYS if getattr(credentials, way) is not None] or [None]
    return way


class TestWays:
    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("explicit", [True, False])
    def test_each_is_found_in_both_sources(self, way: str, explicit: bool) -> None:
        found = resolve(options(way), {}) if explicit else resolve(APP, env(way))
        assert getattr(found, way) == VALUES[way]
        assert found.mode == ("unknown" if way == "access_token" else "app_only")

    @pytest.mark.parametrize("explicit", WAYS)
    @pytest.mark.parametrize("around", WAYS)
    def test_an_explicit_one_silences_the_environment(self, explicit: str, around: str) -> None:
        assert way_of(resolve(options(explicit), env(around, AZURE_FEDERATED_TOKEN_FILE="/azure"))) == explicit

    @pytest.mark.parametrize("explicit", WAYS)
    def test_an_explicit_one_silences_even_contradictions_of_the_environment(self, explicit: str) -> None:
        found = resolve(options(explicit), env("client_secret", "access_token", "client_certificate_passphrase"))
        assert way_of(found) == explicit

    @pytest.mark.parametrize(
        ("one", "other"), [(one, other) for one in WAYS for other in WAYS if WAYS.index(one) < WAYS.index(other)]
    )
    def test_two_in_one_source_contradict_each_other(self, one: str, other: str) -> None:
        with pytest.raises(CredentialsError, match=f"{one} and {other} contradict"):
            resolve(options(one, other), {})
        with pytest.raises(CredentialsError, match=f"{one.upper()} and PARTNER_CENTER_{other.upper()} contradict"):
            resolve(APP, env(one, other))

    @pytest.mark.parametrize("way", WAYS[1:])
    @pytest.mark.parametrize("source", ["both explicit", "token around", "way around", "both around"])
    def test_a_refresh_token_goes_with_all_but_an_access_token(self, way: str, source: str) -> None:
        explicit = [way] * ("way" not in source and source != "both around")
        explicit += ["refresh_token"] * (source in {"both explicit", "way around"})
        around = [name for name in (way, "refresh_token") if name not in explicit]
        found = resolve(options(*explicit), env(*around))
        assert (way_of(found), found.refresh_token, found.mode) == (way, VALUES["refresh_token"], "app_user")

    def test_a_refresh_token_alone_is_a_public_client(self) -> None:
        found = resolve(options("refresh_token"), {})
        assert (way_of(found), found.mode) == (None, "app_user")

    def test_a_refresh_token_beside_an_access_token_contradicts_it(self) -> None:
        with pytest.raises(CredentialsError, match="access_token and refresh_token contradict"):
            resolve(options("access_token", "refresh_token"), {})
        with pytest.raises(CredentialsError, match="PARTNER_CENTER_ACCESS_TOKEN and PARTNER_CENTER_REFRESH_TOKEN"):
            resolve({}, env("access_token", "refresh_token"))

    def test_an_explicit_access_token_silences_a_refresh_token_around(self) -> None:
        assert resolve(options("access_token"), env("refresh_token")).refresh_token is None

    def test_an_explicit_refresh_token_silences_an_access_token_around(self) -> None:
        found = resolve(options("refresh_token"), env("access_token"))
        assert (found.access_token, found.refresh_token) == (None, VALUES["refresh_token"])

    def test_an_access_token_needs_no_application(self) -> None:
        assert resolve({"access_token": VALUES["access_token"]}, {}).tenant_id is None

    @pytest.mark.parametrize("refresh", [[], ["refresh_token"]])
    def test_azures_file_counts_where_no_way_is_given(self, refresh: list[str]) -> None:
        found = resolve(options(*refresh), {"AZURE_FEDERATED_TOKEN_FILE": "/azure"})
        assert found.federated_token_file == "/azure"

    def test_our_own_file_beats_azures(self) -> None:
        found = resolve(APP, env("federated_token_file", AZURE_FEDERATED_TOKEN_FILE="/azure"))
        assert found.federated_token_file == VALUES["federated_token_file"]

    def test_other_variables_of_azure_do_not_count(self) -> None:
        with pytest.raises(CredentialsError, match="No credentials"):
            resolve({}, {"AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_SECRET": "x" * 10})


class TestPassphrase:
    def test_goes_with_the_certificate(self) -> None:
        found = resolve(options("client_certificate_path", "client_certificate_passphrase"), {})
        assert found.client_certificate_passphrase == VALUES["client_certificate_passphrase"]
        found = resolve(options("client_certificate_path"), env("client_certificate_passphrase"))
        assert found.client_certificate_passphrase == VALUES["client_certificate_passphrase"]

    def test_a_passphrase_of_the_environment_is_not_used_for_an_explicit_certificate(self) -> None:
        around = env("client_certificate_path", "client_certificate_passphrase")
        found = resolve({**APP, "client_certificate_path": "/another.pem"}, around)
        assert found.client_certificate_passphrase is None

    @pytest.mark.parametrize("way", [*WAYS[:2], WAYS[3], "refresh_token"])
    def test_without_certificate_is_an_error(self, way: str) -> None:
        with pytest.raises(CredentialsError, match="passphrase is given without client_certificate_path"):
            resolve(options(way, "client_certificate_passphrase"), {})
        with pytest.raises(CredentialsError, match="PASSPHRASE is given without"):
            resolve(APP, env(way, "client_certificate_passphrase"))
        with pytest.raises(CredentialsError, match="passphrase is given without"):
            resolve({**APP, "client_certificate_passphrase": "a-passphrase"}, env(way))


class TestMissing:
    def test_without_any_credentials_the_error_names_every_way(self) -> None:
        with pytest.raises(CredentialsError, match="No credentials are given") as caught:
            resolve({}, {})
        for way in (*WAYS, "refresh_token"):
            assert way in str(caught.value)

    @pytest.mark.parametrize("name", [*WAYS[1:], "refresh_token"])
    @pytest.mark.parametrize("missing", ["tenant_id", "client_id"])
    def test_a_missing_tenant_id_or_client_id_is_named(self, name: str, missing: str) -> None:
        given = {key: value for key, value in options(name).items() if key != missing}
        with pytest.raises(CredentialsError, match=f"^{missing} is missing") as caught:
            resolve(given, {})
        assert f"PARTNER_CENTER_{missing.upper()}" in str(caught.value)
        other = {f"PARTNER_CENTER_{missing.upper()}": APP[missing]}
        assert getattr(resolve(given, other), missing) == APP[missing]

    def test_missing_tenant_id_and_client_id_are_both_named(self) -> None:
        with pytest.raises(CredentialsError, match="tenant_id and client_id are missing"):
            resolve({"client_secret": "a-client-secret"}, {})


class TestFirstSignIn:
    """Somebody is about to sign in: the application's ids are enough, and a ready token is no use."""

    def test_a_public_client_needs_no_more_than_its_ids(self) -> None:
        found = resolve_connection(APP, {}, first_sign_in=True).credentials
        assert (found.tenant_id, found.client_id, found.proves_client) == (APP["tenant_id"], APP["client_id"], False)

    @pytest.mark.parametrize("missing", ["tenant_id", "client_id"])
    def test_a_public_client_needs_tenant_id_and_client_id(self, missing: str) -> None:
        given = {name: value for name, value in APP.items() if name != missing}
        with pytest.raises(CredentialsError, match=f"^{missing} is missing"):
            resolve_connection(given, {}, first_sign_in=True)

    @pytest.mark.parametrize("way", WAYS[1:])
    def test_an_access_token_is_not_looked_at(self, way: str) -> None:
        for explicit, around in (
            (options("access_token", way), {}),
            (options("access_token"), env(way)),
            (dict(APP), env("access_token", way)),
        ):
            found = resolve_connection(explicit, around, first_sign_in=True).credentials
            assert found.access_token is None
            assert way_of(found) == way

    def test_an_old_refresh_token_is_known(self) -> None:
        found = resolve_connection(options("client_secret", "refresh_token"), {}, first_sign_in=True).credentials
        assert found.refresh_token == VALUES["refresh_token"]

    def test_two_ways_contradict_each_other_as_ever(self) -> None:
        with pytest.raises(CredentialsError, match="contradict"):
            resolve_connection(options("client_secret", "federated_token_file"), {}, first_sign_in=True)

    @pytest.mark.parametrize("explicit", [True, False])
    def test_after_it_a_cache_may_hold_what_is_missing(self, explicit: bool) -> None:
        given = {**APP, "token_cache_path": "/cache"} if explicit else APP
        around = {} if explicit else {"PARTNER_CENTER_TOKEN_CACHE_PATH": "/cache"}
        assert resolve_connection(given, around).credentials.mode == "app_only"
        with pytest.raises(CredentialsError, match="No credentials are given"):
            resolve_connection(APP, {})


class TestValues:
    @pytest.mark.parametrize("name", SECRETS)
    @pytest.mark.parametrize(
        "value",
        ["tiny", "1234567", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "abc********", " padded-secret", "secret-nl\n"],
    )
    def test_secrets_that_cannot_be_are_refused_unseen(self, name: str, value: str) -> None:
        given = options("client_certificate_path") if name == "client_certificate_passphrase" else dict(APP)
        with pytest.raises(CredentialsError, match=name) as caught:
            resolve({**given, name: value}, {})
        if not value.isupper():
            assert value.strip() not in str(caught.value)
        with pytest.raises(CredentialsError, match=f"PARTNER_CENTER_{name.upper()}"):
            resolve(given, {f"PARTNER_CENTER_{name.upper()}": value})

    @pytest.mark.parametrize("name", ["access_token", "refresh_token"])
    @pytest.mark.parametrize("value", ["token with space", "token\r\nX-Header: evil", "token\twith\ttabs"])
    def test_tokens_have_no_white_space(self, name: str, value: str) -> None:
        with pytest.raises(CredentialsError, match=name):
            resolve({**APP, name: value}, {})

    @pytest.mark.parametrize("name", [*VALUES, "tenant_id", "client_id"])
    def test_empty_is_refused_when_explicit_and_unset_in_the_environment(self, name: str) -> None:
        with pytest.raises(CredentialsError, match=name):
            resolve({**options("client_certificate_path", "refresh_token"), name: ""}, {})
        around = {f"PARTNER_CENTER_{name.upper()}": ""}
        assert resolve(options("client_secret"), around).client_secret == VALUES["client_secret"]

    @pytest.mark.parametrize("name", [*VALUES, "tenant_id", "client_id"])
    @pytest.mark.parametrize("value", [3, True, {"a": None}, ["x"], 1.5])
    def test_other_types_are_refused(self, name: str, value: t.Any) -> None:
        with pytest.raises(CredentialsError, match=name):
            resolve({**options("client_certificate_path"), name: value}, {})

    @pytest.mark.parametrize(
        "tenant", [TENANT, TENANT.upper(), "contoso.onmicrosoft.com", "contoso.de", "a-b.c-d.example"]
    )
    def test_tenant_ids_and_domains_are_accepted(self, tenant: str) -> None:
        assert resolve({**options("client_secret"), "tenant_id": tenant}, {}).tenant_id == tenant

    @pytest.mark.parametrize(
        "tenant", ["common", "organizations", "a/b.example", "x.y?z", TENANT[:-1], "..", "a..b", "-a.de"]
    )
    def test_invalid_tenants_are_refused(self, tenant: str) -> None:
        with pytest.raises(CredentialsError, match="tenant_id"):
            resolve({**options("client_secret"), "tenant_id": tenant}, {})

    @pytest.mark.parametrize("client", ["my-app", TENANT[:-1], TENANT + "0", "{" + TENANT + "}"])
    def test_invalid_client_ids_are_refused(self, client: str) -> None:
        with pytest.raises(CredentialsError, match="client_id"):
            resolve({**options("client_secret"), "client_id": client}, {})

    def test_repr_shows_no_secret(self) -> None:
        found = resolve(options("client_certificate_path", "client_certificate_passphrase", "refresh_token"), {})
        settings = ConnectionSettings(found)
        for secret in found.secrets:
            assert secret not in repr(found)
            assert secret not in repr(settings)
            assert secret not in str(settings)
        assert len(found.secrets) == 2


ANY = st.sampled_from(["absent", "given"])


@given(
    st.fixed_dictionaries(dict.fromkeys(VALUES, ANY)), st.fixed_dictionaries(dict.fromkeys(VALUES, ANY)), st.booleans()
)
def test_any_mixture_gives_one_way_or_a_named_error(
    explicit: dict[str, str], around: dict[str, str], azure: bool
) -> None:
    chosen = {name: f"explicit-{name}" for name, state in explicit.items() if state == "given"}
    environment = {
        f"PARTNER_CENTER_{name.upper()}": f"around-{name}" for name, state in around.items() if state == "given"
    }
    if azure:
        environment["AZURE_FEDERATED_TOKEN_FILE"] = "azure-file"
    try:
        found = resolve({**APP, **chosen}, environment)
    except CredentialsError as refusal:
        message = str(refusal).lower()
        assert any(name in message for name in VALUES)
        return
    way = way_of(found)
    explicit_ways = [name for name in WAYS if name in chosen]
    assert len(explicit_ways) <= 1
    if explicit_ways:
        assert way == explicit_ways[0]
        assert getattr(found, way) == f"explicit-{way}"
    if "refresh_token" in chosen:
        assert found.refresh_token == "explicit-refresh_token"
    assert found.federated_token_file != "azure-file" or not explicit_ways


class TestConnection:
    def settle(self, explicit: dict[str, t.Any] | None = None, environment: dict[str, str] | None = None) -> t.Any:
        return resolve_connection({**options("client_secret"), **(explicit or {})}, environment or {})

    def test_defaults(self) -> None:
        settings = self.settle()
        assert settings.cloud == "global"
        assert settings.api_url == "https://api.partnercenter.microsoft.com"
        assert settings.authority_url == "https://login.microsoftonline.com"
        assert (settings.timeout, settings.retries, settings.locale) == (60, 5, "en-US")
        assert (settings.validate_certs, settings.ca_path, settings.token_cache_path) == (None, None, None)
        assert settings.warnings == ()

    @pytest.mark.parametrize("cloud", CLOUDS)
    def test_clouds(self, cloud: str) -> None:
        settings = self.settle({"cloud": cloud})
        assert settings.api_url == CLOUDS[cloud].api_url
        assert settings.authority_url == CLOUDS[cloud].authority_url
        assert bool(settings.warnings) == (cloud == "germany")

    def test_addresses_can_be_overridden_without_changing_the_resource(self) -> None:
        settings = self.settle({"cloud": "us_government", "api_url": "https://gateway.example:8443/"})
        assert settings.api_url == "https://gateway.example:8443"
        assert settings.authority_url == "https://login.microsoftonline.us"
        assert settings.resource == "https://api.partnercenter.microsoft.com"

    @pytest.mark.parametrize(
        ("name", "explicit", "around", "other"),
        [
            ("cloud", "germany", "global", "germany"),
            ("api_url", "https://one.example", "https://two.example", "https://one.example"),
            ("authority_url", "https://one.example", "https://two.example", "https://one.example"),
            ("validate_certs", False, "true", False),
            ("validate_certs", True, "no", True),
            ("ca_path", "/one", "/two", "/one"),
            ("timeout", 7, "8", 7),
            ("retries", 0, "8", 0),
            ("locale", "de", "fr-FR", "de"),
            ("token_cache_path", "/one", "/two", "/one"),
            ("tenant_id", "one.example", "two.example", "one.example"),
        ],
    )
    def test_explicit_values_win(self, name: str, explicit: t.Any, around: str, other: t.Any) -> None:
        environment = {f"PARTNER_CENTER_{name.upper()}": around}
        settled = self.settle({name: explicit}, environment)
        assert getattr(settled.credentials if name == "tenant_id" else settled, name) == other
        if name != "tenant_id":
            alone = getattr(self.settle({}, environment), name)
            assert str(alone).lower() == {"no": "false"}.get(around, around).lower()

    def test_an_invalid_variable_that_is_overridden_does_no_harm(self) -> None:
        assert self.settle({"timeout": 3}, {"PARTNER_CENTER_TIMEOUT": "soon"}).timeout == 3

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("cloud", "azure"),
            ("api_url", "http://api.example"),
            ("api_url", "http://127.0.0.1:8080"),
            ("api_url", "api.example"),
            ("api_url", "https://"),
            ("api_url", "https://user:password@api.example"),
            ("api_url", "https://api.example/v2"),
            ("api_url", "https://api.example?x=1"),
            ("api_url", "https://api.example:99999"),
            ("api_url", "https://api.example:x"),
            ("api_url", "https://api exam.ple"),
            ("authority_url", "https://login.example/tenant"),
            ("authority_url", "https://login.example/v1"),
            ("authority_url", "http://login.example"),
            ("validate_certs", "maybe"),
            ("validate_certs", 7),
            ("timeout", 0),
            ("timeout", True),
            ("timeout", 1.5),
            ("timeout", "1.5"),
            ("retries", -1),
            ("retries", "-1"),
            ("locale", "en-US\r\nX: y"),
            ("locale", "e"),
            ("requests_per_minute", 0),
            ("ca_path", ""),
            ("ca_path", "********"),
            ("ca_path", "/tmp/c\0a"),
            ("token_cache_path", "\0"),
        ],
    )
    def test_what_cannot_be_is_refused(self, name: str, value: t.Any) -> None:
        with pytest.raises(CredentialsError, match=name):
            self.settle({name: value})

    def test_templates_make_strings_of_digits(self) -> None:
        settings = self.settle({"timeout": "30", "retries": " 2 ", "validate_certs": "no", "requests_per_minute": "9"})
        assert (settings.timeout, settings.retries, settings.validate_certs) == (30, 2, False)
        assert settings.requests_per_minute == 9

    @pytest.mark.parametrize(
        ("given", "normal"),
        [
            ("https://API.Example/", "https://api.example"),
            ("https://api.example:443", "https://api.example"),
            ("https://api.example/v1/", "https://api.example"),
            ("https://[::1]:8443", "https://[::1]:8443"),
        ],
    )
    def test_addresses_take_their_normal_form(self, given: str, normal: str) -> None:
        assert self.settle({"api_url": given}).api_url == normal
