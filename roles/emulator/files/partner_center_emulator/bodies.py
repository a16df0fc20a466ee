# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading request bodies and writing collections."""

from __future__ import annotations

import json
import re
from typing import Any

from .errors import Refusal
from .folding import fold
from .wire import Call

_STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\r\n]*')


def read_object(call: Call, comments: bool = False) -> dict[str, Any]:
    """The JSON object of a write; with ``comments`` as in one of Microsoft's samples, from // to the end of the line.

    :raises Refusal: 415 without a JSON content type, 400 for a body that is no JSON object
    """
    if "json" not in call.headers.get("content-type", "").lower():
        raise Refusal(415, 0, "The request needs Content-Type: application/json.")
    try:
        text = call.body.decode("utf-8-sig")
        if comments and "//" in text:
            text = _STRING_OR_COMMENT.sub(lambda found: found[0] if found[0].startswith('"') else "", text)
        body = json.loads(text)
    except ValueError:
        raise Refusal(400, 800002, "The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise Refusal(400, 800002, "The request body must be an object.")
    return body


def read_filter(text: str | None) -> dict[str, str] | None:
    """A ``filter`` parameter: {"Field": …, "Value": …, "Operator": …}, keys and names in lower case.

    :raises Refusal: 400 with 2000 where it cannot be read
    """
    if not text:
        return None
    try:
        given = fold(json.loads(text))
        return {
            "field": str(given["field"]).lower(),
            "value": str(given["value"]),
            "operator": str(given["operator"]).lower().replace("_", ""),
        }
    except (ValueError, KeyError, Refusal):
        raise Refusal(400, 2000, "The filter is not valid.", "PartnerApiServiceControllers") from None


def matches(operator: str, value: str, wanted: str) -> bool:
    """Apply a filter operator of the API; text is compared without regard to case."""
    value, wanted = value.lower(), wanted.lower()
    results = {
        "equals": value == wanted,
        "notequals": value != wanted,
        "startswith": value.startswith(wanted),
        "notstartswith": not value.startswith(wanted),
        "substring": wanted in value,
    }
    if operator not in results:
        raise Refusal(400, 2000, f"The filter operator {operator} is not supported.", "PartnerApiServiceControllers")
    return results[operator]


def link(uri: str, method: str = "GET") -> dict[str, Any]:
    return {"uri": uri, "method": method, "headers": []}


def collection(items: list[Any], total: int | None = None) -> dict[str, Any]:
    return {
        "totalCount": len(items) if total is None else total,
        "items": items,
        "attributes": {"objectType": "Collection"},
    }
