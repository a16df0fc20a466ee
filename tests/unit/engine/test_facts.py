# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a fleet: which requests it costs, what comes through, and who is unavailable."""

from __future__ import annotations

import typing as t
from collections import Counter
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._api.client import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.errors import (
    ApiError,
    AppUserRequired,
    PartnerCenterError,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._engine.facts import (
    Facts,
    read_fleet,
    read_subscription,
)
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.match import parse_match

from .conftest import OnePath
from .emulator import Emulator

STRANGER = "11111111-2222-3333-4444-555555555555"


def read(path: OnePath, match: dict[str, t.Any] | None = None, **options: t.Any) -> Facts:
    parsed = None if match is None else parse_match("match", match)
    client = options.pop("client", None) or path.connect(retries=1)
    return read_fleet(client, match=parsed, threads=4, now=utc_now(), **options)


def ids_of(facts: Facts) -> list[tuple[str, str]]:
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
