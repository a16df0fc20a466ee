# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small fleet in a table, what a person fills in there, and what is to come of it."""

from __future__ import annotations

import csv
import io
import typing as t

from ansible_collections.csp.partner_center.plugins.module_utils._module.subscriptions import shown_subscription
from ansible_collections.csp.partner_center.plugins.module_utils._report.export import table_text

from .samples import CUSTOMER, INSTRUCTIONS, legacy, new_commerce

CONTACT = {
    "support_tenant_id": "7460CF52-F7AC-47E3-AF9B-2D85A1CCD30E",
    "support_mpn_id": "4847383",
    "name": "Proseware, Partners",
    "attributes": {"object_type": "SupportContact"},
}
CANCEL = [{"scheduleType": "TermEnd", "actionType": "Cancel"}]


def guid(number: int) -> str:
    return f"83ef9d05-4169-4ef9-9657-{number:012}"


def as_shown(raw: t.Mapping[str, t.Any], name: str, **more: t.Any) -> dict[str, t.Any]:
    """A subscription as ``pc_subscription_info`` returns it."""
    ids = {"customer_id": CUSTOMER, "customer_name": name}
    return {**ids, **shown_subscription(raw, has_extended_terms=True), **more}


#: In the order in which the table has them.
FLEET = [
    as_shown(
        new_commerce(
            id=guid(1),
            friendlyName='=HYPERLINK("https://example.com","Büro")',
            scheduledNextTermInstructions={**INSTRUCTIONS, "customTermEndDate": "2027-08-31T00:00:00Z"},
        ),
        "Adatum; GmbH",
    ),
    as_shown(new_commerce(id=guid(2), friendlyName="1.0", autoRenewEnabled=False), "Bellows, College"),
    as_shown(legacy(id=guid(3), friendlyName="0815", quantity=1000), "Contoso", support_contact=CONTACT),
    as_shown(legacy(id=guid(4), friendlyName=None, autoRenewEnabled=None), "Datum", support_contact=None),
    as_shown(new_commerce(id=guid(5), scheduledActions=CANCEL, friendlyName="'quoted'"), "| a | b"),
    as_shown(new_commerce(id=guid(6), friendlyName="3/4", scheduledNextTermInstructions=INSTRUCTIONS), "é <b>"),
    as_shown(new_commerce(id=guid(7), friendlyName='日本\n"; DROP'), "日本ノースウィンド"),
]
#: Row -> column -> what a person types.
FILLED: dict[int, dict[str, str]] = {
    0: {
        "new_friendly_name": 'Straße 7; "Büro"',
        "new_quantity": "30",
        "new_renewal_quantity": "1000",
        "new_renewal_sku_id": "'0002",
        "new_renewal_custom_term_end_date": "2027-09-01",
    },
    1: {"new_friendly_name": "Vertrieb, München", "new_end_of_term": "Cancel"},
    2: {"new_friendly_name": "'0816", "new_auto_renew_enabled": "TRUE", "new_support_mpn_id": "4391507"},
    3: {"new_friendly_name": "neu", "new_auto_renew_enabled": "TRUE", "new_support_name": "Wolken €"},
    4: {"new_friendly_name": "yes", "new_end_of_term": "renew"},
    5: {"new_friendly_name": "'-5", "new_clear_scheduled_next_term_instructions": "TRUE"},
}


def items() -> list[dict[str, t.Any]]:
    """What is to come of that, however a program has saved it."""
    product = {
        "product_id": "CFQ7TTC0LH18",
        "sku_id": "0001",
        "availability_id": "CFQ7TTC0K971",
        "billing_cycle": "Monthly",
        "term_duration": "P1Y",
        "promotion_id": "",
    }
    found: list[dict[str, t.Any]] = [
        {
            "friendly_name": 'Straße 7; "Büro"',
            "quantity": 30,
            "scheduled_next_term_instructions": {
                "product": {"sku_id": "0002"},
                "quantity": 1000,
                "custom_term_end_date": "2027-09-01",
            },
            "expect": {
                "friendly_name": '=HYPERLINK("https://example.com","Büro")',
                "quantity": 10,
                "scheduled_next_term_instructions": {
                    "product": product,
                    "quantity": 60,
                    "custom_term_end_date": "2027-08-31T00:00:00Z",
                },
            },
        },
        {
            "friendly_name": "Vertrieb, München",
            "end_of_term": "cancel",
            "expect": {"friendly_name": "1.0", "end_of_term": "extended_service_term"},
        },
        {
            "friendly_name": "0816",
            "auto_renew_enabled": True,
            "support_contact": {"support_mpn_id": "4391507"},
            "expect": {
                "friendly_name": "0815",
                "auto_renew_enabled": True,
                "support_contact": {"support_mpn_id": "4847383"},
            },
        },
        {
            "friendly_name": "neu",
            "auto_renew_enabled": True,
            "support_contact": {"name": "Wolken €"},
            "expect": {
                "friendly_name": None,
                "auto_renew_enabled": False,
                "support_contact": {"name": None},
            },
        },
        {
            "friendly_name": "yes",
            "end_of_term": "renew",
            "expect": {"friendly_name": "'quoted'", "end_of_term": "cancel"},
        },
        {
            "friendly_name": "-5",
            "clear_scheduled_next_term_instructions": True,
            "expect": {
                "friendly_name": "3/4",
                "scheduled_next_term_instructions": {"product": product, "quantity": 60, "custom_term_end_date": ""},
            },
        },
    ]
    return [{"customer_id": CUSTOMER, "subscription_id": guid(row + 1), **one} for row, one in enumerate(found)]


def filled_in(
    subscriptions: t.Sequence[t.Mapping[str, t.Any]], filled: t.Mapping[int, t.Mapping[str, str]], **dialect: t.Any
) -> str:
    """The exported table of these subscriptions with cells filled in (row -> column -> cell), in a dialect of csv."""
    exported = csv.DictReader(io.StringIO(table_text(subscriptions).removeprefix("\ufeff"), newline=""))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, exported.fieldnames or (), **dialect)
    writer.writeheader()
    writer.writerows({**row, **filled.get(number, {})} for number, row in enumerate(exported))
    return text.getvalue()
