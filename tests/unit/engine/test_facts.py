# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a fleet: which requests it costs, what comes through, and who is unavailable."""

from __future__ import annotations

import typing as t
from collections import Counter
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import (
    ApiError,
    AppUserRequired,
    PartnerCenterError,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._engine.reading.customers import unavailable_problem
from ansible_collections.csp.partner_center.plugins.module_utils._engine.reading.fleet import (
    FleetRead,
    read_fleet,
    read_subscription,
)
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.match import parse_match

from ..emulators import Emulator
from .one_path import OnePath

STRANGER = "11111111-2222-3333-4444-555555555555"


def read(path: OnePath, match: dict[str, t.Any] | None = None, *, client: t.Any = None, **options: t.Any) -> FleetRead:
    parsed = None if match is None else parse_match("match", match)
    return read_fleet(client or path.connect(retries=0), match=parsed, threads=4, now=utc_now(), **options)


def ids_of(facts: FleetRead) -> list[tuple[str, str]]:
    return [(one.customer.id, str(raw.get("id", "")).lower()) for one in facts.customers for raw in one.subscriptions]


def everything(emulator: Emulator) -> list[tuple[str, str]]:
    found = emulator.control("GET", "fleet")["customers"]
    return sorted((one["id"], each["id"].lower()) for one in found for each in one["subscriptions"])


def costs(emulator: Emulator) -> Counter[str]:
    """The requests by what they asked for: CUSTOMERS and LIST are pages, CUSTOMER, GET and CONTACT single resources."""
    last = {"customers": "CUSTOMERS", "subscriptions": "LIST", "supportcontact": "CONTACT"}
    paths = [one["path"].split("/")[2:] for one in emulator.requests()]
    return Counter(last.get(parts[-1], "CUSTOMER" if len(parts) == 2 else "GET") for parts in paths)


def test_a_fleet_costs_one_request_a_customer_and_the_pages(path: OnePath, emulator: Emulator) -> None:
    emulator.switch(max_page_size=5, last_page="plain")
    facts = read(path)
    assert ids_of(facts) == everything(emulator)
    assert costs(emulator) == {"CUSTOMERS": 3, "LIST": 12}
    assert facts.unavailable == ()
    assert all(one.customer.name and one.customer.domain for one in facts.customers)


def test_a_thousand_customers_in_one_go(tmp_path: Path) -> None:
    big = Emulator(tmp_path, ("--customers", "1000", "--subscriptions-per-customer", "10", "--seed", "7")).start()
    try:
        client = connect(resolve_connection(big.connection, {}), redactor=Redactor())
        facts = read_fleet(client, threads=8, now=utc_now())
        counters = big.control("GET", "counters")
        assert len(ids_of(facts)) == 10_000
        assert ids_of(facts) == sorted(ids_of(facts))
        # 1,000 lists of subscriptions; two full pages of customers, and the one that says that there are no more.
        assert (counters["total"], counters["writes"], counters["tokens"]) == (1003, 0, 1)
    finally:
        big.stop()


def list_of(customer: str) -> dict[str, str]:
    return {"method": "GET", "path": f"*/customers/{customer}/subscriptions"}


@pytest.fixture
def one(emulator: Emulator) -> str:
    """A customer in the middle of the fleet."""
    return sorted(found["id"] for found in emulator.control("GET", "fleet")["customers"])[5]


class TestWhoIsRead:
    def test_an_empty_list_of_customers_means_none(self, path: OnePath, emulator: Emulator) -> None:
        assert read(path, customers=[]) == FleetRead()
        assert emulator.control("GET", "requests") == []

    @pytest.mark.parametrize("by", ["match", "customers", "both"])
    def test_few_that_are_named_are_not_looked_for_in_the_list(
        self, path: OnePath, emulator: Emulator, one: str, by: str
    ) -> None:
        match = {"customer_id": one.upper()} if by != "customers" else None
        named = [one.upper(), *([emulator.find("nce")[0]] if by == "both" else [])] if by != "match" else None
        facts = read(path, match, customers=named)
        assert ids_of(facts) == [ids for ids in everything(emulator) if ids[0] == one]
        assert facts.customers[0].customer.name
        assert costs(emulator) == {"CUSTOMER": 1, "LIST": 1}

    def test_many_that_are_named_are_looked_for_in_the_list(self, path: OnePath, emulator: Emulator) -> None:
        strangers = [STRANGER[:-2] + str(number) for number in range(10, 20)]
        named = sorted({ids[0] for ids in everything(emulator)})
        facts = read(path, customers=[*named, *strangers])
        assert [one.customer.id for one in facts.customers] == named
        assert [one["customer_id"] for one in facts.unavailable] == strangers
        assert costs(emulator) == {"CUSTOMERS": 1, "CUSTOMER": 10, "LIST": 12}

    def test_who_cannot_match_is_not_read(self, path: OnePath, emulator: Emulator) -> None:
        facts = read(path, {"customer_name": "north*", "status": "no such status"})
        assert [one.customer.name for one in facts.customers] == ["Northwind Traders"] * 2
        assert ids_of(facts) == []
        assert costs(emulator) == {"CUSTOMERS": 1, "LIST": 2}

    def test_the_customers_of_a_reseller_are_listed_once(self, path: OnePath, emulator: Emulator) -> None:
        fleet = emulator.control("GET", "fleet")
        reseller = next(one for one in fleet["resellers"] if one["supportMpnId"] == "4391507")
        brought = sorted(one["id"] for one in fleet["customers"] if one["reseller"] == "4391507")
        assert 0 < len(brought) < 12
        facts = read(path, {"indirect_reseller": reseller["supportTenantId"], "customer_name": "*"})
        assert [one.customer.id for one in facts.customers] == brought
        assert costs(emulator) == {"CUSTOMERS": 1, "LIST": len(brought)}

    def test_app_only_credentials_are_enough(self, path: OnePath, emulator: Emulator) -> None:
        assert ids_of(read(path, client=path.connect(refresh_token=None))) == everything(emulator)

    def test_a_match_of_a_reseller_needs_a_user(self, path: OnePath, emulator: Emulator) -> None:
        with pytest.raises(AppUserRequired, match="refresh_token"):
            read(path, {"indirect_reseller": STRANGER}, client=path.connect(refresh_token=None))
        assert emulator.control("GET", "requests") == []


class TestMatch:
    def test_only_what_matches_comes(self, path: OnePath, emulator: Emulator) -> None:
        wanted = {ids for ids in emulator.all("nce", "active") if emulator.stored(ids)["quantity"] >= 20}
        facts = read(path, {"status": "ACTIVE", "quantity": {"min": 20}})
        assert wanted & set(ids_of(facts)) == wanted
        stored = [emulator.stored(ids) for ids in ids_of(facts)]
        assert {(one["status"], one["quantity"] >= 20) for one in stored} == {("active", True)}
        assert len(facts.customers) == 12, "a customer without a subscription that matches is told, too"

    def test_what_a_list_lacks_is_read_only_if_it_is_looked_at(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(list_omits=["status"])
        assert len(ids_of(read(path, {"friendly_name": "*"}))) == 60
        assert costs(emulator) == {"CUSTOMERS": 1, "LIST": 12}
        emulator.forget()
        found = ids_of(read(path, {"status": "active", "customer_id": emulator.find("nce")[0]}))
        assert found
        assert {emulator.stored(ids)["status"] for ids in found} == {"active"}
        assert costs(emulator) == {"CUSTOMER": 1, "LIST": 1, "GET": 5}


class TestUnavailable:
    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            ({"action": "error", "status": 403, "code": 20002}, "20002"),
            ({"action": "error", "status": 404, "code": 60003}, "60003"),
            ({"action": "status", "status": 500}, "500"),
            ({"action": "html"}, "502"),
            ({"action": "truncate"}, "broke"),
            ({"action": "body", "body": "[null]"}, "not with what was asked for, a list"),
            ({"action": "body", "body": {"items": None}}, "not with what was asked for, a list"),
            ({"action": "body", "body": {"code": 800003, "description": "Not now."}}, "800003: Not now"),
            ({"action": "reset_before"}, "subscriptions"),
        ],
    )
    def test_one_in_the_middle_is_told_and_the_rest_is_complete(
        self, path: OnePath, emulator: Emulator, one: str, rule: dict[str, t.Any], said: str
    ) -> None:
        emulator.fault(match=list_of(one), times=None, **rule)
        facts = read(path)
        assert ids_of(facts) == [ids for ids in everything(emulator) if ids[0] != one]
        (gone,) = facts.unavailable
        assert (gone["customer_id"], bool(gone["customer_name"])) == (one, True)
        assert said in gone["reason"]
        assert facts.may_pass == (said not in ("20002", "60003"))

    def test_a_relationship_that_ends_while_the_fleet_is_read(
        self, path: OnePath, emulator: Emulator, one: str
    ) -> None:
        client = path.connect()
        listing = client.customers

        def then_leaves(**filters: t.Any) -> t.Any:
            found = list(listing(**filters))
            emulator.control("PATCH", f"customers/{one}", {"relationship": "none"})
            return iter(found)

        client.customers = then_leaves  # type: ignore[method-assign]
        facts = read(path, client=client)
        assert [gone["customer_id"] for gone in facts.unavailable] == [one]
        assert len(facts.customers) == 11

    def test_a_second_page_that_fails_leaves_no_half_of_a_customer(
        self, path: OnePath, emulator: Emulator, one: str
    ) -> None:
        page = {"items": [{"id": STRANGER}], "links": {"next": {"uri": f"/customers/{one}/subscriptions?page=2"}}}
        emulator.fault(match={**list_of(one), "query_contains": "page=2"}, times=None, action="status", status=500)
        emulator.fault(match=list_of(one), times=None, action="body", body=page)
        facts = read(path)
        assert STRANGER not in [ids[1] for ids in ids_of(facts)]
        assert [gone["customer_id"] for gone in facts.unavailable] == [one]

    def test_a_page_that_fails_once_is_asked_for_again(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(max_page_size=5)
        emulator.fault(match={"path": "/v1/customers"}, skip=1, action="status", status=503)
        emulator.fault(match=list_of("*"), skip=3, action="status", status=503)
        facts = read(path, client=path.connect(retries=2))
        assert (ids_of(facts), facts.unavailable) == (everything(emulator), ())

    def test_a_page_of_customers_that_cannot_be_read_is_no_smaller_fleet(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        emulator.switch(max_page_size=5)
        emulator.fault(match={"path": "/v1/customers"}, skip=1, times=None, action="status", status=500)
        with pytest.raises(ApiError, match="500"):
            read(path)
        assert costs(emulator) == {"CUSTOMERS": 2}

    def test_a_token_that_lapses_between_pages_is_no_smaller_fleet(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(max_page_size=5, total_count="all")
        emulator.fault(match={"path": "/v1/customers"}, skip=1, times=None, action="error", status=400, code=2000)
        with pytest.raises(PartnerCenterError, match="5 of 12 items"):
            read(path)

    @pytest.mark.parametrize(
        "rule",
        [
            {"action": "error", "status": 401, "code": 900420},
            {"action": "error", "status": 403, "code": 900150},
        ],
    )
    def test_what_is_wrong_with_the_caller_is_not_the_customers_fault(
        self, path: OnePath, emulator: Emulator, rule: dict[str, t.Any]
    ) -> None:
        emulator.fault(match=list_of("*"), skip=3, times=None, **rule)
        with pytest.raises(ApiError, match=str(rule["code"])):
            read(path)

    def test_nothing_but_failures_is_a_failure(self, path: OnePath, emulator: Emulator, one: str) -> None:
        emulator.fault(match=list_of(one), times=None, action="status", status=500)
        with pytest.raises(PartnerCenterError, match="500"):
            read(path, customers=[one])
        emulator.control("PATCH", f"customers/{one}", {"relationship": "none"})
        facts = read(path, customers=[one])
        assert (facts.customers, len(facts.unavailable)) == ((), 1)
        assert "20002" in facts.unavailable[0]["reason"]


ODD: list[dict[str, t.Any]] = [
    {"id": "00000000-0000-0000-0000-00000000000B", "status": "Transmogrified", "newField": {"deepField": [1, None]}},
    {"id": "00000000-0000-0000-0000-00000000000a", "status": None, "suspensionReasons": None, "refundOptions": None},
    {"Id": "00000000-0000-0000-0000-00000000000C", "Quantity": "25", "Attributes": None, "commitmentEndDate": "soon"},
    {"friendlyName": "without an id"},
    {},
]


class TestOddData:
    def test_odd_subscriptions_come_through_as_they_are(self, path: OnePath, emulator: Emulator, one: str) -> None:
        emulator.fault(match=list_of(one), times=None, action="body", body={"items": [*ODD, ODD[0]]})
        facts = read(path, customers=[one])
        assert list(facts.customers[0].subscriptions) == [ODD[3], ODD[4], ODD[1], ODD[0], ODD[2]]
        assert facts.unavailable == ()

    def test_odd_subscriptions_can_be_matched(self, path: OnePath, emulator: Emulator, one: str) -> None:
        emulator.fault(match=list_of(one), times=None, action="body", body={"items": ODD[:1]})
        match = {"status": "transmogrified", "is_addon": False, "has_scheduled_changes": False}
        assert list(read(path, match, customers=[one]).customers[0].subscriptions) == ODD[:1]

    @pytest.mark.parametrize("body", [{"items": []}, {"totalCount": 0, "items": [], "links": None}])
    def test_a_list_of_nothing_is_empty(
        self, path: OnePath, emulator: Emulator, one: str, body: dict[str, t.Any]
    ) -> None:
        emulator.fault(match=list_of(one), times=None, action="body", body=body)
        (found,) = read(path, customers=[one]).customers
        assert (found.customer.id, found.subscriptions) == (one, ())

    def test_odd_customers_are_read_or_told(self, path: OnePath, emulator: Emulator, one: str) -> None:
        items = [{"id": one, "companyProfile": None}, {"companyProfile": {"companyName": "Nobody"}}]
        emulator.fault(match={"path": "/v1/customers"}, action="body", body={"items": items})
        facts = read(path)
        assert [(found.customer.id, found.customer.name) for found in facts.customers] == [(one, "")]
        assert len(facts.customers[0].subscriptions) == 5
        (gone,) = facts.unavailable
        assert (gone["customer_id"], gone["customer_name"]) == (None, "Nobody")
        assert "without an id" in gone["reason"]


class TestContacts:
    @pytest.mark.parametrize("answer", ["404", "null", "nulls", "empty"])
    def test_none_is_null_however_it_is_said(self, path: OnePath, emulator: Emulator, one: str, answer: str) -> None:
        emulator.switch(support_contact_none=answer)
        ids = [ids for ids in everything(emulator) if ids[0] == one]
        for customer_id, subscription_id in ids:
            emulator.control("DELETE", f"customers/{customer_id}/subscriptions/{subscription_id}/supportcontact")
        (found,) = read(path, customers=[one], contacts=True).customers
        assert [raw["supportContact"] for raw in found.subscriptions] == [None] * 5
        assert costs(emulator) == {"CUSTOMER": 1, "LIST": 1, "CONTACT": 5}

    def test_the_partner_itself_and_unknown_fields_come_through(
        self, path: OnePath, emulator: Emulator, one: str
    ) -> None:
        emulator.switch(support_contact_none="partner", supportcontact_new_commerce="accepted")
        (found,) = read(path, customers=[one], contacts=True).customers
        assert {bool(raw["supportContact"]["supportTenantId"]) for raw in found.subscriptions} == {True}
        body = {"SupportMpnId": "4391507", "newField": [1.5], "links": None}
        emulator.fault(match={"path": "*/supportcontact"}, times=None, action="body", body=body)
        (found,) = read(path, customers=[one], contacts=True).customers
        assert [raw["supportContact"] for raw in found.subscriptions] == [body] * 5

    def test_only_those_that_match_cost_a_request(self, path: OnePath, emulator: Emulator) -> None:
        match = {"subscription_id": emulator.find("nce")[1]}
        facts = read(path, match, contacts=True)
        assert len(ids_of(facts)) == 1
        assert costs(emulator) == {"CUSTOMERS": 1, "LIST": 12, "CONTACT": 1}

    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            ({"action": "error", "status": 403, "code": 20002}, "20002"),
            ({"action": "error", "status": 404, "code": 20003}, "20003"),
            ({"action": "status", "status": 500}, "500"),
            ({"action": "reset_before"}, "supportcontact"),
        ],
    )
    def test_an_unreadable_contact_is_told_and_costs_no_subscription(
        self, path: OnePath, emulator: Emulator, one: str, rule: dict[str, t.Any], said: str
    ) -> None:
        ids = [ids for ids in everything(emulator) if ids[0] == one][2]
        emulator.control("PUT", f"customers/{one}/subscriptions/{ids[1]}/supportcontact", {"supportMpnId": "4391507"})
        emulator.fault(match={"path": f"*/{ids[1]}/supportcontact"}, times=None, **rule)
        facts = read(path, contacts=True)
        assert ids_of(facts) == everything(emulator)
        assert "4391507" in str(facts.customers)
        (gone,) = facts.unavailable
        assert (gone["customer_id"], gone["subscription_id"].lower(), bool(gone["customer_name"])) == (*ids, True)
        assert said in gone["reason"]
        (found,) = [raw for seen in facts.customers for raw in seen.subscriptions if raw["id"].lower() == ids[1]]
        assert found["supportContact"] is None
        single = read_subscription(path.connect(retries=0), *ids, contacts=True)
        assert ids_of(single) == [ids]
        assert [each["subscription_id"].lower() for each in single.unavailable] == [ids[1]]
        assert "1 support contact could not be read" in str(unavailable_problem(single.unavailable))

    def test_what_is_wrong_with_the_caller_is_not_the_contacts_fault(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match={"path": "*/supportcontact"}, times=None, action="error", status=403, code=900150)
        with pytest.raises(ApiError, match="900150"):
            read(path, contacts=True)

    def test_a_subscription_without_id_is_told(self, path: OnePath, emulator: Emulator, one: str) -> None:
        emulator.fault(match=list_of(one), times=None, action="body", body={"items": [ODD[3]]})
        facts = read(path, customers=[one], contacts=True)
        assert list(facts.customers[0].subscriptions) == [{**ODD[3], "supportContact": None}]
        (gone,) = facts.unavailable
        assert (gone["subscription_id"], "without an id" in gone["reason"]) == (None, True)
        assert costs(emulator) == {"CUSTOMER": 1, "LIST": 1}

    def test_app_only_credentials_are_refused_before_anything_is_sent(self, path: OnePath, emulator: Emulator) -> None:
        client = path.connect(refresh_token=None)
        with pytest.raises(AppUserRequired, match="refresh_token"):
            read(path, client=client, contacts=True)
        with pytest.raises(AppUserRequired, match="refresh_token"):
            read_subscription(client, *emulator.find("nce"), contacts=True)
        assert emulator.control("GET", "requests") == []


class TestOneSubscription:
    def test_it_costs_two_requests(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("legacy")
        (found,) = read_subscription(path.client, *ids).customers
        assert found.customer.name == "Contoso Ltd"
        assert found.subscriptions == (emulator.stored(ids),)
        assert costs(emulator) == {"CUSTOMER": 1, "GET": 1}
        emulator.forget()
        (found,) = read_subscription(path.client, *ids, contacts=True).customers
        assert "supportContact" in found.subscriptions[0]
        assert costs(emulator) == {"CUSTOMER": 1, "GET": 1, "CONTACT": 1}

    def test_one_that_is_not_there_is_an_error(self, path: OnePath, emulator: Emulator, one: str) -> None:
        with pytest.raises(ApiError, match="20003"):
            read_subscription(path.client, one, STRANGER)

    def test_a_customer_that_left_is_unavailable(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.control("PATCH", f"customers/{ids[0]}", {"relationship": "none"})
        facts = read_subscription(path.client, *ids)
        assert [gone["customer_id"] for gone in facts.unavailable] == [ids[0]]
