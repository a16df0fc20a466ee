# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Paths below ``/v1`` of the API's own origin, from our templates and from what the API hands out.

``links.next`` and ``Location`` come relative or absolute, with and without ``/v1``
(a switch of the service in November 2021 made clients that always prefix it call ``/v1/v1``).
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote, urlsplit

_VERSION = re.compile(r"/*v1(?=/|$|\?)", re.IGNORECASE)
_CUSTOMER = re.compile(r"/customers/([^/?]+)", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


class Foreign(ValueError):
    """The reference leads to another origin, or cannot be read as leading to ours."""


def join(*segments: str) -> str:
    """``("customers", id)`` is ``/customers/<id>``; every segment is escaped, so that an id stays one segment."""
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


def below_version(reference: str, api_url: str) -> str:
    """
    The path (and query) below ``/v1`` that ``reference`` means, beginning with a slash.

    ``api_url`` is the API's origin in normal form. Raises :class:`Foreign`.
    """
    reference = reference.strip()
    if _UNSAFE.search(reference):
        raise Foreign("it holds white space, control characters or backslashes")
    try:
        parts = urlsplit(reference)
        named = bool(parts.scheme or parts.netloc)
        if named and (parts.username is not None or _origin_of(parts.scheme, parts.hostname, parts.port) != api_url):
            raise Foreign("it leads to another origin")
    except ValueError as error:
        raise error if isinstance(error, Foreign) else Foreign("it is not a valid address") from None
    path = _VERSION.sub("", parts.path, count=1) if _VERSION.match(parts.path) else parts.path
    return "/" + path.lstrip("/") + (f"?{parts.query}" if parts.query else "")


def customer_in(path: str) -> str | None:
    """The customer in a path below ``/v1``, lower case, or None for what concerns the partner as a whole."""
    match = _CUSTOMER.match(path)
    return match[1].lower() if match else None


def api_of(path: str) -> str:
    """The kind of resource that a path below ``/v1`` leads to, such as ``subscriptions``, of it or of its list."""
    return path.partition("?")[0].strip("/").split("/")[0::2][-1].lower()


def _origin_of(scheme: str, host: str | None, port: int | None) -> str:
    shown = f"[{host}]" if host and ":" in host else host
    default: t.Final = {"https": 443, "http": 80}
    return f"{scheme}://{shown}" if port in {None, default.get(scheme)} else f"{scheme}://{shown}:{port}"
