# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that Microsoft's own description of the API generated walks the emulator.

The emulator's author wrote neither that description nor the client, so that they judge it.
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Runtime, drive
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Desired, ResourceOutcome, Target

from .hand import Hand, read

pytestmark = pytest.mark.filterwarnings("ignore")
TREY = {
    "support_tenant_id": "3B33E682-00C3-41EE-9DD2-A548ADF56438",
    "support_mpn_id": "4391507",
    "name": "Trey Research",
}


@pytest.fixture(scope="module")
def package() -> Any:
    """The package asks for pkg_resources, which setuptools has given up; it only declares its namespace with it."""
    stand_in = types.ModuleType("pkg_resources")
    stand_in.declare_namespace = lambda _name: None  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setitem(sys.modules, "pkg_resources", stand_in)
        from microsoft.store import partnercenterservices

        return partnercenterservices


@pytest.fixture
def client(pc: Hand, package: Any) -> Iterator[Any]:
    from msrest.authentication import BasicTokenAuthentication

    credentials = BasicTokenAuthentication({"access_token": pc.new_token("user")})
    client = package.MicrosoftPartnerStoreApis(credentials, pc.url)
    client.config.connection.verify = pc.facts["ca_path"]
    # REQUESTS_CA_BUNDLE would win over the emulator's certificate.
    client.config.proxies.use_env_settings = False
    yield client
    client._client.close()


@pytest.fixture
def models(package: Any) -> Any:
    from microsoft.store.partnercenterservices import models

    return models


def test_a_subscription_is_read_and_changed(pc: Hand, client: Any) -> None:
    sub = pc.pick("legacy")
    resource = client.getvversioncustomerscustomer.id6(sub.customer, sub.id, "1")
    assert (resource.id, resource.quantity) == (sub.id, sub.fields["quantity"])
    resource.friendly_name = "Through the generated client"
    resource.quantity += 1
    answer = client.patchvversioncustomerscustomer.id4(sub.customer, sub.id, resource, "1")
    assert (answer.friendly_name, answer.quantity) == (resource.friendly_name, resource.quantity)
    after = pc.get(sub)
    assert (after["friendlyName"], after["quantity"]) == (resource.friendly_name, resource.quantity)
    assert after["autoRenewEnabled"] is True


def test_a_rename_through_it_loses_the_scheduled_renewal(pc: Hand, client: Any) -> None:
    """Its body lacks the instructions, so that the service deletes them; no field outside the rename is told."""
    pc.switch(schedule_drop="none")
    sub = pc.pick("scheduled")
    assert "scheduledNextTermInstructions" in pc.get(sub)
    resource = client.getvversioncustomerscustomer.id6(sub.customer, sub.id, "1")
    resource.friendly_name = "Renamed"
    client.patchvversioncustomerscustomer.id4(sub.customer, sub.id, resource, "1")
    after = pc.get(sub)
    assert (after["friendlyName"], after.get("scheduledNextTermInstructions")) == ("Renamed", None)


def test_a_rename_loses_the_renewal_through_the_generated_client_and_not_through_ours(pc: Hand, client: Any) -> None:
    theirs, ours = pc.pick("scheduled"), pc.pick("scheduled", 1)
    scheduled = pc.get(ours)["scheduledNextTermInstructions"]
    assert scheduled
    assert pc.get(theirs)["scheduledNextTermInstructions"]
    resource = client.getvversioncustomerscustomer.id6(theirs.customer, theirs.id, "1")
    resource.friendly_name = "Renamed"
    client.patchvversioncustomerscustomer.id4(theirs.customer, theirs.id, resource, "1")
    assert rename(pc, ours.customer, ours.id, "Renamed").error is None
    assert (pc.get(theirs)["friendlyName"], pc.get(ours)["friendlyName"]) == ("Renamed", "Renamed")
    assert "scheduledNextTermInstructions" not in pc.get(theirs)
    assert pc.get(ours)["scheduledNextTermInstructions"] == scheduled


def rename(pc: Hand, customer_id: str, subscription_id: str, name: str) -> ResourceOutcome:
    """As the module pc_subscription does it."""
    options = ("tenant_id", "client_id", "client_secret", "refresh_token", "api_url", "authority_url", "ca_path")
    settings = resolve_connection({option: pc.facts[option] for option in options}, {})
    desired = Desired(Target("subscription", customer_id, subscription_id), {"friendly_name": name})
    runtime = Runtime(connect(settings, redactor=Redactor()))
    return drive(reconcile(desired, runtime), runtime.surroundings)


def test_every_kind_of_subscription_can_be_read(pc: Hand, client: Any) -> None:
    for customer in pc.control("GET", "fleet", limit="3")["customers"]:
        page = client.getvversioncustomerscustomer.value9(customer["id"], "1")
        assert [item.id for item in page.items] == [item["id"] for item in customer["subscriptions"]]


def test_the_support_contact(pc: Hand, client: Any, models: Any) -> None:
    sub = pc.pick("legacy")
    contact = models.MicrosoftPartnerSdkContractsV1SubscriptionsSupportContact(**TREY)
    client.putvversioncustomerscustomer.idsupportcontact(sub.customer, sub.id, contact, "1")
    stored = client.getvversioncustomerscustomer.idsupportcontact(sub.customer, sub.id, "1")
    assert {name: getattr(stored, name) for name in TREY} == TREY


def test_the_support_profile(pc: Hand, client: Any) -> None:
    profile = client.getvversionprofilessupport("1")
    profile.email = "generated@example.com"
    answer = client.putvversionprofilessupport(profile, "1")
    assert (answer.email, answer.telephone) == ("generated@example.com", profile.telephone)
    assert client.getvversionprofilessupport("1").email == "generated@example.com"
    assert read(pc.call("GET", "/profiles/support"))["website"] == profile.website


def test_customers_page_by_page(client: Any) -> None:
    operation = client.getvversioncustomersfilterfilter
    found: list[str] = []
    headers: dict[str, str] = {}
    for _page in range(10):
        seek = {"seek_operation": "next"} if headers else {}
        raw = operation.value("1", size=5, custom_headers=headers, raw=True, **seek)
        found += [item.company_profile.company_name for item in raw.output.items]
        token = raw.response.headers.get("MS-ContinuationToken")
        if not token:
            break
        headers = {"MS-ContinuationToken": token}
    assert len(found) == 12
    assert {"Contoso Ltd", "{{ lookup('pipe','id') }}", "Café Zürich GmbH"} <= set(found)


@pytest.mark.parametrize("field", ["CompanyName", "DisplayName"])
def test_customers_by_name(client: Any, field: str) -> None:
    wanted = f'{{"Field": "{field}", "Operator": "StartsWith", "Value": "fabrikam"}}'
    page = client.getvversioncustomersfilterfilter.value("1", filter=wanted, size=0)
    assert [item.company_profile.company_name for item in page.items] == ["Fabrikam, Inc."]


@pytest.mark.parametrize("spelling", ["is_indirect_cloud_solution_provider_of", "isIndirectCloudSolutionProviderOf"])
def test_relationships_are_read(client: Any, spelling: str) -> None:
    page = client.getvversionrelationshipsrelationship.value("1", relationship_type=spelling)
    assert ("Trey Research", "4391507") in [(item.name, item.mpn_id) for item in page.items]


def test_a_customers_relationships(pc: Hand, client: Any) -> None:
    customer = next(item for item in pc.control("GET", "fleet")["customers"] if item["reseller"])
    page = client.getvversioncustomerscustomer.idrelationships(customer["id"], "1")
    assert [item.mpn_id for item in page.items] == [customer["reseller"]]


def test_what_is_not_there(pc: Hand, client: Any) -> None:
    """The client turns a documented 404 into nothing at all."""
    customer = pc.pick("nce").customer
    assert client.getvversioncustomerscustomer.id6(customer, "11111111-2222-4333-8444-555555555555", "1") is None
