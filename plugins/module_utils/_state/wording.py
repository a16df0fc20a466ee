# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Values of settings in people's words: ``nothing → Proseware Partners (MPN 4847383)``, never JSON. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

NOTHING: t.Final = "nothing"
_AS_NOW: t.Final = "as it is"

#: Lengths of terms as Partner Center writes them -> in words.
TERMS: t.Final[t.Mapping[str, str]] = {"P1M": "1 month", "P1Y": "1 year", "P3Y": "3 years"}
_CYCLES: t.Final[t.Mapping[str, str]] = {"monthly": "billed monthly", "annual": "billed annually"}
_PARTS: t.Final = ("quantity", "term_duration", "billing_cycle", "custom_term_end_date", "product")
_PRODUCT: t.Final = ("product_id", "sku_id", "availability_id", "promotion_id")


@dataclass(frozen=True, slots=True)
class Worded:
    """A value before and after a change. ``unit`` belongs to both, and is said once: ``25 → 20 seats at renewal``."""

    before: str
    after: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.before} → {self.after}{self.unit}"


def plainly(before: t.Any, after: t.Any) -> Worded:
    return Worded(value_in_words(before), value_in_words(after))


def value_in_words(value: t.Any) -> str:
    """A value of no particular kind."""
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, t.Mapping):
        said = {name: one for name, one in value.items() if one not in (None, "", [], {})}
        return ", ".join(f"{_spaced(name)} {value_in_words(one)}" for name, one in said.items()) or NOTHING
    if isinstance(value, (list, tuple)):
        return ", ".join(map(value_in_words, value))
    return str(value)


def flag_words(before: t.Any, after: t.Any) -> Worded:
    """Off where there is no value: legacy subscriptions say so of an auto-renew that is off."""
    return Worded(value_in_words(bool(before)), value_in_words(bool(after)))


def choice_words(before: t.Any, after: t.Any) -> Worded:
    """One of a few words, such as ``extended_service_term``."""
    return Worded(_spaced(value_in_words(_effect(before))), _spaced(value_in_words(_effect(after))))


def contact_words(before: t.Any, after: t.Any) -> Worded:
    return Worded(_named(before), _named(after))


def renewal_words(before: t.Any, after: t.Any) -> Worded:
    """What of the next term differs; without renewal_words the term renews as it is."""
    was, will = _parts(before), _parts(after)
    if not was and not will:
        return plainly(before, after)
    if was and will:
        names = [name for name in _PARTS if was.get(name) != will.get(name)] or list(_PARTS)
    else:
        names = list(_PARTS)
    if names == ["quantity"] and "quantity" in was and "quantity" in will:
        return Worded(was["quantity"], will["quantity"], f" {_seats_noun(will['quantity'])} at renewal")
    return Worded(_listed_parts(was, names) or _AS_NOW, _listed_parts(will, names) or _AS_NOW, " at renewal")


def _effect(value: t.Any) -> t.Any:
    return value.get("effect", value) if isinstance(value, t.Mapping) else value


def _named(value: t.Any) -> str:
    """A person recognises a name, not a number."""
    if not isinstance(value, t.Mapping):
        return value_in_words(value)
    name, number = (value.get(key) or "" for key in ("name", "support_mpn_id"))
    if name and number:
        return f"{name} (MPN {number})"
    tenant = value.get("support_tenant_id")
    return str(name) or (f"MPN {number}" if number else f"tenant {tenant}" if tenant else NOTHING)


def _parts(value: t.Any) -> dict[str, str]:
    if not isinstance(value, t.Mapping):
        return {}
    product = value.get("product")
    held = product if isinstance(product, t.Mapping) else {}
    found = {name: value.get(name) for name in ("quantity", "custom_term_end_date")}
    found.update({name: held.get(name) for name in ("term_duration", "billing_cycle")})
    found["product"] = ":".join(str(held[name]) for name in _PRODUCT if held.get(name))
    return {name: str(one) for name, one in found.items() if one not in (None, "")}


def _listed_parts(parts: t.Mapping[str, str], names: t.Iterable[str]) -> str:
    return ", ".join(_part(name, parts[name]) for name in names if name in parts)


def _part(name: str, value: str) -> str:
    if name == "quantity":
        return f"{value} {_seats_noun(value)}"
    if name == "term_duration":
        return TERMS.get(value.upper(), value)
    if name == "billing_cycle":
        return _CYCLES.get(value.lower(), f"billed {_spaced(value)}")
    return f"until {value[:10]}" if name == "custom_term_end_date" else f"product {value}"


def _seats_noun(count: str) -> str:
    return "seat" if count == "1" else "seats"


def _spaced(name: str) -> str:
    return name.replace("_", " ")
