# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of hosts: valid, unique, and the same whatever order the fleet comes in."""

from __future__ import annotations

import random
import re
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._module.hosts import (
    customers_as_hosts,
    subscriptions_as_hosts,
)

ONE = "0C39D6D5-c70d-4c55-bc02-f620844f3fd1"
TWO = "83ef9d05-4169-4ef9-9657-0e86b1eab1de"
NEXT = "83ef9d05-0000-4ef9-9657-0e86b1eab1de"
VALID = re.compile(r"[a-z0-9][a-z0-9._-]*")


def customer(customer_id: str, name: str = "", domain: str = "", subscriptions: t.Sequence[str | None] = ()) -> t.Any:
    made = [{"id": one} if one is not None else {} for one in subscriptions]
    return {"customer_id": customer_id, "company_name": name, "domain": domain, "subscriptions": made}


def names(*customers: t.Any) -> list[str]:
    return [host.name for host in customers_as_hosts(customers)]


@pytest.mark.parametrize(
    ("name", "domain", "expected"),
    [
        ("Contoso Ltd", "Contoso.onmicrosoft.com", "contoso.onmicrosoft.com"),
        ("Contoso", "xn--caf-dma.example.com", "xn--caf-dma.example.com"),
        ("Café Zürich GmbH", "", "cafe-zurich-gmbh_0c39d6d5"),
        ("Café", "café.example.com", "cafe_0c39d6d5"),
        ("localhost", "", "localhost_0c39d6d5"),
        ("localhost", "localhost", "localhost_0c39d6d5"),
        ("all", "127.0.0.1", "all_0c39d6d5"),
        ("日本ノースウィンド株式会社", "", "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"),
        ("", "", "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"),
        ("{{ lookup('pipe', 'id') }}", "{{ x }}.com", "lookup-pipe-id_0c39d6d5"),
        ("!a:b,c[1]&*", "a:b.com", "a-b-c-1_0c39d6d5"),
        ("-- ~@all", "-a.com", "all_0c39d6d5"),
        ("x" * 300, "x" * 300 + ".com", "x" * 60 + "_0c39d6d5"),
    ],
)
def test_a_customers_name(name: str, domain: str, expected: str) -> None:
    assert names(customer(ONE, name, domain)) == [expected]


def test_customers_of_the_same_name_get_their_ids() -> None:
    same = [customer(one, "Contoso", "contoso.com") for one in (ONE, TWO)]
    assert names(*same) == ["contoso.com_0c39d6d5", "contoso.com_83ef9d05"]
    assert names(*same, customer(NEXT, "Contoso", "CONTOSO.com")) == [
        "contoso.com_0c39d6d5",
        f"contoso.com_{TWO}",
        f"contoso.com_{NEXT}",
    ]


def test_a_subscription_is_called_after_its_customer_and_its_id() -> None:
    found = subscriptions_as_hosts([customer(ONE, "Contoso", "contoso.com", [TWO.upper(), NEXT, None])])
    assert [host.name for host in found] == [
        f"contoso.com_{TWO}",
        f"contoso.com_{NEXT}",
        "contoso.com_without-id-2",
    ]


texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["contoso", "contoso.com", "contoso.com_83ef9d05", "contoso_83ef9d05", TWO, "a.b", "127.0.0.1"]),
)
ids = st.sampled_from([ONE, TWO, NEXT, "11111111-2222-3333-4444-555555555555"])


@given(st.lists(st.builds(customer, ids, texts, texts), unique_by=lambda one: one["customer_id"]), st.randoms())
def test_names_are_valid_unique_and_stable(customers: list[t.Any], chance: random.Random) -> None:
    found = dict(zip((one["customer_id"] for one in customers), names(*customers), strict=True))
    assert len(set(found.values())) == len(customers)
    assert all(VALID.fullmatch(name) for name in found.values())
    assert found.keys() <= {ONE, TWO, NEXT, "11111111-2222-3333-4444-555555555555"}
    chance.shuffle(customers)
    assert dict(zip((one["customer_id"] for one in customers), names(*customers), strict=True)) == found
