# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Products that the generated fleet is made of. Ids have the form of Microsoft's own; names are real ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """``offer_id`` is product:sku:availability for new commerce and a GUID (or MS-AZR-…) for legacy."""

    name: str
    offer_id: str
    most_seats: int = 10_000
    publisher: str = "Microsoft Corporation"


BUSINESS_SEATS = 300

NCE = (
    Product("Microsoft 365 Business Basic", "CFQ7TTC0LH18:0001:CFQ7TTC0K971", BUSINESS_SEATS),
    Product("Microsoft 365 Business Standard", "CFQ7TTC0LDPB:0001:CFQ7TTC0KH9W", BUSINESS_SEATS),
    Product("Microsoft 365 Business Premium", "CFQ7TTC0LCHC:0002:CFQ7TTC0KRHB", BUSINESS_SEATS),
    Product("Microsoft 365 E3", "CFQ7TTC0LFLX:0001:CFQ7TTC0KXQN"),
    Product("Microsoft 365 E5", "CFQ7TTC0LFLZ:0002:CFQ7TTC0KZQ8"),
    Product("Office 365 E1", "CFQ7TTC0LF8Q:0001:CFQ7TTC0KNW6"),
    Product("Exchange Online (Plan 1)", "CFQ7TTC0LH16:0001:CFQ7TTC0KKLV"),
    Product("Power BI Pro", "CFQ7TTC0H9MP:0001:CFQ7TTC0K4LJ"),
    Product("Microsoft Entra ID P1", "CFQ7TTC0LFLS:0002:CFQ7TTC0KW9Z"),
    Product("Visio Plan 2", "CFQ7TTC0HD32:0002:CFQ7TTC0K7DB"),
)
NCE_ADDON = (
    Product("Microsoft Teams Phone Standard", "CFQ7TTC0LH0T:0001:CFQ7TTC0K6WM"),
    Product("Microsoft Defender for Office 365 (Plan 1)", "CFQ7TTC0LH04:0001:CFQ7TTC0KPH3"),
    Product("Microsoft 365 Copilot", "CFQ7TTC0MM8R:0002:CFQ7TTC0MXK4", BUSINESS_SEATS),
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
MARKETPLACE = Product("Tailwind Analytics Suite", "DZH318Z0C1QF:0004:DZH318Z0D3LM", 5_000, "Tailwind Software")
