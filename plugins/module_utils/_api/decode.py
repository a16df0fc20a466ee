# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Bodies: bytes to JSON and back without losing anything, and what an error's body says.

Partner Center starts some success bodies with a UTF-8 byte order mark; errors come in its own shape, in its gateway's
(``statusCode``/``message``, Microsoft: "API throttling guidance"), as HTML, or not at all.
"""

from __future__ import annotations

import json
import math
import re
import typing as t
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from .._common.case import get
from .._common.redaction import PLACEHOLDER

LONGEST_EXCERPT = 300
#: How deep arrays and objects may be nested; what handles the value later does so by recursion.
DEEPEST = 64
#: How many digits an integer may have; a larger one is no floating point number either.
LONGEST_INTEGER = 300
#: ``Retry-After`` is not believed beyond so many seconds (30 years).
_LONGEST_WAIT = 1e9

_AGAIN_IN = re.compile(r"\bin\s+(\d{1,6})\s+second", re.IGNORECASE)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
# What looks like a token is none of an error's business, even if it is none that is known.
_TOKEN = re.compile(r"\b(?:ey[\w-]{16,}(?:\.[\w-]+){1,2}|[01]\.A[\w.-]{40,})")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TOO_DEEP = f"JSON nested more than {DEEPEST} levels deep"
_INVISIBLE = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)


Scrub = t.Callable[[str], str]


class Unreadable(ValueError):
    """A body that is not JSON, or (then the text says so) JSON that cannot be used."""


class ExactNumber(float):
    """A JSON number that a float would write differently (``1.10``, ``1E5``, 20 digits). Calculates as a float."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> ExactNumber:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]
        return (self.text,)


def parse_json(body: bytes) -> t.Any:
    """
    The value in ``body``, None for an empty one. Raises :class:`Unreadable`, also for what could not be written down
    again or would break what comes after: infinite numbers, halves of characters, and nesting without end.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable from None
    if not text.strip():
        return None
    try:
        value = json.loads(
            text, parse_float=_bounded_number, parse_int=_bounded_integer, parse_constant=_refuse_constant
        )
    except Unreadable:
        raise
    except ValueError:
        raise Unreadable from None
    except RecursionError:
        raise Unreadable(_TOO_DEEP) from None
    _require_depth(value)
    if _SURROGATE.search(text) and _has_lone_surrogate(json.dumps(value, ensure_ascii=False)):
        raise Unreadable("JSON with half a character (a lone surrogate)")
    return value


def dump_json(value: t.Any) -> bytes:
    """Compact JSON in UTF-8. What :func:`parse_json` gave comes out with the same numbers, keys and key order."""
    return _dump(value).encode("utf-8")


def _bounded_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable("JSON with a number that is too large")
    return number if repr(number) == text else ExactNumber(text)


def _bounded_integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise Unreadable("JSON with a number that is too large")
    return int(text)


def _require_depth(value: t.Any) -> None:
    level = [value]
    for _depth in range(DEEPEST + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise Unreadable(_TOO_DEEP)


def _refuse_constant(text: str) -> t.NoReturn:
    raise ValueError(text)


def _dump(value: t.Any) -> str:
    # json.dumps writes float subclasses as floats, hence the few lines of our own for what holds other values.
    if isinstance(value, ExactNumber):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f"{_dump(str(key))}:{_dump(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_dump, value)) + "]"
    if isinstance(value, str) and not value.isascii() and _has_lone_surrogate(value):
        return json.dumps(value)
    return _ENCODER.encode(value)


def _has_lone_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error's answer says, whatever its shape; ``code`` is text, ``retry_after`` is in seconds."""

    code: str | None = None
    source: str | None = None
    description: str | None = None
    retry_after: float | None = None


def read_fault(body: bytes, headers: t.Mapping[str, str], now: float, scrub: Scrub) -> Fault:
    """
    An unreadable body is quoted, an empty one says nothing; never fails. ``now`` as in :func:`retry_after`;
    ``scrub`` clears text of secrets.
    """
    return replace(_read_fault(body, scrub), retry_after=retry_after(headers, body, now))


def _read_fault(body: bytes, scrub: Scrub) -> Fault:
    try:
        value = parse_json(body)
    except Unreadable as problem:
        return Fault(description=f"the answer was {describe_body(body, scrub, str(problem))}")
    return fault_of(value, scrub)


def fault_of(value: t.Any, scrub: Scrub) -> Fault:
    """What an error's answer says, parsed already."""
    if isinstance(value, str):
        return Fault(description=excerpt(value, scrub))
    if not isinstance(value, dict):
        return Fault()
    nested = get(value, "error")
    if isinstance(nested, dict):
        value = nested
    texts = (get(value, key) for key in ("description", "message", "error_description"))
    description = next((text for text in texts if text), None)
    return Fault(
        code=_code(get(value, "code"), scrub),
        source=_scrubbed(get(value, "source"), scrub),
        description=_scrubbed(description, scrub) or (excerpt(_dump(value), scrub) if value else None),
    )


def _code(value: t.Any, scrub: Scrub) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return excerpt(str(value), scrub) or None


def _scrubbed(value: t.Any, scrub: Scrub) -> str | None:
    return excerpt(value, scrub) if isinstance(value, str) and value.strip() else None


def describe_body(body: bytes, scrub: Scrub, problem: str = "") -> str:
    """What a body is that is not JSON (``problem``: the words of :class:`Unreadable`), in a few words."""
    text = body.decode("utf-8-sig", "replace")
    kind = problem or ("HTML" if text.lstrip().startswith("<") else "text that is not JSON")
    return f"{kind}: {excerpt(text, scrub)}"


def excerpt(text: str, scrub: Scrub) -> str:
    """The visible text on one line, cleared of secrets and then cut to what can be quoted in an error."""
    if text.lstrip().startswith("<"):
        import html

        text = html.unescape(_INVISIBLE.sub(" ", text))
    visible = "".join(character if character.isprintable() else " " for character in scrub(text)[:20_000])
    shown = _TOKEN.sub(PLACEHOLDER, scrub(" ".join(visible.split())))
    return shown if len(shown) <= LONGEST_EXCERPT else shown[: LONGEST_EXCERPT - 1] + "…"


def retry_after(headers: t.Mapping[str, str], body: bytes, now: float) -> float | None:
    """
    Seconds to wait: the ``Retry-After`` header (seconds or a date), else what the gateway's text says, else None.

    A date is measured against the answer's own ``Date`` where there is one, so that a skewed clock does no harm;
    ``now`` is the wall clock in seconds since the epoch.
    """
    header = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", header):
        return min(_LONGEST_WAIT, float(header))
    until = _date(header)
    if until is not None:
        sent = _date(headers.get("Date") or "") or datetime.fromtimestamp(now, timezone.utc)
        return min(_LONGEST_WAIT, max(0.0, (until - sent).total_seconds()))
    said = _AGAIN_IN.search(body[:2000].decode("utf-8", "replace"))
    return float(said[1]) if said else None


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
