# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Customers and relationships: pages, tokens, filters, strangers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from .hand import Hand, error, guid, read


def text_filter(field: str, value: str, operator: str = "starts_with") -> str:
    return quote(json.dumps({"Field": field, "Value": value, "Operator": operator}))


def pages(pc: Hand, size: int, path: str = "/customers?size={size}") -> list[dict[str, Any]]:
    """All pages, as Microsoft's own tools walk them; the last one may be a refusal."""
    found = []
    response = pc.call("GET", path.format(size=size))
    while response.status_code == 200:
        page = read(response)
        found.append(page)
        if "continuationToken" not in page:
            break
        headers = {"MS-ContinuationToken": page["continuationToken"]}
        response = pc.call("GET", f"/customers?size={size}&seekOperation=Next", headers=headers)
    return found


def test_pages_hold_every_customer_once(pc: Hand) -> None:
    found = pages(pc, 5)
    assert [page["totalCount"] for page in found] == [5, 5, 2]
    ids = [item["id"] for page in found for item in page["items"]]
    assert len(set(ids)) == 12
    assert "next" not in found[-1]["links"]


def test_the_token_is_given_in_three_places(pc: Hand) -> None:
    response = pc.call("GET", "/customers?size=5")
    page = read(response)
    header = {"key": "MS-ContinuationToken", "value": page["continuationToken"]}
    assert response.headers["MS-ContinuationToken"] == page["continuationToken"]
    assert page["links"]["next"]["headers"] == [header]
    assert page["links"]["next"]["uri"] == "/customers?size=5&seekOperation=Next"


@pytest.mark.parametrize("place", ["header", "body", "link"])
def test_the_token_may_be_in_one_place_only(pc: Hand, place: str) -> None:
    pc.switch(continuation_in=place)
    response = pc.call("GET", "/customers?size=5")
    page = read(response)
    given = {
        "header": "MS-ContinuationToken" in response.headers,
        "body": "continuationToken" in page,
        "link": bool(page["links"]["next"]["headers"]),
    }
    assert [name for name, here in given.items() if here] == [place]


@pytest.mark.parametrize(
    ("style", "start"),
    [
        ("relative", "/customers?"),
        ("v1", "/v1/customers?"),
        ("absolute", "{url}/v1/customers?"),
        ("foreign", "https://localhost:"),
    ],
)
def test_styles_of_the_next_link(pc: Hand, style: str, start: str) -> None:
    pc.switch(next_link=style)
    uri = read(pc.call("GET", "/customers?size=5"))["links"]["next"]["uri"]
    assert uri.startswith(start.format(url=pc.url))


@pytest.mark.parametrize(
    ("rule", "size", "answers"),
    [
        ("natural", 6, [200, 200, 400]),
        ("natural", 5, [200, 200, 200]),
        ("plain", 6, [200, 200]),
        ("token", 5, [200, 200, 200, 400]),
        ("empty", 6, [200, 200, 200]),
    ],
)
def test_how_the_last_page_ends(pc: Hand, rule: str, size: int, answers: list[int]) -> None:
    pc.switch(last_page=rule)
    pages(pc, size)
    assert [entry["status"] for entry in pc.log() if entry["endpoint"] == "customers"] == answers


def test_after_the_last_page_comes_400_with_2000(pc: Hand) -> None:
    token = pages(pc, 6)[-1]["continuationToken"]
    response = pc.call("GET", "/customers?size=6&seekOperation=Next", headers={"MS-ContinuationToken": token})
    assert error(response) == (400, 2000)


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("size=5&seekOperation=Next", {}),
        ("size=5&seekOperation=Next", {"MS-ContinuationToken": "made up"}),
        ("size=5&seekOperation=Sideways", {}),
        ("size=many", {}),
        ("filter=nonsense", {}),
        ("filter=" + text_filter("CompanyName", "x", "substring"), {}),
        ("filter=" + text_filter("ShoeSize", "x"), {}),
    ],
)
def test_pages_that_are_refused(pc: Hand, query: str, headers: dict[str, str]) -> None:
    assert error(pc.call("GET", f"/customers?{query}", headers=headers)) == (400, 2000)


def test_tokens_may_grow_old(pc: Hand) -> None:
    pc.switch(continuation_seconds=60)
    token = read(pc.call("GET", "/customers?size=5"))["continuationToken"]
    pc.advance(61)
    response = pc.call("GET", "/customers?size=5&seekOperation=next", headers={"MS-ContinuationToken": token})
    assert error(response) == (400, 2000)


@pytest.mark.parametrize(("query", "count"), [("", 12), ("?size=0", 12), ("?size=9999", 12), ("?Size=4", 4)])
def test_the_size_parameter_limits_a_page(pc: Hand, query: str, count: int) -> None:
    assert len(read(pc.call("GET", f"/customers{query}"))["items"]) == count


def test_the_servers_maximum_counts(pc: Hand) -> None:
    pc.switch(max_page_size=3, total_count="all")
    page = read(pc.call("GET", "/customers?size=500"))
    assert (len(page["items"]), page["totalCount"]) == (3, 12)


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("CompanyName", "CONTOSO", {"Contoso Ltd"}),
        ("companyname", "north", {"Northwind Traders"}),
        ("Domain", "contosoltd", {"Contoso Ltd"}),
        ("CompanyName", "nobody", set()),
    ],
)
def test_customers_are_filtered_by_name_and_domain(pc: Hand, field: str, value: str, names: set[str]) -> None:
    page = read(pc.call("GET", f"/customers?size=0&filter={text_filter(field, value)}"))
    assert {item["companyProfile"]["companyName"] for item in page["items"]} == names


def test_a_filter_holds_on_every_page(pc: Hand) -> None:
    found = pages(pc, 1, f"/customers?size={{size}}&filter={text_filter('CompanyName', 'Northwind')}")
    assert [item["companyProfile"]["companyName"] for page in found for item in page["items"]] == [
        "Northwind Traders"
    ] * 2


def test_customers_of_a_reseller(pc: Hand) -> None:
    query = text_filter("IndirectReseller", "3B33E682-00C3-41EE-9DD2-A548ADF56438")
    items = read(pc.call("GET", f"/customers?filter={query}", kind="user"))["items"]
    assert 0 < len(items) < 12
    for item in items:
        relations = read(pc.call("GET", f"/customers/{item['id']}/relationships"))["items"]
        assert [relation["name"] for relation in relations] == ["Trey Research"]
        assert {"state", "location"}.isdisjoint(relations[0])
    assert error(pc.call("GET", f"/customers?filter={query}", kind="app")) == (403, 900329)


def test_a_customer_by_id(pc: Hand) -> None:
    item = read(pc.call("GET", "/customers?size=1"))["items"][0]
    assert set(item) == {"id", "companyProfile", "relationshipToPartner", "links", "attributes"}
    customer = read(pc.call("GET", f"/customers/{item['id'].upper()}"))
    assert customer["companyProfile"]["companyName"] == item["companyProfile"]["companyName"]
    assert {"commerceId", "billingProfile", "allowDelegatedAccess", "customDomains"} <= set(customer)
    company = read(pc.call("GET", f"/customers/{item['id']}/profiles/company"))
    assert company["companyName"] == item["companyProfile"]["companyName"]


@pytest.mark.parametrize(
    ("customer", "refusal"), [("not-a-guid", (400, 900118)), ("11111111-2222-4333-8444-555555555555", (403, 20002))]
)
@pytest.mark.parametrize(
    "rest", ["", "/subscriptions", "/subscriptions/x", "/subscriptions/x/supportcontact", "/relationships"]
)
def test_customers_of_another_partner_are_refused(pc: Hand, customer: str, refusal: tuple[int, int], rest: str) -> None:
    assert error(pc.call("GET", f"/customers/{customer}{rest}", kind="user")) == refusal


def test_customers_of_another_partner_may_be_answered_with_404(pc: Hand) -> None:
    pc.switch(unknown_customer="404")
    assert error(pc.call("GET", f"/customers/{guid()}")) == (404, 60003)


def test_a_customer_who_left(pc: Hand) -> None:
    sub = pc.pick("nce")
    pc.control("PATCH", f"customers/{sub.customer}", {"relationship": "none"})
    assert error(pc.call("GET", sub.path)) == (403, 20002)
    assert error(pc.call("PATCH", sub.path, {"friendlyName": "x"})) == (403, 20002)
    assert len(read(pc.call("GET", "/customers"))["items"]) == 11
    pc.control("PATCH", f"customers/{sub.customer}", {"relationship": "reseller"})
    assert pc.get(sub)


@pytest.mark.parametrize("rest", ["", "/addons", "/supportcontact"])
def test_unknown_subscriptions(pc: Hand, rest: str) -> None:
    customer = pc.pick("nce").customer
    assert error(pc.call("GET", f"/customers/{customer}/subscriptions/{guid()}{rest}")) == (404, 20003)


def test_another_customers_subscription_is_unknown(pc: Hand) -> None:
    one, other = pc.pick("nce"), pc.pick("marketplace")
    assert one.customer != other.customer
    assert error(pc.call("GET", f"/customers/{one.customer}/subscriptions/{other.id}")) == (404, 20003)


def test_ids_and_paths_have_no_case(pc: Hand) -> None:
    sub = pc.pick("nce")
    response = pc.call("GET", f"/Customers/{sub.customer.upper()}/SUBSCRIPTIONS/{sub.id.upper()}")
    assert read(response)["id"] == sub.id


def test_the_list_of_subscriptions(pc: Hand) -> None:
    sub = pc.pick("scheduled")
    page = read(pc.call("GET", f"/customers/{sub.customer}/subscriptions"))
    assert (page["totalCount"], len(page["items"])) == (10, 10)
    assert pc.get(sub) in page["items"]


def test_lists_may_omit_fields(pc: Hand) -> None:
    pc.switch(list_omits="scheduledNextTermInstructions,refundableQuantity")
    sub = pc.pick("scheduled")
    items = read(pc.call("GET", f"/customers/{sub.customer}/subscriptions"))["items"]
    assert not any({"scheduledNextTermInstructions", "refundableQuantity"} & set(item) for item in items)
    assert {"scheduledNextTermInstructions", "refundableQuantity"} <= set(pc.get(sub))


def test_lists_by_order_and_partner(pc: Hand) -> None:
    addon = pc.pick("legacy_addon")
    order, base = pc.get(addon)["orderId"], f"/customers/{addon.customer}/subscriptions"
    items = read(pc.call("GET", f"{base}?order_id={order.lower()}"))["items"]
    assert len(items) == 2
    everything = read(pc.call("GET", base))["items"]
    mpn = next(item["partnerId"] for item in everything if item["partnerId"])
    found = read(pc.call("GET", f"{base}?mpn_id={mpn}"))["items"]
    assert found == [item for item in everything if item["partnerId"] == mpn]
    assert 0 < len(found) < len(everything)


PROVIDER = "is_indirect_cloud_solution_provider_of"


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("IsIndirectCloudSolutionProviderOf", 6),
        (PROVIDER, 6),
        (PROVIDER.upper(), 6),
        ("IsIndirectResellerOf", 0),
        ("none", 6),
    ],
)
def test_relationship_types(pc: Hand, kind: str, count: int) -> None:
    page = read(pc.call("GET", f"/relationships?relationship_type={kind}"))
    assert page["totalCount"] == count
    assert {item["relationshipType"] for item in page["items"]} <= {PROVIDER}
    assert set(page) == {"totalCount", "items", "attributes"}


@pytest.mark.parametrize(
    ("operator", "value", "count"),
    [
        ("equals", "trey research", 1),
        ("starts_with", "W", 2),
        ("substring", "olk", 1),
        ("not_equals", "Wingtip Cloud", 4),
    ],
)
def test_relationships_by_name(pc: Hand, operator: str, value: str, count: int) -> None:
    query = text_filter("Name", value, operator)
    page = read(pc.call("GET", f"/relationships?relationship_type={PROVIDER}&filter={query}"))
    assert page["totalCount"] == count


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/relationships?relationship_type=IsAFriendOf", (400, 900126)),
        (f"/relationships?filter={text_filter('MpnId', '1', 'equals')}", (400, 2000)),
        (f"/relationships?filter={text_filter('Name', '1', 'greater_than')}", (400, 2000)),
    ],
)
def test_relationships_that_are_refused(pc: Hand, path: str, refusal: tuple[int, int]) -> None:
    assert error(pc.call("GET", path)) == refusal


@pytest.mark.parametrize(
    ("partner", "path", "status"),
    [("direct", "/relationships", 403), ("direct", "/customers", 200), ("indirect_reseller", "/customers", 403)],
)
def test_direct_partners_and_indirect_resellers_are_refused_with_1002(
    pc: Hand, partner: str, path: str, status: int
) -> None:
    pc.switch(partner_type=partner)
    response = pc.call("GET", path)
    assert response.status_code == status
    if status == 403:
        assert error(response) == (403, 1002)
