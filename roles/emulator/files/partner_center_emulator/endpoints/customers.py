# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Customers: paged by continuation token, filtered on the server ("Get a list of customers")."""

from __future__ import annotations

import base64
import json
from typing import Any

from ..bodies import link, matches, read_filter
from ..errors import Refusal, app_only
from ..fleet import Customer
from ..wire import Answer, Call
from ..world import World


def list_customers(world: World, call: Call) -> Answer:
    token, seek = call.headers.get("ms-continuationtoken", ""), call.query.get("seekoperation", "").lower()
    if seek == "next":
        start, text = _open_token(world, token)
    elif seek in ("", "first"):
        start, text = 0, call.query.get("filter", "")
    else:
        raise _bad_page(f"The seek operation {seek} is not supported here.")
    found = _filtered(world, call, text)
    size = _page_size(world, call.query.get("size", ""))
    page = found[start : start + size]
    if seek == "next" and not page and world.switches["last_page"] != "empty":
        raise _bad_page("There are no more customers.")
    return _page_answer(world, page, start + len(page), len(found), size, text)


def _page_size(world: World, text: str) -> int:
    """Size 0 is what Microsoft's SDK sends for "no paging asked for"; the server's maximum applies."""
    most: int = world.switches["max_page_size"]
    if not text:
        return most
    if not text.isdigit():
        raise _bad_page(f"The page size {text} is not a number.")
    return min(int(text), most) or most


def _bad_page(what: str) -> Refusal:
    return Refusal(400, 2000, what, "PartnerApiServiceControllers")


def _open_token(world: World, token: str) -> tuple[int, str]:
    try:
        held = json.loads(base64.urlsafe_b64decode(token.encode()))
        start, text, issued = int(held["at"]), str(held["filter"]), float(held["issued"])
    except (ValueError, KeyError, TypeError):
        raise _bad_page("The continuation token is not valid.") from None
    lifetime = world.switches["continuation_seconds"]
    if lifetime and world.clock.timestamp() > issued + lifetime:
        raise _bad_page("The continuation token is no longer valid.")
    return start, text


def _new_token(world: World, start: int, text: str) -> str:
    held = {"at": start, "filter": text, "issued": world.clock.timestamp()}
    return base64.urlsafe_b64encode(json.dumps(held).encode()).decode()


def _filtered(world: World, call: Call, text: str) -> list[Customer]:
    customers = [customer for customer in world.fleet.customers.values() if customer.id not in world.store.ended]
    wanted = read_filter(text)
    if wanted is None:
        return customers
    # Swagger and documentation have two names for the same fields.
    aliases = {"displayname": "companyname", "defaultdomainname": "domain"}
    field, value = aliases.get(wanted["field"], wanted["field"]), wanted["value"]
    if field in ("indirectreseller", "indirectcloudsolutionprovider"):
        if call.is_app_only:
            raise app_only()
        return [customer for customer in customers if _brought_by(customer, value)]
    if wanted["operator"] != "startswith" or field not in ("companyname", "domain"):
        raise _bad_page("Customers can be filtered by CompanyName or Domain with starts_with.")
    return [
        customer
        for customer in customers
        if matches("startswith", customer.name if field == "companyname" else customer.domain, value)
    ]


def _brought_by(customer: Customer, tenant_id: str) -> bool:
    return customer.reseller is not None and customer.reseller.id.lower().startswith(tenant_id.lower())


def _page_answer(world: World, page: list[Customer], end: int, total: int, size: int, text: str) -> Answer:
    own = "/customers?size=" + str(size)
    body: dict[str, Any] = {
        "totalCount": total if world.switches["total_count"] == "all" else len(page),
        "items": [_item(customer) for customer in page],
        "links": {"self": link(own)},
        "attributes": {"objectType": "Collection"},
    }
    headers = {}
    if page and _goes_on(world, end, total, len(page) == size):
        token, places = _new_token(world, end, text), world.switches["continuation_in"]
        # The path keeps what the first page asked for; the token knows where to go on.
        next_link = link(world.link(f"{own}&seekOperation=Next", world.switches["next_link"]))
        if "link" in places:
            next_link["headers"] = [{"key": "MS-ContinuationToken", "value": token}]
        body["links"]["next"] = next_link
        if "body" in places:
            body["continuationToken"] = token
        if "header" in places:
            headers["MS-ContinuationToken"] = token
    return Answer(body=body, headers=headers)


def _goes_on(world: World, end: int, total: int, full: bool) -> bool:
    if end < total:
        return True
    rule = world.switches["last_page"]
    return rule in ("token", "empty") or (rule == "natural" and full)


def _item(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "companyProfile": {
            "tenantId": customer.id,
            "domain": customer.domain,
            "companyName": customer.name,
            "links": {"self": link(f"/customers/{customer.id}/profiles/company")},
            "attributes": {"objectType": "CustomerCompanyProfile"},
        },
        "relationshipToPartner": "reseller",
        "links": {"self": link(f"/customers/{customer.id}")},
        "attributes": {"objectType": "Customer"},
    }


def get_customer(world: World, call: Call, customer_id: str) -> Answer:
    customer = world.customer(customer_id)
    resource = _item(customer)
    resource["companyProfile"] |= {"address": _address(customer), "email": f"admin@{customer.domain}"}
    return Answer(
        body={
            **resource,
            "commerceId": world.fleet.guid("commerce", customer.index),
            "billingProfile": {
                "id": world.fleet.guid("billing", customer.index),
                "firstName": "Kim",
                "lastName": "Akers",
                "email": f"admin@{customer.domain}",
                "culture": "en-US",
                "language": "en",
                "companyName": customer.name,
                "defaultAddress": _address(customer),
                "attributes": {
                    "etag": str(-4242348048554929329 + customer.index),
                    "objectType": "CustomerBillingProfile",
                },
            },
            "allowDelegatedAccess": True,
            "customDomains": [],
            "associatedPartnerId": customer.reseller.mpn_id if customer.reseller else None,
        }
    )


def _address(customer: Customer) -> dict[str, str]:
    return {"country": customer.country, "city": "Springfield", "addressLine1": "1 Main Street", "postalCode": "00001"}


def get_company(world: World, call: Call, customer_id: str) -> Answer:
    customer = world.customer(customer_id)
    profile = _item(customer)["companyProfile"]
    return Answer(body={**profile, "address": _address(customer), "email": f"admin@{customer.domain}"}, marked=True)
