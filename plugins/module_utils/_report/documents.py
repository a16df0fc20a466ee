# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What reports are made of: a plan file, a result of ``pc_fleet``, subscriptions with their renewals, or a
report's JSON form. Each becomes one *document*, a dictionary in plain_copy JSON, which the JSON form writes. Pure.

Keys of a document (those that are not known may be missing): ``report`` (the format, 1), ``kind``, ``title``,
``created``, ``tenant_id``, ``tenant_name``, ``api_url``, ``change_reference``, ``digest``, ``plan_path``,
``journal_path``, ``run_id``, ``undoes`` (``id``, ``time``, ``change_reference``, ``writes``, ``message``),
``check_mode``; and

* of a plan, a result and a drift check: ``plan``, ``outcomes``, ``summary``, ``unplanned``, ``unavailable``,
  ``warnings``, ``guard`` (breaches), ``limits`` (the guard's), ``msg`` and ``error``, each as ``pc_fleet`` and the plan
  file have it;
* of the renewals: ``subscriptions``, as ``pc_subscription_info`` returns them, ``unavailable``, and ``within_days``.
"""

from __future__ import annotations

import typing as t

from .._common.problems import Refused
from .._state.records import plan_file
from .._state.records.text import NotJson, parse_text, without_mark
from .model import TOPICS

Document = dict[str, t.Any]
#: One of a document's lists' dictionaries: a change, an outcome, a customer.
Record = t.Mapping[str, t.Any]

REPORT_FORMAT: t.Final = 1
#: What a document says of itself in a few words each.
TEXTS: t.Final = (
    "title",
    "created",
    "tenant_id",
    "tenant_name",
    "api_url",
    "change_reference",
    "digest",
    "plan_path",
    "journal_path",
    "run_id",
)
_FIRST: t.Final = ("report", "kind", *TEXTS, "undoes", "check_mode", "msg", "error", "summary")
#: What a result of a module holds, and a report does not: Ansible's own, and what the plan says better.
_NOT_TOLD: t.Final = frozenset(
    ("changed", "failed", "diff", "invocation", "format", "changes", "deprecations", "exception", "ansible_facts")
)
_LISTS: t.Final = ("plan", "outcomes", "unplanned", "unavailable", "subscriptions")
_LISTS_OF_TEXTS: t.Final = ("guard", "warnings")


def read_document(source: t.Any, more: t.Mapping[str, t.Any]) -> Document:
    """
    A document made of a source: a text of JSON, or what it holds. ``more``: keys that the source lacks or that are to
    be said otherwise, ``kind`` among them for what does not say it itself.

    Raises Refused, saying why, for what no report can be made of.
    """
    value = plain_copy(_parsed_source(source) if isinstance(source, (str, bytes)) else source)
    said = {name: one for name, one in plain_copy(more).items() if one not in (None, "")}
    if isinstance(value, list):
        value = {"subscriptions": value}
    if not isinstance(value, dict):
        raise _no_source("It is no dictionary.")
    document = {**_told(value), **said}
    topic = document.setdefault("kind", _kind_of_source(value))
    if topic not in TOPICS:
        raise _no_source(f"Its kind is {topic!r}; known are {', '.join(TOPICS)}.")
    if document.setdefault("report", REPORT_FORMAT) != REPORT_FORMAT:
        raise Refused(
            f"The report has format {document['report']}; this release of the collection knows format {REPORT_FORMAT}.",
            "Show it with the release that made it.",
        )
    for name in _LISTS:
        if not isinstance(document.get(name) or [], list) or not all(
            isinstance(one, dict) for one in document.get(name) or []
        ):
            raise _no_source(f"Its {name} is not a list of dictionaries.")
    for name in _LISTS_OF_TEXTS:
        if not isinstance(document.get(name) or [], list):
            raise _no_source(f"Its {name} is not a list.")
    return {name: document[name] for name in (*filter(document.__contains__, _FIRST), *sorted(document))}


def _told(value: t.Mapping[str, t.Any]) -> Document:
    if "report" in value:
        return dict(value)
    told = {name: one for name, one in value.items() if name not in _NOT_TOLD}
    if _is_plan_file(value):
        plan_file.require_format(value)
        return {**told, "plan": value["changes"]}
    # What pc_fleet calls its digest is of the changes alone; what people compare is the plan file's.
    told.pop("digest", None)
    return told


def _kind_of_source(value: t.Mapping[str, t.Any]) -> str:
    if _is_plan_file(value):
        return "plan"
    if "plan" in value or "outcomes" in value:
        return "result"
    if "subscriptions" in value:
        return "renewals"
    raise _no_source("It holds neither a plan, nor a result, nor subscriptions.")


def _is_plan_file(value: t.Mapping[str, t.Any]) -> bool:
    return "format" in value and "changes" in value


def _parsed_source(text: str | bytes) -> t.Any:
    try:
        return parse_text(without_mark(text, "file") if isinstance(text, str) else text)
    except NotJson as error:
        raise _no_source(f"It is no JSON ({error}).") from error


def plain_copy(value: t.Any) -> t.Any:
    """A copy in nothing but JSON's types, whatever Ansible wraps its own values in; anything else becomes text."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, t.Mapping):
        return {str.__str__(str(name)): plain_copy(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_copy(one) for one in value]
    return str(value)


def _no_source(why: str) -> Refused:
    return Refused(
        f"No report can be made of this. {why}",
        "Give a plan file, a report's JSON file, a result of pc_fleet, or subscriptions of pc_subscription_info.",
    )
