# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of customers and resellers: Microsoft's fictional companies and made-up ones."""

from __future__ import annotations

# The first customers are the awkward ones, so that every fleet has them.
FIRST = (
    "Contoso Ltd",
    "Café Zürich GmbH",
    "{{ lookup('pipe','id') }}",
    "Fabrikam, Inc.",
    "Northwind Traders",
    "Northwind Traders",
    "日本ノースウィンド株式会社",
    "Łódź Logistyka Sp. z o.o.",
    'O\'Leary & Søn <Import> "Export"',
)


def _list(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


STEMS = _list("""
    Adatum, Adventure Works, Alpine Ski House, Bellows College, Best For You Organics, City Power & Light,
    Coho Vineyard, Coho Winery, Consolidated Messenger, Fourth Coffee, First Up Consultants,
    Graphic Design Institute, Humongous Insurance, Lamna Healthcare, Liberty's Delightful Bakery, Litware,
    Lucerne Publishing, Margie's Travel, Munson's Pickles, Nod Publishers, Proseware, Relecloud,
    School of Fine Art, Southridge Video, Tailspin Toys, The Phone Company, VanArsdel, Wide World Importers,
    Wingtip Toys, Woodgrove Bank, Blue Yonder Airlines, Baldwin Museum, Boulder Innovations, Crate & Barrow,
    Harbor Lights, Kestrel Freight, Lakeshore Dental, Meadowbrook Farms, Northgate Legal, Oakridge Schools,
    Pinecrest Clinic, Quarry Stone Works
""")
PLACES = _list("""
    , Austria, Bavaria, Benelux, Bristol, Cascade, Copenhagen, Dublin, Edinburgh, France, Geneva, Helsinki,
    Iberia, Kraków, Lisbon, Lyon, Málaga, Midlands, Milano, Normandy, Oslo, Pacific, Prague, Québec, Rhein-Main,
    Skåne, Tallinn, Toronto, Tyrol, Vilnius, Westcoast
""")
FORMS = ("Ltd", "GmbH", "Inc.", "AG", "S.A.", "B.V.", "AB", "LLC")
COUNTRIES = ("US", "GB", "DE", "FR", "SE", "NL", "CH", "PL", "CA", "DK")

# The first one is the reseller of Microsoft's "Update a subscription's support contact" example; two share a name.
RESELLERS = (
    ("3B33E682-00C3-41EE-9DD2-A548ADF56438", "Trey Research", "4391507", "US"),
    ("", "Proseware Partners", "4847383", "GB"),
    ("", "Wingtip Cloud", "5129460", "DE"),
    ("", "Wingtip Cloud", "5129461", "AT"),
    ("", "Zürich Wolken AG", "6020114", "CH"),
    ("", "Relecloud Services", "6183027", "SE"),
)


def customer_name(index: int) -> str:
    """A name for the customer with this index; the same index gives the same name."""
    if index < len(FIRST):
        return FIRST[index]
    number = index - len(FIRST)
    stem = STEMS[number % len(STEMS)]
    number //= len(STEMS)
    place = PLACES[number % len(PLACES)]
    number //= len(PLACES)
    form = FORMS[(index + number) % len(FORMS)]
    # Beyond stems times places a number keeps the names apart.
    return " ".join(part for part in (stem, place, form, str(number + 1) if number else "") if part)


def domain_name(index: int, name: str) -> str:
    """The customer's initial domain: ASCII letters and digits of its name, made unique by its index."""
    slug = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())[:24] or "tenant"
    return f"{slug}{index:03d}.onmicrosoft.com"
