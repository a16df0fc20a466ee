# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The partner's own profiles. Only the support profile can be changed ("Update support profile")."""

from __future__ import annotations

import re
from typing import Any

from ..bodies import link, read_object
from ..errors import Refusal, bad_input
from ..folding import fold
from ..wire import Answer, Call
from ..world import World

FIELDS = ("email", "telephone", "website")
_CHECKS = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "telephone": re.compile(r"\+?[0-9 ()./-]{5,}"),
    "website": re.compile(r"(?!https?:)[A-Za-z0-9.-]+\.[A-Za-z]{2,}"),
}


def get_support(world: World, call: Call) -> Answer:
    return Answer(body=_support(world), marked=True)


def _support(world: World) -> dict[str, Any]:
    profile = world.store.support_profile
    return {
        **{name: profile[name] for name in FIELDS if name in profile},
        "profileType": "support_profile",
        "links": {"self": link("/v1/profiles/support")},
        "attributes": {"objectType": "PartnerSupportProfile"},
    }


def put_support(path: str, world: World, call: Call) -> Answer:
    """PUT below profiles: every client and the resource's self link say support, the page "Update support profile"
    says supportprofile.
    """
    if world.switches["support_profile_put"] not in ("both", path):
        status = int(world.switches["support_profile_refusal"])
        raise Refusal(status, 1000 if status == 404 else 0, f"profiles/{path} does not take PUT.")
    given = fold(read_object(call, world.switches["json_comments"]))
    profile = {name: _field(world, name, given.get(name)) for name in FIELDS}
    stored = {name: value for name, value in profile.items() if value is not None}
    call.effective = stored != world.store.support_profile
    world.store.support_profile = stored
    world.store.touched()
    return Answer(body=_support(world), marked=True)


def _field(world: World, name: str, value: Any) -> str | None:
    if value is None:
        rule = world.switches["support_profile_absent"]
        if rule == "refuse":
            raise bad_input(f"The support profile lacks {name}.")
        return world.store.support_profile.get(name) if rule == "keep" else None
    if not isinstance(value, str):
        raise bad_input(f"{name} must be a string.")
    if world.switches["support_profile_check"] == "strict" and not _CHECKS[name].fullmatch(value):
        raise bad_input(f"{name} is not valid.")
    return value


_ADDRESS = {
    "country": "US",
    "city": "Redmond",
    "state": "WA",
    "addressLine1": "One Microsoft Way",
    "postalCode": "98052",
    "firstName": "Avery",
    "lastName": "Howard",
    "phoneNumber": "4255550100",
}


_NAME = "Adatum Distribution"
_BUSINESS = {"companyName": _NAME, "address": _ADDRESS, "primaryContact": _ADDRESS}
# Path below profiles -> kind, and what it says whoever the partner is.
_FIXED: dict[str, tuple[str, dict[str, Any]]] = {
    "organization": (
        "OrganizationProfile",
        {
            "companyName": _NAME,
            "defaultAddress": _ADDRESS,
            "domain": "adatumdistribution.onmicrosoft.com",
            "email": "office@adatum.example",
            "language": "en",
            "culture": "en-US",
        },
    ),
    "legalbusiness": (
        "LegalBusinessProfile",
        {**_BUSINESS, "vettingStatus": "authorized", "vettingSubStatus": "none"},
    ),
    "billing": ("BillingProfile", {**_BUSINESS, "purchaseOrderNumber": "", "taxId": "", "billingCurrency": "USD"}),
}


def get_fixed(path: str, world: World, call: Call) -> Answer:
    """A profile that nobody changes here."""
    kind, fields = _FIXED[path]
    ids = {"id": world.fleet.tenant_id, "tenantId": world.fleet.tenant_id} if path == "organization" else {}
    return Answer(body=_profile(path, kind, {**ids, **fields}), marked=True)


def get_mpn(world: World, call: Call) -> Answer:
    """The Microsoft AI Cloud Partner Program profile: the partner's own, or one of its resellers' by ``mpnId``."""
    asked = call.query.get("mpnid", "")
    reseller = world.fleet.reseller_by_mpn(asked)
    if asked and asked != world.fleet.mpn_id and reseller is None:
        raise Refusal(404, 3000, f"The partner {asked} was not found.")
    name, mpn = (reseller.name, reseller.mpn_id) if reseller else (_NAME, world.fleet.mpn_id)
    return Answer(body=_profile("mpn", "MpnProfile", {"partnerName": name, "mpnId": mpn}), marked=True)


def _profile(path: str, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        **fields,
        "profileType": kind,
        "links": {"self": link(f"/profiles/{path}")},
        "attributes": {"objectType": f"Partner{kind}"},
    }
