# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The plan file: a plan that was saved to be looked at, approved, and applied as it is. Pure."""

from __future__ import annotations

import hashlib
import json
import typing as t
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from ..._common.case import is_guid
from ..._common.problems import Refused
from ..._common.times import parse_time, utc_text
from ..._common.words import in_seconds
from .text import NotJson, parse_text, without_mark

FORMAT: t.Final = 2

_NEEDED: t.Final = (
    "format",
    "tenant_id",
    "api_url",
    "created",
    "change_reference",
    "summary",
    "changes",
    "unplanned",
    "unavailable",
    "guard",
    "digest",
)
#: The machines that plan and apply need not have quite the same time.
_CLOCK_SKEW: t.Final = timedelta(minutes=5)
_PLAN_ANEW: t.Final = "Make a new plan, and have that approved."


_CANONICAL: t.Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: t.Any) -> str:
    """The one way in which equal values are written; raises TypeError or ValueError for what JSON does not know."""
    return _CANONICAL.encode(value)


def digest(value: t.Any) -> str:
    """SHA-256 of the value's canonical JSON in UTF-8, as hexadecimal digits."""
    found = hashlib.sha256()
    for piece in _pieces(value):
        # A name that was cut in half may end with half a character, which has no UTF-8 otherwise.
        found.update(piece.encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _pieces(value: t.Any) -> t.Iterator[str]:
    """The canonical JSON piece by piece, so that a hundred thousand changes are never there as one text, too."""
    if isinstance(value, (list, tuple)):
        yield "["
        for index, one in enumerate(value):
            yield f"{',' if index else ''}{canonical_json(one)}"
        yield "]"
    elif isinstance(value, dict) and all(isinstance(name, str) for name in value):
        yield "{"
        for index, name in enumerate(sorted(value)):
            yield f"{',' if index else ''}{canonical_json(name)}:"
            yield from _pieces(value[name]) if isinstance(value[name], (list, tuple)) else [canonical_json(value[name])]
        yield "}"
    else:
        yield canonical_json(value)


def plan_file(
    tenant_id: str,
    api_url: str,
    created: datetime,
    changes: t.Iterable[t.Mapping[str, t.Any]],
    *,
    change_reference: str = "",
    summary: t.Mapping[str, t.Any] = MappingProxyType({}),
    unplanned: t.Iterable[t.Mapping[str, t.Any]] = (),
    unavailable: t.Iterable[t.Mapping[str, t.Any]] = (),
    guard: t.Iterable[str] = (),
) -> dict[str, t.Any]:
    """
    A plan file's content. ``created`` is in UTC. ``unplanned``: subscriptions that could not be planned, and settings
    that policies leave out, with the reason as ``msg``. ``guard``: how the plan breaches it. The digest covers
    everything else: all that is approved.
    """
    content = {
        "format": FORMAT,
        "tenant_id": tenant_id,
        "api_url": api_url,
        "created": utc_text(created),
        "change_reference": change_reference,
        "summary": dict(summary),
        "changes": [dict(change) for change in changes],
        "unplanned": [dict(one) for one in unplanned],
        "unavailable": [dict(one) for one in unavailable],
        "guard": list(guard),
    }
    return {**content, "digest": digest(content)}


def parse_plan_file(text: str) -> dict[str, t.Any]:
    """The content of a plan file from its text. Raises Refused for what is none, or of another format."""
    try:
        content = parse_text(without_mark(text, "plan file"))
    except NotJson as error:
        raise Refused(f"This is not a plan file: it is no JSON ({error}).") from error
    require_format(content)
    return dict(content)


def require_format(content: t.Any) -> None:
    """Raises Refused for what is no plan file, or one of another format than this release's."""
    if not isinstance(content, t.Mapping) or not all(name in content for name in ("format", "changes", "digest")):
        raise Refused(
            "This is not a plan file: it lacks format, changes or digest.",
            "Give the file that the role fleet or the playbook fleet_plan wrote.",
        )
    if isinstance(content["format"], bool) or content["format"] != FORMAT:
        raise Refused(
            f"The plan file has format {content['format']}; this release of the collection knows format {FORMAT}.",
            "Apply it with the release that made it, or make a new plan.",
        )
    missing = [name for name in _NEEDED if name not in content]
    if missing:
        raise Refused(f"The plan file is not whole: it lacks {', '.join(missing)}.", _PLAN_ANEW)
    if not isinstance(content["changes"], (list, tuple)):
        raise Refused("This is not a plan file: its changes are not a list.", _PLAN_ANEW)


def require_applicable(
    content: t.Any,
    tenant_id: str,
    api_url: str,
    now: datetime,
    max_age_seconds: float,
    approved_digest: str | None = None,
) -> None:
    """Raises Refused, saying why, where a plan file must not be applied to this tenant at this address and time."""
    require_format(content)
    made = {name: str(content[name]) for name in ("tenant_id", "api_url")}
    require_place("plan", made, {"tenant_id": tenant_id, "api_url": api_url})
    if not _is_unaltered(content):
        raise Refused("The plan file was altered: its digest does not match what it holds.", _PLAN_ANEW)
    if approved_digest is not None and content["digest"] != _folded(approved_digest):
        raise Refused(
            f"This is not the plan that was approved: its digest is {content['digest']}, approved was "
            f"{_folded(approved_digest)}.",
            "Apply the plan that was approved, or have this one approved.",
        )
    _require_age(content["created"], now, max_age_seconds)


def breach(content: t.Mapping[str, t.Any]) -> str:
    """How the plan breached the guard when it was made, and what to do about it; empty where it did not."""
    breaches = content.get("guard")
    if not breaches:
        return ""
    listed = " ".join(map(str, breaches)) if isinstance(breaches, (list, tuple)) else str(breaches)
    return f"The plan breaches the guard: {listed} Change the policies or raise the limit, and make a new plan."


def require_place(what: str, made: t.Mapping[str, t.Any], here: t.Mapping[str, t.Any]) -> None:
    """
    Raises Refused where what was made is of another tenant or address than this one.

    Both have ``tenant_id`` and ``api_url``; what one of them lacks, or has as None, is not compared.
    """
    known = [name for name in ("tenant_id", "api_url") if made.get(name) is not None and here.get(name) is not None]
    if "tenant_id" in known and same_tenant(made["tenant_id"], here["tenant_id"]) is not True:
        unknown = same_tenant(made["tenant_id"], here["tenant_id"]) is None
        raise Refused(
            f"The {what} was made for the tenant {made['tenant_id']}, and the credentials are for {here['tenant_id']}"
            f"{'; a domain does not tell whether that is the same one' if unknown else ''}.",
            "Use the credentials of the tenant that it was made for.",
        )
    if "api_url" in known and _address(made["api_url"]) != _address(here["api_url"]):
        raise Refused(
            f"The {what} was made against {made['api_url']}, and this is {here['api_url']}.",
            "Use the address that it was made against.",
        )


def is_elsewhere(made: t.Mapping[str, t.Any], here: t.Mapping[str, t.Any]) -> bool:
    """
    Whether what was made is of another tenant or address than this one, as far as both say. It is not where one names
    the tenant by its domain and the other by its GUID, which may be the same.
    """
    known = [name for name in ("tenant_id", "api_url") if made.get(name) is not None and here.get(name) is not None]
    return ("tenant_id" in known and same_tenant(made["tenant_id"], here["tenant_id"]) is False) or (
        "api_url" in known and _address(made["api_url"]) != _address(here["api_url"])
    )


def same_tenant(one: t.Any, other: t.Any) -> bool | None:
    """Whether two names are of one tenant; None where one is a GUID, which does not tell the tenant's domains."""
    first, second = _folded(one), _folded(other)
    if is_guid(first) != is_guid(second):
        return None
    return first == second


def _require_age(created: t.Any, now: datetime, max_age_seconds: float) -> None:
    made = parse_time(created)
    if made is None:
        raise Refused(f"This is not a plan file: {created!r}, its time of creation, is not a time.", _PLAN_ANEW)
    age = now - made
    if age < -_CLOCK_SKEW:
        raise Refused(
            f"The plan is from the future: it was created at {created}, and now it is {utc_text(now)}.",
            "Check the clocks of the machines that plan and apply.",
        )
    if age.total_seconds() > max_age_seconds:
        raise Refused(
            f"The plan is too old: it was created at {created}, {in_seconds(round(age.total_seconds()))} ago, and "
            f"{max_age_seconds:.0f} {'is' if max_age_seconds == 1 else 'are'} allowed.",
            _PLAN_ANEW,
        )


def _is_unaltered(content: t.Mapping[str, t.Any]) -> bool:
    try:
        return bool(content["digest"] == digest({name: one for name, one in content.items() if name != "digest"}))
    except (TypeError, ValueError, RecursionError):
        # Something in it was never JSON, such as a date that YAML made of a text.
        return False


def _folded(text: t.Any) -> str:
    return str(text).strip().lower()


def _address(url: t.Any) -> tuple[str, str, str]:
    try:
        parts = urlsplit(str(url).strip())
    except ValueError:
        return "", str(url), ""
    return parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/")
