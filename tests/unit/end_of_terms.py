# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Every kind of subscription, in every state that the end of its term can have, asked for everything that can be asked.

What comes of it is the table of the guide to the ends of terms: each row here is one there, by its first cell. A row
stands for several kinds and forms that have to behave alike.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

Raw = dict[str, t.Any]

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_end_of_term.rst"
_TABLE_ROW = re.compile(r"^   \* - (.+)\n((?:     - .+\n)+)", re.MULTILINE)

#: What is asked, in the order of the table's columns.
ASKED: t.Final[list[Raw]] = [
    {"end_of_term": "renew"},
    {"end_of_term": "cancel"},
    {"end_of_term": "extended_service_term"},
    {"auto_renew_enabled": True},
    {"auto_renew_enabled": False},
]

INSTRUCTIONS: t.Final = "scheduledNextTermInstructions"
ACTIONS: t.Final = "scheduledActions"
CANCEL: t.Final[Raw] = {"scheduleType": "TermEnd", "actionType": "Cancel"}
EXTEND: t.Final[Raw] = {"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}
RENEW: t.Final[Raw] = {"scheduleType": "TermEnd", "actionType": "RenewToNewTerm"}
TRANSITION: t.Final[Raw] = {"scheduleType": "TermEnd", "actionType": "Transition"}
LATER: t.Final[Raw] = {"scheduleType": "CustomDate", "actionType": "Cancel", "effectiveDate": "2027-02-03T00:00:00Z"}
UNKNOWN: t.Final[Raw] = {"scheduleType": "TermEnd", "actionType": "ConvertToConsumption"}

ON: t.Final[Raw] = {"autoRenewEnabled": True}
OFF: t.Final[Raw] = {"autoRenewEnabled": False}
#: Stands for instructions that fit the subscription's own product.
OWN: t.Final = object()


@dataclass(frozen=True)
class Kind:
    """``tag``: of the emulator's subscription that it is like; ``values``: what it has instead."""

    tag: str
    values: Raw = field(default_factory=dict)
    #: Years that its term is longer.
    years: int = 0


LICENCES: t.Final = {
    "annual licence": Kind("nce"),
    "monthly licence": Kind("monthly_term"),
    "licence for three years": Kind("nce", {"termDuration": "P3Y"}, years=2),
    "add-on": Kind("addon"),
}
OLDER: t.Final = {"licence of before April 2025": Kind("three_years")}
OTHERS: t.Final = {"software": Kind("software"), "marketplace": Kind("marketplace")}
TRIALS: t.Final = {"trial": Kind("trial")}
LEGACY: t.Final = {"legacy": Kind("legacy"), "legacy add-on": Kind("legacy_addon")}
LEGACY_TRIALS: t.Final = {"legacy trial": Kind("legacy_trial")}
USAGE: t.Final = {"Azure plan": Kind("azure_plan"), "legacy Azure": Kind("legacy_azure")}
ALL: t.Final = {**LICENCES, **OLDER, **OTHERS, **LEGACY}

_SUSPENDED: t.Final[Raw] = {"status": "suspended", "suspensionReasons": []}
_BY_MICROSOFT: t.Final[Raw] = {"status": "suspended", "suspensionReasons": ["PaymentProblem"]}
_EXTENDED: t.Final[Raw] = {"offerName": "Office 365 E3 Extended Service Term", "termDuration": "P1M"}


@dataclass(frozen=True)
class Row:
    """``label``: the first cell in the guide; ``states``: the forms in which the API may show it."""

    label: str
    kinds: t.Mapping[str, Kind]
    states: t.Sequence[Raw]


ROWS: t.Final = [
    Row("Eligible licence, renews", LICENCES, [ON, {**ON, ACTIONS: [RENEW]}, {**ON, "nextChargeInstructions": OWN}]),
    Row(
        "Eligible licence, renews with instructions",
        LICENCES,
        [{**ON, INSTRUCTIONS: OWN}, {**ON, ACTIONS: [{**RENEW, "instructions": OWN}]}],
    ),
    Row("Eligible licence, cancellation scheduled", LICENCES, [{**OFF, ACTIONS: [CANCEL]}]),
    Row(
        "Eligible licence, extended service term scheduled, auto-renew off",
        LICENCES,
        [{**OFF, ACTIONS: [EXTEND]}],
    ),
    Row("Eligible licence, extended service term scheduled, auto-renew on", LICENCES, [{**ON, ACTIONS: [EXTEND]}]),
    Row("Eligible licence, auto-renew off and nothing scheduled", LICENCES, [OFF]),
    Row(
        "Eligible licence, another action scheduled, auto-renew on",
        LICENCES,
        [{**ON, ACTIONS: [{**TRANSITION, "instructions": OWN}]}, {**ON, ACTIONS: [UNKNOWN]}],
    ),
    Row("Eligible licence, another action scheduled, auto-renew off", LICENCES, [{**OFF, ACTIONS: [LATER]}]),
    Row("Eligible licence, suspended, auto-renew off", LICENCES, [{**OFF, **_SUSPENDED}]),
    Row("Eligible licence, suspended, auto-renew on", LICENCES, [{**ON, **_BY_MICROSOFT}]),
    Row("Licence in an extended service term", LICENCES, [{**_EXTENDED, **ON}]),
    Row(
        "Licence in an extended service term, cancellation scheduled",
        LICENCES,
        [{**_EXTENDED, **OFF, ACTIONS: [CANCEL]}],
    ),
    Row("Licence that is not eligible, renews", OLDER, [ON, {**ON, INSTRUCTIONS: OWN}]),
    Row("Licence that is not eligible, cancellation scheduled", OLDER, [{**OFF, ACTIONS: [CANCEL]}]),
    Row("Licence that is not eligible, auto-renew off", OLDER, [OFF]),
    Row("Software or marketplace, renews", OTHERS, [ON]),
    Row("Software or marketplace, auto-renew off", OTHERS, [OFF]),
    Row("Trial, auto-renew on", TRIALS, [ON]),
    Row("Trial, auto-renew off", TRIALS, [OFF]),
    Row("Legacy, renews", LEGACY, [ON]),
    Row("Legacy, auto-renew off", LEGACY, [OFF, {"autoRenewEnabled": None}]),
    Row("Legacy trial", LEGACY_TRIALS, [OFF]),
    Row("Azure plan and whatever else is billed by usage", USAGE, [OFF]),
    Row(
        "Anything not eligible that is suspended, auto-renew off",
        {**OLDER, **OTHERS, **LEGACY},
        [{**OFF, **_SUSPENDED}, {**OFF, **_BY_MICROSOFT}],
    ),
    Row(
        "Anything that is expired, disabled or cancelled",
        ALL,
        [{**OFF, "status": status} for status in ("expired", "disabled", "deleted")],
    ),
]


@dataclass(frozen=True)
class Case:
    """``values``: what the subscription has otherwise than its kind's; ``cell``: what the guide says of it."""

    row: str
    kind: str
    values: Raw
    asked: Raw
    cell: str

    @property
    def answer(self) -> str:
        """``changed``, ``unchanged``, ``refused`` (before anything is sent), or ``refused by Partner Center``."""
        return self.cell.partition(":")[0].partition(",")[0]

    @property
    def reason(self) -> str:
        return self.cell.partition(": ")[2]

    @property
    def warns(self) -> bool:
        return self.cell.endswith(", with a warning")

    def __str__(self) -> str:
        return f"{self.row} ({self.kind} with {self.values}), asked for {self.asked}: {self.cell}"


def guide() -> dict[str, list[str]]:
    """The rows of the guide's table by their first cell, its header left out."""
    rows = [(first, cells.splitlines()) for first, cells in _TABLE_ROW.findall(GUIDE.read_text()) if first != "State"]
    return {first: [cell.strip()[2:] for cell in cells] for first, cells in rows if len(cells) == len(ASKED)}


def cases() -> list[tuple[Kind, Case]]:
    cells = guide()
    return [
        (like, Case(row.label, kind, {**like.values, **state}, asked, cell))
        for row in ROWS
        for kind, like in row.kinds.items()
        for state in row.states
        for asked, cell in zip(ASKED, cells[row.label], strict=True)
    ]


def made(like: Kind, values: Raw, template: Raw, place: Raw) -> Raw:
    """
    The subscription of a case as the service keeps it: ``template`` with ``values``, in the place of another one
    (``place``), whose ids and links it takes.
    """
    found = {**template, **{name: place[name] for name in ("id", "links", "orderId", "creationDate")}}
    for name in (ACTIONS, INSTRUCTIONS) if not template.get("isTrial") else ():
        found.pop(name, None)
    for name in ("commitmentEndDate", "commitmentEndDateTime"):
        if like.years and name in found:
            found[name] = f"{int(found[name][:4]) + like.years}{found[name][4:]}".replace("-02-29", "-02-28")
    return {**found, **_filled_in(values, found)}


def _filled_in(value: t.Any, resource: Raw) -> t.Any:
    if value is OWN:
        product, sku, availability = resource["offerId"].split(":")
        return {
            "product": {
                "productId": product,
                "skuId": sku,
                "availabilityId": availability,
                "billingCycle": resource["billingCycle"],
                "termDuration": resource["termDuration"],
            },
            "quantity": resource["quantity"] + 2,
        }
    if isinstance(value, dict):
        return {name: _filled_in(part, resource) for name, part in value.items()}
    return [_filled_in(part, resource) for part in value] if isinstance(value, list) else value
