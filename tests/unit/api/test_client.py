# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API's resources: paths, pages, what counts as nothing, and what needs a user."""

from __future__ import annotations

import itertools
import json
import typing as t
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api import paging
from ansible_collections.csp.partner_center.plugins.module_utils._api.client import PartnerCenter
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import (
    AmbiguousWrite,
    ApiError,
    AppUserRequired,
    BadAnswer,
    CredentialsError,
)

from .conftest import Bench
from .scripted import Reply, Request, Reset

CUSTOMER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
SUBSCRIPTION = "c8d8fbab-6a62-44dc-be50-b7c74e43a296"
BASE = f"/v1/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}"
CONTACT = {
    "supportTenantId": "3B33E682-00C3-41EE-9DD2-A548ADF56438",
    "supportMpnId": "4391507",
    "name": "Trey Research",
}


def query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}


def page(*ids: str, **others: t.Any) -> Reply:
    headers = others.pop("headers", {})
    return Reply(200, {"totalCount": len(ids), "items": [{"id": name} for name in ids], **others}, headers)


def link(uri: str, token: str | None = None) -> dict[str, t.Any]:
    headers = [{"key": "MS-ContinuationToken", "value": token}] if token else []
    return {"self": {"uri": "/customers"}, "next": {"uri": uri, "method": "GET", "headers": headers}}


def ids(items: t.Iterable[dict[str, t.Any]]) -> list[str]:
    return [item["id"] for item in items]


class TestPages:
    @pytest.mark.parametrize(
        ("first", "target"),
        [
            (page("a", continuationToken="T1"), "/v1/customers?size=500&seekOperation=Next"),
            (page("a", headers={"MS-ContinuationToken": "T1"}), "/v1/customers?size=500&seekOperation=Next"),
            (page("a", links=link("/customers?size=500&seekOperation=Next", "T1")), None),
            (page("a", links=link("/v1/customers?size=500&seekOperation=Next", "T1")), None),
            (page("a", links=link("/V1/customers?x=1", "T1"), continuationToken="T1"), "/v1/customers?x=1"),
        ],
    )
    def test_the_token_is_found_wherever_it_is(self, bench: Bench, first: Reply, target: str | None) -> None:
        bench.server.script = [first, page("b")]
        assert ids(bench.client().customers()) == ["a", "b"]
        one, two = bench.server.requests
        assert one.target == "/v1/customers?size=500"
        assert "ms-continuationtoken" not in one.headers
        assert two.target == (target or "/v1/customers?size=500&seekOperation=Next")
        assert two.headers["ms-continuationtoken"] == "T1"
        assert one.ids[0] != two.ids[0]

    def test_a_link_without_token_is_followed(self, bench: Bench) -> None:
        bench.server.script = [
            page("a", links=link("/customers?page=2")),
            page("b", links=link("/customers?page=3")),
            page("c"),
        ]
        assert ids(bench.client().customers()) == ["a", "b", "c"]

    def test_each_page_gives_the_next_token(self, bench: Bench) -> None:
        bench.server.script = [page("a", continuationToken="T1"), page("b", continuationToken="T2"), page("c")]
        assert ids(bench.client().customers()) == ["a", "b", "c"]
        assert [request.headers.get("ms-continuationtoken") for request in bench.server.requests] == [None, "T1", "T2"]

    @pytest.mark.parametrize("code", [2000, "2000"])
    def test_400_with_2000_after_a_page_is_the_end(self, bench: Bench, code: t.Any) -> None:
        bench.server.script = [page("a", continuationToken="T1"), Reply(400, {"code": code, "description": "End"})]
        assert ids(bench.client().customers()) == ["a"]

    @pytest.mark.parametrize("second", [page("c", totalCount=5), page("c")])
    def test_400_with_2000_before_all_were_read_is_an_error(self, bench: Bench, second: Reply) -> None:
        first = page("a", "b", totalCount=5, continuationToken="T1")
        last = Reply(400, {"code": 2000, "description": "Lapsed"})
        bench.server.script = [first, replace(second, body={**second.body, "continuationToken": "T2"}), last]
        with pytest.raises(BadAnswer, match="3 of 5 items") as caught:
            list(bench.client().customers())
        assert caught.value.request_id == bench.server.requests[-1].ids[0]
        assert "lapsed" in str(caught.value)

    @pytest.mark.parametrize("counts", [(3, 3), (2, 1), (2, 2), (None, 3), (3, None), ("9", 0)])
    def test_400_with_2000_after_as_many_as_there_are_is_the_end(
        self, bench: Bench, counts: tuple[t.Any, t.Any]
    ) -> None:
        pages = [page("a", "b", continuationToken="T1"), page("c", continuationToken="T2")]
        bench.server.script = [
            replace(one, body={**one.body, "totalCount": count}) for one, count in zip(pages, counts, strict=True)
        ] + [Reply(400, {"code": 2000, "description": "End"})]
        assert ids(bench.client().customers()) == ["a", "b", "c"]

    def test_400_with_2000_instead_of_a_page_is_an_error(self, bench: Bench) -> None:
        bench.server.script = [Reply(400, {"code": 2000, "description": "Bad"})]
        with pytest.raises(ApiError):
            list(bench.client().customers())

    @pytest.mark.parametrize("status", [404, 403])
    def test_another_error_after_a_page_is_raised(self, bench: Bench, status: int) -> None:
        bench.server.script = [page("a", continuationToken="T1"), Reply(status, {"code": 2000})]
        with pytest.raises(ApiError):
            list(bench.client().customers())

    @pytest.mark.parametrize(
        "again", [page("a", continuationToken="T1"), page("a", links=link("/customers?size=500&seekOperation=Next"))]
    )
    def test_a_page_that_repeats_for_ever_is_an_error(self, bench: Bench, again: Reply) -> None:
        bench.server.script = [again] * 5
        bench.server.otherwise = lambda request: Reply(400)
        with pytest.raises(BadAnswer, match="already read"):
            list(bench.client().customers())
        assert len(bench.server.requests) == 2

    def test_a_circle_of_pages_is_an_error(self, bench: Bench) -> None:
        following = {None: "T1", "T1": "T2", "T2": "T1"}

        def answer(request: Request) -> Reply:
            if len(bench.server.requests) > 5:
                return Reply(400)
            return page("a", continuationToken=following[request.headers.get("ms-continuationtoken")])

        bench.server.otherwise = answer
        with pytest.raises(BadAnswer, match="already read"):
            list(bench.client().customers())

    def test_a_lost_connection_in_the_middle_repeats_that_page(self, bench: Bench) -> None:
        bench.server.script = [page("a", continuationToken="T1"), Reset(), page("b")]
        assert ids(bench.client().customers()) == ["a", "b"]
        assert [request.headers.get("ms-continuationtoken") for request in bench.server.requests] == [None, "T1", "T1"]

    def test_a_customer_that_moves_between_pages_comes_once(self, bench: Bench) -> None:
        bench.server.script = [page("a", "B", continuationToken="T1"), page("b", "c")]
        assert ids(bench.client().customers()) == ["a", "B", "c"]

    @pytest.mark.parametrize("body", [{"items": []}, {"totalCount": 0, "Items": []}, []])
    def test_a_list_without_items_in_it_is_empty(self, bench: Bench, body: t.Any) -> None:
        bench.server.otherwise = lambda request: Reply(200, body)
        assert bench.client().subscriptions(CUSTOMER) == []
        assert list(bench.client().customers()) == []

    def test_pages_that_bring_nothing_new_have_an_end(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: page("a", continuationToken=f"T{len(bench.server.requests)}")
        with pytest.raises(BadAnswer, match="10 pages in a row brought nothing new"):
            list(bench.client().customers())
        assert len(bench.server.requests) == 11

    def test_pages_without_end_have_an_end(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(paging, "MOST_PAGES", 25)
        numbers = itertools.count()
        bench.server.otherwise = lambda request: page(f"c{next(numbers)}", continuationToken=f"T{next(numbers)}")
        with pytest.raises(BadAnswer, match="after 25 pages there is still another one"):
            list(bench.client().customers())
        assert len(bench.server.requests) == 25

    def test_pascal_case_is_understood(self, bench: Bench) -> None:
        bench.server.script = [Reply(200, {"Items": [{"Id": "a"}], "ContinuationToken": "T1"}), page("b")]
        assert list(bench.client().customers()) == [{"Id": "a"}, {"id": "b"}]

    def test_subscriptions_come_exactly_as_received(self, bench: Bench) -> None:
        item = '{"z":1.10,"Id":"ABC","creationDate":"2021-01-14T16:57:15.0966728Z","new":{"x":null}}'
        bench.server.script = [Reply(200, b'\xef\xbb\xbf{"items":[' + item.encode() + b"]}")]
        client = bench.client()
        [subscription] = client.subscriptions(CUSTOMER)
        client.patch_subscription(CUSTOMER, SUBSCRIPTION, subscription, request_id="r" * 8)
        assert bench.server.requests[1].body == item.encode()


class TestCustomers:
    @pytest.mark.parametrize(
        ("options", "field", "value"),
        [
            ({"company_name": "Cont"}, "CompanyName", "Cont"),
            ({"domain": "cont"}, "Domain", "cont"),
            ({"indirect_reseller": CUSTOMER}, "IndirectReseller", CUSTOMER),
            ({"indirect_reseller": CUSTOMER, "company_name": ""}, "IndirectReseller", CUSTOMER),
        ],
    )
    def test_are_filtered_by_the_server(self, bench: Bench, options: dict[str, str], field: str, value: str) -> None:
        bench.server.script = [page()]
        list(bench.client().customers(**options))
        asked = query(bench.server.requests[0])
        assert asked["size"] == "500"
        assert json.loads(asked["filter"]) == {"Field": field, "Value": value, "Operator": "starts_with"}

    def test_are_filtered_here_by_what_the_server_was_not_asked(self, bench: Bench) -> None:
        profiles = [("Contoso", "contoso.de"), ("CONTRA", "contoso.com"), ("Contoso", "fabrikam.de")]
        items = [
            {"id": str(number), "companyProfile": {"companyName": name, "domain": domain}}
            for number, (name, domain) in enumerate(profiles)
        ]
        bench.server.script = [Reply(200, {"items": [*items, {"id": "3"}, {"id": "4", "companyProfile": None}]})]
        assert ids(bench.client().customers(company_name="conto", domain="CONTOSO")) == ["0"]

    def test_filter_survives_the_next_page(self, bench: Bench) -> None:
        bench.server.script = [page("a", continuationToken="T1"), page()]
        list(bench.client().customers(domain="x&y"))
        first, second = (query(request) for request in bench.server.requests)
        assert second == {**first, "seekOperation": "Next"}

    def test_one_customer_is_read_by_its_id(self, bench: Bench) -> None:
        bench.client().customer(CUSTOMER)
        assert bench.server.targets() == [f"GET /v1/customers/{CUSTOMER}"]


class TestFollow:
    @pytest.mark.parametrize(
        "reply",
        [
            Reply(202),
            Reply(202, {"id": "x"}),
            Reply(204),
            Reply(200, b""),
            Reply(200, b"\xef\xbb\xbf"),
            Reply(200, b"null"),
        ],
    )
    def test_none_is_returned_while_there_is_no_resource(self, bench: Bench, reply: Reply) -> None:
        bench.server.script = [reply]
        assert bench.client().follow(f"/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}") is None
        assert bench.server.targets() == [f"GET {BASE}"]

    def test_the_resource_is_returned_when_it_is_there(self, bench: Bench) -> None:
        bench.server.script = [Reply(200, {"id": "y"})]
        assert bench.client().follow(f"/v1/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}") == {"id": "y"}


class TestSupportContact:
    def test_contact_is_read_from_its_path(self, bench: Bench) -> None:
        bench.server.script = [Reply(200, b"\xef\xbb\xbf" + json.dumps(CONTACT).encode())]
        assert bench.client().support_contact(CUSTOMER, SUBSCRIPTION) == CONTACT
        assert bench.server.targets() == [f"GET {BASE}/supportcontact"]

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(200, b""),
            Reply(200, b"null"),
            Reply(204),
            Reply(404),
            Reply(404, {"code": 1000, "description": "Not found."}),
            Reply(404, {"code": 1000, "description": "The support contact of the subscription was not found."}),
            Reply(404, b"<html>Not found</html>"),
        ],
    )
    def test_none_is_returned_where_no_contact_is_set(self, bench: Bench, reply: Reply) -> None:
        bench.server.script = [reply]
        assert bench.client().support_contact(CUSTOMER, SUBSCRIPTION) is None

    @pytest.mark.parametrize(
        "body",
        [
            {"code": 20003, "description": "Not found."},
            {"code": "60003", "description": "?"},
            {"code": 1000, "description": "The subscription was not found."},
            {"code": 1000, "description": "Customer does not exist."},
        ],
    )
    def test_the_contact_of_an_unknown_subscription_is_an_error(self, bench: Bench, body: t.Any) -> None:
        bench.server.script = [Reply(404, body)]
        with pytest.raises(ApiError):
            bench.client().support_contact(CUSTOMER, SUBSCRIPTION)

    def test_is_put(self, bench: Bench) -> None:
        bench.server.script = [Reply(200, CONTACT)]
        answer = bench.client().put_support_contact(
            CUSTOMER, SUBSCRIPTION, CONTACT, request_id="r" * 8, application="C"
        )
        [request] = bench.server.requests
        assert (request.method, request.target, request.json) == ("PUT", f"{BASE}/supportcontact", CONTACT)
        assert request.headers["ms-partnercenter-application"] == "C"
        assert answer.body == CONTACT


class TestSupportProfile:
    def test_is_put_where_its_own_link_leads(self, bench: Bench) -> None:
        answer = bench.client().put_support_profile({"email": "a@b.c"}, request_id="r" * 8)
        assert bench.server.targets() == ["PUT /v1/profiles/support"]
        assert answer.request_id == "r" * 8

    @pytest.mark.parametrize("status", [404, 405])
    def test_falls_back_to_the_path_of_the_page_with_a_new_request_id(self, bench: Bench, status: int) -> None:
        bench.server.script = [Reply(status)]
        answer = bench.client().put_support_profile({"email": "a@b.c"}, request_id="r" * 8, application="C")
        assert bench.server.targets() == ["PUT /v1/profiles/support", "PUT /v1/profiles/supportprofile"]
        first, second = bench.server.requests
        assert first.ids[0] == "r" * 8
        assert second.ids[0] == answer.request_id != first.ids[0]
        assert first.body == second.body
        assert second.headers["ms-partnercenter-application"] == "C"

    def test_that_has_no_path_at_all_gives_the_first_error(self, bench: Bench) -> None:
        bench.server.script = [Reply(405, {"description": "first"}), Reply(404, {"description": "second"})]
        with pytest.raises(ApiError, match="first"):
            bench.client().put_support_profile({}, request_id="r" * 8)

    def test_another_refusal_is_not_a_reason_to_go_elsewhere(self, bench: Bench) -> None:
        bench.server.script = [Reply(400, {"code": 3000})]
        with pytest.raises(ApiError):
            bench.client().put_support_profile({}, request_id="r" * 8)
        assert len(bench.server.requests) == 1


class TestResellers:
    def test_are_listed_and_filtered_by_name(self, bench: Bench) -> None:
        items = [{"id": "1", "name": "Trey Research"}, {"id": "2", "name": "Wingtip"}, {"id": "3", "name": None}]
        bench.server.otherwise = lambda request: Reply(200, {"items": items})
        assert bench.client().indirect_resellers() == items
        assert ids(bench.client().indirect_resellers("trey")) == ["1"]
        assert (
            bench.server.requests[0].target == "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf"
        )


READS: dict[str, t.Callable[[PartnerCenter], t.Any]] = {
    "customers": lambda client: list(client.customers()),
    "customer": lambda client: client.customer(CUSTOMER),
    "subscriptions": lambda client: client.subscriptions(CUSTOMER),
    "subscription": lambda client: client.subscription(CUSTOMER, SUBSCRIPTION),
    "follow": lambda client: client.follow(f"/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}"),
    "support_contact": lambda client: client.support_contact(CUSTOMER, SUBSCRIPTION),
    "support_profile": lambda client: client.support_profile(),
    "indirect_resellers": lambda client: client.indirect_resellers(),
}
WRITES: dict[str, t.Callable[[PartnerCenter], t.Any]] = {
    "patch_subscription": lambda client: client.patch_subscription(CUSTOMER, SUBSCRIPTION, {}, request_id="r" * 8),
    "put_support_contact": lambda client: client.put_support_contact(CUSTOMER, SUBSCRIPTION, {}, request_id="r" * 8),
    "put_support_profile": lambda client: client.put_support_profile({}, request_id="r" * 8),
}
FAULTS = [
    {"code": 800003, "description": "It is broken", "items": []},
    {"code": 800003, "description": "It is broken.", "source": "PartnerFD"},
    {"Code": "800003", "Description": "It is broken.", "attributes": {"objectType": "Collection"}, "links": {}},
    {"error": {"code": "800003", "message": "It is broken."}},
]


class TestWhatIsNotWhatWasAskedFor:
    """A success that is none must never count as nothing being there."""

    @pytest.mark.parametrize("fault", FAULTS)
    @pytest.mark.parametrize("operation", READS)
    def test_an_error_with_status_200_is_an_error_with_its_code_and_text(
        self, bench: Bench, operation: str, fault: t.Any
    ) -> None:
        bench.server.otherwise = lambda request: Reply(200, fault)
        with pytest.raises(BadAnswer, match=r"answered 200, but not with .*800003.*It is broken") as caught:
            READS[operation](bench.client())
        assert (caught.value.request_id, caught.value.correlation_id) == bench.server.requests[-1].ids
        assert len(bench.server.requests) == 1

    @pytest.mark.parametrize("fault", FAULTS)
    @pytest.mark.parametrize("operation", WRITES)
    def test_an_error_with_status_200_leaves_open_whether_the_write_was_made(
        self, bench: Bench, operation: str, fault: t.Any
    ) -> None:
        bench.server.otherwise = lambda request: Reply(200, fault)
        with pytest.raises(AmbiguousWrite, match=r"answered 200, code 800003: It is broken") as caught:
            WRITES[operation](bench.client())
        assert caught.value.request_id == "r" * 8
        assert caught.value.correlation_id == bench.server.requests[0].ids[1]

    @pytest.mark.parametrize(
        "body",
        [
            {"totalCount": 0},
            {"items": None},
            {"items": "x"},
            {"items": [1]},
            {"value": []},
            {"id": SUBSCRIPTION, "status": "active", "email": "a@b.c", "supportMpnId": "1"},
            "x",
            3,
        ],
    )
    @pytest.mark.parametrize("operation", ["customers", "subscriptions", "indirect_resellers"])
    def test_a_list_without_its_items_is_an_error(self, bench: Bench, operation: str, body: t.Any) -> None:
        bench.server.otherwise = lambda request: Reply(200, body)
        with pytest.raises(BadAnswer, match="not with what was asked for, a list"):
            READS[operation](bench.client())

    @pytest.mark.parametrize(
        "body", [{}, {"links": {}, "attributes": {"etag": "x"}}, {"items": [{"id": SUBSCRIPTION, "status": "x"}]}, []]
    )
    @pytest.mark.parametrize("operation", ["customer", "subscription", "support_contact", "support_profile"])
    def test_a_resource_without_fields_of_its_own_is_an_error(self, bench: Bench, operation: str, body: t.Any) -> None:
        bench.server.otherwise = lambda request: Reply(200, body)
        with pytest.raises(BadAnswer, match="not with what was asked for, the"):
            READS[operation](bench.client())

    @pytest.mark.parametrize("body", [{"id": SUBSCRIPTION}, {"id": CUSTOMER, "status": "active"}, {"status": "active"}])
    def test_a_subscription_is_only_what_has_its_id_and_more(self, bench: Bench, body: t.Any) -> None:
        bench.server.otherwise = lambda request: Reply(200, body)
        with pytest.raises(BadAnswer):
            bench.client().subscription(CUSTOMER, SUBSCRIPTION)

    def test_another_customer_is_not_the_one_that_was_asked_for(self, bench: Bench) -> None:
        bench.server.otherwise = lambda request: Reply(200, {"id": SUBSCRIPTION})
        with pytest.raises(BadAnswer):
            bench.client().customer(CUSTOMER)


USER_ONLY: dict[str, t.Callable[[PartnerCenter], t.Any]] = {
    "support_contact": lambda client: client.support_contact(CUSTOMER, SUBSCRIPTION),
    "put_support_contact": lambda client: client.put_support_contact(CUSTOMER, SUBSCRIPTION, {}, request_id="r" * 8),
    "support_profile": lambda client: client.support_profile(),
    "put_support_profile": lambda client: client.put_support_profile({}, request_id="r" * 8),
    "indirect_resellers": lambda client: client.indirect_resellers(),
    "customers": lambda client: client.customers(indirect_reseller=CUSTOMER),
}


class TestAppUserOnly:
    @pytest.mark.parametrize("operation", USER_ONLY)
    def test_is_refused_before_anything_is_sent(self, bench: Bench, operation: str) -> None:
        client = bench.client(
            access_token=None,
            client_secret="a-client-secret",
            tenant_id=CUSTOMER,
            client_id=CUSTOMER,
            authority_url=bench.server.url,
        )
        assert client.mode == "app_only"
        with pytest.raises(AppUserRequired, match="refresh_token") as caught:
            USER_ONLY[operation](client)
        assert isinstance(caught.value, CredentialsError)
        assert bench.server.connections == 0

    @pytest.mark.parametrize("operation", USER_ONLY)
    def test_is_tried_with_a_token_of_unknown_kind_and_its_refusal_explained(
        self, bench: Bench, operation: str
    ) -> None:
        bench.server.otherwise = lambda request: Reply(403, {"code": 900329, "description": "App only.", "source": "x"})
        client = bench.client()
        assert client.mode == "unknown"
        with pytest.raises(ApiError, match=r"App\+User") as caught:
            list(USER_ONLY[operation](client) or [])
        assert "refresh_token" in str(caught.value.hint)
        assert "access_token" in str(caught.value.hint)
