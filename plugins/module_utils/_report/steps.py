# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What can be done after a report: approve, go on, go back, each with its command. Pure."""

from __future__ import annotations

import json
import shlex
import typing as t

from .documents import Document
from .model import Changes, NextStep, Report
from .texts import clean

_PLAYBOOK: t.Final = "ansible-playbook csp.partner_center"


def steps(document: Document, found: Changes | None) -> tuple[NextStep, ...]:
    """In the order in which they are offered."""
    if found is None:
        return ()
    return tuple(_STEPS[document["kind"]](document, found))


def _of_plan(document: Document, found: Changes) -> t.Iterator[NextStep]:
    if found.breaches:
        yield NextStep("To apply it, change the policies or raise the limit, and plan again.")
    elif not found.totals.changes or document.get("applies"):
        return
    elif document.get("undoes"):
        yield NextStep("To roll back, run the same playbook again with -e fleet_apply=true.")
    elif document.get("plan_path"):
        yield NextStep("Approve with:", _apply_command(document))


def _of_drift(document: Document, found: Changes) -> t.Iterator[NextStep]:
    if found.totals.changes and document.get("plan_path") and not found.breaches:
        yield NextStep("Correct it with:", _apply_command(document))


def _of_result(document: Document, found: Changes) -> t.Iterator[NextStep]:
    totals = found.totals
    if document.get("check_mode"):
        return
    is_left = totals.failed or totals.not_attempted or totals.changed is None
    if is_left and not found.breaches:
        command = _apply_command(document) if document.get("plan_path") else ""
        again = "what is done is left alone, what failed is tried again"
        what = f"Go on with ({again}):" if command else f"To go on, run the same playbook again: {again}."
        yield NextStep(what, command)
    if totals.pending:
        yield NextStep("What is not finished yet shows in a new plan until Partner Center has made it.")
    journal = clean(document.get("journal_path"))
    if journal and totals.changed != 0:
        extra = [_extra("journal_path", journal)]
        run_id = clean(document.get("run_id"))
        extra += [_extra("run_id", run_id)] if run_id else []
        yield NextStep("Go back with:", " ".join([f"{_PLAYBOOK}.fleet_rollback", *extra]))


def _apply_command(document: Document) -> str:
    extra = [_extra("plan_path", clean(document["plan_path"]))]
    digest = clean(document.get("digest"))
    extra += [_extra("fleet_plan_digest", digest)] if digest else []
    return " ".join([f"{_PLAYBOOK}.fleet_apply", *extra])


def show_command(report: Report) -> str:
    """Shows all of a plan that is saved; empty where none is."""
    if report.is_result or not report.plan_path:
        return ""
    return " ".join([f"{_PLAYBOOK}.fleet_show", _extra("plan_path", report.plan_path), _extra("report_lines", "all")])


def _extra(name: str, value: str) -> str:
    """An extra variable as it can be typed; Ansible cuts what has blanks or quotes unless it is JSON."""
    if value == shlex.quote(value) and "=" not in value and "," not in value:
        return f"-e {name}={value}"
    return f"-e {shlex.quote(json.dumps({name: value}, ensure_ascii=False))}"


_STEPS: t.Final[t.Mapping[str, t.Callable[[Document, Changes], t.Iterator[NextStep]]]] = {
    "plan": _of_plan,
    "result": _of_result,
    "drift": _of_drift,
}
