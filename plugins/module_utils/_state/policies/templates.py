# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. Placeholders in texts, such as ``{customer_name}``.

Names only: no attributes, indexes, conversions or format specs, and a value is never looked into for placeholders of
its own. Customers choose their names, so a value must not be able to do anything but stand there.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._common.problems import InvalidInput, Refused
from ..._common.words import unknown_name
from .. import checks, kinds, traits
from ..field import text_of
from ..model import Customer, Raw


def _term_end_text(_customer: Customer, subscription: Raw) -> str:
    end = traits.term_end(subscription)
    return "" if end is None else end.date().isoformat()


def _of_subscription(text: t.Callable[[Raw], str]) -> t.Callable[[Customer, Raw], str]:
    return lambda _customer, subscription: text(subscription)


#: placeholder -> what stands there; settings say in their row whether they are one.
PLACEHOLDERS: t.Final[t.Mapping[str, t.Callable[[Customer, Raw], str]]] = {
    "customer_name": lambda customer, _subscription: customer.name,
    "customer_domain": lambda customer, _subscription: customer.domain,
    "offer_name": _of_subscription(text_of("offerName")),
    "subscription_id": _of_subscription(text_of("id")),
    "term_end": _term_end_text,
    **{row.name: _of_subscription(row.placeholder) for row in kinds.SUBSCRIPTION.settings if row.placeholder},
}

_TOKEN = re.compile(r"(?P<double>\{\{|\}\})|\{(?P<name>[^{}]*)\}|(?P<stray>[{}])")
_HOW = "Write {{ and }} for literal braces (where Ansible templates the value, inside {% raw %})."


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces: a literal, and the placeholder that follows it (None after the last)."""

    text: str
    pieces: tuple[tuple[str, str | None], ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for _literal, name in self.pieces if name is not None)

    @property
    def is_bare(self) -> bool:
        """Whether it is one placeholder and nothing else."""
        return len(self.pieces) == 1 and self.pieces[0][0] == ""


def parse_template(option: str, text: str) -> Template | str:
    """
    The template, or the literal text where it holds no placeholder; ``{{`` and ``}}`` stand for single braces.

    Raises InvalidInput naming the option and the known placeholders for anything else in braces and for stray braces.
    """
    pieces: list[tuple[str, str | None]] = []
    literal, position = "", 0
    for token in _TOKEN.finditer(text):
        literal += text[position : token.start()]
        position = token.end()
        if token["double"]:
            literal += token["double"][0]
        elif token["stray"]:
            raise InvalidInput(option, f"has a single {token['stray']} that belongs to no placeholder.", _HOW)
        elif token["name"] in PLACEHOLDERS:
            pieces.append((literal, token["name"]))
            literal = ""
        else:
            known = [f"{{{name}}}" for name in PLACEHOLDERS]
            raise InvalidInput(
                option, f"the placeholder {token.group()[:80]} {unknown_name(token.group(), known)}", _HOW
            )
    literal += text[position:]
    if not pieces:
        return literal
    return Template(text, (*pieces, (literal, None)) if literal else tuple(pieces))


def render(template: Template, value_of: t.Callable[[str], str]) -> str:
    """
    The text with each placeholder's value in its place; ``value_of`` is asked for the values.

    The values are trimmed. Raises Refused naming the placeholder that has no value, since an empty text in its place
    would be a wrong write, or whose value holds a control character.
    """
    values = {name: value_of(name).strip() for name in template.names}
    for name in (one for one in PLACEHOLDERS if one in values):
        control = checks.control_character(values[name])
        if control is not None:
            raise Refused(
                f"{template.text!r} cannot be filled in: {{{name}}} of the subscription holds {control}.",
                "Exclude such subscriptions from the policy, or leave the placeholder out.",
            )
        if not values[name]:
            raise Refused(
                f"{template.text!r} cannot be filled in: the subscription has no value for {{{name}}}.",
                "Exclude such subscriptions from the policy, or leave the placeholder out.",
            )
    return "".join(literal + (values[name] if name else "") for literal, name in template.pieces)
