# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page of HTML taken apart: its elements, its texts, and the data of its table."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Elements without an end.
_VOID: t.Final = frozenset(("meta", "link", "wbr", "input", "br"))


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What is read here, with white space as a browser shows it."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> t.Iterator[str]:
        for one in self.children:
            if isinstance(one, str):
                yield one
            elif one.name not in ("script", "style"):
                yield from one._pieces()
                yield " " if one.name not in ("bdi", "wbr", "span", "small", "strong") else ""

    def all(self, name: str = "", **attributes: str) -> list[Element]:
        """The elements below with this name and these words in their attributes (``class_`` for class)."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        found = []
        for one in self.children:
            if isinstance(one, Element):
                if name in ("", one.name) and all(
                    value in (one.attributes.get(key) or "").split() for key, value in wanted.items()
                ):
                    found.append(one)
                found += one.all(name, **attributes)
        return found

    def one(self, name: str = "", **attributes: str) -> Element:
        (found,) = self.all(name, **attributes)
        return found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(made)
        if tag not in _VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        ended = self._open.pop()
        assert ended.name == tag, f"<{ended.name}> is ended by </{tag}>"

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def close(self) -> None:
        super().close()
        assert self._open == [self.root], f"not ended: {[one.name for one in self._open]}"


@dataclass(frozen=True)
class Document:
    root: Element
    source: str

    @property
    def table(self) -> dict[str, t.Any]:
        """The data of the table, as the page's script finds it."""
        found = json.loads("".join(map(str, self.root.one("script", id="data").children)))
        assert isinstance(found, dict)
        return found

    @property
    def tiles(self) -> dict[str, str]:
        return {one.one("dt").text: one.one("dd").text for one in self.root.all("div", class_="tile")}


def parsed(source: str) -> Document:
    parser = _Parser()
    parser.feed(source)
    parser.close()
    return Document(parser.root, source)
