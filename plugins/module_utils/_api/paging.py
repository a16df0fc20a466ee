# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Collections over their pages.

The next page's token is in the body, in ``links.next.headers`` or in a response header; it goes back as a request
header (Microsoft: "Get a list of customers"). After the last page the API may answer 400 with code 2000: the end. A
token that has lapsed is refused in the same words, so it is the end only where the pages do not tell of more items.
"""

from __future__ import annotations

import typing as t

from .._common.case import get
from .._common.words import many
from .answers import items_of
from .errors import ApiError, BadAnswer
from .transport import Answer, Transport

TOKEN_HEADER = "MS-ContinuationToken"
#: So many pages of one list are read at most, and so many that bring nothing new.
MOST_PAGES = 10_000
MOST_STALE = 10


class Pages:
    """
    Iterates over the items of a collection. ``seek`` says how to ask for the next page where only a token is known.

    Raises :class:`BadAnswer` for a collection that has no items, leads back to a page that was already read, goes on
    without anything new, or ends before as many items as it was said to have.
    """

    def __init__(self, transport: Transport, path: str, *, seek: bool = False) -> None:
        self._transport = transport
        self._path = path
        self._seek = seek

    def __iter__(self) -> t.Iterator[dict[str, t.Any]]:
        path: str | None = self._path
        token: str | None = None
        seen: set[str] = set()
        read, total = 0, None
        known: set[str] = set()
        pages = stale = 0
        while path is not None:
            try:
                answer = self._transport.read(path, headers={TOKEN_HEADER: token} if token else {})
            except ApiError as error:
                if not seen or (error.status, error.code) != (400, "2000"):
                    raise
                if total is not None and total > read:
                    raise _cut_short(error, read, total) from None
                return
            items = items_of(answer.body)
            if items is None:
                raise self._transport.not_asked_for(answer, path, "a list")
            pages, stale = pages + 1, 0 if _brings_new(items, known) else stale + 1
            read += len(items)
            total = _total(answer, len(items)) or total
            yield from items
            path, token = self._next(answer)
            mark = token or path
            problem = _endless(mark, seen, pages, stale)
            if problem is not None:
                raise _bad(answer, path or self._path, problem)
            seen.add(mark or "")

    def _next(self, answer: Answer) -> tuple[str | None, str | None]:
        """Path and token of the next page, both None after the last."""
        body = answer.body if isinstance(answer.body, dict) else {}
        links = get(body, "links")
        link = get(links, "next") if isinstance(links, dict) else None
        link = link if isinstance(link, dict) else {}
        token = (
            _token_text(get(body, "continuationToken"))
            or _link_token(link)
            or _token_text(answer.headers.get(TOKEN_HEADER))
        )
        uri = _token_text(get(link, "uri"))
        if uri is not None:
            return uri, token
        if token is not None and self._seek:
            return f"{self._path}&seekOperation=Next", token
        return None, None


def _brings_new(items: t.Iterable[t.Mapping[str, t.Any]], known: set[str]) -> bool:
    """Whether a page holds an item that no page before it held; remembers the ids."""
    before = len(known)
    ids = [get(item, "id") for item in items]
    known.update(one.lower() for one in ids if isinstance(one, str))
    return len(known) > before or any(not isinstance(one, str) for one in ids)


def _endless(mark: str | None, seen: t.Container[str], pages: int, stale: int) -> str | None:
    """Why no further page is asked for, where the pages would not end."""
    if mark is None:
        return None
    if mark in seen:
        return "the pages lead back to one that was already read"
    if stale >= MOST_STALE:
        return f"{stale} pages in a row brought nothing new, and there is another one"
    if pages >= MOST_PAGES:
        return f"after {pages} pages there is still another one"
    return None


def _total(answer: Answer, count: int) -> int | None:
    """How many items there are on all pages; None where it is not said, or only of this page (the server's habit)."""
    total = get(answer.body, "totalCount") if isinstance(answer.body, dict) else None
    return total if isinstance(total, int) and total > count else None


def _link_token(link: t.Mapping[str, t.Any]) -> str | None:
    headers = get(link, "headers")
    for header in headers if isinstance(headers, list) else []:
        if isinstance(header, dict) and str(get(header, "key")).lower() == TOKEN_HEADER.lower():
            return _token_text(get(header, "value"))
    return None


def _token_text(value: t.Any) -> str | None:
    return value if isinstance(value, str) and value and value.isprintable() else None


def _bad(answer: Answer, path: str, problem: str) -> BadAnswer:
    return BadAnswer(
        f"Partner Center answered {answer.status}, but {problem}.",
        method="GET",
        path=path,
        request_id=answer.request_id,
        correlation_id=answer.correlation_id,
    )


def _cut_short(error: ApiError, read: int, total: int) -> BadAnswer:
    return BadAnswer(
        f"Partner Center gave {read} of {many(total, 'item')} and then answered 400 with code 2000: it no longer takes "
        "the token of the next page, which may have lapsed.",
        hint="Run it again; a part of a list is not taken for the whole.",
        method="GET",
        path=error.path,
        request_id=error.request_id,
        correlation_id=error.correlation_id,
    )
