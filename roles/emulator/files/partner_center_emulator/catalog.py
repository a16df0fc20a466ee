# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Products that the generated fleet is made of. Ids have the form of Microsoft's own; names are real ones."""

from __future__ import annotations

from dataclasses import dataclass

EXTENDED_NAME = "Extended Service Term"


@dataclass(frozen=True)
class Product:
    """``offer_id`` is product:sku:availability for new commerce and a GUID (or MS-AZR-…) for legacy.

    ``price`` is what a seat costs in a month of an annual term; ``monthly_plan``: there are terms of a month as well.
    ``has_successor``: false where its sale has ended and nothing can take its place.
    """

    name: str
    offer_id: str
    most_seats: int = 10_000
    publisher: str = "Microsoft Corporation"
    price: float = 0.0
    monthly_plan: bool = True
    has_successor: bool = True

    @property
    def extended(self) -> Product:
        """The product in its extended service term, an offer of its own: 3 % above the monthly plan, or 23 % above
        the annual one where there is no monthly plan."""
        product_id, sku_id, availability_id = self.offer_id.split(":")
        offer_id = f"{product_id}:E{sku_id[1:]}:{availability_id[:-1]}X"
        price = round(self.monthly_price * 1.03 if self.monthly_plan else self.price * 1.23, 2)
        return Product(f"{self.name} {EXTENDED_NAME}", offer_id, self.most_seats, self.publisher, price)

    @property
    def monthly_price(self) -> float:
        """What a seat costs in a term of a month."""
        return round(self.price * 1.2, 2)


BUSINESS_SEATS = 300

NCE = (
    Product("Microsoft 365 Business Basic", "CFQ7TTC0LH18:0001:CFQ7TTC0K971", BUSINESS_SEATS, price=5.60),
    Product("Microsoft 365 Business Standard", "CFQ7TTC0LDPB:0001:CFQ7TTC0KH9W", BUSINESS_SEATS, price=11.70),
    Product("Microsoft 365 Business Premium", "CFQ7TTC0LCHC:0002:CFQ7TTC0KRHB", BUSINESS_SEATS, price=20.60),
    Product("Microsoft 365 E3", "CFQ7TTC0LFLX:0001:CFQ7TTC0KXQN", price=36.70),
    Product("Microsoft 365 E5", "CFQ7TTC0LFLZ:0002:CFQ7TTC0KZQ8", price=57.00),
    Product("Office 365 E1", "CFQ7TTC0LF8Q:0001:CFQ7TTC0KNW6", price=9.40),
    Product("Exchange Online (Plan 1)", "CFQ7TTC0LH16:0001:CFQ7TTC0KKLV", price=3.70),
    Product("Power BI Pro", "CFQ7TTC0H9MP:0001:CFQ7TTC0K4LJ", price=13.10),
    Product("Microsoft Entra ID P1", "CFQ7TTC0LFLS:0002:CFQ7TTC0KW9Z", price=5.60),
    Product("Visio Plan 2", "CFQ7TTC0HD32:0002:CFQ7TTC0K7DB", price=14.00),
)
NCE_ADDON = (
    Product("Microsoft Teams Phone Standard", "CFQ7TTC0LH0T:0001:CFQ7TTC0K6WM", price=7.50),
    Product("Microsoft Defender for Office 365 (Plan 1)", "CFQ7TTC0LH04:0001:CFQ7TTC0KPH3", price=1.90),
    Product("Microsoft 365 Copilot", "CFQ7TTC0MM8R:0002:CFQ7TTC0MXK4", BUSINESS_SEATS, price=28.10, monthly_plan=False),
)
# Microsoft's rule leaves such products out: no extended service term follows. Nothing in the API tells them apart.
END_OF_SALE = Product(
    "Microsoft 365 Business Voice", "CFQ7TTC0LGZ9:0001:CFQ7TTC0K8DM", price=15.00, has_successor=False
)
LEGACY = (
    Product("Office 365 Business Essentials", "BD938F12-058F-4927-BBA3-AE36B1D2501C", BUSINESS_SEATS),
    Product("Office 365 Enterprise E3", "796B6B5F-613C-4E24-A17C-EBA730D49C02"),
    Product("Enterprise Mobility + Security E3", "79C29AF7-3CD0-4A6F-B182-A81E31DEC84E"),
    Product("Project Online Professional", "C9A4B2E0-7F4C-4D2A-9E07-6D63B6E6B8F1"),
)
LEGACY_ADDON = (
    Product("Office 365 Advanced Threat Protection", "A2706F86-868D-4048-989B-0C69E5C76B63"),
    Product("Extra File Storage", "53FC25C4-AAB7-4CEC-A7C7-D1E9E1B2D2C2", 25_000),
)
AZURE_PLAN = Product("Azure plan", "DZH318Z0BPS6:0001:DZH318Z0BMJX")
AZURE_LEGACY = Product("Microsoft Azure", "MS-AZR-0145P")
MARKETPLACE = Product("Tailwind Analytics Suite", "DZH318Z0C1QF:0004:DZH318Z0D3LM", 5_000, "Tailwind Software", 30.0)
SOFTWARE = Product("Windows Server 2025 CAL (1 year)", "DG7GMGF0MX68:0004:DG7GMGF0MFJ2", price=2.90)

_LICENCES = {":".join(product.offer_id.split(":")[:2]): product for product in (*NCE, *NCE_ADDON, END_OF_SALE)}
_EXTENDED = {":".join(product.extended.offer_id.split(":")[:2]): product for product in NCE + NCE_ADDON}
_OTHERS = {":".join(product.offer_id.split(":")[:2]): product for product in (MARKETPLACE, SOFTWARE)}


def find(offer_id: str) -> Product | None:
    """The product of an offer, by product and SKU: availabilities change over time."""
    sku = ":".join(offer_id.split(":")[:2])
    if sku in _EXTENDED:
        return _EXTENDED[sku].extended
    return _LICENCES.get(sku) or _OTHERS.get(sku)


def base_of(offer_id: str) -> Product | None:
    """The product whose extended service term this offer is."""
    return _EXTENDED.get(":".join(offer_id.split(":")[:2]))
